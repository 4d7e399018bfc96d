"""Killed at any point, by any signal, client, server or publisher: sent again, nothing is lost and nothing doubled."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from books import check_books, same_tables
from builders import IMPORTER, KZ, TestClock, a_waybill, an_entry, filed, filer, goods, made, one
from crash_stream import batches
from keruen.errors import Unavailable
from keruen.model.outcome import Verdict
from keruen.store import embedded
from keruen.store.journal import Journal
from keruen.store.logfiles import LogDirectory
from keruen.store.memory import MemoryStore
from keruen.workflow.publish import publish
from keruen.workflow.replay import verify
from keruen.workflow.submit import Office, submit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keruen.settings import Settings
    from keruen.store.postgres import PostgresStore

pytestmark = pytest.mark.postgres

CHILD = Path(__file__).with_name("crash_child.py")
SRC = Path(embedded.__file__).parents[2]


def undisturbed() -> Office:
    """The same stream, in memory, with nobody killed."""
    office = Office(MemoryStore(), KZ, TestClock(), lambda: b"s" * 16)
    for commands in batches():
        submit(office, commands)
    return office


def office_over(store: PostgresStore) -> Office:
    return Office(store, KZ, TestClock(), lambda: b"s" * 16)


class Mortal:
    """A process that lives and dies on demand."""

    def __init__(self, settings: Settings) -> None:
        path = os.pathsep.join([str(SRC), str(CHILD.parents[1])])
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), str(settings.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the child ended"
        return line.rstrip("\n")

    def live(self, where: str, number: int, batch: int) -> tuple[int, dict[str, str]]:
        """How it ended, and key to verdict of what it was answered before."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{where} {number} {batch}\n")
        self.process.stdin.flush()
        told: dict[str, str] = {}
        while not (line := self._line()).startswith("ended "):
            key, verdict = line.split("\t")
            told[key] = verdict
        return int(line.split()[1]), told


@pytest.fixture(scope="module")
def mortal(settings: Settings, database: PostgresStore) -> Iterator[Mortal]:
    if settings.database_url is not None:
        pytest.skip("the child finds the embedded server by its home")
    found = Mortal(settings)
    yield found
    assert found.process.stdin is not None
    assert found.process.stdout is not None
    found.process.stdin.close()
    found.process.wait(30)
    found.process.stdout.close()


def sent_again(postgres: PostgresStore, told: dict[str, str]) -> None:
    """Send the whole stream again: what was answered stays so, the rest is done, the books are as if never cut."""
    office = office_over(postgres)
    for commands in batches():
        for outcome in submit(office, commands):
            assert outcome.verdict != Verdict.REJECTED, outcome
            if told.get(outcome.key) == "accepted":
                assert outcome.verdict == Verdict.REPEATED, f"{outcome.key} was answered and is lost"
    rows = check_books(postgres)
    expected = check_books(undisturbed().store)
    assert rows.balances == expected.balances
    assert {key: row.state for key, row in rows.documents.items()} == {
        key: row.state for key, row in expected.documents.items()
    }
    assert len(rows.postings) == len(expected.postings)
    assert {key: row.row()[:7] for key, row in rows.reservations.items()} == {
        key: row.row()[:7] for key, row in expected.reservations.items()
    }
    assert {key: row.row() for key, row in rows.allowances.items()} == {
        key: row.row() for key, row in expected.allowances.items()
    }


# Of the third batch, which writes nearly every table, every write; of the others some, and the ends.
POINTS = [
    *(("write", number, 2) for number in range(1, 17)),
    ("write", 5, 0),
    ("write", 9, 3),
    ("write", 12, 4),
    *(("commit", 0, batch) for batch in range(5)),
    *(("answer", 0, batch) for batch in range(5)),
]


@pytest.mark.parametrize(("where", "number", "batch"), POINTS)
def test_a_client_killed_there_loses_and_doubles_nothing(
    mortal: Mortal, postgres: PostgresStore, where: str, number: int, batch: int
) -> None:
    ended, told = mortal.live(where, number, batch)
    assert ended == -signal.SIGKILL, "this point was never reached"
    sent_again(postgres, told)


