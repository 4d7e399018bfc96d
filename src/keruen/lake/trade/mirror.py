"""Mirror gap: what the exporter says it sent, and what the importer says it received.

A level says little: Kazakhstan records imports by country of origin, so Lithuania, through which goods pass, shows a
fifth of its
own figure in every year. What counts is a change against the pair's own past, and three past years bear only a weak
word.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from keruen.errors import InvalidInput
from keruen.lake.trade.series import Steps, Window, flows, money
from keruen.lake.trade.statistics import ALPHA, student_p

if TYPE_CHECKING:
    from keruen.lake.trade.lake import Lake

FREIGHT = 1.06
"""CIF over FOB where nothing better is known (IMF DOTS)."""
ENOUGH = 5
"""Past years from which a change may be called more than weak."""
CLOSE = 0.5
"""A ratio below this in every past year is a level gap: origin against consignment, or a hub."""


def steps(
    lake: Lake,
    *,
    exports: str,
    imports: str,
    importers: Collection[str],
    exporters: Collection[str] | None = None,
    level: int = 0,
    together: bool = False,
) -> Steps:
    """Both reports of each pair, side by side.

    Args:
        lake: The lake.
        exports: Source of the exporters' reports.
        imports: Source of the importers' reports; may be the same.
        importers: Whose imports.
        exporters: Whose exports; None: all countries.
        level: Digits of product, 0 for all goods.
        together: Sum the exporters; a pair of which one side reports nothing in a year is left out of that year on
            both sides.

    Returns:
        One row per (exporter, importer, product, period): export, import, both double, null where that side is silent;
        currencies and valuations; ratio of import to export; gap: export less import carried to FOB.
    """
    sent = flows(lake, exports, level=level, flow="X", reporters=exporters, partners=importers)
    came = flows(lake, imports, level=level, flow="M", reporters=importers, partners=exporters)
    keys = ("exporter", "importer", "product", "period")
    out = sent.group_by(exporter="reporter", importer="partner", product="product", period="period").aggregate(
        export=money(sent.value),
        export_currency=sent.currency.min(),
        export_valuation=sent.valuation.min(),
    )
    into = came.group_by(exporter="partner", importer="reporter", product="product", period="period").aggregate(
        **{"import": money(came.value)},
        import_currency=came.currency.min(),
        import_valuation=came.valuation.min(),
        import_basis=came.basis.min(),
    )
    both = out.outer_join(into, keys)
    joined = both.select(
        **{name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in keys},
        **{
            name: both[name]
            for name in (
                "export",
                "import",
                "export_currency",
                "import_currency",
                "export_valuation",
                "import_valuation",
                "import_basis",
            )
        },
    )
    found: Steps = {"exporters' reports": out, "importers' reports": into, "side by side": joined}
    if together:
        whole = joined.filter(joined.export.notnull() & joined["import"].notnull())
        joined = whole.group_by("importer", "product", "period").aggregate(
            export=whole.export.sum(),
            **{"import": whole["import"].sum()},
            pairs=whole.count(),
            **{
                name: whole[name].min()
                for name in (
                    "export_currency",
                    "import_currency",
                    "export_valuation",
                    "import_valuation",
                    "import_basis",
                )
            },
        )
        found["summed over exporters"] = joined
    same = joined.export_currency == joined.import_currency
    freight = ibis.ifelse(joined.import_valuation == "CIF", FREIGHT, 1.0)
    found["gaps"] = joined.mutate(
        ratio=ibis.ifelse(same & (joined.export > 0), joined["import"] / joined.export, ibis.null("float64")),
        gap=ibis.ifelse(same, joined.export - joined["import"] / freight, ibis.null("float64")),
    ).order_by([each for each in keys if each in joined.columns])
    return found


def changes(rows: list[dict[str, Any]], now: str, past: Window) -> list[dict[str, Any]]:
    """Each pair's ratio against its own past.

    Args:
        rows: Of `steps`, annual.
        now: The year looked at.
        past: The years before it.

    Returns:
        One record a pair: ratio now and in the past, change of its logarithm, t, p, lost (money that did not arrive
        beyond the
        pair's own past share), verdict with its reason.
    """
    years = set(past.periods())
    pairs: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in rows:
        key = (row.get("exporter") or "", row["importer"], row["product"])
        pairs.setdefault(key, {})[row["period"]] = row
    return [_change(key, found, now, years) for key, found in sorted(pairs.items())]


def _change(key: tuple[str, ...], found: dict[str, dict[str, Any]], now: str, years: set[str]) -> dict[str, Any]:
    exporter, importer, product = key
    base: dict[str, Any] = {"exporter": exporter, "importer": importer, "product": product, "period": now}
    logs = [math.log(row["ratio"]) for year, row in found.items() if year in years and row["ratio"]]
    row = found.get(now)
    base |= {"past_years": len(logs), "past_ratio": math.exp(sum(logs) / len(logs)) if logs else None}
    if row is None or not row["ratio"] or len(logs) < 2:  # noqa: PLR2004 - a spread needs two
        return base | {
            "export": row and row["export"],
            "import": row and row["import"],
            "ratio": row and row["ratio"],
            "change": None,
            "t": None,
            "p": None,
            "lost": None,
            "verdict": "not comparable",
            "reason": "one side did not report, or fewer than two past years: absent is not nought",
        }
    mean = sum(logs) / len(logs)
    spread = math.sqrt(sum((each - mean) ** 2 for each in logs) / (len(logs) - 1))
    change = math.log(row["ratio"]) - mean
    t = change / max(spread * math.sqrt(1 + 1 / len(logs)), 1e-12)
    p = student_p(t, len(logs) - 1)
    lost = row["export"] * math.exp(mean) / FREIGHT - row["import"] / FREIGHT
    level = max(math.exp(each) for each in logs) < CLOSE
    weak = len(logs) < ENOUGH
    if change >= 0 or p >= ALPHA:
        verdict, reason = "not raised", "no fall beyond the pair's own ups and downs"
    elif weak:
        verdict, reason = (
            "weak",
            f"a fall, but {len(logs)} past years are too few for more than a weak word (p {p:.2f})",
        )
    else:
        verdict, reason = "raised", f"a fall beyond {len(logs)} past years (p {p:.3f})"
    if level:
        reason += "; the level was low in every past year: origin against consignment, not loss"
    return base | {
        "export": row["export"],
        "import": row["import"],
        "ratio": row["ratio"],
        "change": change,
        "t": t,
        "p": p,
        "lost": lost,
        "verdict": verdict,
        "reason": reason,
    }


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Records as an Arrow table."""
    if not rows:
        raise InvalidInput("no pair of reports was found for these countries", code="trade_no_pairs")
    return pa.Table.from_pylist(rows)
