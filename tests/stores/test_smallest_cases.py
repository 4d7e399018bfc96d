"""What the random commands, and reading with suspicion, found: each defect as its smallest case, on both stores."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from books import amounts, check_books, tables_of
from builders import (
    BUYER,
    CABLE,
    CHIP,
    IMPORTER,
    MAKER,
    OFFICER,
    OTHER_OFFICER,
    ROUTER,
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
from keruen.model.actor import Actor, Role
from keruen.model.outcome import Outcome, Verdict
from keruen.workflow.submit import Office, submit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keruen.model.document import Document

TODAY = date(2025, 3, 4)


@pytest.fixture(autouse=True)
def _books_are_right_at_the_end(office: Office) -> Iterator[None]:
    yield
    check_books(office.store)


def refused(outcome: Outcome) -> str:
    assert outcome.problem is not None, outcome
    return outcome.problem.code


def used(office: Office, document: str, purpose: str) -> Decimal:
    return tables_of(office.store).allowances[document, 1, purpose].used


def a_licence(id: str = "LI-1", exporter: str = IMPORTER, quantity: str = "100", code: str = CHIP) -> Document:
    return a_document(
        "licence",
        id,
        [{"commodity_code": code, "quantity": Decimal(quantity), "unit": "H87"}],
        valid_from=TODAY,
        valid_until=TODAY + timedelta(days=300),
        **party("exporter", exporter),
    )


def an_export(id: str, quantity: str = "40", code: str = CABLE, application: str = "", **line: Any) -> Document:
    more = {"application": application} if application else {}
    return a_waybill(
        id,
        goods(quantity, code, **line),
        movement="export",
        receiver=BUYER,
        country="UZ",
        destination_country="UZ",
        **more,
    )


def approved(office: Office, id: str = "EA-1", **line: Any) -> None:
    """An application for forty of the chips of ED-1, approved."""
    one(office, filed(an_application(id, an_application_line(**line)), filer(IMPORTER)))
    assert one(office, act(id, "approve", OFFICER)).state == "approved"


def test_an_entry_annulled_in_the_batch_that_filed_it_takes_its_goods_back(office: Office) -> None:
    submit(office, [filed(an_entry()), act("ED-1", "annul", OFFICER)])
    assert amounts(office.store, IMPORTER) == {}


def test_an_opening_annulled_in_the_batch_that_approved_it_takes_its_goods_back(office: Office) -> None:
    opening = a_document("opening_balance", "OB-1", [made()], reason="opening", **party("holder", IMPORTER))
    one(office, filed(opening, filer(IMPORTER)))
    submit(office, [act("OB-1", "approve", OFFICER), act("OB-1", "annul", OTHER_OFFICER)])
    assert amounts(office.store, IMPORTER) == {}


def test_a_waybill_under_way_is_not_corrected_by_a_draft_that_lets_its_goods_go(office: Office) -> None:
    submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER))])
    outcome = one(office, filed(a_waybill("WB-1", goods("30"), version=2), filer(IMPORTER), draft=True))
    assert refused(outcome) == "draft_of_sent"
    one(office, act("WB-1", "confirm", filer(TRADER)))
    assert amounts(office.store, TRADER) == {"ED-1/1": 40}


def test_a_draft_is_corrected_by_a_draft(office: Office) -> None:
    submit(office, [filed(an_entry()), filed(a_waybill(), filer(IMPORTER), draft=True)])
    outcome = one(office, filed(a_waybill("WB-1", goods("30"), version=2), filer(IMPORTER), draft=True))
    assert (outcome.verdict, outcome.state) == (Verdict.ACCEPTED, "draft")


def test_what_a_correction_no_longer_draws_goes_back_to_the_licence(office: Office) -> None:
    submit(
        office,
        [
            filed(an_entry()),
            filed(a_licence(), OFFICER),
            filed(a_waybill("WB-1", goods("40", licence="LI-1")), filer(IMPORTER)),
        ],
    )
    assert used(office, "LI-1", "licence") == 40
    one(office, filed(a_waybill("WB-1", goods("40"), version=2), filer(IMPORTER)))
    assert used(office, "LI-1", "licence") == 0


def test_what_the_receiver_did_not_confirm_goes_back_to_the_licence(office: Office) -> None:
    submit(
        office,
        [
            filed(an_entry()),
            filed(a_licence(), OFFICER),
            filed(a_waybill("WB-1", goods("40", licence="LI-1")), filer(IMPORTER)),
        ],
    )
    one(office, act("WB-1", "confirm", filer(TRADER), quantities={1: "15.5"}))
    assert used(office, "LI-1", "licence") == Decimal("15.5")


def test_a_corrected_invoice_belongs_to_the_waybill_it_now_names(office: Office) -> None:
    submit(
        office,
        [
            filed(an_entry()),
            filed(a_waybill("WB-1"), filer(IMPORTER)),
            filed(a_waybill("WB-2"), filer(IMPORTER)),
            filed(an_invoice(waybill="WB-1"), filer(IMPORTER)),
        ],
    )
    one(office, filed(an_invoice(waybill="WB-2", version=2), filer(IMPORTER)))
    one(office, act("WB-1", "decline", filer(TRADER)))
    assert tables_of(office.store).documents["INV-1"].state == "issued"
    one(office, act("WB-2", "decline", filer(TRADER)))
    assert tables_of(office.store).documents["INV-1"].state == "cancelled_by_waybill_decline"


def test_nobody_gets_back_an_approval_that_he_never_drew(office: Office) -> None:
    """A waybill that cites an application nobody filed would, revoked later, free what another drew from it."""
    submit(
        office,
        [
            filed(an_entry("ED-1", made(), made("100", CABLE))),
            filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)),
        ],
    )
    outcome = one(office, filed(an_export("WB-1", application="EA-1"), filer(IMPORTER)))
    assert outcome.state == "declined_by_authority"
    assert "unknown_document" in {each.code for each in outcome.findings}


@pytest.mark.parametrize("line", [{}, {"application_line": 1}])
def test_an_application_not_approved_yet_lets_nothing_go(office: Office, line: dict[str, Any]) -> None:
    submit(
        office,
        [
            filed(an_entry("ED-1", made(), made("100", CABLE))),
            filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)),
            filed(an_application(), filer(IMPORTER)),
        ],
    )
    outcome = one(office, filed(an_export("WB-1", application="EA-1", **line), filer(IMPORTER)))
    assert outcome.state == "declined_by_authority"
    assert "application_not_approved" in {each.code for each in outcome.findings}


def test_what_was_drawn_goes_back_although_the_application_was_withdrawn(office: Office) -> None:
    submit(office, [filed(an_entry()), filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER))])
    approved(office)
    assert (
        one(office, filed(an_export("WB-1", "40", CHIP, "EA-1", application_line=1), filer(IMPORTER))).state
        == "released"
    )
    submit(office, [act("EA-1", "withdraw", filer(IMPORTER)), act("WB-1", "revoke", filer(IMPORTER))])
    assert used(office, "EA-1", "export") == 0


def test_a_firm_does_not_use_up_the_licence_of_another(office: Office) -> None:
    submit(office, [filed(an_entry("ED-1", importer=TRADER)), filed(a_licence(exporter=IMPORTER), OFFICER)])
    outcome = one(
        office, filed(a_waybill("WB-1", goods("40", licence="LI-1"), sender=TRADER, receiver=IMPORTER), filer(TRADER))
    )
    assert refused(outcome) == "licence_of_another"
    assert used(office, "LI-1", "licence") == 0


def test_a_firm_does_not_use_up_the_approval_of_another(office: Office) -> None:
    submit(
        office,
        [
            filed(an_entry()),
            filed(an_entry("ED-2", made("100", CABLE), importer=TRADER)),
            filed(an_invoice(receiver=BUYER, country="UZ"), filer(IMPORTER)),
        ],
    )
    approved(office)
    document = a_waybill(
        "WB-1",
        goods("40", CABLE),
        sender=TRADER,
        movement="export",
        receiver=BUYER,
        country="UZ",
        destination_country="UZ",
        application="EA-1",
    )
    assert one(office, filed(document, filer(TRADER))).state == "declined_by_authority"
    assert used(office, "EA-1", "export") == 0


def test_a_suspended_licence_moves_nothing(office: Office) -> None:
    submit(office, [filed(an_entry()), filed(a_licence(), OFFICER), act("LI-1", "suspend", OFFICER)])
    assert (
        refused(one(office, filed(a_waybill("WB-1", goods("40", licence="LI-1")), filer(IMPORTER))))
        == "licence_not_in_force"
    )


def a_recipe(*lines: dict[str, Any]) -> Document:
    return a_document("recipe", "RE-1", list(lines), output_code=ROUTER, output_unit="H87", **party("maker", MAKER))


def a_report(*lines: dict[str, Any]) -> Document:
    return a_document("production_report", "PR-1", list(lines), recipe="RE-1", **party("maker", MAKER))


def a_component(least: str = "0", most: str = "2") -> dict[str, Any]:
    return {"commodity_code": CHIP, "unit": "H87", "quantity_min": Decimal(least), "quantity_max": Decimal(most)}


def making(office: Office, *components: dict[str, Any]) -> None:
    submit(
        office,
        [
            filed(an_entry("ED-1", importer=MAKER)),
            filed(a_recipe(*components), filer(MAKER)),
            act("RE-1", "approve", OFFICER),
        ],
    )


def test_nothing_is_made_of_nothing(office: Office) -> None:
    """A recipe whose least is nought for everything would give birth to goods with no ancestors."""
    making(office, a_component(least="0"))
    assert refused(one(office, filed(a_report({**goods("5", ROUTER), "role": "output"}), filer(MAKER)))) == (
        "nothing_consumed"
    )


def a_by_product(least: str = "0", most: str = "2") -> dict[str, Any]:
    return {**a_component(least, most), "commodity_code": CABLE, "role": "by_product"}


@pytest.mark.parametrize(("quantity", "code"), [("2", ""), ("3", "by_product_bounds"), ("0.5", "by_product_bounds")])
def test_a_by_product_is_bounded_by_the_recipe(office: Office, quantity: str, code: str) -> None:
    making(office, a_component(), a_by_product(least="1"))
    report = a_report(
        {**goods("2"), "role": "input"},
        {**goods("1", ROUTER), "role": "output"},
        {**goods(quantity, CABLE), "role": "by_product"},
    )
    outcome = one(office, filed(report, filer(MAKER)))
    assert (outcome.problem.code if outcome.problem else "") == code


def test_a_by_product_that_the_recipe_does_not_name_is_refused(office: Office) -> None:
    making(office, a_component())
    report = a_report(
        {**goods("2"), "role": "input"},
        {**goods("1", ROUTER), "role": "output"},
        {**goods("1000", CABLE), "role": "by_product"},
    )
    assert refused(one(office, filed(report, filer(MAKER)))) == "not_in_recipe"


def test_a_paper_dated_before_its_goods_came_to_be_is_pointed_out(office: Office) -> None:
    one(office, filed(an_entry("ED-1", issued_on=TODAY)))
    early = a_waybill("WB-1", {**goods("1"), "lot": "ED-1/1"}, issued_on=TODAY - timedelta(days=1))
    [finding] = [each for each in one(office, filed(early)).findings if each.code == "before_goods"]
    assert (finding.path, finding.params["lot"]) == ("line/1", "ED-1/1")
    on_the_day = a_waybill("WB-2", {**goods("1"), "lot": "ED-1/1"}, issued_on=TODAY)
    assert "before_goods" not in {each.code for each in one(office, filed(on_the_day)).findings}


def received(office: Office, id: str, quantity: str, day: int) -> None:
    """A waybill from importer to trader, confirmed as of a day of the month."""
    at = datetime(2025, 3, day, 9, tzinfo=UTC)
    sent = a_waybill(id, {**goods(quantity), "lot": "ED-1/1"}, issued_on=at.date())
    assert one(office, filed(sent)).verdict == Verdict.ACCEPTED
    confirmed = act(id, "confirm", filer(TRADER))._replace(occurred_at=at)
    assert one(office, confirmed).verdict == Verdict.ACCEPTED


def passed_on(office: Office, id: str, quantity: str, day: int) -> set[str]:
    """Codes found on a waybill of the trader's, dated that day."""
    waybill = a_waybill(
        id,
        {**goods(quantity), "lot": "ED-1/1"},
        issued_on=date(2025, 3, day),
        sender=TRADER,
        receiver=MAKER,
    )
    outcome = one(office, filed(waybill, filer(TRADER)))
    assert outcome.verdict == Verdict.ACCEPTED, outcome
    return {each.code for each in outcome.findings}


