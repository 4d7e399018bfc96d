"""Files as received, kept under their hash before anything reads them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

from keruen.errors import InvalidInput, Unavailable

CHUNK = 1 << 20


class Kept(NamedTuple):
    """A file in the vault."""

    sha256: str
    size: int
    path: Path


class Vault:
    """A directory of received files; the same bytes are kept once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, stream: BinaryIO, *, max_bytes: int) -> Kept:
        """Keep a stream's bytes; durable on return.

        Raises:
            InvalidInput: The stream is longer than allowed; nothing is kept.
            Unavailable: The disk refused.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            part = self.path / f".part-{os.getpid()}-{id(stream)}"
            digest, size = hashlib.sha256(), 0
            try:
                with part.open("wb") as file:
                    while chunk := stream.read(CHUNK):
                        size += len(chunk)
                        if size > max_bytes:
                            raise InvalidInput(
                                f"the file is longer than {max_bytes} bytes; split it or raise KERUEN_MAX_UPLOAD_BYTES",
                                code="file_too_large",
                                max=str(max_bytes),
                            )
                        digest.update(chunk)
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                target = self.path / digest.hexdigest()
                # If we stop before the rename only a part file is left, which nobody reads.
                part.rename(target)
            finally:
                part.unlink(missing_ok=True)
            folder = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise Unavailable(f"cannot keep the file in {self.path}: {error}", code="vault") from error
        return Kept(digest.hexdigest(), size, target)
