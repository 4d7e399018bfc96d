"""Files to records: every format, every way a file can be bad, and bounded memory."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from keruen.documents.parsing import Parsed, Parser, Rejected
from keruen.documents.problems import RowProblem
from keruen.errors import InvalidInput
from keruen.formats import Format, Limits, RawRecord, detect, read
from keruen.formats.examples import example, story, write_csv
from keruen.profiles import load

if TYPE_CHECKING:
    import random

PROFILE = load("kz")
PARSER = Parser(PROFILE)
STORY = [each.record for each in story()]


def records(data: bytes, form: Format, limits: Limits | None = None, kind: str = "") -> list[RawRecord | RowProblem]:
    return list(read(io.BytesIO(data), form, limits or Limits(), profile=PROFILE, kind=kind))


def hashes(data: bytes, form: Format) -> list[bytes]:
    found = []
    for made in records(data, form):
        assert isinstance(made, RawRecord), made.text
        answer = PARSER.parse(made.fields, row=made.row, line_rows=made.line_rows)
        assert isinstance(answer, Parsed), [problem.text for problem in answer.problems]
        found.append(answer.content_sha256)
    return found


EXPECTED = hashes("\n".join(json.dumps(record) for record in STORY).encode(), Format.NDJSON)


def told(data: bytes, form: Format, limits: Limits | None = None, kind: str = "") -> list[tuple[int, str, str]]:
    return [
        (made.row, made.field, made.code) for made in records(data, form, limits, kind) if isinstance(made, RowProblem)
    ]


def as_csv(given: list[dict[str, Any]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    write_csv(given, stream, delimiter=delimiter)
    return stream.getvalue()


def as_xlsx(rows: list[list[Any]], *, sheets: int = 1, hidden: bool = False) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"strings_to_formulas": False})
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for number in range(sheets):
        sheet = book.add_worksheet()
        if number and hidden:
            sheet.hide()
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell.replace(tzinfo=None), moment)
                elif isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                else:
                    sheet.write(place, column, cell)
    book.close()
    return stream.getvalue()


def xlsx_rows(given: list[dict[str, Any]]) -> list[list[Any]]:
    return [line.split("\t") for line in as_csv(given, "\t").splitlines()]


# The same story in every form


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_gives_what_json_gives(delimiter: str, encoding: str) -> None:
    assert hashes(as_csv(STORY, delimiter).encode(encoding), Format.CSV) == EXPECTED


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_csv_of_excel_with_its_delimiter_line(ending: str) -> None:
    text = "sep=;\n" + as_csv(STORY, ";")
    data = text.replace("\n", ending).encode("utf-8-sig")
    assert hashes(data, Format.CSV) == EXPECTED
    first = records(data, Format.CSV)[0]
    assert first.row == 3


def test_xlsx_gives_what_json_gives() -> None:
    assert hashes(as_xlsx(xlsx_rows(STORY)), Format.XLSX) == EXPECTED


@pytest.mark.parametrize("form", [STORY, {"records": STORY}])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_gives_the_same_as_list_or_in_records(form: object, indent: int | None) -> None:
    assert hashes(json.dumps(form, indent=indent).encode(), Format.JSON) == EXPECTED


def test_json_may_be_one_document() -> None:
    assert hashes(json.dumps(STORY[0], ensure_ascii=False).encode("utf-8-sig"), Format.JSON) == EXPECTED[:1]


def test_records_may_stand_behind_other_names() -> None:
    data = json.dumps({"sent_by": "x", "records": STORY[:2]}).encode()
    assert hashes(data, Format.JSON) == EXPECTED[:2]


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_columns_may_stand_in_any_order(chance: random.Random) -> None:
    rows = xlsx_rows(STORY)
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    data = "\n".join("\t".join(row[place] for place in order) for row in rows).encode()
    assert hashes(data, Format.CSV) == EXPECTED


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_shuffled_rows_are_refused_or_give_the_same_documents(chance: random.Random) -> None:
    rows = xlsx_rows(STORY)
    body = rows[1:]
    for _ in range(chance.randint(1, 3)):
        here, there = chance.randrange(len(body)), chance.randrange(len(body))
        body[here], body[there] = body[there], body[here]
    data = "\n".join("\t".join(row) for row in [rows[0], *body]).encode()
    made = records(data, Format.CSV)
    for each in made:
        if isinstance(each, RawRecord):
            answer = PARSER.parse(each.fields)
            assert isinstance(answer, Parsed)
            assert answer.content_sha256 in EXPECTED
        else:
            assert each.code == "rows_apart"


@pytest.mark.parametrize("size", [1, 2, 7, 100])
@pytest.mark.parametrize("form", [Format.CSV, Format.JSON, Format.NDJSON])
def test_where_the_pieces_of_a_file_end_does_not_matter(
    size: int, form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keruen.formats.text.CHUNK", size)
    numbers = {"kind": "action", "id": "А", "lines": [{"line": -1, "x": 1.5e-3, "y": True, "z": None, "u": "\u0416\\"}]}
    data = {
        Format.CSV: as_csv(STORY).encode("utf-16"),
        Format.JSON: json.dumps([*STORY, numbers], indent=1).encode(),
        Format.NDJSON: "\n".join(json.dumps(record) for record in STORY).encode("utf-8-sig"),
    }[form]
    found = records(data, form)
    monkeypatch.undo()
    assert found == records(data, form)
    assert len(found) == len(STORY) + (form is Format.JSON)
    assert all(isinstance(made, RawRecord) for made in found)


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    made = [each for each in records(as_csv(STORY[:4]).encode(), Format.CSV) if isinstance(each, RawRecord)]
    assert [(each.row, each.line_rows) for each in made] == [(2, (2, 3)), (4, (4, 5)), (6, ()), (7, (7, 8))]


def test_the_kind_may_be_given_by_the_caller() -> None:
    record = example("waybill")
    del record["kind"]
    for data, form in ((as_csv([record]).encode(), Format.CSV), (json.dumps(record).encode(), Format.JSON)):
        (made,) = records(data, form, kind="waybill")
        assert isinstance(made, RawRecord)
        assert made.fields["kind"] == "waybill"


def test_empty_rows_are_passed_over_and_counted() -> None:
    text = as_csv(STORY[:2]).splitlines()
    data = "\n".join([text[0], "", *text[1:3], "," * text[0].count(","), *text[3:]]).encode()
    assert [each.row for each in records(data, Format.CSV)] == [3, 6]
    assert hashes(data, Format.CSV) == EXPECTED[:2]


def test_quoted_text_may_hold_delimiters_quotes_and_line_breaks() -> None:
    record = {**example("arrival_notice"), "note": 'first, "second";\nthird'}
    (made,) = records(as_csv([record]).encode(), Format.CSV)
    assert isinstance(made, RawRecord)
    assert made.fields["note"] == record["note"]


# Cells of a workbook


def test_cells_of_a_workbook_are_read_by_their_type() -> None:
    data = as_xlsx(
        [
            ["kind", "id", "issued_on", "occurred_at", "version", "line", "quantity", "commodity_code", "note"],
            ["waybill", "W1", date(2026, 3, 4), datetime(2026, 3, 4, 10, tzinfo=UTC), 2, 1, 12.5, 8542319010, True],
        ]
    )
    (made,) = records(data, Format.XLSX)
    assert isinstance(made, RawRecord)
    assert made.fields == {
        "kind": "waybill", "id": "W1", "issued_on": "2026-03-04", "occurred_at": "2026-03-04T10:00:00", "version": 2,
        "note": True, "lines": [{"line": 1, "quantity": "12.5", "commodity_code": 8542319010}],
    }  # fmt: skip


def test_a_code_that_lost_its_leading_zero_is_told() -> None:
    data = as_xlsx([["kind", "id", "line", "commodity_code"], ["waybill", "W1", 1, 101210000]])
    (made,) = records(data, Format.XLSX)
    assert isinstance(made, RawRecord)
    answer = PARSER.parse(made.fields, row=made.row, line_rows=made.line_rows)
    assert isinstance(answer, Rejected)
    assert any(
        "format the column as Text" in problem.text and "0101210000" in problem.text for problem in answer.problems
    )


@pytest.mark.parametrize("number", [1.123456789, 1e300, 1e-9, 123456789012345678.0])
def test_a_number_that_cannot_be_exact_is_refused_with_its_cell(number: float) -> None:
    assert told(as_xlsx([["kind", "id", "quantity"], ["waybill", "W1", number]]), Format.XLSX) == [
        (2, "quantity", "cell_number")
    ]


def test_a_cell_with_an_error_is_not_read_as_empty() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["kind", "id", "note"])
    sheet.write_row(1, 0, ["waybill", "W1"])
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    book.close()
    assert told(stream.getvalue(), Format.XLSX) == [(2, "C2", "cell_error")]


def test_a_table_that_begins_further_down_keeps_its_row_numbers() -> None:
    data = as_xlsx([[], [], ["kind", "id"], ["arrival_notice", "A1"]])
    (made,) = records(data, Format.XLSX)
    assert made.row == 4


def test_only_one_visible_sheet_may_be_filled() -> None:
    rows = [["kind", "id"], ["waybill", "W1"]]
    assert told(as_xlsx(rows, sheets=2), Format.XLSX) == [(0, "", "xlsx_sheets")]
    assert len(records(as_xlsx(rows, sheets=2, hidden=True), Format.XLSX)) == 1


# Bad files


WAYBILL = as_csv([example("waybill")]).encode()
CYRILLIC = "kind,id,note\nwaybill,W1,Груз принят полностью\n"


@pytest.mark.parametrize(
    ("data", "form", "problems"),
    [
        (b"", Format.CSV, [(0, "", "file_empty")]),
        (b"kind,id\n", Format.CSV, [(0, "", "file_empty")]),
        (b"", Format.JSON, [(0, "", "file_empty")]),
        (b"[]", Format.JSON, [(0, "", "file_empty")]),
        (b"\n\n", Format.NDJSON, [(0, "", "file_empty")]),
        (b"", Format.XLSX, [(0, "", "file_empty")]),
        (CYRILLIC.encode("cp1251"), Format.CSV, [(0, "", "encoding_cp1251")]),
        (b"kind,id\nwaybill,\xff\xfe\x81\x98\n", Format.CSV, [(0, "", "encoding")]),
        (b"kind,id\nwaybill,W\x001\n", Format.CSV, [(0, "", "nul_byte")]),
        ("kind,id\nwaybill,W1\n".encode("utf-16-le"), Format.CSV, [(0, "", "nul_byte")]),
        ("kind,id".encode("utf-32"), Format.CSV, [(0, "", "encoding")]),
        (b"kind,id,id\nwaybill,1,2\n", Format.CSV, [(1, "id", "column_repeated")]),
        (b"kind,,id\nwaybill,1,2\n", Format.CSV, [(1, "", "column_unnamed")]),
        (b"kind,id,qantity\nwaybill,1,2\n", Format.CSV, [(1, "", "column_unknown")]),
        (b"kind,id,zzzzzzz\nwaybill,1,2\n", Format.CSV, [(1, "", "column_unlike_any")]),
        (b"id\nW1\n", Format.CSV, [(1, "kind", "kind_missing")]),
        (b"kind,note\nwaybill,x\n", Format.CSV, [(1, "id", "field_missing")]),
        (b"kind,id\nwaybill,W1\nwaybill,W2,x\nwaybill,W3\n", Format.CSV,
         [(2, "", "document_cut"), (3, "", "row_width")]),
        (b"kind,id,line\nwaybill,W1,1\nwaybill\n", Format.CSV, [(2, "", "document_cut"), (3, "", "row_width")]),
        (b'kind,id\nwaybill,"W1" x\n', Format.CSV, [(2, "", "csv_syntax")]),
        (b'kind,id\nwaybill,"W1\n', Format.CSV, [(2, "", "csv_quote_open")]),
        (b"kind,id,note,line\nwaybill,W1,a,1\nwaybill,W1,b,2\n", Format.CSV, [(3, "note", "rows_differ")]),
        (b"kind,id\nwaybill,W1\nwaybill,W1\n", Format.CSV, [(3, "", "row_repeated")]),
        (
            b"kind,id,line\nwaybill,W1,1\nwaybill,W2,1\nwaybill,W1,2\n",
            Format.CSV,
            [(2, "id", "rows_apart"), (4, "id", "rows_apart")],
        ),
        (b"{", Format.JSON, [(1, "", "json_truncated")]),
        (b'[{"id":"1"},{"id":', Format.JSON, [(2, "", "json_truncated")]),
        (b'[{"id":"1"}', Format.JSON, [(1, "", "json_truncated")]),
        (b'[{"id":"1"}] x', Format.JSON, [(1, "", "json_trailing")]),
        (b'{"id":"1"}{"id":"2"}', Format.JSON, [(1, "", "json_trailing")]),
        (b'[{"id":"1"} {"id":"2"}]', Format.JSON, [(1, "", "json_syntax")]),
        (b"[{'id':1}]", Format.JSON, [(1, "", "json_syntax")]),
        (b'[{"id":NaN}]', Format.JSON, [(1, "", "json_syntax")]),
        (b'[{"id":' + b"9" * 5000 + b"}]", Format.JSON, [(1, "", "json_syntax")]),
        (b"[1,2]", Format.JSON, [(1, "", "not_a_record")]),
        (b'"text"', Format.JSON, [(0, "", "json_syntax")]),
        (b'[{"id":"1","id":"2"},{"id":"3"}]', Format.JSON, [(1, "id", "json_key_repeated")]),
        (b'[{"lines":[{"a":1,"a":1}]}]', Format.JSON, [(1, "a", "json_key_repeated")]),
        (b'{"id":' + b"[" * 30 + b"]" * 30 + b"}", Format.JSON, [(1, "", "too_deep")]),
        (b'{"id":' + b"[" * 100_000, Format.JSON, [(1, "", "too_deep")]),
        ('[{"note":"Груз"}]'.encode("cp1251"), Format.JSON, [(0, "", "encoding_cp1251")]),
        (b'{"id":1}\n{"id" 1}\n[1]\n{"id":"2","id":"2"}\n{"id":3}', Format.NDJSON,
         [(2, "", "json_syntax"), (3, "", "not_a_record"), (4, "id", "json_key_repeated")]),
        (b'{"a":"x\\":","a" :1}', Format.NDJSON, [(1, "a", "json_key_repeated")]),
        (b'{"id":1}\n{"id":2', Format.NDJSON, [(2, "", "json_truncated")]),
        ('{"note":"Груз"}\n{"id":1}'.encode("cp1251"), Format.NDJSON, [(1, "", "encoding_cp1251")]),
        ('{"id":1}'.encode("utf-16"), Format.NDJSON, [(0, "", "encoding")]),
        (b'{"id":1}\n{"id":"\x00"}\n', Format.NDJSON, [(2, "", "nul_byte")]),
        (b'{"id":' + b"[" * 30 + b"]" * 30 + b"}", Format.NDJSON, [(1, "", "too_deep")]),
        (b'{"id":' + b"[" * 5_000 + b"]" * 5_000 + b"}", Format.NDJSON, [(1, "", "json_syntax")]),
        (b"no workbook", Format.XLSX, [(0, "", "xlsx_broken")]),
        (b"\xd0\xcf\x11\xe0 locked", Format.XLSX, [(0, "", "xlsx_encrypted")]),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_where_and_why(data: bytes, form: Format, problems: list[tuple[int, str, str]]) -> None:
    assert told(data, form) == problems


def test_the_good_lines_of_ndjson_are_kept() -> None:
    made = records(b'{"id":1}\nnothing\n{"id":3}\n', Format.NDJSON)
    assert [type(each) for each in made] == [RawRecord, RowProblem, RawRecord]
    assert [each.row for each in made] == [1, 2, 3]


# Limits


SMALL = Limits(max_bytes=20_000, max_rows=5, max_row_bytes=500, max_workbook_rows=5, max_workbook_unpacked=50_000)


def test_a_file_too_large_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"\n" * size

        def seekable(self) -> bool:
            return True

        def seek(self, *_: int) -> int:
            return 0

        def tell(self) -> int:
            return 0

    for form in (Format.NDJSON, Format.JSON, Format.CSV):
        stream = Endless()
        made = list(read(stream, form, SMALL, profile=PROFILE))  # type: ignore[arg-type]
        assert isinstance(made[-1], RowProblem)
        assert made[-1].code in {"file_too_large", "column_unnamed", "kind_missing", "field_missing"}
        assert stream.taken < 1_000_000


@pytest.mark.parametrize(
    ("data", "form", "last"),
    [
        (b"kind,id\n" + b"waybill,W1\n" * 6, Format.CSV, "too_many_rows"),
        (b"kind,id,note\nwaybill,W1," + b"x" * 600 + b"\n", Format.CSV, "row_too_long"),
        (b'kind,id,note\nwaybill,W1,"' + b"x\n" * 600, Format.CSV, "csv_quote_open"),
        (b'{"id":1}\n' * 6, Format.NDJSON, "too_many_rows"),
        (json.dumps([{"id": 1, "lines": [{}] * 6}]).encode(), Format.JSON, "too_many_rows"),
        (json.dumps([{"id": "x" * 600}]).encode(), Format.JSON, "row_too_long"),
        (b'[{"id":"' + b"x" * 600, Format.JSON, "row_too_long"),
        (as_xlsx([["kind", "id"]] + [["waybill", "W1"]] * 7), Format.XLSX, "too_many_rows"),
    ],
)
def test_each_limit_holds(data: bytes, form: Format, last: str) -> None:
    assert told(data, form, SMALL)[-1][2] == last


def test_a_line_too_long_does_not_stop_the_others_and_is_not_held() -> None:
    data = b'{"id":1}\n{"id":"' + b"x" * 2_000_000 + b'"}\n{"id":3}'
    made = records(data, Format.NDJSON)
    assert [(each.row, isinstance(each, RawRecord)) for each in made] == [(1, True), (2, False), (3, True)]


def test_a_quote_never_closed_does_not_swallow_the_file() -> None:
    data = b'kind,id,note\nwaybill,W1,"x\n' + b"waybill,W2,x\n" * 200_000
    assert told(data, Format.CSV) == [(2, "", "csv_quote_open")]


# Workbooks made to do harm


def spoilt(workbook: bytes, part: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == part else old.read(info))
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
BOOK = as_xlsx([["kind", "id"], ["waybill", "W1"]])


def test_a_bomb_is_refused_by_its_unpacked_size() -> None:
    data = spoilt(BOOK, SHEET, HEAD + b" " * 500_000_000 + TAIL)
    assert len(data) < 1_000_000
    assert told(data, Format.XLSX) == [(0, "", "xlsx_bomb")]


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(spoilt(BOOK, SHEET, HEAD + b" " * 1_000_000 + TAIL))
    place = data.rindex(SHEET.encode()) - 22  # uncompressed size in the central directory
    data[place : place + 4] = (100).to_bytes(4, "little")
    assert told(bytes(data), Format.XLSX) == [(0, "", "xlsx_broken")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (b'<row r="2"><c r="XFD2"><v>1</v></c></row>', "xlsx_cell_far"),
        (b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "too_many_rows"),
        (b'<row><c r="A1048576"><v>1</v></c></row>', "too_many_rows"),
    ],
)
def test_a_cell_at_the_far_end_is_refused_before_room_is_made_for_it(cell: bytes, code: str) -> None:
    head = b'<row r="1"><c r="A1" t="inlineStr"><is><t>kind</t></is></c></row>'
    assert told(spoilt(BOOK, SHEET, HEAD + head + cell + TAIL), Format.XLSX) == [(0, "", code)]


def test_a_long_text_named_by_many_cells_is_refused() -> None:
    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"x" * 1_000_000
        + b"</t></si></sst>"
    )
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, 1_000))
    data = spoilt(spoilt(BOOK, SHEET, HEAD + rows + TAIL), "xl/sharedStrings.xml", texts)
    assert told(data, Format.XLSX) == [(0, "", "xlsx_bomb")]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_workbook_cut_off_is_refused(share: float) -> None:
    assert told(BOOK[: int(len(BOOK) * share)], Format.XLSX) == [(0, "", "xlsx_broken")]


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "a")
    assert told(stream.getvalue(), Format.XLSX) == [(0, "", "xlsx_broken")]


# Anything at all


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(Format))
def test_no_bytes_make_an_unexpected_exception(data: bytes, form: Format) -> None:
    for made in records(data, form):
        if isinstance(made, RowProblem):
            made.text.encode()


GOOD = {
    Format.CSV: as_csv(STORY[:6]).encode(),
    Format.JSON: json.dumps(STORY[:6]).encode(),
    Format.NDJSON: "\n".join(json.dumps(record) for record in STORY[:6]).encode(),
    Format.XLSX: as_xlsx(xlsx_rows(STORY[:6])),
}


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(Format))
def test_no_spoilt_file_makes_an_unexpected_exception(data: st.DataObject, form: Format) -> None:
    whole = bytearray(GOOD[form])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    for made in records(bytes(whole), form):
        if isinstance(made, RawRecord):
            PARSER.parse(made.fields, row=made.row, line_rows=made.line_rows)


@settings(max_examples=100)
@given(st.integers(0, len(GOOD[Format.NDJSON])), st.sampled_from([Format.CSV, Format.JSON, Format.NDJSON]))
def test_a_file_cut_off_gives_no_document_that_differs(at: int, form: Format) -> None:
    """A CSV cut in its last cell or between two rows of a document cannot be told from a whole one."""
    if form is Format.CSV:
        return
    for made in records(GOOD[form][:at], form):
        if isinstance(made, RawRecord):
            answer = PARSER.parse(made.fields)
            assert isinstance(answer, Parsed)
            assert answer.content_sha256 in EXPECTED


# Which format


@pytest.mark.parametrize(
    ("name", "head", "form"),
    [
        ("a.csv", b"kind;id", Format.CSV),
        ("a.txt", b"kind\tid", Format.CSV),
        ("", b"kind,id", Format.CSV),
        ("a.xlsx", BOOK[:100], Format.XLSX),
        ("", BOOK[:100], Format.XLSX),
        ("a.json", b"\xef\xbb\xbf [", Format.JSON),
        ("a.json", b'{"id":1}\n{"id":2}', Format.NDJSON),
        ("a.json", b'{\n"id":1}', Format.JSON),
        ("a.jsonl", b'{"id":1}', Format.NDJSON),
        ("a.bin", b"[{", Format.JSON),
    ],
)
def test_a_format_is_known_by_its_bytes_and_then_by_its_name(name: str, head: bytes, form: Format) -> None:
    assert detect(name, head) is form


@pytest.mark.parametrize(
    ("name", "head", "says"),
    [
        ("a.pdf", b"%PDF-1.7", "a PDF cannot be read"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "save .xls as .xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0", "Remove the password"),
        ("a.zip", b"PK\x03\x04", "unpack it first"),
        ("a.xml", b"<?xml version", "XML is not read yet"),
        ("a.docx", b"PK\x03\x04", "unpack it first"),
        ("a.exe", b"MZ", "CSV, XLSX, JSON or NDJSON"),
        ("a.xlsx", b"kind,id", "CSV, XLSX, JSON or NDJSON"),
    ],
)
def test_another_format_is_refused_with_what_to_do(name: str, head: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        detect(name, head)


@given(st.text(max_size=20), st.binary(max_size=50))
def test_any_bytes_have_a_format_or_a_refusal(name: str, head: bytes) -> None:
    try:
        detect(name, head)
    except InvalidInput as error:
        error.text.encode()
