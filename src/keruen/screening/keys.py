"""Keys under which spellings of one word fall together.

`fine` folds what differs between systems of romanisation and nothing else: zh and j, kh and h, iy, yi and y,
doubled letters. Two words with the same fine key are one word written twice. `korean` and `chinese` fold further,
for words of those languages only; they decide nothing between two Latin spellings.

No rule looks beyond the end of a line, so that a whole vocabulary may be folded as one text of many lines
(`of_many`): a rule costs a call then, and not one for every word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FOLDS: Final = (
    ("shch", "S"),
    ("tsch", "C"),
    ("sch", "S"),
    ("tch", "C"),
    ("dzh", "j"),
    ("ck", "k"),
    ("cz", "C"),
    ("dj", "j"),
    ("dh", "d"),
    ("gh", "g"),
    ("ch", "C"),
    ("kh", "h"),
    ("ph", "f"),
    ("sh", "S"),
    ("th", "t"),
    ("zh", "j"),
    ("ts", "c"),
    ("tz", "c"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "sy"),
    ("q", "k"),
    ("c", "k"),
    ("w", "v"),
    ("x", "ks"),
    ("oo", "u"),
    ("ou", "u"),
    ("ee", "i"),
)
_FOLD: Final = dict(_FOLDS)
_PATTERN: Final = re.compile("|".join(each for each, _ in _FOLDS))
# j between a vowel and a consonant, or after a consonant before a vowel, is often a half vowel: Andrej, Tatjana.
_HALF_VOWEL: Final = re.compile(r"(?<=[aeo])j(?![aeiou])|(?<=[bdfklmnprstv])j(?=[aeou])")
_SILENT_H: Final = re.compile(r"(?<=[aeiou])h$", re.MULTILINE)
_DOUBLED: Final = re.compile(r"(.)\1+")
_IO: Final = re.compile(r"(?<=[^aeiou\n])io(?=[^aeiou\n])")
# Sergeevich, Sergeyevich, Sergeievich.
_SERGEYEVICH: Final = re.compile(r"eye|eie|ee(?=v)")
_THRICE: Final = re.compile(r"(.)\1{2,}")
"""A letter three times is one that was doubled with a slip: `Reeem` is `Reem`."""
_VOWELS: Final = re.compile(r"[aeiou]")


def _rules(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns with what each is replaced by; `^` and `$` are the ends of a line."""
    return tuple((re.compile(pattern, re.MULTILINE), into) for pattern, into in rules)


