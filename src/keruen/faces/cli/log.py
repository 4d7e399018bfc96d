"""Commands on the journal: publish it, show its head, verify it against the books."""

from __future__ import annotations

import base64
from typing import Annotated

import typer

from keruen.errors import NotFound
from keruen.faces.cli.app import app, err, open_journal, open_office, out, print_json, progress
from keruen.workflow import replay
from keruen.workflow.publish import publish as publish_leaves

log_app = typer.Typer(no_args_is_help=True, help="The journal: publish, show, verify.")
app.add_typer(log_app, name="log")


@log_app.command()
def publish() -> None:
    """Number what waits, write tiles and sign a checkpoint."""
    checkpoint = publish_leaves(open_office().store, open_journal())
    out.print(f"{checkpoint.size} entries under {base64.b64encode(checkpoint.root).decode()}", highlight=False)


@log_app.command()
def show() -> None:
    """Print the last checkpoint and the key that verifies it."""
    journal = open_journal()
    out.print(f"vkey {journal.vkey}", highlight=False, soft_wrap=True)
    out.print(f"tiles {journal.directory.path}", highlight=False, soft_wrap=True)
    try:
        out.print(journal.checkpoint().text, highlight=False, end="")
    except NotFound:
        out.print("nothing was published yet; `keruen log publish` does")


@log_app.command()
def verify(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    publish_first: Annotated[bool, typer.Option("--publish/--no-publish", help="Publish what waits first.")] = True,
) -> None:
    """Prove every entry, replay them, and compare with the database. Exits with 7 where they differ."""
    office, journal = open_office(), open_journal()
    if publish_first:
        publish_leaves(office.store, journal)
    checkpoint = journal.checkpoint()
    with progress() as bar:
        task = bar.add_task("entries proved and replayed", total=checkpoint.size)
        report = replay.verify(
            checkpoint,
            journal.entries(checkpoint),
            office.store,
            on_progress=lambda count: bar.update(task, completed=count),
        )
    if json:
        print_json(
            {
                "sound": report.sound,
                "entries": report.entries,
                "postings": report.postings,
                "lots": report.lots,
                "balances": report.balances,
                "documents": report.documents,
                "waiting": report.waiting,
                "root": base64.b64encode(checkpoint.root).decode(),
                "origin": checkpoint.origin,
                "problem_count": report.problem_count,
                "problems": report.problems,
            }
        )
    else:
        for code, text in report.problems:
            err.print(f"{code}: {text}", highlight=False)
        if report.waiting > 0:
            out.print(f"{report.waiting} commands are newer than the checkpoint: balances were not compared")
        out.print(
            f"{'sound' if report.sound else f'NOT SOUND, {report.problem_count} problems'}: {report.entries} entries, "
            f"{report.postings} postings, {report.lots} lots, {report.balances} balances, {report.documents} documents",
            highlight=False,
        )
    if not report.sound:
        raise typer.Exit(7)
