"""Cases step by step: who may do what to them, when, and what the clock does meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import IMPORTER, NOON, OFFICER, OTHER_OFFICER, TRADER, filer
from keruen.cases import commands as do
from keruen.cases.case import Case, Clock, Joined, Lock, Result, Routing, State, Subject, SubjectKind
from keruen.cases.record import as_data, of_data
from keruen.cases.steps import FILE_BYTES, FILES_MAX, LOCK, UNDO, apply, opened, undo
from keruen.errors import Conflict, KeruenError
from keruen.model.actor import SYSTEM, Actor, Role
from keruen.model.calendar import Calendar
from keruen.model.finding import Severity

WEEK = Calendar(range(5), ())
KAZAKH = Calendar(range(5), ("03-08", "03-21", "03-22", "03-23"))
CHIEF = Actor("chief", "authority", Role.SUPERVISOR)
AUDITOR = Actor("auditor", "authority", Role.AUDITOR)
ROUTING = Routing("high_tier", "export_control", "export_control", 3, 10, {"document": "EA-1"})


def a_finding(code: str = "listed_goods", severity: Severity = Severity.WARNING, **params: str) -> Joined:
    return Joined("EA-1", 1, "EA-1@1", code, severity, "line/1", params, "", NOON)


def a_join(
    severity: Severity = Severity.WARNING,
    *,
    filers: tuple[str, ...] = ("clerk",),
    routing: Routing = ROUTING,
    **params: str,
) -> do.Join:
    return do.Join(a_finding(severity=severity, **params), routing, frozenset(filers), frozenset({IMPORTER}))


def a_case(*steps: tuple[do.Command, Actor], at: datetime = NOON, first: do.Join | None = None) -> Case:
    case = opened(7, Subject(SubjectKind.PARTY, IMPORTER, "Firm"), first or a_join(), at, WEEK)
    for command, actor in steps:
        case = apply(case, command, actor, at, WEEK)
    return case


TAKEN = (do.Take(), OFFICER)
PROPOSED = (do.Propose(Result.DIVERSION, "sold on"), OFFICER)
ASKED = (do.Ask(IMPORTER, "Who is the end user?"), OFFICER)


def refused(case: Case, command: do.Command, actor: Actor, code: str, at: datetime = NOON) -> None:
    with pytest.raises(KeruenError) as failure:
        apply(case, command, actor, at, WEEK)
    assert failure.value.code == code


def test_a_new_case_is_open_on_its_queue_and_says_why() -> None:
    case = a_case()
    assert (case.state, case.routing.queue, case.routing.rule) == (State.OPEN, "export_control", "high_tier")
    # NOON is a Tuesday; ten working days end two weeks later, and it is late as the next day begins.
    assert case.due_at == datetime(2025, 3, 19, tzinfo=UTC)


def test_a_holiday_of_the_country_moves_the_due_date() -> None:
    first = a_join()._replace(routing=ROUTING._replace(working_days=12))
    plain = opened(1, Subject(SubjectKind.PARTY, "X"), first, NOON, WEEK)
    kazakh = opened(1, Subject(SubjectKind.PARTY, "X"), first, NOON, KAZAKH)
    assert plain.due_at == datetime(2025, 3, 21, tzinfo=UTC)
    # Nauryz is on the 21st to 23rd; only the first of them is a weekday in 2025, and the 8th is a Saturday.
    assert kazakh.due_at == datetime(2025, 3, 21, tzinfo=UTC)
    longer = opened(
        1, Subject(SubjectKind.PARTY, "X"), a_join()._replace(routing=ROUTING._replace(working_days=13)), NOON, KAZAKH
    )
    assert longer.due_at == datetime(2025, 3, 25, tzinfo=UTC)


def test_two_officers_cannot_work_on_one_case() -> None:
    refused(a_case(TAKEN), do.Take(), OTHER_OFFICER, "case_taken")
    refused(a_case(TAKEN), do.Propose(Result.NO_FINDING, "x"), OTHER_OFFICER, "case_taken")


def test_a_case_left_too_long_may_be_taken_by_another() -> None:
    case = apply(a_case(TAKEN), do.Take(), OTHER_OFFICER, NOON + LOCK, WEEK)
    assert case.lock == Lock("officer-2", NOON + LOCK + LOCK)


def test_a_supervisor_unlocks_and_an_officer_does_not_unlock_anothers() -> None:
    refused(a_case(TAKEN), do.Unlock(), OTHER_OFFICER, "case_taken")
    assert a_case(TAKEN, (do.Unlock(), CHIEF)).state == State.OPEN
    assert a_case(TAKEN, (do.Unlock(), OFFICER)).lock is None


def test_an_assigned_case_is_taken_by_nobody_else() -> None:
    case = a_case((do.Assign("officer-2"), CHIEF))
    refused(case, do.Take(), OFFICER, "case_assigned")
    assert apply(case, do.Take(), OTHER_OFFICER, NOON, WEEK).state == State.TAKEN


def test_an_officer_assigns_to_himself_or_hands_on_what_is_his() -> None:
    assert a_case((do.Assign("officer-1"), OFFICER)).assignee == "officer-1"
    refused(a_case(), do.Assign("officer-2"), OFFICER, "case_supervisor")
    handed_on = a_case(TAKEN, (do.Assign("officer-2"), OFFICER))
    assert (handed_on.state, handed_on.assignee, handed_on.lock) == (State.OPEN, "officer-2", None)


def test_nobody_decides_on_what_he_filed() -> None:
    own = a_case(first=a_join(filers=("officer-1",)))
    for command in (
        do.Take(),
        do.Propose(Result.NO_FINDING, "fine"),
        do.Close(Result.NO_FINDING, "fine"),
        do.Assign("officer-1"),
    ):
        refused(own, command, OFFICER, "case_own_filing")
    proposed = a_case(
        (do.Take(), OTHER_OFFICER),
        (do.Propose(Result.DIVERSION, "x"), OTHER_OFFICER),
        first=a_join(filers=("officer-1",)),
    )
    refused(proposed, do.Countersign(), OFFICER, "case_own_filing")


def test_who_turns_out_to_have_filed_loses_the_case() -> None:
    case = a_case(TAKEN, (a_join(filers=("officer-1",)), SYSTEM))
    assert (case.state, case.lock) == (State.OPEN, None)
    proposed = a_case(TAKEN, PROPOSED, (a_join(filers=("officer-1",)), SYSTEM))
    assert (proposed.state, proposed.proposal, proposed.assignee) == (State.OPEN, None, "")


def test_another_officer_countersigns_and_the_case_is_closed() -> None:
    case = a_case(TAKEN, PROPOSED)
    refused(case, do.Countersign(), OFFICER, "case_own_proposal")
    done = apply(case, do.Countersign(), OTHER_OFFICER, NOON, WEEK)
    assert done.state == State.CLOSED
    assert done.closing is not None
    assert (done.closing.by, done.closing.countersigned_by) == ("officer-1", "officer-2")


@pytest.mark.parametrize(
    ("command", "actor"),
    [
        (do.Note("look at the seal"), OTHER_OFFICER),
        (do.Note("look at the seal"), OFFICER),
        (do.Attach("a.pdf", "0" * 64, 10, "application/pdf"), OTHER_OFFICER),
        (do.Assign("officer-2"), CHIEF),
        (a_join(), SYSTEM),
        ASKED,
        (do.Diary(date(2025, 4, 1), "exit is due"), OFFICER),
        PROPOSED,
    ],
)
def test_any_edit_takes_a_request_to_countersign_back(command: do.Command, actor: Actor) -> None:
    case = apply(a_case(TAKEN, PROPOSED), command, actor, NOON + timedelta(hours=1), WEEK)
    if not isinstance(command, do.Propose):
        assert case.proposal is None
        refused(case, do.Countersign(), OTHER_OFFICER, "case_nothing_proposed")
    else:
        assert case.proposal is not None
        assert case.proposal.at == NOON + timedelta(hours=1)


def test_a_declined_proposal_goes_back_to_its_author() -> None:
    case = a_case(TAKEN, PROPOSED, (do.Decline("no proof"), OTHER_OFFICER))
    assert (case.state, case.assignee, case.proposal) == (State.OPEN, "officer-1", None)


def test_a_light_case_is_closed_alone_and_a_grave_one_is_not() -> None:
    light = a_case(TAKEN, (do.Close(Result.NO_FINDING, "papers in order"), OFFICER))
    assert light.state == State.CLOSED
    refused(a_case(TAKEN), do.Close(Result.DIVERSION, "x"), OFFICER, "case_needs_second")
    refused(a_case(first=a_join(tier="2")), do.Close(Result.NO_FINDING, "x"), OFFICER, "case_needs_second")
    grave = a_case(first=a_join(Severity.INSPECT))
    refused(grave, do.Close(Result.NO_FINDING, "x"), OFFICER, "case_needs_second")


def test_the_clock_stands_still_while_the_filer_has_the_question() -> None:
    # Ten days from Tuesday the 4th; asked on Monday the 10th, four days are used.
    asked = apply(a_case(), ASKED[0], OFFICER, NOON + timedelta(days=6), WEEK)
    assert (asked.state, asked.due_at, asked.clock) == (State.WAITING_FOR_FILER, None, Clock(6, None))
    assert asked.question is not None
    assert asked.question.due_at == datetime(2025, 3, 25, tzinfo=UTC)
    answered = apply(asked, do.Answer("the university"), filer(IMPORTER), NOON + timedelta(days=27), WEEK)
    assert (answered.state, answered.assignee) == (State.OPEN, "officer-1")
    # Six working days from Monday the 31st.
    assert answered.due_at == datetime(2025, 4, 9, tzinfo=UTC)


def test_acknowledging_is_not_answering() -> None:
    case = a_case(TAKEN, ASKED, (do.Acknowledge(), filer(IMPORTER)))
    assert case.state == State.WAITING_FOR_FILER
    assert case.question is not None
    assert case.question.acknowledged_at == NOON
    assert case.due_at is None


def test_a_case_late_before_it_was_asked_about_is_late_after() -> None:
    asked = apply(a_case(), ASKED[0], OFFICER, NOON + timedelta(days=30), WEEK)
    back = apply(asked, do.Answer("here"), filer(IMPORTER), NOON + timedelta(days=40), WEEK)
    assert back.due_at is not None
    assert back.due_at <= NOON + timedelta(days=40)


def test_only_who_was_asked_answers() -> None:
    case = a_case(TAKEN, ASKED)
    for actor in (filer(TRADER), OFFICER, AUDITOR, SYSTEM):
        refused(case, do.Answer("I know"), actor, "case_not_asked")
    refused(a_case(), do.Answer("x"), filer(IMPORTER), "case_no_question")
    refused(case, do.Answer("  "), filer(IMPORTER), "case_text_missing")


def test_only_who_has_part_in_the_case_is_asked() -> None:
    refused(a_case(), do.Ask(TRADER, "?"), OFFICER, "case_ask_whom")


def test_while_the_filer_has_the_question_nobody_decides() -> None:
    refused(a_case(TAKEN, ASKED), do.Propose(Result.NO_FINDING, "x"), OFFICER, "case_waiting")
    back = a_case(TAKEN, ASKED, (do.Withdraw("found it"), OFFICER))
    assert (back.state, back.question) == (State.OPEN, None)
    refused(a_case(TAKEN, ASKED), do.Withdraw("x"), OTHER_OFFICER, "case_supervisor")


def test_a_diary_date_hides_the_case_and_stops_no_clock() -> None:
    case = a_case((do.Diary(date(2025, 3, 20), "exit is due"), OFFICER))
    assert (case.state, case.is_free(NOON)) == (State.DIARY, False)
    assert case.is_free(datetime(2025, 3, 20, 6, tzinfo=UTC))
    assert case.due_at == a_case().due_at
    refused(a_case(), do.Diary(date(2025, 3, 4), "today"), OFFICER, "case_diary_date")
    assert apply(case, a_join(), SYSTEM, NOON, WEEK).state == State.OPEN


def test_a_graver_finding_raises_the_case_and_a_lighter_one_does_not_lower_it() -> None:
    graver = ROUTING._replace(rule="listed_party", queue="screening", priority=1, working_days=3)
    case = a_case((a_join(Severity.INSPECT, routing=graver), SYSTEM))
    assert (case.routing.queue, case.gravest, case.due_at) == (
        "screening",
        Severity.INSPECT,
        datetime(2025, 3, 8, tzinfo=UTC),
    )
    assert apply(case, a_join(), SYSTEM, NOON, WEEK).routing == graver


def test_a_closed_case_changes_only_by_being_opened_again() -> None:
    closed = a_case(TAKEN, (do.Close(Result.NO_FINDING, "fine"), OFFICER))
    for command, actor in ((do.Note("x"), OFFICER), (do.Take(), OFFICER), (a_join(), SYSTEM), (do.Assign(""), CHIEF)):
        refused(closed, command, actor, "case_closed")
    again = apply(closed, do.Reopen("new papers"), OTHER_OFFICER, NOON + timedelta(days=90), WEEK)
    assert (again.state, again.closing) == (State.OPEN, None)
    assert again.due_at is not None
    assert again.due_at > NOON + timedelta(days=90)


def test_others_than_officers_do_nothing_to_a_case() -> None:
    for actor in (filer(IMPORTER), AUDITOR, SYSTEM):
        refused(a_case(), do.Note("x"), actor, "case_not_officer")
    refused(a_case(), a_join(), OFFICER, "case_not_officer")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (do.Attach("a.exe", "0" * 64, 10, "application/x-msdownload"), "case_file_type"),
        (do.Attach("a.pdf", "0" * 64, FILE_BYTES + 1, "application/pdf"), "case_file_size"),
        (do.Attach("a.pdf", "0" * 64, 0, "application/pdf"), "case_file_size"),
        (do.Attach("../a.pdf", "0" * 64, 10, "application/pdf"), "case_file_name"),
    ],
)
def test_files_that_are_not_taken(file: do.Attach, code: str) -> None:
    refused(a_case(), file, OFFICER, code)


def test_a_case_has_so_many_files_at_most() -> None:
    case = a_case(*[(do.Attach("a.pdf", "0" * 64, 10, "application/pdf"), OFFICER)] * FILES_MAX)
    refused(case, do.Attach("a.pdf", "0" * 64, 10, "application/pdf"), OFFICER, "case_files")


def test_what_was_done_in_bulk_is_taken_back_in_time_and_only_untouched() -> None:
    before = a_case()
    after = apply(before, do.Close(Result.NO_FINDING, "season"), OFFICER, NOON, WEEK)
    back = undo(after, before, after.revision, NOON, NOON + UNDO)
    assert (back.state, back.revision) == (State.OPEN, after.revision + 1)
    with pytest.raises(Conflict, match="too late"):
        undo(after, before, after.revision, NOON, NOON + UNDO + timedelta(seconds=1))
    touched = apply(after, do.Reopen("wait"), OTHER_OFFICER, NOON, WEEK)
    with pytest.raises(Conflict, match="changed since"):
        undo(touched, before, after.revision, NOON, NOON)


def test_a_clock_that_runs_backwards_is_not_believed() -> None:
    case = apply(a_case(), do.Note("x"), OFFICER, NOON - timedelta(days=5), WEEK)
    assert case.updated_at == NOON


def test_a_case_is_the_same_after_it_was_written_down() -> None:
    for case in (
        a_case(TAKEN, ASKED, (do.Acknowledge(), filer(IMPORTER))),
        a_case(TAKEN, PROPOSED),
        a_case(TAKEN, PROPOSED, (do.Countersign(), OTHER_OFFICER), first=a_join(tier="1")),
        a_case((do.Diary(date(2025, 4, 1), "x"), OFFICER), (do.Attach("a.csv", "0" * 64, 1, "text/csv"), OFFICER)),
    ):
        assert of_data(as_data(case)) == case


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 60), st.integers(0, 60))
def test_counting_working_days_in_two_parts_is_counting_them_at_once(start: date, count: int, pause: int) -> None:
    middle = start + timedelta(days=pause)
    used = KAZAKH.between(start, middle)
    if used <= count:
        end = KAZAKH.add(start, count)
        assert KAZAKH.add(middle, count - used) == (end if used < count else middle)
