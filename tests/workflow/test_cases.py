"""Cases over each store: opened by decisions, worked on, answered, closed, counted."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from builders import (
    BUYER,
    GATEWAY,
    IMPORTER,
    OFFICER,
    OTHER_OFFICER,
    TRADER,
    TestClock,
    a_document,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    filed,
    filer,
    goods,
    one,
    party,
)
from keruen.cases import commands as do
from keruen.cases.case import Case, Result, State
from keruen.errors import Forbidden, KeruenError, NotFound
from keruen.model.actor import Actor, Role
from keruen.model.finding import Severity
from keruen.workflow.cases import (
    BULK_MAX,
    CaseOffice,
    act,
    asked_of,
    bulk,
    follow,
    labels,
    outcomes,
    read,
    take_back,
    take_next,
)
from keruen.workflow.ports import CaseQuery
from keruen.workflow.submit import Office

CHIEF = Actor("chief", "authority", Role.SUPERVISOR)
AUDITOR = Actor("auditor", "authority", Role.AUDITOR)


@pytest.fixture
def held(office: Office, cases: CaseOffice) -> CaseOffice:
    """One firm's application to export listed goods is held; its case is open."""
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ"), an_application()):
        assert one(office, filed(document, GATEWAY)).problem is None
    assert follow(cases).opened == 1
    return cases


def many(office: Office, cases: CaseOffice, count: int) -> CaseOffice:
    """A full queue: that many firms, each with a held application."""
    for index in range(count):
        firm = f"0401400{index:05}"
        one(office, filed(an_entry(f"ED-{index}", importer=firm), GATEWAY))
        one(office, filed(an_invoice(f"INV-{index}", sender=firm, receiver=BUYER, country="UZ"), GATEWAY))
        line = an_application_line(lot=f"ED-{index}/1", invoice=f"INV-{index}", declaration=f"ED-{index}")
        one(office, filed(an_application(f"EA-{index}", line, exporter=firm), GATEWAY))
    assert follow(cases).opened == count
    return cases


def refused(question: Callable[[], Any], code: str) -> None:
    with pytest.raises(KeruenError) as failure:
        question()
    assert failure.value.code == code


def the_case(cases: CaseOffice, number: int = 1) -> Case:
    found = cases.cases.case(number)
    assert found is not None
    return found


def test_a_held_application_opens_a_case_that_says_why(held: CaseOffice) -> None:
    case = the_case(held)
    assert (case.subject.key, case.routing.rule, case.routing.queue) == (IMPORTER, "high_tier", "export_control")
    assert case.routing.params["document"] == "EA-1"
    assert [each.code for each in case.joined] == ["listed_goods"]
    assert case.filers == {"gateway"}
    assert case.organisations == {IMPORTER, BUYER, "gateway"}
    assert [each.name for each in held.cases.events(1)] == ["open"]


def test_another_finding_on_the_same_firm_joins(office: Office, held: CaseOffice) -> None:
    one(office, filed(an_application("EA-2"), GATEWAY))
    found = follow(held)
    assert (found.opened, found.joined) == (0, 1)
    assert [each.document_id for each in the_case(held).joined] == ["EA-1", "EA-2"]


def test_following_twice_does_nothing_twice(held: CaseOffice) -> None:
    assert follow(held) == (0, 0, 0)
    assert the_case(held).revision == 1


def test_a_follower_that_is_stopped_leaves_the_decision_for_the_next(office: Office, cases: CaseOffice) -> None:
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ"), an_application()):
        one(office, filed(document, GATEWAY))

    def stopped() -> None:
        with cases.cases.transaction() as transaction:
            assert len(transaction.undecided(10)) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped()
    assert follow(cases).opened == 1


def test_below_the_level_nothing_opens(office: Office, cases: CaseOffice) -> None:
    strict = CaseOffice(cases.cases, cases.books, cases.profile, cases.clock, cases.table, Severity.REFUSE)
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ"), an_application()):
        one(office, filed(document, GATEWAY))
    assert follow(strict) == (1, 0, 0)


def test_an_officers_own_decision_opens_nothing(office: Office, held: CaseOffice) -> None:
    from builders import act as action

    assert one(office, action("EA-1", "approve", OFFICER)).problem is None
    assert follow(held) == (0, 0, 0)


def test_who_released_a_document_decides_nothing_in_its_case(office: Office, cases: CaseOffice) -> None:
    from builders import act as action

    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ"), an_application()):
        one(office, filed(document, GATEWAY))
    assert one(office, action("EA-1", "approve", OFFICER)).problem is None
    follow(cases)
    assert the_case(cases).filers == {"gateway", "officer-1"}
    refused(lambda: act(cases, OFFICER, 1, do.Take()), "case_own_filing")
    refused(lambda: take_next(cases, OFFICER), "case_none_free")


