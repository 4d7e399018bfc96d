"""A report on one hub: what the questions found, with what speaks against each, as records, HTML, a workbook and Parquet.

Every table says how many rows it shows of how many. Charts are SVG written here: no script, no outside server.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from keruen import __version__
from keruen.errors import Unavailable
from keruen.lake.trade import alerts, diversion, markets, mirror, rest
from keruen.lake.trade.series import Window, flows, last, money
from keruen.lake.trade.statistics import one_break

if TYPE_CHECKING:
    from keruen.lake.trade.diversion import Corridor
    from keruen.lake.trade.lake import Lake

SHOWN = 10
MILLION, THOUSAND = 1e6, 1e3
WIDE, HIGH, EDGE = 720, 220, 44
WORDY = 40
"""From this length on a cell holds sentences, and its column gets room for them."""
STYLE = (
    "body{font:16px/1.5 'Noto Sans',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a2230}"
    "table{border-collapse:collapse;width:100%;font-size:.85rem}th,td{text-align:left;padding:.25rem .5rem;"
    "border-bottom:1px solid #d5dbe3;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "p.of{color:#55606e;font-size:.85rem}svg{width:100%;height:auto}td.w{min-width:16rem}"
    # On paper: across, so that reasons have room; no row is cut, no title parted from what it names.
    "@page{size:A4 landscape;margin:14mm 14mm 16mm;@bottom-right{content:counter(page) ' / ' counter(pages);"
    "font:8pt 'Noto Sans',sans-serif;color:#55606e}}"
    "@media print{body{font-size:9.5pt;max-width:none;margin:0;padding:0}td.w{min-width:0;width:32%}"
    "h1,h2{break-after:avoid}h2+p{break-after:avoid}tr,svg{break-inside:avoid}svg{max-height:62mm}thead{display:table-header-group}}"
)


@dataclass(slots=True)
class Section:
    """One table of the report, whole; `note` says how to read it and why it may be wrong."""

    name: str
    title: str
    note: str
    rows: list[dict[str, Any]]
    money: tuple[str, ...] = ()
    chart: str = ""
    shown: tuple[str, ...] = ()
    """Columns on the page, which is narrow; empty: all. The workbook and Parquet hold every one."""


@dataclass(slots=True)
class Report:
    """What was found of one hub."""

    hub: str
    target: str
    sections: list[Section] = field(default_factory=list)


def make(
    lake: Lake,
    corridor: Corridor,
    hub: str,
    *,
    source: str,
    level: int = 6,
    by_hub: bool = False,
    pairs: str | None = "mirror",
) -> Report:
    """Ask every question that the lake has data for.

    Args:
        lake: The lake.
        corridor: What is compared.
        hub: The hub.
        source: Reports by product.
        level: Digits of product.
        by_hub: Take the hub's own reports, what it imports and exports, instead of the exporters'.
        pairs: Source of both sides' totals; None: no mirror.
    """
    found = Report(hub, corridor.target)
    found.sections.append(_breaks(lake, corridor, hub, source, level, by_hub=by_hub))
    found.sections.append(_cells(lake, corridor, hub, source, level, by_hub=by_hub))
    if not by_hub:
        found.sections.append(_markets(lake, corridor, hub, source))
    if pairs and pairs in lake.sources():
        found.sections.append(_mirror(lake, corridor, hub, pairs))
    return found


def _markets(lake: Lake, corridor: Corridor, hub: str, source: str) -> Section:
    windows = {"before": corridor.before, "after": corridor.after}
    steps = markets.steps(lake, source=source, partners=[hub], level=max(lake.levels(source)), **windows)  # type: ignore[arg-type]
    return Section(
        "markets", "Markets that more than doubled",
        "A code that the nomenclature of 2022 made could have no value before: it is not comparable, and no growth from nought.",
        lake.rows(last(steps)), ("before", "after"),
    )  # fmt: skip


def _breaks(lake: Lake, corridor: Corridor, hub: str, source: str, level: int, *, by_hub: bool) -> Section:
    periods = lake.periods(source)
    months = Window(periods[0], periods[-1]).periods()
    rows, lines = [], {}
    # All legs and both baskets out of one question: to plan and read each costs more than their sums.
    table = diversion.legs(
        flows(lake, source, level=level, flow=None if by_hub else "X"), corridor, [hub], by_hub=by_hub
    )
    listed = diversion.listed(table.product, corridor.basket)
    sums = lake.rows(table.group_by("leg", "period", listed=listed).aggregate(value=money(table.value)))
    to = {"a": corridor.target, "b": hub, "c": f"{corridor.target} from {hub}"}
    for leg in sorted({row["leg"] for row in sums}):
        for name, looked_at in (("all products of the source", False), ("products looked at", True)):
            told: dict[str, float] = {}
            for row in sums:
                if row["leg"] == leg and (row["listed"] or not looked_at):
                    told[row["period"]] = told.get(row["period"], 0.0) + row["value"]
            values = [told.get(month, 0.0) for month in months]
            if leg != "a":
                lines[f"{to[leg]}, {name}"] = values
            rows.append(_break(to[leg], name, months, values))
    totals = rest.totals_of(lake, source)
    if totals and not by_hub:
        asked = {"reporters": corridor.origins, "partners": [corridor.target, hub]}
        found = lake.rows(last(rest.steps(lake, source=source, totals=totals, **asked)))
        for partner in (corridor.target, hub):
            others = {row["period"]: row["rest"] for row in found if row["partner"] == partner and row["rest"]}
            values = [max(0.0, others.get(month, 0.0)) for month in months]
            rows.append(_break(partner, f"all other goods, of {totals} (control)", months, values))
    return Section(
        "breaks", "When the level changed",
        "One break by least squares on logarithms, 15 % trim; p from series without a break that remember as this one does. "
        "Controls are the other direction, less to the target while more goes to the hub, and all goods that the source lacks.",
        rows, chart=line_chart(months, lines),
    )  # fmt: skip


def _break(partner: str, products: str, months: list[str], values: list[float]) -> dict[str, Any]:
    broke = one_break(values)  # type: ignore[arg-type]
    return {
        "to": partner,
        "products": products,
        "month": months[broke.at] if broke and broke.significant else None,
        "ratio": broke and broke.ratio,
        "sup_f": broke and broke.sup_f,
        "p": broke and broke.p,
    }


def _cells(lake: Lake, corridor: Corridor, hub: str, source: str, level: int, *, by_hub: bool) -> Section:
    rows = alerts.of(lake, corridor, source=source, level=level, hubs=[hub], by_hub=by_hub)
    total = [sum(abs(row[leg] or 0.0) for row in rows) for leg in "abc"]
    return Section(
        "diversion", "Hub and product",
        "a: change of what the origins send to the target, b: to the hub, c: of what the hub sends on, each net of control "
        "products. Placebo: b so many years earlier. Raised: less to the target, more to the hub and more on; partial: a leg has no "
        "report.",
        rows, ("a", "b", "c", "to_target_before", "to_target_after", "to_hub_before", "to_hub_after", "from_hub_before",
               "from_hub_after", "hub_says_before", "hub_says_after", "placebo"),
        chart=corridor_chart(hub, corridor.target, total, has_onward=any(row["c"] is not None for row in rows)),
        shown=("product", "a", "b", "c", "to_hub_before", "to_hub_after", "hub_says_before", "hub_says_after",
               "control_growth", "placebo", "substitution", "verdict", "may_be_wrong"),
    )  # fmt: skip


def _mirror(lake: Lake, corridor: Corridor, hub: str, pairs: str) -> Section:
    steps = mirror.steps(lake, exports=pairs, imports=pairs, importers=[hub], exporters=corridor.origins, together=True)
    rows = [row for row in lake.rows(last(steps)) if row["ratio"] is not None]
    year = corridor.after.first[:4]
    said = mirror.changes(rows, year, Window(str(int(year) - 3), str(int(year) - 1)))
    note = f"{said[0]['verdict']}: {said[0]['reason']}." if said else "No pair of reports."
    return Section(
        "mirror", "What was sent and what arrived",
        f"Import over export, CIF over FOB; imports are by country of origin, so the level says little. {note}",
        rows, ("export", "import", "gap"),
        chart=line_chart([row["period"] for row in rows], {"import / export": [row["ratio"] for row in rows]}, unit=1.0)
        if len(rows) > 1 else "",
    )  # fmt: skip


def html(report: Report) -> str:
    """The report as one page."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(report.hub)} to {escape(report.target)}</title>",
        f"<style>{STYLE}</style><h1>{escape(report.hub)} as a way to {escape(report.target)}</h1>",
        f"<p>Keruen {__version__}, {datetime.now(UTC):%Y-%m-%d}. Money in millions, as published. Statistics point to where "
        "to look; they prove nothing about a consignment.</p>",
    ]
    for section in report.sections:
        names = list(section.shown or section.rows[0]) if section.rows else []
        head = "".join(_head(name, section.rows) for name in names)
        body = "".join(
            "<tr>" + "".join(_cell(row[name], money=name in section.money) for name in names) + "</tr>"
            for row in section.rows[:SHOWN]
        )
        parts.append(
            f"<h2>{escape(section.title)}</h2><p>{escape(section.note)}</p>{section.chart}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<p class=of>{min(SHOWN, len(section.rows)):,} of {len(section.rows):,} rows shown</p>"
        )
    return "".join(parts)


