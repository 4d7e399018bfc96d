"""Time in the simulated country: instants as whole seconds since 1970, office hours, working days.

Integers, because millions of instants are made, compared and printed. Offices work from 09:00
to 18:00 at UTC+5, that is 04:00 to 13:00 UTC.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from keruen.errors import InvalidInput
from keruen.profiles import load

if TYPE_CHECKING:
    from random import Random

DAY = 86_400
HOUR = 3_600
MINUTE = 60
OPENS = 4 * HOUR
HOURS_OPEN_S = 9 * HOUR
EPOCH = date(1970, 1, 1)
FIRST_YEAR, LAST_YEAR = 2018, 2027


def seconds(day: date) -> int:
    """Midnight UTC of a day."""
    return (day - EPOCH).days * DAY


def month_start(period: str) -> date:
    """First day of `YYYY-MM`.

    Raises:
        InvalidInput: Not a month between 2019 and 2026, the years that are calibrated.
    """
    try:
        first = date.fromisoformat(f"{period}-01")
    except ValueError as error:
        raise InvalidInput(f"{period!r} is not a month, write YYYY-MM", code="simulate_month", found=period) from error
    if not FIRST_YEAR < first.year < LAST_YEAR:
        raise InvalidInput(
            f"{period} is outside 2019-01..2026-12, the months that are calibrated", code="simulate_month", found=period
        )
    return first


def next_month(period: str) -> str:
    """The month after `YYYY-MM`."""
    year, month = int(period[:4]), int(period[5:])
    return f"{year + 1}-01" if month == 12 else f"{year}-{month + 1:02d}"  # noqa: PLR2004


def months(first: str, last: str) -> list[str]:
    """Every month from the first to the last, both counted; none where the last is before the first."""
    found = []
    while first <= last:
        found.append(first)
        first = next_month(first)
    return found


@cache
def _working() -> tuple[int, list[int]]:
    """First day covered, and for every day from it the nearest working day not before it."""
    profile = load("kz")
    start = date(FIRST_YEAR, 1, 1)
    count = (date(LAST_YEAR + 1, 1, 1) - start).days
    first = (start - EPOCH).days
    nearest, ahead = [0] * count, first + count
    for index in range(count - 1, -1, -1):
        day = start + timedelta(days=index)
        if day.weekday() in profile.working_days and day.strftime("%m-%d") not in profile.holidays:
            ahead = first + index
        nearest[index] = ahead
    return first, nearest


def office(now: int, days: float, rng: Random) -> int:
    """An instant in office hours about so many days later, always after `now`."""
    first, nearest = _working()
    day = (now + int(days * DAY)) // DAY
    chosen = nearest[min(max(day - first, 0), len(nearest) - 1)] * DAY + OPENS + int(rng.random() * HOURS_OPEN_S)
    return chosen if chosen > now else now + MINUTE + int(rng.random() * HOUR)


def is_working(day: int) -> bool:
    """Whether a day, counted from 1970, is a working day."""
    first, nearest = _working()
    return nearest[day - first] == day


@cache
def iso_day(day: int) -> str:
    """The ISO date of a day counted from 1970."""
    return (EPOCH + timedelta(days=day)).isoformat()


def iso_date(now: int) -> str:
    """The ISO date of an instant."""
    return iso_day(now // DAY)


def iso_instant(now: int, micros: int = 0) -> str:
    """An instant as ISO text in UTC, with a fraction only where one is given."""
    day, rest = divmod(now, DAY)
    hour, rest = divmod(rest, HOUR)
    minute, second = divmod(rest, MINUTE)
    if micros:
        return f"{iso_day(day)}T{hour:02d}:{minute:02d}:{second:02d}.{micros:06d}Z"
    return f"{iso_day(day)}T{hour:02d}:{minute:02d}:{second:02d}Z"
