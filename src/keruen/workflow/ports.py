"""What a store and the world must promise the workflow.

`store/memory.py` is the model; `store/postgres.py` must give the same answers, command by
command. Every method of a transaction sees what earlier ones of the same transaction wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from keruen.cases.case import Case, CaseEvent, Joined, Subject
from keruen.cases.outcomes import Label
from keruen.ledger.book import Book
from keruen.model.document import Document, Event, StoredDocument
from keruen.model.finding import Decision, Finding
from keruen.model.lot import Balance, Edge, Lot, Posting, Reservation
from keruen.screening.screener import Screener

if TYPE_CHECKING:
    from keruen.facts.gather import DescriptionFacts, TradeFacts
    from keruen.model.document import Fields
    from keruen.risk.live import Ranking
    from keruen.workflow.judge import Rulings


class Leaf(NamedTuple):
    """One entry of the journal, not yet numbered. At most 65,535 bytes."""

    event_id: str
    part: int
    """From nought; a command too large for one entry has several."""
    recorded_at: datetime
    entry: bytes


class OutboxRow(NamedTuple):
    """Something others will want to hear of: written with the facts, sent afterwards."""

    event_id: str
    topic: str
    document_id: str
    recorded_at: datetime
    payload: bytes


@dataclass(slots=True)
class Wanted:
    """What a batch needs before it can be decided."""

    keys: set[str] = field(default_factory=set)
    locked_documents: set[str] = field(default_factory=set)
    """Documents whose state may change."""
    cited_documents: set[str] = field(default_factory=set)
    """Documents that are only read."""
    related_to: set[str] = field(default_factory=set)
    """Documents whose dependants (by `relates_to`) are needed too, locked."""
    lots: set[str] = field(default_factory=set)
    balances: set[tuple[str, str]] = field(default_factory=set)
    by_code: set[tuple[str, str]] = field(default_factory=set)
    """(holder, commodity code): every lot of it the holder has free."""
    reservations_of: set[str] = field(default_factory=set)
    allowances_of: set[str] = field(default_factory=set)
    postings_of: set[str] = field(default_factory=set)


class Transaction(Protocol):
    """One unit of work: everything saved in it becomes durable together or not at all."""

    def load_documents(self, book: Book, wanted: Wanted) -> None:
        """Fill seen keys, documents and dependants; locks those that may change, in order of id."""

    def load_goods(self, book: Book, wanted: Wanted) -> None:
        """Fill lots, reservations, allowances, balances and past postings.

        Locks allowances, then balances, each in order of key, so that two batches never wait
        for each other in a circle. Balances of every loaded reservation are loaded with it.
        """

    def load_memories(self, book: Book, locked: Iterable[str], read: Iterable[str]) -> None:
        """Fill what is remembered under keys, those that may change under lock and in order; the last load of a batch.

        `book.memory_keys` names the locked ones, there or not.
        """

    def held_on(self, day: date) -> dict[str, int]:
        """Channel to how many documents were sent there on a day (UTC), those of this transaction not counted."""

    def reservations_of(self, holder: str, commodity_code: str) -> list[Reservation]:
        """What is set aside of a holder's goods of a code, and by what."""

    def reservations_on(self, lots: Sequence[str], holder: str) -> list[Reservation]:
        """Open reservations on lots at a holder, to explain a shortage."""

    def save(self, book: Book, leaves: Sequence[Leaf], outbox: Sequence[OutboxRow]) -> None:
        """Write all the book's changes.

        Raises:
            Unavailable: Another batch got in between (code `retry`): run the batch again.
            IntegrityFailure: A balance or allowance would fall below nought.
        """


class Store(Protocol):
    """Keeps the books."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin; commits on leaving, rolls back on an exception. Durable on return."""


class DueDocument(NamedTuple):
    """A document whose deadline has passed and which the clock may take on."""

    document_id: str
    transition: str
    due_at: datetime


