"""Customs unions: who belonged to which on a day.

Between members of one union goods move without a customs declaration, which is where listed goods slip
away: the question "is there a customs border between these two" is asked of a day, not of today.
Free-trade areas (EFTA) and partial unions (EU with Türkiye) keep their declarations and are not here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from keruen.codes import countries
from keruen.codes._tables import Period, period, rows
from keruen.errors import NotFound

if TYPE_CHECKING:
    from datetime import date


def known() -> frozenset[str]:
    """Give the codes of the unions held: EAEU, CU-BKR (its predecessor), EU, GCC, CH-LI, SACU."""
    return frozenset(_memberships())


def members(union: str, on: date) -> frozenset[str]:
    """Give the two-letter codes of a union's members on a day; none when it did not exist.

    Raises:
        NotFound: The union is not held.
    """
    found = _memberships().get(union)
    if found is None:
        raise NotFound(f"customs union {union!r} is not known here", code="customs_union", value=union)
    return frozenset(member for member, held in found if held.covers(on))


def unions_of(country: str, on: date) -> frozenset[str]:
    """Give the unions that a country belonged to on a day.

    Raises:
        NotFound: There is no such country.
    """
    countries.find(country)
    return frozenset(union for union in _memberships() if country in members(union, on))


def same_union(a: str, b: str, on: date) -> bool:
    """Tell whether no customs declaration stood between two countries on a day.

    A country and itself are the same customs territory.

    Raises:
        NotFound: There is no such country.
    """
    return bool(unions_of(a, on) & unions_of(b, on)) or a == b


@cache
def _memberships() -> dict[str, tuple[tuple[str, Period], ...]]:
    found: dict[str, list[tuple[str, Period]]] = {}
    for union, member, from_on, to_on, _ in rows("customs_unions"):
        found.setdefault(union, []).append((member, period(from_on, to_on)))
    return {union: tuple(held) for union, held in found.items()}
