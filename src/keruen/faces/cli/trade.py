"""Commands that see diversion in the trade statistics: load, look, ask, test."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from keruen.errors import InvalidInput, NotFound
from keruen.faces.cli.app import app, chosen_settings, err, out, print_json
from keruen.lake.trade import alerts, areas, diversion, editions, mirror, report, selftest, shift, statistics
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load_all
from keruen.lake.trade.series import EU, Window, filled, flows, last, money

trade_app = typer.Typer(no_args_is_help=True, help="See diversion in the trade statistics of both sides.")
app.add_typer(trade_app, name="trade")

SHOWN = 10
CHPL_DAY = date(2024, 3, 1)
CHPL_DIGITS = 6
MILLION = 1e6
WORST = 1
LEVELS = (0, 2, 4, 6, 8, 10)

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
Source = Annotated[str, typer.Option(metavar="NAME", help="Publication; `keruen trade status` lists them.")]
Before = Annotated[str, typer.Option(metavar="FIRST..LAST", help="Periods before.")]
After = Annotated[str, typer.Option(metavar="FIRST..LAST", help="Periods after.")]
Target = Annotated[str, typer.Option(metavar="COUNTRY", help="Where goods are suspected to end.")]
Products = Annotated[str, typer.Option(metavar="CODES", help="chpl, all, or codes separated by commas.")]
Origins = Annotated[
    str, typer.Option(metavar="COUNTRIES", help="Who bars sales: EU, or countries separated by commas.")
]
Level = Annotated[int, typer.Option(help="Digits of product; 0 for all goods.")]


@contextmanager
def open_lake() -> Iterator[Lake]:
    """The lake of this installation."""
    found = chosen_settings()
    lake = Lake(found.home / "trade", found.lake)
    try:
        yield lake
    finally:
        lake.close()


@trade_app.command()
def load(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders of files.")],
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the publication.")] = None,
    reporter: Annotated[
        str | None, typer.Option(metavar="COUNTRY", help="Who reports, where the file does not say.")
    ] = None,
    json: Json = False,
) -> None:
    """Load Comtrade, BACI, Comext and national files; a file that is wrong changes nothing."""
    with open_lake() as lake:
        done = load_all(lake, paths, source=source, reporter=reporter, passed_over=_passed_over)
    if json:
        print_json(
            [
                {
                    "file": each.load.file,
                    "source": each.load.source,
                    "rows": each.load.rows,
                    "left_out": each.load.left_out,
                    "layout": each.load.layout,
                    "periods": each.touched,
                    "unchanged": each.unchanged,
                }
                for each in done
            ]
        )
        return
    for each in done:
        said = "was there already" if each.unchanged else f"{each.load.rows:,} rows, {len(each.touched)} periods"
        left = (
            f", {each.load.left_out:,} left out (breakdowns, and cells without a value)" if each.load.left_out else ""
        )
        out.print(f"{each.load.file}: {each.load.source}, {said}{left}", highlight=False)


def _passed_over(path: Path) -> None:
    err.print(f"{path.name}: passed over, its columns are those of no layout that is read", highlight=False)


@trade_app.command()
def status(json: Json = False) -> None:
    """Show what the lake holds, and who has not reported yet."""
    with open_lake() as lake:
        found: list[dict[str, Any]] = []
        for source, parts in sorted(lake.catalogue().by_source.items()):
            ordered = sorted(parts, key=lambda each: each.period)
            everyone = {
                flow: set().union(*(each.reporters.get(flow, []) for each in ordered))
                for flow in {name for each in ordered for name in each.reporters}
            }
            newest = ordered[-1]
            silent = sorted(
                {who for flow, all_of in everyone.items() for who in all_of - set(newest.reporters.get(flow, []))}
            )
            found.append(
                {
                    "source": source,
                    "first": ordered[0].period,
                    "last": newest.period,
                    "periods": len(ordered),
                    "rows": sum(each.rows for each in ordered),
                    "edition": lake.edition(source),
                    "levels": sorted(lake.levels(source)),
                    "silent_in_last": silent,
                }
            )
    if json:
        print_json(found)
        return
    table = Table("source", "periods", "rows", "digits", "silent in the last period")
    for each in found:
        table.add_row(
            each["source"],
            f"{each['first']}..{each['last']}",
            f"{each['rows']:,}",
            " ".join(map(str, each["levels"])),
            f"{len(each['silent_in_last'])}: " + ", ".join(each["silent_in_last"][:SHOWN])
            if each["silent_in_last"]
            else "",
        )
    out.print(table if found else "nothing yet: keruen trade load FILE…")


@trade_app.command("diversion")
def diversion_command(
    source: Source = "eurostat-products",
    hub: Annotated[str | None, typer.Option(metavar="COUNTRY", help="One hub; unset, all.")] = None,
    target: Target = "RU",
    origins: Origins = "EU",
    products: Products = "chpl",
    before: Before = "2021-03..2021-11",
    after: After = "2022-03..2022-11",
    level: Level = 6,
    hub_reports: Annotated[bool, typer.Option("--hub-reports", help="Take the hubs' own reports.")] = False,
    limit: Annotated[int, typer.Option(help="Rows shown.")] = SHOWN,
    json: Json = False,
) -> None:
    """Score hubs and products: less to the target, more to the hub, more on from it."""
    corridor = _corridor(origins, target, before, after, _basket(products, level), hub)
    with open_lake() as lake:
        hubs = [_country(hub)] if hub else None
        rows = alerts.of(lake, corridor, source=source, level=level, hubs=hubs, by_hub=hub_reports)
        if not rows:
            raise _nothing(lake, source)
    _show(
        rows,
        json=json,
        limit=limit,
        columns=("hub", "product", "a", "b", "c", "placebo", "substitution", "verdict", "may_be_wrong"),
        money_in=("a", "b", "c", "placebo"),
    )
    if not json:
        out.print(
            "a: change to the target, b: to the hub, c: from the hub on, in millions net of controls; "
            "placebo: b so many years earlier; empty: no report at hand",
            highlight=False,
        )


@trade_app.command("report")
def report_command(
    hub: Annotated[str, typer.Option(metavar="COUNTRY", help="The hub looked at.")] = "KZ",
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the files go.")] = Path("report"),
    source: Source = "eurostat-products",
    target: Target = "RU",
    origins: Origins = "EU",
    products: Products = "chpl",
    before: Before = "2021-03..2021-11",
    after: After = "2022-03..2022-11",
    level: Level = 6,
    hub_reports: Annotated[bool, typer.Option("--hub-reports", help="Take the hub's own reports.")] = False,
    pdf: Annotated[bool, typer.Option(help="Write report.pdf too; needs WeasyPrint.")] = True,
) -> None:
    """Write a report on a hub: HTML, PDF, Excel and Parquet."""
    corridor = _corridor(origins, target, before, after, _basket(products, level), hub)
    with open_lake() as lake:
        made = report.make(lake, corridor, _country(hub), source=source, level=level, by_hub=hub_reports)
        if not any(each.rows for each in made.sections if each.name != "breaks"):
            raise _nothing(lake, source)
    for path in report.write(made, output, pdf=pdf):
        out.print(str(path), highlight=False)


@trade_app.command("mirror")
def mirror_command(
    hub: Annotated[str, typer.Option(metavar="COUNTRY", help="The importer.")] = "KZ",
    origins: Origins = "EU",
    exports: Annotated[str, typer.Option(metavar="SOURCE", help="Exporters' reports.")] = "mirror",
    imports: Annotated[str, typer.Option(metavar="SOURCE", help="Importers' reports.")] = "mirror",
    now: Annotated[str, typer.Option(metavar="YEAR", help="The year looked at.")] = "2022",
    past: Annotated[str, typer.Option(metavar="FIRST..LAST", help="Years before it.")] = "2019..2021",
    level: Level = 0,
    together: Annotated[bool, typer.Option("--together", help="The exporters as one.")] = False,
    limit: Annotated[int, typer.Option(help="Rows shown.")] = SHOWN,
    json: Json = False,
) -> None:
    """Compare what exporters say they sent with what the importer says it received."""
    with open_lake() as lake:
        steps = mirror.steps(
            lake,
            exports=exports,
            imports=imports,
            importers=[_country(hub)],
            exporters=_countries(origins),
            level=level,
            together=together,
        )
        rows = mirror.changes(lake.rows(last(steps)), _window(now).first, _window(past))
        if not any(row["past_years"] or row["ratio"] for row in rows):
            raise _nothing(lake, imports)
    _show(
        rows,
        json=json,
        limit=limit,
        columns=("exporter", "product", "past_ratio", "ratio", "p", "lost", "verdict", "reason"),
        money_in=("lost",),
    )


@trade_app.command()
def breaks(
    source: Source = "eurostat-products",
    reporters: Annotated[str, typer.Option(metavar="COUNTRIES", help="Who reports.")] = "EU",
    partner: Annotated[str, typer.Option(metavar="COUNTRY", help="With whom.")] = "KZ",
    flow: Annotated[str, typer.Option(help="X or M.")] = "X",
    products: Products = "chpl",
    level: Level = 6,
    since: Annotated[
        str, typer.Option(metavar="PERIOD", help="Test too whether the products grew beyond all others from here on.")
    ] = "",
    json: Json = False,
) -> None:
    """Find the month in which a series changed its level, and whether it did."""
    basket = _basket(products, level)
    with open_lake() as lake:
        table = flows(
            lake, source, level=level, flow=_flow(flow), reporters=_countries(reporters), partners=[_country(partner)]
        )
        table = table.filter(table.product.isin(sorted(basket))) if basket else table
        rows = lake.rows(table.group_by("period").aggregate(value=money(table.value)))
        months = lake.periods(source)
        if not rows:
            raise _nothing(lake, source)
        grown = None
        if since:
            grown = shift.measured(
                lake, source=source, reporters=_countries(reporters), partners=[_country(partner)], flow=flow,
                level=level, since=since, basket=basket or frozenset(),
            )  # fmt: skip
    periods = Window(months[0], months[-1]).periods()
    values = filled(rows, periods)
    found = statistics.one_break(values)  # type: ignore[arg-type]
    answer: dict[str, Any] = {
        "series": dict(zip(periods, values, strict=True)),
        "break": None
        if found is None
        else {
            "period": periods[found.at],
            "sup_f": found.sup_f,
            "p": found.p,
            "ratio": found.ratio,
            "significant": found.significant,
        },
        "several": [periods[at] for at in statistics.several_breaks(values)],  # type: ignore[arg-type]
    }
    if grown:
        answer |= {"shift": grown.shift and asdict(grown.shift), "event_study": grown.events}
    if json:
        print_json(answer)
        return
    if found is None:
        out.print("too short a series for a break", highlight=False)
    else:
        said = (
            "the level changed" if found.significant else "no break: the largest change, which chance gives as well, is"
        )
        out.print(
            f"{said} in {periods[found.at]}: x{found.ratio:.2f}, supF {found.sup_f:.1f}, p {found.p:.4f}",
            highlight=False,
        )
        out.print("several breaks: " + (", ".join(answer["several"]) or "none"), highlight=False)
    if grown and grown.shift is None:
        out.print("too few products or periods for a test of the shift", highlight=False)
    elif grown and grown.shift:
        told = grown.shift
        out.print(
            f"from {since} on {told.treated} products grew x{math.exp(told.effect):.2f} beyond {told.controls} others "
            f"(effect {told.effect:+.2f}, error {told.error:.2f}, p {told.p:.4f}); "
            f"placebo before: {told.placebo:+.2f}, p {told.placebo_p:.2f}",
            highlight=False,
        )


@trade_app.command()
def explain(
    source: Source,
    reporter: Annotated[str, typer.Option(metavar="COUNTRY", help="Who reports.")],
    partner: Annotated[str, typer.Option(metavar="COUNTRY", help="With whom.")],
    product: Annotated[str, typer.Option(metavar="CODE", help="Code, or its first digits; TOTAL.")] = "",
    periods: Annotated[str, typer.Option(metavar="FIRST..LAST", help="Which periods.")] = "",
    flow: Annotated[str, typer.Option(help="X or M; unset, both.")] = "",
    family: Annotated[
        bool, typer.Option("--family", help="With the codes of both nomenclatures that six digits are compared with.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Rows shown.")] = SHOWN,
    json: Json = False,
) -> None:
    """Name the rows that a figure was made of: file and row."""
    with open_lake() as lake:
        facts = lake.facts(source)
        kept = [facts.reporter.isin(sorted(_countries(reporter))), facts.partner == _country(partner)]
        if product:
            codes = sorted(editions.together(product)) if family else [product]
            kept.append(reduce(or_, (facts.product.startswith(code) for code in codes)))
        if flow:
            kept.append(facts.flow == _flow(flow))
        if periods:
            kept.append(_window(periods).holds(facts.period))
        rows = lake.rows(facts.filter(kept).order_by(["period", "reporter", "product", "file", "row"]))
        if not rows:
            raise _nothing(lake, source)
    _show(
        rows,
        json=json,
        limit=limit,
        columns=("period", "reporter", "flow", "product", "value", "currency", "valuation", "basis", "file", "row"),
    )


def _at_hand() -> Path | None:
    """The shared trade files, where nothing was loaded and they stand beside the project or are named."""
    with open_lake() as lake:
        if lake.sources():
            return None
    places = [os.environ.get("KERUEN_SHARED_DATA", ""), str(Path.cwd().parent / "shared" / "data")]
    found = next((Path(place) / "trade" for place in places if place and (Path(place) / "trade").is_dir()), None)
    if found is not None:
        err.print(f"nothing was loaded: reading {found}", highlight=False)
    return found


@trade_app.command("selftest")
def selftest_command(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of files; unset, what was loaded.")] = None,
    json: Json = False,
) -> None:
    """Work out published findings again, and say where ours differ."""
    data = data or _at_hand()
    if data is None:
        with open_lake() as lake:
            results = selftest.run(lake, None)
    else:
        with tempfile.TemporaryDirectory(prefix="keruen-trade-") as folder:
            lake = Lake(Path(folder), chosen_settings().lake)
            try:
                load_all(lake, [data])
                results = selftest.run(lake, data)
            finally:
                lake.close()
    if json:
        print_json([each.data() for each in results])
    else:
        table = Table("id", "corridor", "what", "published", "ours", "difference", "verdict", "note")
        for each in results:
            if each.verdict != "no recipe":
                table.add_row(
                    each.id,
                    each.corridor,
                    f"{each.product}: {each.metric}",
                    each.published,
                    each.ours,
                    each.difference,
                    each.verdict,
                    each.note,
                )
        out.print(table)
        counts = {
            verdict: sum(each.verdict == verdict for each in results)
            for verdict in ("agrees", "differs", "not at hand", "no recipe")
        }
        out.print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()), highlight=False)
    if any(each.verdict == "differs" for each in results):
        raise typer.Exit(WORST)


def _show(
    rows: list[dict[str, Any]], *, json: bool, limit: int, columns: tuple[str, ...], money_in: tuple[str, ...] = ()
) -> None:
    if json:
        print_json(rows)
        return
    table = Table(*columns)
    for row in rows[:limit]:
        table.add_row(*(_cell(row.get(name), millions=name in money_in) for name in columns))
    out.print(table)
    err.print(f"{min(limit, len(rows)):,} of {len(rows):,} rows shown", highlight=False)


def _cell(value: Any, *, millions: bool) -> str:  # noqa: ANN401 - whatever a column holds
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value / MILLION:,.1f}" if millions else f"{value:.3g}"
    return str(value)


def _country(text: str) -> str:
    found = areas.resolve(text)
    if found is None:
        raise InvalidInput(f"{text!r} is no country known; give two letters", code="trade_country", value=text)
    return found


def _countries(text: str) -> frozenset[str]:
    return frozenset().union(*(EU if each.strip() == "EU" else {_country(each.strip())} for each in text.split(",")))


def _window(text: str) -> Window:
    first, _, final = text.partition("..")
    return Window(first, final or first)


def _basket(text: str, level: int) -> frozenset[str] | None:
    """Codes of so many digits; None for all.

    Raises:
        InvalidInput: `level` is none that nomenclatures have, or a code has not so many digits and would match nothing.
    """
    if level not in LEVELS:
        raise InvalidInput(f"products have {', '.join(map(str, LEVELS))} digits, not {level}", code="trade_level")
    if text == "chpl":
        if level != CHPL_DIGITS:
            raise InvalidInput("the high priority list is of six digits; give other --products", code="trade_product")
        return diversion.high_priority(CHPL_DAY)
    if text == "all":
        return None
    found = frozenset(each.strip() for each in text.split(","))
    for each in sorted(found):
        if not each.isdigit() or len(each) != level:
            raise InvalidInput(
                f"{each!r} is no code of {level} digits; give such codes, or another --level", code="trade_product"
            )
    return found


def _corridor(
    origins: str, target: str, before: str, after: str, basket: frozenset[str] | None, hub: str | None
) -> diversion.Corridor:
    windows = _window(before), _window(after)
    if len(windows[0].first) != len(windows[1].first):
        raise InvalidInput("--before and --after are both of years or both of months", code="trade_period")
    if windows[0].last >= windows[1].first:
        raise InvalidInput(f"{windows[0]} does not lie before {windows[1]}", code="trade_period")
    made = diversion.Corridor(_countries(origins), _country(target), *windows, basket)
    if hub and _country(hub) in {*made.origins, made.target}:
        raise InvalidInput(f"{hub} is an origin or the target itself, and no hub between them", code="trade_hub")
    return made


def _flow(text: str) -> str:
    if text not in {"X", "M"}:
        raise InvalidInput(f"a flow is X or M, not {text!r}", code="trade_flow")
    return text


def _nothing(lake: Lake, source: str) -> NotFound:
    periods = lake.periods(source)
    levels = " ".join(map(str, sorted(lake.levels(source))))
    return NotFound(
        f"{source} has no rows of these countries, products and periods; it has {periods[0]}..{periods[-1]}, with "
        f"products of {levels} digits",
        code="trade_no_rows",
    )
