"""The HTTP API, version 1: thin over the workflow, described at /api/v1/openapi.json.

Ids are the client's: sending the same record again is safe and answers as the first time, so there is no
Idempotency-Key header.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyHeader, HttpBearer, SessionAuth

from keruen import __version__
from keruen.codes import lists
from keruen.errors import Forbidden, InvalidInput, KeruenError
from keruen.faces.api import cases, matching, problems
from keruen.faces.api.handing_in import hand_in
from keruen.faces.api.who import actor_of as _actor
from keruen.faces.desk import desk
from keruen.faces.people import user_by_key
from keruen.formats.schema import json_schema
from keruen.ledger.history import accounts_at
from keruen.model.lot import WORLD
from keruen.model.quantity import plain
from keruen.workflow.access import findings_seen
from keruen.workflow.trace import as_data

if TYPE_CHECKING:
    from keruen.model.actor import Actor
    from keruen.model.document import StoredDocument
    from keruen.store.models import User


class KeyAuth(HttpBearer):
    """`Authorization: Bearer <key>`; no cookie is involved, so no CSRF token is asked for."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The user the key stands for."""
        found = user_by_key(token)
        if found is not None:
            request.user = found
        return found


class ApiKeyAuth(APIKeyHeader):
    """`Authorization: ApiKey <key>`, as clients of yente send it."""

    param_name = "Authorization"

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """The user the key stands for."""
        word, _, token = (key or "").partition(" ")
        found = user_by_key(token.strip()) if word.lower() == "apikey" else None
        if found is not None:
            request.user = found
        return found


api = NinjaAPI(
    title="Keruen",
    version=__version__,
    urls_namespace="api",
    docs_url=None,
    description="Monitoring of goods exports. Ids are the client's: the same record sent again is answered as the "
    "first time, so no Idempotency-Key is needed. Failures are RFC 9457 problem details in the language of "
    "Accept-Language (kk, ru, en).",
    auth=[KeyAuth(), ApiKeyAuth(), SessionAuth(csrf=True)],
)

api.add_router("/cases", cases.router)

RECORDS = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {
                            "type": "object",
                            "required": ["kind", "id"],
                            "description": "One record; see /schema/{kind}.",
                        },
                        {
                            "type": "object",
                            "required": ["records"],
                            "properties": {"records": {"type": "array", "items": {"type": "object"}, "maxItems": 1000}},
                        },
                    ]
                }
            }
        },
    },
    "responses": {
        200: {"description": "Answered before, a dry run, or several records: an outcome each."},
        201: {"description": "Accepted."},
        403: {"description": "Not for this filer."},
        409: {"description": "The books do not allow it."},
        422: {"description": "The record is wrong."},
    },
}


@api.post("/documents", summary="Hand in documents and actions", openapi_extra=RECORDS, tags=["documents"])
def post_documents(request: HttpRequest, dry_run: bool = False) -> HttpResponse:  # noqa: FBT001, FBT002 - a query
    """One record answers 201 or a problem; several answer 200 with one outcome each, good ones kept."""
    return hand_in(request.body, _actor(request), dry_run=dry_run)


@api.get("/documents/{document_id}", summary="A document with its state and decision", tags=["documents"])
def get_document(request: HttpRequest, document_id: str) -> HttpResponse:
    """The version in force."""
    actor = _actor(request)
    return problems.respond(_document(desk().document(actor, document_id), actor))


@api.get("/documents/{document_id}/events", summary="A document's history", tags=["documents"])
def get_events(request: HttpRequest, document_id: str) -> HttpResponse:
    """Who took it from which state to which, oldest first."""
    stored = desk().document(_actor(request), document_id)
    return problems.respond(
        {
            "document": stored.id,
            "events": [
                {**event._asdict(), "content_sha256": event.content_sha256.hex()}
                for event in desk().books.events_of(stored.id)
            ],
        }
    )


@api.get("/trace/{path:what}", summary="Where goods came from and went", tags=["goods"])
def get_trace(request: HttpRequest, what: str) -> HttpResponse:
    """Of a lot, a document, or a line as `document#line` (written %23)."""
    return problems.respond(as_data(desk().trace(_actor(request), what)))


@api.get("/lots/{path:lot}/balances", summary="A lot's balances at any time", tags=["goods"])
def get_balances(request: HttpRequest, lot: str, true_at: str = "", known_at: str = "") -> HttpResponse:
    """As true at one time and as known at another; both default to now."""
    actor = _actor(request)
    found, postings = desk().lot(actor, lot)
    accounts = accounts_at(postings, true_at=_instant("true_at", true_at), known_at=_instant("known_at", known_at))
    rows = [
        {"holder": holder, "status": status, "amount": plain(amount)}
        for (_, holder, status), amount in sorted(accounts.items())
        if holder != WORLD and amount != 0 and (actor.sees_all or holder == actor.organisation)
    ]
    return problems.respond(
        {
            "lot": found.lot_id,
            "unit": found.unit,
            "entered": plain(found.entered),
            "true_at": true_at,
            "known_at": known_at,
            "balances": rows,
        }
    )


MATCHED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "A party, or `parties` of them.",
                    "properties": {
                        "parties": {"type": "array", "maxItems": matching.MOST, "items": {"type": "object"}},
                        "name": {"type": "string"},
                        "names": {"type": "array", "items": {"type": "string"}},
                        "kind": {"enum": ["person", "organisation", "vessel", "vehicle", "address", "unknown"]},
                        "dates": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "1965, 1965-03, 1965-03-02",
                        },
                        "countries": {"type": "array", "items": {"type": "string"}, "description": "ISO 3166 alpha-2"},
                        "identifiers": {"type": "array", "items": {"type": "string"}, "description": "scheme:value"},
                        "reference": {"type": "string"},
                        "limit": {"type": "integer"},
                        "purpose": {"type": "string"},
                        "everything": {"type": "boolean", "description": "Also pairs decided to be two."},
                    },
                }
            }
        },
    }
}


