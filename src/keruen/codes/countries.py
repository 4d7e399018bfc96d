"""Countries by ISO 3166-1: two-letter codes, their other codes, and names in English, Russian and Kazakh."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

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


@lru_cache(maxsize=5_000)
def named(text: str) -> str:
    """The country a name means, in any of many languages and scripts.

    Returns:
        ISO 3166-1 alpha-2, or an empty text where the name is none or means several.
    """
    first, _, last = text.partition(",")
    for spelling in (text, f"{last} {first}") if last else (text,):
        plain = _plain(spelling).removeprefix("the ").removesuffix(" the")
        if len(plain) == len("kz") and exists(plain.upper()):
            return plain.upper()
        if len(plain) == len("kaz") and plain.upper() in _by_alpha3():
            return _by_alpha3()[plain.upper()]
        if found := _by_name().get(plain):
            return found
    return ""


def _plain(text: str) -> str:
    """A name without case, marks, brackets and what stands in them."""
    bare = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)", " ", text).casefold())
    return " ".join(
        "".join(each if each.isalnum() else " " for each in bare if not unicodedata.combining(each)).split()
    )


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    rows = resources.files("keruen.codes").joinpath("country_names.tsv").read_text("utf-8").splitlines()
    for line in rows:
        if not line.startswith("#"):
            code, spelling = line.split("\t")
            found.setdefault(_plain(spelling), set()).add(code)
    for code, country in _countries().items():
        found[_plain(country.name_en)] = {code}
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
