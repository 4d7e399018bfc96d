"""Signed notes and keys, against Go's published example and against forgery."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.journal.note import (
    Ed25519Signer,
    Ed25519Verifier,
    Signer,
    Verifier,
    key_id,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
)

# golang.org/x/mod/sumdb/note, example_test.go: key, text and signature.
NEUMANN_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NEUMANN_NOTE = f"{NEUMANN_TEXT}\n{NEUMANN_LINE}".encode()


def a_signer(name: str = "example.com/log", seed: int = 1) -> Ed25519Signer:
    return Ed25519Signer(name, bytes([seed]) * 32)


def test_the_published_note_is_signed_byte_for_byte_and_opens() -> None:
    signer = Ed25519Signer("PeterNeumann", NEUMANN_SEED)
    assert signer.verifier.vkey == NEUMANN_VKEY
    assert sign_note(NEUMANN_TEXT, [signer]) == NEUMANN_NOTE
    assert open_note(NEUMANN_NOTE, [parse_vkey(NEUMANN_VKEY)]).text == NEUMANN_TEXT


def test_parse_after_format_of_a_key_is_the_identity() -> None:
    verifier = a_signer().verifier
    assert parse_vkey(verifier.vkey) == verifier


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name++",
        NEUMANN_VKEY.replace("c74f20a3", "c74f20a4"),
        NEUMANN_VKEY.replace("PeterNeumann", "PeterNewmann"),
        NEUMANN_VKEY[:-1] + "X",
        NEUMANN_VKEY + "\n",
        # sumdb/note's own bad keys: wrong length and unknown algorithm, each with its right id.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_key_that_is_not_what_its_id_says_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidInput):
        parse_vkey(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x00b"])
def test_a_name_that_would_break_a_signature_line_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        a_signer(name)
    with pytest.raises(InvalidInput):
        Ed25519Verifier(name, bytes(32))


def test_a_seed_or_key_of_another_length_is_refused_and_a_seed_is_never_shown() -> None:
    with pytest.raises(InvalidInput, match="32 bytes"):
        Ed25519Signer("name", b"short")
    with pytest.raises(InvalidInput, match="32 bytes"):
        Ed25519Verifier("name", b"short")
    assert "seed" not in repr(a_signer())


def test_lines_of_unknown_keys_are_passed_over_but_ours_is_demanded() -> None:
    ours, witness, stranger = a_signer(), a_signer("witness.example/w", 2), a_signer("stranger.example", 3)
    signed = sign_note("text\n", [witness, ours, stranger])
    note = open_note(signed, [ours.verifier])
    assert [signature.name for signature in note.signatures] == [
        "witness.example/w",
        "example.com/log",
        "stranger.example",
    ]
    with pytest.raises(IntegrityFailure, match=r"not signed by example\.com/log") as failure:
        open_note(sign_note("text\n", [witness]), [ours.verifier])
    assert failure.value.code == "note_signature_missing"


def test_a_key_of_our_name_but_another_id_is_not_ours() -> None:
    with pytest.raises(IntegrityFailure, match="not signed by"):
        open_note(sign_note("text\n", [a_signer(seed=2)]), [a_signer().verifier])


def test_a_garbled_line_of_a_known_witness_stops_and_is_not_unknown() -> None:
    # ledger-and-log.md 3.4 (g): must fail closed.
    ours, witness = a_signer(), a_signer("witness.example/w", 2)
    garbled = sign_note("text\n", [ours]) + sign_note("other\n", [witness]).split(b"\n\n")[1]
    assert open_note(garbled, [ours.verifier])
    with pytest.raises(IntegrityFailure, match="is not of its text"):
        open_note(garbled, [ours.verifier], known=[witness.verifier])


def test_every_line_of_ours_must_verify_not_only_the_first() -> None:
    ours = a_signer()
    doubled = sign_note("text\n", [ours]) + sign_note("other\n", [ours]).split(b"\n\n")[1]
    with pytest.raises(IntegrityFailure, match="is not of its text"):
        open_note(doubled, [ours.verifier])


def test_all_required_keys_must_have_signed() -> None:
    first, second = a_signer(), a_signer("second.example", 2)
    with pytest.raises(IntegrityFailure, match=r"second\.example"):
        open_note(sign_note("text\n", [first]), [first.verifier, second.verifier])


def test_text_with_empty_lines_is_told_from_its_signatures_by_the_last_one() -> None:
    signer = a_signer()
    text = "one\n\n— looks like a line\n\n\ntwo\n"
    assert open_note(sign_note(text, [signer]), [signer.verifier]).text == text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text\n",
        b"text\n\n",
        NEUMANN_NOTE[:-1],
        NEUMANN_NOTE + b"\n",
        NEUMANN_NOTE.replace(b"\n", b"\r\n"),
        NEUMANN_NOTE + b"trailing\n",
        NEUMANN_NOTE.replace("— ".encode(), b"- "),
        NEUMANN_NOTE.replace(b"nAM=", b"nAN="),  # Other characters for the same bytes.
        NEUMANN_NOTE.replace(b"x08g", b"\xff\xfe"),
        b"\x00" + NEUMANN_NOTE,
        NEUMANN_TEXT.encode() + b"\n" + NEUMANN_LINE.encode() * 101,
        NEUMANN_TEXT.encode() * 11_000 + b"\n" + NEUMANN_LINE.encode(),
        "text\n\n— name AAAA\n".encode(),
    ],
)
def test_what_is_not_a_note_is_refused(content: bytes) -> None:
    with pytest.raises(IntegrityFailure, match="not a signed note"):
        parse_note(content)


@given(st.integers(0, len(NEUMANN_NOTE) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_note_is_noticed(at: int, flip: int) -> None:
    changed = bytearray(NEUMANN_NOTE)
    changed[at] ^= flip
    with pytest.raises(IntegrityFailure):
        open_note(bytes(changed), [parse_vkey(NEUMANN_VKEY)])


def test_text_that_cannot_be_a_note_is_not_signed() -> None:
    for text in ("no newline", "tab\there\n", ""):
        with pytest.raises(InvalidInput):
            sign_note(text, [a_signer()])
    with pytest.raises(InvalidInput, match="at least one"):
        sign_note("text\n", [])


@dataclass(frozen=True)
class TimedKey:
    """A cosigner of a later type, whose message has a time before the text."""

    name: str = "timed.example"
    public: bytes = b"p" * 32

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, 0x06, self.public)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+"

    @property
    def verifier(self) -> Verifier:
        return self

    def sign(self, text: bytes) -> bytes:
        return bytes(8) + b"cosignature/v1\ntime 0\n" + text

    def verifies(self, text: bytes, signature: bytes) -> bool:
        return signature == self.sign(text)


def test_an_algorithm_to_come_needs_no_change_here() -> None:
    ours, timed = a_signer(), TimedKey()
    signers: list[Signer] = [ours, timed]
    signed = sign_note("text\n", signers)
    assert open_note(signed, [ours.verifier, timed]).text == "text\n"
    assert open_note(signed, [ours.verifier]).text == "text\n"
