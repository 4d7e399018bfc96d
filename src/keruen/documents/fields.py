"""One reader for each field type of a profile: text in, value out, or why not.

A reader takes what stood in a cell or a JSON value and gives the parsed value, or raises
`InvalidInput` whose code is a key of `problems.TEXTS`. Readers know one value at a time; what
depends on another field (a party's number on its country) is asked by `parsing`.

This is the hot path: values that come again (codes, countries, dates, amounts) are remembered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.codes import countries, hs, identifiers, tnved, units
from keruen.documents.problems import TEXTS, shown
from keruen.errors import InvalidInput, NotFound
from keruen.model.document import Value
from keruen.model.quantity import LIMIT, parse_amount

if TYPE_CHECKING:
    from keruen.model.profile import FieldSpec

REMEMBERED: Final = 16_384
"""Values kept by each reader; texts are kept in smaller number because they are long."""
REMEMBERED_TEXTS: Final = 2_048

ID_PATTERN: Final = r"[A-Za-z0-9._:\-]{1,64}"
LOT_PATTERN: Final = r"[A-Za-z0-9._:\-]{1,64}/[1-9][0-9]{0,4}"
DATE_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
INSTANT_PATTERN: Final = (
    DATE_PATTERN + r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+\-][0-9]{2}:[0-9]{2})"
)
AMOUNT_PATTERN: Final = r"[0-9]{1,10}(?:\.[0-9]{1,6})?"
TEXT_MAX: Final = 1000
"""Longest text where the profile sets no limit."""
ID_MAX: Final = 64
INTEGER_LIMIT: Final = 10**9 - 1
"""Furthest from nought where the profile sets no limit; fits a database's integer."""
AMOUNT_CHARACTERS: Final = 40
"""Longer than any amount with harmless leading noughts; keeps a million digits from being read."""
YEARS: Final = range(1900, 2200)
"""A document bears none other; a year outside is a slip of the hand."""
MONTHS: Final = 12

PARTY_SCHEMES: Final = {"KZ": "kz_bin_or_iin"}
"""Country of a party to the scheme its number must obey; elsewhere the number is free text."""
SCHEME_NAMES: Final = {"kz_bin_or_iin": "BIN or IIN (12 digits)"}

CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG
    XDR XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - two hundred quoted codes are not read by anyone
)
"""ISO 4217, currencies in use, with BGN and HRK, which older papers still bear; edition of 2026-01-01."""

CURRENCY_WORDS: Final = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "CNY",
    "₸": "KZT",
    "₽": "RUB",
    "ТГ": "KZT",
    "ТЕНГЕ": "KZT",
    "ТЕҢГЕ": "KZT",
    "РУБ": "RUB",
    "РУБ.": "RUB",
    "RUR": "RUB",
    "ДОЛЛ": "USD",
    "ЕВРО": "EUR",
    "EURO": "EUR",
    "RMB": "CNY",
    "TENGE": "KZT",
    "ЮАНЬ": "CNY",
}
UNIT_WORDS: Final = {
    "шт": "H87",
    "штука": "H87",
    "штук": "H87",
    "дана": "H87",
    "pc": "H87",
    "pcs": "H87",
    "pce": "H87",
    "piece": "H87",
    "pieces": "H87",
    "ea": "H87",
    "each": "H87",
    "кг": "KGM",
    "kg": "KGM",
    "kgs": "KGM",
    "килограмм": "KGM",
    "kilogram": "KGM",
    "г": "GRM",
    "гр": "GRM",
    "g": "GRM",
    "gram": "GRM",
    "т": "TNE",
    "тонна": "TNE",
    "t": "TNE",
    "ton": "TNE",
    "tonne": "TNE",
    "л": "LTR",
    "литр": "LTR",
    "l": "LTR",
    "litre": "LTR",
    "liter": "LTR",
    "м": "MTR",
    "метр": "MTR",
    "m": "MTR",
    "metre": "MTR",
    "meter": "MTR",
    "м2": "MTK",
    "м²": "MTK",
    "m2": "MTK",
    "m²": "MTK",
    "кв.м": "MTK",
    "м3": "MTQ",
    "м³": "MTQ",
    "m3": "MTQ",
    "m³": "MTQ",
    "куб.м": "MTQ",
    "пара": "NPR",
    "пар": "NPR",
    "жұп": "NPR",
    "pair": "NPR",
    "pairs": "NPR",
    "компл": "SET",
    "комплект": "SET",
    "жиынтық": "SET",
    "set": "SET",
    "квт·ч": "KWH",
    "квтч": "KWH",
    "kwh": "KWH",
    "тыс.шт": "MIL",
    "тыс шт": "MIL",
}

