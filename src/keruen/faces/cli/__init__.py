"""The command line: each command parses, calls one workflow function, and prints.

Exit codes are a table from the kind of failure; the message says what, where and how to mend it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from keruen.errors import (
    Conflict,
    Forbidden,
    IntegrityFailure,
    InvalidInput,
    KeruenError,
    NotFound,
    Unavailable,
)
from keruen.faces.cli.app import app

COMMANDS = {
    "admin": ("serve", "doctor", "settings", "lists", "schema", "user", "key"),
    "bench": ("bench",),
    "books": ("intake", "trace", "balances", "verify", "sweep"),
    "cases": ("cases",),
    "demo": ("demo",),
    "descriptions": ("descriptions", "bench"),
    "log": ("log",),
    "risk": ("risk",),
    "rules": ("rules",),
    "simulation": ("simulate", "score-schemes"),
    "trade": ("trade",),
    "watchlists": ("screen", "watchlist"),
}
"""Modules that add commands, in the order in which help shows them, each with the commands and groups that it adds."""


def wanted(arguments: list[str]) -> list[str]:
    """The modules to load: those of the command that was asked for, or all of them where none is known."""
    started, first = Path(arguments[0]).stem if arguments else "", arguments[1:2]
    named = [module for module, words in COMMANDS.items() if started == "keruen" and {*first} & {*words}]
    return named or list(COMMANDS)


for _name in wanted(sys.argv):
    import_module(f"keruen.faces.cli.{_name}")

EXIT_CODES: dict[type[KeruenError], int] = {
    InvalidInput: 2,
    NotFound: 3,
    Conflict: 4,
    Forbidden: 5,
    Unavailable: 6,
    IntegrityFailure: 7,
}
INTERRUPTED = 130


def exit_code(error: KeruenError) -> int:
    """The exit code of a failure."""
    return next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))


def main() -> None:
    """Run the command line; failures of ours end in a sentence and an exit code, not a traceback."""
    try:
        app()
    except KeruenError as error:
        sys.stderr.write(f"keruen: {error.text}\n")
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.stderr.write("keruen: stopped\n")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)
