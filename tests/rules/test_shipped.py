"""The shipped rules: each fires on its example and not on the other; every published warning sign is accounted for."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from builders import KZ, shipped_rules
from keruen.facts.catalogue import catalogue
from keruen.rules import shipped
from keruen.rules.engine import evaluate, filled
from keruen.rules.ruleset import LANGUAGES, Rule
from keruen.texts import known
from keruen.workflow.judge import kinds_of

LIVE = shipped_rules().live
ON = date(2026, 11, 1)
SHARED = Path(os.environ.get("KERUEN_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
SIGNS = SHARED / "lists" / "red_flags.csv"


@pytest.mark.parametrize("rule", LIVE.rules, ids=lambda rule: rule.code)
def test_a_rule_fires_on_its_example_and_not_on_the_other(rule: Rule) -> None:
    for kind in rule.kinds:
        assert rule in evaluate(LIVE, kind, rule.fires, ON).fired
        assert rule in evaluate(LIVE, kind, rule.clear, ON).clear


@pytest.mark.parametrize("rule", LIVE.rules, ids=lambda rule: rule.code)
def test_a_rule_without_its_facts_is_not_evaluated_and_says_what_it_lacks(rule: Rule) -> None:
    waiting = {each.code: names for each, names in evaluate(LIVE, rule.kinds[0], {}, ON).open}
    assert waiting[rule.code] == rule.facts


@pytest.mark.parametrize("rule", LIVE.rules, ids=lambda rule: rule.code)
def test_a_reason_names_only_facts_and_reads_whole_on_its_example(rule: Rule) -> None:
    for lang in LANGUAGES:
        said = filled(rule.reason[lang], dict.fromkeys(catalogue(), "x"))
        assert "?" not in said
        assert "{" not in said


def test_a_rule_does_not_stand_before_its_day() -> None:
    rule = LIVE.rules[0]
    found = evaluate(LIVE, rule.kinds[0], rule.fires, date(2020, 1, 1))
    assert found == ((), (), ())


def test_each_sign_is_a_rule_or_a_check_or_says_what_it_waits_for() -> None:
    if not SIGNS.exists():
        pytest.skip(f"the published warning signs are not at {SIGNS}; set KERUEN_SHARED_DATA")
    with SIGNS.open(encoding="utf-8", newline="") as lines:
        signs = {row["id"] for row in csv.DictReader(lines)}
    covered = shipped.coverage()
    by_rule = {sign for rule in LIVE.rules for sign in rule.flags}
    assert len(signs) == 86
    assert by_rule | covered.checks.keys() | covered.lacking.keys() == signs
    assert not by_rule & covered.lacking.keys()
    assert not by_rule & covered.checks.keys()
    assert not covered.checks.keys() & covered.lacking.keys()


def test_what_stands_for_a_sign_is_there_and_what_it_waits_for_is_not() -> None:
    covered = shipped.coverage()
    assert [code for codes in covered.checks.values() for code in codes if not known(f"finding.{code}")] == []
    facts = catalogue()
    assert [name for names in covered.lacking.values() for name in names if facts[name].supplier] == []


def test_rules_look_only_at_what_the_profile_has() -> None:
    assert LIVE.kinds <= set(kinds_of(KZ))
