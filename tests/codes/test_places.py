import pytest

from keruen.codes import countries, places
from keruen.codes._tables import rows
from keruen.errors import NotFound

ALL = [places.find(row[0]) for row in rows("places")]


def test_the_selection_has_1892_places_and_38_posts_of_ours() -> None:
    assert sum(not place.is_ours for place in ALL) == 1892
    assert sum(place.is_ours for place in ALL) == 38


def test_aksay_is_no_longer_in_afghanistan() -> None:
    # The list has KZAKS at 36.1667 N 69.1667 E with the remark "Baghlan region".
    aksay = places.find("KZAKS")
    assert (aksay.latitude, aksay.longitude, aksay.remarks) == (None, None, "")


def test_known_spellings_and_renamings_are_put_right() -> None:
    assert places.find("KZDOS").name == "Dostyk"
    assert places.find("KZAST").name == "Astana"
    assert "Chinese" in places.find("KZALS").remarks


@pytest.mark.parametrize(("code", "kept"), [("KZDMB", "KZTAR"), ("KZZAA", "KZSHY"), ("KZALA", "KZALA")])
def test_a_town_listed_twice_resolves_to_one_entry(code: str, kept: str) -> None:
    assert places.resolve(code).code == kept


def test_a_town_with_two_languages_is_one_place_with_two_names() -> None:
    # FITMP and thirteen others stand twice in the list.
    assert [place.code for place in places.named("Tampere (Tammerfors)")] == ["FITMP"]
    assert [place.code for place in places.named("Tammerfors (Tampere)")] == ["FITMP"]


def test_no_entry_to_use_instead_is_itself_replaced() -> None:
    assert all(places.find(place.same_as).same_as is None for place in ALL if place.same_as)


def test_main_posts_without_coordinates_stay_without() -> None:
    assert places.find("KZHOR").latitude is None
    assert places.find("KZKOR").latitude is None


def test_russian_kazakh_road_posts_are_ours_and_without_coordinates() -> None:
    ours = [place for place in ALL if place.is_ours]
    assert {"Zhaisan", "Syrym", "Kairak", "Mashtakovo", "Petukhovo"} <= {place.name for place in ours}
    assert all(place.latitude is None and place.longitude is None for place in ours)
    assert all("B" in place.functions and place.edition == "own" for place in ours)
    assert {place.country for place in ours} == {"KZ", "RU"}


def test_a_post_and_its_counterpart_name_each_other_across_the_border() -> None:
    pairs = [(place, places.find(place.counterpart)) for place in ALL if place.counterpart]
    assert pairs
    assert all(there.counterpart == here.code and there.country != here.country for here, there in pairs)


def test_our_codes_cannot_be_taken_for_unlocode() -> None:
    assert all(len(place.code) == 5 and place.code.isalnum() for place in ALL if not place.is_ours)
    assert all("-" in place.code for place in ALL if place.is_ours)


def test_places_are_found_by_any_of_their_names() -> None:
    assert [place.code for place in places.named("жайсан")] == ["KRN-ZHAISAN"]
    assert [place.code for place in places.named(" Kokshetau ", "KZ")] == ["KZKOV"]
    assert places.named("") == ()


def test_border_posts_of_a_country() -> None:
    assert len(places.border_posts("KZ")) >= 26
    assert all(place.country == "KZ" for place in places.border_posts("KZ"))
    assert len(places.border_posts()) > len(places.border_posts("KZ"))


def test_every_place_is_in_a_country_and_within_the_globe() -> None:
    for place in ALL:
        assert countries.exists(place.country)
        assert place.latitude is None or -90 <= place.latitude <= 90
        assert place.longitude is None or -180 <= place.longitude <= 180


def test_an_unknown_place_is_not_found() -> None:
    assert not places.exists("KZ ALA")
    with pytest.raises(NotFound):
        places.find("ZZZZZ")
