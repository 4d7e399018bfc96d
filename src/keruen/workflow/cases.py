"""Cases: opened by findings that were decided on, worked on by officers, answered by filers.

Decisions wait in a list until `follow` has looked at them; what it does with one and that it is done with it are
kept together, so it may be stopped anywhere and run by several at once. Filing never waits for cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from keruen.cases import commands as do
from keruen.cases.case import Case, CaseEvent, Joined, Question, State, Subject, SubjectKind
from keruen.cases.outcomes import Label, Yield, yields
from keruen.cases.routing import Table
from keruen.cases.steps import apply, opened, undo
from keruen.cases.subjects import parties, subject_of
from keruen.documents.deadlines import calendar_of
from keruen.errors import Conflict, Forbidden, InvalidInput, KeruenError, NotFound, Unavailable
from keruen.model.actor import SYSTEM, Actor, Role
from keruen.model.calendar import Calendar
from keruen.model.document import StoredDocument
from keruen.model.finding import Severity
from keruen.model.profile import Profile
from keruen.workflow.access import Refused, may_read
from keruen.workflow.ports import Bulk, Cases, CaseTransaction, Clock, Reader, Undecided

BATCH = 100
"""Decisions that one transaction of the follower looks at."""
BULK_MAX = 200
TRIES = 4
DOCUMENTS_SHOWN = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CaseOffice:
    """What the use cases of cases work with."""

    cases: Cases
    books: Reader
    profile: Profile
    clock: Clock
    table: Table
    level: Severity = Severity.WARNING
    """The lightest severity that opens a case."""

    @property
    def calendar(self) -> Calendar:
        """Working days of the country."""
        return calendar_of(self.profile)

    def now(self) -> datetime:
        """The office's time."""
        return self.clock.recorded_at(None)


class Followed(NamedTuple):
    """What the follower did."""

    decisions: int
    opened: int
    joined: int


class Refusal(NamedTuple):
    """A case left as it was, and why."""

    number: int
    error: KeruenError


class BulkDone(NamedTuple):
    """What became of each case of a bulk."""

    token: str
    """To take it back with; empty where nothing was done."""
    done: tuple[int, ...]
    refused: tuple[Refusal, ...]


class AskedOf(NamedTuple):
    """What a filer sees of a case: the question to him, and which of his documents it is about."""

    number: int
    question: Question
    documents: tuple[str, ...]


# -- opening ---------------------------------------------------------------------------------


class _Found(NamedTuple):
    subject: Subject
    join: do.Join
    at: datetime


def follow(office: CaseOffice) -> Followed:
    """Open or join a case for every finding decided on since the last time.

    Raises:
        Unavailable: Others kept getting in between, or the store cannot be reached; nothing is lost.
    """
    decisions = new = joined = 0
    while True:
        seen, opened_now, joined_now = _again(lambda: _follow_some(office))
        decisions, new, joined = decisions + seen, new + opened_now, joined + joined_now
        if seen < BATCH:
            return Followed(decisions, new, joined)


def _follow_some(office: CaseOffice) -> tuple[int, int, int]:
    with office.cases.transaction() as transaction:
        waiting = transaction.undecided(BATCH)
        found = [each for row in waiting for each in _findings(office, row)]
        # In order of subject, so that two followers never wait for each other in a circle.
        new = sum(_open_or_join(office, transaction, each) for each in sorted(found, key=lambda each: each.subject))
        return len(waiting), new, len(found) - new


def _findings(office: CaseOffice, row: Undecided) -> Iterator[_Found]:
    """What of a decision is for cases: each kind of finding once a subject, however many lines it stands on."""
    stored = office.books.document(row.document_id)
    if stored is None:
        return
    known: set[tuple[Subject, str]] = set()
    for finding in row.decision.findings:
        routed = office.table.route(finding, office.level, document_id=row.document_id)
        if routed is None:
            continue
        subject = next(
            (
                each
                for document in _about(office, stored)
                if (each := subject_of(routed[0].subject, finding, document.document, _holder(office, document)))
            ),
            None,
        ) or Subject(SubjectKind.PARTY, stored.filer)
        if (subject, finding.name) in known:
            continue
        known.add((subject, finding.name))
        at = row.decision.decided_at
        joined = Joined(
            row.document_id,
            row.version,
            row.event_id,
            finding.name,
            finding.severity,
            finding.path,
            dict(finding.params),
            finding.source,
            at,
        )
        join = do.Join(joined, routed[1], _people(office, stored), _organisations(office, stored))
        yield _Found(subject, join, at)


def _about(office: CaseOffice, stored: StoredDocument) -> Iterator[StoredDocument]:
    """The document, then the one it is about: a notice of exit names no party, its waybill does."""
    yield stored
    cited = office.books.document(stored.relates_to) if stored.relates_to else None
    if cited is not None:
        yield cited


def _holder(office: CaseOffice, stored: StoredDocument) -> str:
    return office.profile.kind(stored.kind).holder


