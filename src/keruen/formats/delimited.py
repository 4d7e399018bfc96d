"""CSV: one row a line item, columns named as the fields, parted by comma, semicolon or tab."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, BinaryIO, Final

from keruen.formats.records import Limits, RawRecord, unreadable
from keruen.formats.table import Row, Table
from keruen.formats.text import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keruen.documents.problems import RowProblem
    from keruen.model.profile import Profile

DELIMITERS: Final = (",", ";", "\t")
_NAMES: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def read_csv(stream: BinaryIO, limits: Limits, *, profile: Profile, kind: str) -> Iterator[RawRecord | RowProblem]:
    """The records of a CSV file.

    Args:
        stream: At the file's beginning; must be seekable, it is gone through twice.
        limits: On size, rows and length of a row.
        profile: Says which columns are a line's.
        kind: Of all rows, where there is no column `kind`.
    """
    start = stream.tell()

    def rows() -> Iterator[Row]:
        stream.seek(start)
        return _rows(stream, limits)

    return Table(rows, profile, kind, limits).records()


class _Counted:
    """Lines on their way into a row, counted: a quotation mark never closed must not swallow the file."""

    def __init__(self, source: Iterator[str], limit: int) -> None:
        self.source = source
        self.limit = limit
        self.size = 0
        self.row = 1

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> str:
        line = next(self.source)
        self.size += len(line)
        if self.size > self.limit + 1:
            raise unreadable(self.row, "csv_quote_open")
        return line


def _rows(stream: BinaryIO, limits: Limits) -> Iterator[Row]:
    source = lines(stream, limits)
    head = next(source, None)
    if head is None:
        return
    number = 0
    delimiter = max(DELIMITERS, key=_outside_quotes(head).count)
    if head.lower().startswith("sep=") and len(head.rstrip("\r\n")) == len("sep=;"):
        # What Excel writes to name the delimiter.
        delimiter, number, head = head[4], 1, next(source, "")
    counted = _Counted(_chained(head, source), limits.max_row_bytes)
    reader = csv.reader(counted, delimiter=delimiter, strict=True)
    while True:
        counted.size = 0
        number += 1
        counted.row = number
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "csv_quote_open" if "limit" in str(error) or "end of data" in str(error) else "csv_syntax"
            raise unreadable(number, code, delimiter=_NAMES.get(delimiter, repr(delimiter))) from error
        yield number, cells


def _chained(head: str, source: Iterator[str]) -> Iterator[str]:
    yield head
    yield from source


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])