class Reader(Protocol):
    """Questions asked of the books; nothing is locked."""

    def document(self, document_id: str) -> StoredDocument | None:
        """A document with its version in force, or None."""

    def events_of(self, document_id: str) -> list[Event]:
        """A document's history, oldest first."""

    def lots(self, lot_ids: Iterable[str]) -> dict[str, Lot]:
        """Lots by id; unknown ids are left out."""

    def lots_of_document(self, document_id: str) -> list[Lot]:
        """Lots a document gave birth to, by line."""

    def balances_of(self, lot_ids: Iterable[str]) -> list[Balance]:
        """Every holder's balance of the lots that is not nought, by lot then holder."""

    def postings_of_lots(self, lot_ids: Iterable[str]) -> list[Posting]:
        """Postings of lots, in the order they were made."""

    def postings_of_document(self, document_id: str) -> list[Posting]:
        """Postings a document made, in the order they were made."""

    def lineage(self, lot_ids: Iterable[str], *, up: bool, limit: int) -> list[Edge]:
        """Every edge above (or below) these lots, however far, up to a limit of edges; nearest first."""

    def lots_moved_by(self, document_id: str, line: int | None = None) -> list[str]:
        """Lots a document's postings name, of all lines or of one, in order."""

    def due(self, at: datetime, limit: int) -> list[DueDocument]:
        """Documents due before `at` that the clock may take on, oldest first."""

    def standing_in(self, states: Collection[tuple[str, str]], after: str, limit: int) -> list[StoredDocument]:
        """Documents in one of these (kind, state), by id, beginning after one."""


class Describes(Protocol):
    """Says how a description fits its code."""

    def __call__(self, description: str, commodity_code: str, /) -> DescriptionFacts:
        """The description facts of one line."""


class Compares(Protocol):
    """Holds a line against the trade statistics."""

    def __call__(self, line: Fields, destination: str, on: date, /) -> TradeFacts | None:
        """What they say of a line that is to go to a country.

        Returns:
            None where no statistics are loaded. Cheap: it is asked for every line of an export.
        """


class Rules(Protocol):
    """Gives the rules that decide just now."""

    def __call__(self) -> Rulings | None:
        """The rules now; None where none are in force. Cheap: it is asked for with every batch."""


class Ranks(Protocol):
    """Gives the models that rank just now."""

    def __call__(self) -> Ranking | None:
        """The champion and the challenger now; None where neither is promoted. Cheap: every batch asks."""


class Screens(Protocol):
    """Gives the screener over the lists in force."""

    def __call__(self) -> Screener | None:
        """The screener now; None where nobody is to be screened. Cheap: it is asked for with every document."""


class LeafStore(Protocol):
    """Where leaves wait and numbered entries stand."""

    def number_leaves(self, limit: int) -> int:
        """Give the next indices to waiting leaves, in the order they were written; durable on return.

        Returns:
            How many were numbered, at most `limit`. Two publishers wait for each other.
        """

    def numbered_count(self) -> int:
        """How many entries have an index."""

    def numbered_entries(self, start: int, limit: int) -> list[bytes]:
        """Entries from an index on, in order."""

    def waiting_count(self) -> int:
        """How many leaves wait for an index."""


class DocumentState(NamedTuple):
    """What the books say of a document, to hold against the journal."""

    document_id: str
    version: int
    state: str
    salt: bytes
    body: bytes


class Decided(NamedTuple):
    """A decision on record: `decision` as the store keeps it, JSON."""

    document_id: str
    recorded_at: datetime
    decision: bytes
    event_id: str = ""
    """By which command: what a case on it names."""


class Accepted(NamedTuple):
    """One accepted command, to be taken in again: its event, the document as it was then, its postings and lots."""

    event: Event
    document: Document
    filed_at: datetime
    postings: Sequence[Posting]
    lots: Mapping[str, Lot]


