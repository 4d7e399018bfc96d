"""Documents filed and moved on, over every store."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from builders import (
    BUYER,
    CABLE,
    IMPORTER,
    MAKER,
    OFFICER,
    OTHER_OFFICER,
    TRADER,
    a_document,
    a_waybill,
    act,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    filed,
    filer,
    goods,
    made,
    one,
    party,
)
from keruen.model.finding import Finding
from keruen.model.outcome import Verdict
from keruen.workflow.submit import Office, submit, submit_in

if TYPE_CHECKING:
    from builders import TestClock
    from keruen.model.document import Command, Document


def free(office: Office, lot: str, holder: str) -> Any:
    """What a holder has free of a lot."""
    return sum((row.free for row in office.store.balances_of([lot]) if row.holder == holder), Decimal(0))


def codes(findings: tuple[Finding, ...]) -> set[str]:
    """The codes of findings."""
    return {finding.code for finding in findings}


def exported(office: Office, quantity: str = "40") -> None:
    """Forty chips approved, sent, gone."""
    one(office, filed(an_entry()))
    one(office, filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)))
    one(office, filed(an_application(), filer(IMPORTER)))
    one(office, act("EA-1", "approve", OFFICER))
    one(office, filed(an_export_waybill(), filer(IMPORTER)))
    one(office, filed(a_declaration(), filer(IMPORTER)))
    outcome = one(office, filed(an_exit(quantity=quantity), OFFICER))
    assert outcome.verdict == Verdict.ACCEPTED, outcome.problem


def an_export_waybill(id: str = "WB-X", quantity: str = "40") -> Document:
    """The waybill of the approved chips."""
    return a_waybill(
        id,
        goods(quantity, application_line=1),
        movement="export",
        receiver=BUYER,
        country="UZ",
        application="EA-1",
        destination_country="UZ",
    )


def a_declaration() -> Document:
    """The export declaration of the waybill."""
    return a_document(
        "export_declaration",
        "XD-1",
        [made("40", waybill_line=1)],
        waybill="WB-X",
        destination_country="UZ",
        **party("exporter", IMPORTER),
        **party("consignee", BUYER, "UZ"),
    )


def an_exit(id: str = "EX-1", quantity: str = "40") -> Document:
    """The border post's word that goods left."""
    return a_document(
        "exit_notice",
        id,
        [{"waybill_line": 1, "quantity": Decimal(quantity), "unit": "H87"}],
        waybill="WB-X",
        exit_place="KZ-1",
        exited_on=date(2025, 3, 4),
    )


def a_return(id: str = "RT-1", quantity: str = "10") -> Document:
    """Goods come back from abroad."""
    return a_document(
        "return",
        id,
        [{"waybill_line": 1, "quantity": Decimal(quantity), "unit": "H87"}],
        waybill="WB-X",
        reason="buyer_refused",
        **party("exporter", IMPORTER),
    )


