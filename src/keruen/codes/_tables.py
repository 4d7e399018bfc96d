"""Reading the generated tables, and the dates between which a row of a dated table holds.

The tables are tab-separated text made by tools/codes.py; they are part of the package, so a table
that cannot be read is a broken installation and stops the process like any programmer's mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from keruen.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(name: str) -> Iterator[list[str]]:
    """Read a table's rows as lists of text, in its order, without its two head lines."""
    from importlib.resources import files

    text = files("keruen.codes").joinpath("tables", f"{name}.tsv").read_text(encoding="utf-8")
    # Not splitlines: it would also break at a line separator inside a text.
    lines = iter(text.removesuffix("\n").split("\n"))
    next(lines)
    next(lines)
    for line in lines:
        yield line.split("\t")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `from_on` to `to_on`, both included; `to_on` None: no end is known."""

    from_on: date
    to_on: date | None

    def covers(self, on: date) -> bool:
        """Tell whether the day lies in the period."""
        return self.from_on <= day(on) and (self.to_on is None or on <= self.to_on)


def period(from_on: str, to_on: str) -> Period:
    """Read a period from the two date columns of a table."""
    return Period(date.fromisoformat(from_on), date.fromisoformat(to_on) if to_on else None)


def day(on: date) -> date:
    """Refuse a moment where a day is asked: which day it is depends on a time zone that we do not know."""
    if isinstance(on, datetime):
        raise InvalidInput(f"a date is asked, got the moment {on.isoformat()}", code="not_a_date", on=on.isoformat())
    return on
