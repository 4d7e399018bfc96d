"""What the readers of files share: limits, the raw record they give, and how a file is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from keruen.documents.problems import row_problem
from keruen.errors import InvalidInput

if TYPE_CHECKING:
    from keruen.documents.problems import RowProblem


class Format(StrEnum):
    """The formats that are read."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read before it is refused; the defaults are safe on a small server."""

    max_bytes: int = 1_000_000_000
    """Of the file as received; a million lines of NDJSON are about 500 MB."""
    max_rows: int = 5_000_000
    """Lines of all documents together; a document without lines counts as one."""
    max_row_bytes: int = 1_000_000
    """Of one row, or of one JSON document. In CSV and JSON it is counted in characters."""
    max_depth: int = 8
    """Levels of brackets; a document needs three, a list of documents four, in an object five."""
    max_workbook_bytes: int = 50_000_000
    """Of an XLSX file as received: it is held in memory whole."""
    max_workbook_unpacked: int = 400_000_000
    """Of an XLSX file's parts together, and of its texts as repeated in its cells."""
    max_workbook_rows: int = 200_000


class RawRecord(NamedTuple):
    """One document or action as it stood in the file; nothing in it is believed yet."""

    row: int
    """Where it begins: row of a table, line of NDJSON, place in a JSON list; from 1."""
    fields: dict[str, Any]
    line_rows: tuple[int, ...] = ()
    """Of a table: where each of its lines stands."""


class Unreadable(InvalidInput):
    """The file cannot be read, or no further; `problem` says where and why."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.text, code=problem.code, **problem.params)
        self.problem = problem


def unreadable(row: int, code: str, found: object = "", *, field: str = "", **params: object) -> Unreadable:
    """What is raised inside this package to stop reading; `read` gives it on as the last problem."""
    return Unreadable(row_problem(row, field, code, found, **params))