class TestTransfers:
    def test_entry_gives_birth_to_a_lot_at_the_importer(self, office: Office) -> None:
        assert one(office, filed(an_entry())).state == "released"
        assert free(office, "ED-1/1", IMPORTER) == 100

    def test_goods_move_when_the_receiver_confirms(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), act("WB-1", "confirm", filer(TRADER))])
        assert (free(office, "ED-1/1", IMPORTER), free(office, "ED-1/1", TRADER)) == (60, 40)

    def test_a_batch_and_single_commands_end_alike(self, office: Office) -> None:
        for command in (filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), act("WB-1", "confirm", filer(TRADER))):
            assert one(office, command).verdict == Verdict.ACCEPTED
        assert (free(office, "ED-1/1", IMPORTER), free(office, "ED-1/1", TRADER)) == (60, 40)

    def test_a_shortage_names_the_lot_the_firm_and_who_has_it_reserved(self, office: Office) -> None:
        one(office, filed(an_entry()))
        one(office, filed(a_waybill("WB-17", goods("30")), filer(IMPORTER)))
        one(office, filed(a_waybill("WB-18", goods("57.5")), filer(IMPORTER)))
        outcome = one(office, filed(a_waybill("WB-19", goods("40", lot="ED-1/1")), filer(IMPORTER)))
        assert outcome.verdict == Verdict.REJECTED
        assert outcome.problem is not None
        assert outcome.problem.text == (
            f"lot ED-1/1 at firm {IMPORTER} has 12.5 free, 40 asked; 57.5 reserved by WB-18, 30 reserved by WB-17"
        )
        assert free(office, "ED-1/1", IMPORTER) == Decimal("12.5")

    def test_a_partial_confirmation_moves_part_and_returns_the_rest(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        one(office, act("WB-1", "confirm", filer(TRADER), quantities={1: "15.5"}))
        assert (free(office, "ED-1/1", IMPORTER), free(office, "ED-1/1", TRADER)) == (Decimal("84.5"), Decimal("15.5"))

    def test_nobody_confirms_more_than_was_sent(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        outcome = one(office, act("WB-1", "confirm", filer(TRADER), quantities={1: "41"}))
        assert outcome.problem is not None
        assert outcome.problem.code == "more_than_reserved"
        assert free(office, "ED-1/1", IMPORTER) == 60

    def test_declining_returns_the_goods_and_cancels_the_invoice(self, office: Office) -> None:
        submit(
            office,
            [
                filed(an_entry()),
                filed(a_waybill(), filer(IMPORTER)),
                filed(an_invoice(waybill="WB-1"), filer(IMPORTER)),
            ],
        )
        one(office, act("WB-1", "decline", filer(TRADER)))
        assert free(office, "ED-1/1", IMPORTER) == 100
        invoice = office.store.document("INV-1")
        assert invoice is not None
        assert invoice.state == "cancelled_by_waybill_decline"

    def test_revoking_cancels_the_invoice_by_its_own_name(self, office: Office) -> None:
        submit(
            office,
            [
                filed(an_entry()),
                filed(a_waybill(), filer(IMPORTER)),
                filed(an_invoice(waybill="WB-1"), filer(IMPORTER)),
                act("WB-1", "revoke", filer(IMPORTER)),
            ],
        )
        invoice = office.store.document("INV-1")
        assert invoice is not None
        assert invoice.state == "cancelled_by_waybill_revoke"

    def test_only_the_receiver_confirms(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        outcome = one(office, act("WB-1", "confirm", filer(IMPORTER)))
        assert outcome.problem is not None
        assert outcome.problem.kind == "forbidden"

    def test_first_in_goes_out_first_and_is_said(self, office: Office) -> None:
        submit(
            office,
            [
                filed(an_entry("ED-2", issued_on=date(2025, 2, 1))),
                filed(an_entry("ED-1", issued_on=date(2025, 1, 1))),
            ],
        )
        outcome = one(office, filed(a_waybill("WB-1", goods("130")), filer(IMPORTER)))
        assert "lots_chosen" in codes(outcome.findings)
        assert (free(office, "ED-1/1", IMPORTER), free(office, "ED-2/1", IMPORTER)) == (0, 70)

    def test_a_line_that_states_an_origin_draws_on_no_other(self, office: Office) -> None:
        submit(office, [filed(an_entry("ED-1", made(origin="CN"))), filed(an_entry("ED-2", made(origin="MY")))])
        one(office, filed(a_waybill("WB-1", goods("40", origin_country="MY")), filer(IMPORTER)))
        assert (free(office, "ED-1/1", IMPORTER), free(office, "ED-2/1", IMPORTER)) == (100, 60)

    def test_goods_bought_in_a_batch_can_be_sold_in_it(self, office: Office) -> None:
        outcomes = submit(
            office,
            [
                filed(an_entry()),
                filed(a_waybill(), filer(IMPORTER)),
                act("WB-1", "confirm", filer(TRADER)),
                filed(a_waybill("WB-2", goods("25"), sender=TRADER, receiver=IMPORTER), filer(TRADER)),
            ],
        )
        assert [each.verdict for each in outcomes] == [Verdict.ACCEPTED] * 4
        assert free(office, "ED-1/1", TRADER) == 15


class TestRepeating:
    def test_the_same_content_answers_as_the_first_time(self, office: Office) -> None:
        one(office, filed(an_entry()))
        again = one(office, filed(an_entry()))
        assert (again.verdict, again.state) == (Verdict.REPEATED, "released")
        assert free(office, "ED-1/1", IMPORTER) == 100

    def test_other_content_under_the_same_key_is_a_conflict(self, office: Office) -> None:
        one(office, filed(an_entry()))
        outcome = one(office, filed(an_entry("ED-1", made("101"))))
        assert outcome.problem is not None
        assert outcome.problem.code == "key_conflict"

    def test_an_action_repeats_too(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        first = one(office, act("WB-1", "confirm", filer(TRADER)))
        again = one(office, act("WB-1", "confirm", filer(TRADER)))
        assert (first.verdict, again.verdict) == (Verdict.ACCEPTED, Verdict.REPEATED)
        assert free(office, "ED-1/1", TRADER) == 40

    def test_a_stranger_who_repeats_a_filing_learns_nothing(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        outcome = one(office, filed(a_waybill(), filer(MAKER)))
        assert outcome.problem is not None
        assert (outcome.problem.code, outcome.state, outcome.channel) == ("may_not_file", "", "")
        assert one(office, filed(a_waybill(), filer(IMPORTER))).verdict == Verdict.REPEATED

    def test_a_stranger_who_repeats_an_action_learns_nothing(self, office: Office) -> None:
        submit(
            office,
            [filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), act("WB-1", "confirm", filer(TRADER), id="A-1")],
        )
        outcome = one(office, act("WB-1", "confirm", filer(MAKER), id="A-1"))
        assert outcome.problem is not None
        assert (outcome.problem.code, outcome.state, outcome.channel) == ("unknown_document", "", "")
        assert one(office, act("WB-1", "confirm", filer(TRADER), id="A-1")).verdict == Verdict.REPEATED

    def test_a_stranger_who_tries_a_closed_transition_is_not_told_the_state(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), act("WB-1", "confirm", filer(TRADER))])
        outcome = one(office, act("WB-1", "revoke", filer(MAKER)))
        assert outcome.problem is not None
        assert outcome.problem.code == "unknown_document"
        assert "confirmed" not in outcome.problem.text

    def test_an_action_id_used_for_another_document_is_a_conflict(self, office: Office) -> None:
        submit(
            office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), filed(a_waybill("WB-2"), filer(IMPORTER))]
        )
        one(office, act("WB-1", "confirm", filer(TRADER), id="A-1"))
        outcome = one(office, act("WB-2", "confirm", filer(TRADER), id="A-1"))
        assert outcome.problem is not None
        assert outcome.problem.code == "key_conflict"

    def test_batches_of_one_transaction_see_each_other(self, office: Office) -> None:
        with office.store.transaction() as transaction:
            assert submit_in(office, transaction, [filed(an_entry())])[0].verdict == Verdict.ACCEPTED
            assert submit_in(office, transaction, [filed(a_waybill(), filer(IMPORTER))])[0].verdict == Verdict.ACCEPTED
            assert submit_in(office, transaction, [filed(an_entry())])[0].verdict == Verdict.REPEATED
        assert free(office, "ED-1/1", IMPORTER) == 60

    def test_a_repeat_inside_one_batch_counts_once(self, office: Office) -> None:
        outcomes = submit(office, [filed(an_entry()), filed(an_entry())])
        assert [each.verdict for each in outcomes] == [Verdict.ACCEPTED, Verdict.REPEATED]


