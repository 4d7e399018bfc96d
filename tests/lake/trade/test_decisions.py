"""The trade statistics reach the decision on a declared line, and their absence is said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

import worlds
from builders import KZ, an_application, an_application_line, shipped_rules
from keruen import compose
from keruen.compose import CurrentStatistics
from keruen.facts.gather import Situation, TradeFacts, facts_of
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.score import newest
from keruen.lake.trade.series import Window
from keruen.rules.engine import evaluate

ON = date(2025, 3, 4)
RULES = {"statistics_hub", "statistics_hub_partial"}
CHIP = "8542310000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The made-up world: chips from the EU go to Georgia and on to Russia; France never sold to Russia itself."""
    lake = Lake(tmp_path / "trade")
    load(lake, worlds.write(tmp_path / worlds.NAME, [row for row in worlds.rows() if ",251,X,643," not in row]))
    lake.close()
    return tmp_path / "trade"


def facts(statistics: Any, country: str, **line: Any) -> dict[str, Any]:
    document = an_application("EA-1", an_application_line(**{"commodity_code": CHIP, **line}), destination=country)
    return facts_of(Situation(document, KZ.union, datetime(2025, 3, 4, 12, tzinfo=UTC), {}, statistics=statistics))


def outcome(found: dict[str, Any]) -> tuple[set[str], set[str]]:
    rulings = shipped_rules()
    told = evaluate(rulings.live, "export_application", found, ON)
    return {each.code for each in told.fired} & RULES, {rule.code for rule, _ in told.open} & RULES


def test_without_statistics_the_rules_read_not_evaluated(tmp_path: Path) -> None:
    found = facts(CurrentStatistics(tmp_path / "none", "KZ"), "GE")
    assert not any(name.startswith("trade_") for name in found)
    assert outcome(found) == (set(), RULES)


def test_an_export_to_a_hub_says_so_and_to_another_country_does_not(folder: Path) -> None:
    statistics = CurrentStatistics(folder, "KZ")
    hub = facts(statistics, "GE")
    assert hub["trade_hub_verdict"] == "raised"
    assert hub["trade_hub_score"] >= 0.5
    assert outcome(hub) == ({"statistics_hub"}, set())
    other = facts(statistics, "TH")
    assert other["trade_hub_verdict"] == "not raised"
    assert outcome(other)[0] == set()


def test_a_price_is_compared_in_the_currency_of_the_statistics(folder: Path) -> None:
    statistics = CurrentStatistics(folder, "KZ")
    usual = facts(statistics, "GE", value=Decimal(50), currency="USD", net_mass_kg=Decimal(1))
    dear = facts(statistics, "GE", value=Decimal(5000), currency="USD", net_mass_kg=Decimal(1))
    assert abs(usual["trade_price_z"]) < 3.5 < dear["trade_price_z"]
    assert "trade_price_z" not in facts(statistics, "GE", value=Decimal(50), currency="XTS", net_mass_kg=Decimal(1))


def test_a_route_never_reported_has_a_share_of_nought(folder: Path) -> None:
    statistics = CurrentStatistics(folder, "KZ")
    assert facts(statistics, "TH")["trade_route_share"] == 0
    assert facts(statistics, "RU")["trade_route_share"] == 1


def test_what_is_read_names_the_edition_of_the_lake_that_said_it(folder: Path, tmp_path: Path) -> None:
    lake = Lake(folder)
    assert facts(CurrentStatistics(folder, "KZ"), "GE")["trade_edition"] == lake.edition("comtrade")
    same = Lake(tmp_path / "same")
    load(same, tmp_path / worlds.NAME)
    assert same.edition("comtrade") == lake.edition("comtrade")
    load(lake, worlds.write(tmp_path / "more.csv", worlds.rows(seed=12)))
    told = facts(CurrentStatistics(folder, "KZ"), "GE")["trade_edition"]
    assert told == lake.edition("comtrade") != same.edition("comtrade")


def test_another_lake_is_seen_when_its_catalogue_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "CHECK_S", 0.0)
    away = folder / "catalogue.away"
    (folder / "catalogue.json").rename(away)
    statistics = CurrentStatistics(folder, "KZ")
    assert statistics.tables() is None
    away.rename(folder / "catalogue.json")
    assert statistics.tables() is not None


def test_a_lake_that_cannot_be_read_holds_no_filing_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "catalogue.json").write_text("{")
    assert facts(CurrentStatistics(tmp_path, "KZ"), "GE").get("trade_hub_verdict") is None
    assert "could not be read" in caplog.text


def test_a_line_takes_less_than_five_milliseconds(folder: Path) -> None:
    statistics = CurrentStatistics(folder, "KZ")
    line = an_application_line() | {"commodity_code": CHIP}
    assert isinstance(statistics(line, "GE", ON), TradeFacts)
    began = perf_counter()
    for _ in range(1000):
        statistics(line, "GE", ON)
    assert perf_counter() - began < 5


@pytest.mark.parametrize(
    ("periods", "before", "after"),
    [
        (Window("2020-01", "2022-11"), Window("2021-03", "2021-11"), Window("2022-03", "2022-11")),
        (Window("2019-01", "2024-08"), Window("2020-09", "2021-08"), Window("2023-09", "2024-08")),
        (Window("2021", "2023"), Window("2021", "2021"), Window("2023", "2023")),
    ],
)
def test_the_newest_months_are_held_against_the_same_months_before_the_war(
    periods: Window, before: Window, after: Window
) -> None:
    assert newest(periods.periods()) == (before, after)


def test_statistics_that_end_before_the_war_say_nothing() -> None:
    assert newest(Window("2019-01", "2022-02").periods()) is None
    assert newest(["2022"]) is None
