"""Markets that more than doubled, with those set apart whose code the change of nomenclature made.

A code born in January 2022 has no value of 2021, whatever was traded: "from zero" is then an artefact, and the
answer is
*not comparable*.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade import editions
from keruen.lake.trade.series import Steps, Window, flows, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

LARGE = 10e6
TIMES = 2.0


def steps(
    lake: Lake,
    *,
    source: str,
    partners: Collection[str] | None,
    before: Window,
    after: Window,
    level: int = 8,
    large: float = LARGE,
    times: float = TIMES,
) -> Steps:
    """Find them.

    Returns:
        One row per (reporter, partner, product): before, after (double), new_code: whether the code could not have a
        value before,
        verdict: surge or not comparable.
    """
    every = flows(lake, source, level=level, flow="X")
    # A code is new by the nomenclature, or because no trade of anyone had it before the edition began.
    known = every.group_by("product").aggregate(first=every.period.min())
    reports = flows(lake, source, level=level, flow="X", partners=partners, periods=Window(before.first, after.last))
    sums = reports.group_by("reporter", "partner", "product").aggregate(
        before=money(reports.value, before.holds(reports.period)),
        after=money(reports.value, after.holds(reports.period)),
    )
    large_ones = sums.filter((sums.after > large) & (sums.after > times * sums.before))
    joined = large_ones.join(known, "product")
    if editions.crosses(before, after) and level >= 6:  # noqa: PLR2004 - codes of an edition have six digits
        joined = editions.with_born(joined)
    else:
        joined = joined.mutate(born=ibis.literal(False))
    found = joined.mutate(new_code=joined.born | (joined["first"] >= after.first[:4])).drop("first", "born")
    verdict = ibis.ifelse(found.new_code, "not comparable", "surge")
    return {
        "reports": reports,
        "sums": sums,
        "first seen": known,
        "more than doubled": large_ones,
        "markets": found.mutate(verdict=verdict).order_by([ibis.desc("after"), "reporter", "partner", "product"]),
    }
