"""Growing a log: which files hold what when entries are appended.

To append, nothing of the log is needed but the partial tiles and the partial bundle at its right
end. The plan lists files in the order in which they must become durable; the signed checkpoint
comes after all of them, because it is what makes them count. Writing is the work of
`keruen.store.logfiles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keruen.errors import IntegrityFailure, NotFound
from keruen.journal.checkpoint import Checkpoint
from keruen.journal.tiles import (
    TILE_SIZE,
    TILE_WIDTH,
    Bundle,
    frame,
    growth,
    hash_count,
    level_count,
    right_edge,
    row_sizes,
    tile_roots,
)
from keruen.journal.tree import HASH_SIZE, leaf_hashes
from keruen.journal.verify import ProvenTiles, proven_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.journal.verify import Reader


@dataclass(frozen=True, slots=True)
class LogState:
    """The right end of a log: all that is needed to append to it.

    Attributes:
        size: How many entries the log has.
        rows: For each level, the hashes of its partial tile one after another, lowest level
            first; empty where the last tile is full.
        bundle: The partial bundle as stored; empty when the last one is full.
    """

    size: int = 0
    rows: tuple[bytes, ...] = ()
    bundle: bytes = b""

    def __post_init__(self) -> None:
        """Stop on a state that no log of that size can have."""
        assert [len(row) for row in self.rows] == row_sizes(self.size), "rows fit the size"

    def root(self) -> bytes:
        """Return the root of the tree."""
        return right_edge(self.size, self.rows).root()

    def checkpoint(self, origin: str) -> Checkpoint:
        """State the size and root, ready to be signed."""
        return Checkpoint(origin, self.size, self.root())


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to be written: its path under the log's prefix and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """What appending comes to.

    Attributes:
        files: In the order of durable writes: entries, then tiles from level 0 upwards.
        state: The log's right end afterwards.
    """

    files: tuple[PlannedFile, ...]
    state: LogState


def load_state(read: Reader, checkpoint: Checkpoint) -> LogState:
    """Read the right end of a log, believing nothing that the checkpoint does not vouch for.

    Args:
        read: Gives the log's files.
        checkpoint: The log's latest, verified.

    Raises:
        IntegrityFailure: A file is missing, the tiles do not give the checkpoint's root, or an
            entry of the last bundle is not the one in the tree: such a log is not extended.
    """
    rows = ProvenTiles(read, checkpoint).right_rows
    index, width = divmod(checkpoint.size, TILE_WIDTH)
    if not width:
        return LogState(checkpoint.size, rows)
    bundle = Bundle(index, width)
    try:
        content = read(bundle.path)
    except NotFound as error:
        raise IntegrityFailure(f"the log has no {bundle.path}", code="log_file_missing", path=bundle.path) from error
    # These entries are about to be copied into a wider bundle: an altered one would spread.
    proven_entries(bundle, content, rows[0])
    return LogState(checkpoint.size, rows, content)


def plan_append(state: LogState, entries: Sequence[bytes]) -> Plan:
    """Work out what appending entries writes; the same entries always give the same bytes.

    About one leaf and one node are hashed for each entry. The whole batch is held in memory.

    Args:
        state: The right end of the log.
        entries: At most 65,535 bytes each; may be none, and then nothing is written.

    Raises:
        InvalidInput: An entry is too long.
    """
    size = state.size + len(entries)
    framed = [frame(entry) for entry in entries]
    rows = _grow_rows(state, leaf_hashes(entries), size)
    row_starts = [_tile_start(state.size, level) for level in range(len(rows))]
    files = []
    bundle = state.bundle
    for piece in growth(state.size, size):
        start = piece.index * TILE_WIDTH
        if isinstance(piece, Bundle):
            kept = state.bundle if start == _tile_start(state.size, 0) else b""
            new = framed[max(0, start - state.size) : start + piece.width - state.size]
            bundle = b"".join((kept, *new))
            files.append(PlannedFile(piece.path, bundle))
        else:
            at = (start - row_starts[piece.level]) * HASH_SIZE
            files.append(PlannedFile(piece.path, rows[piece.level][at : at + piece.width * HASH_SIZE]))
    ends = tuple(row[(_tile_start(size, level) - row_starts[level]) * HASH_SIZE :] for level, row in enumerate(rows))
    return Plan(tuple(files), LogState(size, ends, bundle if size % TILE_WIDTH else b""))


def _grow_rows(state: LogState, new_leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Return for each level the old partial tile and all new hashes after it."""
    rows = []
    new = b"".join(new_leaves)
    for level in range(level_count(size)):
        row = (state.rows[level] if level < len(state.rows) else b"") + new
        rows.append(row)
        new = tile_roots(row[: len(row) // TILE_SIZE * TILE_SIZE])
    return rows


def _tile_start(size: int, level: int) -> int:
    """Return where the tile at the right end of a level begins, counted in hashes of that level."""
    return hash_count(size, level) // TILE_WIDTH * TILE_WIDTH
