"""All lists in memory, searched by keys: which listed parties could a name be?

A word of a query is sought under every key it has (fine key, consonants, sound across scripts, meaning, one letter
left out), which gives words of the lists with their likeness; the names that hold enough of them are compared in
full by `compare`, so a search and a comparison of two parties always give the same score. Nothing here is learnt
from the lists: the same party has the same score whatever else is on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.garbage import not_collected
from keruen.model.party import NameKind, PartyKind
from keruen.screening import facts
from keruen.screening.addresses import AddressBook
from keruen.screening.compare import Memory, Points, Score, least_points, name_points, score_of
from keruen.screening.names import Analysis, analyse
from keruen.screening.postings import CANDIDATES, Postings
from keruen.screening.words import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keruen.model.party import Edition, ListedParty, Party


_PERSON, _WEAK = PartyKind.PERSON, NameKind.WEAK


class Match(NamedTuple):
    """A listed party that a query may be."""

    score: float
    party: ListedParty
    source: str
    edition: str
    """The edition's name, as decisions keep it."""
    detail: Score


class Index:
    """Editions in force, ready to be searched. Made by `build`, never changed: a new edition makes a new index."""

    def __init__(self) -> None:
        self.parties: list[ListedParty] = []
        self.editions: list[tuple[str, str]] = []
        self.edition_of: list[int] = []
        self.names: list[Analysis] = []
        """The different names, by their place in `postings`: lists repeat each other, and so do aliases."""
        self.bearers: list[list[tuple[int, str, NameKind]]] = []
        """Who bears each of them: the party's place, the name as published, and its kind."""
        self.by_identifier: dict[str, list[int]] = {}
        self.memory = Memory()
        self.postings = Postings((), self.memory)
        self.addresses = AddressBook(())

    @classmethod
    @not_collected()
    def build(cls, editions: Iterable[Edition]) -> Index:
        """Index everything in some editions; a second or two for every 50,000 names."""
        index = cls()
        places: dict[Analysis, int] = {}
        read: dict[tuple[str, PartyKind], list[int]] = {}
        for edition in editions:
            index.editions.append((edition.source, edition.name))
            for party in edition.parties:
                number = len(index.parties)
                index.parties.append(party)
                index.edition_of.append(len(index.editions) - 1)
                for identifier in party.identifiers:
                    index.by_identifier.setdefault(facts.plain(identifier), []).append(number)
                for name in party.names:
                    if (name.text, party.kind) not in read:
                        read[name.text, party.kind] = [
                            places.setdefault(each, len(places)) for each in analyse(name.text, party.kind)
                        ]
                    for place in read[name.text, party.kind]:
                        if place == len(index.bearers):
                            index.bearers.append([])
                        index.bearers[place].append((number, name.text, name.kind))
        index.names = list(places)
        del places, read
        index.postings = Postings((each.words for each in index.names), index.memory)
        index.addresses = AddressBook(
            (number, each) for number, party in enumerate(index.parties) for each in party.addresses
        )
        return index

    # -- asking ------------------------------------------------------------------------------

    def search(self, party: Party, *, threshold: float, limit: int = 10) -> list[Match]:
        """Listed parties that a party may be.

        Args:
            party: With at least one name or identifier.
            threshold: Score from which on a match is given.
            limit: At most so many, the surest first.

        Returns:
            Matches in order of score, then of source and id, so that the same question has the same answer.
        """
        if not self.parties:
            return []
        found: dict[int, Score] = {}
        for number, score in self._scores(party, threshold):
            if score.score >= threshold and (number not in found or score.score > found[number].score):
                found[number] = score
        matches = [self._match(number, score) for number, score in found.items()]
        matches.sort(key=lambda each: (-each.score, each.source, each.party.id))
        return matches[:limit]

    def at_address(self, party: Party) -> list[Match]:
        """Listed parties at an address of a party, each once; what is alike in names and facts stands in the detail."""
        found: dict[int, Match] = {}
        for ours in party.addresses:
            for number, theirs in self.addresses.find(ours):
                known = facts.compare(party, self.parties[number])
                score = score_of(None, known, ours, theirs, weak=False)
                found.setdefault(number, self._match(number, score))
        return sorted(found.values(), key=lambda each: (each.source, each.party.id))

    def entry(self, source: str, number: str) -> ListedParty | None:
        """A listed party by its list and the publisher's number."""
        return next(
            (
                party
                for place, party in enumerate(self.parties)
                if party.id == number and self.editions[self.edition_of[place]][0] == source
            ),
            None,
        )

    def _match(self, number: int, score: Score) -> Match:
        source, edition = self.editions[self.edition_of[number]]
        return Match(score.score, self.parties[number], source, edition, score)

    def _scores(self, party: Party, threshold: float) -> Iterator[tuple[int, Score]]:
        """Listed parties that may reach a threshold, with the score of each of their names."""
        known: dict[int, facts.Facts] = {}

        def facts_of(number: int) -> facts.Facts:
            if number not in known:
                known[number] = facts.compare(party, self.parties[number])
            return known[number]

        for identifier in party.identifiers:
            for number in self.by_identifier.get(facts.plain(identifier), ()):
                if facts_of(number).same_identifier is not None:
                    yield number, self._by_identifier(party, number, facts_of(number))
        least = least_points(threshold)
        for text in party.names:
            for number, name, kind, points in self._by_name(text, party.kind):
                if points.points >= least:
                    yield number, score_of(points, facts_of(number), text, name, weak=kind == _WEAK)

    def _by_name(self, text: str, kind: PartyKind) -> Iterator[tuple[int, str, NameKind, Points]]:
        """Listed parties with a name that is alike, and what both names say."""
        for place in self.candidates(text, kind):
            theirs = self.names[place]
            said: dict[tuple[PartyKind, str], Points] = {}
            for number, name, name_kind in self.bearers[place]:
                listed_as = self.parties[number].kind
                read_as = facts.common_kind(kind, listed_as)
                key = (read_as, "" if read_as == listed_as else name)
                if key not in said:
                    readings = (theirs,) if read_as == listed_as else analyse(name, read_as)
                    said[key] = name_points(analyse(text, read_as), readings, self.memory, person=read_as == _PERSON)
                yield number, name, name_kind, said[key]

    def _by_identifier(self, party: Party, number: int, known: facts.Facts) -> Score:
        listed = self.parties[number]
        read_as = facts.common_kind(party.kind, listed.kind)
        best = None
        for text in party.names[:1]:
            for name in listed.names:
                points = name_points(
                    analyse(text, read_as), analyse(name.text, read_as), self.memory, person=read_as == PartyKind.PERSON
                )
                score = score_of(points, known, text, name.text, weak=name.kind == NameKind.WEAK)
                if best is None or score.score > best.score:
                    best = score
        return best or score_of(None, known, "", listed.names[0].text, weak=False)

    def candidates(self, text: str, kind: PartyKind) -> list[int]:
        """Places of names that hold enough of a name's words to be compared in full, the likeliest first."""
        kinds = (PartyKind.PERSON, PartyKind.ORGANISATION) if kind == PartyKind.UNKNOWN else (kind,)
        asked = list(dict.fromkeys(each for one in kinds for each in analyse(text, one)))
        found: dict[int, float] = {}
        for analysis in asked:
            initials = any(word.initial for word in analysis.words)
            for place, share in self.postings.rows(analysis, most=MANY if initials else CANDIDATES):
                # An initial is no key: of the many names that have the rest, those come first that it can mean.
                begun = BEGUN * _begun(analysis.words, self.names[place].words) if initials else 0.0
                found[place] = max(share + begun, found.get(place, 0.0))
        return sorted(found, key=lambda place: (-found[place], place))[:CANDIDATES]


MANY: Final = 5 * CANDIDATES
"""Names put in order by their initials, of which the first are compared."""
BEGUN: Final = 0.1
"""What a word that begins as an initial does is worth when candidates are put in order."""


def _begun(ours: Sequence[Word], theirs: Sequence[Word]) -> int:
    """How many of our initials can mean a word of theirs that none of our whole words begins like."""
    return sum(
        sum(_begins_as(each, one) for each in theirs) > sum(_begins_as(each, one) for each in ours if not each.initial)
        for one in ours
        if one.initial
    )


def _begins_as(word: Word, initial: Word) -> bool:
    """Whether a word begins with one of an initial's letters, as both may be read."""
    letters = tuple({*initial.keys, *initial.readings})
    return any(each.startswith(letters) for each in (*word.keys, *word.readings))
