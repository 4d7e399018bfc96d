"""Numbers decide where they can be right; one with a wrong check digit decides nothing, for and against."""

from __future__ import annotations

import pytest

from keruen.model.party import Identifier, Party
from keruen.screening.facts import compare, sound

BIN, INN, IMO = Identifier("bin", "050640002859"), Identifier("inn", "7707083893"), Identifier("imo", "9253325")
ONE_OFF = {
    "bin": Identifier("bin", "050640002858"),
    "inn": Identifier("inn", "7707083894"),
    "imo": Identifier("imo", "9253326"),
}


def party(*numbers: Identifier) -> Party:
    return Party(("Somebody",), identifiers=numbers)


@pytest.mark.parametrize("right", [BIN, INN, IMO])
def test_a_number_that_can_be_right_decides(right: Identifier) -> None:
    wrong = ONE_OFF[right.scheme]
    assert sound(right)
    assert not sound(wrong)
    assert compare(party(right), party(right)).same_identifier == right
    known = compare(party(wrong), party(wrong))
    assert (known.same_identifier, known.unsound_identifier) == (None, wrong)


@pytest.mark.parametrize("right", [BIN, INN, IMO])
def test_a_slip_in_a_number_is_no_other_number(right: Identifier) -> None:
    assert compare(party(ONE_OFF[right.scheme]), party(right)).differing_identifier is None


def test_two_right_numbers_are_two_parties() -> None:
    other = Identifier("inn", "7736050003")
    assert compare(party(INN), party(other)).differing_identifier == (INN, other)


def test_numbers_of_other_countries_schemes_are_taken_as_they_are() -> None:
    uzbek = Identifier("inn", "301234567", "uz")
    assert sound(uzbek)
    assert compare(party(uzbek), party(uzbek)).same_identifier == uzbek


def test_a_right_number_beside_a_wrong_one_decides() -> None:
    known = compare(party(ONE_OFF["bin"], INN), party(ONE_OFF["bin"], INN))
    assert (known.same_identifier, known.unsound_identifier) == (INN, None)