def test_a_paper_dated_before_the_sender_had_the_goods_is_pointed_out(office: Office) -> None:
    one(office, filed(an_entry("ED-1", issued_on=date(2025, 2, 20))))
    received(office, "WB-1", "10", day=1)
    received(office, "WB-2", "20", day=4)
    assert "before_receipt" not in passed_on(office, "WB-3", "10", day=2), "so much was there"
    assert "before_receipt" in passed_on(office, "WB-4", "12", day=2), "two of them came later"
    assert "before_receipt" not in passed_on(office, "WB-5", "3", day=4)


def test_an_unnamed_line_that_is_not_covered_says_who_has_the_goods(office: Office) -> None:
    one(office, filed(an_entry("ED-1", made("10"))))
    assert one(office, filed(a_waybill("WB-1", goods("10")))).verdict == Verdict.ACCEPTED
    outcome = one(office, filed(a_waybill("WB-2", goods("4"))))
    assert outcome.problem is not None
    assert outcome.problem.params["reserved"] == "10 reserved by WB-1"
    assert "has 0 free, 4 asked; 10 reserved by WB-1" in outcome.problem.text


def a_held_waybill(office: Office, actor: Actor) -> Document:
    """An export of goods that no licence is needed for, held because it is dated before they came in."""
    one(office, filed(an_entry("ED-1", made("100", CABLE))))
    waybill = an_export("WB-1")
    early = waybill._replace(header={**waybill.header, "issued_on": TODAY - timedelta(days=1)})
    outcome = one(office, filed(early, actor))
    assert outcome.state == "held", outcome
    return early


