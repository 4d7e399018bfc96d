"""Partners whose trade rose beyond their own past, and why most of them are not diversion.

A rise of all goods alone raises nothing. It is said with what speaks for a corridor (a customs union with the
target, a place on the list
of transshipment points) and what speaks against it (rows that are estimates, no link at all).
"""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from keruen.codes import countries, lists, unions
from keruen.lake.trade.areas import is_country
from keruen.lake.trade.series import Steps, flows, money
from keruen.lake.trade.statistics import ALPHA, student_p

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

LARGE_RISE = 0.4
"""Growth from which a rise is spoken of at all."""


def steps(lake: Lake, *, source: str, flow: str, reporter: str, level: int = 0) -> Steps:
    """Yearly sums by partner.

    Returns:
        One row per (partner, year): value, estimated (any row of it), months (how many periods it has).
    """
    reports = flows(lake, source, level=level, flow=flow, reporters=[reporter])
    dated = reports.mutate(year=reports.period.left(4))
    return {
        "reports": reports,
        "yearly": dated.group_by("partner", "year")
        .aggregate(value=money(dated.value), estimated=dated.estimated.any(), months=dated.period.nunique())
        .order_by(["partner", "year"]),
    }


def rises(rows: list[dict[str, Any]], *, year: str, target: str, known_on: date) -> list[dict[str, Any]]:
    """Each partner's rise, with a verdict: `raised`, or `set aside` with the reason.

    Args:
        rows: Of `steps`.
        year: The year looked at.
        target: Where diverted goods would go; the link of the partner to it is asked.
        known_on: The day on which lists and unions are asked.
    """
    by: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["partner"], {})[row["year"]] = row
    before = str(int(year) - 1)
    found = []
    for partner, years in sorted(by.items()):
        if year not in years or before not in years or not years[before]["value"]:
            continue
        growth = years[year]["value"] / years[before]["value"] - 1
        if growth < LARGE_RISE:
            continue
        past = sorted(each for each in years if each < year and years[each]["value"] > 0)
        changes = [math.log(years[b]["value"] / years[a]["value"]) for a, b in pairwise(past) if int(b) == int(a) + 1]
        found.append(
            {
                "partner": partner,
                "year": year,
                "before": years[before]["value"],
                "after": years[year]["value"],
                "growth": growth,
                "past_changes": len(changes),
                "p": _own_past(changes, math.log1p(growth)),
                **_judged(partner, years[year], years[before], changes, growth, target, known_on),
            }
        )
    return found


def _own_past(changes: list[float], now: float) -> float | None:
    if len(changes) < 2:  # noqa: PLR2004 - a spread needs two
        return None
    mean = sum(changes) / len(changes)
    spread = math.sqrt(sum((each - mean) ** 2 for each in changes) / (len(changes) - 1))
    return student_p((now - mean) / max(spread * math.sqrt(1 + 1 / len(changes)), 1e-12), len(changes) - 1)


def _judged(
    partner: str,
    now: dict[str, Any],
    before: dict[str, Any],
    changes: list[float],
    growth: float,
    target: str,
    on: date,
) -> dict[str, str]:
    p = _own_past(changes, math.log1p(growth))
    if now["estimated"] or before["estimated"]:
        return {
            "verdict": "set aside",
            "reason": "rows are the publisher's estimates out of partners' figures; they jump when "
            "a partner begins or ends to report",
        }
    if now["months"] != before["months"]:
        return {"verdict": "not comparable", "reason": "one year has fewer months than the other"}
    link = linked(partner, target, on)
    if not link:
        return {
            "verdict": "set aside",
            "reason": f"no link to {target} known: in no customs union with it, not among the transshipment points",
        }
    if p is None or p >= ALPHA:
        return {"verdict": "set aside", "reason": f"within its own ups and downs ({link})"}
    return {
        "verdict": "raised",
        "reason": f"beyond its own past, and {link}; all goods together, so context and no proof",
    }


def linked(partner: str, target: str, on: date) -> str:
    """What links a partner to the target; empty where nothing known does."""
    if not is_country(partner) or not countries.exists(partner):
        return ""
    if partner == target:
        return ""
    if unions.same_union(partner, target, on):
        return f"in a customs union with {target}"
    if lists.is_transshipment(partner, on):
        return "on the list of transshipment points"
    return ""
