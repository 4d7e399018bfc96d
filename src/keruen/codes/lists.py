"""Control lists on a day: high-priority goods, coalition, transshipment points, bars by manufacture.

Every answer is for the day asked, so that a decision can be made again as it was made then. A "no" for
a day before a list's first edition means that we do not hold what stood then: `edition_in_force`
answers None, and the caller says *not evaluated*, never *clean*.

HS codes are those of HS 2022. Goods described by an older edition are carried over first (`codes.hs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final, Literal, TypeAlias

from keruen.codes import countries, unions
from keruen.codes._tables import Period, day, period, rows
from keruen.errors import InvalidInput

Tier: TypeAlias = Literal["1", "2", "3A", "3B", "4A", "4B"]

_HS6: Final = 6
_NATIONAL: Final = 10


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a list, as a decision cites it.

    Attributes:
        list_name: `chpl`, `coalition`, `transshipment`, `additions` or `export_bars`.
        edition_on: First day of the edition.
        entries: How many entries stood on that day.
        sha256: Of the entries that stood on that day, in hexadecimal.
        title: The list's name.
        source: Where the edition was published.
    """

    list_name: str
    edition_on: date
    entries: int
    sha256: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Why goods are watched.

    Attributes:
        list_name: `chpl` or `additions`.
        matched: The code or heading on the list that the goods fall under.
        tier: Of the common high priority list; None for our additions.
        reason: `high_priority` or `drone`.
        from_on: Since when.
        source: Who says so.
    """

    list_name: str
    matched: str
    tier: Tier | None
    reason: str
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A country of manufacture bars the sale of its goods to a destination.

    Attributes:
        manufacture_group: `EU`, `COALITION` or the country, whichever the act binds.
        list_name: `CHPL`, or the HS heading that the act covers.
        destination: Two letters.
        from_on: First day of the bar.
        date_basis: How that day is known; some are the day of a source that saw the bar.
        tier: Of the common high priority list, None for a heading.
        listed_later: The goods' code was put on the list after the day asked: the bar stood, but who
            looked at HS codes alone could not know that it covered these goods.
        source: The act.
    """

    manufacture_group: str
    list_name: str
    destination: str
    from_on: date
    date_basis: str
    tier: Tier | None
    listed_later: bool
    source: str


@dataclass(frozen=True, slots=True)
class _BarRow:
    group: str
    list_name: str
    destination: str
    held: Period
    date_basis: str
    source: str


def chpl_tier(hs6: str, on: date) -> Tier | None:
    """Give the tier of a six-digit HS 2022 code on the common high priority list.

    Returns:
        "1" (most wanted for weapons) to "4B", or None when the code is not listed that day.

    Raises:
        InvalidInput: The code is not six digits.
    """
    return _listed_tier(_digits(hs6, _HS6), on)


def is_coalition(country: str, on: date) -> bool:
    """Tell whether a country was in the Global Export Control Coalition on a day.

    Raises:
        NotFound: There is no such country.
    """
    countries.find(country)
    held = _countries_of("coalition").get(country)
    return held is not None and held.covers(on)


def is_transshipment(country: str, on: date) -> bool:
    """Tell whether a country was named as a common transshipment point by a day.

    Raises:
        NotFound: There is no such country.
    """
    countries.find(country)
    held = _countries_of("transshipment").get(country)
    return held is not None and held.covers(on)


def listed_for_control(code: str, on: date) -> Listing | None:
    """Tell why goods are watched, if they are.

    The common high priority list alone would miss the headline item: it holds parts of drones
    (8807 30) and no whole drone, so heading 8806 is added.

    Args:
        code: Six digits of HS 2022, or ten of TN VED.
        on: The day.

    Raises:
        InvalidInput: The code is neither six digits nor ten.
    """
    hs6 = _digits(code, _HS6, _NATIONAL)[:_HS6]
    tier = _listed_tier(hs6, on)
    if tier is not None:
        _, held, source = _chpl()[hs6]
        return Listing("chpl", hs6, tier, "high_priority", held.from_on, source)
    for prefix, held, reason, source in _additions():
        if hs6.startswith(prefix) and held.covers(on):
            return Listing("additions", prefix, None, reason, held.from_on, source)
    return None


