"""A screener made of editions; needs no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.screening.index import Index
from keruen.screening.screener import Ground, OwnedBy, PairDecision, Screener
from keruen.watchlists import ownership

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.model.party import Edition
    from keruen.screening.screener import Thresholds


def screener_of(loaded: Sequence[Edition], thresholds: Thresholds, decisions: Sequence[PairDecision] = ()) -> Screener:
    """A screener over some editions, with those behind whom listed parties stand."""
    owned: dict[tuple[str, str], OwnedBy] = {}
    for edition in loaded:
        names = {party.id: party.names[0].text for party in edition.parties}
        listed = [party.id for party in edition.parties if party.listed]
        for number, each in ownership.owned_by_listed(listed, edition.links).items():
            path = tuple(
                f"{names.get(step.owner, step.owner)} owns {step.share if step.share is not None else '?'} of "
                f"{names.get(step.owned, step.owned)}"
                for step in each.path
            )
            ground = Ground.OWNED if each.by_half else Ground.CONTROLLED
            owned[edition.source, number] = OwnedBy(ground, str(each.share or ""), path)
    return Screener(Index.build(loaded), owned=owned, decisions=decisions, thresholds=thresholds)
