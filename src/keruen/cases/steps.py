"""Which step may follow which: a case and a command to the case after it, or the reason why not.

Four rules stand above the single steps. Who filed or released a document of the case decides nothing in it. Whoever
proposes an outcome does not countersign it. Whatever is done to a case that waits for a countersignature takes the
request back, since the second person agreed to what he saw. A closed case changes in one way, by being opened again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import singledispatch

from keruen.cases import commands as do
from keruen.cases.case import (
    JOINED_KEPT,
    Attachment,
    Case,
    Clock,
    Closing,
    Lock,
    Proposal,
    Question,
    State,
    Subject,
)
from keruen.errors import Conflict, Forbidden, InvalidInput
from keruen.model.actor import SYSTEM, Actor, Role
from keruen.model.calendar import Calendar

LOCK = timedelta(hours=4)
"""How long a case stays taken after the last thing its holder did; half a working day."""
ANSWER_DAYS = 10
"""Working days a filer has to answer; after them the question is shown as late, and still waits."""
UNDO = timedelta(minutes=10)
"""How long what was done in bulk can be taken back."""
TEXT_MAX = 4000
FILE_BYTES = 20 * 1024 * 1024
FILES_MAX = 50
NAME_MAX = 200
DIARY_DAYS = 366
MEDIA_TYPES = frozenset(
    {
        "application/pdf",
        "application/json",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image/jpeg",
        "image/png",
        "text/csv",
        "text/plain",
    }
)


def opened(number: int, subject: Subject, first: do.Join, at: datetime, calendar: Calendar) -> Case:
    """A new case with its first finding."""
    clock = Clock(first.routing.working_days, at)
    empty = Case(number, subject, first.routing, State.OPEN, at, at, clock, clock.due_at(calendar))
    return apply(empty, first, SYSTEM, at, calendar)


def apply(case: Case, command: do.Command, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    """The case after a command.

    Args:
        case: As it stands.
        command: What is to be done.
        actor: By whom.
        at: Now; never taken as before the last thing done.
        calendar: Working days of the case's country.

    Raises:
        Forbidden: Not by this actor.
        Conflict: Not now.
        InvalidInput: The command cannot be right, whatever the case.
    """
    at = max(at, case.updated_at)
    _may_begin(case, command, actor)
    if case.state == State.COUNTERSIGN and not isinstance(command, do.Countersign | do.Decline | do.Take):
        case = _void(case, actor, at)
    after = _step(command, case, actor, at, calendar)
    assert (after.clock.since is None) == (after.state in {State.WAITING_FOR_FILER, State.CLOSED})
    return after._replace(due_at=after.clock.due_at(calendar), updated_at=at, revision=case.revision + 1)


def undo(now: Case, before: Case, revision: int, done_at: datetime, at: datetime) -> Case:
    """A case as it stood before something done in bulk.

    Args:
        now: As it stands.
        before: As it stood.
        revision: What the bulk left it with.
        done_at: When that was.
        at: Now.

    Raises:
        Conflict: The time is over, or somebody did something to the case since.
    """
    if at - done_at > UNDO:
        raise Conflict("too late to take it back", code="case_undo_late", minutes=int(UNDO.total_seconds() // 60))
    if now.revision != revision:
        raise Conflict(f"{now.id} was changed since", code="case_changed", case=now.id)
    return before._replace(revision=now.revision + 1, updated_at=max(at, now.updated_at))


def may_decide(case: Case, actor: Actor) -> bool:
    """Whether an actor may decide a case at all: for the authority, and with no hand in its documents."""
    return actor.is_authority and actor.user not in case.filers


# -- rules above the steps -------------------------------------------------------------------


def _may_begin(case: Case, command: do.Command, actor: Actor) -> None:
    if case.state == State.CLOSED and not isinstance(command, do.Reopen):
        raise Conflict(f"{case.id} is closed; open it again first", code="case_closed", case=case.id)
    if isinstance(command, do.Join):
        if actor.role != Role.SYSTEM:
            raise Forbidden("findings join by themselves", code="case_not_officer", case=case.id)
    elif isinstance(command, do.BY_FILER):
        question = case.question
        if actor.is_authority or not actor.organisation or (question is None and actor.sees_all):
            raise Forbidden(f"{case.id}: a question is answered by who was asked", code="case_not_asked", case=case.id)
        if question is None:
            raise Conflict(f"{case.id}: no question waits for an answer", code="case_no_question", case=case.id)
        if question.to != actor.organisation:
            raise Forbidden(f"{case.id}: a question is answered by who was asked", code="case_not_asked", case=case.id)
    elif not actor.is_authority:
        raise Forbidden(f"{case.id} is for officers", code="case_not_officer", case=case.id)


def _void(case: Case, actor: Actor, at: datetime) -> Case:
    """Take a request to countersign back: to who proposed, and into his hands if it is he who edits."""
    assert case.proposal is not None
    author = case.proposal.by
    if actor.user == author:
        return case._replace(state=State.TAKEN, proposal=None, lock=Lock(author, at + LOCK))
    return case._replace(state=State.OPEN, proposal=None, lock=None, assignee=author)


def _not_own(case: Case, user: str) -> None:
    if user in case.filers:
        raise Forbidden(
            f"{user} filed or released a document of {case.id} and decides nothing in it",
            code="case_own_filing",
            case=case.id,
            user=user,
        )


def _held(case: Case, actor: Actor, at: datetime) -> Case:
    """The case in the actor's hands: his already, or free to be taken on the way."""
    _not_own(case, actor.user)
    if case.state == State.WAITING_FOR_FILER:
        raise Conflict(f"{case.id} waits for an answer of its filer", code="case_waiting", case=case.id)
    if case.state == State.COUNTERSIGN:
        raise Conflict(f"{case.id} waits to be countersigned", code="case_countersign", case=case.id)
    own = case.state == State.TAKEN and case.lock is not None and case.lock.holder == actor.user
    if case.state == State.TAKEN and not own and not case.is_free(at):
        assert case.lock is not None
        raise Conflict(f"{case.lock.holder} works on {case.id}", code="case_taken", case=case.id, user=case.lock.holder)
    if case.assignee not in {"", actor.user} and not own and actor.role != Role.SUPERVISOR:
        raise Conflict(f"{case.id} is {case.assignee}'s", code="case_assigned", case=case.id, user=case.assignee)
    return case._replace(state=State.TAKEN, lock=Lock(actor.user, at + LOCK), diary_on=None)


