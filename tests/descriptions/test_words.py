"""Cleaning, language, vague words, and the lexicon of controlled goods."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keruen.descriptions import lexicon
from keruen.descriptions.check import check, declared_headings, official_text
from keruen.descriptions.words import clean, language, vague
from keruen.errors import NotFound

HARMLESS = (
    ("wooden chairs for dining rooms", "940161"),
    ("women's cotton dresses", "620442"),
    ("насосы центробежные для воды", "841370"),
    ("ағаш орындықтар", "940161"),
    ("chipboard panels 16 mm", "441011"),
    ("potato chips, salted", "200520"),
    ("BOLT #54 2N2765", "731815"),
    ("used Honda H100 motorcycle", "871120"),
    ("neomycin cream", "300490"),
    ("dronedarone tablets", "300490"),
)


def test_cleaning_takes_counts_numbers_and_boilerplate() -> None:
    assert clean("DOOR HANDLE 12345678 BLACK, 5PCS/CTN (value for customs purpose only)") == "door handle black ctn"
    assert clean("<ID>") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("integrated circuits", "en"),
        ("интегральные схемы", "ru"),
        ("интегралдық сұлбалар", "kk"),
        ("беспилотники и их части", "ru"),
        ("12345", ""),
        ("STM32 для плат управления", "ru"),
    ],
)
def test_a_language_is_told(text: str, expected: str) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(
    "text", ["spare parts", "Запасные части", "бұйымдар, әртүрлі", "goods", "", "<ID>", "12 pcs", "kit"]
)
def test_words_that_say_nothing_are_vague(text: str) -> None:
    assert vague(text)


@pytest.mark.parametrize("text", ["spare parts for excavators", "запасные части к тракторам", "ceramic tiles", "ұн"])
def test_one_telling_word_is_enough(text: str) -> None:
    assert not vague(text)


@pytest.mark.parametrize("entry", lexicon.entries(), ids=lambda entry: entry.name)
def test_an_entry_meets_its_examples_says_on_what_it_rests_and_stands_rightly_somewhere(entry: lexicon.Entry) -> None:
    assert entry.examples
    assert entry.source
    for example in entry.examples:
        assert entry in {hit.entry for hit in lexicon.hits(example)}
        assert lexicon.astray(example, "392690")
        assert lexicon.astray(example, entry.headings[0] + "00") == ()


@pytest.mark.parametrize(("text", "code"), HARMLESS)
def test_harmless_words_meet_nothing(text: str, code: str) -> None:
    assert lexicon.astray(text, code) == ()


@given(st.sampled_from([example for entry in lexicon.entries() for example in entry.examples]))
def test_case_and_blanks_do_not_hide_controlled_goods(example: str) -> None:
    met = {hit.entry.name for hit in lexicon.hits(example)}
    assert met <= {hit.entry.name for hit in lexicon.hits("  " + example.upper().replace(" ", "   ") + " ")}


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    vague(text)
    language(text)
    lexicon.hits(text)


def test_an_older_code_stands_for_all_headings_it_was_divided_into() -> None:
    assert declared_headings("880220") == ("8802",) or "8806" in declared_headings("880220")
    assert declared_headings("852580") == ("8525", "8806") or "8525" in declared_headings("852580")
    with pytest.raises(NotFound):
        declared_headings("991234")


def test_the_official_text_is_in_the_readers_alphabet() -> None:
    assert "circuits" in official_text("854231", "en")
    assert official_text("8542319010", "ru") != official_text("854231", "en")


def test_a_check_without_a_reader_says_no_plausibility() -> None:
    found = check("дрон с камерой", "950300")
    assert found.suspicion is None
    assert [hit.entry.name for hit in found.controlled] == ["drones"]
    assert found.language == "ru"
