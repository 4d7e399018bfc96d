"""What the disk and PostgreSQL do when nothing of ours is in the way; the other benches stand beside these.

fsync: appends of 4 KiB to a file, each made durable, in the folder the database lives in. COPY: rows like
postings into a plain table, with the same columns and neither index nor partition, once from Python
tuples as our store does it and once as bytes made beforehand. Single commit: one such row, one
transaction, by one connection; and by eight.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from typing import Any

import psycopg

from bench.ground import Ground
from bench.measure import Findings, Stopwatch, calm, quantile, timed
from bench.papers import NOON
from keruen.model.lot import Posting
from keruen.model.quantity import ZERO

PAGE = 4096
PLAIN = "bench_posting"
COLUMNS = ", ".join(Posting._fields)


def run(ground: Ground, found: Findings) -> None:
    """Take the floors."""
    with ground.connect() as raw:
        plain_table(raw)
        _fsync(ground, found)
        _copy(ground, found, raw)
        _single(ground, found, raw)
        raw.execute(f"DROP TABLE {PLAIN}")


def plain_table(raw: psycopg.Connection[Any], name: str = PLAIN) -> None:
    """A table with the columns of a posting and nothing else."""
    raw.execute(f"DROP TABLE IF EXISTS {name}")
    raw.execute(f"CREATE TABLE {name} (LIKE keruen_posting)")
    raw.execute(f"ALTER TABLE {name} ALTER posting_id DROP NOT NULL")


def posting_rows(count: int) -> list[tuple[Any, ...]]:
    """Rows as our store hands them to COPY."""
    return [
        tuple(
            Posting(
                f"SNT-2503-{number:010X}@1",
                number % 3,
                f"DT-2502-{number % 9973:010X}/{number % 4 + 1}",
                ZERO + number % 900 + 1,
                "H87",
                "040140001237",
                "free",
                "040140001237",
                "reserved",
                f"SNT-2503-{number:010X}",
                number % 3 + 1,
                NOON,
                NOON + timedelta(microseconds=number),
                "",
            )
        )
        for number in range(count)
    ]


def raw_copy(raw: psycopg.Connection[Any], rows: list[tuple[Any, ...]], table: str = PLAIN) -> float:
    """Rows a second by COPY from Python into a table, a thousand a transaction."""
    took = 0.0
    with calm():
        for start in range(0, len(rows), 1000):
            watch = Stopwatch()
            with raw.transaction(), raw.cursor() as cursor, cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy:
                for row in rows[start : start + 1000]:
                    copy.write_row(row)
            took += watch.seconds
    return len(rows) / took


def single_commits(url: str, seconds: float, limit: int = 20_000) -> list[float]:
    """Seconds of each commit of one row by one connection."""
    row = posting_rows(1)[0]
    question = f"INSERT INTO {PLAIN} ({COLUMNS}) VALUES ({', '.join(['%s'] * len(row))})"
    with psycopg.connect(url, autocommit=True) as raw:
        return timed(limit, seconds, lambda _index: raw.execute(question, row))


def _fsync(ground: Ground, found: Findings) -> None:
    ground.show("floors: fsync of 4 KiB")
    path = ground.home / "probe"
    block = os.urandom(PAGE)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(_index: int) -> None:
        os.write(descriptor, block)
        os.fsync(descriptor)

    try:
        took = timed(ground.size(500, 3000), ground.size(5, 20), append)
    finally:
        os.close(descriptor)
        path.unlink()
    found.add("fsync of a 4 KiB append, p50", quantile(took, 0.5) * 1e3, "ms")
    found.add("fsync of a 4 KiB append, p99", quantile(took, 0.99) * 1e3, "ms")
    found.add("fsync of a 4 KiB append", len(took) / sum(took), "/s")
    found.facts["fsync_p50_ms"] = quantile(took, 0.5) * 1e3


def _copy(ground: Ground, found: Findings, raw: psycopg.Connection[Any]) -> None:
    ground.show("floors: COPY of posting-like rows")
    count = ground.size(50_000, 300_000)
    rows = posting_rows(count)
    rate = raw_copy(raw, rows)
    found.facts["copy_rows_per_s"] = rate
    with raw.cursor().copy(f"COPY (SELECT {COLUMNS} FROM {PLAIN}) TO STDOUT") as out:
        blocks = [bytes(block) for block in out]
    raw.execute(f"TRUNCATE {PLAIN}")
    watch = Stopwatch()
    with raw.cursor().copy(f"COPY {PLAIN} ({COLUMNS}) FROM STDIN") as copy:
        for block in blocks:
            copy.write(block)
    ready = count / watch.seconds
    found.add(
        "COPY from Python tuples, plain table, 1,000 a commit",
        rate,
        "rows/s",
        peer=ready,
        peer_name="the same as ready bytes, one commit",
    )
    found.facts["copy_ready_rows_per_s"] = ready


def _single(ground: Ground, found: Findings, raw: psycopg.Connection[Any]) -> None:
    ground.show("floors: one row a commit")
    seconds = ground.size(3, 10)
    one = single_commits(ground.url, seconds)
    rate = len(one) / sum(one)
    found.facts["single_commits_per_s"] = rate
    counts: list[int] = []
    workers = [
        threading.Thread(target=lambda: counts.append(len(single_commits(ground.url, seconds)))) for _ in range(8)
    ]
    began = time.perf_counter()
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    eight = sum(counts) / (time.perf_counter() - began)
    raw.execute(f"TRUNCATE {PLAIN}")
    found.add("one row, one commit, one connection", rate, "/s", peer=eight, peer_name="eight connections")
    found.add(
        "one row, one commit, p99", quantile(one, 0.99) * 1e3, "ms", note=f"p50 {quantile(one, 0.5) * 1e3:.2f} ms"
    )
    found.facts["single_commits_8_per_s"] = eight
