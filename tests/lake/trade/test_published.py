"""Published findings come out again, and each trap of the data is met."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow import parquet

from keruen.lake.trade import (
    diversion,
    editions,
    links,
    markets,
    mirror,
    network,
    rest,
    selftest,
    transit,
    unit_values,
)
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.selftest import Result
from keruen.lake.trade.series import EU, Window, flows, last, money

BEFORE, AFTER = Window("2021-03", "2021-11"), Window("2022-03", "2022-11")


@pytest.fixture(scope="module")
def results(published: Lake) -> dict[str, Result]:
    return {finding.id: selftest.check(published, finding) for finding in selftest.findings(None)}


@pytest.mark.parametrize("name", [finding.id for finding in selftest.findings(None)])
def test_a_known_finding_comes_out(results: dict[str, Result], name: str) -> None:
    found = results[name]
    assert found.verdict == "agrees", found


def test_every_published_number_at_hand_agrees(published: Lake, shared: object) -> None:
    assert isinstance(shared, Path)
    verdicts = [each.verdict for each in selftest.run(published, shared)]
    assert "differs" not in verdicts
    assert verdicts.count("agrees") >= 40


def test_trap_hs2022_a_code_born_in_2022_is_not_comparable(published: Lake) -> None:
    rows = published.rows(
        last(markets.steps(published, source="eurostat-products", partners=["KZ"], before=BEFORE, after=AFTER))
    )
    phones = [row for row in rows if row["product"] == "85171300"]
    assert phones
    assert {row["verdict"] for row in phones} == {"not comparable"}
    assert editions.families()["851712"] == (frozenset({"851712"}), frozenset({"851713", "851714"}))


def test_trap_only_banned_codes_so_there_is_no_control_of_all_products(published: Lake) -> None:
    corridor = diversion.Corridor(EU, "RU", BEFORE, AFTER, None)
    rows = published.rows(last(diversion.steps(published, corridor, source="eurostat-products", hubs=["KZ"])))
    assert {row["control_growth"] for row in rows} == {None}


def test_trap_only_banned_codes_so_the_control_is_the_totals_less_the_list(published: Lake, shared: Path) -> None:
    totals = rest.totals_of(published, "eurostat-products")
    assert totals == "eurostat-chapters"
    asked = {"source": "eurostat-products", "totals": totals, "reporters": EU, "partners": ["KZ"]}
    found = {row["period"]: row for row in published.rows(last(rest.steps(published, **asked)))}  # type: ignore[arg-type]
    folder = shared / "eurostat_cn8_sanctioned_2020_2022"
    values = dict.fromkeys(("eu_exports_cn8_monthly", "eu_total_and_energy_monthly"), 0.0)
    for name in values:
        for row in parquet.read_table(folder / f"{name}.parquet").to_pylist():
            kept = row.get("product", "TOTAL") == "TOTAL" and row.get("flow", "EXPORT") == "EXPORT"
            if kept and (row["partner"], row["period"]) == ("KZ", "2022-06") and row["reporter"] != "EU27_2020":
                values[name] += row["value_eur"]
    listed, total = values.values()
    assert (found["2022-06"]["listed"], found["2022-06"]["total"]) == (pytest.approx(listed), pytest.approx(total))
    assert found["2022-06"]["rest"] == pytest.approx(total - listed)
    assert len(found) == 35


def test_trap_origin_against_consignment_is_no_loss(published: Lake) -> None:
    steps = mirror.steps(published, exports="mirror", imports="mirror", importers=["KZ"], exporters=EU)
    found = {
        row["exporter"]: row for row in mirror.changes(published.rows(last(steps)), "2022", Window("2019", "2021"))
    }
    assert found["LT"]["verdict"] == "not raised"
    assert "origin against consignment" in found["LT"]["reason"]
    assert "raised" not in {row["verdict"] for row in found.values()}


def test_trap_energy_is_kept_apart(published: Lake) -> None:
    def total(level: int) -> float:
        table = flows(published, "eurostat-chapters", level=level, flow="M", partners=["KZ"])
        return float(published.rows(table.aggregate(value=money(table.value)))[0]["value"])

    assert 0 < total(2) < total(0)


@pytest.mark.parametrize("name", ["mn-02", "mn-03"])
def test_trap_false_surges_are_set_aside(results: dict[str, Result], name: str) -> None:
    assert results[name].ours == "set aside"


def test_trap_estimated_rows_are_no_surge(results: dict[str, Result]) -> None:
    assert "estimates" in results["mn-04"].note


def test_trap_estimated_masses_give_no_price_per_kilogram_and_the_price_per_car_is_sound(published: Lake) -> None:
    facts = published.facts("comtrade-monthly")
    estimated, every = (published.rows(table.count().as_table())[0] for table in (facts.filter(facts.estimated), facts))
    asked = {"source": "comtrade-monthly", "level": 4, "flow": "M"}
    by_mass, by_unit = (
        published.rows(unit_values.steps(published, per=per, **asked)["unit values"])  # type: ignore[arg-type]
        for per in ("mass_kg", "quantity")
    )
    assert next(iter(estimated.values())) > 0.9 * next(iter(every.values()))
    assert len(by_mass) < 0.1 * len(by_unit)
    prices = sorted(row["value"] / row["amount"] for row in by_unit if row["partner"] == "US")
    assert 1_000 < prices[len(prices) // 2] < 50_000


def test_trap_belarus_is_no_hub_of_chips(results: dict[str, Result]) -> None:
    assert results["mn-05"].ours == "not raised"


def test_trap_the_aggregate_of_the_eu_is_not_added_to_its_members(published: Lake) -> None:
    table = flows(published, "national", level=0, flow="M")
    assert not [row for row in published.rows(table.select("partner").distinct()) if row["partner"].startswith("*")]


def test_trap_an_unfinished_year_is_not_compared(published: Lake) -> None:
    from datetime import date

    from keruen.lake.trade import surges

    rows = published.rows(last(surges.steps(published, source="eurostat-totals", flow="X", reporter="*EU27_2020")))
    months = {row["year"]: row["months"] for row in rows if row["partner"] == "KZ"}
    assert (months["2023"], months["2024"]) == (12, 8)
    found = surges.rises(rows, year="2024", target="RU", known_on=date(2025, 1, 1))
    assert all(row["verdict"] == "not comparable" for row in found)


def test_cars_through_georgia_are_a_hub(published: Lake) -> None:
    corridor = diversion.Corridor(frozenset({"US"}), "KZ", Window("2021-03", "2021-11"), Window("2022-03", "2022-11"))
    row = published.rows(last(network.steps(published, corridor, source="comtrade-monthly", level=4, by_hub=True)))[0]
    assert row["hub"] == "GE"
    assert 0 < row["through"] <= row["rise_in"]


def test_lost_on_the_way_is_less_the_past(published: Lake) -> None:
    rows = published.rows(
        last(
            transit.steps(
                published,
                exports="mirror",
                imports="mirror",
                importers=["KZ"],
                before=Window("2019", "2021"),
                after=Window("2022", "2022"),
            )
        )
    )
    assert len(rows) == 27
    assert all(row["lost"] >= 0 for row in rows)


def test_new_links_tell_new_codes_apart(published: Lake) -> None:
    rows = published.rows(last(links.steps(published, source="eurostat-products", target="KZ", after=AFTER)))
    assert {"new", "not comparable"} <= {row["verdict"] for row in rows}
