from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.codes import hs, units
from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound

CODES = [code for code, *_ in rows("units")]
AMOUNTS = st.decimals(min_value=Decimal(-9999999999), max_value=Decimal(9999999999), places=6, allow_nan=False)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("796", "H87"),
        ("166", "KGM"),
        ("112", "LTR"),
        ("006", "MTR"),
        ("6", "MTR"),
        ("055", "MTK"),
        ("113", "MTQ"),
        ("715", "PR"),
        ("798", "MIL"),
        ("168", "TNE"),
        ("163", "GRM"),
    ],
)
def test_okei_numbers_lead_to_their_unit(number: str, code: str) -> None:
    assert units.from_okei(number) == code


def test_an_unknown_okei_number_is_not_found() -> None:
    with pytest.raises(NotFound):
        units.from_okei("999")


@pytest.mark.parametrize(
    ("amount", "here", "there", "result"),
    [
        ("1", "TNE", "KGM", "1000"),
        ("2.5", "MIL", "H87", "2500"),
        ("3", "CEN", "H87", "300"),
        ("2", "DZN", "H87", "24"),
        ("18", "H87", "DZN", "1.5"),
        ("1", "GRO", "DZN", "12"),
        ("1", "PR", "H87", "2"),
        ("5", "CTM", "GRM", "1.0"),
        ("1", "MTQ", "LTR", "1000"),
        ("1", "LBR", "GRM", "453.59237"),
        ("1", "HPA", "LPA", "100"),
        ("1", "MWH", "KWH", "1000"),
        ("0", "GRM", "TNE", "0"),
        ("-1", "TNE", "KGM", "-1000"),
    ],
)
def test_units_of_one_dimension_convert_exactly(amount: str, here: str, there: str, result: str) -> None:
    assert units.convert(Decimal(amount), here, there) == Decimal(result)


@pytest.mark.parametrize(
    ("here", "there"), [("KGM", "LTR"), ("SET", "H87"), ("LPA", "LTR"), ("NMP", "H87"), ("MTR", "LM")]
)
def test_units_of_other_dimensions_and_sets_do_not_convert(here: str, there: str) -> None:
    assert not units.convertible(here, there)
    with pytest.raises(InvalidInput) as caught:
        units.convert(Decimal(1), here, there)
    assert caught.value.code == "unit_dimension"


def test_a_set_is_still_a_set() -> None:
    assert units.convert(Decimal(3), "SET", "SET") == Decimal(3)


def test_what_would_be_rounded_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        units.convert(Decimal(7), "H87", "DZN")
    assert caught.value.code == "unit_inexact"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+999999", "1E-999999", "1E+31"])
@pytest.mark.parametrize("there", ["KGM", "GRM"])
def test_amounts_without_bounds_are_refused(amount: str, there: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        units.convert(Decimal(amount), "KGM", there)
    assert caught.value.code == "unit_amount"


@given(AMOUNTS, st.sampled_from(CODES), st.sampled_from(CODES))
def test_converting_there_and_back_is_the_identity(amount: Decimal, here: str, there: str) -> None:
    if not units.convertible(here, there):
        return
    try:
        converted = units.convert(amount, here, there)
    except InvalidInput:
        return
    assert units.convert(converted, there, here) == amount


@given(AMOUNTS)
def test_going_through_a_third_unit_changes_nothing(amount: Decimal) -> None:
    direct = units.convert(amount, "TNE", "GRM")
    assert units.convert(units.convert(amount, "TNE", "KGM"), "KGM", "GRM") == direct
    assert Fraction(direct) == Fraction(amount) * 1_000_000


def test_every_standard_unit_of_hs_is_known() -> None:
    found = {unit for edition in hs.EDITIONS for _, unit, _ in rows(edition.lower())} - {""}
    assert found <= set(CODES)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_unit_has_a_name_in_each_language(lang: str) -> None:
    assert all(units.name(code, lang) for code in CODES)


def test_piece_is_named_in_three_languages() -> None:
    assert [units.name("H87", lang) for lang in ("en", "ru", "kk")] == ["piece", "штука", "дана"]
    with pytest.raises(InvalidInput):
        units.name("H87", "de")


def test_an_unknown_unit_is_not_found() -> None:
    assert not units.exists("PCE")
    with pytest.raises(NotFound):
        units.convert(Decimal(1), "PCE", "H87")
