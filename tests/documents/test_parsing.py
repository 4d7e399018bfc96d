"""Records to documents: the examples, everything that can be wrong with a record, and what is hashed."""

from __future__ import annotations

import copy
import hashlib
import json
import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keruen.documents.parsing import Parsed, Parser, Rejected, canonical_bytes, document_from_canonical
from keruen.documents.problems import TEXTS
from keruen.formats.examples import example, story
from keruen.model.profile import parse_profile
from keruen.profiles import load

if TYPE_CHECKING:
    from keruen.model.document import Document

PROFILE = load("kz")
PARSER = Parser(PROFILE)
STORY = [each.record for each in story()]


def a_waybill(**changes: object) -> dict[str, Any]:
    """The example, with fields changed; None takes one out."""
    record = {**example("waybill"), **changes}
    return {name: value for name, value in record.items() if value is not None}


def with_line(**changes: object) -> dict[str, Any]:
    record = a_waybill()
    line = {**record["lines"][0], **changes}
    record["lines"] = [{name: value for name, value in line.items() if value is not None}]
    return record


def accepted(raw: dict[str, Any]) -> Parsed:
    answer = PARSER.parse(raw)
    assert isinstance(answer, Parsed), [problem.text for problem in answer.problems]
    return answer


def document(raw: dict[str, Any]) -> Document:
    found = accepted(raw).document
    assert found is not None
    return found


def told(raw: dict[str, Any], **where: Any) -> list[tuple[int, str, str]]:
    answer = PARSER.parse(raw, **where)
    assert isinstance(answer, Rejected)
    return [(problem.row, problem.field, problem.code) for problem in answer.problems]


@pytest.mark.parametrize("record", STORY, ids=lambda record: str(record["id"]))
def test_every_example_is_accepted(record: dict[str, Any]) -> None:
    assert accepted(record).record.id == record["id"]


def test_there_is_an_example_of_every_kind() -> None:
    assert {record["kind"] for record in STORY} == {*PROFILE.kinds, "action"}


def test_values_are_parsed_and_the_envelope_is_apart() -> None:
    answer = accepted(a_waybill(filed_at="2026-03-04T10:00:00+05:00", filer_id="1", group="g"))
    assert answer.document is not None
    assert answer.document.version == 1
    assert answer.document.issued_on.isoformat() == "2026-02-20"
    assert answer.document.lines[0]["quantity"] == Decimal(4000)
    assert answer.envelope["filed_at"].isoformat() == "2026-03-04T05:00:00+00:00"
    assert not {"filed_at", "filer_id", "group", "id", "kind", "version"} & answer.document.header.keys()


def test_an_action_without_lines_speaks_of_all() -> None:
    action = accepted(example("action")).action
    assert action is not None
    assert (action.document_id, action.transition, action.quantities) == ("SNT-2026-0001", "confirm", None)


def test_an_action_with_lines_speaks_of_parts() -> None:
    part = accepted({**example("action"), "lines": [{"line": 2, "quantity": "5.50"}]}).action
    assert part is not None
    assert part.quantities == {2: Decimal("5.5")}


@pytest.mark.parametrize("record", STORY, ids=lambda record: str(record["id"]))
def test_what_is_kept_is_what_is_hashed_and_reads_back(record: dict[str, Any]) -> None:
    answer = accepted(record)
    assert hashlib.sha256(answer.canonical).digest() == answer.content_sha256
    if answer.document is not None:
        assert canonical_bytes(answer.document) == answer.canonical
        assert document_from_canonical(answer.canonical, PROFILE) == answer.document


def test_the_same_content_hashes_alike_however_it_is_written() -> None:
    plain = accepted(with_line(quantity="10"))
    turned = with_line(quantity="10.000", net_mass_kg="32.80")
    turned["lines"] = [dict(reversed(turned["lines"][0].items()))]
    turned = {**dict(reversed(turned.items())), "version": "1", "note": "", "occurred_at": None}
    assert accepted(turned).content_sha256 == plain.content_sha256
    assert accepted(with_line(quantity=10)).content_sha256 == plain.content_sha256
    assert accepted({**turned, "filer_user": "someone", "group": "g"}).content_sha256 == plain.content_sha256
    assert accepted(with_line(quantity="10.000001")).content_sha256 != plain.content_sha256


def test_the_same_moment_in_two_zones_hashes_alike() -> None:
    here, there = (a_waybill(occurred_at=at) for at in ("2026-03-04T10:00:00+05:00", "2026-03-04T05:00:00Z"))
    assert accepted(here).content_sha256 == accepted(there).content_sha256


