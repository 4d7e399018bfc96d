"""Trying a rule on facts of one's own, from the command line; no database is opened."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from keruen.faces.cli.app import app

DEAR: dict[str, object] = {"price_per_kg_ratio": 9.5}


def tried(tmp_path: Path, facts: dict[str, object], *more: str) -> dict[str, list[dict[str, object]]]:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    asked = ["rules", "try", "shipped", "--kind", "waybill/export", "--facts", str(path), "--json", *more]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return found


def test_one_rule_is_tried_alone(tmp_path: Path) -> None:
    found = tried(tmp_path, DEAR, "--rule", "dear_by_weight")
    assert [each["rule"] for each in found["fired"]] == ["dear_by_weight"]
    assert found["clear"] == found["not_evaluated"] == []
    assert tried(tmp_path, {}, "--rule", "dear_by_weight")["not_evaluated"] == [
        {"rule": "dear_by_weight", "lacks": ["price_per_kg_ratio"]}
    ]


def test_without_a_name_all_rules_of_the_kind_are_tried(tmp_path: Path) -> None:
    found = tried(tmp_path, DEAR)
    assert "dear_by_weight" in {each["rule"] for each in found["fired"]}
    assert "text_does_not_fit" in {each["rule"] for each in found["not_evaluated"]}
