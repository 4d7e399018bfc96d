"""Stores to test on: memory, and PostgreSQL started once for the whole run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from builders import KZ, TestClock
from keruen import compose
from keruen.cases.routing import shipped
from keruen.settings import Settings
from keruen.store import embedded
from keruen.store.memory import MemoryStore
from keruen.store.memory_cases import MemoryCases
from keruen.workflow.cases import CaseOffice
from keruen.workflow.submit import Office

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

TABLES = (
    "document, document_version, command_key, event, decision, lot, lot_edge, posting, balance, reservation, "
    "allowance, memory, leaf, log_entry, outbox, organisation, api_key, intake_problem, intake_file, read_refused, "
    "user, case, case_event, case_finding, case_bulk, case_waiting"
)


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of a home that lives as long as the run, with a server of its own."""
    with tempfile.TemporaryDirectory(prefix="keruen-test-") as folder:
        found = Settings(home=Path(folder), database_url=os.environ.get("KERUEN_TEST_DATABASE_URL"))
        yield found
        from django.db import connections

        connections.close_all()
        embedded.stop(found)


@pytest.fixture(scope="session")
def database(settings: Settings) -> PostgresStore:
    """The PostgreSQL store, its tables made."""
    compose.connect(settings)
    from keruen.store.postgres import PostgresStore

    return PostgresStore(KZ)


@pytest.fixture
def postgres(database: PostgresStore, settings: Settings) -> PostgresStore:
    """The PostgreSQL store, emptied."""
    from keruen.store.rows import raw_connection

    _revive(settings)
    names = ", ".join(f"keruen_{name.strip()}" for name in TABLES.split(","))
    raw_connection().execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    raw_connection().execute("ALTER SEQUENCE keruen_case_number RESTART")
    database.months.clear()
    database.parties.clear()
    return database


def _revive(settings: Settings) -> None:
    """Start the server again where a test before this one left it dead, so that one failure stays one."""
    from django.db import Error, connections

    from keruen.store.rows import raw_connection

    try:
        raw_connection().execute("SELECT 1")
    except (Error, psycopg.Error):
        connections.close_all()
        embedded.url_for(settings)


@pytest.fixture
def clock() -> TestClock:
    """A clock moved by hand."""
    return TestClock()


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, clock: TestClock) -> Office:
    """The workflow over each store in turn: one suite for both."""
    store: Any = MemoryStore() if request.param == "memory" else request.getfixturevalue("postgres")
    return Office(store, KZ, clock, lambda: b"s" * 16)


@pytest.fixture
def cases(office: Office, clock: TestClock) -> CaseOffice:
    """The cases over each store in turn."""
    store: Any
    if isinstance(office.store, MemoryStore):
        store = MemoryCases(office.store)
    else:
        from keruen.store.cases import PostgresCases

        store = PostgresCases("KZ")
    return CaseOffice(store, office.store, KZ, clock, shipped())
