"""JSON schemas, the table of problems, and the generated manual."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from keruen.documents.parsing import ACTION
from keruen.documents.problems import TEXTS, row_problem
from keruen.errors import InvalidInput, NotFound
from keruen.formats import write_problems_csv
from keruen.formats.examples import Example, example, story
from keruen.formats.schema import json_schema, meaning, meaning_of_kind
from keruen.profiles import load

PROFILE = load("kz")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("each", story(), ids=lambda each: str(each.record["id"]))
def test_every_example_validates_against_its_schema(each: Example) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the reference validator is not installed")
    schema = json_schema(PROFILE, each.record["kind"])
    jsonschema.Draft202012Validator.check_schema(schema)
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors(each.record))


@pytest.mark.parametrize(
    "spoil", [{"more": 1}, {"movement": "car"}, {"lines": []}, {"sender_id": "12"}, {"version": 0}]
)
def test_the_schema_refuses_what_the_parser_refuses(spoil: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the reference validator is not installed")
    schema = json_schema(PROFILE, "waybill")
    assert list(jsonschema.Draft202012Validator(schema).iter_errors({**example("waybill"), **spoil}))


def test_the_schema_names_each_field_and_what_must_be_given() -> None:
    schema = json_schema(PROFILE, "waybill")
    kind = PROFILE.kind("waybill")
    assert schema["additionalProperties"] is False
    assert {spec.name for spec in kind.header} <= schema["properties"].keys()
    assert set(schema["required"]) == {"kind", "lines", *(spec.name for spec in kind.header if spec.required)}
    assert schema["properties"]["lines"]["items"]["required"] == [spec.name for spec in kind.lines if spec.required]
    assert schema["properties"]["movement"]["enum"] == ["entry", "transfer", "export"]


def test_lines_of_an_action_may_be_left_out() -> None:
    assert "lines" not in json_schema(PROFILE, ACTION)["required"]
    assert "lines" not in json_schema(PROFILE, "arrival_notice")["properties"]


def test_an_unknown_kind_has_no_schema_and_no_example() -> None:
    with pytest.raises(InvalidInput, match="no document kind"):
        json_schema(PROFILE, "ticket")
    with pytest.raises(NotFound):
        example("ticket")
    with pytest.raises(NotFound):
        story("../kz")


def test_every_kind_and_field_has_a_meaning() -> None:
    for name, kind in PROFILE.kinds.items():
        assert meaning_of_kind(name), name
        roles = [role for role, _ in kind.parties]
        for spec in (*kind.header, *kind.lines, *PROFILE.envelope, *PROFILE.action_header, *PROFILE.action_lines):
            assert meaning(spec.name, roles), f"{name}: {spec.name}"


def test_examples_given_out_are_copies() -> None:
    example("waybill")["lines"].clear()
    assert example("waybill")["lines"]


def test_problems_are_written_as_a_table() -> None:
    stream = io.BytesIO()
    found = '=HYPERLINK("http://x";"y")\nz'
    count = write_problems_csv(
        [row_problem(3, "lines/1/unit", "unit_hint", found, nearest="H87"), row_problem(0, "", "file_empty")], stream
    )
    rows = list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"))))
    assert count == 2
    assert rows == [
        ["row", "field", "code", "found", "expected", "how_to_mend"],
        ["3", "lines/1/unit", "unit_hint", '\'=HYPERLINK("http://x";"y")\\u000az', TEXTS["unit_hint"][0], "Write H87."],
        ["", "", "file_empty", "", *TEXTS["file_empty"]],
    ]


def test_the_manual_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "formats_doc.py", "--check"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
