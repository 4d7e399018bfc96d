"""What no sequence of commands can bring about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from builders import IMPORTER, NOON, TRADER, filer
from keruen.cases import commands as do
from keruen.cases.case import Case, Joined, Result, Routing, State, Subject, SubjectKind
from keruen.cases.record import as_data, of_data
from keruen.cases.steps import apply, opened
from keruen.errors import KeruenError
from keruen.model.actor import SYSTEM, Actor, Role
from keruen.model.calendar import Calendar
from keruen.model.finding import Severity

CALENDAR = Calendar(range(5), ("03-21",))
PEOPLE = (
    Actor("ann", "authority", Role.OFFICER),
    Actor("ben", "authority", Role.OFFICER),
    Actor("eva", "authority", Role.SUPERVISOR),
    Actor("audit", "authority", Role.AUDITOR),
    filer(IMPORTER),
    filer(TRADER),
)
SIMPLE: tuple[Callable[[], do.Command], ...] = (
    do.Take,
    do.Unlock,
    do.Countersign,
    do.Acknowledge,
    lambda: do.Note("n"),
    lambda: do.Attach("a.pdf", "0" * 64, 1, "application/pdf"),
    lambda: do.Ask(IMPORTER, "?"),
    lambda: do.Answer("!"),
    lambda: do.Withdraw("w"),
    lambda: do.Decline("d"),
    lambda: do.Reopen("r"),
)


def a_join(user: str, severity: Severity, tier: str) -> do.Join:
    found = Joined("EA-1", 1, "EA-1@1", "listed_goods", severity, "", {"tier": tier} if tier else {}, "", NOON)
    routing = Routing("grave", "desk", "desk", 3 - severity // 2, 20 - 5 * severity, {})
    return do.Join(found, routing, frozenset({user}), frozenset({IMPORTER}))


class Desk(RuleBasedStateMachine):
    """People do to one case whatever comes to their mind, and the clock goes on."""

    def __init__(self) -> None:
        super().__init__()
        first = a_join("clerk", Severity.WARNING, "")
        self.case = opened(1, Subject(SubjectKind.PARTY, IMPORTER), first, NOON, CALENDAR)
        self.at = NOON
        self.waited = False

    def act(self, command: do.Command, actor: Actor) -> None:
        before = self.case
        try:
            after = apply(before, command, actor, self.at, CALENDAR)
        except KeruenError:
            return
        self.case = after
        self.after(before, after, command, actor)

    def after(self, before: Case, after: Case, command: do.Command, actor: Actor) -> None:
        """What holds of every step that was let through."""
        assert after.revision == before.revision + 1
        if before.state == State.CLOSED:
            assert isinstance(command, do.Reopen)
        if after.state == State.CLOSED:
            assert after.closing is not None
            assert actor.user not in before.filers
            assert after.closing.by not in before.filers
            assert after.closing.by != after.closing.countersigned_by
            assert after.closing.countersigned_by or not before.needs_second(after.closing.result)
        if isinstance(command, do.Countersign):
            assert before.proposal is not None
            assert before.proposal.by != actor.user
        elif before.state == State.COUNTERSIGN and after.state == State.COUNTERSIGN:
            assert isinstance(command, do.Propose)
        if actor.role in {Role.FILER, Role.AUDITOR}:
            assert isinstance(command, do.Answer | do.Acknowledge)
            assert actor.organisation == IMPORTER
        if before.question is not None and after.question is None:
            assert isinstance(command, do.Answer | do.Withdraw)
        if after.lock is not None and (before.lock is None or before.lock.holder != after.lock.holder):
            assert before.lock is None or before.lock.until <= self.at

    @rule(step=st.sampled_from(SIMPLE), actor=st.sampled_from(PEOPLE))
    def simple(self, step: Any, actor: Actor) -> None:
        self.act(step(), actor)

    @rule(result=st.sampled_from(Result), actor=st.sampled_from(PEOPLE), alone=st.booleans())
    def decide(self, result: Result, actor: Actor, alone: bool) -> None:
        self.act(do.Close(result, "r") if alone else do.Propose(result, "r"), actor)

    @rule(to=st.sampled_from(("", "ann", "ben", "eva")), actor=st.sampled_from(PEOPLE))
    def assign(self, to: str, actor: Actor) -> None:
        self.act(do.Assign(to), actor)

    @rule(days=st.integers(-1, 30), actor=st.sampled_from(PEOPLE))
    def diary(self, days: int, actor: Actor) -> None:
        self.act(do.Diary(self.at.date() + timedelta(days=days), "d"), actor)

    @rule(
        user=st.sampled_from(("clerk", "clerk", "ann", "eva")),
        severity=st.sampled_from((Severity.WARNING, Severity.INSPECT)),
        tier=st.sampled_from(("", "", "1")),
    )
    def join(self, user: str, severity: Severity, tier: str) -> None:
        self.act(a_join(user, severity, tier), SYSTEM)

    @rule(hours=st.integers(-2, 100))
    def pass_time(self, hours: int) -> None:
        """Also backwards, as clocks do."""
        left = self.case.clock
        self.at += timedelta(hours=hours)
        if self.case.state == State.WAITING_FOR_FILER:
            assert self.case.clock == left

    @invariant()
    def the_clock_never_runs_while_waiting_for_the_filer(self) -> None:
        still = self.case.state in {State.WAITING_FOR_FILER, State.CLOSED}
        assert (self.case.due_at is None) == still
        assert (self.case.question is not None) == (self.case.state == State.WAITING_FOR_FILER)

    @invariant()
    def it_stands_together(self) -> None:
        case = self.case
        assert (case.proposal is not None) == (case.state == State.COUNTERSIGN)
        assert (case.closing is not None) == (case.state == State.CLOSED)
        assert (case.lock is not None) == (case.state == State.TAKEN)
        assert case.lock is None or case.lock.holder not in case.filers
        assert case.proposal is None or case.proposal.by not in case.filers
        assert of_data(as_data(case)) == case


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
