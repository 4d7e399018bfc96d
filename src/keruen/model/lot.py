"""Lots and what moves them: accounts, postings, genealogy, reservations, allowances.

A lot is goods entered or made as one and treated alike: one line of one document. Its
quantity is never a number that is overwritten; it is the sum of its postings between
accounts. An account is a holder's share of a lot in one status; world accounts stand for
what lies outside all holders: where goods come from and where they go.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from keruen.model.quantity import ZERO


class Status(StrEnum):
    """In which state a holder has the goods."""

    FREE = "free"
    RESERVED = "reserved"
    IN_TRANSIT = "in_transit"
    HELD = "held"
    SEIZED = "seized"


class World(StrEnum):
    """Accounts outside all holders. The first four only give, the others only take.

    What came in by an opening balance or a correction is never counted as an entry.
    """

    ENTRY = "entry"
    PRODUCTION = "production"
    OPENING = "opening"
    CORRECTION = "correction"
    EXIT = "exit"
    CONSUMPTION = "consumption"
    LOSS = "loss"


class Birth(StrEnum):
    """How a lot came to be; everything but entry and production is a known laundering point."""

    ENTRY = "entry"
    PRODUCTION = "production"
    OPENING = "opening"
    CORRECTION = "correction"


WORLD = "world"
"""The holder name of the world accounts."""


class Lot(NamedTuple):
    """Goods born by one line of one document; `entered` is how much was born."""

    lot_id: str
    """`<document>/<line>` of the birth."""
    commodity_code: str
    unit: str
    origin_country: str
    manufacture_country: str
    manufacturer: str
    description: str
    birth: Birth
    document_id: str
    line: int
    owner: str
    """Organisation in whose name the lot was born."""
    born_on: date
    """When the birth was true; first in, first out goes by this, then by `lot_id`."""
    recorded_at: datetime
    jurisdiction: str
    entered: Decimal


class Edge(NamedTuple):
    """A parent lot consumed in making a child lot.

    `share` is exact: the parent's part of one component of the child (numerator/denominator);
    shares of one component sum to one.
    """

    child: str
    parent: str
    component: int
    """Line of the recipe the parent was consumed for."""
    quantity: Decimal
    """How much of the parent went into the child, in the parent's unit."""
    unit: str
    share_numerator: int
    share_denominator: int
    document_id: str
    recorded_at: datetime

    @property
    def share(self) -> Fraction:
        """The parent's part of its component."""
        return Fraction(self.share_numerator, self.share_denominator)


class Posting(NamedTuple):
    """An amount of one lot moved between two accounts; never edited, only reversed."""

    event_id: str
    """The command that made it."""
    seq: int
    """Its place in the command, from nought."""
    lot_id: str
    quantity: Decimal
    unit: str
    from_holder: str
    from_status: str
    to_holder: str
    to_status: str
    document_id: str
    line: int
    effective_at: datetime
    """When it was true."""
    recorded_at: datetime
    """When we learnt it."""
    reverses: str
    """`event_id#seq` of the posting this one takes back, or empty."""

    @property
    def key(self) -> str:
        """The name another posting reverses it by."""
        return f"{self.event_id}#{self.seq}"


