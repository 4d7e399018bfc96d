"""Ranking decisions: what a model looks at, what it learns from, what is left unknown, and the report on it."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keruen.cases.case import Result
from keruen.cases.outcomes import Label
from keruen.errors import InvalidInput
from keruen.facts.catalogue import catalogue
from keruen.model.fact import FactType, FactValue
from keruen.risk.frame import size
from keruen.risk.live import GIVEN, LANGUAGES, Ranker, Ranking, declared
from keruen.risk.model import Model, walk_forward
from keruen.risk.quality import drift
from keruen.rules.ruleset import RELEASE
from keruen.workflow.learning import _rows, examples, learn, outcomes_of, report
from keruen.workflow.ports import Decided
from rankings import BEGAN, DRAWN, a_decision, a_label, a_model, a_ranker, eager, history

NEW: dict[str, FactValue] = {
    "kind": "export_application",
    "party_entries": 0,
    "party_known_days": 0,
    "lines": 1,
    "listed": True,
}
OLD: dict[str, FactValue] = NEW | {"party_entries": 40, "party_known_days": 1500}


# -- what a model looks at ---------------------------------------------------------------------


def test_every_feature_is_a_fact_that_is_supplied_and_has_words_in_each_language() -> None:
    facts = catalogue()
    for feature in declared().features:
        fact = facts[feature.fact]
        assert fact.supplier
        assert feature.fact not in GIVEN, "a score would learn from itself"
        assert (fact.type == FactType.LIST) == bool(feature.holds)
        assert (fact.type == FactType.TEXT) == bool(feature.order)
        assert set(feature.order) >= set(fact.values if feature.order else ())
        assert all(feature.words[lang].strip() for lang in LANGUAGES)
    for words in declared().words.values():
        assert all(words[lang].strip() for lang in LANGUAGES)
    assert facts.keys() >= GIVEN
    assert RELEASE not in declared().kinds


def test_a_fact_that_is_not_known_is_missing_and_never_nought() -> None:
    assert all(math.isnan(value) for value in declared().vector({}))
    by_name = {feature.name: feature for feature in declared().features}
    assert by_name["listed"].value({"listed": False}) == 0.0
    assert by_name["tier"].value({"tier": ""}) == 0.0
    assert by_name["tier"].value({"tier": "drone"}) == len(by_name["tier"].order) - 1
    assert by_name["born_by_correction"].value({"stock_other_births": ("correction",)}) == 1.0
    assert by_name["born_by_correction"].value({"stock_other_births": ()}) == 0.0


def test_a_document_of_another_kind_or_without_a_fact_that_was_never_missing_is_not_ranked() -> None:
    ranker = a_ranker()
    assert ranker.score(NEW) is not None
    assert ranker.score(NEW | {"kind": "invoice"}) is None
    assert ranker.needs
    lacking = declared().features[ranker.needs[0]].fact
    known = {name: value for name, value in NEW.items() if name != lacking}
    assert ranker.score(known) is None
    assert ranker.facts(known, ranker.score(known)) == {}
    assert Ranking(ranker, ranker).of(known) == ({}, {})


def test_new_firms_stand_above_old_ones_and_the_reasons_say_why() -> None:
    ranker = a_ranker()
    assert (ranker.score(NEW) or 0) > 0.5 > (ranker.score(OLD) or 0)
    reasons = ranker.reasons(NEW)
    assert "days since the firm was first named: 0" in reasons["en"]
    assert "дней с первого упоминания фирмы: 0" in reasons["ru"]
    assert "фирма алғаш аталғаннан бергі күндер: 0" in reasons["kk"]
    found = ranker.facts(NEW, ranker.score(NEW))
    assert {name for name in found if not catalogue()[name].holds(found[name])} == set()
    assert set(found) == GIVEN
    assert ranker.facts(OLD, ranker.score(OLD)).keys() == {"risk_score", "risk_above_threshold"}


def test_many_at_once_get_the_scores_they_get_alone() -> None:
    ranker = a_ranker()
    several = [NEW | {"party_known_days": days} for days in range(0, 2000, 37)]
    assert ranker.scores(several) == [ranker.score(each) for each in several]
    assert ranker.scores([]) == []


def test_a_model_of_another_edition_of_the_features_is_refused() -> None:
    other = declared()._replace(edition="2020-01-01")
    with pytest.raises(InvalidInput, match="train it anew"):
        Ranker(a_model(), other)
    fewer = declared()._replace(sha256="0" * 64)
    with pytest.raises(InvalidInput, match="train it anew"):
        Ranker(a_model(), fewer)


# -- what is learnt from -----------------------------------------------------------------------


def test_the_outcome_of_a_case_changes_the_next_training() -> None:
    decided, labels = history()
    turned = [each._replace(result=Result.DIVERSION) if number % 3 == 0 else each for number, each in enumerate(labels)]
    before, after = learn(decided, labels, "m")[0], learn(decided, turned, "m")[0]
    assert before.data["data_sha256"] != after.data["data_sha256"]
    assert before.data["trees"] != after.data["trees"]
    again = learn(reversed(decided), reversed(labels), "m")[0]
    assert again.sha256 == before.sha256, "the same decisions and outcomes in another order"


def test_what_nobody_looked_at_has_no_label_and_is_counted() -> None:
    decided, labels = history()
    model, counts = learn(decided, labels, "m")
    assert counts["not_looked_at"] == 200
    assert counts["learnt_from"] + counts["not_looked_at"] == counts["documents"] == 400
    # Not even where somebody hands in a label for it.
    green = [each for each in decided if b'"green"' in each.decision]
    stray = [a_label(each, Result.DIVERSION) for each in green]
    assert learn(decided, [*labels, *stray], "m")[0].data["trees"] == model.data["trees"]


def test_a_row_is_weighted_by_one_over_its_probability_of_selection() -> None:
    decided, labels = history()
    certain = [each._replace(decision=each.decision.replace(b'"0.25"}', b'"1"}')) for each in decided]
    assert certain != decided
    weighted, plain = learn(decided, labels, "m")[0], learn(certain, labels, "m")[0]
    assert weighted.data["trees"] != plain.data["trees"]


def test_selection_that_cannot_be_told_is_left_out_and_what_was_held_before_it_was_recorded_is_certain() -> None:
    def one(number: int, findings: list[object] | None = None) -> Decided:
        body = orjson.loads(a_decision(number, findings=findings).decision)
        del body["selection"]
        return a_decision(number)._replace(decision=orjson.dumps(body))

    held, drawn = one(1), one(2, [DRAWN])
    found = list(examples([held, drawn], {}, declared()))
    assert [each.selection for each in found] == [1.0, None]
    decided, labels = history()
    counts = learn([*decided, one(900, [DRAWN])], [*labels, a_label(one(900))], "m")[1]
    assert counts["selection_unknown"] == 1


def test_what_is_referred_or_not_closed_by_then_is_not_known() -> None:
    one = a_decision(0)
    late = a_label(one, Result.DIVERSION, days=40)
    assert outcomes_of([late])[one.event_id].offence is True
    assert outcomes_of([late], BEGAN.date() + timedelta(days=20)) == {}
    assert outcomes_of([a_label(one, Result.REFERRED)]) == {}
    both = outcomes_of([a_label(one), late])
    assert (both[one.event_id].offence, both[one.event_id].known_on) == (True, late.closed_at.date())


def test_a_month_is_judged_by_what_was_known_when_it_began() -> None:
    decided, labels = history()
    found = [each for each in examples(decided, outcomes_of(labels), declared()) if each.outcome is not None]
    rows = _rows(found, declared())
    assert walk_forward(rows, 720.0)["n"] > 0
    late = rows._replace(known=np.full(size(rows), date(2030, 1, 1).toordinal(), dtype=np.int64))
    assert walk_forward(late, 720.0)["n"] == 0, "nothing was known in time"


def test_what_the_law_refused_and_an_officers_own_release_are_not_learnt_from() -> None:
    refused = a_decision(1, channel="refuse")
    release = a_decision(2, release_seconds=4)
    assert list(examples([refused, release], {}, declared())) == []


def test_too_few_outcomes_say_where_outcomes_come_from() -> None:
    decided, labels = history(40)
    with pytest.raises(InvalidInput, match="at least 100 rows"):
        learn(decided, labels, "m")
    with pytest.raises(InvalidInput, match="when cases are closed"):
        learn(decided, [], "m")


@pytest.mark.parametrize("share", [0.005, 0.1, 0.3])
def test_the_threshold_lets_no_more_through_than_its_share_of_what_nothing_held(share: float) -> None:
    decided, labels = history()
    model = learn(decided, labels, "m", share=share)[0]
    free = [each for each in examples(decided, {}, declared()) if not each.suspicion]
    scores = Ranker(model).of_vectors([each.vector for each in free])
    assert sum(1 for score in scores if (score or 0.0) >= model.threshold) <= share * len(free)


def test_a_model_survives_being_written_and_read() -> None:
    again = Ranker(Model.from_bytes(a_model().as_bytes()))
    assert again.score(NEW) == a_ranker().score(NEW)


# -- report ------------------------------------------------------------------------------------


def later() -> tuple[list[Decided], list[Label]]:
    """Forty days that follow those learnt from."""
    decided, labels = history(160, bad=0)
    moved = timedelta(days=150)
    return (
        [each._replace(recorded_at=each.recorded_at + moved) for each in decided],
        [each._replace(closed_at=each.closed_at + moved) for each in labels],
    )


def test_the_report_sets_the_challenger_beside_the_champion_and_both_beside_the_rules() -> None:
    decided, labels = later()
    other = a_ranker("second", count=320)
    truth = {each.document_id: number % 8 == 0 for number, each in enumerate(decided)}
    found = report(decided, labels, Ranking(a_ranker(), other), given=truth)
    assert found["documents"] == 160
    assert found["not_looked_at"] + found["held"] + found["drawn_by_lot"] == 160
    for name in ("champion", "challenger"):
        each = found["models"][name]
        assert each["known"]["auc"] > found["rules_alone"]["known"]["auc"]
        assert each["given"]["n"] == 160
        assert each["random_stream"]["n"] == found["drawn_by_lot"]
        assert each["load_a_day"]["most"] >= each["load_a_day"]["mean"] > 0
        assert each["above_threshold"]["documents"] >= each["above_threshold"]["more"]
        assert "warning" not in each
    low, high = found["let_go"]["rate_interval"]
    assert found["let_go"]["rate"] == 0.0 == low
    assert 0.1 < high < 0.3, "twenty looked at by lot bound what is let go, and no better"
    assert orjson.loads(orjson.dumps(found))["note"].startswith("known outcomes are of documents that were selected")


def test_days_a_model_was_trained_on_are_judged_with_a_warning() -> None:
    decided, labels = history()
    assert "in part on themselves" in report(decided, labels, Ranking(a_ranker()))["models"]["champion"]["warning"]


def test_scores_on_record_are_compared_with_what_the_model_gives_again() -> None:
    decided, labels = later()
    ranker = a_ranker()

    def recorded(one: Decided, *, wrong: bool) -> Decided:
        body = orjson.loads(one.decision)
        score = ranker.score(body["facts"])
        assert score is not None
        body["ranking"] = {"champion": ranker.record(score + 0.1 if wrong else score)}
        return one._replace(decision=orjson.dumps(body))

    rows = [recorded(each, wrong=number == 3) for number, each in enumerate(decided)]
    found = report(rows, labels, Ranking(ranker))
    assert found["models"]["champion"]["scores_on_record"] == {"compared": 160, "the_same": 159}


def test_a_feature_that_falls_silent_or_moves_is_drift() -> None:
    before = np.arange(100.0)
    assert drift(before, before) == pytest.approx(0.0)
    assert drift(before, before + 60) > 0.25
    assert drift(before, np.where(before < 40, np.nan, before)) > 0.25
    assert drift(np.full(10, np.nan), np.full(10, np.nan)) == pytest.approx(0.0)
    decided, labels = later()
    moved = [each._replace(decision=each.decision.replace(b'"lines":1', b'"lines":9')) for each in decided]
    index = report(moved, labels, Ranking(a_ranker()))["models"]["champion"]["drift"]
    assert "lines" in index["large"]
    assert next(iter(index["stability"])) == "lines"


def test_a_report_without_a_model_or_without_decisions_says_so() -> None:
    decided, labels = later()
    with pytest.raises(InvalidInput, match="risk train --decisions"):
        report(decided, labels, Ranking())
    with pytest.raises(InvalidInput, match="no decision"):
        report([], [], Ranking(a_ranker()))


def test_a_challenger_gives_no_fact() -> None:
    ranked = Ranking(None, eager(a_model())).of(NEW)
    assert ranked.facts == {}
    assert ranked.record["challenger"]["sha256"] == a_model().sha256
    assert Ranking(a_ranker(), eager(a_model())).of(NEW).facts == Ranking(a_ranker()).of(NEW).facts


@given(st.dictionaries(st.sampled_from(sorted(catalogue())), st.none() | st.booleans() | st.integers(0, 9)))
@settings(max_examples=60, deadline=None)
def test_any_facts_get_a_score_within_its_bounds_or_none(facts: dict[str, bool | int | None]) -> None:
    known = {name: value for name, value in facts.items() if value is not None} | {"kind": "write_off"}
    score = a_ranker().score(known)
    assert score is None or 0.0 <= score <= 1.0