def test_a_client_that_lives_needs_no_second_try(mortal: Mortal, postgres: PostgresStore) -> None:
    ended, told = mortal.live("never", 0, 0)
    assert ended == 0
    assert set(told.values()) == {"accepted"}
    sent_again(postgres, told)


def test_a_whole_stream_writes_the_same_rows_as_memory(postgres: PostgresStore) -> None:
    office = office_over(postgres)
    for commands in batches():
        submit(office, commands)
    same_tables(undisturbed().store, postgres)


# -- the server ----------------------------------------------------------------------------------


@pytest.fixture
def killable(settings: Settings, postgres: PostgresStore) -> Iterator[PostgresStore]:
    """The store, whose server may be killed: it runs again for the tests that come after."""
    if settings.database_url is not None:
        pytest.skip("not ours to kill")
    yield postgres
    from django.db import connection

    embedded.url_for(settings)
    connection.close()


def kill_server(settings: Settings) -> None:
    """`kill -9` of the server's first process; the others end when they notice."""
    postmaster = embedded._postmaster(embedded.cluster_of(settings.home))
    # It may not be up again since the last time.
    if postmaster is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            postmaster.kill()


def insistent(office: Office, settings: Settings, commands: list[Any], deadline_s: float = 60) -> list[Any]:
    """What a client does: when nobody answers it starts the server again and sends the same once more."""
    end = time.monotonic() + deadline_s
    while True:
        try:
            return submit(office, commands)
        except Unavailable as error:
            if error.code != "database":
                raise
            assert time.monotonic() < end, "the store stays unavailable although the server answers"
            # Killed again while it starts, it says so; then once more.
            with contextlib.suppress(Unavailable):
                embedded.url_for(settings)


def test_the_server_killed_in_a_stream_of_batches_loses_nothing_that_was_answered(
    settings: Settings, killable: PostgresStore
) -> None:
    office = office_over(killable)
    one(office, filed(an_entry("ED-1", made("1000"))))
    answered: list[str] = []
    stop = threading.Event()

    def killer() -> None:
        for _ in range(2):
            time.sleep(0.25)
            kill_server(settings)
            time.sleep(1.0)
        stop.set()

    thread = threading.Thread(target=killer)
    thread.start()
    turn = 0
    while turn < 40 or not stop.is_set():
        turn += 1
        batch = [filed(a_waybill(f"WB-{turn}-{place}", goods("0.5")), filer(IMPORTER)) for place in range(3)]
        outcomes = insistent(office, settings, batch)
        assert all(each.verdict != Verdict.REJECTED or each.problem.code == "not_covered" for each in outcomes)
        answered += [each.key for each in outcomes if each.verdict != Verdict.REJECTED]
        time.sleep(0.02)
    thread.join()
    rows = check_books(killable)
    assert set(rows.keys) == {"ED-1@1", *answered}


def test_an_idle_connection_whose_server_was_killed_is_opened_anew(settings: Settings, killable: PostgresStore) -> None:
    """Killed between two batches, when no transaction is open to notice it."""
    office = office_over(killable)
    one(office, filed(an_entry()))
    kill_server(settings)
    embedded.url_for(settings)
    assert insistent(office, settings, [filed(a_waybill(), filer(IMPORTER))], 10)[0].verdict == Verdict.ACCEPTED
    assert killable.document("WB-1") is not None
    check_books(killable)


# -- the publisher -------------------------------------------------------------------------------


class Cut(BaseException):
    """The power goes: no `except Exception` may see it."""


def journal(path: Path, fault: Callable[[str], None] = lambda _step: None) -> Journal:
    return Journal(LogDirectory(path, fault=fault), origin="keruen.example/test", seed=b"7" * 32)


