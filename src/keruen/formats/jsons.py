"""JSON and NDJSON: documents as objects, alone, in a list, in {"records": [...]}, or one a line.

A list is read one document at a time; what is held is one document and a piece of the file. A
field that stands twice in an object is refused: readers disagree on which of the two counts, and
that is how a paper comes to say one thing to us and another to its signer.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from keruen.documents.problems import RowProblem, row_problem
from keruen.formats.records import Limits, RawRecord, Unreadable, unreadable
from keruen.formats.text import chunks, decoded, wrong_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK: Final = " \t\r\n"
_KEY_ENDS: Final = re.compile(rb'"[ \t\r\n]*:')
_RECORDS: Final = re.compile(r'\{[ \t\r\n]*"records"[ \t\r\n]*:[ \t\r\n]*\[')
_RECORDS_CHARACTERS: Final = 1_000
"""Within which the word `records` must stand for its list to be read piece by piece."""


class _Repeated(dict[str, Any]):
    """An object that named a field twice."""

    field = ""


def read_json(stream: BinaryIO, limits: Limits, *, kind: str) -> Iterator[RawRecord | RowProblem]:
    """The records of a JSON file.

    Raises:
        Unreadable: It is no JSON, or cut off; records before that were given on.
    """
    source = _Source(decoded(stream, limits), limits)
    lines = 0
    for number, value in enumerate(source.records(), 1):
        made = _record(number, value, kind, limits)
        lines += _line_count(made)
        if lines > limits.max_rows:
            raise unreadable(number, "too_many_rows", max=limits.max_rows)
        yield made


def read_ndjson(stream: BinaryIO, limits: Limits, *, kind: str) -> Iterator[RawRecord | RowProblem]:
    """The records of an NDJSON file; a line that cannot be read does not stop the others.

    Raises:
        Unreadable: The file is too large or in another encoding.
    """
    count = lines = 0
    for number, line in _byte_lines(stream, limits):
        if line is None:
            yield row_problem(number, "", "row_too_long", max=limits.max_row_bytes)
            count += 1
            continue
        if not line or line.isspace():
            continue
        count += 1
        made = _parse_line(number, line, kind, limits)
        lines += _line_count(made)
        if lines > limits.max_rows:
            raise unreadable(number, "too_many_rows", max=limits.max_rows)
        yield made
    if not count:
        raise unreadable(0, "file_empty")


def _line_count(made: RawRecord | RowProblem) -> int:
    found = made.fields.get("lines") if isinstance(made, RawRecord) else None
    return len(found) or 1 if isinstance(found, list) else 1


def _byte_lines(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their number; None for one that is too long, of which nothing is kept."""
    pending, number, skipping, first = b"", 0, False, True
    for chunk in chunks(stream, limits):
        if first and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise unreadable(0, "encoding", "UTF-16")
        parts = (pending + (chunk.removeprefix(b"\xef\xbb\xbf") if first else chunk)).split(b"\n")
        first = False
        pending = parts.pop()
        for part in parts:
            number += 1
            yield number, None if skipping or len(part) > limits.max_row_bytes else part
            skipping = False
        if skipping or len(pending) > limits.max_row_bytes:
            pending, skipping = b"", True
    if pending or skipping:
        yield number + 1, None if skipping else pending


def _parse_line(number: int, line: bytes, kind: str, limits: Limits) -> RawRecord | RowProblem:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _why_not(number, line, error)
    if not isinstance(value, dict) or len(_KEY_ENDS.findall(line)) != _key_count(value):
        # Either not an object, or a text holds `":`, or a field stands twice: the slow reader tells which.
        try:
            value = _DECODER.decode(line.decode())
        except (ValueError, RecursionError):
            return row_problem(number, "", "too_deep", max=limits.max_depth)
    return _record(number, value, kind, limits)


def _why_not(number: int, line: bytes, error: json.JSONDecodeError) -> RowProblem:
    try:
        text = line.decode()
    except UnicodeDecodeError as wrong:
        return row_problem(
            number, "", wrong_encoding(line[wrong.start :]), line[wrong.start : wrong.start + 20].hex(" ")
        )
    if "\0" in text:
        return row_problem(number, "", "nul_byte")
    if error.pos >= len(text.rstrip()):
        return row_problem(number, "", "json_truncated", text[-30:])
    return row_problem(
        number, "", "json_syntax", text[error.pos : error.pos + 20], fault=error.msg, position=error.pos + 1
    )


def _key_count(value: dict[str, Any]) -> int:
    """Names in a record of the usual form; -1 when it is deeper than that."""
    count = len(value)
    for each in value.values():
        if each.__class__ is dict:
            return -1
        if each.__class__ is list:
            for line in each:
                if line.__class__ is not dict:
                    return -1
                count += len(line)
                for cell in line.values():
                    if cell.__class__ is dict or cell.__class__ is list:
                        return -1
    return count


def _record(number: int, value: object, kind: str, limits: Limits) -> RawRecord | RowProblem:
    if not isinstance(value, dict):
        return row_problem(number, "", "not_a_record", value)
    wrong = _walk(number, value, limits)
    if wrong is not None:
        return wrong
    if kind and not value.get("kind"):
        value["kind"] = kind
    return RawRecord(number, value)


