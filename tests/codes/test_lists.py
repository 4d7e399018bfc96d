from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.codes import countries, hs, lists
from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound

FIRST, SECOND = date(2023, 9, 26), date(2024, 2, 23)
CODES = [row[0] for row in rows("chpl")]


def listed(on: date) -> list[str]:
    return [code for code in CODES if lists.chpl_tier(code, on)]


def test_the_high_priority_list_had_45_codes_and_then_50() -> None:
    assert len(listed(date(2023, 9, 25))) == 0
    assert len(listed(FIRST)) == 45
    assert len(listed(date(2024, 2, 22))) == 45
    assert len(listed(SECOND)) == 50


def test_tiers_have_the_sizes_of_the_notice() -> None:
    # bis.gov/node/6280; 4 + 5 + 16 + 9 + 11 + 5
    tiers = Counter(lists.chpl_tier(code, SECOND) for code in CODES)
    assert tiers == {"1": 4, "2": 5, "3A": 16, "3B": 9, "4A": 11, "4B": 5}


@pytest.mark.parametrize(
    ("code", "tier"),
    [("854231", "1"), ("851762", "2"), ("854800", "2"), ("850440", "3A"), ("880730", "3B"), ("845710", "4B")],
)
def test_sample_codes_have_their_tier(code: str, tier: str) -> None:
    assert lists.chpl_tier(code, SECOND) == tier


def test_the_typo_of_the_trade_press_is_not_followed() -> None:
    # exportcompliancedaily printed tier 1 as 8432.xx.
    assert lists.chpl_tier("843231", SECOND) is None
    assert lists.chpl_tier("843239", SECOND) is None


def test_every_listed_code_is_one_of_hs_2022() -> None:
    assert all(hs.exists(code, "HS2022") for code in CODES)


def test_whole_drones_are_watched_although_the_list_lacks_them() -> None:
    drone = lists.listed_for_control("8806210001", SECOND)
    assert drone is not None
    assert (drone.list_name, drone.matched, drone.tier, drone.reason) == ("additions", "8806", None, "drone")
    assert lists.chpl_tier("880621", SECOND) is None
    assert lists.listed_for_control("880621", date(2021, 12, 31)) is None


def test_ten_digits_are_watched_by_their_first_six() -> None:
    chip = lists.listed_for_control("8542311001", SECOND)
    assert chip is not None
    assert (chip.matched, chip.tier, chip.reason, chip.from_on) == ("854231", "1", "high_priority", FIRST)
    assert lists.listed_for_control("0409000000", SECOND) is None


@pytest.mark.parametrize("code", ["", "8542", "85423110", "85423x", "٨٥٤٢٣١"])
def test_a_code_of_another_length_is_refused_rather_than_not_listed(code: str) -> None:
    with pytest.raises(InvalidInput):
        lists.listed_for_control(code, SECOND)
    with pytest.raises(InvalidInput):
        lists.chpl_tier(code, SECOND)


def test_the_coalition_grew_to_39() -> None:
    def size(on: date) -> int:
        return sum(lists.is_coalition(code, on) for code in countries.all_codes())

    # June 2022: 37 allies (asiaplustj.info) and the United States.
    assert size(date(2022, 6, 30)) == 38
    assert size(FIRST) == 39
    assert lists.is_coalition("KR", date(2022, 3, 4))
    assert not lists.is_coalition("SG", FIRST)


def test_eighteen_transshipment_points_and_later_hong_kong() -> None:
    def size(on: date) -> int:
        return sum(lists.is_transshipment(code, on) for code in countries.all_codes())

    assert (size(date(2022, 6, 27)), size(date(2022, 6, 28)), size(FIRST)) == (0, 18, 19)
    assert not lists.is_transshipment("HK", date(2022, 6, 28))


def test_taiwan_is_on_both_lists() -> None:
    assert lists.is_coalition("TW", SECOND)
    assert lists.is_transshipment("TW", SECOND)


def test_an_unknown_country_is_not_read_as_outside() -> None:
    for ask in (lists.is_coalition, lists.is_transshipment):
        with pytest.raises(NotFound):
            ask("XX", SECOND)


def test_a_chip_made_in_germany_is_barred_from_russia() -> None:
    bar = lists.bars("DE", "854231", "RU", SECOND)
    assert bar is not None
    assert (bar.manufacture_group, bar.list_name, bar.tier, bar.listed_later) == ("EU", "CHPL", "1", False)
    assert bar.from_on == date(2022, 2, 26)
    assert bar.date_basis
    assert "2022/328" in bar.source


@pytest.mark.parametrize(("on", "barred"), [(date(2022, 2, 25), False), (date(2022, 2, 26), True)])
def test_a_bar_begins_on_its_day(on: date, barred: bool) -> None:
    assert (lists.bars("DE", "854231", "RU", on) is not None) is barred


def test_a_code_listed_after_the_day_asked_is_said_to_be() -> None:
    bar = lists.bars("DE", "854231", "RU", date(2022, 6, 1))
    assert bar is not None
    assert bar.listed_later


def test_a_member_without_an_act_of_its_own_here_bars_from_the_day_of_the_source() -> None:
    assert lists.bars("JP", "854231", "RU", date(2023, 9, 25)) is None
    bar = lists.bars("JP", "854231", "RU", FIRST)
    assert bar is not None
    assert bar.manufacture_group == "COALITION"


@pytest.mark.parametrize(
    ("maker", "code", "destination"),
    [("CN", "854231", "RU"), ("DE", "040900", "RU"), ("DE", "854231", "KZ"), ("KZ", "880621", "RU")],
)
def test_other_makers_goods_and_destinations_are_not_barred(maker: str, code: str, destination: str) -> None:
    assert lists.bars(maker, code, destination, SECOND) is None


def test_whole_drones_made_in_the_union_are_barred() -> None:
    bar = lists.bars("FR", "880621", "RU", SECOND)
    assert bar is not None
    assert (bar.list_name, bar.tier) == ("8806", None)


def test_bars_refuse_what_they_cannot_judge() -> None:
    with pytest.raises(NotFound):
        lists.bars("XX", "854231", "RU", SECOND)
    with pytest.raises(NotFound):
        lists.bars("DE", "854231", "XX", SECOND)
    with pytest.raises(InvalidInput):
        lists.bars("DE", "8542311001", "RU", SECOND)
    with pytest.raises(InvalidInput):
        lists.bars("DE", "854231", "RU", datetime(2024, 1, 1, tzinfo=UTC))


def test_a_decision_can_cite_the_edition_that_stood() -> None:
    assert lists.edition_in_force("chpl", date(2023, 9, 25)) is None
    first, second = lists.edition_in_force("chpl", FIRST), lists.edition_in_force("chpl", date(2026, 1, 1))
    assert first is not None
    assert second is not None
    assert (first.entries, second.entries) == (45, 50)
    assert first.sha256 != second.sha256
    with pytest.raises(InvalidInput):
        lists.edition_in_force("nothing", FIRST)


def test_every_edition_names_its_source_and_hash() -> None:
    assert {edition.list_name for edition in lists.editions()} == {
        "chpl", "coalition", "transshipment", "additions", "export_bars",
    }  # fmt: skip
    assert all(edition.source and edition.title and len(edition.sha256) == 64 for edition in lists.editions())


@given(st.sampled_from(CODES), st.dates(FIRST, date(2030, 1, 1)), st.dates(FIRST, date(2030, 1, 1)))
def test_no_code_has_left_the_list_so_far(code: str, a: date, b: date) -> None:
    earlier, later = sorted((a, b))
    assert not lists.chpl_tier(code, earlier) or lists.chpl_tier(code, later)
