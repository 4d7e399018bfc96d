"""Checkpoints: the signed statement how large the log is and what its root is.

Whoever holds a checkpoint can later catch any change to what it covers. Signing and verifying is
the work of `note`, the tree's hashes that of `tree`.

Source:
    C2SP tlog-checkpoint.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.journal.note import open_note, sign_note
from keruen.journal.tree import EMPTY_ROOT, HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.journal.note import Signer, Verifier

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_ROOT = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=", re.ASCII)  # 32 bytes, written the one way.


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log states about itself at one moment.

    Attributes:
        origin: The log's unique name, a URL without its scheme.
        size: How many entries the log has.
        root: The Merkle tree hash of those entries.
        extensions: Further lines, which nobody can audit; ours has none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be written as a checkpoint and read back."""
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise InvalidInput("a checkpoint's origin and extensions are non-empty lines", code="checkpoint_malformed")
        if self.size < 0 or len(self.root) != HASH_SIZE:
            raise InvalidInput(
                f"a checkpoint has a size of nought or more and a root of {HASH_SIZE} bytes",
                code="checkpoint_malformed",
            )
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidInput("the empty tree has but one root, the hash of nothing", code="checkpoint_malformed")

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint from the text of a note that was verified.

    Raises:
        IntegrityFailure: The text does not state a size and a root.
    """
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or not _SIZE.fullmatch(lines[1]) or not _ROOT.fullmatch(lines[2]):  # noqa: PLR2004 - origin, size and root
        raise IntegrityFailure(
            "not a checkpoint: expected lines with origin, size and root", code="checkpoint_malformed"
        )
    try:
        return Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2]), tuple(lines[3:]))
    except InvalidInput as error:
        raise IntegrityFailure(f"not a checkpoint: {error.text}", code="checkpoint_malformed") from error


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> bytes:
    """Sign a checkpoint, as it is to be published.

    The caller promises that the tree it states holds the tree of every checkpoint signed before.
    """
    return sign_note(checkpoint.text, signers)


def open_checkpoint(
    content: bytes, origin: str, required: Sequence[Verifier], known: Sequence[Verifier] = ()
) -> Checkpoint:
    """Verify a signed checkpoint and read it.

    Args:
        content: The checkpoint as received.
        origin: The log it must be of: one key may sign for several logs.
        required: Keys that must each have signed it.
        known: Keys whose signature must verify if it is there.

    Raises:
        IntegrityFailure: It is malformed, not signed as it must be, or of another log.
    """
    checkpoint = parse_checkpoint(open_note(content, required, known).text)
    if checkpoint.origin != origin:
        raise IntegrityFailure(
            f"the checkpoint is of {checkpoint.origin!r}, expected {origin!r}",
            code="checkpoint_origin",
            found=checkpoint.origin,
            expected=origin,
        )
    return checkpoint
