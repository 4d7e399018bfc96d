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
from keruen.screening.compare import Memory, Points, Score, compare, least_points, name_points, score_of
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
        self.bearers: dict[Analysis, list[tuple[int, str, PartyKind]]] = {}
        """Each different name with those who bear it: (party, name as given, as which kind it was read)."""
        for number, party in enumerate(parties):
            for identifier in party.identifiers:
                self.by_identifier.setdefault(facts.plain(identifier), []).append(number)
            for name in party.names:
                for kind in _kinds(party.kind):
                    for analysis in analyse(name, kind):
                        self.bearers.setdefault(analysis, []).append((number, name, kind))
        self.names = list(self.bearers)
        self.postings = Postings((each.words for each in self.names), self.memory)

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
            for number, score in self._scores(entry, least_points(threshold)):
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

    def _scores(self, entry: ListedParty, least: float) -> Iterator[tuple[int, Score]]:
        """Every party that an entry could be, with its score; by name if its points reach the least that can do."""
        for identifier in entry.identifiers:
            for number in self.by_identifier.get(facts.plain(identifier), ()):
                yield number, compare(self.parties[number], entry, self.memory)
        if not self.names:
            return
        for name in entry.names:
            for kind in _kinds(entry.kind):
                readings = analyse(name.text, kind)
                places = {
                    place
                    for reading in readings
                    for place, _ in self.postings.rows(reading, most=len(self.names), least=TOUCHED_AT, beside_best=0.0)
                }
                for place in places:
                    for number, points, text in self._of_name(self.names[place], entry, name, kind, readings):
                        if points.points >= least:
                            known = facts.compare(self.parties[number], entry)
                            weak = name.kind == NameKind.WEAK
                            yield number, score_of(points, known, text, name.text, weak=weak)

    def _of_name(
        self, analysis: Analysis, entry: ListedParty, name: Name, kind: PartyKind, readings: tuple[Analysis, ...]
    ) -> Iterator[tuple[int, Points, str]]:
        """Everybody who bears a name, and what it says beside an entry's: the same for all who are read alike."""
        said: dict[tuple[PartyKind, str], Points] = {}
        for number, text, read_as in self.bearers[analysis]:
            party = self.parties[number]
            together = facts.common_kind(party.kind, entry.kind)
            again = together not in {read_as, kind}
            if not again and read_as != kind:
                continue
            key = (together, text if again else "")
            if key not in said:
                ours = analyse(text, together) if again else (analysis,)
                theirs = analyse(name.text, together) if again else readings
                said[key] = name_points(ours, theirs, self.memory, person=together == PartyKind.PERSON)
            yield number, said[key], text


def _kinds(kind: PartyKind) -> tuple[PartyKind, ...]:
    """As which kinds a name is read: one that is not known may be either."""
    return (PartyKind.PERSON, PartyKind.ORGANISATION) if kind == PartyKind.UNKNOWN else (kind,)
