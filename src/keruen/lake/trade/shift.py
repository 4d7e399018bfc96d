"""Shift test and event study: whether some goods of a corridor grew beyond its other goods from a month on.

A basket fixed beforehand is tested by permuting labels. A basket chosen because it grew proves nothing until the
choice is repeated in every draw, which `chosen` does. Codes that a change of nomenclature made or ended are left out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keruen.errors import InvalidInput, NotFound
from keruen.lake.trade import editions, statistics
from keruen.lake.trade.series import Steps, Window, flows, last, money

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake
    from keruen.lake.trade.statistics import Shift

MOST = 20
"""A product that is traded in fewer than one in so many periods tells nothing of a shift."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What the test says.

    Attributes:
        products: Those looked at, treated ones first.
        shift: Effect with its error, p and placebo; None where a side has fewer than two products or periods.
        events: Period, effect against the period before `since`, and its error; those before are the placebo.
    """

    products: tuple[str, ...]
    shift: Shift | None
    events: tuple[tuple[str, float, float], ...]


def steps(
    lake: Lake,
    *,
    source: str,
    reporters: Collection[str] | None,
    partners: Collection[str] | None,
    level: int = 6,
    flow: str = "X",
) -> Steps:
    """Sum the corridor by product and period.

    Returns:
        One row per (product, period): value (double). Where the source lies in two nomenclatures, six digits and more
        go under the name of their family, and families that cannot be compared are left out.
    """
    reports = flows(lake, source, level=level, flow=flow, reporters=reporters, partners=partners)
    periods = lake.periods(source)
    sums = reports.group_by("product", "period", late=reports.period >= editions.BORN).aggregate(
        value=reports.value.sum()
    )
    found: Steps = {"reports": reports, "sums": sums}
    ends = Window(periods[0], periods[0]), Window(periods[-1], periods[-1])
    if level >= 6 and editions.crosses(*ends):  # noqa: PLR2004 - families are of six digits
        known = editions.with_family(sums, editions.table(editions.covered_by(lake, source)))
        known = known.filter(known.comparable)
        sums = known.mutate(product=known.family) if level == 6 else known  # noqa: PLR2004
        found["families"] = sums
    found["by product and period"] = (
        sums.group_by("product", "period").aggregate(value=money(sums.value)).order_by("product", "period")
    )
    return found


def measured(
    lake: Lake,
    *,
    source: str,
    reporters: Collection[str] | None,
    partners: Collection[str] | None,
    since: str,
    basket: Collection[str] = frozenset(),
    chosen: int = 0,
    level: int = 6,
    flow: str = "X",
) -> Tested:
    """Test a basket, or the products that grew most.

    Args:
        lake: The lake.
        source: One publication.
        reporters: Who reports; None: every country.
        partners: With whom; None: every country.
        since: First period after.
        basket: Treated products, fixed beforehand.
        chosen: Instead of a basket, so many that grew most at `since`; the permutation then repeats the choice.
        level: Digits of product.
        flow: X or M.

    Raises:
        InvalidInput: There is neither basket nor choice or both, or `since` is no period within those of the source.
        NotFound: No product is traded often enough.
    """
    if bool(basket) == bool(chosen):
        raise InvalidInput("give a basket, or how many to choose by their growth", code="trade_shift")
    held = lake.periods(source)
    periods = Window(held[0], held[-1]).periods()
    if since not in periods[1:]:
        raise InvalidInput(f"{since!r} is no period after {held[0]} and up to {held[-1]}", code="trade_period")
    asked = {"source": source, "reporters": reporters, "partners": partners, "level": level, "flow": flow}
    told: dict[str, dict[str, float]] = {}
    for row in lake.rows(last(steps(lake, **asked))):  # type: ignore[arg-type]
        told.setdefault(row["product"], {})[row["period"]] = row["value"]
    names = sorted(name for name, values in told.items() if len(values) * MOST >= len(periods))
    if not names:
        raise NotFound(f"{source} has no product of this corridor in enough periods", code="trade_no_rows")
    panel = np.array([[told[name].get(period, 0.0) for period in periods] for name in names])
    at = periods.index(since)
    treated = statistics.chosen_by_growth(panel, at, chosen) if chosen else np.array([name in basket for name in names])
    shift = statistics.shift(panel, treated, at, selected=bool(chosen))
    events = statistics.event_study(panel, treated, at - 1) if shift else []
    ordered = sorted(zip(~treated, names, strict=True))
    return Tested(
        tuple(name for _, name in ordered),
        shift,
        tuple((period, *event) for period, event in zip(periods, events, strict=True)) if events else (),
    )
