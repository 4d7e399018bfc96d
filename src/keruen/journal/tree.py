"""Merkle tree of RFC 6962: leaf and node hashes, roots, inclusion and consistency proofs.

A tree is named by its size alone; the hashes of its complete subtrees come from a function, so
the same code proves from memory, from tiles on a disk or over a network. How those hashes are
stored is the work of `tiles`.

Source:
    RFC 6962 section 2.1 (hashes, proofs); RFC 9162 sections 2.1.3.2 and 2.1.4.2 (verification).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from keruen.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    # (level, index) to the hash of the complete subtree of 2**level leaves that begins at leaf
    # index * 2**level; level 0 is the leaf hashes themselves.
    NodeReader = Callable[[int, int], bytes]

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf; the prefix keeps a leaf from ever passing for a node."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hash many entries as leaves, in order."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees into the one above them."""
    return sha256(b"\x01" + left + right).digest()


def parent_row(row: bytes) -> bytes:
    """Hash a row of nodes into the row above it.

    Args:
        row: An even number of hashes, one after another.

    Returns:
        Half as many hashes, one after another.
    """
    step = 2 * HASH_SIZE
    assert len(row) % step == 0, "a row to be hashed has an even number of nodes"
    return b"".join([sha256(b"\x01" + row[at : at + step]).digest() for at in range(0, len(row), step)])


