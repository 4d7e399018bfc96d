"""Commands on sanctions lists: load, status, roll back; and `screen`, which asks them."""

from __future__ import annotations

import csv
import getpass
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keruen import compose
from keruen.errors import InvalidInput
from keruen.faces.cli.app import app, chosen_settings, err, open_office, out, print_json, progress
from keruen.model.party import Party, PartyKind
from keruen.screening.batch import RESULT, identifier, matches_of, parties_in
from keruen.screening.explain import as_data, in_words
from keruen.screening.screener import Screener, Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keruen.store.screeners import ScreenerRecipe


watchlist_app = typer.Typer(no_args_is_help=True, help="Sanctions and export-control lists.")
app.add_typer(watchlist_app, name="watchlist")

SHOWN = 20
CHUNK = 200
"""Parties a worker takes at a time."""


@watchlist_app.command()
def load(
    files: Annotated[list[Path], typer.Argument(exists=True, help="The file or files of one list; plain or gzip.")],
    source: Annotated[str, typer.Option(help="Short name of the list; unset, the usual one of its format.")] = "",
    anyway: Annotated[str, typer.Option(help="Why it is right although it would be refused (shrunken, older).")] = "",
    user: Annotated[str, typer.Option(help="Who loads it.")] = "",
) -> None:
    """Load a publisher's list. What cannot be read, or lost too much, leaves the edition in force as it is."""
    lists = compose.watchlists(chosen_settings())
    found = lists.load(_contents(files), by=user or getpass.getuser(), source=source, anyway=anyway)
    edition, diff = found.edition, found.admission.diff
    out.print(
        f"{edition.name}: {len(edition.parties)} parties, {sum(len(each.names) for each in edition.parties)} names; "
        f"{len(diff.added)} added, {len(diff.removed)} removed, {len(diff.changed)} changed — {found.admission.reason}",
        highlight=False,
    )
    _say_pending()
    touched = lists.rescreen(found, _thresholds())
    if touched:
        out.print(f"{len(touched)} of the organisations known from documents may be on it now:", highlight=False)
        for each in touched[:SHOWN]:
            first = each.matches[0]
            name, listed = each.party.names[0], first.detail.their_name
            out.print(
                f"  {each.party.reference} {name} — {listed} ({first.party.id}), {first.score:.2f}", highlight=False
            )
        if len(touched) > SHOWN:
            out.print(f"  {SHOWN} of {len(touched)} shown", highlight=False)
    if found.not_understood:
        shown = ", ".join(f"{what} ({count})" for what, count in islice(found.not_understood.items(), 5))
        err.print(f"Not understood, and left out: {shown}", highlight=False)


def _say_pending() -> None:
    """Raise alarms on pending documents now, and say which."""
    lists, now = compose.watchlists(chosen_settings()), datetime.now(UTC)
    changes = compose.rescreen_changed(lists, _thresholds(), open_office(), now, at_once=True)
    for each in changes.values():
        if each.alarms:
            shown = ", ".join(document for document, _ in each.alarms[:SHOWN])
            more = f" and {len(each.alarms) - SHOWN} more" if len(each.alarms) > SHOWN else ""
            out.print(
                f"{len(each.alarms)} of {each.documents} pending documents are before an officer for it: {shown}{more}",
                highlight=False,
            )


