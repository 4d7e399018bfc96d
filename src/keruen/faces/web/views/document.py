"""The page of one document, and what may be done with it."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from keruen.documents.states import capacities
from keruen.faces import words
from keruen.faces.desk import desk
from keruen.faces.web.shell import for_actors, lang, page, said
from keruen.faces.web.views import pairs
from keruen.model.document import Action
from keruen.model.outcome import Verdict
from keruen.store import console
from keruen.workflow.access import Refused, findings_seen, may_read
from keruen.workflow.leaves import body_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from keruen.model.actor import Actor
    from keruen.model.document import Event, Fields, StoredDocument
    from keruen.model.profile import Transition

KEY_MAX = 80
REASON_MAX = 2000
STATUS = {"invalid_input": 422, "conflict": 409, "forbidden": 403, "not_found": 404}
LINE_COLUMNS = (
    "commodity_code",
    "description",
    "quantity",
    "unit",
    "value",
    "currency",
    "origin_country",
    "manufacture_country",
    "lot",
)
PARTY_PARTS = ("id", "name", "country", "address", "phone", "director")


class Offered(NamedTuple):
    """An action open to the reader."""

    name: str
    needs_reason: bool
    key: str
    """Made with the page: sending the form twice is one action."""
    grave: bool
    reason: str
    """What was typed already."""
    failed: bool


@require_safe
@for_actors
def show(request: HttpRequest, actor: Actor, document_id: str) -> HttpResponse:
    """Everything about a document that its reader may see."""
    stored = desk().document(actor, document_id)
    return page_of(request, actor, stored)


@require_POST
@for_actors
def act(request: HttpRequest, actor: Actor, document_id: str) -> HttpResponse:
    """Take the document through a transition; a refusal comes back with the page and what was typed."""
    desk().document(actor, document_id)
    name = request.POST.get("transition", "")[:40]
    reason = request.POST.get("reason", "").strip()[:REASON_MAX]
    key = request.POST.get("key", "")[:KEY_MAX] or _new_key()
    content = hashlib.sha256(repr((key, document_id, name, reason)).encode()).digest()
    outcome = desk().gatherer.submit_one(Action(key, document_id, name, actor, content, reason))
    if outcome.verdict == Verdict.REJECTED:
        assert outcome.problem is not None
        failure = {
            "text": words.problem_text(outcome.problem, lang()),
            "name": name,
            "reason": reason,
            "code": outcome.problem.code,
        }
        fresh = desk().document(actor, document_id)
        return page_of(request, actor, fresh, failure=failure, status=STATUS[outcome.problem.kind])
    if outcome.verdict == Verdict.REPEATED:
        messages.info(request, said("ui.document.repeated"))
    else:
        messages.success(request, said("ui.document.done", action=words.action_text(name, lang())))
    return redirect("document", document_id=document_id)


def page_of(
    request: HttpRequest,
    actor: Actor,
    stored: StoredDocument,
    *,
    failure: dict[str, str] | None = None,
    pair_failure: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; with what was wrong with an action, or with a word on a pair, that was just sent."""
    found = desk()
    kind, document = found.profile.kind(stored.kind), stored.document
    events = found.books.events_of(stored.id)
    parties = [_party(document.header, role) for role, _ in kind.parties if document.header.get(f"{role}_id")]
    offered, blocked = _offered(actor, stored, failure)
    names = found.books.names([stored.filer, *(event.organisation for event in events)])
    postings = found.books.postings_of_document(stored.id)
    shown = {f"{role}_{part}" for role, _ in kind.parties for part in PARTY_PARTS}
    findings = (
        sorted(findings_seen(actor, stored.decision.findings), key=lambda each: -each.severity)
        if stored.decision
        else []
    )
    with_pairs, decided = pairs.shown(actor, stored, findings, pair_failure)
    context: dict[str, Any] = {
        "stored": stored,
        "document": document,
        "kind": kind,
        "failure": failure,
        "late_s": _late(stored),
        "offered": offered,
        "second_person": blocked,
        "findings": with_pairs,
        "decided_pairs": decided,
        "pair_failure": pair_failure,
        "fields": [
            (name, words.value_text(name, value, lang()), name in _references(kind.header))
            for name, value in document.header.items()
            if name not in shown
        ],
        "parties": parties,
        "columns": _columns(document.lines),
        "lines": _lines(document.lines),
        "cites": _cites(actor, stored),
        "cited_by": _readable(actor, console.citing(found.profile, stored.id)),
        "lots_born": found.books.lots_of_document(stored.id),
        "lots_moved": list(dict.fromkeys(row.lot_id for row in postings))[:50],
        "versions": console.versions(stored.id),
        "events": _events(events, names),
        "receipts": _receipts(events),
        "body_hash": body_hash(stored.salt, stored.body),
        "filer_name": names.get(stored.filer, stored.filer),
    }
    title = f"{words.kind_text(stored.kind, lang())} {stored.id}"
    if failure or pair_failure:
        title = f"{said('ui.error.prefix')} {title}"
    return page(
        request,
        "document.html",
        actor,
        context,
        title=title,
        here="queue" if stored.attention and actor.sees_all else "documents",
        status=status,
    )


