"""Documents for benches that want many plain ones: an entry, a waybill out of it, its confirmation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from keruen.documents.parsing import canonical_bytes
from keruen.model.actor import Actor, Role
from keruen.model.document import Action, Command, Document, Filing

GATEWAY = Actor("gateway", "gateway", Role.GATEWAY)
DAY = date(2025, 3, 4)
NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)
CODES = ("8542311001", "8544200000", "8517620009")
TEXT = "Electronic integrated circuits, processors and controllers, new"
_FIRST, _AGAIN = tuple(range(1, 12)), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_NO_DIGIT = 10


def bin_number(serial: int) -> str:
    """A business number with a right check digit, as the profile wants of a firm of the country."""
    for number in range(3 * serial, 3 * serial + 3):
        digits = f"040140{number:05d}"
        figures = [int(each) for each in digits]
        for weights in (_FIRST, _AGAIN):
            check = sum(a * b for a, b in zip(figures, weights, strict=True)) % 11
            if check < _NO_DIGIT:
                return digits + str(check)
    raise AssertionError(f"no number for {serial}")


def filing(document: Document, at: datetime) -> Filing:
    """The command that files a document."""
    body = canonical_bytes(document)
    return Filing(document, GATEWAY, hashlib.sha256(body).digest(), body, filed_at=at)


def entry(number: int, importer: str, lines: int, quantity: str, at: datetime = NOON) -> Filing:
    """An entry declaration; each line births a lot."""
    header = {
        "issued_on": at.date(),
        "procedure": "import",
        "dispatch_country": "CN",
        "importer_id": importer,
        "importer_name": f"Firm {importer}",
        "importer_country": "KZ",
    }
    rows = tuple(
        {
            "line": index,
            "commodity_code": CODES[index % 3],
            "description": TEXT,
            "quantity": Decimal(quantity),
            "unit": "H87",
            "value": Decimal(1000),
            "currency": "USD",
            "origin_country": "CN",
            "manufacture_country": "CN",
        }
        for index in range(1, lines + 1)
    )
    return filing(Document("entry_declaration", f"DT-{number:08d}", 1, header, rows), at)


def waybill(number: int, sender: str, receiver: str, source: int, lines: int, at: datetime = NOON) -> Filing:
    """A transfer of a unit of each lot of an entry."""
    header = {
        "issued_on": at.date(),
        "movement": "transfer",
        "shipped_on": at.date(),
        "sender_id": sender,
        "sender_name": f"Firm {sender}",
        "sender_country": "KZ",
        "receiver_id": receiver,
        "receiver_name": f"Firm {receiver}",
        "receiver_country": "KZ",
    }
    rows = tuple(
        {
            "line": index,
            "commodity_code": CODES[index % 3],
            "description": TEXT,
            "quantity": Decimal(1),
            "unit": "H87",
            "lot": f"DT-{source:08d}/{index}",
        }
        for index in range(1, lines + 1)
    )
    return filing(Document("waybill", f"SNT-{number:08d}", 1, header, rows), at)


def confirmation(number: int, receiver: str, at: datetime = NOON) -> Action:
    """The receiver confirms a waybill."""
    key = f"ACT-{number:08d}"
    actor = Actor(f"{receiver}-1", receiver, Role.FILER)
    return Action(key, f"SNT-{number:08d}", "confirm", actor, hashlib.sha256(key.encode()).digest(), filed_at=at)


def trade(count: int, lines: int, firms: int) -> Iterator[Command]:
    """Entries, each followed a little later by a waybill out of it and its confirmation: three postings a line."""
    names = [bin_number(index) for index in range(firms)]
    for number in range(count):
        at = NOON + timedelta(seconds=number)
        here, there = names[number % firms], names[(number * 7 + 1) % firms]
        if here == there:
            there = names[(number + 1) % firms]
        yield entry(number, here, lines, "100", at)
        yield waybill(number, here, there, number, lines, at)
        yield confirmation(number, there, at)
