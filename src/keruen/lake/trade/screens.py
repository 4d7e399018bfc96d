"""Reasons why a rise may be no diversion: said beside every alert."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade import editions
from keruen.lake.trade.series import Steps, Window, flows, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

ENERGY, GOLD = "27", ("7108", "7109", "7112")
VESSELS = ("8802", "8905", "8901", "8904", "8906", "8806")
ONE_OFF = 0.6


def steps(
    lake: Lake,
    *,
    source: str,
    before: Window,
    after: Window,
    level: int = 6,
    flow: str = "X",
    partners: Collection[str] | None = None,
    reporters: Collection[str] | None = None,
) -> Steps:
    """Screen every cell.

    Returns:
        One row per (reporter, partner, product): before, after, and a flag each: new_code, energy, gold, vessel,
        one_lot,
        estimated, reporter_gap (the reporter is silent in some period of `after` in which others report).
    """
    span = Window(before.first, after.last)
    reports = flows(lake, source, level=level, flow=flow, partners=partners, reporters=reporters, periods=span)
    monthly = reports.group_by("reporter", "partner", "product", "period").aggregate(
        value=money(reports.value), estimated=reports.estimated.any()
    )
    within, past = after.holds(monthly.period), before.holds(monthly.period)
    cells = monthly.group_by("reporter", "partner", "product").aggregate(
        before=monthly.value.sum(where=past).fill_null(0.0),
        after=monthly.value.sum(where=within).fill_null(0.0),
        largest=monthly.value.max(where=within).fill_null(0.0),
        estimated=monthly.estimated.any(where=within).fill_null(False),
    )
    calendar = reports.filter(after.holds(reports.period)).group_by("reporter").aggregate(told=reports.period.nunique())
    expected = len(set(lake.periods(source)) & set(after.periods()))
    joined = cells.left_join(calendar, "reporter").drop("reporter_right")
    crossing = level >= 6 and editions.crosses(before, after)  # noqa: PLR2004 - codes of an edition have six digits
    joined = editions.with_born(joined) if crossing else joined.mutate(born=ibis.literal(False))
    flagged = joined.mutate(
        new_code=(joined.before == 0) & joined.born,
        energy=joined.product.left(2) == ENERGY,
        gold=joined.product.left(4).isin(GOLD),
        vessel=joined.product.left(4).isin(VESSELS),
        one_lot=(joined.largest > ONE_OFF * joined.after) & (after.count > 1),
        reporter_gap=joined.told.fill_null(0) < expected,
    ).drop("largest", "told", "born")
    return {"reports": reports, "by period": monthly, "cells": cells, "calendar": calendar, "screens": flagged}
