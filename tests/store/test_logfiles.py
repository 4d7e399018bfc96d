"""The log in a directory: what a crash at any point leaves behind, and what is never extended."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keruen.errors import Conflict, IntegrityFailure, InvalidInput, NotFound, Unavailable
from keruen.journal import tree
from keruen.journal.checkpoint import Checkpoint, sign_checkpoint
from keruen.journal.note import Ed25519Signer
from keruen.journal.verify import fsck, verified_entries
from keruen.store.logfiles import LogDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = "example.com/log"
SIGNER = Ed25519Signer(ORIGIN, b"s" * 32)
# From the one size to the other every kind of file is written: full and partial bundles, level 0
# tiles that fill up, a level 1 tile.
BEFORE, AFTER = 250, 600


def some_entries(start: int, end: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(start, end)]


def publish(log: LogDirectory, start: int, end: int) -> Checkpoint:
    return log.publish(some_entries(start, end), signer=SIGNER, origin=ORIGIN)


def resume(path: Path, end: int) -> Checkpoint:
    """Do what a publisher does when it comes up again: ask for the size, publish the rest."""
    log = LogDirectory(path)
    try:
        start = log.checkpoint(verifier=SIGNER.verifier, origin=ORIGIN).size
    except NotFound:
        start = 0
    return log.publish(some_entries(start, end), signer=SIGNER, origin=ORIGIN, first_index=start)


def content(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def steps_of(path: Path, start: int, end: int) -> list[str]:
    """Name every durable step of a publish, on a copy that is thrown away."""
    copy = path.with_name("steps")
    if path.exists():
        shutil.copytree(path, copy)
    steps: list[str] = []
    publish(LogDirectory(copy, fault=steps.append), start, end)
    shutil.rmtree(copy)
    return steps


class CrashError(Exception):
    """Stands for the end of the process."""


def crash_at(step: str) -> Callable[[str], None]:
    def fault(name: str) -> None:
        if name == step:
            raise CrashError(step)

    return fault


def die_at(step: str) -> Callable[[str], None]:
    def fault(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


@pytest.fixture
def log(tmp_path: Path) -> LogDirectory:
    return LogDirectory(tmp_path / "log")


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 65536, 65537, 70000])
def test_a_published_log_of_any_size_verifies_and_gives_its_entries_back(log: LogDirectory, size: int) -> None:
    publish(log, 0, size // 3)
    checkpoint = publish(log, size // 3, size)
    entries = some_entries(0, size)
    assert checkpoint == Checkpoint(ORIGIN, size, tree.root_of(tree.leaf_hashes(entries)))
    assert fsck(log.read, ORIGIN, [SIGNER.verifier]) == checkpoint
    assert [entry for _, entry in verified_entries(log.read, checkpoint)] == entries


def test_the_first_publish_of_nothing_gives_the_empty_log_and_a_later_one_changes_nothing(
    log: LogDirectory,
) -> None:
    assert publish(log, 0, 0) == Checkpoint(ORIGIN, 0, tree.EMPTY_ROOT)
    before = content(log.path)
    assert list(before) == ["checkpoint"]
    steps: list[str] = []
    publish(LogDirectory(log.path, fault=steps.append), 0, 0)
    assert content(log.path) == before
    assert steps == []


def test_a_log_in_several_batches_has_the_files_of_one_at_once(tmp_path: Path) -> None:
    several, once = LogDirectory(tmp_path / "several"), LogDirectory(tmp_path / "once")
    for start, end in ((0, 3), (3, 256), (256, 300), (300, 1000)):
        publish(several, start, end)
    publish(once, 0, 1000)
    assert content(once.path).items() <= content(several.path).items()
    # The partial tiles of published sizes stay: someone may be reading under an older checkpoint.
    assert "tile/entries/000.p/3" in content(several.path)


def test_each_file_is_whole_on_disk_before_it_has_a_name_and_all_before_the_checkpoint(
    log: LogDirectory,
) -> None:
    publish(log, 0, BEFORE)
    steps = steps_of(log.path, BEFORE, AFTER)
    files = [step.removeprefix("after rename ") for step in steps if step.startswith("after rename ")]
    assert len(files) == 8
    assert files[-1] == "checkpoint"
    for file in files:
        assert steps.index(f"after fsync {file}") < steps.index(f"before rename {file}")
    first_of_checkpoint = steps.index("before write checkpoint")
    for file in files[:-1]:
        directory = Path(file).parent.as_posix()
        assert steps.index(f"after rename {file}") < steps.index(f"before fsync-dir {directory}") < first_of_checkpoint
    # A new directory is a name in the one above it.
    for directory in ("tile/entries/002.p", "tile/entries", "tile/1", "tile", "."):
        assert steps.index(f"after fsync-dir {directory}") < first_of_checkpoint
    assert steps[-1] == "after fsync-dir ."


@pytest.mark.parametrize("start", [0, BEFORE])
def test_after_a_crash_at_any_step_the_log_is_sound_and_recovery_gives_the_same_bytes(
    tmp_path: Path, start: int
) -> None:
    base, expected = LogDirectory(tmp_path / "base"), LogDirectory(tmp_path / "expected")
    if start:
        publish(base, 0, start)
        publish(expected, 0, start)
    publish(expected, start, AFTER)
    for number, step in enumerate(steps_of(base.path, start, AFTER)):
        path = tmp_path / str(number)
        if start:
            shutil.copytree(base.path, path)
        with pytest.raises(CrashError):
            publish(LogDirectory(path, fault=crash_at(step)), start, AFTER)
        if (path / "checkpoint").exists():
            found = fsck(LogDirectory(path).read, ORIGIN, [SIGNER.verifier])
            assert found.size in {0, start, AFTER}
        assert resume(path, AFTER).size == AFTER
        assert content(path) == content(expected.path), step
        shutil.rmtree(path)


def test_a_process_killed_at_any_step_leaves_a_log_that_recovers_to_the_same_bytes(tmp_path: Path) -> None:
    expected = LogDirectory(tmp_path / "expected")
    publish(expected, 0, BEFORE)
    steps = steps_of(expected.path, BEFORE, AFTER)
    base = tmp_path / "base"
    shutil.copytree(expected.path, base)
    publish(expected, BEFORE, AFTER)
    assert len(steps) > 50
    for number, step in enumerate(steps):
        path = tmp_path / str(number)
        shutil.copytree(base, path)
        child = os.fork()
        if child == 0:
            try:
                publish(LogDirectory(path, fault=die_at(step)), BEFORE, AFTER)
            finally:
                os._exit(0)  # Never back into pytest; reached only if the signal did not come.
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), step
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert fsck(LogDirectory(path).read, ORIGIN, [SIGNER.verifier]).size in {BEFORE, AFTER}
        assert resume(path, AFTER).size == AFTER
        assert content(path) == content(expected.path), step
        shutil.rmtree(path)


def test_after_a_crash_more_entries_than_before_may_be_published(log: LogDirectory) -> None:
    publish(log, 0, BEFORE)
    with pytest.raises(CrashError):
        publish(LogDirectory(log.path, fault=crash_at("before write checkpoint")), BEFORE, 300)
    assert resume(log.path, AFTER).size == AFTER
    assert fsck(log.read, ORIGIN, [SIGNER.verifier]).size == AFTER


def test_after_a_crash_other_entries_than_before_are_refused_where_a_file_says_otherwise(
    log: LogDirectory,
) -> None:
    publish(log, 0, BEFORE)
    with pytest.raises(CrashError):
        publish(LogDirectory(log.path, fault=crash_at("before write checkpoint")), BEFORE, AFTER)
    before = content(log.path)
    with pytest.raises(IntegrityFailure, match=r"tile/entries/000 is in .* with other bytes"):
        log.publish([b"other"] * (AFTER - BEFORE), signer=SIGNER, origin=ORIGIN)
    assert content(log.path) == before


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_a_log_that_does_not_verify_is_not_extended(log: LogDirectory, path: str) -> None:
    publish(log, 0, 300)
    file = log.path / path
    file.write_bytes(file.read_bytes()[:-2] + b"??")
    before = content(log.path)
    with pytest.raises(IntegrityFailure) as failure:
        publish(log, 300, 301)
    assert failure.value.params["path"] == path
    assert content(log.path) == before


def test_a_log_whose_checkpoint_was_removed_is_not_begun_anew(log: LogDirectory) -> None:
    publish(log, 0, 3)
    (log.path / "checkpoint").unlink()
    with pytest.raises(IntegrityFailure, match="tiles but no checkpoint"):
        publish(log, 0, 3)


def test_a_log_of_another_key_or_origin_is_not_extended(log: LogDirectory) -> None:
    publish(log, 0, 3)
    with pytest.raises(IntegrityFailure, match="not signed by"):
        log.publish([b"x"], signer=Ed25519Signer(ORIGIN, b"t" * 32), origin=ORIGIN)
    with pytest.raises(IntegrityFailure, match="expected 'other'"):
        log.publish([b"x"], signer=SIGNER, origin="other")


def test_a_signed_checkpoint_that_the_tiles_do_not_give_is_not_extended(log: LogDirectory) -> None:
    publish(log, 0, 3)
    forged = sign_checkpoint(Checkpoint(ORIGIN, 3, b"r" * 32), [SIGNER])
    (log.path / "checkpoint").write_bytes(forged)
    with pytest.raises(IntegrityFailure, match="does not have the root"):
        publish(log, 3, 4)


def test_a_log_set_back_to_an_older_state_is_noticed_by_who_knows_its_size(log: LogDirectory) -> None:
    publish(log, 0, 3)
    with pytest.raises(IntegrityFailure, match="set back"):
        log.publish([b"x"], signer=SIGNER, origin=ORIGIN, first_index=5)
    with pytest.raises(Conflict, match="3 entries already"):
        log.publish([b"x"], signer=SIGNER, origin=ORIGIN, first_index=2)
    with pytest.raises(InvalidInput, match="nought"):
        log.publish([b"x"], signer=SIGNER, origin=ORIGIN, first_index=-1)
    assert log.publish([b"x"], signer=SIGNER, origin=ORIGIN, first_index=3).size == 4


def test_an_entry_that_is_too_long_leaves_the_log_as_it_was(log: LogDirectory) -> None:
    publish(log, 0, 3)
    before = content(log.path)
    with pytest.raises(InvalidInput, match="65535"):
        log.publish([b"fine", b"x" * 65_536], signer=SIGNER, origin=ORIGIN)
    assert content(log.path) == before


def test_nothing_outside_the_log_can_be_read(log: LogDirectory) -> None:
    publish(log, 0, 3)
    (log.path.parent / "secret").write_text("secret")
    for path in ("../secret", "/etc/passwd", "tile/0/../../../secret", "tile", ".checkpoint.tmp", ""):
        with pytest.raises(InvalidInput):
            log.read(path)
    with pytest.raises(NotFound, match="tile/0/007"):
        log.read("tile/0/007")


def test_writing_a_tile_again_is_no_error_but_with_other_bytes_it_is(log: LogDirectory) -> None:
    log.write_new("tile/0/000", b"a" * 8192)
    log.write_new("tile/0/000", b"a" * 8192)
    with pytest.raises(IntegrityFailure, match="other bytes"):
        log.write_new("tile/0/000", b"b" * 8192)
    assert log.read("tile/0/000") == b"a" * 8192
    with pytest.raises(InvalidInput):
        log.write_new("checkpoint", b"")


def test_before_anything_was_published_there_is_no_checkpoint(log: LogDirectory) -> None:
    with pytest.raises(NotFound, match="no log was published"):
        log.checkpoint(verifier=SIGNER.verifier, origin=ORIGIN)


def test_a_second_publisher_at_the_same_time_is_turned_away(log: LogDirectory) -> None:
    publish(log, 0, 3)
    descriptor = os.open(log.path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="another process"):
            publish(log, 3, 4)
    finally:
        os.close(descriptor)
    assert publish(log, 3, 4).size == 4


def test_publishers_racing_each_other_never_fork_the_log(log: LogDirectory) -> None:
    publish(log, 0, 0)

    def race() -> None:
        done = 0
        while done < 20:
            try:
                log.publish([b"x"], signer=SIGNER, origin=ORIGIN)
            except Unavailable:
                continue
            done += 1

    threads = [threading.Thread(target=race) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fsck(log.read, ORIGIN, [SIGNER.verifier]).size == 60


def test_a_disk_that_refuses_is_unavailable_and_the_old_checkpoint_stands(log: LogDirectory) -> None:
    publish(log, 0, 3)

    def full(step: str) -> None:
        if step.startswith("before fsync tile/0/"):
            raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="No space left"):
        publish(LogDirectory(log.path, fault=full), 3, 9)
    assert fsck(log.read, ORIGIN, [SIGNER.verifier]).size == 3
    assert resume(log.path, 9).size == 9
