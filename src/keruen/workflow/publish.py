"""Publish the journal: number the waiting leaves without gaps, then write tiles and a checkpoint.

The order is what makes it safe to stop anywhere. First the numbers become durable in the
database; only then do tiles follow, and last the checkpoint. Whoever comes next finds how far
the log is, and writes the same bytes from there on, because the numbers never change.
"""

from __future__ import annotations

from typing import Protocol

from keruen.errors import IntegrityFailure
from keruen.journal.checkpoint import Checkpoint
from keruen.workflow.ports import LeafStore

CHUNK = 10_000
"""Entries written between two checkpoints, held in memory together."""


class Log(Protocol):
    """The log on its medium."""

    def size(self) -> int:
        """Entries under the last checkpoint, verified; nought where nothing was published."""

    def append(self, entries: list[bytes], first_index: int) -> Checkpoint:
        """Write entries and a checkpoint over them; durable on return."""


def publish(leaves: LeafStore, log: Log) -> Checkpoint:
    """Bring the log up to date with the books.

    Returns:
        The checkpoint that now stands; it covers every command committed before the call.

    Raises:
        IntegrityFailure: The log has more than the books ever numbered: one of the two was set back.
    """
    while leaves.number_leaves(CHUNK) == CHUNK:
        pass
    size, numbered = log.size(), leaves.numbered_count()
    if size > numbered:
        raise IntegrityFailure(
            f"the log has {size} entries, the database numbered {numbered}: the database was set back or is another",
            code="log_ahead",
            found=str(size),
            expected=str(numbered),
        )
    checkpoint = log.append([], size)
    while size < numbered:
        entries = leaves.numbered_entries(size, CHUNK)
        checkpoint = log.append(entries, size)
        size += len(entries)
    return checkpoint
