"""The question that everybody asks: who on the lists in force could this party be, and what of it is known already?

A `Screener` holds an index, who is owned by listed parties, and what people decided on pairs before. It is a value: a
new edition or a new decision makes a new one.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.errors import InvalidInput
from keruen.screening import facts
from keruen.screening.thresholds import ALERT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keruen.model.party import ListedParty, Party
    from keruen.screening.index import Index, Match


class Verdict(StrEnum):
    """What a person decided on a pair."""

    NOT_SAME = "not_same"
    SAME = "same"


class Standing(StrEnum):
    """How a match stands."""

    OPEN = "open"
    """Nobody decided on it."""
    SAME = "same"
    """Decided to be the same party."""
    NOT_SAME = "not_same"
    """Decided to be another; given only to those who ask for everything."""
    CHANGED = "changed"
    """Decided to be another, but the entry has changed since: to be looked at again."""
    EXPIRED = "expired"
    """Decided to be another, for a time that is over."""


class Ground(StrEnum):
    """Why somebody found counts."""

    LISTED = "listed"
    OWNED = "owned"
    """Owned half or more by listed parties."""
    CONTROLLED = "controlled"
    """Tied to listed parties by control, or by a share that nobody states."""
    ADDRESS = "address"
    """At the address of a listed party; the score says nothing of it."""


class PairDecision(NamedTuple):
    """A person's word on a pair of a party and a listed one."""

    party: str
    """`fingerprint` of the party."""
    source: str
    listed_id: str
    verdict: Verdict
    entry: str
    """`entry_hash` of the listed party as it was looked at."""
    author: str
    reason: str
    decided_at: datetime
    expires_on: date | None = None


class OwnedBy(NamedTuple):
    """Listed parties behind an entity, as text for people: `share` such as `3/5`, or empty."""

    ground: Ground
    share: str
    path: tuple[str, ...]
    """One line a tie, `A owns 1/2 of B`, from the entity upward."""


class Hit(NamedTuple):
    """A match with everything that is known of it."""

    match: Match
    standing: Standing
    ground: Ground
    owned: OwnedBy | None = None
    decision: PairDecision | None = None


def fingerprint(party: Party) -> str:
    """What makes a party the same question: kind, names, dates, countries, identifiers; not reference or role."""
    names = sorted(" ".join(re.findall(r"\w+", name.casefold())) for name in party.names)
    numbers = sorted(f"{each.scheme}:{facts.plain(each)}" for each in party.identifiers)
    text = "\n".join((party.kind.value, *names, "", *sorted(party.dates), "", *sorted(party.countries), "", *numbers))
    return sha256(text.encode()).hexdigest()


def entry_hash(party: ListedParty) -> str:
    """What a publisher says of a listed party: any change of it re-opens a decision."""
    return sha256(repr(party._replace(remarks="")).encode()).hexdigest()


@dataclass(frozen=True)
class Thresholds:
    """From which score on a match counts, for all and by list and purpose.

    `un_sc=0.4, ofac_sdn:export_waybill=0.6` reads: 0.4 on the UN's list; on OFAC's 0.6 for export waybills.
    """

    usual: float = ALERT
    by_list: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, usual: float = ALERT) -> Thresholds:
        """Read settings.

        Raises:
            InvalidInput: A part is no `list=number` or `list:purpose=number` with a number from 0 to 1.
        """
        found: dict[tuple[str, str], float] = {}
        for part in filter(None, (each.strip() for each in text.split(","))):
            name, _, number = part.partition("=")
            source, _, purpose = name.strip().partition(":")
            try:
                value = float(number)
            except ValueError:
                value = -1.0
            if not source or not 0 <= value <= 1:
                raise InvalidInput(
                    f"{part!r} is no threshold: write list=0.5 or list:purpose=0.5",
                    code="screening_threshold",
                    found=part,
                )
            found[source, purpose] = value
        return cls(usual, found)

    def of(self, source: str, purpose: str = "") -> float:
        """The threshold of a list for a purpose; the narrowest that is set."""
        for key in ((source, purpose), (source, "")):
            if key in self.by_list:
                return self.by_list[key]
        return self.usual

    @property
    def lowest(self) -> float:
        """The lowest of all, from which on a search must give matches."""
        return min((self.usual, *self.by_list.values()))


class Screener:
    """Lists in force and what people decided, ready to be asked.

    Args:
        index: Of the editions in force.
        owned: (source, id) of entities behind which listed parties stand.
        decisions: What people decided on pairs; of several on one pair the last counts.
        thresholds: From which score on a match counts.
    """

    KEPT: Final = 50_000
    """Answers kept; firms come again and again."""

    def __init__(
        self,
        index: Index,
        *,
        owned: Mapping[tuple[str, str], OwnedBy] | None = None,
        decisions: Sequence[PairDecision] = (),
        thresholds: Thresholds | None = None,
    ) -> None:
        self.index = index
        self.owned = owned or {}
        self.thresholds = thresholds or Thresholds()
        self.decisions = {
            (each.party, each.source, each.listed_id): each
            for each in sorted(decisions, key=lambda each: each.decided_at)
        }
        self._answers: OrderedDict[tuple[Party, str], tuple[Hit, ...]] = OrderedDict()

    @property
    def editions(self) -> dict[str, str]:
        """List to edition in force, as decisions keep them."""
        return dict(self.index.editions)

    def screen(self, party: Party, on: date, *, purpose: str = "", everything: bool = False) -> tuple[Hit, ...]:
        """Who a party may be.

        Args:
            party: With at least a name or an identifier.
            on: The day, for decisions that expire.
            purpose: What for, such as a document's kind; thresholds may depend on it.
            everything: Also matches that were decided to be others.

        Returns:
            Hits, the surest first. The same question to the same screener has the same answer.
        """
        question = (party._replace(reference="", role=""), purpose)
        found = self._answers.get(question)
        if found is None:
            found = self._answers[question] = self._ask(party, purpose)
            if len(self._answers) > self.KEPT:
                self._answers.popitem(last=False)
        # How a hit stands depends on the day, so it is not kept.
        stands = (each._replace(standing=_standing(each.decision, each.match.party, on)) for each in found)
        return tuple(each for each in stands if everything or each.standing != Standing.NOT_SAME)

    def _ask(self, party: Party, purpose: str) -> tuple[Hit, ...]:
        key = fingerprint(party)
        found = []
        for match in self.index.search(party, threshold=self.thresholds.lowest, limit=50):
            if match.score < self.thresholds.of(match.source, purpose):
                continue
            owned = self.owned.get((match.source, match.party.id))
            if not match.party.listed and owned is None:
                continue
            decision = self.decisions.get((key, match.source, match.party.id))
            ground = Ground.LISTED if match.party.listed or owned is None else owned.ground
            found.append(Hit(match, Standing.OPEN, ground, owned, decision))
        named = {(each.match.source, each.match.party.id) for each in found}
        for match in self.index.at_address(party):
            about = (match.source, match.party.id)
            if match.party.listed and about not in named:
                decision = self.decisions.get((key, *about))
                found.append(Hit(match, Standing.OPEN, Ground.ADDRESS, None, decision))
        return tuple(found)


def _standing(decision: PairDecision | None, party: ListedParty, on: date) -> Standing:
    if decision is None:
        return Standing.OPEN
    if decision.verdict == Verdict.SAME:
        return Standing.SAME
    if decision.entry != entry_hash(party):
        return Standing.CHANGED
    if decision.expires_on is not None and decision.expires_on < on:
        return Standing.EXPIRED
    return Standing.NOT_SAME
