"""Which lots a line draws on: the lot it names, else first in, first out, and said.

Goods of one code but another unit, origin or maker are never mixed silently: each lot keeps
its own, a line that states an origin draws only on lots of that origin, and what was chosen
for a line that named nothing is told to whoever filed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from keruen.errors import Conflict, NotFound
from keruen.ledger.book import Book
from keruen.model.document import Fields
from keruen.model.lot import Reservation
from keruen.model.quantity import ZERO, plain


class Share(NamedTuple):
    """So much of one lot."""

    lot_id: str
    quantity: Decimal


class Shortage(Conflict):
    """A holder has less free than is asked.

    The workflow adds who has the rest reserved, see `explain`; the store knows, the book may not.
    """

    default_code = "not_covered"

    def __init__(self, lots: tuple[str, ...], holder: str, free: Decimal, asked: Quantityish, line: int) -> None:
        self.lots = lots
        self.holder = holder
        self.free = free
        self.asked, self.unit, self.commodity_code = asked
        self.line = line
        super().__init__(self._sentence(()), **self._params(()))

    def explain(self, reservations: Iterable[Reservation]) -> Shortage:
        """The same shortage, naming who has the rest reserved."""
        rows = tuple(
            sorted(
                (row for row in reservations if row.remaining > 0), key=lambda row: (-row.remaining, row.document_id)
            )
        )
        self.text = self._sentence(rows)
        self.args = (self.text,)
        self.params = dict(self._params(rows))
        return self

    def _what(self) -> str:
        if len(self.lots) == 1:
            return f"lot {self.lots[0]}"
        return f"goods {self.commodity_code} in {self.unit}"

    def _sentence(self, rows: tuple[Reservation, ...]) -> str:
        sentence = f"{self._what()} at firm {self.holder} has {plain(self.free)} free, {plain(self.asked)} asked"
        return f"{sentence}; {_reserved(rows)}" if rows else sentence

    def _params(self, rows: tuple[Reservation, ...]) -> dict[str, str]:
        return {
            "what": self._what(),
            "holder": self.holder,
            "free": plain(self.free),
            "asked": plain(self.asked),
            "unit": self.unit,
            "line": str(self.line),
            "reserved": _reserved(rows),
        }


Quantityish = tuple[Decimal, str, str]
"""Amount, unit, commodity code."""


def lot_of(line: Fields) -> str:
    """The lot a line identifies: named outright, or by the declaration line it entered by; else empty."""
    named = line.get("lot")
    if named:
        return str(named)
    if line.get("declaration") and line.get("declaration_line"):
        return f"{line['declaration']}/{line['declaration_line']}"
    return ""


def allocate(book: Book, holder: str, line: Fields) -> tuple[list[Share], bool]:
    """Choose the lots a line draws on; nothing is written.

    Args:
        book: Working set with the holder's lots of that code loaded.
        holder: Whose goods.
        line: `commodity_code`, `quantity`, `unit`, and optionally `lot`, `origin_country`,
            `manufacture_country`.

    Returns:
        The shares, first in first out, and whether the choice was ours (no lot was named).

    Raises:
        NotFound: The named lot is not in the books.
        Conflict: The named lot has another code, unit, origin or maker than the line says.
        Shortage: Less is free than is asked.
    """
    asked = line["quantity"]
    if asked <= 0:
        raise Conflict(f"line {line['line']} asks for nothing", code="nothing_asked", line=str(line["line"]))
    named = line.get("lot")
    if named:
        return [_named(book, holder, line, named)], False
    shares: list[Share] = []
    missing, free, fitting = asked, ZERO, []
    for _, lot_id in book.by_code.get((holder, line["commodity_code"]), ()):
        lot = book.lots[lot_id]
        if (
            lot.unit != line["unit"]
            or not _fits(line, "origin_country", lot.origin_country)
            or not _fits(line, "manufacture_country", lot.manufacture_country)
        ):
            continue
        there = book.balances[lot_id, holder].free
        if there <= 0:
            continue
        free += there
        fitting.append(lot_id)
        if missing > 0:
            taken = min(there, missing)
            shares.append(Share(lot_id, taken))
            missing -= taken
    if missing > 0:
        raise Shortage(tuple(fitting), holder, free, (asked, line["unit"], line["commodity_code"]), line["line"])
    return shares, True


def _named(book: Book, holder: str, line: Fields, lot_id: str) -> Share:
    lot = book.lots.get(lot_id)
    if lot is None:
        raise NotFound(
            f"line {line['line']}: no lot {lot_id} in the books", code="unknown_lot", lot=lot_id, line=str(line["line"])
        )
    for name in ("commodity_code", "unit", "origin_country", "manufacture_country"):
        said, known = line.get(name), getattr(lot, name)
        if said and said != known:
            raise Conflict(
                f"line {line['line']}: {name} is {said}, but lot {lot_id} has {known}",
                code="lot_differs",
                line=str(line["line"]),
                field=name,
                found=said,
                expected=known,
                lot=lot_id,
            )
    balance = book.balances.get((lot_id, holder))
    free = balance.free if balance else ZERO
    if free < line["quantity"]:
        raise Shortage((lot_id,), holder, free, (line["quantity"], lot.unit, lot.commodity_code), line["line"])
    return Share(lot_id, line["quantity"])


def _fits(line: Fields, name: str, known: str) -> bool:
    said = line.get(name)
    return not said or said == known


def _reserved(rows: tuple[Reservation, ...]) -> str:
    return ", ".join(f"{plain(row.remaining)} {row.status} by {row.document_id}" for row in rows[:5])
