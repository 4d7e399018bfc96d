"""What is known of words beforehand: legal forms, meanings, particles, titles, numbers, names of people, how common.

The tables stand beside this file, each with its source in its first line; `tools/screening_tables.py` makes
those that come from others. Everything is loaded once, at the first question.
"""

from __future__ import annotations

import gzip
import unicodedata
from bisect import bisect_left
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTICLES: Final = frozenset(
    """al el ul ad as ash ar an at az es ed bin ben ibn bint bent binti ould wald uld abd
    de da di do dos das del della der den van von zu ter ten le la les du of the and y e i
    oglu ogly ogli uly uli kyzy kizi qizi gizi zade zada na nom guerre""".split()  # noqa: SIM905 - a text to be read
)
"""Words of people's names that carry next to nothing alone."""

TITLES: Final = frozenset(
    """mr mrs ms miss dr doctor prof professor sir lord lady sheikh shaykh shaikh sheik haji hajj hajji haj hadji mullah
    mulla maulawi maulavi mawlawi molavi mawlavi maulvi qari ustad sayyid sayed seyed seyyed sayid syed alhaj ayatollah
    general gen major maj colonel col brigadier brig lieutenant lt captain capt commander cmdr admiral sergeant sgt
    monsieur mme madame herr frau senor señor senora don dona hon honorable president minister ambassador engineer eng
    jr sr junior senior md phd esq imam shah khan bey доктор генерал полковник дир شيخ الشيخ دکتر دكتور الدكتور سردار
    حاج حاجی الحاج آیت سرتیپ سرهنگ سید سيد مولوی ملا مولوي مهندس 先生 女士 博士 將軍 将军""".split()  # noqa: SIM905
)
"""Forms of address and rank; some are also names, so they weigh little rather than nothing."""

_NUMBERS: Final = """0 zero нуль ноль|1 one first i один первый 一 бір bir|2 two second ii два второй 二 екі iki|
3 three third iii три третий 三 үш uc üç|4 four fourth iv четыре 四 төрт dort dört|5 five fifth v пять 五 бес bes beş|
6 six sixth vi шесть 六 алты altı alti|7 seven seventh vii семь 七 жеті yedi|8 eight eighth viii восемь 八 сегіз sekiz|
9 nine ninth ix девять 九 тоғыз dokuz|10 ten tenth x десять 十 он on|11 eleven xi|12 twelve xii|13 thirteen xiii|
14 fourteen xiv|15 fifteen xv|16 sixteen xvi|17 seventeen xvii|18 eighteen xviii|19 nineteen xix|20 twenty xx|
30 thirty|40 forty fourty|50 fifty|60 sixty|70 seventy|80 eighty|90 ninety|100 hundred"""
_TOO_SHORT_TO_BE_SURE: Final = frozenset({"i", "v", "x", "on", "bes", "uc", "iki"})


class Phrase(NamedTuple):
    """One known phrase."""

    words: tuple[str, ...]
    meaning: str
    """A legal form's class, or what the words mean."""
    is_form: bool


_ARABIC_FOLD: Final = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ی",
        "ي": "ی",
        "ك": "ک",
        "ة": "ه",
        "ؤ": "و",
        "ئ": "ی",
        "ـ": "",
        "ﻯ": "ی",
    }
)
_ARTICLES: Final = ("وال", "بال", "ال")
_SHORTEST_STEM: Final = 3


def fold_arabic(word: str) -> str:
    """An Arabic or Persian word with one shape for each letter and without its vowel marks."""
    bare = "".join(each for each in word if not unicodedata.combining(each))
    return bare.translate(_ARABIC_FOLD)


def without_article(word: str) -> str:
    """A folded Arabic word without the article that is written onto it."""
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= _SHORTEST_STEM:
            return word[len(article) :]
    if word.startswith("لل") and len(word) > _SHORTEST_STEM + 1:
        return word[2:]
    return word


