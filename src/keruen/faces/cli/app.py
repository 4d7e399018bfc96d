"""The command line's root, what its commands share, and how they print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from keruen import __version__, settings

# What composes the books is loaded where they are opened: not every command does.
if TYPE_CHECKING:
    from keruen.store.journal import Journal
    from keruen.workflow.submit import Office

app = typer.Typer(
    name="keruen",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Follow controlled goods from entry to exit, and prove what was decided on the way.",
)
out = Console()
err = Console(stderr=True)


def _version(asked: bool) -> None:
    if asked:
        out.print(f"keruen {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version_asked: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Settings are environment variables KERUEN_…; `keruen settings` lists them."""


_chosen: list[settings.Settings] = []


def chosen_settings() -> settings.Settings:
    """The settings of this process: those put in use, else the environment's, read once."""
    if not _chosen:
        _chosen.append(settings.load())
    return _chosen[0]


def use(found: settings.Settings) -> None:
    """Work with these settings from here on, as the demonstration does with a home of its own."""
    _chosen[:] = [found]


def open_office() -> Office:
    """The books of this installation."""
    from keruen import compose

    return compose.office(chosen_settings())


def open_journal(found: settings.Settings | None = None) -> Journal:
    """The journal of this installation; its key is made on first use."""
    from keruen.store.journal import Journal, kept_seed
    from keruen.store.logfiles import LogDirectory

    found = found or chosen_settings()
    return Journal(LogDirectory(found.log_dir), origin=found.log_origin, seed=kept_seed(found.home / "log-key"))


def progress() -> Progress:
    """A progress bar on the error stream, gone where nobody watches."""
    return Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=False,
        disable=not err.is_terminal,
    )


def print_json(data: object) -> None:
    """Print JSON, indented, keys in order."""
    out.print_json(orjson.dumps(data, option=orjson.OPT_SORT_KEYS, default=str).decode())