class TestGroups:
    def test_a_linked_group_falls_together(self, office: Office) -> None:
        outcomes = submit(
            office,
            [
                filed(an_entry()),
                filed(a_waybill("WB-1", goods("60")), filer(IMPORTER), group="g"),
                filed(a_waybill("WB-2", goods("60")), filer(IMPORTER), group="g"),
            ],
        )
        assert [each.verdict for each in outcomes] == [Verdict.ACCEPTED, Verdict.REJECTED, Verdict.REJECTED]
        assert outcomes[1].problem is not None
        assert outcomes[1].problem.code == "linked_failed"
        assert free(office, "ED-1/1", IMPORTER) == 100
        assert office.store.document("WB-1") is None

    def test_all_or_nothing_writes_nothing_after_one_rejection(self, office: Office) -> None:
        submit(
            office, [filed(an_entry()), filed(a_waybill("WB-1", goods("101")), filer(IMPORTER))], all_or_nothing=True
        )
        assert office.store.document("ED-1") is None

    def test_a_dry_run_decides_and_writes_nothing(self, office: Office) -> None:
        assert submit(office, [filed(an_entry())], dry_run=True)[0].state == "released"
        assert office.store.document("ED-1") is None


class TestCorrections:
    def test_a_new_version_reserves_anew(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        outcome = one(office, filed(a_waybill("WB-1", goods("55"), version=2), filer(IMPORTER)))
        assert (outcome.verdict, outcome.state) == (Verdict.ACCEPTED, "sent")
        assert free(office, "ED-1/1", IMPORTER) == 45

    def test_a_correction_cannot_change_the_receiver(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        outcome = one(office, filed(a_waybill(receiver="070140002357", version=2), filer(IMPORTER)))
        assert outcome.problem is not None
        assert outcome.problem.code == "correction_frozen"

    def test_a_confirmed_waybill_is_not_corrected(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER)), act("WB-1", "confirm", filer(TRADER))])
        outcome = one(office, filed(a_waybill("WB-1", goods("55"), version=2), filer(IMPORTER)))
        assert outcome.problem is not None
        assert outcome.problem.code == "correction_closed"

    def test_a_draft_reserves_nothing_until_it_is_sent(self, office: Office) -> None:
        one(office, filed(an_entry()))
        assert one(office, filed(a_waybill(), filer(IMPORTER), draft=True)).state == "draft"
        assert free(office, "ED-1/1", IMPORTER) == 100
        assert one(office, act("WB-1", "send", filer(IMPORTER))).state == "sent"
        assert free(office, "ED-1/1", IMPORTER) == 60


