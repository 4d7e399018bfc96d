"""Commands on cases: what waits, take and work on it, ask and answer, decide by two, and what came of it all."""

from __future__ import annotations

import mimetypes
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from keruen import compose
from keruen.cases import commands as do
from keruen.cases.case import Case, Result
from keruen.cases.steps import FILE_BYTES
from keruen.errors import NotFound
from keruen.faces import casework, words
from keruen.faces.cli.app import app, chosen_settings, err, open_office, out, print_json
from keruen.model.actor import SYSTEM, Actor
from keruen.store.vault import Vault
from keruen.texts import text
from keruen.workflow import cases as work
from keruen.workflow.ports import CaseQuery

if TYPE_CHECKING:
    from keruen.workflow.cases import BulkDone, CaseOffice

cases_app = typer.Typer(no_args_is_help=True, help="Cases: findings on one party, route or scheme, looked at together.")
app.add_typer(cases_app, name="cases")

Who = Annotated[str, typer.Option("--as", metavar="USER", help="The user who does it; see `keruen user`.")]
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="Such as C-7.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Lang = Annotated[str, typer.Option(help="kk, ru or en.")]
Why = Annotated[str, typer.Option(help="Why.")]


def _office() -> CaseOffice:
    return compose.case_office(chosen_settings(), open_office())


def _actor(name: str) -> Actor:
    from keruen.store.models import User

    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise NotFound(f"no user {name}; `keruen user` makes one", code="unknown_user", user=name)
    return found.actor()


def _do(case: str, who: str, command: do.Command, *, json: bool) -> None:
    office = _office()
    done = work.act(office, _actor(who), casework.number_of(case), command)
    _say(done, json=json)


def _say(case: Case, *, json: bool, lang: str = "en") -> None:
    if json:
        print_json(casework.row_data(case, lang))
        return
    due = f", due {case.due_at:%Y-%m-%d}" if case.due_at else ""
    out.print(f"{case.id}: {text(f'case.state.{case.state}', lang)}{due}", highlight=False)


@cases_app.command()
def follow(json: AsJson = False) -> None:
    """Open or join cases for what was found since the last time; `keruen serve` does it every few seconds."""
    found = work.follow(_office())
    if json:
        print_json(found._asdict())
    else:
        out.print(f"{found.decisions} decisions looked at: {found.opened} cases opened, {found.joined} findings joined")


