# ruff: noqa: T201 - it speaks to the test through its output
"""Submits a stream of commands and kills itself at a chosen point; run by test_crash.py.

Its argument is the home. Each line on standard input is one life: where to die (`write` before
the n-th write, `commit` before committing, `answer` right after, `never`), n, and in which
batch. It is lived by a fork of this process, which says key and verdict of everything it was
answered, as a client would know it; then stands `ended` with how it ended.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders import KZ, TestClock
from crash_stream import batches
from keruen import compose
from keruen.settings import Settings
from keruen.workflow.submit import Office, submit

if TYPE_CHECKING:
    from collections.abc import Iterator


def die() -> None:
    """As the power goes: no handler, no buffer, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


class Doom:
    """Where this life ends."""

    def __init__(self, where: str, number: int, batch: int) -> None:
        self.where = where
        self.number = number
        self.batch = batch
        self.armed = False
        self.seen = 0

    def write(self) -> None:
        """A table is about to be written."""
        if self.armed and self.where == "write":
            self.seen += 1
            if self.seen == self.number:
                # What was sent before this point lies with the server, uncommitted.
                die()

    def at(self, where: str) -> None:
        """A point with a name."""
        if self.armed and self.where == where:
            die()


def bring(doom: Doom) -> None:
    """Put the points of death into the store."""
    from keruen.store import postgres
    from keruen.store.saving import Saving

    def counted(step: Any) -> Any:
        def run(self: Saving, *given: Any, **named: Any) -> Any:
            doom.write()
            return step(self, *given, **named)

        return run

    for name in (
        "_write",
        "_write_balances",
        "_write_reservations",
        "_write_allowances",
        "_update_documents",
        "_register",
        "_ensure_months",
    ):
        setattr(Saving, name, counted(getattr(Saving, name)))
    module: Any = postgres
    atomic = module.django_transaction.atomic

    @contextmanager
    def watched() -> Iterator[None]:
        with atomic():
            yield
            doom.at("commit")
        # Committed, and nobody was told.
        doom.at("answer")

    module.django_transaction = type("Watched", (), {"atomic": staticmethod(watched)})


def live(doom: Doom) -> None:
    """Submit every batch, until the end comes."""
    from keruen.store.postgres import PostgresStore

    bring(doom)
    office = Office(PostgresStore(KZ), KZ, TestClock(), lambda: b"s" * 16)
    for index, commands in enumerate(batches()):
        doom.armed = index == doom.batch
        for outcome in submit(office, commands):
            print(outcome.key, outcome.verdict.value, sep="\t", flush=True)


def main() -> None:
    """Live as often as one is told to."""
    compose.connect(Settings(home=Path(sys.argv[1])))
    from django.db import connections

    connections.close_all()
    print("ready", flush=True)
    for line in sys.stdin:
        where, number, batch = line.split()
        child = os.fork()
        if child == 0:
            live(Doom(where, int(number), int(batch)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
