import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from keruen.codes import identifiers
from keruen.codes.identifiers import Invalid, Valid
from keruen.errors import InvalidInput

BIN_BODIES = st.builds(
    "{:02d}{:02d}{}{}{:05d}".format,
    st.integers(0, 99),
    st.integers(1, 12),
    st.sampled_from("456"),
    st.sampled_from("0123"),
    st.integers(0, 99999),
)
IIN_BODIES = st.builds(
    "{:02d}{:02d}{:02d}{}{:04d}".format,
    st.integers(0, 99),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(1, 6),
    st.integers(0, 9999),
)


def first_pass(body: str) -> int:
    return sum(w * int(d) for w, d in zip(range(1, 12), body, strict=True)) % 11


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("kz_bin", "941240000193"),  # Kazakhtelecom, as on its public reports
        ("kz_bin", "020240000555"),  # KazMunayGas
        ("kz_bin", "971240001315"),  # Kaspi Bank
        ("kz_bin", "940140000385"),  # Halyk Bank
        ("ru_inn", "7736050003"),  # Gazprom
        ("ru_inn", "7707083893"),  # Sberbank
        ("ru_ogrn", "1027700132195"),  # Sberbank
        ("by_unp", "200988541"),  # python-stdnum's own example
        ("eu_vat", "DE136695976"),  # python-stdnum's own example
        ("lei", "213800KUD8LAJWSQ9D15"),  # python-stdnum's own example
        ("imo", "9319466"),  # python-stdnum's own example
        ("container", "CSQU3054383"),  # ISO 6346's own example
        ("gtin", "4006381333931"),  # the example of every textbook on EAN
        ("gtin", "96385074"),  # EAN-8
        ("gln", "4006381333931"),
        ("sscc", "106141412345678908"),  # GS1 US guide
    ],
)
def test_numbers_of_the_real_world_are_valid(scheme: str, value: str) -> None:
    found = identifiers.check(scheme, value)
    assert isinstance(found, Valid), found
    assert found.strength == "check_digit"


@pytest.mark.parametrize(
    ("scheme", "value", "reason"),
    [
        ("kz_bin", "941240000194", "check_digit"),
        ("kz_bin", "94124000019", "length"),
        ("kz_bin", "94124000019O", "characters"),
        ("kz_bin", "", "characters"),
        ("kz_bin", "٩٤١٢٤٠٠٠٠١٩٣", "characters"),
        ("kz_bin", "941340000193", "component"),
        ("kz_bin", "941220000193", "component"),
        ("kz_iin", "990230300012", "component"),
        ("kz_iin", "990228000012", "component"),
        ("kz_iin", "991328300012", "component"),
        ("ru_inn", "7736050004", "check_digit"),
        ("ru_inn", "773605000", "length"),
        ("gtin", "4006381333932", "check_digit"),
        ("gln", "96385074", "length"),
        ("sscc", "106141412345678909", "check_digit"),
        ("imo", "9319467", "check_digit"),
        ("uz_inn", "12345678", "length"),
    ],
)
def test_what_is_wrong_is_said(scheme: str, value: str, reason: str) -> None:
    found = identifiers.check(scheme, value)
    assert isinstance(found, Invalid)
    assert found.reason == reason


def test_spaces_and_dashes_are_taken_out() -> None:
    assert identifiers.check("kz_bin", "9412 4000-0193") == Valid("kz_bin", "941240000193", "check_digit")


def test_where_no_algorithm_is_published_the_form_alone_is_vouched_for() -> None:
    assert identifiers.check("kg_inn", "12345678901234") == Valid("kg_inn", "12345678901234", "format")


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(InvalidInput):
        identifiers.check("us_ein", "123456789")


@pytest.mark.parametrize("scheme", identifiers.schemes())
@given(value=st.text(max_size=20))
def test_no_text_breaks_a_check(scheme: str, value: str) -> None:
    assert isinstance(identifiers.check(scheme, value), Valid | Invalid)


@given(BIN_BODIES)
def test_a_completed_bin_is_valid(body: str) -> None:
    number = identifiers.bin_with_check(body)
    if number is None:
        assert identifiers.kz_check_digit(body) is None
        assert all(isinstance(identifiers.check("kz_bin", f"{body}{d}"), Invalid) for d in range(10))
    else:
        assert identifiers.check("kz_bin", number) == Valid("kz_bin", number, "check_digit")
        assert isinstance(identifiers.check("kz_bin_or_iin", number), Valid)


@given(IIN_BODIES)
def test_a_completed_iin_is_valid_and_never_a_bin(body: str) -> None:
    number = identifiers.iin_with_check(body)
    if number is None:
        reject()
    assert isinstance(identifiers.check("kz_iin", number), Valid)
    assert isinstance(identifiers.check("kz_bin_or_iin", number), Valid)
    assert isinstance(identifiers.check("kz_bin", number), Invalid)


def test_a_leap_day_is_a_day_of_its_century() -> None:
    # 2000 had a 29 February, 1900 had not.
    assert identifiers.iin_with_check("00022950001") is not None
    with pytest.raises(InvalidInput):
        identifiers.iin_with_check("00022930001")


@pytest.mark.parametrize("body", ["9412400001", "94134000019", "94120000019", "9412400001x"])
def test_a_bin_is_not_completed_from_what_is_no_bin(body: str) -> None:
    with pytest.raises(InvalidInput):
        identifiers.bin_with_check(body)


@given(BIN_BODIES, st.integers(0, 9), st.integers(1, 9))
def test_a_changed_digit_is_caught_where_the_scheme_guarantees_it(body: str, place: int, shift: int) -> None:
    changed = f"{body[:place]}{(int(body[place]) + shift) % 10}{body[place + 1 :]}"
    assume(first_pass(body) != 10)
    assume(first_pass(changed) != 10)
    assert identifiers.kz_check_digit(body) != identifiers.kz_check_digit(changed)


@given(BIN_BODIES, st.integers(1, 9))
def test_a_changed_last_digit_is_always_caught(body: str, shift: int) -> None:
    number = identifiers.bin_with_check(body)
    if number is None:
        reject()
    changed = f"{body}{(int(number[-1]) + shift) % 10}"
    assert isinstance(identifiers.check("kz_bin", changed), Invalid)


@given(BIN_BODIES, st.integers(1, 9))
def test_the_eleventh_digit_is_not_protected_in_the_first_pass(body: str, shift: int) -> None:
    # Its weight is eleven, nought modulo eleven: a weakness of the scheme that a user must know.
    assume(first_pass(body) != 10)
    changed = f"{body[:10]}{(int(body[10]) + shift) % 10}"
    assert identifiers.kz_check_digit(body) == identifiers.kz_check_digit(changed)


@given(st.from_regex(r"[0-9]{17}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_a_changed_digit_of_a_gs1_key_is_always_caught(body: str, place: int, shift: int) -> None:
    changed = f"{body[:place]}{(int(body[place]) + shift) % 10}{body[place + 1 :]}"
    assert identifiers.gs1_check_digit(body) != identifiers.gs1_check_digit(changed)
