"""One word of a name, with everything that comparison asks of it.

Words are kept and shared: the same text is the same `Word` object in every name, so that what two words
have in common is worked out once.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from keruen.screening import abjad, keys, lexicon
from keruen.screening.romanise import ARABIC, CYRILLIC, HAN, HANGUL, HEBREW, KANA, LATIN, readings, simplified

if TYPE_CHECKING:
    from collections.abc import Callable

UNSPACED: Final = frozenset({HAN, HANGUL, KANA})
"""Scripts that set no spaces between words."""
ALPHABETS: Final = frozenset({LATIN, CYRILLIC})
_VOWELLESS: Final = frozenset({ARABIC, HEBREW})
_PATRONYMIC: Final = re.compile(r"(?:[aeoi]viC|iC|[aeoi]vna|iCna|inCna|oviCi|auna|aviC|uli|ogli|kizi|gizi)$")

# How much a word can say at most, by its length: there are not many short ones.
_ROOM_LETTERS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_ROOM_CONSONANTS: Final = (0.0, 0.2, 0.5, 0.75, 1.0)
_ROOM_CHARACTERS: Final = (0.0, 0.45, 0.8, 1.0)


class Word:
    """One word of a name, with everything that comparison asks of it.

    There are as many as the lists have words, so they have slots; what not every word is asked for is worked out at
    the first question (`__getattr__`), or for a whole vocabulary together (`bulk`).

    Attributes:
        text: In its own script, small letters.
        script: As `romanise.script_of` calls it.
        meaning: What it means where it is a known word of firms' names, else empty.
        number: Its value where it is a number, else empty.
        readings: In Latin letters, the likeliest first.
        keys: Fine keys of the readings.
        bones: The consonants of the first key.
        native: Whether it is part of a Chinese person's name, not a foreign one in Chinese characters.
        weight: What it says about who is meant, 0 to 1: next to nothing for `al`, everything for a rare word.
        surprise: What it says that two names hold it, 0 to 1: by how common it is and how many like it there can be.
        classes: The people's names that it may be.
        nicknames: Groups of short and long forms of one given name.
        patronymic: Whether it is a father's name in the Russian, Ukrainian, Belarusian or Turkic manner.
        place: The fine key of the place that it is the Slavic adjective of, else empty.
        abjad: Its consonants and long vowels: those written, or those heard in a Latin reading.
        korean: Keys of its readings as a Korean word.
        chinese: Keys of its readings as a Chinese word; none for a Latin word that cannot be one.
        foreign: Its consonants as Chinese would write a foreign name; none for a word of a Chinese name.
    """

    __slots__ = (
        "abjad",
        "bones",
        "chinese",
        "classes",
        "foreign",
        "initial",
        "keys",
        "korean",
        "light",
        "mark",
        "meaning",
        "native",
        "nicknames",
        "number",
        "patronymic",
        "place",
        "readings",
        "script",
        "surprise",
        "text",
        "weight",
    )
    abjad: tuple[str, ...]
    chinese: tuple[str, ...]
    classes: frozenset[int]
    foreign: tuple[str, ...]
    korean: tuple[str, ...]
    patronymic: bool
    surprise: float

    def __init__(
        self,
        text: str,
        script: str,
        *,
        surname: bool = False,
        meaning: str = "",
        light: bool = False,
        native: bool = False,
    ) -> None:
        self.text, self.script, self.meaning, self.native = text, script, meaning, native
        # Most Latin words are their own reading and key: one text then serves for all.
        same = {text: text}
        read = filter(None, readings(text, script, surname=surname))
        self.readings = tuple(same.setdefault(each, each) for each in read) or (text,)
        fine = dict.fromkeys(keys.fine(each) for each in self.readings)
        self.keys = tuple(same.setdefault(each, each) for each in fine)
        self.bones = keys.skeleton(self.keys[0])
        # A mark, which alone is kept in capitals, is compared as numbers are: with a letter changed it is another's.
        self.mark = text.isupper()
        self.number = text if text.isdigit() or self.mark else lexicon.numbers().get(text, "")
        self.initial = len(text) == 1 and script not in UNSPACED and not self.number
        self.light = light
        self.weight = self._weight()
        self.place = keys.place_of(self.keys[0]) if "sk" in self.keys[0] or "ck" in self.keys[0] else ""
        self.nicknames = lexicon.nicknames().get(self.keys[0], NONE)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the attribute is
        if name not in _WORKED_OUT:
            raise AttributeError(name, obj=self, name=name)
        found = _WORKED_OUT[name](self)
        setattr(self, name, found)
        return found

    def __repr__(self) -> str:
        return f"Word({self.text})"

    def _weight(self) -> float:
        if self.light:
            return 0.1
        if self.mark:
            return 1.0
        if self.number:
            return 0.5
        if self.initial:
            return 0.3
        if self.meaning:
            return 0.45 if self.meaning.startswith(("COUNTRY", "PLACE")) else 0.3
        key = self.keys[0]
        weight = 1.0 - 0.055 * math.log1p(lexicon.common().get(key, 0) * 15_000 / lexicon.COUNTED)
        return max(0.35, weight) * (0.75 if len(key) <= 2 else 0.9 if len(key) == 3 else 1.0)  # noqa: PLR2004


NONE: Final[frozenset[Any]] = frozenset()
"""The one empty set: most words are no known name and most names bear no form, and each set has a price."""


def _surprise(of: Word) -> float:
    if of.light or of.initial:
        return 0.0
    if of.mark:
        return 1.0
    if of.number or of.meaning:
        return 0.3
    key = of.keys[0]
    seen = (lexicon.common().get(key, 0) + 1) / lexicon.COUNTED
    if of.script in _VOWELLESS:
        room = _ROOM_CONSONANTS[min(len(of.abjad[0]), 4)]
    elif of.script == HAN:
        room = _ROOM_CHARACTERS[min(len(of.text), 3)]
    else:
        room = _ROOM_LETTERS[min(len(key), 5)]
    return min(room, -math.log(seen) / math.log(lexicon.COUNTED))


def _classes(of: Word) -> frozenset[int]:
    if of.script in ALPHABETS:
        spellings = of.keys
    elif of.script == HAN:
        spellings = (of.text, simplified(of.text))
    else:
        spellings = (of.text,)
    return NONE.union(*map(lexicon.name_classes, spellings)) or NONE


def _patronymic(of: Word) -> bool:
    return len(of.keys[0]) > 5 and bool(_PATRONYMIC.search(of.keys[0]))  # noqa: PLR2004


def _abjad(of: Word) -> tuple[str, ...]:
    if of.script in _VOWELLESS:
        return abjad.forms(of.text)
    return tuple(dict.fromkeys(abjad.latin(each) for each in as_written_by_arabs(of)))


def as_written_by_arabs(of: Word) -> dict[str, None]:
    """The readings of a word, each also without an article, which Latin writes onto it."""
    return dict.fromkeys(each for reading in of.readings for each in (reading, abjad.bare(reading)))


def _korean(of: Word) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys.korean(each) for each in of.readings))


def _chinese(of: Word) -> tuple[str, ...]:
    made = keys.chinese_spoken if of.script == HAN else keys.chinese_written
    return tuple(dict.fromkeys(key for each in of.readings for key in made(each)))


def _foreign(of: Word) -> tuple[str, ...]:
    if of.native:
        return ()
    if of.script != HAN:
        return (keys.foreign(of.readings[0]),)
    return tuple(dict.fromkeys((keys.heard(of.readings[0]), keys.heard_hard(of.readings[0]))))


_WORKED_OUT: Final[dict[str, Callable[[Word], Any]]] = {
    "abjad": _abjad,
    "chinese": _chinese,
    "classes": _classes,
    "foreign": _foreign,
    "korean": _korean,
    "patronymic": _patronymic,
    "surprise": _surprise,
}


_WORDS: dict[tuple[str, str, bool, str, bool, bool], Word] = {}
MAX_KEPT: Final = 400_000


def word(
    text: str,
    script: str,
    *,
    surname: bool = False,
    meaning: str = "",
    light: bool = False,
    native: bool = False,
) -> Word:
    """The one `Word` of this text."""
    known = (text, script, surname, meaning, light, native)
    found = _WORDS.get(known)
    if found is None:
        if len(_WORDS) > MAX_KEPT:
            _WORDS.clear()
        found = _WORDS[known] = Word(text, script, surname=surname, meaning=meaning, light=light, native=native)
    return found
