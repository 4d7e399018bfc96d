"""From a measured machine to a billion document lines a year: the arithmetic of docs/scale.md.

`python -m bench.scale` reads the figures of `make bench` and writes the page. Every number on it is *measured* (by
that run), *computed* (from measured ones, here) or *assumed* (stands in `ASSUMED`, with its reason); nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bench.__main__ import RESULTS
from bench.docs import machine_text
from bench.measure import number

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
YEAR_S = 365.25 * 24 * 3600
DAY_S, HOUR_S = 24 * 3600, 3600
MIB, GIB, TIB = 2**20, 2**30, 2**40
NEEDED = ("floors", "intake", "log", "shards", "api", "book_size")
BY_MONTH = ("posting", "event", "decision", "outbox")
PASSING = ("leaf",)
"""Tables that empty themselves: what was published leaves them."""


class Assumption(NamedTuple):
    """A number nobody measured, and why we took it."""

    value: float
    unit: str
    reason: str


ASSUMED: Mapping[str, Assumption] = {
    "lines_a_year": Assumption(1e9, "lines", "the goal we set ourselves"),
    "peak": Assumption(
        10,
        "x",
        "the busiest hour over the mean: offices file in eight hours of five days (x 4.2), month ends and a backlog "
        "after an outage do the rest",
    ),
    "disk": Assumption(8 * TIB, "bytes", "one server's NVMe, mirrored"),
    "memory": Assumption(256 * GIB, "bytes", "one server"),
    "cached": Assumption(0.5, "", "share of that memory PostgreSQL and the file cache have for indexes"),
    "full_pages": Assumption(
        3,
        "x",
        "a large book dirties other pages after each checkpoint, and writes each of them whole once; the measured "
        "run was small enough to write few",
    ),
    "busy": Assumption(0.6, "", "of a process's highest rate is used, so that answers stay quick"),
    "reads": Assumption(20, "pages", "read a document filed: lists, the document, its trace, by firms and officers"),
    "kept_years": Assumption(5, "years", "kept in the database; older months are in the lake and in the log"),
    "publish_s": Assumption(5, "s", "between checkpoints, as `keruen serve` publishes"),
    "top_s": Assumption(60, "s", "between checkpoints of the log of logs"),
    "two_phases": Assumption(
        2, "x", "the work of a command on each shard it touches, where it touches several: set aside, then complete"
    ),
    "columnar": Assumption(0.5, "x", "Parquet with zstd against the same rows as zipped CSV"),
    "scan": Assumption(200 * MIB, "bytes/s", "of Parquet read and grouped by one Spark core"),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that gives way at so many lines a year."""

    name: str
    lines_a_year: float
    remedy: str


