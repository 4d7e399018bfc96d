"""Papers on one movement: what an invoice or a declaration says otherwise than its waybill."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from builders import IMPORTER, NOON, a_waybill, an_invoice, made
from keruen.model.document import StoredDocument
from keruen.model.finding import Severity
from keruen.verification.agreement import agrees_with_waybill

WAYBILL = StoredDocument(a_waybill("WB-1", made("40"), made("5")), "sent", IMPORTER, "u", NOON, NOON, b"s")


def said(*lines: dict[str, Any], cited: str = "WB-1", there: bool = True) -> list[tuple[str, str]]:
    return [
        (each.code, each.path)
        for each in agrees_with_waybill(an_invoice("INV-1", *lines), WAYBILL if there else None, cited)
    ]


def test_papers_that_agree_say_nothing() -> None:
    assert said(made("40"), made("5")) == []


def test_a_paper_that_cites_none_is_not_compared() -> None:
    assert said(made("40"), cited="") == []


def test_a_waybill_not_on_record_reads_not_evaluated_never_clean() -> None:
    (finding,) = agrees_with_waybill(an_invoice(), None, "WB-9")
    assert (finding.code, finding.severity, finding.params) == (
        "waybill_not_on_record",
        Severity.NOT_EVALUATED,
        {"document": "WB-9"},
    )


def test_a_line_is_compared_with_the_one_it_names() -> None:
    assert said(made("5", waybill_line=2)) == []
    assert said(made("5", waybill_line=1)) == [("waybill_differs", "line/1/quantity")]


def test_a_line_the_waybill_does_not_have_is_named() -> None:
    assert said(made("40", waybill_line=9)) == [("waybill_line_missing", "line/1")]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"commodity_code": "8544200000"}, "line/1/commodity_code"),
        ({"quantity": Decimal(41)}, "line/1/quantity"),
        ({"unit": "KGM"}, "line/1/unit"),
        ({"origin_country": "MY"}, "line/1/origin_country"),
        ({"manufacture_country": "MY"}, "line/1/manufacture_country"),
    ],
)
def test_each_field_that_differs_is_a_warning_with_both_values(change: dict[str, Any], path: str) -> None:
    findings = agrees_with_waybill(an_invoice("INV-1", made("40") | change), WAYBILL, "WB-1")
    assert [(each.code, each.severity, each.path) for each in findings] == [("waybill_differs", Severity.WARNING, path)]
    assert findings[0].params["found"] != findings[0].params["expected"]
