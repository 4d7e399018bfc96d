"""The journal verified and replayed: every entry proved against the checkpoint, applied, the books compared.

This is what `keruen log verify` does on the simulated country, from tiles on the disk to the last balance and
document. The peer is plain SHA-256 over the same entries, read from memory: what hashing alone would take.
"""

from __future__ import annotations

import hashlib
import tracemalloc

from bench.ground import Ground
from bench.intake import entry_bytes, published
from bench.measure import Findings, Stopwatch, at_least, calm
from keruen.workflow import replay

GOAL = 20_000


def run(ground: Ground, found: Findings) -> None:
    """Measure the verification, and the proving alone."""
    journal, checkpoint, _ = published(ground)
    entries = list(entry_bytes(ground))
    with calm():
        watch = Stopwatch()
        for entry in entries:
            hashlib.sha256(entry).digest()
        hashed = len(entries) / watch.seconds
    del entries
    ground.show("proving the journal's entries")
    with calm():
        watch = Stopwatch()
        proved = sum(1 for _ in journal.entries(checkpoint))
        proving = proved / watch.seconds
    with calm():
        watch = Stopwatch()
        report = replay.verify(
            checkpoint,
            journal.entries(checkpoint),
            ground.store,
            on_progress=lambda done: ground.show("replaying the journal", done, checkpoint.size),
        )
        whole = report.entries / watch.seconds
    found.add(
        "entries proved, replayed and compared with the books",
        whole,
        "/s",
        peer=hashed,
        peer_name="SHA-256 of the same bytes",
        target=at_least(GOAL),
        note=f"{report.entries:,} entries, {report.postings:,} postings, "
        f"{'sound' if report.sound else f'{report.problem_count} PROBLEMS'}",
    )
    ground.show("memory of a replay")
    found.facts["replay_bytes_per_entry"] = _memory(ground)
    found.add("entries proved alone", proving, "/s", peer=hashed, peer_name="SHA-256 of the same bytes")
    found.facts |= {"verify_entries_per_s": whole, "prove_entries_per_s": proving, "sound": report.sound}


def _memory(ground: Ground) -> float:
    """Bytes a replay holds for each entry when it has read them all; not timed, since counting them slows it."""
    _, checkpoint, _ = published(ground)
    entries = list(enumerate(entry_bytes(ground)))
    report = replay.Report(checkpoint)
    tracemalloc.start()
    try:
        told = replay.Replay(report)
        for index, entry in entries:
            told.take(index, entry)
        return tracemalloc.get_traced_memory()[0] / max(report.entries, 1)
    finally:
        tracemalloc.stop()