def test_a_notice_that_names_nobody_is_about_the_document_it_cites(
    office: Office, cases: CaseOffice, clock: TestClock
) -> None:
    del clock
    notice = a_document(
        "partner_export_notice",
        "PN-1",
        [goods("5")],
        partner_country="CN",
        exported_on=date(2025, 3, 4),
        **party("sender", "CN-1", "CN"),
        **party("receiver", TRADER),
    )
    one(office, filed(notice, OFFICER))
    arrival = a_document("arrival_notice", "AN-1", [], notice_of="PN-1", place="KZ-1", arrived_on=date(2025, 3, 4))
    again = arrival._replace(id="AN-2")
    one(office, filed(arrival, OFFICER))
    one(office, filed(again, OFFICER))
    found = follow(cases)
    assert found.opened == 1, found
    case = the_case(cases)
    assert case.subject.key in {TRADER, "CN>KZ:854231"}
    # The officer who filed it cannot decide on it.
    refused(lambda: take_next(cases, OFFICER), "case_none_free")
    assert take_next(cases, OTHER_OFFICER).number == case.number


def test_take_next_gives_each_officer_another_case_until_none_is_left(office: Office, cases: CaseOffice) -> None:
    many(office, cases, 3)
    got = [take_next(cases, actor).number for actor in (OFFICER, OTHER_OFFICER, OFFICER)]
    assert sorted(got) == [1, 2, 3]
    refused(lambda: take_next(cases, OTHER_OFFICER), "case_none_free")
    refused(lambda: take_next(cases, OFFICER, queue="border"), "case_none_free")
    with pytest.raises(Forbidden):
        take_next(cases, AUDITOR)


def test_ones_own_come_first_and_anothers_never(office: Office, cases: CaseOffice) -> None:
    many(office, cases, 3)
    act(cases, CHIEF, 3, do.Assign("officer-1"))
    act(cases, CHIEF, 1, do.Assign("officer-2"))
    assert take_next(cases, OFFICER).number == 3
    assert take_next(cases, OFFICER).number == 2
    refused(lambda: take_next(cases, OFFICER), "case_none_free")


def test_a_case_put_off_comes_back_on_its_day_and_a_lock_left_behind_runs_out(
    held: CaseOffice, clock: TestClock
) -> None:
    act(held, OFFICER, 1, do.Diary(date(2025, 3, 6), "exit is due"))
    refused(lambda: take_next(held, OFFICER), "case_none_free")
    clock.advance(days=2)
    assert take_next(held, OFFICER).number == 1
    act(held, CHIEF, 1, do.Assign(""))
    take_next(held, OTHER_OFFICER)
    clock.advance(hours=5)
    act(held, CHIEF, 1, do.Assign(""))
    assert take_next(held, CHIEF).lock is not None


def test_the_queue_is_ordered_by_gravity_then_urgency_and_counts_what_it_shows(
    office: Office, cases: CaseOffice, clock: TestClock
) -> None:
    many(office, cases, 5)
    page = cases.cases.page(CaseQuery(limit=2, offset=1))
    assert ([each.number for each in page.rows], page.total) == ([2, 3], 5)
    act(cases, OFFICER, 4, do.Take())
    assert [each.number for each in cases.cases.page(CaseQuery(user="officer-1")).rows] == [4]
    assert cases.cases.page(CaseQuery(queue="border")).total == 0
    assert cases.cases.page(CaseQuery(state="taken")).total == 1
    assert cases.cases.page(CaseQuery(subject="040140000002")).total == 1
    assert cases.cases.page(CaseQuery(late_at=clock.now)).total == 0
    clock.advance(days=30)
    assert cases.cases.page(CaseQuery(late_at=clock.now)).total == 5
    assert cases.cases.counts(clock.now) == [
        ("export_control", "open", 4, 4),
        ("export_control", "taken", 1, 1),
    ]


