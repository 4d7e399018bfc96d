"""All lists in memory, searched by keys: which listed parties could a name be?

A word of a query is sought under every key it has (fine key, consonants, sound across scripts, meaning, one letter
left out), which gives words of the lists with their likeness; the names that hold enough of them are compared in
full by `compare`, so a search and a comparison of two parties always give the same score. Nothing here is learnt
from the lists: the same party has the same score whatever else is on them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from keruen.model.party import NameKind, PartyKind
from keruen.screening import abjad, facts, keys
from keruen.screening.compare import Memory, Score, name_points, score_of
from keruen.screening.names import Analysis, Word, analyse
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, LATIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keruen.model.party import Edition, ListedParty, Party

BESIDE_BEST: Final = 0.5
"""Names that share less than this part of what the best shares are not compared."""
CANDIDATES: Final = 40
"""Names compared in full for one name asked."""
WORD_AT: Final = 0.6
"""Words less alike than this bring no candidate."""
HELD_AT: Final = 0.25
"""Share of the query's weight that a name must hold to be looked at."""
SHARE_AT: Final = 0.4
"""Weight in common, of all weight of both names, from which on a name is compared in full."""


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
        self.vocabulary = list(self.words)
        hashes: list[int] = []
        holders: list[int] = []
        for number, word in enumerate(self.vocabulary):
            for key in kept_under(word):
                hashes.append(hash(key))
                holders.append(number)
        self.words_by_key = _Table(hashes, holders)
        hashes, holders = [], []
        for row, numbers in enumerate(rows):
            for first, second in pairwise(numbers):
                key = joined_key(self.vocabulary[first], self.vocabulary[second])
                if key:
                    hashes.append(hash(key))
                    holders.append(row)
        self.rows_by_joined = _Table(hashes, holders)
        lengths = np.fromiter((len(each) for each in rows), np.int64, len(rows))
        flat = np.fromiter((each for row in rows for each in row), np.int64, int(lengths.sum()))
        row_of = np.repeat(np.arange(len(rows), dtype=np.int32), lengths)
        order = np.argsort(flat, kind="stable")
        self.rows_of_words = row_of[order]
        self.first_row = np.searchsorted(flat[order], np.arange(len(self.words) + 1))
        weight = np.fromiter((each.weight for each in self.vocabulary), np.float32, len(self.vocabulary))
        self.mass = np.bincount(row_of, weights=weight[flat], minlength=len(rows)).astype(np.float32)

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
        for number, score in self._scores(party):
            if score.score >= threshold and (number not in found or score.score > found[number].score):
                found[number] = score
        matches = [self._match(number, score) for number, score in found.items()]
        matches.sort(key=lambda each: (-each.score, each.source, each.party.id))
        return matches[:limit]

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
        units = [each for each in analysis.words if not each.light] or list(analysis.words)
        total = sum(each.weight for each in units)
        numbers: list[int] = []
        values: list[float] = []
        for word in units:
            for number, value in self.alike(word):
                numbers.append(number)
                values.append(value * word.weight)
        found = np.array(numbers, np.int64)
        starts = self.first_row[found]
        counts = self.first_row[found + 1] - starts
        # Rows of all words found, one after another, without a loop over the words.
        steps = np.arange(int(counts.sum())) + np.repeat(starts - np.cumsum(counts) + counts, counts)
        rows, held = self.rows_of_words[steps], np.repeat(np.array(values, np.float64), counts)
        more, much = self._joined_rows(units)
        if more:
            rows, held = np.concatenate([rows, more]), np.concatenate([held, much])
        if not len(rows):
            return []
        sums = np.bincount(rows, weights=held, minlength=len(self.mass))
        some = np.flatnonzero(sums >= HELD_AT * total)
        share = 2 * sums[some] / (self.mass[some] + total)
        enough = share >= max(SHARE_AT, BESIDE_BEST * float(share.max(initial=0.0)))
        some, share = some[enough], share[enough]
        if len(some) > CANDIDATES:
            best = np.argpartition(-share, CANDIDATES)[:CANDIDATES]
            some, share = some[best], share[best]
        return list(zip(some.tolist(), share.tolist(), strict=True))

    def _joined_rows(self, units: Sequence[Word]) -> tuple[list[int], list[float]]:
        """Rows in which two words stand apart that the query writes together, or the other way round."""
        rows: list[int] = []
        held: list[float] = []
        for word in units:
            for row in self.rows_by_joined.find([hash(each) for each in word.keys if len(each) >= SHORTEST_JOINED]):
                rows.append(row)
                held.append(word.weight * 2)
        for first, second in pairwise(units):
            key = joined_key(first, second)
            if not key:
                continue
            for number in self.words_by_key.find([hash(f"={key}")]):
                found = self.rows_of_words[self.first_row[number] : self.first_row[number + 1]].tolist()
                rows += found
                held += [first.weight + second.weight] * len(found)
        return rows, held

    def alike(self, word: Word) -> list[tuple[int, float]]:
        """Words of the lists that are like one, with how much."""
        found = []
        for number in self.words_by_key.find([hash(key) for key in asked_under(word)]):
            like = self.memory.likeness(word, self.vocabulary[number])
            if like is not None and like.value >= WORD_AT:
                found.append((number, like.value))
        return found


