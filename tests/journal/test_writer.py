"""Growing a log in memory: the same bytes whichever way it grew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keruen.errors import IntegrityFailure, InvalidInput, NotFound
from keruen.journal import tree
from keruen.journal.tiles import parse_path
from keruen.journal.verify import verified_entries
from keruen.journal.writer import LogState, load_state, plan_append

SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 513, 65536, 65537, 70000)


def some_entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


class MemoryLog:
    """Files in a dict, grown by plans, each state loaded anew from the files."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.state = LogState()

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise NotFound(path)
        return self.files[path]

    def append(self, entries: list[bytes]) -> None:
        plan = plan_append(load_state(self.read, self.state.checkpoint("log")), entries)
        for file in plan.files:
            assert file.path not in self.files, "what was published is not written again"
            self.files[file.path] = file.content
        self.state = plan.state

    def full_files(self) -> dict[str, bytes]:
        return {path: content for path, content in self.files.items() if parse_path(path).width == 256}


@pytest.mark.parametrize("size", SIZES)
def test_a_log_of_any_size_has_the_trees_root_and_gives_its_entries_back(size: int) -> None:
    log = MemoryLog()
    entries = some_entries(size)
    log.append(entries)
    checkpoint = log.state.checkpoint("log")
    assert checkpoint.root == tree.root_of(tree.leaf_hashes(entries))
    assert list(verified_entries(log.read, checkpoint)) == list(enumerate(entries))
    assert load_state(log.read, checkpoint) == log.state


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_growing_in_any_split_of_batches_gives_the_same_bytes(batches: list[int]) -> None:
    entries = some_entries(sum(batches))
    grown, at_once = MemoryLog(), MemoryLog()
    done = 0
    for batch in batches:
        grown.append(entries[done : done + batch])
        done += batch
    at_once.append(entries)
    assert grown.state == at_once.state
    assert grown.full_files() == at_once.full_files()
    assert at_once.files.items() <= grown.files.items()


def test_growing_over_the_second_level_in_batches_gives_the_same_bytes() -> None:
    entries = some_entries(70_000)
    grown, at_once = MemoryLog(), MemoryLog()
    for start in range(0, len(entries), 13_001):
        grown.append(entries[start : start + 13_001])
    at_once.append(entries)
    assert grown.state == at_once.state
    assert at_once.files.items() <= grown.files.items()


def test_entries_come_before_the_hashes_that_speak_of_them() -> None:
    paths = [file.path for file in plan_append(LogState(), some_entries(600)).files]
    assert paths == [
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/88",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
    ]


def test_appending_nothing_writes_nothing() -> None:
    state = plan_append(LogState(), some_entries(3)).state
    plan = plan_append(state, [])
    assert plan.files == ()
    assert plan.state == state


def test_an_entry_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="65535"):
        plan_append(LogState(), [b"", b"x" * 65_536])


def test_an_altered_entry_in_the_last_bundle_is_not_copied_onward() -> None:
    log = MemoryLog()
    log.append(some_entries(300))
    path = "tile/entries/001.p/44"
    log.files[path] = log.files[path].replace(b"entry 260", b"entry 999")
    with pytest.raises(IntegrityFailure, match="entry 260"):
        load_state(log.read, log.state.checkpoint("log"))
    del log.files[path]
    with pytest.raises(IntegrityFailure, match=path):
        load_state(log.read, log.state.checkpoint("log"))
