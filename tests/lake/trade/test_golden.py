"""Each question's answer, worked out a second time in plain Python from the rows of the made-up world."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import worlds
from keruen.lake.trade.diversion import HEADS
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.mirror import FREIGHT
from keruen.lake.trade.unit_values import MAD_TO_SIGMA

NAMES = {number: code for code, number in worlds.NUMBERS.items()}
BEFORE, AFTER = set(worlds.BEFORE.periods()), set(worlds.AFTER.periods())


def world() -> list[dict[str, Any]]:
    rows = csv.DictReader([worlds.HEADER, *worlds.rows()])
    return [
        {
            "period": f"{row['period'][:4]}-{row['period'][4:]}",
            "reporter": NAMES[int(row["reporterCode"])],
            "partner": NAMES[int(row["partnerCode"])],
            "flow": row["flowCode"],
            "product": row["cmdCode"],
            "value": float(row["primaryValue"]),
            "mass": float(row["netWgt"]),
            "estimated": row["isNetWgtEstimated"] == "True",
        }
        for row in rows
    ]


ROWS = world()


def total(periods: set[str], **wanted: Any) -> float:
    return sum(
        float(row["value"])
        for row in ROWS
        if row["period"] in periods
        and all(row[name] in (value if isinstance(value, tuple) else (value,)) for name, value in wanted.items())
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder: Path = tmp_path_factory.mktemp("golden")
    lake = Lake(folder / "lake")
    load(lake, worlds.write(folder / worlds.NAME, worlds.rows()))
    found = {name: lake.rows(table) for name, table in worlds.questions(lake).items()}
    lake.close()
    return found


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9)


def changes(product: str, hub: str) -> tuple[float, float, float]:
    """a, b, c of a hub and product, each net of how the same leg's other goods grew."""
    legs = (
        {"reporter": worlds.ORIGINS, "partner": worlds.TARGET},
        {"reporter": worlds.ORIGINS, "partner": hub},
        {"reporter": hub, "partner": worlds.TARGET},
    )
    found = []
    # A phone of HS 2022 has no past, but is among the other goods all the same.
    for leg in legs:
        old, new = (total(each, flow="X", product=worlds.OTHERS, **leg) for each in (BEFORE, AFTER))
        growth = min(max(new / old, 1 / HEADS), HEADS) if old else 1.0
        before, after = (total(each, flow="X", product=product, **leg) for each in (BEFORE, AFTER))
        found.append(after - before * growth)
    return found[0], found[1], found[2]


def test_flows(answers: dict[str, list[dict[str, Any]]]) -> None:
    assert {row["period"]: row["value"] for row in answers["flows"]} == {
        period: near(total({period}, flow="X", partner="KZ")) for period in {row["period"] for row in ROWS}
    }


def test_diversion(answers: dict[str, list[dict[str, Any]]]) -> None:
    found = {(row["hub"], row["product"]): row for row in answers["diversion"]}
    assert set(found) == {(hub, product) for hub in worlds.HUBS for product in worlds.LISTED}
    for (hub, product), row in found.items():
        a, b, c = changes(product, hub)
        assert (row["a"], row["b"]) == (near(a), near(b))
        assert row["c"] == (near(c) if row["from_hub_after"] is not None else 0)
        assert row["verdict"] == ("raised" if hub in worlds.HUBS[:2] else "not raised")
        assert row["substitution"] == near(b / -a)
        if b > 0 and c > 0:
            assert row["combined"] == near(min(b, c) / -a)


def test_network(answers: dict[str, list[dict[str, Any]]]) -> None:
    through = {
        hub: sum(max(0.0, min(b, c)) for _, b, c in (changes(product, hub) for product in worlds.LISTED))
        for hub in worlds.HUBS[:2]
    }
    found = {row["hub"]: row for row in answers["network"]}
    every = sum(row["through"] or 0.0 for row in answers["network"])
    for hub, value in through.items():
        assert found[hub]["through"] == near(value)
        assert found[hub]["share"] == near(value / every)
    assert found["KZ"]["hhi"] == near(sum(((row["through"] or 0.0) / every) ** 2 for row in answers["network"]))


def test_mirror(answers: dict[str, list[dict[str, Any]]]) -> None:
    row = next(
        row
        for row in answers["mirror"]
        if (row["exporter"], row["importer"], row["product"], row["period"]) == ("DE", "KZ", "854231", "2022-05")
    )
    sent = total({"2022-05"}, flow="X", reporter="DE", partner="KZ", product="854231")
    came = total({"2022-05"}, flow="M", reporter="KZ", partner="DE", product="854231")
    assert (row["export"], row["import"], row["ratio"]) == (near(sent), near(came), near(came / sent))
    assert row["gap"] == near(sent - came / FREIGHT)


