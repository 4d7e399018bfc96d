"""`keruen demo`: a whole example country, made, filed, checked and served by one command."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from keruen import compose, formats
from keruen.documents.problems import RowProblem
from keruen.faces.cli import admin
from keruen.faces.cli.app import app, chosen_settings, err, open_journal, open_office, out, progress, use
from keruen.faces.cli.arrears import schemes_of, work_off
from keruen.faces.cli.simulation import read_truth, show_scores
from keruen.model.actor import Actor, Role
from keruen.model.document import Command
from keruen.model.outcome import Outcome
from keruen.settings import Clock, Settings
from keruen.simulate import score_schemes, simulate
from keruen.store import embedded
from keruen.workflow import replay
from keruen.workflow.cases import follow
from keruen.workflow.intake import Options, Report, take_in
from keruen.workflow.publish import publish
from keruen.workflow.submit import Office
from keruen.workflow.sweep import sweep

LINES = 60_000
LAST_DAYS = 7
"""Of the window: what they brought before an officer waits."""
DONE = "demo.json"
"""Written when everything is loaded: what the next run shows instead of loading again."""
ACCOUNTS = (
    ("officer", Role.OFFICER, "authority"),
    ("second-officer", Role.OFFICER, "authority"),
    ("supervisor", Role.SUPERVISOR, "authority"),
    ("auditor", Role.AUDITOR, "authority"),
)


@app.command()
def demo(
    lines: Annotated[int, typer.Option(min=100, help="Document lines of honest trade.")] = LINES,
    seed: Annotated[str, typer.Option(help="Another seed is another country.")] = "1",
    fresh: Annotated[bool, typer.Option("--fresh", help="Make everything anew.")] = False,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the console afterwards.")] = True,
) -> None:
    """Make a country, file a year of its trade, check every document, and serve the console."""
    started = time.monotonic()
    found = demo_settings()
    use(found)
    wanted = {"lines": lines, "seed": seed}
    before = _done(found.home)
    if fresh or before is None or before["wanted"] != wanted:
        _clear(found)
        before = _load(found, lines, seed)
        before["wanted"] = wanted
        before["seconds"] = round(time.monotonic() - started, 1)
        (found.home / DONE).write_text(json.dumps(before), encoding="utf-8")
    else:
        out.print("The example country is there from the last run; --fresh makes another.")
    _show(before)
    if serve:
        # Only the loading believed the records' times; from here on it is the machine's clock.
        live = found.model_copy(update={"clock": Clock.SYSTEM})
        use(live)
        admin.run_server(live)


def demo_settings() -> Settings:
    """Settings of the demonstration: a home of its own beside the real one, histories believed."""
    real = chosen_settings()
    return Settings(home=real.home / "demo", clock=Clock.REPLAY, host=real.host, port=real.port, language=real.language)


def window(today: date) -> tuple[str, str]:
    """First and last month of the year that ended with last month."""
    last = today.replace(day=1) - timedelta(days=1)
    # The day after the same month of last year ended is the first of the window.
    first = (last.replace(day=1, year=last.year - 1) + timedelta(days=31)).replace(day=1)
    return first.strftime("%Y-%m"), last.strftime("%Y-%m")


def _last_days(end: str) -> datetime:
    """When the last days of a window begin, whose papers wait for whoever signs in."""
    year, month = map(int, end.split("-"))
    after = (date(year, month, 1) + timedelta(days=31)).replace(day=1)
    return datetime.combine(after - timedelta(days=LAST_DAYS), datetime.min.time(), UTC)


def _done(home: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((home / DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _clear(found: Settings) -> None:
    """Take an earlier demonstration away; its database is stopped first."""
    if not found.home.exists():
        return
    embedded.stop(found)
    shutil.rmtree(found.home)


def _load(found: Settings, lines: int, seed: str) -> dict[str, Any]:
    folder = found.home / "country"
    start, end = window(datetime.now(UTC).date())
    with progress() as bar:
        task = bar.add_task("making the country", total=lines)
        made = simulate(
            seed,
            lines,
            ["all"],
            folder,
            lambda done, total: bar.update(task, completed=done, total=total),
            start=start,
            end=end,
        )
        task = bar.add_task("starting the database", total=1)
        office = open_office()
        # The invented list that some of the schemes deal with; a real one is loaded by its user.
        listed = folder / "listed_parties.csv"
        compose.watchlists(chosen_settings()).load([(listed.name, listed.read_bytes())], by="demonstration")
        bar.update(task, completed=1)
        task = bar.add_task("filing and checking", total=made.records)
        results: list[dict[str, Any]] = []
        began = time.monotonic()
        report = _file(office, folder, results, lambda done: bar.update(task, completed=done))
        took = time.monotonic() - began
        task = bar.add_task("letting deadlines pass", total=1)
        for action, outcome in sweep(office, datetime.now(UTC)):
            _note(results, action, outcome)
        bar.update(task, completed=1)
        task = bar.add_task("opening cases", total=1)
        case_office = compose.case_office(chosen_settings(), office)
        cases = follow(case_office)
        bar.update(task, completed=1)
        truth = read_truth(folder / "truth.json")
        task = bar.add_task("working off what was held", total=1)
        worked_off = work_off(
            office,
            case_office,
            schemes_of(truth),
            _last_days(end),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
        journal = open_journal()
        task = bar.add_task("publishing the journal", total=1)
        checkpoint = publish(office.store, journal)
        bar.update(task, completed=1)
        task = bar.add_task("replaying the journal", total=checkpoint.size)
        verified = replay.verify(
            checkpoint,
            journal.entries(checkpoint),
            office.store,
            on_progress=lambda done: bar.update(task, completed=done),
        )
    accounts = _make_accounts(office)
    scores = score_schemes(truth, results)
    return {
        "records": made.records,
        "document_lines": made.lines,
        "filing_seconds": round(took, 1),
        "lines_per_second": round(made.lines / took),
        "rejected": report.rejected,
        "repeated": report.repeated,
        "totals": office.store.totals(),
        "cases": cases.opened,
        "documents_worked_off": worked_off.documents,
        "cases_closed": worked_off.cases,
        "channels": _channels(office),
        "log_entries": checkpoint.size,
        "sound": verified.sound,
        "problems": verified.problems,
        "scores": scores,
        "accounts": accounts,
        "window": [start, end],
    }


def _file(office: Office, folder: Path, results: list[dict[str, Any]], on_progress: Callable[[int], None]) -> Report:
    def records() -> Iterator[formats.RawRecord | RowProblem]:
        for path in sorted(folder.glob("records-*.ndjson")):
            with path.open("rb") as stream:
                yield from formats.read(stream, formats.Format.NDJSON, profile=office.profile)

    return take_in(
        office,
        records(),
        Actor("gateway", "gateway", Role.GATEWAY),
        Options(
            history=True,
            batch_size=chosen_settings().batch_size,
            on_progress=on_progress,
            on_outcome=lambda command, outcome: _note(results, command, outcome),
        ),
    )


def _note(results: list[dict[str, Any]], _command: Command, outcome: Outcome) -> None:
    results.append(
        {
            "document_id": outcome.document_id,
            "key": outcome.key,
            "verdict": outcome.verdict.value,
            "state": outcome.state,
            "channel": outcome.channel,
            "findings": [finding.code for finding in outcome.findings],
        }
    )


def _channels(office: Office) -> dict[str, int]:
    from keruen.workflow.ports import Query

    found = {
        name: office.store.page(Query(channel=name, limit=1)).total for name in ("green", "yellow", "red", "refuse")
    }
    found["waiting for an officer"] = office.store.page(Query(attention=True, limit=1)).total
    return found


def _make_accounts(office: Office) -> list[dict[str, str]]:
    """The officers' accounts, and that of the exporter with most papers waiting."""
    from keruen.workflow.ports import Query

    waiting: dict[str, int] = {}
    for row in office.store.page(Query(attention=True, limit=1000)).rows:
        if row.holder:
            waiting[row.holder] = waiting.get(row.holder, 0) + 1
    exporter = max(waiting, key=lambda holder: (waiting[holder], holder), default="gateway")
    password = secrets.token_urlsafe(9)
    made = []
    for name, role, organisation in (*ACCOUNTS, ("exporter", Role.FILER, exporter)):
        admin.make_user(name, role, organisation, password)
        made.append({"user": name, "password": password, "role": role.value, "organisation": organisation})
    return made


