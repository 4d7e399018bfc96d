"""Check a Keruen log without trusting Keruen: one file, standard library and `cryptography` alone.

    python verify_log.py DIR VKEY [--origin ORIGIN]

DIR is a copy of the log, VKEY its public key, got from somewhere else than the log. The checkpoint's
signature is verified, every entry is hashed anew, every tile is rebuilt from the entries upwards and
compared byte for byte, partial ones that are still lying about too, and the root is compared with
the signed one. Prints size and root and ends with 0, or names the first thing wrong and ends with 1.

It is written apart from `keruen.journal.verify` on purpose, and works from the entries to the root
where that one works from the root to the entries: a mistake in one is not in the other.

Source:
    C2SP tlog-tiles, tlog-checkpoint, signed-note; RFC 6962 section 2.1.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256
HASH = 32
ED25519 = 1
TEXT_LINES = 3  # Origin, size and root.


class WrongError(Exception):
    """The log is not what it should be; the text says where."""


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Check every byte of a transparency log.")
    parser.add_argument("directory", type=Path, help="the log, with its file `checkpoint`")
    parser.add_argument("vkey", help="public key of the log, NAME+KEYID+BASE64")
    parser.add_argument("--origin", help="the log it must be; the key's name if not given")
    options = parser.parse_args(arguments)
    try:
        size, root = check(options.directory, options.vkey, options.origin or options.vkey.split("+")[0])
    except (WrongError, OSError) as error:
        print(f"WRONG: {error}", file=sys.stderr)
        return 1
    print(f"size {size}")
    print(f"root {base64.b64encode(root).decode()}")
    return 0


def check(directory: Path, vkey: str, origin: str) -> tuple[int, bytes]:
    """Check a log wholly; returns its size and root, or raises `WrongError`."""
    size, signed_root = open_checkpoint((directory / "checkpoint").read_bytes(), vkey, origin)
    rows: list[list[bytes]] = []
    for start in range(0, size, WIDTH):
        entries = read_bundle(directory, start // WIDTH, min(WIDTH, size - start))
        hashes = [sha256(b"\0" + entry).digest() for entry in entries]
        stored = directory / "tile/0" / place(start // WIDTH, len(hashes))
        for number, (found, computed) in enumerate(zip(pieces(stored), hashes, strict=False)):
            if found != computed:
                raise WrongError(f"entry {start + number} does not hash to its leaf in {stored}")
        add(directory, rows, 0, start // WIDTH, hashes)
    for level, row in enumerate(rows):
        if row:  # The partial tile at the right end, which no tile above speaks of.
            compare(directory, level, (size >> 8 * level) // WIDTH, row)
    root = root_of(rows)
    if root != signed_root:
        raise WrongError(f"checkpoint: the {size} entries do not have the root it states")
    return size, root


def open_checkpoint(content: bytes, vkey: str, origin: str) -> tuple[int, bytes]:
    """Verify the signature of the key given and read size and root."""
    name, key_id, public = parse_key(vkey)
    try:
        text, _, signatures = content.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise WrongError(f"checkpoint: {error}") from error
    text += "\n"
    ours = [
        signature[4:]
        for line in signatures.split("\n")
        if line.startswith(f"\u2014 {name} ")
        and (signature := decode(line.split(" ", 2)[2], "checkpoint: a signature"))[:4] == key_id
    ]
    if not ours:
        raise WrongError(f"checkpoint: not signed by {name} with the key {key_id.hex()}")
    for signature in ours:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
        except InvalidSignature as error:
            raise WrongError(f"checkpoint: the signature of {name} is not of this text") from error
    lines = text.split("\n")
    if len(lines) <= TEXT_LINES or not (lines[1].isascii() and lines[1].isdecimal()):
        raise WrongError("checkpoint: expected lines with origin, size and root")
    if lines[0] != origin:
        raise WrongError(f"checkpoint: it is of {lines[0]!r}, expected {origin!r}")
    return int(lines[1]), decode(lines[2], "checkpoint: the root")


def parse_key(vkey: str) -> tuple[str, bytes, bytes]:
    """Take a public key apart into its name, id and 32 bytes."""
    name, _, rest = vkey.partition("+")
    hex_id, _, encoded = rest.partition("+")
    key = decode(encoded, "the key given")
    key_id = sha256(name.encode() + b"\n" + key).digest()[:4]
    if hex_id != key_id.hex() or key[0] != ED25519 or len(key) != HASH + 1:
        raise WrongError(f"the key given, {vkey!r}, is not an Ed25519 key with its own id")
    return name, key_id, key[1:]


def decode(text: str, what: str) -> bytes:
    """Decode base64 written the one right way."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrongError(f"{what} is not base64") from error
    if base64.b64encode(content).decode() != text:
        raise WrongError(f"{what} is not written the one right way")
    return content


