"""What is wrong with a row: where, what was found, what was expected and how to mend it.

The English of every problem is made here from one table, so that a face can say the same in
Kazakh or Russian from the code and the parameters alone. Finding problems is left to `fields`,
`parsing` and `formats`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 120
"""Characters of a found value that are repeated in a message; the rest of a wrong value helps nobody."""

TEXTS: dict[str, tuple[str, str]] = {
    # The record as a whole
    "not_a_record": ("an object of named fields", "Write each document as {{...}} with its field names."),
    "kind_missing": (
        "one of the document kinds: {kinds}",
        "Name the kind in the field kind, or choose it when handing in.",
    ),
    "kind_unknown": ("one of the document kinds: {kinds}", "Did you mean {nearest}?"),
    "kind_unlike_any": ("one of the document kinds: {kinds}", "Choose the kind from the list."),
    "field_unknown": ("a field of {kind}", "Did you mean {nearest}? Rename the field."),
    "field_unlike_any": ("a field of {kind}", "Leave the field out; {kind} has no such field."),
    "field_missing": ("a value; {kind} cannot be filed without it", "Fill in {field}."),
    "header_field_in_line": (
        "a field of a line",
        "Move {field} out of the lines: it is stated once for the whole {kind}.",
    ),
    "line_field_in_header": (
        "a field of the whole document",
        "Move {field} into lines: it is stated for each line.",
    ),
    "lines_missing": ("at least one line", "Add lines; a {kind} without goods says nothing."),
    "lines_unwanted": ("no lines", "Leave lines out; a {kind} has none."),
    "lines_not_a_list": ("a list of lines", "Write lines as [ {{...}}, {{...}} ]."),
    "line_repeated": (
        "each line number once",
        "Number the lines 1, 2, 3; number {number} stands at {first} already.",
    ),
    # One value
    "blank": ("a value, or nothing at all", "It holds only spaces: fill it in or leave it empty."),
    "not_text": ("text", "Put the value in quotes; lists and objects are not values here."),
    "number_not_text": (
        "text",
        "Numbers lose leading zeros: quote it in JSON, format the column as Text in a spreadsheet.",
    ),
    "float": (
        "the number in quotes",
        'Write it in quotes, as in "12.5": numbers with a point lose digits on the way.',
    ),
    "document_id": (
        "1 to 64 of A-Z a-z 0-9 . _ - :",
        "Take out spaces, slashes and other signs; {at_fault} is not allowed.",
    ),
    "document_id_length": (
        "1 to 64 of A-Z a-z 0-9 . _ - :",
        "It is {length} characters long; shorten it to 64.",
    ),
    "lot_ref": (
        "<document id>/<line>, as in IM-2026-0001/2",
        "Name the document that brought the goods in, a slash, and its line.",
    ),
    "text_length": ("at most {max} characters", "It is {length} characters long; shorten it to {max}."),
    "text_control": ("text that can be read on a page", "Take out the invisible character {at_fault}."),
    "choice": ("one of: {values}", "Did you mean {nearest}?"),
    "choice_unlike_any": ("one of: {values}", "Choose one of the list."),
    "integer": ("a whole number", "Write digits only."),
    "integer_range": ("a whole number from {min} to {max}", "Correct the number."),
    "date": ("a date as YYYY-MM-DD", "Write the year, the month and the day as in 2026-03-04."),
    "date_turned": ("a date as YYYY-MM-DD", "It is written the other way round; write {nearest}."),
    "date_ambiguous": (
        "a date as YYYY-MM-DD",
        "Write {nearest} if the day comes first, {other} if the month does.",
    ),
    "date_impossible": ("a date of the calendar", "There is no such day; check the month and the day."),
    "date_with_time": ("a date as YYYY-MM-DD, without a time", "Write {nearest}."),
    "instant": (
        "a time with its zone, as 2026-03-04T10:00:00+05:00",
        "Write date, T, time and zone (Z for UTC).",
    ),
    "instant_without_zone": (
        "a time with its zone, as 2026-03-04T10:00:00+05:00",
        "Add the zone at the end: +05:00, or Z for UTC.",
    ),
    "country": ("a country code of two letters (ISO 3166-1)", "Write the code, as in KZ, DE or CN."),
    "country_hint": ("a country code of two letters (ISO 3166-1)", "Write {nearest}."),
    "unit": (
        "a unit code of UN/ECE Recommendation 20",
        "Write the code, as in H87 (piece), KGM (kilogram) or LTR (litre).",
    ),
    "unit_hint": ("a unit code of UN/ECE Recommendation 20", "Write {nearest}."),
    "commodity_code": (
        "ten digits (EAEU nomenclature) or six (HS)",
        "Write the digits without spaces or points; it has {length}.",
    ),
    "commodity_code_signs": ("ten digits (EAEU nomenclature) or six (HS)", "Write digits only: {nearest}."),
    "commodity_code_zero": (
        "ten digits (EAEU nomenclature) or six (HS)",
        "It has lost its leading zero: format the column as Text (quote it in JSON), write {nearest}.",
    ),
    "commodity_code_unknown": (
        "a code of the EAEU nomenclature or HS 2022",
        "There is no such code; near it: {nearest}.",
    ),
    "commodity_code_unlike_any": (
        "a code of the EAEU nomenclature or HS 2022",
        "There is no such code; look it up by its first four digits.",
    ),
    "quantity_format": (
        "digits with at most one point, as 12.5",
        "Write the number without sign, spaces or unit.",
    ),
    "quantity_comma": (
        "digits with at most one point, as 12.5",
        "Write {nearest}: a point, not a comma, and no spaces.",
    ),
    "quantity_range": ("at most 10 digits before and 6 after the point", "Round it, or use a larger unit."),
    "currency": ("a currency code of three letters (ISO 4217)", "Write the code, as in KZT, USD or EUR."),
    "currency_hint": ("a currency code of three letters (ISO 4217)", "Write {nearest}."),
    "party_id": ("a valid number of {scheme}", "{fault}; check it against the registration papers."),
    "party_id_length": ("at most {max} characters", "It is {length} characters long; shorten it to {max}."),
    # The file
    "file_empty": ("at least one record", "The file holds nothing; choose the file again."),
    "file_too_large": ("at most {max} bytes", "Split the file; one document's rows stay in one file."),
    "too_many_rows": ("at most {max} rows", "Split the file; one document's rows stay in one file."),
    "row_too_long": (
        "at most {max} bytes in a row",
        "Look for a quotation mark that is opened and not closed, or shorten the texts.",
    ),
    "too_deep": (
        "at most {max} levels of brackets",
        "Write a document as one object with a list of lines, no deeper.",
    ),
    "encoding": ("UTF-8 text", "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8)."),
    "encoding_cp1251": (
        "UTF-8 text",
        "The file looks like Windows-1251; save it as UTF-8 (in a spreadsheet: CSV UTF-8).",
    ),
    "nul_byte": (
        "text without null bytes",
        "The file is damaged or is no text file; save it as UTF-8 and hand it in again.",
    ),
    "format_unknown": ("a CSV, XLSX, JSON or NDJSON file", "Save the file in one of these formats; {hint}."),
    "json_syntax": ("JSON", "{fault} at character {position}; check commas, quotes and brackets there."),
    "json_truncated": (
        "JSON to its closing bracket",
        "The file ends too early; it was cut off: hand in the whole file.",
    ),
    "json_trailing": (
        "nothing behind the last bracket",
        "Put all records into one list, or hand in NDJSON, one record a line.",
    ),
    "json_key_repeated": ("each field once in an object", "Keep one of the two {field}."),
    "csv_syntax": (
        "cells parted by {delimiter}, quotes doubled inside quotes",
        "Correct the quotation marks in this row.",
    ),
    "csv_quote_open": (
        "a closing quotation mark",
        "A quotation mark is opened in this row and not closed; close or double it.",
    ),
    "column_repeated": ("each column once", "Remove or rename one of the two columns."),
    "column_unnamed": ("a name above each column that holds values", "Name column {number} or empty it."),
    "column_unknown": (
        "a field name as column name",
        "Did you mean {nearest}? Rename the column; no row was read.",
    ),
    "column_unlike_any": ("a field name as column name", "Remove the column; no row was read."),
    "row_width": (
        "{columns} cells, as many as there are columns",
        "Check the row for a delimiter without quotes, or a row cut off.",
    ),
    "rows_differ": (
        "{first_value}, as in row {first_row} of the same document",
        "Give all rows of one document the same {field}.",
    ),
    "rows_apart": (
        "all rows of one document together",
        "Put the rows of {id} next to each other; they begin in more than one place.",
    ),
    "document_cut": (
        "a document whose rows can all be read",
        "Mend row {bad_row}; this document may go on there, and nothing behind it was read.",
    ),
    "row_repeated": (
        "a line in each further row of a document",
        "Remove the row: it repeats row {first_row} and adds no line.",
    ),
    "xlsx_broken": ("an XLSX workbook", "The file is damaged or cut off; save it again as .xlsx."),
    "xlsx_bomb": (
        "a workbook of at most {max} bytes unpacked",
        "It unpacks to far more than its size; save it again without empty formatted cells.",
    ),
    "xlsx_encrypted": ("a workbook without password", "Remove the password and save again."),
    "xlsx_cell_far": (
        "cells within {max} rows and 702 columns",
        "Delete stray cells far from the table and save again.",
    ),
    "xlsx_sheets": ("one sheet", "Hand in each sheet as a file of its own; this workbook has {sheets}."),
    "cell_number": (
        "a number with at most 6 digits after the point",
        "Round the cell, or format the column as Text and write the number out.",
    ),
    "cell_error": ("a value", "The cell holds a spreadsheet error; correct its formula."),
}
"""Code to what was expected and how to mend it, in English, with the parameters by name."""


class RowProblem(NamedTuple):
    """One thing wrong in one record."""

    row: int
    """As a spreadsheet counts, 1 being the first (in CSV the names); 0 is the file or call itself."""
    field: str
    """`quantity`, or `lines/2/quantity` for the second line; empty for the record as a whole."""
    code: str
    """Names the text in every language."""
    found: str
    expected: str
    how_to_mend: str
    params: Mapping[str, str]

    @property
    def text(self) -> str:
        """The whole problem in one English sentence."""
        where = ", ".join(part for part in (f"row {self.row}" if self.row else "", self.field) if part)
        found = f"found {self.found!r}, " if self.found else ""
        return f"{where + ': ' if where else ''}{found}expected {self.expected}. {self.how_to_mend}"


def row_problem(row: int, field: str, code: str, found: object = "", /, **params: object) -> RowProblem:
    """Make a problem, its English from the table.

    Args:
        row: Where in the file.
        field: Path of the field in the record.
        code: Key of `TEXTS`.
        found: What stood there; shortened and made printable.
        params: What the texts of that code name.
    """
    words = {name: str(value) for name, value in params.items()}
    expected, how = TEXTS[code]
    return RowProblem(row, field, code, shown(found), expected.format(**words), how.format(**words), words)


def shown(found: object) -> str:
    """A value as it may stand in a message: one line, printable, not long."""
    if isinstance(found, int) and found.bit_length() > SHOWN:
        # Python refuses to write out a number of thousands of digits.
        return "a very long number"
    text = found if isinstance(found, str) else str(found)
    if len(text) > SHOWN:
        text = text[:SHOWN] + "…"
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
