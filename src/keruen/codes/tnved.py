"""EAEU commodity nomenclature (TN VED): ten-digit lines with their Russian text.

The table holds chapters, headings and ten-digit lines; the printed steps between heading and line are
missing from its source, and so are all lines under the headings that hold a single HS subheading
(0409 00 honey, 8534 00 printed circuits, 8548 00 electrical parts). A code under one of those is *not
held*: that says nothing about whether it exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

from keruen.codes import hs
from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound

_LINE_DIGITS: Final = 10


class Standing(StrEnum):
    """What the table knows of a ten-digit code."""

    STANDS = "stands"
    ABSENT = "absent"
    NOT_HELD = "not_held"


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row.

    Attributes:
        code: Two, four or ten digits.
        text_ru: The row's own text, without its dashes.
        missing_steps: How many printed rows between the heading and this one the table lacks.
        valid_from_on: First day of the row as it stands.
    """

    code: str
    text_ru: str
    missing_steps: int
    valid_from_on: date


def standing(code: str) -> Standing:
    """Tell whether a ten-digit code stands in the table, is absent, or is under a heading not held.

    Raises:
        InvalidInput: The code is not ten digits.
    """
    _ten_digits(code)
    if code in _nomenclature():
        return Standing.STANDS
    heading = code[:4]
    if heading not in _nomenclature() and hs.exists(heading, "HS2022"):
        return Standing.NOT_HELD
    return Standing.ABSENT


def exists(code: str) -> bool:
    """Tell whether the table has this ten-digit line; ask `standing` before refusing on a False."""
    return len(code) == _LINE_DIGITS and code in _nomenclature()


def find(code: str) -> Line:
    """Give a chapter, heading or ten-digit line.

    Raises:
        NotFound: The table has no such row; code `tnved_not_held` where that proves nothing.
    """
    found = _nomenclature().get(code)
    if found is not None:
        return found
    if hs.exists(code[:4], "HS2022") and code[:4] not in _nomenclature():
        raise NotFound(
            f"heading {code[:4]} is missing from our TN VED table, {code!r} cannot be looked up",
            code="tnved_not_held",
            value=code,
        )
    raise NotFound(f"TN VED has no code {code!r}", code="tnved_code", value=code)


def all_codes() -> tuple[tuple[str, str], ...]:
    """Give every code of the nomenclature, from chapters to ten digits, with its Russian text."""
    return tuple((code, line.text_ru) for code, line in _nomenclature().items())


def describe_ru(code: str) -> str:
    """Give the Russian text of a chapter, heading or line; a line's text follows its heading's.

    Returns:
        "HEADING: text", with "…" between them where printed steps are missing, because "прочие"
        alone says nothing and must not be read as "other of the heading".

    Raises:
        NotFound: See `find`.
    """
    line = find(code)
    if len(code) != _LINE_DIGITS:
        return line.text_ru
    gap = "… " if line.missing_steps else ""
    return f"{find(code[:4]).text_ru}: {gap}{line.text_ru}"


def hs6_of(code: str) -> str:
    """Give the HS subheading of a ten-digit code, whether the table has its line or not.

    Raises:
        InvalidInput: The code is not ten digits.
    """
    return _ten_digits(code)[:6]


def _ten_digits(code: str) -> str:
    if len(code) != _LINE_DIGITS or not (code.isascii() and code.isdigit()):
        raise InvalidInput(f"a TN VED code has ten digits, got {code!r}", code="tnved_format", value=code)
    return code


@cache
def _nomenclature() -> dict[str, Line]:
    return {
        code: Line(code, text, int(missing), date.fromisoformat(valid_from))
        for code, missing, valid_from, text in rows("tnved")
    }
