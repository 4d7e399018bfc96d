"""A changed list against a register: who is touched, with the same scores as a search gives."""

from __future__ import annotations

from datetime import date

import pytest

from keruen.model.party import Edition, Identifier, ListedParty, Name, NameKind, Party, PartyKind
from keruen.screening.index import Index
from keruen.screening.rescreen import Register

ENTRIES = (
    ListedParty("1", PartyKind.PERSON, (Name("Bolat Ormanbek"), Name("Болат Орманбек")), ("1971-05-02",)),
    ListedParty(
        "2",
        PartyKind.ORGANISATION,
        (Name("Zhetysu Orion Electronics LLP"),),
        identifiers=(Identifier("bin", "050640002859"),),
    ),
    ListedParty("3", PartyKind.UNKNOWN, (Name("Karatau Vector"), Name("KV", NameKind.WEAK))),
)
EDITION = Edition("example", date(2026, 1, 1), "e" * 64, None, ENTRIES)
PARTIES = [
    Party(("Bolat Ormanbek",), PartyKind.PERSON),
    Party(("Bolat Ormanbeck",), PartyKind.PERSON, ("1971",)),
    Party(("Nobody Here",), PartyKind.PERSON),
    Party(("Nothing Alike",), identifiers=(Identifier("bin", "050640002859"),)),
    Party(('ТОО "Жетису Орион Электроникс"',)),
    Party(("Karatau Vector Ltd",), PartyKind.ORGANISATION),
    Party(("بولات اورمانبك",), PartyKind.PERSON),
]


@pytest.mark.parametrize("ids", [("1",), ("2",), ("3",), ("1", "2", "3"), ()])
def test_it_finds_what_a_search_of_the_changed_entries_finds(ids: tuple[str, ...]) -> None:
    index = Index.build([EDITION._replace(parties=tuple(each for each in ENTRIES if each.id in ids))])
    expected = {
        (place, match.party.id): round(match.score, 9)
        for place, party in enumerate(PARTIES)
        for match in index.search(party, threshold=0.5)
    }
    found = {
        (PARTIES.index(touched.party), match.party.id): round(match.score, 9)
        for touched in Register(PARTIES).rescreen(EDITION, ids, threshold=0.5)
        for match in touched.matches
    }
    assert found == expected
    assert bool(found) is bool(ids)


def test_an_empty_register_finds_nobody() -> None:
    assert list(Register([]).rescreen(EDITION, ("1",), threshold=0.5)) == []
