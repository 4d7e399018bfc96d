"""How alike two words are, and why.

The answer is a number from 0 to 1 and the reason that an officer reads: the same letters, the same sound
in another spelling, the same meaning in another language, one letter different. Rules are tried from the surest to
the weakest, and the best of them counts.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz.distance import OSA

from keruen.screening import abjad
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, LATIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.screening.words import Word


class How(StrEnum):
    """Why two words are taken for one."""

    SAME = "same"
    SPELLING = "spelling"
    """The same word in another system of romanisation, or without its marks."""
    SOUND = "sound"
    """The same word across scripts that write sounds differently."""
    NAME = "name"
    """Forms of one personal name: Oleksandr and Alexander."""
    MEANING = "meaning"
    """The same word of trade in two languages."""
    NUMBER = "number"
    INITIAL = "initial"
    TYPING = "typing"
    """A few letters different."""
    JOINED = "joined"
    """Written together on one side and apart on the other."""


class Likeness(NamedTuple):
    """How alike, and the surest reason."""

    value: float
    how: How


# Named once: Python 3.11 finds a member of an enumeration five times more slowly than a name.
_BY_LETTERS, _BY_SPELLING, _BY_NAME, _BY_SOUND = How.TYPING, How.SPELLING, How.NAME, How.SOUND

NOTHING: Final = Likeness(0.0, How.TYPING)
_SAME: Final = Likeness(1.0, How.SAME)
_NUMBER: Final = Likeness(0.98, How.NUMBER)
_MEANING: Final = Likeness(0.95, How.MEANING)
_INITIAL: Final = Likeness(0.6, How.INITIAL)
_INITIALS: Final = Likeness(0.9, How.INITIAL)
_READING: Final = Likeness(0.99, How.SPELLING)
_OTHERWISE: Final = Likeness(0.88, How.NAME)
_KEY: Final = Likeness(0.97, How.SPELLING)

VOWELLESS: Final = frozenset({ARABIC, HEBREW})
_ALPHABETS: Final = frozenset({LATIN, CYRILLIC})
LEAST: Final = 0.45
"""Below it two words have nothing in common."""


def likeness(one: Word, other: Word) -> Likeness:  # noqa: C901, PLR0911, PLR0912 - rules in order of sureness
    """How alike two words are; the order of the two makes no difference."""
    if one is other or one.text == other.text:
        return _SAME
    if one.number or other.number:
        if one.mark and other.mark and one.number != other.number:
            return _marks(one.number, other.number)
        return _NUMBER if one.number == other.number else NOTHING
    if one.initial or other.initial:
        return _initials(one, other)
    if one.meaning and one.meaning == other.meaning:
        return _MEANING
    if one.readings[0] == other.readings[0]:
        return _READING
    first, second = one.script, other.script
    lettered = first in _ALPHABETS and second in _ALPHABETS
    if one.keys[0] == other.keys[0]:
        return _KEY
    if len(one.keys) + len(other.keys) > _ONE_EACH and not set(one.keys).isdisjoint(other.keys):
        # A surname as the south writes it is likely, but not the first thing to think of.
        return _KEY if lettered else _OTHERWISE
    if lettered:
        return _alphabets(one, other)
    if first == second:
        return _typed(one.text, other.text)
    if first in VOWELLESS or second in VOWELLESS:
        return _vowelless(one, other)
    if HANGUL in (first, second):
        return _keyed(one.korean, other.korean, one, other)
    if HAN in (first, second):
        return _han(one, other)
    return _alphabets(one, other)


_ONE_EACH: Final = 2


def _marks(one: str, other: str) -> Likeness:
    """Two marks of craft: signs swapped, left out or doubled are a slip; another sign is another's mark."""
    slip = OSA.distance(one, other) == 1 and (len(one) != len(other) or sorted(one) == sorted(other))
    return Likeness(0.9, How.TYPING) if slip else NOTHING


def _initials(one: Word, other: Word) -> Likeness:
    first = {each[0] for each in one.keys if each} | {each[0] for each in one.readings if each}
    second = {each[0] for each in other.keys if each} | {each[0] for each in other.readings if each}
    if first.isdisjoint(second):
        return NOTHING
    return _INITIALS if one.initial and other.initial else _INITIAL


def _typed(one: str, other: str) -> Likeness:
    value = OSA.normalized_similarity(one, other)
    return Likeness(value, _BY_LETTERS) if value >= LEAST else NOTHING


_SERVANT: Final = "abdu"
"""How `names` begins every name that means the servant of someone."""


