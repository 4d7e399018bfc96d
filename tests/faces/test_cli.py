"""The command line over a real database: what a person types and reads."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from keruen.errors import Conflict, KeruenError
from keruen.faces import cli
from keruen.faces.cli.app import app, use
from keruen.formats.examples import story
from keruen.settings import Clock, Settings
from keruen.store.postgres import PostgresStore
from keruen.workflow.ports import Query

pytestmark = pytest.mark.postgres
Run = Callable[..., Result]


@pytest.fixture
def home(settings: Settings, postgres: PostgresStore, tmp_path: Path) -> Settings:
    """Settings over the emptied database, with a log and vault of the test's own, that believe histories."""
    del postgres
    found = settings.model_copy(update={"clock": Clock.REPLAY, "log_dir": tmp_path / "log"})
    use(found)
    return found


@pytest.fixture
def run(home: Settings) -> Run:
    """Run a command line; failures of ours are raised, as `main` gets them."""
    del home
    runner = CliRunner()

    def go(*words: str) -> Result:
        return runner.invoke(app, list(words), env={"COLUMNS": "200"})

    return go


@pytest.fixture
def story_file(tmp_path: Path) -> Path:
    """The story of the formats page, one record a line."""
    path = tmp_path / "story.ndjson"
    path.write_bytes(b"".join(orjson.dumps(each.record, option=orjson.OPT_APPEND_NEWLINE) for each in story()))
    return path


def test_the_story_of_the_formats_page_goes_in_whole(run: Run, story_file: Path) -> None:
    found = run("intake", str(story_file))
    assert found.exit_code == 0, found.output
    assert f"{len(story())} accepted, 0 repeated, 0 rejected" in found.output
    again = run("intake", str(story_file))
    assert f"0 accepted, {len(story())} repeated, 0 rejected" in again.output


def test_a_bad_row_is_named_and_the_good_ones_stay(run: Run, story_file: Path, tmp_path: Path) -> None:
    lines = story_file.read_bytes().splitlines()
    lines[0] = lines[0].replace(b'"H87"', b'"pieces"', 1)
    bad = tmp_path / "bad.ndjson"
    bad.write_bytes(b"\n".join(lines))
    problems = tmp_path / "problems.csv"
    found = run("intake", str(bad), "--problems", str(problems))
    assert found.exit_code == 4
    text = problems.read_text(encoding="utf-8-sig")
    assert text.splitlines()[1].startswith("1,")
    assert "pieces" in text


def test_all_or_nothing_takes_back_the_good_ones(run: Run, story_file: Path, tmp_path: Path) -> None:
    lines = story_file.read_bytes().splitlines()
    bad = tmp_path / "bad.ndjson"
    bad.write_bytes(b"\n".join([*lines, b'{"kind": "nonsense"}']))
    found = run("intake", str(bad), "--accept", "all-or-nothing")
    assert (found.exit_code, "nothing was written" in found.output) == (4, True)
    assert "0 documents" in run("doctor").output


def test_a_dry_run_writes_nothing(run: Run, story_file: Path) -> None:
    assert run("intake", str(story_file), "--dry-run").exit_code == 0
    assert "0 documents" in run("doctor").output


