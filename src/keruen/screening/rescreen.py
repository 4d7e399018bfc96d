"""A changed list against everybody screened before: only those whom the change can touch are asked about again.

The names of the register are kept as words under keys, as the lists are; each name of an entry that was added or
changed is sought among them, and whoever shares enough with one is compared with it in full. What an entry that was
only removed had found is for the one who keeps the matches to take back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.garbage import not_collected
from keruen.model.party import NameKind, PartyKind
from keruen.screening import facts
from keruen.screening.compare import Memory, Score, compare, name_points, score_of
from keruen.screening.index import Match
from keruen.screening.names import Analysis, analyse
from keruen.screening.postings import Postings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from keruen.model.party import Edition, ListedParty, Name, Party


TOUCHED_AT: Final = 0.5
"""Weight in common, of all weight of both names, from which on an entry touches a party. Half is one word of two."""


class Touched(NamedTuple):
    """A party of the register that changed entries match."""

    party: Party
    matches: tuple[Match, ...]


class Register:
    """Parties screened before, ready to be asked which of them an entry could be.

    Args:
        parties: In any order; their position is their number.
    """

    @not_collected()
    def __init__(self, parties: Sequence[Party]) -> None:
        self.parties = parties
        self.memory = Memory()
        self.by_identifier: dict[str, list[int]] = {}
        self.rows: list[tuple[int, str, PartyKind, Analysis]] = []
        for number, party in enumerate(parties):
            for identifier in party.identifiers:
                self.by_identifier.setdefault(facts.plain(identifier), []).append(number)
            for name in party.names:
                for kind in _kinds(party.kind):
                    self.rows += ((number, name, kind, analysis) for analysis in analyse(name, kind))
        self.postings = Postings((row[3].words for row in self.rows), self.memory)

    def rescreen(self, edition: Edition, ids: Collection[str], *, threshold: float) -> Iterator[Touched]:
        """Screen whoever the change can touch against the changed entries.

        Args:
            edition: The new edition.
            ids: Entries that were added or changed, as `watchlists.editions.Diff.touched` gives them.
            threshold: Score from which on a match counts.

        Returns:
            Parties with matches, in the order of the register; each match with the score a search would give it.
        """
        wanted = set(ids)
        best: dict[tuple[int, int], Score] = {}
        for place, entry in enumerate(edition.parties):
            if entry.id not in wanted:
                continue
            for number, score in self._scores(entry):
                known = best.get((number, place))
                if score.score >= threshold and (known is None or score.score > known.score):
                    best[number, place] = score
        found: dict[int, list[Match]] = {}
        for (number, place), score in best.items():
            match = Match(score.score, edition.parties[place], edition.source, edition.name, score)
            found.setdefault(number, []).append(match)
        for number in sorted(found):
            matches = sorted(found[number], key=lambda match: (-match.score, match.party.id))
            yield Touched(self.parties[number], tuple(matches))

    def _scores(self, entry: ListedParty) -> Iterator[tuple[int, Score]]:
        """Every party that an entry could be, with its score."""
        for identifier in entry.identifiers:
            for number in self.by_identifier.get(facts.plain(identifier), ()):
                yield number, compare(self.parties[number], entry, self.memory)
        if not self.rows:
            return
        for name in entry.names:
            for kind in _kinds(entry.kind):
                readings = analyse(name.text, kind)
                rows = {
                    row
                    for reading in readings
                    for row, _ in self.postings.rows(reading, most=len(self.rows), least=TOUCHED_AT, beside_best=0.0)
                }
                for row in rows:
                    yield from self._score(row, entry, name, kind, readings)

    def _score(
        self, row: int, entry: ListedParty, name: Name, kind: PartyKind, readings: tuple[Analysis, ...]
    ) -> Iterator[tuple[int, Score]]:
        number, text, read_as, analysis = self.rows[row]
        party = self.parties[number]
        together = facts.common_kind(party.kind, entry.kind)
        ours: Sequence[Analysis] = (analysis,)
        if together not in {read_as, kind}:
            ours, readings = analyse(text, together), analyse(name.text, together)
        elif read_as != kind:
            return
        points = name_points(ours, readings, self.memory, person=together == PartyKind.PERSON)
        known = facts.compare(party, entry)
        yield number, score_of(points, known, text, name.text, weak=name.kind == NameKind.WEAK)


def _kinds(kind: PartyKind) -> tuple[PartyKind, ...]:
    """As which kinds a name is read: one that is not known may be either."""
    return (PartyKind.PERSON, PartyKind.ORGANISATION) if kind == PartyKind.UNKNOWN else (kind,)
