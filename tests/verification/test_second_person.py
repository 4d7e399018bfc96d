"""Births and deaths of stock outside entry and exit: when a second person must look."""

from __future__ import annotations

import pytest

from builders import CABLE, CHIP, IMPORTER, KZ, NOON, a_document, goods, party
from keruen.ledger.allocation import Share
from keruen.model.finding import Severity
from keruen.model.lot import Birth, Lot
from keruen.verification.second_person import verify_second_person


def said(kind: str, reason: str, *codes: str, drawn: str = "") -> list[tuple[str, str]]:
    document = a_document(kind, "X-1", [goods("1", code) for code in codes], reason=reason, **party("holder", IMPORTER))
    lots = {}
    if drawn:
        lot = Lot(
            "ED-1/1",
            drawn,
            "H87",
            "CN",
            "CN",
            "",
            "",
            Birth.ENTRY,
            "ED-1",
            1,
            IMPORTER,
            document.issued_on,
            NOON,
            "KZ",
            goods("1")["quantity"],
        )
        lots = {1: ((lot, Share("ED-1/1", lot.entered)),)}
    findings = verify_second_person(KZ.kind(kind), document, lots)
    assert all(each.severity == Severity.WARNING for each in findings)
    return [(each.code, each.path) for each in findings]


def test_the_routine_end_of_unlisted_goods_passes_alone() -> None:
    assert said("write_off", "retail_sale", CABLE) == []


@pytest.mark.parametrize("reason", ["theft", "damage", "destroyed", "other"])
def test_an_end_out_of_the_ordinary_does_not(reason: str) -> None:
    assert said("write_off", reason, CABLE) == [("second_person", "line/1")]


def test_listed_goods_never_pass_alone_and_only_their_lines_ask() -> None:
    assert said("write_off", "retail_sale", CABLE, CHIP) == [("second_person_listed", "line/2")]


def test_what_is_drawn_counts_not_only_what_is_said() -> None:
    assert said("write_off", "retail_sale", CABLE, drawn=CHIP) == [("second_person_listed", "line/1")]


@pytest.mark.parametrize("kind", ["opening_balance", "correction", "return"])
def test_births_out_of_nothing_never_pass_alone(kind: str) -> None:
    assert said(kind, "retail_sale", CABLE) == [("second_person", "line/1")]