def _new_key() -> str:
    return f"web:{uuid.uuid4()}"


def _offered(actor: Actor, stored: StoredDocument, failure: dict[str, str] | None) -> tuple[list[Offered], bool]:
    """Actions open to the reader, and whether some is open only to a second person."""
    kind = desk().profile.kind(stored.kind)
    standing = capacities(kind, stored.document, actor)
    offered, blocked = [], False
    for arrow in kind.open_transitions(stored.state, stored.document.header):
        if not standing & arrow.by or (not arrow.target and not stored.attention):
            # Nothing is up for attention, so there is nothing to mark as looked at.
            continue
        if arrow.second_person and actor.user in {stored.filed_by_user, stored.released_by}:
            blocked = True
            continue
        failed = failure is not None and failure["name"] == arrow.name
        offered.append(
            Offered(
                arrow.name,
                arrow.needs_reason,
                _new_key(),
                _is_grave(arrow),
                failure["reason"] if failure and failed else "",
                failed,
            )
        )
    return offered, blocked


def _is_grave(arrow: Transition) -> bool:
    """Whether it ends the document's life: shown apart from what lets it go on."""
    return any(
        word in arrow.target
        for word in ("refused", "declined", "annulled", "revoked", "seized", "cancelled", "withdrawn")
    )


def _late(stored: StoredDocument) -> float | None:
    return (stored.due_at - desk().now()).total_seconds() if stored.due_at is not None else None


def _party(header: Fields, role: str) -> dict[str, str]:
    return {"role": role, **{part: str(header.get(f"{role}_{part}", "")) for part in PARTY_PARTS}}


def _references(specs: Sequence[Any]) -> frozenset[str]:
    return frozenset(spec.name for spec in specs if spec.type == "document_ref")


def _columns(lines: Sequence[Fields]) -> list[str]:
    return [name for name in LINE_COLUMNS if any(line.get(name) not in (None, "") for line in lines)]


def _lines(lines: Sequence[Fields]) -> list[dict[str, Any]]:
    columns = _columns(lines)
    rows = []
    for line in lines:
        rest = [
            (name, words.value_text(name, value, lang()))
            for name, value in line.items()
            if name not in columns and name != "line"
        ]
        rows.append(
            {
                "number": line["line"],
                "lot": line.get("lot", ""),
                "rest": rest,
                "cells": [
                    (name, words.value_text(name, line[name], lang()) if name in line else "") for name in columns
                ],
            }
        )
    return rows


def _cites(actor: Actor, stored: StoredDocument) -> list[dict[str, Any]]:
    """Documents named in header and lines; those not readable or not there are told by number alone."""
    kind, document = desk().profile.kind(stored.kind), stored.document
    named = [str(document.header[name]) for name in _references(kind.header) if document.header.get(name)]
    in_lines = _references(kind.lines)
    named += [str(line[name]) for line in document.lines for name in in_lines if line.get(name)]
    wanted = list(dict.fromkeys(named))[:100]
    readable = {each["id"]: each for each in _readable(actor, console.stored_documents(desk().profile, wanted))}
    return [readable.get(each, {"id": each, "kind": "", "state": ""}) for each in wanted]


def _readable(actor: Actor, found: Sequence[StoredDocument]) -> list[dict[str, Any]]:
    return [
        {"id": each.id, "kind": each.kind, "state": each.state}
        for each in found
        if not isinstance(may_read(actor, each, desk().profile), Refused)
    ]


def _events(events: Sequence[Event], names: dict[str, str]) -> list[dict[str, Any]]:
    return [{"event": event, "organisation": names.get(event.organisation, event.organisation)} for event in events]


def _receipts(events: Sequence[Event]) -> list[dict[str, Any]]:
    own = [event.event_id for event in events if event.content_sha256]
    indices = console.log_indices(own)
    return [{"event_id": each, "index": indices.get(each), "known": each in indices} for each in own]
