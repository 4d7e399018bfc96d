"""Which listed names a search compares, and whom it finds by one that several bear."""

from __future__ import annotations

import pytest

from keruen.model.party import Edition, ListedParty, Name, NameKind, Party, PartyKind
from keruen.screening.compare import Memory, Points, least_points, name_points, score_of
from keruen.screening.facts import Facts
from keruen.screening.index import Index
from keruen.screening.names import analyse
from keruen.screening.postings import CANDIDATES

FAMILIES = (
    *("Bakirov", "Dosmukhan", "Esenov", "Faizullin", "Gubanov", "Hamraev", "Iskakov", "Kasenov", "Lukpanov", "Mamyrov"),
    *("Nurpeisov", "Ospanov", "Petrenko", "Qaisarov", "Rakhimov", "Sadykov", "Temirov", "Utegenov", "Valikhanov"),
    *("Yesimov", "Zhakupov", "Abenov", "Baltabaev", "Chokin", "Dauletov"),
)


def edition(source: str, *parties: ListedParty) -> Edition:
    """A list of some parties."""
    return Edition(source, None, source[0] * 64, None, parties)


def person(number: str, *names: Name) -> ListedParty:
    """A listed person."""
    return ListedParty(number, PartyKind.PERSON, names)


def test_a_name_on_two_lists_finds_both_who_bear_it() -> None:
    index = Index.build(
        [
            edition("first", person("1", Name("Marat Ospanov"))),
            edition("second", person("A", Name("Ospanov, Marat"), Name("Marat Ospanov", NameKind.WEAK))),
        ]
    )
    assert len(index.names) == 2, "in another order it is another name"
    found = index.search(Party(("Marat Ospanov",), PartyKind.PERSON), threshold=0.5)
    assert {(each.source, each.party.id) for each in found} == {("first", "1"), ("second", "A")}


def test_a_weak_alias_stays_weak_beside_one_who_is_really_called_so() -> None:
    index = Index.build(
        [
            edition("first", person("1", Name("Marat Ospanov"))),
            edition("second", person("A", Name("Dauren Lukpanov"), Name("Marat Ospanov", NameKind.WEAK))),
        ]
    )
    scores = {
        each.party.id: each.score
        for each in index.search(Party(("Marat Ospanov",), PartyKind.PERSON), threshold=0.0, limit=10)
    }
    assert scores["1"] > scores["A"] + 0.1


def test_one_name_of_a_person_and_of_a_firm_is_compared_as_each() -> None:
    firm = ListedParty("F", PartyKind.ORGANISATION, (Name("Marat Ospanov"),))
    index = Index.build([edition("first", person("P", Name("Marat Ospanov")), firm)])
    found = {each.party.id for each in index.search(Party(("Marat Ospanov",)), threshold=0.5)}
    assert found == {"P", "F"}


def test_many_who_bear_one_name_take_no_place_from_others() -> None:
    crowd = [person(str(number), Name("Marat Ospanov")) for number in range(10 * CANDIDATES)]
    index = Index.build([edition("crowd", *crowd, person("other", Name("Marat Ospanof")))])
    found = index.search(Party(("Marat Ospanov",), PartyKind.PERSON), threshold=0.5, limit=1000)
    assert {"0", "other", str(10 * CANDIDATES - 1)} <= {each.party.id for each in found}


def test_of_many_with_one_given_name_those_come_first_whom_an_initial_can_mean() -> None:
    assert len(FAMILIES) > CANDIDATES
    people = [person(family, Name(f"{family}, Aidos")) for family in FAMILIES]
    index = Index.build([edition("many", *people)])
    for family in FAMILIES:
        asked = f"{family[0]}. Aidos"
        compared = [index.bearers[place][0][0] for place in index.candidates(asked, PartyKind.PERSON)]
        # Two families have most of the letters; Qaisarov may be written with a K, Yesimov with an E.
        assert family in {index.parties[each].id for each in compared[:4]}, asked


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("date", ["", "same", "same_year", "near", "differs"])
@pytest.mark.parametrize("country", ["", "same", "differs"])
def test_names_below_the_least_points_reach_no_threshold_whatever_else_agrees(
    threshold: float, date: str, country: str
) -> None:
    names = analyse("Marat Ospanov", PartyKind.PERSON)
    pairing = name_points(names, names, Memory(), person=True).pairing
    least = least_points(threshold)
    below = Points(least - 0.001, {"base": least - 0.001}, pairing)
    assert score_of(below, Facts(date, country), "", "", weak=False).score < threshold


def test_the_least_points_leave_out_no_more_than_they_must() -> None:
    names = analyse("Marat Ospanov", PartyKind.PERSON)
    pairing = name_points(names, names, Memory(), person=True).pairing
    least = least_points(0.5)
    above = Points(least + 0.001, {"base": least + 0.001}, pairing)
    assert score_of(above, Facts("same", "same"), "", "", weak=False).score >= 0.5
    assert least_points(0.0) == -float("inf")
