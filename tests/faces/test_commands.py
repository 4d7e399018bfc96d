"""Which modules a command line loads: those of the command alone, for a person waits for what is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from keruen.faces import cli
from keruen.faces.cli.app import app


def test_every_command_stands_in_the_table_by_the_module_that_adds_it() -> None:
    found: dict[str, set[str]] = {}
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.replace("_", "-")
        found.setdefault(command.callback.__module__, set()).add(name)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            title = group.name or group.typer_instance.info.name
            assert command.callback is not None
            assert isinstance(title, str)
            found.setdefault(command.callback.__module__, set()).add(title)
    assert found == {f"keruen.faces.cli.{module}": set(words) for module, words in cli.COMMANDS.items()}


@pytest.mark.parametrize(
    ("word", "without"),
    [
        ("trade", {"keruen.compose", "keruen.faces.cli.admin", "lightgbm", "pandas"}),
        ("screen", {"keruen.faces.cli.trade", "ibis", "lightgbm"}),
        ("intake", {"keruen.compose", "keruen.screening.index", "ibis"}),
    ],
)
def test_a_command_is_loaded_without_what_others_need(word: str, without: set[str]) -> None:
    said = f"import sys; sys.argv = ['keruen', '{word}']; import keruen.faces.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.split()
    assert {f"keruen.faces.cli.{each}" for each in cli.wanted(["keruen", word])} <= set(loaded)
    assert not without & set(loaded)


@pytest.mark.parametrize("words", ["/usr/bin/keruen", "/usr/bin/keruen --help", "/usr/bin/pytest trade", "keruen what"])
def test_otherwise_every_command_is_loaded(words: str) -> None:
    folder = Path(cli.__file__).parent
    adding = {
        path.stem
        for path in folder.glob("*.py")
        if path.stem != "__init__" and "faces.cli.app import app" in path.read_text("utf-8")
    }
    assert set(cli.wanted(words.split())) == adding
