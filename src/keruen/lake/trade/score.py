"""One declared line against the statistics: price, route, hub. Facts for a decision, from tables worked out beforehand.

The tables are small and held in memory; a line is then looked up in microseconds, and what is not known reads *not evaluated*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keruen.lake.trade import diversion, unit_values
from keruen.lake.trade.series import Window, flows, last, money

if TYPE_CHECKING:
    from keruen.lake.trade.diversion import Corridor
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

    def __init__(self, lake: Lake, corridor: Corridor, *, source: str, level: int = 6) -> None:
        found = unit_values.steps(lake, source=source, level=level, flow="X", periods=corridor.after)
        self._level = level
        self._centres: dict[str, tuple[float, float]] = {}
        spreads = {(row["product"], row["period"]): row["spread"] for row in lake.rows(found["spreads"])}
        for row in sorted(lake.rows(found["centres"]), key=lambda each: str(each["period"])):
            spread = spreads.get((row["product"], row["period"]))
            if spread:
                self._centres[row["product"]] = (row["centre"], spread)
        self._routes = self._shares(lake, source, corridor.after)
        scores = lake.rows(last(diversion.steps(lake, corridor, source=source, level=level)))
        self._hubs = {
            (row["hub"], row["product"]): (
                row["combined"] if row["combined"] is not None else row["substitution"],
                row["verdict"],
            )
            for row in scores
        }

    def _shares(self, lake: Lake, source: str, window: Window) -> dict[tuple[str, str, str], float]:
        table = flows(lake, source, level=self._level, flow="X", periods=window)
        rows = lake.rows(table.group_by("reporter", "partner", "product").aggregate(value=money(table.value)))
        whole: dict[tuple[str, str], float] = {}
        for row in rows:
            key = (row["reporter"], row["product"])
            whole[key] = whole.get(key, 0.0) + row["value"]
        return {
            (row["reporter"], row["partner"], row["product"]): row["value"] / whole[row["reporter"], row["product"]]
            for row in rows
            if whole[row["reporter"], row["product"]]
        }

    def score(self, line: Line) -> Facts:
        """Look a line up."""
        product = line.product[: self._level]
        centre = self._centres.get(product)
        z = None
        if centre and line.mass_kg and line.value > 0:
            z = (math.log(line.value / line.mass_kg) - centre[0]) / (unit_values.MAD_TO_SIGMA * centre[1])
        score, verdict = self._hubs.get((line.destination, product), (None, None))
        return Facts(z, self._routes.get((line.origin, line.destination, product)), score, verdict)