@watchlist_app.command()
def status(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Editions in force, how old they are, and what each changed. Exits with 4 where one is too old."""
    lists = compose.watchlists(chosen_settings())
    old = lists.too_old(datetime.now(UTC).date())
    rows = [
        {
            "source": row.source,
            "edition": row.name,
            "published_on": row.published_on.isoformat() if row.published_on else None,
            "loaded_at": row.loaded_at.isoformat(),
            "loaded_by": row.loaded_by,
            "parties": row.parties,
            "diff": row.diff,
            "days_too_old": old.get(row.source, 0),
            "reason": row.reason,
        }
        for row in lists.in_force()
    ]
    if json:
        print_json({"editions": rows})
    elif not rows:
        out.print("No list is loaded: nobody is screened. Load one with `keruen watchlist load FILE`.")
    else:
        table = Table("list", "edition", "parties", "added", "removed", "changed", "too old by")
        for row in rows:
            counts = row["diff"]
            days = f"{row['days_too_old']} days" if row["days_too_old"] else ""
            table.add_row(
                row["source"],
                row["edition"],
                str(row["parties"]),
                *(str(counts[each]) for each in ("added", "removed", "changed")),
                days,
            )
        out.print(table)
    if old:
        raise typer.Exit(4)


@watchlist_app.command()
def rollback(
    source: Annotated[str, typer.Argument(help="Short name of the list.")],
    reason: Annotated[str, typer.Option(help="Why the edition in force is taken back.")],
    user: Annotated[str, typer.Option(help="Who takes it back.")] = "",
) -> None:
    """Bring the edition before the one in force back."""
    back = compose.watchlists(chosen_settings()).roll_back(source, by=user or getpass.getuser(), reason=reason)
    out.print(f"{back.name} is in force again", highlight=False)
    _say_pending()


@watchlist_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(exists=True, help="The file or files of one list.")],
) -> None:
    """Read a list and say what is in it, without loading it."""
    from keruen.watchlists.read import read_all

    found = read_all(_contents(files))
    edition = found.edition
    out.print(f"{edition.name}: {len(edition.parties)} parties, {len(edition.links)} ties", highlight=False)
    for what, count in found.not_understood.most_common(20):
        out.print(f"  not understood: {what} ({count})", highlight=False)


def _contents(files: Iterable[Path]) -> list[tuple[str, bytes]]:
    paths = [each for path in files for each in (sorted(path.iterdir()) if path.is_dir() else [path]) if each.is_file()]
    return [(each.name, each.read_bytes()) for each in paths]


# -- screen ----------------------------------------------------------------------------------


@app.command()
def screen(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Names of one party.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, help="Parties: CSV, XLSX or Parquet with a column name.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where matches go: .csv, .xlsx or .parquet.")] = None,
    lists: Annotated[
        list[Path] | None, typer.Option("--list", exists=True, help="Lists to ask instead of those in force.")
    ] = None,
    kind: Annotated[PartyKind, typer.Option(help="What the party is.")] = PartyKind.UNKNOWN,
    born: Annotated[
        list[str] | None, typer.Option("--date", help="Of birth or registration, also 1965 or 1965-03.")
    ] = None,
    country: Annotated[list[str] | None, typer.Option(help="ISO 3166 alpha-2.")] = None,
    number: Annotated[
        list[str] | None, typer.Option("--id", help="scheme:value, such as bin:123456789012 or imo:9253325.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(min=0, max=1, help="Score from which on a match counts.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Matches given for one party.")] = 10,
    cores: Annotated[int, typer.Option(min=1, help="Processes for a file.")] = 2,
    spark: Annotated[
        str, typer.Option(metavar="MASTER", help="Screen the file on a Spark cluster, such as spark://host:7077.")
    ] = "",
    lang: Annotated[str, typer.Option(help="kk, ru or en.")] = "en",
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Ask the lists in force who a party may be. Exits with 4 where somebody is found."""
    recipe = _recipe(lists, threshold)
    if file is not None and spark:
        raise typer.Exit(4 if _screen_on_spark(recipe, file, output, master=spark, limit=limit) else 0)
    screener = recipe()
    if file is not None:
        raise typer.Exit(4 if _screen_file(screener, file, output, cores=cores, limit=limit) else 0)
    if not names and not number:
        raise InvalidInput("give a name, an --id, or a --file", code="screen_nothing")
    party = Party(
        tuple(names or ()),
        kind,
        tuple(born or ()),
        tuple(each.lower() for each in country or ()),
        tuple(identifier(each) for each in number or ()),
    )
    hits = screener.screen(party, datetime.now(UTC).date(), everything=True)[:limit]
    if json:
        print_json(
            {"party": list(party.names), "editions": screener.editions, "matches": [as_data(each) for each in hits]}
        )
    elif not hits:
        out.print(f"Nobody on {len(screener.editions)} lists is like {', '.join(party.names)}.", highlight=False)
    for hit in () if json else hits:
        first, *rest = in_words(hit, lang)
        out.print(first, style="bold", highlight=False)
        for line in rest:
            out.print(f"  {line}", highlight=False)
    if hits:
        raise typer.Exit(4)


def _thresholds(threshold: float | None = None) -> Thresholds:
    return Thresholds.read("", threshold) if threshold is not None else compose.thresholds(chosen_settings())


def _recipe(lists: list[Path] | None, threshold: float | None) -> ScreenerRecipe:
    found, thresholds = chosen_settings(), _thresholds(threshold)
    if lists:
        from keruen.store.screeners import ListFiles, ScreenerRecipe

        return ScreenerRecipe(tuple(ListFiles(tuple(_contents([each]))) for each in lists), thresholds)
    recipe = compose.watchlists(found).recipe(thresholds)
    if not recipe.lists:
        raise InvalidInput(
            "no list is loaded: load one with `keruen watchlist load FILE`, or name one with --list",
            code="screen_no_list",
        )
    return recipe


# -- files -----------------------------------------------------------------------------------


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a CSV, XLSX or Parquet file by its columns' names."""
    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet

        for batch in parquet.ParquetFile(path).iter_batches(10_000):
            yield from batch.to_pylist()
    elif path.suffix.lower() == ".xlsx":
        from python_calamine import CalamineWorkbook

        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = iter(sheet.to_python())
        header = [str(each) for each in next(rows, [])]
        for row in rows:
            yield dict(zip(header, row, strict=False))
    else:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream)


