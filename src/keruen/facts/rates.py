"""What money was worth in dollars, to the order of magnitude: for comparing prices across currencies and years."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources


def dollars(value: Decimal, currency: str, on: date) -> float | None:
    """A value in United States dollars at the average of its year, or of the nearest year held; None if unknown."""
    rate = _rate(currency, on.year)
    return None if rate is None else float(value) * rate


@cache
def _rate(currency: str, year: int) -> float | None:
    years = _rates().get(currency)
    if not years:
        return None
    nearest = min(years, key=lambda known: (abs(known - year), known))
    return years[nearest]


@cache
def _rates() -> dict[str, dict[int, float]]:
    data = tomllib.loads((resources.files(__package__) / "rates.toml").read_text(encoding="utf-8"))
    return {currency: {int(year): rate for year, rate in rows.items()} for currency, rows in data.items()}
