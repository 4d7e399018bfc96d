"""A screener made of editions, or of the very files they came in; needs no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from keruen.garbage import set_aside
from keruen.screening.index import Index
from keruen.screening.screener import Ground, OwnedBy, PairDecision, Screener, Thresholds
from keruen.watchlists import ownership
from keruen.watchlists.read import read_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.model.party import Edition


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
    made = Screener(Index.build(loaded), owned=owned, decisions=decisions, thresholds=thresholds)
    set_aside()
    return made


class ListFiles(NamedTuple):
    """The files of one list as its publisher ships them."""

    files: tuple[tuple[str, bytes], ...]
    """(name, content)."""
    source: str = ""
    """Short name of the list; if empty, the usual one of its format."""
    loaded_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    """Stands in an edition's name where the publisher gives no date."""


class ScreenerRecipe(NamedTuple):
    """All that a screener is made of, small enough to be sent to another machine, which then makes the same one."""

    lists: tuple[ListFiles, ...]
    thresholds: Thresholds = Thresholds()
    decisions: tuple[PairDecision, ...] = ()

    def __call__(self) -> Screener:
        """The screener; some seconds for all lists."""
        editions = [read_all(each.files, each.source, loaded_at=each.loaded_at).edition for each in self.lists]
        return screener_of(editions, self.thresholds, self.decisions)