class Model:
    """The measured figures and what follows from them."""

    def __init__(self, results: Mapping[str, Any]) -> None:
        missing = [name for name in NEEDED if name not in results["benches"] or results["benches"][name]["error"]]
        if missing:
            raise SystemExit(f"run `python -m bench {' '.join(missing)}` first: their figures are missing")
        self.results = results
        facts = {name: results["benches"][name]["facts"] for name in NEEDED}
        self.facts = facts
        intake = facts["intake"]
        self.lines: float = intake["lines"]
        self.tables: dict[str, dict[str, int]] = intake["tables"]
        self.wanted = ASSUMED["lines_a_year"].value
        self.mean = self.wanted / YEAR_S
        self.peak = self.mean * ASSUMED["peak"].value
        self.records_a_line = intake["records"] / self.lines
        self.entries_a_line = intake["entries"] / self.lines
        self.kept = {name: each for name, each in self.tables.items() if name not in PASSING}
        self.bytes_a_line = sum(each["total"] for each in self.kept.values()) / self.lines
        self.wal_a_line = intake["wal_bytes"] / self.lines
        self.tile_bytes_a_line = intake["tile_bytes"] / self.lines
        self.api_rate = max(value for name, value in facts["api"].items() if name.startswith("posts_"))

    def a_year(self, per_line: float) -> float:
        """So much a line, at the wanted lines a year."""
        return per_line * self.wanted

    def whole(self, name: str, what: str = "total") -> float:
        """A table's bytes a line."""
        return self.tables[name][what] / self.lines

    @property
    def hot_index_a_line(self) -> float:
        """Index bytes a line that a month's inserts touch at random: tables that are not parted by month."""
        kept: float = sum(each["index_bytes"] for name, each in self.kept.items() if name not in BY_MONTH)
        return kept / self.lines

    @property
    def month_index_a_line(self) -> float:
        """Index bytes a line in tables parted by month."""
        return sum(self.tables[name]["index_bytes"] for name in BY_MONTH) / self.lines

    @property
    def read_ms(self) -> float:
        """Median of a page on the large book, over all pages."""
        medians: list[float] = [after for _, after in self.facts["book_size"]["medians_ms"].values()]
        return sum(medians) / len(medians)

    def limits(self) -> list[Limit]:
        """What gives way, the first first."""
        peak, busy = ASSUMED["peak"].value, ASSUMED["busy"].value
        memory, disk = ASSUMED["memory"].value, ASSUMED["disk"].value
        replay = self.facts["log"]["replay_bytes_per_entry"]
        wal = self.wal_a_line * ASSUMED["full_pages"].value
        cached = memory * ASSUMED["cached"].value
        month = self.hot_index_a_line / 12 + self.month_index_a_line / 12
        found = [
            Limit(
                "a whole year replayed by one process holds it in memory",
                memory / (replay * self.entries_a_line),
                "replay by shard, or month by month from a proved balance; the entries are proved in constant memory",
            ),
            Limit(
                f"{ASSUMED['kept_years'].value:.0f} years of the books on one server's disk",
                disk / (self.bytes_a_line * ASSUMED["kept_years"].value),
                "detach old months to the lake; part documents, keys and lots by month too; then shards",
            ),
            Limit(
                "the indexes written at random in a month no longer fit in memory",
                cached / month,
                "ids with the month in front (a month's part is hot, not the year's); more memory; shards",
            ),
            Limit(
                "one process of the API, one document a request, in the peak hour",
                self.api_rate * busy / self.records_a_line * YEAR_S / peak,
                "more workers; several documents a request",
            ),
            Limit(
                "one process taking in files, in the peak hour",
                self.facts["intake"]["lines_per_s"] * busy * YEAR_S / peak,
                "several processes, which wait for each other only over the same documents and balances (not measured)",
            ),
            Limit(
                "one publisher numbering and writing the journal, in the peak hour",
                self.facts["intake"]["publish_entries_per_s"] * busy / self.entries_a_line * YEAR_S / peak,
                "one log a shard",
            ),
            Limit("a replica over 1 Gbit/s in the peak hour", 125e6 * busy / wal * YEAR_S / peak, "10 Gbit/s"),
        ]
        return sorted(found, key=lambda limit: limit.lines_a_year)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def _size(value: float) -> str:
    for unit, name in ((TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (1024, "KiB")):
        if value >= unit:
            return f"{number(value / unit)} {name}"
    return f"{number(value)} bytes"


def _count(value: float) -> str:
    for unit, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if value >= unit:
            return f"{number(value / unit)} {name}"
    return number(value)


def page(model: Model) -> str:
    """The page."""
    parts = [_head, _writes, _storage, _partitions, _wal, _vacuum, _reads, _shards, _log, _lake, _first, _assumed]
    return "\n".join(line for part in parts for line in part(model)).rstrip() + "\n"


def _head(model: Model) -> list[str]:
    quick = any(model.results["benches"][name]["quick"] for name in NEEDED)
    limits = model.limits()
    return [
        "# How far it goes",
        "",
        (
            "Made by `python -m bench.scale` from the figures of `make bench`; do not edit. Numbers are **measured** "
            "(M) in that run, **computed** (C) from measured ones, or **assumed** (A) with the reason in the last "
            "table."
        ),
        "",
        f"Measured on {machine_text(model.results['machine'])}; load averages up to "
        f"{number(max(each['load_before'] for each in model.results['benches'].values()))}, since others worked on "
        "the "
        f"same cores." + (" **Quick sizes**: rates are of a cold, small book." if quick else ""),
        "",
        (
            f"A billion document lines a year are {number(model.mean)} a second on average and {number(model.peak)} "
            "in the busiest hour (C). One process on this machine files "
            f"{number(model.facts['intake']['lines_per_s'])} (M). So the write rate is not what gives way: first "
            f"comes *{limits[0].name}*, at {_count(limits[0].lines_a_year)} lines a year, then *{limits[1].name}*, at "
            f"{_count(limits[1].lines_a_year)} (C)."
        ),
        "",
    ]


def _writes(model: Model) -> list[str]:
    facts = model.facts
    rows = [
        ("document lines a second, mean and peak", f"{number(model.mean)} / {number(model.peak)}", "C"),
        (
            "documents and actions a second, mean and peak",
            f"{number(model.mean * model.records_a_line)} / {number(model.peak * model.records_a_line)}",
            "C",
        ),
        ("file to commit, one process", f"{number(facts['intake']['lines_per_s'])} lines/s", "M"),
        ("headroom over the peak hour", f"{number(facts['intake']['lines_per_s'] / model.peak)} x", "C"),
        ("API, a document a request, one process", f"{number(model.api_rate)}/s", "M"),
        (
            "API processes for the peak hour, all documents one by one",
            number(-(-model.peak * model.records_a_line // (model.api_rate * ASSUMED["busy"].value))),
            "C",
        ),
        ("the same rows copied into plain tables", f"{number(facts['intake']['copied_lines_per_s'])} lines/s", "M"),
        ("one row a commit, one connection", f"{number(facts['floors']['single_commits_per_s'])}/s", "M"),
    ]
    return [
        "## Writing",
        "",
        *_table(("", "", ""), rows),
        (
            f"A line here is a line of any document; there are {number(1 / model.records_a_line)} to a document or "
            f"action (M, the simulated country of {model.lines:,} lines)."
        ),
        "",
    ]


def _storage(model: Model) -> list[str]:
    rows = []
    for name, each in sorted(model.tables.items(), key=lambda item: -item[1]["total"]):
        if each["total"] / model.lines < 1:
            continue
        rows.append(
            (
                f"`keruen_{name}`",
                number(each["rows"] / model.lines),
                number(each["rows_bytes"] / model.lines),
                number(each["index_bytes"] / model.lines),
                "passes" if name in PASSING else _size(model.a_year(each["total"] / model.lines)),
            )
        )
    rows.append(
        (
            "all that stays",
            "",
            "",
            f"**{number(model.bytes_a_line)}**",
            f"**{_size(model.a_year(model.bytes_a_line))}**",
        )
    )
    rows.append(
        (
            "tiles of the log, as files",
            "",
            "",
            number(model.tile_bytes_a_line),
            _size(model.a_year(model.tile_bytes_a_line)),
        )
    )
    return [
        "## Storage",
        "",
        (
            "Bytes a document line, measured after the whole-path run with `pg_total_relation_size` over every "
            "partition. The last column is computed for a billion lines. In the measured run years of partitions "
            "hold little each, so their half-empty pages make the figures larger than they would be."
        ),
        "",
        *_table(("table", "rows a line (M)", "bytes of rows (M)", "bytes of indexes (M)", "a year (C)"), rows),
        (
            "The journal is kept twice: `keruen_log_entry` is what the tiles are made from. Once tiles are "
            "published, verified and copied elsewhere, partitions of ten million entries can be detached, which "
            f"saves {_size(model.a_year(model.whole('log_entry')))} a year (C). Months of the outbox can be dropped once "
            f"sent, another {_size(model.a_year(model.whole('outbox')))} (C); nothing does either today."
        ),
        "",
    ]


def _partitions(model: Model) -> list[str]:
    month = {name: model.a_year(model.whole(name)) / 12 for name in BY_MONTH}
    logs = model.a_year(model.entries_a_line) / 10e6
    rows = [
        (f"`keruen_{name}_YYYY_MM`", _count(model.a_year(model.tables[name]["rows"] / model.lines) / 12), _size(size))
        for name, size in month.items()
    ]
    unparted = [name for name in model.kept if name not in (*BY_MONTH, "log_entry", "organisation")]
    return [
        "## Partitions",
        "",
        *_table(("a month's partition (C)", "rows", "with indexes"), rows),
        (
            f"The numbered journal takes {number(logs)} partitions a year (C). Four monthly tables over "
            f"{ASSUMED['kept_years'].value:.0f} years are {4 * 12 * int(ASSUMED['kept_years'].value)} partitions, "
            "which the planner prunes by time. A question by document alone looks into each month's index, though the "
            "month stands in most ids: naming it there is to be done before the partitions are many."
        ),
        "",
        "Not parted today: " + ", ".join(f"`keruen_{name}`" for name in unparted) + f". Together they add "
        f"{_size(sum(model.a_year(model.whole(name)) for name in unparted))} a year, "
        f"{_size(model.a_year(model.hot_index_a_line))} of it indexes (C). Their keys begin with kind and month "
        "(`SNT-2503-…`), so a month's inserts touch a twelfth of them at random: "
        f"{_size(model.a_year(model.hot_index_a_line) / 12)} to keep in memory (C). A filer who chooses ids without a "
        "month spoils that for his part.",
        "",
    ]


def _wal(model: Model) -> list[str]:
    grown = model.wal_a_line * ASSUMED["full_pages"].value
    rows = [
        ("a document line, this run", _size(model.wal_a_line), "M"),
        ("a document line on a large book", _size(grown), "C, x 3 A"),
        ("mean", f"{_size(grown * model.mean)}/s", "C"),
        ("peak hour", f"{_size(grown * model.peak)}/s", "C"),
        ("a day, to archive", _size(grown * model.mean * DAY_S), "C"),
        (
            "a checkpoint of 2 GB (`max_wal_size`) in the peak hour",
            f"every {number(2 * GIB / (grown * model.peak) / 60)} min",
            "C",
        ),
        ("a checkpoint of 32 GB", f"every {number(32 * GIB / (grown * model.peak) / 60)} min", "C"),
    ]
    return [
        "## Write-ahead log",
        "",
        *_table(("", "", ""), rows),
        (
            "`wal_compression` is on. At this rate `max_wal_size` wants to be 32 GB: fewer checkpoints, fewer whole "
            "pages."
        ),
        "",
    ]


def _vacuum(model: Model) -> list[str]:
    rows = []
    for name, each in sorted(model.kept.items(), key=lambda item: -item[1]["updated"]):
        updated = each["updated"] / model.lines
        if updated * model.lines < 100:
            continue
        a_day = updated * model.mean * DAY_S
        held = model.a_year(each["rows"] / model.lines)
        rows.append(
            (
                f"`keruen_{name}`",
                number(updated),
                f"{100 * each['updated_hot'] / each['updated']:.0f} %",
                _count(a_day),
                f"{number(0.2 * held / a_day)} days",
                f"{number(0.01 * held / a_day)} days",
            )
        )
    commits = model.a_year(model.records_a_line)
    return [
        "## Vacuum",
        "",
        (
            "Postings, events, decisions, lots, edges and the journal are only ever added to: vacuum passes them "
            "once, to freeze. What is updated:"
        ),
        "",
        *_table(
            (
                "table",
                "updates a line (M)",
                "in place of index entries (M)",
                "dead rows a day (C)",
                "vacuumed every, default 0.2 (C, after a year)",
                "with scale factor 0.01",
            ),
            rows,
        ),
        (
            "The default of a fifth lets dead rows pile up for months on a table of this size, so these tables want "
            "`autovacuum_vacuum_scale_factor = 0.01`. `keruen_leaf` is filled and emptied all the time and must be "
            "vacuumed every minute or so."
        ),
        "",
        (
            f"Transaction numbers: one a document filed alone, {_count(commits)} a year (C); a freeze of old tables "
            f"every {number(200e6 / commits * 365)} days at `autovacuum_freeze_max_age` = 200 million. Batches of a "
            "thousand use a thousandth."
        ),
        "",
    ]


def _reads(model: Model) -> list[str]:
    book = model.facts["book_size"]
    rate = model.peak * model.records_a_line * ASSUMED["reads"].value
    cores = rate * model.read_ms / 1e3
    rows = [
        (name, f"{number(before)} ms", f"{number(after)} ms", number(after / before))
        for name, (before, after) in book["medians_ms"].items()
    ]
    return [
        "## Reading",
        "",
        *_table(("page, median (M)", f"{book['small']:,} postings", f"{book['large']:,} postings", "ratio"), rows),
        (
            f"At {ASSUMED['reads'].value:.0f} pages a document filed (A) the peak hour asks for {number(rate)} pages "
            f"a second (C). At {number(model.read_ms)} ms each, the mean of the medians above, the questions alone keep "
            f"{number(cores)} cores of this kind busy (C), server and Python together: replicas of 16 cores wanted for "
            f"them, {number(max(1, -(-cores // (16 * ASSUMED['busy'].value))))}, and one more for when one is away. What "
            "must see its own write (a filer after filing) is to be read from the primary; lists, traces and "
            "analysts' questions may be read from a replica. Keruen reads from one database today."
        ),
        "",
    ]


def _shards(model: Model) -> list[str]:
    facts = model.facts["shards"]
    lines = [
        "## Shards",
        "",
        (
            "A plan, not built: one database carries the writes, and shards are for storage, memory and replay. The "
            f"{facts['commands']:,} "
            "commands of the simulated country that moved goods (M) were laid on 1 to 32 databases by a hash (C). "
            f"{facts['one_lot_share'] * 100:.0f} % of them move one lot only. A command that touches several shards "
            "is cut into linked commands, each setting goods aside on its shard, then completing; it is counted as "
            f"{ASSUMED['two_phases'].value:.0f} units of work on each (A). *Gain* is how many times the throughput of "
            "one database that leaves, if the fullest shard of the year is what counts; *in a rush*, if it is the "
            "fullest in 99 of 100 windows of a thousand commands, where part of the unevenness is chance and a queue "
            "of seconds would level it."
        ),
        "",
    ]
    for name, spreads in facts["placements"].items():
        rows = []
        for each in spreads:
            work = each["single"] + (1 - each["single"]) * each["touched"] * ASSUMED["two_phases"].value
            rows.append(
                (
                    str(each["shards"]),
                    f"{each['single'] * 100:.1f} %",
                    number(each["touched"]) if each["touched"] else "",
                    number(each["skew_year"]),
                    number(each["skew_p99"]),
                    number(each["shards"] / (work * each["skew_year"])),
                    number(each["shards"] / (work * each["skew_p99"])),
                )
            )
        lines += [
            f"By {name}:",
            "",
            *_table(
                (
                    "shards",
                    "commands on one shard",
                    "shards a crossing one touches",
                    "fullest / mean, year",
                    "p99 of windows",
                    "gain (C)",
                    "gain in a rush (C)",
                ),
                rows,
            ),
        ]
    return [
        *lines,
        (
            "Read: by lot alone most waybills cross, because a waybill carries several lots; the lots of one "
            "declaration tend to travel together, so the shard key is the **document that gave birth** to the lot "
            "(of its first ancestor, where production is deep). Placing by owner keeps more commands whole, but one "
            "large importer then fills a shard, and it cannot be split. What one firm has in all is a sum over "
            "shards."
        ),
        "",
        (
            "The model takes lots as the books allocated them, first in, first out over all a firm has. A sharded "
            "allocation would prefer lots of one shard among equals, which is not modelled."
        ),
        "",
    ]


def _log(model: Model) -> list[str]:
    log, intake = model.facts["log"], model.facts["intake"]
    entries = model.a_year(model.entries_a_line)
    every, top = ASSUMED["publish_s"].value, ASSUMED["top_s"].value
    rows = [
        ("entries a year", _count(entries), "C"),
        ("published, one process", f"{number(intake['publish_entries_per_s'])}/s", "M"),
        ("needed in the peak hour", f"{number(model.peak * model.entries_a_line)}/s", "C"),
        (
            f"entries between checkpoints {every:.0f} s apart, peak hour",
            number(model.peak * model.entries_a_line * every),
            "C",
        ),
        ("a year proved, one process", f"{number(entries / log['prove_entries_per_s'] / HOUR_S)} h", "C"),
        (
            "a year proved, replayed and compared, one process",
            f"{number(entries / log['verify_entries_per_s'] / HOUR_S)} h",
            "C",
        ),
        ("memory a replay holds", f"{_size(log['replay_bytes_per_entry'])} an entry", "M"),
        ("memory for a year at once", _size(entries * log["replay_bytes_per_entry"]), "C"),
        ("memory for a year, 32 shards, one at a time", _size(entries * log["replay_bytes_per_entry"] / 32), "C"),
        (f"log of logs: entries a year, 32 shards, every {top:.0f} s", _count(32 * YEAR_S / top), "C"),
    ]
    return [
        "## The journal",
        "",
        *_table(("", "", ""), rows),
        (
            f"The plan for shards: each keeps a log of its own and signs a checkpoint every {every:.0f} s. A log of "
            f"logs takes each shard's newest checkpoint as an entry every {top:.0f} s; its own checkpoint is the root "
            "of the country, which witnesses cosign. Proof of one filing is then two short proofs: entry in shard, shard's checkpoint in "
            "the root. A shard set back or forked cannot be consistent with the entry the root already has."
        ),
        "",
    ]


def _lake(model: Model) -> list[str]:
    zipped = model.facts["intake"]["zipped_bytes"]
    parquet = {name: size / model.lines * ASSUMED["columnar"].value for name, size in zipped.items()}
    year = model.a_year(sum(parquet.values()))
    rows = [
        (name, number(zipped[name] / model.lines), number(size), _size(model.a_year(size)))
        for name, size in sorted(parquet.items(), key=lambda item: -item[1])
    ]
    kept = ASSUMED["kept_years"].value
    return [
        "## The lake",
        "",
        *_table(("table", "zipped CSV, bytes a line (M)", "Parquet, bytes a line (A x 0.5)", "a year (C)"), rows),
        (
            f"{_size(year)} a year and {_size(kept * year)} over {kept:.0f} years (C): one machine with DuckDB reads "
            f"a month ({_size(year / 12)}); a question over {kept:.0f} years of postings "
            f"({_size(kept * model.a_year(parquet['posting']))}) takes 64 Spark cores "
            f"{number(kept * model.a_year(parquet['posting']) / ASSUMED['scan'].value / 64)} s of reading at "
            f"{_size(ASSUMED['scan'].value)}/s each (A). Files of about 256 MiB, by month and by a hash of the lot: "
            f"{number(year / 12 / (256 * MIB))} a month."
        ),
        "",
    ]


def _first(model: Model) -> list[str]:
    rows = [
        (limit.name, _count(limit.lines_a_year), "yes" if limit.lines_a_year < model.wanted else "no", limit.remedy)
        for limit in model.limits()
    ]
    return [
        "## What gives way first",
        "",
        (
            f"Lines a year at which each limit is reached on one server ({_size(ASSUMED['memory'].value)} of memory, "
            f"{_size(ASSUMED['disk'].value)} of disk, A), with processes as fast as on the measured machine (C)."
        ),
        "",
        *_table(("what", "lines a year", "before a billion", "then"), rows),
    ]


def _assumed(model: Model) -> list[str]:
    del model
    rows = [
        (
            name.replace("_", " "),
            _size(each.value) if each.unit.startswith("bytes") else f"{_count(each.value)} {each.unit}",
            each.reason,
        )
        for name, each in ASSUMED.items()
    ]
    return [
        "## Assumed",
        "",
        *_table(("what", "value", "why"), rows),
        (
            "Again: `make bench && .venv/bin/python -m bench.scale`. To ask another question, change `ASSUMED` in "
            "`bench/scale.py` and run the second command alone."
        ),
        "",
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument(
        "--json", type=Path, default=RESULTS, metavar="FILE", help="figures, as `python -m bench` wrote them"
    )
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help="where the page goes")
    asked = parser.parse_args(arguments)
    try:
        results = json.loads(asked.json.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SystemExit(f"{asked.json} is not there: run `make bench` first") from None
    asked.out.write_text(page(Model(results)), encoding="utf-8")
    print(f"wrote {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