@cases_app.command("list")
def list_(
    queue: Annotated[str, typer.Option(help="Only of this queue.")] = "",
    team: Annotated[str, typer.Option(help="Only of this team.")] = "",
    state: Annotated[str, typer.Option(help="Only in this state; unset, all that are not closed.")] = "",
    user: Annotated[str, typer.Option(help="Only assigned to or held by this user.")] = "",
    subject: Annotated[str, typer.Option(help="Only about this party, route or scheme.")] = "",
    late: Annotated[bool, typer.Option("--late", help="Only late ones.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    lang: Lang = "en",
    json: AsJson = False,
) -> None:
    """Cases, the gravest and most urgent first."""
    office = _office()
    query = CaseQuery(queue, team, state, user, subject, office.now() if late else None, limit=limit)
    page = office.cases.page(query)
    if json:
        print_json({"total": page.total, "cases": [casework.row_data(each, lang) for each in page.rows]})
        return
    table = Table("case", "about", "queue", "state", "whose", "due", "why")
    for each in page.rows:
        table.add_row(
            each.id,
            each.subject.name or each.subject.key,
            each.routing.queue,
            text(f"case.state.{each.state}", lang),
            (each.lock.holder if each.lock else "") or each.assignee,
            f"{each.due_at:%Y-%m-%d}" if each.due_at else "",
            casework.why_text(each.routing, lang),
        )
    out.print(table)
    if page.total > len(page.rows):
        out.print(f"{len(page.rows)} of {page.total} shown")


@cases_app.command()
def show(case: CaseId, lang: Lang = "en", json: AsJson = False) -> None:
    """One case whole: why it is there, its findings, questions, files and timeline."""
    office, number = _office(), casework.number_of(case)
    found = work.read(office, SYSTEM, number)
    events = office.cases.events(number)
    if json:
        print_json({**casework.case_data(found, lang), "events": [casework.event_data(each, lang) for each in events]})
        return
    _say(found, json=False, lang=lang)
    out.print(f"{found.subject.key} {found.subject.name}", highlight=False)
    out.print(f"{found.routing.queue}: {casework.why_text(found.routing, lang)}", highlight=False)
    for joined in found.joined:
        sentence = words.finding_text(casework.finding_of(joined), lang)
        out.print(f"  {joined.document_id} {joined.code} ({joined.severity.name.lower()}): {sentence}", highlight=False)
    for event in events:
        what = f"{text(f'case.event.{event.name}', lang)}  {casework.event_text(event, lang)}".rstrip()
        voided = f" [{text('ui.cases.voided', lang)}]" if event.voided else ""
        out.print(f"  {event.at:%Y-%m-%d %H:%M} {event.user}: {what}{voided}", highlight=False, markup=False)


@cases_app.command()
def take(
    who: Who,
    case: Annotated[str, typer.Argument(metavar="[CASE]", help="Unset, the next one that is free.")] = "",
    queue: Annotated[str, typer.Option(help="The next of this queue.")] = "",
    team: Annotated[str, typer.Option(help="The next of this team.")] = "",
    json: AsJson = False,
) -> None:
    """Take a case, or the next; nobody else gets it until it is given back or left for four hours."""
    if case:
        _do(case, who, do.Take(), json=json)
    else:
        _say(work.take_next(_office(), _actor(who), queue=queue, team=team), json=json)


@cases_app.command()
def unlock(case: CaseId, who: Who, json: AsJson = False) -> None:
    """Give a case back; a supervisor gives back another's."""
    _do(case, who, do.Unlock(), json=json)


@cases_app.command()
def assign(
    case: CaseId,
    who: Who,
    to: Annotated[str, typer.Option(help="To whom; unset, to nobody.")] = "",
    json: AsJson = False,
) -> None:
    """Say whose a case is."""
    _do(case, who, do.Assign(to), json=json)


@cases_app.command()
def note(
    case: CaseId,
    note: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be remembered.")],
    who: Who,
    json: AsJson = False,
) -> None:
    """Write something down."""
    _do(case, who, do.Note(note), json=json)


@cases_app.command()
def attach(
    case: CaseId,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PDF, image, table or text, to 20 MiB.")],
    who: Who,
    json: AsJson = False,
) -> None:
    """Put a file to a case; its bytes are kept under their hash."""
    data = file.read_bytes()
    kept = Vault(chosen_settings().home / "cases").keep(BytesIO(data), max_bytes=FILE_BYTES)
    kind = mimetypes.guess_type(file.name)[0] or ""
    _do(case, who, do.Attach(file.name, kept.sha256, kept.size, kind), json=json)


@cases_app.command()
def ask(
    case: CaseId,
    question: Annotated[str, typer.Argument(metavar="TEXT", help="What the filer is asked.")],
    who: Who,
    to: Annotated[str, typer.Option(help="The organisation asked: one with a part in the case.")],
    json: AsJson = False,
) -> None:
    """Ask a filer; the clock stands still until he answers."""
    _do(case, who, do.Ask(to, question), json=json)


@cases_app.command()
def acknowledge(case: CaseId, who: Who, json: AsJson = False) -> None:
    """Say as the filer that the question was seen; it still waits for its answer."""
    _do(case, who, do.Acknowledge(), json=json)


@cases_app.command()
def answer(
    case: CaseId,
    answer: Annotated[str, typer.Argument(metavar="TEXT", help="What the filer says.")],
    who: Who,
    json: AsJson = False,
) -> None:
    """Answer as the filer; the clock goes on."""
    _do(case, who, do.Answer(answer), json=json)


@cases_app.command()
def withdraw(case: CaseId, who: Who, reason: Why, json: AsJson = False) -> None:
    """Take a question back; the clock goes on."""
    _do(case, who, do.Withdraw(reason), json=json)


@cases_app.command()
def diary(
    case: CaseId,
    who: Who,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it is looked at again.")],
    reason: Why,
    json: AsJson = False,
) -> None:
    """Put a case off until a day; its clock goes on."""
    _do(case, who, do.Diary(on.date(), reason), json=json)


@cases_app.command()
def propose(
    case: CaseId,
    who: Who,
    result: Annotated[Result, typer.Option(help="What it came to.")],
    reason: Why,
    json: AsJson = False,
) -> None:
    """Propose how a case ends; another officer countersigns."""
    _do(case, who, do.Propose(result, reason), json=json)


@cases_app.command()
def countersign(case: CaseId, who: Who, json: AsJson = False) -> None:
    """Agree with what another officer proposed; the case is closed with it."""
    _do(case, who, do.Countersign(), json=json)


@cases_app.command()
def decline(case: CaseId, who: Who, reason: Why, json: AsJson = False) -> None:
    """Do not agree; the case goes back to who proposed."""
    _do(case, who, do.Decline(reason), json=json)


@cases_app.command()
def close(
    case: CaseId,
    who: Who,
    result: Annotated[Result, typer.Option(help="no_finding or document_error; others need a second officer.")],
    reason: Why,
    json: AsJson = False,
) -> None:
    """Close a light case alone."""
    _do(case, who, do.Close(result, reason), json=json)


@cases_app.command()
def reopen(case: CaseId, who: Who, reason: Why, json: AsJson = False) -> None:
    """Look at a closed case again; its time begins anew."""
    _do(case, who, do.Reopen(reason), json=json)


@cases_app.command()
def bulk(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="assign, note, diary or close.")],
    cases: Annotated[list[str], typer.Argument(metavar="CASE…", help="Numbers of cases, such as C-12 or 12.")],
    who: Who,
    to: Annotated[str, typer.Option(help="For assign.")] = "",
    note: Annotated[str, typer.Option(help="For note: the text.")] = "",
    on: Annotated[str, typer.Option(help="For diary: the day, as 2026-03-31.")] = "",
    result: Annotated[str, typer.Option(help="For close.")] = "",
    reason: Why = "",
    json: AsJson = False,
) -> None:
    """Do the same to many cases; prints a token to take it back with for ten minutes. Exits with 4 if one refused."""
    command = casework.command_of(what, {"user": to, "text": note, "on": on, "result": result, "reason": reason})
    done = work.bulk(_office(), _actor(who), [casework.number_of(each) for each in cases], command)
    _say_bulk(done, json=json)


