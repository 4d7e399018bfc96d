"""Signed notes: text with one signature line for each key that vouches for it.

A key is known by its name and by four bytes that depend on the name, the algorithm and the key.
Lines of keys we were not told of are passed over, so that witnesses and later algorithms can add
theirs; a line of a key we were told of that does not verify condemns the whole note. What the
text says is not read here (see `checkpoint`). Where private keys are kept is the caller's care.

A new algorithm is a class with the members of `Verifier`, listed in `_VERIFIERS` by its type
byte, and a class with the members of `Signer`. Both get the note's text and turn it into the
message they sign themselves, because cosignatures (types 0x04 and 0x06) put a time before it.

Source:
    C2SP signed-note.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keruen.errors import IntegrityFailure, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ED25519 = 0x01
ED25519_KEY_SIZE = 32
KEY_ID_SIZE = 4
MAX_NOTE_SIZE = 1_000_000  # As Go's sumdb/note; a note of 16 ML-DSA signatures has about 55,000 bytes.
MAX_SIGNATURES = 100  # As Go's sumdb/note; the specification asks for at least 16.

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_PREFIX = "\N{EM DASH} "


class Verifier(Protocol):
    """A public key that one was told to expect."""

    @property
    def name(self) -> str:
        """The key's name, as on its signature lines."""

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""

    @property
    def vkey(self) -> str:
        """The key in one line of text, to be published."""

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Say whether the signature, without its key id, is this key's on the text; never raises."""


class Signer(Protocol):
    """A private key, wherever it is kept."""

    @property
    def verifier(self) -> Verifier:
        """The public key that belongs to it."""

    def sign(self, text: bytes) -> bytes:
        """Sign a note's text; returns the signature without the key id."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet verified."""

    name: str
    key_id: bytes
    value: bytes = field(repr=False)

    def is_by(self, verifier: Verifier) -> bool:
        """Say whether the line claims to be of this key; both name and id must agree."""
        return self.name == verifier.name and self.key_id == verifier.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note taken apart.

    Attributes:
        text: What is signed, with its closing newline.
        signatures: The lines below it in their order, of known and unknown keys.
    """

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """An Ed25519 public key with its name."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse a name or a key that could never be on a note."""
        _check_name(self.name)
        if len(self.public) != ED25519_KEY_SIZE:
            raise InvalidInput(
                f"an Ed25519 public key has {ED25519_KEY_SIZE} bytes, got {len(self.public)}",
                code="note_key_malformed",
            )

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        """The key in one line of text, to be published."""
        return f"{self.name}+{self.key_id.hex()}+{_to_base64(bytes([ED25519]) + self.public)}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Say whether the signature, without its key id, is this key's on the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):  # ValueError: bytes that are not a point of the curve.
            return False
        return True


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """An Ed25519 private key with its name.

    Attributes:
        name: The key's name; a log's key SHOULD be named as its origin.
        seed: 32 secret bytes, from `os.urandom`; never shown in a repr.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a name or a seed that no key can have."""
        _check_name(self.name)
        if len(self.seed) != ED25519_KEY_SIZE:
            raise InvalidInput(
                f"an Ed25519 seed has {ED25519_KEY_SIZE} bytes, got {len(self.seed)}",
                code="note_key_malformed",
            )

    @property
    def verifier(self) -> Ed25519Verifier:
        """The public key that belongs to it."""
        return Ed25519Verifier(
            self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        )

    def sign(self, text: bytes) -> bytes:
        """Sign a note's text; the same text always gives the same bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(text)


_VERIFIERS: dict[int, Callable[[str, bytes], Verifier]] = {ED25519: Ed25519Verifier}


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """Return the four bytes that stand for a key on its signature lines."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_ID_SIZE]


