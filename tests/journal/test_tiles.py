"""Where tiles and bundles lie, and which are written when the log grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.journal import tree
from keruen.journal.tiles import (
    Bundle,
    Tile,
    bundle_entries,
    frame,
    growth,
    parse_path,
    right_edge,
    right_tiles,
    tile_roots,
)


@pytest.mark.parametrize(
    ("piece", "path"),
    [
        # C2SP tlog-tiles: index 1234067 is encoded as x001/x234/067.
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 999, 1), "tile/2/999.p/1"),
        (Tile(63, 1000, 255), "tile/63/x001/000.p/255"),
        (Bundle(1234067, 8), "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths_are_those_of_the_specification(piece: Tile | Bundle, path: str) -> None:
    assert piece.path == path
    assert parse_path(path) == piece


@given(st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_parse_after_format_is_the_identity(level: int, index: int, width: int) -> None:
    for piece in (Tile(level, index, width), Bundle(index, width)):
        assert parse_path(piece.path) == piece


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/x000/001",
        "tile/0/1",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/256",
        "tile/0/001.p/1/",
        "tile/0/../../etc/passwd",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/entries/.000.tmp",
        "checkpoint",
        "",
    ],
)
def test_a_second_way_to_write_a_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        parse_path(path)


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    # C2SP tlog-tiles: 273 full level 0 tiles and one of width 112, one full level 1 tile and one
    # of width 17, and one partial level 2 tile of width 1.
    pieces = list(growth(0, 70_000))
    tiles = [piece for piece in pieces if isinstance(piece, Tile)]
    assert [tile for tile in tiles if tile.level == 0] == [
        *(Tile(0, n) for n in range(273)),
        Tile(0, 273, 112),
    ]
    assert [tile for tile in tiles if tile.level] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert sum(bundle.width for bundle in pieces if isinstance(bundle, Bundle)) == 70_000


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1_above() -> None:
    assert list(growth(0, 256)) == [Bundle(0), Tile(0, 0), Tile(1, 0, 1)]
    assert list(right_tiles(256)) == [Tile(1, 0, 1)]


def test_nothing_is_written_twice_for_what_did_not_change() -> None:
    assert list(growth(0, 0)) == []
    assert list(growth(300, 300)) == []
    assert list(growth(300, 301)) == [Bundle(1, 45), Tile(0, 1, 45)]
    assert list(growth(300, 512)) == [Bundle(1), Tile(0, 1), Tile(1, 0, 2)]


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_growing_past_a_size_writes_the_same_full_tiles(one: int, other: int) -> None:
    old, new = sorted((one, other))

    def full(start: int, end: int) -> set[Tile | Bundle]:
        return {piece for piece in growth(start, end) if piece.width == 256}

    assert full(0, old) | full(old, new) == full(0, new)
    assert not full(0, old) & full(old, new)


def test_roots_of_full_tiles_and_the_edge_of_partial_ones_are_those_of_the_tree() -> None:
    leaves = tree.leaf_hashes(b"%d" % number for number in range(600))
    full = tile_roots(b"".join(leaves[:512]))
    assert full == tree.root_of(leaves[:256]) + tree.root_of(leaves[256:512])
    assert right_edge(600, [b"".join(leaves[512:]), full]) == tree.RightEdge().extend(leaves)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_entries_come_out_of_a_bundle_as_they_went_in(entries: list[bytes]) -> None:
    content = b"".join(map(frame, entries))
    assert bundle_entries(Bundle(0, len(entries)), content) == entries


def test_an_entry_of_65535_bytes_fits_and_one_more_does_not() -> None:
    assert bundle_entries(Bundle(0, 1), frame(b"x" * 65_535)) == [b"x" * 65_535]
    with pytest.raises(InvalidInput, match="65535"):
        frame(b"x" * 65_536)


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\2a", b"\0\1a\0", b"\0\1a\0\1b\0\1c", b"\0\1a"])
def test_a_bundle_that_is_cut_short_or_too_long_is_named(content: bytes) -> None:
    with pytest.raises(IntegrityFailure, match=r"tile/entries/007\.p/2") as failure:
        bundle_entries(Bundle(7, 2), content)
    assert failure.value.params["path"] == "tile/entries/007.p/2"