def _servants(one: Word, other: Word) -> Likeness | None:
    """Two names of servants are as alike as whom they serve; one that leaves the servant out is still near."""
    first, second = one.keys[0], other.keys[0]
    if not first.startswith(_SERVANT):
        first, second = second, first
    if not first.startswith(_SERVANT) or min(len(first), len(second)) <= len(_SERVANT):
        return None
    if second.startswith(_SERVANT):
        value = OSA.normalized_similarity(first[len(_SERVANT) :], second[len(_SERVANT) :])
        return Likeness(0.15 + 0.85 * value, How.TYPING) if value >= LEAST else NOTHING
    return Likeness(0.85, How.NAME) if first[len(_SERVANT) :] == second else None


def _alphabets(one: Word, other: Word) -> Likeness:
    key, its = one.keys[0], other.keys[0]
    if (key.startswith(_SERVANT) or its.startswith(_SERVANT)) and (found := _servants(one, other)) is not None:
        return found
    # The Slavic adjective of a place, as firms bear it: `Muromski` of `Murom`.
    if one.place == its or other.place == key:
        return _PLACE
    value = _nearest(one.readings, other.readings)
    if (by_key := _nearest(one.keys, other.keys)) > value:
        value = by_key
    how = _BY_LETTERS
    # Fewer than three consonants say too little; a vowel in front is one of the three where both have the same.
    if one.bones == other.bones and len(one.bones) >= (3 if key[:1] == its[:1] else 4):
        value = max(value, 0.5 * value + 0.45)
        how = _BY_SPELLING
    if value < 0.9:  # noqa: PLR2004
        if not one.nicknames.isdisjoint(other.nicknames):
            return _NICKNAMES
        if not one.classes.isdisjoint(other.classes):
            return _likeness(max(value, 0.88 if one.script != other.script else 0.8), _BY_NAME)
    return _likeness(value, how) if value >= LEAST else NOTHING


_NICKNAMES: Final = Likeness(0.9, How.NAME)
_likeness = lru_cache(maxsize=5_000)(Likeness)
"""A likeness from those made before: words have few letters, and their shares few values."""


def _nearest(some: Sequence[str], others: Sequence[str]) -> float:
    """How alike the two spellings are that are most alike; 0 below `LEAST`."""
    if len(some) == len(others) == 1:
        return OSA.normalized_similarity(some[0], others[0], score_cutoff=LEAST)
    return max(OSA.normalized_similarity(a, b, score_cutoff=LEAST) for a in some for b in others)


_PLACE: Final = Likeness(0.88, How.SPELLING)


def _vowelless(one: Word, other: Word) -> Likeness:
    # The vowelless form before the one with vowels.
    written, heard = (other, one) if other.script in VOWELLESS and one.script not in VOWELLESS else (one, other)
    value = max([abjad.likeness(a, b) for a in written.abjad for b in heard.abjad]) * 0.97
    if one.classes and other.classes:
        if not one.classes.isdisjoint(other.classes):
            return Likeness(max(value, 0.95), _BY_SOUND)
        value *= 0.87
    return Likeness(value, _BY_SOUND) if value >= LEAST else NOTHING


def _keyed(ours: Sequence[str], theirs: Sequence[str], one: Word, other: Word) -> Likeness:
    if any(each in theirs for each in ours):
        return Likeness(0.95, How.SOUND)
    if not one.classes.isdisjoint(other.classes):
        return Likeness(0.93, How.NAME)
    value = max((OSA.normalized_similarity(a, b, score_cutoff=SYLLABLES_AT) for a in ours for b in theirs), default=0.0)
    return Likeness(0.9 * value, _BY_SOUND) if value >= SYLLABLES_AT else NOTHING


SYLLABLES_AT: Final = 0.8
"""Keys of syllables are short and all alike: below this they agree by chance."""


def _han(one: Word, other: Word) -> Likeness:
    found = _keyed(one.chinese, other.chinese, one, other)
    if found.value >= 0.9:  # noqa: PLR2004 - sure enough
        return found
    # Two consonants agree by chance; three are a foreign name in Chinese characters.
    value = max((_heard(ours, theirs) for ours in one.foreign for theirs in other.foreign), default=0.0)
    if value == _TWO_HEARD and _first_vowel(one) != _first_vowel(other):
        value = 0.0
    return Likeness(value, _BY_SOUND) if value > max(found.value, LEAST) else found


def _heard(ours: str, theirs: str) -> float:
    if min(len(ours), len(theirs)) >= 3:  # noqa: PLR2004
        return 0.88 * OSA.normalized_similarity(ours, theirs, score_cutoff=LEAST)
    return _TWO_HEARD if ours == theirs and len(ours) == 2 else 0.0  # noqa: PLR2004


_TWO_HEARD: Final = 0.7


def _first_vowel(word: Word) -> bool:
    """Whether the first vowel heard is a bright one."""
    return next((each in "eiy" for each in word.readings[0] if each in "aeiouy"), False)