def _text(case: Case, given: str) -> str:
    found = given.strip()
    if not found:
        raise InvalidInput(f"{case.id}: say it, the text is empty", code="case_text_missing", case=case.id)
    if len(found) > TEXT_MAX:
        raise InvalidInput(
            f"{case.id}: the text has more than {TEXT_MAX} characters",
            code="case_text_long",
            case=case.id,
            max=TEXT_MAX,
        )
    return found


# -- steps -----------------------------------------------------------------------------------


@singledispatch
def _step(command: do.Command, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del case, actor, at, calendar
    raise AssertionError(command)


@_step.register
def _join(command: do.Join, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    """A graver finding moves the case to its queue and shortens its time; nothing ever lightens it."""
    del actor
    found, routing, clock = command.finding, case.routing, case.clock
    if case.joined_count and command.routing.priority < routing.priority:
        routing = command.routing
        clock = clock.at_most(routing.working_days, at, calendar)
    tier = found.params.get("tier", "")
    case = case._replace(
        routing=routing,
        clock=clock,
        joined=(*case.joined, found)[-JOINED_KEPT:],
        joined_count=case.joined_count + 1,
        gravest=max(case.gravest, found.severity),
        tiers=case.tiers | {tier} if tier else case.tiers,
        filers=case.filers | command.filers,
        organisations=case.organisations | command.organisations,
    )
    if case.assignee in case.filers:
        case = case._replace(assignee="")
    out_of_hands = case.lock is not None and case.lock.holder in case.filers
    if case.state == State.DIARY or (case.state == State.TAKEN and out_of_hands):
        case = case._replace(state=State.OPEN, lock=None, diary_on=None)
    return case


@_step.register
def _take(command: do.Take, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del command, calendar
    return _held(case, actor, at)


@_step.register
def _unlock(command: do.Unlock, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del command, at, calendar
    if case.state != State.TAKEN or case.lock is None:
        raise Conflict(f"{case.id} is not taken", code="case_not_taken", case=case.id)
    if case.lock.holder != actor.user and actor.role != Role.SUPERVISOR:
        raise Forbidden(
            f"only {case.lock.holder} or a supervisor gives {case.id} back",
            code="case_taken",
            case=case.id,
            user=case.lock.holder,
        )
    return case._replace(state=State.OPEN, lock=None)


@_step.register
def _assign(command: do.Assign, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    """A supervisor assigns to anybody; an officer hands on what is his, or takes what is nobody's."""
    del calendar
    if command.user:
        _not_own(case, command.user)
    own = case.held_by(actor.user, at) or case.assignee == actor.user
    if actor.role != Role.SUPERVISOR and not own and not (command.user == actor.user and not case.assignee):
        raise Forbidden(f"a supervisor assigns {case.id}", code="case_supervisor", case=case.id)
    case = case._replace(assignee=command.user)
    if case.state == State.TAKEN and case.lock is not None and case.lock.holder != command.user:
        case = case._replace(state=State.OPEN, lock=None)
    return case


@_step.register
def _note(command: do.Note, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del calendar
    _text(case, command.text)
    return _touched(case, actor, at)


@_step.register
def _attach(command: do.Attach, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del calendar
    name = command.name.strip()
    if not name or len(name) > NAME_MAX or any(each in "/\\" or not each.isprintable() for each in name):
        raise InvalidInput("a file needs a plain name", code="case_file_name", max=NAME_MAX)
    if command.media_type not in MEDIA_TYPES:
        raise InvalidInput(
            f"{name}: files of the type {command.media_type or 'unknown'} are not taken; "
            f"taken are {', '.join(sorted(MEDIA_TYPES))}",
            code="case_file_type",
            found=command.media_type,
            expected=", ".join(sorted(MEDIA_TYPES)),
        )
    if not 0 < command.size <= FILE_BYTES:
        raise InvalidInput(
            f"{name}: from 1 to {FILE_BYTES} bytes are taken, got {command.size}",
            code="case_file_size",
            max=FILE_BYTES,
            size=command.size,
        )
    if len(case.attachments) >= FILES_MAX:
        raise Conflict(f"{case.id} has {FILES_MAX} files already", code="case_files", case=case.id, max=FILES_MAX)
    file = Attachment(name, command.sha256, command.size, command.media_type, actor.user, at)
    return _touched(case, actor, at)._replace(attachments=(*case.attachments, file))


def _touched(case: Case, actor: Actor, at: datetime) -> Case:
    """Whoever works on it keeps it longer; anybody else's remark changes nothing of that."""
    return case._replace(lock=Lock(actor.user, at + LOCK)) if case.held_by(actor.user, at) else case


@_step.register
def _ask(command: do.Ask, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    text = _text(case, command.text)
    case = _held(case, actor, at)
    if command.to not in case.organisations:
        raise InvalidInput(
            f"{command.to or 'nobody'} has no part in {case.id}; ask {', '.join(sorted(case.organisations))}",
            code="case_ask_whom",
            case=case.id,
            found=command.to,
            expected=", ".join(sorted(case.organisations)),
        )
    due = Clock(ANSWER_DAYS, at).due_at(calendar)
    assert due is not None
    question = Question(len(case.questions) + 1, command.to, text, actor.user, at, due)
    return case._replace(
        state=State.WAITING_FOR_FILER,
        lock=None,
        assignee=case.assignee or actor.user,
        questions=(*case.questions, question),
        clock=case.clock.pause(at, calendar),
    )


def _settled(case: Case, question: Question, at: datetime) -> Case:
    """The question is out of the way: the clock goes on."""
    return case._replace(
        state=State.OPEN, questions=(*case.questions[:-1], question), clock=case.clock.resume(at), lock=None
    )


@_step.register
def _acknowledge(command: do.Acknowledge, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del command, actor, calendar
    question = case.question
    assert question is not None
    if question.acknowledged_at is not None:
        return case
    return case._replace(questions=(*case.questions[:-1], question._replace(acknowledged_at=at)))


@_step.register
def _answer(command: do.Answer, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del calendar
    question = case.question
    assert question is not None
    text = _text(case, command.text)
    return _settled(case, question._replace(answered_at=at, answered_by=actor.user, answer=text), at)


@_step.register
def _withdraw(command: do.Withdraw, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del calendar
    _text(case, command.reason)
    question = case.question
    if question is None:
        raise Conflict(f"{case.id}: no question waits for an answer", code="case_no_question", case=case.id)
    if actor.user not in {question.asked_by, case.assignee} and actor.role != Role.SUPERVISOR:
        raise Forbidden(f"a supervisor assigns {case.id}", code="case_supervisor", case=case.id)
    return _settled(case, question._replace(withdrawn_at=at), at)


@_step.register
def _diary(command: do.Diary, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del calendar
    _text(case, command.reason)
    case = _held(case, actor, at)
    if not timedelta() < command.on - at.date() <= timedelta(days=DIARY_DAYS):
        raise InvalidInput(
            f"a diary date lies from tomorrow to {DIARY_DAYS} days ahead, got {command.on}",
            code="case_diary_date",
            found=command.on,
            max=DIARY_DAYS,
        )
    return case._replace(state=State.DIARY, lock=None, diary_on=command.on, assignee=case.assignee or actor.user)


@_step.register
def _propose(command: do.Propose, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del calendar
    reason = _text(case, command.reason)
    case = _held(case, actor, at)
    return case._replace(state=State.COUNTERSIGN, lock=None, proposal=Proposal(command.result, reason, actor.user, at))


def _proposed(case: Case, actor: Actor) -> Proposal:
    if case.state != State.COUNTERSIGN or case.proposal is None:
        raise Conflict(f"{case.id} has nothing to countersign", code="case_nothing_proposed", case=case.id)
    _not_own(case, actor.user)
    if case.proposal.by == actor.user:
        raise Forbidden(
            f"{actor.user} proposed it; another officer countersigns {case.id}",
            code="case_own_proposal",
            case=case.id,
            user=actor.user,
        )
    return case.proposal


@_step.register
def _countersign(command: do.Countersign, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del command
    found = _proposed(case, actor)
    return _closed(case, Closing(found.result, found.reason, found.by, actor.user, at), calendar)


@_step.register
def _decline(command: do.Decline, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    del at, calendar
    found = _proposed(case, actor)
    _text(case, command.reason)
    return case._replace(state=State.OPEN, proposal=None, assignee=found.by)


@_step.register
def _close(command: do.Close, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    reason = _text(case, command.reason)
    case = _held(case, actor, at)
    if case.needs_second(command.result):
        raise Forbidden(
            f"{case.id} is too grave to be closed alone: propose the outcome, another officer countersigns",
            code="case_needs_second",
            case=case.id,
        )
    return _closed(case, Closing(command.result, reason, actor.user, "", at), calendar)


def _closed(case: Case, closing: Closing, calendar: Calendar) -> Case:
    return case._replace(
        state=State.CLOSED,
        lock=None,
        proposal=None,
        diary_on=None,
        closing=closing,
        clock=case.clock.pause(closing.at, calendar),
    )


@_step.register
def _reopen(command: do.Reopen, case: Case, actor: Actor, at: datetime, calendar: Calendar) -> Case:
    """The time begins anew; how it was closed before stands in its timeline."""
    del calendar
    _text(case, command.reason)
    _not_own(case, actor.user)
    if case.state != State.CLOSED:
        raise Conflict(f"{case.id} is not closed", code="case_not_closed", case=case.id)
    return case._replace(state=State.OPEN, closing=None, assignee="", clock=Clock(case.routing.working_days, at))
