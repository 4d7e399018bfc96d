"""Words of any script in Latin letters, in every way in which they are usually written.

A word may have several readings: Ukrainian г is h in Kyiv's passports and g in older lists; a Chinese
surname has a reading of its own. All are given, the likeliest first; the comparison takes the best. Tables
here cover Cyrillic (Russian, Kazakh, Ukrainian, Belarusian), Hangul, and what Chinese needs beyond pypinyin;
the scripts that no rule of ours covers go through ICU's transforms. Arabic and Hebrew write few vowels:
`keruen.screening.abjad` compares their consonants, and the readings here are only a last resort.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import icu
from pypinyin import Style, pinyin

MAX_READINGS: Final = 6

# -- which script ----------------------------------------------------------------------------

LATIN, CYRILLIC, ARABIC, HEBREW, HAN, HANGUL, KANA, OTHER = (
    "latin",
    "cyrillic",
    "arabic",
    "hebrew",
    "han",
    "hangul",
    "kana",
    "other",
)

_RANGES: Final = (
    (0x0041, 0x024F, LATIN),
    (0x0250, 0x02FF, LATIN),
    (0x0370, 0x03FF, OTHER),
    (0x0400, 0x052F, CYRILLIC),
    (0x0530, 0x058F, OTHER),
    (0x0590, 0x05FF, HEBREW),
    (0x0600, 0x077F, ARABIC),
    (0x08A0, 0x08FF, ARABIC),
    (0x1100, 0x11FF, HANGUL),
    (0x1E00, 0x1EFF, LATIN),
    (0x2E80, 0x2FFF, HAN),
    (0x3040, 0x30FF, KANA),
    (0x3400, 0x9FFF, HAN),
    (0xAC00, 0xD7AF, HANGUL),
    (0xF900, 0xFAFF, HAN),
    (0xFB50, 0xFDFF, ARABIC),
    (0xFE70, 0xFEFF, ARABIC),
    (0x20000, 0x3134F, HAN),
)


@lru_cache(maxsize=20_000)
def script_of(character: str) -> str:
    """The script of one character, one of the names above; digits count as Latin."""
    code = ord(character)
    if code < 0x80:  # noqa: PLR2004 - ASCII
        return LATIN
    for first, last, name in _RANGES:
        if first <= code <= last:
            return name
    return OTHER


# -- Latin -----------------------------------------------------------------------------------

# Letters that Unicode does not take apart, and pairs that stand for one.
_LATIN: Final = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ı": "i",
        "ə": "a",
        "ŋ": "n",
        "ħ": "h",
        "ʻ": "",
        "ʼ": "",
        "ʿ": "",
        "ʾ": "",
        "ˈ": "",
        "ʹ": "",
        "ƣ": "g",
        "ɵ": "o",
        "ŭ": "u",
    }
)

# Second readings: how the letter is written where it is spelled out.
_LATIN_SPELLED: Final = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "å": "aa",
    "ø": "oe",
    "ş": "sh",
    "š": "sh",
    "ș": "sh",
    "ś": "sh",
    "ç": "ch",
    "č": "ch",
    "ć": "ch",
    "ž": "zh",
    "ź": "zh",
    "ż": "zh",
    "ǵ": "gh",
    "ğ": "gh",
    "đ": "dj",
    "ñ": "ny",
    "ń": "ng",
    "ŋ": "ng",
    "ū": "u",
    "ұ": "u",
    "ý": "y",
    "á": "a",
}


def fold(text: str) -> str:
    """Latin letters without their marks: `Şäripov` as `saripov`; lower case."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    return "".join(each for each in parts if not unicodedata.combining(each))


def _latin(word: str) -> list[str]:
    readings = [fold(word)]
    if readings[0] != word:
        spelled = fold("".join(_LATIN_SPELLED.get(each, each) for each in unicodedata.normalize("NFC", word.lower())))
        readings.append(spelled)
    return readings


# -- Cyrillic --------------------------------------------------------------------------------

