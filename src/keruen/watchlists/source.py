"""A publisher's file as it came: unpacked, recognised, and taken apart without trusting it.

Whatever a loader cannot read ends in `InvalidInput` with the place and what to do; nothing here raises anything
else, follows a reference out of a file, or takes more memory than the limits say.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element
from xml.parsers import expat

from keruen.codes import countries
from keruen.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 400 * 1024 * 1024
"""Of one file, unpacked; the largest list of today is a third of it."""
MAX_LINE: Final = 1024 * 1024
"""Characters of one line or one cell."""
MAX_DEPTH: Final = 40
MAX_TEXT: Final = 1024 * 1024
"""Characters of one element's text."""


class NotUnderstood(Counter[str]):
    """What a publisher said that no field takes, counted, so that it can be shown with the edition."""

    def country(self, text: str | None) -> str:
        """A country's code in small letters, or nothing and a count."""
        bare = (text or "").strip()
        if not bare or bare == "-0-":
            return ""
        code = countries.named(bare)
        if not code:
            self[f"country: {bare[:60]}"] += 1
        return code.lower()


def refused(text: str, code: str, **params: str) -> InvalidInput:
    """The error of a file that cannot be used."""
    return InvalidInput(f"{text}; the edition in force stays as it is", code=f"list_{code}", **params)


def unpacked(name: str, data: bytes) -> bytes:
    """A file's bytes, gunzipped where they are gzip.

    Raises:
        InvalidInput: Empty, larger than `MAX_BYTES`, or cut off.
    """
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise refused(f"{name} is a damaged gzip file: fetch it again", "gzip", file=name) from error
    if len(data) > MAX_BYTES:
        raise refused(f"{name} is larger than {MAX_BYTES // 2**20} MB", "size", file=name)
    if not data.strip():
        raise refused(f"{name} is empty: fetch it again", "empty", file=name)
    return data


def text_of(name: str, data: bytes, *encodings: str) -> str:
    """A file's text in the first encoding that fits; UTF-8 unless others are named.

    Raises:
        InvalidInput: None fits, or there are null bytes.
    """
    at = data.find(b"\0")
    if at >= 0 and data[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        raise refused(f"{name} has a null byte at {at}: it is damaged or no text", "null", file=name, at=str(at))
    reason = ""
    for encoding in encodings or ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            reason = f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}"
    raise refused(f"{name}: {reason}: fetch it again", "encoding", file=name)


def rows(name: str, text: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Lines of a CSV file with their numbers; empty lines and the DOS end mark are left out.

    Raises:
        InvalidInput: A line or cell is longer than `MAX_LINE`, or a quote is never closed.
    """
    # DOS's end mark; some publishers' files are two put together with it between.
    text = text.replace("\x1a", "")
    longest = max(text.find("\n"), 0) if len(text) > MAX_LINE else 0
    if longest > MAX_LINE or (longest == 0 and len(text) > MAX_LINE and "\n" not in text[:MAX_LINE]):
        raise refused(f"{name}, line 1 has more than {MAX_LINE} characters", "line", file=name, line="1")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    csv.field_size_limit(MAX_LINE)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise refused(
            f"{name}, line {reader.line_num}: {error}", "csv", file=name, line=str(reader.line_num)
        ) from error


def table(name: str, text: str, delimiter: str = ",", *, skip: int = 0) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with a header, as line number and cells by name.

    Args:
        name: Of the file, for messages.
        text: The file.
        delimiter: Between cells.
        skip: Lines before the header.

    Raises:
        InvalidInput: As `rows`; or a row has more cells than the header.
    """
    header: list[str] | None = None
    for number, row in rows(name, text, delimiter):
        if skip:
            skip -= 1
            continue
        if header is None:
            header = [cell.strip() for cell in row]
            continue
        if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            raise refused(
                f"{name}, line {number} has {len(row)} cells, the header {len(header)}",
                "cells",
                file=name,
                line=str(number),
            )
        yield number, dict(zip(header, (cell.strip() for cell in row), strict=False))


def elements(name: str, data: bytes, *wanted: str) -> Iterator[Element]:
    """Elements of an XML file by local name, each with all it holds, in the order they end.

    Namespaces are cut off. Documents with a DOCTYPE are refused: no list has one, and entities and
    outside references come with it.

    Args:
        name: Of the file, for messages.
        data: The file.
        wanted: Local names; elements inside a wanted one are not given again. The root is given last, without children.

    Raises:
        InvalidInput: Not well-formed, with line and column; or deeper or longer than the limits.
    """
    reader = _Reader(name, frozenset(wanted))
    step = 1 << 20
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step], last=start + step >= len(data))
        yield from reader.take()


class _Reader:
    def __init__(self, name: str, wanted: frozenset[str]) -> None:
        self.name, self.wanted = name, wanted
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.buffer_text = True
        self.stack: list[Element] = []
        self.within = 0
        self.length = 0
        self.done: list[Element] = []

    def feed(self, data: bytes, *, last: bool) -> None:
        try:
            self.parser.Parse(data, last)
        except expat.ExpatError as error:
            raise refused(
                f"{self.name}, line {error.lineno}, column {error.offset}: {expat.ErrorString(error.code)}: "
                "fetch it again",
                "xml",
                file=self.name,
                line=str(error.lineno),
            ) from error
        except (LookupError, ValueError) as error:
            raise refused(
                f"{self.name} names an encoding that is none: {error}: fetch it again", "encoding", file=self.name
            ) from error

    def take(self) -> list[Element]:
        found, self.done = self.done, []
        return found

    def _doctype(self, *_: object) -> None:
        raise refused(f"{self.name} has a DOCTYPE, which no list has and which is not read", "doctype", file=self.name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        element = Element(local, {key.rpartition("}")[2]: value for key, value in attributes.items()})
        if self.stack and (self.within or local in self.wanted):
            if self.within:
                self.stack[-1].append(element)
            self.within += 1
        self.stack.append(element)
        self.length = 0
        if len(self.stack) > MAX_DEPTH:
            raise refused(
                f"{self.name}, line {self.parser.CurrentLineNumber}: more than {MAX_DEPTH} elements deep",
                "depth",
                file=self.name,
            )

    def _end(self, _: str) -> None:
        element = self.stack.pop()
        if self.within:
            self.within -= 1
            if not self.within:
                self.done.append(element)
        elif not self.stack:
            self.done.append(element)

    def _text(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_TEXT:
            raise refused(
                f"{self.name}, line {self.parser.CurrentLineNumber}: more than {MAX_TEXT} characters of text",
                "text",
                file=self.name,
            )
        element = self.stack[-1]
        element.text = (element.text or "") + text


def value(element: Element | None, path: str) -> str:
    """Text of the first element at a path, spaces tidied; empty if there is none."""
    return tidy(element.findtext(path)) if element is not None else ""


def tidy(text: str | None) -> str:
    """Text with single spaces and none at its ends."""
    return " ".join((text or "").split())