def _rows(name: str) -> Iterator[tuple[str, str]]:
    countries = name == "country_names.tsv"
    prefix = "COUNTRY_" if countries else ""
    folder = resources.files("keruen.codes") if countries else resources.files("keruen.screening").joinpath("tables")
    text = folder.joinpath(name).read_text("utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        meaning, spellings = line.split("\t")
        for each in spellings.split(", ") if name.endswith("_own.tsv") else [spellings]:
            yield prefix + meaning, each.strip()


@cache
def phrases() -> dict[str, tuple[Phrase, ...]]:
    """Known phrases by their first word, the longest first. Words as `names.split` gives them."""
    from keruen.screening.names import split

    found: dict[str, dict[tuple[str, ...], Phrase]] = {}
    # The first table that knows a phrase says what it means; forms come first, for they are left out.
    for name, is_form in (
        ("legal_forms_own.tsv", True),
        ("words_own.tsv", False),
        ("legal_forms.tsv", True),
        ("words.tsv", False),
        ("country_names.tsv", False),
    ):
        for meaning, spelling in _rows(name):
            words = tuple(text for text, _ in split(spelling))
            if (
                words
                and not meaning.startswith("NICK_")
                and not (is_form and name == "legal_forms.tsv" and (_risky(words) or _of_trade(words, found)))
            ):
                found.setdefault(words[0], {}).setdefault(words, Phrase(words, meaning, is_form))
    return {
        first: tuple(sorted(known.values(), key=lambda phrase: -len(phrase.words))) for first, known in found.items()
    }


def _risky(words: tuple[str, ...]) -> bool:
    """Whether a form from others' tables is too short to be told from a word or an initial."""
    return len(words) == 1 and len(words[0]) <= 2 and words[0].isascii()  # noqa: PLR2004


def _of_trade(words: tuple[str, ...], found: dict[str, dict[tuple[str, ...], Phrase]]) -> bool:
    """Whether a form from others' tables begins with words of trade known already, as `dis tic ltd` does."""
    known = found.get(words[0], {})
    return any(words[:size] in known and not known[words[:size]].is_form for size in range(2, len(words)))


@cache
def single_forms() -> frozenset[str]:
    """Legal forms of one word."""
    return frozenset(
        phrase.words[0] for known in phrases().values() for phrase in known if phrase.is_form and len(phrase.words) == 1
    )


@cache
def unspaced() -> dict[str, Phrase]:
    """Known phrases in Chinese and Korean, which stand inside words; by their text without spaces."""
    from keruen.screening.romanise import HAN, HANGUL, KANA, script_of, simplified

    found: dict[str, Phrase] = {}
    for known in phrases().values():
        for phrase in known:
            text = "".join(phrase.words)
            if script_of(text[0]) in {HAN, HANGUL, KANA}:
                found.setdefault(simplified(text), phrase)
    return found


@cache
def sounded() -> dict[str, str]:
    """What single words of trade mean, by fine key.

    `Импэкс` is `impex` and `Treid` is `трейд`, though no table has them so. Only words of the table written for
    Keruen, and none of few letters: what merely sounds like one is a name.
    """
    from keruen.screening.keys import fine
    from keruen.screening.names import split
    from keruen.screening.romanise import CYRILLIC, LATIN, readings

    found: dict[str, str] = {}
    for meaning, spelling in _rows("words_own.tsv"):
        words = split(spelling)
        if len(words) == 1 and words[0][1] in {LATIN, CYRILLIC} and not meaning.startswith(("COUNTRY", "PLACE")):
            key = fine(readings(*words[0])[0])
            if len(key) >= _SHORTEST_SOUNDED:
                found.setdefault(key, meaning)
    return found


_SHORTEST_SOUNDED: Final = 5


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """Groups of a given name and its short forms, by fine key: Ted and Theodore share one."""
    from keruen.screening.keys import fine
    from keruen.screening.romanise import fold

    found: dict[str, set[str]] = {}
    for meaning, spelling in _rows("words.tsv"):
        if meaning.startswith("NICK_"):
            found.setdefault(fine(fold(spelling)), set()).add(meaning)
    return {key: frozenset(groups) for key, groups in found.items()}


@cache
def numbers() -> dict[str, str]:
    """Words for numbers, Roman ones too, as digits."""
    found: dict[str, str] = {}
    for line in _NUMBERS.replace("\n", "").split("|"):
        value, *spellings = line.split()
        found.update((each, value) for each in spellings if each not in _TOO_SHORT_TO_BE_SURE)
    return found


class _Names:
    """The table of people's names, kept as one block of bytes and searched by halving."""

    def __init__(self) -> None:
        packed = resources.files("keruen.screening").joinpath("tables", "names.tsv.gz").read_bytes()
        self.lines = gzip.decompress(packed).split(b"\n")

    def find(self, spelling: str) -> frozenset[int]:
        start = f"{spelling}\t".encode()
        at = bisect_left(self.lines, start)
        if at < len(self.lines) and self.lines[at].startswith(start):
            return frozenset(int(each, 16) for each in self.lines[at][len(start) :].split())
        return frozenset()


@cache
def _names() -> _Names:
    return _Names()


def name_classes(spelling: str) -> frozenset[int]:
    """Which people's names a spelling may be: a fine key, or a word in Arabic, Hebrew, Han or Hangul letters."""
    return _names().find(spelling)


@cache
def common() -> dict[str, int]:
    """How often a fine key stands in published lists, for all but the rarest."""
    return {key: int(count) for key, count in _rows("common.tsv")}


COUNTED: Final = 53_651
"""Names that were counted for `common`."""
