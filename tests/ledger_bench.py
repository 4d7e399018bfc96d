"""A working set filled by hand, as a store would fill it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from keruen.ledger.book import Book, Context
from keruen.model.actor import Actor, Role
from keruen.model.lot import Balance, Birth, Lot

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)
FIRM, OTHER = "040140001237", "050240002347"
CHIP, CABLE = "8542311000", "8544200000"


class Bench:
    """A book and short ways to fill it."""

    def __init__(self) -> None:
        self.book = Book()

    def context(self, document: str = "WB-1", event: str = "") -> Context:
        self.book.begin_event()
        return Context(event or f"{document}@1", document, Actor("user", FIRM, Role.FILER), NOON, NOON)

    def a_lot(
        self,
        lot_id: str = "ED-1/1",
        quantity: str = "100",
        *,
        born: date = date(2025, 3, 4),
        owner: str = FIRM,
        **changes: Any,
    ) -> Lot:
        """A lot that could be born; not in the book yet."""
        document, _, line = lot_id.rpartition("/")
        lot = Lot(
            lot_id,
            CHIP,
            "H87",
            "CN",
            "CN",
            "",
            "chips",
            Birth.ENTRY,
            document,
            int(line),
            owner,
            born,
            NOON,
            "KZ",
            Decimal(quantity),
        )
        return lot._replace(**changes)

    def stock(self, lot_id: str = "ED-1/1", free: str = "100", *, holder: str = FIRM, **changes: Any) -> Lot:
        """A lot the store knew, with so much of it free at a holder."""
        lot = self.book.lots.get(lot_id) or self.a_lot(lot_id, "1000", **changes)
        self.book.lots[lot_id] = lot
        self.book.load_balance(Balance(lot_id, holder, Decimal(free)))
        return lot

    def row(self, lot_id: str = "ED-1/1", holder: str = FIRM) -> tuple[Decimal, ...]:
        """Free, reserved, in transit, held, seized."""
        return self.book.balances[lot_id, holder].row()[2:]


def a_line(quantity: str = "40", **more: Any) -> dict[str, Any]:
    return {"line": 1, "commodity_code": CHIP, "unit": "H87", "quantity": Decimal(quantity), **more}
