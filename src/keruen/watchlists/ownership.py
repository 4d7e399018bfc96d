"""Who is owned half or more by listed parties, directly or through others (OFAC's 50 % rule, the EU's best practices).

Shares are exact. What several listed parties own of one entity is added up. Ownership counts through an entity that
is itself owned half or more: what it owns, its owners are taken to own, as OFAC's guidance of 13 August 2014 has
it. A tie without a share is never taken for half; it is given apart, as control.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.model.party import Link, LinkKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

HALF: Final = Fraction(1, 2)


class Step(NamedTuple):
    """One tie of a path: `owner` owns `share` of `owned`."""

    owner: str
    owned: str
    share: Fraction | None


class Owned(NamedTuple):
    """An entity that listed parties own or control."""

    id: str
    share: Fraction | None
    """Of it that belongs to listed parties in all, at most 1; None where only ties without a share are known."""
    path: tuple[Step, ...]
    """Every tie that counts, from the entity upward to listed parties, each once."""

    @property
    def by_half(self) -> bool:
        """Whether it is owned half or more, and so blocked as its owners are."""
        return self.share is not None and self.share >= HALF


def owned_by_listed(  # noqa: C901 - gather ties, let shares flow, then ties without
    listed: Collection[str], links: Iterable[Link], threshold: Fraction = HALF
) -> dict[str, Owned]:
    """Entities that listed parties own to the threshold or more, and those they control or own to an unknown share.

    Args:
        listed: Ids of listed parties.
        links: Ties; only OWNS and CONTROLS that have no end date count.
        threshold: Share from which on an entity is blocked.

    Returns:
        By id, without listed parties themselves. A circle of owners counts nobody's share twice: shares flow only from
        entities already found to be blocked.
    """
    shares: dict[str, dict[str, Fraction]] = {}
    ties: dict[str, set[str]] = {}
    for link in links:
        if link.until or not link.subject or not link.object or link.subject == link.object:
            continue
        if link.kind == LinkKind.OWNS and link.share is not None:
            known = shares.setdefault(link.object, {})
            # The same tie told twice is one tie; of two figures the larger.
            known[link.subject] = max(known.get(link.subject, Fraction(0)), link.share)
        elif link.kind in {LinkKind.OWNS, LinkKind.CONTROLS}:
            ties.setdefault(link.object, set()).add(link.subject)
    blocked = set(listed)
    found: dict[str, Owned] = {}
    grown = True
    while grown:
        grown = False
        for owned in sorted(shares):
            if owned in blocked:
                continue
            counting = {owner: share for owner, share in shares[owned].items() if owner in blocked}
            total = sum(counting.values(), Fraction(0))
            if counting and total >= threshold:
                blocked.add(owned)
                steps = [Step(owner, owned, share) for owner, share in sorted(counting.items())]
                found[owned] = Owned(owned, min(total, Fraction(1)), _upward(steps, found))
                grown = True
    for owned in sorted({*ties, *shares} - blocked):
        steps = [Step(owner, owned, None) for owner in sorted(ties.get(owned, ())) if owner in blocked]
        if steps:
            found[owned] = Owned(owned, None, _upward(steps, found))
    return found


def below(ids: Collection[str], links: Iterable[Link]) -> frozenset[str]:
    """These entities and all whom they own or control, directly or through others, whatever the share."""
    owned: dict[str, set[str]] = {}
    for link in links:
        if link.kind in {LinkKind.OWNS, LinkKind.CONTROLS} and not link.until:
            owned.setdefault(link.subject, set()).add(link.object)
    found, waiting = set(ids), list(ids)
    while waiting:
        new = owned.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return frozenset(found)


def _upward(steps: list[Step], found: dict[str, Owned]) -> tuple[Step, ...]:
    whole = dict.fromkeys(steps)
    for step in steps:
        if step.owner in found:
            whole.update(dict.fromkeys(found[step.owner].path))
    return tuple(whole)