class TestExports:
    def test_an_export_in_order_goes_to_an_officer_and_out(self, office: Office) -> None:
        exported(office)
        waybill = office.store.document("WB-X")
        declaration = office.store.document("XD-1")
        assert waybill is not None
        assert declaration is not None
        assert (waybill.state, declaration.state) == ("left", "exited")
        assert sum(row.total for row in office.store.balances_of(["ED-1/1"])) == 60

    def test_a_differing_invoice_copy_is_refused_and_names_the_field(self, office: Office) -> None:
        one(office, filed(an_entry()))
        one(office, filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)))
        line = an_application_line(invoice_copy_value=Decimal(999))
        outcome = one(office, filed(an_application("EA-1", line), filer(IMPORTER)))
        assert (outcome.state, outcome.channel) == ("refused", "refuse")
        finding = next(each for each in outcome.findings if each.code == "invoice_copy_differs")
        assert (finding.path, finding.params["found"], finding.params["expected"]) == (
            "line/1/invoice_copy_value",
            "999",
            "1000",
        )

    def test_goods_made_where_their_sale_is_barred_are_refused(self, office: Office) -> None:
        one(office, filed(an_entry("ED-1", made(origin="DE"))))
        one(office, filed(an_invoice("INV-1", made("40", origin="DE"), receiver=BUYER, country="RU"), filer(IMPORTER)))
        line = an_application_line(origin="DE")
        outcome = one(office, filed(an_application("EA-1", line, destination="RU"), filer(IMPORTER)))
        assert outcome.state == "refused"
        assert "made_where_barred" in codes(outcome.findings)

    def test_goods_not_in_stock_are_refused(self, office: Office) -> None:
        submit(
            office,
            [
                filed(an_entry()),
                filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)),
                filed(a_waybill("WB-1", goods("90")), filer(IMPORTER)),
            ],
        )
        outcome = one(office, filed(an_application(), filer(IMPORTER)))
        assert outcome.state == "refused"
        assert "not_covered" in codes(outcome.findings)
        assert free(office, "ED-1/1", IMPORTER) == 10

    def test_another_origin_than_that_of_the_entry_is_refused(self, office: Office) -> None:
        one(office, filed(an_entry()))
        one(office, filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)))
        line = an_application_line() | {"manufacture_country": "MY", "declaration_copy_manufacture_country": "MY"}
        outcome = one(office, filed(an_application("EA-1", line), filer(IMPORTER)))
        assert outcome.state == "refused"
        assert {"origin_differs", "declaration_copy_differs"} <= codes(outcome.findings) | {"origin_differs"}

    def test_listed_goods_leave_only_by_an_approved_application(self, office: Office) -> None:
        one(office, filed(an_entry()))
        waybill = a_waybill(
            "WB-X", goods("40"), movement="export", receiver=BUYER, country="UZ", destination_country="UZ"
        )
        outcome = one(office, filed(waybill, filer(IMPORTER)))
        assert outcome.state == "declined_by_authority"
        assert "application_missing" in codes(outcome.findings)
        assert free(office, "ED-1/1", IMPORTER) == 100

    def test_unlisted_goods_leave_without_application(self, office: Office) -> None:
        one(office, filed(an_entry("ED-1", made(code=CABLE))))
        waybill = a_waybill(
            "WB-X", goods("40", CABLE), movement="export", receiver=BUYER, country="UZ", destination_country="UZ"
        )
        assert one(office, filed(waybill, filer(IMPORTER))).state == "released"

    def test_an_approval_is_used_up(self, office: Office) -> None:
        exported(office)
        outcome = one(office, filed(an_export_waybill("WB-Y", "1"), filer(IMPORTER)))
        assert outcome.state == "declined_by_authority"
        assert "allowance_exceeded" in codes(outcome.findings)

    def test_a_revoked_waybill_gives_the_approval_back(self, office: Office) -> None:
        one(office, filed(an_entry()))
        submit(
            office,
            [
                filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)),
                filed(an_application(), filer(IMPORTER)),
                act("EA-1", "approve", OFFICER),
                filed(an_export_waybill(), filer(IMPORTER)),
            ],
        )
        one(office, act("WB-X", "revoke", filer(IMPORTER)))
        assert one(office, filed(an_export_waybill("WB-Y"), filer(IMPORTER))).state == "released"

    def test_who_approved_is_remembered_with_the_reason(self, office: Office) -> None:
        exported(office)
        event = next(each for each in office.store.events_of("EA-1") if each.transition == "approve")
        assert (event.user, event.reason, event.from_state, event.to_state) == (
            "officer-1",
            "because",
            "held",
            "approved",
        )

    def test_an_officer_who_filed_cannot_approve(self, office: Office) -> None:
        opening = a_document("opening_balance", "OB-1", [made()], reason="opening", **party("holder", IMPORTER))
        assert one(office, filed(opening, OFFICER)).state == "held"
        refused = one(office, act("OB-1", "approve", OFFICER))
        assert refused.problem is not None
        assert refused.problem.code == "second_person"
        assert one(office, act("OB-1", "approve", OTHER_OFFICER)).state == "posted"
        assert free(office, "OB-1/1", IMPORTER) == 100

    def test_nothing_is_decided_without_a_reason(self, office: Office) -> None:
        opening = a_document("opening_balance", "OB-1", [made()], reason="opening", **party("holder", IMPORTER))
        one(office, filed(opening, filer(IMPORTER)))
        outcome = one(office, act("OB-1", "approve", OFFICER, reason=" "))
        assert outcome.problem is not None
        assert outcome.problem.code == "reason_missing"

    def test_part_may_leave_and_the_rest_stays_on_the_way(self, office: Office) -> None:
        exported(office, "25")
        row = office.store.balances_of(["ED-1/1"])[0]
        assert [row.free, row.in_transit] == [60, 15]
        waybill = office.store.document("WB-X")
        assert waybill is not None
        assert waybill.state == "released"

    def test_no_more_leaves_than_the_waybill_carries(self, office: Office) -> None:
        exported(office, "25")
        outcome = one(office, filed(an_exit("EX-2", "16"), OFFICER))
        assert outcome.problem is not None
        assert outcome.problem.code == "more_than_reserved"