def test_a_case_from_question_to_outcome(held: CaseOffice, clock: TestClock) -> None:
    act(held, OFFICER, 1, do.Take())
    asked = act(held, OFFICER, 1, do.Ask(IMPORTER, "Who is the end user?"))
    assert asked.due_at is None
    clock.advance(days=20)
    seen = asked_of(held, filer(IMPORTER))
    assert [(each.number, each.question.text, each.documents) for each in seen] == [
        (1, "Who is the end user?", ("EA-1",))
    ]
    act(held, filer(IMPORTER), 1, do.Acknowledge())
    assert the_case(held).state == State.WAITING_FOR_FILER
    act(held, filer(IMPORTER), 1, do.Answer("a university"))
    assert asked_of(held, filer(IMPORTER)) == []
    act(held, OFFICER, 1, do.Propose(Result.NO_FINDING, "statement seen"))
    act(held, OTHER_OFFICER, 1, do.Countersign())
    assert the_case(held).state == State.CLOSED
    assert [each.name for each in held.cases.events(1)] == [
        "open",
        "take",
        "ask",
        "acknowledge",
        "answer",
        "propose",
        "countersign",
    ]


def test_a_filer_sees_the_question_to_him_and_nothing_else(held: CaseOffice) -> None:
    refused(lambda: read(held, filer(IMPORTER), 1), "case_unknown")
    refused(lambda: act(held, filer(IMPORTER), 1, do.Note("x")), "case_unknown")
    act(held, OFFICER, 1, do.Ask(IMPORTER, "?"))
    refused(lambda: act(held, filer(TRADER), 1, do.Answer("!")), "case_unknown")
    assert asked_of(held, filer(TRADER)) == []
    assert asked_of(held, Actor("nobody", "", Role.FILER)) == []
    refused(lambda: act(held, filer(IMPORTER), 1, do.Note("x")), "case_not_officer")
    refused(lambda: act(held, AUDITOR, 1, do.Note("x")), "case_not_officer")
    assert read(held, AUDITOR, 1).id == "C-1"
    refused(lambda: read(held, OFFICER, 99), "case_unknown")


def test_a_new_finding_takes_a_request_to_countersign_back(office: Office, held: CaseOffice) -> None:
    act(held, OFFICER, 1, do.Propose(Result.NO_FINDING, "fine"))
    one(office, filed(an_application("EA-2"), GATEWAY))
    follow(held)
    refused(lambda: act(held, OTHER_OFFICER, 1, do.Countersign()), "case_nothing_proposed")
    last = held.cases.events(1)[-1]
    assert (last.name, last.voided) == ("join", True)


def test_the_same_command_sent_twice_is_done_once(held: CaseOffice) -> None:
    for _ in range(2):
        act(held, OFFICER, 1, do.Note("seen"), key="n-1")
    assert [each.name for each in held.cases.events(1)] == ["open", "note"]
    refused(lambda: act(held, OFFICER, 1, do.Note("other"), key="n-1"), "case_key_used")


def test_a_command_on_what_has_changed_is_refused(held: CaseOffice) -> None:
    act(held, OFFICER, 1, do.Note("one"), revision=1)
    refused(lambda: act(held, OFFICER, 1, do.Note("two"), revision=1), "case_changed")


def test_a_finding_after_closing_opens_another_case_and_the_old_one_stays_closed(
    office: Office, held: CaseOffice
) -> None:
    close(held, 1, Result.DIVERSION)
    one(office, filed(an_application("EA-2"), GATEWAY))
    assert follow(held).opened == 1
    assert the_case(held, 1).state == State.CLOSED
    refused(lambda: act(held, OFFICER, 1, do.Reopen("new papers")), "case_subject_open")
    close(held, 2, Result.NO_FINDING)
    assert act(held, OFFICER, 1, do.Reopen("new papers")).state == State.OPEN


def close(cases: CaseOffice, number: int, result: Result) -> None:
    act(cases, OFFICER, number, do.Propose(result, "because"))
    act(cases, OTHER_OFFICER, number, do.Countersign())


def test_what_was_done_in_bulk_is_taken_back_where_nobody_touched_it(
    office: Office, cases: CaseOffice, clock: TestClock
) -> None:
    many(office, cases, 4)
    act(cases, OTHER_OFFICER, 2, do.Take())
    done = bulk(cases, OFFICER, [1, 2, 3, 4, 9], do.Diary(date(2025, 4, 1), "after the season"))
    assert done.done == (1, 3, 4)
    assert [(each.number, each.error.code) for each in done.refused] == [(2, "case_taken"), (9, "case_unknown")]
    act(cases, OFFICER, 3, do.Note("look earlier"))
    refused(lambda: take_back(cases, OTHER_OFFICER, done.token), "case_no_bulk")
    back = take_back(cases, OFFICER, done.token)
    assert (back.done, [each.number for each in back.refused]) == ((1, 4), [3])
    assert [the_case(cases, each).state for each in (1, 3, 4)] == [State.OPEN, State.DIARY, State.OPEN]
    assert the_case(cases, 1).assignee == ""
    refused(lambda: take_back(cases, OFFICER, done.token), "case_no_bulk")
    clock.advance(minutes=1)


