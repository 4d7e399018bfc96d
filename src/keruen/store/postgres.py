"""The books in PostgreSQL: set-based reads under lock, COPY for what a batch adds.

Written in SQL on the connection Django gives, not through its object mapper: a batch of a
thousand commands is a handful of statements. Locks are taken in one order (documents,
allowances, balances, memories, each by key); a batch that meets another one gives way and is run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any

import orjson
import psycopg
from django.db import DatabaseError
from django.db import transaction as django_transaction

from keruen.documents.parsing import document_from_canonical
from keruen.errors import Unavailable
from keruen.ledger.book import Book
from keruen.model.document import Document, Event, StoredDocument
from keruen.model.finding import Channel, Decision
from keruen.model.lot import Allowance, Balance, Lot, Posting, Reservation
from keruen.model.profile import Profile
from keruen.model.quantity import ZERO
from keruen.store.columns import array, arrays, copy_lines
from keruen.store.decisions import decision_json
from keruen.store.reads import PostgresReader
from keruen.store.rows import (
    DOCUMENT_READ,
    EDGE,
    EVENT,
    LOT,
    POSTING,
    check_connection,
    distrust_connection,
    raw_connection,
    stored_document,
    translated,
    trust_connection,
)
from keruen.workflow.ports import Accepted, Decided, DocumentState, Leaf, OutboxRow, Wanted

SMALL, SMALL_POSTINGS = 32, 320
"""Up to so many commands, and postings of theirs, are written by INSERTs in one pipeline; more by COPY, which
costs more to begin and less a row."""
TRUSTED_S = 1.0
"""How long a connection that served a transaction is taken to stand; `submit` tries again where it did not."""
COPY_PIECE = 1000
"""Rows handed to COPY at once."""
TYPES = {
    **dict.fromkeys(("version", "line", "seq", "component", "part"), "int"),
    **dict.fromkeys(("quantity", "entered", "share_numerator", "share_denominator"), "numeric"),
    **dict.fromkeys(("content_sha256", "salt", "body", "entry", "payload"), "bytea"),
    **dict.fromkeys(("recorded_at", "updated_at", "effective_at", "due_at"), "timestamptz"),
    **dict.fromkeys(("issued_on", "born_on"), "date"),
    "attention": "bool",
}
"""Column to its type where that is not text."""
NOUGHTS = (ZERO,) * 5
BY_KEYS = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true)"
)
RELATED = "relates_to = ANY(%s::text[]) AND relates_to <> ''"
Question = tuple[str, Sequence[Any]]
"""A statement and its values."""
NOTHING = array(())
"""What asks of nothing is not asked."""

DOCUMENT = (
    "id",
    "kind",
    "version",
    "state",
    "movement",
    "issued_on",
    "holder",
    "counterparty",
    "filer",
    "filed_by_user",
    "relates_to",
    "due_at",
    "due_transition",
    "channel",
    "attention",
    "released_by",
    "last_event_id",
    "recorded_at",
    "updated_at",
    "salt",
    "body",
    "decision",
    "jurisdiction",
)
RESERVATION = ("document_id", "line", "lot_id", "holder", "unit", "allotted", "remaining", "status", "recorded_at")
ALLOWANCE = ("document_id", "line", "purpose", "commodity_code", "unit", "granted", "used", "withdrawn")


class PostgresStore(PostgresReader):
    """Keeps the books in the database Django is connected to.

    Args:
        profile: For reading documents back.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.months: set[date] = set()
        """Months whose partitions are known to be there."""
        self.parties: set[str] = set()
        """Organisations known to be registered."""

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        """Begin; see `ports.Store`."""
        running: PostgresTransaction | None = None
        try:
            check_connection(trusted_s=TRUSTED_S)  # a lost one is replaced here; inside `atomic` it is too late
            with django_transaction.atomic():
                running = PostgresTransaction(self, raw_connection())
                yield running
        except (DatabaseError, psycopg.Error) as error:
            distrust_connection()
            raise translated(error) from error
        trust_connection()
        if running is not None:
            self.months |= running.new_months
            self.parties |= running.new_parties

    # -- the journal -------------------------------------------------------------------------

    def number_leaves(self, limit: int) -> int:
        """See `ports.LeafStore`. One statement moves leaves into the numbered journal, so a crash loses none."""
        with django_transaction.atomic():
            raw = raw_connection()
            raw.execute("SELECT pg_advisory_xact_lock(hashtext('keruen_number_leaves'))")
            first = self.numbered_count()
            raw.execute("SELECT keruen_ensure_log(%s, %s)", (first, first + limit))
            return raw.execute(
                "WITH taken AS (DELETE FROM keruen_leaf WHERE id IN (SELECT id FROM keruen_leaf ORDER BY id LIMIT %s) "
                "RETURNING id, event_id, part, recorded_at, entry) "
                "INSERT INTO keruen_log_entry (log_index, event_id, part, recorded_at, entry) "
                "SELECT %s + row_number() OVER (ORDER BY id) - 1, event_id, part, recorded_at, entry FROM taken",
                (limit, first),
            ).rowcount

    def numbered_count(self) -> int:
        """See `ports.LeafStore`."""
        row = raw_connection().execute("SELECT max(log_index) FROM keruen_log_entry").fetchone()
        return row[0] + 1 if row and row[0] is not None else 0

    def waiting_count(self) -> int:
        """See `ports.WholeReader`."""
        row = raw_connection().execute("SELECT count(*) FROM keruen_leaf").fetchone()
        return row[0] if row else 0

    def numbered_entries(self, start: int, limit: int) -> list[bytes]:
        """See `ports.LeafStore`."""
        return [
            bytes(row[0])
            for row in raw_connection().execute(
                "SELECT entry FROM keruen_log_entry WHERE log_index >= %s AND log_index < %s ORDER BY log_index",
                (start, start + limit),
            )
        ]

    def all_balances(self) -> Iterator[tuple[str, str, tuple[Decimal, ...]]]:
        """See `ports.WholeReader`."""
        for row in self._stream(
            "SELECT lot_id, holder, free, reserved, in_transit, held, seized FROM keruen_balance "
            "WHERE free <> 0 OR reserved <> 0 OR in_transit <> 0 OR held <> 0 OR seized <> 0"
        ):
            yield row[0], row[1], tuple(row[2:])

    def all_documents(self) -> Iterator[DocumentState]:
        """See `ports.WholeReader`."""
        for row in self._stream("SELECT id, version, state, salt, body FROM keruen_document"):
            yield DocumentState(*row)

    def decided(self, since: date | None) -> Iterator[Decided]:
        """See `ports.WholeReader`."""
        first = datetime(since.year, since.month, since.day, tzinfo=UTC) if since else datetime.min.replace(tzinfo=UTC)
        for row in self._stream(
            "SELECT document_id, recorded_at, decision::text, event_id FROM keruen_decision "
            "WHERE recorded_at >= %s AND decision->'facts' IS NOT NULL ORDER BY recorded_at",
            (first,),
        ):
            yield Decided(row[0], row[1], row[2].encode(), row[3])

    def all_memories(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """See `ports.WholeReader`."""
        yield from self._stream('SELECT key, body FROM keruen_memory ORDER BY key COLLATE "C"')

    def accepted(self) -> Iterator[Accepted]:
        """See `ports.WholeReader`. Commands that met on a memory waited for each other: their numbers are its order."""
        columns = ", ".join(f"e.{name}" for name in EVENT)
        rows = self._stream(
            f"SELECT {columns}, d.recorded_at, d.version, d.body, v.body FROM keruen_event e "
            f"JOIN keruen_document d ON d.id = e.document_id "
            f"LEFT JOIN keruen_document_version v ON v.document_id = e.document_id AND v.version = e.version "
            f"WHERE e.content_sha256 <> '' ORDER BY e.seq"
        )
        for chunk in batched(rows, 1000):
            events = [Event._make((*row[: len(EVENT) - 1], bytes(row[len(EVENT) - 1]))) for row in chunk]
            postings: dict[str, list[Posting]] = {}
            for found in raw_connection().execute(
                f"SELECT {', '.join(POSTING)} FROM keruen_posting WHERE event_id = ANY(%s::text[]) ORDER BY posting_id",
                (array([event.event_id for event in events]),),
            ):
                posting = Posting._make(found)
                postings.setdefault(posting.event_id, []).append(posting)
            lots = self.lots({row.lot_id for rows_ in postings.values() for row in rows_})
            for event, row in zip(events, chunk, strict=True):
                filed_at, version, body, older = row[len(EVENT) :]
                document = document_from_canonical(bytes(body if version == event.version else older), self.profile)
                yield Accepted(event, document, filed_at, postings.get(event.event_id, []), lots)

    @staticmethod
    def _stream(question: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows of a whole table in bounded memory."""
        with django_transaction.atomic(), raw_connection().cursor("keruen_stream") as cursor:
            cursor.itersize = 5000
            yield from cursor.execute(question, values or None)


def batched(rows: Iterable[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in lists of at most a size."""
    found = iter(rows)
    while chunk := list(islice(found, size)):
        yield chunk


class PostgresTransaction:
    """One unit of work; see `ports.Transaction`."""

    def __init__(self, store: PostgresStore, raw: psycopg.Connection[Any]) -> None:
        self.store = store
        self.profile = store.profile
        self.raw = raw
        self.new_months: set[date] = set()
        self.new_parties: set[str] = set()
        self.keys: set[str] = set()
        """Idempotency keys of the batch."""
        self.asked: set[str] = set()
        """Documents the batch may change, there or not."""
        self.known_memories: set[str] = set()
        """Memories that have a row."""
        self.small = True
        self.by_keys = False

    # -- loading -----------------------------------------------------------------------------

    def load_documents(self, book: Book, wanted: Wanted) -> None:
        """See `ports.Transaction`."""
        self.keys |= wanted.keys
        self.asked |= wanted.locked_documents
        columns = ", ".join(DOCUMENT_READ)
        locked = sorted(wanted.locked_documents - book.documents.keys())
        related = sorted(wanted.related_to)
        cited = sorted(wanted.cited_documents - book.documents.keys())
        questions: list[Question] = []
        if related:
            # In one statement, in order of id: the documents, what they belong to, and what belongs to them. One
            # after the other, an exit (waybill, then its declarations) and a declaration's own step (declaration,
            # then its waybill) would wait for each other.
            questions.append(
                (
                    (
                        f"SELECT {columns} FROM keruen_document WHERE id IN ("
                        f"SELECT unnest(%s::text[]) "
                        f"UNION SELECT relates_to FROM keruen_document WHERE id = ANY(%s::text[]) "
                        f"UNION SELECT id FROM keruen_document WHERE {RELATED}) "
                        f"ORDER BY id FOR UPDATE"
                    ),
                    (array(locked), array(related), array(related)),
                )
            )
            # Again, once we hold them: what was filed to them while we waited belongs to them too.
            questions.append(
                (
                    (f"SELECT {columns} FROM keruen_document WHERE {RELATED} ORDER BY id FOR UPDATE"),
                    (array(related),),
                )
            )
        elif locked:
            questions.append(
                (
                    f"SELECT {columns} FROM keruen_document WHERE id = ANY(%s::text[]) ORDER BY id FOR UPDATE",
                    (array(locked),),
                )
            )
        if cited:
            questions.append((f"SELECT {columns} FROM keruen_document WHERE id = ANY(%s::text[])", (array(cited),)))
        answers = iter(self._together(questions))
        if related or locked:
            self._take(book, next(answers))
        if related:
            for parent in related:
                book.related.setdefault(parent, [])
            for stored in self._take(book, next(answers)):
                book.related[stored.relates_to].append(stored.id)
        if cited:
            self._take(book, next(answers))

    def _together(self, questions: Sequence[Question]) -> list[list[tuple[Any, ...]]]:
        """The answers to questions that need not wait for each other's: sent in one piece, answered in order.

        The server runs them one after the other, each seeing what the locks of the one before waited for.
        """
        needed = [each for each in questions if any(value != NOTHING for value in each[1])]
        if len(needed) > 1:
            with self.raw.pipeline():
                asked = [self.raw.execute(query, parameters) for query, parameters in needed]
            answers = iter([cursor.fetchall() for cursor in asked])
        else:
            answers = iter([self._rows(*each) for each in needed])
        return [next(answers) if any(value != NOTHING for value in each[1]) else [] for each in questions]

    def _rows(self, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self.raw.execute(query, parameters).fetchall()

    def _take(self, book: Book, rows: Iterable[tuple[Any, ...]]) -> list[StoredDocument]:
        taken = []
        corrected: list[str] = []
        for row in rows:
            stored = stored_document(self.profile, row)
            stored = book.documents.setdefault(stored.id, stored)
            taken.append(stored)
            if stored.document.version > 1 and not stored.earlier_filers:
                corrected.append(stored.id)
        if corrected:
            for document_id, users in self.raw.execute(
                "SELECT document_id, array_agg(DISTINCT filed_by_user) FROM keruen_document_version "
                "WHERE document_id = ANY(%s::text[]) GROUP BY document_id",
                (array(corrected),),
            ):
                book.documents[document_id].earlier_filers = frozenset(users)
        return taken

    def load_goods(self, book: Book, wanted: Wanted) -> None:
        """See `ports.Transaction`."""
        self._by_keys(len(wanted.allowances_of) + len(wanted.reservations_of) + len(wanted.balances))
        pairs = set(wanted.balances)
        holders, codes = zip(*sorted(wanted.by_code), strict=True) if wanted.by_code else ((), ())
        past_of = sorted(wanted.postings_of)
        granted, set_aside, stocked, *past = self._together(
            [
                (
                    (
                        f"SELECT {', '.join(ALLOWANCE)} FROM keruen_allowance WHERE document_id = ANY(%s::text[]) "
                        f"ORDER BY document_id, line, purpose FOR UPDATE"
                    ),
                    (array(sorted(wanted.allowances_of)),),
                ),
                (
                    (
                        f"SELECT {', '.join(RESERVATION)} FROM keruen_reservation WHERE document_id = ANY(%s::text[]) "
                        f"ORDER BY document_id, line, lot_id"
                    ),
                    (array(sorted(wanted.reservations_of)),),
                ),
                (
                    (
                        "SELECT b.lot_id, b.holder FROM unnest(%s::text[], %s::text[]) AS w(holder, code) "
                        "JOIN keruen_balance b ON b.holder = w.holder AND b.commodity_code = w.code WHERE b.stocked"
                    ),
                    (array(holders), array(codes)),
                ),
                *(
                    (
                        f"SELECT {', '.join(POSTING)} FROM keruen_posting WHERE document_id = %s ORDER BY posting_id",
                        (document_id,),
                    )
                    for document_id in past_of
                ),
            ]
        )
        for row in granted:
            allowance = Allowance(*row)
            book.allowances[allowance.key] = allowance
        reservations = [Reservation(*row) for row in set_aside]
        pairs |= {(row.lot_id, row.holder) for row in reservations}
        pairs |= self._receiving(book, reservations)
        pairs |= set(stocked)
        for document_id, rows in zip(past_of, past, strict=True):
            postings = [Posting._make(row) for row in rows]
            book.past_postings[document_id] = postings
            pairs |= {(row.lot_id, row.to_holder) for row in postings}
            pairs |= {(row.lot_id, row.from_holder) for row in postings}
        lots = wanted.lots | {lot_id for lot_id, _ in pairs}
        lots |= {each.returns for each in book.allowances.values() if each.returns}
        if lots:
            self._load_lots(book, lots, pairs)
        for reservation in reservations:
            book.load_reservation(reservation)

    def _load_lots(self, book: Book, lots: Iterable[str], pairs: Iterable[tuple[str, str]]) -> None:
        lot_ids, holders = zip(*sorted(pairs), strict=True) if pairs else ((), ())
        known, balances = self._together(
            [
                (f"SELECT {', '.join(LOT)} FROM keruen_lot WHERE lot_id = ANY(%s::text[])", (array(sorted(lots)),)),
                (
                    (
                        "SELECT b.lot_id, b.holder, b.free, b.reserved, b.in_transit, b.held, b.seized, b.received_at "
                        "FROM unnest(%s::text[], %s::text[]) AS w(lot_id, holder) "
                        "JOIN keruen_balance b USING (lot_id, holder) ORDER BY b.lot_id, b.holder FOR UPDATE OF b"
                    ),
                    (array(lot_ids), array(holders)),
                ),
            ]
        )
        for row in known:
            book.lots[row[0]] = Lot._make(row)
        for row in balances:
            book.load_balance(Balance(*row[:7], received_at=row[7]))

    def _by_keys(self, rows: int) -> None:
        """Have the rest of the transaction look rows up by their keys.

        For a large batch on tables that were not analysed lately the server would read whole tables and join by hash,
        which costs more the larger the book is; what a batch names is found by its key at a cost that stays.
        """
        if rows > SMALL_POSTINGS and not self.by_keys:
            self.by_keys = True
            self.raw.execute(BY_KEYS)

    def load_memories(self, book: Book, locked: Iterable[str], read: Iterable[str]) -> None:
        """See `ports.Transaction`."""
        book.memory_keys |= set(locked)
        held, seen, given = self._together(
            [
                (
                    "SELECT key, body FROM keruen_memory WHERE key = ANY(%s::text[]) ORDER BY key FOR UPDATE",
                    (array(sorted(book.memory_keys)),),
                ),
                (
                    "SELECT key, body FROM keruen_memory WHERE key = ANY(%s::text[])",
                    (array(sorted(set(read) - book.memory_keys)),),
                ),
                # Which commands were accepted before: asked last, when every lock is held. Asked first, a command
                # sent twice at once would wait for its twin's lock, see what the twin did, and be rejected (already
                # confirmed, not covered) where it must be answered as the twin was.
                (
                    "SELECT key, content_sha256, document_id FROM keruen_command_key WHERE key = ANY(%s::text[])",
                    (array(self.keys),),
                ),
            ]
        )
        for key, body in (*held, *seen):
            book.memories[key] = body
            self.known_memories.add(key)
        for key, content, document_id in given:
            if document_id in self.asked and document_id not in book.documents:
                raise Unavailable(f"{document_id} was filed meanwhile", code="retry")
            book.seen_keys[key] = (bytes(content), document_id)
        # The next batch of this transaction asks for its own.
        self.keys, self.asked = set(), set()

    def held_on(self, day: date) -> dict[str, int]:
        """See `ports.Transaction`."""
        first = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return dict(
            self.raw.execute(
                "SELECT channel, count(*) FROM keruen_decision WHERE recorded_at >= %s AND recorded_at < %s GROUP BY 1",
                (first, first + timedelta(days=1)),
            ).fetchall()
        )

    def _receiving(self, book: Book, reservations: Iterable[Reservation]) -> set[tuple[str, str]]:
        """Balances that goods set aside may be passed on to.

        Locked in order with the rest: two firms that confirm each other's waybills on one lot
        would otherwise each wait for the balance the other has.
        """
        found = set()
        for row in reservations:
            stored = book.documents.get(row.document_id)
            role = self.profile.kind(stored.kind).counterparty if stored is not None and row.remaining > 0 else ""
            receiver = stored.document.header.get(f"{role}_id") if stored is not None and role else None
            if receiver:
                found.add((row.lot_id, str(receiver)))
        return found

    def reservations_of(self, holder: str, commodity_code: str) -> list[Reservation]:
        """See `ports.Transaction`."""
        columns = ", ".join(f"r.{each}" for each in RESERVATION)
        return [
            Reservation(*row)
            for row in self._rows(
                f"SELECT {columns} FROM keruen_reservation r JOIN keruen_lot l USING (lot_id) "
                f"WHERE r.holder = %s AND l.commodity_code = %s AND r.remaining <> 0 LIMIT 200",
                (holder, commodity_code),
            )
        ]

    def reservations_on(self, lots: Sequence[str], holder: str) -> list[Reservation]:
        """See `ports.Transaction`."""
        return [
            Reservation(*row)
            for row in self._rows(
                f"SELECT {', '.join(RESERVATION)} FROM keruen_reservation "
                f"WHERE lot_id = ANY(%s::text[]) AND holder = %s AND remaining <> 0 LIMIT 200",
                (array(lots), holder),
            )
        ]

    # -- saving ------------------------------------------------------------------------------

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
        for month in sorted({at.date().replace(day=1) for at in times} - self.store.months - self.new_months):
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
                if party and party not in self.store.parties and party not in self.new_parties and party not in new:
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
        for key in sorted(book.changes.touched_balances):
            balance, base = book.balances[key], book.base.get(key)
            now, came = balance.row()[2:], balance.received_at
            difference = now if base is None else tuple(map(Decimal.__sub__, now, base))
            # Goods that came and went in one batch leave their time where there is a row to leave it in.
            if difference != NOUGHTS or (base is not None and came is not None):
                (fresh if base is None else known).append((*key, book.lots[key[0]].commodity_code, *difference, came))
        columns = ["text[]"] * 3 + ["numeric[]"] * 5 + ["timestamptz[]"]
        rows = (
            f"unnest({', '.join('%s::' + each for each in columns)}) AS d(lot_id, holder, commodity_code, free, "
            f"reserved, in_transit, held, seized, received_at)"
        )
        if known:
            self.raw.execute(
                f"UPDATE keruen_balance b SET free = b.free + d.free, reserved = b.reserved + d.reserved, "
                f"in_transit = b.in_transit + d.in_transit, held = b.held + d.held, seized = b.seized + d.seized, "
                f"received_at = greatest(b.received_at, d.received_at) FROM {rows} "
                f"WHERE b.lot_id = d.lot_id AND b.holder = d.holder",
                arrays(known),
            )
        if fresh:
            self.raw.execute(
                f"INSERT INTO keruen_balance AS b (lot_id, holder, commodity_code, free, reserved, in_transit, held, "
                f"seized, received_at) SELECT * FROM {rows} ON CONFLICT (lot_id, holder) DO UPDATE SET "
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
    arrays = ", ".join(f"%s::{TYPES.get(name, 'text')}[]" for name in columns)
    picked = ", ".join(f"{name}::json" if name == "decision" else name for name in columns)
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {picked} FROM unnest({arrays}) AS n({names})"


def _json(decision: Decision | None) -> str | None:
    return None if decision is None else decision_json(decision).decode()


def _counterparty(document: Document, parties: Sequence[tuple[str, bool]], holder: str) -> str:
    """The first party that is not the holder: whom an organisation's list shows beside it."""
    for role, _ in parties:
        if role != holder and document.header.get(f"{role}_id"):
            return str(document.header[f"{role}_id"])
    return ""