_shared: tuple[Screener, date, int] | None = None
"""What workers inherit by fork; a screener is too large to send."""


def _ask(part: list[tuple[int, Party]]) -> list[dict[str, Any]]:
    assert _shared is not None
    screener, on, limit = _shared
    return list(matches_of(screener, part, on, limit))


def _screen_file(screener: Screener, path: Path, output: Path | None, *, cores: int, limit: int) -> int:
    """Screen every row; matches go to a file, or as CSV to standard output."""
    global _shared  # noqa: PLW0603 - see `_shared`
    _shared = (screener, datetime.now(UTC).date(), limit)
    parties = list(parties_in(read_rows(path)))
    parts = [parties[start : start + CHUNK] for start in range(0, len(parties), CHUNK)]
    found: list[dict[str, Any]] = []
    with progress() as bar:
        task = bar.add_task(path.name, total=len(parties))
        if cores == 1 or len(parts) == 1:
            for part in parts:
                found += _ask(part)
                bar.advance(task, len(part))
        else:
            with ProcessPoolExecutor(min(cores, os.cpu_count() or 1), get_context("fork")) as pool:
                for part, matches in zip(parts, pool.map(_ask, parts), strict=True):
                    found += matches
                    bar.advance(task, len(part))
    write_rows(found, output)
    _say_found(len(parties), found)
    return len(found)


def _screen_on_spark(recipe: ScreenerRecipe, path: Path, output: Path | None, *, master: str, limit: int) -> int:
    """Screen every row on a cluster; Spark shows its progress, and the matches come back to be written here."""
    from keruen.lake import screening
    from keruen.lake.spark import session

    with session(master) as spark:
        rows, found = screening.screen(spark, str(path.absolute()), recipe, datetime.now(UTC).date(), limit)
    write_rows(found, output)
    _say_found(rows, found)
    return len(found)


def _say_found(rows: int, found: list[dict[str, Any]]) -> None:
    hit = len({each["row"] for each in found})
    err.print(f"{rows} parties, {hit} with {len(found)} matches", highlight=False)


def write_rows(rows: list[dict[str, Any]], path: Path | None) -> None:
    """Matches as CSV, XLSX or Parquet by the file's ending; CSV to standard output without one."""
    suffix = path.suffix.lower() if path is not None else ""
    if path is not None and suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        columns = {
            name: [str(each[name]) if name not in {"row", "score"} else each[name] for each in rows] for name in RESULT
        }
        parquet.write_table(pa.table(columns), path)
    elif path is not None and suffix == ".xlsx":
        import xlsxwriter

        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet("matches")
            sheet.write_row(0, 0, RESULT)
            for number, each in enumerate(rows, 1):
                sheet.write_row(number, 0, [each[name] for name in RESULT])
    else:
        stream = path.open("w", encoding="utf-8", newline="") if path is not None else typer.get_text_stream("stdout")
        try:
            writer = csv.DictWriter(stream, RESULT)
            writer.writeheader()
            writer.writerows(rows)
        finally:
            if path is not None:
                stream.close()
