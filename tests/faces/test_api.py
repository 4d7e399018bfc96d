"""The HTTP API over a real database, as a program calls it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from builders import CABLE

from keruen.errors import KeruenError
from keruen.faces.api.problems import STATUS, STATUS_OF_KIND
from keruen.settings import Settings
from keruen.store.postgres import PostgresStore

pytestmark = pytest.mark.postgres
Call = Callable[..., Any]
OFFICER = ("officer", "authority")
IMPORTER, TRADER = "120340999000", "150940999008"
"""Numbers with valid check digits, as the formats page has them."""

ENTRY = {
    "kind": "entry_declaration", "id": "ED-1", "issued_on": "2026-02-02", "procedure": "import", "dispatch_country": "CN",
    "importer_id": IMPORTER, "importer_name": "Importer LLP", "importer_country": "KZ",
    "lines": [{"line": 1, "commodity_code": CABLE, "description": "cable", "quantity": "100", "unit": "H87",
               "value": "10", "currency": "USD", "origin_country": "CN", "manufacture_country": "CN"}],
}
WAYBILL = {
    "kind": "waybill", "id": "WB-1", "issued_on": "2026-02-03", "movement": "transfer",
    "sender_id": IMPORTER, "sender_name": "Importer LLP", "sender_country": "KZ",
    "receiver_id": TRADER, "receiver_name": "Trader LLP", "receiver_country": "KZ",
    "lines": [{"line": 1, "commodity_code": CABLE, "description": "cable", "quantity": "40", "unit": "H87"}],
}
CONFIRM = {"kind": "action", "id": "A-1", "document": "WB-1", "transition": "confirm"}


@pytest.fixture
def api(settings: Settings, postgres: PostgresStore) -> Iterator[Call]:
    """Call the API as a user of a role and organisation: `api("POST", "/documents", as_=("gateway", "gateway"))`."""
    from django.test import Client, override_settings  # noqa: PLC0415 - Django must be configured first

    from keruen import compose  # noqa: PLC0415
    from keruen.faces import desk  # noqa: PLC0415
    from keruen.faces.api import keys  # noqa: PLC0415
    from keruen.store.models import ApiKey, User  # noqa: PLC0415

    del postgres
    desk.use(desk.Desk(settings, compose.office(settings)))
    keys._good.clear()
    client = Client()

    def call(method: str, path: str, body: object = None, *, as_: tuple[str, str] | None = ("gateway", "gateway"),
             **headers: str) -> Any:
        if as_ is not None:
            role, organisation = as_
            user, _ = User.objects.get_or_create(username=f"{role}-{organisation}", role=role,
                                                 organisation_id=organisation)
            ApiKey.objects.get_or_create(user=user, name="test", sha256=hashlib.sha256(user.username.encode()).hexdigest())
            headers["HTTP_AUTHORIZATION"] = f"Bearer {user.username}"
        return client.generic(method, f"/api/v1{path}", orjson.dumps(body) if body is not None else b"",
                              content_type="application/json", **headers)

    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield call


def test_a_record_is_accepted_once_and_repeats_answer_the_same(api: Call) -> None:
    first, again = api("POST", "/documents", ENTRY), api("POST", "/documents", ENTRY)
    assert (first.status_code, first.json()["state"]) == (201, "released")
    assert (again.status_code, again.json()["verdict"]) == (200, "repeated")


def test_the_same_key_with_other_content_is_a_conflict(api: Call) -> None:
    api("POST", "/documents", ENTRY)
    found = api("POST", "/documents", {**ENTRY, "dispatch_country": "DE"})
    assert (found.status_code, found.json()["code"]) == (409, "key_conflict")
    assert found["Content-Type"] == "application/problem+json"


def test_a_bad_field_is_answered_with_its_pointer_and_how_to_mend_it(api: Call) -> None:
    bad = {**WAYBILL, "lines": [{**WAYBILL["lines"][0], "quantity": "1,5"}]}  # type: ignore[dict-item]
    found = api("POST", "/documents", bad)
    assert found.status_code == 422
    assert found.json()["pointer"] == "lines/1/quantity"
    assert "1.5" in found.json()["errors"][0]["how_to_mend"]


def test_a_shortage_is_a_conflict_in_the_readers_language(api: Call) -> None:
    api("POST", "/documents", ENTRY)
    much = {**WAYBILL, "lines": [{**WAYBILL["lines"][0], "quantity": "101"}]}  # type: ignore[dict-item]
    english, russian = api("POST", "/documents", much), api("POST", "/documents", much, HTTP_ACCEPT_LANGUAGE="ru")
    assert english.status_code == 409
    assert "100 free, 101 asked" in english.json()["text"]
    assert russian.json()["detail"] != english.json()["detail"]
    assert "101" in russian.json()["detail"]


def test_several_records_get_an_outcome_each(api: Call) -> None:
    found = api("POST", "/documents", {"records": [ENTRY, {"kind": "nonsense"}, WAYBILL]})
    assert found.status_code == 207
    assert [each["verdict"] for each in found.json()["outcomes"]] == ["accepted", "rejected", "accepted"]


def test_a_dry_run_writes_nothing(api: Call) -> None:
    assert api("POST", "/documents?dry_run=true", ENTRY).json()["state"] == "released"
    assert api("GET", "/documents/ED-1").status_code == 404


def test_a_filer_acts_for_its_own_organisation_alone(api: Call) -> None:
    api("POST", "/documents", {"records": [ENTRY, WAYBILL]})
    assert api("POST", "/documents", CONFIRM, as_=("filer", IMPORTER)).status_code == 403
    assert api("POST", "/documents", CONFIRM, as_=("filer", TRADER)).json()["state"] == "confirmed"


def test_what_belongs_to_others_is_not_there_and_the_attempt_is_noted(api: Call) -> None:
    from keruen.store.models import ReadRefused  # noqa: PLC0415 - Django is configured by the fixture

    api("POST", "/documents", {"records": [ENTRY, WAYBILL]})
    stranger = ("filer", "070140002357")
    for path in ("/documents/WB-1", "/documents/WB-1/events", "/trace/ED-1/1", "/lots/ED-1/1/balances"):
        assert api("GET", path, as_=stranger).status_code == 404, path
    assert ReadRefused.objects.count() == 4
    assert api("GET", "/documents/WB-1", as_=("filer", TRADER)).status_code == 200


def test_status_events_trace_and_balances_tell_the_same_story(api: Call) -> None:
    api("POST", "/documents", {"records": [ENTRY, WAYBILL]})
    api("POST", "/documents", CONFIRM, as_=("filer", TRADER))
    assert api("GET", "/documents/WB-1").json()["state"] == "confirmed"
    assert [each["to"] for each in api("GET", "/documents/WB-1/events").json()["events"]] == ["sent", "confirmed"]
    moves = api("GET", "/trace/ED-1/1", as_=OFFICER).json()["lots"][0]["moves"]
    assert [(move["to"], move["quantity"]) for move in moves] == [(IMPORTER, "100"), (TRADER, "40")]
    accounts = api("GET", "/lots/ED-1/1/balances", as_=OFFICER).json()["accounts"]
    assert {each["holder"]: each["amount"] for each in accounts} == {IMPORTER: "60", TRADER: "40", "world": "-100"}
    before = api("GET", "/lots/ED-1/1/balances?true_at=2020-01-01T00:00:00Z", as_=OFFICER).json()["accounts"]
    assert before == []


def test_without_a_key_nothing_is_told(api: Call) -> None:
    assert api("GET", "/documents/ED-1", as_=None).status_code == 401
    assert api("POST", "/documents", ENTRY, as_=None).status_code == 401


def test_schema_health_and_freshness_are_public(api: Call) -> None:
    assert api("GET", "/schema/waybill", as_=None).json()["properties"]["kind"]["const"] == "waybill"
    assert api("GET", "/health", as_=None).json()["status"] == "ok"
    assert api("GET", "/ready", as_=None).status_code == 200
    assert {each["list"] for each in api("GET", "/fresh", as_=None).json()["lists"]} >= {"chpl"}
    assert "/api/v1/documents" in api("GET", "/openapi.json", as_=None).json()["paths"]


def test_broken_json_is_refused_plainly(api: Call) -> None:
    found = api("POST", "/documents", "just text")
    assert found.status_code == 422


def test_every_kind_of_failure_has_a_status() -> None:
    assert set(STATUS) == set(KeruenError.__subclasses__())
    assert set(STATUS_OF_KIND.values()) <= set(STATUS.values())
