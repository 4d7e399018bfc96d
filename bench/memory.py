"""Memory of taking in a file: the peak of a small CSV against that of one several times as long.

Each file is taken in by a process of its own, good rows kept and committed batch by batch; a row is a line of
goods, five to a document. A file is read, checked and written in bounded memory if the peak does not follow its
length. The dry run holds one transaction open over the whole file, and must not grow either.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.ground import Ground
from bench.measure import Findings, Stopwatch, ratio_at_most
from bench.papers import CODES, GATEWAY, NOON, TEXT, bin_number
from keruen import compose, formats, settings
from keruen.workflow.intake import Options, take_in

LINES = 5
MEBIBYTE = 1024
"""In the kibibytes that Linux counts a process's peak in."""
GROWS = 1.15
TIMEOUT_S = 1800
MANY = 10_000_000


def run(ground: Ground, found: Findings) -> None:
    """Take both files in."""
    few, many = ground.size(10_000, 200_000), ground.size(40_000, 1_000_000)
    for dry in (False, True):
        peaks = []
        for rows in (few, many):
            if dry and rows == many:
                rows = ground.size(40_000, 400_000)  # noqa: PLW2901 - a dry run holds all its locks; a million is for a quiet night
            ground.empty()
            ground.show(f"memory: {rows:,} rows{', dry' if dry else ''}")
            peaks.append((rows, _child(ground, rows, dry=dry)))
        (few_rows, before), (many_rows, after) = peaks
        found.add(
            f"peak memory of taking in {many_rows:,} rows of CSV{', dry run' if dry else ''}",
            after["peak"] / MEBIBYTE,
            "MiB",
            peer=before["peak"] / MEBIBYTE,
            peer_name=f"with {few_rows:,} rows",
            target=ratio_at_most(GROWS),
            note=f"{after['idle'] / MEBIBYTE:.0f} MiB before it; {many_rows / after['seconds']:,.0f} rows/s",
        )
        found.facts["dry" if dry else "wet"] = {"few": before, "many": after}
    ground.empty()


def write(path: Path, rows: int) -> None:
    """A CSV of entry declarations."""
    names = [bin_number(index) for index in range(100)]
    fields = (
        "kind",
        "id",
        "issued_on",
        "procedure",
        "dispatch_country",
        "importer_id",
        "importer_name",
        "importer_country",
        "filed_at",
        "line",
        "commodity_code",
        "description",
        "quantity",
        "unit",
        "value",
        "currency",
        "origin_country",
        "manufacture_country",
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(fields)
        for number in range(rows // LINES):
            firm, at = names[number % len(names)], NOON + timedelta(seconds=number)
            head = (
                "entry_declaration",
                f"DT-M-{number:08d}",
                at.date().isoformat(),
                "import",
                "CN",
                firm,
                f"Firm {firm}",
                "KZ",
                at.isoformat(),
            )
            for line in range(1, LINES + 1):
                out.writerow((*head, line, CODES[line % 3], TEXT, 100 + line, "H87", 1000, "USD", "CN", "CN"))


def _child(ground: Ground, rows: int, *, dry: bool) -> dict[str, Any]:
    path = ground.home / "rows.csv"
    write(path, rows)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.memory", str(path), "dry" if dry else "wet"],
            env=ground.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    finally:
        path.unlink()
    if done.returncode != 0:
        raise RuntimeError(f"taking in {rows} rows failed: {done.stderr[-600:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    if found["accepted"] != rows // LINES:
        raise RuntimeError(f"{found['accepted']} of {rows // LINES} documents were accepted: {found['problem']}")
    return found


def _take(path: Path, *, dry: bool) -> dict[str, Any]:
    """In the child: take the file in and say how much memory that took."""
    office = compose.office(settings.load())
    idle = _peak()
    limits = formats.Limits(max_bytes=path.stat().st_size + 1, max_rows=MANY)
    watch = Stopwatch()
    with path.open("rb") as stream:
        report = take_in(
            office,
            formats.read(stream, formats.Format.CSV, limits, profile=office.profile),
            GATEWAY,
            Options(dry_run=dry, history=True),
        )
    return {
        "idle": idle,
        "peak": _peak(),
        "seconds": watch.seconds,
        "accepted": report.accepted,
        "problem": str(report.problems[:1]),
    }


def _peak() -> int:
    """The most memory this process has had, in KiB."""
    # Not getrusage: its peak outlives exec, so a child would begin with its parent's.
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("no VmHWM in /proc/self/status")


if __name__ == "__main__":
    json.dump(_take(Path(sys.argv[1]), dry=sys.argv[2] == "dry"), sys.stdout)