_CYRILLIC: Final = {
    "а": "a",
    "б": "b",
    "в": "v",
    "г": "g",
    "д": "d",
    "е": "e",
    "ё": "yo",
    "ж": "zh",
    "з": "z",
    "и": "i",
    "й": "y",
    "к": "k",
    "л": "l",
    "м": "m",
    "н": "n",
    "о": "o",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "у": "u",
    "ф": "f",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ы": "y",
    "ь": "",
    "э": "e",
    "ю": "yu",
    "я": "ya",
    # Ukrainian and Belarusian
    "і": "i",
    "ї": "yi",
    "є": "ye",
    "ґ": "g",
    "ў": "u",
    # Kazakh, and Kyrgyz, Tatar, Bashkir, Mongolian with it
    "ә": "a",
    "ғ": "gh",
    "қ": "q",
    "ң": "ng",
    "ө": "o",
    "ұ": "u",
    "ү": "u",
    "һ": "h",
    "җ": "zh",
    # Tajik, Uzbek
    "ӣ": "i",
    "ӯ": "u",
    "ҳ": "h",
    "ҷ": "j",
    # Serbian and Macedonian
    "ђ": "dj",
    "ј": "j",
    "љ": "lj",
    "њ": "nj",
    "ћ": "c",
    "џ": "dz",
    "ѓ": "gj",
    "ќ": "kj",
    "ѕ": "dz",
}
_PLAIN: Final = str.maketrans(_CYRILLIC)
_UKRAINIAN: Final = str.maketrans(_CYRILLIC | {"г": "h", "и": "y"})
_BELARUSIAN: Final = str.maketrans(_CYRILLIC | {"г": "h", "ё": "io"})
_OF_UKRAINIAN: Final = frozenset("іїєґ")
_OF_KAZAKH: Final = frozenset("әғқңөұүһ")
LOOKALIKE: Final = str.maketrans("aceopxyikmtbh", "асеорхуікмтвн")
"""Latin letters that are typed into Cyrillic words because they look the same."""


def _cyrillic(word: str) -> list[str]:
    word = unicodedata.normalize("NFC", word.lower())
    letters = set(word)
    plain = fold(word.translate(_PLAIN))
    if letters & _OF_KAZAKH:
        return [plain, plain.replace("q", "k").replace("gh", "g").replace("ng", "n")]
    if "ў" in letters:
        return [fold(word.translate(_BELARUSIAN)), plain]
    ukrainian = fold(word.translate(_UKRAINIAN))
    if letters & _OF_UKRAINIAN:
        return [ukrainian, plain]
    return [plain, ukrainian] if "г" in letters or "и" in letters else [plain]


# -- Hangul ----------------------------------------------------------------------------------

