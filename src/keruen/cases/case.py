"""Cases: findings on one party, route or scheme that people look at together, from opening to outcome.

A case is a value. What is done to it is a command; `steps.apply` gives the case after it or says why not. The
working-day clock stands still while a filer has a question before him, and only then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from keruen.model.calendar import Calendar
from keruen.model.finding import Severity

JOINED_KEPT = 100
"""So many findings stand in the case itself, the latest; the store keeps them all."""


class SubjectKind(StrEnum):
    """What a case is about."""

    PARTY = "party"
    ROUTE = "route"
    SCHEME = "scheme"
    DOCUMENT = "document"
    """One paper alone: what was drawn by lot is judged by itself, not by what else its firm did."""


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    TAKEN = "taken"
    WAITING_FOR_FILER = "waiting_for_filer"
    DIARY = "diary"
    COUNTERSIGN = "countersign"
    CLOSED = "closed"


class Result(StrEnum):
    """What a case came to; a fixed list, since rules and models are measured by it."""

    NO_FINDING = "no_finding"
    DOCUMENT_ERROR = "document_error"
    MISDESCRIPTION = "misdescription"
    LICENCE_MISSING = "licence_missing"
    PROHIBITED_END_USER = "prohibited_end_user"
    DIVERSION = "diversion"
    OTHER_OFFENCE = "other_offence"
    REFERRED = "referred"


OFFENCES = frozenset(
    {
        Result.MISDESCRIPTION,
        Result.LICENCE_MISSING,
        Result.PROHIBITED_END_USER,
        Result.DIVERSION,
        Result.OTHER_OFFENCE,
    }
)
LIGHT = frozenset({Result.NO_FINDING, Result.DOCUMENT_ERROR})
"""What one officer may close a light case with, alone."""
HIGH_TIERS = frozenset({"1", "2"})
"""Tiers of listed goods at which nobody decides alone."""


class Subject(NamedTuple):
    """What a case is about; one open case each.

    `key` is an organisation's number, `CN>UZ:854231`, or a scheme's name; `name` is what people call it.
    """

    kind: SubjectKind
    key: str
    name: str = ""


class Routing(NamedTuple):
    """Where a case goes and why: the rule that sent it there, and what that rule saw."""

    rule: str
    queue: str
    team: str
    priority: int
    """1 is the gravest."""
    working_days: int
    params: Mapping[str, str]


class Joined(NamedTuple):
    """A finding that joined a case."""

    document_id: str
    version: int
    event_id: str
    code: str
    severity: Severity
    path: str
    params: Mapping[str, str]
    source: str
    joined_at: datetime


class Clock(NamedTuple):
    """Working days left from a day on; stands still where `since` is None."""

    left: int
    since: datetime | None

    def due_at(self, calendar: Calendar) -> datetime | None:
        """The instant from which it is late; None while it stands still."""
        if self.since is None:
            return None
        return datetime.combine(calendar.add(self.since.date(), self.left) + timedelta(days=1), time(), UTC)

    def pause(self, at: datetime, calendar: Calendar) -> Clock:
        """Stop; the days worked are used up."""
        if self.since is None:
            return self
        return Clock(self.left - calendar.between(self.since.date(), at.date()), None)

    def resume(self, at: datetime) -> Clock:
        """Go on with what is left."""
        return self if self.since is not None else Clock(self.left, at)

    def at_most(self, days: int, at: datetime, calendar: Calendar) -> Clock:
        """The same, but no more than `days` from here."""
        left = self.pause(at, calendar).left
        return self if left <= days else Clock(days, at if self.since is not None else None)


class Lock(NamedTuple):
    """Who works on a case now, and until when unless he goes on."""

    holder: str
    until: datetime


class Question(NamedTuple):
    """What a filer is asked. Acknowledging it is not answering it."""

    number: int
    to: str
    """Organisation asked."""
    text: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    withdrawn_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answered_at is None and self.withdrawn_at is None


class Attachment(NamedTuple):
    """A file with a case; its bytes are kept under their hash."""

    name: str
    sha256: str
    size: int
    media_type: str
    by: str
    at: datetime


class Proposal(NamedTuple):
    """What an officer would close the case with, once another agrees."""

    result: Result
    reason: str
    by: str
    at: datetime


class Closing(NamedTuple):
    """How a case was closed."""

    result: Result
    reason: str
    by: str
    """Who decided; with `countersigned_by`, who proposed."""
    countersigned_by: str
    at: datetime


class Case(NamedTuple):
    """One case as it stands."""

    number: int
    subject: Subject
    routing: Routing
    state: State
    opened_at: datetime
    updated_at: datetime
    clock: Clock
    due_at: datetime | None
    """None while the clock stands still."""
    joined: tuple[Joined, ...] = ()
    joined_count: int = 0
    gravest: Severity = Severity.NOTICE
    tiers: frozenset[str] = frozenset()
    """Tiers of listed goods among the findings."""
    filers: frozenset[str] = frozenset()
    """Users who filed or released a document of the case: none of them decides it."""
    organisations: frozenset[str] = frozenset()
    """Who may be asked."""
    assignee: str = ""
    lock: Lock | None = None
    diary_on: date | None = None
    questions: tuple[Question, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    proposal: Proposal | None = None
    closing: Closing | None = None
    revision: int = 0
    """How many things were done to it."""

    @property
    def id(self) -> str:
        """What people call it."""
        return f"C-{self.number}"

    @property
    def question(self) -> Question | None:
        """The question that waits for an answer."""
        last = self.questions[-1] if self.questions else None
        return last if last is not None and last.is_open else None

    def held_by(self, user: str, at: datetime) -> bool:
        """Whether somebody works on it now."""
        return self.lock is not None and self.lock.holder == user and at < self.lock.until

    def is_free(self, at: datetime) -> bool:
        """Whether it may be taken: open, left too long, or its diary date has come."""
        if self.state == State.TAKEN:
            return self.lock is None or self.lock.until <= at
        if self.state == State.DIARY:
            return self.diary_on is None or self.diary_on <= at.date()
        return self.state == State.OPEN

    def needs_second(self, result: Result) -> bool:
        """Whether one officer alone may not close it so."""
        return result not in LIGHT or self.gravest >= Severity.INSPECT or bool(self.tiers & HIGH_TIERS)


class CaseEvent(NamedTuple):
    """One thing done to a case: a line of its timeline, never changed."""

    number: int
    """Of the case."""
    revision: int
    name: str
    user: str
    organisation: str
    role: str
    at: datetime
    from_state: str
    to_state: str
    data: Mapping[str, str]
    key: str = ""
    """The command's idempotency key, where its author gave one."""

    @property
    def voided(self) -> bool:
        """Whether it took back a request to countersign."""
        return self.from_state == State.COUNTERSIGN and self.name not in {"countersign", "decline"}