def test_the_bytes_are_kept_before_they_are_read(run: Run, home: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ndjson"
    broken.write_bytes(b'{"kind": ')
    run("intake", str(broken))
    kept = {path.read_bytes() for path in (home.home / "intake").iterdir()}
    assert b'{"kind": ' in kept


def test_trace_tells_where_goods_came_from_and_went(run: Run, story_file: Path) -> None:
    run("intake", str(story_file))
    entry = next(each.record for each in story() if each.record["kind"] == "entry_declaration")
    lot = f"{entry['id']}/1"
    text = run("trace", lot)
    assert text.exit_code == 0, text.output
    assert f"lot {lot} — asked about" in text.output
    data = json.loads(run("trace", lot, "--json").output)
    assert data["asked"] == lot
    assert any(move["from"] == "world:entry" for view in data["lots"] for move in view["moves"])


def test_the_journal_verifies_and_a_changed_balance_does_not(run: Run, story_file: Path) -> None:
    run("intake", str(story_file))
    sound = json.loads(run("log", "verify", "--json").output)
    assert sound["sound"]
    assert sound["entries"] >= len(story())
    from keruen.store.rows import raw_connection

    raw_connection().execute("UPDATE keruen_balance SET free = free + 1 WHERE free > 0")
    broken = run("log", "verify", "--json")
    assert broken.exit_code == 7
    assert {code for code, _ in json.loads(broken.output)["problems"]} == {"balance_differs"}


def test_a_changed_document_text_is_found(run: Run, story_file: Path) -> None:
    run("intake", str(story_file))
    from keruen.store.rows import raw_connection

    raw_connection().execute("UPDATE keruen_document SET body = body || ' '::bytea WHERE kind = 'waybill'")
    found = json.loads(run("log", "verify", "--json").output)
    assert {code for code, _ in found["problems"]} == {"document_differs"}


def test_every_kind_has_a_schema(run: Run) -> None:
    for kind in run("schema").output.split():
        assert json.loads(run("schema", kind).output)["properties"]["kind"]["const"] == kind


def test_lists_name_their_editions(run: Run) -> None:
    rows = json.loads(run("lists", "--json").output)
    assert {row["list"] for row in rows} >= {"chpl", "coalition", "transshipment"}


def test_every_kind_of_failure_has_an_exit_code_of_its_own() -> None:
    kinds = KeruenError.__subclasses__()
    assert set(cli.EXIT_CODES) == set(kinds)
    assert len(set(cli.EXIT_CODES.values())) == len(kinds)


def test_an_unknown_lot_is_said_plainly(run: Run) -> None:
    found = run("trace", "NO-SUCH/1")
    assert isinstance(found.exception, KeruenError)
    assert "NO-SUCH/1" in found.exception.text


def test_a_filer_cannot_file_for_another_by_the_envelope(run: Run, story_file: Path, tmp_path: Path) -> None:
    problems = tmp_path / "problems.csv"
    found = run(
        "intake",
        str(story_file),
        "--role",
        "filer",
        "--user",
        "mallory",
        "--organisation",
        "000000000000",
        "--problems",
        str(problems),
    )
    assert found.exit_code == 4
    assert "0 accepted" in found.output


def test_simulate_and_score_speak_the_same_language(run: Run, tmp_path: Path) -> None:
    folder, results = tmp_path / "country", tmp_path / "results.ndjson"
    assert run("simulate", "--lines", "500", "--seed", "3", "--out", str(folder)).exit_code == 0
    run("intake", *map(str, sorted(folder.glob("records-*.ndjson"))), "--results", str(results))
    found = json.loads(
        run("score-schemes", "--truth", str(folder / "truth.json"), "--results", str(results), "--json").output
    )
    assert found["total"]["instances"] > 0
    assert found["honest"]["false_holds_per_1000"] < 20


def test_a_taken_port_is_said_before_anything_starts(home: Settings, run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        use(home.model_copy(update={"host": "127.0.0.1", "port": port}))
        found = run("serve")
    assert isinstance(found.exception, Conflict)
    assert f"port {port} of 127.0.0.1 is taken" in found.exception.text
    assert "KERUEN_PORT" in found.exception.text
    assert "listens" not in found.output


def test_a_firms_list_is_the_whole_list_without_the_others(run: Run, story_file: Path, postgres: PostgresStore) -> None:
    run("intake", str(story_file))
    every = postgres.page(Query(limit=1000))
    firms = {firm for row in every.rows for firm in (row.holder, row.counterparty) if firm}
    assert len(firms) > 2
    for firm in firms:
        expected = [row for row in every.rows if firm in (row.holder, row.counterparty)]
        found = postgres.page(Query(organisation=firm, limit=1000))
        assert list(found.rows) == expected
        assert found.total == len(expected)
        steps = [postgres.page(Query(organisation=firm, limit=2, offset=at)) for at in range(0, len(expected), 2)]
        assert [row for step in steps for row in step.rows] == expected
        kind = expected[0].kind
        only = postgres.page(Query(organisation=firm, kind=kind, limit=1000))
        assert list(only.rows) == [row for row in expected if row.kind == kind]
        assert only.total == len(only.rows)
    assert any(row.holder != row.counterparty and row.counterparty for row in every.rows)
