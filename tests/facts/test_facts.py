"""Facts of documents: what is known, and that what is not known is absent."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    BUYER,
    CABLE,
    IMPORTER,
    KZ,
    TRADER,
    TestClock,
    a_document,
    a_waybill,
    act,
    an_application,
    an_entry,
    filed,
    filer,
    goods,
    made,
    one,
    party,
)
from keruen.facts.catalogue import catalogue
from keruen.facts.gather import Situation, facts_of, officer_facts, phone_country, registered_on
from keruen.facts.history import DEAR, ENOUGH, Memories, Memory, away, mark
from keruen.facts.rates import dollars
from keruen.model.document import Document
from keruen.store.memory import MemoryStore
from keruen.workflow.submit import Office

NOW = datetime(2025, 3, 4, 12, tzinfo=UTC)


def known(document: Document, memories: Memories | None = None, **more: Any) -> dict[str, Any]:
    return facts_of(Situation(document, KZ.union, NOW, memories or {}, **more))


def test_every_fact_that_is_given_is_in_the_catalogue_and_holds() -> None:
    whole = an_application(
        **party("end_user", BUYER, "UZ"), consignee_phone="+998711234567", end_user_phone="+74951234567"
    )
    facts = known(whole, {f"party/{IMPORTER}": {"seen": "2020-01-01", "entered": "2020-01-01", "lines": 4}})
    for name, value in facts.items():
        assert catalogue()[name].holds(value), (name, value)


def test_what_is_not_known_is_absent() -> None:
    facts = known(a_waybill())
    assert not facts.keys() & {
        "destination",
        "price_per_kg_ratio",
        "resale_hops",
        "return_delivered",
        "party_listed_jump",
    }


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("240640001237", date(2024, 6, 1)),
        ("980640001237", date(1998, 6, 1)),
        ("040140001237", date(2004, 1, 1)),
        ("241340001237", None),
        ("850101300123", None),
        ("UZ-300111222", None),
    ],
)
def test_the_bin_tells_when_a_firm_was_registered_and_the_iin_does_not(identifier: str, expected: date | None) -> None:
    assert registered_on(identifier) == expected


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+7 495 123-45-67", "RU"),
        ("+7 727 123 45 67", "KZ"),
        ("+77071234567", "KZ"),
        ("+375 17 123 45 67", "BY"),
        ("+996 312 123456", "KG"),
        ("+971 4 123 4567", "AE"),
        ("12345", ""),
        ("call me", ""),
    ],
)
def test_a_number_tells_its_country(number: str, country: str) -> None:
    assert phone_country(number) == country


def test_a_russian_telephone_abroad_is_seen() -> None:
    assert known(an_application(consignee_phone="+74951234567"))["phone_russian"] is True
    assert known(an_application(consignee_phone="+998711234567"))["phone_russian"] is False
    assert "phone_russian" not in known(an_application())


def test_details_are_the_same_however_they_are_written() -> None:
    assert mark("phone", "+7 (727) 123-45-67") == mark("phone", "77271234567")
    assert mark("director", "Садыков Олег К.") == mark("director", "олег САДЫКОВ к")
    assert mark("address", "Алматы, ул. Абая, 1") != mark("address", "Алматы, ул. Абая, 2")
    assert mark("phone", "-") == ""


def test_money_of_an_unknown_currency_or_kind_is_not_guessed() -> None:
    assert dollars(Decimal(100), "XAG", date(2024, 1, 1)) is None
    assert dollars(Decimal(100), "USD", date(1995, 1, 1)) == 100


class TestPrices:
    """What a code usually costs is learnt from its entries; a dear lot is remembered."""

    def office(self) -> Office:
        return Office(MemoryStore(), KZ, TestClock(), lambda: b"s" * 16)

    def enter(self, office: Office, name: str, value: str) -> None:
        line = {**made("100", CABLE), "net_mass_kg": Decimal(50), "value": Decimal(value)}
        one(office, filed(an_entry(name, line)))

    def test_a_dear_lot_is_remembered_once_enough_is_known(self) -> None:
        office = self.office()
        self.enter(office, "ED-dear-but-early", "90000")
        for number in range(ENOUGH):
            self.enter(office, f"ED-{number}", "1000")
        self.enter(office, "ED-dear", "90000")
        memories = dict(office.store.all_memories())
        assert memories["lot/ED-dear/1"]["dear"] > DEAR
        assert "lot/ED-dear-but-early/1" not in memories

    def test_an_export_is_compared_in_any_currency(self) -> None:
        office = self.office()
        for number in range(ENOUGH):
            self.enter(office, f"ED-{number}", "1000")
        memories = dict(office.store.all_memories())
        line = {**goods("100", CABLE), "net_mass_kg": Decimal(50), "value": Decimal(5_200_000), "currency": "KZT"}
        waybill = a_waybill("WB", line, movement="export", receiver=BUYER, country="UZ", destination_country="UZ")
        assert 8 < known(waybill, memories)["price_per_kg_ratio"] < 12
        assert 8 < known(waybill, memories)["price_per_piece_ratio"] < 12

    def test_goods_under_no_control_are_compared_with_their_like(self) -> None:
        """Beside chips everything of chapter 85 is cheap: a switchboard dear for switchboards must not hide there."""
        usual = {"code/85": {"kg": [100, math.log(1500), 0.0], "free kg": [80, math.log(20), 0.0]}}
        on = NOW.date()
        assert away(lambda key: usual.get(key, {}), "853710", "kg", 300.0, on) == pytest.approx(5)
        assert away(lambda key: usual.get(key, {}), "854231", "kg", 300.0, on) == pytest.approx(0.6)
        # What was entered before the list was whole is classed as on the day it was.
        assert away(lambda key: usual.get(key, {}), "854231", "kg", 300.0, date(2020, 1, 1)) == pytest.approx(0.6)

    def test_a_few_entries_of_the_code_itself_are_believed_with_reserve(self) -> None:
        usual = {
            "code/853710": {"kg": [3, math.log(10), 0.0]},
            "code/85": {"free kg": [80, math.log(200), 0.0]},
        }
        assert away(lambda key: usual.get(key, {}), "853710", "kg", 300.0, NOW.date()) == pytest.approx(15)
        usual["code/853710"] = {"kg": [ENOUGH, math.log(10), 0.0]}
        assert away(lambda key: usual.get(key, {}), "853710", "kg", 300.0, NOW.date()) == pytest.approx(30)
        usual["code/853710"] = {"kg": [2, math.log(10), 0.0]}
        assert away(lambda key: usual.get(key, {}), "853710", "kg", 300.0, NOW.date()) == 1.0


class TestPatterns:
    """The three published patterns, the chain, the split."""

    def entered(self, *days: tuple[date, int]) -> dict[str, Memory]:
        rows = [[day.isoformat(), amount] for day, amount in days]
        return {f"party/{IMPORTER}": {"seen": "2019-01-01", "listed_days": rows}}

    def test_a_jump_is_told_against_the_own_past(self) -> None:
        on = NOW.date()
        past = [(on - timedelta(days=days), 100) for days in (900, 700, 400)]
        jump = known(an_application(), self.entered(*past, (on - timedelta(days=3), 650)))["party_listed_jump"]
        assert jump == pytest.approx(6.5)
        assert "party_listed_jump" not in known(an_application(), self.entered((on - timedelta(days=3), 650)))

    @given(st.integers(2, 1000))
    def test_a_jump_does_not_depend_on_the_measure_of_money(self, scale: int) -> None:
        on = NOW.date()
        rows = [(on - timedelta(days=days), amount) for days, amount in ((800, 90), (500, 110), (4, 700))]
        scaled = [(day, amount * scale) for day, amount in rows]
        assert known(an_application(), self.entered(*rows))["party_listed_jump"] == pytest.approx(
            known(an_application(), self.entered(*scaled))["party_listed_jump"], rel=1e-3
        )

    def test_loads_to_one_consignee_are_counted_within_three_weeks(self) -> None:
        on = NOW.date()
        asked = [
            [(on - timedelta(days=days)).isoformat(), "854231", f"EA-{days}", "party/x"] for days in (1, 5, 20, 30)
        ]
        facts = known(an_application("EA-now"), {f"party/{BUYER}": {"asked": asked}})
        assert facts["same_goods_loads"] == 4
        assert facts["counterparty_suppliers"] == 2

    def test_a_chain_of_sales_is_counted_by_hands(self) -> None:
        office = Office(MemoryStore(), KZ, TestClock(), lambda: b"s" * 16)
        one(office, filed(an_entry()))
        one(office, filed(a_waybill("WB-1", goods("10"))))
        one(office, act("WB-1", "confirm", filer(TRADER)))
        third = "060340003457"
        one(office, filed(a_waybill("WB-2", goods("10"), sender=TRADER, receiver=third), filer(TRADER)))
        one(office, act("WB-2", "confirm", filer(third)))
        memory = dict(office.store.all_memories())["lot/ED-1/1"]
        assert memory["hands"][third][0] == 2
        lots = office.store.lots(["ED-1/1"])
        facts = known(an_application(exporter=third), dict(office.store.all_memories()), lots={1: [lots["ED-1/1"]]})
        assert facts["resale_hops"] == 2
        assert facts["resale_days"] == 0


def test_a_write_off_is_seen_by_who_shares_a_director() -> None:
    office = Office(MemoryStore(), KZ, TestClock(), lambda: b"s" * 16)
    one(office, filed(an_entry(importer_director="Ахметов Ерлан")))
    line = {**goods("40"), "lot": "ED-1/1"}
    gone = a_document(
        "write_off", "WO-1", [line], reason="loss", **party("holder", IMPORTER), holder_director="Ахметов Ерлан"
    )
    one(office, filed(gone))
    sister = a_waybill(
        "WB",
        goods("40", CABLE),
        sender=TRADER,
        movement="export",
        receiver=BUYER,
        country="UZ",
        destination_country="UZ",
        sender_director="ЕРЛАН АХМЕТОВ",
    )
    facts = known(sister, dict(office.store.all_memories()))
    assert facts["party_writeoff_matches"] is True
    assert facts["party_writeoff_days"] == 0
    other = replace_line(sister, quantity=Decimal(25))
    assert known(other, dict(office.store.all_memories()))["party_writeoff_matches"] is False


def replace_line(document: Document, **values: Any) -> Document:
    return document._replace(lines=({**document.lines[0], **values},))


def test_an_officers_haste_is_counted() -> None:
    rows = [[NOW.isoformat(), "firm", 12, f"D-{number}"] for number in range(5)]
    facts = officer_facts({"releases": rows}, an_application(), NOW - timedelta(seconds=8), NOW, "ok")
    assert facts["officer_quick_releases"] == 6
    assert facts["release_seconds"] == 8
    assert facts["release_reason_length"] == 2
    assert facts["tier"] == "1"


def test_memories_are_replaced_and_never_changed() -> None:
    office = Office(MemoryStore(), KZ, TestClock(), lambda: b"s" * 16)
    one(office, filed(an_entry()))
    before = dict(office.store.all_memories())
    kept = {key: dict(value) for key, value in before.items()}
    one(replace(office), filed(an_entry("ED-2")))
    assert before == kept