def test_lines_are_put_in_order() -> None:
    record = copy.deepcopy(example("entry_declaration"))
    record["lines"].reverse()
    assert [line["line"] for line in document(record).lines] == [1, 2]
    assert accepted(record).content_sha256 == accepted(example("entry_declaration")).content_sha256


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        ({}, [("kind", "kind_missing")]),
        ({"kind": ["car"]}, [("kind", "kind_unlike_any")]),
        ({"kind": "way bill"}, [("kind", "kind_unknown")]),
        (a_waybill(lines=None), [("lines", "lines_missing")]),
        (a_waybill(lines=[]), [("lines", "lines_missing")]),
        (a_waybill(lines={"line": 1}), [("lines", "lines_not_a_list")]),
        (a_waybill(lines=["x"]), [("lines/1", "not_a_record")]),
        (a_waybill(issued_on=None), [("issued_on", "field_missing")]),
        (a_waybill(issued_on=""), [("issued_on", "field_missing")]),
        (a_waybill(issued_on="04.03.2025"), [("issued_on", "date_turned")]),
        (a_waybill(vehicle_no="1"), [("vehicle_no", "field_unknown")]),
        (a_waybill(vehicle_no=""), [("vehicle_no", "field_unknown")]),
        (a_waybill(zzzzzz="1"), [("zzzzzz", "field_unlike_any")]),
        (a_waybill(commodity_code="854231"), [("commodity_code", "line_field_in_header")]),
        (a_waybill(sender_id="120340000005"), [("sender_id", "party_id")]),
        (with_line(movement="entry"), [("lines/1/movement", "header_field_in_line")]),
        (with_line(movement=""), [("lines/1/movement", "header_field_in_line")]),
        (with_line(qantity="1"), [("lines/1/qantity", "field_unknown")]),
        (with_line(unit=None), [("lines/1/unit", "field_missing")]),
        (with_line(quantity=1.5), [("lines/1/quantity", "float")]),
        ({**example("arrival_notice"), "lines": [{"line": 1}]}, [("lines", "lines_unwanted")]),
    ],
)
def test_each_fault_has_its_problem(raw: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    assert told(raw) == [(0, field, code) for field, code in problems]


def test_empty_lines_of_a_kind_without_lines_are_nothing() -> None:
    assert accepted({**example("arrival_notice"), "lines": []})


def test_a_line_number_stands_once() -> None:
    record = a_waybill()
    record["lines"] = [*record["lines"], *copy.deepcopy(record["lines"])]
    assert told(record, row=4, line_rows=(4, 9)) == [(9, "lines/2/line", "line_repeated")]


def test_all_problems_are_told_at_once_each_in_its_row() -> None:
    record = a_waybill(issued_on="x", movement="by car", extra=1)
    record["lines"] = [{**record["lines"][0], "quantity": "-"}, {"line": 2}]
    rows = told(record, row=10, line_rows=(10, 11))
    assert {
        (10, "issued_on", "date"),
        (10, "extra", "field_unlike_any"),
        (10, "lines/1/quantity", "quantity_format"),
    } <= set(rows)
    assert {
        (11, f"lines/2/{name}", "field_missing") for name in ("commodity_code", "description", "quantity", "unit")
    } <= set(rows)
    assert len(rows) == 8


def test_a_golden_message() -> None:
    answer = PARSER.parse(with_line(quantity="1 234,5"), row=7)
    assert isinstance(answer, Rejected)
    assert answer.problems[0].text == (
        "row 7, lines/1/quantity: found '1 234,5', expected digits with at most one point, as 12.5. "
        "Write 1234.5: a point, not a comma, and no spaces."
    )


def test_every_text_can_be_filled_from_its_params_alone() -> None:
    answer = PARSER.parse(with_line(unit="шт", commodity_code="8542319999"), row=1)
    assert isinstance(answer, Rejected)
    for problem in answer.problems:
        expected, how = TEXTS[problem.code]
        assert (problem.expected, problem.how_to_mend) == (
            expected.format(**problem.params),
            how.format(**problem.params),
        )


TINY = """
[profile]
id = "tiny"
edition = "1"
jurisdiction = "UZ"
union = ""
currency = "UZS"
languages = ["en"]
working_days = [0]
holidays = []
[fields]
id = { type = "document_id" }
version = { type = "integer", min = 1, max = 9 }
day = { type = "date" }
weight = { type = "quantity" }
line = { type = "integer", min = 1, max = 3 }
to = { type = "text", max = 5 }
[party]
required = ["id", "country"]
optional = []
[envelope]
fields = []
[action]
header = ["id!", "document!", "transition!"]
lines = []
[kinds.parcel]
parties = ["giver!"]
header = ["id!", "version", "day"]
lines = ["line!", "weight!"]
filed_by = ["giver"]
initial = "here"
states = ["here"]
final = []
on_file = { effect = "none" }
transitions = []
"""


def test_nothing_is_particular_to_one_profile() -> None:
    data = tomllib.loads(TINY)
    data["fields"] |= {"document": {"type": "document_ref"}, "transition": {"type": "text", "max": 9}}
    tiny = parse_profile(data)
    parser = Parser(tiny)
    raw = {
        "kind": "parcel",
        "id": "P1",
        "giver_id": "any",
        "giver_country": "UZ",
        "lines": [{"line": "1", "weight": "2.0"}],
    }
    answer = parser.parse(raw)
    assert isinstance(answer, Parsed)
    assert answer.document is not None
    assert document_from_canonical(answer.canonical, tiny) == answer.document
    assert answer.document.lines[0]["weight"] == 2
    wrong = parser.parse({**raw, "movement": "entry"})
    assert isinstance(wrong, Rejected)
    assert [problem.code for problem in wrong.problems] == ["field_unlike_any"]
    action = parser.parse({"kind": "action", "id": "A", "document": "P1", "transition": "go"})
    assert isinstance(action, Parsed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300)
@given(st.sampled_from(STORY), st.data())
def test_no_spoilt_record_makes_an_unexpected_exception(record: dict[str, Any], data: st.DataObject) -> None:
    spoilt = copy.deepcopy(record)
    for _ in range(data.draw(st.integers(1, 4))):
        target = spoilt
        lines = spoilt.get("lines")
        if isinstance(lines, list) and lines and isinstance(lines[0], dict) and data.draw(st.booleans()):
            target = lines[0]
        name = data.draw(st.sampled_from([*target, "quantity", "unknown"]) | st.text(max_size=8)) if target else "x"
        target[name] = data.draw(JSON)
    answer = PARSER.parse(spoilt, row=1)
    if isinstance(answer, Rejected):
        assert answer.problems
        for problem in answer.problems:
            problem.text.encode()
            json.dumps(problem.params)
    elif answer.document is not None:
        assert document_from_canonical(answer.canonical, PROFILE) == answer.document
