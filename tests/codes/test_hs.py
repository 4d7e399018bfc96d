import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.codes import hs, lists
from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound

PAIRS: list[tuple[hs.Edition, hs.Edition]] = [("HS2017", "HS2022"), ("HS2022", "HS2017")]
SUBHEADINGS = {edition: [code for code, *_ in rows(edition.lower()) if len(code) == 6] for edition in hs.EDITIONS}


@pytest.mark.parametrize(
    ("edition", "chapters", "headings", "subheadings"),
    [("HS2022", 97, 1229, 5613), ("HS2017", 97, 1223, 5388)],
)
def test_each_edition_has_the_counts_of_its_source(
    edition: hs.Edition, chapters: int, headings: int, subheadings: int
) -> None:
    # data/hs/README.md
    sizes = [len(code) for code, *_ in rows(edition.lower())]
    assert [sizes.count(2), sizes.count(4), sizes.count(6)] == [chapters, headings, subheadings]


def test_the_leading_nought_counts() -> None:
    assert hs.exists("010121", "HS2022")
    assert not hs.exists("10121", "HS2022")


def test_a_code_has_its_chapter_and_heading_as_parents() -> None:
    assert hs.parents("854231", "HS2022") == ("85", "8542")
    assert hs.parents("85", "HS2022") == ()
    assert all(hs.exists(parent, "HS2022") for code in SUBHEADINGS["HS2022"] for parent in hs.parents(code, "HS2022"))


def test_the_standard_unit_is_a_code_of_recommendation_20() -> None:
    assert hs.standard_unit("854231", "HS2022") == "H87"
    assert hs.standard_unit("271600", "HS2022") == "MWH"
    assert hs.standard_unit("8542", "HS2022") is None


def test_an_unknown_code_is_not_found_and_an_unknown_edition_is_refused() -> None:
    with pytest.raises(NotFound):
        hs.describe("999998", "HS2022")
    with pytest.raises(InvalidInput):
        hs.describe("854231", "HS2012")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        hs.carry("8542", "HS2022", "HS2017")


def test_whole_drones_8806_are_new_in_2022() -> None:
    drones = [code for code in SUBHEADINGS["HS2022"] if code.startswith("8806")]
    assert len(drones) == 11
    assert not hs.exists("8806", "HS2017")
    for code in drones:
        carried = hs.carry(code, "HS2022", "HS2017")
        assert isinstance(carried, hs.NotOneToOne)
    small = hs.carry("880621", "HS2022", "HS2017")
    assert small == hs.NotOneToOne("880621", "HS2017", ("852580", "880211", "880220"), "n:n")


def test_854800_was_854890_and_is_not_alone_in_it() -> None:
    assert not hs.exists("854800", "HS2017")
    assert not hs.exists("854890", "HS2022")
    found = hs.carry("854800", "HS2022", "HS2017")
    assert isinstance(found, hs.NotOneToOne)
    assert (found.candidates, found.relationship, found.lies_within) == (("854890",), "n:1", "854890")
    back = hs.carry("854890", "HS2017", "HS2022")
    assert isinstance(back, hs.NotOneToOne)
    assert "854800" in back.candidates
    assert len(back.candidates) == 16
    assert back.lies_within is None


def test_851762_keeps_its_number_but_not_its_goods() -> None:
    found = hs.carry("851762", "HS2022", "HS2017")
    assert isinstance(found, hs.NotOneToOne)
    assert found.lies_within == "851762"
    back = hs.carry("851762", "HS2017", "HS2022")
    assert isinstance(back, hs.NotOneToOne)
    assert back.candidates[0] == "851762"
    assert {"852411", "854921"} < set(back.candidates)


def test_mobile_phones_851712_split_into_851713_and_851714() -> None:
    back = hs.carry("851712", "HS2017", "HS2022")
    assert isinstance(back, hs.NotOneToOne)
    assert {"851713", "851714"} < set(back.candidates)


@pytest.mark.parametrize("code", ["854151", "854159"])
def test_semiconductor_devices_are_never_carried_to_mobile_phones(code: str) -> None:
    # The UN's one-target table sends both to 8517 12.
    found = hs.carry(code, "HS2022", "HS2017")
    assert isinstance(found, hs.NotOneToOne)
    assert len(found.candidates) == 157
    assert found.relationship == "n:n"


@pytest.mark.parametrize(("code", "fan"), [("852411", 483), ("854921", 1019)])
def test_flat_panels_and_e_waste_fan_out_and_are_never_split(code: str, fan: int) -> None:
    heading = [c for c in SUBHEADINGS["HS2022"] if c.startswith(code[:4])]
    found = [hs.carry(c, "HS2022", "HS2017") for c in heading]
    assert all(isinstance(one, hs.NotOneToOne) for one in found)
    assert len({c for one in found for c in getattr(one, "candidates", ())}) == fan


def test_854150_meets_only_e_waste_in_the_table() -> None:
    found = hs.carry("854150", "HS2017", "HS2022")
    assert isinstance(found, hs.NotOneToOne)
    assert {code[:4] for code in found.candidates} == {"8549"}


@pytest.mark.parametrize("code", ["852589", "854149", "854151", "854159", "854800", "880730"])
def test_the_six_listed_codes_born_in_2022_are_not_in_2017(code: str) -> None:
    assert hs.exists(code, "HS2022")
    assert not hs.exists(code, "HS2017")
    assert lists._chpl()[code]


def test_a_code_without_counterpart_says_so() -> None:
    found = hs.carry("300219", "HS2017", "HS2022")
    assert found == hs.NotOneToOne("300219", "HS2022", (), "1:0")
    assert found.lies_within is None


def test_a_renumbered_code_is_carried() -> None:
    assert hs.carry("811261", "HS2022", "HS2017") == hs.Carried("810730", "HS2017")


@given(st.data())
def test_carrying_there_and_back_is_the_identity(data: st.DataObject) -> None:
    here, there = data.draw(st.sampled_from(PAIRS))
    code = data.draw(st.sampled_from(SUBHEADINGS[here]))
    found = hs.carry(code, here, there)
    if isinstance(found, hs.Carried):
        assert hs.carry(found.code, there, here) == hs.Carried(code, here)
    else:
        for candidate in found.candidates:
            back = hs.carry(candidate, there, here)
            assert isinstance(back, hs.NotOneToOne)
            assert code in back.candidates


def test_what_is_carried_is_what_the_table_calls_one_to_one() -> None:
    # 4,097 rows of the UNSD table are marked 1:1; the count here does not read that column.
    carried = [hs.carry(code, "HS2022", "HS2017") for code in SUBHEADINGS["HS2022"]]
    assert sum(isinstance(one, hs.Carried) for one in carried) == 4097


def test_within_one_edition_a_code_carries_to_itself() -> None:
    assert hs.carry("854231", "HS2022", "HS2022") == hs.Carried("854231", "HS2022")
