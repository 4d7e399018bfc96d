"""New links of a hub: products that it never sent to the target before, and sends now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade import editions
from keruen.lake.trade.series import Steps, Window, flows, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

ONE_OFF = 0.6
"""Share of one month in all, above which a link is one lot rather than a trade."""


def steps(
    lake: Lake, *, source: str, target: str, after: Window, level: int = 6, floor: float = 0.0, by_target: bool = False
) -> Steps:
    """Find links never seen before `after` begins.

    Args:
        lake: The lake.
        source: One publication.
        target: Where the goods go.
        after: When.
        level: Digits of product.
        floor: Value that a link must reach.
        by_target: Take the target's imports instead of the hubs' exports.

    Returns:
        One row per (hub, product): value, periods seen, largest share of one period, new_code, one_off, verdict.
    """
    reports = flows(
        lake,
        source,
        level=level,
        flow="M" if by_target else "X",
        reporters=[target] if by_target else None,
        partners=None if by_target else [target],
    )
    reports = reports.filter(reports.period <= after.last)
    # Rows are read once: what was there before and what is there now are two sides of the same sums.
    monthly = reports.group_by("product", "period", hub=reports.partner if by_target else reports.reporter).aggregate(
        value=money(reports.value), some=(reports.value > 0).any()
    )
    now = monthly.period >= after.first
    links = monthly.group_by("hub", "product").aggregate(
        value=monthly.value.sum(where=now),
        periods=monthly.count(where=now),
        largest=monthly.value.max(where=now),
        seen=monthly.some.any(where=~now).fill_null(False),
    )
    links = links.filter((links.value > 0) & (links.value >= floor))
    fresh = links.filter(~links.seen).drop("seen")
    crossing = after.first >= editions.BORN and level >= 6  # noqa: PLR2004 - codes of an edition have six digits
    born = editions.with_born(fresh) if crossing else fresh.mutate(born=ibis.literal(False))
    found = born.mutate(share=born.largest / born.value, new_code=born.born).drop("largest", "born")
    one_off = (found.share > ONE_OFF) & (after.count > 1)
    verdict = ibis.cases((found.new_code, "not comparable"), (one_off, "one lot"), else_="new")
    return {
        "reports": reports,
        "by period": monthly,
        "within": links,
        "never before": fresh,
        "links": found.mutate(one_off=one_off, verdict=verdict).order_by([ibis.desc("value"), "hub", "product"]),
    }
