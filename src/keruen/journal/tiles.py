"""Tiles and entry bundles: where each hash and each entry of the tree is found as a file.

The tree is cut into tiles of 256 hashes and its entries into bundles of 256, each at a path that
follows from its place alone, so that a web server or a memory stick can serve the whole log.
A full tile never changes; a partial one belongs to a published size. Which bytes go into a new
tile is the work of `writer`, whether stored ones are right that of `verify`.

Source:
    C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.journal.tree import HASH_SIZE, RightEdge, parent_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHECKPOINT_PATH = "checkpoint"
TILE_WIDTH = 256
TILE_HEIGHT = 8  # 2**8 hashes wide.
TILE_SIZE = TILE_WIDTH * HASH_SIZE
MAX_ENTRY_SIZE = 0xFFFF  # The length before each entry is two bytes.
MAX_LEVEL = 63

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/"
    r"(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A run of up to 256 hashes at one level.

    Attributes:
        level: 0 for leaf hashes; a hash at level n stands for 256**n leaves.
        index: Which tile of its level, from 0.
        width: How many hashes; fewer than 256 makes it a partial tile.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Return where the tile is found under the log's prefix."""
        return f"tile/{self.level}/{_place(self.index, self.width)}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A run of up to 256 entries.

    Attributes:
        index: Which bundle, from 0; its first entry is 256 times that.
        width: How many entries; fewer than 256 makes it a partial bundle.
    """

    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Return where the bundle is found under the log's prefix."""
        return f"tile/entries/{_place(self.index, self.width)}"


def parse_path(path: str) -> Tile | Bundle:
    """Read a path back into what it names.

    Raises:
        InvalidInput: It is not the one way to write the path of a tile or bundle.
    """
    match = _PATH.fullmatch(path)
    if match:
        index = int(match["index"].replace("x", "").replace("/", ""))
        width = int(match["width"] or TILE_WIDTH)
        level = match["level"]
        found = Bundle(index, width) if level == "entries" else Tile(int(level), index, width)
        if found.path == path:  # Refuses x000/001, a second name of 001, and .p/256.
            return found
    raise InvalidInput(f"{path!r} is not the path of a tile or an entry bundle", code="tile_path", path=path)


def hash_count(size: int, level: int) -> int:
    """Return how many hashes a tree of this size has at a tile level."""
    return size >> TILE_HEIGHT * level


def level_count(size: int) -> int:
    """Return at how many levels a tree of this size has a tile; the empty tree has none."""
    return -(-size.bit_length() // TILE_HEIGHT)


def growth(old_size: int, new_size: int) -> Iterator[Bundle | Tile]:
    """Say what must be written when a log grows from one published size to another.

    Full tiles that became complete, and for each level the partial one at the right end unless
    the old size had the very same. Entries come before the hashes that speak of them.

    Args:
        old_size: The size already published.
        new_size: The size to publish next, not smaller.
    """
    for index, width in _grown(old_size, new_size):
        yield Bundle(index, width)
    for level in range(level_count(new_size)):
        for index, width in _grown(hash_count(old_size, level), hash_count(new_size, level)):
            yield Tile(level, index, width)


def right_tiles(size: int) -> Iterator[Tile]:
    """Name the partial tile at the right end of each level that has one, lowest level first."""
    for level in range(level_count(size)):
        index, width = divmod(hash_count(size, level), TILE_WIDTH)
        if width:
            yield Tile(level, index, width)


def tile_roots(rows: bytes) -> bytes:
    """Hash full tiles, one after another, into the hashes they have in the level above."""
    assert len(rows) % TILE_SIZE == 0, "only full tiles have a hash in the level above"
    for _ in range(TILE_HEIGHT):
        rows = parent_row(rows)
    return rows


def right_edge(size: int, rows: Sequence[bytes]) -> RightEdge:
    """Make the tree's right edge from the partial tiles at the right end of each level.

    Args:
        size: The tree's size.
        rows: For each level, the hashes of its partial tile one after another, lowest first; a
            level without a partial tile has an empty row.
    """
    assert [len(row) for row in rows] == row_sizes(size), "rows are of the widths the size asks for"
    peaks: list[bytes] = []
    for tile_row in rows:
        row = tile_row
        while row:
            if len(row) // HASH_SIZE % 2:
                peaks.append(row[-HASH_SIZE:])
                row = row[:-HASH_SIZE]
            row = parent_row(row)
    return RightEdge(size, tuple(reversed(peaks)))


def row_sizes(size: int) -> list[int]:
    """Return the size in bytes of the partial tile of each level, 0 where there is none."""
    return [hash_count(size, level) % TILE_WIDTH * HASH_SIZE for level in range(level_count(size))]


def frame(entry: bytes) -> bytes:
    """Write an entry as it stands in a bundle: its length in two bytes, then itself.

    Raises:
        InvalidInput: It is too long; a large document stays outside and its hash is logged.
    """
    if len(entry) > MAX_ENTRY_SIZE:
        raise InvalidInput(
            f"a log entry has at most {MAX_ENTRY_SIZE} bytes, got {len(entry)}: log the hash instead",
            code="log_entry_too_long",
            size=len(entry),
            limit=MAX_ENTRY_SIZE,
        )
    return len(entry).to_bytes(2, "big") + entry


def bundle_entries(bundle: Bundle, content: bytes) -> list[bytes]:
    """Take a bundle apart into its entries.

    Raises:
        IntegrityFailure: It is cut short, or holds more or fewer entries than it must.
    """
    entries: list[bytes] = []
    at, end = 0, len(content)
    while at < end and len(entries) < bundle.width:
        stop = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > end or stop > end:
            break
        entries.append(content[at + 2 : stop])
        at = stop
    if at != end or len(entries) != bundle.width:
        raise IntegrityFailure(
            f"{bundle.path} does not hold {bundle.width} whole entries: it goes wrong after {len(entries)}, "
            f"at byte {at} of {end}",
            code="log_bundle_malformed",
            path=bundle.path,
            index=bundle.index * TILE_WIDTH + len(entries),
        )
    return entries


def _grown(old_count: int, new_count: int) -> Iterator[tuple[int, int]]:
    assert 0 <= old_count <= new_count, "a log only grows"
    for index in range(old_count // TILE_WIDTH, new_count // TILE_WIDTH):
        yield index, TILE_WIDTH
    if new_count % TILE_WIDTH and new_count != old_count:
        yield divmod(new_count, TILE_WIDTH)


def _place(index: int, width: int) -> str:
    assert index >= 0, "tiles are counted from nought"
    assert 1 <= width <= TILE_WIDTH, "a tile is never empty and never wider than 256"
    index, last = divmod(index, 1000)
    place = f"{last:03d}"
    while index:
        index, digits = divmod(index, 1000)
        place = f"x{digits:03d}/{place}"
    return place if width == TILE_WIDTH else f"{place}.p/{width}"
