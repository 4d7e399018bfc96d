"""The whole path of a file: NDJSON read, parsed, verified, allocated, posted, journalled, committed; then published.

A simulated country, in the order its documents were filed, with the deadlines that fall due on the way. The
peer of the document lines is the floor of what was written: every row the run put into the books, copied once
more by binary COPY into plain tables without index, check or partition. Beside it, what reading and parsing
alone reach, and the journal's publishing beside plain SHA-256 over the same entries.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.ground import BOOKS, Ground
from bench.measure import Findings, Stopwatch, at_least, calm
from bench.papers import GATEWAY
from keruen import formats
from keruen.documents.parsing import Parsed, Parser
from keruen.documents.problems import RowProblem
from keruen.journal.checkpoint import Checkpoint
from keruen.simulate import simulate
from keruen.simulate.run import Summary
from keruen.store.journal import Journal
from keruen.workflow.intake import Options, Report, take_in
from keruen.workflow.publish import publish

GOAL = 5_000
BATCH = 1000
TREE = "SELECT %s::regclass AS c UNION ALL SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = %s::regclass"
WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True, slots=True)
class Country:
    """A simulated country in the books, and what it took to put it there."""

    made: Summary
    report: Report
    seconds: float
    bytes_read: int
    wal_bytes: int
    updates: dict[str, tuple[int, int]]
    """Table to its rows updated, and how many of them without a new index entry."""


def run(ground: Ground, found: Findings) -> None:
    """Measure the path and its parts."""
    country = load(ground)
    made = country.made
    rate = made.lines / country.seconds
    floor = _plain_copy(ground)
    found.add(
        "document lines, file to commit",
        rate,
        "/s",
        peer=made.lines / floor,
        peer_name="if their rows were only copied",
        target=at_least(GOAL),
        note=f"{made.records / country.seconds:,.0f} documents/s; {made.lines:,} lines, "
        f"{country.report.rejected} records rejected, {country.report.repeated} repeated",
    )
    _reading(ground, found, made)
    _publishing(ground, found)
    found.facts |= {
        "lines": made.lines,
        "records": made.records,
        "kinds": made.kinds,
        "lines_per_s": rate,
        "input_bytes": country.bytes_read,
        "wal_bytes": country.wal_bytes,
        "tables": sizes(ground, country.updates),
        "copied_lines_per_s": made.lines / floor,
        "zipped_bytes": _zipped(ground),
    }
    per_line = sum(each["total"] for each in found.facts["tables"].values()) / made.lines
    found.add(
        "database bytes a document line, indexes too",
        per_line,
        "bytes",
        peer=country.bytes_read / made.lines,
        peer_name="as NDJSON",
    )
    found.add(
        "write-ahead log a document line",
        country.wal_bytes / made.lines,
        "bytes",
        peer=country.bytes_read / made.lines,
        peer_name="as NDJSON",
    )


def country_files(ground: Ground) -> Summary:
    """The simulated country as files, made once a run."""
    if "files" not in ground.cache:
        lines = ground.size(10_000, 100_000)
        ground.cache["files"] = simulate(
            "1",
            lines,
            ["all"],
            ground.home / "country",
            lambda done, total: ground.show("making the country", done, total),
        )
    made: Summary = ground.cache["files"]
    return made


def load(ground: Ground) -> Country:
    """The country in the books; put there once, unless another bench emptied them."""
    if "country" in ground.cache:
        found: Country = ground.cache["country"]
        return found
    made = country_files(ground)
    ground.empty()
    with ground.connect() as raw:
        wal, before = _one(raw, WAL), _updates()
        with calm():
            watch = Stopwatch()
            report = take_in(
                ground.office,
                records(ground, made.out),
                GATEWAY,
                Options(
                    history=True,
                    batch_size=BATCH,
                    on_progress=lambda done: ground.show("file to commit", done, made.records),
                ),
            )
            seconds = watch.seconds
        wal = _one(raw, WAL) - wal
    updates = {name: (row[0] - before[name][0], row[1] - before[name][1]) for name, row in _updates().items()}
    read = sum(path.stat().st_size for path in made.out.glob("records-*.ndjson"))
    ground.cache["country"] = Country(made, report, seconds, read, int(wal), updates)
    country: Country = ground.cache["country"]
    return country


def records(ground: Ground, folder: Path) -> Iterator[formats.RawRecord | RowProblem]:
    """The records of a country's files."""
    for path in sorted(folder.glob("records-*.ndjson")):
        with path.open("rb") as stream:
            yield from formats.read(stream, formats.Format.NDJSON, profile=ground.office.profile)


def sizes(ground: Ground, updates: dict[str, tuple[int, int]]) -> dict[str, dict[str, int]]:
    """Bytes of each table of the books with its partitions, and its rows and updates; to be asked when published."""
    found = {}
    with ground.connect() as raw:
        # Published entries left it: what remains is room that the next ones take.
        raw.execute("VACUUM keruen_leaf")
        for name in BOOKS:
            row = raw.execute(
                "SELECT sum(pg_table_size(c)), sum(pg_indexes_size(c)), sum(pg_total_relation_size(c)), count(*) "
                f"FROM ({TREE}) AS tree",
                (f"keruen_{name}", f"keruen_{name}"),
            ).fetchone()
            count = _one(raw, f"SELECT count(*) FROM keruen_{name}")
            assert row is not None
            found[name] = {
                "rows_bytes": int(row[0]),
                "index_bytes": int(row[1]),
                "total": int(row[2]),
                "relations": row[3],
                "rows": count,
                "updated": updates[name][0],
                "updated_hot": updates[name][1],
            }
    return found


