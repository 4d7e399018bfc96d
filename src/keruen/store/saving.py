"""What a batch changed, written once: COPY for many rows, INSERTs in one pipeline for few, UPDATEs by arrays."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
import psycopg

from keruen.ledger.book import Book
from keruen.model.document import Document, StoredDocument
from keruen.model.finding import Channel, Decision
from keruen.model.profile import Profile
from keruen.model.quantity import ZERO
from keruen.store.columns import arrays, copy_lines
from keruen.store.decisions import decision_json
from keruen.store.rows import ALLOWANCE, DOCUMENT, EDGE, EVENT, LOT, POSTING, RESERVATION
from keruen.workflow.ports import Leaf, OutboxRow

SMALL, SMALL_POSTINGS = 32, 320
"""Up to so many commands, and postings of theirs, are written by INSERTs in one pipeline; more by COPY, which
costs more to begin and less a row."""
COPY_PIECE = 200
"""Rows handed to COPY at once: few enough that of a batch of a thousand the server writes one piece while the next is
made; of fewer still the calls cost what the waiting saves."""
TYPES = {
    **dict.fromkeys(("version", "line", "seq", "component", "part"), "int"),
    **dict.fromkeys(("quantity", "entered", "share_numerator", "share_denominator"), "numeric"),
    **dict.fromkeys(("free", "reserved", "in_transit", "held", "seized"), "numeric"),
    **dict.fromkeys(("content_sha256", "salt", "body", "entry", "payload"), "bytea"),
    **dict.fromkeys(("recorded_at", "updated_at", "effective_at", "due_at", "received_at"), "timestamptz"),
    **dict.fromkeys(("issued_on", "born_on"), "date"),
    "attention": "bool",
}
"""Column to its type where that is not text."""
NOUGHTS = (ZERO,) * 5
BALANCE = (
    "lot_id",
    "holder",
    "commodity_code",
    "free",
    "reserved",
    "in_transit",
    "held",
    "seized",
    "received_at",
)


class Saving:
    """Writes for one transaction; see `ports.Transaction`.

    Args:
        profile: Says who the parties of a document are.
        raw: The connection, in a transaction.
        months: Months whose partitions are known to be there.
        parties: Organisations known to be registered.
        known_memories: Memories that have a row.
    """

    def __init__(
        self,
        profile: Profile,
        raw: psycopg.Connection[Any],
        months: set[date],
        parties: set[str],
        known_memories: set[str],
    ) -> None:
        self.profile = profile
        self.raw = raw
        self.months, self.parties, self.known_memories = months, parties, known_memories
        self.new_months: set[date] = set()
        """Made by this transaction: there when it is committed. So with parties."""
        self.new_parties: set[str] = set()
        self.small = True

    def save(self, book: Book, leaves: Sequence[Leaf], outbox: Sequence[OutboxRow]) -> None:
        """See `ports.Transaction`. Stopping anywhere in here leaves nothing: the commit comes after."""
        self._ensure_months({event.recorded_at for event in book.changes.events})
        self._register(book)
        self.small = len(book.changes.events) <= SMALL and len(book.changes.postings) <= SMALL_POSTINGS
        # A small batch goes out in one piece: waiting for each answer in turn would cost more than the work.
        with self.raw.pipeline() if self.small else nullcontext():
            self._save(book, leaves, outbox)

    def _save(self, book: Book, leaves: Sequence[Leaf], outbox: Sequence[OutboxRow]) -> None:
        changes = book.changes
        # The keys first: whoever files the same thing at the same time waits here, then gives way.
        self._write(
            "keruen_command_key",
            ("key", "content_sha256", "document_id", "recorded_at"),
            [
                (event.event_id, event.content_sha256, event.document_id, event.recorded_at)
                for event in changes.events
                if event.content_sha256
            ],
        )
        self._write(
            "keruen_document", DOCUMENT, [self._document_row(book.documents[each]) for each in book.new_documents]
        )
        self._update_documents(
            [book.documents[each] for each in changes.touched_documents if each not in book.new_documents],
            {old.id for old in changes.superseded},
        )
        self._write(
            "keruen_document_version",
            (
                "document_id",
                "version",
                "state",
                "filed_by_user",
                "recorded_at",
                "updated_at",
                "salt",
                "body",
                "decision",
            ),
            [
                (
                    old.id,
                    old.document.version,
                    old.state,
                    old.filed_by_user,
                    old.recorded_at,
                    old.updated_at,
                    old.salt,
                    old.body,
                    _json(old.decision),
                )
                for old in changes.superseded
            ],
        )
        self._write("keruen_lot", LOT, changes.lots)
        self._write("keruen_lot_edge", EDGE, changes.edges)
        self._write_balances(book)
        self._write_reservations(book)
        self._write_allowances(book)
        self._write("keruen_posting", POSTING, changes.postings)
        self._write("keruen_event", EVENT, changes.events)
        self._write(
            "keruen_decision",
            ("document_id", "version", "event_id", "decision", "recorded_at", "channel", "author"),
            [
                (
                    row.document_id,
                    row.version,
                    row.event_id,
                    _json(row.decision),
                    row.recorded_at,
                    row.decision.channel.value,
                    row.decision.author,
                )
                for row in changes.decisions
            ],
        )
        self._write_memories(book)
        self._write(
            "keruen_case_waiting",
            ("recorded_at", "event_id"),
            [
                (row.recorded_at, row.event_id)
                for row in changes.decisions
                if row.decision.author == "keruen" and row.decision.channel != Channel.GREEN
            ],
        )
        self._write("keruen_leaf", Leaf._fields, leaves)
        self._write("keruen_outbox", OutboxRow._fields, outbox)

    def _write(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        if self.small:
            # One array a column: the statement's text is always the same, so the server plans it once.
            self.raw.execute(_insert(table, tuple(columns)), arrays(rows))
            return
        with self.raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            # In pieces: the server writes one while the next is made.
            for start in range(0, len(rows), COPY_PIECE):
                copy.write(copy_lines(rows[start : start + COPY_PIECE]))

    def _ensure_months(self, times: set[datetime]) -> None:
        for month in sorted({at.date().replace(day=1) for at in times} - self.months - self.new_months):
            self.raw.execute("SELECT keruen_ensure_month(%s)", (month,))
            self.new_months.add(month)

    def _register(self, book: Book) -> None:
        """Enter parties that no document named before."""
        new: dict[str, tuple[Any, ...]] = {}
        for document_id in book.new_documents:
            stored = book.documents[document_id]
            header = stored.document.header
            for role, _ in self.profile.kind(stored.kind).parties:
                party = header.get(f"{role}_id")
                if party and party not in self.parties and party not in self.new_parties and party not in new:
                    new[party] = (
                        party,
                        header.get(f"{role}_name", ""),
                        header.get(f"{role}_country", ""),
                        self.profile.jurisdiction,
                        header.get(f"{role}_address", ""),
                        header.get(f"{role}_phone", ""),
                        header.get(f"{role}_director", ""),
                        stored.recorded_at,
                    )
        if new:
            self.raw.cursor().executemany(
                "INSERT INTO keruen_organisation (id, name, country, jurisdiction, address, phone, director, "
                "first_seen_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [new[party] for party in sorted(new)],
            )
            self.new_parties |= new.keys()

    def _document_row(self, stored: StoredDocument) -> tuple[Any, ...]:
        kind, document = self.profile.kind(stored.kind), stored.document
        header = document.header
        return (
            document.id,
            document.kind,
            document.version,
            stored.state,
            document.movement,
            document.issued_on,
            header.get(f"{kind.holder}_id", "") if kind.holder else "",
            _counterparty(document, kind.parties, kind.holder),
            stored.filer,
            stored.filed_by_user,
            stored.relates_to,
            stored.due_at,
            stored.due_transition,
            stored.channel,
            stored.attention,
            stored.released_by,
            stored.last_event_id,
            stored.recorded_at,
            stored.updated_at,
            stored.salt,
            stored.body,
            _json(stored.decision),
            self.profile.jurisdiction,
        )

    def _update_documents(self, documents: Sequence[StoredDocument], corrected: set[str]) -> None:
        if not documents:
            return
        self.raw.execute(
            "UPDATE keruen_document d SET state = n.state, due_at = n.due_at, due_transition = n.due_transition, "
            "channel = n.channel, attention = n.attention, released_by = n.released_by, "
            "last_event_id = n.last_event_id, updated_at = n.updated_at, decision = n.decision::json "
            "FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::bool[], %s::text[], "
            "%s::text[], %s::timestamptz[], %s::text[]) AS n(id, state, due_at, due_transition, channel, attention, "
            "released_by, last_event_id, updated_at, decision) WHERE d.id = n.id",
            arrays(
                [
                    (
                        each.id,
                        each.state,
                        each.due_at,
                        each.due_transition,
                        each.channel,
                        each.attention,
                        each.released_by,
                        each.last_event_id,
                        each.updated_at,
                        _json(each.decision),
                    )
                    for each in documents
                ]
            ),
        )
        for each in documents:
            if each.id in corrected:
                self.raw.execute(
                    "UPDATE keruen_document SET version = %s, issued_on = %s, body = %s, salt = %s, "
                    "filed_by_user = %s, relates_to = %s WHERE id = %s",
                    (
                        each.document.version,
                        each.document.issued_on,
                        each.body,
                        each.salt,
                        each.filed_by_user,
                        each.relates_to,
                        each.id,
                    ),
                )

    def _write_balances(self, book: Book) -> None:
        known: list[tuple[Any, ...]] = []
        fresh: list[tuple[Any, ...]] = []
        first: list[tuple[Any, ...]] = []
        born = {lot.lot_id for lot in book.changes.lots}
        for key in sorted(book.changes.touched_balances):
            balance, base = book.balances[key], book.base.get(key)
            now, came = balance.row()[2:], balance.received_at
            difference = now if base is None else tuple(map(Decimal.__sub__, now, base))
            # Goods that came and went in one batch leave the time they came, as they would have in two.
            if difference != NOUGHTS or came is not None:
                rows = known if base is not None else first if key[0] in born else fresh
                rows.append((*key, book.lots[key[0]].commodity_code, *difference, came))
        # Nobody can have a balance of a lot whose row this transaction has just written: nothing to add to.
        self._write("keruen_balance", BALANCE, first)
        given = _given(BALANCE, "d")
        if known:
            self.raw.execute(
                f"UPDATE keruen_balance b SET free = b.free + d.free, reserved = b.reserved + d.reserved, "
                f"in_transit = b.in_transit + d.in_transit, held = b.held + d.held, seized = b.seized + d.seized, "
                f"received_at = greatest(b.received_at, d.received_at) FROM {given} "
                f"WHERE b.lot_id = d.lot_id AND b.holder = d.holder",
                arrays(known),
            )
        if fresh:
            self.raw.execute(
                f"INSERT INTO keruen_balance AS b ({', '.join(BALANCE)}) SELECT * FROM {given} "
                f"ON CONFLICT (lot_id, holder) DO UPDATE SET "
                f"free = b.free + excluded.free, reserved = b.reserved + excluded.reserved, "
                f"in_transit = b.in_transit + excluded.in_transit, held = b.held + excluded.held, "
                f"seized = b.seized + excluded.seized, received_at = greatest(b.received_at, excluded.received_at)",
                arrays(fresh),
            )

    def _write_memories(self, book: Book) -> None:
        known: list[tuple[str, str]] = []
        fresh: list[tuple[str, str]] = []
        for key in sorted(book.changes.touched_memories):
            row = (key, orjson.dumps(book.memories[key], option=orjson.OPT_SORT_KEYS).decode())
            (known if key in self.known_memories else fresh).append(row)
        if known:
            self.raw.execute(
                "UPDATE keruen_memory m SET body = n.body::json FROM unnest(%s::text[], %s::text[]) AS n(key, body) "
                "WHERE m.key = n.key",
                arrays(known),
            )
        if fresh:
            self.raw.execute(
                "INSERT INTO keruen_memory (key, body) SELECT key, body::json FROM unnest(%s::text[], %s::text[]) "
                "AS n(key, body)",
                arrays(fresh),
            )

    def _write_reservations(self, book: Book) -> None:
        rows = [book.reservations[key].row() for key in sorted(book.changes.touched_reservations)]
        if rows:
            self.raw.execute(
                f"INSERT INTO keruen_reservation ({', '.join(RESERVATION)}) "
                f"SELECT * FROM unnest(%s::text[], %s::int[], "
                f"%s::text[], %s::text[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::timestamptz[]) "
                f"ON CONFLICT (document_id, line, lot_id) DO UPDATE SET allotted = excluded.allotted, "
                f"remaining = excluded.remaining, status = excluded.status",
                arrays(rows),
            )

    def _write_allowances(self, book: Book) -> None:
        rows = [book.allowances[key].row() for key in sorted(book.changes.touched_allowances)]
        if rows:
            self.raw.execute(
                f"INSERT INTO keruen_allowance ({', '.join(ALLOWANCE)}) SELECT * FROM unnest(%s::text[], %s::int[], "
                f"%s::text[], %s::text[], %s::text[], %s::numeric[], %s::numeric[], %s::bool[]) "
                f"ON CONFLICT (document_id, line, purpose) DO UPDATE SET granted = excluded.granted, "
                f"used = excluded.used, withdrawn = excluded.withdrawn",
                arrays(rows),
            )


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    """The statement that inserts rows given as one array a column."""
    picked = ", ".join(f"{name}::json" if name == "decision" else name for name in columns)
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {picked} FROM {_given(columns, 'n')}"


@cache
def _given(columns: tuple[str, ...], name: str) -> str:
    """Rows given as one array a column, under a name."""
    arrays = ", ".join(f"%s::{TYPES.get(column, 'text')}[]" for column in columns)
    return f"unnest({arrays}) AS {name}({', '.join(columns)})"


def _json(decision: Decision | None) -> str | None:
    return None if decision is None else decision_json(decision).decode()


def _counterparty(document: Document, parties: Sequence[tuple[str, bool]], holder: str) -> str:
    """The first party that is not the holder: whom an organisation's list shows beside it."""
    for role, _ in parties:
        if role != holder and document.header.get(f"{role}_id"):
            return str(document.header[f"{role}_id"])
    return ""
