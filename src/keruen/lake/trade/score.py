"""One declared line against the statistics: price, route, hub. Facts for a decision, from tables worked out beforehand.

The tables are small and held in memory; a line is then looked up in microseconds, and what is not known reads *not evaluated*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keruen.lake.trade import diversion, unit_values
from keruen.lake.trade.diversion import Corridor
from keruen.lake.trade.series import Window, flows, last, money

if TYPE_CHECKING:
    from collections.abc import Collection

    from keruen.lake.trade.lake import Lake


@dataclass(frozen=True, slots=True)
class Line:
    """What a declared line says."""

    product: str
    origin: str
    destination: str
    value: float
    mass_kg: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the statistics say of it; None is *not evaluated*.

    Attributes:
        price_z: How far its price per kg lies from the peers', in robust standard deviations of logarithms.
        route_share: Share of this pair in all reported exports of the product from the origin.
        hub_score: `combined` of the destination as a hub for the product, else the substitution.
        hub_verdict: As `diversion` gives it.
    """

    price_z: float | None
    route_share: float | None
    hub_score: float | None
    hub_verdict: str | None


class Tables:
    """What lines are scored against, of one source and corridor."""

    def __init__(
        self, lake: Lake, corridor: Corridor, *, source: str, level: int = 6, reporters: Collection[str] | None = None
    ) -> None:
        """Work them out.

        Args:
            lake: The lake.
            corridor: What is compared.
            source: One publication.
            level: Digits of product.
            reporters: Whose routes are asked for; None: everyone's, which takes memory where a source has millions of rows.
        """
        self.edition = lake.edition(source)
        """Of the source as the tables were made from it."""
        money_in = lake.facts(source)
        self.currency = str(lake.rows(money_in.aggregate(currency=money_in.currency.min()))[0]["currency"])
        """Of values and prices."""
        found = unit_values.steps(lake, source=source, level=level, flow="X", periods=corridor.after)
        self._level = level
        self._centres: dict[str, tuple[float, float]] = {}
        spreads = {(row["product"], row["period"]): row["spread"] for row in lake.rows(found["spreads"])}
        for row in sorted(lake.rows(found["centres"]), key=lambda each: str(each["period"])):
            spread = spreads.get((row["product"], row["period"]))
            if spread:
                self._centres[row["product"]] = (row["centre"], spread)
        self._routes, self._exported = self._shares(lake, source, corridor.after, reporters)
        scores = lake.rows(last(diversion.steps(lake, corridor, source=source, level=level)))
        self._hubs = {
            (row["hub"], row["product"]): (
                row["combined"] if row["combined"] is not None else row["substitution"],
                row["verdict"],
            )
            for row in scores
        }

    def _shares(
        self, lake: Lake, source: str, window: Window, reporters: Collection[str] | None
    ) -> tuple[dict[tuple[str, str, str], float], frozenset[tuple[str, str]]]:
        table = flows(lake, source, level=self._level, flow="X", reporters=reporters, periods=window)
        rows = lake.rows(table.group_by("reporter", "partner", "product").aggregate(value=money(table.value)))
        whole: dict[tuple[str, str], float] = {}
        for row in rows:
            key = (row["reporter"], row["product"])
            whole[key] = whole.get(key, 0.0) + row["value"]
        shares = {
            (row["reporter"], row["partner"], row["product"]): row["value"] / whole[row["reporter"], row["product"]]
            for row in rows
            if whole[row["reporter"], row["product"]]
        }
        return shares, frozenset(key for key, value in whole.items() if value)

    def score(self, line: Line) -> Facts:
        """Look a line up."""
        product = line.product[: self._level]
        centre = self._centres.get(product)
        z = None
        if centre and line.mass_kg and line.value > 0:
            z = (math.log(line.value / line.mass_kg) - centre[0]) / (unit_values.MAD_TO_SIGMA * centre[1])
        score, verdict = self._hubs.get((line.destination, product), (None, None))
        # A country that reports exports of the product and none to the destination has a share of nought there.
        share = self._routes.get(
            (line.origin, line.destination, product), 0.0 if (line.origin, product) in self._exported else None
        )
        return Facts(z, share, score, verdict)

    def facts(
        self, product: str, origin: str, destination: str, value: float, mass_kg: float | None
    ) -> tuple[float | None, float | None, float | None, str | None]:
        """The same for one who has no `Line`: price_z, route_share, hub_score, hub_verdict."""
        found = self.score(Line(product, origin, destination, value, mass_kg))
        return found.price_z, found.route_share, found.hub_score, found.hub_verdict


SOURCES = ("comtrade-monthly", "comtrade", "comext", "eurostat-products", "baci")
"""Publications by product, in the order in which lines are held against them: monthly before yearly ones."""
WAR = "2022-03"
"""From here a corridor is looked at; before it is its past."""


def current(lake: Lake, *, home: str, origins: frozenset[str], target: str, basket: frozenset[str]) -> Tables | None:
    """Tables of the newest year at hand against the same months before the war; None where no source has both.

    Args:
        lake: The lake.
        home: Whose exports are declared.
        origins: Who bars sales to the target.
        target: Where goods are suspected to end.
        basket: Six-digit codes looked at.
    """
    for source in SOURCES:
        if source not in lake.sources() or max(lake.levels(source)) < 6:  # noqa: PLR2004 - products of six digits
            continue
        windows = newest(lake.periods(source))
        if windows is None:
            continue
        before, after = windows
        corridor = Corridor(origins, target, before, after, basket)
        made = Tables(lake, corridor, source=source, reporters=[home])
        # What was loaded meanwhile is partly in them, and no edition would name that.
        return (
            made
            if made.edition == lake.edition(source)
            else current(lake, home=home, origins=origins, target=target, basket=basket)
        )
    return None


def newest(periods: list[str]) -> tuple[Window, Window] | None:
    """The last twelve months of a source that lie after the war began, and the same months before it."""
    if not periods or periods[-1] < WAR[: len(periods[-1])]:
        return None
    last_one = periods[-1]
    if len(last_one) < len(WAR):
        after, before = Window(last_one, last_one), Window("2021", "2021")
    else:
        number = int(last_one[:4]) * 12 + int(last_one[5:]) - 12
        after = Window(max(f"{number // 12}-{number % 12 + 1:02d}", WAR), last_one)
        before = next(found for years in range(1, 100) if (found := after.year_before(years)).last < WAR)
    return (before, after) if before.first in periods and before.last in periods else None
