"""Cleaning a description, telling its language, and telling whether it says anything."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Final

KAZAKH: Final = frozenset("әғқңөұүһі")
_BOILERPLATE: Final = re.compile(
    r"\(?\bvalue for customs purposes? only\b\)?|\bno commercial value\b"
    r"|\bas per (?:the )?(?:attached )?(?:invoice|list)\b"
    r"|\bhs ?(?:code)?[: ]*\d{4,10}\b|\bбез коммерческой стоимости\b|\bсогласно инвойс\w*\b"
)
"""Phrases that say nothing of the goods; the first is HMRC's, the others ours."""
_COUNTS: Final = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:pcs?|pieces?|kgs?|ctns?|cartons?|pkgs?|packages?|sets?|units?|pairs?|шт|кг|кор|уп|дана|жұп)\b"
)
_LONG_DIGITS: Final = re.compile(r"\d{5,}")
_NOT_WORD: Final = re.compile(r"[^\w]+")
_RUSSIAN_WORDS: Final = frozenset(["и", "для", "из", "на", "не", "с", "по", "без", "прочие", "части", "или", "в"])
_KAZAKH_WORDS: Final = frozenset(["және", "үшін", "мен", "арналған", "бөліктері", "өзге"])


@lru_cache(maxsize=65_536)
def clean(text: str) -> str:
    """A description without case, punctuation, counts, long numbers and boilerplate."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("<id>", " ")
    plain = _BOILERPLATE.sub(" ", plain)
    plain = _LONG_DIGITS.sub(" ", plain)
    plain = _COUNTS.sub(" ", plain)
    return " ".join(_NOT_WORD.sub(" ", plain).split())


def language(text: str) -> str:
    """`kk`, `ru`, `en`, or empty where nothing tells: by letters that only Kazakh has, by alphabet, by small words."""
    lower = text.casefold()
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in lower)
    latin = sum("a" <= letter <= "z" for letter in lower)
    if not cyrillic and not latin:
        return ""
    if latin > cyrillic:
        return "en"
    words = set(clean(text).split())
    if KAZAKH & set(lower) or len(words & _KAZAKH_WORDS) > len(words & _RUSSIAN_WORDS):
        return "kk"
    return "ru"


@lru_cache(maxsize=65_536)
def vague(text: str) -> bool:
    """Whether a description says nothing of the goods: vague words alone, a term HMRC calls vague, or no words at all.

    A vague word beside telling ones is none: `spare parts for excavators` says enough for a heading.
    """
    words = [word for word in clean(text).split() if not word.isdigit() and len(word) > 1]
    if not words:
        return True
    if all(word in _vague_words() for word in words):
        return True
    return " ".join(words) in _vague_terms()


@cache
def _vague_words() -> frozenset[str]:
    return frozenset(_lines("vague_words.txt"))


@cache
def _vague_terms() -> frozenset[str]:
    return frozenset(_lines("vague_terms.txt"))


def _lines(name: str) -> list[str]:
    text = (resources.files(__package__) / "tables" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
