"""Re-export share: how much of what a country exports it may have imported first.

An upper bound: exports of a product, as far as imports of the same product in the window before cover them. What is
made at
home of imported parts is not seen, and home output of the same product makes the bound loose.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade.series import Steps, Window, flows, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake


def steps(
    lake: Lake,
    *,
    source: str,
    window: Window,
    level: int = 6,
    reporters: Collection[str] | None = None,
    target: str | None = None,
) -> Steps:
    """Bound the re-exports in a window.

    Returns:
        One row per (reporter, product): exports, imports, bound (the smaller of the two), share (bound over exports).
    """
    reports = flows(lake, source, level=level, reporters=reporters, periods=window)
    reports = reports.filter(reports.flow.isin(["X", "M"]))
    out = reports.flow == "X"
    if target:
        out = out & (reports.partner == target)
    sums = reports.group_by("reporter", "product").aggregate(
        exports=money(reports.value, out), imports=money(reports.value, reports.flow == "M")
    )
    bound = ibis.least(sums.exports, sums.imports)
    return {
        "reports": reports,
        "sums": sums,
        "bounds": sums.filter(sums.exports > 0)
        .mutate(bound=bound, share=bound / sums.exports)
        .order_by([ibis.desc("bound"), "reporter", "product"]),
    }