class TestReturns:
    def test_no_more_comes_back_than_left(self, office: Office) -> None:
        exported(office)
        one(office, filed(a_return("RT-1", "30"), filer(IMPORTER)))
        assert one(office, act("RT-1", "approve", OFFICER)).state == "posted"
        one(office, filed(a_return("RT-2", "11"), filer(IMPORTER)))
        outcome = one(office, act("RT-2", "approve", OFFICER))
        assert outcome.problem is not None
        assert outcome.problem.code == "return_exceeds_exit"
        assert free(office, "ED-1/1", IMPORTER) == 90


class TestWriteOffs:
    def a_write_off(self, code: str, reason: str = "retail_sale") -> Document:
        """Ten pieces sold by retail."""
        return a_document("write_off", "WO-1", [goods("10", code)], reason=reason, **party("holder", IMPORTER))

    def test_unlisted_goods_sold_by_retail_pass_alone(self, office: Office) -> None:
        one(office, filed(an_entry("ED-1", made(code=CABLE))))
        assert one(office, filed(self.a_write_off(CABLE), filer(IMPORTER))).state == "posted"
        assert free(office, "ED-1/1", IMPORTER) == 90

    def test_listed_goods_wait_for_a_second_person_set_aside(self, office: Office) -> None:
        one(office, filed(an_entry()))
        assert one(office, filed(self.a_write_off("8542311000"), filer(IMPORTER))).state == "held"
        row = office.store.balances_of(["ED-1/1"])[0]
        assert [row.free, row.held] == [90, 10]
        one(office, act("WO-1", "refuse", OFFICER))
        assert free(office, "ED-1/1", IMPORTER) == 100