class WholeReader(LeafStore, Protocol):
    """The books as they stand, streamed in bounded memory."""

    def all_balances(self) -> Iterator[tuple[str, str, tuple[Decimal, ...]]]:
        """(lot, holder, amounts by status in order) of every balance that is not nought."""

    def all_documents(self) -> Iterator[DocumentState]:
        """Every document."""

    def decided(self, since: date | None) -> Iterator[Decided]:
        """Decisions on record that kept facts, in the order they were made, streamed."""

    def all_memories(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """What is remembered, by key."""

    def accepted(self) -> Iterator[Accepted]:
        """Every accepted command in the order it was accepted, with what it did: memories are rebuilt from it."""


class Clock(Protocol):
    """Says what time it is."""

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """When we learn of a command: now, or when a loaded history says it was filed."""


class Salts(Protocol):
    """Gives salts for document hashes."""

    def __call__(self) -> bytes:
        """Sixteen bytes nobody can guess."""


class Row(NamedTuple):
    """A document as a list shows it."""

    document_id: str
    kind: str
    state: str
    movement: str
    channel: str
    attention: bool
    holder: str
    counterparty: str
    issued_on: date
    recorded_at: datetime
    due_at: datetime | None
    findings: tuple[Finding, ...]


class Page(NamedTuple):
    """Rows of a list and how many there are in all, from one question."""

    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Query:
    """Which documents a list shows; empty means any.

    Args:
        attention: Only those an officer should look at, oldest first; else newest first.
        organisation: Only those it is holder or counterparty of.
        text: Document ids that begin so.
        late_at: Only those due before this.
    """

    attention: bool = False
    organisation: str = ""
    kind: str = ""
    state: str = ""
    channel: str = ""
    text: str = ""
    late_at: datetime | None = None
    offset: int = 0
    limit: int = 50


class ListReader(Reader, Protocol):
    """Questions a list or a search asks."""

    def page(self, query: Query) -> Page:
        """Documents by a query."""

    def names(self, organisations: Iterable[str]) -> dict[str, str]:
        """Organisation to its name, where one is known."""

    def totals(self) -> dict[str, int]:
        """`documents`, `lots`, `postings`, `edges`, `leaves`, and `<kind>/<state>` to how many there are."""


class Books(Store, ListReader, WholeReader, Protocol):
    """Everything a store of ours answers."""


# -- cases -----------------------------------------------------------------------------------


class Undecided(NamedTuple):
    """A decision whose findings nobody has yet looked at for cases."""

    document_id: str
    version: int
    event_id: str
    decision: Decision


BULK_KEPT = timedelta(days=1)
"""So long a store remembers at least what could be taken back; the time to do so is shorter."""


class Bulk(NamedTuple):
    """Something done to many cases at once, as long as it can be taken back."""

    token: str
    user: str
    at: datetime
    items: tuple[tuple[Case, int], ...]
    """Each case as it stood before, and the revision it was left with."""


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Which cases a list shows; empty means any.

    Args:
        state: Empty means all that are not closed.
        user: Only those assigned to or held by them.
        subject: Only those about this key.
        late_at: Only those due before this.
    """

    queue: str = ""
    team: str = ""
    state: str = ""
    user: str = ""
    subject: str = ""
    late_at: datetime | None = None
    offset: int = 0
    limit: int = 50


class CasePage(NamedTuple):
    """Cases of a list, the gravest and most urgent first, and how many there are in all."""

    rows: tuple[Case, ...]
    total: int


class CaseCount(NamedTuple):
    """How many cases of a queue are in a state, and how many of them are late."""

    queue: str
    state: str
    cases: int
    late: int


class CaseTransaction(Protocol):
    """One unit of work on cases: everything saved in it becomes durable together or not at all."""

    def undecided(self, limit: int) -> list[Undecided]:
        """Take decisions that wait for cases, oldest first; two at once never get the same one.

        They come again if the transaction is not kept.
        """

    def lock(self, number: int) -> Case | None:
        """A case, nobody else's to change until the end."""

    def lock_open(self, subject: Subject) -> Case | None:
        """The case on a subject that is not closed, locked; at most one."""

    def lock_next(self, user: str, at: datetime, *, queue: str, team: str) -> Case | None:
        """The gravest, then most urgent case this user may take; two at once never get the same one.

        His own come first; another's, and those whose documents he filed, never.
        """

    def next_number(self) -> int:
        """A number no case has."""

    def seen(self, key: str) -> CaseEvent | None:
        """What was done under an idempotency key."""

    def save(self, case: Case, event: CaseEvent, joined: Joined | None = None) -> None:
        """Write a case as it stands, what was done, and the finding that joined.

        Raises:
            Unavailable: Another got in between (code `retry`).
        """

    def save_bulk(self, bulk: Bulk) -> None:
        """Keep what was done in bulk, to be taken back."""

    def take_bulk(self, token: str) -> Bulk | None:
        """What was done under a token; it can be asked for once."""


class Cases(Protocol):
    """Keeps the cases."""

    def transaction(self) -> AbstractContextManager[CaseTransaction]:
        """Begin; commits on leaving, rolls back on an exception. Durable on return."""

    def case(self, number: int) -> Case | None:
        """A case as it stands."""

    def events(self, number: int) -> list[CaseEvent]:
        """Its timeline, oldest first."""

    def page(self, query: CaseQuery) -> CasePage:
        """Cases by a query."""

    def asked(self, organisation: str) -> list[Case]:
        """Cases in which a question to an organisation waits for its answer, by the day it is due."""

    def counts(self, at: datetime) -> list[CaseCount]:
        """How many, by queue and state."""

    def labels(self) -> Iterator[Label]:
        """Every finding of every closed case, with what the case came to; in order of case and joining."""
