"""Commands that measure: how good and how fast screening is, on files of the asker."""

from __future__ import annotations

import gc
import importlib
import math
import multiprocessing
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, TypeVar

import typer
from rich.table import Table

from keruen.errors import InvalidInput, Unavailable
from keruen.faces.cli.app import app, err, out, print_json
from keruen.model.party import Edition, Party
from keruen.screening import labelled, quality
from keruen.screening.quality import Counts, Hit, PairFigures, QueryFigures

bench_app = typer.Typer(no_args_is_help=True, help="Measure on files of your own.")
app.add_typer(bench_app, name="bench")

LIMIT = 50
"""Matches asked for one query; recall counts the expected party among them."""
WARM = 20
"""Searches before the clock starts."""
BATCH = 20_000
"""Names of one batch: the queries again and again until there are so many."""
CHUNK = 250
MILLISECONDS = 1000

Record = TypeVar("Record")


class Found(Protocol):
    """A match as an index gives it."""

    @property
    def party(self) -> Any:  # noqa: ANN401 - a ListedParty; only its id is used
        """Who was found."""


class Searches(Protocol):
    """An index of editions."""

    def search(self, party: Party, *, threshold: float, limit: int) -> Sequence[Found]:
        """Listed parties at or above the threshold, best first."""


@bench_app.command()
def screening(
    more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]…", help="More files of pairs.")] = None,
    pairs: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Labelled pairs, CSV; repeatable.")] = None,
    queries: Annotated[Path | None, typer.Option(metavar="FILE", help="Parties to search in the list, CSV.")] = None,
    lists: Annotated[list[Path] | None, typer.Option("--list", metavar="FILE", help="A list; repeatable.")] = None,
    cores: Annotated[int, typer.Option(min=1, help="Processes of the batch.")] = 2,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Measure precision and recall on labelled pairs and queries, and the speed of searching a list."""
    files = [*(pairs or ()), *(more or ())]
    if queries and not lists:
        raise InvalidInput("--queries are searched in a list: name it with --list", code="bench_list")
    if not files and not lists:
        raise InvalidInput(
            "nothing to measure: name files of --pairs, or a --list with --queries", code="bench_nothing"
        )
    read = {path: _read(path, labelled.read_pairs) for path in files}
    asked = _read(queries, labelled.read_queries) if queries else []
    report: dict[str, Any] = {}
    if files:
        report["pairs"] = {_called(path, files): pair_report(figures_of(found)) for path, found in read.items()}
    if lists:
        editions = read_editions(lists)
        index = build(editions)
        parties = [query.party for query in asked] or [pair.query for found in read.values() for pair in found]
        if asked:
            report["queries"] = query_report(search_all(index, asked, editions))
        if parties:
            report["speed"] = speed(index, parties, cores=cores)
    if json:
        print_json(report)
    else:
        _print(report)


def figures_of(pairs: Sequence[labelled.LabelledPair]) -> PairFigures:
    """Compare all pairs and count at the one fixed threshold."""
    compare = _ours("screening.compare", "compare")
    scored = quality.score_pairs(pairs, lambda query, candidate: compare(query, candidate).score)
    return quality.figures(scored, alert())


def alert() -> float:
    """The one fixed threshold."""
    found: float = _ours("screening.thresholds", "ALERT")
    return found


def build(editions: Sequence[Edition]) -> Searches:
    """An index of editions."""
    index: Searches = _ours("screening.index", "Index").build(editions)
    return index


def read_editions(paths: Sequence[Path]) -> list[Edition]:
    """Lists as they are named: files, folders with the files of one list, or folders of several lists.

    Files of OFAC's set from one folder are one list, though each was named by itself.
    """
    found: list[Edition] = []
    sets: dict[Path, list[Path]] = {}
    for path in paths:
        if path.is_file() and _OF_A_SET.fullmatch(path.name):
            sets.setdefault(path.parent, []).append(path)
        elif path.is_dir():
            found += _in_folder(path)
        else:
            found.append(read_edition(path))
    return found + [_edition(files) for files in sets.values()]


_OF_A_SET: Final = re.compile(r"(?:sdn|alt|add|sdn_comments|cons_\w+)\.csv(?:\.gz)?", re.IGNORECASE)


def _in_folder(folder: Path) -> list[Edition]:
    """The one list that a folder's files are, or each file as a list; what is no list is said and left out."""
    try:
        return [read_edition(folder)]
    except InvalidInput as whole:
        found = []
        for file in sorted(each for each in folder.iterdir() if each.is_file()):
            try:
                found.append(read_edition(file))
            except InvalidInput as error:
                err.print(f"left out: {error}", highlight=False)
        if not found:
            raise whole from None
        return found


def read_edition(path: Path) -> Edition:
    """A list: one file, or a folder with the files of one list."""
    return _edition(sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path])


def _edition(files: Sequence[Path]) -> Edition:
    try:
        contents = [(each.name, each.read_bytes()) for each in files]
    except OSError as error:
        place = str(error.filename or files[0])
        raise InvalidInput(f"{place} cannot be read: {error.strerror}", code="bench_file", file=place) from error
    edition: Edition = _ours("watchlists.read", "read")(contents)
    return edition


