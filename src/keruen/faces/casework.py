"""Cases for the faces: commands from what people send, and cases in the reader's words."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from keruen.cases import commands as do
from keruen.cases.case import Case, CaseEvent, Joined, Question, Result, Routing
from keruen.cases.outcomes import COLUMNS, Label, Yield, row
from keruen.cases.record import as_data
from keruen.errors import InvalidInput
from keruen.faces import words
from keruen.model.finding import Finding
from keruen.texts import known, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keruen.workflow.cases import AskedOf, BulkDone

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "take": (),
    "unlock": (),
    "assign": ("user",),
    "note": ("text",),
    "ask": ("to", "text"),
    "acknowledge": (),
    "answer": ("text",),
    "withdraw": ("reason",),
    "diary": ("on", "reason"),
    "propose": ("result", "reason"),
    "countersign": (),
    "decline": ("reason",),
    "close": ("result", "reason"),
    "reopen": ("reason",),
}
"""What each command asks for; a file comes by itself."""
_TYPES: Final = {
    each.__name__.lower(): each
    for each in (
        do.Take,
        do.Unlock,
        do.Assign,
        do.Note,
        do.Ask,
        do.Acknowledge,
        do.Answer,
        do.Withdraw,
        do.Diary,
        do.Propose,
        do.Countersign,
        do.Decline,
        do.Close,
        do.Reopen,
    )
}


def command_of(name: str, given: Mapping[str, Any]) -> do.Command:
    """A command from its name and fields as text.

    Raises:
        InvalidInput: No such command, or a field that is missing or cannot be read.
    """
    kind = _TYPES.get(name)
    if kind is None:
        raise InvalidInput(
            f"{name[:40]!r} is nothing one does to a case; possible are {', '.join(FIELDS)}",
            code="case_command",
            found=name[:40],
            expected=", ".join(FIELDS),
        )
    return kind(*(_field(each, given.get(each, "")) for each in FIELDS[name]))


def number_of(given: str) -> int:
    """The number of a case from `C-7` or `7`.

    Raises:
        InvalidInput: It is none.
    """
    found = given.strip().upper().removeprefix("C-")
    if not (found.isascii() and found.isdecimal() and len(found) < 18):  # noqa: PLR2004 - a number of the database
        raise InvalidInput(
            f"{given[:40]!r} is no case; they are called C-7", code="case_field", field="case", expected="C-7"
        )
    return int(found)


def _field(name: str, given: Any) -> Any:  # noqa: ANN401 - whatever was sent
    expected, found = "text", given
    if isinstance(given, str):
        found = given.strip()
        if name == "on":
            expected = "2026-03-31"
            try:
                return date.fromisoformat(found)
            except ValueError:
                found = None
        elif name == "result":
            expected = ", ".join(Result)
            if found in tuple(Result):
                return Result(found)
            found = None
        else:
            return found
    raise InvalidInput(f"{name}: expected {expected}, got {given!r}", code="case_field", field=name, expected=expected)


# -- in words --------------------------------------------------------------------------------


def why_text(routing: Routing, lang: str) -> str:
    """Why a case is on its queue."""
    code = f"case.why.{routing.rule}"
    return text(code if known(code) else "case.why.other", lang, **routing.params)


def named(prefix: str, name: str, lang: str) -> str:
    """A queue or team by its name; those of your own table as they are."""
    code = f"{prefix}.{name}"
    return text(code, lang) if known(code) else name


def finding_of(joined: Joined) -> Finding:
    """What joined, as the finding it was."""
    return Finding(joined.code, joined.severity, joined.path, joined.params, joined.source)


def event_text(event: CaseEvent, lang: str) -> str:
    """What is to be read of an event beside its name."""
    data = dict(event.data)
    parts = []
    if "finding" in data:
        parts += [data["document"], text(f"severity.{data['severity']}", lang)]
    if "result" in data:
        parts.append(text(f"case.result.{data['result']}", lang))
    parts += [data[name] for name in ("user", "to", "on", "name") if data.get(name)]
    parts += [data[name] for name in ("text", "reason") if data.get(name)]
    return " — ".join(parts)


# -- as data ---------------------------------------------------------------------------------


def case_data(case: Case, lang: str) -> dict[str, Any]:
    """A case as data, with its sentences."""
    data = as_data(case)
    data["id"] = case.id
    data["why"] = why_text(case.routing, lang)
    for each, joined in zip(data["joined"], case.joined, strict=True):
        each["severity"] = joined.severity.name.lower()
        each["text"] = words.finding_text(finding_of(joined), lang)
    data["gravest"] = case.gravest.name.lower()
    return data


def row_data(case: Case, lang: str) -> dict[str, Any]:
    """A case as a row of a list."""
    return {
        "id": case.id,
        "subject": {**case.subject._asdict(), "kind": case.subject.kind.value},
        "queue": case.routing.queue,
        "team": case.routing.team,
        "priority": case.routing.priority,
        "state": case.state.value,
        "why": why_text(case.routing, lang),
        "findings": case.joined_count,
        "gravest": case.gravest.name.lower(),
        "assignee": case.assignee,
        "held_by": case.lock.holder if case.lock else "",
        "opened_at": case.opened_at.isoformat(),
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "revision": case.revision,
    }


def event_data(event: CaseEvent, lang: str) -> dict[str, Any]:
    """An event as data."""
    return {
        **event._asdict(),
        "at": event.at.isoformat(),
        "data": dict(event.data),
        "voided": event.voided,
        "text": text(f"case.event.{event.name}", lang),
    }


def question_data(found: AskedOf) -> dict[str, Any]:
    """A question as its filer gets it."""
    question: Question = found.question
    return {
        "case": f"C-{found.number}",
        "question": question.number,
        "text": question.text,
        "asked_at": question.asked_at.isoformat(),
        "due_at": question.due_at.isoformat(),
        "acknowledged_at": question.acknowledged_at.isoformat() if question.acknowledged_at else None,
        "documents": list(found.documents),
    }


def bulk_data(done: BulkDone, lang: str) -> dict[str, Any]:
    """What became of a bulk."""
    return {
        "token": done.token,
        "done": [f"C-{each}" for each in done.done],
        "refused": [
            {"case": f"C-{each.number}", "code": each.error.code, "text": words.problem_text(each.error, lang)}
            for each in done.refused
        ],
    }


def yield_data(found: Yield) -> dict[str, Any]:
    """How often findings of a code were right."""
    precision = found.precision
    return {**found._asdict(), "precision": None if precision is None else round(precision, 4)}


def labels_csv(labels: Iterable[Label]) -> Iterator[str]:
    """Labels as CSV, line by line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in labels:
        writer.writerow(row(each))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue()
