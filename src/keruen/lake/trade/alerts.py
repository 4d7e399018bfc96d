"""What a score must carry before somebody acts on it.

The other side's report, its control, a placebo, the order in time, and the reasons why it may be wrong. The placebo is the same change so many years earlier that it lies wholly before: a rise that was there then as well is
no diversion. Money should fall to the target first, rise to the hub then, and on from it last.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from keruen.lake.trade import diversion, editions, screens
from keruen.lake.trade.series import MONTH, Window, flows, last, money
from keruen.lake.trade.statistics import date_of

if TYPE_CHECKING:
    from keruen.lake.trade.diversion import Corridor
    from keruen.lake.trade.lake import Lake

SCREENS = ("new_code", "energy", "gold", "vessel", "one_lot", "estimated", "reporter_gap")
"""What speaks against a cell, by the names of `screens`."""
LOUD = frozenset({"raised", "partial"})
ORDER = ("raised", "partial", "not comparable", "not raised")
"""In which verdicts are shown; within one the largest rise comes first."""
LIKE = 0.5
"""From this share on, a rise that was there so many years earlier, or a flag on so much of what came, is as good an
explanation as diversion."""
NO_DATES: dict[str, Any] = {"fell": None, "rose": None, "went_on": None, "in_order": None}
Told: TypeAlias = dict[tuple[str, str, str], dict[str, float]]
"""Leg, hub and product to the sum of each period; the product of controls is empty."""


def of(
    lake: Lake,
    corridor: Corridor,
    *,
    source: str,
    level: int = 6,
    hubs: Collection[str] | None = None,
    by_hub: bool = False,
) -> list[dict[str, Any]]:
    """Score hubs and products, and say of each that is raised or partial what speaks for and against it.

    Args:
        lake: The lake.
        corridor: What is compared.
        source: One publication.
        level: Digits of product.
        hubs: Which; None: every country.
        by_hub: Take the hubs' own reports.

    Returns:
        The rows of `diversion.steps`, what is raised first, each with the other side's report of what came to the hub (hub_says_before,
        hub_says_after; None: it is silent), placebo (change of b at the earlier date, net of its controls; None: no
        such years at hand), fell, rose and went_on (periods in which the level of a leg changed; None: none is sure),
        in_order (None where a date is missing) and may_be_wrong, a text.
    """
    asked: dict[str, Any] = {"source": source, "level": level, "hubs": hubs}
    rows = lake.rows(last(diversion.steps(lake, corridor, by_hub=by_hub, **asked)))
    loud = {(row["hub"], row["product"]) for row in rows if row["verdict"] in LOUD}
    told = _series(lake, corridor, loud, source=source, level=level, by_hub=by_hub) if loud else {}
    flags = _flags(lake, corridor, {hub for hub, _ in loud}, source=source, level=level) if loud else {}
    says = _other_side(lake, corridor, {hub for hub, _ in loud}, source=source, level=level) if loud else {}
    periods = lake.periods(source)
    for row in rows:
        key = row["hub"], row["product"]
        row["hub_says_before"], row["hub_says_after"] = says.get(key, (None, None))
        if key in loud:
            row.update(_placebo(told, key, corridor, periods) | _dates(told, key, periods))
            row["may_be_wrong"] = "; ".join(_against(row, flags.get(key, ())))
        else:
            row.update(placebo=None, **NO_DATES, may_be_wrong="")
    return sorted(rows, key=lambda row: ORDER.index(row["verdict"]))


def _series(
    lake: Lake, corridor: Corridor, loud: set[tuple[str, str]], *, source: str, level: int, by_hub: bool
) -> Told:
    """Each leg of some hubs and products by period, and that of their control products together."""
    reports = flows(lake, source, level=level, flow=None if by_hub else "X")
    legs = diversion.legs(reports, corridor, {hub for hub, _ in loud}, by_hub=by_hub)
    late = legs.period >= editions.BORN
    sums = legs.group_by("leg", "hub", "product", "period", late=late).aggregate(value=legs.value.sum())
    sums = diversion.in_families(lake, source, sums, corridor, level)
    listed = diversion.listed(sums.product, corridor.basket)
    kept = sums.filter(~listed | sums.product.isin(sorted({product for _, product in loud})))
    name = ibis.ifelse(diversion.listed(kept.product, corridor.basket), kept.product, "")
    table = kept.group_by("leg", "hub", "period", product=name).aggregate(value=money(kept.value))
    found: Told = {}
    for row in lake.rows(table):
        found.setdefault((row["leg"], row["hub"], row["product"]), {})[row["period"]] = row["value"]
    return found


def _flags(
    lake: Lake, corridor: Corridor, hubs: set[str], *, source: str, level: int
) -> dict[tuple[str, str], list[str]]:
    asked = {"before": corridor.before, "after": corridor.after, "level": level}
    table = last(screens.steps(lake, source=source, partners=hubs, reporters=corridor.origins, **asked))  # type: ignore[arg-type]
    shares = {name: table.after.sum(where=table[name]).fill_null(0.0) for name in SCREENS}
    flagged = table.group_by("partner", "product").aggregate(came=table.after.sum(), **shares)
    return {
        (row["partner"], row["product"]): [
            name.replace("_", " ") for name in SCREENS if row[name] > 0 and row[name] >= LIKE * row["came"]
        ]
        for row in lake.rows(flagged)
    }


def _other_side(
    lake: Lake, corridor: Corridor, hubs: set[str], *, source: str, level: int
) -> dict[tuple[str, str], tuple[float, float]]:
    """What the hubs say that came to them, where the source has imports of theirs."""
    telling = {who for each in lake.parts(source) for who in each.reporters.get("M", ())} & hubs
    if not telling:
        return {}
    steps = diversion.steps(lake, corridor, source=source, level=level, hubs=telling, by_hub=True)
    cells = steps["cells"]
    return {
        (row["hub"], row["product"]): (row["before"], row["after"])
        for row in lake.rows(cells.filter((cells.leg == "b") & cells.listed))
    }


def _placebo(told: Told, key: tuple[str, str], corridor: Corridor, periods: list[str]) -> dict[str, float | None]:
    years = int(corridor.after.first[:4]) - int(corridor.before.first[:4])
    before, after = corridor.before.year_before(years), corridor.after.year_before(years)
    if years < 1 or not {*before.periods(), *after.periods()} <= set(periods):
        return {"placebo": None}
    mine, others = told.get(("b", *key), {}), told.get(("b", key[0], ""), {})
    was, then = (_within(others, window) for window in (before, after))
    scale = after.count / before.count
    growth = then / (was * scale) if was > 0 else 1.0
    held = min(max(growth, 1 / diversion.HEADS), diversion.HEADS)
    return {"placebo": _within(mine, after) - _within(mine, before) * scale * held}


def _within(series: dict[str, float], window: Window) -> float:
    return sum(value for period, value in series.items() if window.first <= period <= window.last)


def _dates(told: Told, key: tuple[str, str], periods: list[str]) -> dict[str, Any]:
    if len(periods[-1]) < MONTH:
        return NO_DATES
    every = Window(periods[0], periods[-1]).periods()
    at: list[int | None] = []
    for leg, rises in (("a", False), ("b", True), ("c", True)):
        series = told.get((leg, "" if leg == "a" else key[0], key[1]), {})
        at.append(date_of([series.get(each, 0.0) for each in every], rises=rises))  # type: ignore[arg-type]
    fell, rose, on = at
    fits = None
    if fell is not None and rose is not None:
        fits = fell <= rose and (on is None or rose <= on + 1)
    dates = [None if each is None else every[each] for each in at]
    return {"fell": dates[0], "rose": dates[1], "went_on": dates[2], "in_order": fits}


def _against(row: dict[str, Any], flags: Collection[str]) -> list[str]:
    """Reasons why a score may be wrong, the gravest first."""
    found = []
    if row["placebo"] is None:
        found.append("no earlier years for a placebo")
    elif row["placebo"] >= LIKE * row["b"]:
        found.append("it had risen like that before (placebo)")
    if row["in_order"] is False:
        found.append(f"not in order: fall {row['fell']}, rise {row['rose']}, on {row['went_on'] or 'not dated'}")
    found += flags
    if row["c"] is None:
        found.append("no report of what went on from the hub")
    if row["control_growth"] is None:
        found.append("no control products")
    elif row["control_growth"] > diversion.HEADS:
        found.append(f"control products grew too, x{row['control_growth']:.1f}")
    if row["hub_says_after"] is None:
        found.append("the hub's own report is not at hand")
    elif row["hub_says_after"] <= row["hub_says_before"]:
        found.append("the hub does not report the rise")
    return found
