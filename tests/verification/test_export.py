"""Verification of an export, finding by finding: the plain case says nothing, each change says one thing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from builders import (
    BUYER,
    CABLE,
    CHIP,
    IMPORTER,
    NOON,
    TRADER,
    a_document,
    a_waybill,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    goods,
    made,
    party,
)
from keruen.ledger.allocation import Share, Shortage
from keruen.model.document import StoredDocument
from keruen.model.finding import Severity
from keruen.model.lot import Allowance, Birth, Lot
from keruen.verification.export import ExportCase, verify_application, verify_export_waybill

if TYPE_CHECKING:
    from keruen.model.document import Document

TODAY = date(2025, 3, 4)
ORDINARY = {"listed_goods", "end_user_statement_missing"}
"""What chips to Uzbekistan always say."""


def on_record(document: Document, state: str) -> StoredDocument:
    return StoredDocument(document, state, IMPORTER, "u", NOON, NOON, b"s")


def a_lot(**changes: Any) -> Lot:
    return Lot(
        "ED-1/1", CHIP, "H87", "CN", "CN", "", "", Birth.ENTRY, "ED-1", 1, IMPORTER, TODAY, NOON, "KZ", Decimal(100)
    )._replace(**changes)


def a_statement(state: str = "given", **header: Any) -> StoredDocument:
    return on_record(
        a_document("end_user_statement", "ES-1", [], end_use="phones", **party("end_user", BUYER, "UZ"), **header),
        state,
    )


def a_licence(state: str = "issued", exporter: str = IMPORTER, until: date = date(2026, 1, 1)) -> StoredDocument:
    line = {"commodity_code": CHIP, "quantity": Decimal(50), "unit": "H87"}
    return on_record(
        a_document(
            "licence", "LI-1", [line], valid_from=date(2025, 1, 1), valid_until=until, **party("exporter", exporter)
        ),
        state,
    )


def an_allowance(code: str = CHIP, granted: str = "50", used: str = "0") -> Allowance:
    return Allowance("LI-1", 1, "licence", code, "H87", Decimal(granted), Decimal(used))


def a_case(
    line: dict[str, Any] | None = None,
    *records: StoredDocument,
    lot: Lot | None = None,
    allowance: Allowance | None = None,
    shortage: bool = False,
    destination: str = "UZ",
    **header: Any,
) -> ExportCase:
    document = an_application("EA-1", an_application_line() | (line or {}), destination=destination, **header)
    documents = {
        each.id: each
        for each in (
            on_record(an_invoice(receiver=BUYER, country=destination), "issued"),
            on_record(an_entry(), "released"),
            *records,
        )
    }
    short = Shortage(("ED-1/1",), IMPORTER, Decimal(10), (Decimal(40), "H87", CHIP), 1)
    return ExportCase(
        document=document,
        documents=documents,
        lots={1: ((lot or a_lot(), Share("ED-1/1", Decimal(40))),)},
        shortages={1: short} if shortage else {},
        allowances={allowance.key: allowance} if allowance else {},
        on=TODAY,
        exporter=IMPORTER,
    )


def codes(case: ExportCase) -> set[str]:
    return {finding.code for finding in verify_application(case)}


def test_the_plain_case_asks_for_an_officer_and_says_what_is_missing() -> None:
    findings = verify_application(a_case())
    assert {each.code for each in findings} == ORDINARY
    assert {each.severity for each in findings} == {Severity.WARNING, Severity.NOT_EVALUATED}


def invoice(state: str = "issued", *lines: dict[str, Any], sender: str = IMPORTER) -> StoredDocument:
    return on_record(an_invoice("INV-1", *lines, sender=sender, receiver=BUYER, country="UZ"), state)


CASES: list[tuple[str, ExportCase]] = [
    ("invoice_not_on_record", a_case({"invoice": "INV-9"})),
    ("invoice_not_on_record", a_case({"invoice_line": 9})),
    ("invoice_copy_differs", a_case({"invoice_copy_quantity": Decimal(41)})),
    ("invoice_copy_differs", a_case({"invoice_copy_unit": "KGM"})),
    ("invoice_copy_differs", a_case({"invoice_copy_value": Decimal(999)})),
    ("invoice_copy_differs", a_case({"invoice_copy_currency": "EUR"})),
    ("invoice_copy_differs", a_case({"invoice_copy_origin_country": "MY"})),
    ("invoice_not_in_force", a_case(None, invoice("revoked"))),
    ("invoice_of_another", a_case(None, invoice("issued", sender=TRADER))),
    ("declaration_not_on_record", a_case({"declaration": "ED-9", "lot": "ED-9/1"})),
    ("declaration_copy_differs", a_case({"declaration_copy_quantity": Decimal(99)})),
    ("declaration_copy_differs", a_case({"declaration_copy_commodity_code": CABLE})),
    ("declaration_not_in_force", a_case(None, on_record(an_entry(), "annulled"))),
    ("lot_not_of_declaration", a_case({"lot": "ED-2/1"})),
    ("not_covered", a_case(shortage=True)),
    ("origin_differs", a_case(lot=a_lot(origin_country="MY"))),
    ("origin_differs", a_case(lot=a_lot(manufacture_country="MY"))),
    ("origin_differs", a_case({"manufacturer": "Acme"}, lot=a_lot(manufacturer="Other"))),
    ("stock_from_opening", a_case(lot=a_lot(birth=Birth.OPENING))),
    ("stock_from_correction", a_case(lot=a_lot(birth=Birth.CORRECTION))),
    ("licence_not_on_record", a_case({"licence": "LI-1"})),
    ("licence_of_other_goods", a_case({"licence": "LI-1"}, a_licence())),
    ("licence_of_other_goods", a_case({"licence": "LI-1"}, a_licence(), allowance=an_allowance(CABLE))),
    ("licence_exceeded", a_case({"licence": "LI-1"}, a_licence(), allowance=an_allowance(used="11"))),
    ("licence_not_in_force", a_case({"licence": "LI-1"}, a_licence("suspended"), allowance=an_allowance())),
    ("licence_not_in_force", a_case({"licence": "LI-1"}, a_licence(until=date(2025, 3, 3)), allowance=an_allowance())),
    ("licence_of_another", a_case({"licence": "LI-1"}, a_licence(exporter=TRADER), allowance=an_allowance())),
]


@pytest.mark.parametrize(("code", "case"), CASES)
def test_each_thing_wrong_is_found_and_says_where(code: str, case: ExportCase) -> None:
    found = [each for each in verify_application(case) if each.code not in ORDINARY]
    assert {each.code for each in found} == {code}
    for each in found:
        assert each.path.startswith("line/1")
        assert each.params["line"] == "1"


@pytest.mark.parametrize(
    ("code", "severity", "case"),
    [
        ("end_user_statement_missing", Severity.NOT_EVALUATED, a_case()),
        ("end_user_statement_not_on_record", Severity.WARNING, a_case(end_user_statement="ES-1")),
        (
            "end_user_statement_not_on_record",
            Severity.WARNING,
            a_case(None, a_statement("withdrawn"), end_user_statement="ES-1"),
        ),
        (
            "end_user_statement_expired",
            Severity.WARNING,
            a_case(None, a_statement(valid_until=date(2025, 3, 3)), end_user_statement="ES-1"),
        ),
    ],
)
def test_what_is_wrong_with_the_promise_of_use_is_told(code: str, severity: Severity, case: ExportCase) -> None:
    assert (code, severity) in {(each.code, each.severity) for each in verify_application(case)}


def test_a_promise_in_force_says_nothing() -> None:
    assert codes(a_case(None, a_statement(valid_until=TODAY), end_user_statement="ES-1")) == {"listed_goods"}


def test_a_licence_in_force_that_covers_says_nothing() -> None:
    assert codes(a_case({"licence": "LI-1"}, a_licence(), allowance=an_allowance(used="10"))) == ORDINARY


def test_goods_made_where_their_sale_is_barred_are_refused_for_every_country_named() -> None:
    for case in (
        a_case(lot=a_lot(manufacture_country="DE"), destination="RU"),
        a_case(None, lot=a_lot(manufacture_country="DE"), **party("end_user", "X", "RU")),
    ):
        (barred,) = [each for each in verify_application(case) if each.code == "made_where_barred"]
        assert (barred.severity, barred.params["destination"]) == (Severity.REFUSE, "RU")


def a_waybill_case(
    application: StoredDocument | None, code: str = CHIP, lot: Lot | None = None, *, sender: str = IMPORTER, **line: Any
) -> ExportCase:
    document = a_waybill(
        "WB-1",
        goods("40", code, **line),
        sender=sender,
        movement="export",
        receiver=BUYER,
        country="UZ",
        destination_country="UZ",
        **({"application": "EA-1"} if application else {}),
    )
    return ExportCase(
        document=document,
        documents={"EA-1": application} if application else {},
        lots={1: ((lot or a_lot(commodity_code=code), Share("ED-1/1", Decimal(40))),)},
        shortages={},
        allowances={},
        on=TODAY,
        exporter=sender,
    )


APPROVED = on_record(an_application(), "approved")


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (a_waybill_case(APPROVED, application_line=1), set()),
        (a_waybill_case(None, CABLE), set()),
        (a_waybill_case(None), {"application_missing"}),
        (a_waybill_case(on_record(an_application(), "held")), {"application_not_approved"}),
        (a_waybill_case(on_record(an_application(), "refused")), {"application_not_approved"}),
        (a_waybill_case(on_record(an_invoice("EA-1", made()), "issued")), {"application_not_approved"}),
        (a_waybill_case(APPROVED, sender=TRADER), {"application_differs"}),
        (a_waybill_case(APPROVED, application_line=9), {"application_of_other_goods"}),
        (a_waybill_case(APPROVED, CABLE, application_line=1), {"application_of_other_goods"}),
        (a_waybill_case(APPROVED, lot=a_lot(lot_id="ED-2/1")), {"lot_not_approved"}),
    ],
)
def test_an_export_waybill_of_listed_goods_leans_on_its_approval(case: ExportCase, expected: set[str]) -> None:
    findings = verify_export_waybill(case)
    assert {each.code for each in findings} == expected
    assert all(each.severity == Severity.REFUSE for each in findings)
