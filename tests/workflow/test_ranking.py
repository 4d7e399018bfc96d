"""Models in the workflow: what they hold and say, what they leave unknown, what is recorded, and history run again."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import (
    BUYER,
    CABLE,
    IMPORTER,
    OFFICER,
    OTHER_OFFICER,
    TestClock,
    a_waybill,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    filed,
    goods,
    made,
    one,
    shipped_rules,
)
from keruen.cases import commands as do
from keruen.cases.case import Result
from keruen.model.fact import FactValue
from keruen.model.finding import Channel
from keruen.model.outcome import Outcome
from keruen.risk.live import GIVEN, Ranking, declared
from keruen.rules.engine import evaluate
from keruen.workflow.backtest import again, backtest
from keruen.workflow.cases import CaseOffice, follow
from keruen.workflow.cases import act as do_case
from keruen.workflow.judge import Rulings
from keruen.workflow.learning import examples, outcomes_of
from keruen.workflow.ports import CaseQuery
from keruen.workflow.submit import Office, submit
from rankings import a_model, a_ranker, an_export, eager, facts_of, stored_as

LIVE = shipped_rules().live


@pytest.fixture
def judged(office: Office) -> Office:
    return replace(office, rules=shipped_rules)


def ranked(office: Office, ranking: Ranking | None) -> Office:
    return replace(office, rules=shipped_rules, ranks=lambda: ranking)


def rules_in(outcome: Outcome) -> set[str]:
    return {each.params["rule"] for each in outcome.findings if each.code == "rule"}


def stocked(office: Office) -> Office:
    one(office, filed(an_entry("ED-1", made("100", CABLE))))
    return office


def test_without_a_model_the_score_is_unknown_and_the_rule_not_evaluated(judged: Office) -> None:
    outcome = one(stocked(judged), filed(an_export("WB-1")))
    assert outcome.channel == "green"
    assert not GIVEN & facts_of(judged, "WB-1").keys()
    told = next(each for each in outcome.findings if each.code == "rules_not_evaluated")
    assert "ranked_high" in told.params["rules"]
    assert "risk_above_threshold" in told.params["facts"]
    decision = stored_as(judged, "WB-1").decision
    assert decision is not None
    assert decision.ranking == {}


def test_what_is_above_the_threshold_is_held_with_its_reasons_in_three_languages(office: Office) -> None:
    live = stocked(ranked(office, Ranking(eager(a_model()))))
    outcome = one(live, filed(an_export("WB-1")))
    assert outcome.channel == "yellow"
    assert rules_in(outcome) == {"ranked_high"}
    finding = next(each for each in outcome.findings if each.params.get("rule") == "ranked_high")
    assert "days since the firm was first named: 0" in finding.params["en"]
    assert "дней с первого упоминания фирмы: 0" in finding.params["ru"]
    assert "фирма алғаш аталғаннан бергі күндер: 0" in finding.params["kk"]
    decision = stored_as(live, "WB-1").decision
    assert decision is not None
    model = a_model()
    score = decision.facts["risk_score"]
    assert decision.ranking == {
        "champion": {
            "model": "first",
            "sha256": model.sha256,
            "data_sha256": model.data["data_sha256"],
            "threshold": 0.0,
            "score": score,
        }
    }
    assert decision.editions["risk model"] == f"first {model.sha256[:12]}"
    assert a_ranker().score(decision.facts) == score


def test_what_is_below_is_clear_and_its_score_is_on_record(office: Office) -> None:
    ranker = a_ranker()
    ranker.threshold = 1.1
    live = stocked(ranked(office, Ranking(ranker)))
    assert one(live, filed(an_export("WB-1"))).channel == "green"
    facts = facts_of(live, "WB-1")
    assert facts["risk_above_threshold"] is False
    assert not {name for name in facts if name.startswith("risk_reasons")}
    told = [each for each in stored_as(live, "WB-1").decision.findings if each.code == "rules_not_evaluated"]  # type: ignore[union-attr]
    assert all("ranked_high" not in each.params["rules"] for each in told)


def test_a_challenger_is_recorded_and_changes_nothing(office: Office) -> None:
    high = a_ranker()
    high.threshold = 1.1
    other = eager(a_model("second", count=320))
    stocked(office)
    alone = submit(ranked(office, Ranking(high)), [filed(an_export("WB-1"))], dry_run=True)[0]
    beside = one(ranked(office, Ranking(high, other)), filed(an_export("WB-1")))
    assert beside == alone
    decision = stored_as(office, "WB-1").decision
    assert decision is not None
    assert decision.ranking["challenger"]["model"] == "second"
    assert decision.ranking["challenger"]["score"] >= decision.ranking["challenger"]["threshold"]
    assert decision.ranking["champion"]["score"] == decision.facts["risk_score"]
    assert {name for name in decision.facts if name in GIVEN} == {"risk_score", "risk_above_threshold"}
    assert decision.editions["risk challenger"].startswith("second ")
    # A challenger without a champion leaves the score unknown.
    one(ranked(office, Ranking(None, other)), filed(an_export("WB-3")))
    assert not GIVEN & facts_of(office, "WB-3").keys()


def test_what_a_score_holds_gives_way_on_a_full_day_and_a_refusal_never_does(office: Office) -> None:
    full = LIVE._replace(table=LIVE.table._replace(daily=((Channel.YELLOW, 1),)))
    live = stocked(replace(ranked(office, Ranking(eager(a_model()))), rules=lambda: Rulings.of(full)))
    assert one(live, filed(an_export("WB-1"))).channel == "yellow"
    second = one(live, filed(an_export("WB-2")))
    assert second.channel == "green"
    assert "queue_full" in {each.code for each in second.findings}
    # Stock that does not cover is refused, whatever the score.
    wrong = a_waybill("WB-3", goods("500", CABLE, lot="ED-1/1"), movement="export", receiver=BUYER, country="UZ")
    assert one(live, filed(wrong)).channel == "refuse"
    # The backtest gives all three again to the byte, the full day with it.
    for each in live.store.decided(None):
        found = again(full, each)
        assert found is not None
        assert (found.agrees, found.before) == (True, found.after)


def apply_for(office: Office, name: str) -> Outcome:
    one(office, filed(an_entry(f"ED-{name}")))
    one(office, filed(an_invoice(f"ESF-{name}")))
    line = {**an_application_line(), "declaration": f"ED-{name}", "invoice": f"ESF-{name}", "lot": f"ED-{name}/1"}
    return one(office, filed(an_application(name, line)))


def test_the_backtest_gives_again_what_was_decided_with_a_model_to_the_byte(office: Office) -> None:
    live = stocked(ranked(office, Ranking(eager(a_model()), a_ranker("second", count=320))))
    for number in range(3):
        one(live, filed(an_export(f"WB-{number}")))
        apply_for(live, f"EA-{number}")
    decided = list(live.store.decided(None))
    assert len(decided) == 6
    report = backtest(decided, LIVE, {})
    assert (report["agreed"], report["changed"]) == (6, 0)
    assert report["rules"]["ranked_high"]["fires"] == 6
    # With the model in hand its scores are those on record, as champion or as challenger.
    for ranker in (eager(a_model()), a_ranker("second", count=320)):
        found = backtest(decided, LIVE, {}, ranker=ranker)
        assert found["scores_on_record"] == {"compared": 6, "the_same": 6}
    assert backtest(decided, LIVE, {}, ranker=eager(a_model()))["agreed"] == 6


def test_a_model_is_run_over_history_like_a_rule_set(judged: Office) -> None:
    live = stocked(judged)
    for number in range(3):
        assert one(live, filed(an_export(f"WB-{number}"))).channel == "green"
    decided = list(live.store.decided(None))
    found = backtest(decided, LIVE, {}, ranker=eager(a_model()))
    assert found["changes"] == [{"before": "green", "after": "yellow", "count": 3, "samples": ["WB-0", "WB-1", "WB-2"]}]
    assert found["scores_on_record"] == {"compared": 0, "the_same": 0}
    never = a_ranker("second", count=320)
    never.threshold = 1.1
    assert backtest(decided, LIVE, {}, ranker=never)["changed"] == 0
    # A model takes the place of another: what that one held is let go.
    held = one(ranked(office=live, ranking=Ranking(eager(a_model()))), filed(an_export("WB-9")))
    assert held.channel == "yellow"
    last = list(live.store.decided(None))[-1:]
    assert backtest(last, LIVE, {}, ranker=never)["changes"][0]["after"] == "green"


def test_processes_give_the_same_as_one(office: Office) -> None:
    live = stocked(ranked(office, Ranking(eager(a_model()))))
    one(live, filed(an_export("WB-1")))
    decided = list(live.store.decided(None))
    alone = backtest(decided, LIVE, {}, ranker=a_ranker())
    assert backtest(decided, LIVE, {}, ranker=a_ranker(), cores=2) == alone


def test_what_a_case_came_to_is_the_label_of_the_decision_that_opened_it(
    office: Office, cases: CaseOffice, clock: TestClock
) -> None:
    live = stocked(ranked(office, Ranking(eager(a_model()))))
    one(live, filed(an_export("WB-1")))
    one(live, filed(an_entry("ED-9", importer=IMPORTER)))
    follow(cases)
    case = cases.cases.page(CaseQuery(limit=10)).rows[0]
    assert {each.document_id for each in case.joined} >= {"WB-1"}
    before = list(examples(live.store.decided(None), outcomes_of(cases.cases.labels()), declared()))
    assert [each.outcome for each in before] == [None], "a case that is open has come to nothing yet"
    clock.advance(days=3)
    do_case(cases, OFFICER, case.number, do.Propose(Result.DIVERSION, "sold on"))
    do_case(cases, OTHER_OFFICER, case.number, do.Countersign())
    after = list(examples(live.store.decided(None), outcomes_of(cases.cases.labels()), declared()))
    assert [(each.document_id, each.selection, each.looked_at) for each in after] == [("WB-1", 1.0, True)]
    assert after[0].outcome is not None
    assert after[0].outcome.offence
    assert after[0].outcome.known_on == clock.now.date()
    assert after[0].record["champion"]["sha256"] == a_model().sha256
    assert after[0].suspicion == 0, "that the score held it is no merit of the rules"


def test_scores_stand_in_the_journal(office: Office) -> None:
    live = stocked(ranked(office, Ranking(eager(a_model()))))
    one(live, filed(an_export("WB-1")))
    live.store.number_leaves(100)
    entries = [orjson.loads(each) for each in live.store.numbered_entries(0, 100)]
    decision = next(each["decision"] for each in entries if each["document"] == "WB-1")
    assert decision["scores"] == {"champion": facts_of(live, "WB-1")["risk_score"]}
    assert decision["selection"] == "1"


@given(
    st.sampled_from(sorted({kind for rule in LIVE.rules for kind in rule.kinds})),
    st.sampled_from([rule.fires for rule in LIVE.rules] + [rule.clear for rule in LIVE.rules]),
    st.floats(0, 1),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_a_score_never_turns_not_evaluated_into_silence(
    kind: str, facts: dict[str, FactValue], score: float, above: bool
) -> None:
    on = LIVE.rules[0].valid_from
    before = evaluate(LIVE, kind, facts, on)
    added: dict[str, FactValue] = {"risk_score": score, "risk_above_threshold": above, "risk_reasons_en": "x"}
    after = evaluate(LIVE, kind, {**facts, **added}, on)
    given_before = "risk_above_threshold" in facts
    for rule, lacking in before.open:
        settled = rule.code == "ranked_high" and not given_before
        assert settled or (rule, lacking) in after.open, "a rule that waits for another fact goes on waiting for it"
    if not given_before:
        # And it settles its own rule alone, one way or the other.
        ours = {rule.code for rule in LIVE.rules if rule.stands(kind, on) and "risk_above_threshold" in rule.facts}
        assert {rule.code for rule in after.fired} - {rule.code for rule in before.fired} == (ours if above else set())
        assert {rule.code for rule in after.clear} - {rule.code for rule in before.clear} == (set() if above else ours)
