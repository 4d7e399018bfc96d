"""Cases in memory: the model that PostgreSQL is tested against."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock

from keruen.cases.case import Case, CaseEvent, Joined, State, Subject
from keruen.cases.outcomes import Label
from keruen.errors import Unavailable
from keruen.model.finding import Channel
from keruen.store.memory import MemoryStore
from keruen.workflow.ports import BULK_KEPT, Bulk, CaseCount, CasePage, CaseQuery, Undecided


@dataclass(slots=True)
class _State:
    """Every table."""

    cases: dict[int, Case] = field(default_factory=dict)
    events: list[CaseEvent] = field(default_factory=list)
    findings: list[tuple[int, Joined]] = field(default_factory=list)
    bulks: dict[str, Bulk] = field(default_factory=dict)
    followed: int = 0
    """Decisions of the books looked at."""
    number: int = 0

    def snapshot(self) -> _State:
        """A copy whose rows are shared."""
        return _State(*(copy.copy(getattr(self, name)) for name in self.__slots__))


class MemoryCases:
    """Cases over books in memory."""

    def __init__(self, books: MemoryStore) -> None:
        self.books = books
        self.state = _State()
        self._lock = RLock()

    @contextmanager
    def transaction(self) -> Iterator[MemoryCases]:
        """Begin; puts everything back on an exception."""
        with self._lock:
            before = self.state.snapshot()
            try:
                yield self
            except BaseException:
                number = self.state.number
                self.state = before
                # As a sequence does: a number given is not given again.
                self.state.number = number
                raise

    # -- transaction -------------------------------------------------------------------------

    def undecided(self, limit: int) -> list[Undecided]:
        """See `ports.CaseTransaction`."""
        found: list[Undecided] = []
        decisions = self.books.state.decisions
        while self.state.followed < len(decisions) and len(found) < limit:
            row = decisions[self.state.followed]
            self.state.followed += 1
            if row.decision.author == "keruen" and row.decision.channel != Channel.GREEN:
                found.append(Undecided(row.document_id, row.version, row.event_id, row.decision))
        return found

    def lock(self, number: int) -> Case | None:
        """See `ports.CaseTransaction`."""
        return self.state.cases.get(number)

    def lock_open(self, subject: Subject) -> Case | None:
        """See `ports.CaseTransaction`."""
        return next(
            (
                case
                for case in self.state.cases.values()
                if case.subject[:2] == subject[:2] and case.state != State.CLOSED
            ),
            None,
        )

    def lock_next(self, user: str, at: datetime, *, queue: str, team: str) -> Case | None:
        """See `ports.CaseTransaction`."""
        free = (
            case
            for case in self.state.cases.values()
            if case.is_free(at)
            and case.assignee in {"", user}
            and user not in case.filers
            and queue in {"", case.routing.queue}
            and team in {"", case.routing.team}
        )
        return min(free, key=lambda case: (case.assignee != user, *_urgency(case)), default=None)

    def next_number(self) -> int:
        """See `ports.CaseTransaction`."""
        self.state.number += 1
        return self.state.number

    def seen(self, key: str) -> CaseEvent | None:
        """See `ports.CaseTransaction`."""
        return next((event for event in self.state.events if key and event.key == key), None)

    def save(self, case: Case, event: CaseEvent, joined: Joined | None = None) -> None:
        """See `ports.CaseTransaction`."""
        other = self.lock_open(case.subject)
        if case.state != State.CLOSED and other is not None and other.number != case.number:
            raise Unavailable("another case was opened on the same subject meanwhile", code="retry")
        self.state.cases[case.number] = case
        self.state.events.append(event)
        if joined is not None:
            self.state.findings.append((case.number, joined))

    def save_bulk(self, bulk: Bulk) -> None:
        """See `ports.CaseTransaction`."""
        kept = {token: each for token, each in self.state.bulks.items() if each.at >= bulk.at - BULK_KEPT}
        self.state.bulks = {**kept, bulk.token: bulk}

    def take_bulk(self, token: str) -> Bulk | None:
        """See `ports.CaseTransaction`."""
        return self.state.bulks.pop(token, None)

    # -- reader ------------------------------------------------------------------------------

    def case(self, number: int) -> Case | None:
        """See `ports.Cases`."""
        return self.state.cases.get(number)

    def events(self, number: int) -> list[CaseEvent]:
        """See `ports.Cases`."""
        return [event for event in self.state.events if event.number == number]

    def page(self, query: CaseQuery) -> CasePage:
        """See `ports.Cases`."""
        found = sorted((case for case in self.state.cases.values() if _matches(case, query)), key=_urgency)
        return CasePage(tuple(found[query.offset : query.offset + query.limit]), len(found))

    def asked(self, organisation: str) -> list[Case]:
        """See `ports.Cases`."""
        found = [
            (case.question.due_at, case.number, case)
            for case in self.state.cases.values()
            if case.question is not None and organisation and case.question.to == organisation
        ]
        return [case for _, _, case in sorted(found, key=lambda each: each[:2])]

    def counts(self, at: datetime) -> list[CaseCount]:
        """See `ports.Cases`."""
        cases = self.state.cases.values()
        all_, late = (
            Counter(
                (case.routing.queue, case.state.value)
                for case in cases
                if not only_late or (case.due_at is not None and case.due_at < at)
            )
            for only_late in (False, True)
        )
        return [CaseCount(*key, count, late[key]) for key, count in sorted(all_.items())]

    def labels(self) -> Iterator[Label]:
        """See `ports.Cases`."""
        for number, found in sorted(self.state.findings, key=lambda each: each[0]):
            case = self.state.cases[number]
            if case.closing is not None:
                yield Label(
                    case.id,
                    case.subject.kind.value,
                    case.subject.key,
                    found.document_id,
                    found.version,
                    found.event_id,
                    found.code,
                    found.severity.name.lower(),
                    found.path,
                    found.source,
                    case.closing.result,
                    case.closing.at,
                )


def _urgency(case: Case) -> tuple[int, bool, datetime, int]:
    return (case.routing.priority, case.due_at is None, case.due_at or case.opened_at, case.number)


def _matches(case: Case, query: CaseQuery) -> bool:
    return (
        (case.state == query.state if query.state else case.state != State.CLOSED)
        and query.queue in {"", case.routing.queue}
        and query.team in {"", case.routing.team}
        and query.user in {"", case.assignee, case.lock.holder if case.lock else ""}
        and query.subject in {"", case.subject.key}
        and (query.late_at is None or (case.due_at is not None and case.due_at < query.late_at))
    )
