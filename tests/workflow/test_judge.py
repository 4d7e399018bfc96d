"""Rules in the workflow: what they hold, who must sign, a full day, the shadow, the record, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from builders import (
    BUYER,
    CABLE,
    IMPORTER,
    KZ,
    OFFICER,
    OTHER_OFFICER,
    TRADER,
    TestClock,
    a_waybill,
    act,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    filed,
    filer,
    goods,
    made,
    one,
    shipped_rules,
)
from keruen.cases.case import SubjectKind
from keruen.errors import InvalidInput
from keruen.facts.catalogue import catalogue
from keruen.model.document import Document
from keruen.model.finding import Channel
from keruen.model.outcome import Outcome, Verdict
from keruen.rules.channels import Table
from keruen.rules.ruleset import read
from keruen.workflow.backtest import again, backtest, read_outcomes
from keruen.workflow.cases import CaseOffice, follow
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.memories import differences
from keruen.workflow.ports import CaseQuery
from keruen.workflow.submit import Office, submit

TRY = """
[ruleset]
name = "try"
edition = "1"
[channels]
yields = ["many"]
daily.yellow = 1
[[rule]]
code = "many"
kinds = ["waybill/export"]
when = "lines >= 1"
severity = "warning"
source = "a test"
valid_from = 2024-01-01
reason = { en = "{lines} lines", ru = "{lines}", kk = "{lines}" }
instruction = { en = "x", ru = "x", kk = "x" }
fires = { lines = 1 }
clear = { lines = 0 }
"""


def rules_of(text: str, **parts: object) -> Callable[[], Rulings]:
    found = read(text.encode(), catalogue(), kinds_of(KZ))
    return lambda: Rulings.of(found, **parts)  # type: ignore[arg-type]


@pytest.fixture
def judged(office: Office) -> Office:
    return replace(office, rules=shipped_rules)


def codes(outcome: Outcome) -> set[str]:
    return {each.params["rule"] if each.code == "rule" else each.code for each in outcome.findings}


def apply_for(office: Office, name: str = "EA-1") -> Outcome:
    one(office, filed(an_entry(f"ED-{name}")))
    one(office, filed(an_invoice(f"ESF-{name}")))
    line = {
        **an_application_line(),
        "declaration": f"ED-{name}",
        "invoice": f"ESF-{name}",
        "lot": f"ED-{name}/1",
    }
    return one(office, filed(an_application(name, line)))


def test_an_application_of_a_young_firm_is_held_with_the_rules_reason(judged: Office) -> None:
    outcome = apply_for(judged)
    assert outcome.channel == "yellow"
    stored = judged.store.document("EA-1")
    assert stored is not None
    assert stored.decision is not None
    assert "first_imports_listed" in {each.params.get("rule") for each in stored.decision.findings}
    assert stored.decision.facts["party_first_listed_days"] == 0
    assert shipped_rules().live.version in stored.decision.rules_version
    told = next(each for each in stored.decision.findings if each.code == "rules_not_evaluated")
    assert "description_vague" in told.params["facts"]


def test_a_hasty_release_waits_for_another_officer(judged: Office) -> None:
    apply_for(judged)
    first = one(judged, act("EA-1", "approve", OFFICER, reason="ok"))
    assert (first.verdict, first.state) == (Verdict.ACCEPTED, "held")
    assert {"hasty_release", "countersign_needed"} <= codes(first)
    again_ = one(judged, act("EA-1", "approve", OFFICER, reason="ok", id="A-2"))
    assert again_.problem is not None
    assert again_.problem.code == "second_person"
    assert one(judged, act("EA-1", "approve", OTHER_OFFICER, reason="end user known")).state == "approved"


def test_a_release_with_time_and_reason_needs_one_hand(judged: Office, clock: TestClock) -> None:
    apply_for(judged)
    clock.advance(hours=2)
    outcome = one(judged, act("EA-1", "approve", OFFICER, reason="the end user was seen at work with these"))
    assert outcome.state == "approved"


def test_a_full_day_lets_go_what_only_yielding_rules_held_and_says_so(office: Office) -> None:
    judged = replace(office, rules=rules_of(TRY))
    one(judged, filed(an_entry("ED-1", made("100", CABLE))))
    held = one(judged, filed(export("WB-1")))
    assert (held.channel, codes(held)) == ("yellow", {"many"})
    full = one(judged, filed(export("WB-2")))
    assert full.channel == "green"
    assert "queue_full" in codes(full)


def export(name: str) -> Document:
    """Cable to Uzbekistan: nothing that the law asks about."""
    line = goods("1", CABLE, lot="ED-1/1")
    return a_waybill(name, line, movement="export", receiver=BUYER, country="UZ", destination_country="UZ")


def test_a_shadow_set_is_recorded_and_changes_nothing(office: Office) -> None:
    rulings = rules_of(TRY)()
    quiet = rulings.live._replace(rules=(), table=Table())
    judged = replace(office, rules=lambda: Rulings.of(quiet, rulings.live))
    one(judged, filed(an_entry("ED-1", made("100", CABLE))))
    outcome = one(judged, filed(export("WB-1")))
    assert outcome.channel == "green"
    stored = judged.store.document("WB-1")
    assert stored is not None
    assert stored.decision is not None
    assert stored.decision.shadow == ("many",)
    assert "try 1" in stored.decision.editions["shadow rules"]


def test_the_backtest_gives_again_what_was_decided_to_the_byte(judged: Office) -> None:
    for number in range(4):
        apply_for(judged, f"EA-{number}")
    live = shipped_rules().live
    decided = list(judged.store.decided(None))
    assert len(decided) == 4
    for each in decided:
        found = again(live, each)
        assert found is not None
        assert (found.same_rules, found.agrees, found.before) == (True, True, found.after)
    report = backtest(decided, live, {"EA-0": True, "EA-1": False})
    assert (report["documents"], report["agreed"], report["changed"]) == (4, 4, 0)
    assert report["rules"]["first_imports_listed"] == {"fires": 4, "precision": 0.5, "recall": 1.0}


def test_a_backtest_of_other_rules_says_what_would_change(judged: Office) -> None:
    apply_for(judged)
    other = rules_of(TRY.replace("waybill/export", "export_application").replace("warning", "inspect"))().live
    report = backtest(judged.store.decided(None), other, {})
    assert report["changes"] == [{"before": "yellow", "after": "red", "count": 1, "samples": ["EA-1"]}]
    assert report["agreed"] == 0


def test_outcomes_that_cannot_be_read_name_row_and_column() -> None:
    with pytest.raises(InvalidInput, match="row 3, outcome"):
        read_outcomes("document_id,outcome\nA,1\nB,yes\n")
    with pytest.raises(InvalidInput, match="columns document_id and outcome"):
        read_outcomes("a,b\n")


def test_what_is_remembered_can_be_made_again_from_the_commands(judged: Office) -> None:
    apply_for(judged)
    submit(judged, [filed(a_waybill("WB-9", goods("5"))), act("WB-9", "confirm", filer(TRADER))])
    one(judged, act("EA-1", "refuse", OFFICER, reason="no such user"))
    assert differences(judged.store) == []
    known = dict(judged.store.all_memories())
    assert known[f"party/{IMPORTER}"]["stopped"]
    assert known[f"party/{IMPORTER}"]["entries"] == 1


def test_a_chip_resold_is_followed_hand_by_hand(judged: Office) -> None:
    one(judged, filed(an_entry("ED-1")))
    submit(judged, [filed(a_waybill("WB-1", goods("5"))), act("WB-1", "confirm", filer(TRADER))])
    known = dict(judged.store.all_memories())["lot/ED-1/1"]
    assert known["hands"] == {TRADER: [1, "2025-03-04"]}


def test_a_drawn_document_is_held_and_says_so(office: Office) -> None:
    rulings = rules_of(TRY)()
    table = Table(random_yellow=Decimal("0.5"))
    live = rulings.live._replace(rules=(), table=table)
    judged = replace(office, rules=lambda: Rulings.of(live, None, b"k" * 32))
    one(judged, filed(an_entry("ED-1", made("100", CABLE))))
    outcomes = [one(judged, filed(export(f"WB-{number}"))) for number in range(20)]
    held = [each for each in outcomes if each.channel == Channel.YELLOW]
    assert 3 <= len(held) <= 17
    assert all(codes(each) == {"random_selection"} for each in held)


def test_a_decision_says_how_probable_it_was_that_an_officer_would_look(office: Office, cases: CaseOffice) -> None:
    rulings = rules_of(TRY)()
    live = rulings.live._replace(rules=(), table=Table(random_yellow=Decimal("0.3"), random_red=Decimal("0.2")))
    one(office, filed(an_entry("ED-1", made("100", CABLE))))
    judged = replace(office, rules=lambda: Rulings.of(live, None, b"k" * 32))
    outcomes = [one(judged, filed(export(f"WB-{number}"))) for number in range(20)]
    known = [judged.store.document(each.document_id) for each in outcomes]
    # The same before the lot fell, whether it fell on the document or not.
    assert {each.decision.selection for each in known if each is not None and each.decision is not None} == {"0.5"}
    assert {each.channel for each in outcomes} == {"green", "yellow", "red"}
    holding = rulings.live._replace(table=Table())
    assert one(replace(office, rules=lambda: Rulings.of(holding)), filed(export("WB-H"))).channel == "yellow"
    held = office.store.document("WB-H")
    assert held is not None
    assert held.decision is not None
    assert held.decision.selection == "1"
    unseen = replace(judged, rules=lambda: Rulings.of(live))
    one(unseen, filed(export("WB-U")))
    never = office.store.document("WB-U")
    assert never is not None
    assert never.decision is not None
    assert never.decision.selection == "0"
    # What was drawn is judged by itself: a case of its own each.
    follow(cases)
    opened = cases.cases.page(CaseQuery(limit=100)).rows
    drawn = {each.document_id for each in outcomes if each.channel != Channel.GREEN}
    assert {each.subject.key for each in opened if each.subject.kind == SubjectKind.DOCUMENT} == drawn
