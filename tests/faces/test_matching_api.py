"""The lists asked over HTTP: ours, and in the shape of yente."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders import BUYER, an_application, an_entry, an_invoice, filed, one
from keruen.errors import Conflict, InvalidInput, NotFound
from keruen.model.actor import Role
from keruen.screening.screener import Thresholds

if TYPE_CHECKING:
    from django.test import Client

    from keruen.faces.desk import Desk
    from keruen.store.watchlists import Watchlists

pytestmark = pytest.mark.postgres

HEAD = "id,name,aliases,kind,dates,countries,identifiers,programmes\n"
ROWS = [
    "E1,Zhetysu Orion Electronics LLP,Жетісу Орион Электроникс,organisation,2015,kz,bin:050640002859,Example",
    "E2,Bolat Ormanbek,Болат Орманбек,person,1971-05-02,kz,,Example",
]


@pytest.fixture
def lists(desk: Desk, tmp_path: Path) -> Iterator[Watchlists]:
    from keruen.store.models import PairVerdict, WatchlistEdition
    from keruen.store.watchlists import Watchlists

    WatchlistEdition.objects.all().delete()
    PairVerdict.objects.all().delete()
    found = Watchlists(tmp_path)
    desk.__dict__["watchlists"] = found
    desk.office = replace(desk.office, screens=lambda: found.screener(Thresholds()))
    yield found
    WatchlistEdition.objects.all().delete()
    PairVerdict.objects.all().delete()


def csv_of(*rows: str) -> list[tuple[str, bytes]]:
    return [("own.csv", (HEAD + "\n".join(rows or ROWS) + "\n").encode())]


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def test_an_edition_comes_into_force_and_can_be_taken_back(lists: Watchlists) -> None:
    first = lists.load(csv_of(), by="aigul")
    second = lists.load(csv_of(*ROWS, "E3,New Name,,person,,,,"), by="aigul")
    assert (first.admission.code, second.admission.diff.added) == ("first", ("E3",))
    assert [row.parties for row in lists.in_force()] == [3]
    back = lists.roll_back("own", by="aigul", reason="E3 was a mistake")
    assert (back.parties, [row.parties for row in lists.in_force()]) == (2, [2])
    with pytest.raises(NotFound):
        lists.roll_back("own", by="aigul", reason="further")


def test_a_broken_file_leaves_the_edition_in_force(lists: Watchlists) -> None:
    lists.load(csv_of(), by="aigul")
    with pytest.raises(InvalidInput):
        lists.load([("own.csv", b"\xff\xfe not a list")], by="aigul")
    assert [row.parties for row in lists.in_force()] == [2]


def test_a_shrunken_edition_needs_a_reason(lists: Watchlists) -> None:
    many = [f"P{number},Person Number{number},,person,,,," for number in range(40)]
    lists.load(csv_of(*many), by="aigul")
    with pytest.raises(Conflict) as refused:
        lists.load(csv_of(*many[:20]), by="aigul")
    assert refused.value.code == "list_shrunken"
    assert [row.parties for row in lists.in_force()] == [40]
    lists.load(csv_of(*many[:20]), by="aigul", anyway="the regime ended")
    assert [(row.parties, row.reason) for row in lists.in_force()] == [(20, "the regime ended")]


def test_the_same_file_again_changes_nothing(lists: Watchlists) -> None:
    from keruen.store.models import WatchlistEdition

    lists.load(csv_of(), by="aigul")
    assert lists.load(csv_of(), by="aigul").admission.code == "same"
    assert WatchlistEdition.objects.count() == 1


def test_an_old_edition_raises_an_alarm(lists: Watchlists) -> None:
    lists.load(csv_of(), by="aigul", now=datetime(2024, 1, 1, tzinfo=UTC))
    assert lists.too_old(datetime(2025, 1, 11, tzinfo=UTC).date()) == {"own": 11}


def test_a_match_says_which_words_and_why(lists: Watchlists, officer: Client) -> None:
    lists.load(csv_of(), by="aigul")
    answer = post(officer, "match", {"name": "Болат Орманбек", "kind": "person", "dates": ["1971"]})
    assert answer.status_code == 200, answer.content
    [found] = answer.json()["answers"]
    [match] = found["matches"]
    assert (match["id"], match["list"], match["facts"]["date"]) == ("E2", "own", "same_year")
    assert [each["asked"] for each in match["words"]["pairs"]] == ["болат", "орманбек"]
    assert match["text"][0].startswith("Болат Орманбек may be ")
    assert answer.json()["editions"]["own"].startswith("own ")


def test_a_batch_is_answered_in_its_order(lists: Watchlists, officer: Client) -> None:
    lists.load(csv_of(), by="aigul")
    names = ["Bolat Ormanbek", "Somebody Else Altogether", "Zhetysu Orion Electronics"]
    answer = post(
        officer, "match", {"parties": [{"name": name, "reference": str(at)} for at, name in enumerate(names)]}
    )
    found = answer.json()["answers"]
    assert [(each["reference"], [match["id"] for match in each["matches"]]) for each in found] == [
        ("0", ["E2"]),
        ("1", []),
        ("2", ["E1"]),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"parties": []},
        {"parties": [{"name": ""}]},
        {"parties": ["x"]},
        {"name": "x", "kind": "planet"},
        {"nome": "x"},
        {"name": 7},
        {"name": "x", "limit": 0},
        {"parties": [{"name": "x"}] * 1001},
        {"name": "x", "identifiers": [7]},
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(lists: Watchlists, officer: Client, body: Any) -> None:
    lists.load(csv_of(), by="aigul")
    answer = post(officer, "match", body)
    assert answer.status_code == 422, answer.content
    assert answer.json()["detail"]


def test_without_lists_nobody_is_told_that_a_party_is_clean(lists: Watchlists, officer: Client) -> None:
    assert post(officer, "match", {"name": "x"}).status_code == 404


def test_a_stranger_is_not_answered(lists: Watchlists, desk: Desk) -> None:
    from django.test import Client

    assert post(Client(), "match", {"name": "x"}).status_code == 401


def test_an_officers_word_is_remembered_and_opened_again_by_a_change(lists: Watchlists, officer: Client) -> None:
    lists.load(csv_of(), by="aigul")
    party = {"name": "Bolat Ormanbek", "kind": "person"}
    said = {
        "party": party,
        "list": "own",
        "id": "E2",
        "verdict": "not_same",
        "reason": "another birth date in his papers",
    }
    assert post(officer, "match/decisions", said).status_code == 201

    def standing(everything: bool) -> list[str]:
        found = post(officer, "match", {"parties": [party], "everything": everything}).json()["answers"][0]
        return [match["standing"] for match in found["matches"]]

    assert standing(False) == []
    assert standing(True) == ["not_same"]
    lists.load(csv_of(ROWS[0], ROWS[1].replace("1971-05-02", "1972-05-02")), by="aigul")
    assert standing(False) == ["changed"]


def test_a_word_needs_an_officer_a_reason_and_an_entry(
    lists: Watchlists, officer: Client, client_of: Callable[..., Client]
) -> None:
    lists.load(csv_of(), by="aigul")
    said = {"party": {"name": "Bolat"}, "list": "own", "id": "E2", "verdict": "same", "reason": "it is"}
    assert post(client_of("firm", Role.FILER, "050640002859"), "match/decisions", said).status_code == 403
    assert post(officer, "match/decisions", {**said, "reason": " "}).status_code == 422
    assert post(officer, "match/decisions", {**said, "verdict": "maybe"}).status_code == 422
    assert post(officer, "match/decisions", {**said, "id": "E9"}).status_code == 404


def test_a_client_of_yente_is_answered_in_its_shape(lists: Watchlists, key_of: Callable[..., dict[str, str]]) -> None:
    from django.test import Client

    lists.load(csv_of(), by="aigul")
    token = key_of("program")["authorization"].removeprefix("Bearer ")
    body = {
        "queries": {
            "q1": {"schema": "Person", "properties": {"name": ["Bolat Ormanbek"], "birthDate": ["1971-05-02"]}},
            "q2": {"schema": "Company", "properties": {"name": ["Nobody Listed Ltd"]}},
        }
    }
    answer = post(Client(), "yente/match/default?limit=3", body, authorization=f"ApiKey {token}")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["limit"] == 3
    [result] = found["responses"]["q1"]["results"]
    assert (result["id"], result["schema"], result["match"], result["datasets"]) == ("own-E2", "Person", True, ["own"])
    assert result["properties"]["birthDate"] == ["1971-05-02"]
    assert 0.5 <= result["score"] <= 1
    assert found["responses"]["q2"]["results"] == []
    assert found["responses"]["q2"]["total"] == {"value": 0, "relation": "eq"}
    assert found["responses"]["q1"]["query"]["schema"] == "Person"


def test_yente_parameters_count(lists: Watchlists, officer: Client) -> None:
    lists.load(csv_of(), by="aigul")
    body = {"queries": {"q": {"schema": "Person", "properties": {"name": ["Bolat Ormanbekov"]}}}}
    low = post(officer, "yente/match/own?threshold=0.99&cutoff=0.1", body).json()["responses"]["q"]["results"]
    assert [each["match"] for each in low] == [False]
    assert post(officer, "yente/match/own?threshold=0.99", body).json()["responses"]["q"]["results"] == []
    assert post(officer, "yente/match/nothing", body).status_code == 404
    assert post(officer, "yente/match/own?limit=x", body).status_code == 422


def test_a_changed_list_is_asked_of_everybody_known_from_documents(lists: Watchlists, desk: Desk) -> None:
    from keruen.store.models import Organisation

    Organisation.objects.filter(id__startswith="99999").delete()
    seen = datetime(2025, 1, 1, tzinfo=UTC)
    Organisation.objects.create(
        id="999990000001", name="ТОО «Жетису Орион Электроникс»", country="KZ", first_seen_at=seen
    )
    Organisation.objects.create(id="999990000002", name="Almaty Bread Factory", country="KZ", first_seen_at=seen)
    try:
        loaded = lists.load(csv_of(), by="aigul")
        touched = [each for each in lists.rescreen(loaded, Thresholds()) if each.party.reference.startswith("99999")]
        assert [(each.party.reference, each.matches[0].party.id) for each in touched] == [("999990000001", "E1")]
        again = lists.load(csv_of(*ROWS, "E3,Somebody New,,person,,,,"), by="aigul")
        assert [each for each in lists.rescreen(again, Thresholds()) if each.party.reference.startswith("99999")] == []
    finally:
        Organisation.objects.filter(id__startswith="99999").delete()


def test_a_changed_edition_is_followed_up_once_and_again_after_it_was_taken_back(desk: Desk, lists: Watchlists) -> None:
    from keruen.compose import rescreen_changed

    thresholds, loaded_at = Thresholds(), datetime(2025, 3, 4, 12, tzinfo=UTC)
    lists.load(csv_of(ROWS[1]), by="aigul", now=loaded_at)
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ")):
        one(desk.office, filed(document))
    application = an_application()
    named = application._replace(header={**application.header, "consignee_name": "Zhetysu Orion Electronics"})
    first = one(desk.office, filed(named))
    assert "listed_party" not in {each.code for each in first.findings}
    later = loaded_at + timedelta(minutes=5)
    rescreen_changed(lists, thresholds, desk.office, later)
    lists.load(csv_of(*ROWS), by="aigul", now=later)
    assert rescreen_changed(lists, thresholds, desk.office, later + timedelta(seconds=5)) == {}
    [found] = rescreen_changed(lists, thresholds, desk.office, later + timedelta(minutes=2)).values()
    assert [document for document, _ in found.alarms] == [application.id]
    assert rescreen_changed(lists, thresholds, desk.office, later + timedelta(minutes=3)) == {}
    # Taken back, and loaded anew: nothing is said twice of the same entry.
    lists.roll_back("own", by="aigul", reason="E1 was a mistake")
    assert [row.touched for row in lists.not_rescreened()] == [[]]
    lists.load(csv_of(*ROWS), by="aigul", now=later)
    [found] = rescreen_changed(lists, thresholds, desk.office, later + timedelta(minutes=4)).values()
    assert found.alarms == ()
