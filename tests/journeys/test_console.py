"""An officer's day in a real browser: sign in, queue, refuse without a reason, approve, trace, another language."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders import BUYER, GATEWAY, IMPORTER, KZ, an_application, an_entry, an_invoice, filed, one
from keruen.faces import desk as desks
from keruen.faces.desk import Desk
from keruen.model.actor import Role
from keruen.settings import Settings
from keruen.texts import catalogue
from keruen.workflow.cases import follow
from keruen.workflow.submit import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from keruen.store.postgres import PostgresStore

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PASSWORD = "a long enough passphrase"
WIDTHS = (1280, 320)
WIDE_PAGES = (
    "/queue",
    "/cases",
    "/cases/C-1",
    "/documents",
    "/documents/EA-1",
    "/lots/ED-1/1",
    "/log",
    "/status",
    "/help",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine: tools/install-chromium.sh puts one there"
    ),
]


@pytest.fixture
def site(postgres: PostgresStore, settings: Settings, clock: Any) -> Iterator[str]:
    """The console over a small story, served on a port of its own."""
    from django.contrib.sessions.models import Session
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application
    from django.db import connections

    from keruen.store.models import User

    Session.objects.all().delete()
    office = Office(postgres, KZ, clock, lambda: b"s" * 16)
    desks.use(Desk(settings, office))
    for document in (an_entry(), an_invoice("INV-1", receiver=BUYER, country="UZ"), an_application()):
        assert one(office, filed(document, GATEWAY)).problem is None
    follow(desks.desk().cases)
    for name, role, organisation in (
        ("officer", Role.OFFICER, "authority"),
        ("second", Role.OFFICER, "authority"),
        ("firm", Role.FILER, IMPORTER),
    ):
        user = User(username=name, role=role.value, organisation_id=organisation, language="en")
        user.set_password(PASSWORD)
        user.save()

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet, connections_override={})
    server.daemon_threads = True
    application = get_wsgi_application()

    def serve(environ: Any, start_response: Any) -> Any:
        answer = application(environ, start_response)
        try:
            yield from answer
        finally:
            answer.close()
            connections.close_all()

    server.set_app(serve)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)
    desks._desks.clear()


@pytest.fixture
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


def sign_in(page: Page, site: str, name: str = "officer") -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/documents" if name == "firm" else "**/queue")


def test_an_officer_decides_a_held_application(site: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(locale="en", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    reports: list[str] = []
    outside: list[str] = []
    page.on("console", lambda message: reports.append(message.text) if "Security" in message.text else None)
    page.on("request", lambda request: outside.append(request.url) if not request.url.startswith(site) else None)
    sign_in(page, site)
    page.screenshot(path=tmp_path / "queue.png")

    assert page.get_by_role("heading", level=1).inner_text() == "Queue of held documents"
    page.get_by_role("link", name="EA-1").click()
    page.locator("summary", has_text="Approve").click()
    page.locator("details[open] button").click()
    assert page.get_by_role("alert").inner_text().endswith('Give a reason for "Approve" of EA-1.')
    page.get_by_role("alert").get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "reason-approve"
    page.screenshot(path=tmp_path / "error.png", full_page=True)

    page.get_by_label("Reason").and_(page.locator("details[open] textarea")).fill("The end user was visited.")
    page.locator("details[open] button").click()
    assert "Done: Approve." in page.get_by_role("status").inner_text()
    assert "The end user was visited." in page.locator("main").inner_text()
    assert "approved" in page.locator(".tags").inner_text()

    page.get_by_role("link", name="ED-1/1").first.click()
    picture = page.locator("svg")
    assert picture.is_visible()
    assert picture.locator("a").count() >= 2
    page.screenshot(path=tmp_path / "trace.png", full_page=True)

    page.get_by_role("button", name="Русский").click()
    assert page.locator("html").get_attribute("lang") == "ru"
    assert catalogue("ru")["ui.trace.picture"] in page.locator("main").inner_text()
    page.get_by_role("button", name="Қазақша").click()
    assert catalogue("kk")["ui.trace.picture"] in page.locator("main").inner_text()
    assert (reports, outside) == ([], [])


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(site: str, browser: Browser, tmp_path: Path, width: int) -> None:
    context = browser.new_context(locale="en", viewport={"width": width, "height": 800})
    page = context.new_page()
    sign_in(page, site)
    for language in ("kk", "ru", "en"):
        context.add_cookies([{"name": "django_language", "value": language, "url": site}])
        for path in WIDE_PAGES:
            page.goto(site + path)
            page.screenshot(
                path=tmp_path / f"{language}-{width}-{path.strip('/').replace('/', '-')}.png", full_page=True
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (language, path)


def test_the_keyboard_alone_is_enough(site: str, browser: Browser) -> None:
    page = browser.new_context(locale="en", java_script_enabled=True).new_page()
    sign_in(page, site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.goto(f"{site}/documents/EA-1")
    page.locator("summary", has_text="Refuse").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("copy differs")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "Done: Refuse." in page.get_by_role("status").inner_text()


def test_it_works_without_javascript(site: str, browser: Browser) -> None:
    page = browser.new_context(locale="en", java_script_enabled=False).new_page()
    sign_in(page, site)
    page.get_by_role("link", name="EA-1").click()
    page.locator("summary", has_text="Approve").click()
    page.locator("details[open] textarea").fill("in order")
    page.locator("details[open] button").click()
    assert "Done: Approve." in page.get_by_role("status").inner_text()


def test_a_case_is_asked_about_answered_and_closed_by_two(site: str, browser: Browser, tmp_path: Path) -> None:
    ann, ben, firm = (
        browser.new_context(locale="en", viewport={"width": 1280, "height": 900}).new_page() for _ in range(3)
    )
    for page, name in ((ann, "officer"), (ben, "second"), (firm, "firm")):
        sign_in(page, site, name)
    ann.get_by_role("navigation").get_by_role("link", name="Cases").click()
    ann.screenshot(path=tmp_path / "cases.png", full_page=True)
    ann.get_by_role("button", name="Take the next case").click()
    assert "officer works on it until" in ann.locator("main").inner_text()
    ann.locator("summary", has_text="Ask the filer").click()
    ann.locator("details[open]").get_by_label("Whom").select_option(IMPORTER)
    ann.locator("details[open]").get_by_label("Text").fill("Who is the end user?")
    ann.locator("details[open] button").click()
    assert "the clock stands still" in ann.locator(".tags").inner_text()

    firm.get_by_role("navigation").get_by_role("link", name="Questions").click()
    firm.get_by_role("button", name="I have seen it").click()
    assert "Who is the end user?" in firm.locator("main").inner_text()
    firm.screenshot(path=tmp_path / "questions.png", full_page=True)
    firm.get_by_label("Text").fill("The university of the capital.")
    firm.get_by_role("button", name="Answer").click()
    assert "Nobody asks you anything now." in firm.locator("main").inner_text()

    ann.reload()
    assert "The university of the capital." in ann.locator("main").inner_text()
    ann.locator("summary", has_text="Propose an outcome").click()
    ann.locator("details[open]").get_by_label("Reason").fill("The statement was seen.")
    ann.locator("details[open] button").click()
    ann.screenshot(path=tmp_path / "proposed.png", full_page=True)
    assert ann.locator("summary", has_text="Countersign").count() == 0

    ben.goto(ann.url)
    ben.locator("summary").get_by_text("Countersign", exact=True).click()
    ben.locator("details[open] button").click()
    assert "Closed: Nothing found" in ben.locator("main").inner_text()
    ben.screenshot(path=tmp_path / "closed.png", full_page=True)


LISTED = (
    "id,name,aliases,kind,dates,countries,identifiers,programmes\n"
    "E1,Zhetysu Orion Electronics LLP,ZO Electronics,organisation,2015,uz,,Example programme\n"
)


@pytest.fixture
def listed(site: str, tmp_path: Path) -> Iterator[str]:
    """EA-7, whose consignee is called as a listed firm is; made before the browser, whose loop the database refuses."""
    from keruen.screening.screener import Thresholds
    from keruen.store.models import PairVerdict, WatchlistEdition
    from keruen.store.watchlists import Watchlists

    WatchlistEdition.objects.all().delete()
    PairVerdict.objects.all().delete()
    lists, found = Watchlists(tmp_path / "lists"), desks.desk()
    lists.load([("own.csv", LISTED.encode())], by="aigul")
    found.__dict__["watchlists"] = lists
    found.office = replace(found.office, screens=lambda: lists.screener(Thresholds()))
    plain = an_application("EA-7")
    named = plain._replace(header={**plain.header, "consignee_name": "Zhetisu Orion Electronix"})
    one(found.office, filed(named, GATEWAY))
    yield site
    assert [(each.author, str(each.expires_on)) for each in lists.decisions()] == [("officer", "2099-01-31")]
    WatchlistEdition.objects.all().delete()
    PairVerdict.objects.all().delete()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_says_that_a_party_is_another(listed: str, browser: Browser, tmp_path: Path, scripts: bool) -> None:
    site = listed
    context = browser.new_context(
        locale="en", viewport={"width": 1280, "height": 900}, java_script_enabled=scripts, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/documents/EA-7")
    page.get_by_text("Which words paired, what agrees and what differs").first.click()
    assert page.get_by_role("table", name="Words that paired").first.is_visible()
    page.get_by_text("Say whether both are the same").first.click()
    page.screenshot(path=tmp_path / "pair.png", full_page=True)
    page.get_by_role("button", name="Not the same").first.click()
    assert page.get_by_text("Say why both are the same, or are not.").first.is_visible()
    page.get_by_label("Reason", exact=True).first.fill("another director and another number")
    page.get_by_label("Last day on which it counts").first.fill("2099-01-31")
    page.get_by_role("button", name="Not the same").first.click()
    assert page.get_by_text("another than the listed party").first.is_visible()
    assert page.get_by_text("officer decided that they are two.").first.is_visible()
    page.screenshot(path=tmp_path / "kept.png", full_page=True)
    context.close()
