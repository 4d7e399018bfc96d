"""Files taken in: batches, groups, problems, envelopes."""

from __future__ import annotations

from typing import Any

import pytest

from builders import CABLE, GATEWAY, an_office
from keruen.formats.records import RawRecord
from keruen.model.actor import Actor, Role
from keruen.workflow.intake import Accept, Options, Report, take_in
from keruen.workflow.submit import Office

IMPORTER, TRADER = "120340999000", "150940999008"


def an_entry_record(id: str, quantity: str = "100", **more: Any) -> dict[str, Any]:
    """A record that enters cable."""
    return {
        "kind": "entry_declaration",
        "id": id,
        "issued_on": "2025-03-01",
        "procedure": "import",
        "dispatch_country": "CN",
        "importer_id": IMPORTER,
        "importer_name": "Importer LLP",
        "importer_country": "KZ",
        "lines": [
            {
                "line": 1,
                "commodity_code": CABLE,
                "description": "cable",
                "quantity": quantity,
                "unit": "H87",
                "value": "10",
                "currency": "USD",
                "origin_country": "CN",
                "manufacture_country": "CN",
            }
        ],
        **more,
    }


def a_waybill_record(id: str, quantity: str, **more: Any) -> dict[str, Any]:
    """A record that sends cable on."""
    return {
        "kind": "waybill",
        "id": id,
        "issued_on": "2025-03-02",
        "movement": "transfer",
        "sender_id": IMPORTER,
        "sender_name": "Importer LLP",
        "sender_country": "KZ",
        "receiver_id": TRADER,
        "receiver_name": "Trader LLP",
        "receiver_country": "KZ",
        "lines": [{"line": 1, "commodity_code": CABLE, "description": "cable", "quantity": quantity, "unit": "H87"}],
        **more,
    }


def taken(office: Office, *records: dict[str, Any], actor: Actor = GATEWAY, **options: Any) -> Report:
    """Take records in, row by row."""
    raw = [RawRecord(row, record) for row, record in enumerate(records, 1)]
    return take_in(office, raw, actor, Options(**options))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 10])
def test_a_group_is_not_cut_by_the_end_of_a_batch(batch_size: int) -> None:
    office = an_office()
    report = taken(
        office,
        an_entry_record("ED-1"),
        a_waybill_record("WB-1", "60", group="g"),
        a_waybill_record("WB-2", "60", group="g"),
        a_waybill_record("WB-3", "1"),
        batch_size=batch_size,
    )
    assert (report.accepted, report.rejected) == (2, 2)
    assert office.store.document("WB-1") is None
    assert office.store.document("WB-3") is not None


def test_a_rejection_names_its_row_and_says_why() -> None:
    report = taken(an_office(), an_entry_record("ED-1"), a_waybill_record("WB-1", "101"))
    (problem,) = report.problems
    assert (problem.row, problem.code) == (2, "not_covered")
    assert "100 free, 101 asked" in problem.how_to_mend


def test_good_rows_before_and_after_a_bad_one_stay() -> None:
    office = an_office()
    report = taken(office, an_entry_record("ED-1"), {"kind": "waybill"}, an_entry_record("ED-2"))
    assert (report.accepted, report.rejected) == (2, 1)
    assert office.store.document("ED-2") is not None


def test_all_or_nothing_tells_every_problem_and_keeps_nothing() -> None:
    office = an_office()
    report = taken(
        office,
        an_entry_record("ED-1"),
        {"kind": "x"},
        a_waybill_record("WB-1", "101"),
        accept=Accept.ALL_OR_NOTHING,
        batch_size=1,
    )
    assert (report.written, report.rejected) == (False, 2)
    assert {problem.row for problem in report.problems} == {2, 3}
    assert office.store.document("ED-1") is None


def test_only_a_gateway_names_another_filer() -> None:
    record = an_entry_record("ED-1", filer_id="999999999999")
    refused = taken(an_office(), record, actor=Actor("u", IMPORTER, Role.FILER))
    assert refused.problems[0].code == "envelope"


def test_a_gateway_may_not_speak_for_officers_unless_a_history_is_loaded() -> None:
    decision = {
        "kind": "action",
        "id": "A-1",
        "document": "ED-1",
        "transition": "annul",
        "explanation": "mistaken",
        "filer_role": "officer",
        "filer_id": "authority",
        "filer_user": "officer-1",
    }
    live = taken(an_office(), an_entry_record("ED-1"), decision)
    assert live.problems[0].code == "envelope"
    history = taken(an_office(), an_entry_record("ED-1"), decision, history=True)
    assert history.accepted == 2


def test_a_duplicate_in_one_file_counts_once() -> None:
    report = taken(an_office(), an_entry_record("ED-1"), an_entry_record("ED-1"))
    assert (report.accepted, report.repeated) == (1, 1)


def test_a_message_out_of_order_is_rejected_and_goes_in_when_sent_again() -> None:
    office = an_office()
    first = taken(office, a_waybill_record("WB-1", "10"), an_entry_record("ED-1"))
    assert (first.accepted, first.rejected) == (1, 1)
    again = taken(office, a_waybill_record("WB-1", "10"), an_entry_record("ED-1"))
    assert (again.accepted, again.repeated) == (1, 1)
