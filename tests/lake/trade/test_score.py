"""A declared line is scored against the statistics while the one who files waits."""

from __future__ import annotations

import time
from pathlib import Path

import worlds
from keruen.lake.trade import diversion
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.score import Facts, Line, Tables


def test_a_line_is_scored_in_less_than_five_milliseconds_and_the_unknown_is_not_evaluated(
    lake: Lake, tmp_path: Path
) -> None:
    load(lake, worlds.write(tmp_path / worlds.NAME, worlds.rows()))
    corridor = diversion.Corridor(
        frozenset(worlds.ORIGINS), worlds.TARGET, worlds.BEFORE, worlds.AFTER, frozenset(worlds.LISTED)
    )
    tables = Tables(lake, corridor, source="comtrade")
    line = Line("8542310000", "DE", "KZ", 1e6, 10.0)
    began = time.perf_counter()
    for _ in range(1000):
        found = tables.score(line)
    assert time.perf_counter() - began < 5
    assert found.hub_verdict == "raised"
    assert found.price_z is not None
    assert found.price_z > 3.5
    assert found.route_share is not None
    assert tables.score(Line("999999", "DE", "KZ", 1.0, None)) == Facts(None, None, None, None)
