"""Reading a rule set: what does not hold is refused whole, with every problem named."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import KZ
from keruen.errors import InvalidInput
from keruen.facts.catalogue import catalogue
from keruen.model.finding import Channel, Finding, Severity
from keruen.rules import shipped
from keruen.rules.channels import Table, commitment, day_key, drawn
from keruen.rules.engine import evaluate, findings
from keruen.rules.ruleset import RuleSet, diff, read
from keruen.workflow.judge import kinds_of

KINDS = kinds_of(KZ)
HEAD = '[ruleset]\nname = "own"\nedition = "1"\n'
RULE = """
[[rule]]
code = "many_lines"
kinds = ["export_application"]
when = "lines > 10 && listed"
severity = "warning"
source = "a test"
valid_from = 2024-01-01
reason.en = "{lines} lines."
reason.ru = "{lines} строк."
reason.kk = "{lines} жол."
instruction.en = "Count."
instruction.ru = "Пересчитайте."
instruction.kk = "Санаңыз."
fires = { lines = 11, listed = true }
clear = { lines = 11, listed = false }
"""


def a_set(text: str = RULE, head: str = HEAD) -> RuleSet:
    return read((head + text).encode(), catalogue(), KINDS)


def test_a_set_that_holds_is_named_by_its_hash() -> None:
    found = a_set()
    assert re.fullmatch(r"own 1 [0-9a-f]{12}", found.version)
    assert found.rules[0].facts == ("lines", "listed")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lines > 10 && listed", "lines > 10 && lists", "reads 'lists', which is no fact"),
        ("lines > 10 && listed", "payments == 'x'", "which nobody supplies yet"),
        ("lines > 10 && listed", "lines > && listed", "cannot be read"),
        ("lines > 10 && listed", "lines > 10 && listed && lines < 5", "it may never fire"),
        ("lines > 10 && listed", "lines > 10 || listed || !listed", "it may always fire"),
        ("lines > 10 && listed", "1 > 0", "reads no fact"),
        ("lines > 10 && listed", "lines", "gives 11, not True"),
        ("lines = 11, listed = true", "lines = -1, listed = true", "which that fact never holds"),
        ("lines = 11, listed = true", "listed = true", "does not give 'lines'"),
        ('"export_application"', '"export_applications"', "which is none of"),
        ('kinds = ["export_application"]', "kinds = []", "it can never fire"),
        ("valid_from = 2024-01-01", "valid_from = 2024-01-01\nvalid_to = 2023-01-01", "it can never fire"),
        ('"warning"', '"not_evaluated"', "severity"),
        ('reason.kk = "{lines} жол."', "", "reason has no text in kk"),
        ('source = "a test"', "", "source is missing"),
        ('source = "a test"', 'source = "a test"\nextra = 1', "unknown key 'extra'"),
    ],
)
def test_what_does_not_hold_is_refused_and_said(old: str, new: str, said: str) -> None:
    assert old in RULE
    with pytest.raises(InvalidInput, match=re.escape(said)) as caught:
        a_set(RULE.replace(old, new))
    assert "many_lines" in caught.value.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xff\xfe", "cannot be read as TOML"),
        (b"[ruleset", "cannot be read as TOML"),
        (b"", "must give a name and an edition"),
        (HEAD.encode() + b"[other]\n", "unknown table"),
        (HEAD.encode() + b"x = [" * 5000, "cannot be read as TOML"),
        (b"#" * (2 * 1024 * 1024 + 1), "has at most"),
        ((HEAD + RULE + RULE).encode(), "the code stands twice"),
        ((HEAD + RULE + "[channels]\nrandom_yellow = 0.9").encode(), "a share from 0"),
        ((HEAD + RULE + '[channels.send]\nno_rule = "red"').encode(), "no rule 'no_rule'"),
        ((HEAD + RULE + '[channels.send]\nmany_lines = "refuse"').encode(), "is none of green, yellow, red"),
        ((HEAD + RULE + "[channels.daily]\nyellow = -1").encode(), "a whole number a day"),
    ],
)
def test_a_file_that_is_none_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        read(body, catalogue(), KINDS)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_refusal_or_a_set(body: bytes) -> None:
    try:
        read(body, catalogue(), KINDS)
    except InvalidInput:
        return


def test_a_difference_names_rule_and_key() -> None:
    rows = diff(a_set(), a_set(RULE.replace("lines > 10", "lines > 9").replace("warning", "inspect")))
    assert [(rule, key) for rule, key, _, _ in rows] == [("many_lines", "when"), ("many_lines", "severity")]
    assert diff(a_set(), a_set("")) == [("many_lines", "rule", "lines > 10 && listed", "")]


# -- evaluation --------------------------------------------------------------------------------

LIVE = read(shipped.body("kz"), catalogue(), KINDS)
KNOWN = sorted({(rule.code, kind) for rule in LIVE.rules for kind in rule.kinds})


@given(st.data())
def test_another_fact_never_turns_not_evaluated_into_silence(data: st.DataObject) -> None:
    code, kind = data.draw(st.sampled_from(KNOWN))
    rule = LIVE.rule(code)
    assert rule is not None
    whole = dict(data.draw(st.sampled_from([rule.fires, rule.clear])))
    names = data.draw(st.permutations(sorted(whole)))
    facts: dict[str, object] = {}
    on = rule.valid_from
    before = evaluate(LIVE, kind, {}, on)
    settled: dict[str, bool] = {}
    for name in names:
        facts[name] = whole[name]
        after = evaluate(LIVE, kind, facts, on)  # type: ignore[arg-type]
        # Every rule that looks is in exactly one of the three, always.
        assert len(after.fired) + len(after.clear) + len(after.open) == len(before.fired) + len(before.clear) + len(
            before.open
        )
        now = {each.code: True for each in after.fired} | {each.code: False for each in after.clear}
        for each, said in settled.items():
            assert now.get(each) is said, "a settled rule was reversed by one more fact"
        settled = now
        if after.open:
            told = findings(after, facts, LIVE.version)[-1]  # type: ignore[arg-type]
            assert told.code == "rules_not_evaluated"
            assert all(each.code in told.params["rules"] for each, _ in after.open)
    assert code in settled


def test_what_is_known_settles_what_it_can() -> None:
    found = evaluate(a_set(), "export_application", {"listed": False}, LIVE.rules[0].valid_from.replace(year=2025))
    assert [rule.code for rule in found.clear] == ["many_lines"]


# -- channels ----------------------------------------------------------------------------------


def a_finding(severity: Severity, rule: str = "") -> Finding:
    return Finding("rule" if rule else "check", severity, "", {"rule": rule} if rule else {})


def test_a_refusal_is_outvoted_by_nothing() -> None:
    table = Table(send=(("mild", Channel.GREEN),))
    assert table.channel([a_finding(Severity.REFUSE), a_finding(Severity.WARNING, "mild")]) == Channel.REFUSE
    assert table.channel([a_finding(Severity.WARNING, "mild")]) == Channel.GREEN
    assert Table(send=(("mild", Channel.RED),)).channel([a_finding(Severity.REFUSE, "mild")]) == Channel.REFUSE


def test_only_what_yields_gives_way_and_never_beside_a_check() -> None:
    table = Table(yields=("mild",))
    assert table.gives_way([a_finding(Severity.WARNING, "mild")])
    assert not table.gives_way([a_finding(Severity.WARNING, "mild"), a_finding(Severity.WARNING)])
    assert not table.gives_way([a_finding(Severity.NOTICE)])


def test_the_draw_is_repeatable_by_its_key_and_has_its_share() -> None:
    found = a_set(RULE + "[channels]\nrandom_yellow = 0.1\nrandom_red = 0.05\n").table
    key = day_key(b"s" * 32, date(2026, 1, 2))
    assert key != day_key(b"s" * 32, date(2026, 1, 3))
    assert commitment(key) != commitment(day_key(b"t" * 32, date(2026, 1, 2)))
    lots = [drawn(key, f"WB-{number}", 1, found) for number in range(4000)]
    assert lots == [drawn(key, f"WB-{number}", 1, found) for number in range(4000)]
    assert 0.08 < lots.count(Channel.YELLOW) / 4000 < 0.12
    assert 0.035 < lots.count(Channel.RED) / 4000 < 0.065
