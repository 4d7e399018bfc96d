"""What a stranger meets first: two commands, a lock that can be trusted, and a script that CI runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-peers.txt")
TARGETS = ("help", "venv", "demo", "test", "check", "bench", "bench-quick", "bench-screening", "soak", "serve", "clean")

# A screen is what is seen before anybody scrolls.
FIRST_SCREEN_LINES = 40


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def entries(lock: str) -> list[str]:
    """The lock's requirements, each with its continuation lines joined."""
    lines = [line for line in read(lock).splitlines() if not line.lstrip().startswith("#")]
    return [entry for entry in "\n".join(lines).replace("\\\n", "").splitlines() if entry.strip()]


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_begins_with_the_two_commands(command: str) -> None:
    assert command in "\n".join(read("README.md").splitlines()[:FIRST_SCREEN_LINES])


@pytest.mark.parametrize("target", TARGETS)
def test_make_has_the_target(target: str) -> None:
    assert re.search(rf"^{target}:.*## ", read("Makefile"), re.MULTILINE), target


def test_make_alone_tells_what_there_is() -> None:
    said = subprocess.run(["make", "--silent"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in TARGETS:
        assert f"make {target} " in said


def test_ci_runs_the_readmes_test_command() -> None:
    script = read(".ci/run")
    assert re.search(r"^make test\b", script, re.MULTILINE)
    assert script.startswith("#!/usr/bin/env bash\n")
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_one_version_and_its_hashes(lock: str) -> None:
    found = entries(lock)
    assert len(found) > 20
    for entry in found:
        assert re.match(r"^[a-z0-9._-]+(\[[a-z,]+\])?==\S+ ", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_host_and_no_path_of_a_machine(lock: str) -> None:
    text = read(lock)
    assert "://" not in text
    assert "file:/" not in text
    assert not re.search(r"^--?(index|extra|find|trusted|i\b|f\b)", text, re.MULTILINE)
    assert not re.search(r"(^|\s)/\w", text), "a path"


def test_tests_run_against_the_versions_that_are_shipped() -> None:
    def pins(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", read(lock), re.MULTILINE))

    shipped, tested = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: tested.get(name) for name in shipped} == shipped


def test_what_we_ask_for_is_locked() -> None:
    asked = [line for line in read("requirements.in").splitlines() if line and not line.startswith("#")]
    locked = {re.split(r"\[|==", entry)[0] for entry in entries("requirements.txt")}
    assert {re.split(r"[\[~=<>]", line)[0] for line in asked} <= locked


@pytest.mark.parametrize("script", ["tools/venv.sh", "tools/install-chromium.sh"])
def test_scripts_are_sh_and_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["sh", "-n", ROOT / script], check=True)


def fake_checkout(place: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run tools/venv.sh in a copy where `python3` is the script given, and nothing newer is to be found."""
    (place / "tools").mkdir(parents=True)
    (place / "bin").mkdir()
    (place / "tools" / "venv.sh").write_text(read("tools/venv.sh"))
    for lock in LOCKS:
        (place / lock).write_text("")
    for name in ("sh", "dirname", "cat", "rm", "chmod"):
        found = next(Path(folder, name) for folder in ("/bin", "/usr/bin") if Path(folder, name).exists())
        (place / "bin" / name).symlink_to(found)
    (place / "bin" / "python3").write_text(python)
    (place / "bin" / "python3").chmod(0o755)
    command = ["sh", "tools/venv.sh", "run"]
    environment = {"PATH": str(place / "bin")}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


def test_an_old_python_is_told(tmp_path: Path) -> None:
    old = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n'
    done = fake_checkout(tmp_path, old)
    assert done.returncode == 1
    assert "needs Python 3.11 or later; found: Python 3.9.2" in done.stderr


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    # Debian's python3 without python3-venv: everything works but the import of ensurepip.
    bare = f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n'
    done = fake_checkout(tmp_path, bare)
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_the_environment_works_in_a_path_with_spaces_and_is_made_once(tmp_path: Path) -> None:
    real = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
    place = tmp_path / "my projects" / "keruen"
    done = fake_checkout(place, real)
    assert done.returncode == 0, done.stderr
    assert "Installing" in done.stderr
    # The face is another's; here only that the command finds this checkout's code.
    package = place / "src" / "keruen" / "faces"
    package.mkdir(parents=True)
    (package / "cli.py").write_text("import sys\ndef main(): print(sys.argv)\n")
    said = subprocess.run([place / ".venv/bin/keruen", "a b"], capture_output=True, text=True, check=True, cwd="/")
    assert said.stdout == "['keruen', 'a b']\n"
    again = subprocess.run(
        ["sh", place / "tools/venv.sh"],
        env={"PATH": str(place / "bin")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stderr == ""