def _walk(number: int, value: dict[str, Any], limits: Limits) -> RowProblem | None:
    """What is wrong with an object's form: too deep, or a field twice. Level by level: nothing recurses."""
    level: list[Any] = [value]
    for _ in range(limits.max_depth):
        below: list[Any] = []
        for each in level:
            if each.__class__ is _Repeated:
                return row_problem(number, each.field, "json_key_repeated", each.field, field=each.field)
            values = each.values() if isinstance(each, dict) else each
            below += [one for one in values if isinstance(one, (dict, list))]
        if not below:
            return None
        level = below
    return row_problem(number, "", "too_deep", max=limits.max_depth)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = _Repeated(found)
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            repeated.field = row_problem(0, "", "json_key_repeated", name, field=name).found
            break
        seen.add(name)
    return repeated


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_no_constant)


class _Source:
    """Text on its way in, and the place reached in it."""

    def __init__(self, pieces: Iterator[str], limits: Limits) -> None:
        self.pieces = pieces
        self.limits = limits
        self.buffer = ""
        self.place = 0
        self.before = 0
        """Characters already dropped from the buffer."""
        self.row = 0

    def more(self) -> bool:
        """Take in another piece; False at the end. What was read is dropped."""
        piece = next(self.pieces, None)
        if piece is None:
            return False
        self.before += self.place
        self.buffer = self.buffer[self.place :] + piece
        self.place = 0
        return True

    def peek(self) -> str:
        """The next character that is not blank, empty at the end."""
        while True:
            size = len(self.buffer)
            while self.place < size and self.buffer[self.place] in _BLANK:
                self.place += 1
            if self.place < size:
                return self.buffer[self.place]
            if not self.more():
                return ""

    def value(self) -> object:
        """The value that begins here, an object or list.

        A value that is cut off fails like one that is wrong, so more is taken in until it reads, the file
        ends or it is too long; taking in twice as much each time keeps a long value from being read often.
        """
        wanted = 0
        while True:
            try:
                found, end = _DECODER.raw_decode(self.buffer, self.place)
            except RecursionError as error:
                raise unreadable(self.row, "too_deep", max=self.limits.max_depth) from error
            except ValueError as error:
                held = len(self.buffer) - self.place
                if held > self.limits.max_row_bytes:
                    raise unreadable(self.row, "row_too_long", max=self.limits.max_row_bytes) from error
                if self._near_end(error) and self._take(max(wanted, held)):
                    wanted = held * 2
                    continue
                raise self.syntax(error) from error
            if end - self.place > self.limits.max_row_bytes:
                raise unreadable(self.row, "row_too_long", max=self.limits.max_row_bytes)
            self.place = end
            return found

    def _near_end(self, error: ValueError) -> bool:
        """Whether an error may come from the text being cut: a string not closed, or nothing behind it."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        # A number, word or escape cut in two fails up to ten characters before the end.
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.buffer.rstrip(_BLANK)) - 10

    def _take(self, size: int) -> bool:
        taken = False
        while len(self.buffer) - self.place <= size or not taken:
            if not self.more():
                break
            taken = True
        return taken

    def syntax(self, error: ValueError) -> Unreadable:
        """The refusal for text that is no JSON or ends too early."""
        if not isinstance(error, json.JSONDecodeError):
            return unreadable(self.row, "json_syntax", fault=str(error)[:80], position=self.before + self.place + 1)
        if error.msg.startswith("Unterminated string") or error.pos >= len(self.buffer.rstrip(_BLANK)):
            return unreadable(self.row, "json_truncated", self.buffer[-30:])
        found = self.buffer[error.pos : error.pos + 20]
        return unreadable(self.row, "json_syntax", found, fault=error.msg, position=self.before + error.pos + 1)

    def records(self) -> Iterator[object]:
        """The values that should be records."""
        first = self.peek()
        if not first:
            raise unreadable(0, "file_empty")
        if first not in "[{":
            raise unreadable(
                0,
                "json_syntax",
                self.buffer[self.place : self.place + 20],
                fault="Expecting [ or {",
                position=1,
            )
        wrapped = None
        if first == "{":
            while len(self.buffer) - self.place < _RECORDS_CHARACTERS and self.more():
                pass
            wrapped = _RECORDS.match(self.buffer, self.place)
        if first == "[" or wrapped:
            self.place = wrapped.end() if wrapped else self.place + 1
            yield from self._members()
            if wrapped:
                self._expect("}")
        else:
            self.row = 1
            whole = self.value()
            inner = whole.get("records") if isinstance(whole, dict) and "kind" not in whole else None
            yield from inner if isinstance(inner, list) else [whole]
        if self.peek():
            raise unreadable(self.row, "json_trailing", self.buffer[self.place : self.place + 20])

    def _members(self) -> Iterator[object]:
        if self.peek() == "]":
            raise unreadable(0, "file_empty")
        while True:
            self.row += 1
            sign = self.peek()
            if sign and sign not in "{[":
                raise unreadable(self.row, "not_a_record", self.buffer[self.place : self.place + 20])
            yield self.value()
            sign = self.peek()
            if sign == "]":
                self.place += 1
                return
            self._expect(",")

    def _expect(self, sign: str) -> None:
        found = self.peek()
        if not found:
            raise unreadable(self.row, "json_truncated", self.buffer[-30:])
        if found != sign:
            raise unreadable(
                self.row,
                "json_syntax",
                self.buffer[self.place : self.place + 20],
                fault=f"Expecting {sign}",
                position=self.before + self.place + 1,
            )
        self.place += 1
