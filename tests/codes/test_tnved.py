import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.codes import hs, lists, tnved
from keruen.codes._tables import rows
from keruen.codes.tnved import Standing
from keruen.errors import InvalidInput, NotFound

LINES = [code for code, *_ in rows("tnved") if len(code) == 10]


def test_the_table_has_the_counts_of_its_source() -> None:
    assert len(LINES) == 12715
    assert sum(1 for code, *_ in rows("tnved") if len(code) == 4) == 957


def test_a_line_is_described_under_its_heading() -> None:
    assert tnved.describe_ru("8542900000") == "СХЕМЫ ЭЛЕКТРОННЫЕ ИНТЕГРАЛЬНЫЕ: части"


def test_missing_printed_steps_are_shown_as_an_ellipsis() -> None:
    # "прочие" under 8542 39 must not read as "other integrated circuits".
    assert tnved.describe_ru("8542399090") == "СХЕМЫ ЭЛЕКТРОННЫЕ ИНТЕГРАЛЬНЫЕ: … прочие"
    assert tnved.find("8542399090").missing_steps == 3


def test_headings_and_chapters_are_described_by_themselves() -> None:
    assert tnved.describe_ru("8806") == "БЕСПИЛОТНЫЕ ЛЕТАТЕЛЬНЫЕ АППАРАТЫ"
    assert tnved.describe_ru("01") == "ЖИВЫЕ ЖИВОТНЫЕ"


def test_dashes_and_double_spaces_are_taken_off() -> None:
    assert tnved.find("8112922101").text_ru == "германий"
    assert not any(text.startswith("-") or "  " in text for *_, text in rows("tnved"))


@pytest.mark.parametrize("code", ["8534000000", "8548009000", "0409000000"])
def test_lines_under_headings_that_the_source_lacks_are_not_held_rather_than_absent(code: str) -> None:
    assert tnved.standing(code) is Standing.NOT_HELD
    assert not tnved.exists(code)
    with pytest.raises(NotFound) as caught:
        tnved.describe_ru(code)
    assert caught.value.code == "tnved_not_held"


def test_two_listed_codes_are_under_headings_not_held() -> None:
    held = {code[:6] for code in LINES}
    assert {code for code in lists._chpl() if code not in held} == {"853400", "854800"}


def test_a_code_that_no_table_has_is_absent() -> None:
    assert tnved.standing("8542999999") is Standing.ABSENT
    assert tnved.standing("0000000000") is Standing.ABSENT
    with pytest.raises(NotFound) as caught:
        tnved.find("8542999999")
    assert caught.value.code == "tnved_code"


def test_a_later_line_says_since_when_it_stands() -> None:
    assert tnved.find("8430500004").valid_from_on.isoformat() == "2023-08-09"


@pytest.mark.parametrize("code", ["", "854231", "85423110011", "85423110o1", "٨٥٤٢٣١١٠٠١"])
def test_what_is_not_ten_digits_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput):
        tnved.hs6_of(code)
    assert not tnved.exists(code)


@given(st.sampled_from(LINES))
def test_every_line_lies_in_a_subheading_of_hs_2022(code: str) -> None:
    assert tnved.standing(code) is Standing.STANDS
    assert hs.exists(tnved.hs6_of(code), "HS2022")
    assert tnved.describe_ru(code)