@api.post("/match", summary="Who on the lists in force may a party be?", openapi_extra=MATCHED, tags=["screening"])
def post_match(request: HttpRequest) -> HttpResponse:
    """One party or a batch; each match with its score in parts, the words that paired, and sentences."""
    _actor(request)
    return problems.respond(matching.match(request.body, problems.lang()))


@api.post("/match/decisions", summary="Remember that a party is, or is not, a listed one", tags=["screening"])
def post_decision(request: HttpRequest) -> HttpResponse:
    """`party`, `list`, `id`, `verdict` (same or not_same), `reason`, `expires_on`; officers only."""
    return problems.respond(matching.decide(request.body, _actor(request)), 201)


@api.post("/yente/match/{dataset}", summary="The same in the shape of yente's /match", tags=["screening"])
def post_yente_match(request: HttpRequest, dataset: str) -> HttpResponse:
    """For clients of yente: set their address to /api/v1/yente."""
    _actor(request)
    return problems.respond(matching.yente_match(request.body, dataset, request.GET.dict()))


@api.get("/schema/{kind}", summary="JSON Schema of a kind", tags=["schema"], auth=None)
def get_schema(request: HttpRequest, kind: str) -> HttpResponse:  # noqa: ARG001 - ninja hands it in by name
    """Of a document kind, or of `action`."""
    return problems.respond(json_schema(desk().profile, kind))


@api.get("/log/checkpoint", summary="The log's checkpoint, verified", tags=["log"], auth=None)
def get_checkpoint(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja hands it in by name
    """With the key that verifies it and the signed note itself."""
    journal = desk().journal
    checkpoint = journal.checkpoint()
    return problems.respond(
        {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "vkey": journal.vkey,
            "note": desk().log.read("checkpoint").decode(),
        }
    )


@api.get("/health", summary="Does the process answer?", tags=["system"], auth=None)
def get_health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja hands it in by name
    """Asks nothing else."""
    return problems.respond({"status": "ok", "version": __version__})


@api.get("/ready", summary="Can it take filings?", tags=["system"], auth=None)
def get_ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja hands it in by name
    """Asks the database."""
    desk().books.lots([""])
    return problems.respond({"status": "ok"})


@api.get("/fresh", summary="How old is what it decides by?", tags=["system"], auth=None)
def get_fresh(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja hands it in by name
    """List editions in force and their age; being up is not being up to date."""
    today: date = datetime.now(UTC).date()
    names = sorted({edition.list_name for edition in lists.editions()})
    found = [edition for name in names if (edition := lists.edition_in_force(name, today)) is not None]
    return problems.respond(
        {
            "profile": desk().profile.edition,
            "watchlists": [
                {
                    "list": row.source,
                    "edition": row.name,
                    "loaded_at": row.loaded_at.isoformat(),
                    "parties": row.parties,
                }
                for row in desk().watchlists.in_force()
            ],
            "lists": [
                {"list": each.list_name, "edition": each.edition_on, "age_days": (today - each.edition_on).days}
                for each in found
            ],
        }
    )


def _instant(name: str, given: str) -> datetime | None:
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput(
            f"{name} is no time with its zone, as 2026-03-04T10:00:00Z: {given[:40]!r}",
            code="instant",
            found=given[:40],
        )
    return found


def _document(stored: StoredDocument, actor: Actor) -> dict[str, Any]:
    document, decision = stored.document, stored.decision
    return {
        "kind": document.kind,
        "id": document.id,
        "version": document.version,
        "state": stored.state,
        "channel": stored.channel,
        "attention": stored.attention,
        "due_at": stored.due_at,
        "recorded_at": stored.recorded_at,
        "updated_at": stored.updated_at,
        "filed_by": stored.filer,
        "header": _plain(document.header),
        "lines": [_plain(line) for line in document.lines],
        "decision": None
        if decision is None
        else {
            "channel": decision.channel.value,
            "author": decision.author,
            "decided_at": decision.decided_at,
            "rules": decision.rules_version,
            "editions": dict(decision.editions),
            "findings": [problems.finding_data(each) for each in findings_seen(actor, decision.findings)],
            **({"facts": dict(decision.facts)} if actor.sees_all and decision.facts else {}),
            **({"ranking": dict(decision.ranking)} if actor.sees_all and decision.ranking else {}),
        },
    }


def _plain(fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a document's fields
    return {
        name: value if isinstance(value, (str, int)) else value.isoformat() if isinstance(value, date) else plain(value)
        for name, value in fields.items()
    }


@api.exception_handler(KeruenError)
def on_failure(_request: HttpRequest, error: KeruenError) -> HttpResponse:
    """One of our six kinds."""
    if isinstance(error, Forbidden) and error.code == "signed_out":
        return problems.of_code("signed_out", 401)
    return problems.of_error(error)


@api.exception_handler(AuthenticationError)
def on_stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Nobody we know."""
    response = problems.of_code("signed_out", 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def on_wrong_query(_request: HttpRequest, _error: ValidationError) -> HttpResponse:
    """A query parameter that cannot be read."""
    return problems.of_code("invalid_input", 422)


@api.exception_handler(HttpError)
def on_http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework refused: no CSRF token, for one."""
    codes = {401: "signed_out", 403: "forbidden", 404: "not_found"}
    return problems.of_code(codes.get(error.status_code, "invalid_input"), error.status_code)


@api.exception_handler(RequestDataTooBig)
def on_too_big(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    """Longer than KERUEN_MAX_UPLOAD_BYTES."""
    return problems.of_code("invalid_input", 413)


__all__ = ["api"]
