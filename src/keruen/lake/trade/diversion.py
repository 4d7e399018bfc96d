"""Diversion score of a hub and a product: sold less to the target, more to the hub, and more on from the hub.

a is the change of what the origins send to the target, b of what they send to the hub, c of what the hub sends to
the target;
each less the change of the same leg's other products. Substitution is b over -a, pass-through c over b, both
together the smaller of b and c over -a.

Source:
    Chupilkin, Javorcik, Plekhanov, The Eurasian roundabout, EBRD working paper 276 (2023).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import ibis

from keruen.codes import hs, lists
from keruen.lake.trade import editions
from keruen.lake.trade.series import Steps, Window, flows, money

if TYPE_CHECKING:
    from datetime import date

    from keruen.lake.trade.lake import Lake

LEAST_OFFSET = 10_000.0
"""Below this nothing is raised, in units of currency (floor of the paper: doubling and 10 k USD)."""
HEADS = 1.5
"""How far control products may have grown before a leg is taken net of them; the control's growth is held to this
and its inverse."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """What is compared.

    Attributes:
        origins: Who bars sales to the target.
        target: Where the goods are suspected to end.
        before: Periods before; changes are scaled to the length of `after`.
        after: Periods after.
        basket: Six-digit codes looked at; None: all, and then there is no control.
        floor: Amount that each change must reach.
    """

    origins: frozenset[str]
    target: str
    before: Window
    after: Window
    basket: frozenset[str] | None = None
    floor: float = LEAST_OFFSET


@cache
def high_priority(on: date) -> frozenset[str]:
    """Codes of the common high priority list on a day: chosen beforehand, not because they grew."""
    return frozenset(code for code in hs.codes("HS2022") if lists.chpl_tier(code, on))


def steps(
    lake: Lake,
    corridor: Corridor,
    *,
    source: str,
    level: int = 6,
    hubs: Collection[str] | None = None,
    by_hub: bool = False,
) -> Steps:
    """Score every hub and product at once.

    Args:
        lake: The lake.
        corridor: What is compared.
        source: One publication with exporters' reports.
        level: Digits of product.
        hubs: Which; None: every country.
        by_hub: Take the hubs' own reports (imports from the origins, exports to the target) instead of the exporters'.

    Returns:
        One row per (hub, product): a, b, c as amounts net of controls, null where a leg has no report at all; the
        sums before and
        after of each; growth of the controls; substitution, pass_through, combined; comparable; verdict raised,
        partial,
        not comparable or not raised.
    """
    span = Window(min(corridor.before.first, corridor.after.first), max(corridor.before.last, corridor.after.last))
    found: Steps = {"reports": flows(lake, source, level=level, flow=None if by_hub else "X", periods=span)}
    every = legs(found["reports"], corridor, hubs, by_hub=by_hub)
    within = corridor.before.holds(every.period) | corridor.after.holds(every.period)
    told = found["legs"] = every.filter(within)
    # Summed first and carried to families afterwards: there are far fewer sums than rows.
    late = told.period >= editions.BORN
    before, after = corridor.before.holds(told.period), corridor.after.holds(told.period)
    sums = found["sums"] = told.group_by("leg", "hub", "product", late=late).aggregate(
        before=told.value.sum(where=before), after=told.value.sum(where=after)
    )
    sums = found["families"] = in_families(lake, source, sums, corridor, level)
    scale = corridor.after.count / corridor.before.count
    cells = sums.group_by("leg", "hub", "product").aggregate(
        before=money(sums.before) * scale, after=money(sums.after), comparable=sums.comparable.all()
    )
    cells = found["cells"] = cells.mutate(listed=listed(cells.product, corridor.basket))
    others = cells.filter(~cells.listed)
    control = found["controls"] = others.group_by("leg", "hub").aggregate(
        control_before=others.before.sum(), control_after=others.after.sum()
    )
    mine = cells.filter(cells.listed).left_join(control, ["leg", "hub"]).drop("leg_right", "hub_right")
    growth = ibis.ifelse(mine.control_before > 0, mine.control_after / mine.control_before, ibis.null("float64"))
    held = growth.clip(lower=1 / HEADS, upper=HEADS).fill_null(1.0)
    net = found["net of controls"] = mine.mutate(control_growth=growth, change=mine.after - mine.before * held)
    a, b, c = (_leg(net, leg) for leg in "abc")
    a = a.drop("hub_a")
    joined = b.left_join(a, b.product_b == a.product_a)
    joined = joined.left_join(c, [joined.hub_b == c.hub_c, joined.product_b == c.product_c])
    joined = joined.cross_join(
        cells.aggregate(has_a=cells.count(where=cells.leg == "a") > 0, has_c=cells.count(where=cells.leg == "c") > 0)
    )
    change_a = ibis.ifelse(joined.has_a, joined.change_a.fill_null(0.0), ibis.null("float64"))
    change_c = ibis.ifelse(joined.has_c, joined.change_c.fill_null(0.0), ibis.null("float64"))
    table = joined.mutate(a=change_a, b=joined.change_b, c=change_c)
    fall = ibis.ifelse(table.a < 0, -table.a, ibis.null("float64"))
    rise = ibis.ifelse(table.b > 0, table.b, ibis.null("float64"))
    comparable = table.comparable_b & table.comparable_a.fill_null(True) & table.comparable_c.fill_null(True)
    enough_a, enough_b, enough_c = (
        (table.a <= -corridor.floor),
        (table.b >= corridor.floor),
        (table.c >= corridor.floor),
    )
    verdict = ibis.cases(
        (~comparable, "not comparable"),
        ((enough_a | ~table.has_a) & enough_b & enough_c & table.has_a, "raised"),
        ((enough_a | ~table.has_a) & enough_b & (enough_c | ~table.has_c), "partial"),
        else_="not raised",
    )
    smaller = ibis.least(table.b, table.c)
    found["scores"] = table.select(
        hub=table.hub_b,
        product=table.product_b,
        a=table.a,
        b=table.b,
        c=table.c,
        to_target_before=table.before_a,
        to_target_after=table.after_a,
        to_hub_before=table.before_b,
        to_hub_after=table.after_b,
        from_hub_before=table.before_c,
        from_hub_after=table.after_c,
        control_growth=table.control_growth_b,
        comparable=comparable,
        substitution=table.b / fall,
        pass_through=table.c / rise,
        combined=ibis.ifelse(table.c.notnull() & (smaller > 0), smaller / fall, ibis.null("float64")),
        verdict=verdict,
    ).order_by([ibis.desc("b"), "hub", "product"])
    return found


def in_families(lake: Lake, source: str, sums: ibis.Table, corridor: Corridor, level: int) -> ibis.Table:
    """Sums by product under names that both nomenclatures of a corridor know, with `comparable`.

    A code that divided is summed under its family; one that stands alone keeps its name.
    """
    if level < 6 or not editions.crosses(corridor.before, corridor.after):  # noqa: PLR2004 - families are of six digits
        return sums.mutate(comparable=ibis.literal(True))
    known = editions.with_family(sums, editions.table(editions.covered_by(lake, source)))
    return known.mutate(product=ibis.ifelse(known.comparable & (level == 6), known.family, known.product))  # noqa: PLR2004


def legs(reports: ibis.Table, corridor: Corridor, hubs: Collection[str] | None, *, by_hub: bool) -> ibis.Table:
    """Reports that belong to a leg of the corridor, of whatever period: a, b or c, and the hub; empty for a."""
    origins, target = sorted(corridor.origins), corridor.target
    if hubs is not None:
        # The engine drops these rows while it reads; what a leg is, it works out of each that is left.
        wanted = sorted({*hubs, target})
        reports = reports.filter(reports.partner.isin(wanted) | reports.reporter.isin(sorted(hubs)))
    from_origin, to_origin = reports.reporter.isin(origins), reports.partner.isin(origins)
    to_target, from_target = reports.partner == target, reports.reporter == target
    if by_hub:
        leg = ibis.cases(
            ((reports.flow == "M") & to_origin & ~from_target & ~from_origin, "b"),
            ((reports.flow == "X") & to_target & ~from_origin, "c"),
        )
        hub = reports.reporter
    else:
        leg = ibis.cases(
            (from_origin & to_target, "a"),
            (from_origin & ~to_origin & ~to_target, "b"),
            (~from_origin & to_target & ~from_target, "c"),
        )
        hub = ibis.cases((from_origin & to_target, ""), (from_origin, reports.partner), else_=reports.reporter)
    found = reports.mutate(leg=leg, hub=hub)
    kept = [found.leg.notnull()]
    if hubs is not None:
        kept.append((found.leg == "a") | found.hub.isin(sorted(hubs)))
    return found.filter(kept)


def listed(product: ibis.Column, basket: frozenset[str] | None) -> ibis.Column:
    """Whether a product is in the basket looked at."""
    return ibis.literal(True) if basket is None else product.isin(sorted(basket))


def _leg(net: ibis.Table, leg: str) -> ibis.Table:
    chosen = net.filter(net.leg == leg)
    return chosen.select(
        **{
            f"{name}_{leg}": chosen[name]
            for name in ("hub", "product", "before", "after", "change", "comparable", "control_growth")
        }
    )