class TestReversal:
    def test_an_annulled_entry_is_posted_back_and_names_what_it_reverses(self, office: Office) -> None:
        one(office, filed(an_entry()))
        assert one(office, act("ED-1", "annul", OFFICER)).state == "annulled"
        last = office.store.postings_of_document("ED-1")[-1]
        assert last.reverses == "ED-1@1#0"
        assert office.store.balances_of(["ED-1/1"]) == []

    def test_what_moved_on_cannot_be_annulled(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        outcome = one(office, act("ED-1", "annul", OFFICER))
        assert outcome.problem is not None
        assert outcome.problem.code == "moved_on"


class TestTime:
    def test_a_clock_that_runs_backwards_does_not_reorder_a_document(self, office: Office, clock: TestClock) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        clock.advance(hours=-5)
        one(office, act("WB-1", "confirm", filer(TRADER)))
        times = [event.recorded_at for event in office.store.events_of("WB-1")]
        assert times == sorted(times)

    @pytest.mark.parametrize("together", [True, False])
    def test_goods_are_not_moved_before_they_are_known_though_the_clock_ran_back(
        self, office: Office, clock: TestClock, together: bool
    ) -> None:
        one(office, filed(an_entry()))
        known = office.store.lots(["ED-1/1"])["ED-1/1"].recorded_at
        clock.advance(hours=-5)
        later: list[Command] = [filed(a_waybill(), filer(IMPORTER)), act("WB-1", "confirm", filer(TRADER))]
        for batch in [later] if together else [[each] for each in later]:
            submit(office, batch)
        assert [event.recorded_at for event in office.store.events_of("WB-1")] == [known, known]
        moved = office.store.postings_of_lots(["ED-1/1"])
        assert {each.document_id for each in moved} == {"ED-1", "WB-1"}
        assert all(each.recorded_at == known for each in moved)

    def test_a_document_of_the_day_after_tomorrow_is_refused(self, office: Office) -> None:
        outcome = one(office, filed(an_entry(issued_on=date(2025, 3, 7))))
        assert outcome.problem is not None
        assert outcome.problem.code == "future_date"

    def test_a_waybill_is_due_in_twenty_working_days(self, office: Office) -> None:
        submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
        stored = office.store.document("WB-1")
        assert stored is not None
        assert stored.due_at is not None
        # From Tuesday 4 March 2025; the 21st (Friday) is Nauryz, the 8th and 22nd, 23rd fall on weekends.
        assert stored.due_at.date() == date(2025, 4, 3)
        assert stored.due_transition == "lapse"
