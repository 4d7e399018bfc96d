"""The queue, the list of documents, and finding a thing by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from keruen.errors import NotFound
from keruen.faces.desk import desk
from keruen.faces.web.shell import for_actors, only_desk, page, said
from keruen.model.finding import Channel
from keruen.store.console import documents as bodies
from keruen.store.console import is_organisation
from keruen.workflow.access import findings_seen
from keruen.workflow.ports import Page, Query, Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from keruen.model.actor import Actor
    from keruen.model.document import Document
    from keruen.model.finding import Finding

SIZE = 25
"""Rows on a page."""
MOST_PAGES = 400
"""Offsets beyond this are slow and nobody turns so many pages; a filter finds the rest."""
COUNTED_TO = 10_000
"""The store counts a list so far."""


class Shown(NamedTuple):
    """A document as a row of a page."""

    row: Row
    holder: str
    counterparty: str
    codes: tuple[str, ...]
    more_codes: int
    gravest: Finding | None
    more_findings: int
    age_s: float
    due_s: float | None
    """Seconds until it is due; negative when it is late."""


@require_safe
@for_actors
def home(_request: HttpRequest, actor: Actor) -> HttpResponse:
    """Officers begin at the queue, others at their documents."""
    return redirect("queue" if actor.sees_all else "documents")


@require_safe
@for_actors
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Documents an officer should look at, each with its gravest reason."""
    only_desk(actor)
    now, number = desk().now(), _number(request)
    late = request.GET.get("late") == "1"
    query = Query(
        attention=True,
        kind=_kind(request),
        channel=_channel(request),
        late_at=now if late else None,
        offset=(number - 1) * SIZE,
        limit=SIZE,
    )
    found = desk().books.page(query)
    context = _context(found, query, number, now, actor)
    context["filters"] |= {"late": late}
    context["filtered"] = bool(query.kind or query.channel or late)
    return page(request, "queue.html", actor, context, title=said("ui.queue.title"), here="queue")


@require_safe
@for_actors
def documents(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Documents: all of them for the administration, one's own for others."""
    number = _number(request)
    organisation = request.GET.get("organisation", "").strip()[:40] if actor.sees_all else actor.organisation
    state = request.GET.get("state", "")
    query = Query(
        organisation=organisation,
        kind=_kind(request),
        channel=_channel(request),
        state=state if state in _states() else "",
        offset=(number - 1) * SIZE,
        limit=SIZE,
    )
    # Somebody without an organisation owns nothing; an empty organisation would ask for everything.
    found = desk().books.page(query) if actor.sees_all or organisation else Page((), 0)
    context = _context(found, query, number, desk().now(), actor)
    context["filters"] |= {"state": query.state, "organisation": organisation if actor.sees_all else ""}
    context["filtered"] = bool(query.kind or query.channel or query.state or context["filters"]["organisation"])
    context["states"] = _states()
    title = "ui.documents.title" if actor.sees_all else "ui.documents.mine"
    context["heading"] = title
    if actor.sees_all and organisation:
        context["organisation_name"] = desk().books.names([organisation]).get(organisation, organisation)
    return page(request, "documents.html", actor, context, title=said(title), here="documents")


@require_safe
@for_actors
def find(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Go to the document, lot or organisation of a number."""
    asked = request.GET.get("q", "").strip()[:120]
    if not asked:
        return redirect("documents")
    if "/" in asked or "#" in asked:
        return redirect(f"{reverse('trace')}?{urlencode({'what': asked})}")
    try:
        return redirect("document", document_id=desk().document(actor, asked).id)
    except NotFound:
        if actor.sees_all and is_organisation(asked):
            return redirect(f"{reverse('documents')}?{urlencode({'organisation': asked})}")
        raise


def _context(found: Page, query: Query, number: int, now: datetime, actor: Actor) -> dict[str, Any]:
    last = query.offset + len(found.rows)
    names = desk().books.names(each for row in found.rows for each in (row.holder, row.counterparty) if each)
    goods = bodies(desk().profile, [row.document_id for row in found.rows])
    cited = {
        each: str(goods[each].header.get("waybill") or goods[each].header.get("notice_of") or "")
        for each in (row.document_id for row in found.rows if not row.holder)
        if each in goods
    }
    there = bodies(desk().profile, [each for each in cited.values() if each]) if any(cited.values()) else {}
    return {
        "rows": [
            _shown(row, names, goods.get(row.document_id), there.get(cited.get(row.document_id, "")), now, actor)
            for row in found.rows
        ],
        "total": said("ui.more_than", count=COUNTED_TO) if found.total >= COUNTED_TO else str(found.total),
        "first": query.offset + 1,
        "last": last,
        "number": number,
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if last < found.total else None,
        "filters": {"kind": query.kind, "channel": query.channel},
        "kinds": tuple(desk().profile.kinds),
        "channels": tuple(each.value for each in Channel),
    }


def _shown(
    row: Row,
    names: Mapping[str, str],
    document: Document | None,
    cited: Document | None,
    now: datetime,
    actor: Actor,
) -> Shown:
    # A notice names neither firms nor codes: those of the document it is about are shown.
    lines = [line for each in (document, cited) if each is not None for line in each.lines]
    holder, counterparty = names.get(row.holder, row.holder), names.get(row.counterparty, row.counterparty)
    if cited is not None and not holder:
        firms = _firms(cited)
        holder, counterparty = firms[0], firms[1]
    codes = tuple(dict.fromkeys(line["commodity_code"] for line in lines if line.get("commodity_code")))
    findings = sorted(findings_seen(actor, row.findings), key=lambda finding: -finding.severity)
    return Shown(
        row,
        holder,
        counterparty,
        codes[:2],
        max(len(codes) - 2, 0),
        findings[0] if findings else None,
        max(len(findings) - 1, 0),
        (now - row.recorded_at).total_seconds(),
        (row.due_at - now).total_seconds() if row.due_at is not None else None,
    )


def _firms(document: Document) -> tuple[str, str]:
    kind = desk().profile.kind(document.kind)
    found = [str(document.header[f"{role}_name"]) for role, _ in kind.parties if document.header.get(f"{role}_name")]
    return ((*found, "", "")[0], (*found, "", "")[1])


def _number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return min(max(int(asked), 1), MOST_PAGES) if asked.isdecimal() and len(asked) < 6 else 1  # noqa: PLR2004 - digits


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in desk().profile.kinds else ""


def _channel(request: HttpRequest) -> str:
    asked = request.GET.get("channel", "")
    return asked if asked in tuple(Channel) else ""


def _states() -> tuple[str, ...]:
    return tuple(sorted({state for kind in desk().profile.kinds.values() for state in kind.states}))
