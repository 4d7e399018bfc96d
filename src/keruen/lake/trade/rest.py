"""What is traded beside the goods of an extract: totals of all goods less those of the extract.

A file that holds only banned codes has no product to compare them with. The rest of the trade of the same pair is the
control: if it grew as the banned goods did, trade grew, and nothing else is shown.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade.series import Steps, flows, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake


def totals_of(lake: Lake, source: str) -> str | None:
    """Another source with totals of all goods in each period of this one, reported by all who report in this one.

    Returns:
        The first by name; None where there is none.
    """

    def reporters(name: str) -> set[str]:
        return {who for each in lake.parts(name) for who in each.reporters.get("X", ())}

    wanted, who = set(lake.periods(source)), reporters(source)
    for name in lake.sources():
        if name != source and 0 in lake.levels(name) and wanted <= set(lake.periods(name)) and who <= reporters(name):
            return name
    return None


def steps(lake: Lake, *, source: str, totals: str, reporters: Collection[str], partners: Collection[str]) -> Steps:
    """Take the exports of the extract, at its finest level, from those of all goods.

    Args:
        lake: The lake.
        source: The extract.
        totals: Source of totals.
        reporters: Whose exports.
        partners: To whom.

    Returns:
        One row per (partner, period) in which all goods are reported: total, listed, rest (double; null where the two
        sources are in different currencies).
    """
    asked = {"flow": "X", "reporters": reporters, "partners": partners}
    every = flows(lake, totals, level=0, **asked)  # type: ignore[arg-type]
    some = flows(lake, source, level=max(lake.levels(source)), **asked)  # type: ignore[arg-type]
    whole = every.group_by("partner", "period").aggregate(total=money(every.value), currency=every.currency.min())
    part = some.group_by("partner", "period").aggregate(listed=money(some.value), other=some.currency.min())
    joined = whole.left_join(part, ["partner", "period"]).drop("partner_right", "period_right")
    listed = joined.listed.fill_null(0.0)
    same = joined.other.isnull() | (joined.currency == joined.other)
    left = ibis.ifelse(same, joined.total - listed, ibis.null("float64"))
    return {
        "all goods": whole,
        "goods of the extract": part,
        "the rest": joined.mutate(listed=listed, rest=left).drop("other").order_by("partner", "period"),
    }