def test_transit(answers: dict[str, list[dict[str, Any]]]) -> None:
    cells: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: {"X": 0.0, "M": 0.0})
    for row in ROWS:
        if (row["flow"], row["reporter"], row["partner"]) in {("X", "DE", "KZ"), ("M", "KZ", "DE")}:
            cells[row["period"], row["product"]][row["flow"]] += row["value"]
    lost = {
        name: sum(max(0.0, cell["X"] - cell["M"] / FREIGHT) for (period, _), cell in cells.items() if period in periods)
        / len(periods)
        for name, periods in (("before", BEFORE), ("after", AFTER))
    }
    row = next(row for row in answers["transit"] if (row["exporter"], row["importer"]) == ("DE", "KZ"))
    assert row["lost_before"] == pytest.approx(lost["before"], rel=1e-6)
    assert row["lost"] == pytest.approx(lost["after"] - lost["before"], rel=1e-6)
    logs = [math.log(cell["M"] / cell["X"]) for (period, _), cell in cells.items() if period in AFTER]
    assert row["median_after"] == near(median(logs))


def test_markets(answers: dict[str, list[dict[str, Any]]]) -> None:
    wanted = {}
    for reporter, partner, product in {(r["reporter"], r["partner"], r["product"]) for r in ROWS if r["flow"] == "X"}:
        key = {"flow": "X", "reporter": reporter, "partner": partner, "product": product}
        old, new = total(BEFORE, **key), total(AFTER, **key)
        if partner in worlds.HUBS and new > 2 * old:
            wanted[reporter, partner, product] = "not comparable" if product == "851713" else "surge"
    found = {(row["reporter"], row["partner"], row["product"]): row["verdict"] for row in answers["markets"]}
    assert found == wanted
    assert set(wanted.values()) == {"surge", "not comparable"}


def test_links(answers: dict[str, list[dict[str, Any]]]) -> None:
    found = {(row["hub"], row["product"]): row for row in answers["links"]}
    # Georgia sold no listed goods to the target before; Kazakhstan sold a little. Phones had another code.
    assert {key for key, row in found.items() if row["verdict"] == "new"} == {("GE", code) for code in worlds.LISTED}
    row = found["GE", "854231"]
    assert row["value"] == near(total(AFTER, flow="X", reporter="GE", partner="RU", product="854231"))
    assert row["periods"] == len(AFTER)


def test_unit_values(answers: dict[str, list[dict[str, Any]]]) -> None:
    logs = {
        (row["reporter"], row["partner"]): math.log(row["value"] / row["mass"])
        for row in ROWS
        if (row["flow"], row["product"], row["period"]) == ("X", "854231", "2022-05") and not row["estimated"]
    }
    centre = median(logs.values())
    spread = MAD_TO_SIGMA * median(abs(each - centre) for each in logs.values())
    found = {
        (row["reporter"], row["partner"]): row["z"]
        for row in answers["unit values"]
        if (row["product"], row["period"]) == ("854231", "2022-05")
    }
    assert found == {key: near((log - centre) / spread) for key, log in logs.items()}


def test_re_exports(answers: dict[str, list[dict[str, Any]]]) -> None:
    row = next(row for row in answers["re-exports"] if (row["reporter"], row["product"]) == ("KZ", "854231"))
    year = {row["period"] for row in ROWS if row["period"] >= "2022"}
    sent, came = (total(year, flow=flow, reporter="KZ", product="854231") for flow in "XM")
    assert (row["exports"], row["imports"], row["share"]) == (near(sent), near(came), near(min(sent, came) / sent))


def test_screens(answers: dict[str, list[dict[str, Any]]]) -> None:
    found = {(row["reporter"], row["partner"], row["product"]): row for row in answers["screens"]}
    assert {product for (_, _, product), row in found.items() if row["new_code"]} == {"851713"}
    # Georgia tells of the target alone, in every month; nobody trades energy, gold or vessels here.
    assert not any(row["energy"] or row["gold"] or row["vessel"] or row["reporter_gap"] for row in found.values())
    row = found["DE", "KZ", "854231"]
    assert row["after"] == near(total(AFTER, flow="X", reporter="DE", partner="KZ", product="854231"))


def test_surges(answers: dict[str, list[dict[str, Any]]]) -> None:
    for row in answers["surges"]:
        year = {each["period"] for each in ROWS if each["period"].startswith(row["year"])}
        assert row["value"] == near(total(year, flow="X", reporter="DE", partner=row["partner"]))
        assert row["months"] == 12
