"""Commands on the books: intake, trace, verify, sweep."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.table import Table

from keruen import formats
from keruen.errors import NotFound
from keruen.faces.cli.app import app, chosen_settings, err, open_office, out, print_json, progress
from keruen.faces.cli.trace_text import lines_of
from keruen.ledger.history import accounts_at
from keruen.model.actor import Actor, Role
from keruen.model.document import Command
from keruen.model.finding import Finding, Severity
from keruen.model.outcome import Outcome
from keruen.model.quantity import plain
from keruen.settings import Clock
from keruen.store.vault import Vault
from keruen.workflow.intake import Accept, Options, Report, take_in
from keruen.workflow.submit import Office
from keruen.workflow.sweep import sweep as sweep_due
from keruen.workflow.trace import as_data
from keruen.workflow.trace import trace as trace_books

SHOWN = 20


@app.command()
def intake(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX, JSON or NDJSON files.")],
    accept: Annotated[Accept, typer.Option(help="Keep the good rows, or take back the whole file.")] = Accept.GOOD_ROWS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and decide everything, write nothing.")] = False,
    kind: Annotated[str, typer.Option(help="Kind of records that do not name it.")] = "",
    user: Annotated[str, typer.Option(help="Who hands in.")] = "gateway",
    organisation: Annotated[str, typer.Option(help="For which organisation.")] = "gateway",
    role: Annotated[Role, typer.Option(help="In which role.")] = Role.GATEWAY,
    problems: Annotated[Path | None, typer.Option(help="Write all problems as CSV.")] = None,
    results: Annotated[Path | None, typer.Option(help="Write the outcome of every record as NDJSON.")] = None,
) -> None:
    """Take documents in from files. Exits with 4 where a row was rejected."""
    office = open_office()
    actor = Actor(user, organisation, role)
    rejected = 0
    for path in files:
        report = take_file(office, path, actor, accept=accept, dry_run=dry_run, kind=kind, results=results)
        rejected += report.rejected
        show_report(path.name, report)
        if problems is not None:
            with problems.open("wb") as stream:
                formats.write_problems_csv(report.problems, stream)
            err.print(f"{report.problem_count} problems written to {problems}")
    if rejected:
        raise typer.Exit(4)


def take_file(
    office: Office,
    path: Path,
    actor: Actor,
    *,
    accept: Accept,
    dry_run: bool,
    kind: str = "",
    results: Path | None = None,
) -> Report:
    """Keep a file's bytes, then take its records in."""
    found = chosen_settings()
    with path.open("rb") as stream:
        # From here on the file is ours, whatever happens to the reading of it.
        kept = Vault(found.home / "intake").keep(stream, max_bytes=max(found.max_upload_bytes, path.stat().st_size))
    limits = formats.Limits(
        max_bytes=kept.size + 1,
        max_rows=found.max_rows,
        max_row_bytes=found.max_row_bytes,
        max_depth=found.max_json_depth,
    )
    sink: BinaryIO | None = results.open("ab") if results is not None else None

    def note(_command: Command, outcome: Outcome) -> None:
        if sink is not None:
            sink.write(orjson.dumps(result_of(outcome), option=orjson.OPT_APPEND_NEWLINE))

    try:
        with kept.path.open("rb") as stream, progress() as bar:
            task = bar.add_task(path.name, total=None)
            form = formats.detect(path.name, stream.read(formats.HEAD_BYTES))
            stream.seek(0)
            return take_in(
                office,
                formats.read(stream, form, limits, profile=office.profile, kind=kind),
                actor,
                Options(
                    accept=accept,
                    dry_run=dry_run,
                    batch_size=found.batch_size,
                    history=found.clock == Clock.REPLAY,
                    on_outcome=note,
                    on_progress=lambda count: bar.update(task, completed=count),
                ),
            )
    finally:
        if sink is not None:
            sink.close()


def result_of(outcome: Outcome) -> dict[str, object]:
    """An outcome as one line of a results file, which `score-schemes` reads."""
    return {
        "document_id": outcome.document_id,
        "key": outcome.key,
        "verdict": outcome.verdict.value,
        "state": outcome.state,
        "channel": outcome.channel,
        "findings": [finding.code for finding in outcome.findings],
        "problem": outcome.problem.code if outcome.problem else "",
    }


def show_report(name: str, report: Report) -> None:
    """Print what became of a file."""
    kept = "" if report.written else " — nothing was written"
    out.print(
        f"{name}: {report.accepted} accepted, {report.repeated} repeated, {report.rejected} rejected{kept}",
        highlight=False,
    )
    if report.problems:
        table = Table("row", "field", "problem", "found", "how to mend", show_lines=False)
        for problem in report.problems[:SHOWN]:
            table.add_row(str(problem.row), problem.field, problem.code, problem.found, problem.how_to_mend)
        out.print(table)
        if report.problem_count > SHOWN:
            out.print(f"{SHOWN} of {report.problem_count} problems shown; --problems FILE writes them all")


