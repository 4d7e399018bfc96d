"""What a batch needs of the books, read under lock in a few questions, into its working set.

Locks are taken in one order (documents, allowances, balances, memories, each by key), so that two batches wait for
each other one way only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from keruen.errors import Unavailable
from keruen.ledger.book import Book
from keruen.model.document import StoredDocument
from keruen.model.lot import Allowance, Balance, Lot, Posting, Reservation
from keruen.model.profile import Profile
from keruen.store.columns import array
from keruen.store.rows import ALLOWANCE, DOCUMENT_READ, LOT, POSTING, RESERVATION, stored_document
from keruen.workflow.ports import Wanted

LARGE = 320
"""From so many rows on a batch has them looked up by their keys."""
BY_KEYS = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), "
    "set_config('enable_mergejoin', 'off', true)"
)
RELATED = "relates_to = ANY(%s::text[]) AND relates_to <> ''"
Question = tuple[str, Sequence[Any]]
"""A statement and its values."""
NOTHING = array(())
"""What asks of nothing is not asked."""


class Loading:
    """Reads for one transaction; see `ports.Transaction`.

    Args:
        profile: For reading documents back.
        raw: The connection, in a transaction.
    """

    def __init__(self, profile: Profile, raw: psycopg.Connection[Any]) -> None:
        self.profile = profile
        self.raw = raw
        self.keys: set[str] = set()
        """Idempotency keys of the batch."""
        self.asked: set[str] = set()
        """Documents the batch may change, there or not."""
        self.known_memories: set[str] = set()
        """Memories that have a row."""
        self.by_keys = False

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
        if rows > LARGE and not self.by_keys:
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
