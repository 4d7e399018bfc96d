import pytest

from keruen.codes import countries
from keruen.errors import InvalidInput, NotFound


def test_kazakhstan_in_three_languages() -> None:
    names = [countries.name("KZ", lang) for lang in ("en", "ru", "kk")]
    assert names == ["Kazakhstan", "Казахстан", "Қазақстан"]


def test_the_usual_name_is_used() -> None:
    assert countries.name("TW") == "Taiwan"
    assert countries.name("KR") == "South Korea"


def test_there_are_249_countries_each_named_in_each_language() -> None:
    assert len(countries.all_codes()) == 249
    assert all(countries.name(code, lang) for code in countries.all_codes() for lang in ("en", "ru", "kk"))


def test_two_letters_to_three_and_back_is_the_identity() -> None:
    assert countries.alpha3("KG") == "KGZ"
    assert all(countries.from_alpha3(countries.alpha3(code)) == code for code in countries.all_codes())


def test_numeric_codes_keep_their_noughts() -> None:
    assert countries.find("AF").numeric == "004"


@pytest.mark.parametrize("code", ["XK", "UK", "kz", "", "KAZ"])
def test_what_iso_has_not_assigned_does_not_exist(code: str) -> None:
    assert not countries.exists(code)
    with pytest.raises(NotFound):
        countries.find(code)


def test_unknown_three_letters_and_languages_are_refused() -> None:
    with pytest.raises(NotFound):
        countries.from_alpha3("XXX")
    with pytest.raises(InvalidInput):
        countries.name("KZ", "de")
