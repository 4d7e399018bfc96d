"""Addresses: one house spelt by two people, and houses that only look alike."""

from __future__ import annotations

from datetime import date

import pytest

from keruen.model.party import Edition, ListedParty, Name, Party, PartyKind
from keruen.screening.addresses import AddressBook, read, same
from keruen.screening.explain import in_words
from keruen.screening.screener import Ground, Thresholds
from keruen.store.screeners import screener_of

HOUSE = "79 ul. Sadovnicheskaya, Moscow, 115035, RU"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOUSE, "Sadovnicheskaya Street 79, Moscow, Russia"),
        (HOUSE, "Россия, г. Москва, ул. Садовническая, д. 79"),
        (HOUSE, "ул. Садовническая 79, оф. 12, Москва"),
        ("Komitas 26/114, Yerevan, Armenia", "26/114 Komitas Avenue, Yerevan 0051"),
        ("113 Hezuo Road, Shijiazhuang, Hebei, China", "No. 113 Hezuo Rd., Shijiazhuang"),
        ("Алматы қ., Абай даңғылы, 10 үй", "Almaty, Abay dangyly 10"),
    ],
)
def test_one_house(one: str, other: str) -> None:
    assert same(read(one), read(other))
    assert AddressBook([(7, one)]).find(other) == [(7, one)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HOUSE, "77 ul. Sadovnicheskaya, Moscow, 115035, RU"),
        (HOUSE, "79 ul. Tverskaya, Moscow, 115035, RU"),
        (HOUSE, "Moscow, 115035, RU"),
        (HOUSE, "ul. Sadovnicheskaya, Moscow"),
        ("Abay 10, office 5, Almaty", "Abay 12, office 5, Almaty"),
        ("79, Moscow", "79, Moscow"),
        ("", HOUSE),
    ],
)
def test_not_one_house(one: str, other: str) -> None:
    assert not same(read(one), read(other))
    assert AddressBook([(7, one)]).find(other) == []


def test_a_firm_at_the_address_of_a_listed_one_is_found_and_said_so() -> None:
    listed = ListedParty("X-1", PartyKind.ORGANISATION, (Name("Vostok Rubin"),), addresses=(HOUSE,))
    screener = screener_of([Edition("example", date(2025, 3, 1), "a" * 64, None, (listed,))], Thresholds())
    firm = Party(("Bereke Trade",), addresses=("Москва, Садовническая 79",))
    [hit] = screener.screen(firm, date(2025, 3, 4))
    assert (hit.ground, hit.match.party.id) == (Ground.ADDRESS, "X-1")
    for lang in ("kk", "ru", "en"):
        assert "Vostok Rubin" in in_words(hit, lang)[0]
    assert screener.screen(firm._replace(addresses=("Москва, Садовническая 80",)), date(2025, 3, 4)) == ()


def test_who_is_found_by_name_is_not_found_by_address_again() -> None:
    listed = ListedParty("X-1", PartyKind.ORGANISATION, (Name("Vostok Rubin"),), addresses=(HOUSE,))
    screener = screener_of([Edition("example", date(2025, 3, 1), "a" * 64, None, (listed,))], Thresholds())
    [hit] = screener.screen(Party(("Vostok Rubin LLC",), addresses=(HOUSE,)), date(2025, 3, 4))
    assert hit.ground == Ground.LISTED
