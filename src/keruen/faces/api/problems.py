"""Failures as RFC 9457 problem details, and the one table from a failure's kind to an HTTP status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from django.http import HttpResponse
from django.utils.translation import get_language

from keruen.errors import (
    Conflict,
    Forbidden,
    IntegrityFailure,
    InvalidInput,
    KeruenError,
    NotFound,
    Unavailable,
)
from keruen.faces import words
from keruen.texts import LANGUAGES, text
from keruen.workflow.access import findings_seen

if TYPE_CHECKING:
    from keruen.documents.problems import RowProblem
    from keruen.model.actor import Actor
    from keruen.model.document import Document
    from keruen.model.finding import Finding
    from keruen.model.outcome import Outcome, Problem

STATUS: Final[dict[type[KeruenError], int]] = {
    InvalidInput: 422,
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Unavailable: 503,
    IntegrityFailure: 500,
}
OF_KIND: Final = {kind.default_code: status for kind, status in STATUS.items()}
"""The same by the name an outcome's problem has."""
ABOUT: Final = "urn:keruen:problem:"
RETRY_AFTER_S: Final = 1


def lang() -> str:
    """The language asked for by Accept-Language, or the session's."""
    found = (get_language() or "en")[:2]
    return found if found in LANGUAGES else "en"


def status_of(error: KeruenError) -> int:
    """The HTTP status of a failure."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def respond(data: Any, status: int = 200) -> HttpResponse:  # noqa: ANN401 - whatever JSON holds
    """Answer with JSON."""
    return HttpResponse(orjson.dumps(data), content_type="application/json", status=status)


def problem_response(body: dict[str, Any], status: int) -> HttpResponse:
    """Answer with problem details."""
    response = HttpResponse(
        orjson.dumps({"status": status, **body}),
        status=status,
        content_type="application/problem+json",
        headers={"Content-Language": lang()},
    )
    if status == OF_KIND["unavailable"]:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def of_error(error: KeruenError) -> HttpResponse:
    """A failure as an answer."""
    detail = words.problem_text(error, lang())
    kind = next((kind.default_code for kind in STATUS if isinstance(error, kind)), "error")
    params = {name: str(value) for name, value in error.params.items()}
    return problem_response(
        {
            "type": ABOUT + error.code,
            "title": text(f"problem.{kind}", lang()),
            "detail": detail,
            "code": error.code,
            "pointer": "",
            "text": detail,
            "params": params,
        },
        status_of(error),
    )


def of_code(code: str, status: int, **params: object) -> HttpResponse:
    """A failure of the call itself, by a code of the catalogue."""
    detail = text(f"problem.{code}", lang(), **params)
    return problem_response(
        {
            "type": ABOUT + code,
            "title": detail,
            "detail": detail,
            "code": code,
            "pointer": "",
            "text": detail,
            "params": {name: str(value) for name, value in params.items()},
        },
        status,
    )


def problem_data(problem: Problem, document: Document | None) -> dict[str, Any]:
    """A rejection as data."""
    detail = words.problem_text(problem, lang())
    # The workflow names a line by its number; a pointer counts the lines of the record.
    path = problem.path.replace("lines/", "line/", 1) if problem.path.startswith("lines/") else problem.path
    return {
        "type": ABOUT + problem.code,
        "title": text(f"problem.{problem.kind}", lang()),
        "detail": detail,
        "kind": problem.kind,
        "code": problem.code,
        "pointer": words.pointer(path, document),
        "text": detail,
        "params": dict(problem.params),
    }


def rows_data(problems: tuple[RowProblem, ...]) -> dict[str, Any]:
    """Everything wrong with a record, each with its place."""
    title = text("problem.row_invalid", lang(), count=len(problems))
    return {
        "type": ABOUT + "row_invalid",
        "title": title,
        "detail": title,
        "kind": "invalid_input",
        "code": "row_invalid",
        "pointer": words.pointer(problems[0].field),
        "text": title,
        "params": {"count": str(len(problems))},
        "problems": [
            {
                "code": each.code,
                "pointer": words.pointer(each.field),
                "found": each.found,
                "expected": each.expected,
                "text": words.row_problem_text(each, lang()),
                "params": dict(each.params),
            }
            for each in problems
        ],
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding as data."""
    return {
        "code": finding.code,
        "severity": finding.severity.name.lower(),
        "path": finding.path,
        "params": dict(finding.params),
        "source": finding.source,
        "text": words.finding_text(finding, lang()),
    }


def outcome_data(outcome: Outcome, document: Document | None, actor: Actor) -> dict[str, Any]:
    """An outcome as data, as far as the actor may see it."""
    data: dict[str, Any] = {
        "key": outcome.key,
        "document": outcome.document_id,
        "verdict": outcome.verdict.value,
        "state": outcome.state,
        "channel": outcome.channel,
        "findings": [finding_data(each) for each in findings_seen(actor, outcome.findings)],
    }
    if outcome.problem is not None:
        data["problem"] = problem_data(outcome.problem, document)
    return data