def _updates() -> dict[str, tuple[int, int]]:
    """Rows updated in each table since it was made, and how many of them in place of the old index entries."""
    from keruen.store.rows import raw_connection

    # Asked of the session that wrote: its last counts would otherwise wait in it.
    raw = raw_connection()
    raw.execute("SELECT pg_stat_force_next_flush()")
    raw.execute("SELECT 1")
    found = {}
    for name in BOOKS:
        row = raw.execute(
            "SELECT coalesce(sum(pg_stat_get_tuples_updated(c)), 0), "
            f"coalesce(sum(pg_stat_get_tuples_hot_updated(c)), 0) FROM ({TREE}) AS tree",
            (f"keruen_{name}", f"keruen_{name}"),
        ).fetchone()
        assert row is not None
        found[name] = (int(row[0]), int(row[1]))
    return found


def published(ground: Ground) -> tuple[Journal, Checkpoint, float]:
    """The country's journal, published once, and the seconds that took."""
    load(ground)
    country = ground.cache["country"]
    if ground.cache.get("published_of") is not country:
        ground.show("publishing the journal")
        journal = ground.journal()
        with calm():
            watch = Stopwatch()
            checkpoint = publish(ground.store, journal)
            seconds = watch.seconds
        ground.cache["published"] = (journal, checkpoint, seconds)
        ground.cache["published_of"] = country
    found: tuple[Journal, Checkpoint, float] = ground.cache["published"]
    return found


def entry_bytes(ground: Ground) -> Iterator[bytes]:
    """Every numbered entry, a chunk at a time."""
    count, chunk = ground.store.numbered_count(), 10_000
    for start in range(0, count, chunk):
        yield from ground.store.numbered_entries(start, chunk)


def _publishing(ground: Ground, found: Findings) -> None:
    journal, checkpoint, seconds = published(ground)
    entries = list(entry_bytes(ground))
    with calm():
        watch = Stopwatch()
        for entry in entries:
            hashlib.sha256(entry).digest()
        hashed = len(entries) / watch.seconds
    tiles = sum(path.stat().st_size for path in journal.directory.path.rglob("*") if path.is_file())
    found.add(
        "journal entries published",
        checkpoint.size / seconds,
        "/s",
        peer=hashed,
        peer_name="SHA-256 of the same bytes",
    )
    found.facts |= {
        "publish_entries_per_s": checkpoint.size / seconds,
        "entries": checkpoint.size,
        "tile_bytes": tiles,
        "entry_bytes": sum(map(len, entries)),
    }


def _reading(ground: Ground, found: Findings, made: Summary) -> None:
    """The same files only read, and only read and parsed."""
    ground.show("reading and parsing alone")
    with calm():
        watch = Stopwatch()
        raw = sum(1 for _ in records(ground, made.out))
        read_s = watch.seconds
        watch = Stopwatch()
        parser, parsed = Parser(ground.office.profile), 0
        for record in records(ground, made.out):
            if isinstance(record, formats.RawRecord):
                parsed += isinstance(parser.parse(record.fields, row=record.row, line_rows=record.line_rows), Parsed)
        parse_s = watch.seconds
    assert raw >= parsed
    found.add(
        "document lines only read and parsed",
        made.lines / parse_s,
        "/s",
        peer=made.lines / read_s,
        peer_name="only read",
    )
    found.facts |= {"parse_lines_per_s": made.lines / parse_s, "read_lines_per_s": made.lines / read_s}


def _zipped(ground: Ground) -> dict[str, int]:
    """Bytes of the tables an analyst reads, as CSV packed by zlib: more than a columnar file would take."""
    found = {}
    with ground.connect() as raw:
        for name in ("document", "posting", "lot", "lot_edge", "event", "decision"):
            packer, size = zlib.compressobj(6), 0
            with raw.cursor().copy(f"COPY (SELECT * FROM keruen_{name}) TO STDOUT (FORMAT csv)") as out:
                for block in out:
                    size += len(packer.compress(block))
            found[name] = size + len(packer.flush())
    return found


def _plain_copy(ground: Ground) -> float:
    """Seconds to copy everything in the books into plain tables."""
    took = 0.0
    with ground.connect() as source, ground.connect() as sink:
        for name in BOOKS:
            ground.show(f"copying {name} once more, plain")
            sink.execute("DROP TABLE IF EXISTS bench_plain")
            sink.execute(f"CREATE TABLE bench_plain (LIKE keruen_{name})")
            kept = io.BytesIO()
            with source.cursor().copy(f"COPY (SELECT * FROM keruen_{name}) TO STDOUT (FORMAT binary)") as out:
                for block in out:
                    kept.write(block)
            content = kept.getvalue()
            watch = Stopwatch()
            with sink.cursor().copy("COPY bench_plain FROM STDIN (FORMAT binary)") as copy:
                for start in range(0, len(content), 1 << 18):
                    copy.write(content[start : start + (1 << 18)])
            took += watch.seconds
        sink.execute("DROP TABLE bench_plain")
    return took


def _one(raw: psycopg.Connection[Any], question: str) -> int:
    row = raw.execute(question).fetchone()
    assert row is not None
    return int(row[0])
