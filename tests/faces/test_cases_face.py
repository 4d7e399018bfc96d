"""Cases over the API, in the console and on the command line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from builders import GATEWAY, IMPORTER, TRADER, TestClock, an_application, filed, one
from keruen.faces.cli.app import app, use
from keruen.faces.desk import Desk
from keruen.model.actor import Role
from keruen.texts import LANGUAGES, catalogue
from keruen.workflow.cases import follow
from keruen.workflow.ports import CaseQuery
from pages import Page, get

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.postgres
URL = "/api/v1/cases"


@pytest.fixture
def opened(story: Desk) -> Desk:
    """The story's firm has a case, two applications held and one refused; so has a firm that sells what it has not."""
    one(story.office, filed(an_application("EA-4", exporter=TRADER), GATEWAY))
    follow(story.cases)
    return story


@pytest.fixture
def call(opened: Desk, key_of: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    """Call the API as somebody; whoever is not known yet becomes an officer."""
    from django.test import Client

    client, known = Client(), dict[str, dict[str, str]]()
    known["firm"] = key_of("firm", Role.FILER, IMPORTER)
    known["stranger"] = key_of("stranger", Role.FILER, TRADER)
    known["chief"] = key_of("chief", Role.SUPERVISOR, "authority")

    def go(who: str, path: str = "", data: Any = None, **more: str) -> Any:
        if who not in known:
            known[who] = key_of(who, Role.OFFICER, "authority")
        headers = {**known[who], **more}
        if data is None:
            return client.get(URL + path, headers=headers)
        return client.post(URL + path, orjson.dumps(data), content_type="application/json", headers=headers)

    return go


# -- API -------------------------------------------------------------------------------------


def test_a_case_from_the_queue_to_its_outcome(call: Callable[..., Any]) -> None:
    listed = call("ann").json()
    assert listed["total"] == 2
    assert "EA-" in listed["cases"][0]["why"]
    taken = call("ann", "/next", {"queue": "export_control"})
    assert (taken.status_code, taken.json()["state"], taken.json()["held_by"]) == (200, "taken", "ann")
    case = "/" + taken.json()["id"]
    assert call("ben", f"{case}/take", {}).status_code == 409
    assert call("ann", f"{case}/note", {"text": "looked at the seal"}).status_code == 200
    assert call("ann", f"{case}/ask", {"to": IMPORTER, "text": "Who is the end user?"}).json()["due_at"] is None
    asked = call("firm", "/questions").json()["questions"]
    assert asked[0]["text"] == "Who is the end user?"
    assert "EA-1" in asked[0]["documents"]
    assert call("stranger", "/questions").json()["questions"] == []
    assert call("firm", f"{case}/acknowledge", {}).json()["state"] == "waiting_for_filer"
    assert call("firm", f"{case}/answer", {"text": "a university"}).json() == {"case": case[1:], "state": "open"}
    assert call("ann", f"{case}/close", {"result": "no_finding", "reason": "x"}).status_code == 403
    call("ann", f"{case}/propose", {"result": "diversion", "reason": "sold on"})
    own = call("ann", f"{case}/countersign", {})
    assert (own.status_code, own.json()["code"]) == (403, "case_own_proposal")
    assert call("ben", f"{case}/countersign", {}).json()["state"] == "closed"
    whole = call("ben", case).json()
    assert [each["name"] for each in whole["events"]][-2:] == ["propose", "countersign"]
    assert whole["closing"]["countersigned_by"] == "ben"
    stats = call("ben", "/stats").json()
    assert stats["outcomes"][0]["precision"] == 1.0
    rows = list(csv.DictReader(io.StringIO(call("ben", "/labels.csv").getvalue().decode())))
    assert {row["offence"] for row in rows} == {"1"}
    assert {row["result"] for row in rows} == {"diversion"}


def test_a_filer_gets_nothing_of_a_case_but_the_question(call: Callable[..., Any], opened: Desk) -> None:
    from keruen.store.models import ReadRefused

    assert call("firm", "/C-1").status_code == 404
    assert [row.what for row in ReadRefused.objects.all()] == ["case C-1"]
    assert call("firm").status_code == 403
    assert call("firm", "/stats").status_code == 403
    assert call("firm", "/labels.csv").status_code == 403
    assert call("firm", "/next", {}).status_code == 403
    assert call("firm", "/C-1/note", {"text": "x"}).status_code == 404
    assert call("firm", "/bulk", {"cases": ["C-1"], "command": "note", "text": "x"}).status_code == 403
    assert {each.name for each in opened.cases.cases.events(1)} == {"open", "join"}


def test_bulk_with_undo(call: Callable[..., Any]) -> None:
    done = call("ann", "/bulk", {"cases": ["C-1", "2", "C-9"], "command": "assign", "user": "ann"}).json()
    assert done["done"] == ["C-1", "C-2"]
    assert done["refused"][0]["code"] == "case_unknown"
    call("chief", "/C-2/assign", {"user": "ben"})
    back = call("ann", "/undo", {"token": done["token"]}).json()
    assert (back["done"], [each["case"] for each in back["refused"]]) == (["C-1"], ["C-2"])
    assert call("ann", "/undo", {"token": done["token"]}).status_code == 404


@pytest.mark.parametrize(
    ("path", "data", "status", "code"),
    [
        ("/C-1/explode", {}, 422, "case_command"),
        ("/C-1/propose", {"result": "guilty", "reason": "x"}, 422, "case_field"),
        ("/C-1/diary", {"on": "soon", "reason": "x"}, 422, "case_field"),
        ("/C-1/note", {"text": 7}, 422, "case_field"),
        ("/C-1/note", {"text": " "}, 422, "case_text_missing"),
        ("/C-1/note", {"text": "x", "revision": 99}, 409, "case_changed"),
        ("/C-1/note", [], 422, "case_field"),
        ("/C-x/note", {"text": "x"}, 422, "case_field"),
        ("/C-99/note", {"text": "x"}, 404, "case_unknown"),
        ("/bulk", {"cases": "C-1", "command": "note", "text": "x"}, 422, "case_field"),
    ],
)
def test_what_cannot_be_right_is_said(call: Callable[..., Any], path: str, data: Any, status: int, code: str) -> None:
    for language in LANGUAGES:
        answer = call("ann", path, data, **{"accept-language": language})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["detail"]
    assert call("ann", "?state=none").status_code == 422


def test_a_file_is_kept_under_its_hash_and_given_back_as_it_was(call: Callable[..., Any], opened: Desk) -> None:
    from django.test import Client

    from keruen.store.models import ApiKey

    call("ann")
    assert ApiKey.objects.count()
    client, headers = Client(), {"authorization": "Bearer krn_ann"}
    sent = client.post(
        f"{URL}/C-1/files?name=act.pdf", b"%PDF-1.4 act", content_type="application/pdf", headers=headers
    )
    assert sent.status_code == 200, sent.content
    file = call("ann", "/C-1").json()["attachments"][0]
    assert (file["name"], file["size"]) == ("act.pdf", 12)
    got = call("ann", f"/C-1/files/{file['sha256']}")
    assert got.content == b"%PDF-1.4 act"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert call("firm", f"/C-1/files/{file['sha256']}").status_code == 404
    assert call("ann", f"/C-1/files/{'0' * 64}").status_code == 404
    bad = client.post(f"{URL}/C-1/files?name=a.html", b"<b>", content_type="text/html", headers=headers)
    assert (bad.status_code, bad.json()["code"]) == (422, "case_file_type")


# -- console ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/cases", "/cases/C-1", "/questions", "/cases?state=closed&late=1&mine=1"])
def test_every_page_is_safe_and_accessible(
    opened: Desk, client_of: Callable[..., Client], path: str, language: str
) -> None:
    content = get(client_of("officer", language=language), path)
    page = Page(content)
    assert page.inline == []
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    assert {each["id"] for each in page.fields} <= page.labelled
    assert len(page.ids) == len(set(page.ids))
    assert re.findall(r"\b(?:ui|case|finding|officer|state|role)\.[a-z_]+", content) == []


def form(page: str, command: str, **fields: str) -> dict[str, str]:
    found = re.search(rf'name="command" value="{command}"><input type="hidden" name="revision" value="(\d+)"', page)
    assert found, command
    return {"command": command, "revision": found[1], **fields}


def test_officers_work_a_case_through_in_the_console(
    opened: Desk, client_of: Callable[..., Client], importer: Client
) -> None:
    ann, ben = client_of("ann"), client_of("ben")
    assert "C-1" in get(ann, "/cases")
    taken = ann.post("/cases/next", {"queue": "export_control"})
    assert taken.status_code == 302
    path = taken.headers["Location"]
    page = get(ann, path)
    assert "ann works on it until" in page
    assert ann.post(f"{path}/act", form(page, "ask", to=IMPORTER, text="Who is the end user?")).status_code == 302
    asked = get(importer, "/questions")
    assert "Who is the end user?" in asked
    number = re.search(r"/questions/(\d+)", asked)
    assert number
    empty = importer.post(f"/questions/{number[1]}", {"command": "answer", "text": " "})
    assert empty.status_code == 422
    assert 'role="alert"' in empty.content.decode()
    assert importer.post(f"/questions/{number[1]}", {"command": "acknowledge"}).status_code == 302
    assert "the clock stands still" in get(ann, path)
    assert importer.post(f"/questions/{number[1]}", {"command": "answer", "text": "a university"}).status_code == 302
    assert "a university" in get(ann, path)
    page = get(ann, path)
    assert 'value="close"' not in page, "a case of the highest tier needs two"
    ann.post(f"{path}/act", form(page, "propose", result="no_finding", reason="statement seen"))
    page = get(ann, path)
    assert 'value="countersign"' not in page
    stale = form(get(ben, path), "countersign")
    ann.post(f"{path}/act", form(page, "note", text="one more thing"))
    late = ben.post(f"{path}/act", stale)
    assert late.status_code == 409
    assert "was changed meanwhile" in late.content.decode()
    assert catalogue("en")["ui.cases.voided"] in get(ben, path)
    ann.post(f"{path}/act", form(get(ann, path), "propose", result="no_finding", reason="statement seen"))
    assert ben.post(f"{path}/act", form(get(ben, path), "countersign")).status_code == 302
    assert "Closed: Nothing found" in get(ben, path)
    assert "countersigned by ben" in get(ben, path)


def test_a_refused_command_comes_back_with_what_was_typed(opened: Desk, officer: Client) -> None:
    page = get(officer, "/cases/C-1")
    answer = officer.post("/cases/C-1/act", form(page, "diary", on="31.03.2026", reason="the exit is due"))
    assert answer.status_code == 422
    content = answer.content.decode()
    assert "31.03.2026" in content
    assert "the exit is due" in content
    assert 'role="alert"' in content
    file = officer.post("/cases/C-1/act", form(page, "attach"))
    assert file.status_code == 422


def test_findings_of_one_kind_stand_together_and_old_events_are_folded_away(opened: Desk, officer: Client) -> None:
    for number in range(10, 30):
        one(opened.office, filed(an_application(f"EA-{number}", exporter=TRADER), GATEWAY))
    follow(opened.cases)
    case = next(each for each in opened.cases.cases.page(CaseQuery()).rows if each.subject.key == TRADER)
    text = get(officer, f"/cases/{case.id}")
    kinds = {(each.code, each.params.get("rule", "")) for each in case.joined}
    assert text.count('<article class="finding') == len(kinds) < len(case.joined)
    for number in range(10, 30):
        assert f'href="/documents/EA-{number}"' in text
    assert text.index('id="h-timeline"') < text.rindex("<details>")


def test_a_file_put_to_a_case_can_be_saved(opened: Desk, officer: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    data: dict[str, Any] = form(get(officer, "/cases/C-1"), "attach")
    data["file"] = SimpleUploadedFile("act.csv", b"a,b\n", content_type="text/csv")
    assert officer.post("/cases/C-1/act", data).status_code == 302
    link = re.search(r'href="(/cases/C-1/files/[0-9a-f]{64})"', get(officer, "/cases/C-1"))
    assert link
    assert officer.get(link[1]).content == b"a,b\n"


def test_pages_of_cases_are_for_the_desk_and_questions_for_filers(
    opened: Desk, client_of: Callable[..., Client], importer: Client, stranger: Client
) -> None:
    get(importer, "/cases", 403)
    get(importer, "/cases/C-1", 404)
    get(stranger, "/cases/C-1", 404)
    assert "Nobody asks you anything" in get(stranger, "/questions")
    assert stranger.post("/questions/1", {"command": "answer", "text": "x"}).status_code == 404
    auditor = client_of("auditor", Role.AUDITOR)
    assert "Nothing is open to you" in get(auditor, "/cases/C-1")
    assert auditor.post("/cases/C-1/act", {"command": "note", "text": "x"}).status_code == 403
    assert auditor.post("/cases/next", {}).status_code == 403
    get(auditor, "/cases/C-77", 404)
    get(auditor, "/cases/nonsense", 404)


def test_when_no_case_is_free_the_list_says_so(opened: Desk, officer: Client) -> None:
    answer = officer.post("/cases/next", {"queue": "border"}, follow=True)
    assert "No case of this queue is free for you now." in answer.content.decode()


def test_the_list_pages_through_a_full_queue(opened: Desk, officer: Client, clock: TestClock) -> None:
    for number in range(60):
        line = f"EA-Q{number}"
        application = an_application(line, exporter=f"0401500{number:05}")
        one(opened.office, filed(application, GATEWAY))
    follow(opened.cases)
    first = get(officer, "/cases")
    assert first.count('<th scope="row">') == 25
    total = opened.cases.cases.page(CaseQuery()).total
    assert f"1–25 of {total}" in first
    assert get(officer, "/cases?page=2").count('<th scope="row">') == 25
    clock.advance(days=60)
    assert "Late by" in get(officer, "/cases?late=1")


@pytest.mark.parametrize("path", ["/cases", "/cases/C-1"])
def test_a_page_asks_at_most_fifteen_queries(opened: Desk, officer: Client, path: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

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
    assert len(asked) + len(statements) <= 15, [*asked, *statements]


# -- command line ----------------------------------------------------------------------------


@pytest.fixture
def run(opened: Desk, person: Callable[..., Any]) -> Callable[..., Result]:
    use(opened.settings)
    for name, role, organisation in (
        ("ann", Role.OFFICER, "authority"),
        ("ben", Role.OFFICER, "authority"),
        ("firm", Role.FILER, IMPORTER),
    ):
        person(name, role, organisation)
    runner = CliRunner()

    def go(*words: str) -> Result:
        return runner.invoke(app, ["cases", *words], env={"COLUMNS": "220"})

    return go


def ok(found: Result) -> str:
    assert found.exit_code == 0, (found.output, found.exception)
    return found.output


def test_every_step_has_a_command(run: Callable[..., Result], tmp_path: Any) -> None:
    assert "0 cases opened" in ok(run("follow"))
    assert "export_control" in ok(run("list"))
    assert orjson.loads(ok(run("list", "--json")))["total"] == 2
    case = orjson.loads(ok(run("take", "--as", "ann", "--queue", "export_control", "--json")))["id"]
    ok(run("unlock", case, "--as", "ann"))
    ok(run("take", case, "--as", "ann"))
    ok(run("note", case, "looked at the seal", "--as", "ann"))
    (tmp_path / "act.txt").write_text("act")
    ok(run("attach", case, str(tmp_path / "act.txt"), "--as", "ann"))
    ok(run("ask", case, "Who?", "--to", IMPORTER, "--as", "ann"))
    ok(run("withdraw", case, "--reason", "wrong question", "--as", "ann"))
    ok(run("ask", case, "Who is the end user?", "--to", IMPORTER, "--as", "ann"))
    ok(run("acknowledge", case, "--as", "firm"))
    ok(run("answer", case, "a university", "--as", "firm"))
    soon = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    ok(run("diary", case, "--on", soon, "--reason", "exit", "--as", "ann"))
    ok(run("assign", case, "--to", "ann", "--as", "ann"))
    ok(run("propose", case, "--result", "diversion", "--reason", "sold on", "--as", "ann"))
    ok(run("decline", case, "--reason", "no proof", "--as", "ben"))
    ok(run("propose", case, "--result", "diversion", "--reason", "proof added", "--as", "ann"))
    assert "closed" in ok(run("countersign", case, "--as", "ben"))
    shown = ok(run("show", case))
    assert "a university" in shown
    assert "Countersigned and closed" in shown
    assert len(orjson.loads(ok(run("show", case, "--json")))["events"]) > 10
    assert "100%" in ok(run("stats"))
    assert orjson.loads(ok(run("stats", "--json")))["outcomes"][0]["offences"] == 1
    ok(run("labels", "--output", str(tmp_path / "labels.csv")))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "labels.csv").read_text("utf-8"))))
    assert {(row["result"], row["offence"]) for row in rows} == {("diversion", "1")}
    ok(run("reopen", case, "--reason", "new papers", "--as", "ben"))


def test_bulk_prints_what_takes_it_back(run: Callable[..., Result]) -> None:
    done = run("bulk", "assign", "C-1", "C-2", "C-9", "--to", "ann", "--as", "ann")
    assert done.exit_code == 4
    token = re.search(r"undo ([0-9a-f]{16})", done.output)
    assert token
    assert "2 done" in ok(run("undo", token[1], "--as", "ann"))


def test_an_unknown_user_or_case_is_said(run: Callable[..., Result]) -> None:
    assert getattr(run("take", "--as", "nobody").exception, "code", "") == "unknown_user"
    assert getattr(run("show", "C-99").exception, "code", "") == "case_unknown"
    alone = run("close", "C-1", "--result", "no_finding", "--reason", "x", "--as", "ann")
    assert getattr(alone.exception, "code", "") == "case_needs_second"