def test_after_ten_minutes_nothing_is_taken_back(office: Office, cases: CaseOffice, clock: TestClock) -> None:
    many(office, cases, 1)
    done = bulk(cases, OFFICER, [1], do.Assign("officer-1"))
    clock.advance(minutes=11)
    for _ in range(2):
        refused(lambda: take_back(cases, OFFICER, done.token), "case_undo_late")
    assert the_case(cases).assignee == "officer-1"


def test_bulk_refuses_what_needs_a_look_at_each(held: CaseOffice) -> None:
    refused(lambda: bulk(held, OFFICER, [1], do.Propose(Result.DIVERSION, "x")), "case_command")
    refused(lambda: bulk(held, OFFICER, [], do.Note("x")), "case_bulk")
    refused(lambda: bulk(held, OFFICER, range(BULK_MAX + 1), do.Note("x")), "case_bulk")
    refused(lambda: bulk(held, filer(IMPORTER), [1], do.Note("x")), "case_not_officer")
    # A case of the highest tier is not closed in bulk either.
    assert [each.error.code for each in bulk(held, OFFICER, [1], do.Close(Result.NO_FINDING, "x")).refused] == [
        "case_needs_second"
    ]


def test_outcomes_come_back_to_the_codes_that_opened_the_cases(office: Office, cases: CaseOffice) -> None:
    many(office, cases, 3)
    close(cases, 1, Result.DIVERSION)
    close(cases, 2, Result.NO_FINDING)
    found = outcomes(cases, AUDITOR)
    assert [(each.code, each.cases, each.offences, each.precision) for each in found] == [("listed_goods", 2, 1, 0.5)]
    assert [(each.case, each.document_id, each.is_offence) for each in labels(cases, AUDITOR)] == [
        ("C-1", "EA-0", True),
        ("C-2", "EA-1", False),
    ]
    with pytest.raises(Forbidden):
        outcomes(cases, filer(IMPORTER))


def test_a_long_history_is_labelled_whole(office: Office, cases: CaseOffice, monkeypatch: Any) -> None:
    import keruen.store.cases as store

    monkeypatch.setattr(store, "LABELS_AT_A_TIME", 2)
    many(office, cases, 5)
    for number in range(1, 6):
        close(cases, number, Result.NO_FINDING)
    assert [each.case for each in labels(cases, OFFICER)] == [f"C-{each}" for each in range(1, 6)]


# -- PostgreSQL alone ------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("office", ["postgres"], indirect=True)
def test_officers_who_take_at_once_never_get_the_same_case(office: Office, cases: CaseOffice) -> None:
    many(office, cases, 12)
    officers = [Actor(f"o-{each}", "authority", Role.OFFICER) for each in range(6)]
    got: list[int] = []
    barrier = threading.Barrier(len(officers))

    def work(officer: Actor) -> None:
        from django.db import connections

        try:
            barrier.wait()
            for _ in range(3):
                with contextlib.suppress(NotFound):
                    got.append(take_next(cases, officer).number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(each,)) for each in officers]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(got) == list(range(1, 13))


@pytest.mark.postgres
@pytest.mark.parametrize("office", ["postgres"], indirect=True)
def test_followers_at_once_open_one_case_a_subject(office: Office, cases: CaseOffice, monkeypatch: Any) -> None:
    from keruen.workflow import cases as workflow

    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ")):
        one(office, filed(document, GATEWAY))
    for number in range(1, 13):
        one(office, filed(an_application(f"EA-{number}"), GATEWAY))
    monkeypatch.setattr(workflow, "BATCH", 2)
    found: list[Any] = []
    barrier = threading.Barrier(3)

    def work() -> None:
        from django.db import connections

        try:
            barrier.wait()
            found.append(follow(cases))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sum(each.opened for each in found) == 1
    assert sum(each.joined for each in found) == 11
    assert cases.cases.page(CaseQuery()).total == 1
    assert the_case(cases, cases.cases.page(CaseQuery()).rows[0].number).joined_count == 12


@pytest.mark.postgres
@pytest.mark.parametrize("office", ["postgres"], indirect=True)
def test_what_was_done_to_a_case_cannot_be_changed_in_the_database(held: CaseOffice) -> None:
    from django.db import Error
    from psycopg import errors as pg

    from keruen.store.rows import raw_connection

    for statement in ("UPDATE keruen_case_event SET user_name = 'other'", "DELETE FROM keruen_case_finding"):
        with pytest.raises((pg.RaiseException, Error)):
            raw_connection().execute(statement)
    assert [each.user for each in held.cases.events(1)] == ["system"]
