"""Commands for who runs Keruen: serve, doctor, settings, lists, schema, users and keys."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from keruen import compose, settings
from keruen.codes import lists as code_lists
from keruen.errors import Conflict, IntegrityFailure, KeruenError, NotFound, Unavailable
from keruen.faces.cli.app import app, chosen_settings, err, open_journal, open_office, out, print_json
from keruen.formats.schema import json_schema
from keruen.model.actor import Role
from keruen.profiles import load as load_profile
from keruen.settings import Clock
from keruen.workflow.cases import follow
from keruen.workflow.publish import publish
from keruen.workflow.sweep import sweep

PUBLISH_EVERY_S = 5.0
SWEEP_EVERY_S = 60.0
THREADS = 16
STALE_AFTER_DAYS = 365


@app.command()
def serve() -> None:
    """Serve the console and the API, publish the journal every few seconds, and keep the deadlines."""
    run_server(chosen_settings())


def run_server(found: settings.Settings, *, sweeps: bool = True) -> None:
    """Run gunicorn beside the loop that publishes and keeps deadlines, until either ends."""
    _refuse_taken_port(found.host, found.port)
    office, journal = open_office(), open_journal()
    cases = compose.case_office(found, office)
    lists, thresholds = compose.watchlists(found), compose.thresholds(found)
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "keruen.faces.wsgi:application",
            "--bind",
            f"{found.host}:{found.port}",
            "--worker-class",
            "gthread",
            "--workers",
            str(found.workers),
            "--threads",
            str(THREADS),
            "--log-level",
            "warning",
        ],
        env={**os.environ, settings.env("home"): str(found.home), settings.env("clock"): found.clock.value},
    )
    # A plain kill of the parent must end the server too, not leave it behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        out.print(f"Keruen listens on http://{found.host}:{found.port}/ — Ctrl-C stops it", highlight=False)
        swept = 0.0
        while server.poll() is None:
            try:
                publish(office.store, journal)
                follow(cases)
                compose.rescreen_changed(lists, thresholds, office, datetime.now(UTC))
                if sweeps and found.clock == Clock.SYSTEM and time.monotonic() - swept > SWEEP_EVERY_S:
                    sweep(office, datetime.now(UTC))
                    swept = time.monotonic()
            except Unavailable as error:
                err.print(f"will be tried again: {error.text}", highlight=False)
            except IntegrityFailure as error:
                err.print(f"stopped, the evidence does not verify: {error.text}", highlight=False)
                raise
            time.sleep(PUBLISH_EVERY_S)
        raise typer.Exit(server.returncode)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _refuse_taken_port(host: str, port: int) -> None:
    """Say at once what gunicorn would say after five seconds of trying, and how to mend it.

    Raises:
        Conflict: Something else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server does: what a listener just ended leaves behind is no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return  # a name, or an address this machine has not: gunicorn says it better
            text = (
                f"port {port} of {host} is taken, perhaps by another Keruen; end that one, "
                f"or choose another port with {settings.env('port')}"
            )
            raise Conflict(text, code="serve.port_taken", port=port) from None


@app.command()
def doctor() -> None:
    """Look whether everything Keruen needs is there and well. Exits with 6 if not."""
    found = chosen_settings()
    table = Table("check", "result", "")
    well = True

    def check(name: str, question: object) -> None:
        nonlocal well
        try:
            table.add_row(name, "[green]ok[/green]", str(question()))  # type: ignore[operator]
        except KeruenError as error:
            well = False
            table.add_row(name, "[red]no[/red]", error.text)

    check("python", lambda: sys.version.split()[0])
    check("home", lambda: f"{found.home}, {shutil.disk_usage(_existing(found)).free // 2**20} MiB free")
    check("profile", lambda: f"{load_profile(found.profile).id} {load_profile(found.profile).edition}")
    check("database", _database)
    check("journal", _journal)
    check("lists", lambda: "; ".join(f"{each.list_name} {each.edition_on}" for each in code_lists.editions()))
    check("clock", _clock)
    out.print(table)
    if not well:
        raise typer.Exit(6)


