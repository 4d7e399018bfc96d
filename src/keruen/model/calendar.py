"""Which days offices work, and counting by them: a country's week and holidays as data."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)


class Calendar(NamedTuple):
    """The working days of a country.

    Args:
        working_days: Days of the week, Monday is 0; at least one.
        holidays: `01-01` for every year, `2026-05-08` for one.
    """

    working_days: Collection[int]
    holidays: Collection[str]

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        text = day.isoformat()
        return day.weekday() in self.working_days and text[5:] not in self.holidays and text not in self.holidays

    def add(self, start: date, count: int) -> date:
        """The date `count` working days after `start`, or before it if below nought; `start` is not counted."""
        day, step = start, DAY if count >= 0 else -DAY
        left = abs(count)
        while left > 0:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; nought where `end` is not later."""
        return sum(self.is_working(start + DAY * each) for each in range(1, (end - start).days + 1))
