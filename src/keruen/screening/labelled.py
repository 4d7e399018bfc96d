"""Labelled data of screening: pairs judged the same or not, and parties that a list must or must not hit.

Reads rows that a person or an authority has judged, so that a matcher can be measured on them. How it is measured
is the work of `quality`; opening the file is the caller's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from keruen.codes import countries
from keruen.errors import InvalidInput
from keruen.model.party import Identifier, Party, PartyKind

SIDE = ("name", "alt_names", "schema", "country", "dob", "ids")
PAIR_COLUMNS = (
    "pair_id",
    *(f"query_{part}" for part in SIDE),
    *(f"candidate_{part}" for part in SIDE),
    "label",
    "quality",
    "category",
)
QUERY_COLUMNS = ("query_id", "query_name", "query_schema", "query_country", "query_dob", "expected_id")
BETWEEN = "|"
"""Stands between several values of one cell."""

KINDS = {
    "": PartyKind.UNKNOWN,
    "Thing": PartyKind.UNKNOWN,
    "LegalEntity": PartyKind.UNKNOWN,
    "Person": PartyKind.PERSON,
    "Organization": PartyKind.ORGANISATION,
    "Company": PartyKind.ORGANISATION,
    "PublicBody": PartyKind.ORGANISATION,
    "Vessel": PartyKind.VESSEL,
    "Airplane": PartyKind.VEHICLE,
    "Vehicle": PartyKind.VEHICLE,
    "Address": PartyKind.ADDRESS,
}
"""FollowTheMoney types to ours. A LegalEntity may be a person or a firm, so its kind is not known."""

OTHER_NAMES = {
    "brunei": "bn",
    "czech republic": "cz",
    "democratic republic of the congo": "cd",
    "east timor": "tl",
    "ivory coast": "ci",
    "russia": "ru",
    "turkey": "tr",
}
"""English names in use beside those of the code list."""

DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


class LabelledPair(NamedTuple):
    """Two parties, and whether they are one."""

    id: str
    query: Party
    candidate: Party
    same: bool
    quality: str
    """How clear the case is, or of which sort; empty where the source does not say."""
    category: str
    """The source's own tag, such as script and kind; may be empty."""


class ListQuery(NamedTuple):
    """A party to be searched on a list, and what is to be found."""

    id: str
    party: Party
    expected_id: str
    """The listed party that must be found; empty: nothing may be found."""


def read_pairs(lines: Iterable[str], *, name: str) -> list[LabelledPair]:
    """Read a CSV file of labelled pairs.

    Args:
        lines: The file's lines as text, the header first.
        name: What messages call the file.

    Returns:
        One record a row, in the file's order; columns that are not of `PAIR_COLUMNS` are passed over.

    Raises:
        InvalidInput: A column or a name is missing, or a label is neither 1 nor 0; says line and column.
    """
    return [_pair(row, name, line) for line, row in _rows(lines, PAIR_COLUMNS, name)]


def read_queries(lines: Iterable[str], *, name: str) -> list[ListQuery]:
    """Read a CSV file of parties to search, each with the id it must hit or with none.

    Args:
        lines: The file's lines as text, the header first.
        name: What messages call the file.

    Returns:
        One record a row, in the file's order.

    Raises:
        InvalidInput: A column or a name is missing; says line and column.
    """
    return [
        ListQuery(row["query_id"], _party(row, "query", name, line), row["expected_id"].strip())
        for line, row in _rows(lines, QUERY_COLUMNS, name)
    ]


def _rows(lines: Iterable[str], columns: tuple[str, ...], name: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(lines, strict=True)
    last = 1
    try:
        header = reader.fieldnames or ()
        missing = [column for column in columns if column not in header]
        if missing:
            raise InvalidInput(
                f"{name}, line 1: no column {', '.join(missing)}; needed are {', '.join(columns)}",
                code="labelled_column",
                file=name,
                line=1,
                column=missing[0],
            )
        for row in reader:
            short = next((column for column in columns if row[column] is None), None)
            if short is not None or None in row:
                raise _wrong(name, reader.line_num, short or "", "give each row as many cells as the header has")
            last = reader.line_num
            yield last, row
    except csv.Error as error:
        # The line on which the bad row begins: where a quote is never closed, the reader stops at the end of the file.
        raise _wrong(name, last + 1, "", f"mend the CSV: {error}") from error


def _pair(row: dict[str, str], name: str, line: int) -> LabelledPair:
    label = row["label"].strip()
    if label not in {"0", "1"}:
        raise _wrong(name, line, "label", f"write 1 for the same party or 0 for another, not {label!r}")
    return LabelledPair(
        row["pair_id"],
        _party(row, "query", name, line),
        _party(row, "candidate", name, line),
        label == "1",
        row["quality"].strip(),
        row["category"].strip(),
    )


def _party(row: dict[str, str], side: str, name: str, line: int) -> Party:
    names = (*_values(row[f"{side}_name"]), *_values(row.get(f"{side}_alt_names", "")))
    if not names:
        raise _wrong(name, line, f"{side}_name", "give at least one name")
    # A type that we have no kind for is not known; the names can be compared all the same.
    kind = KINDS.get(row[f"{side}_schema"].strip(), PartyKind.UNKNOWN)
    return Party(
        names=names,
        kind=kind,
        dates=tuple(date for value in _values(row[f"{side}_dob"]) if (date := _date(value))),
        countries=tuple(dict.fromkeys(code for value in _values(row[f"{side}_country"]) if (code := _country(value)))),
        identifiers=tuple(Identifier("other", value) for value in _values(row.get(f"{side}_ids", ""))),
    )


def _values(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for part in cell.split(BETWEEN) if (value := part.strip())))


def _date(text: str) -> str:
    """A date with two digits for month and day, or nothing where it is none."""
    found = DATE.fullmatch(text)
    return "-".join(part.zfill(2) for part in found.groups() if part) if found else ""


def _country(text: str) -> str:
    """Two small letters, or nothing for what is no country of today: nothing is not a disagreement."""
    low = text.casefold()
    code = _english_names().get(low) or OTHER_NAMES.get(low) or low.partition("-")[0]
    return code if countries.exists(code.upper()) else ""


@cache
def _english_names() -> dict[str, str]:
    return {countries.name(code).casefold(): code.lower() for code in countries.all_codes()}


def _wrong(name: str, line: int, column: str, mend: str) -> InvalidInput:
    where = f"{name}, line {line}" + (f", column {column}" if column else "")
    return InvalidInput(f"{where}: {mend}", code="labelled_row", file=name, line=line, column=column)
