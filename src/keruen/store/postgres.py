"""The books in PostgreSQL: transactions, the journal's numbers, and reads of whole tables.

Written in SQL on the connection Django gives, not through its object mapper: a batch of a
thousand commands is a handful of statements. `loading` reads under lock what a batch needs, `saving` writes what it
changed; a batch that meets another one gives way and is run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import psycopg
from django.db import DatabaseError
from django.db import transaction as django_transaction

from keruen.documents.parsing import document_from_canonical
from keruen.ledger.book import Book
from keruen.model.document import Event
from keruen.model.lot import Posting
from keruen.model.profile import Profile
from keruen.store.columns import array
from keruen.store.loading import Loading
from keruen.store.reads import PostgresReader
from keruen.store.rows import (
    EVENT,
    POSTING,
    check_connection,
    distrust_connection,
    raw_connection,
    translated,
    trust_connection,
)
from keruen.store.saving import Saving
from keruen.workflow.ports import Accepted, Decided, DocumentState, Leaf, OutboxRow

TRUSTED_S = 1.0
"""How long a connection that served a transaction is taken to stand; `submit` tries again where it did not."""


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
            self.months |= running.saving.new_months
            self.parties |= running.saving.new_parties

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


class PostgresTransaction(Loading):
    """One unit of work; see `ports.Transaction`."""

    def __init__(self, store: PostgresStore, raw: psycopg.Connection[Any]) -> None:
        super().__init__(store.profile, raw)
        self.saving = Saving(store.profile, raw, store.months, store.parties, self.known_memories)

    def save(self, book: Book, leaves: Sequence[Leaf], outbox: Sequence[OutboxRow]) -> None:
        """See `ports.Transaction`. Stopping anywhere in here leaves nothing: the commit comes after."""
        self.saving.save(book, leaves, outbox)
