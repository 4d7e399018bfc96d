"""From bytes to text and to lines, with every size bounded before it is held."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, BinaryIO, Final

from keruen.formats.records import Limits, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK: Final = 65_536
LONGEST_MARK: Final = 4
"""Bytes of the longest byte order mark."""
_CYRILLIC_SHARE: Final = 0.8
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def chunks(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """The stream's bytes in pieces.

    Raises:
        Unreadable: There are more than `limits.max_bytes`.
    """
    size = 0
    head = b""
    while chunk := stream.read(CHUNK):
        if size == 0 and len(head := head + chunk) < LONGEST_MARK:
            continue  # A byte order mark is told by the first piece; a pipe may give less than that.
        chunk, head = head or chunk, b""
        size += len(chunk)
        if size > limits.max_bytes:
            raise unreadable(0, "file_too_large", max=limits.max_bytes)
        yield chunk
    if head:
        yield head


def decoded(stream: BinaryIO, limits: Limits) -> Iterator[str]:
    """The stream's text in pieces: UTF-8 with or without a byte order mark, UTF-16 with one.

    Raises:
        Unreadable: It is in another encoding, holds null bytes, or is too large.
    """
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks(stream, limits):
        if decoder is None:
            decoder = codecs.getincrementaldecoder(_encoding(chunk))()
        yield _decode(decoder, chunk, final=False)
    if decoder is not None:
        yield _decode(decoder, b"", final=True)


def lines(stream: BinaryIO, limits: Limits) -> Iterator[str]:
    r"""The stream's text line by line, each with its `\n`.

    Raises:
        Unreadable: As `decoded`, or a line is longer than `limits.max_row_bytes`.
    """
    pending, number = "", 0
    for text in decoded(stream, limits):
        parts = (pending + text).split("\n")
        pending = parts.pop()
        for part in parts:
            number += 1
            if len(part) > limits.max_row_bytes:
                raise unreadable(number, "row_too_long", max=limits.max_row_bytes)
            yield part + "\n"
        if len(pending) > limits.max_row_bytes:
            raise unreadable(number + 1, "row_too_long", max=limits.max_row_bytes)
    if pending:
        yield pending


def wrong_encoding(data: bytes) -> str:
    """The code of the problem for bytes that are no UTF-8."""
    high = bytes(byte for byte in data if byte > 0x7F)  # noqa: PLR2004 - where ASCII ends
    letters = sum(
        "а" <= letter.lower() <= "я" or letter in "ёЁәғқңөұүһіӘҒҚҢӨҰҮҺІ" for letter in high.decode("cp1251", "replace")
    )
    return "encoding_cp1251" if high and letters >= _CYRILLIC_SHARE * len(high) else "encoding"


def _encoding(head: bytes) -> str:
    if head.startswith(_UTF32):
        raise unreadable(0, "encoding", "UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> str:
    try:
        text = decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        around = bytes(error.object[error.start : error.start + 2_000])
        raise unreadable(0, wrong_encoding(around), around[:20].hex(" ")) from error
    if "\0" in text:
        raise unreadable(0, "nul_byte")
    return text