@app.command()
def trace(
    what: Annotated[str, typer.Argument(help="A lot (DOCUMENT/LINE), a document, or a line of one (DOCUMENT#LINE).")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="Lots shown with all their moves.")] = 200,
) -> None:
    """Follow goods back to their entries and forward to their exits."""
    office = open_office()
    found = trace_books(office.store, what, lot_limit=limit)
    if json:
        print_json(as_data(found))
        return
    names = office.store.names(
        {holder for view in found.lots for move in view.moves for holder in (move.source, move.target)}
    )
    for line in lines_of(found, names):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


@app.command()
def balances(
    lot: Annotated[str, typer.Argument(help="A lot, DOCUMENT/LINE.")],
    true_at: Annotated[datetime | None, typer.Option(help="Count what had happened by then (UTC).")] = None,
    known_at: Annotated[datetime | None, typer.Option(help="Count what we had been told by then (UTC).")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show a lot's accounts, now or at any time: as true then and as known then."""
    office = open_office()
    if lot not in office.store.lots([lot]):
        raise NotFound(f"no lot {lot} in the books", code="unknown_lot", lot=lot)
    accounts = accounts_at(
        office.store.postings_of_lots([lot]),
        true_at=true_at.replace(tzinfo=UTC) if true_at else None,
        known_at=known_at.replace(tzinfo=UTC) if known_at else None,
    )
    rows = [(holder, status, plain(amount)) for (_, holder, status), amount in sorted(accounts.items()) if amount]
    if json:
        print_json([{"holder": holder, "status": status, "amount": amount} for holder, status, amount in rows])
        return
    table = Table("holder", "status", "amount")
    for row in rows:
        table.add_row(*row)
    out.print(table)


@app.command()
def verify(
    document: Annotated[str, typer.Argument(help="A document's id, or a file with one record to try.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what was found and decided on a document; a file is checked and nothing written."""
    office = open_office()
    path = Path(document)
    if path.suffix and path.is_file():
        _try_file(office, path)
        return
    stored = office.store.document(document)
    if stored is None:
        raise NotFound(
            f"no document {document} in the books, and no such file", code="unknown_document", document=document
        )
    decision = stored.decision
    late = stored.due_at is not None and stored.due_at < datetime.now(UTC)
    if json:
        print_json(
            {
                "document": stored.id,
                "kind": stored.kind,
                "state": stored.state,
                "channel": stored.channel,
                "due_at": stored.due_at,
                "late": late,
                "rules": decision.rules_version if decision else "",
                "editions": dict(decision.editions) if decision else {},
                "findings": [
                    {
                        "code": each.code,
                        "severity": Severity(each.severity).name.lower(),
                        "path": each.path,
                        "params": dict(each.params),
                        "source": each.source,
                    }
                    for each in (decision.findings if decision else ())
                ],
            }
        )
        return
    out.print(
        f"{stored.kind} {stored.id}: {stored.state}" + (f", channel {stored.channel}" if stored.channel else ""),
        highlight=False,
    )
    if stored.due_at is not None:
        out.print(f"answer due {stored.due_at:%Y-%m-%d %H:%M} UTC" + (", late" if late else ""), highlight=False)
    if decision is None:
        out.print("no decision was asked for")
        return
    _show_findings(decision.findings)
    out.print(
        f"decided {decision.decided_at:%Y-%m-%d %H:%M} UTC by {decision.author}; rules {decision.rules_version}; "
        + "; ".join(f"{name} {edition}" for name, edition in decision.editions.items()),
        highlight=False,
    )


def _try_file(office: Office, path: Path) -> None:
    report = take_file(
        office, path, Actor("gateway", "gateway", Role.GATEWAY), accept=Accept.ALL_OR_NOTHING, dry_run=True
    )
    show_report(path.name, report)
    if report.rejected:
        raise typer.Exit(4)


def _show_findings(findings: tuple[Finding, ...]) -> None:
    table = Table("severity", "finding", "where", "values", "source")
    for finding in findings:
        table.add_row(
            Severity(finding.severity).name.lower(),
            finding.code,
            finding.path,
            ", ".join(f"{name}={value}" for name, value in finding.params.items()),
            finding.source,
        )
    out.print(table)


@app.command()
def sweep() -> None:
    """Do what the clock does: lapse, ask after exits, mark expected arrivals overdue. Never releases goods."""
    office = open_office()
    done = sweep_due(office, datetime.now(UTC))
    out.print(f"{sum(outcome.problem is None for _, outcome in done)} documents moved on")
