"""The commands to the trade statistics: what a person types and reads, and what is loaded for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keruen.errors import InvalidInput, KeruenError
from keruen.faces import cli
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


def test_trade_is_loaded_without_what_the_other_commands_need() -> None:
    assert cli._wanted(["/usr/bin/keruen", "trade", "status"]) == ("trade",)
    said = "import sys; sys.argv = ['keruen', 'trade']; import keruen.faces.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.split()
    assert "keruen.faces.cli.trade" in loaded
    assert not {"keruen.compose", "keruen.faces.cli.admin", "lightgbm", "pandas"} & set(loaded)


@pytest.mark.parametrize("words", ["/usr/bin/keruen", "/usr/bin/keruen --help", "/usr/bin/pytest trade"])
def test_otherwise_every_command_is_loaded(words: str) -> None:
    folder = Path(cli.__file__).parent
    adding = {
        path.stem
        for path in folder.glob("*.py")
        if path.stem != "__init__" and "faces.cli.app import app" in path.read_text("utf-8")
    }
    assert set(cli._wanted(words.split())) == adding


@pytest.mark.parametrize(
    "words", ["report", "diversion", "mirror", "breaks", "explain --source baci --reporter DE --partner KZ"]
)
def test_an_empty_lake_is_said_and_how_to_fill_it(run: Run, words: str) -> None:
    with pytest.raises(InvalidInput, match="it has nothing yet: load one with `keruen trade load"):
        run(*words.split())


def test_status_of_an_empty_lake_says_what_to_do(run: Run) -> None:
    assert "keruen trade load FILE" in run("status").output
