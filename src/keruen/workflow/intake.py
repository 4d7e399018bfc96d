"""Take in a file: keep its bytes, read its records, submit them in batches, tell every problem.

Bounded memory whatever the file's length: records are read, parsed and submitted a batch at a
time, and one batch is read and parsed while the books are busy with the one before it. `good-rows`
commits batch by batch, so a file cut off half-way has given what it could and can be handed in
again, because what was accepted answers as the first time. `all-or-nothing` is one transaction
that is taken back after the first rejection, with all problems told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

from keruen.documents.parsing import Parsed, Parser
from keruen.documents.problems import RowProblem
from keruen.errors import Forbidden, KeruenError
from keruen.formats.records import RawRecord
from keruen.model.actor import Actor, Role
from keruen.model.document import Action, Command, Filing
from keruen.model.outcome import Outcome, Problem, Verdict
from keruen.workflow.submit import Office, submit, submit_in
from keruen.workflow.sweep import sweep

KEPT_PROBLEMS = 10_000
"""Problems kept with their text; beyond it they are counted."""


class Accept(StrEnum):
    """What becomes of the good rows of a file that has bad ones."""

    GOOD_ROWS = "good-rows"
    ALL_OR_NOTHING = "all-or-nothing"


@dataclass(slots=True)
class Report:
    """What became of a file."""

    accepted: int = 0
    repeated: int = 0
    rejected: int = 0
    written: bool = True
    """False after a dry run, or where all was taken back."""
    problem_count: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    channels: dict[str, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """Records answered."""
        return self.accepted + self.repeated + self.rejected

    def add(self, problem: RowProblem) -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is taken in."""

    accept: Accept = Accept.GOOD_ROWS
    dry_run: bool = False
    batch_size: int = 1000
    history: bool = False
    """A history is loaded: `filed_at` is believed, and the clock's transitions fall due on the way."""
    on_outcome: Callable[[Command, Outcome], None] | None = None
    on_progress: Callable[[int], None] | None = None
    """Told how many records were answered, after each batch."""