# The letters of a syllable in the order of Unicode; an empty one is silent.
_LEADS: Final = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_VOWELS: Final = tuple("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split())  # noqa: SIM905
_TAILS: Final = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".replace("-", "").split(" ")
_SYLLABLES: Final = 0xAC00
_SURNAMES: Final = {
    "김": ("kim",),
    "이": ("lee", "yi", "ri", "i", "rhee"),
    "리": ("ri", "lee", "li"),
    "박": ("park", "pak"),
    "최": ("choi", "choe"),
    "정": ("jung", "jong", "chong", "jeong", "chung"),
    "조": ("cho", "jo"),
    "장": ("jang", "chang"),
    "임": ("lim", "im", "rim"),
    "림": ("rim", "lim"),
    "오": ("oh", "o"),
    "우": ("woo", "u"),
    "유": ("yoo", "yu", "ryu"),
    "류": ("ryu", "yu", "ryoo"),
    "노": ("roh", "no", "ro"),
    "로": ("ro", "no"),
    "양": ("yang", "ryang"),
    "량": ("ryang", "yang"),
    "강": ("kang", "gang"),
    "신": ("shin", "sin"),
    "심": ("shim", "sim"),
    "전": ("jon", "chon", "jun", "jeon"),
    "천": ("chon", "cheon"),
    "문": ("moon", "mun"),
    "구": ("koo", "ku", "gu"),
    "권": ("kwon", "gwon"),
    "여": ("yeo", "ryo"),
    "안": ("ahn", "an"),
}


def _hangul(word: str, *, surname: bool) -> list[str]:
    word = unicodedata.normalize("NFC", word)
    if surname and word in _SURNAMES:
        return list(_SURNAMES[word])
    parts = []
    for each in word:
        index = ord(each) - _SYLLABLES
        if not 0 <= index < len(_LEADS) * len(_VOWELS) * len(_TAILS):
            parts.append(_icu(each))
            continue
        lead, rest = divmod(index, len(_VOWELS) * len(_TAILS))
        vowel, tail = divmod(rest, len(_TAILS))
        parts.append(_LEADS[lead] + _VOWELS[vowel] + _TAILS[tail])
    return ["".join(parts)]


# -- Chinese and Japanese --------------------------------------------------------------------

# Surnames that are read otherwise than the same character in other words.
_HAN_SURNAMES: Final = {
    "单": "shan",
    "解": "xie",
    "查": "zha",
    "曾": "zeng",
    "仇": "qiu",
    "朴": "piao",
    "翟": "zhai",
    "任": "ren",
    "区": "ou",
    "尉": "yu",
    "盖": "ge",
    "乐": "yue",
    "万": "wan",
    "员": "yun",
    "冼": "xian",
    "缪": "miao",
    "燕": "yan",
    "宁": "ning",
    "曲": "qu",
    "华": "hua",
    "葛": "ge",
    "覃": "qin",
    "种": "chong",
    "重": "chong",
    "黑": "he",
    "盛": "sheng",
}
# The same surname as the south, Hong Kong, Taiwan and Singapore write it.
_HAN_ELSEWHERE: Final = {
    "陈": ("chan", "tan", "chin"),
    "李": ("lee", "lei"),
    "林": ("lam", "lim"),
    "黄": ("wong", "huang", "ng", "hwang"),
    "张": ("cheung", "chang", "teo"),
    "王": ("wong", "ong"),
    "吴": ("ng", "wu", "goh"),
    "刘": ("lau", "liu", "low"),
    "杨": ("yeung", "yang", "yeo"),
    "郑": ("cheng", "tay", "cheng"),
    "周": ("chow", "chou", "chau"),
    "朱": ("chu", "choo"),
    "梁": ("leung", "liang", "neo"),
    "罗": ("law", "lo"),
    "何": ("ho",),
    "叶": ("yip", "ip", "yeh", "yap"),
    "蔡": ("choi", "tsai", "chua", "choy"),
    "许": ("hui", "hsu", "koh"),
    "谢": ("tse", "hsieh", "chia"),
    "曹": ("cho", "tsao"),
    "邓": ("tang", "teng"),
    "冯": ("fung", "feng"),
    "萧": ("siu", "hsiao"),
    "肖": ("siu", "hsiao"),
    "曾": ("tsang", "tseng", "chan"),
    "徐": ("tsui", "hsu", "chui"),
    "赵": ("chiu", "chao"),
    "钟": ("chung",),
    "卢": ("lo", "lu"),
    "柯": ("ker", "ko", "quah"),
    "余": ("yu", "yee"),
    "郭": ("kwok", "kuo", "quek"),
    "江": ("kong", "chiang"),
    "蒋": ("chiang", "tsiang"),
    "沈": ("shum", "shen", "sim"),
    "潘": ("poon", "pan", "phua"),
    "苏": ("so", "su", "soh"),
    "孙": ("suen", "sun"),
    "高": ("ko", "kao"),
    "胡": ("wu", "hu"),
    "金": ("kim", "kam"),
    "朴": ("park", "pak"),
    "崔": ("choi", "choe"),
}
_TO_SIMPLIFIED: Final = icu.Transliterator.createInstance("Hant-Hans")
_TO_ASCII: Final = icu.Transliterator.createInstance("Greek-Latin/UNGEGN; Any-Latin; Latin-ASCII; Lower")


@lru_cache(maxsize=2_000)
def simplified(text: str) -> str:
    """Chinese in simplified characters."""
    return str(_TO_SIMPLIFIED.transliterate(text))


def _icu(text: str) -> str:
    return "".join(each for each in str(_TO_ASCII.transliterate(text)) if each.isalnum())


def _han(word: str, *, surname: bool) -> list[str]:
    word = simplified(word)
    read = "".join(each[0] for each in pinyin(word, style=Style.NORMAL, errors="ignore"))
    read = fold(read).replace("lv", "lu").replace("nv", "nu")
    if not surname:
        return [read]
    first = _HAN_SURNAMES.get(word, read)
    return [first, *_HAN_ELSEWHERE.get(word, ())]


def readings(word: str, script: str, *, surname: bool = False) -> tuple[str, ...]:
    """A word in Latin letters a-z and digits.

    Args:
        word: One word of one script.
        script: As `script_of` names it.
        surname: Whether it is known to be a family name; matters for Chinese and Korean.

    Returns:
        At most `MAX_READINGS`, the likeliest first, without repetitions; at least one unless nothing can be read.
    """
    if script == LATIN:
        found = _latin(word)
    elif script == CYRILLIC:
        found = _cyrillic(word)
    elif script == HANGUL:
        found = _hangul(word, surname=surname)
    elif script == HAN:
        found = _han(word, surname=surname)
    else:
        found = [_icu(word)]
    if script == LATIN and len(found) == 1 and found[0].isalnum() and found[0].isascii():
        return tuple(found)
    clean = ("".join(each for each in reading if each.isascii() and each.isalnum()) for reading in found)
    return tuple(dict.fromkeys(each for each in clean if each))[:MAX_READINGS]
