"""Plain cases to start a test from; a test says only what is special about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from keruen.documents.parsing import canonical_bytes
from keruen.facts.catalogue import catalogue
from keruen.model.actor import Actor, Role
from keruen.model.document import Action, Document, Filing
from keruen.model.outcome import Outcome
from keruen.profiles import load
from keruen.rules import shipped
from keruen.rules.ruleset import read as read_rules
from keruen.store.memory import MemoryStore
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.ports import Books
from keruen.workflow.submit import Office, submit

KZ = load("kz")
IMPORTER, TRADER, MAKER, BUYER = "040140001237", "050240002347", "060340003457", "UZ-300111222"
GATEWAY = Actor("gateway", "gateway", Role.GATEWAY)
OFFICER = Actor("officer-1", "authority", Role.OFFICER)
OTHER_OFFICER = Actor("officer-2", "authority", Role.OFFICER)
NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
CHIP, CABLE, ROUTER = "8542311000", "8544200000", "8517620003"


@cache
def shipped_rules() -> Rulings:
    """The rules that come with the profile; nothing is drawn by lot."""
    return Rulings.of(read_rules(shipped.body("kz"), catalogue(), kinds_of(KZ)))


def filer(organisation: str) -> Actor:
    """Somebody who files for an organisation."""
    return Actor(f"user-{organisation}", organisation, Role.FILER)


class TestClock:
    """A clock the test moves by hand."""

    __test__ = False

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """Give the test's time, whatever the record says."""
        del filed_at
        return self.now

    def advance(self, **by: int) -> None:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**by)


def an_office(store: Books | None = None, clock: TestClock | None = None) -> Office:
    """An office over a store in memory."""
    return Office(store or MemoryStore(), KZ, clock or TestClock(), lambda: b"s" * 16)


def a_document(
    kind: str, id: str, lines: Sequence[Mapping[str, Any]] | None = None, *, version: int = 1, **header: Any
) -> Document:
    """A document; lines are numbered where they are not."""
    header.setdefault("issued_on", date(2025, 3, 4))
    numbered = tuple({"line": index, **line} for index, line in enumerate(lines or [], 1))
    return Document(kind, id, version, header, numbered)


def filed(document: Document, actor: Actor = GATEWAY, *, group: str = "", draft: bool = False) -> Filing:
    """The command that files a document."""
    body = canonical_bytes(document)
    return Filing(document, actor, hashlib.sha256(body).digest(), body, group=group, draft=draft)


def act(
    document_id: str,
    transition: str,
    actor: Actor,
    *,
    reason: str = "because",
    id: str = "",
    quantities: Mapping[int, str] | None = None,
    group: str = "",
) -> Action:
    """The command that takes a document through a transition."""
    key = id or f"{document_id}:{transition}:{actor.user}"
    amounts = {line: Decimal(text) for line, text in quantities.items()} if quantities is not None else None
    content = hashlib.sha256(repr((key, document_id, transition, reason, amounts)).encode()).digest()
    return Action(key, document_id, transition, actor, content, reason, amounts, group=group)


def party(role: str, id: str, country: str = "KZ", name: str = "") -> dict[str, Any]:
    """The fields of one party."""
    return {f"{role}_id": id, f"{role}_name": name or f"Firm {id}", f"{role}_country": country}


def goods(quantity: str = "100", code: str = CHIP, **more: Any) -> dict[str, Any]:
    """A line of goods: a hundred chips."""
    return {
        "commodity_code": code,
        "description": "integrated circuits",
        "quantity": Decimal(quantity),
        "unit": "H87",
        **more,
    }


def made(quantity: str = "100", code: str = CHIP, origin: str = "CN", **more: Any) -> dict[str, Any]:
    """A line of goods with value and origin, as an entry states it."""
    return {
        **goods(quantity, code),
        "value": Decimal(1000),
        "currency": "USD",
        "origin_country": origin,
        "manufacture_country": origin,
        "manufacturer": "",
        **more,
    }


def an_entry(id: str = "ED-1", *lines: Mapping[str, Any], importer: str = IMPORTER, **header: Any) -> Document:
    """An entry declaration of a hundred chips made in China."""
    return a_document(
        "entry_declaration",
        id,
        list(lines) or [made()],
        procedure="import",
        dispatch_country="CN",
        **party("importer", importer),
        **header,
    )


def a_waybill(
    id: str = "WB-1",
    *lines: Mapping[str, Any],
    sender: str = IMPORTER,
    receiver: str = TRADER,
    movement: str = "transfer",
    country: str = "KZ",
    **header: Any,
) -> Document:
    """A waybill that moves forty chips inside the country."""
    return a_document(
        "waybill",
        id,
        list(lines) or [goods("40")],
        movement=movement,
        **party("sender", sender),
        **party("receiver", receiver, country),
        **header,
    )


def an_invoice(
    id: str = "INV-1",
    *lines: Mapping[str, Any],
    sender: str = IMPORTER,
    receiver: str = TRADER,
    country: str = "KZ",
    **header: Any,
) -> Document:
    """An invoice for forty chips."""
    rows = list(lines) or [made("40")]
    return a_document("invoice", id, rows, **party("sender", sender), **party("receiver", receiver, country), **header)


def an_application(
    id: str = "EA-1", *lines: Mapping[str, Any], exporter: str = IMPORTER, destination: str = "UZ", **header: Any
) -> Document:
    """An application to export forty of the chips of ED-1 to Uzbekistan, copies in order."""
    return a_document(
        "export_application",
        id,
        list(lines) or [an_application_line()],
        destination_country=destination,
        **party("exporter", exporter),
        **party("consignee", BUYER, destination),
        **header,
    )


def an_application_line(quantity: str = "40", entered: str = "100", origin: str = "CN", **more: Any) -> dict[str, Any]:
    """One line of an application, its copies equal to INV-1 and ED-1."""
    return {
        **goods(quantity),
        "lot": "ED-1/1",
        "origin_country": origin,
        "manufacture_country": origin,
        "invoice": "INV-1",
        "invoice_line": 1,
        "invoice_copy_quantity": Decimal(quantity),
        "invoice_copy_unit": "H87",
        "invoice_copy_value": Decimal(1000),
        "invoice_copy_currency": "USD",
        "invoice_copy_origin_country": origin,
        "declaration": "ED-1",
        "declaration_line": 1,
        "declaration_copy_commodity_code": CHIP,
        "declaration_copy_quantity": Decimal(entered),
        "declaration_copy_unit": "H87",
        "declaration_copy_origin_country": origin,
        "declaration_copy_manufacture_country": origin,
        **more,
    }


def one(office: Office, command: Filing | Action) -> Outcome:
    """Submit one command and give its outcome."""
    return submit(office, [command])[0]
