"""Who on the lists gives the same address as a party: a sign of a front, though no word of their names agrees.

Two addresses are the same where they share a house number and every word of the shorter one has its like in the
longer: a city beside a street proves nothing, and neither does a street without a number. Words that every
address has (street, office, the country) are not counted.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import icu
from rapidfuzz.distance import JaroWinkler

from keruen.codes import countries
from keruen.screening.names import split
from keruen.screening.romanise import readings

if TYPE_CHECKING:
    from collections.abc import Iterable

LIKE: Final = 0.88
"""Likeness of two words in Latin letters from which on they are one street or city, spelt by two people."""
WORDS_AT_LEAST: Final = 2
CITY_LANGUAGES: Final = ("ru", "kk", "uk", "tr", "de", "uz")
HOUSE: Final = 4
"""Longest house number; longer ones are postal codes and telephone numbers."""
SAME_NUMBER_AT_MOST: Final = 500
"""Addresses that may share a key; a key of more tells nothing."""
_GENERAL_TEXT: Final = (
    "street st str avenue ave av road rd lane ln drive dr boulevard blvd square sq building bldg bld block blk floor "
    "fl room rm office off suite ste unit apartment apt flat house no number district region province city town "
    "village ulitsa ul prospekt pr prosp pereulok per shosse sh dom d kvartira kv ofis of korpus korp stroenie "
    "pomeshchenie pom ploshchad pl mikroraion mkr mikrorayon raion rayon oblast obl gorod g kosesi koshesi dangyly "
    "audany oblysy qalasy kalasy uy keng"
)
_GENERAL: Final = frozenset(_GENERAL_TEXT.split())


class Address(NamedTuple):
    """An address as it is compared."""

    numbers: frozenset[str]
    words: tuple[str, ...]


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Words of countries' names, which an address has or leaves out as it likes."""
    words = set()
    for code in countries.all_codes():
        words.add(code.lower())
        for lang in ("en", "ru", "kk"):
            words |= {reading for word, script in split(countries.name(code, lang)) for reading in _read(word, script)}
    return frozenset(words)


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """Cities as Russian, Kazakh and other languages call them, to their English name: Moskva is Moscow (CLDR)."""
    english = icu.TimeZoneNames.createInstance(icu.Locale("en"))
    found: dict[str, str] = {}
    for lang in CITY_LANGUAGES:
        names = icu.TimeZoneNames.createInstance(icu.Locale(lang))
        for zone in icu.TimeZone.createEnumeration():
            usual, own = english.getExemplarLocationName(zone), names.getExemplarLocationName(zone)
            ours, theirs = (
                tuple(_read(*part)[0] for part in split(each) if _read(*part)) for each in (own or "", usual or "")
            )
            # Cities of two words would need phrases; what matters here has one.
            if len(ours) == len(theirs) == 1 and ours != theirs:
                found.setdefault(ours[0], theirs[0])
    return found


_DIGIT: Final = re.compile(r"[0-9]")


@lru_cache(maxsize=200_000)
def _read(word: str, script: str) -> tuple[str, ...]:
    return readings(word, script)[:1]


def read(text: str) -> Address:
    """An address taken apart: house and office numbers, and the words that tell it from others."""
    numbers, words = set(), []
    known, cities = _countries(), _cities()
    for word, script in split(text):
        for reading in _read(word, script):
            if _DIGIT.search(reading):
                number = re.sub(r"^0+(?=\d)", "", reading)
                if len(number) <= HOUSE:
                    numbers.add(number)
            elif len(reading) > 1 and reading not in _GENERAL and reading not in known:
                words.append(cities.get(reading, reading))
    return Address(frozenset(numbers), tuple(dict.fromkeys(words)))


def same(one: Address, other: Address) -> bool:
    """Whether two addresses are one house."""
    if not one.numbers & other.numbers:
        return False
    shorter, longer = sorted((one.words, other.words), key=len)
    if len(shorter) < WORDS_AT_LEAST:
        return False
    # House 10 office 5 may be house 10; house 10 of one is not house 12 of the other though both have an office 5.
    if one.numbers - other.numbers and other.numbers - one.numbers:
        return False
    return all(any(_like(word, each) for each in longer) for word in shorter)


def _like(one: str, other: str) -> bool:
    return one == other or JaroWinkler.similarity(one, other, score_cutoff=LIKE) > 0


class AddressBook:
    """Addresses, ready to be asked which of them is this one.

    Args:
        addresses: (number of whose it is, address as published).
    """

    def __init__(self, addresses: Iterable[tuple[int, str]]) -> None:
        self.rows: list[tuple[int, str, Address]] = []
        self.by_key: dict[tuple[str, str], list[int]] = {}
        for whose, text in addresses:
            address = read(text)
            if not address.numbers or len(address.words) < WORDS_AT_LEAST:
                continue
            for key in _keys(address):
                self.by_key.setdefault(key, []).append(len(self.rows))
            self.rows.append((whose, text, address))

    def find(self, text: str) -> list[tuple[int, str]]:
        """(number of whose it is, address as published) of each that is the same, in the order given."""
        address = read(text)
        if not self.rows or not address.numbers or len(address.words) < WORDS_AT_LEAST:
            return []
        shared: dict[int, int] = {}
        for key in _keys(address):
            rows = self.by_key.get(key, ())
            if len(rows) <= SAME_NUMBER_AT_MOST:
                for row in rows:
                    shared[row] = shared.get(row, 0) + 1
        return [
            (whose, known)
            for row in sorted(shared)
            if shared[row] >= WORDS_AT_LEAST
            for whose, known, other in (self.rows[row],)
            if same(address, other)
        ]


def _keys(address: Address) -> list[tuple[str, str]]:
    return sorted({(number, word[:2]) for number in address.numbers for word in address.words})
