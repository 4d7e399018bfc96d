"""What all questions begin with: which rows of the lake may be added to each other.

One source at a time, countries apart from their aggregates, one level of the product, second partners together. A
question
that would add HS4 to HS6, or the world to a country, cannot be written with these steps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import ibis

from keruen.errors import InvalidInput
from keruen.lake.trade.columns import AGGREGATE, UNSPECIFIED

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

Steps: TypeAlias = dict[str, ibis.Table]
"""Named steps of a question in order; each can be run by itself, the last is the answer."""
EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
"""The 27 members since 2020-02."""
MONTH = len("2022-03")


@dataclass(frozen=True, slots=True)
class Window:
    """Periods from the first to the last, both in it: years, or months."""

    first: str
    last: str

    def __post_init__(self) -> None:
        for each in (self.first, self.last):
            if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", each):
                raise InvalidInput(f"a period is YYYY or YYYY-MM, not {each!r}", code="trade_period", value=each)
        if len(self.first) != len(self.last) or self.first > self.last:
            raise InvalidInput(f"{self.first}..{self.last} is no span of periods", code="trade_period")

    @property
    def count(self) -> int:
        """How many periods."""
        return len(self.periods())

    def periods(self) -> list[str]:
        """All of them."""
        if len(self.first) < MONTH:
            return [str(year) for year in range(int(self.first), int(self.last) + 1)]
        begin, end = (int(each[:4]) * 12 + int(each[5:]) - 1 for each in (self.first, self.last))
        return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(begin, end + 1)]

    def year_before(self, years: int = 1) -> Window:
        """The same periods, earlier."""
        return Window(*(f"{int(each[:4]) - years}{each[4:]}" for each in (self.first, self.last)))

    def holds(self, column: ibis.Column) -> ibis.Column:
        """Whether a period is within."""
        return column.between(self.first, self.last)

    def __str__(self) -> str:
        return f"{self.first}..{self.last}" if self.first != self.last else self.first


def flows(
    lake: Lake,
    source: str,
    *,
    level: int,
    flow: str | None = None,
    reporters: Collection[str] | None = None,
    partners: Collection[str] | None = None,
    periods: Window | None = None,
) -> ibis.Table:
    """Rows that may be added to each other.

    Args:
        lake: The lake.
        source: One publication.
        level: Digits of product wanted; rows at that level, or else at the next finer one, cut to it. Never both.
        flow: X or M; None: all.
        reporters: Which; None: every country, and no aggregate. An aggregate is had by naming it.
        partners: The same.
        periods: First and last.

    Returns:
        Columns of the lake; `product` has `level` digits, 0 for TOTAL.
    """
    facts = lake.facts(source, periods=(periods.first, periods.last) if periods else None)
    # What the catalogue knows of every row need not be asked of each.
    parts = lake.catalogue().by_source[source]
    if periods:
        parts = [each for each in parts if periods.first[:4] <= each.period[:4] <= periods.last[:4]] or parts
    plain = all(each.plain for each in parts)
    kept = [
        _areas(column, wanted)
        for column, wanted in ((facts.reporter, reporters), (facts.partner, partners))
        if wanted is not None or not plain
    ]
    if any(each.second is not False for each in parts):
        kept.append(facts.partner2.isnull() | facts.partner2.startswith(AGGREGATE))
    if flow and any(set(each.reporters) != {flow} for each in parts):
        kept.append(facts.flow == flow)
    if periods and not all(periods.first <= each.period <= periods.last for each in parts):
        kept.append(periods.holds(facts.period))
    have = sorted(each for each in lake.levels(source) if each >= level and (each > 0) == (level > 0))
    if not have:
        raise InvalidInput(
            f"{source} has no products of {level} digits or more, only {sorted(lake.levels(source))}",
            code="trade_level",
        )
    if len(have) == 1:
        if lake.levels(source) != {have[0]}:
            kept.append(facts.level == have[0])
        found = facts.filter(kept) if kept else facts
    else:
        wanted = facts.filter([*kept, facts.level.isin(have)])
        # A reporter gives some trade by heading only: of each trade one level is taken, the coarsest that will do.
        heading = wanted.product.left(2)
        chosen = wanted.mutate(_chapter=heading)
        coarsest = chosen.group_by("reporter", "partner", "flow", "period", "_chapter").aggregate(
            _level=chosen.level.min()
        )
        found = chosen.semi_join(
            coarsest,
            [*("reporter", "partner", "flow", "period", "_chapter"), chosen.level == coarsest._level],
        ).drop("_chapter")
    return found if level == 0 or have == [level] else found.mutate(product=found.product.left(level))


def _areas(column: ibis.Column, wanted: Collection[str] | None) -> ibis.Column:
    if wanted is not None:
        return column.isin(sorted(wanted)) if len(wanted) != 1 else column == next(iter(wanted))
    return ~column.startswith(AGGREGATE) & ~column.startswith(UNSPECIFIED)


def money(column: ibis.Column, where: ibis.Column | None = None) -> ibis.Column:
    """An exact sum, as the number that is shown and divided; nought of none."""
    return column.sum(where=where).fill_null(0).cast("float64")


def by_period(table: ibis.Table) -> Steps:
    """Sums by period."""
    return {"by period": table.group_by("period").aggregate(value=money(table.value)).order_by("period")}


def filled(rows: Sequence[dict[str, object]], periods: Sequence[str], name: str = "value") -> list[float]:
    """A series with nought where a period within it has no row: zero cells are absent in publications."""
    found = {str(row["period"]): float(str(row[name])) for row in rows}
    return [found.get(each, 0.0) for each in periods]


def last(steps: Steps) -> ibis.Table:
    """The answer of a question."""
    return list(steps.values())[-1]