def parse_vkey(vkey: str) -> Verifier:
    """Read a public key from its one line of text: name, key id in hex and key in base64, joined by plus.

    Raises:
        InvalidInput: It is malformed, its id is not that of its key, or its algorithm is unknown.
    """
    name, _, rest = vkey.partition("+")
    hex_id, _, encoded = rest.partition("+")
    key = _from_base64(encoded)
    if not key or hex_id != key_id(name, key[0], key[1:]).hex():
        raise InvalidInput(
            f"{vkey!r} is not a verifier key: expected NAME+KEYID+BASE64 with the id of that very key",
            code="note_key_malformed",
            vkey=vkey,
        )
    if key[0] not in _VERIFIERS:
        raise InvalidInput(
            f"{vkey!r} is of signature type 0x{key[0]:02x}, which is not supported",
            code="note_key_unknown",
            vkey=vkey,
        )
    return _VERIFIERS[key[0]](name, key[1:])


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """Sign a text with each key, in their order.

    Raises:
        InvalidInput: The text does not end in a newline or holds control characters, or no key was given.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise InvalidInput(
            "a note's text ends in a newline and holds no other control character", code="note_text_malformed"
        )
    if not signers:
        raise InvalidInput("a note needs at least one signature", code="note_unsigned")
    message = text.encode()
    lines = []
    for signer in signers:
        verifier = signer.verifier
        signature = _to_base64(verifier.key_id + signer.sign(message))
        lines.append(f"{_SIGNATURE_PREFIX}{verifier.name} {signature}\n")
    return "".join((text, "\n", *lines)).encode()


def parse_note(content: bytes) -> Note:
    """Take a note apart without verifying anything.

    Raises:
        IntegrityFailure: It is not a note, so it is no evidence of anything.
    """
    try:
        whole = content.decode() if len(content) <= MAX_NOTE_SIZE else ""
    except UnicodeDecodeError as error:
        raise _malformed("it is not UTF-8") from error
    text, separator, lines = whole.rpartition("\n\n")
    if not separator or not lines.endswith("\n") or _CONTROL.search(whole):
        raise _malformed(f"expected text, an empty line and signature lines, within {MAX_NOTE_SIZE} bytes")
    signatures = tuple(_parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise _malformed(f"it has more than {MAX_SIGNATURES} signatures")
    return Note(text + "\n", signatures)


def open_note(content: bytes, required: Sequence[Verifier], known: Sequence[Verifier] = ()) -> Note:
    """Verify a note; only what this returns may be believed.

    Args:
        content: The note as received.
        required: Keys that must each have a signature on it, at least one.
        known: Keys that may have one. Theirs must verify if there: a garbled line of a known
            witness is a reason to stop, not a key to be passed over.

    Returns:
        The note.

    Raises:
        IntegrityFailure: It is malformed, a required key has not signed it, or a line of a
            required or known key does not verify.
    """
    assert required, "a note that nobody must have signed proves nothing"
    note = parse_note(content)
    text = note.text.encode()
    for verifier in (*required, *known):
        for signature in note.signatures:
            if signature.is_by(verifier) and not verifier.verifies(text, signature.value):
                raise IntegrityFailure(
                    f"the signature of {verifier.name} on the note is not of its text",
                    code="note_signature_wrong",
                    key=verifier.vkey,
                )
    for verifier in required:
        if not any(signature.is_by(verifier) for signature in note.signatures):
            raise IntegrityFailure(
                f"the note is not signed by {verifier.name} with the key {verifier.key_id.hex()}",
                code="note_signature_missing",
                key=verifier.vkey,
            )
    return note


def _parse_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_SIGNATURE_PREFIX).partition(" ")
    value = _from_base64(encoded)
    if not line.startswith(_SIGNATURE_PREFIX) or not _is_name(name) or value is None or len(value) <= KEY_ID_SIZE:
        raise _malformed(f"{line[:80]!r} is not a signature line")
    return Signature(name, value[:KEY_ID_SIZE], value[KEY_ID_SIZE:])


def _malformed(why: str) -> IntegrityFailure:
    return IntegrityFailure(f"not a signed note: {why}", code="note_malformed")


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise InvalidInput(
            f"{name!r} cannot name a key: it is empty or holds a space, a plus or a control character",
            code="note_key_malformed",
            name=name,
        )


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not _CONTROL.search(name) and not any(map(str.isspace, name))


def _to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _from_base64(text: str) -> bytes | None:
    """Decode the one way to write these bytes; None for any other.

    Python takes no offence at stray bits before the padding, which would make one signature
    writable in several ways and a changed character of a checkpoint invisible.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if _to_base64(content) == text else None
