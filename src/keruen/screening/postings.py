"""Names as words under keys: which of many names hold enough of one to be looked at.

Serves both ways: names of lists, asked for a party; and parties of a register, asked for an entry that changed.
"""

from __future__ import annotations

from array import array
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from keruen.screening import abjad, bulk, keys
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, LATIN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from keruen.screening.compare import Memory
    from keruen.screening.names import Analysis
    from keruen.screening.words import Word

    Numbers = NDArray[np.int64]

CANDIDATES: Final = 14
"""Different names compared in full for one name asked."""
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
        lengths = np.fromiter((len(each) for each in numbered), np.int64, len(numbered))
        flat = np.fromiter(chain.from_iterable(numbered), np.int64, int(lengths.sum()))
        del numbered
        row_of = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        self.words_by_key = self._by_key()
        self.rows_by_joined = self._by_joined(flat, row_of)
        order = np.argsort(flat, kind="stable")
        self.rows_of_words = row_of[order]
        self.first_row = np.searchsorted(flat[order], np.arange(len(words) + 1))
        weight = np.fromiter((each.weight for each in self.vocabulary), np.float32, len(self.vocabulary))
        self.mass = np.bincount(row_of, weights=weight[flat], minlength=len(lengths)).astype(np.float32)

    def _by_key(self) -> Table:
        """Words under their keys."""
        bulk.work_out(self.vocabulary)
        hashes, sizes = array("q"), array("q")
        for word, coarse in zip(self.vocabulary, bulk.coarse(self.vocabulary), strict=True):
            kept = kept_under(word, coarse)
            hashes.extend(map(hash, kept))
            sizes.append(len(kept))
        return Table(_as_numbers(hashes), np.repeat(np.arange(len(sizes)), _as_numbers(sizes)))

    def _by_joined(self, flat: Numbers, row_of: NDArray[np.int32]) -> Table:
        """Rows under the keys of two neighbours written as one word; each two are looked at once."""
        within = row_of[:-1] == row_of[1:]
        twos = flat[:-1][within] * len(self.vocabulary) + flat[1:][within]
        order = np.argsort(twos, kind="stable")
        rows = row_of[:-1][within][order]
        different, starts, counts = np.unique(twos[order], return_index=True, return_counts=True)
        firsts, seconds = divmod(different, max(1, len(self.vocabulary)))
        neighbours = [
            (self.vocabulary[first], self.vocabulary[second])
            for first, second in zip(firsts.tolist(), seconds.tolist(), strict=True)
        ]
        hashes, holders = array("q"), array("q")
        for number, ((one, other), key) in enumerate(zip(neighbours, joined_keys(neighbours), strict=True)):
            for each in (key, *joined_syllables(one, other)):
                if each:
                    hashes.append(hash(each))
                    holders.append(number)
        held = _as_numbers(holders)
        return Table(np.repeat(_as_numbers(hashes), counts[held]), rows[_places(starts[held], counts[held])])

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
        for word, alike in zip(units, self.alike(units), strict=True):
            for number, value in alike:
                numbers.append(number)
                values.append(value * word.weight)
        found = np.array(numbers, np.int64)
        starts = self.first_row[found]
        counts = self.first_row[found + 1] - starts
        rows, held = self.rows_of_words[_places(starts, counts)], np.repeat(np.array(values, np.float64), counts)
        # A part of a word that was divided may look like a particle: `As Wad`, `Par And`.
        more, much = self._joined_rows(units, [each for each in analysis.words if not each.initial])
        if more:
            rows, held = np.concatenate([rows, more]), np.concatenate([held, much])
        if not len(rows):
            return []
        touched, which = np.unique(rows, return_inverse=True)
        sums = np.bincount(which, weights=held)
        enough = sums >= HELD_AT * total
        some = touched[enough]
        share = 2 * sums[enough] / (self.mass[some] + total)
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
        for word, found in zip(units, self.rows_by_joined.find([_asked_joined(each) for each in units]), strict=True):
            rows += found
            held += [word.weight * 2] * len(found)
        pairs = list(pairwise(neighbours))
        asked = [
            [*([f"={key}"] if key else ()), *[f"cH{each.removeprefix('c ')}" for each in joined_syllables(*pair)]]
            for pair, key in zip(pairs, joined_keys(pairs), strict=True)
        ]
        for (first, second), words in zip(pairs, self.words_by_key.find(asked), strict=True):
            for number in words:
                found = self.rows_of_words[self.first_row[number] : self.first_row[number + 1]].tolist()
                rows += found
                held += [first.weight + second.weight] * len(found)
        return rows, held

    def alike(self, words: Sequence[Word]) -> list[list[tuple[int, float]]]:
        """For each of some words: the words of the lists that are like it, with how much."""
        found = []
        for word, numbers in zip(words, self.words_by_key.find([asked_under(each) for each in words]), strict=True):
            known = self.memory.row(word)
            likely = []
            for number in numbers:
                other = self.vocabulary[number]
                like = known[other] if other in known else self.memory.likeness(word, other)
                if like is not None and like.value >= WORD_AT:
                    likely.append((number, like.value))
            found.append(likely)
        return found


