"""A name as it is compared: its words in order, its legal forms apart, each word with all its readings.

    split       text to words of one script each
    analyse     a name to one or two `Analysis`: a Chinese name may be a Chinese one or a foreign one in
                Chinese characters, and nothing but the comparison can tell

What a single word says of itself stands in `words`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from keruen.model.party import PartyKind
from keruen.screening import lexicon
from keruen.screening.romanise import (
    ARABIC,
    CYRILLIC,
    HAN,
    HANGUL,
    HEBREW,
    LATIN,
    LOOKALIKE,
    script_of,
    simplified,
)
from keruen.screening.words import ALPHABETS, NONE, UNSPACED, Word, word

MAX_WORDS: Final = 24
"""Words of one name that are looked at; what is longer is a sentence."""

_APOSTROPHES: Final = re.compile(r"(?<=\w)['’ʼ‘`´ʻʹ′״\"״׳]{1,2}(?=\w)")
_APOSTROPHE: Final = frozenset("'’ʼ‘`´ʻʹ′״\"׳")
_ABBREVIATION: Final = re.compile(r"\b(\w)\.\s?(?=\w\b)")
_ALTERNATIVES: Final = re.compile(r"\s/\s|\s(?:a\.?k\.?a\.?|f\.?k\.?a\.?|also known as|formerly)[\s:]", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"[(（]([^)）]*)[)）]")
_ASCII_WORDS: Final = re.compile(r"[a-z0-9]+")
# Latin, Cyrillic and general punctuation, without the marks that are written over letters.
_TWO_ALPHABETS: Final = re.compile("[\x00-\u02ff\u0400-\u0482\u048a-\u052f\u1e00-\u1eff\u2010-\u205e]*")
_WORDS_OF_TWO: Final = re.compile(r"[^\W_]+")
_ASCII: Final = re.compile(r"[\x00-\x7f]")
_CYRILLIC_LETTER: Final = re.compile("[\u0400-\u052f]")


def _is_part(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=5_000)
def split(text: str, *, apart: bool = False) -> tuple[tuple[str, str], ...]:
    """Text as words of one script each.

    Args:
        text: A name as published.
        apart: Whether letters with dots stay apart: initials of a person, not the abbreviation of a firm.

    Returns:
        (word in small letters, script), at most `MAX_WORDS`.
    """
    text = prepared(text, apart=apart)
    if text.isascii():
        return tuple((each, LATIN) for each in _ASCII_WORDS.findall(text)[:MAX_WORDS])
    if _TWO_ALPHABETS.fullmatch(text):
        found = ((each, CYRILLIC if _CYRILLIC_LETTER.search(each) else LATIN) for each in _WORDS_OF_TWO.findall(text))
        return tuple((_tidy(each, script), script) for each, script in islice(found, MAX_WORDS))
    return split_by_script(text)


def prepared(text: str, *, apart: bool) -> str:
    """Text in one form of its letters, small, without apostrophes, with signs that are words written out."""
    text = unicodedata.normalize("NFKC", text).replace("İ", "i").lower()
    if not _APOSTROPHE.isdisjoint(text):
        text = _APOSTROPHES.sub("", text)
    if not apart and "." in text:
        text = _ABBREVIATION.sub(r"\1", text)
    return text.replace("&", " and ").replace("%", " percent ")


def split_by_script(text: str) -> tuple[tuple[str, str], ...]:
    """Words of a prepared text, letter by letter: where nothing is written between them the script divides them."""
    words: list[tuple[str, str]] = []
    current: list[str] = []
    script = ""
    for each in text:
        if not _is_part(each):
            if current:
                words.append(("".join(current), script))
            current, script = [], ""
            continue
        found = script if unicodedata.category(each)[0] == "M" and current else script_of(each)
        if current and found != script and (found in UNSPACED or script in UNSPACED):
            words.append(("".join(current), script))
            current = []
        if not current or found not in {script, LATIN}:
            script = found
        current.append(each)
    if current:
        words.append(("".join(current), script))
    tidied = ((_tidy(word, script), script) for word, script in words[:MAX_WORDS])
    # Of a word that is nothing but a lengthening sign or a vowel mark nothing is left.
    return tuple(each for each in tidied if each[0])


def _tidy(word: str, script: str) -> str:
    if script in {ARABIC, HEBREW}:
        return lexicon.fold_arabic(word)
    if script == CYRILLIC and _ASCII.search(word):
        word = word.translate(LOOKALIKE)
    return unicodedata.normalize("NFC", word)


class Analysis(NamedTuple):
    """A name in one reading of its words."""

    words: tuple[Word, ...]
    forms: frozenset[str]
    """Classes of the legal forms it bears: LLC, JSC, SP ..."""
    dropped: tuple[Word, ...] = ()
    """The words of those forms."""


@lru_cache(maxsize=5_000)
def analyse(text: str, kind: PartyKind) -> tuple[Analysis, ...]:
    """A name in one or two readings.

    Args:
        text: A name as published or as filed.
        kind: People's names hold no legal forms and no trade words, and Chinese ones begin with the surname.

    Returns:
        At least one analysis; of none but empty words where nothing in the text can be read.
    """
    read = _person if kind == PartyKind.PERSON else _registered if kind == PartyKind.VEHICLE else _firms
    parts = [each for each in _ALTERNATIVES.split(text) if each.strip()]
    if len(parts) < 2:  # noqa: PLR2004 - one name
        return read(text)
    return tuple(analysis for each in parts[:MAX_ALTERNATIVES] for analysis in read(each))


MAX_ALTERNATIVES: Final = 3
"""Names that a slash or an `a.k.a.` sets apart in one text, of which so many are read."""


# -- people ----------------------------------------------------------------------------------

_ABD: Final = re.compile(
    r"^abd(?:[aeiou]?l|[aeiou](?:r(?=r)|s(?=s)|sh(?=sh)|z(?=z)|n(?=n)|d(?=d)|t(?=t))|[aeiou])?(?=[a-z]{3})"
)
_ABD_ALONE: Final = frozenset(
    """abd abdul abdel abdal abdol abdur abdus abdu abdoul abdil abdool abdhul
    adbul abudl abdlu badul adbel abedl abdle badel abduul abbdul abddul abdull abdl""".split()  # noqa: SIM905
)
"""How the word for servant is written by itself; in the second line with a slip."""
_ARTICLES: Final = frozenset(
    {"al", "el", "ul", "ar", "as", "ash", "ad", "az", "an", "at", "or", "os", "ur", "us", "ol"}
)


_MISREAD: Final = str.maketrans("01345678", "oleasgtb")
_MISREAD_I: Final = re.compile(r"(?<=[bcdfghjklmnpqrstvwxz])1(?=[bcdfghjklmnpqrstvwxz])")
_ALLAH: Final = frozenset({"allah", "ullah", "ollah", "alah", "ulla", "oullah", "ellah", "illah"})
_DIN: Final = frozenset({"din", "deen", "dine", "dinn", "diin", "addin", "eddin", "uddin", "aldin", "eldin", "aldeen",
    "eldeen", "eddine", "uddine", "addine", "uddeen", "adin", "edin", "udin", "oddin", "oldin"})  # fmt: skip
_DIN_END: Final = re.compile(r"(?<=.{3})(?:[aeou]dd|[aeu]ld|ud)(?:in|een|ine)$")


def _compounds(parts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Names of two words that others write as one: `Amin Ullah` and `امین الله`, `Saad al-Din` and `Saduddin`."""
    found: list[tuple[str, str]] = []
    article = False
    for each, script in parts:
        last = found[-1] if found else ("", "")
        if script == LATIN and last[1] == LATIN:
            if each in _ALLAH and last[0] not in _ABD_ALONE and last[0] not in lexicon.PARTICLES:
                found[-1] = (f"{last[0]}ullah", LATIN)
                continue
            if each in _DIN and len(found) > article and (article or len(each) > len("deen")):
                if article:
                    found.pop()
                found[-1] = (f"{found[-1][0]}udin", LATIN)
                article = False
                continue
            article = each in _ARTICLES and last[0] not in _ABD_ALONE
        elif script == ARABIC and last[1] == ARABIC and each in {"الله", "الدین"} and last[0] != "عبد":
            found[-1] = (f"{last[0]}{each if each == 'الله' else 'دین'}", ARABIC)
            article = False
            continue
        else:
            article = False
        found.append((_DIN_END.sub("udin", each) if script == LATIN and each[-1:] in "ne" else each, script))
    return tuple(found)