def read_bundle(directory: Path, index: int, width: int) -> list[bytes]:
    """Read a bundle's entries, and check narrower ones of it that were published before."""
    path = directory / "tile/entries" / place(index, width)
    content = path.read_bytes()
    entries: list[bytes] = []
    ends, at = [0], 0
    while at < len(content):
        end = at + 2 + int.from_bytes(content[at : at + 2], "big")
        if at + 2 > len(content) or end > len(content):
            raise WrongError(f"{path} is cut short in entry {index * WIDTH + len(entries)}")
        entries.append(content[at + 2 : end])
        ends.append(end)
        at = end
    if len(entries) != width:
        raise WrongError(f"{path} has {len(entries)} entries, expected {width}")
    for narrow, earlier in partial(directory / "tile/entries", index, width):
        if earlier.read_bytes() != content[: ends[narrow]]:
            raise WrongError(f"{earlier} is not the beginning of {path}")
    return entries


def add(directory: Path, rows: list[list[bytes]], level: int, index: int, hashes: list[bytes]) -> None:
    """Put hashes into a level's row; a row that is full is a tile, whose hash goes a level up."""
    if level == len(rows):
        rows.append([])
    rows[level] += hashes
    if len(rows[level]) == WIDTH:
        compare(directory, level, index, rows[level])
        row, rows[level] = rows[level], []
        while len(row) > 1:
            row = [node(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        add(directory, rows, level + 1, index // WIDTH, row)


def compare(directory: Path, level: int, index: int, hashes: list[bytes]) -> None:
    """Compare a rebuilt tile with the stored one, and with narrower ones published before."""
    base = directory / "tile" / str(level)
    path = base / place(index, len(hashes))
    rebuilt = b"".join(hashes)
    if path.read_bytes() != rebuilt:
        raise WrongError(f"{path} is not what lies below it hashes to")
    for narrow, earlier in partial(base, index, len(hashes)):
        if earlier.read_bytes() != rebuilt[: narrow * HASH]:
            raise WrongError(f"{earlier} is not the beginning of {path}")


def partial(base: Path, index: int, width: int) -> list[tuple[int, Path]]:
    """List partial tiles of a place that are narrower than a width; wider ones cover nothing signed."""
    folder = base / f"{place(index, WIDTH)}.p"
    found = [(int(path.name), path) for path in folder.glob("*") if path.name.isdecimal()]
    return sorted((narrow, path) for narrow, path in found if narrow < width)


def place(index: int, width: int) -> str:
    """Return where a tile or bundle lies below its level."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return path if width == WIDTH else f"{path}.p/{width}"


def pieces(path: Path) -> list[bytes]:
    """Read a tile as a list of hashes."""
    content = path.read_bytes()
    return [content[at : at + HASH] for at in range(0, len(content), HASH)]


def root_of(rows: list[list[bytes]]) -> bytes:
    """Return the root from the partial rows of all levels, as RFC 6962 splits an uneven tree."""
    root = None
    for row in rows:
        # From right to left: at each height an odd node out joins what hangs to the right of it.
        level = list(row)
        for _ in range(8):
            if len(level) % 2:
                last = level.pop()
                root = last if root is None else node(last, root)
            level = [node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return sha256(b"").digest() if root is None else root


def node(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return sha256(b"\1" + left + right).digest()


if __name__ == "__main__":
    sys.exit(main())
