"""Keys under which spellings of one word fall together.

`fine` folds what differs between systems of romanisation and nothing else: zh and j, kh and h, iy, yi and y,
doubled letters. Two words with the same fine key are one word written twice. `korean` and `chinese` fold further,
for words of those languages only; they decide nothing between two Latin spellings.
"""

from __future__ import annotations

import re
from typing import Final

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
_SILENT_H: Final = re.compile(r"(?<=[aeiou])h$")
_DOUBLED: Final = re.compile(r"(.)\1+")
_IO: Final = re.compile(r"(?<=[^aeiou])io(?=[^aeiou])")
# Sergeevich, Sergeyevich, Sergeievich.
_SERGEYEVICH: Final = re.compile(r"eye|eie|ee(?=v)")
_THRICE: Final = re.compile(r"(.)\1{2,}")
"""A letter three times is one that was doubled with a slip: `Reeem` is `Reem`."""
_VOWELS: Final = re.compile(r"[aeiou]")


def _folded(reading: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """A reading after each rule in turn."""
    for pattern, into in rules:
        reading = pattern.sub(into, reading)
    return reading


def fine(reading: str) -> str:
    """The fine key of a word in letters a-z: `Yerlan` and `Erlan`, `Khamidov` and `Hamidov` are each one."""
    # Asked of every word of every list and query. A pattern is run only where its letters are there: looking for a
    # text costs a fifth of running a pattern over it.
    key = _THRICE.sub(r"\1\1", reading)
    if "j" in key and "dj" not in key and "zj" not in key:
        key = _HALF_VOWEL.sub("i", key)
    if "ey" in key or "ei" in key or "ee" in key:
        key = _SERGEYEVICH.sub("e", key)
    key = _PATTERN.sub(_fold, key)
    if key[-1:] == "h":
        key = _SILENT_H.sub("", key)
    key = _DOUBLED.sub(r"\1", key.replace("y", "i"))
    if "i" in key:
        shorter = key.replace("ie", "e")
        if "io" in shorter:
            shorter = _IO.sub("o", shorter)
        if shorter != key:
            key = _DOUBLED.sub(r"\1", shorter)
    return key.removeprefix("i") if key[:2] in ("ie", "iE") else key


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


_KOREAN: Final = (
    (re.compile(r"[']"), ""),
    (re.compile(r"tch|dj|jj|ch|j"), "J"),
    (re.compile(r"ng"), "N"),
    (re.compile(r"kk|gg|k|g|q|c"), "G"),
    (re.compile(r"tt|dd|t|d"), "D"),
    (re.compile(r"pp|bb|p|b"), "B"),
    (re.compile(r"ss|sh|s"), "S"),
    (re.compile(r"r|l"), "L"),
    (re.compile(r"yeo|yo|you|yu|ye"), "yo"),
    (re.compile(r"eui|ui|uy"), "i"),
    (re.compile(r"eo|eu|oo|ou|oe|woo|wo|u|o"), "o"),
    (re.compile(r"ae|ai|ay|e(?!o)"), "e"),
    (re.compile(r"ee|yi|y(?![aeo])|i"), "i"),
    (re.compile(r"h$"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def korean(reading: str) -> str:
    """A Korean word however romanised: `Pak` and `Park`'s `bak`, `Yong` and `yeong`."""
    return _folded(reading, _KOREAN)


_CHINESE: Final = (
    (re.compile(r"hs|sh|x"), "S"),
    (re.compile(r"zh|ch|q|j"), "J"),
    (re.compile(r"ts|tz|z|c(?!h)"), "Z"),
    (re.compile(r"p|b"), "B"),
    (re.compile(r"t|d"), "D"),
    (re.compile(r"k|g(?!$)"), "G"),
    (re.compile(r"ong|ung"), "uN"),
    (re.compile(r"ng|nG"), "N"),
    (re.compile(r"ien|ian|yen|yan"), "ian"),
    (re.compile(r"ieh|ie|yeh|ye"), "ie"),
    (re.compile(r"iou|iu|yu|you"), "iu"),
    (re.compile(r"uei|ui|wei"), "ui"),
    (re.compile(r"uo|wo|o"), "o"),
    (re.compile(r"(?<=[SJZ])(ih|u|i)$"), "i"),
    (re.compile(r"eh$|e$"), "e"),
    (re.compile(r"y"), "i"),
    (re.compile(r"w"), "u"),
    (re.compile(r"(.)\1+"), r"\1"),
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


_FOREIGN: Final = (
    (re.compile(r"^mc"), "mak"),
    # Not heard: Knight, Loughton, Wright, Lamb.
    (re.compile(r"gh(?=t|n|$)|(?<=[aou])gh(?=[^aeiou])|^k(?=n)|^w(?=r)|(?<=m)b$"), ""),
    (re.compile(r"x"), "ks"),
    (re.compile(r"ck"), "k"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"c(?!h)"), "k"),
    (re.compile(r"tch|sh|zh|ch|th|[cszjq]"), "S"),
    (re.compile(r"ng\b|n|m(?=[^aeiou]|$)"), "N"),
    (re.compile(r"ph|f|v|w"), "F"),
    (re.compile(r"[bp]"), "B"),
    (re.compile(r"[dt]"), "D"),
    (re.compile(r"[gk]"), "G"),
    # At the end of a syllable r and l are hardly heard, and often left out.
    (re.compile(r"(er|[lr])+(?=[^aeiouylr]|$)"), ""),
    (re.compile(r"[lr]"), "L"),
    (re.compile(r"h"), "H"),
    (re.compile(r"[aeiouy]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
# What a syllable of Mandarin stands for where it spells a foreign name.
_HEARD: Final = (
    (re.compile(r"sh|zh|ch|x|[cszjq]"), "S"),
    # A syllable mu is a bare m.
    (re.compile(r"mu(?![aeio])|ng|n"), "N"),
    (re.compile(r"[fvw]"), "F"),
    (re.compile(r"[bp]"), "B"),
    (re.compile(r"[dt]"), "D"),
    (re.compile(r"[gk]"), "G"),
    (re.compile(r"(?<=[aeiou])er(?=[^aeiou]|$)|^er(?=[^aeiou])"), ""),
    (re.compile(r"[lr]"), "L"),
    (re.compile(r"h"), "H"),
    (re.compile(r"[aeiouy]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
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
