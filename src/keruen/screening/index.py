"""All lists in memory, searched by keys: which listed parties could a name be?

A word of a query is sought under every key it has (fine key, consonants, sound across scripts, meaning, one letter
left out), which gives words of the lists with their likeness; the names that hold enough of them are compared in
full by `compare`, so a search and a comparison of two parties always give the same score. Nothing here is learnt
from the lists: the same party has the same score whatever else is on them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from keruen.model.party import NameKind, PartyKind
from keruen.screening import abjad, facts, keys
from keruen.screening.compare import Memory, Score, name_points, score_of
from keruen.screening.names import Analysis, Word, analyse
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, LATIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keruen.model.party import Edition, ListedParty, Party

CANDIDATES: Final = 40
"""Names compared in full for one name asked."""
WORD_AT: Final = 0.6
"""Words less alike than this bring no candidate."""
SHARE_AT: Final = 0.3
"""Share of the query's weight that a name must hold to be looked at."""


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
        self.names: list[tuple[int, str, NameKind, Analysis]] = []
        self.words: dict[Word, int] = {}
        self.by_key: dict[str, list[int]] = {}
        self.by_identifier: dict[str, list[int]] = {}
        self.memory = Memory()

    @classmethod
    def build(cls, editions: Iterable[Edition]) -> Index:
        """Index everything in some editions; a second or two for every 50,000 names."""
        index = cls()
        rows: list[list[int]] = []
        for edition in editions:
            index.editions.append((edition.source, edition.name))
            for party in edition.parties:
                number = len(index.parties)
                index.parties.append(party)
                index.edition_of.append(len(index.editions) - 1)
                for identifier in party.identifiers:
                    index.by_identifier.setdefault(facts.plain(identifier), []).append(number)
                for name in party.names:
                    for analysis in analyse(name.text, party.kind):
                        index.names.append((number, name.text, name.kind, analysis))
                        rows.append([index._number(each) for each in analysis.words])
        index._finish(rows)
        return index

    def _number(self, word: Word) -> int:
        return self.words.setdefault(word, len(self.words))

    def _finish(self, rows: list[list[int]]) -> None:
        by_key: dict[str, list[int]] = defaultdict(list)
        for word, number in self.words.items():
            for key in keys_of(word):
                by_key[key].append(number)
        self.by_key = dict(by_key)
        self.vocabulary = list(self.words)
        lengths = np.fromiter((len(each) for each in rows), np.int64, len(rows))
        flat = np.fromiter((each for row in rows for each in row), np.int64, int(lengths.sum()))
        row_of = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        order = np.argsort(flat, kind="stable")
        self.rows_of_words = row_of[order]
        self.first_row = np.searchsorted(flat[order], np.arange(len(self.words) + 1))
        weight = np.fromiter((each.weight for each in self.vocabulary), np.float32, len(self.vocabulary))
        self.mass = np.bincount(row_of, weights=weight[flat], minlength=len(rows)).astype(np.float32)
        self.party_of = np.fromiter((each[0] for each in self.names), np.int64, len(self.names))

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
        found: dict[int, Score] = {}
        for number, score in self._scores(party):
            if score.score >= threshold and (number not in found or score.score > found[number].score):
                found[number] = score
        matches = [self._match(number, score) for number, score in found.items()]
        matches.sort(key=lambda each: (-each.score, each.source, each.party.id))
        return matches[:limit]

    def _match(self, number: int, score: Score) -> Match:
        source, edition = self.editions[self.edition_of[number]]
        return Match(score.score, self.parties[number], source, edition, score)

    def _scores(self, party: Party) -> Iterator[tuple[int, Score]]:
        known: dict[int, facts.Facts] = {}

        def facts_of(number: int) -> facts.Facts:
            if number not in known:
                known[number] = facts.compare(party, self.parties[number])
            return known[number]

        for identifier in party.identifiers:
            for number in self.by_identifier.get(facts.plain(identifier), ()):
                if facts_of(number).same_identifier is not None:
                    yield number, self._by_identifier(party, number, facts_of(number))
        for text in party.names:
            for row in self.candidates(text, party.kind):
                number, name, kind, theirs = self.names[row]
                read_as = facts.common_kind(party.kind, self.parties[number].kind)
                if read_as == self.parties[number].kind:
                    candidates: tuple[Analysis, ...] = (theirs,)
                else:
                    candidates = analyse(name, read_as)
                points = name_points(
                    analyse(text, read_as), candidates, self.memory, person=read_as == PartyKind.PERSON
                )
                yield number, score_of(points, facts_of(number), text, name, weak=kind == NameKind.WEAK)

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
        """Rows of names that hold enough of a name's words to be compared in full, the likeliest first."""
        kinds = (PartyKind.PERSON, PartyKind.ORGANISATION) if kind == PartyKind.UNKNOWN else (kind,)
        analyses = list(dict.fromkeys(each for one in kinds for each in analyse(text, one)))
        found: dict[int, float] = {}
        for analysis in analyses:
            for row, value in self._rows(analysis):
                found[row] = max(value, found.get(row, 0.0))
        return sorted(found, key=lambda row: (-found[row], row))[:CANDIDATES]

    def _rows(self, analysis: Analysis) -> list[tuple[int, float]]:
        parts: list[np.ndarray] = []
        values: list[np.ndarray] = []
        total = 0.0
        for word in self._units(analysis):
            total += word.weight
            for number, value in self.alike(word):
                rows = self.rows_of_words[self.first_row[number] : self.first_row[number + 1]]
                parts.append(rows)
                values.append(np.full(len(rows), value * word.weight, np.float32))
        if not parts:
            return []
        held = np.bincount(np.concatenate(parts), weights=np.concatenate(values), minlength=len(self.mass))
        rows = np.flatnonzero(held >= SHARE_AT * total / (2 if len(analysis.words) > 3 else 1))
        if not len(rows):
            return []
        share = held[rows] / (self.mass[rows] + total)
        if len(rows) > CANDIDATES:
            best = np.argpartition(-share, CANDIDATES)[:CANDIDATES]
            rows, share = rows[best], share[best]
        return list(zip(rows.tolist(), share.tolist(), strict=True))

    def _units(self, analysis: Analysis) -> list[Word]:
        """The words to look for: all that weigh something, or all where none does."""
        return [each for each in analysis.words if not each.light] or list(analysis.words)

    def alike(self, word: Word) -> list[tuple[int, float]]:
        """Words of the lists that are like one, with how much."""
        numbers: set[int] = set()
        for key in keys_of(word, asking=True):
            numbers.update(self.by_key.get(key, ()))
        found = []
        for number in numbers:
            value = self.memory.likeness(word, self.vocabulary[number]).value
            if value >= WORD_AT:
                found.append((number, value))
        return found


