"""Screening on a document's page: why a party was found, and an officer's word on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders import BUYER, IMPORTER, an_application, an_entry, an_invoice, filed, one
from keruen.faces.desk import Desk
from keruen.faces.web.csp import POLICY
from keruen.model.actor import Role
from keruen.screening.screener import Thresholds
from pages import Page

if TYPE_CHECKING:
    from django.test import Client

    from keruen.store.watchlists import Watchlists

pytestmark = pytest.mark.postgres

LIST = (
    "id,name,aliases,kind,dates,countries,identifiers,programmes\n"
    "E1,Zhetysu Orion Electronics LLP,Жетісу Орион Электроникс,organisation,2015,uz,,Example programme\n"
)
SAID = {
    "path": "header/consignee_name",
    "list": "own",
    "entry": "E1",
    "verdict": "not_same",
    "reason": "other director",
}


@pytest.fixture
def found(desk: Desk, tmp_path: Path) -> Iterator[Watchlists]:
    """EA-1, whose consignee is called as a listed firm is."""
    from keruen.store.models import PairVerdict, WatchlistEdition
    from keruen.store.watchlists import Watchlists

    WatchlistEdition.objects.all().delete()
    PairVerdict.objects.all().delete()
    lists = Watchlists(tmp_path)
    desk.__dict__["watchlists"] = lists
    desk.office = replace(desk.office, screens=lambda: lists.screener(Thresholds()))
    lists.load([("own.csv", LIST.encode())], by="aigul")
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ")):
        one(desk.office, filed(document))
    plain = an_application()
    named = plain._replace(header={**plain.header, "consignee_name": "Zhetisu Orion Electronics"})
    assert "listed_party" in {each.code for each in one(desk.office, filed(named)).findings}
    yield lists
    WatchlistEdition.objects.all().delete()
    PairVerdict.objects.all().delete()


def content(client: Client) -> str:
    response = client.get("/documents/EA-1")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("language", "how", "decide"),
    [
        ("en", "the same word in another spelling", "Say whether both are the same"),
        ("ru", "то же слово в другом написании", "Сказать, одно ли это лицо"),
        ("kk", "сол сөз, жазылуы басқа", "Бір тұлға ма, соны айту"),
    ],
)
def test_an_officer_sees_which_words_paired_and_how(
    found: Watchlists, client_of: Callable[..., Client], language: str, how: str, decide: str
) -> None:
    response = client_of("officer", language=language).get("/documents/EA-1")
    assert response.headers["Content-Security-Policy"] == POLICY
    text = response.content.decode()
    page = Page(text)
    assert (page.inline, page.scripts) == ([], 0)
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    assert "<bdi>zhetisu</bdi>" in text
    assert "<bdi>жетісу</bdi>" in text
    assert how in text
    assert decide in text
    assert "Жетісу Орион Электроникс" in text
    # Values are a rule's; a template takes a dictionary's method for them where there are none.
    assert "dict_values" not in text


def test_a_word_is_kept_and_shown_with_author_reason_and_day(
    found: Watchlists, desk: Desk, client_of: Callable[..., Client]
) -> None:
    officer = client_of("officer")
    until = (desk.now().date() + timedelta(days=30)).isoformat()
    answer = officer.post("/documents/EA-1/pairs", {**SAID, "expires_on": until}, follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Kept: Zhetisu Orion Electronics is another than the listed party." in text
    for shown in ("Not the same", "officer, ", "other director", until, "officer decided that they are two."):
        assert shown in text
    [kept] = found.decisions()
    assert (kept.author, kept.reason, str(kept.expires_on)) == ("officer", "other director", until)
    # The same party on the next document is no alarm while the word counts.
    again = an_application("EA-9")
    named = again._replace(header={**again.header, "consignee_name": "Zhetisu Orion Electronics"})
    assert "listed_party" not in {each.code for each in one(desk.office, filed(named)).findings}
    # There the word stands among the pairs decided before.
    other = officer.get("/documents/EA-9").content.decode()
    assert "Pairs decided before" in other
    assert "other director" in other


def test_another_word_later_counts(found: Watchlists, client_of: Callable[..., Client]) -> None:
    officer = client_of("officer")
    officer.post("/documents/EA-1/pairs", SAID)
    officer.post("/documents/EA-1/pairs", {**SAID, "verdict": "same", "reason": "same number after all"})
    text = content(officer)
    assert "officer decided that both are one." in text
    assert "for good, unless the entry changes" in text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"reason": " "}, "Say why both are the same, or are not."),
        ({"verdict": "perhaps"}, "Choose whether both are the same"),
        ({"expires_on": "tomorrow"}, "Choose whether both are the same"),
        ({"expires_on": "2001-01-31"}, "That day is over"),
    ],
)
def test_a_word_that_cannot_be_kept_comes_back_with_what_was_typed(
    found: Watchlists, client_of: Callable[..., Client], wrong: dict[str, str], says: str
) -> None:
    answer = client_of("officer").post("/documents/EA-1/pairs", {**SAID, **wrong})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert says in text
    assert wrong.get("reason", "other director").strip() in text
    assert found.decisions() == []


def test_officers_alone_decide_and_see(found: Watchlists, client_of: Callable[..., Client]) -> None:
    firm = client_of("firm", Role.FILER, IMPORTER)
    assert "pair-view" not in content(firm)
    assert firm.post("/documents/EA-1/pairs", SAID).status_code == 403
    auditor = client_of("auditor", Role.AUDITOR, "authority")
    text = content(auditor)
    assert "pair-view" in text
    assert "Say whether both are the same" not in text
    assert auditor.post("/documents/EA-1/pairs", SAID).status_code == 403
    assert found.decisions() == []


def test_a_form_of_another_site_is_refused(found: Watchlists, client_of: Callable[..., Client], desk: Desk) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client_of("officer").cookies
    assert strict.post("/documents/EA-1/pairs", SAID).status_code == 403
    assert found.decisions() == []


def test_what_the_document_does_not_name_is_not_found(found: Watchlists, client_of: Callable[..., Client]) -> None:
    officer = client_of("officer")
    assert officer.post("/documents/EA-1/pairs", {**SAID, "path": "header/carrier_name"}).status_code == 404
    assert officer.post("/documents/EA-1/pairs", {**SAID, "entry": "E9"}).status_code == 404
    assert officer.get("/documents/EA-1/pairs").status_code == 405


def test_without_lists_the_finding_stays_and_says_so(found: Watchlists, client_of: Callable[..., Any]) -> None:
    from keruen.store.models import WatchlistEdition

    WatchlistEdition.objects.all().delete()
    text = content(client_of("officer"))
    assert "The lists in force no longer give this pair" in text
    assert "Say whether both are the same" not in text
