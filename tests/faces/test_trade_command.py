"""The commands to the trade statistics: what a person types and reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow import parquet
from typer.testing import CliRunner, Result

import worlds
from keruen.errors import InvalidInput, KeruenError, NotFound
from keruen.faces.cli.app import app, use
from keruen.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command of `keruen trade` over an empty home; failures of ours are raised, as `main` gets them."""
    use(Settings(home=tmp_path / "home"))
    runner = CliRunner()

    def go(*words: str) -> Result:
        found = runner.invoke(app, ["trade", *words], env={"COLUMNS": "200"})
        if isinstance(found.exception, KeruenError):
            raise found.exception
        return found

    return go


@pytest.mark.parametrize(
    "words", ["report", "diversion", "mirror", "breaks", "explain --source baci --reporter DE --partner KZ"]
)
def test_an_empty_lake_is_said_and_how_to_fill_it(run: Run, words: str) -> None:
    with pytest.raises(InvalidInput, match="it has nothing yet: load one with `keruen trade load"):
        run(*words.split())


def test_status_of_an_empty_lake_says_what_to_do(run: Run) -> None:
    assert "keruen trade load FILE" in run("status").output


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Run:
    """The same over a lake that holds the made-up world."""
    assert run("load", str(worlds.write(tmp_path / worlds.NAME, worlds.rows()))).exit_code == 0
    return run


WORLD = f"--source comtrade --origins DE,FR,US --products {','.join(worlds.LISTED)}"


def test_a_hub_is_shown_with_its_placebo_and_doubts(loaded: Run) -> None:
    shown = loaded("diversion", "--hub", "KZ", *WORLD.split()).output
    assert "raised" in shown
    assert "placebo" in shown
    assert f"{len(worlds.LISTED)} of {len(worlds.LISTED)} rows shown" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"diversion --hub DE {WORLD}", "DE is an origin or the target itself"),
        (f"report --hub RU {WORLD}", "RU is an origin or the target itself"),
        ("diversion --source comtrade --products 8542", "'8542' is no code of 6 digits"),
        ("diversion --source comtrade --products abc", "'abc' is no code of 6 digits"),
        ("diversion --source comtrade --level 7", "products have 0, 2, 4, 6, 8, 10 digits, not 7"),
        ("diversion --source comtrade --level 4", "the high priority list is of six digits"),
        ("diversion --source comtrade --before 2021 --after 2022-01..2022-12", "both of years or both of months"),
        ("diversion --source comtrade --before 2022-01..2022-06", "2022-01..2022-06 does not lie before"),
        ("breaks --source comtrade --flow Q", "a flow is X or M, not 'Q'"),
        ("mirror --exports comtrade --imports comtrade --level 6 --now x", "a period is YYYY or YYYY-MM, not 'x'"),
        ("explain --source comtrade --reporter DE --partner Atlantis", "'Atlantis' is no country known"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(loaded: Run, words: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        loaded(*words.split())


@pytest.mark.parametrize(
    "words",
    [
        f"diversion --hub CU {WORLD}",
        f"report --hub CU --no-pdf {WORLD}",
        "breaks --source comtrade --partner CU",
        "explain --source comtrade --reporter DE --partner CU",
        "mirror --exports comtrade --imports comtrade --level 6 --hub CU",
    ],
)
def test_an_answer_without_rows_says_what_the_lake_has(loaded: Run, words: str) -> None:
    with pytest.raises(
        NotFound, match=r"comtrade has no rows of these .* it has 2021-01\.\.2022-12, with products of 6"
    ):
        loaded(*words.split())


def test_a_figure_over_two_nomenclatures_names_the_rows_of_both(loaded: Run) -> None:
    asked = "explain --source comtrade --reporter DE --partner KZ --product 851712 --json"
    with pytest.raises(NotFound):
        loaded(*asked.split())
    rows = json.loads(loaded(*asked.split(), "--family").output)
    assert {row["product"] for row in rows} == {"851713"}
    assert {row["file"].split("#")[0] for row in rows} == {worlds.NAME}


def test_a_file_of_an_unknown_layout_in_a_folder_is_passed_over_and_named(run: Run, tmp_path: Path) -> None:
    worlds.write(tmp_path / "folder" / worlds.NAME, worlds.rows())
    (tmp_path / "folder" / "products.csv").write_text("cn,product_name\n01012100,horses\n")
    said = run("load", str(tmp_path / "folder"))
    assert "products.csv: passed over" in said.stderr
    assert "comtrade" in said.stdout


def test_a_report_of_the_hubs_own_trade_dates_what_came_and_what_went_on(loaded: Run, tmp_path: Path) -> None:
    made = loaded("report", "--hub", "KZ", "--hub-reports", "--no-pdf", "-o", str(tmp_path / "r"), *WORLD.split())
    assert made.exit_code == 0, made.output
    breaks = parquet.read_table(tmp_path / "r" / "breaks.parquet").to_pylist()
    months = {(row["to"], row["month"]) for row in breaks if row["products"] == "products looked at"}
    assert months == {("KZ", "2022-03"), ("RU from KZ", "2022-03")}
    assert not (tmp_path / "r" / "markets.parquet").exists()