def _folded(reading: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """A reading after each rule in turn."""
    for pattern, into in rules:
        reading = pattern.sub(into, reading)
    return reading


def of_many(fold: Callable[[str], str], readings: Sequence[str]) -> list[str]:
    """What `fold` (`korean`, `foreign`, `abjad.latin`) makes of each of many readings; for `fine`: `fine_of_many`."""
    return fold("\n".join(readings)).split("\n") if readings else []


def fine(reading: str) -> str:
    """The fine key of a word in letters a-z: `Yerlan` and `Erlan`, `Khamidov` and `Hamidov` are each one."""
    return _fine(_with_half_vowels(reading))


def fine_of_many(readings: Sequence[str]) -> list[str]:
    """The fine key of each of many words."""
    return of_many(_fine, [_with_half_vowels(each) for each in readings])


def _with_half_vowels(reading: str) -> str:
    if "j" not in reading:
        return reading
    reading = _THRICE.sub(r"\1\1", reading)
    return reading if "dj" in reading or "zj" in reading else _HALF_VOWEL.sub("i", reading)


def _fine(reading: str) -> str:
    # Asked of every word of every list and query. A pattern is run only where its letters are there: looking for a
    # text costs a fifth of running a pattern over it.
    key = _THRICE.sub(r"\1\1", reading)
    if "ey" in key or "ei" in key or "ee" in key:
        key = _SERGEYEVICH.sub("e", key)
    key = _PATTERN.sub(_fold, key)
    if "h" in key:
        key = _SILENT_H.sub("", key)
    key = _DOUBLED.sub(r"\1", key.replace("y", "i"))
    if "i" in key:
        shorter = key.replace("ie", "e")
        if "io" in shorter:
            shorter = _IO.sub("o", shorter)
        if shorter != key:
            key = _DOUBLED.sub(r"\1", shorter)
    return key


def _fold(found: re.Match[str]) -> str:
    return _FOLD[found.group()]


def skeleton(key: str) -> str:
    """A fine key without its vowels, but with a leading one as `a`."""
    bare = _VOWELS.sub("", key)
    return f"a{bare}" if key[:1] in "aeiou" else bare


_ADJECTIVE: Final = re.compile(r"^(.{4,}?)(?:sk|ck)(?:i|oi|oe|aia|a|oho|ogo|ii|ie)$")


def place_of(key: str) -> str:
    """The fine key of the place that a Slavic adjective is made of, `murom` of `muromski`; empty for another word."""
    found = _ADJECTIVE.match(key)
    return found[1] if found else ""


_KOREAN: Final = _rules(
    (r"[']", ""),
    (r"tch|dj|jj|ch|j", "J"),
    (r"ng", "N"),
    (r"kk|gg|k|g|q|c", "G"),
    (r"tt|dd|t|d", "D"),
    (r"pp|bb|p|b", "B"),
    (r"ss|sh|s", "S"),
    (r"r|l", "L"),
    (r"yeo|yo|you|yu|ye", "yo"),
    (r"eui|ui|uy", "i"),
    (r"eo|eu|oo|ou|oe|woo|wo|u|o", "o"),
    (r"ae|ai|ay|e(?!o)", "e"),
    (r"ee|yi|y(?![aeo])|i", "i"),
    (r"h$", ""),
    (r"(.)\1+", r"\1"),
)


def korean(reading: str) -> str:
    """A Korean word however romanised: `Pak` and `Park`'s `bak`, `Yong` and `yeong`."""
    return _folded(reading, _KOREAN)


_CHINESE: Final = _rules(
    (r"hs|sh|x", "S"),
    (r"zh|ch|q|j", "J"),
    (r"ts|tz|z|c(?!h)", "Z"),
    (r"p|b", "B"),
    (r"t|d", "D"),
    (r"k|g(?!$)", "G"),
    (r"ong|ung", "uN"),
    (r"ng|nG", "N"),
    (r"ien|ian|yen|yan", "ian"),
    (r"ieh|ie|yeh|ye", "ie"),
    (r"iou|iu|yu|you", "iu"),
    (r"uei|ui|wei", "ui"),
    (r"uo|wo|o", "o"),
    (r"(?<=[SJZ])(ih|u|i)$", "i"),
    (r"eh$|e$", "e"),
    (r"y", "i"),
    (r"w", "u"),
    (r"(.)\1+", r"\1"),
)


_SYLLABLES: Final = re.compile(
    r"(?:(?:zh|ch|sh|ts|tz|hs|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ung|ian|ien|iao|uai|uan|uen|uei|ieh|iou|yueh|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo"
    r"|ue|ih|eh|er|[aeiou])){1,4}"
)
"""What a Chinese word in Latin letters can be, in pinyin or Wade-Giles."""
_ONLY_PINYIN: Final = re.compile(r"[bdqxz]|g(?<!ng)|r(?<!er)")


def chinese_spoken(pinyin: str) -> tuple[str, ...]:
    """Keys of Chinese characters: their pinyin, and what of it Wade-Giles without its apostrophes keeps."""
    return pinyin, _folded(pinyin.replace("r", "R"), _CHINESE)


def chinese_written(reading: str) -> tuple[str, ...]:
    """Keys of a Latin word as Chinese: as pinyin and, where it can be that, as Wade-Giles, whose j is an r.

    `Chien-ming` and `jianming` fall together by the second.
    """
    if not _SYLLABLES.fullmatch(reading):
        return ()
    if _ONLY_PINYIN.search(reading):
        return (reading,)
    return reading, _folded(reading.replace("j", "R"), _CHINESE)


_FOREIGN: Final = _rules(
    (r"^mc", "mak"),
    # Not heard: Knight, Loughton, Wright, Lamb.
    (r"gh(?=t|n|$)|(?<=[aou])gh(?=[^aeiou\n])|^k(?=n)|^w(?=r)|(?<=m)b$", ""),
    (r"x", "ks"),
    (r"ck", "k"),
    (r"c(?=[eiy])", "s"),
    (r"c(?!h)", "k"),
    (r"tch|sh|zh|ch|th|[cszjq]", "S"),
    (r"ng\b|n|m(?=[^aeiou]|$)", "N"),
    (r"ph|f|v|w", "F"),
    (r"[bp]", "B"),
    (r"[dt]", "D"),
    (r"[gk]", "G"),
    # At the end of a syllable r and l are hardly heard, and often left out.
    (r"(er|[lr])+(?=[^aeiouylr]|$)", ""),
    (r"[lr]", "L"),
    (r"h", "H"),
    (r"[aeiouy]", ""),
    (r"(.)\1+", r"\1"),
)
# What a syllable of Mandarin stands for where it spells a foreign name.
_HEARD: Final = _rules(
    (r"sh|zh|ch|x|[cszjq]", "S"),
    # A syllable mu is a bare m.
    (r"mu(?![aeio])|ng|n", "N"),
    (r"[fvw]", "F"),
    (r"[bp]", "B"),
    (r"[dt]", "D"),
    (r"[gk]", "G"),
    (r"(?<=[aeiou])er(?=[^aeiou]|$)|^er(?=[^aeiou\n])", ""),
    (r"[lr]", "L"),
    (r"h", "H"),
    (r"[aeiouy]", ""),
    (r"(.)\1+", r"\1"),
)


def foreign(reading: str) -> str:
    """Consonants of a foreign name as Chinese can write them: `Kevin` is `GFN`."""
    return _folded(reading, _FOREIGN)


def heard(reading: str) -> str:
    """Consonants of a foreign name that Chinese characters spell: `kaiwen` is `GFN`, as Kevin is."""
    return _folded(reading, _HEARD)


# Before i and e the sounds of k and g became those of j and q: 基 spells both Ki and Ji.
_PALATAL: Final = re.compile(r"j(?=i)|q(?=i)")


def heard_hard(reading: str) -> str:
    """The same with j and q as k and g: `luji` as Luckey."""
    return heard(_PALATAL.sub("k", reading))