def test_who_filed_an_earlier_version_is_no_second_person(office: Office) -> None:
    held = a_held_waybill(office, OFFICER)
    second = one(office, filed(held._replace(version=2), OTHER_OFFICER))
    assert (second.verdict, second.state) == (Verdict.ACCEPTED, "held"), second
    for officer in (OFFICER, OTHER_OFFICER):
        assert refused(one(office, act(held.id, "release", officer))) == "second_person"
    third = Actor("officer-3", "authority", Role.OFFICER)
    assert one(office, act(held.id, "release", third)).verdict == Verdict.ACCEPTED


def test_a_waybill_by_which_goods_left_is_corrected_no_more(office: Office) -> None:
    """What left would come to rest on the licence of another version, which was never drawn on."""
    held = a_held_waybill(office, OFFICER)
    notice = a_document(
        "exit_notice",
        "EX-1",
        [{"waybill_line": 1, "quantity": Decimal(1), "unit": "H87"}],
        waybill=held.id,
        exit_place="KZAAA",
        exited_on=TODAY,
    )
    assert one(office, filed(notice, OFFICER)).verdict == Verdict.ACCEPTED
    assert refused(one(office, filed(held._replace(version=2), OFFICER))) == "correction_after_exit"


def test_what_was_settled_as_left_may_come_back_once(office: Office) -> None:
    """More left than the waybill covers: the rest is blocked, settled by two officers, and returned."""
    held = a_held_waybill(office, filer(IMPORTER))
    sent = held.lines[0]["quantity"]
    notice = a_document(
        "exit_notice",
        "EX-1",
        [{"waybill_line": 1, "quantity": sent + 3, "unit": "H87"}],
        waybill=held.id,
        exit_place="KZAAA",
        exited_on=TODAY,
    )
    assert one(office, filed(notice, OFFICER)).verdict == Verdict.ACCEPTED
    back = a_document(
        "return",
        "RT-1",
        [{"waybill_line": 1, "quantity": sent + 3, "unit": "H87"}],
        waybill=held.id,
        reason="buyer_refused",
        **party("exporter", IMPORTER),
    )
    assert one(office, filed(back, filer(IMPORTER))).state == "held"
    assert refused(one(office, act("RT-1", "approve", OFFICER))) == "return_exceeds_exit"
    assert one(office, act("EX-1", "settle", OTHER_OFFICER, reason="seen at the post")).verdict == Verdict.ACCEPTED
    assert one(office, act("RT-1", "approve", OFFICER)).verdict == Verdict.ACCEPTED
    assert amounts(office.store, IMPORTER) == {"ED-1/1": Decimal(100)}
    again = back._replace(id="RT-2", header={**back.header, "id": "RT-2"})
    one(office, filed(again, filer(IMPORTER)))
    assert refused(one(office, act("RT-2", "approve", OFFICER))) == "return_exceeds_exit"