def _existing(found: settings.Settings) -> str:
    found.home.mkdir(parents=True, exist_ok=True)
    return str(found.home)


def _database() -> str:
    office = open_office()
    totals = office.store.totals()
    return f"{totals['documents']} documents, {totals['lots']} lots, {totals['postings']} postings"


def _journal() -> str:
    office, journal = open_office(), open_journal()
    size, waiting = journal.size(), office.store.waiting_count()
    if size > office.store.numbered_count():
        raise IntegrityFailure(f"the log has {size} entries, the database {office.store.numbered_count()}")
    return f"{size} entries published, {waiting} waiting"


def _clock() -> str:
    if chosen_settings().clock == Clock.REPLAY:
        raise Unavailable("replay: recorded times come from the records; for demonstrations and tests only")
    return "system"


@app.command("settings")
def show_settings() -> None:
    """List every setting, its default and what it means."""
    table = Table("variable", "type", "default", "meaning")
    for row in settings.documented():
        table.add_row(row.env, row.type, row.default, row.meaning)
    out.print(table)


@app.command()
def lists(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the control and country lists in force, with edition and source."""
    rows = code_lists.editions()
    if json:
        print_json(
            [
                {
                    "list": row.list_name,
                    "edition_on": row.edition_on,
                    "entries": row.entries,
                    "sha256": row.sha256,
                    "title": row.title,
                    "source": row.source,
                }
                for row in rows
            ]
        )
        return
    table = Table("list", "edition", "entries", "age (days)", "source")
    today = datetime.now(UTC).date()
    for row in rows:
        age = (today - row.edition_on).days
        table.add_row(
            row.list_name,
            row.edition_on.isoformat(),
            str(row.entries),
            f"[yellow]{age}[/yellow]" if age > STALE_AFTER_DAYS else str(age),
            row.source,
        )
    out.print(table)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="A document kind, or `action`; without it, the kinds are listed.")] = "",
) -> None:
    """Print the JSON Schema of a document kind."""
    profile = load_profile(chosen_settings().profile)
    if not kind:
        for name in (*profile.kinds, "action"):
            out.print(name)
        return
    print_json(json_schema(profile, kind))


@app.command()
def user(
    name: Annotated[str, typer.Argument(help="Sign-in name.")],
    role: Annotated[Role, typer.Option(help="Role.")],
    organisation: Annotated[str, typer.Option(help="Organisation the user works for.")] = "authority",
    language: Annotated[str, typer.Option(help="kk, ru or en.")] = "en",
    password: Annotated[str, typer.Option(help="Unset, one is made and printed.")] = "",
) -> None:
    """Make a user, or give one a new password and role."""
    open_office()
    made = password or secrets.token_urlsafe(12)
    make_user(name, role, organisation, made, language=language)
    out.print(
        f"{name} is {role.value} for {organisation}" + ("" if password else f"; password {made}"), highlight=False
    )


def make_user(name: str, role: Role, organisation: str, password: str, *, language: str = "en") -> None:
    """Make a user or renew one."""
    from keruen.store.models import User

    found, _ = User.objects.get_or_create(username=name)
    found.role, found.organisation_id, found.language = role.value, organisation, language
    found.set_password(password)
    found.save()


@app.command()
def key(
    user_name: Annotated[str, typer.Argument(help="The user a program acts as.")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "api",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it works.")] = 365,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the user's keys of that name back instead.")] = False,
) -> None:
    """Make an API key, or take one back; it is printed once and only its hash is kept."""
    open_office()
    from keruen.store.models import ApiKey, User

    found = User.objects.filter(username=user_name).first()
    if found is None:
        raise NotFound(f"no user {user_name}; `keruen user` makes one", code="unknown_user", user=user_name)
    if revoke:
        count, _ = ApiKey.objects.filter(user=found, name=name).delete()
        out.print(f"{count} keys taken back; a running server forgets them within a minute")
        return
    token = f"krn_{secrets.token_urlsafe(32)}"
    ApiKey.objects.create(
        user=found,
        name=name,
        sha256=hashlib.sha256(token.encode()).hexdigest(),
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )
    out.print(token, highlight=False)
