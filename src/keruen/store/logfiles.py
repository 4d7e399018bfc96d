"""A directory as the log's home: tiles written so that a crash at any point loses nothing signed.

What is written comes from `keruen.journal.writer`; this module makes it durable in the right
order and refuses to extend a log that does not verify. One publisher at a time: it holds a lock
on the directory. POSIX only, because durability rests on fsync of a directory.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from keruen.errors import Conflict, IntegrityFailure, InvalidInput, NotFound, Unavailable
from keruen.journal.checkpoint import Checkpoint, sign_checkpoint
from keruen.journal.tiles import CHECKPOINT_PATH, parse_path
from keruen.journal.tree import EMPTY_ROOT
from keruen.journal.verify import read_checkpoint
from keruen.journal.writer import PlannedFile, load_state, plan_append

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keruen.journal.note import Signer, Verifier

OPEN_FILES = 64  # Written before they are synced: the disk gets many at once, no limit on files is met.


def _no_fault(_step: str) -> None:
    """Let every step pass; tests put something here that does not."""


class LogDirectory:
    """A tlog-tiles log in a directory, which a web server may serve as it is.

    Args:
        path: The log's prefix; made by the first `publish`.
        fault: Called with the name of each durable step before and after it. Tests raise or die
            here; anything it raises leaves the log as a crash there would.
    """

    def __init__(self, path: Path, *, fault: Callable[[str], None] = _no_fault) -> None:
        self.path = path
        self._fault = fault

    def read(self, path: str) -> bytes:
        """Read a file of the log by its path under the prefix.

        Raises:
            InvalidInput: The path is not one that a log has, so nothing outside can be read.
            NotFound: The log has no such file.
            Unavailable: The file is there and cannot be read.
        """
        if path != CHECKPOINT_PATH:
            parse_path(path)
        try:
            return (self.path / path).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"the log in {self.path} has no {path}", code="log_file_missing", path=path) from error
        except OSError as error:
            raise Unavailable(f"cannot read {path} of the log in {self.path}: {error}", path=path) from error

    def checkpoint(self, *, verifier: Verifier, origin: str) -> Checkpoint:
        """Read the latest checkpoint and verify its signature.

        Raises:
            NotFound: Nothing was published yet.
            IntegrityFailure: It does not verify, or it is gone while tiles are there.
        """
        if not (self.path / CHECKPOINT_PATH).exists():
            if (self.path / "tile").exists():
                raise IntegrityFailure(
                    f"the log in {self.path} has tiles but no checkpoint: it was removed, restore it",
                    code="log_file_missing",
                    path=CHECKPOINT_PATH,
                )
            raise NotFound(f"no log was published in {self.path}", code="log_absent")
        return read_checkpoint(self.read, origin, [verifier])

    def write_new(self, path: str, content: bytes) -> None:
        """Make one tile or bundle durable; to write it again with the same bytes is no error.

        Raises:
            InvalidInput: The path is not that of a tile or bundle.
            IntegrityFailure: The file is there with other bytes; it is left as it is.
            Unavailable: The disk refused.
        """
        with self._disk_errors():
            self._write_tiles([PlannedFile(path, content)])

    def publish(
        self, entries: Sequence[bytes], *, signer: Signer, origin: str, first_index: int | None = None
    ) -> Checkpoint:
        """Append entries and publish a checkpoint that covers them.

        All or nothing: until the new checkpoint stands, the log is the old one, whatever else was
        written. After a crash the caller asks `checkpoint` for the size, and publishes from there
        on; when the order of the entries is the same, so are the bytes, and what the crash left
        behind is found to be right.

        Args:
            entries: What to append, at most 65,535 bytes each, held in memory together. May be
                none: the first call then publishes the empty log, a later one changes nothing.
            signer: The log's key; the last checkpoint must be signed by it.
            origin: The log's name.
            first_index: What the caller takes the index of the first entry to be; None trusts the
                log. Who keeps the entries elsewhere should give it, since a log set back to an
                older state verifies and would be forked.

        Returns:
            The checkpoint, durable.

        Raises:
            InvalidInput: An entry is too long.
            Conflict: The log already has more than `first_index` entries.
            IntegrityFailure: The log does not verify, was set back behind `first_index`, or has
                other bytes where ours belong; it is not extended.
            Unavailable: Another publisher is at work, or the disk refused.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self._locked():
                return self._publish(entries, signer, origin, first_index)
        except OSError as error:
            raise Unavailable(f"cannot write the log in {self.path}: {error}", code="log_unwritable") from error

    def _publish(self, entries: Sequence[bytes], signer: Signer, origin: str, first_index: int | None) -> Checkpoint:
        try:
            last = self.checkpoint(verifier=signer.verifier, origin=origin)
        except NotFound:
            last = self._publish_empty(signer, origin)
        _check_place(last.size, first_index)
        state = load_state(self.read, last)
        if not entries:
            return last
        plan = plan_append(state, entries)
        # If we stop while tiles are written, the old checkpoint stands and covers none of the new
        # files. Nobody may believe them; the next publish finds them and must agree with them.
        self._write_tiles(plan.files)
        checkpoint = plan.state.checkpoint(origin)
        self._replace_checkpoint(sign_checkpoint(checkpoint, [signer]))
        return checkpoint

    def _publish_empty(self, signer: Signer, origin: str) -> Checkpoint:
        """Publish the empty log before any tile is written.

        From here on a log with tiles and without a checkpoint is one that lost it, never one that
        was being born, so a removed checkpoint cannot be used to start the log anew.
        """
        empty = Checkpoint(origin, 0, EMPTY_ROOT)
        self._replace_checkpoint(sign_checkpoint(empty, [signer]))
        # If we stop before this, the directory itself may be gone after a power cut, and with it
        # nothing but the empty checkpoint, which covers no entry.
        self._sync_directory(self.path.resolve().parent, "..")
        return empty

    def _write_tiles(self, files: Sequence[PlannedFile]) -> None:
        """Write files that are not there yet, and make all of them durable.

        Returns only when content and names would survive a power cut; the checkpoint may follow.
        """
        for file in files:
            parse_path(file.path)
        missing = [file for file in files if not self._is_there(file)]
        for directory in sorted({(self.path / file.path).parent for file in missing}):
            directory.mkdir(parents=True, exist_ok=True)
        for at in range(0, len(missing), OPEN_FILES):
            self._write_group(missing[at : at + OPEN_FILES])
        # Also those of files found there: who wrote them may have died before coming to this point.
        # A directory made anew is itself a name in the one above it, up to the log's own.
        directories = {
            parent for file in files for parent in Path(file.path).parents if parent.parts[:1] in {(), ("tile",)}
        }
        for directory in sorted(directories, key=lambda path: len(path.parts), reverse=True):
            # If we stop before this, a power cut may take back the names of complete files: the
            # next publish writes those again.
            self._sync_directory(self.path / directory, directory.as_posix())

    def _is_there(self, file: PlannedFile) -> bool:
        """Say whether a file is there already, and stop when it is not the one we would write.

        A crash leaves only whole files, and their bytes follow from the entries. Other bytes mean
        that the entries are not those of the last attempt, or that the log was set back: even if
        no checkpoint we have covers them, somebody may hold one that does.
        """
        try:
            content = self.read(file.path)
        except NotFound:
            return False
        if content != file.content:
            raise IntegrityFailure(
                f"{file.path} is in {self.path} with other bytes than these entries give: not extended",
                code="log_tile_conflict",
                path=file.path,
            )
        return True

    def _write_group(self, files: Sequence[PlannedFile]) -> None:
        descriptors: list[int] = []
        try:
            for file in files:
                # If we stop here, a temporary file is left, empty or cut short. Nothing reads it,
                # and the next attempt begins it anew under the same name.
                self._fault(f"before write {file.path}")
                descriptors.append(_write_temporary(self.path / file.path, file.content))
                self._fault(f"after write {file.path}")
            for file, descriptor in zip(files, descriptors, strict=True):
                # If we stop here, the file has no name yet that anybody reads. It must be whole on
                # the disk before it gets one: a name may outlive a power cut that content does not.
                self._fault(f"before fsync {file.path}")
                os.fsync(descriptor)
                self._fault(f"after fsync {file.path}")
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        for file in files:
            # If we stop here, the file stands whole or not at all, and no checkpoint covers it.
            self._fault(f"before rename {file.path}")
            _temporary(self.path / file.path).replace(self.path / file.path)
            self._fault(f"after rename {file.path}")

    def _replace_checkpoint(self, content: bytes) -> None:
        """Put a signed checkpoint in the place of the last one, at once and durably."""
        path = self.path / CHECKPOINT_PATH
        # If we stop up to the rename, the old checkpoint stands. The new one was shown to nobody,
        # and the next attempt signs the same one or a longer one that holds it.
        self._fault(f"before write {CHECKPOINT_PATH}")
        descriptor = _write_temporary(path, content)
        try:
            self._fault(f"after write {CHECKPOINT_PATH}")
            self._fault(f"before fsync {CHECKPOINT_PATH}")
            os.fsync(descriptor)
            self._fault(f"after fsync {CHECKPOINT_PATH}")
        finally:
            os.close(descriptor)
        self._fault(f"before rename {CHECKPOINT_PATH}")
        _temporary(path).replace(path)
        # If we stop here, the new checkpoint stands, and all it covers was durable before it. A
        # power cut may still bring back the old one; a reader who saw the new one then sees it
        # again after the next publish, because the same entries give a tree that holds it.
        self._fault(f"after rename {CHECKPOINT_PATH}")
        self._sync_directory(self.path, ".")

    def _sync_directory(self, directory: Path, name: str) -> None:
        self._fault(f"before fsync-dir {name}")
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._fault(f"after fsync-dir {name}")

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(f"cannot write the log in {self.path}: {error}", code="log_unwritable") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other publishers out; the system lets go of the lock when the process dies."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(
                    f"another process is publishing to the log in {self.path}", code="log_locked"
                ) from error
            yield
        finally:
            os.close(descriptor)


def _check_place(size: int, first_index: int | None) -> None:
    if first_index is None or first_index == size:
        return
    if first_index < 0:
        raise InvalidInput(f"entries are counted from nought, got {first_index}", code="tree_index_outside")
    if first_index < size:
        raise Conflict(
            f"the log has {size} entries already, the first to append is said to be {first_index}",
            code="log_already_published",
            size=size,
            first_index=first_index,
        )
    raise IntegrityFailure(
        f"the log has {size} entries, but {first_index} were published: it was set back and is not extended",
        code="log_set_back",
        size=size,
        first_index=first_index,
    )


def _temporary(path: Path) -> Path:
    # In the same directory, so that the rename is one step of the same file system; always of the
    # same name, so that crashes do not pile up litter.
    return path.with_name(f".{path.name}.tmp")


def _write_temporary(path: Path, content: bytes) -> int:
    """Write a temporary file and return it open, not yet durable."""
    descriptor = os.open(_temporary(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
