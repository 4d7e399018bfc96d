"""What is raised carries the other side's report, its control, a placebo, the order in time, and doubts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import worlds
from keruen.lake.trade import alerts, diversion
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load

CHIP = worlds.LISTED[0]


def year_before(share: float) -> list[str]:
    """The rows of 2021 as those of 2020, with so large a share of what was sold to the hubs."""
    made = []
    for row in worlds.rows():
        if row.startswith("2021"):
            period, reporter, flow, partner, edition, code, value, *rest = row.split(",")
            to_hub = flow == "X" and partner in {"398", "268"} and code in worlds.LISTED
            sold = str(round(float(value) * share)) if to_hub else value
            made.append(",".join(["2020" + period[4:], reporter, flow, partner, edition, code, sold, *rest]))
    return made


def found(lake: Lake, path: Path, rows: list[str], **options: Any) -> dict[tuple[str, str], dict[str, Any]]:
    # No mass is the publisher's estimate here: that is another doubt.
    load(lake, worlds.write(path / worlds.NAME, [row.replace(",True", ",False") for row in rows]))
    corridor = diversion.Corridor(
        frozenset(worlds.ORIGINS), worlds.TARGET, worlds.BEFORE, worlds.AFTER, frozenset(worlds.LISTED)
    )
    return {(row["hub"], row["product"]): row for row in alerts.of(lake, corridor, source="comtrade", **options)}


def test_a_hub_without_a_past_of_its_own_kind_has_nothing_against_it(lake: Lake, tmp_path: Path) -> None:
    row = found(lake, tmp_path, [*year_before(1.0), *worlds.rows()])["KZ", CHIP]
    assert row["verdict"] == "raised"
    assert abs(row["placebo"]) < 0.01 * row["b"]
    assert (row["fell"], row["rose"], row["went_on"], row["in_order"]) == ("2022-03", "2022-03", "2022-03", True)
    assert row["hub_says_after"] > row["hub_says_before"] > 0
    assert row["control_growth"] == pytest.approx(1, abs=0.3)
    assert row["may_be_wrong"] == ""


def test_a_rise_that_was_there_a_year_earlier_is_named(lake: Lake, tmp_path: Path) -> None:
    row = found(lake, tmp_path, [*year_before(0.0), *worlds.rows()])["KZ", CHIP]
    sold = sum(
        float(line.split(",")[6])
        for line in worlds.rows()
        for period, reporter, flow, partner, _, code, *_ in [line.split(",")]
        if "202103" <= period <= "202111" and reporter in {"276", "251", "842"} and (flow, partner) == ("X", "398")
        and code == CHIP
    )  # fmt: skip
    assert row["placebo"] == pytest.approx(sold)
    assert ("it had risen like that before (placebo)" in row["may_be_wrong"]) == (sold >= alerts.LIKE * row["b"])


def test_without_earlier_years_the_placebo_is_said_to_be_missing(lake: Lake, tmp_path: Path) -> None:
    row = found(lake, tmp_path, worlds.rows())["KZ", CHIP]
    assert row["placebo"] is None
    assert row["may_be_wrong"] == "no earlier years for a placebo"


def test_a_rise_before_the_fall_is_out_of_order(lake: Lake, tmp_path: Path) -> None:
    early = [
        row.replace(row.split(",")[6], str(10 * int(row.split(",")[6])), 1)
        if "202109" <= row[:6] < "202203" and ",X,398," in row and f",{CHIP}," in row
        else row
        for row in worlds.rows()
    ]
    row = found(lake, tmp_path, early)["KZ", CHIP]
    assert row["in_order"] is False
    assert "not in order: fall 2022-03, rise 2021-" in row["may_be_wrong"]


def test_a_hub_that_is_silent_is_named(lake: Lake, tmp_path: Path) -> None:
    rows = [row for row in worlds.rows() if ",398,M," not in row]
    row = found(lake, tmp_path, rows, hubs=["KZ"])["KZ", CHIP]
    assert row["hub_says_after"] is None
    assert "the hub's own report is not at hand" in row["may_be_wrong"]


def test_what_is_raised_comes_first_and_the_largest_rise_of_it(lake: Lake, tmp_path: Path) -> None:
    rows = list(found(lake, tmp_path, worlds.rows()).values())
    verdicts = [row["verdict"] for row in rows]
    assert verdicts == sorted(verdicts, key=alerts.ORDER.index)
    assert {"raised", "not raised"} <= set(verdicts)
    raised = [row["b"] for row in rows if row["verdict"] == "raised"]
    assert raised == sorted(raised, reverse=True)


def test_what_is_not_raised_is_not_argued_about(lake: Lake, tmp_path: Path) -> None:
    quiet = [row for row in found(lake, tmp_path, worlds.rows()).values() if row["verdict"] == "not raised"]
    assert quiet
    assert {row["may_be_wrong"] for row in quiet} == {""}
