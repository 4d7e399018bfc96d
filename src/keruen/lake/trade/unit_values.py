"""Unit values far from the others': supporting evidence, never an alert of its own.

The published wedge between prices in and out of a hub is not stable from one version of a paper to the next, and
rows whose mass is an estimate carry the estimate in their price: those are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade.series import Steps, Window, flows

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

MAD_TO_SIGMA = 1.4826
"""For a normal distribution (Rousseeuw and Croux 1993)."""
FAR = 3.5
"""Robust z from which a value is far (Iglewicz and Hoaglin 1993)."""
LEAST_PEERS = 5


def steps(
    lake: Lake,
    *,
    source: str,
    level: int = 6,
    per: str = "mass_kg",
    periods: Window | None = None,
    flow: str | None = None,
) -> Steps:
    """Compare every unit value with those of its product, flow and period.

    Args:
        lake: The lake.
        source: One publication with masses or quantities.
        level: Digits of product.
        per: `mass_kg` or `quantity`.
        periods: First and last.
        flow: X or M; None: both, apart.

    Returns:
        One row per (reporter, partner, product, flow, period) that has one: unit_value, median (of the peers), z,
        peers, far.
    """
    reports = flows(lake, source, level=level, periods=periods, flow=flow)
    sound = reports.filter((reports[per] > 0) & (reports.value > 0))
    if per == "mass_kg":
        sound = sound.filter(~sound.estimated)
    cells = sound.group_by("reporter", "partner", "product", "flow", "period").aggregate(
        value=sound.value.sum().cast("float64"), amount=sound[per].sum().cast("float64")
    )
    priced = cells.mutate(log=(cells.value / cells.amount).ln())
    keys = ("product", "flow", "period")
    centre = priced.group_by(*keys).aggregate(centre=priced.log.median(), peers=priced.count())
    enough = centre.filter(centre.peers >= LEAST_PEERS)
    # Distances are taken of the logarithms alone; whole cells are joined once, with what is known of their peers.
    apart = priced.select(*keys, "log").join(enough, keys)
    apart = apart.mutate(distance=(apart.log - apart.centre).abs())
    spread = apart.group_by(*keys).aggregate(spread=apart.distance.median())
    found = priced.join(enough.join(spread, keys), keys)
    z = ibis.ifelse(found.spread > 0, (found.log - found.centre) / (MAD_TO_SIGMA * found.spread), ibis.null("float64"))
    return {
        "reports": reports,
        "unit values": priced,
        "centres": centre,
        "spreads": spread,
        "anomalies": found.select(
            "reporter",
            "partner",
            "product",
            "flow",
            "period",
            "value",
            "amount",
            unit_value=found.value / found.amount,
            median=found.centre.exp(),
            z=z,
            peers=found.peers,
            far=z.abs() >= FAR,
        ),
    }
