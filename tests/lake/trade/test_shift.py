"""The shift test of a corridor, worked out a second time from the rows of the made-up world."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import worlds
from keruen.errors import InvalidInput
from keruen.lake.trade import shift
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.series import Window
from keruen.lake.trade.statistics import SMALL

PERIODS = Window("2021-01", "2022-12").periods()
SINCE = PERIODS.index("2022-03")


def found(lake: Lake, folder: Path, rows: list[str], **options: Any) -> shift.Tested:
    load(lake, worlds.write(folder / worlds.NAME, rows))
    options = {"basket": frozenset(worlds.LISTED), "since": "2022-03", **options}
    return shift.measured(lake, source="comtrade", reporters=worlds.ORIGINS, partners=["KZ"], **options)


def test_the_effect_is_that_of_plain_arithmetic_and_new_codes_are_left_out(lake: Lake, tmp_path: Path) -> None:
    told = found(lake, tmp_path, worlds.rows())
    # Phones have a code of 2022 alone.
    assert set(told.products) == {*worlds.LISTED, *worlds.OTHERS} - {"851713"}
    series = {name: np.zeros(len(PERIODS)) for name in told.products}
    for row in worlds.rows():
        period, reporter, flow, partner, _, code, value, *_ = row.split(",")
        if (flow, partner) == ("X", "398") and reporter in {"276", "251", "842"} and code in series:
            series[code][PERIODS.index(f"{period[:4]}-{period[4:]}")] += float(value)
    mean = np.mean(list(series.values()))
    change = {}
    for name, values in series.items():
        y = np.log(values + SMALL * mean)
        change[name] = y[SINCE:].mean() - y[:SINCE].mean()
    mine = np.mean([change[name] for name in worlds.LISTED])
    others = np.mean([change[name] for name in series if name not in worlds.LISTED])
    assert told.shift is not None
    assert told.shift.effect == pytest.approx(mine - others, rel=1e-9)
    assert told.shift.effect == pytest.approx(np.log(6), abs=0.3)
    assert told.shift.p < 0.05 < told.shift.placebo_p
    assert [period for period, _, _ in told.events] == PERIODS
    assert told.events[SINCE - 1][1] == 0


def test_a_corridor_without_diversion_has_no_shift(lake: Lake, tmp_path: Path) -> None:
    load(lake, worlds.write(tmp_path / worlds.NAME, worlds.rows()))
    told = shift.measured(
        lake,
        source="comtrade",
        reporters=worlds.ORIGINS,
        partners=["TH"],
        since="2022-03",
        basket=frozenset(worlds.LISTED),
    )
    assert told.shift is not None
    assert told.shift.p > 0.05


def test_scale_and_order_of_rows_change_nothing(lake: Lake, tmp_path: Path) -> None:
    plain = found(lake, tmp_path, worlds.rows())
    rows = worlds.rows(scale=8)
    random.Random(5).shuffle(rows)
    other = found(Lake(tmp_path / "other"), tmp_path / "more", rows)
    assert plain.products == other.products
    assert plain.shift is not None
    assert other.shift is not None
    assert other.shift.effect == pytest.approx(plain.shift.effect, rel=1e-9)
    assert other.shift.p == plain.shift.p


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"basket": frozenset()}, "give a basket, or how many"),
        ({"chosen": 3}, "give a basket, or how many"),
        ({"since": "2030-01"}, "'2030-01' is no period after"),
    ],
)
def test_what_cannot_be_tested_is_refused(lake: Lake, tmp_path: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        found(lake, tmp_path, worlds.rows(), **options)
