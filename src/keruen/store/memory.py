"""The books in memory: the model every other store is tested against.

Plain dictionaries under one lock. A transaction keeps what stood before it and puts it back
when it fails, so it promises what PostgreSQL promises, but for durability.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from keruen.errors import IntegrityFailure, Unavailable
from keruen.ledger.book import Book, DecisionRow
from keruen.model.document import Event, StoredDocument
from keruen.model.lot import Allowance, Balance, Edge, Lot, Posting, Reservation
from keruen.store.decisions import decision_json
from keruen.workflow.ports import (
    Accepted,
    Decided,
    DocumentState,
    DueDocument,
    Leaf,
    OutboxRow,
    Page,
    Query,
    Row,
    Wanted,
)


@dataclass(slots=True)
class _State:
    """Every table."""

    keys: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    documents: dict[str, StoredDocument] = field(default_factory=dict)
    superseded: list[StoredDocument] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    lots: dict[str, Lot] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    balances: dict[tuple[str, str], tuple[Decimal, ...]] = field(default_factory=dict)
    received: dict[tuple[str, str], datetime] = field(default_factory=dict)
    reservations: dict[tuple[str, int, str], Reservation] = field(default_factory=dict)
    allowances: dict[tuple[str, int, str], Allowance] = field(default_factory=dict)
    memories: dict[str, bytes] = field(default_factory=dict)
    leaves: list[Leaf] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)

    def snapshot(self) -> _State:
        """A copy whose rows are shared: rows are replaced on saving, never changed."""
        return _State(*(copy.copy(getattr(self, name)) for name in self.__slots__))


class MemoryStore:
    """Store and reader in memory."""

    def __init__(self) -> None:
        self.state = _State()
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[MemoryStore]:
        """Begin; puts everything back on an exception."""
        with self._lock:
            before = self.state.snapshot()
            try:
                yield self
            except BaseException:
                self.state = before
                raise

    # -- transaction -------------------------------------------------------------------------

    def load_documents(self, book: Book, wanted: Wanted) -> None:
        """See `ports.Transaction`."""
        state = self.state
        for key in wanted.keys & state.keys.keys():
            book.seen_keys[key] = state.keys[key]
        related: dict[str, list[str]] = {parent: [] for parent in wanted.related_to}
        for stored in state.documents.values() if related else ():
            if stored.relates_to in related:
                related[stored.relates_to].append(stored.id)
        ids = wanted.locked_documents.union(wanted.cited_documents, *related.values())
        for document_id in sorted(ids & state.documents.keys()):
            if document_id not in book.documents:
                book.documents[document_id] = copy.copy(state.documents[document_id])
        book.related.update({parent: sorted(children) for parent, children in related.items()})

    def load_goods(self, book: Book, wanted: Wanted) -> None:
        """See `ports.Transaction`."""
        state = self.state
        pairs, lots = set(wanted.balances), set(wanted.lots)
        for key in sorted(state.allowances):
            if key[0] in wanted.allowances_of:
                book.allowances[key] = copy.copy(state.allowances[key])
        reservations = [
            state.reservations[key] for key in sorted(state.reservations) if key[0] in wanted.reservations_of
        ]
        pairs |= {(row.lot_id, row.holder) for row in reservations}
        for document_id in wanted.postings_of:
            book.past_postings[document_id] = [row for row in state.postings if row.document_id == document_id]
            pairs |= {(row.lot_id, row.to_holder) for row in book.past_postings[document_id]}
            pairs |= {(row.lot_id, row.from_holder) for row in book.past_postings[document_id]}
        for lot_id, holder in state.balances:
            if (holder, state.lots[lot_id].commodity_code) in wanted.by_code:
                pairs.add((lot_id, holder))
        lots |= {lot for lot, _ in pairs} | {row.lot_id for row in reservations}
        lots |= {each.returns for each in book.allowances.values() if each.returns}
        book.lots.update({lot_id: state.lots[lot_id] for lot_id in lots & state.lots.keys()})
        for pair in sorted(pairs & state.balances.keys()):
            book.load_balance(Balance(*pair, *state.balances[pair], received_at=state.received.get(pair)))
        for row in reservations:
            book.load_reservation(copy.copy(row))

    def load_memories(self, book: Book, locked: Iterable[str], read: Iterable[str]) -> None:
        """See `ports.Transaction`."""
        book.memory_keys |= set(locked)
        for name in sorted({*locked, *read} & self.state.memories.keys()):
            book.memories[name] = orjson.loads(self.state.memories[name])

    def held_on(self, day: date) -> dict[str, int]:
        """See `ports.Transaction`."""
        found: dict[str, int] = {}
        for row in self.state.decisions:
            if row.recorded_at.astimezone(UTC).date() == day:
                found[row.decision.channel.value] = found.get(row.decision.channel.value, 0) + 1
        return found

    def reservations_of(self, holder: str, commodity_code: str) -> list[Reservation]:
        """See `ports.Transaction`."""
        lots = {lot.lot_id for lot in self.state.lots.values() if lot.commodity_code == commodity_code}
        return self.reservations_on(sorted(lots), holder)

    def reservations_on(self, lots: Sequence[str], holder: str) -> list[Reservation]:
        """See `ports.Transaction`."""
        return [
            copy.copy(row)
            for row in self.state.reservations.values()
            if row.lot_id in lots and row.holder == holder and row.remaining > 0
        ]

    def save(self, book: Book, leaves: Sequence[Leaf], outbox: Sequence[OutboxRow]) -> None:
        """See `ports.Transaction`."""
        state, changes = self.state, book.changes
        for event in changes.events:
            if event.content_sha256 and event.event_id in state.keys:
                raise Unavailable(f"{event.event_id} was filed meanwhile", code="retry")
            if event.content_sha256:
                state.keys[event.event_id] = (event.content_sha256, event.document_id)
        for document_id in (*book.new_documents, *changes.touched_documents):
            state.documents[document_id] = copy.copy(book.documents[document_id])
        state.superseded += changes.superseded
        state.events += changes.events
        state.decisions += changes.decisions
        state.lots.update({lot.lot_id: lot for lot in changes.lots})
        state.edges += changes.edges
        state.postings += changes.postings
        self._save_balances(book)
        for row in changes.touched_reservations:
            state.reservations[row] = copy.copy(book.reservations[row])
        for row in changes.touched_allowances:
            state.allowances[row] = copy.copy(book.allowances[row])
        for name in changes.touched_memories:
            state.memories[name] = orjson.dumps(book.memories[name], option=orjson.OPT_SORT_KEYS)
        state.leaves += leaves
        state.outbox += outbox

    def _save_balances(self, book: Book) -> None:
        state = self.state
        for key in book.changes.touched_balances:
            now, base = book.balances[key].row()[2:], book.base.get(key, (Decimal(0),) * 5)
            stored = state.balances.get(key, (Decimal(0),) * 5)
            new = tuple(there + after - before for there, after, before in zip(stored, now, base, strict=True))
            if min(new) < 0:
                raise IntegrityFailure(f"lot {key[0]} at {key[1]} would fall below nought", code="below_nought")
            state.balances[key] = new
            came = book.balances[key].received_at
            if came is not None:
                state.received[key] = max(came, state.received.get(key, came))

    # -- journal -----------------------------------------------------------------------------

    def number_leaves(self, limit: int) -> int:
        """See `ports.LeafStore`; here every leaf has its place at once."""
        del limit
        return 0

    def numbered_count(self) -> int:
        """See `ports.LeafStore`."""
        return len(self.state.leaves)

    def waiting_count(self) -> int:
        """See `ports.WholeReader`."""
        return 0

    def numbered_entries(self, start: int, limit: int) -> list[bytes]:
        """See `ports.LeafStore`."""
        return [leaf.entry for leaf in self.state.leaves[start : start + limit]]

    def all_balances(self) -> Iterator[tuple[str, str, tuple[Decimal, ...]]]:
        """See `ports.WholeReader`."""
        for (lot_id, holder), amounts in self.state.balances.items():
            if any(amounts):
                yield lot_id, holder, amounts

    def all_documents(self) -> Iterator[DocumentState]:
        """See `ports.WholeReader`."""
        for stored in self.state.documents.values():
            yield DocumentState(stored.id, stored.document.version, stored.state, stored.salt, stored.body)

    # -- reader ------------------------------------------------------------------------------

    def document(self, document_id: str) -> StoredDocument | None:
        """See `ports.Reader`."""
        found = self.state.documents.get(document_id)
        return copy.copy(found) if found else None

    def events_of(self, document_id: str) -> list[Event]:
        """See `ports.Reader`."""
        return [event for event in self.state.events if event.document_id == document_id]

    def decided(self, since: date | None) -> Iterator[Decided]:
        """See `ports.WholeReader`."""
        for row in self.state.decisions:
            if row.decision.facts and (since is None or row.recorded_at.astimezone(UTC).date() >= since):
                yield Decided(row.document_id, row.recorded_at, decision_json(row.decision), row.event_id)

    def all_memories(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """See `ports.WholeReader`."""
        for key in sorted(self.state.memories):
            yield key, orjson.loads(self.state.memories[key])

    def accepted(self) -> Iterator[Accepted]:
        """See `ports.WholeReader`."""
        state = self.state
        versions = {(old.id, old.document.version): old.document for old in state.superseded}
        versions |= {(stored.id, stored.document.version): stored.document for stored in state.documents.values()}
        for event in state.events:
            if event.content_sha256:
                yield Accepted(
                    event,
                    versions[event.document_id, event.version],
                    state.documents[event.document_id].recorded_at,
                    [row for row in state.postings if row.event_id == event.event_id],
                    state.lots,
                )

    def lots(self, lot_ids: Iterable[str]) -> dict[str, Lot]:
        """See `ports.Reader`."""
        return {lot_id: self.state.lots[lot_id] for lot_id in lot_ids if lot_id in self.state.lots}

    def lots_of_document(self, document_id: str) -> list[Lot]:
        """See `ports.Reader`."""
        return sorted(
            (lot for lot in self.state.lots.values() if lot.document_id == document_id), key=lambda lot: lot.line
        )

    def balances_of(self, lot_ids: Iterable[str]) -> list[Balance]:
        """See `ports.Reader`."""
        wanted = set(lot_ids)
        rows = (Balance(*key, *amounts) for key, amounts in sorted(self.state.balances.items()) if key[0] in wanted)
        return [row for row in rows if row.total != 0]

    def postings_of_lots(self, lot_ids: Iterable[str]) -> list[Posting]:
        """See `ports.Reader`."""
        wanted = set(lot_ids)
        return [row for row in self.state.postings if row.lot_id in wanted]

    def postings_of_document(self, document_id: str) -> list[Posting]:
        """See `ports.Reader`."""
        return [row for row in self.state.postings if row.document_id == document_id]

    def lineage(self, lot_ids: Iterable[str], *, up: bool, limit: int) -> list[Edge]:
        """See `ports.Reader`."""
        found: list[Edge] = []
        seen: set[str] = set()
        front = set(lot_ids)
        while front and len(found) < limit:
            seen |= front
            level = [edge for edge in self.state.edges if (edge.child if up else edge.parent) in front]
            found += sorted(level, key=lambda edge: (edge.child, edge.parent, edge.component))
            front = {edge.parent if up else edge.child for edge in level} - seen
        return found[:limit]

    def lots_moved_by(self, document_id: str, line: int | None = None) -> list[str]:
        """See `ports.Reader`."""
        return sorted(
            {
                row.lot_id
                for row in self.state.postings
                if row.document_id == document_id and (line is None or row.line == line)
            }
        )

    def due(self, at: datetime, limit: int) -> list[DueDocument]:
        """See `ports.Reader`."""
        rows = sorted(
            DueDocument(stored.id, stored.due_transition, stored.due_at)
            for stored in self.state.documents.values()
            if stored.due_at is not None and stored.due_at <= at and stored.due_transition
        )
        return sorted(rows, key=lambda row: (row.due_at, row.document_id))[:limit]

    def standing_in(self, states: Collection[tuple[str, str]], after: str, limit: int) -> list[StoredDocument]:
        """See `ports.Reader`."""
        found = sorted(
            (
                stored
                for stored in self.state.documents.values()
                if stored.id > after and (stored.kind, stored.state) in states
            ),
            key=lambda stored: stored.id,
        )
        return [copy.copy(stored) for stored in found[:limit]]

    def page(self, query: Query) -> Page:
        """See `ports.ListReader`."""
        rows = [self._row(stored) for stored in self.state.documents.values()]
        rows = [row for row in rows if _matches(row, query)]
        rows.sort(key=lambda row: (row.recorded_at, row.document_id), reverse=not query.attention)
        return Page(tuple(rows[query.offset : query.offset + query.limit]), len(rows))

    def names(self, organisations: Iterable[str]) -> dict[str, str]:
        """See `ports.ListReader`."""
        wanted = set(organisations)
        found: dict[str, str] = {}
        for stored in self.state.documents.values():
            header = stored.document.header
            for name, value in header.items():
                if name.endswith("_id") and value in wanted and f"{name[:-3]}_name" in header:
                    found.setdefault(value, header[f"{name[:-3]}_name"])
        return found

    def totals(self) -> dict[str, int]:
        """See `ports.ListReader`."""
        state = self.state
        found = {
            "documents": len(state.documents),
            "lots": len(state.lots),
            "postings": len(state.postings),
            "edges": len(state.edges),
            "leaves": len(state.leaves),
        }
        for stored in state.documents.values():
            key = f"{stored.kind}/{stored.state}"
            found[key] = found.get(key, 0) + 1
        return found

    def _row(self, stored: StoredDocument) -> Row:
        header = stored.document.header
        parties = [value for name, value in header.items() if name.endswith("_id") and f"{name[:-3]}_name" in header]
        holder = parties[0] if parties else ""
        return Row(
            stored.id,
            stored.kind,
            stored.state,
            stored.document.movement,
            stored.channel,
            stored.attention,
            holder,
            parties[1] if len(parties) > 1 else "",
            stored.document.issued_on,
            stored.recorded_at,
            stored.due_at,
            stored.decision.findings if stored.decision else (),
        )


def _matches(row: Row, query: Query) -> bool:
    return (
        (not query.attention or row.attention)
        and (not query.organisation or query.organisation in {row.holder, row.counterparty})
        and (not query.kind or row.kind == query.kind)
        and (not query.state or row.state == query.state)
        and (not query.channel or row.channel == query.channel)
        and row.document_id.startswith(query.text)
        and (query.late_at is None or (row.due_at is not None and row.due_at < query.late_at))
    )