def bars(country_of_manufacture: str, hs6: str, destination: str, on: date) -> Bar | None:
    """Tell whether the country of manufacture bars sale of such goods to a destination on a day.

    Args:
        country_of_manufacture: Where the goods were made, not where they came from.
        hs6: Six digits of HS 2022.
        destination: Where they are to go.
        on: The day.

    Returns:
        The bar that has stood longest, or None. None is no leave to export: only these acts, lists
        and destinations are held.

    Raises:
        NotFound: There is no such country.
        InvalidInput: The code is not six digits.
    """
    countries.find(country_of_manufacture)
    countries.find(destination)
    _digits(hs6, _HS6)
    day(on)
    for row in _bar_rows():
        if row.destination != destination or not row.held.covers(on):
            continue
        if not _binds(row.group, country_of_manufacture, on):
            continue
        if row.list_name == "CHPL":
            listed = _chpl().get(hs6)
            # The list came out long after the acts that it expresses, so a code counts before its day too.
            if listed is None or (listed[1].to_on is not None and on > listed[1].to_on):
                continue
            tier: Tier | None = listed[0]
            listed_later = on < listed[1].from_on
        elif hs6.startswith(row.list_name):
            tier, listed_later = None, False
        else:
            continue
        return Bar(
            row.group,
            row.list_name,
            destination,
            row.held.from_on,
            row.date_basis,
            tier,
            listed_later,
            row.source,
        )
    return None


@cache
def editions() -> tuple[Edition, ...]:
    """Give every edition held, by list and day."""
    return tuple(
        Edition(name, date.fromisoformat(edition_on), int(entries), digest, title, source)
        for name, edition_on, entries, digest, title, source in rows("editions")
    )


def edition_in_force(list_name: str, on: date) -> Edition | None:
    """Give the edition of a list that stood on a day; None before the first one held.

    Raises:
        InvalidInput: There is no such list.
    """
    day(on)
    of_list = [edition for edition in editions() if edition.list_name == list_name]
    if not of_list:
        raise InvalidInput(f"no list {list_name!r}", code="list_name", value=list_name)
    standing = [edition for edition in of_list if edition.edition_on <= on]
    return max(standing, key=lambda edition: edition.edition_on, default=None)


def _digits(code: str, *sizes: int) -> str:
    if len(code) not in sizes or not (code.isascii() and code.isdigit()):
        wanted = " or ".join(map(str, sizes))
        raise InvalidInput(f"a code of {wanted} digits is wanted, got {code!r}", code="hs_format", value=code)
    return code


def _listed_tier(hs6: str, on: date) -> Tier | None:
    day(on)
    listed = _chpl().get(hs6)
    return listed[0] if listed is not None and listed[1].covers(on) else None


def _binds(group: str, country: str, on: date) -> bool:
    if group == "COALITION":
        return is_coalition(country, on)
    if group in unions.known():
        return country in unions.members(group, on)
    return group == country


@cache
def _chpl() -> dict[str, tuple[Tier, Period, str]]:
    found: dict[str, tuple[Tier, Period, str]] = {}
    for hs6, tier, from_on, to_on, source in rows("chpl"):
        found[hs6] = (_tier(tier), period(from_on, to_on), source)
    return found


def _tier(text: str) -> Tier:
    tiers: tuple[Tier, ...] = ("1", "2", "3A", "3B", "4A", "4B")
    return next(tier for tier in tiers if tier == text)


@cache
def _countries_of(table: str) -> dict[str, Period]:
    return {country: period(from_on, to_on) for country, from_on, to_on, *_ in rows(table)}


@cache
def _additions() -> tuple[tuple[str, Period, str, str], ...]:
    return tuple(
        (prefix, period(from_on, to_on), reason, source) for prefix, from_on, to_on, reason, source in rows("additions")
    )


@cache
def _bar_rows() -> tuple[_BarRow, ...]:
    """Bars by their first day, so that the one that has stood longest is found first."""
    found = [
        _BarRow(group, name, destination, period(from_on, to_on), basis, source)
        for group, name, destination, from_on, to_on, basis, source in rows("export_bars")
    ]
    return tuple(sorted(found, key=lambda row: (row.held.from_on, row.group)))