def _show(found: dict[str, Any]) -> None:
    totals, channels = found["totals"], found["channels"]
    table = Table(
        title=f"A country's trade, {found['window'][0]} to {found['window'][1]} with a history from 2019",
        show_header=False,
    )
    for name, value in (
        ("documents", totals["documents"]),
        ("document lines", found["document_lines"]),
        ("lots", totals["lots"]),
        ("postings", totals["postings"]),
        ("journal entries", found["log_entries"]),
        ("held at first (yellow and red)", channels["yellow"] + channels["red"]),
        ("refused", channels["refuse"]),
        ("looked at by officers since", found.get("documents_worked_off", 0)),
        ("waiting for an officer", channels["waiting for an officer"]),
        ("cases opened", found.get("cases", 0)),
        ("cases closed", found.get("cases_closed", 0)),
        ("rejected at the door", found["rejected"]),
        ("sent twice, counted once", found["repeated"]),
        ("filed and checked", f"{found['filing_seconds']} s, {found['lines_per_second']} lines/s"),
        ("journal replayed", "agrees with the books" if found["sound"] else "DOES NOT AGREE"),
        ("all in all", f"{found['seconds']} s"),
    ):
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    out.print(table)
    show_scores(found["scores"])
    accounts = Table("sign in as", "password", "role", "for", title="Accounts of this demonstration")
    for account in found["accounts"]:
        accounts.add_row(account["user"], account["password"], account["role"], account["organisation"])
    out.print(accounts)
    for code, text in found["problems"]:
        err.print(f"{code}: {text}", highlight=False)