class Balance:
    """One holder's share of one lot, by status. Mutable: it lives in a working set only."""

    __slots__ = ("free", "held", "holder", "in_transit", "lot_id", "received_at", "reserved", "seized")

    def __init__(
        self,
        lot_id: str,
        holder: str,
        free: Decimal = ZERO,
        reserved: Decimal = ZERO,
        in_transit: Decimal = ZERO,
        held: Decimal = ZERO,
        seized: Decimal = ZERO,
        *,
        received_at: datetime | None = None,
    ) -> None:
        self.lot_id = lot_id
        self.holder = holder
        self.received_at = received_at
        """When goods last came from elsewhere, as true then; None where none did in what was loaded."""
        self.free = free
        self.reserved = reserved
        self.in_transit = in_transit
        self.held = held
        self.seized = seized

    def row(self) -> tuple[str, str, Decimal, Decimal, Decimal, Decimal, Decimal]:
        """The balance as a row: lot, holder, then an amount for each status in order."""
        return (self.lot_id, self.holder, self.free, self.reserved, self.in_transit, self.held, self.seized)

    @property
    def total(self) -> Decimal:
        """All the holder has of the lot, whatever its status."""
        return self.free + self.reserved + self.in_transit + self.held + self.seized

    def __eq__(self, other: object) -> bool:
        """Compare as rows."""
        return isinstance(other, Balance) and self.row() == other.row()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Show the row."""
        return f"Balance{self.row()}"


class Reservation:
    """What a document line has set aside of a lot and not yet moved on. Mutable, working set only."""

    __slots__ = ("allotted", "document_id", "holder", "line", "lot_id", "recorded_at", "remaining", "status", "unit")

    def __init__(
        self,
        document_id: str,
        line: int,
        lot_id: str,
        holder: str,
        unit: str,
        allotted: Decimal,
        remaining: Decimal,
        status: str,
        recorded_at: datetime,
    ) -> None:
        self.document_id = document_id
        self.line = line
        self.lot_id = lot_id
        self.holder = holder
        self.unit = unit
        self.allotted = allotted
        self.remaining = remaining
        self.status = status
        self.recorded_at = recorded_at

    @property
    def key(self) -> tuple[str, int, str]:
        """Document, line, lot: one line may draw on several lots."""
        return (self.document_id, self.line, self.lot_id)

    def row(self) -> tuple[str, int, str, str, str, Decimal, Decimal, str, datetime]:
        """The reservation as a row, fields in the order of the constructor."""
        return (
            self.document_id,
            self.line,
            self.lot_id,
            self.holder,
            self.unit,
            self.allotted,
            self.remaining,
            self.status,
            self.recorded_at,
        )

    def __eq__(self, other: object) -> bool:
        """Compare as rows."""
        return isinstance(other, Reservation) and self.row() == other.row()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Show the row."""
        return f"Reservation{self.row()}"


RETURN = "return "
"""Begins the purpose of an allowance for goods that left by a waybill to come back; the lot's id follows."""
SETTLED_RETURN = "settled return "
"""The same for goods that an officer settled as having left beside the waybill."""


class Allowance:
    """A quantity that a document line grants and later documents draw down, never below nought.

    One mechanism for a licence line, an approved application line, what of an export may
    still leave, and what of an exit may still come back. Mutable, working set only.
    """

    __slots__ = ("commodity_code", "document_id", "granted", "line", "purpose", "unit", "used", "withdrawn")

    def __init__(
        self,
        document_id: str,
        line: int,
        purpose: str,
        commodity_code: str,
        unit: str,
        granted: Decimal,
        used: Decimal = ZERO,
        withdrawn: bool = False,
    ) -> None:
        self.document_id = document_id
        self.line = line
        self.purpose = purpose
        self.commodity_code = commodity_code
        self.unit = unit
        self.granted = granted
        self.used = used
        self.withdrawn = withdrawn

    @property
    def key(self) -> tuple[str, int, str]:
        """Document, line, purpose."""
        return (self.document_id, self.line, self.purpose)

    @property
    def returns(self) -> str:
        """The lot that may come back under it; empty where it is an allowance of another kind."""
        for prefix in (RETURN, SETTLED_RETURN):
            if self.purpose.startswith(prefix):
                return self.purpose.removeprefix(prefix)
        return ""

    @property
    def left(self) -> Decimal:
        """What may still be drawn."""
        return ZERO if self.withdrawn else self.granted - self.used

    def row(self) -> tuple[str, int, str, str, str, Decimal, Decimal, bool]:
        """The allowance as a row, fields in the order of the constructor."""
        return (
            self.document_id,
            self.line,
            self.purpose,
            self.commodity_code,
            self.unit,
            self.granted,
            self.used,
            self.withdrawn,
        )

    def __eq__(self, other: object) -> bool:
        """Compare as rows."""
        return isinstance(other, Allowance) and self.row() == other.row()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Show the row."""
        return f"Allowance{self.row()}"