class Table:
    """Numbers under hashed keys, in two arrays: a tenth of a dictionary's memory."""

    def __init__(self, hashes: Numbers, numbers: Numbers | NDArray[np.int32]) -> None:
        order = np.argsort(hashes, kind="stable")
        self.keys = hashes[order]
        self.numbers = numbers.astype(np.int32)[order]

    def find(self, groups: Sequence[Collection[str]]) -> list[list[int]]:
        """Numbers kept under any key of a group, each once, in order; for each of some groups of keys."""
        asked = np.array([hash(key) for keys_ in groups for key in keys_], np.int64)
        group = [number for number, keys_ in enumerate(groups) for _ in keys_]
        first = np.searchsorted(self.keys, asked)
        hits = np.flatnonzero(np.take(self.keys, first, mode="clip") == asked) if len(self.keys) else first[:0]
        last = np.searchsorted(self.keys, asked[hits], "right")
        found: list[set[int]] = [set() for _ in groups]
        for place, start, end in zip(hits.tolist(), first[hits].tolist(), last.tolist(), strict=True):
            found[group[place]].update(self.numbers[start:end].tolist())
        return [sorted(each) for each in found]


def _as_numbers(found: array[int]) -> Numbers:
    return np.frombuffer(found, np.int64)


def _places(starts: Numbers, counts: Numbers) -> Numbers:
    """The places of several runs, one run after another: `counts` of them from each of `starts` on."""
    return np.arange(int(counts.sum())) + np.repeat(starts - np.cumsum(counts) + counts, counts)


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


def joined_keys(neighbours: Iterable[tuple[Word, Word]]) -> list[str]:
    """The fine key of two neighbours written as one word, for each two; nothing where that cannot be."""
    written = [
        first.readings[0] + second.readings[0]
        if first.script in _ALPHABETS and first.script == second.script and not (first.number or second.number)
        else ""
        for first, second in neighbours
    ]
    return [key if len(key) >= SHORTEST_JOINED else "" for key in keys.fine_of_many(written)]


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


def kept_under(word: Word, coarse: Iterable[str]) -> list[str]:
    """Keys of a listed word. Each family of scripts has its own, so that a query asks only for what it can be.

    Args:
        word: Any.
        coarse: Coarse keys of its consonants, which `bulk` works out for many words together.
    """
    found = _own(word)
    if word.number or word.initial:
        return found
    if word.script in {ARABIC, HEBREW}:
        found += [f"aA{each}" for each in coarse]
    elif word.script == HAN:
        found += [f"cH{each}" for each in word.chinese]
        found += [f"fH{each}" for each in word.foreign]
    elif word.script == HANGUL:
        found += [f"hH{each}" for each in word.korean]
    else:
        found += [f"aL{each}" for each in coarse]
        if len(word.keys[0]) <= _LONGEST_SYLLABLES:
            found += [f"cL{each}" for each in word.chinese]
            found += [f"hL{each}" for each in word.korean]
        found += [f"fL{each}" for each in word.foreign]
    return found


def asked_under(word: Word) -> list[str]:
    """Keys under which words like one are sought."""
    found = _own(word)
    if word.number or word.initial:
        return found
    if word.script in _ALPHABETS:
        # As the other has it with one letter more; a letter left out may have made a short word or a double letter.
        found.append(f"d{word.keys[0]}")
        found.append(f"d{word.readings[0]}")
    if word.script in {ARABIC, HEBREW}:
        found += [f"a{kind}{abjad.coarse(each)}" for each in word.abjad for kind in "AL"]
    elif word.script == HAN:
        found += [f"c{kind}{each}" for each in word.chinese for kind in "HL"]
        found += [f"f{kind}{each}" for each in word.foreign for kind in "HL"]
    elif word.script == HANGUL:
        found += [f"h{kind}{each}" for each in word.korean for kind in "HL"]
    else:
        found += [f"aA{abjad.coarse(each)}" for each in word.abjad]
        found += [f"cH{each}" for each in word.chinese]
        found += [f"hH{each}" for each in word.korean]
        found += [f"fH{each}" for each in word.foreign]
    return found


def _own(word: Word) -> list[str]:  # noqa: C901 - one key after another; see each remark
    """Keys that mean the same for every script: the word itself, what it means, one letter left out."""
    if word.mark:
        whole = word.number
        return [f"#{whole}", *(f"#{whole[:at]}{whole[at + 1 :]}" for at in range(len(whole)))]
    if word.number:
        return [f"#{word.number}"]
    found = [f"={word.text}", *[f"={each}" for each in word.keys if each != word.text]]
    if word.meaning:
        found.append(f"m{word.meaning}")
    if word.initial:
        return found
    found += [f"n{each}" for each in word.classes]
    found += word.nicknames
    if word.script in {ARABIC, HEBREW}:
        return found
    if len(word.bones) >= SHORTEST_BONES:
        found.append(f"s{word.bones}")
    key = word.keys[0]
    if len(key) >= SHORTEST_TYPED:
        found.append(f"d{key}")
        found += [f"d{key[:at]}{key[at + 1 :]}" for at in range(len(key))]
    if key.startswith("abdu") and len(key) > len("abdu") + 2:
        found.append(f"={key[4:]}")
    if word.place:
        found.append(f"={word.place}")
    if word.script in _ALPHABETS and len(word.readings[0]) >= SHORTEST_SWAPPED:
        # Two letters swapped may make or break a digraph, `Agrophen` and `Agrohpen`: the letters are the same.
        found.append(f"a~{''.join(sorted(word.readings[0]))}")
    return found