def _people(office: CaseOffice, stored: StoredDocument) -> frozenset[str]:
    """Users who filed any version of a document, sent it, or released it."""
    kind = office.profile.kind(stored.kind)
    filing = {"file", kind.then}
    found = {each.user for each in office.books.events_of(stored.id) if each.transition in filing}
    return frozenset({*found, stored.filed_by_user, stored.released_by} - {"", SYSTEM.user})


def _organisations(office: CaseOffice, stored: StoredDocument) -> frozenset[str]:
    found = {number for each in _about(office, stored) for number in parties(each.document)}
    return frozenset({*found, stored.filer} - {""})


def _open_or_join(office: CaseOffice, transaction: CaseTransaction, found: _Found) -> bool:
    """Whether a case was opened."""
    before = transaction.lock_open(found.subject)
    if before is None:
        case = opened(transaction.next_number(), found.subject, found.join, found.at, office.calendar)
    else:
        case = apply(before, found.join, SYSTEM, found.at, office.calendar)
    name = "join" if before else "open"
    event = _event(case, before, name, SYSTEM, _data(found.join))
    transaction.save(case, event, found.join.finding)
    return before is None


# -- working ---------------------------------------------------------------------------------


def act(
    office: CaseOffice, actor: Actor, number: int, command: do.Command, *, key: str = "", revision: int | None = None
) -> Case:
    """Do something to a case.

    Args:
        office: The cases.
        actor: By whom.
        number: Of the case.
        command: What.
        key: Idempotency key of the author; the same again answers as it stands and does nothing.
        revision: The revision its author looked at; None where he does not mind.

    Raises:
        NotFound: There is no such case, or not for this actor.
        Conflict: Not now, or the case was changed meanwhile.
        Forbidden: Not by this actor.
        InvalidInput: The command cannot be right.
    """

    def once() -> Case:
        with office.cases.transaction() as transaction:
            before = _seen(transaction.lock(number), number, actor)
            if key and _repeated(transaction.seen(key), number, command, actor, key):
                return before
            if revision is not None and before.revision != revision:
                raise Conflict(f"{before.id} was changed meanwhile", code="case_changed", case=before.id)
            after = apply(before, command, actor, office.now(), office.calendar)
            if before.state == State.CLOSED:
                _alone(transaction, after)
            transaction.save(after, _event(after, before, do.name_of(command), actor, _data(command), key))
            return after

    return _again(once)


def take_next(office: CaseOffice, actor: Actor, *, queue: str = "", team: str = "") -> Case:
    """Take the gravest, then most urgent case that is free.

    Raises:
        Forbidden: For officers only.
        NotFound: None is free.
    """
    if not actor.is_authority:
        raise Forbidden("cases are for officers", code="case_not_officer", case="")

    def once() -> Case:
        at = office.now()
        with office.cases.transaction() as transaction:
            before = transaction.lock_next(actor.user, at, queue=queue, team=team)
            if before is None:
                raise NotFound("no case is free for you now", code="case_none_free")
            after = apply(before, do.Take(), actor, at, office.calendar)
            transaction.save(after, _event(after, before, "take", actor, {}))
            return after

    return _again(once)


def bulk(office: CaseOffice, actor: Actor, numbers: Sequence[int], command: do.Command) -> BulkDone:
    """Do the same to many cases; those that do not allow it are left, each with its reason.

    Raises:
        InvalidInput: Too many, none, or something that is not done in bulk.
        Forbidden: For officers only.
    """
    if not actor.is_authority:
        raise Forbidden("cases are for officers", code="case_not_officer", case="")
    if not isinstance(command, do.BULK):
        possible = ", ".join(each.__name__.lower() for each in do.BULK)
        raise InvalidInput(
            f"{do.name_of(command)} is not done in bulk; possible are {possible}",
            code="case_command",
            found=do.name_of(command),
            expected=possible,
        )
    wanted = sorted(set(numbers))
    if not 0 < len(wanted) <= BULK_MAX:
        raise InvalidInput(f"from 1 to {BULK_MAX} cases at a time", code="case_bulk", max=BULK_MAX)

    def once() -> BulkDone:
        at = office.now()
        items: list[tuple[Case, int]] = []
        refused: list[Refusal] = []
        with office.cases.transaction() as transaction:
            for number in wanted:
                try:
                    before = _seen(transaction.lock(number), number, actor)
                    after = apply(before, command, actor, at, office.calendar)
                except (NotFound, Conflict, Forbidden, InvalidInput) as error:
                    refused.append(Refusal(number, error))
                    continue
                transaction.save(after, _event(after, before, do.name_of(command), actor, _data(command)))
                items.append((before, after.revision))
            token = _token(actor, items)
            if items:
                transaction.save_bulk(Bulk(token, actor.user, at, tuple(items)))
        return BulkDone(token, tuple(case.number for case, _ in items), tuple(refused))

    return _again(once)