class _Table:
    """Numbers under hashed keys, in two arrays: a tenth of a dictionary's memory."""

    def __init__(self, hashes: list[int], numbers: list[int]) -> None:
        keys_ = np.array(hashes, np.int64)
        order = np.argsort(keys_, kind="stable")
        self.keys = keys_[order]
        self.numbers = np.array(numbers, np.int32)[order]

    def find(self, hashes: list[int]) -> list[int]:
        """Numbers kept under any of the keys, each once, in order."""
        asked = np.array(hashes, np.int64)
        first = np.searchsorted(self.keys, asked, "left")
        last = np.searchsorted(self.keys, asked, "right")
        found: set[int] = set()
        for start, end in zip(first.tolist(), last.tolist(), strict=True):
            if start != end:
                found.update(self.numbers[start:end].tolist())
        return sorted(found)


# -- keys ------------------------------------------------------------------------------------

SHORTEST_TYPED: Final = 4
"""Words shorter than this are not sought with a letter left out."""
SHORTEST_JOINED: Final = 4
SHORTEST_BONES: Final = 3
_ALPHABETS: Final = frozenset({LATIN, CYRILLIC})
_LONGEST_SYLLABLES: Final = 10
_ARABIC_BEGINNING: Final = 3


def joined_key(first: Word, second: Word) -> str:
    """The fine key of two neighbours written as one word, or nothing where that cannot be."""
    if first.script not in _ALPHABETS or first.script != second.script or first.number or second.number:
        return ""
    key = keys.fine(first.readings[0] + second.readings[0])
    return key if len(key) >= SHORTEST_JOINED else ""


def kept_under(word: Word) -> set[str]:
    """Keys of a listed word. Each family of scripts has its own, so that a query asks only for what it can be."""
    found = _own(word)
    if word.number or word.initial:
        return found
    if word.script in {ARABIC, HEBREW}:
        found.update(f"aA{each}" for each in _vowelless(word))
    elif word.script == HAN:
        found.update(f"cH{each}" for each in word.chinese)
        found.add(f"fH{word.foreign}")
    elif word.script == HANGUL:
        found.update(f"hH{each}" for each in word.korean)
    else:
        found.update(f"aL{abjad.coarse(abjad.latin(each))}" for each in word.readings)
        if len(word.keys[0]) <= _LONGEST_SYLLABLES:
            found.update(f"cL{keys.chinese(each)}" for each in word.readings)
            found.update(f"hL{keys.korean(each)}" for each in word.readings)
        found.add(f"fL{keys.foreign(word.readings[0])}")
    return found


def asked_under(word: Word) -> set[str]:
    """Keys under which words like one are sought."""
    found = _own(word)
    if word.number or word.initial:
        return found
    if word.script in {ARABIC, HEBREW}:
        found.update(f"a{kind}{each}" for each in _vowelless(word) for kind in "AL")
    elif word.script == HAN:
        found.update(f"c{kind}{each}" for each in word.chinese for kind in "HL")
        found.update((f"fH{word.foreign}", f"fL{word.foreign}"))
    elif word.script == HANGUL:
        found.update(f"h{kind}{each}" for each in word.korean for kind in "HL")
    else:
        found.update(f"aA{abjad.coarse(each)}" for each in word.abjad)
        found.update(f"cH{each}" for each in word.chinese)
        found.update(f"hH{each}" for each in word.korean)
        found.add(f"fH{word.foreign}")
    return found


def _own(word: Word) -> set[str]:
    """Keys that mean the same for every script: the word itself, what it means, one letter left out."""
    if word.number:
        return {f"#{word.number}"}
    found = {f"={word.text}", *(f"={each}" for each in word.keys)}
    if word.meaning:
        found.add(f"m{word.meaning}")
    if word.initial:
        return found
    found.update(f"n{each}" for each in word.classes)
    found.update(word.nicknames)
    if word.script in {ARABIC, HEBREW}:
        return found
    if len(word.bones) >= SHORTEST_BONES:
        found.add(f"s{word.bones}")
    key = word.keys[0]
    if len(key) >= SHORTEST_TYPED:
        found.add(f"d{key}")
        found.update(f"d{key[:at]}{key[at + 1 :]}" for at in range(len(key)))
    return found


def _vowelless(word: Word) -> set[str]:
    return {abjad.coarse(each) for each in word.abjad}
