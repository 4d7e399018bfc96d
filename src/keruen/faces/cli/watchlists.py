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
from keruen.faces.cli.app import app, chosen_settings, err, out, print_json, progress
from keruen.model.party import Identifier, Party, PartyKind
from keruen.screening.explain import as_data, in_words
from keruen.screening.screener import Screener, Thresholds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
    lang: Annotated[str, typer.Option(help="kk, ru or en.")] = "en",
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Ask the lists in force who a party may be. Exits with 4 where somebody is found."""
    screener = _screener(lists, threshold)
    if file is not None:
        found = _screen_file(screener, file, output, cores=cores, limit=limit)
        raise typer.Exit(4 if found else 0)
    if not names and not number:
        raise InvalidInput("give a name, an --id, or a --file", code="screen_nothing")
    party = Party(
        tuple(names or ()),
        kind,
        tuple(born or ()),
        tuple(each.lower() for each in country or ()),
        tuple(_identifier(each) for each in number or ()),
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
    found = chosen_settings()
    if threshold is not None:
        return Thresholds.read("", threshold)
    return Thresholds.read(found.screening_thresholds or "", found.screening_threshold)


def _screener(lists: list[Path] | None, threshold: float | None) -> Screener:
    found, thresholds = chosen_settings(), _thresholds(threshold)
    if lists:
        from keruen.store.screeners import screener_of
        from keruen.watchlists.read import read

        return screener_of([read(_contents([each])) for each in lists], thresholds)
    screener = compose.watchlists(found).screener(thresholds)
    if not screener.editions:
        raise InvalidInput(
            "no list is loaded: load one with `keruen watchlist load FILE`, or name one with --list",
            code="screen_no_list",
        )
    return screener


def _identifier(text: str) -> Identifier:
    scheme, _, value = text.partition(":")
    return Identifier(scheme, value) if value else Identifier("other", scheme)


# -- files -----------------------------------------------------------------------------------

COLUMNS = ("name", "aliases", "kind", "dates", "countries", "identifiers", "addresses", "reference")
RESULT = (
    "row",
    "reference",
    "name",
    "score",
    "standing",
    "ground",
    "list",
    "edition",
    "id",
    "listed_name",
    "matched_name",
    "programmes",
    "measures",
    "identifier",
    "date",
    "country",
)


def parties_in(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[int, Party]]:
    """Parties of a file's rows, with their row numbers; `|` stands between several values.

    Raises:
        InvalidInput: A row without a name, or a kind that is none; says the row.
    """
    for row_number, raw in enumerate(rows, 2):
        row = {str(key).strip().lower(): str(cell if cell is not None else "").strip() for key, cell in raw.items()}
        if not row.get("name"):
            if any(row.values()):
                raise InvalidInput(f"row {row_number} has no name", code="screen_row", row=str(row_number))
            continue
        many = {name: tuple(each.strip() for each in row.get(name, "").split("|") if each.strip()) for name in COLUMNS}
        try:
            kind = PartyKind(row.get("kind", "").lower() or PartyKind.UNKNOWN)
        except ValueError:
            raise InvalidInput(
                f"row {row_number}: {row['kind']!r} is no kind; known are {', '.join(PartyKind)}",
                code="screen_row",
                row=str(row_number),
            ) from None
        yield (
            row_number,
            Party(
                (row["name"], *many["aliases"]),
                kind,
                many["dates"],
                tuple(each.lower() for each in many["countries"]),
                tuple(_identifier(each) for each in many["identifiers"]),
                many["addresses"],
                row.get("reference", ""),
            ),
        )


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
    return [result(row, party, as_data(hit)) for row, party in part for hit in screener.screen(party, on)[:limit]]


def result(row: int, party: Party, found: dict[str, Any]) -> dict[str, Any]:
    """One match of one row, flat."""
    return {
        "row": row,
        "reference": party.reference,
        "name": party.names[0],
        **{key: found[key] for key in ("score", "standing", "ground", "list", "edition", "id", "matched_name")},
        "listed_name": found["name"],
        "programmes": "; ".join(found["programmes"]),
        "measures": "; ".join(found["measures"]),
        **{key: found["facts"][key] or "" for key in ("identifier", "date", "country")},
    }


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
    hit = len({each["row"] for each in found})
    err.print(f"{len(parties)} parties, {hit} with {len(found)} matches", highlight=False)
    return len(found)


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
