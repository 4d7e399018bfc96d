"""The Merkle tree against published vectors, against pymerkle and against itself."""

from __future__ import annotations

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import InvalidInput
from keruen.journal import tree

# Entries and roots of google/certificate-transparency, test/merkletree/merkle_tree_test.cc.
VECTOR_ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
VECTOR_ROOTS = [
    bytes.fromhex(root)
    for root in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
SIZES = (0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513)


def some_leaves(count: int) -> list[bytes]:
    return tree.leaf_hashes(b"%d" % number for number in range(count))


def reader(leaves: list[bytes]) -> tree.NodeReader:
    """Give the hashes of complete subtrees, computed once for each level."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([tree.node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)])
    return lambda level, index: levels[level][index]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert tree.root_of(tree.leaf_hashes(VECTOR_ENTRIES[:size])) == VECTOR_ROOTS[size]


def test_proofs_are_those_of_the_published_vectors() -> None:
    # The same file: path of leaf 5 in a tree of 8, proof from 6 to 8.
    read = reader(tree.leaf_hashes(VECTOR_ENTRIES))
    assert [step.hex() for step in tree.inclusion_proof(5, 8, read)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [step.hex() for step in tree.consistency_proof(6, 8, read)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_roots_and_proofs_are_those_of_pymerkle() -> None:
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(max(SIZES)):
        oracle.append_entry(b"%d" % number)
    leaves = some_leaves(max(SIZES))
    for size in SIZES[1:]:
        root = tree.root_of(leaves[:size])
        assert root == oracle.get_root(size)
        read = reader(leaves[:size])
        for index in {0, size // 3, size // 2, size - 1}:
            path = oracle.prove_inclusion(index + 1, size).path
            proof = tree.inclusion_proof(index, size, read)
            assert path == [leaves[index], *proof]
            assert tree.verify_inclusion(leaves[index], index, size, proof, root)
        for old in {1, size // 3 or 1, size // 2 or 1, size}:
            old_root = tree.root_of(leaves[:old])
            proof = tree.consistency_proof(old, size, read)
            assert tree.verify_consistency(old, old_root, size, root, proof)
            # pymerkle cuts the right end into other steps, so the proofs are compared by what they prove.
            oracle.prove_consistency(old, size).verify(old_root, root, prior_size=old, later_size=size)
            assert old_root == oracle.get_root(old)


@pytest.mark.parametrize("size", [65536, 65537, 70000])
def test_large_roots_are_those_of_pymerkle(size: int) -> None:
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        oracle.append_entry(b"%d" % number)
    assert tree.root_of(some_leaves(size)) == oracle.get_root()


@given(st.lists(st.integers(0, 300), max_size=6))
def test_growing_in_any_split_gives_the_edge_of_growing_at_once(batches: list[int]) -> None:
    leaves = some_leaves(sum(batches))
    edge = tree.RightEdge()
    done = 0
    for batch in batches:
        edge = edge.extend(leaves[done : done + batch])
        done += batch
    assert edge == tree.RightEdge().extend(leaves)
    assert len(edge.peaks) == edge.size.bit_count()


@given(st.data())
def test_every_inclusion_proof_verifies_and_a_changed_byte_does_not(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    root = tree.root_of(leaves)
    proof = tree.inclusion_proof(index, size, reader(leaves))
    assert tree.verify_inclusion(leaves[index], index, size, proof, root)
    everything = [leaves[index], root, *proof]
    broken = _with_a_changed_byte(data, everything)
    assert not tree.verify_inclusion(broken[0], index, size, broken[2:], broken[1])
    other = data.draw(st.integers(-1, size + 1).filter(lambda number: number != index))
    assert not tree.verify_inclusion(leaves[index], other, size, proof, root)
    assert not tree.verify_inclusion(leaves[index], index, size, [*proof, root], root)
    assert not proof or not tree.verify_inclusion(leaves[index], index, size, proof[:-1], root)


@given(st.data())
def test_every_consistency_proof_verifies_and_a_changed_byte_does_not(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 300))
    old = data.draw(st.integers(1, new))
    leaves = some_leaves(new)
    old_root, new_root = tree.root_of(leaves[:old]), tree.root_of(leaves)
    proof = tree.consistency_proof(old, new, reader(leaves))
    assert tree.verify_consistency(old, old_root, new, new_root, proof)
    broken = _with_a_changed_byte(data, [old_root, new_root, *proof])
    assert not tree.verify_consistency(old, broken[0], new, broken[1], broken[2:])
    assert not tree.verify_consistency(old, old_root, new, new_root, [*proof, new_root])
    assert not proof or not tree.verify_consistency(old, old_root, new, new_root, proof[:-1])


def test_from_the_empty_tree_only_its_own_root_and_no_proof_are_accepted() -> None:
    root = tree.root_of(some_leaves(3))
    assert tree.consistency_proof(0, 3, reader(some_leaves(3))) == ()
    assert tree.verify_consistency(0, tree.EMPTY_ROOT, 3, root, ())
    assert tree.verify_consistency(0, tree.EMPTY_ROOT, 0, tree.EMPTY_ROOT, ())
    assert not tree.verify_consistency(0, root, 3, root, ())
    assert not tree.verify_consistency(0, tree.EMPTY_ROOT, 3, root, (root,))
    assert not tree.verify_consistency(0, tree.EMPTY_ROOT, 0, root, ())


def test_a_proof_of_hashes_of_another_length_is_refused() -> None:
    leaves = some_leaves(2)
    assert not tree.verify_inclusion(leaves[0], 0, 2, [leaves[1] + b"\0"], tree.root_of(leaves))
    assert not tree.verify_consistency(1, leaves[0], 2, tree.root_of(leaves), [leaves[1][:-1]])


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = some_leaves(2)
    assert tree.leaf_hash(left + right) != tree.node_hash(left, right)


def test_what_lies_outside_the_tree_cannot_be_proven() -> None:
    read = reader(some_leaves(3))
    for index in (-1, 3):
        with pytest.raises(InvalidInput, match="in a tree of 3"):
            tree.inclusion_proof(index, 3, read)
    with pytest.raises(InvalidInput, match="cannot be the beginning"):
        tree.consistency_proof(4, 3, read)


def test_an_edge_with_too_few_peaks_is_refused() -> None:
    with pytest.raises(InvalidInput, match="peaks"):
        tree.RightEdge(3, (tree.EMPTY_ROOT,))


def _with_a_changed_byte(data: st.DataObject, hashes: list[bytes]) -> list[bytes]:
    which = data.draw(st.integers(0, len(hashes) - 1))
    at = data.draw(st.integers(0, tree.HASH_SIZE - 1))
    changed = bytearray(hashes[which])
    changed[at] ^= data.draw(st.integers(1, 255))
    return [*hashes[:which], bytes(changed), *hashes[which + 1 :]]