def test_an_output_of_no_quantity_is_refused_and_does_not_stop_the_process(office: Office) -> None:
    making(office, a_component(), a_by_product())
    report = a_report(
        {**goods("2"), "role": "input"},
        {**goods("1", ROUTER), "role": "output"},
        {**goods("0", CABLE), "role": "by_product"},
    )
    assert refused(one(office, filed(report, filer(MAKER)))) == "nothing_asked"


def test_an_output_in_another_unit_than_the_recipe_s_is_refused(office: Office) -> None:
    """Counted apart, it would be bounded by nothing."""
    making(office, a_component())
    report = a_report(
        {**goods("2"), "role": "input"},
        {**goods("1", ROUTER), "role": "output"},
        {**goods("1000000", ROUTER, unit="KGM"), "role": "output"},
    )
    assert refused(one(office, filed(report, filer(MAKER)))) == "recipe_of_other_goods"


def test_a_group_that_does_not_stand_together_is_refused_whole(office: Office) -> None:
    one(office, filed(an_entry()))
    outcomes = submit(
        office,
        [
            filed(a_waybill("WB-1"), filer(IMPORTER), group="g"),
            filed(an_entry("ED-2")),
            filed(a_waybill("WB-2", goods("999")), filer(IMPORTER), group="g"),
        ],
    )
    assert [each.verdict for each in outcomes] == [Verdict.REJECTED, Verdict.ACCEPTED, Verdict.REJECTED]
    assert refused(outcomes[0]) == "group_split"


