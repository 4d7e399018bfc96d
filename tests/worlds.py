"""A small made-up world of trade for the tests of the lake, and every question asked of it."""

from __future__ import annotations

import math
import random
from datetime import date
from pathlib import Path
from typing import Any

from keruen.lake.trade import (
    diversion,
    links,
    markets,
    mirror,
    network,
    reexport,
    screens,
    shift,
    surges,
    transit,
    unit_values,
)
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.series import Window, by_period, flows, last

NAME = "world.csv"
HEADER = (
    "period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue,netWgt,qty,qtyUnitAbbr,"
    "isNetWgtEstimated"
)
ORIGINS, HUBS, TARGET = ("DE", "FR", "US"), ("KZ", "GE", "AE", "TH"), "RU"
NUMBERS = {"DE": 276, "FR": 251, "US": 842, "KZ": 398, "GE": 268, "AE": 784, "TH": 764, "RU": 643}
LISTED = ("854231", "854232", "852691", "901420")
OTHERS = ("010121", "620342", "640399", "851713", "730890", "870323")
QUESTIONS = (
    *("flows", "diversion", "network", "mirror", "transit", "markets", "links"),
    *("unit values", "re-exports", "screens", "surges", "shift"),
)
BEFORE, AFTER = Window("2021-03", "2021-11"), Window("2022-03", "2022-11")


def rows(scale: int = 1, seed: int = 11) -> list[str]:
    """Two years by month; from 2022-03 listed goods go through the first two hubs."""
    rng = random.Random(seed)
    made = []
    for period in Window("2021-01", "2022-12").periods():
        late, edition = period >= "2022-03", "H6" if period >= "2022" else "H5"
        for code in LISTED + OTHERS:
            listed = code in LISTED
            if code == "851713" and edition == "H5":
                continue
            for flow, reporter, partner, size in _flows(listed=listed, late=late):
                value = round(size * math.exp(rng.gauss(0, 0.2)) * 1000)
                mass = round(value / (50 * math.exp(rng.gauss(0, 0.3))), 3)
                made.append(
                    f"{period.replace('-', '')},{NUMBERS[reporter]},{flow},{NUMBERS[partner]},{edition},{code},"
                    f"{value * scale},{mass},{max(1, value // 900)},u,{rng.random() < 0.2}"
                )
    return made


def totals() -> list[str]:
    """All goods of the same pairs, twice what is told by product."""
    sums: dict[tuple[str, ...], int] = {}
    for row in rows():
        period, reporter, flow, partner, edition, _, value, *_ = row.split(",")
        key = (period, reporter, flow, partner, edition)
        sums[key] = sums.get(key, 0) + 2 * int(value)
    return [f"{','.join(key)},TOTAL,{value},,,,False" for key, value in sums.items()]


def _flows(*, listed: bool, late: bool) -> list[tuple[str, str, str, float]]:
    found = []
    for origin in ORIGINS:
        found.append(("X", origin, TARGET, 100.0 if not (listed and late) else 5.0))
        for hub in HUBS:
            loud = listed and late and hub in HUBS[:2]
            found += [("X", origin, hub, 60.0 if loud else 10.0), ("M", hub, origin, 30.0 if loud else 9.0)]
    for hub in HUBS[:3]:
        loud = listed and late and hub in HUBS[:2]
        if loud or not listed or hub == "KZ":
            found.append(("X", hub, TARGET, 80.0 if loud else 4.0))
    return found


def write(path: Path, lines: list[str]) -> Path:
    """As a Comtrade extract."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


def questions(lake: Lake) -> dict[str, Any]:
    """Every question's expression."""
    source = "comtrade"
    corridor = diversion.Corridor(frozenset(ORIGINS), TARGET, BEFORE, AFTER, frozenset(LISTED), floor=0.0)
    table = flows(lake, source, level=6, flow="X", partners=["KZ"])
    asked = {
        "flows": by_period(table),
        "diversion": diversion.steps(lake, corridor, source=source),
        "network": network.steps(lake, corridor, source=source),
        "mirror": mirror.steps(lake, exports=source, imports=source, importers=HUBS, exporters=ORIGINS, level=6),
        "transit": transit.steps(lake, exports=source, imports=source, importers=HUBS, exporters=ORIGINS, level=6,
                                 before=BEFORE, after=AFTER),
        "markets": markets.steps(lake, source=source, partners=HUBS, before=BEFORE, after=AFTER, level=6, large=0.0),
        "links": links.steps(lake, source=source, target=TARGET, after=AFTER),
        "unit values": unit_values.steps(lake, source=source, flow="X"),
        "re-exports": reexport.steps(lake, source=source, window=Window("2022-01", "2022-12")),
        "screens": screens.steps(lake, source=source, before=BEFORE, after=AFTER),
        "surges": surges.steps(lake, source=source, flow="X", reporter="DE", level=6),
        "shift": shift.steps(lake, source=source, reporters=ORIGINS, partners=["KZ"]),
    }  # fmt: skip
    assert tuple(asked) == QUESTIONS
    return {name: last(steps) for name, steps in asked.items()}


def ordered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in one order, whatever engine gave them."""
    return sorted(found, key=lambda row: tuple(str(value) for value in row.values() if isinstance(value, (str, date))))
