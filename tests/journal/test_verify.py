"""Checking a log: whatever is wrong is found and named; proofs from tiles verify."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keruen.errors import IntegrityFailure, InvalidInput, NotFound
from keruen.journal import tree
from keruen.journal.checkpoint import Checkpoint, sign_checkpoint
from keruen.journal.note import Ed25519Signer
from keruen.journal.proofs import prove_consistency, prove_inclusion
from keruen.journal.verify import fsck, verified_entries
from keruen.journal.writer import LogState, plan_append

ORIGIN = "example.com/log"
SIGNER = Ed25519Signer(ORIGIN, b"s" * 32)

Files = dict[str, bytes]


def a_log(size: int) -> tuple[Files, Checkpoint]:
    plan = plan_append(LogState(), [b"entry %d" % number for number in range(size)])
    checkpoint = plan.state.checkpoint(ORIGIN)
    files = {file.path: file.content for file in plan.files}
    return {**files, "checkpoint": sign_checkpoint(checkpoint, [SIGNER])}, checkpoint


SMALL, SMALL_CHECKPOINT = a_log(600)
LARGE, LARGE_CHECKPOINT = a_log(66_000)


def check(files: Files) -> Checkpoint:
    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    return fsck(read, ORIGIN, [SIGNER.verifier])


def flipped(content: bytes, at: int, flip: int = 1) -> bytes:
    changed = bytearray(content)
    changed[at] ^= flip
    return bytes(changed)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 513])
def test_a_sound_log_is_sound(size: int) -> None:
    files, checkpoint = a_log(size)
    assert check(files) == checkpoint


@pytest.mark.parametrize("path", sorted(SMALL))
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_changed_byte_anywhere_is_named(path: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SMALL[path]) - 1))
    flip = data.draw(st.integers(1, 255))
    with pytest.raises(IntegrityFailure) as failure:
        check({**SMALL, path: flipped(SMALL[path], at, flip)})
    assert failure.value.params["path"] == path
    assert path in failure.value.text


@pytest.mark.parametrize(
    "path",
    ["tile/entries/000", "tile/0/256", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"],
)
def test_a_changed_byte_in_a_tree_of_three_levels_is_named(path: str) -> None:
    with pytest.raises(IntegrityFailure) as failure:
        check({**LARGE, path: flipped(LARGE[path], 5)})
    assert failure.value.params["path"] == path


@pytest.mark.parametrize("path", sorted(SMALL))
def test_a_missing_file_is_named(path: str) -> None:
    with pytest.raises(IntegrityFailure) as failure:
        check({name: content for name, content in SMALL.items() if name != path})
    assert failure.value.code == "log_file_missing"
    assert failure.value.params["path"] == path


@pytest.mark.parametrize("path", sorted(SMALL))
def test_a_file_cut_short_or_grown_is_named(path: str) -> None:
    for content in (SMALL[path][:-1], SMALL[path] + b"\0", b""):
        with pytest.raises(IntegrityFailure) as failure:
            check({**SMALL, path: content})
        assert failure.value.params["path"] == path


def test_an_edited_entry_is_named_even_when_the_tiles_above_it_follow() -> None:
    # The insider writes the entry and rebuilds its tile; the tile above still knows the old one.
    forged = dict(SMALL)
    entries = [b"entry %d" % number for number in range(600)]
    entries[3] = b"forged"
    for file in plan_append(LogState(), entries).files:
        if file.path in {"tile/entries/000", "tile/0/000"}:
            forged[file.path] = file.content
    with pytest.raises(IntegrityFailure, match="tile/0/000"):
        check(forged)


def test_a_log_rebuilt_wholly_does_not_have_the_signed_root() -> None:
    forged = {file.path: file.content for file in plan_append(LogState(), [b"forged %d" % n for n in range(600)]).files}
    with pytest.raises(IntegrityFailure, match="does not have the root"):
        check({**forged, "checkpoint": SMALL["checkpoint"]})


def test_entries_of_the_log_before_the_wrong_one_are_handed_on_and_no_wrong_one() -> None:
    files = {**SMALL, "tile/entries/001": SMALL["tile/entries/001"].replace(b"entry 300", b"entry 9OO")}
    reading = verified_entries(files.__getitem__, SMALL_CHECKPOINT)
    assert [next(reading) for _ in range(256)] == [(index, b"entry %d" % index) for index in range(256)]
    with pytest.raises(IntegrityFailure, match="entry 300 ") as failure:
        next(reading)
    assert failure.value.params["index"] == 300


@pytest.mark.parametrize("start", [0, 1, 255, 256, 511, 599, 600])
def test_reading_can_begin_anywhere(start: int) -> None:
    expected = [(index, b"entry %d" % index) for index in range(start, 600)]
    assert list(verified_entries(SMALL.__getitem__, SMALL_CHECKPOINT, start=start)) == expected


def test_reading_beyond_the_log_is_refused() -> None:
    with pytest.raises(InvalidInput, match="beyond"):
        next(verified_entries(SMALL.__getitem__, SMALL_CHECKPOINT, start=601))


def test_the_key_of_another_does_not_open_the_log() -> None:
    with pytest.raises(IntegrityFailure, match=r"^checkpoint: .*not signed"):
        fsck(SMALL.__getitem__, ORIGIN, [Ed25519Signer(ORIGIN, b"t" * 32).verifier])


@settings(deadline=None)
@given(st.data())
def test_every_proof_from_tiles_verifies(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, 65_999))
    proof = prove_inclusion(LARGE.__getitem__, LARGE_CHECKPOINT, index)
    leaf = tree.leaf_hash(b"entry %d" % index)
    assert tree.verify_inclusion(leaf, index, 66_000, proof, LARGE_CHECKPOINT.root)
    assert not tree.verify_inclusion(tree.leaf_hash(b"other"), index, 66_000, proof, LARGE_CHECKPOINT.root)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 65_536, 65_537, 66_000])
def test_a_log_is_proven_to_have_only_grown(size: int) -> None:
    _, old = a_log(size)
    proof = prove_consistency(LARGE.__getitem__, old, LARGE_CHECKPOINT)
    new = LARGE_CHECKPOINT
    assert tree.verify_consistency(old.size, old.root, new.size, new.root, proof)
    if size:
        assert not tree.verify_consistency(old.size, flipped(old.root, 0), new.size, new.root, proof)


def test_a_fork_cannot_be_proven_to_be_the_beginning() -> None:
    fork = plan_append(LogState(), [b"other %d" % number for number in range(500)]).state.checkpoint(ORIGIN)
    proof = prove_consistency(SMALL.__getitem__, fork, SMALL_CHECKPOINT)
    assert not tree.verify_consistency(500, fork.root, 600, SMALL_CHECKPOINT.root, proof)


def test_checkpoints_of_different_logs_or_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="different logs"):
        prove_consistency(SMALL.__getitem__, Checkpoint("other", 1, b"r" * 32), SMALL_CHECKPOINT)
    with pytest.raises(InvalidInput, match="cannot be the beginning"):
        prove_consistency(SMALL.__getitem__, LARGE_CHECKPOINT, SMALL_CHECKPOINT)


def test_no_proof_is_made_from_a_damaged_tile() -> None:
    files = {**LARGE, "tile/0/003": flipped(LARGE["tile/0/003"], 0)}
    assert prove_inclusion(files.__getitem__, LARGE_CHECKPOINT, 0)
    with pytest.raises(IntegrityFailure, match="tile/0/003"):
        prove_inclusion(files.__getitem__, LARGE_CHECKPOINT, 800)
