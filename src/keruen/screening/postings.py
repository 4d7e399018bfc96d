"""Names as words under keys: which of many names hold enough of one to be looked at.

Serves both ways: names of lists, asked for a party; and parties of a register, asked for an entry that changed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from keruen.screening import abjad, keys
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, LATIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keruen.screening.compare import Memory
    from keruen.screening.names import Analysis, Word

CANDIDATES: Final = 24
"""Names compared in full for one name asked."""
WORD_AT: Final = 0.6
"""Words less alike than this bring no candidate."""
HELD_AT: Final = 0.25
"""Share of the query's weight that a name must hold to be looked at."""
SHARE_AT: Final = 0.45
"""Weight in common, of all weight of both names, from which on a name is compared in full."""
BESIDE_BEST: Final = 0.5
"""Names that share less than this part of what the best shares are not compared."""


class Postings:
    """Names in the order given, each a row; immutable once made.

    Args:
        rows: The words of each name.
        memory: Likenesses worked out before, shared with whoever compares in full.
    """

    def __init__(self, rows: Iterable[Sequence[Word]], memory: Memory) -> None:
        self.memory = memory
        words: dict[Word, int] = {}
        numbered = [[words.setdefault(each, len(words)) for each in row] for row in rows]
        self.vocabulary = list(words)
        self._by_key(numbered)
        lengths = np.fromiter((len(each) for each in numbered), np.int64, len(numbered))
        flat = np.fromiter((each for row in numbered for each in row), np.int64, int(lengths.sum()))
        row_of = np.repeat(np.arange(len(numbered), dtype=np.int32), lengths)
        order = np.argsort(flat, kind="stable")
        self.rows_of_words = row_of[order]
        self.first_row = np.searchsorted(flat[order], np.arange(len(words) + 1))
        weight = np.fromiter((each.weight for each in self.vocabulary), np.float32, len(self.vocabulary))
        self.mass = np.bincount(row_of, weights=weight[flat], minlength=len(numbered)).astype(np.float32)

    def _by_key(self, numbered: list[list[int]]) -> None:
        hashes: list[int] = []
        holders: list[int] = []
        for number, word in enumerate(self.vocabulary):
            for key in kept_under(word):
                hashes.append(hash(key))
                holders.append(number)
        self.words_by_key = Table(hashes, holders)
        hashes, holders = [], []
        for row, numbers in enumerate(numbered):
            for first, second in pairwise(numbers):
                one, other = self.vocabulary[first], self.vocabulary[second]
                for key in (joined_key(one, other), *joined_syllables(one, other)):
                    if key:
                        hashes.append(hash(key))
                        holders.append(row)
        self.rows_by_joined = Table(hashes, holders)

    def rows(
        self, analysis: Analysis, *, most: int = CANDIDATES, least: float = SHARE_AT, beside_best: float = BESIDE_BEST
    ) -> list[tuple[int, float]]:
        """Rows that hold enough of a name's words, with the share they have in common with it.

        Args:
            analysis: The name asked.
            most: At most so many rows, those with the largest share.
            least: Share from which on a row is given.
            beside_best: Rows that share less than this part of the best are left out; 0 leaves none out.
        """
        # Particles are everywhere, and an initial brings nothing.
        units = [each for each in analysis.words if not (each.light or each.initial)] or list(analysis.words)
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
        # A part of a word that was divided may look like a particle: `As Wad`, `Par And`.
        more, much = self._joined_rows(units, [each for each in analysis.words if not each.initial])
        if more:
            rows, held = np.concatenate([rows, more]), np.concatenate([held, much])
        if not len(rows):
            return []
        sums = np.bincount(rows, weights=held, minlength=len(self.mass))
        some = np.flatnonzero(sums >= HELD_AT * total)
        share = 2 * sums[some] / (self.mass[some] + total)
        enough = share >= max(least, beside_best * float(share.max(initial=0.0)))
        some, share = some[enough], share[enough]
        if len(some) > most:
            best = np.argpartition(-share, most)[:most]
            some, share = some[best], share[best]
        return list(zip(some.tolist(), share.tolist(), strict=True))

    def _joined_rows(self, units: Sequence[Word], neighbours: Sequence[Word]) -> tuple[list[int], list[float]]:
        """Rows in which two words stand apart that the query writes together, or the other way round."""
        rows: list[int] = []
        held: list[float] = []
        for word in units:
            for row in self.rows_by_joined.find([hash(each) for each in _asked_joined(word)]):
                rows.append(row)
                held.append(word.weight * 2)
        for first, second in pairwise(neighbours):
            key = joined_key(first, second)
            asked = [f"={key}"] if key else []
            asked += [f"cH{each.removeprefix('c ')}" for each in joined_syllables(first, second)]
            if not asked:
                continue
            for number in self.words_by_key.find([hash(each) for each in asked]):
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