SHORTEST_TYPED: Final = 4
"""Words shorter than this are not sought with a letter left out."""
_ALPHABETS: Final = frozenset({LATIN, CYRILLIC})
_LONGEST_SYLLABLES: Final = 10


def keys_of(word: Word, *, asking: bool = False) -> set[str]:
    """Every key under which a word is kept and sought. Two words that are alike share one, or nearly always."""
    found = {f"={word.text}"}
    if word.number:
        return {f"#{word.number}"}
    if word.meaning:
        found.add(f"m{word.meaning}")
    if word.initial:
        return found
    found.update(f"={each}" for each in word.keys)
    if word.script in {ARABIC, HEBREW}:
        found.update(f"a{abjad.coarse(each)}" for each in word.abjad)
        found.update(f"n{each}" for each in word.classes)
        if asking or True:
            found.update(f"A{abjad.coarse(each)[:3]}" for each in word.abjad if len(abjad.coarse(each)) >= 4)
        return found
    key = word.keys[0]
    if word.script in {HAN, HANGUL}:
        found.update(f"n{each}" for each in word.classes)
    if word.script == HAN:
        found.update(f"c{each}" for each in word.chinese)
        found.add(f"f{word.foreign}")
    if word.script == HANGUL:
        found.update(f"h{each}" for each in word.korean)
    if word.script in _ALPHABETS:
        found.update(f"a{abjad.coarse(each)}" for each in word.abjad)
        if len(key) <= _LONGEST_SYLLABLES:
            found.update(f"c{each}" for each in word.chinese)
            found.update(f"h{each}" for each in word.korean)
        if word.script == LATIN:
            found.add(f"f{word.foreign}")
        found.update(f"n{each}" for each in word.classes)
    bones = keys.skeleton(key)
    if len(bones) >= 3:  # noqa: PLR2004 - fewer are shared by everything
        found.add(f"s{bones}")
    if len(key) >= SHORTEST_TYPED:
        found.add(f"d{key}")
        found.update(f"d{key[:at]}{key[at + 1 :]}" for at in range(len(key)))
    return found
