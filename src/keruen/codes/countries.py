"""Countries by ISO 3166-1: two-letter codes, their other codes, and names in English, Russian and Kazakh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Country:
    """One country or area; `numeric` is three digits of text."""

    alpha2: str
    alpha3: str
    numeric: str
    name_en: str
    name_ru: str
    name_kk: str


def exists(code: str) -> bool:
    """Tell whether the two capital letters are assigned; user-assigned ones (XK, XI) are not."""
    return code in _countries()


def find(code: str) -> Country:
    """Give a country by its two letters.

    Raises:
        NotFound: The letters are not assigned.
    """
    country = _countries().get(code)
    if country is None:
        raise NotFound(f"no country has the code {code!r}", code="country", value=code)
    return country


def name(code: str, lang: str = "en") -> str:
    """Give a country's usual name in English, Russian or Kazakh.

    Raises:
        NotFound: The letters are not assigned.
        InvalidInput: The language is another.
    """
    country = find(code)
    names = {"en": country.name_en, "ru": country.name_ru, "kk": country.name_kk}
    if lang not in names:
        raise InvalidInput(f"names are in en, ru and kk, not {lang!r}", code="language", value=lang)
    return names[lang]


def alpha3(code: str) -> str:
    """Give the three letters for two.

    Raises:
        NotFound: The letters are not assigned.
    """
    return find(code).alpha3


def from_alpha3(code: str) -> str:
    """Give the two letters for three.

    Raises:
        NotFound: The letters are not assigned.
    """
    found = _by_alpha3().get(code)
    if found is None:
        raise NotFound(f"no country has the code {code!r}", code="country", value=code)
    return found


def all_codes() -> frozenset[str]:
    """Give every two-letter code assigned."""
    return frozenset(_countries())


@cache
def _countries() -> dict[str, Country]:
    return {row[0]: Country(*row) for row in rows("countries")}


@cache
def _by_alpha3() -> dict[str, str]:
    return {country.alpha3: country.alpha2 for country in _countries().values()}
