"""Each field type: what it takes, and what it says to what it does not take."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.codes import units
from keruen.documents.fields import CURRENCIES, UNIT_WORDS, near_codes, party_number, reader
from keruen.documents.problems import TEXTS, row_problem
from keruen.errors import InvalidInput
from keruen.model.profile import FIELD_TYPES, FieldSpec
from keruen.model.quantity import parse_amount, plain

COLOURS = ("red", "dark_blue")


def read(kind: str, value: object, **limits: int) -> object:
    return reader(FieldSpec("field", kind, min=limits.get("min"), max=limits.get("max"), values=COLOURS))(value)


def refused(kind: str, value: object, **limits: int) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(kind, value, **limits)
    assert caught.value.code in TEXTS
    return caught.value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("document_id", "SNT-2026:00.1_a", "SNT-2026:00.1_a"),
        ("document_id", " SNT-1\t", "SNT-1"),
        ("document_id", "x" * 64, "x" * 64),
        ("lot_ref", "IM-1/12", "IM-1/12"),
        ("text", "Cafe\u0301", "Café"),
        ("text", "two\r\nlines", "two\nlines"),
        ("text", "Әлібек «Ұлы» № 5", "Әлібек «Ұлы» № 5"),
        ("choice", "dark_blue", "dark_blue"),
        ("integer", "007", 7),
        ("integer", 7, 7),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("instant", "2026-03-04T10:00:00+05:00", datetime(2026, 3, 4, 5, tzinfo=UTC)),
        ("instant", "2026-03-04 10:00:00.25Z", datetime(2026, 3, 4, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("country", "KZ", "KZ"),
        ("unit", "H87", "H87"),
        ("currency", "KZT", "KZT"),
        ("commodity_code", "8542319010", "8542319010"),
        ("commodity_code", "854231", "854231"),
        ("commodity_code", 8542319010, "8542319010"),
        # Its heading is missing from our table: that proves nothing against it.
        ("commodity_code", "8534001100", "8534001100"),
        ("quantity", "12.50", Decimal("12.5")),
        ("quantity", 12, Decimal(12)),
        ("money", "9999999999.999999", Decimal("9999999999.999999")),
        ("party_id", "DE 999999999", "DE 999999999"),
    ],
)
def test_good_values_are_read(kind: str, value: object, expected: object) -> None:
    assert read(kind, value, **({"min": 1, "max": 100} if kind == "integer" else {})) == expected


@pytest.mark.parametrize(
    ("kind", "value", "code", "says"),
    [
        ("document_id", "SNT 1", "document_id", "' ' is not allowed"),
        ("document_id", "SNT/1", "document_id", "'/' is not allowed"),
        ("document_id", "SNТ-1", "document_id", "U+0422 (cyrillic capital letter te)"),
        ("document_id", "x" * 65, "document_id_length", "65 characters"),
        ("document_id", 1234, "number_not_text", "format the column as Text"),
        ("lot_ref", "IM-1", "lot_ref", "a slash, and its line"),
        ("lot_ref", "IM-1/0", "lot_ref", "IM-2026-0001/2"),
        ("text", "a\x00b", "text_control", "U+0000"),
        ("text", "a\u202eb", "text_control", "right-to-left override"),
        ("text", "\ud800", "text_control", "U+D800"),
        ("text", "   ", "blank", "only spaces"),
        ("text", {"a": 1}, "not_text", "in quotes"),
        ("text", 5.5, "number_not_text", "leading zeros"),
        ("choice", "Dark Blue", "choice", "Did you mean dark_blue?"),
        ("choice", "vehicle", "choice_unlike_any", "red, dark_blue"),
        ("integer", "1.0", "integer", "digits only"),
        ("integer", 1.0, "integer", "digits only"),
        ("integer", True, "integer", "digits only"),
        ("integer", "9" * 5000, "integer", "digits only"),
        ("integer", "101", "integer_range", "from 1 to 100"),
        ("date", "04.03.2025", "date_turned", "write 2025-03-04"),
        ("date", "04/03/2025", "date_ambiguous", "2025-03-04 if the day comes first, 2025-04-03 if the month"),
        ("date", "03/24/2025", "date_turned", "write 2025-03-24"),
        ("date", "2025-02-30", "date_impossible", "no such day"),
        ("date", "0206-03-04", "date_impossible", "no such day"),
        ("date", "2025-03-04T10:00:00Z", "date_with_time", "Write 2025-03-04"),
        ("date", "20250304", "date", "YYYY-MM-DD"),
        ("date", "45720", "date", "YYYY-MM-DD"),
        ("instant", "2026-03-04T10:00:00", "instant_without_zone", "+05:00"),
        ("instant", "2026-03-04", "instant", "with its zone"),
        ("instant", "2026-03-04T25:00:00Z", "date_impossible", "no such day"),
        ("country", "kz", "country_hint", "Write KZ"),
        ("country", "KAZ", "country_hint", "Write KZ"),
        ("country", "Казахстан", "country_hint", "Write KZ"),
        ("country", "XX", "country", "two letters"),
        ("unit", "796", "unit_hint", "H87 (piece)"),
        ("unit", "шт.", "unit_hint", "H87 (piece)"),
        ("unit", "kg", "unit_hint", "KGM (kilogram)"),
        ("unit", "ZZZ", "unit", "Recommendation 20"),
        ("currency", "тенге", "currency_hint", "Write KZT"),
        ("currency", "usd", "currency_hint", "Write USD"),
        ("currency", "XXX", "currency", "ISO 4217"),
        ("commodity_code", "8542 31 901 0", "commodity_code_signs", "8542319010"),
        ("commodity_code", "85423190", "commodity_code", "it has 8 digits"),
        ("commodity_code", 101210000, "commodity_code_zero", "write 0101210000"),
        ("commodity_code", "8542319999", "commodity_code_unknown", "8542319090"),
        ("commodity_code", "854230", "commodity_code_unknown", "854231"),
        ("commodity_code", "7799000000", "commodity_code_unlike_any", "first four digits"),
        # Statistics know 999999, goods not specified; a paper must specify them.
        ("commodity_code", "999999", "commodity_code_unlike_any", "first four digits"),
        ("commodity_code", 854231.0, "number_not_text", "quote it"),
        ("quantity", 12.5, "float", '"12.5"'),
        ("quantity", "12,5", "quantity_comma", "Write 12.5"),
        ("quantity", "1 234,50", "quantity_comma", "Write 1234.50"),
        ("quantity", "1,234", "quantity_comma", "1.234, or 1234 if the comma parts thousands"),
        ("quantity", "-1", "quantity_format", "without sign"),
        ("quantity", -1, "quantity_format", "without sign"),
        ("quantity", "1e5", "quantity_format", "digits"),
        ("quantity", "5 шт", "quantity_format", "or unit"),
        ("quantity", "1.1234567", "quantity_range", "Round it"),
        ("quantity", 10**10, "quantity_range", "larger unit"),
        ("quantity", "9" * 1_000_000, "quantity_range", "larger unit"),
        ("quantity", "١٢", "quantity_format", "digits"),
        ("quantity", True, "quantity_format", "digits"),
        ("money", "12 USD", "quantity_format", "digits"),
    ],
)
def test_bad_values_are_told_how_to_mend(kind: str, value: object, code: str, says: str) -> None:
    error = refused(kind, value, **({"min": 1, "max": 100} if kind == "integer" else {}))
    assert error.code == code
    assert says in error.text
    assert says in row_problem(3, "field", error.code, value, **error.params).text


@pytest.mark.parametrize("kind", ["integer", "quantity", "commodity_code", "document_id", "text"])
def test_a_number_too_long_to_write_is_refused(kind: str) -> None:
    assert "a very long number" in refused(kind, 10**5000).text


def test_long_text_is_told_its_length() -> None:
    assert "It is 12 characters long; shorten it to 10." in refused("text", "x" * 12, max=10).text


@pytest.mark.parametrize("number", ["120340000004", "1203 4000-0004"])
def test_a_party_of_kazakhstan_has_a_bin(number: str) -> None:
    assert party_number("KZ", number) == "120340000004"
    assert party_number("DE", number) == number


def test_a_bin_with_a_wrong_digit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="does not agree with the others"):
        party_number("KZ", "120340000005")


def test_every_field_type_of_a_profile_has_a_reader() -> None:
    for kind in FIELD_TYPES:
        assert callable(reader(FieldSpec("field", kind, values=COLOURS)).text)


def test_words_for_units_lead_to_units_that_are_known() -> None:
    assert all(units.exists(code) for code in UNIT_WORDS.values())


def test_currencies_are_three_capitals() -> None:
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert {"KZT", "USD", "EUR", "CNY", "RUB", "UZS", "KGS"} <= CURRENCIES


def test_codes_of_the_older_nomenclature_lead_to_the_new() -> None:
    # Mobile phones: 8517 12 of HS 2017 became 8517 13 and 8517 14.
    assert "851713" in near_codes("851712")


@given(st.sampled_from(sorted(FIELD_TYPES)), st.text(max_size=80))
def test_any_text_is_read_or_refused(kind: str, text: str) -> None:
    try:
        read(kind, text)
    except InvalidInput as error:
        row_problem(1, "field", error.code, text, **error.params).text.encode()


@given(
    st.sampled_from(sorted(FIELD_TYPES)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_any_json_value_is_read_or_refused(kind: str, value: object) -> None:
    try:
        read(kind, value)
    except InvalidInput as error:
        row_problem(1, "field", error.code, value, **error.params).text.encode()


@given(st.decimals(min_value=0, max_value=Decimal("9999999999.999999"), places=6))
def test_an_amount_written_plainly_is_read_back(amount: Decimal) -> None:
    assert read("quantity", plain(amount)) == amount


@given(st.from_regex(r"[0-9]{1,11}(\.[0-9]{0,7})?", fullmatch=True))
def test_an_amount_is_what_the_model_says_it_is(text: str) -> None:
    try:
        expected: Decimal | None = parse_amount(text)
    except InvalidInput:
        expected = None
    assert (expected is None and refused("quantity", text)) or read("quantity", text) == expected


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_a_date_written_is_read_back(day: date) -> None:
    assert read("date", day.isoformat()) == day