class Table:
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
SHORTEST_SWAPPED: Final = 4
SHORTEST_JOINED: Final = 4
LEAST_JOINED_TYPED: Final = 7
"""Words shorter than this are not sought as two words with a letter between them."""
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


def joined_syllables(first: Word, second: Word) -> list[str]:
    """Keys of two neighbours as one Chinese word, `Chien-ming` for 建明; none where they cannot be."""
    if not (first.script == second.script == LATIN) or len(first.text) + len(second.text) > _LONGEST_SYLLABLES:
        return []
    if not first.chinese or not second.chinese:
        return []
    return [f"c {key}" for key in keys.chinese_written(first.readings[0] + second.readings[0])]


def _asked_joined(word: Word) -> set[str]:
    """A word as two written together, and without one letter that slipped between them: a hyphen that became one."""
    if word.script == HAN:
        return {f"c {each}" for each in word.chinese}
    found = {each for each in word.keys if len(each) >= SHORTEST_JOINED}
    key = word.keys[0]
    if word.script in _ALPHABETS and len(key) >= LEAST_JOINED_TYPED:
        found.update(f"{key[:at]}{key[at + 1 :]}" for at in range(1, len(key) - 1))
    return found


def kept_under(word: Word) -> set[str]:
    """Keys of a listed word. Each family of scripts has its own, so that a query asks only for what it can be."""
    found = _own(word)
    if word.number or word.initial:
        return found
    if word.script in {ARABIC, HEBREW}:
        found.update(f"aA{each}" for each in _vowelless(word))
    elif word.script == HAN:
        found.update(f"cH{each}" for each in word.chinese)
        found.update(f"fH{each}" for each in word.foreign)
    elif word.script == HANGUL:
        found.update(f"hH{each}" for each in word.korean)
    else:
        # Kept with the word: a first question in another script would else work them all out at once.
        found.update(f"aL{abjad.coarse(each)}" for each in word.abjad)
        if len(word.keys[0]) <= _LONGEST_SYLLABLES:
            found.update(f"cL{each}" for each in word.chinese)
            found.update(f"hL{each}" for each in word.korean)
        found.update(f"fL{each}" for each in word.foreign)
    return found


def asked_under(word: Word) -> set[str]:
    """Keys under which words like one are sought."""
    found = _own(word)
    if word.number or word.initial:
        return found
    if word.script in _ALPHABETS:
        # As the other has it with one letter more; a letter left out may have made a short word or a double letter.
        found.add(f"d{word.keys[0]}")
        found.add(f"d{word.readings[0]}")
    if word.script in {ARABIC, HEBREW}:
        found.update(f"a{kind}{each}" for each in _vowelless(word) for kind in "AL")
    elif word.script == HAN:
        found.update(f"c{kind}{each}" for each in word.chinese for kind in "HL")
        found.update(f"f{kind}{each}" for each in word.foreign for kind in "HL")
    elif word.script == HANGUL:
        found.update(f"h{kind}{each}" for each in word.korean for kind in "HL")
    else:
        found.update(f"aA{abjad.coarse(each)}" for each in word.abjad)
        found.update(f"cH{each}" for each in word.chinese)
        found.update(f"hH{each}" for each in word.korean)
        found.update(f"fH{each}" for each in word.foreign)
    return found


def _own(word: Word) -> set[str]:  # noqa: C901 - one key after another; see each remark
    """Keys that mean the same for every script: the word itself, what it means, one letter left out."""
    if word.mark:
        whole = word.number
        return {f"#{whole}", *(f"#{whole[:at]}{whole[at + 1 :]}" for at in range(len(whole)))}
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
    if key.startswith("abdu") and len(key) > len("abdu") + 2:
        found.add(f"={key[4:]}")
    if place := keys.place_of(key):
        found.add(f"={place}")
    if word.script in _ALPHABETS and len(word.readings[0]) >= SHORTEST_SWAPPED:
        # Two letters swapped may make or break a digraph, `Agrophen` and `Agrohpen`: the letters are the same.
        found.add(f"a~{''.join(sorted(word.readings[0]))}")
    return found


def _vowelless(word: Word) -> set[str]:
    return {abjad.coarse(each) for each in word.abjad}