@dataclass(frozen=True, slots=True)
class RightEdge:
    """All that must be kept of a tree to append to it: its complete subtrees, largest first.

    Attributes:
        size: How many leaves the tree has.
        peaks: One hash for each bit set in `size`, from the highest bit down.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an edge whose peaks cannot belong to its size."""
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise InvalidInput(
                f"a tree of {self.size} leaves cannot have {len(self.peaks)} peaks",
                code="tree_edge_malformed",
            )

    def root(self) -> bytes:
        """Return the Merkle tree hash; that of the empty tree is the hash of nothing."""
        return _fold(self.peaks)

    def extend(self, leaves: Sequence[bytes]) -> RightEdge:
        """Append leaf hashes.

        Rows are hashed whole, level by level: as many node hashes as there are new leaves, and a
        few dozen more for the edge.

        Args:
            leaves: Leaf hashes in order; may be empty.

        Returns:
            The edge of the larger tree.
        """
        left_of_row = list(self.peaks)
        peaks: list[bytes] = []
        row = list(leaves)
        rest = self.size
        while rest or row:
            if rest & 1:
                row.insert(0, left_of_row.pop())
            if len(row) & 1:
                peaks.append(row.pop())
            row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
            rest >>= 1
        return RightEdge(self.size + len(leaves), tuple(reversed(peaks)))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of leaf hashes held in memory."""
    return RightEdge().extend(leaves).root()


def range_root(start: int, end: int, read: NodeReader) -> bytes:
    """Return the Merkle tree hash of leaves start to end, the latter not included.

    Args:
        start: A multiple of the smallest power of two that is not below `end - start`; RFC 6962
            never asks for the hash of another range.
        end: Above `start`.
        read: Gives the hashes of complete subtrees.
    """
    assert 0 <= start < end, "a range of leaves is not empty"
    hashes = []
    while start < end:
        level = (end - start).bit_length() - 1
        assert start % (1 << level) == 0, "a range of leaves begins at a multiple of its width"
        hashes.append(read(level, start >> level))
        start += 1 << level
    return _fold(hashes)


def inclusion_proof(index: int, size: int, read: NodeReader) -> tuple[bytes, ...]:
    """Prove that a leaf is in a tree.

    Args:
        index: The leaf's place, from 0.
        size: How many leaves the tree has.
        read: Gives the hashes of complete subtrees of that tree.

    Returns:
        The hashes a verifier lacks, from the leaf upwards.

    Raises:
        InvalidInput: `index` is not in a tree of that size.

    Source:
        RFC 6962 section 2.1.1, the definition unrolled into a loop.
    """
    if not 0 <= index < size:
        raise InvalidInput(f"no leaf {index} in a tree of {size}", code="tree_index_outside", index=index, size=size)
    path = []
    start, end = 0, size
    while end - start > 1:
        split = start + _power_below(end - start)
        if index < split:
            path.append(range_root(split, end, read))
            end = split
        else:
            path.append(range_root(start, split, read))
            start = split
    return tuple(reversed(path))


def consistency_proof(old_size: int, new_size: int, read: NodeReader) -> tuple[bytes, ...]:
    """Prove that a tree only grew: that the old one is the beginning of the new one.

    Args:
        old_size: Leaves of the old tree; the proof from the empty tree is empty.
        new_size: Leaves of the new tree, not fewer.
        read: Gives the hashes of complete subtrees of the new tree.

    Returns:
        The hashes a verifier lacks, in the order of RFC 6962.

    Raises:
        InvalidInput: The old tree is larger than the new one.

    Source:
        RFC 6962 section 2.1.2, the definition unrolled into a loop.
    """
    if not 0 <= old_size <= new_size:
        raise InvalidInput(
            f"a tree of {old_size} cannot be the beginning of a tree of {new_size}",
            code="tree_sizes_reversed",
            old_size=old_size,
            new_size=new_size,
        )
    if old_size == 0:
        return ()
    path = []
    start, end = 0, new_size
    while old_size != end:
        split = start + _power_below(end - start)
        if old_size <= split:
            path.append(range_root(split, end, read))
            end = split
        else:
            path.append(range_root(start, split, read))
            start = split
    if start > 0:
        path.append(range_root(start, end, read))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether a proof shows that a leaf is in the tree with this root.

    Args:
        leaf: The leaf's hash, not the entry.
        index: The leaf's place, from 0.
        size: How many leaves the tree has.
        proof: As given by `inclusion_proof`, from anyone.
        root: The root one trusts, from a verified checkpoint.

    Source:
        RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size or any(len(step) != HASH_SIZE for step in proof):
        return False
    turns = list(_turns(index, size - 1))
    if len(turns) != len(proof):
        return False
    value = leaf
    for sibling_is_left, step in zip(turns, proof, strict=True):
        value = node_hash(step, value) if sibling_is_left else node_hash(value, step)
    return value == root


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether a proof shows that the old tree is the beginning of the new one.

    Args:
        old_size: Leaves of the old tree. From the empty tree only its own root and an empty proof
            are accepted, else a forged first checkpoint would be consistent with everything.
        old_root: Root of the old tree, from a verified checkpoint.
        new_size: Leaves of the new tree.
        new_root: Root of the new tree, from a verified checkpoint.
        proof: As given by `consistency_proof`, from anyone.

    Source:
        RFC 9162 section 2.1.4.2.
    """
    if not 0 <= old_size <= new_size or any(len(step) != HASH_SIZE for step in proof):
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    if old_size == new_size:
        return not proof and old_root == new_root
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)  # A whole power of two: the verifier knows this subtree already.
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    turns = list(_turns(node, last))
    if len(turns) != len(steps) - 1:
        return False
    old_value = new_value = steps[0]
    for sibling_is_left, step in zip(turns, steps[1:], strict=True):
        if sibling_is_left:
            old_value = node_hash(step, old_value)
            new_value = node_hash(step, new_value)
        else:  # Right of the old tree's end: only the new tree has it.
            new_value = node_hash(new_value, step)
    return old_value == old_root and new_value == new_root


def _turns(node: int, last: int) -> Iterator[bool]:
    """Walk from a node up to the root, saying at each step whether the sibling is the left one.

    Args:
        node: The node's place in its row, from 0.
        last: The place of that row's last node.
    """
    while last:
        sibling_is_left = bool(node & 1) or node == last
        yield sibling_is_left
        if sibling_is_left:
            # The last node of a row may have no sibling for several rows; it rises unhashed.
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1


def _power_below(width: int) -> int:
    """Return the largest power of two below a width of two or more."""
    return 1 << (width - 1).bit_length() - 1


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Hash complete subtrees, largest first, into one root."""
    if not hashes:
        return EMPTY_ROOT
    value = hashes[-1]
    for left in reversed(hashes[:-1]):
        value = node_hash(left, value)
    return value
