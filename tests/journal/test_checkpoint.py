"""Checkpoints: formatting, parsing, and whose log they are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.journal.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from keruen.journal.note import Ed25519Signer, sign_note
from keruen.journal.tree import EMPTY_ROOT

SIGNER = Ed25519Signer("example.com/log", b"s" * 32)
# C2SP tlog-checkpoint, the example.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)


def test_the_example_of_the_specification_is_read_and_written_again() -> None:
    checkpoint = parse_checkpoint(EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert checkpoint.text == EXAMPLE


@given(LINES, st.integers(1, 2**62), st.binary(min_size=32, max_size=32), st.lists(LINES, max_size=2))
def test_parse_after_format_is_the_identity(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "origin\n1\n",
        EXAMPLE[:-1],
        EXAMPLE + "\n",
        "\n" + EXAMPLE,
        EXAMPLE.replace("20852163", "020852163"),
        EXAMPLE.replace("20852163", "-1"),
        EXAMPLE.replace("20852163", "1_0"),
        EXAMPLE.replace("20852163", "٣"),
        EXAMPLE.replace("20852163", "0"),
        EXAMPLE.replace("q2I=", "q2J="),
        EXAMPLE.replace("q2I=", "q2="),
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(IntegrityFailure, match="not a checkpoint"):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, b"r" * 32), ("a\nb", 1, b"r" * 32), ("a", -1, b"r" * 32), ("a", 1, b"r"), ("a", 0, b"r" * 32)],
)
def test_what_could_not_be_read_back_is_not_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(InvalidInput):
        Checkpoint(origin, size, root)


def test_the_empty_log_has_a_checkpoint() -> None:
    empty = Checkpoint("example.com/log", 0, EMPTY_ROOT)
    signed = sign_checkpoint(empty, [SIGNER])
    assert open_checkpoint(signed, "example.com/log", [SIGNER.verifier]) == empty


def test_a_checkpoint_of_another_log_by_the_same_key_is_refused() -> None:
    signed = sign_checkpoint(Checkpoint("example.com/other", 1, b"r" * 32), [SIGNER])
    with pytest.raises(IntegrityFailure, match=r"expected 'example\.com/log'"):
        open_checkpoint(signed, "example.com/log", [SIGNER.verifier])


def test_a_signed_note_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(IntegrityFailure, match="not a checkpoint"):
        open_checkpoint(sign_note("hello\n", [SIGNER]), "hello", [SIGNER.verifier])