def test_a_repeat_in_a_group_that_falls_is_still_a_repeat(office: Office) -> None:
    one(office, filed(an_entry()))
    outcomes = submit(
        office, [filed(an_entry(), group="g"), filed(a_waybill("WB-1", goods("999")), filer(IMPORTER), group="g")]
    )
    assert [each.verdict for each in outcomes] == [Verdict.REPEATED, Verdict.REJECTED]


def test_part_of_a_line_is_taken_from_the_same_lots_in_one_batch_or_in_two(office: Office) -> None:
    """Lots are chosen oldest first, here ED-2 then ED-1; a part confirmed goes by lot, whoever loaded them."""
    submit(
        office,
        [filed(an_entry("ED-1", made("10"))), filed(an_entry("ED-2", made("10"), issued_on=TODAY - timedelta(days=9)))],
    )
    submit(
        office,
        [
            filed(a_waybill("WB-1", goods("15")), filer(IMPORTER)),
            act("WB-1", "confirm", filer(TRADER), quantities={1: "5"}),
        ],
    )
    together = amounts(office.store, TRADER)
    submit(
        office,
        [
            filed(a_waybill("WB-0", goods("5"), sender=TRADER, receiver=IMPORTER), filer(TRADER)),
            act("WB-0", "confirm", filer(IMPORTER)),
        ],
    )
    one(office, filed(a_waybill("WB-2", goods("15")), filer(IMPORTER)))
    one(office, act("WB-2", "confirm", filer(TRADER), quantities={1: "5"}))
    assert amounts(office.store, TRADER) == together == {"ED-1/1": 5}


def test_a_long_document_whose_every_line_says_something_does_not_stop_the_process(office: Office) -> None:
    lines = [goods("0.01") for _ in range(1200)]
    one(office, filed(an_entry()))
    outcome = one(
        office,
        filed(a_document("write_off", "WO-1", lines, reason="theft", **party("holder", IMPORTER)), filer(IMPORTER)),
    )
    assert outcome.state == "held"
