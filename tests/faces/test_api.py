"""The HTTP API over real books."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from builders import BUYER, GATEWAY, IMPORTER, an_entry, filed, made, one
from keruen import errors
from keruen.faces.api.problems import OF_KIND, STATUS
from keruen.faces.desk import Desk
from keruen.model.actor import Role
from keruen.model.document import Document
from keruen.model.quantity import plain

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.postgres
URL = "/api/v1/documents"
# The parser checks digits and codes, which the builders' plain cases do not mind.
FIRM, OTHER_FIRM, CODE = "040140001236", "050240002349", "8542311001"


def as_record(document: Document) -> dict[str, Any]:
    """The document as a program sends it."""

    def text(value: Any) -> Any:
        if isinstance(value, (str, int)):
            return value
        return value.isoformat() if hasattr(value, "isoformat") else plain(value)

    lines = [{name: text(value) for name, value in line.items() if value != ""} for line in document.lines]
    return {
        "kind": document.kind,
        "id": document.id,
        **{name: text(each) for name, each in document.header.items()},
        "lines": lines,
    }


def a_record(id: str = "ED-1", **more: Any) -> dict[str, Any]:
    return {**as_record(an_entry(id, made(code=CODE), importer=FIRM)), **more}


@pytest.fixture
def api(desk: Desk) -> Client:
    from django.test import Client

    return Client()


@pytest.fixture
def send(api: Client, key_of: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    headers = key_of("importer-program", Role.FILER, FIRM)

    def post(data: Any, path: str = URL, **more: str) -> Any:
        body = data if isinstance(data, bytes) else orjson.dumps(data)
        return api.post(path, body, content_type="application/json", headers={**headers, **more})

    return post


def test_every_kind_of_failure_has_a_status() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KeruenError)}
    assert set(STATUS) == kinds - {errors.KeruenError}
    assert len(STATUS) == 6
    assert set(OF_KIND) == {kind.default_code for kind in STATUS}


def test_a_record_is_created_once_and_answered_the_same_again(send: Callable[..., Any], desk: Desk) -> None:
    first, again = send(a_record()), send(a_record())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["verdict"] == "accepted"
    assert again.json()["verdict"] == "repeated"
    assert first.json()["state"] == again.json()["state"] == "released"
    assert desk.books.document("ED-1") is not None


def test_a_dry_run_answers_and_writes_nothing(send: Callable[..., Any], desk: Desk) -> None:
    answer = send(a_record(), f"{URL}?dry_run=true")
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "accepted"
    assert answer.json()["dry_run"]
    assert desk.books.document("ED-1") is None


def test_a_wrong_record_says_where_and_how_to_mend_it(send: Callable[..., Any]) -> None:
    record = a_record(issued_on="04.03.2025")
    record["lines"][0]["quantity"] = "12,5"
    answer = send(record, **{"accept-language": "ru"})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == "ru"
    found = {each["pointer"]: each for each in answer.json()["problems"]}
    assert set(found) == {"/issued_on", "/lines/0/quantity"}
    assert "Пишите 12.5" in found["/lines/0/quantity"]["text"]


def test_what_the_books_do_not_allow_is_a_conflict_that_points_at_the_line(send: Callable[..., Any]) -> None:
    send(a_record())
    waybill = {
        "kind": "waybill",
        "id": "WB-1",
        "issued_on": "2025-03-04",
        "movement": "transfer",
        "sender_id": FIRM,
        "sender_name": "A",
        "sender_country": "KZ",
        "receiver_id": OTHER_FIRM,
        "receiver_name": "B",
        "receiver_country": "KZ",
        "lines": [{"line": 7, "commodity_code": CODE, "description": "chips", "quantity": "500", "unit": "H87"}],
    }
    answer = send(waybill, **{"accept-language": "kk"})
    assert answer.status_code == 409
    body = answer.json()
    assert body["code"] == "not_covered"
    assert body["pointer"] == "/lines/0/quantity"
    assert body["params"]["asked"] == "500"
    assert "100" in body["text"]
    assert body["text"].startswith("7-жол")


def test_several_records_are_answered_one_by_one(send: Callable[..., Any], desk: Desk) -> None:
    answer = send({"records": [a_record("ED-1"), a_record("ED-2", issued_on="x"), a_record("ED-3"), a_record("ED-1")]})
    assert answer.status_code == 200
    body = answer.json()
    assert [each["verdict"] for each in body["outcomes"]] == ["accepted", "rejected", "accepted", "repeated"]
    assert (body["accepted"], body["repeated"], body["rejected"]) == (2, 1, 1)
    assert desk.books.document("ED-3") is not None


def test_a_list_of_one_record_is_answered_as_a_list(send: Callable[..., Any]) -> None:
    for body in ([a_record()], {"records": [a_record()]}):
        assert "outcomes" in send(body).json()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b'{"kind": "waybill", "kind": "invoice"}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"records": []}',
        b'{"records": 5}',
        b"{}",
    ],
)
def test_what_cannot_be_read_is_answered_with_a_problem(send: Callable[..., Any], body: bytes) -> None:
    answer = send(body)
    data = answer.json()
    assert answer.status_code == 422 or data.get("rejected"), answer.content
    if answer.status_code == 422:
        assert data["code"]
        assert data["text"]


def test_one_may_not_file_for_another(send: Callable[..., Any]) -> None:
    answer = send(a_record("ED-9", importer_id=OTHER_FIRM))
    assert answer.status_code == 403
    assert answer.json()["code"] == "may_not_file"
    named = send(a_record("ED-8", filer_id=OTHER_FIRM, filer_role="filer"))
    assert named.status_code == 403
    assert named.json()["pointer"] == "/filer_id"


def test_a_stranger_is_told_to_show_a_key(api: Client) -> None:
    for headers in ({}, {"authorization": "Bearer nonsense"}):
        answer = api.post(URL, b"{}", content_type="application/json", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "signed_out"


def test_an_expired_key_or_a_blocked_user_opens_nothing_once_asked_for_again(
    api: Client, key_of: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from keruen.faces import people
    from keruen.store.models import ApiKey, User

    now = [1000.0]
    monkeypatch.setattr(people, "monotonic", lambda: now[0])

    def status() -> int:
        return api.get("/api/v1/trace/ED-1", headers=headers).status_code

    headers = key_of("old")
    assert status() == 404
    ApiKey.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    now[0] += people.KEY_KEPT_S
    assert status() == 401
    ApiKey.objects.update(expires_at=None)
    assert status() == 401, "what is known of a key is kept, and its expiry looked at"
    now[0] += people.KEY_KEPT_S
    assert status() == 404
    User.objects.update(is_active=False)
    now[0] += people.KEY_KEPT_S - 0.001
    assert status() == 404
    now[0] += 0.001
    assert status() == 401
    User.objects.update(is_active=True)
    assert status() == 404, "a refusal is not kept"


def test_the_hour_of_expiry_is_kept_while_the_key_is_remembered(
    api: Client, key_of: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta
    from types import SimpleNamespace

    from keruen.faces import people
    from keruen.store.models import ApiKey

    headers = key_of("short")
    ends = datetime.now(UTC) + timedelta(hours=1)
    ApiKey.objects.update(expires_at=ends)
    assert api.get("/api/v1/trace/ED-1", headers=headers).status_code == 404

    monkeypatch.setattr(people, "datetime", SimpleNamespace(now=lambda _: ends))
    monkeypatch.setattr(people, "monotonic", lambda: 0.0)
    assert api.get("/api/v1/trace/ED-1", headers=headers).status_code == 401


def test_a_session_needs_a_token_to_write_and_none_to_read(story: Desk, person: Callable[..., Any]) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person("officer"))
    assert client.get(f"{URL}/EA-1").status_code == 200
    answer = client.post(URL, orjson.dumps(a_record("ED-5")), content_type="application/json")
    assert answer.status_code == 403
    assert story.books.document("ED-5") is None


def test_a_document_and_its_history_are_for_those_who_may_read(
    story: Desk, api: Client, key_of: Callable[..., dict[str, str]]
) -> None:
    own, other = key_of("own"), key_of("other", Role.FILER, BUYER)
    body = api.get(f"{URL}/EA-1", headers=own).json()
    assert body["state"] == "held"
    assert body["lines"][0]["quantity"] == "40"
    assert body["decision"]["findings"]
    events = api.get(f"{URL}/EA-1/events", headers=own).json()["events"]
    assert [each["transition"] for each in events] == ["file"]
    assert api.get(f"{URL}/EA-1", headers=other).status_code == 200, "the consignee is a party"
    assert api.get(f"{URL}/ED-1", headers=other).status_code == 404
    assert api.get(f"{URL}/NO-SUCH", headers=own).json()["code"] == "not_found"


def test_goods_are_traced_and_balances_told_at_any_time(
    story: Desk, api: Client, key_of: Callable[..., dict[str, str]]
) -> None:
    own = key_of("own")
    assert api.get("/api/v1/trace/ED-1/1", headers=own).json()["lots"][0]["entered"] == "100"
    url = "/api/v1/lots/ED-1/1/balances"
    assert api.get(url, headers=own).json()["balances"] == [{"holder": IMPORTER, "status": "free", "amount": "100"}]
    assert api.get(f"{url}?true_at=2020-01-01T00:00:00Z", headers=own).json()["balances"] == []
    assert api.get(f"{url}?known_at=yesterday", headers=own).status_code == 422


def test_what_needs_no_key_is_there_without_one(api: Client) -> None:
    for path in ("health", "ready", "fresh", "schema/waybill", "schema/action", "openapi.json"):
        assert api.get(f"/api/v1/{path}").status_code == 200, path
    assert api.get("/api/v1/schema/nonsense").status_code == 422
    assert api.get("/healthz").content == b"ok\n"
    described = api.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/documents" in described
    assert "/api/v1/trace/{what}" in described


def test_the_log_is_served_to_any_client_and_its_entries_to_the_administration(
    story: Desk, api: Client, key_of: Callable[..., dict[str, str]]
) -> None:
    from keruen.workflow.publish import publish

    publish(story.office.store, story.journal)
    told = api.get("/api/v1/log/checkpoint").json()
    assert api.get("/checkpoint").content.decode() == told["note"]
    size = told["size"]
    assert size >= 5
    tile = api.get(f"/tile/0/000.p/{size}")
    assert tile.status_code == 200
    assert len(tile.content) == 32 * size
    entries = f"/tile/entries/000.p/{size}"
    assert api.get(entries).status_code == 403
    assert api.get(entries, headers=key_of("firm")).status_code == 403
    assert b"ED-1" in api.get(entries, headers=key_of("auditor", Role.AUDITOR, "authority")).content
    for path in ("/tile/0/999", "/tile/../../secret", "/tile/0/000.p/0", "/tile/x"):
        assert api.get(path).status_code == 404


def test_an_officer_acts_through_the_api_too(story: Desk, api: Client, key_of: Callable[..., dict[str, str]]) -> None:
    officer = key_of("officer", Role.OFFICER, "authority")
    action = {"kind": "action", "id": "A-1", "document": "EA-1", "transition": "approve"}
    refused = api.post(URL, orjson.dumps(action), content_type="application/json", headers=officer)
    assert refused.status_code == 422
    assert refused.json()["code"] == "reason_missing"
    taken = api.post(
        URL,
        orjson.dumps({**action, "id": "A-2", "explanation": "in order"}),
        content_type="application/json",
        headers=officer,
    )
    assert taken.status_code == 201
    assert taken.json()["state"] == "approved"
    assert one(story.office, filed(an_entry("ED-7"), GATEWAY)).problem is None
