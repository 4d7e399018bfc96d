"""Arabic, Persian and Hebrew words against Latin ones: consonants first, then the long vowels.

These scripts leave short vowels out, so a letter-by-letter reading is no spelling that anybody uses. Both
sides are brought to the same alphabet of consonant classes; a word agrees as far as its consonants do, and a
little more where the long vowels stand in the same places. ق, غ, گ and ج are written in several ways, so their
classes are near each other; ع, ا and ه at the end are often not written at all.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz.distance import OSA, Levenshtein

from keruen.screening.keys import of_many

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FORMS: Final = 4

# A, Y, W are the letters that may stand for a vowel; an empty class is never heard.
_ARABIC: Final = {
    "ا": "A", "أ": "A", "إ": "A", "آ": "A", "ٱ": "A", "ى": "A", "ء": "", "ئ": "Y", "ؤ": "W", "ع": "A",
    "ب": "b", "پ": "p", "ت": "t", "ث": "ts", "ج": "jg", "چ": "C", "ح": "h", "خ": "h", "د": "d", "ذ": "zd",
    "ر": "r", "ز": "z", "ژ": "j", "س": "s", "ش": "S", "ص": "s", "ض": "dz", "ط": "t", "ظ": "zt", "غ": "g",
    "ف": "f", "ق": "kg", "ك": "k", "ک": "k", "گ": "g", "ڭ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h",
    "ہ": "h", "ھ": "h", "ة": "H", "و": "W", "ي": "Y", "ی": "Y", "ې": "Y", "ے": "Y", "ڤ": "f", "ټ": "t",
    "ډ": "d", "ړ": "r", "ښ": "S", "څ": "c", "ځ": "z", "ڼ": "n", "ۀ": "H", "ﻯ": "Y", "ٹ": "t", "ڈ": "d", "ڑ": "r",
}  # fmt: skip
_HEBREW: Final = {
    "א": "A", "ב": "bf", "ג": "g", "ד": "d", "ה": "h", "ו": "W", "ז": "z", "ח": "h", "ט": "t", "י": "Y",
    "כ": "kh", "ך": "h", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "A", "פ": "pf",
    "ף": "f", "צ": "c", "ץ": "c", "ק": "k", "ר": "r", "ש": "Ss", "ת": "t",
}  # fmt: skip
_LATIN: Final = {
    "tch": "C", "ch": "C", "dzh": "j", "dj": "j", "zh": "j", "j": "j", "sch": "S", "sh": "S", "kh": "h", "gh": "g",
    "th": "t", "dh": "z", "ph": "f", "tz": "c", "ts": "c", "ck": "k", "q": "k", "c": "k", "x": "ks", "ay": "AY",
    "ai": "AY", "ey": "AY", "ei": "AY", "a": "A", "i": "Y", "y": "Y", "e": "Y", "o": "W", "u": "W", "v": "W", "w": "W",
}  # fmt: skip
_LATIN_PARTS: Final = re.compile("|".join(sorted(_LATIN, key=lambda part: -len(part))))
_DOUBLE: Final = re.compile(r"(.)\1+")
_WEAK: Final = re.compile(r"[AWYH]")
# Classes that one writes for the other.
_NEAR: Final = str.maketrans({"g": "k", "C": "S", "p": "b", "c": "s", "z": "d", "H": ""})


def forms(word: str) -> tuple[str, ...]:
    """The ways to read an Arabic or Hebrew word: consonant classes in small letters, possible vowels in capitals."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    if bare.endswith("ה"):
        bare = f"{bare[:-1]}ة"
    choices = [tuple(_HEBREW.get(each) or _ARABIC.get(each) or ("",)) for each in bare]
    return tuple(_DOUBLE.sub(r"\1", "".join(each)) for each in islice(product(*choices), MAX_FORMS))


# Is-haq: the two letters are two sounds.
_ISHAQ: Final = re.compile(r"(?<=^[aei]s)(?=ha+[qkc])", re.MULTILINE)
_GLUED_ARTICLE: Final = re.compile(r"^[aeu]l(?=[^aeiouyl\n].{2})", re.MULTILINE)
_LAST_H: Final = re.compile(r"(?<=.)h$", re.MULTILINE)


def bare(reading: str) -> str:
    """A Latin word without the Arabic article written onto it, `Eldabski`; itself where it has none."""
    return _GLUED_ARTICLE.sub("", reading)


def latin(reading: str) -> str:
    """A Latin word in the same classes."""
    reading = _ISHAQ.sub("'", reading)
    return _DOUBLE.sub(r"\1", _LATIN_PARTS.sub(lambda part: _LATIN[part.group()], reading))


@lru_cache(maxsize=20_000)
def consonants(form: str) -> str:
    """The consonants of a form, h at its end left out, for it is often not written."""
    return _consonants(form)


def _consonants(form: str) -> str:
    return _LAST_H.sub("", _DOUBLE.sub(r"\1", _WEAK.sub("", form)))


def may_join(forms_: list[str], other: str) -> bool:
    """Whether words written apart could be another word at all: about as many consonants, one end the same."""
    whole, key = "".join(coarse(each) for each in forms_), coarse(other)
    return abs(len(whole) - len(key)) <= 1 + len(key) // 4 and (whole[:1] == key[:1] or whole[-1:] == key[-1:])


def coarse(form: str) -> str:
    """Its consonants with near classes folded together: the key under which candidates are sought."""
    return consonants(form).translate(_NEAR)


def coarse_of_many(forms_: Sequence[str]) -> list[str]:
    """The coarse key of each of many forms."""
    return of_many(lambda lines: _consonants(lines).translate(_NEAR), forms_)


class _Form(NamedTuple):
    """A form taken apart once: what `likeness` asks of it again and again."""

    consonants: str
    near: str
    """The consonants with near classes folded together."""
    written: str
    """The whole, so folded, as the side without short vowels."""
    heard: str
    """The whole, so folded, as the side with vowels."""
    short: int
    """Vowels, which cost nothing when they are short."""


@lru_cache(maxsize=20_000)
def _taken_apart(form: str) -> _Form:
    bones = _consonants(form)
    written, heard = form.replace("H", "h").translate(_NEAR), form.translate(_NEAR)
    return _Form(bones, bones.translate(_NEAR), written, heard, sum(each in "AYW" for each in form))


@lru_cache(maxsize=20_000)
def likeness(form: str, spelling: str) -> float:
    """How well a vowelless form and a Latin form (of `latin`) agree, 0 to 1."""
    ours, theirs = _taken_apart(form), _taken_apart(spelling)
    longest = max(len(ours.consonants), len(theirs.consonants))
    if longest == 0:
        return 0.9 if form == spelling else 0.4
    exact = OSA.distance(ours.consonants, theirs.consonants)
    near = OSA.distance(ours.near, theirs.near) if exact else 0
    bones = 1 - (0.7 * near + 0.3 * exact) / longest
    if bones <= 0.4:  # noqa: PLR2004 - no vowels will mend that
        return max(bones, 0.0)
    # Vowels that Latin adds cost little; a long vowel that it lacks costs more.
    cost = Levenshtein.distance(ours.written, theirs.heard, weights=(1, 3, 4))
    vowels = max(0.0, 1 - max(0, cost - theirs.short) / (2.0 * (len(form) + 1)))
    return bones * (0.6 + 0.4 * vowels)