def _letters(parts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Words with digits read for letters made whole: `Ig0r Sech1n`. Only where most of a word is letters."""
    return tuple(
        (
            _MISREAD_I.sub("i", each).translate(_MISREAD)
            if script == LATIN and not each.isalpha() and 0 < sum(sign.isdigit() for sign in each) <= len(each) // 3
            else each,
            script,
        )
        for each, script in parts
    )


def _person(text: str) -> tuple[Analysis, ...]:  # noqa: C901, PLR0912 - word by word; see each remark
    parts = _compounds(_letters(split(text, apart=True)))
    if parts and all(script == HAN for _, script in parts):
        return _chinese_person(parts)
    if len(parts) == 1 and parts[0][1] == HANGUL and 2 <= len(parts[0][0]) <= 4:  # noqa: PLR2004 - a Korean name unspaced
        name = parts[0][0]
        return (Analysis((word(name[:1], HANGUL, surname=True), word(name[1:], HANGUL)), NONE),)
    found: list[Word] = []
    # `Rahman Yasin, Abdul` is Abdul Rahman Yasin.
    if len(parts) > 2 and parts[-1][0] in _ABD_ALONE:  # noqa: PLR2004
        parts = (parts[-1], *parts[:-1])
    servant = False
    for index, (each, script) in enumerate(parts):
        if script == ARABIC:
            if each == "عبد" and index + 1 < len(parts):
                servant = True
                continue
            stem = lexicon.without_article(each)
            stem = stem.removeprefix("عبد") if len(stem) > 6 and stem.startswith("عبدال") else stem  # noqa: PLR2004
            if stem != each and each.startswith("عبدال"):
                servant, stem = True, lexicon.without_article(stem)
            light = each in lexicon.TITLES or each in {"بن", "ابن", "ال", "آل", "بنت", "ولد"}
            found.append(word(f"عبد{stem}" if servant else stem, script, light=light))
            servant = False
            continue
        if script == LATIN:
            if each in _ABD_ALONE and index + 1 < len(parts):
                servant = True
                continue
            if servant and each in _ARTICLES and index + 1 < len(parts):
                continue
            if servant:
                found.append(word(f"abdu{each}", script))
                servant = False
                continue
            if each.startswith("abd") and len(each) > 6:  # noqa: PLR2004
                each = _ABD.sub("abdu", each)  # noqa: PLW2901
        light = each in lexicon.PARTICLES or each in lexicon.TITLES
        if light and len(parts) == 1:
            light = False
        found.append(word(each, script, light=light, surname=script == HANGUL and index == 0 and len(each) == 1))
    return (Analysis(tuple(found), NONE),)


def _chinese_person(parts: tuple[tuple[str, str], ...]) -> tuple[Analysis, ...]:
    whole = tuple(word(each, HAN) for each, _ in parts)
    foreign = Analysis(whole, NONE)
    given = [each for each, _ in parts]
    if len(parts) > 1 and all(len(each) <= _GIVEN for each in given):
        # Set apart by spaces, the surname first or last: a Chinese name, for a foreign one has dots.
        for at in (0, -1):
            if is_surname(given[at]):
                surname = given.pop(at)
                return (_chinese_name(surname, *given),)
    if len(parts) > 1 or not 2 <= len(parts[0][0]) <= 4:  # noqa: PLR2004 - a dot, or too long for a Chinese name
        return (foreign,)
    name = parts[0][0]
    if len(name) == 2 and is_surname(name[0]):  # noqa: PLR2004 - too short for a foreign name that begins so
        return (_chinese_name(name[0], name[1]),)
    # Four characters are mostly a surname of two and a given name of two; else a married woman's two surnames.
    double = len(name) == 4 or (len(name) == 3 and simplified(name[:2]) in _DOUBLE_SURNAMES)  # noqa: PLR2004
    length = 2 if double else 1
    return (_chinese_name(name[:length], name[length:]), foreign)


def _chinese_name(surname: str, *given: str) -> Analysis:
    words = (word(surname, HAN, surname=True, native=True), *(word(each, HAN, native=True) for each in given))
    return Analysis(words, NONE)


_GIVEN: Final = 2
"""Characters of a Chinese given name, at most."""
_DOUBLE_SURNAMES: Final = frozenset(
    """欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 端木 独孤 南宫 西门 宇文 长孙 闻人 申屠 太史 公冶
    轩辕 呼延 钟离 东郭 百里 拓跋 完颜 纳兰 澹台 第五""".split()  # noqa: SIM905 - a text to be read
)
"""Chinese surnames of two characters."""
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛"
    "靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧"
    "闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮"
    "粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈"
    "伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展"
    "阴昝智幸奉植衡富尧闭由"
)
"""The usual Chinese surnames of one character, simplified."""


def is_surname(text: str) -> bool:
    """Whether Chinese characters are a Chinese surname."""
    plain = simplified(text)
    return plain in _SURNAMES or plain in _DOUBLE_SURNAMES


def _registered(text: str) -> tuple[Analysis, ...]:
    """A craft by its mark, `YV-2556`, `P 912`: one word however it is divided. Longer names are read as firms' are."""
    whole = "".join(each for each, _ in split(text))
    if 3 < len(whole) <= _LONGEST_MARK and whole.isascii():  # noqa: PLR2004 - too short for a mark
        return (Analysis((word(whole.upper(), LATIN),), NONE),)
    return _firms(text)


_LONGEST_MARK: Final = 8
"""Letters and digits of an aircraft's mark."""


# -- firms -----------------------------------------------------------------------------------


def _firms(text: str) -> tuple[Analysis, ...]:
    """A firm's name; and without what stands in brackets, which is a place, a short form or an alias."""
    whole = _firm(text)
    if not _BRACKETS.search(text):
        return (whole,)
    outside = _BRACKETS.sub(" ", text)
    if not split(outside):
        return (whole,)
    bare = _firm(outside)
    inside = {each.text for found in _BRACKETS.findall(text) for each in _firm(found).words}
    short = "".join(each.text[0] for each in bare.words if not each.light)
    if inside and all(each == short or (len(each) <= len(short) and set(each) <= set(short)) for each in inside):
        return (bare,)
    return (whole,)


def _firm(text: str) -> Analysis:
    known = lexicon.phrases()
    if "-" in text:
        text = _HYPHENED.sub(_bound, text)
    parts = tuple(part for each in split(text) for part in _unglued(each))
    found: list[Word] = []
    dropped: list[Word] = []
    forms: set[str] = set()
    index = 0
    while index < len(parts):
        each, script = parts[index]
        if script in UNSPACED:
            _unspaced(each, script, found, dropped, forms)
            index += 1
            continue
        phrase = _phrase_at(parts, index, known) if script == ARABIC or each in known else None
        if phrase is None and script == ARABIC:
            each = lexicon.without_article(each)
        if phrase is None:
            made = word(each, script)
            meaning = lexicon.sounded().get(made.keys[0], "") if script in ALPHABETS and not made.number else ""
            found.append(word(each, script, meaning=meaning) if meaning else made)
            index += 1
            continue
        length = len(phrase.words)
        made = word(" ".join(phrase.words), script, meaning=phrase.meaning, light=phrase.meaning in {"OF", "AND"})
        if phrase.is_form:
            forms.add(phrase.meaning)
            dropped.append(made)
        else:
            found.append(made)
        index += length
    found = _numbers(found)
    # A firm that is called by nothing but its form, `Limited`, is called by that.
    named = tuple(found or dropped)
    return Analysis(named, _shared(frozenset(forms - {"CO"})), tuple(dropped) if found else ())


_GLUED_END: Final = re.compile(r"^(.{4,})(limited|company|corporation|gmbh|llc|ltda?|jsc|plc|srl|corp|inc|eood)$")
_GLUED_START: Final = re.compile(r"^(limited|company|corporation|llc|jsc|osoo)(.{3,})$")


_NUMBERED: Final = re.compile(r"^([a-z]{4,})(\d+)$")
_HYPHENED: Final = re.compile(r"(\w+)-(\w+)(?!-)\b")


def _bound(found: re.Match[str]) -> str:
    """A word that looks like a legal form, bound to the one before by a hyphen: `Ала-Тоо Трейд` is no LLP.

    A form stands at an end of a name, so one that words follow, or that comes after another form, is part of the name.
    """
    forms = lexicon.single_forms()
    if found[2].lower() not in forms:
        return found[0]
    before, after = found.string[: found.start()], found.string[found.end() :]
    if split(after) or any(word in forms for word, _ in split(before)):
        return found[1] + found[2]
    return found[0]


@lru_cache(maxsize=20_000)
def _unglued(part: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """A word apart from the form or number that is written onto it: `Rustankerllc`, `companysadra`, `Hormuz25`."""
    text, script = part
    if script == LATIN and text[-1:].isdigit() and (numbered := _NUMBERED.match(text)):
        return (numbered[1], LATIN), (numbered[2], LATIN)
    if script == LATIN and len(text) > len("xxxxllc") - 1 and text not in lexicon.phrases():
        for found in (_GLUED_END.match(text), _GLUED_START.match(text)):
            if found:
                return (found[1], LATIN), (found[2], LATIN)
    return (part,)


_FORMS: dict[frozenset[str], frozenset[str]] = {}


def _shared(forms: frozenset[str]) -> frozenset[str]:
    """The one copy of a set of forms: there are few, and many names."""
    return _FORMS.setdefault(forms, forms)


def _numbers(words: list[Word]) -> list[Word]:
    """Forty four as 44."""
    found: list[Word] = []
    for each in words:
        last = found[-1].number if found else ""
        if last and each.number and int(last) % 10 == 0 and 0 < int(each.number) < 10 < int(last) < 100:  # noqa: PLR2004
            found[-1] = word(str(int(last) + int(each.number)), LATIN)
        else:
            found.append(each)
    return found


def _phrase_at(
    parts: tuple[tuple[str, str], ...], index: int, known: dict[str, tuple[lexicon.Phrase, ...]]
) -> lexicon.Phrase | None:
    text, script = parts[index]
    for first in (text, lexicon.without_article(text)) if script == ARABIC else (text,):
        for phrase in known.get(first, ()):
            rest = phrase.words[1:]
            if len(rest) < len(parts) - index and all(
                parts[index + 1 + at][0] == wanted for at, wanted in enumerate(rest)
            ):
                return phrase
    return None


_LONGESTUNSPACED: Final = 8


def _unspaced(text: str, script: str, found: list[Word], dropped: list[Word], forms: set[str]) -> None:
    """Take Chinese and Korean apart by the known words in them, the longest first."""
    known = lexicon.unspaced()
    plain = simplified(text) if script == HAN else text
    rest: list[str] = []

    def flush() -> None:
        if rest:
            found.append(word("".join(rest), script))
            rest.clear()

    at = 0
    while at < len(plain):
        for length in range(min(_LONGESTUNSPACED, len(plain) - at), 0, -1):
            phrase = known.get(plain[at : at + length])
            # A single character is a word only where nothing unknown stands beside it.
            if phrase is not None and (length > 1 or len(plain) == 1 or (at + 1 == len(plain) and not rest)):
                flush()
                made = word(plain[at : at + length], script, meaning=phrase.meaning)
                if phrase.is_form:
                    forms.add(phrase.meaning)
                    dropped.append(made)
                else:
                    found.append(made)
                at += length
                break
        else:
            rest.append(plain[at])
            at += 1
    flush()
