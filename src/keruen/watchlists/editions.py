"""One edition after another: what changed, whether the new one may replace the old, and when a list is too old."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keruen.model.party import Edition

SHRINKS_AT_MOST: Final = 0.2
"""Share of parties that may be gone from one edition to the next before somebody must say that it is so."""
SMALL: Final = 20
"""Lists smaller than this may shrink as they like: one removal is already a large share."""
KEEPS_AT_LEAST: Final = 0.5
"""Share of the old edition's ids that the new one must know; fewer, and it is another list or its numbers changed."""
MAX_AGE: Final = timedelta(days=3)
"""Days after which a list that is published daily is too old. Others are set by source."""


class Diff(NamedTuple):
    """What changed between two editions, by id, each sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    """Id to the fields that differ."""

    @property
    def touched(self) -> tuple[str, ...]:
        """Ids whose parties must be screened against anew: added or changed."""
        return tuple(sorted({*self.added, *self.changed}))

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {"added": len(self.added), "removed": len(self.removed), "changed": len(self.changed)}


class Admission(NamedTuple):
    """Whether an edition may come into force."""

    admitted: bool
    code: str
    """`first`, `newer`, `same`, or why not: `shrunken`, `older`, `other_ids`, `no_parties`."""
    reason: str
    diff: Diff


def diff(old: Edition | None, new: Edition) -> Diff:
    """What a new edition adds, removes and changes; everything is added where there was none."""
    before = {party.id: party for party in old.parties} if old else {}
    after = {party.id: party for party in new.parties}
    changed = {}
    for number in sorted(before.keys() & after.keys()):
        one, other = before[number], after[number]
        if one != other:
            fields = tuple(name for name, a, b in zip(one._fields, one, other, strict=True) if a != b)
            changed[number] = fields
    ties = (set(old.links) ^ set(new.links)) if old else set()
    for link in ties:
        # Whom others own has changed, though the publisher's words on it have not.
        if link.object in before and link.object in after:
            changed[link.object] = tuple(dict.fromkeys((*changed.get(link.object, ()), "links")))
    return Diff(tuple(sorted(after.keys() - before.keys())), tuple(sorted(before.keys() - after.keys())), changed)


def admit(old: Edition | None, new: Edition) -> Admission:  # noqa: PLR0911 - one return a reason
    """Decide whether an edition may replace the one in force.

    A file that was cut off often still reads as a list. So an edition that lost many parties, that is dated before
    the one in force, or whose numbers are mostly unknown stays out until a named person says why it is right.
    """
    found = diff(old, new)
    if not new.parties:
        return Admission(False, "no_parties", "it holds not one party", found)
    if old is None:
        return Admission(True, "first", "the first edition of this list", found)
    if old.sha256 == new.sha256:
        return Admission(True, "same", "the same file as the edition in force", found)
    if old.published_on and new.published_on and new.published_on < old.published_on:
        return Admission(False, "older", f"it is of {new.published_on}, the one in force of {old.published_on}", found)
    before, after = len(old.parties), len(new.parties)
    if before >= SMALL and after < before * (1 - SHRINKS_AT_MOST):
        return Admission(False, "shrunken", f"it has {after} parties, the one in force {before}", found)
    kept = before - len(found.removed)
    if before >= SMALL and kept < before * KEEPS_AT_LEAST:
        return Admission(False, "other_ids", f"it knows {kept} of the {before} numbers in force", found)
    return Admission(True, "newer", "newer than the edition in force", found)


def too_old(edition: Edition, today: date, max_age: timedelta = MAX_AGE) -> timedelta | None:
    """By how much an edition is older than it may be; None if it is not. Its own date counts, else when it came in."""
    day = edition.published_on or (edition.loaded_at.date() if edition.loaded_at else None)
    if day is None:
        return None
    over = (today - day) - max_age
    return over if over > timedelta() else None
