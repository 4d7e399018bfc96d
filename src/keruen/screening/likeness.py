"""How alike two words are, and why.

The answer is a number from 0 to 1 and the reason that an officer reads: the same letters, the same sound
in another spelling, the same meaning in another language, one letter different. Rules are tried from the surest to
the weakest, and the best of them counts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz.distance import OSA

from keruen.screening import abjad, keys
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, KANA, LATIN

if TYPE_CHECKING:
    from keruen.screening.names import Word


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
_ASIAN: Final = frozenset({HAN, HANGUL, KANA})
LEAST: Final = 0.45
"""Below it two words have nothing in common."""


def likeness(one: Word, other: Word) -> Likeness:  # noqa: C901, PLR0911 - rules in order of sureness
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
    scripts = {one.script, other.script}
    if one.readings[0] == other.readings[0]:
        return _READING
    if not set(one.keys).isdisjoint(other.keys):
        # A surname as the south writes it is likely, but not the first thing to think of.
        return _KEY if scripts <= _ALPHABETS or one.keys[0] == other.keys[0] else _OTHERWISE
    if scripts <= _ALPHABETS:
        return _alphabets(one, other)
    if len(scripts) == 1:
        return _typed(one.text, other.text)
    if scripts & VOWELLESS:
        return _vowelless(one, other)
    if HANGUL in scripts:
        return _keyed(one.korean, other.korean, one, other)
    if HAN in scripts:
        return _han(one, other)
    return _alphabets(one, other)


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
    return Likeness(value, How.TYPING) if value >= LEAST else NOTHING


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
    if (_SERVANT in (one.keys[0][:4], other.keys[0][:4])) and (found := _servants(one, other)) is not None:
        return found
    if _of_one_place(one.keys[0], other.keys[0]):
        return _PLACE
    read = max(OSA.normalized_similarity(a, b, score_cutoff=LEAST) for a in one.readings for b in other.readings)
    keyed = max(OSA.normalized_similarity(a, b, score_cutoff=LEAST) for a in one.keys for b in other.keys)
    value = max(read, keyed)
    how = How.TYPING
    # Fewer than three consonants say too little; a vowel in front is one of the three where both have the same.
    if one.bones == other.bones and len(one.bones) >= (3 if one.keys[0][:1] == other.keys[0][:1] else 4):
        value = max(value, 0.5 * value + 0.45)
        how = How.SPELLING
    if value < 0.9 and not one.nicknames.isdisjoint(other.nicknames):  # noqa: PLR2004
        return Likeness(0.9, How.NAME)
    if value < 0.9 and not one.classes.isdisjoint(other.classes):  # noqa: PLR2004
        return Likeness(max(value, 0.88 if one.script != other.script else 0.8), How.NAME)
    return Likeness(value, how) if value >= LEAST else NOTHING


_PLACE: Final = Likeness(0.88, How.SPELLING)


def _of_one_place(one: str, other: str) -> bool:
    """Whether one fine key is the Slavic adjective of the other, as places bear it: `Muromski` of `Murom`."""
    return keys.place_of(one) == other or keys.place_of(other) == one


def _vowelless(one: Word, other: Word) -> Likeness:
    value = max(abjad.likeness(*_written_first(one, other, a, b)) for a in one.abjad for b in other.abjad)
    value *= 0.97
    if one.classes and other.classes:
        if not one.classes.isdisjoint(other.classes):
            return Likeness(max(value, 0.95), How.SOUND)
        value *= 0.87
    return Likeness(value, How.SOUND) if value >= LEAST else NOTHING


def _written_first(one: Word, other: Word, a: str, b: str) -> tuple[str, str]:
    """The vowelless form before the one with vowels."""
    return (b, a) if other.script in VOWELLESS and one.script not in VOWELLESS else (a, b)


def _keyed(ours: frozenset[str], theirs: frozenset[str], one: Word, other: Word) -> Likeness:
    if not ours.isdisjoint(theirs):
        return Likeness(0.95, How.SOUND)
    if not one.classes.isdisjoint(other.classes):
        return Likeness(0.93, How.NAME)
    value = max((OSA.normalized_similarity(a, b, score_cutoff=SYLLABLES_AT) for a in ours for b in theirs), default=0.0)
    return Likeness(0.9 * value, How.SOUND) if value >= SYLLABLES_AT else NOTHING


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
    return Likeness(value, How.SOUND) if value > max(found.value, LEAST) else found


def _heard(ours: str, theirs: str) -> float:
    if min(len(ours), len(theirs)) >= 3:  # noqa: PLR2004
        return 0.88 * OSA.normalized_similarity(ours, theirs, score_cutoff=LEAST)
    return _TWO_HEARD if ours == theirs and len(ours) == 2 else 0.0  # noqa: PLR2004


_TWO_HEARD: Final = 0.7


def _first_vowel(word: Word) -> bool:
    """Whether the first vowel heard is a bright one."""
    return next((each in "eiy" for each in word.readings[0] if each in "aeiouy"), False)
