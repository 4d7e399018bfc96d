"""The console's pages over real books."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from builders import GATEWAY, KZ, TRADER, TestClock, an_application, filed, one
from keruen.faces.desk import Desk
from keruen.faces.web.csp import POLICY
from keruen.model.actor import Role
from keruen.texts import catalogue
from pages import Page, get

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.postgres

PAGES = (
    "/queue",
    "/documents",
    "/documents/EA-1",
    "/documents/ED-1",
    "/trace",
    "/trace?what=ED-1",
    "/lots/ED-1/1",
    "/log",
    "/status",
    "/help",
    "/documents/NO-SUCH",
)
OFFICERS_ONLY = ("/queue",)


def form_key(page: str, transition: str) -> str:
    found = re.search(rf'name="transition" value="{transition}"><input type="hidden" name="key" value="([^"]+)"', page)
    assert found, transition
    return found[1]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_safe_and_accessible_in_every_language(
    story: Desk, client_of: Callable[..., Client], path: str, language: str
) -> None:
    response = client_of("officer", language=language).get(path)
    assert response.status_code == (404 if "NO-SUCH" in path else 200)
    assert response.headers["Content-Security-Policy"] == POLICY
    content = response.content.decode()
    page = Page(content)
    assert page.lang == language
    assert page.inline == []
    assert page.scripts == 0
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    assert {each["id"] for each in page.fields} <= page.labelled
    assert len(page.ids) == len(set(page.ids))
    assert {"main", "header", "footer"} <= set(page.tags)
    assert 'href="#main"' in content
    codes = re.findall(r"\b(?:ui|finding|officer|field|state|kind|action|channel|role|party)\.[a-z_]+", content)
    assert codes == []


def test_the_queue_says_why_each_document_is_there(story: Desk, officer: Client) -> None:
    page = get(officer, "/queue")
    assert "EA-1" in page
    assert "EA-2" in page
    assert "EA-3" not in page
    assert "Listed goods without an end-user statement" in page or "are listed (tier 1)" in page
    assert "8542311000" in page
    assert "2 to look at" in page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_at_most_fifteen_queries(story: Desk, officer: Client, path: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(10, 30):
        one(story.office, filed(an_application(f"EA-{number}"), GATEWAY))
    statements: list[str] = []
    raw = connection.connection
    original = raw.execute

    def counted(*args: Any, **kwargs: Any) -> Any:
        statements.append(str(args[0]))
        return original(*args, **kwargs)

    raw.execute = counted
    try:
        with CaptureQueriesContext(connection) as asked:
            officer.get(path)
    finally:
        del raw.execute
    # The books are read on the connection itself, which Django does not count.
    assert len(asked) + len(statements) <= 15, [*asked, *statements]


def test_a_passed_deadline_is_shown_as_late_and_releases_nothing(
    story: Desk, officer: Client, clock: TestClock
) -> None:
    assert "EA-1" not in get(officer, "/queue?late=1")
    clock.advance(days=3)
    page = get(officer, "/queue?late=1")
    assert "EA-1" in page
    assert "Late by" in page
    stored = story.books.document("EA-1")
    assert stored is not None
    assert stored.state == "held"


def test_the_queue_filters_and_pages(story: Desk, officer: Client) -> None:
    for number in range(10, 40):
        one(story.office, filed(an_application(f"EA-{number}"), GATEWAY))
    first, second = get(officer, "/queue"), get(officer, "/queue?page=2")
    assert first.count('<th scope="row">') == 25
    assert "1–25 of 32" in first
    assert second.count('<th scope="row">') == 7
    assert "Nothing waits that fits" in get(officer, "/queue?kind=waybill")
    assert get(officer, "/queue?kind=no-such&page=x")


def test_an_empty_queue_says_so(desk: Desk, officer: Client) -> None:
    assert "Nothing is waiting for an officer." in get(officer, "/queue")


def test_a_decision_without_its_reason_comes_back_with_an_error_summary(story: Desk, officer: Client) -> None:
    page = get(officer, "/documents/EA-1")
    response = officer.post(
        "/documents/EA-1/act", {"transition": "approve", "key": form_key(page, "approve"), "reason": " "}
    )
    assert response.status_code == 422
    content = response.content.decode()
    assert 'role="alert"' in content
    assert 'href="#reason-approve"' in content
    assert "Give a reason for &quot;Approve&quot; of EA-1." in content
    stored = story.books.document("EA-1")
    assert stored is not None
    assert stored.state == "held"


def test_sending_a_decision_twice_decides_once(story: Desk, officer: Client) -> None:
    key = form_key(get(officer, "/documents/EA-1"), "approve")
    answer = {"transition": "approve", "key": key, "reason": "seen the end user's statement"}
    for _ in range(2):
        assert officer.post("/documents/EA-1/act", answer).status_code == 302
    assert [event.transition for event in story.books.events_of("EA-1")] == ["file", "approve"]
    page = get(officer, "/documents/EA-1")
    assert "This was done before" in page
    assert "seen the end user&#x27;s statement" in page


def test_a_refusal_speaks_the_readers_language(story: Desk, client_of: Callable[..., Client]) -> None:
    russian = client_of("inspector", language="ru")
    response = russian.post("/documents/EA-1/act", {"transition": "refuse", "key": "k"})
    assert "Укажите причину" in response.content.decode()


def test_an_auditor_sees_all_and_decides_nothing(story: Desk, client_of: Callable[..., Client]) -> None:
    auditor = client_of("auditor", Role.AUDITOR)
    assert "Nothing is open to you" in get(auditor, "/documents/EA-1")
    assert auditor.post("/documents/EA-1/act", {"transition": "approve", "reason": "x"}).status_code == 403


def test_a_firm_sees_its_own_and_what_is_anothers_is_not_there(story: Desk, importer: Client, stranger: Client) -> None:
    from keruen.store.models import ReadRefused

    assert "EA-1" in get(importer, "/documents")
    assert "What to do" not in get(importer, "/documents/EA-1")
    assert "EA-1" not in get(stranger, "/documents")
    for path in ("/documents/EA-1", "/lots/ED-1/1", "/trace?what=ED-1", "/trace.json?what=ED-1", "/find?q=EA-1"):
        get(stranger, path, 404)
    refused = [(row.user_name, row.organisation_id, row.what) for row in ReadRefused.objects.order_by("id")]
    assert ("stranger", TRADER, "document EA-1") in refused
    assert ("stranger", TRADER, "lot ED-1/1") in refused
    assert len(refused) == 5
    get(stranger, "/queue", 403)


def test_somebody_without_an_organisation_sees_nothing(story: Desk, client_of: Callable[..., Client]) -> None:
    nobody = client_of("nobody", Role.FILER, "")
    assert "0 documents" in get(nobody, "/documents")
    get(nobody, "/documents/EA-1", 404)


def test_pages_ask_a_stranger_to_sign_in_and_bring_them_back(story: Desk) -> None:
    from django.test import Client

    response = Client().get("/documents/EA-1?x=1")
    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in?next=%2Fdocuments%2FEA-1%3Fx%3D1"


def test_signing_in_with_a_wrong_password_says_so_and_a_right_one_speaks_ones_language(
    person: Callable[..., Any],
) -> None:
    from django.test import Client

    person("officer", language="ru")
    client = Client()
    wrong = client.post("/sign-in", {"username": "officer", "password": "no"})
    assert "User name or password is wrong." in wrong.content.decode()
    right = client.post("/sign-in", {"username": "officer", "password": "a long enough passphrase"})
    assert right.status_code == 302
    assert catalogue("ru")["ui.queue.title"] in get(client, "/queue")


def test_the_language_is_kept_for_the_user(story: Desk, officer: Client) -> None:
    from keruen.store.models import User

    response = officer.post("/language", {"language": "kk", "next": "/queue?late=1"})
    assert response.headers["Location"] == "/queue?late=1"
    assert catalogue("kk")["ui.queue.title"] in get(officer, "/queue")
    assert User.objects.get(username="officer").language == "kk"
    assert officer.post("/language", {"language": "xx", "next": "https://evil.example/"}).headers["Location"] == "/"


def test_a_name_that_is_a_script_stays_text(story: Desk, officer: Client) -> None:
    evil = an_application("EA-X")
    header = {**evil.header, "exporter_name": "<script>alert(1)</script>", "note": '"><img src=x onerror=alert(1)>'}
    one(story.office, filed(evil._replace(header=header), GATEWAY))
    for path in ("/documents/EA-X", "/queue"):
        page = Page(get(officer, path))
        assert page.scripts == 0
        assert page.inline == []


def test_the_search_finds_documents_lots_and_firms(story: Desk, officer: Client) -> None:
    assert officer.get("/find?q=EA-1").headers["Location"] == "/documents/EA-1"
    assert officer.get("/find?q=ED-1/1").headers["Location"] == "/trace?what=ED-1%2F1"
    assert officer.get(f"/find?q={GATEWAY.organisation}").status_code == 404
    exporter = an_application().header["exporter_id"]
    assert officer.get(f"/find?q={exporter}").headers["Location"] == f"/documents?organisation={exporter}"


def test_the_trace_has_a_picture_and_the_same_as_a_table(story: Desk, officer: Client) -> None:
    page = get(officer, "/trace?what=ED-1")
    assert "<svg" in page
    assert 'class="box box-entry"' in page
    assert 'class="box box-holder"' in page
    assert "100 piece" in page
    data = officer.get("/trace.json?what=ED-1")
    assert data.headers["Content-Disposition"] == 'attachment; filename="trace-ED-1.json"'
    assert data.json()["lots"][0]["lot"] == "ED-1/1"
    get(officer, "/trace?what=NOTHING", 404)


def test_every_kinds_transitions_have_a_name(story: Desk) -> None:
    texts = catalogue("en")
    assert all(f"action.{arrow.name}" in texts for kind in KZ.kinds.values() for arrow in kind.transitions)


def test_a_form_without_its_token_is_refused(story: Desk, person: Callable[..., Any]) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person("officer"))
    assert client.post("/documents/EA-1/act", {"transition": "approve", "reason": "x"}).status_code == 403
