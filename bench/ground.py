"""Where benches work: a database of their own in a temporary folder, emptied between them, gone at the end."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from bench.measure import Progress
from keruen import compose, settings
from keruen.settings import Clock, Settings
from keruen.store import embedded
from keruen.store.journal import Journal, kept_seed
from keruen.store.logfiles import LogDirectory
from keruen.workflow.submit import Office

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

BOOKS = (
    "document",
    "document_version",
    "command_key",
    "event",
    "decision",
    "lot",
    "lot_edge",
    "posting",
    "balance",
    "reservation",
    "allowance",
    "leaf",
    "log_entry",
    "outbox",
    "case_waiting",
    "organisation",
    "memory",
)
"""The tables a bench fills, without their prefix."""


class Ground:
    """One run's database, and what benches hand on to each other.

    Args:
        home: Keruen's folder; the embedded server keeps its data in it.
        quick: Small sizes.
        show: Told how far it is.
    """

    def __init__(self, home: Path, *, quick: bool, show: Progress) -> None:
        self.home = home
        self.quick = quick
        self.show = show
        self.settings = Settings(home=home, clock=Clock.REPLAY)
        self.cache: dict[str, Any] = {}
        self._log_count = 0

    def size(self, quick: int, full: int) -> int:
        """A count by the size of the run."""
        return quick if self.quick else full

    @property
    def office(self) -> Office:
        """The workflow over this database, records' times believed."""
        return compose.office(self.settings)

    @property
    def store(self) -> PostgresStore:
        """The books."""
        from keruen.store.postgres import PostgresStore

        store = self.office.store
        assert isinstance(store, PostgresStore)
        return store

    @property
    def url(self) -> str:
        """The database's address, for connections beside Keruen's own."""
        return embedded.address(self.home)

    def connect(self) -> psycopg.Connection[Any]:
        """A connection of the bench's own, each statement its own transaction."""
        return psycopg.connect(self.url, autocommit=True)

    def empty(self) -> None:
        """Empty the books; what another bench left in them is gone, and so is what it cached about them."""
        names = ", ".join(f"keruen_{name}" for name in BOOKS)
        with self.connect() as raw:
            raw.execute(f"TRUNCATE {names} RESTART IDENTITY")
        self.store.months.clear()
        self.store.parties.clear()
        self.cache.pop("country", None)

    def journal(self) -> Journal:
        """A new, empty log."""
        self._log_count += 1
        return Journal(
            LogDirectory(self.home / f"log-{self._log_count}"),
            origin="bench.example/log",
            seed=kept_seed(self.home / "log-key"),
        )

    def environment(self) -> dict[str, str]:
        """What a program of ours needs to work on this database."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
        return {**ours, settings.env("home"): str(self.home), settings.env("clock"): Clock.REPLAY.value}


@contextlib.contextmanager
def ground(*, quick: bool, show: Progress) -> Iterator[Ground]:
    """Make the ground, and take it away whatever happens on it."""
    home = Path(tempfile.mkdtemp(prefix="keruen-bench-"))
    made = Ground(home, quick=quick, show=show)
    try:
        show("starting the database")
        compose.connect(made.settings)
        yield made
    finally:
        from django.db import connections

        connections.close_all()
        embedded.stop(made.settings)
        shutil.rmtree(home, ignore_errors=True)


def machine(found: Ground) -> dict[str, Any]:
    """What the figures were taken on."""
    with found.connect() as raw:
        row = raw.execute("SHOW server_version").fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - as found on PATH
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "postgresql": row[0] if row else "",
        "load": list(os.getloadavg()),
        "commit": commit.stdout.strip(),
        "quick": found.quick,
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
