"""The command line: each command parses, calls one workflow function, and prints.

Exit codes are a table from the kind of failure; the message says what, where and how to mend it.
"""

from __future__ import annotations

import sys

from keruen.errors import (
    Conflict,
    Forbidden,
    IntegrityFailure,
    InvalidInput,
    KeruenError,
    NotFound,
    Unavailable,
)
from keruen.faces.cli import admin, bench, books, demo, log, simulation, trade, watchlists  # noqa: F401 - each adds its commands
from keruen.faces.cli.app import app

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