def test_the_journal_published_with_a_cut_at_every_durable_write_has_no_gap_and_nothing_twice(
    postgres: PostgresStore, tmp_path: Path
) -> None:
    office = office_over(postgres)
    whole: list[str] = []
    for commands in batches()[:3]:
        submit(office, commands)
    publish(postgres, journal(tmp_path / "whole", whole.append))
    assert len(whole) > 10
    for commands in batches()[3:]:
        submit(office, commands)
    steps: list[str] = []
    publish(postgres, journal(tmp_path / "counted", steps.append))
    for place in range(len(steps)):
        path = tmp_path / f"cut-{place}"
        _cut_at(postgres, path, place)
        checkpoint = publish(postgres, journal(path))
        _sound(postgres, path)
        assert checkpoint.size == postgres.numbered_count()
    assert (tmp_path / "counted" / "checkpoint").read_bytes() == (path / "checkpoint").read_bytes()


def test_a_log_that_grows_is_cut_at_every_durable_write_too(postgres: PostgresStore, tmp_path: Path) -> None:
    office = office_over(postgres)
    stream = batches()
    submit(office, stream[0])
    published = journal(tmp_path / "log")
    publish(postgres, published)
    place = 0
    for commands in stream[1:]:
        submit(office, commands)
        while _cut_at(postgres, tmp_path / "log", place):
            place += 3
        place = 1
        publish(postgres, published)
        _sound(postgres, tmp_path / "log")


def _cut_at(postgres: PostgresStore, path: Path, place: int) -> bool:
    """Publish until the power goes at one step; whether it did."""
    passed = 0

    def fault(_step: str) -> None:
        nonlocal passed
        if passed == place:
            raise Cut
        passed += 1

    try:
        publish(postgres, journal(path, fault))
    except Cut:
        return True
    return False


def _sound(postgres: PostgresStore, path: Path) -> None:
    log = journal(path)
    checkpoint = log.checkpoint()
    report = verify(checkpoint, log.entries(checkpoint), postgres)
    assert report.sound, report.problems
    assert (report.waiting, report.entries) == (0, checkpoint.size)
    check_books(postgres)


def test_the_publisher_beside_clients_numbers_every_leaf_once(postgres: PostgresStore, tmp_path: Path) -> None:
    from django.db import connections

    office = office_over(postgres)
    one(office, filed(an_entry("ED-1", made("1000"))))
    stop = threading.Event()
    failed: list[BaseException] = []

    def publisher() -> None:
        try:
            while not stop.is_set():
                publish(postgres, journal(tmp_path / "log"))
        except BaseException as error:  # noqa: BLE001 - a thread's failure must fail the test
            failed.append(error)
        finally:
            connections.close_all()

    def client(who: int) -> None:
        try:
            for turn in range(15):
                submit(office, [filed(a_waybill(f"WB-{who}-{turn}", goods("1")), filer(IMPORTER))])
        except BaseException as error:  # noqa: BLE001 - a thread's failure must fail the test
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=publisher)
    clients = [threading.Thread(target=client, args=(who,)) for who in range(4)]
    for each in (thread, *clients):
        each.start()
    for each in clients:
        each.join()
    stop.set()
    thread.join()
    assert not failed, failed
    publish(postgres, journal(tmp_path / "log"))
    assert postgres.numbered_count() == 61
    _sound(postgres, tmp_path / "log")


@pytest.mark.parametrize("first", ["read", "count"])
def test_a_reader_who_meets_the_killed_server_first_leaves_no_broken_connection(
    settings: Settings, killable: PostgresStore, first: str
) -> None:
    office = office_over(killable)
    one(office, filed(an_entry()))
    kill_server(settings)
    embedded.url_for(settings)
    with pytest.raises(Exception, match=r"connection|server"):
        _ = killable.document("ED-1") if first == "read" else killable.waiting_count()
    assert insistent(office, settings, [filed(a_waybill(), filer(IMPORTER))], 10)[0].verdict == Verdict.ACCEPTED
    assert killable.document("WB-1") is not None
