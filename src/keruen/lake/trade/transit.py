"""Lost on the way: what exporters say they sent to a hub and the hub never saw, beyond what was always so.

Source:
    The measure of Chupilkin, Javorcik, Plekhanov (EBRD working paper 276): the median of ln(M/X) over products,
    where a product that
    one side alone reports counts as nought; money by product, less the same in the time before.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade import mirror
from keruen.lake.trade.series import Steps, Window, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

INFINITE = 1e3
"""Stands for the logarithm of nought: fine for a median, and the reason why there is no mean here."""


def steps(
    lake: Lake,
    *,
    exports: str,
    imports: str,
    importers: Collection[str],
    before: Window,
    after: Window,
    level: int = 0,
    exporters: Collection[str] | None = None,
) -> Steps:
    """Find who lost what.

    Returns:
        One row per (exporter, importer): lost_before and lost_after (per period, money), lost (their difference, not
        below nought),
        median_before and median_after of ln(M/X), products. Pairs of which one side never reports are left out.
    """
    found = dict(
        mirror.steps(lake, exports=exports, imports=imports, importers=importers, exporters=exporters, level=level)
    )
    side = found["side by side"]
    pair = ibis.window(group_by=["exporter", "importer", "period"])
    counted = side.mutate(sent=side.export.count().over(pair), came=side["import"].count().over(pair))
    whole = counted.filter((counted.sent > 0) & (counted.came > 0)).drop("sent", "came")
    x, m = whole.export.fill_null(0.0), whole["import"].fill_null(0.0)
    log = ibis.cases(
        ((x > 0) & (m > 0), (ibis.greatest(m, 1e-9) / ibis.greatest(x, 1e-9)).ln()), (x > 0, -INFINITE), else_=INFINITE
    )
    cells = found["cells"] = whole.mutate(
        missing=ibis.greatest(x - m / mirror.FREIGHT, 0.0).cast("decimal(28, 9)"),
        log=log,
        now=after.holds(whole.period),
        was=before.holds(whole.period),
    )
    # Spark's median takes no condition; a null is left out on every engine.
    none = ibis.null("float64")
    cells = cells.mutate(
        log_before=ibis.ifelse(cells.was, cells.log, none), log_after=ibis.ifelse(cells.now, cells.log, none)
    )
    sums = cells.group_by("exporter", "importer").aggregate(
        was=money(cells.missing, cells.was),
        now=money(cells.missing, cells.now),
        periods_before=cells.period.nunique(where=cells.was),
        periods_after=cells.period.nunique(where=cells.now),
        median_before=cells.log_before.median(),
        median_after=cells.log_after.median(),
        products=cells.product.nunique(),
    )
    sums = found["sums"] = sums.filter((sums.periods_before > 0) & (sums.periods_after > 0))
    before_each, after_each = sums.was / sums.periods_before, sums.now / sums.periods_after
    found["by exporter"] = sums.select(
        "exporter",
        "importer",
        lost_before=before_each,
        lost_after=after_each,
        lost=ibis.greatest(after_each - before_each, 0.0),
        median_before=sums.median_before,
        median_after=sums.median_after,
        products=sums.products,
    ).order_by([ibis.desc("lost"), "exporter", "importer"])
    return found