@cases_app.command()
def undo(
    token: Annotated[str, typer.Argument(help="As `keruen cases bulk` printed it.")], who: Who, json: AsJson = False
) -> None:
    """Take back what was done in bulk, in cases nobody touched since. Exits with 4 if one was."""
    _say_bulk(work.take_back(_office(), _actor(who), token), json=json)


def _say_bulk(done: BulkDone, *, json: bool) -> None:
    if json:
        print_json(casework.bulk_data(done, "en"))
    else:
        for each in done.refused:
            err.print(f"C-{each.number}: {each.error.text}", highlight=False)
        again = f"; to take it back: keruen cases undo {done.token}" if done.token else ""
        out.print(f"{len(done.done)} done, {len(done.refused)} left{again}", highlight=False)
    if done.refused:
        raise typer.Exit(4)


@cases_app.command()
def stats(json: AsJson = False) -> None:
    """How many cases are where, how many are late, and how often each kind of finding was right."""
    office = _office()
    counts = office.cases.counts(office.now())
    found = work.outcomes(office, SYSTEM)
    if json:
        print_json(
            {"queues": [each._asdict() for each in counts], "outcomes": [casework.yield_data(each) for each in found]}
        )
        return
    table = Table("queue", "state", "cases", "late")
    for count in counts:
        table.add_row(count.queue, count.state, str(count.cases), str(count.late))
    out.print(table)
    table = Table("finding", "closed cases", "offences", "mistakes", "nothing", "referred", "precision")
    for each in found:
        precision = f"{each.precision:.0%}" if each.precision is not None else ""
        table.add_row(*(str(value) for value in each), precision)
    out.print(table)


@cases_app.command()
def labels(
    output: Annotated[Path, typer.Option(help="Where the CSV goes.")],
) -> None:
    """Every finding of every closed case with what the case came to, as CSV to learn from."""
    count = -1
    with output.open("w", encoding="utf-8", newline="") as stream:
        for part in casework.labels_csv(work.labels(_office(), SYSTEM)):
            count += part.count("\r\n")
            stream.write(part)
    err.print(f"{max(count, 0)} labels written to {output}", highlight=False)
