"""The working set: the part of the ledger one batch of commands touches, and what it changed.

The store fills a book with the rows a batch needs, under lock; the functions of this room
change it; the store writes what changed. Every change is noted in an undo log, so that a
command that fails half-way, or a linked group whose last member fails, leaves no trace.

A balance that was not loaded starts at nought and may only receive: whatever a command draws
from was asked for before the batch began. The store writes differences, never totals.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from keruen.errors import IntegrityFailure
from keruen.model.actor import Actor
from keruen.model.document import Event, StoredDocument
from keruen.model.finding import Decision
from keruen.model.lot import WORLD, Allowance, Balance, Edge, Lot, Posting, Reservation, Status

_MISSING = object()


class Context(NamedTuple):
    """What every posting of one command has in common."""

    event_id: str
    document_id: str
    actor: Actor
    effective_at: datetime
    recorded_at: datetime


class DecisionRow(NamedTuple):
    """A decision and the document version it was made on."""

    document_id: str
    version: int
    event_id: str
    decision: Decision
    recorded_at: datetime


class Changes:
    """What a batch adds, in order; lists only grow, so that undoing is cutting them back."""

    __slots__ = (
        "decisions",
        "edges",
        "events",
        "lots",
        "postings",
        "superseded",
        "touched_allowances",
        "touched_balances",
        "touched_documents",
        "touched_memories",
        "touched_reservations",
    )

    def __init__(self) -> None:
        self.lots: list[Lot] = []
        self.edges: list[Edge] = []
        self.postings: list[Posting] = []
        self.events: list[Event] = []
        self.decisions: list[DecisionRow] = []
        self.superseded: list[StoredDocument] = []
        self.touched_balances: dict[tuple[str, str], None] = {}
        self.touched_reservations: dict[tuple[str, int, str], None] = {}
        self.touched_allowances: dict[tuple[str, int, str], None] = {}
        self.touched_documents: dict[str, None] = {}
        self.touched_memories: dict[str, None] = {}


class Book:
    """Balances, lots, reservations, allowances and documents of one batch."""

    __slots__ = (
        "_journal",
        "_seq",
        "allowances",
        "balances",
        "base",
        "by_code",
        "changes",
        "documents",
        "lots",
        "memories",
        "memory_keys",
        "new_documents",
        "past_postings",
        "related",
        "reservations",
        "reserved_by",
        "seen_keys",
    )

    def __init__(self) -> None:
        self.lots: dict[str, Lot] = {}
        self.balances: dict[tuple[str, str], Balance] = {}
        self.base: dict[tuple[str, str], tuple[Decimal, ...]] = {}
        """Amounts as loaded, for the differences the store writes."""
        self.by_code: dict[tuple[str, str], list[tuple[Any, str]]] = {}
        """(holder, commodity code) to (born_on, lot) in order of birth: first in, first out."""
        self.reservations: dict[tuple[str, int, str], Reservation] = {}
        self.reserved_by: dict[str, list[Reservation]] = {}
        """Document to its reservations, by line then lot."""
        self.allowances: dict[tuple[str, int, str], Allowance] = {}
        self.documents: dict[str, StoredDocument] = {}
        self.new_documents: dict[str, None] = {}
        self.related: dict[str, list[str]] = {}
        """Document to the ids of documents that name it in their `relates_to` field."""
        self.past_postings: dict[str, list[Posting]] = {}
        """Postings of documents that may be reversed."""
        self.seen_keys: dict[str, tuple[bytes, str]] = {}
        """Idempotency key to content hash and document."""
        self.memories: dict[str, Mapping[str, Any]] = {}
        """What is remembered of firms, lots and officers, by key; records are replaced, never changed."""
        self.memory_keys: set[str] = set()
        """Keys held under lock: those a command may change."""
        self.changes = Changes()
        self._journal: list[tuple[Any, ...]] = []
        self._seq = 0

    # -- filling, by the store ---------------------------------------------------------------

    def load_balance(self, balance: Balance) -> None:
        """Take a balance as it stands in the store."""
        key = (balance.lot_id, balance.holder)
        self.balances[key] = balance
        self.base[key] = balance.row()[2:]
        self._index(balance.holder, balance.lot_id)

    def load_reservation(self, reservation: Reservation) -> None:
        """Take a reservation as it stands in the store."""
        self.reservations[reservation.key] = reservation
        self.reserved_by.setdefault(reservation.document_id, []).append(reservation)

    # -- undo --------------------------------------------------------------------------------

    def mark(self) -> tuple[int, ...]:
        """Note where we stand, to come back to with `undo`."""
        changes = self.changes
        return (
            len(self._journal),
            len(changes.lots),
            len(changes.edges),
            len(changes.postings),
            len(changes.events),
            len(changes.decisions),
            len(changes.superseded),
        )

    def undo(self, mark: tuple[int, ...]) -> None:
        """Put everything back to where it stood at the mark."""
        journal = self._journal
        while len(journal) > mark[0]:
            entry = journal.pop()
            if entry[0] == "attr":
                setattr(entry[1], entry[2], entry[3])
            elif entry[0] == "key":
                if entry[3] is _MISSING:
                    entry[1].pop(entry[2], None)
                else:
                    entry[1][entry[2]] = entry[3]
            else:
                entry[1].remove(entry[2])
        changes = self.changes
        grown: tuple[list[Any], ...] = (
            changes.lots,
            changes.edges,
            changes.postings,
            changes.events,
            changes.decisions,
            changes.superseded,
        )
        for rows, size in zip(grown, mark[1:], strict=True):
            del rows[size:]

    def set(self, thing: object, name: str, value: object) -> None:
        """Change an attribute of a record in the working set, undoably."""
        self._journal.append(("attr", thing, name, getattr(thing, name)))
        setattr(thing, name, value)

    def put(self, table: dict[Any, Any], key: object, value: object) -> None:
        """Put a row into one of the book's tables, undoably."""
        self._journal.append(("key", table, key, table.get(key, _MISSING)))
        table[key] = value

    # -- the primitive moves -----------------------------------------------------------------

    def begin_event(self) -> None:
        """Start numbering postings from nought: a new command begins."""
        self._seq = 0

    def add_lot(self, lot: Lot) -> None:
        """Enter a new lot; its quantity comes by a posting."""
        self.put(self.lots, lot.lot_id, lot)
        self.changes.lots.append(lot)

    def balance(self, lot_id: str, holder: str) -> Balance:
        """The working balance of a lot at a holder, made at nought where there is none."""
        key = (lot_id, holder)
        found = self.balances.get(key)
        if found is None:
            found = Balance(lot_id, holder)
            self.put(self.balances, key, found)
        return found

    def post(
        self,
        context: Context,
        lot_id: str,
        quantity: Decimal,
        line: int,
        *,
        source: tuple[str, str],
        target: tuple[str, str],
        reverses: str = "",
    ) -> None:
        """Move an amount of a lot from one account to another.

        Args:
            context: Command, document and times of the posting.
            lot_id: The lot, in the book.
            quantity: Above nought, in the lot's own unit.
            line: Line of the document it is for.
            source: (holder, status) it leaves; the holder `world` for a world account.
            target: (holder, status) it reaches.
            reverses: Key of the posting it takes back, or empty.

        Raises:
            IntegrityFailure: The source would fall below nought: whoever called did not look first.
        """
        if quantity <= 0:
            raise IntegrityFailure(f"posting of {quantity} on lot {lot_id}", code="posting_not_positive")
        lot = self.lots[lot_id]
        if source[0] != WORLD:
            balance = self.balance(lot_id, source[0])
            left = getattr(balance, source[1]) - quantity
            if left < 0:
                raise IntegrityFailure(f"lot {lot_id} at {source[0]}: {source[1]} would be {left}", code="below_nought")
            self.set(balance, source[1], left)
            self._touch(self.changes.touched_balances, (lot_id, source[0]))
        if target[0] != WORLD:
            balance = self.balance(lot_id, target[0])
            self.set(balance, target[1], getattr(balance, target[1]) + quantity)
            if target[0] != source[0] and (balance.received_at is None or balance.received_at < context.effective_at):
                self.set(balance, "received_at", context.effective_at)
            self._touch(self.changes.touched_balances, (lot_id, target[0]))
            if target[1] == Status.FREE:
                self._index(target[0], lot_id, undoable=True)
        self.changes.postings.append(
            Posting(
                context.event_id,
                self._seq,
                lot_id,
                quantity,
                lot.unit,
                source[0],
                source[1],
                target[0],
                target[1],
                context.document_id,
                line,
                context.effective_at,
                context.recorded_at,
                reverses,
            )
        )
        self._seq += 1

    def add_reservation(self, reservation: Reservation) -> None:
        """Enter what a document line has set aside."""
        self.put(self.reservations, reservation.key, reservation)
        rows = self.reserved_by.get(reservation.document_id)
        if rows is None:
            rows = []
            self.put(self.reserved_by, reservation.document_id, rows)
        # In the order a store gives them, so that part of a line is taken from the same lots in one batch or in two.
        insort(rows, reservation, key=lambda row: row.key)
        self._journal.append(("row", rows, reservation))
        self.touch_reservation(reservation)

    def touch_reservation(self, reservation: Reservation) -> None:
        """Note that a reservation changed."""
        self._touch(self.changes.touched_reservations, reservation.key)

    def touch_allowance(self, allowance: Allowance) -> None:
        """Note that an allowance changed."""
        self._touch(self.changes.touched_allowances, allowance.key)

    def touch_document(self, document_id: str) -> None:
        """Note that a document changed state or version."""
        self._touch(self.changes.touched_documents, document_id)

    def remember(self, changed: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace memories.

        Raises:
            IntegrityFailure: One is not held under lock and its lot is not born in this batch: a defect of ours.
        """
        for key, value in changed.items():
            if key not in self.memory_keys and not key.startswith("lot/"):
                raise IntegrityFailure(
                    f"the memory {key} is changed without being held", code="memory_not_held", key=key
                )
            self.put(self.memories, key, value)
            self._touch(self.changes.touched_memories, key)

    def _touch(self, table: dict[Any, None], key: object) -> None:
        if key not in table:
            self.put(table, key, None)

    def _index(self, holder: str, lot_id: str, *, undoable: bool = False) -> None:
        lot = self.lots.get(lot_id)
        if lot is None:
            return
        rows = self.by_code.get((holder, lot.commodity_code))
        if rows is None:
            rows = []
            self.put(self.by_code, (holder, lot.commodity_code), rows)
        entry = (lot.born_on, lot_id)
        place = bisect_left(rows, entry)
        if rows[place : place + 1] != [entry]:
            rows.insert(place, entry)
            if undoable:
                self._journal.append(("row", rows, entry))
