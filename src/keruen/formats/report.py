"""The list of problems as a table that opens in a spreadsheet beside the file it is about."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keruen.documents.problems import RowProblem

COLUMNS: Final = ("row", "field", "code", "found", "expected", "how_to_mend")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_problems_csv(problems: Iterable[RowProblem], stream: BinaryIO) -> int:
    """Write problems as CSV, UTF-8 with the mark by which spreadsheets know it.

    A cell that a spreadsheet would take for a formula gets an apostrophe: what was found comes from
    the file of a stranger, and the officer who opens this table must not run it.

    Args:
        problems: In the order to be written.
        stream: Taken as it is; neither closed nor rewound.

    Returns:
        How many were written.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    count = 0
    for problem in problems:
        count += 1
        found = problem.found
        writer.writerow(
            (
                problem.row or "",
                _safe(problem.field),
                problem.code,
                _safe(found),
                _safe(problem.expected),
                _safe(problem.how_to_mend),
            )
        )
    text.flush()
    text.detach()
    return count


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
