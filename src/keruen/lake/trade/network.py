"""Hubs as a network: how much of the rise of the origins' exports may have flowed on through each.

Rises are looked at, not levels: a port that always passed goods on is no news.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from keruen.lake.trade import diversion
from keruen.lake.trade.series import Steps

if TYPE_CHECKING:
    from keruen.lake.trade.diversion import Corridor
    from keruen.lake.trade.lake import Lake


def steps(lake: Lake, corridor: Corridor, *, source: str, level: int = 6, by_hub: bool = False) -> Steps:
    """Flow through each hub, and how concentrated it is.

    Returns:
        One row a hub: rise_in, rise_out (sums of products' rises, the latter null where no hub's exports are at
        hand), through: sum over products
        of the smaller; share of all hubs; hhi of all hubs together, 1 where there is one hub.
    """
    found = dict(diversion.steps(lake, corridor, source=source, level=level, by_hub=by_hub))
    scores = found["scores"]
    sound = scores.filter(scores.comparable)
    rise_in, rise_out = ibis.greatest(sound.b, 0.0), ibis.greatest(sound.c, 0.0)
    edges = found["edges"] = sound.mutate(
        rise_in=rise_in,
        rise_out=ibis.ifelse(sound.c.notnull(), rise_out, ibis.null("float64")),
        through=ibis.ifelse(sound.c.notnull(), ibis.least(rise_in, rise_out), ibis.null("float64")),
    )
    hubs = edges.group_by("hub").aggregate(
        rise_in=edges.rise_in.sum(),
        rise_out=edges.rise_out.sum(),
        through=edges.through.sum(),
        products=edges.count(where=edges.through > 0),
    )
    total = hubs.aggregate(total=hubs.through.sum())
    shared = hubs.cross_join(total)
    shared = shared.mutate(share=ibis.ifelse(shared.total > 0, shared.through / shared.total, ibis.null("float64")))
    squares = shared.aggregate(hhi=(shared.share * shared.share).sum())
    found["hubs"] = (
        shared.cross_join(squares).drop("total").order_by([ibis.desc("through"), ibis.desc("rise_in"), "hub"])
    )
    return found
