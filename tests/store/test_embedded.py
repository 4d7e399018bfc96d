"""The embedded PostgreSQL: however anyone ends, what was committed is there, and so is a server."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from keruen.errors import Forbidden, InvalidInput, Unavailable
from keruen.store import cluster as cluster_module
from keruen.store import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.postgres

SRC = Path(embedded.__file__).parents[2]

# Starts or joins, says so, and stays until its standard input ends.
USER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from keruen.store import embedded
print(embedded.url_for(SimpleNamespace(home=Path(sys.argv[1]), database_url=None)), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Where:
    home: Path
    database_url: str | None = None


@contextmanager
def a_home(path: Path) -> Iterator[Where]:
    where = Where(path)
    try:
        yield where
    finally:
        embedded.stop(where)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Where]:
    with a_home(tmp_path / "home") as where:
        yield where


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Where]:
    with a_home(tmp_path_factory.mktemp("shared")) as where:
        embedded.url_for(where)
        yield where


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def started_at(url: str) -> object:
    return ask(url, "SELECT pg_postmaster_start_time()")


def living(where: Where) -> int:
    return len(embedded._living(embedded.cluster_of(where.home)))


def kill_9(where: Where) -> None:
    postmaster = embedded._postmaster(embedded.cluster_of(where.home))
    assert postmaster is not None
    postmaster.kill()


@contextmanager
def another_user(where: Where) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    command = [sys.executable, "-W", "error", "-c", USER, str(where.home)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONPATH": os.pathsep.join([str(SRC), *sys.path])},
    ) as user:
        try:
            yield user
        finally:
            user.kill()


def url_from(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def end(user: subprocess.Popen[str]) -> str:
    _, said = user.communicate("", timeout=60)
    return said


def test_a_second_call_gives_the_same_server(shared: Where) -> None:
    url = embedded.url_for(shared)
    before = started_at(url)
    assert embedded.url_for(shared) == url == embedded.address(shared.home)
    assert started_at(url) == before


def test_what_is_committed_survives_losing_power(shared: Where) -> None:
    url = embedded.url_for(shared)
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert ask(url, f"SHOW {setting}") == "on", setting


def test_it_is_recent_enough_and_set_our_way(shared: Where) -> None:
    url = embedded.url_for(shared)
    assert int(str(ask(url, "SHOW server_version_num"))) // 10000 >= embedded.OLDEST_MAJOR
    assert ask(url, "SHOW max_connections") == "60"
    assert ask(url, "SHOW jit") == "off"
    assert ask(url, "SHOW TimeZone") == "UTC"


def test_we_are_no_superuser_but_own_our_database(shared: Where) -> None:
    url = embedded.url_for(shared)
    assert ask(url, "SHOW is_superuser") == "off"
    with psycopg.connect(url) as connection:
        for extension in ("pg_trgm", "unaccent", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {extension}".encode())
        connection.rollback()


def test_cyrillic_names_have_trigrams_and_case(shared: Where) -> None:
    with psycopg.connect(embedded.url_for(shared)) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT similarity('ҚАРАҒАНДЫ', 'Қарағанда'), lower('ҚАРАҒАНДЫ')").fetchone()
        connection.rollback()
    assert row is not None
    assert row[0] > 0.5
    assert row[1] == "қарағанды"


def test_nobody_comes_in_over_the_network_or_from_another_account(shared: Where) -> None:
    url = embedded.url_for(shared)
    assert ask(url, "SHOW listen_addresses") == ""
    folder = embedded.cluster_of(shared.home).socket_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((shared.home / "pg").stat().st_mode) == 0o700


def test_an_account_that_is_not_in_the_map_is_refused(shared: Where) -> None:
    embedded.url_for(shared)
    rows = (shared.home / "pg" / "pg_hba.conf").read_text().splitlines()
    assert [row for row in rows if not row.startswith("#")] == ["local all keruen,postgres peer map=keruen"]


def test_after_kill_9_it_starts_again_with_what_was_committed(where: Where) -> None:
    url = embedded.url_for(where)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 + 1 AS answer")
    before = started_at(url)
    kill_9(where)
    assert embedded.url_for(where) == url
    assert ask(url, "SELECT answer FROM kept") == 42
    assert started_at(url) != before


def test_after_kill_9_of_all_its_processes_too(where: Where) -> None:
    url = embedded.url_for(where)
    for process in embedded._living(embedded.cluster_of(where.home)):
        process.send_signal(signal.SIGKILL)
    embedded.url_for(where)
    assert ask(url, "SELECT 1") == 1


def test_a_stale_pid_file_naming_a_living_stranger_does_not_stop_it(where: Where) -> None:
    url = embedded.url_for(where)
    kill_9(where)
    note = where.home / "pg" / "postmaster.pid"
    lines = note.read_text().splitlines()
    owner = note.stat()
    # Of the server's own account, or PostgreSQL would see for itself that it is a stranger.
    with subprocess.Popen(["cat"], cwd="/", stdin=subprocess.PIPE, user=owner.st_uid or None) as stranger:
        note.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert embedded.url_for(where) == url
        assert ask(url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.communicate()


def test_a_server_whose_socket_was_cleaned_away_is_started_again(where: Where) -> None:
    url = embedded.url_for(where)
    before = started_at(url)
    for path in embedded.cluster_of(where.home).socket_dir.iterdir():
        path.unlink()
    embedded.url_for(where)
    assert started_at(url) != before


def test_two_users_share_it_and_the_last_stops_it(where: Where) -> None:
    with another_user(where) as first, another_user(where) as second:
        url = url_from(first)
        assert url_from(second) == url
        before = started_at(url)
        assert end(first) == ""
        assert started_at(url) == before
        assert end(second) == ""
    assert living(where) == 0


def test_users_who_come_at_once_start_one_server(where: Where) -> None:
    with another_user(where) as one, another_user(where) as two, another_user(where) as three:
        urls = {url_from(user) for user in (one, two, three)}
        assert len(urls) == 1
        assert [end(user) for user in (one, two, three)] == ["", "", ""]
    assert living(where) == 0


def test_a_killed_user_leaves_the_server_to_the_next(where: Where) -> None:
    with another_user(where) as killed:
        url = url_from(killed)
        before = started_at(url)
        killed.kill()
    with another_user(where) as user:
        assert url_from(user) == url
        assert started_at(url) == before
        assert end(user) == ""
    assert living(where) == 0


def test_stop_stops_it_whoever_uses_it_and_twice_is_once(where: Where) -> None:
    with another_user(where) as user:
        url_from(user)
        assert embedded.stop(where) is True
        assert embedded.stop(where) is False
        assert living(where) == 0
        assert end(user) == ""


def test_nothing_to_stop_where_nothing_is(tmp_path: Path) -> None:
    assert embedded.stop(Where(tmp_path / "none")) is False
    assert not (tmp_path / "none").exists()
    assert embedded.stop(Where(tmp_path, "postgresql://db/keruen")) is False


@pytest.mark.parametrize("name", ["a home with spaces", "үй, $HOME \"и' прочее", "deep/" * 30 + "home"])
def test_a_home_may_have_any_path(tmp_path: Path, name: str) -> None:
    with a_home(tmp_path / name) as where:
        url = embedded.url_for(where)
        assert ask(url, "SELECT current_database()") == "keruen"
        socket = embedded.cluster_of(where.home).socket_dir / f".s.PGSQL.{cluster_module.PORT}"
        assert len(os.fsencode(socket)) <= cluster_module.SOCKET_ADDRESS_MAX_BYTES
        assert socket.is_socket()
    shutil.rmtree(socket.parent, ignore_errors=True)


def test_a_half_made_data_folder_is_made_anew(where: Where) -> None:
    (where.home / "pg.new" / "base").mkdir(parents=True)
    assert ask(embedded.url_for(where), "SELECT 1") == 1
    assert not (where.home / "pg.new").exists()


def test_a_socket_folder_made_by_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    with a_home(tmp_path / "a home") as where:
        folder = embedded.cluster_of(where.home).socket_dir
        folder.mkdir(mode=0o755)
        try:
            with pytest.raises(Forbidden, match="not a private folder"):
                embedded.url_for(where)
        finally:
            folder.rmdir()


def test_data_of_another_major_version_is_refused(where: Where) -> None:
    embedded.url_for(where)
    embedded.stop(where)
    (where.home / "pg" / "PG_VERSION").write_text("14\n")
    with pytest.raises(Unavailable, match="was made by PostgreSQL 14"):
        embedded.url_for(where)


def test_a_failing_start_says_what_postgresql_said(where: Where) -> None:
    embedded.url_for(where)
    embedded.stop(where)
    with (where.home / "pg" / "postgresql.conf").open("a") as conf:
        conf.write("\nno_such_setting = 1\n")
    with pytest.raises(Unavailable, match="no_such_setting"):
        embedded.url_for(where)


def test_without_a_build_for_the_platform_it_says_what_to_set(where: Where, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="Set KERUEN_DATABASE_URL"):
        embedded.url_for(where)


def test_a_named_database_is_used_as_it_is(shared: Where, tmp_path: Path) -> None:
    url = embedded.url_for(shared)
    assert embedded.url_for(Where(tmp_path / "unused", url)) == url
    assert not (tmp_path / "unused").exists()


def test_a_named_database_must_answer(tmp_path: Path) -> None:
    named = Where(tmp_path, "postgresql://keruen:hunter2@127.0.0.1:1/keruen")
    with pytest.raises(Unavailable, match="does not answer") as caught:
        embedded.url_for(named)
    assert "hunter2" not in str(caught.value)


def test_a_named_database_must_be_recent_enough(shared: Where, monkeypatch: pytest.MonkeyPatch) -> None:
    url = embedded.url_for(shared)
    monkeypatch.setattr(embedded, "OLDEST_MAJOR", 99)
    with pytest.raises(InvalidInput, match="Keruen needs 99 or later"):
        embedded.url_for(Where(shared.home, url))


@pytest.mark.parametrize(
    ("limit", "expected"), [("4294967296\n", 1024), ("67108864\n", 128), ("9999999999999999", None)]
)
def test_a_container_s_limit_is_what_the_cache_is_cut_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, expected: int | None
) -> None:
    plain = tmp_path / "none"
    monkeypatch.setattr(cluster_module, "CONTAINER_LIMIT", plain)
    machine = cluster_module.cache_mb()
    assert cluster_module.LEAST_CACHE_MB <= machine <= cluster_module.MOST_CACHE_MB
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(cluster_module, "CONTAINER_LIMIT", tmp_path / "memory.max")
    assert cluster_module.cache_mb() == (machine if expected is None else min(machine, expected))
    (tmp_path / "memory.max").write_text("max\n")
    assert cluster_module.cache_mb() == machine