def take_back(office: CaseOffice, actor: Actor, token: str) -> BulkDone:
    """Take back what was done in bulk, in every case nobody has touched since.

    Raises:
        NotFound: Nothing was done under this token by this actor, or it was taken back.
        Conflict: The time is over.
    """

    def once() -> BulkDone:
        at = office.now()
        done: list[int] = []
        refused: list[Refusal] = []
        with office.cases.transaction() as transaction:
            found = transaction.take_bulk(token)
            if found is None or (found.user != actor.user and actor.role != Role.SUPERVISOR):
                raise NotFound(f"there is nothing to take back under {token}", code="case_no_bulk", token=token)
            for before, revision in found.items:
                now = transaction.lock(before.number)
                assert now is not None
                try:
                    after = undo(now, before, revision, found.at, at)
                    if now.state == State.CLOSED:
                        _alone(transaction, after)
                except Conflict as error:
                    if error.code == "case_undo_late":
                        raise
                    refused.append(Refusal(before.number, error))
                    continue
                transaction.save(after, _event(after, now, "undo", actor, {"token": token}))
                done.append(before.number)
        return BulkDone("", tuple(done), tuple(refused))

    return _again(once)


# -- reading ---------------------------------------------------------------------------------


def read(office: CaseOffice, actor: Actor, number: int) -> Case:
    """A case, for those who may see all of it.

    Raises:
        NotFound: There is none, or not for this actor.
    """
    case = office.cases.case(number)
    if case is None or not actor.sees_all:
        raise NotFound(f"there is no case C-{number}", code="case_unknown", case=f"C-{number}")
    return case


def only_all_seeing(actor: Actor) -> None:
    """Refuse lists of cases to others.

    Raises:
        Forbidden: The actor sees only his own.
    """
    if not actor.sees_all:
        raise Forbidden("cases are for officers", code="case_not_officer", case="")


def asked_of(office: CaseOffice, actor: Actor) -> list[AskedOf]:
    """Questions that wait for an answer of the actor's organisation."""
    if not actor.organisation or actor.sees_all:
        return []
    return [
        AskedOf(case.number, case.question, _own_documents(office, actor, case))
        for case in office.cases.asked(actor.organisation)
        if case.question is not None
    ]


def outcomes(office: CaseOffice, actor: Actor) -> list[Yield]:
    """How often findings of each code were right.

    Raises:
        Forbidden: Not for this actor.
    """
    only_all_seeing(actor)
    return yields(office.cases.labels())


def labels(office: CaseOffice, actor: Actor) -> Iterator[Label]:
    """Findings of closed cases with their outcomes, to learn from.

    Raises:
        Forbidden: Not for this actor.
    """
    only_all_seeing(actor)
    return office.cases.labels()


# -- helpers ---------------------------------------------------------------------------------


def _own_documents(office: CaseOffice, actor: Actor, case: Case) -> tuple[str, ...]:
    wanted = list(dict.fromkeys(each.document_id for each in reversed(case.joined)))[:DOCUMENTS_SHOWN]
    found = [office.books.document(each) for each in wanted]
    return tuple(
        each.id for each in found if each is not None and not isinstance(may_read(actor, each, office.profile), Refused)
    )


def _seen(case: Case | None, number: int, actor: Actor) -> Case:
    """The case, if the actor may know of it: all-seeing ones, and who was asked in it."""
    asked = case is not None and any(each.to == actor.organisation for each in case.questions)
    if case is None or not (actor.sees_all or (actor.organisation and asked)):
        raise NotFound(f"there is no case C-{number}", code="case_unknown", case=f"C-{number}")
    return case


def _repeated(seen: CaseEvent | None, number: int, command: do.Command, actor: Actor, key: str) -> bool:
    if seen is None:
        return False
    if (seen.number, seen.name, seen.user, dict(seen.data)) != (
        number,
        do.name_of(command),
        actor.user,
        _data(command),
    ):
        raise Conflict(f"{key} was used before for something else", code="case_key_used", key=key)
    return True


def _alone(transaction: CaseTransaction, case: Case) -> None:
    """Refuse a second open case on a subject."""
    other = transaction.lock_open(case.subject)
    if other is not None:
        raise Conflict(f"{other.id} is open on the same subject", code="case_subject_open", case=other.id)


def _event(case: Case, before: Case | None, name: str, actor: Actor, data: dict[str, str], key: str = "") -> CaseEvent:
    return CaseEvent(
        case.number,
        case.revision,
        name,
        actor.user,
        actor.organisation,
        actor.role.value,
        case.updated_at,
        before.state.value if before else "",
        case.state.value,
        data,
        key,
    )


def _data(command: do.Command) -> dict[str, str]:
    """A command's values as its event keeps them."""
    if isinstance(command, do.Join):
        found = command.finding
        return {
            "document": found.document_id,
            "version": str(found.version),
            "finding": found.code,
            "severity": found.severity.name.lower(),
            "rule": command.routing.rule,
        }
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) for name, value in command._asdict().items()
    }


def _token(actor: Actor, items: Sequence[tuple[Case, int]]) -> str:
    """Never given twice: the revisions of cases only grow."""
    content = repr((actor.user, [(case.number, revision) for case, revision in items]))
    return hashlib.sha256(content.encode()).hexdigest()[:16] if items else ""


def _again(once: Callable[[], T]) -> T:
    """Run it, and again where another got in between."""
    for attempt in range(TRIES):
        try:
            return once()
        except Unavailable as error:
            if error.code != "retry" or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")
