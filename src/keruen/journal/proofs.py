"""Proofs about a log from its tiles, for whoever asks about one entry or two checkpoints.

Every tile used is itself proven first, so that a damaged store gives an error that names the file
and not a proof that a partner will refuse. The shape of proofs is the work of `tree`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.errors import InvalidInput
from keruen.journal import tree
from keruen.journal.verify import ProvenTiles

if TYPE_CHECKING:
    from keruen.journal.checkpoint import Checkpoint
    from keruen.journal.verify import Reader


def prove_inclusion(read: Reader, checkpoint: Checkpoint, index: int) -> tuple[bytes, ...]:
    """Prove that an entry is in the log a checkpoint speaks of.

    Args:
        read: Gives the log's files.
        checkpoint: A verified one, not necessarily the latest.
        index: The entry's place, from 0.

    Returns:
        The proof, for `tree.verify_inclusion`.

    Raises:
        InvalidInput: The log of that checkpoint has no such entry.
        IntegrityFailure: A tile needed is missing or wrong.
    """
    return tree.inclusion_proof(index, checkpoint.size, ProvenTiles(read, checkpoint).node)


def prove_consistency(read: Reader, old: Checkpoint, new: Checkpoint) -> tuple[bytes, ...]:
    """Prove that a log only grew from one checkpoint to another.

    Args:
        read: Gives the log's files.
        old: The earlier verified checkpoint.
        new: The later one.

    Returns:
        The proof, for `tree.verify_consistency`. It is made from the new tree alone: when the old
        checkpoint is of a fork, the proof is made all the same and does not verify.

    Raises:
        InvalidInput: They are of different logs, or in the wrong order.
        IntegrityFailure: A tile needed is missing or wrong.
    """
    if old.origin != new.origin:
        raise InvalidInput(
            f"{old.origin!r} and {new.origin!r} are different logs",
            code="checkpoint_origin",
            found=new.origin,
            expected=old.origin,
        )
    return tree.consistency_proof(old.size, new.size, ProvenTiles(read, new).node)
