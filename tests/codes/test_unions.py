from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.codes import countries, unions
from keruen.errors import InvalidInput, NotFound

NOW = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("on", "members"),
    [
        (date(2014, 12, 31), set()),
        (date(2015, 1, 1), {"BY", "KZ", "RU"}),
        (date(2015, 1, 2), {"BY", "KZ", "RU", "AM"}),
        (date(2015, 8, 11), {"BY", "KZ", "RU", "AM"}),
        (date(2015, 8, 12), {"BY", "KZ", "RU", "AM", "KG"}),
    ],
)
def test_the_eaeu_grew_on_the_days_of_its_treaties(on: date, members: set[str]) -> None:
    assert unions.members("EAEU", on) == members


def test_the_customs_union_of_three_gives_way_to_the_eaeu_without_a_gap() -> None:
    assert unions.unions_of("KZ", date(2010, 6, 30)) == set()
    assert unions.unions_of("KZ", date(2014, 12, 31)) == {"CU-BKR"}
    assert unions.unions_of("KZ", date(2015, 1, 1)) == {"EAEU"}
    assert unions.same_union("KZ", "RU", date(2014, 12, 31))


@pytest.mark.parametrize(
    ("on", "count"),
    [(date(2004, 5, 1), 25), (date(2007, 1, 1), 27), (date(2013, 7, 1), 28), (date(2021, 1, 1), 27)],
)
def test_the_eu_has_as_many_members_as_its_treaties_say(on: date, count: int) -> None:
    assert len(unions.members("EU", on)) == count


def test_the_united_kingdom_stays_in_the_customs_union_until_the_transition_ends() -> None:
    assert unions.same_union("GB", "DE", date(2020, 12, 31))
    assert not unions.same_union("GB", "DE", date(2021, 1, 1))


@pytest.mark.parametrize(("a", "b"), [("NO", "IS"), ("TR", "DE"), ("NO", "CH"), ("KZ", "UZ")])
def test_free_trade_areas_and_partial_unions_are_no_customs_unions(a: str, b: str) -> None:
    assert not unions.same_union(a, b, NOW)


def test_liechtenstein_and_the_gulf() -> None:
    assert unions.same_union("CH", "LI", NOW)
    assert unions.same_union("AE", "SA", NOW)
    assert not unions.same_union("AE", "SA", date(2002, 12, 31))


def test_a_country_is_its_own_customs_territory() -> None:
    assert unions.same_union("UZ", "UZ", NOW)


def test_unknown_countries_and_unions_are_not_read_as_a_border() -> None:
    with pytest.raises(NotFound):
        unions.same_union("KZ", "XX", NOW)
    with pytest.raises(NotFound):
        unions.members("EFTA", NOW)


def test_a_moment_is_refused_where_a_day_is_asked() -> None:
    with pytest.raises(InvalidInput):
        unions.members("EAEU", datetime(2024, 1, 1, tzinfo=UTC))


def test_every_member_is_a_country() -> None:
    assert all(countries.exists(member) for union in unions.known() for member in unions.members(union, NOW))


@given(
    st.sampled_from(sorted(countries.all_codes())),
    st.sampled_from(sorted(countries.all_codes())),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
def test_sharing_a_union_goes_both_ways(a: str, b: str, on: date) -> None:
    assert unions.same_union(a, b, on) == unions.same_union(b, a, on)