_ID = re.compile(ID_PATTERN).fullmatch
_LOT = re.compile(LOT_PATTERN).fullmatch
_DATE = re.compile(DATE_PATTERN).fullmatch
_INSTANT = re.compile(INSTANT_PATTERN).fullmatch
_INSTANT_BARE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?").fullmatch
_DATE_TURNED = re.compile(r"([0-9]{1,2})([./\-])([0-9]{1,2})\2([0-9]{4})").fullmatch
_DATE_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ][0-9]{2}:[0-9]{2}.*").fullmatch
_AMOUNT = re.compile(AMOUNT_PATTERN).fullmatch
_INTEGER = re.compile(r"-?[0-9]{1,9}").fullmatch
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}").fullmatch
_SEPARATED = re.compile(r"[0-9]{1,10}[ .\-]?(?:[0-9]+[ .\-]?)*").fullmatch
_DECEIVING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Characters that make a text show in another order than it is stored; never in honest papers."""
_UNSPECIFIED: Final = "99"
"""Chapter of trade statistics for goods not specified; a paper that names no goods is refused."""
_EDGES = " \u00a0\t\r\n"

TextReader = Callable[[str], Value]
OtherReader = Callable[[object], Value]


class Reader(NamedTuple):
    """How one field is read: from text, and from what came as something else (a JSON number)."""

    text: TextReader
    other: OtherReader

    def __call__(self, value: object) -> Value:
        """Read a value of any type."""
        return self.text(value) if isinstance(value, str) else self.other(value)


def reader(spec: FieldSpec) -> Reader:
    """The reader for a field; fields of the same type and limits share it and its memory."""
    return _reader(spec.type, spec.min, spec.max, spec.values)


def party_number(country: str, number: str) -> str:
    """A party's number as it is kept, checked against the scheme of its country where there is one.

    Raises:
        InvalidInput: It does not obey the scheme.
    """
    scheme = PARTY_SCHEMES.get(country)
    return number if scheme is None else _by_scheme(scheme, number)


def refusal(code: str, found: object, /, **params: object) -> InvalidInput:
    """What a reader raises: `code` is a key of `problems.TEXTS`, `params` what that text names."""
    words = {name: str(value) for name, value in params.items()}
    expected, how = (part.format(**words) for part in TEXTS[code])
    return InvalidInput(f"found {shown(found)!r}, expected {expected}. {how}", code=code, **words)


def near_codes(code: str) -> tuple[str, ...]:
    """Codes that stand near one that does not exist, at most five; empty when its heading is none."""
    if code.startswith(_UNSPECIFIED):
        return ()
    if len(code) > len("854231"):
        lines = _lines_under(code[:6])
        if lines:
            return tuple(sorted(lines, key=lambda line: (abs(int(line) - int(code)), line))[:5])
    elif hs.exists(code, "HS2017"):
        carried = hs.carry(code, "HS2017", "HS2022")
        return (carried.code,) if isinstance(carried, hs.Carried) else carried.candidates[:5]
    if not hs.exists(code[:4], "HS2022"):
        return ()
    found = [six for end in range(100) if hs.exists(six := f"{code[:4]}{end:02d}", "HS2022")]
    return tuple(sorted(found, key=lambda six: (abs(int(six) - int(code[:6])), six))[:5])


@cache
def _lines_under(six: str) -> tuple[str, ...]:
    """Ten-digit lines of a subheading; asked for wrong codes only, and once for each subheading there is."""
    if not hs.exists(six, "HS2022"):
        return ()
    return tuple(line for end in range(10_000) if tnved.exists(line := f"{six}{end:04d}"))


@cache
def _reader(kind: str, least: int | None, most: int | None, values: tuple[str, ...]) -> Reader:
    if kind == "integer":
        return _integer_reader(least, most)
    if kind == "choice":
        return Reader(_choice_reader(values), _not_text)
    if kind in {"text", "party_id"}:
        return Reader(_text_reader(TEXT_MAX if most is None else most, kind), _not_text)
    return _SIMPLE[kind]


def _not_text(value: object) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise refusal("number_not_text", value)
    raise refusal("not_text", value)


def _filled(text: str) -> str:
    """The text without the blanks around it."""
    bare = text.strip(_EDGES)
    if not bare:
        raise refusal("blank", text)
    return bare


def _read_id(text: str) -> str:
    if _ID(text):
        return text
    bare = _filled(text)
    if _ID(bare):
        return bare
    at_fault = next((letter for letter in bare if not _ID(letter)), "")
    if at_fault:
        raise refusal("document_id", text, at_fault=_spelled(at_fault))
    raise refusal("document_id_length", text, length=len(bare))


def _spelled(letter: str) -> str:
    """A character so that it can be told from one that looks the same."""
    if letter.isascii() and letter.isprintable():
        return repr(letter)
    return f"U+{ord(letter):04X} ({unicodedata.name(letter, 'no name').lower()})"


def _read_lot(text: str) -> str:
    bare = text if _LOT(text) else _filled(text)
    if _LOT(bare):
        return bare
    raise refusal("lot_ref", text)


@cache
def _text_reader(longest: int, kind: str) -> TextReader:
    @lru_cache(REMEMBERED_TEXTS)
    def read(text: str) -> str:
        if (
            text
            and text.isascii()
            and text.isprintable()
            and len(text) <= longest
            and text[0] != " "
            and text[-1] != " "
        ):
            return text
        bare = unicodedata.normalize("NFC", _filled(text).replace("\r\n", "\n"))
        if len(bare) > longest:
            raise refusal("text_length" if kind == "text" else "party_id_length", text, length=len(bare), max=longest)
        if not bare.isprintable():
            for letter in bare:
                if letter in _DECEIVING or (
                    letter not in "\n\t" and unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"}
                ):
                    raise refusal("text_control", text, at_fault=_spelled(letter))
        return bare

    return read


@cache
def _choice_reader(values: tuple[str, ...]) -> TextReader:
    known = {value: value for value in values}

    def read(text: str) -> str:
        found = known.get(text)
        if found is not None:
            return found
        bare = _filled(text)
        if bare in known:
            return bare
        near = get_close_matches(bare[:80].lower().replace(" ", "_"), values, 1)
        if near:
            raise refusal("choice", text, values=", ".join(values), nearest=near[0])
        raise refusal("choice_unlike_any", text, values=", ".join(values))

    return read


def _integer_reader(least: int | None, most: int | None) -> Reader:
    low, high = -INTEGER_LIMIT if least is None else least, INTEGER_LIMIT if most is None else most

    def read_other(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            if low <= value <= high:
                return value
            raise refusal("integer_range", value, min=low, max=high)
        raise refusal("integer", value)

    @lru_cache(REMEMBERED)
    def read(text: str) -> int:
        bare = _filled(text)
        if not _INTEGER(bare):
            raise refusal("integer", text)
        return read_other(int(bare))

    return Reader(read, read_other)


@lru_cache(REMEMBERED)
def _read_date(text: str) -> date:
    bare = _filled(text)
    if _DATE(bare):
        return _calendar_day(bare, text)
    turned = _DATE_TURNED(bare)
    if turned:
        first, sign, second, year = turned[1], turned[2], turned[3], turned[4]
        day_first = f"{year}-{int(second):02d}-{int(first):02d}"
        month_first = f"{year}-{int(first):02d}-{int(second):02d}"
        if sign == "/" and int(first) <= MONTHS and int(second) <= MONTHS and first != second:
            raise refusal("date_ambiguous", text, nearest=day_first, other=month_first)
        if sign == "/" and int(second) > MONTHS:
            day_first = month_first
        _calendar_day(day_first, text)
        raise refusal("date_turned", text, nearest=day_first)
    timed = _DATE_TIME(bare)
    if timed:
        raise refusal("date_with_time", text, nearest=timed[1])
    raise refusal("date", text)


def _calendar_day(iso: str, found: str) -> date:
    try:
        day = date.fromisoformat(iso)
    except ValueError as error:
        raise refusal("date_impossible", found) from error
    if day.year not in YEARS:
        raise refusal("date_impossible", found)
    return day


@lru_cache(REMEMBERED)
def _read_instant(text: str) -> datetime:
    bare = _filled(text)
    if not _INSTANT(bare):
        raise refusal("instant_without_zone" if _INSTANT_BARE(bare) else "instant", text)
    try:
        moment = datetime.fromisoformat(bare.upper().replace(" ", "T")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusal("date_impossible", text) from error
    if moment.year not in YEARS:
        raise refusal("date_impossible", text)
    return moment


@lru_cache(REMEMBERED)
def _read_country(text: str) -> str:
    bare = _filled(text)
    if countries.exists(bare):
        return bare
    near = _country_words().get(bare.casefold())
    if near:
        raise refusal("country_hint", text, nearest=near)
    raise refusal("country", text)


@cache
def _country_words() -> dict[str, str]:
    words = {}
    for code in countries.all_codes():
        country = countries.find(code)
        for word in (
            country.alpha2,
            country.alpha3,
            country.numeric,
            country.name_en,
            country.name_ru,
            country.name_kk,
        ):
            words[word.casefold()] = code
    return words


@lru_cache(REMEMBERED)
def _read_unit(text: str) -> str:
    bare = _filled(text)
    if units.exists(bare):
        return bare
    near = UNIT_WORDS.get(bare.casefold().rstrip(".")) or (bare.upper() if units.exists(bare.upper()) else "")
    if not near and bare.isascii() and bare.isdigit() and len(bare) <= len("796"):
        try:
            near = units.from_okei(bare)
        except NotFound:
            near = ""
    if near and units.exists(near):
        raise refusal("unit_hint", text, nearest=f"{near} ({units.name(near)})")
    raise refusal("unit", text)


@lru_cache(REMEMBERED)
def _read_currency(text: str) -> str:
    bare = _filled(text)
    if bare in CURRENCIES:
        return bare
    near = CURRENCY_WORDS.get(bare.upper()) or (bare.upper() if bare.upper() in CURRENCIES else "")
    if near:
        raise refusal("currency_hint", text, nearest=near)
    raise refusal("currency", text)


@lru_cache(REMEMBERED)
def _read_commodity_code(text: str) -> str:
    bare = _filled(text)
    if not (bare.isascii() and bare.isdigit()):
        digits = re.sub(r"[^0-9]", "", bare) if bare.isascii() and _SEPARATED(bare[:AMOUNT_CHARACTERS]) else ""
        if len(digits) in {6, 10}:
            raise refusal("commodity_code_signs", text, nearest=digits)
        raise refusal("commodity_code", text, length=f"{len(bare)} characters")
    return _known_code(bare, text)


def _commodity_code_from_number(value: object) -> str:
    """Six or ten digits have lost nothing, as no chapter is 00; one digit fewer has lost its nought."""
    if not isinstance(value, int) or isinstance(value, bool):
        return str(_not_text(value))
    text = str(value) if 0 <= value < LIMIT else ""
    if len(text) in {5, 9}:
        raise refusal("commodity_code_zero", value, nearest=f"0{text}")
    return _known_code(text, value)


def _known_code(code: str, found: object) -> str:
    if code.startswith(_UNSPECIFIED):
        known = False
    elif len(code) == len("8542310000"):
        known = tnved.standing(code) is not tnved.Standing.ABSENT
    elif len(code) == len("854231"):
        known = hs.exists(code, "HS2022")
    else:
        raise refusal("commodity_code", found, length=f"{len(code)} digits")
    if known:
        return code
    near = near_codes(code)
    if near:
        raise refusal("commodity_code_unknown", found, nearest=", ".join(near))
    raise refusal("commodity_code_unlike_any", found)


@lru_cache(REMEMBERED)
def _read_amount(text: str) -> Decimal:
    if _AMOUNT(text):
        # What `parse_amount` gives for the plain form, without asking again what the pattern has shown.
        return Decimal(text)
    bare = _filled(text)
    if len(bare) > AMOUNT_CHARACTERS:
        raise refusal("quantity_range", text)
    try:
        return parse_amount(bare)
    except InvalidInput as error:
        code = "quantity_range" if error.code == "quantity_range" else "quantity_format"
        near = _likely_amount(bare)
        if near:
            raise refusal("quantity_comma", text, nearest=near) from error
        raise refusal(code, text) from error


def _likely_amount(text: str) -> str:
    """What `1 234,50` or `1,234.50` was meant to say; empty where that cannot be told."""
    tight = re.sub("[ \u00a0\u202f']", "", text)
    if _THOUSANDS(tight):
        return f"{tight.replace(',', '.')}, or {tight.replace(',', '')} if the comma parts thousands"
    if tight.count(",") == 1 and "." not in tight:
        tight = tight.replace(",", ".")
    elif tight.rfind(".") > tight.rfind(","):
        tight = tight.replace(",", "")
    return tight if tight != text and re.fullmatch(AMOUNT_PATTERN, tight) else ""


def _amount_from_number(value: object) -> Decimal:
    if isinstance(value, bool):
        raise refusal("quantity_format", value)
    if isinstance(value, int):
        if value < 0:
            raise refusal("quantity_format", value)
        if value >= LIMIT:
            raise refusal("quantity_range", value)
        return Decimal(value)
    if isinstance(value, float):
        raise refusal("float", value)
    raise refusal("not_text", value)


@lru_cache(REMEMBERED)
def _by_scheme(scheme: str, number: str) -> str:
    checked = identifiers.check(scheme, number)
    if isinstance(checked, identifiers.Valid):
        return checked.compact
    raise refusal("party_id", number, scheme=SCHEME_NAMES[scheme], fault=checked.text)


_SIMPLE: Final = {
    "document_id": Reader(_read_id, _not_text),
    "document_ref": Reader(_read_id, _not_text),
    "lot_ref": Reader(_read_lot, _not_text),
    "date": Reader(_read_date, _not_text),
    "instant": Reader(_read_instant, _not_text),
    "country": Reader(_read_country, _not_text),
    "unit": Reader(_read_unit, _not_text),
    "currency": Reader(_read_currency, _not_text),
    "commodity_code": Reader(_read_commodity_code, _commodity_code_from_number),
    "quantity": Reader(_read_amount, _amount_from_number),
    "money": Reader(_read_amount, _amount_from_number),
}
"""Field types that need nothing of their field but the type."""