def write(report: Report, folder: Path, *, pdf: bool = True) -> list[Path]:
    """Write report.html, report.xlsx, a Parquet file for each table, and report.pdf where WeasyPrint is installed.

    Raises:
        Unavailable: PDF was asked for and WeasyPrint is not there; the other files are.
    """
    import xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    page = html(report)
    made = [folder / "report.html", folder / "report.xlsx"]
    made[0].write_text(page, "utf-8")
    with xlsxwriter.Workbook(str(made[1]), {"strings_to_formulas": False}) as book:
        for section in report.sections:
            sheet = book.add_worksheet(section.name)
            for at, name in enumerate(section.rows[0] if section.rows else ()):
                sheet.write(0, at, name)
                for line, row in enumerate(section.rows, 1):
                    value = row[name]
                    sheet.write(line, at, value if isinstance(value, (int, float, str, bool)) else str(value or ""))
    for section in report.sections:
        if section.rows:
            made.append(folder / f"{section.name}.parquet")
            parquet.write_table(pa.Table.from_pylist(section.rows), made[-1])
    if pdf:
        try:
            from weasyprint import HTML
        except (ImportError, OSError) as error:
            raise Unavailable(
                "the PDF needs WeasyPrint and Pango: pip install weasyprint; the other files are written",
                code="trade_pdf",
            ) from error
        made.append(folder / "report.pdf")
        HTML(string=page).write_pdf(str(made[-1]))
    return made


