"""Checking a log against its signed checkpoint, from the root down to every entry.

The partial tiles at the right end must give the signed root; every other tile must hash to what
the tile above it says; every entry must hash to what its level 0 tile says. So each thing read is
proven by something already proven, the first wrong file is named with certainty, and an entry is
handed on only when the checkpoint vouches for it: a replay can consume entries while they are
checked. One tile a level is kept in memory.

A consistency proof does not notice an edited entry bundle; re-hashing the entries does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.errors import IntegrityFailure, InvalidInput, NotFound
from keruen.journal.checkpoint import open_checkpoint
from keruen.journal.tiles import (
    CHECKPOINT_PATH,
    TILE_HEIGHT,
    TILE_SIZE,
    TILE_WIDTH,
    Bundle,
    Tile,
    bundle_entries,
    hash_count,
    level_count,
    right_edge,
    right_tiles,
    row_sizes,
    tile_roots,
)
from keruen.journal.tree import HASH_SIZE, leaf_hash, leaf_hashes, parent_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keruen.journal.checkpoint import Checkpoint
    from keruen.journal.note import Verifier

    # A path under the log's prefix to the bytes there; raises NotFound when there are none.
    Reader = Callable[[str], bytes]


class ProvenTiles:
    """The tiles of a log, each believed only after it is proven under a checkpoint.

    Args:
        read: Gives the log's files.
        checkpoint: A verified one.

    Raises:
        IntegrityFailure: The tiles at the right end do not give the checkpoint's root.
    """

    def __init__(self, read: Reader, checkpoint: Checkpoint) -> None:
        self._read = read
        self._size = checkpoint.size
        self.right_rows = _proven_right_rows(read, checkpoint)
        self._last: dict[int, tuple[int, bytes]] = {}

    def tile(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, full or at the right end, one after another.

        Raises:
            IntegrityFailure: The tile is missing or is not what the tile above it says.
        """
        count = hash_count(self._size, level)
        assert index * TILE_WIDTH < count, "a tile that the tree does not have"
        if index == count // TILE_WIDTH:
            return self.right_rows[level]
        last_index, content = self._last.get(level, (None, b""))
        if last_index == index:
            return content
        tile = Tile(level, index)
        content = _read_tile(self._read, tile)
        if tile_roots(content) != self._hash(level + 1, index):
            raise IntegrityFailure(
                f"{tile.path} does not hash to what the tree above it says",
                code="log_tile_altered",
                path=tile.path,
            )
        self._last[level] = (index, content)
        return content

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree of 2**level leaves, as proofs ask for it.

        Raises:
            IntegrityFailure: A tile needed is missing or wrong.
        """
        tile_level, height = divmod(level, TILE_HEIGHT)
        start, end = index << height, (index + 1) << height
        tile_index = start // TILE_WIDTH
        row = self.tile(tile_level, tile_index)[
            (start - tile_index * TILE_WIDTH) * HASH_SIZE : (end - tile_index * TILE_WIDTH) * HASH_SIZE
        ]
        assert len(row) == HASH_SIZE << height, "only a complete subtree has a hash that stays"
        for _ in range(height):
            row = parent_row(row)
        return row

    def _hash(self, level: int, index: int) -> bytes:
        at = index % TILE_WIDTH * HASH_SIZE
        return self.tile(level, index // TILE_WIDTH)[at : at + HASH_SIZE]


def read_checkpoint(
    read: Reader, origin: str, required: Sequence[Verifier], known: Sequence[Verifier] = ()
) -> Checkpoint:
    """Read and verify the log's own checkpoint; arguments as of `open_checkpoint`.

    Raises:
        IntegrityFailure: It is missing, malformed, not signed as it must be, or of another log.
    """
    try:
        return open_checkpoint(_fetch(read, CHECKPOINT_PATH), origin, required, known)
    except IntegrityFailure as failure:
        raise IntegrityFailure(
            f"{CHECKPOINT_PATH}: {failure.text}",
            code=failure.code,
            **{**failure.params, "path": CHECKPOINT_PATH},
        ) from failure


def verified_entries(read: Reader, checkpoint: Checkpoint, *, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Hand on the log's entries in order, each already proven to be under the checkpoint.

    Args:
        read: Gives the log's files.
        checkpoint: A verified one.
        start: The first entry wanted; earlier ones are not read. Who starts above nought must
            have proven that the earlier checkpoint is the beginning of this one.

    Yields:
        The entry's index and its bytes.

    Raises:
        InvalidInput: `start` lies beyond the log.
        IntegrityFailure: A file is missing or wrong; the first one is named. Entries handed on
            before are right, but the log as a whole is not.
    """
    if not 0 <= start <= checkpoint.size:
        raise InvalidInput(
            f"entry {start} lies beyond the log's {checkpoint.size}",
            code="tree_index_outside",
            index=start,
            size=checkpoint.size,
        )
    tiles = ProvenTiles(read, checkpoint)
    for index in range(start // TILE_WIDTH, -(-checkpoint.size // TILE_WIDTH)):
        bundle = Bundle(index, min(TILE_WIDTH, checkpoint.size - index * TILE_WIDTH))
        entries = proven_entries(bundle, _fetch(read, bundle.path), tiles.tile(0, index))
        first = bundle.index * TILE_WIDTH
        skipped = max(0, start - first)
        yield from enumerate(entries[skipped:], first + skipped)


def proven_entries(bundle: Bundle, content: bytes, row: bytes) -> list[bytes]:
    """Take a bundle apart and check each entry against its leaf hash.

    Args:
        bundle: Which bundle it is.
        content: Its bytes.
        row: The proven hashes of the level 0 tile at the same place.

    Raises:
        IntegrityFailure: An entry is not the one in the tree; the first such is named.
    """
    entries = bundle_entries(bundle, content)
    if b"".join(leaf_hashes(entries)) != row:
        for place, entry in enumerate(entries):
            if leaf_hash(entry) != row[place * HASH_SIZE : (place + 1) * HASH_SIZE]:
                index = bundle.index * TILE_WIDTH + place
                raise IntegrityFailure(
                    f"entry {index} in {bundle.path} does not hash to its leaf",
                    code="log_entry_altered",
                    path=bundle.path,
                    index=index,
                )
    return entries


def fsck(read: Reader, origin: str, required: Sequence[Verifier], known: Sequence[Verifier] = ()) -> Checkpoint:
    """Check everything: the checkpoint's signature, every tile, every entry.

    Args:
        read: Gives the log's files.
        origin: The log it must be.
        required: Keys that must each have signed the checkpoint.
        known: Keys whose signature must verify if it is there.

    Returns:
        The checkpoint that everything agrees with.

    Raises:
        IntegrityFailure: Something is missing or wrong; the first such file or entry is named.
    """
    checkpoint = read_checkpoint(read, origin, required, known)
    for _ in verified_entries(read, checkpoint):
        pass
    return checkpoint


def _proven_right_rows(read: Reader, checkpoint: Checkpoint) -> tuple[bytes, ...]:
    """Read the partial tiles at the right end of each level, which together give the root."""
    size = checkpoint.size
    rows = [b""] * level_count(size)
    for tile in right_tiles(size):
        rows[tile.level] = _read_tile(read, tile)
    if right_edge(size, rows).root() != checkpoint.root:
        raise _blame(read, checkpoint, rows)
    return tuple(rows)


def _blame(read: Reader, checkpoint: Checkpoint, rows: Sequence[bytes]) -> IntegrityFailure:
    """Find which tile at the right end keeps the tree from its signed root.

    Each is computed anew from what lies below it; the one that makes the root right when put in
    place of the stored one was wrong. When none alone does, more than one thing is.
    """
    size = checkpoint.size
    for tile in right_tiles(size):
        try:
            rebuilt = _rebuild(read, tile)
        except IntegrityFailure:
            continue  # What lies below is broken too, so it can tell nothing about this tile.
        attempt = [*rows[: tile.level], rebuilt, *rows[tile.level + 1 :]]
        if len(rebuilt) == row_sizes(size)[tile.level] and right_edge(size, attempt).root() == checkpoint.root:
            return IntegrityFailure(
                f"{tile.path} is not what lies below it hashes to", code="log_tile_altered", path=tile.path
            )
    paths = ", ".join(tile.path for tile in right_tiles(size))
    return IntegrityFailure(
        f"the tree of {size} entries does not have the root its checkpoint states; look at {paths}",
        code="log_root_differs",
        path=paths,
        size=size,
    )


def _rebuild(read: Reader, tile: Tile) -> bytes:
    """Compute a tile from the entries or full tiles below it."""
    if tile.level == 0:
        bundle = Bundle(tile.index, tile.width)
        return b"".join(leaf_hashes(bundle_entries(bundle, _fetch(read, bundle.path))))
    first = tile.index * TILE_WIDTH
    below = range(first, first + tile.width)
    return b"".join(tile_roots(_read_tile(read, Tile(tile.level - 1, index))) for index in below)


def _read_tile(read: Reader, tile: Tile) -> bytes:
    content = _fetch(read, tile.path)
    if len(content) != tile.width * HASH_SIZE:
        raise IntegrityFailure(
            f"{tile.path} has {len(content)} bytes, expected {tile.width * HASH_SIZE}",
            code="log_tile_altered",
            path=tile.path,
        )
    assert len(content) <= TILE_SIZE, "no tile is wider than 256 hashes"
    return content


def _fetch(read: Reader, path: str) -> bytes:
    try:
        return read(path)
    except NotFound as error:
        raise IntegrityFailure(f"the log has no {path}", code="log_file_missing", path=path) from error
