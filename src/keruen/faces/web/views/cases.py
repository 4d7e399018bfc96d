"""Cases: the queue, one case with its timeline, and for filers the questions to them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from keruen.cases import commands as do
from keruen.cases.case import LIGHT, Case, Result, State
from keruen.cases.possible import possible
from keruen.cases.steps import FILE_BYTES, TEXT_MAX
from keruen.errors import InvalidInput, KeruenError, NotFound
from keruen.faces import casework, words
from keruen.faces.api.cases import file_response
from keruen.faces.api.problems import status_of
from keruen.faces.desk import desk
from keruen.faces.web.shell import for_actors, lang, only_desk, page, said
from keruen.workflow import cases as work
from keruen.workflow.ports import CaseQuery

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from keruen.cases.case import Joined
    from keruen.model.actor import Actor
    from keruen.model.finding import Finding

SIZE = 25
MOST_PAGES = 400
EVENTS_SHOWN = 15
"""Of a timeline; earlier ones are folded away."""
GRAVE = frozenset({"unlock", "withdraw", "decline", "reopen"})


@require_safe
@for_actors
def cases(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Cases that are not closed, the gravest first; with filters also others."""
    only_desk(actor)
    office, asked = desk().cases, request.GET
    number = min(max(int(asked["page"]), 1), MOST_PAGES) if asked.get("page", "").isdecimal() else 1
    state = asked.get("state", "") if asked.get("state", "") in tuple(State) else ""
    queue = asked.get("queue", "") if asked.get("queue", "") in office.table.queues else ""
    mine, late, now = asked.get("mine") == "1", asked.get("late") == "1", office.now()
    query = CaseQuery(
        queue=queue,
        state=state,
        user=actor.user if mine else "",
        late_at=now if late else None,
        offset=(number - 1) * SIZE,
        limit=SIZE,
    )
    found = office.cases.page(query)
    last = query.offset + len(found.rows)
    context = {
        "rows": [_row(each, now) for each in found.rows],
        "total": found.total,
        "first": query.offset + 1,
        "last": last,
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if last < found.total else None,
        "filters": {"queue": queue, "state": state, "mine": mine, "late": late},
        "filtered": bool(queue or state or mine or late),
        "queues": [(each, casework.named("case.queue", each, lang())) for each in office.table.queues],
        "states": tuple(State),
    }
    return page(request, "cases.html", actor, context, title=said("ui.cases.title"), here="cases")