def _ours(module: str, name: str) -> Any:  # noqa: ANN401 - rooms that are loaded only when something is measured
    try:
        return getattr(importlib.import_module(f"keruen.{module}"), name)
    except ModuleNotFoundError as error:
        raise Unavailable(f"keruen.{module} is not part of this edition of Keruen", code="bench_room") from error


def search_all(index: Searches, queries: Sequence[labelled.ListQuery], editions: Sequence[Edition]) -> QueryFigures:
    """Search every query and count at the one fixed threshold."""
    known = {party.id for edition in editions for party in edition.parties}
    strange = [query for query in queries if query.expected_id and not quality.listed_id(query.expected_id, known)]
    if strange:
        err.print(
            f"{len(strange)} queries expect a party that the list does not have, such as {strange[0].expected_id}: "
            "they count as missed",
            highlight=False,
        )
    hits = [
        Hit(query, tuple(match.party.id for match in index.search(query.party, threshold=alert(), limit=LIMIT)))
        for query in queries
    ]
    return quality.query_figures(hits, known)


def speed(index: Searches, parties: Sequence[Party], *, cores: int) -> dict[str, float]:
    """Time one search after another in this process, then a batch on several processes.

    Args:
        index: Where is searched.
        parties: Who is searched; each with its first name alone, since figures are of one name.
        cores: Processes of the batch, forked so that they share the index.

    Returns:
        `p50_ms` and `p99_ms` of one search, nearest rank; `names_per_s` of the batch, forking included.
    """
    single = [party._replace(names=party.names[:1]) for party in parties]
    _timed(index, single[:WARM])
    gc.collect()
    gc.freeze()
    try:
        took = sorted(_timed(index, [party]) for party in single)
        batch = [single[place % len(single)] for place in range(BATCH)]
        began = time.perf_counter()
        _search_batch(index, batch, cores)
        batch_s = time.perf_counter() - began
    finally:
        gc.unfreeze()
    return {
        "p50_ms": _rank(took, 0.50) * MILLISECONDS,
        "p99_ms": _rank(took, 0.99) * MILLISECONDS,
        "names_per_s": len(batch) / batch_s,
    }


_shared: list[Searches] = []


def _search_batch(index: Searches, parties: Sequence[Party], cores: int) -> None:
    """Search all parties on forked processes; they inherit the index, so it is not copied."""
    _shared[:] = [index]
    chunks = [parties[start : start + CHUNK] for start in range(0, len(parties), CHUNK)]
    try:
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            assert sum(pool.imap_unordered(_search_chunk, chunks)) == len(parties)
    finally:
        _shared.clear()


def _search_chunk(parties: Sequence[Party]) -> int:
    _timed(_shared[0], parties)
    return len(parties)


def _timed(index: Searches, parties: Sequence[Party]) -> float:
    """Seconds to search some parties."""
    threshold = alert()
    began = time.perf_counter()
    for party in parties:
        index.search(party, threshold=threshold, limit=LIMIT)
    return time.perf_counter() - began


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def pair_report(found: PairFigures) -> dict[str, Any]:
    """The figures of one file as JSON holds them; null where there is nothing to divide by."""
    return {
        **_counts(found.counts),
        "by_category": {
            name: {**_counts(counts), "recall_at_precision_95": found.recall_at_precision[name]}
            for name, counts in found.by_category.items()
        },
    }


def query_report(found: QueryFigures) -> dict[str, Any]:
    """The figures of searching as JSON holds them."""
    return {"n": found.n, "recall": found.recall, "clean_alerted": found.clean_alerted}


def _called(path: Path, files: Sequence[Path]) -> str:
    """A file's name, or its path where two files of one name were given."""
    return path.name if [each.name for each in files].count(path.name) == 1 else str(path)


def _counts(counts: Counts) -> dict[str, Any]:
    return {"n": counts.n, "precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _read(path: Path, reader: Callable[..., list[Record]]) -> list[Record]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return reader(lines, name=path.name)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", code="bench_file", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8: save it as UTF-8", code="bench_file", file=str(path)) from error


def _print(report: dict[str, Any]) -> None:
    for name, found in report.get("pairs", {}).items():
        table = Table(f"{name}, threshold {alert():.3f}", "n", "precision", "recall", "F1", title_justify="left")
        table.add_row("all", *_cells(found), end_section=True)
        for category, part in found["by_category"].items():
            table.add_row(category, *_cells(part))
        out.print(table)
    if "queries" in report:
        found = report["queries"]
        out.print(
            f"queries: {found['n']}, recall {_shown(found['recall'])}, "
            f"clean parties alerted {_shown(found['clean_alerted'])}",
            highlight=False,
        )
    if "speed" in report:
        found = report["speed"]
        out.print(
            f"speed: p50 {found['p50_ms']:.2f} ms, p99 {found['p99_ms']:.2f} ms, {found['names_per_s']:,.0f} names/s",
            highlight=False,
        )


def _cells(found: dict[str, Any]) -> list[str]:
    return [str(found["n"]), *(_shown(found[key]) for key in ("precision", "recall", "f1"))]


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
