"""Handing in records over HTTP: read, parse, submit, and answer each in the order they came."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from keruen import formats
from keruen.documents.parsing import Parsed
from keruen.documents.problems import RowProblem, row_problem
from keruen.errors import Forbidden
from keruen.faces.api.problems import OF_KIND, outcome_data, problem_data, problem_response, respond, rows_data
from keruen.faces.desk import desk
from keruen.model.outcome import Problem, Verdict
from keruen.workflow.intake import command_of
from keruen.workflow.submit import submit

if TYPE_CHECKING:
    from django.http import HttpResponse

    from keruen.model.actor import Actor
    from keruen.model.document import Command, Document
    from keruen.model.outcome import Outcome

MOST = 1000
"""Records in one call; more go in as a file."""
CREATED, OK, MULTI = 201, 200, 200


class Read(NamedTuple):
    """One record of the call: a command, or the answer that it cannot be one."""

    command: Command | None
    document: Document | None
    refusal: dict[str, Any] | None


def hand_in(body: bytes, actor: Actor, *, dry_run: bool) -> HttpResponse:
    """Take in one record, or several as `{"records": [...]}` or a list.

    Args:
        body: JSON as received.
        actor: Who hands in.
        dry_run: Decide and answer, write nothing.
    """
    records, alone = _records(body)
    read = [_read(each, actor) for each in records]
    commands = [each.command for each in read if each.command is not None]
    if dry_run:
        outcomes = submit(desk().office, commands, dry_run=True) if commands else []
    else:
        outcomes = desk().gatherer.submit_all(commands)
    answers = _answers(read, outcomes, actor)
    return _alone(read[0], outcomes, answers[0], dry_run=dry_run) if alone else _many(answers, dry_run=dry_run)


def _records(body: bytes) -> tuple[list[formats.RawRecord | RowProblem], bool]:
    """The records of a body, and whether it is one record by itself."""
    found = desk().settings
    limits = formats.Limits(
        max_bytes=found.max_upload_bytes,
        max_rows=found.max_rows,
        max_row_bytes=found.max_row_bytes,
        max_depth=found.max_json_depth,
    )
    records = []
    for each in formats.read(BytesIO(body), formats.Format.JSON, limits, profile=desk().profile):
        records.append(each)
        if len(records) > MOST:
            return [row_problem(0, "records", "too_many_rows", max=MOST)], True
    if not records:
        return [row_problem(0, "", "file_empty")], True
    alone = (
        len(records) == 1
        and body.lstrip()[:1] == b"{"
        and isinstance(records[0], formats.RawRecord)
        and not _is_wrapped(body)
    )
    return records, alone or (len(records) == 1 and isinstance(records[0], RowProblem))


def _is_wrapped(body: bytes) -> bool:
    """Whether the object is a list of records in a wrapping; its first name tells, or that it has no kind."""
    return body.lstrip()[1:].lstrip().startswith(b'"records"') or b'"kind"' not in body.split(b"[", 1)[0]


def _read(record: formats.RawRecord | RowProblem, actor: Actor) -> Read:
    if isinstance(record, RowProblem):
        return Read(None, None, rows_data((record,)))
    parsed = desk().parser.parse(record.fields)
    if not isinstance(parsed, Parsed):
        return Read(None, None, rows_data(parsed.problems))
    try:
        return Read(command_of(parsed, actor, history=False), parsed.document, None)
    except Forbidden as error:
        params = {name: str(value) for name, value in error.params.items()}
        problem = Problem("forbidden", error.code, error.text, "header/filer_id", params)
        return Read(None, None, problem_data(problem, None))


def _answers(read: list[Read], outcomes: list[Outcome], actor: Actor) -> list[dict[str, Any]]:
    rest = iter(outcomes)
    return [
        outcome_data(next(rest), each.document, actor)
        if each.command is not None
        else {"key": "", "document": "", "verdict": Verdict.REJECTED.value, "problem": each.refusal}
        for each in read
    ]


def _alone(read: Read, outcomes: list[Outcome], answer: dict[str, Any], *, dry_run: bool) -> HttpResponse:
    if read.refusal is not None:
        return problem_response(read.refusal, OF_KIND[read.refusal["kind"]])
    outcome = outcomes[0]
    if outcome.problem is not None:
        return problem_response(
            {**answer["problem"], "key": outcome.key, "document": outcome.document_id}, OF_KIND[outcome.problem.kind]
        )
    created = outcome.verdict == Verdict.ACCEPTED and not dry_run
    return respond({**answer, "dry_run": dry_run}, CREATED if created else OK)


def _many(answers: list[dict[str, Any]], *, dry_run: bool) -> HttpResponse:
    counts = {verdict.value: sum(1 for each in answers if each["verdict"] == verdict) for verdict in Verdict}
    return respond({**counts, "dry_run": dry_run, "outcomes": answers}, MULTI)