@require_POST
@for_actors
def take_next(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take the next case of a queue and go to it."""
    queue = request.POST.get("queue", "")[:40]
    try:
        found = work.take_next(desk().cases, actor, queue=queue)
    except NotFound as error:
        messages.info(request, words.problem_text(error, lang()))
        return redirect(f"{reverse('cases')}?{urlencode({'queue': queue})}" if queue else "cases")
    return redirect("case", case=found.id)


@require_safe
@for_actors
def show(request: HttpRequest, actor: Actor, case: str) -> HttpResponse:
    """One case."""
    return _page(request, actor, _case(actor, case))


@require_POST
@for_actors
def act(request: HttpRequest, actor: Actor, case: str) -> HttpResponse:
    """Do something to a case; a refusal comes back with the page and what was typed."""
    found, given = _case(actor, case), request.POST
    name = given.get("command", "")[:40]
    try:
        revision = int(given["revision"]) if given.get("revision", "").isdecimal() else None
        work.act(desk().cases, actor, found.number, _command(request, name), revision=revision)
    except (NotFound, PermissionDenied):
        raise
    except KeruenError as error:
        failure = {
            "text": words.problem_text(error, lang()),
            "name": name,
            "text_given": given.get("text", ""),
            **{each: given.get(each, "") for each in ("reason", "to", "on", "result", "user")},
        }
        return _page(request, actor, _case(actor, case), failure=failure, status=status_of(error))
    messages.success(request, said("ui.cases.done", what=said(f"case.do.{name}")))
    return redirect("case", case=found.id)


@require_safe
@for_actors
def file(_request: HttpRequest, actor: Actor, case: str, sha256: str) -> HttpResponse:
    """A file of a case, to be saved."""
    return file_response(actor, _case(actor, case).number, sha256)


@require_safe
@for_actors
def questions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the reader's organisation is asked."""
    return _questions(request, actor)


@require_POST
@for_actors
def answer(request: HttpRequest, actor: Actor, case: str) -> HttpResponse:
    """Answer a question, or say that it was seen."""
    name = request.POST.get("command", "")
    text = request.POST.get("text", "").strip()[:TEXT_MAX]
    number = _number(case)
    try:
        command: do.Command = do.Acknowledge() if name == "acknowledge" else do.Answer(text)
        work.act(desk().cases, actor, number, command)
    except InvalidInput as error:
        failure = {"text": words.problem_text(error, lang()), "number": number, "given": text}
        return _questions(request, actor, failure=failure, status=status_of(error))
    messages.success(request, said("ui.cases.done", what=said(f"case.do.{do.name_of(command)}")))
    return redirect("questions")


def _questions(
    request: HttpRequest, actor: Actor, *, failure: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    office = desk().cases
    asked = [{**each._asdict(), "case": f"C-{each.number}"} for each in work.asked_of(office, actor)]
    context = {"asked": asked, "failure": failure}
    title = said("ui.questions.title")
    return page(request, "questions.html", actor, context, title=title, here="questions", status=status)


def _number(case: str) -> int:
    try:
        return casework.number_of(case)
    except InvalidInput as error:
        raise NotFound(error.text, code="not_found") from error


def _case(actor: Actor, case: str) -> Case:
    return desk().case(actor, _number(case))


def _command(request: HttpRequest, name: str) -> do.Command:
    if name != "attach":
        return casework.command_of(name, request.POST.dict())
    sent = request.FILES.get("file")
    if sent is None or sent.name is None:
        raise InvalidInput("choose a file", code="case_field", field=said("ui.cases.file"), expected="PDF, PNG, CSV")
    kept = desk().case_files.keep(BytesIO(sent.read()), max_bytes=FILE_BYTES)
    return do.Attach(sent.name, kept.sha256, kept.size, (sent.content_type or "").lower())


def _row(case: Case, now: datetime) -> dict[str, Any]:
    return {
        "case": case,
        "queue": casework.named("case.queue", case.routing.queue, lang()),
        "why": casework.why_text(case.routing, lang()),
        "who": (case.lock.holder if case.lock is not None and case.lock.until > now else "") or case.assignee,
        "due_s": (case.due_at - now).total_seconds() if case.due_at is not None else None,
        "paused": case.question is not None,
    }


def _page(
    request: HttpRequest, actor: Actor, case: Case, *, failure: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    office, now = desk().cases, desk().cases.now()
    names = desk().books.names(case.organisations)
    offered = possible(case, actor, now, office.calendar)
    light = [each for each in Result if each in LIGHT]
    events = [
        {"event": each, "text": casework.event_text(each, lang())}
        for each in reversed(office.cases.events(case.number))
    ]
    context: dict[str, Any] = {
        **_row(case, now),
        "team": casework.named("case.queue", case.routing.team, lang()),
        "failure": failure,
        "offered": [
            {
                "name": name,
                "fields": casework.FIELDS.get(name, ("file",)),
                "results": light if name == "close" else list(Result),
                "grave": name in GRAVE,
                "failed": failure if failure is not None and failure["name"] == name else None,
            }
            for name in offered
        ],
        "own_filing": actor.is_authority and actor.user in case.filers,
        "organisations": [(each, names.get(each, each)) for each in sorted(case.organisations)],
        "shown": len(case.joined),
        "kinds": _kinds(case),
        "events": events[:EVENTS_SHOWN],
        "earlier": events[EVENTS_SHOWN:],
        **_sentences(case, now),
        "names": names,
        "text_max": TEXT_MAX,
    }
    title = f"{said('ui.cases.case')} {case.id}"
    if failure:
        title = f"{said('ui.error.prefix')} {title}"
    return page(request, "case.html", actor, context, title=title, here="cases", status=status)


def _kinds(case: Case) -> list[dict[str, Any]]:
    """Findings that joined by what they say, the gravest kind first; of each kind the newest first."""
    kinds: dict[tuple[str, str], list[tuple[Joined, Finding]]] = {}
    for joined in reversed(case.joined):
        finding = casework.finding_of(joined)
        kinds.setdefault((finding.code, finding.params.get("rule", "")), []).append((joined, finding))
    ordered = sorted(kinds.values(), key=lambda rows: -max(finding.severity for _, finding in rows))
    return [{"joined": rows[0][0], "finding": rows[0][1], "others": rows[1:]} for rows in ordered]


def _sentences(case: Case, now: datetime) -> dict[str, str]:
    """What stands about a case as a whole, each with its values in the reader's order of words."""
    lock, proposal, closing = case.lock, case.proposal, case.closing
    held = closed_by = ""
    if lock is not None and lock.until > now:
        held = said("ui.cases.locked", user=lock.holder, until=words.time_text(lock.until, lang()))
    if closing is not None and closing.countersigned_by:
        closed_by = said("ui.cases.countersigned_by", by=closing.by, second=closing.countersigned_by)
    elif closing is not None:
        closed_by = said("ui.cases.decided_by", by=closing.by)
    return {
        "held": held,
        "proposed": said("ui.cases.proposed", user=proposal.by, result=said(f"case.result.{proposal.result}"))
        if proposal
        else "",
        "closed": said("ui.cases.closed_with", result=said(f"case.result.{closing.result}")) if closing else "",
        "closed_by": closed_by,
    }