class _TakeBack(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records read and parsed, and not yet submitted."""

    commands: list[Command] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """Where each command stands in the file."""
    problems: list[RowProblem] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    """Rows of records that are no commands: each has its problems."""


def take_in(office: Office, raw: Iterable[RawRecord | RowProblem], actor: Actor, options: Options) -> Report:
    """Submit the records of a file.

    Args:
        office: The books.
        raw: Records and problems as `formats.read` gives them.
        actor: Who hands the file in. A gateway may name other filers in the records' envelope.
        options: How.

    Returns:
        Counts and problems, each with the row it stands in.

    Raises:
        Unavailable: The books cannot be reached; what was committed before stays, and the file
            can be handed in again.
    """
    report = Report()
    batches = _read_ahead(_batches(office, raw, actor, options))
    if options.accept == Accept.GOOD_ROWS and not options.dry_run:
        for batch in batches:
            if options.history:
                _let_fall_due(office, batch.commands, options)
            _note(report, options, batch, submit(office, batch.commands) if batch.commands else [])
        return report
    try:
        with office.store.transaction() as transaction:
            for batch in batches:
                _note(report, options, batch, submit_in(office, transaction, batch.commands))
            _keep_or_take_back(report, options)
    except _TakeBack:
        report.written = False
    return report


def _keep_or_take_back(report: Report, options: Options) -> None:
    if options.dry_run or report.rejected:
        raise _TakeBack


def command_of(parsed: Parsed, actor: Actor, *, history: bool) -> Command:
    """A record with who hands it in, as a command.

    Args:
        parsed: The record.
        actor: Who hands in.
        history: Whether the envelope's `filed_at` and any role in it are believed.

    Raises:
        Forbidden: The envelope names a filer that this actor may not speak for.
    """
    envelope = parsed.envelope
    author = _author(envelope, actor, history=history)
    filed_at: datetime | None = envelope.get("filed_at") if history else None
    group = envelope.get("group", "")
    action = parsed.action
    if action is not None:
        return Action(
            action.id,
            action.document_id,
            action.transition,
            author,
            parsed.content_sha256,
            action.reason,
            action.quantities,
            filed_at,
            group,
            action.occurred_at,
        )
    document = parsed.document
    assert document is not None
    draft = envelope.get("draft") == "yes"
    return Filing(document, author, parsed.content_sha256, parsed.canonical, draft, filed_at, group)


def _author(envelope: dict[str, str] | object, actor: Actor, *, history: bool) -> Actor:
    assert hasattr(envelope, "get")
    organisation, user = envelope.get("filer_id"), envelope.get("filer_user")
    named = envelope.get("filer_role")
    if not organisation and not user and not named:
        return actor
    role = Role(named) if named else (Role.FILER if organisation else actor.role)
    if actor.role == Role.GATEWAY and (history or role in {Role.FILER, Role.GATEWAY}):
        organisation = organisation or actor.organisation
        return Actor(user or f"{role.value}:{organisation}", organisation, role)
    if organisation in {None, "", actor.organisation} and role == actor.role and user in {None, "", actor.user}:
        return actor
    raise Forbidden(
        f"{actor.user} of {actor.organisation} files as {actor.role.value} for itself; the record names "
        f"{role.value} {organisation}: leave filer_id, filer_user and filer_role out",
        code="envelope",
        user=actor.user,
        organisation=str(organisation),
        found=role.value,
    )


def _read_ahead(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """The same batches, the next of them made in a thread while this one is with the books.

    The books' answers are waited for without holding the interpreter, so that reading costs next to no time of its
    own. What goes wrong in reading is raised when that batch is asked for, with all before it submitted.
    """
    with ThreadPoolExecutor(1, "intake-reads-ahead") as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _batches(office: Office, raw: Iterable[RawRecord | RowProblem], actor: Actor, options: Options) -> Iterator[_Batch]:
    parser = Parser(office.profile)
    for chunk in _chunks(raw, options.batch_size):
        batch = _Batch()
        for record in chunk:
            if isinstance(record, RowProblem):
                batch.unread.append(record.row)
                batch.problems.append(record)
                continue
            parsed = parser.parse(record.fields, row=record.row, line_rows=record.line_rows)
            if not isinstance(parsed, Parsed):
                batch.unread.append(record.row)
                batch.problems.extend(parsed.problems)
                continue
            try:
                batch.commands.append(command_of(parsed, actor, history=options.history))
            except KeruenError as error:
                batch.unread.append(record.row)
                problem = Problem("forbidden", error.code, error.text, "filer_id", {})
                batch.problems.append(row_problem_of(record.row, problem))
                continue
            batch.rows.append(record.row)
        yield batch


def _chunks(raw: Iterable[RawRecord | RowProblem], size: int) -> Iterator[list[RawRecord | RowProblem]]:
    """Chunks of a size, longer where a linked group would be cut in two: it stands or falls together."""
    source = iter(raw)
    chunk = list(islice(source, size))
    while chunk:
        group = _group_of(chunk[-1])
        following: list[RawRecord | RowProblem] = []
        for record in source if group else ():
            if _group_of(record) != group:
                following = [record]
                break
            chunk.append(record)
        yield chunk
        chunk = [*following, *islice(source, size - len(following))]


def _group_of(record: RawRecord | RowProblem) -> object:
    return record.fields.get("group") if isinstance(record, RawRecord) else None


def _let_fall_due(office: Office, commands: list[Command], options: Options) -> None:
    first = next((command.filed_at for command in commands if command.filed_at is not None), None)
    for action, outcome in sweep(office, first) if first is not None else ():
        if options.on_outcome is not None:
            options.on_outcome(action, outcome)


def _note(report: Report, options: Options, batch: _Batch, outcomes: list[Outcome]) -> None:
    report.rejected += len(batch.unread)
    for problem in batch.problems:
        report.add(problem)
    for command, row, outcome in zip(batch.commands, batch.rows, outcomes, strict=True):
        match outcome.verdict:
            case Verdict.ACCEPTED:
                report.accepted += 1
            case Verdict.REPEATED:
                report.repeated += 1
            case Verdict.REJECTED:
                report.rejected += 1
                assert outcome.problem is not None
                report.add(row_problem_of(row, outcome.problem))
        if outcome.channel:
            report.channels[outcome.channel] = report.channels.get(outcome.channel, 0) + 1
        if options.on_outcome is not None:
            options.on_outcome(command, outcome)
    if options.on_progress is not None:
        options.on_progress(report.records)


def row_problem_of(row: int, problem: Problem) -> RowProblem:
    """A rejection as a problem of the row it came from."""
    return RowProblem(
        row=row,
        field=problem.path,
        code=problem.code,
        found=problem.params.get("found", ""),
        expected=problem.params.get("expected", ""),
        how_to_mend=problem.text,
        params=dict(problem.params),
    )
