"""Dates as publishers write them, as partial ISO dates: `1965`, `1965-03`, `1965-03-02`, `1960/1965`."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_MONTHS: Final = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
_ISO: Final = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T+Z].*)?$")
_DAY_FIRST: Final = re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})$")
_WORDS: Final = re.compile(r"^(?:(\d{1,2})\s+)?([a-z]{3})[a-z]*\.?\s+(\d{4})$")
_MONTH_FIRST: Final = re.compile(r"^([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})$")
_RANGE: Final = re.compile(r"^(\d{4})\s*(?:-|–|to|/)\s*(\d{4})$")
_YEAR: Final = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


def partial(text: str, *, month_first: bool = False) -> str:  # noqa: PLR0911 - one return a form
    """A date as far as it is known.

    Args:
        text: `02 Mar 1965`, `circa 1965`, `1960 to 1965`, `00/00/1965`, `2.3.1965` ...
        month_first: Whether `03/02/1965` is the second of March, as in the United States.

    Returns:
        A partial date, or an empty text where none can be read.
    """
    bare = " ".join(text.lower().replace("circa", " ").replace("approximately", " ").replace("c.", " ").split())
    if found := _RANGE.match(bare):
        return f"{found[1]}/{found[2]}" if found[1] < found[2] else found[1]
    if found := _ISO.match(bare):
        return _joined(found[1], found[2], found[3])
    if found := _DAY_FIRST.match(bare):
        day, month = (found[2], found[1]) if month_first else (found[1], found[2])
        return _joined(found[3], month, day)
    if found := _WORDS.match(bare):
        return _joined(found[3], str(_MONTHS.get(found[2], 0)), found[1])
    if found := _MONTH_FIRST.match(bare):
        return _joined(found[3], str(_MONTHS.get(found[1], 0)), found[2])
    years = _YEAR.findall(bare)
    if len(years) == 2 and years[0] < years[1]:  # noqa: PLR2004 - between two years
        return f"{years[0]}/{years[1]}"
    return years[0] if years else ""


def _joined(year: str, month: str | None, day: str | None) -> str:
    """Parts put together; an impossible month or day, 00 among them, is not known."""
    number = int(month or 0)
    if not 1 <= number <= 12:  # noqa: PLR2004
        return year
    try:
        date(int(year), number, int(day or 0))
    except ValueError:
        return f"{year}-{number:02}"
    return f"{year}-{number:02}-{int(day or 0):02}"


def whole(text: str, *, month_first: bool = False) -> date | None:
    """A date that is known to the day, or None."""
    found = partial(text, month_first=month_first)
    return date.fromisoformat(found) if len(found) == len("1965-03-02") else None
