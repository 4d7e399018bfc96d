"""Plausibility in filings: only where own lines were learnt, from a mark set on lines kept apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders import KZ, a_waybill, shipped_rules
from keruen.compose import Described
from keruen.descriptions import learning
from keruen.descriptions.learning import LEAST_HELD_OUT, Mark, calibrate
from keruen.descriptions.plausibility import Labelled, shipped_lines
from keruen.errors import IntegrityFailure
from keruen.facts.catalogue import catalogue
from keruen.facts.gather import Situation, facts_of
from keruen.rules.engine import evaluate
from keruen.store.descriptions import Descriptions

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Learnt(Descriptions):
    """What an installation learnt, its reader stood in for."""

    asked = 0

    def reader(self) -> Any:
        return self

    @property
    def index(self) -> Any:
        return self

    place = frozenset({"8413", "8542"})

    def suspicion(self, _texts: Sequence[str], headings: Sequence[str]) -> list[float]:
        self.asked += 1
        return [0.99 if heading == "8542" else 0.01 for heading in headings]


def learnt(folder: Path, **changes: object) -> Learnt:
    kept = Learnt(folder)
    (folder / "lines.tsv").write_text("pump\t841370\town\n", encoding="utf-8")
    (folder / "suspicion.txt").write_text("trees", encoding="utf-8")
    mark = {"mark": 0.9, "false_alarms": 0.005, "lines": 400, "edition": kept.edition()}
    (folder / "mark.json").write_text(json.dumps(mark | changes), encoding="utf-8")
    return kept


def test_without_own_lines_plausibility_is_unknown_and_the_rule_says_what_it_lacks(tmp_path: Path) -> None:
    described = Described(Descriptions(tmp_path / "descriptions"))
    found = described("frozen shrimps", "854231")
    assert (found.suspicion, found.mark, found.edition) == (None, None, "")
    facts = facts_of(Situation(a_waybill(movement="export"), KZ.union, NOW, {}, descriptions=described))
    assert "description_suspicion" not in facts
    waiting = {
        rule.code: lacks for rule, lacks in evaluate(shipped_rules().live, "waybill/export", facts, NOW.date()).open
    }
    assert waiting["text_does_not_fit"] == ("description_mark", "description_suspicion")


def test_learnt_lines_judge_each_text_and_code_once(tmp_path: Path) -> None:
    kept = learnt(tmp_path)
    described = Described(kept)
    for _ in range(3):
        assert described("water pump", "854231").suspicion == 0.99
    assert described("water pump", "841370").suspicion == 0.01
    assert kept.asked == 2
    assert described("water pump", "000000").suspicion is None


def test_a_text_above_the_mark_asks_an_officer_and_names_its_edition(tmp_path: Path) -> None:
    kept = learnt(tmp_path, mark=0.95)
    waybill = a_waybill(movement="export")
    line = {**waybill.lines[0], "description": "water pump", "commodity_code": "854231"}
    facts = facts_of(Situation(waybill._replace(lines=(line,)), KZ.union, NOW, {}, descriptions=Described(kept)))
    assert facts["description_edition"] == kept.edition()
    assert all(catalogue()[name].holds(value) for name, value in facts.items())
    fired = {rule.code for rule in evaluate(shipped_rules().live, "waybill/export", facts, NOW.date()).fired}
    assert "text_does_not_fit" in fired


def test_a_mark_of_other_lines_is_refused_and_nothing_is_held_by_it(tmp_path: Path) -> None:
    kept = learnt(tmp_path)
    (tmp_path / "lines.tsv").write_text("pump\t851660\town\n", encoding="utf-8")
    with pytest.raises(IntegrityFailure, match="not those its mark was set on"):
        kept.mark()
    assert Described(kept)("water pump", "854231").mark is None


@pytest.mark.parametrize("body", ["{", "{}", "[]"])
def test_a_mark_that_cannot_be_read_is_refused(tmp_path: Path, body: str) -> None:
    kept = learnt(tmp_path)
    (tmp_path / "mark.json").write_text(body, encoding="utf-8")
    with pytest.raises(IntegrityFailure):
        kept.mark()


def test_too_few_lines_set_no_mark(tmp_path: Path) -> None:
    assert calibrate(shipped_lines(), [Labelled("zorblax widget", "841370", "own")] * 300) is None
    assert Descriptions(tmp_path).mark() is None


def test_the_mark_is_set_on_lines_the_reader_never_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()

    class Fake:
        place = frozenset({"8413"})

        def __init__(self, lines: Sequence[Labelled]) -> None:
            seen.update(line.text for line in lines)
            self.index = self

        def suspicion(self, texts: Sequence[str], _headings: Sequence[str]) -> list[float]:
            assert not seen & set(texts)
            return [at / len(texts) for at in range(len(texts))]

    monkeypatch.setattr(learning, "learn", lambda lines, **_: Fake(lines))
    own = [Labelled(f"pump {number} metal housing", "841370", "own") for number in range(6_000)]
    found = calibrate(shipped_lines(), own)
    assert isinstance(found, Mark)
    assert found.lines >= LEAST_HELD_OUT
    assert found.mark == pytest.approx(0.995, abs=0.003)
