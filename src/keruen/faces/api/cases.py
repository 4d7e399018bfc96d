"""Cases over HTTP: the queue, one case, what is done to it, bulk with undo, questions to filers, and outcomes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router

from keruen.cases import commands as do
from keruen.cases.case import State
from keruen.cases.steps import FILE_BYTES
from keruen.errors import InvalidInput, NotFound
from keruen.faces import casework
from keruen.faces.api import matching, problems
from keruen.faces.api.who import actor_of
from keruen.faces.desk import desk
from keruen.workflow import cases as work
from keruen.workflow.ports import CaseQuery

if TYPE_CHECKING:
    from keruen.model.actor import Actor

router = Router(tags=["cases"])
MOST: Final = 200
DONE: Final = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string"},
                        "reason": {"type": "string"},
                        "to": {"type": "string", "description": "ask: the organisation asked"},
                        "user": {"type": "string", "description": "assign: to whom; empty for nobody"},
                        "on": {"type": "string", "format": "date", "description": "diary"},
                        "result": {"type": "string", "description": "propose, close"},
                        "key": {"type": "string", "description": "Yours: the same sent again is done once."},
                        "revision": {"type": "integer", "description": "Refused with 409 if the case is past it."},
                    },
                }
            }
        }
    }
}


@router.get("", summary="Cases, the gravest and most urgent first")
def get_cases(
    request: HttpRequest,
    queue: str = "",
    team: str = "",
    state: str = "",
    user: str = "",
    subject: str = "",
    late: bool = False,  # noqa: FBT001, FBT002 - a query
    offset: int = 0,
    limit: int = 50,
) -> HttpResponse:
    """Those not closed, unless a state is asked for; for the authority."""
    work.only_all_seeing(actor_of(request))
    office = desk().cases
    late_at = office.now() if late else None
    query = CaseQuery(queue, team, _state(state), user, subject, late_at, max(offset, 0), min(max(limit, 1), MOST))
    page = office.cases.page(query)
    rows = [casework.row_data(each, problems.lang()) for each in page.rows]
    return problems.respond({"total": page.total, "cases": rows})


@router.get("/stats", summary="How many are where, and how often findings were right")
def get_stats(request: HttpRequest) -> HttpResponse:
    """Counts by queue and state; precision by finding code."""
    office = desk().cases
    found = work.outcomes(office, actor_of(request))
    return problems.respond(
        {
            "queues": [each._asdict() for each in office.cases.counts(office.now())],
            "outcomes": [casework.yield_data(each) for each in found],
        }
    )


@router.get("/labels.csv", summary="Findings of closed cases with their outcomes, to learn from")
def get_labels(request: HttpRequest) -> StreamingHttpResponse:
    """CSV; `offence` is 1, 0, or empty where others decide."""
    found = work.labels(desk().cases, actor_of(request))
    response = StreamingHttpResponse(casework.labels_csv(found), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="labels.csv"'
    return response


@router.get("/questions", summary="Questions that wait for your organisation's answer")
def get_questions(request: HttpRequest) -> HttpResponse:
    """For filers: the question and which of their documents it is about; answer with POST …/answer."""
    found = work.asked_of(desk().cases, actor_of(request))
    return problems.respond({"questions": [casework.question_data(each) for each in found]})


@router.post("/next", summary="Take the next case that is free")
def post_next(request: HttpRequest) -> HttpResponse:
    """`queue` and `team` narrow it; two who ask at once never get the same one."""
    given = _body(request)
    found = work.take_next(
        desk().cases, actor_of(request), queue=str(given.get("queue", "")), team=str(given.get("team", ""))
    )
    return problems.respond(casework.row_data(found, problems.lang()))


@router.post("/bulk", summary="Do the same to many cases")
def post_bulk(request: HttpRequest) -> HttpResponse:
    """`cases`, `command` (assign, note, diary, close) and its fields; the token takes it back for ten minutes."""
    given = _body(request)
    numbers = given.get("cases")
    if not isinstance(numbers, list):
        raise InvalidInput("cases is a list of cases", code="case_field", field="cases", expected="[C-7, …]")
    command = casework.command_of(str(given.get("command", "")), given)
    done = work.bulk(desk().cases, actor_of(request), [casework.number_of(str(each)) for each in numbers], command)
    return problems.respond(casework.bulk_data(done, problems.lang()))


@router.post("/undo", summary="Take back what was done in bulk")
def post_undo(request: HttpRequest) -> HttpResponse:
    """`token`; cases that somebody touched since are left."""
    done = work.take_back(desk().cases, actor_of(request), str(_body(request).get("token", "")))
    return problems.respond(casework.bulk_data(done, problems.lang()))


@router.get("/{case}", summary="One case with its timeline")
def get_case(request: HttpRequest, case: str) -> HttpResponse:
    """Why it is there, findings, questions, files, events."""
    found = desk().case(actor_of(request), casework.number_of(case))
    events = desk().cases.cases.events(found.number)
    lang = problems.lang()
    return problems.respond(
        {**casework.case_data(found, lang), "events": [casework.event_data(each, lang) for each in events]}
    )


@router.post("/{case}/files", summary="Put a file to a case")
def post_file(request: HttpRequest, case: str, name: str) -> HttpResponse:
    """The body is the file, Content-Type its type, `name` its name."""
    actor, number = actor_of(request), casework.number_of(case)
    desk().case(actor, number)
    kept = desk().case_files.keep(BytesIO(request.body), max_bytes=FILE_BYTES)
    command = do.Attach(name, kept.sha256, kept.size, (request.content_type or "").lower())
    return _done(actor, number, command, {})


@router.get("/{case}/files/{sha256}", summary="A file of a case")
def get_file(request: HttpRequest, case: str, sha256: str) -> HttpResponse:
    """As it was put there."""
    return file_response(actor_of(request), casework.number_of(case), sha256)


@router.post("/{case}/{command}", summary="Do something to a case", openapi_extra=DONE)
def post_command(request: HttpRequest, case: str, command: str) -> HttpResponse:
    """One of: take, unlock, assign, note, ask, withdraw, diary, propose, countersign, decline, close, reopen.

    A filer sends acknowledge or answer.
    """
    given = _body(request)
    return _done(actor_of(request), casework.number_of(case), casework.command_of(command, given), given)


def file_response(actor: Actor, number: int, sha256: str) -> HttpResponse:
    """A file of a case, for who may see the case.

    Raises:
        NotFound: No such file there.
    """
    found = next((each for each in desk().case(actor, number).attachments if each.sha256 == sha256), None)
    if found is None:
        raise NotFound(f"C-{number} has no such file", code="not_found")
    response = HttpResponse((desk().case_files.path / found.sha256).read_bytes(), content_type=found.media_type)
    # Always saved, never shown: a file from outside is nothing to open beside the console.
    response.headers["Content-Disposition"] = f'attachment; filename="{found.sha256[:12]}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _done(actor: Actor, number: int, command: do.Command, given: dict[str, Any]) -> HttpResponse:
    revision = given.get("revision")
    if revision is not None and not isinstance(revision, int):
        raise InvalidInput("revision is a whole number", code="case_field", field="revision", expected="3")
    found = work.act(desk().cases, actor, number, command, key=str(given.get("key", ""))[:120], revision=revision)
    if not actor.sees_all:
        return problems.respond({"case": found.id, "state": found.state.value})
    return problems.respond(casework.row_data(found, problems.lang()))


def _body(request: HttpRequest) -> dict[str, Any]:
    given = matching.body_of(request.body) if request.body else {}
    if not isinstance(given, dict):
        raise InvalidInput("the body is a JSON object", code="case_field", field="body", expected="{…}")
    return given


def _state(given: str) -> str:
    if given and given not in tuple(State):
        expected = ", ".join(State)
        text = f"no state {given[:40]!r}; there are {expected}"
        raise InvalidInput(text, code="case_field", field="state", expected=expected)
    return given
