"""Formats: from bytes to raw records, each with its row, and to a problem for each row that cannot be read.

What a record means is for `documents.parsing`; here it is found, whole and with bounded memory, in
CSV, XLSX, JSON and NDJSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from keruen.formats.delimited import read_csv
from keruen.formats.jsons import read_json, read_ndjson
from keruen.formats.records import Format, Limits, RawRecord, Unreadable, unreadable
from keruen.formats.report import write_problems_csv
from keruen.formats.workbook import OLE_MAGIC, read_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keruen.documents.problems import RowProblem
    from keruen.model.profile import Profile

HEAD_BYTES: Final = 4_096
"""How much of a file `detect` wants to see."""
_DEFAULT: Final = Limits()
_BY_NAME: Final = {
    "csv": Format.CSV,
    "tsv": Format.CSV,
    "txt": Format.CSV,
    "xlsx": Format.XLSX,
    "json": Format.JSON,
    "ndjson": Format.NDJSON,
    "jsonl": Format.NDJSON,
}
_OTHERS: Final = {
    b"%PDF": "a PDF cannot be read",
    b"\x1f\x8b": "unpack it first",
    b"Rar!": "unpack it first",
    b"7z\xbc\xaf": "unpack it first",
    b"<?xml": "XML is not read yet",
    b"{\\rtf": "it is a text document",
}


def detect(name: str, head: bytes) -> Format:
    """Tell a file's format by its first bytes, and where they leave it open by its name.

    Args:
        name: As the sender called it; may be empty.
        head: The first `HEAD_BYTES` or fewer.

    Raises:
        InvalidInput: It is none of the formats that are read.
    """
    ending = name.rpartition(".")[2].lower()
    if head.startswith(OLE_MAGIC):
        raise unreadable(0, "xlsx_encrypted" if ending == "xlsx" else "format_unknown", name, hint="save .xls as .xlsx")
    if head.startswith(b"PK\x03\x04"):
        if ending not in {"xlsx", ""}:
            raise unreadable(0, "format_unknown", name, hint="unpack it first")
        return Format.XLSX
    for magic, hint in _OTHERS.items():
        if head.startswith(magic):
            raise unreadable(0, "format_unknown", name, hint=hint)
    if ending in {"ndjson", "jsonl"}:
        return Format.NDJSON
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        return Format.JSON
    if text.startswith(b"{"):
        first, _, rest = text.partition(b"\n")
        return Format.NDJSON if first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else Format.JSON
    found = _BY_NAME.get(ending, Format.CSV if not ending or not text else None)
    if found is None or (found is Format.XLSX and text):
        raise unreadable(0, "format_unknown", name, hint="the name or the content is of another")
    return found


def read(
    stream: BinaryIO,
    file_format: Format,
    limits: Limits = _DEFAULT,
    *,
    profile: Profile,
    kind: str = "",
) -> Iterator[RawRecord | RowProblem]:
    """Read a file's records, with a problem for each that cannot be read.

    Args:
        stream: At its beginning. CSV is gone through twice, so it must be seekable.
        file_format: As `detect` says, or as the caller knows.
        limits: What is refused for its size.
        profile: Of the jurisdiction; in tables it says which columns are a line's.
        kind: Kind of the records that do not name it themselves.

    Returns:
        Records and problems in the file's order. A problem about the whole file comes last, and
        nothing behind it was read; never an exception for what stands in the file.
    """
    try:
        match file_format:
            case Format.CSV:
                yield from read_csv(stream, limits, profile=profile, kind=kind)
            case Format.XLSX:
                yield from read_xlsx(stream, limits, profile=profile, kind=kind)
            case Format.JSON:
                yield from read_json(stream, limits, kind=kind)
            case Format.NDJSON:
                yield from read_ndjson(stream, limits, kind=kind)
    except Unreadable as error:
        yield error.problem


__all__ = [
    "HEAD_BYTES",
    "Format",
    "Limits",
    "RawRecord",
    "Unreadable",
    "detect",
    "read",
    "write_problems_csv",
]
