"""The journal on disk: a log directory and the key that signs its checkpoints."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from keruen.errors import IntegrityFailure, NotFound
from keruen.journal.checkpoint import Checkpoint
from keruen.journal.note import Ed25519Signer
from keruen.journal.verify import verified_entries
from keruen.store.logfiles import LogDirectory

SEED_SIZE = 32


class Journal:
    """The log of one installation; see `publish.Log`."""

    def __init__(self, directory: LogDirectory, *, origin: str, seed: bytes) -> None:
        self.directory = directory
        self.origin = origin
        self.signer = Ed25519Signer(origin, seed)

    @property
    def vkey(self) -> str:
        """The key with which anyone verifies our checkpoints."""
        return self.signer.verifier.vkey

    def size(self) -> int:
        """See `publish.Log`."""
        try:
            return self.checkpoint().size
        except NotFound:
            return 0

    def checkpoint(self) -> Checkpoint:
        """The last checkpoint, its signature verified.

        Raises:
            NotFound: Nothing was published yet.
            IntegrityFailure: It does not verify.
        """
        return self.directory.checkpoint(verifier=self.signer.verifier, origin=self.origin)

    def append(self, entries: list[bytes], first_index: int) -> Checkpoint:
        """See `publish.Log`."""
        return self.directory.publish(entries, signer=self.signer, origin=self.origin, first_index=first_index)

    def entries(self, checkpoint: Checkpoint) -> Iterator[tuple[int, bytes]]:
        """Every entry under a checkpoint, each proved before it is given."""
        return verified_entries(self.directory.read, checkpoint)


def kept_seed(path: Path) -> bytes:
    """The seed of the signing key, made on first use and readable by its owner alone.

    Raises:
        IntegrityFailure: The file is there and holds something else; a log cannot change its key unnoticed.
    """
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = secrets.token_bytes(SEED_SIZE)
        # O_EXCL: two processes that start at once cannot end with a key each.
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(seed.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            return kept_seed(path)
    except ValueError as error:
        raise IntegrityFailure(f"{path} does not hold a key: restore it from a copy", code="log_key") from error
    if len(seed) != SEED_SIZE:
        raise IntegrityFailure(f"{path} does not hold a key: restore it from a copy", code="log_key")
    return seed
