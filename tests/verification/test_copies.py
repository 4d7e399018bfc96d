"""Copies against records: each field that differs is named with both values."""

from __future__ import annotations

from decimal import Decimal

from keruen.model.finding import Severity
from keruen.verification.copies import compare, differing, shown

LINE = {"line": 3, "copy_quantity": Decimal("40.0"), "copy_unit": "H87", "copy_value": None}


def test_a_copy_that_agrees_says_nothing_however_its_number_is_written() -> None:
    assert (
        compare(
            LINE,
            {"quantity": Decimal(40), "unit": "H87"},
            prefix="copy",
            names=("quantity", "unit", "value"),
            what="invoice",
            record_id="INV-1",
        )
        == []
    )


def test_each_difference_is_a_refusal_with_both_values_and_its_place() -> None:
    (finding,) = compare(
        LINE,
        {"quantity": Decimal(41), "unit": "H87"},
        prefix="copy",
        names=("quantity", "unit"),
        what="invoice",
        record_id="INV-1",
    )
    assert (finding.code, finding.severity, finding.path) == (
        "invoice_copy_differs",
        Severity.REFUSE,
        "line/3/copy_quantity",
    )
    assert finding.params == {"line": "3", "document": "INV-1", "field": "quantity", "found": "40", "expected": "41"}


def test_what_only_one_side_states_differs() -> None:
    findings = compare(
        LINE,
        {"quantity": Decimal(40), "unit": "H87", "value": Decimal(1)},
        prefix="copy",
        names=("quantity", "unit", "value"),
        what="invoice",
        record_id="INV-1",
    )
    assert [(each.params["found"], each.params["expected"]) for each in findings] == [("", "1")]


def test_a_record_that_is_not_there_is_one_refusal() -> None:
    (finding,) = compare(LINE, None, prefix="copy", names=("quantity",), what="declaration", record_id="ED-9")
    assert (finding.code, finding.params["document"]) == ("declaration_not_on_record", "ED-9")


def test_two_records_differ_only_where_both_speak() -> None:
    assert differing({"a": 1, "b": None, "c": "x"}, {"a": 2, "b": 3, "c": "x"}, "abcd") == [("a", "1", "2")]


def test_values_are_shown_as_people_read_them() -> None:
    assert [shown(value) for value in (Decimal("1.500"), None, "x", 7)] == ["1.5", "", "x", "7"]