def line_chart(labels: list[str], lines: dict[str, list[float]], unit: float = MILLION) -> str:
    """Lines over periods; each is named at its end in words, not by colour alone."""
    top = max((value for values in lines.values() for value in values), default=0.0) or 1.0
    wide, high = WIDE - 2 * EDGE, HIGH - 2 * EDGE
    drawn = [
        f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(", ".join(lines))}" font-size="11">'
        f'<path d="M{EDGE} {HIGH - EDGE}H{WIDE - EDGE}" stroke="#8a94a3" fill="none"/>'
        f'<text x="4" y="{EDGE}">{top / unit:,.2f}</text><text x="{EDGE}" y="{HIGH - 26}">{escape(labels[0])}</text>'
        f'<text x="{WIDE - EDGE}" y="{HIGH - 26}" text-anchor="end">{escape(labels[-1])}</text>'
    ]
    for number, (name, values) in enumerate(lines.items()):
        points = " ".join(
            f"{EDGE + wide * at / max(1, len(values) - 1):.1f},{HIGH - EDGE - high * value / top:.1f}"
            for at, value in enumerate(values)
        )
        dash = ("", ' stroke-dasharray="6 3"', ' stroke-dasharray="2 3"')[number % 3]
        drawn.append(f'<polyline points="{points}" fill="none" stroke="#1d5a8c" stroke-width="2"{dash}/>')
        drawn.append(
            f'<text x="{EDGE + 4}" y="{14 + 13 * number}">{escape(name)}{" (dashed)" if number else ""}</text>'
        )
    return "".join(drawn) + "</svg>"


def corridor_chart(hub: str, target: str, totals: list[float], *, has_onward: bool) -> str:
    """The corridor as bands whose width is the change: fall to the target, rise to the hub, rise from the hub on."""
    most = max(*totals, 1.0)
    width = [max(1.0, 60 * each / most) for each in totals]
    onward = (
        f'<path d="M380 60C480 60 500 140 600 140" stroke="#b4552d" stroke-width="{width[2]:.1f}" fill="none" opacity=".6"/>'
        if has_onward else '<text x="470" y="70">from the hub on: no report at hand</text>'
    )  # fmt: skip
    return (
        '<svg viewBox="0 0 720 220" role="img" aria-label="corridor" font-size="12">'
        f'<path d="M90 150H600" stroke="#8a94a3" stroke-width="{width[0]:.1f}" opacity=".5"/>'
        f'<path d="M90 140C190 140 240 60 340 60" stroke="#1d5a8c" stroke-width="{width[1]:.1f}" fill="none" opacity=".6"/>'
        f'{onward}<text x="20" y="154">origins</text><text x="345" y="64">{escape(hub)}</text>'
        f'<text x="610" y="154">{escape(target)}</text><text x="250" y="205">to the target: {totals[0] / MILLION:,.1f} M changed; '
        f"to the hub: {totals[1] / MILLION:,.1f} M</text></svg>"
    )


def _head(name: str, rows: list[dict[str, Any]]) -> str:
    figures = any(isinstance(row[name], float) for row in rows)
    return f"<th{' class=n' if figures else ''}>{escape(name.replace('_', ' '))}</th>"


def _cell(value: object, *, money: bool) -> str:
    if isinstance(value, float):
        shown = f"{value / MILLION:,.2f}" if money else f"{value:,.0f}" if abs(value) >= THOUSAND else f"{value:.3g}"
        return f"<td class=n>{shown}</td>"
    text = "" if value is None else str(value)
    return f"<td{' class=w' if len(text) > WORDY else ''}>{escape(text)}</td>"
