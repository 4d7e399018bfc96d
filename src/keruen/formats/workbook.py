"""XLSX: the same table as CSV, with typed cells; the file is mistrusted before it is opened.

A workbook of a few kilobytes can ask for all memory there is: parts that unpack to gigabytes, one
cell at the far corner of the sheet, one long text named by a million cells. Each of the three is
measured by reading the parts in pieces before the library that holds them whole sees them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import python_calamine

from keruen.documents.problems import row_problem
from keruen.formats.records import Limits, RawRecord, unreadable
from keruen.formats.table import Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keruen.documents.problems import RowProblem
    from keruen.model.profile import Profile

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
"""Beginning of old .xls files and of workbooks with a password."""
MAX_PARTS: Final = 2_000
MAX_ERRORS: Final = 100
"""Cells with an error that are listed; then the search ends."""
_PIECE: Final = 1_048_576
_OVERLAP: Final = 512
"""Bytes kept from the piece before, so that a cell cut in two is seen."""
_EXACT_WHOLE: Final = 10**15
_SCALE: Final = 6
_FAR_COLUMN: Final = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{3,}[0-9]""")
_ROW_NUMBER: Final = re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,2}([0-9]{4,})["']""")
_ERROR_CELL: Final = re.compile(rb"""<c\b[^>]{0,200}?\bt=["']e["'][^>]{0,200}>""")
_CELL_NAME: Final = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_SHARED: Final = re.compile(rb"<si\b.*?</si>|<si/>", re.DOTALL)
_SHARED_USE: Final = re.compile(rb"""\bt=["']s["'][^>]{0,200}>\s*<v>\s*([0-9]{1,9})""")


def read_xlsx(stream: BinaryIO, limits: Limits, *, profile: Profile, kind: str) -> Iterator[RawRecord | RowProblem]:
    """The records of a workbook with one sheet.

    Args:
        stream: The file, read whole.
        limits: On its size, packed and unpacked, and its rows.
        profile: Says which columns are a line's.
        kind: Of all rows, where there is no column `kind`.

    Raises:
        Unreadable: It is no workbook, damaged, locked, or asks for too much.
    """
    data = stream.read(limits.max_workbook_bytes + 1)
    if not data:
        raise unreadable(0, "file_empty")
    if len(data) > limits.max_workbook_bytes:
        raise unreadable(0, "file_too_large", max=limits.max_workbook_bytes)
    if data.startswith(OLE_MAGIC):
        raise unreadable(0, "xlsx_encrypted")
    errors = _inspect(data, limits)
    sheet = _open(data)
    if sheet.start is None:
        raise unreadable(0, "file_empty")
    problems: list[RowProblem] = [row_problem(row, name, "cell_error") for row, name in errors]
    if problems:
        # A cell with an error reads as empty; a document must not be taken without it.
        yield from problems
        return
    found = list(_cells(sheet, problems))
    if problems:
        yield from problems
        return
    yield from Table(lambda: iter(found), profile, kind, limits).records()


def _inspect(data: bytes, limits: Limits) -> list[tuple[int, str]]:
    """Measure the parts; gives the cells that hold an error, by row and name."""
    errors: list[tuple[int, str]] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > limits.max_workbook_unpacked:
                raise unreadable(0, "xlsx_bomb", max=limits.max_workbook_unpacked)
            for part in parts:
                if part.flag_bits & 1:
                    raise unreadable(0, "xlsx_encrypted")
                _inspect_part(archive, part, limits, errors)
            _inspect_texts(archive, parts, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        RuntimeError,
    ) as error:
        # Reading each part to its end also compares its checksum: what it says of its size is then true.
        raise unreadable(0, "xlsx_broken") from error
    return errors


def _inspect_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits, errors: list[tuple[int, str]]
) -> None:
    with archive.open(part) as source:
        kept = b""
        while piece := source.read(_PIECE):
            text = kept + piece
            if _FAR_COLUMN.search(text) and part.filename.startswith("xl/worksheets/"):
                raise unreadable(0, "xlsx_cell_far", max=limits.max_workbook_rows)
            for found in _ROW_NUMBER.finditer(text):
                if len(found[1]) > len("1048576") or int(found[1]) > limits.max_workbook_rows + 1:
                    raise unreadable(0, "too_many_rows", max=limits.max_workbook_rows)
            for cell in _ERROR_CELL.finditer(text):
                name = _CELL_NAME.search(cell[0])
                place = (int(name[2]), (name[1] + name[2]).decode()) if name else (0, "")
                if place not in errors[-1:]:
                    errors.append(place)
                if len(errors) >= MAX_ERRORS:
                    return
            kept = text[-_OVERLAP:]


def _inspect_texts(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse a workbook whose shared texts, written out in each cell that names them, would not fit."""
    shared = next((part for part in parts if part.filename.lower() == "xl/sharedstrings.xml"), None)
    if shared is None:
        return
    sizes = [len(found) for found in _SHARED.findall(archive.read(shared))]
    cells = sum(part.file_size for part in parts if part.filename.startswith("xl/worksheets/")) // len(
        '<c t="s"><v>0</v></c>'
    )
    if max(sizes, default=0) * cells <= limits.max_workbook_unpacked:
        return
    total = 0
    for part in parts:
        if part.filename.startswith("xl/worksheets/"):
            for used in _SHARED_USE.finditer(archive.read(part)):
                total += sizes[int(used[1])] if int(used[1]) < len(sizes) else 0
                if total > limits.max_workbook_unpacked:
                    raise unreadable(0, "xlsx_bomb", max=limits.max_workbook_unpacked)


def _open(data: bytes) -> python_calamine.CalamineSheet:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
            and sheet.visible == python_calamine.SheetVisibleEnum.Visible
        ]
        filled = [sheet for name in visible if (sheet := book.get_sheet_by_name(name)).start is not None]
    except python_calamine.PasswordError as error:
        raise unreadable(0, "xlsx_encrypted") from error
    except Exception as error:
        raise unreadable(0, "xlsx_broken") from error
    except BaseException as error:
        # The library is Rust: its panic is no Exception, and it means a damaged file like any other.
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(0, "xlsx_broken") from error
    if not filled:
        raise unreadable(0, "file_empty")
    if len(filled) > 1:
        raise unreadable(0, "xlsx_sheets", sheets=", ".join(sheet.name for sheet in filled[:10]))
    return filled[0]


def _cells(sheet: python_calamine.CalamineSheet, problems: list[RowProblem]) -> Iterator[Row]:
    names: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row: list[Any] = []
        for place, cell in enumerate(cells):
            try:
                row.append(_value(cell))
            except ValueError:
                problems.append(row_problem(number, names[place] if place < len(names) else "", "cell_number", cell))
                row.append("")
        if not any(names):
            names = [str(cell) for cell in row]
        yield number, row


def _value(cell: object) -> object:
    """A cell as a JSON value: whole numbers as such, others as text, days and times as ISO text."""
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _EXACT_WHOLE:
            return int(cell)
        exact = Decimal(repr(cell))
        exponent = exact.as_tuple().exponent
        if not isinstance(exponent, int) or not -_SCALE <= exponent <= 0:
            raise ValueError
        return format(exact, "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (str, bool, int)):
        return cell
    return str(cell)
