"""Our log is accepted by a verifier that shares no code with it: Go's checksum database."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from keruen.journal.checkpoint import sign_checkpoint
from keruen.journal.note import Ed25519Signer
from keruen.journal.writer import LogState, plan_append

pytestmark = pytest.mark.go

ORIGIN = "example.com/log"
SIGNER = Ed25519Signer(ORIGIN, b"s" * 32)
SOURCE = Path(__file__).with_name("goverify") / "main.go"
GOPATH = Path("/usr/share/gocode")


@pytest.fixture(scope="module")
def goverify(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the verifier from Debian's source packages, without network."""
    if shutil.which("go") is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        reason = "Go or golang-golang-x-mod-dev is absent: run tools/install-go.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("goverify")
    shutil.copy(SOURCE, folder)
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    subprocess.run(["go", "build", "-o", "goverify", "."], cwd=folder, env=environment, check=True)
    return folder / "goverify"


def grow(folder: Path, state: LogState, size: int) -> LogState:
    """Append entries of many lengths until the log has a size, and sign it."""
    entries = [b"entry %d " % number + b"." * (number % 700) for number in range(state.size, size)]
    plan = plan_append(state, entries)
    for file in plan.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    (folder / "checkpoint").write_bytes(sign_checkpoint(plan.state.checkpoint(ORIGIN), [SIGNER]))
    return plan.state


def run(goverify: Path, folder: Path, *more: Path, key: Ed25519Signer = SIGNER) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [goverify, key.verifier.vkey, folder, *more], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("size", [1, 255, 256, 257, 5000, 70_000])
def test_go_accepts_our_log(goverify: Path, tmp_path: Path, size: int) -> None:
    state = grow(tmp_path, LogState(), size)
    result = run(goverify, tmp_path)
    assert result.stderr == ""
    assert result.stdout.split()[0] == str(size)
    assert result.stdout.split()[1] == state.checkpoint(ORIGIN).text.split("\n")[2]


@pytest.mark.parametrize(("old", "new"), [(1, 2), (255, 257), (256, 5000), (3000, 70_000)])
def test_go_accepts_that_our_log_only_grew(goverify: Path, tmp_path: Path, old: int, new: int) -> None:
    state = grow(tmp_path, LogState(), old)
    older = tmp_path / "older"
    shutil.copy(tmp_path / "checkpoint", older)
    grow(tmp_path, state, new)
    result = run(goverify, tmp_path, older)
    assert (result.returncode, result.stderr) == (0, "")


def test_go_names_the_entry_that_was_edited(goverify: Path, tmp_path: Path) -> None:
    grow(tmp_path, LogState(), 5000)
    bundle = tmp_path / "tile/entries/005"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 1284 ", b"entry 1285 "))
    result = run(goverify, tmp_path)
    assert result.returncode == 1
    assert "entry 1284 in tile/entries/005 does not hash to its leaf" in result.stderr


def test_go_refuses_a_tile_that_was_changed(goverify: Path, tmp_path: Path) -> None:
    grow(tmp_path, LogState(), 5000)
    tile = tmp_path / "tile/0/003"
    tile.write_bytes(b"x" + tile.read_bytes()[1:])
    assert run(goverify, tmp_path).returncode == 1


def test_go_refuses_another_size_and_another_key(goverify: Path, tmp_path: Path) -> None:
    grow(tmp_path, LogState(), 257)
    assert run(goverify, tmp_path, key=Ed25519Signer(ORIGIN, b"t" * 32)).returncode == 1
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"257", b"256"))
    assert "invalid signature" in run(goverify, tmp_path).stderr


def test_go_refuses_an_older_checkpoint_of_a_fork(goverify: Path, tmp_path: Path) -> None:
    fork = plan_append(LogState(), [b"other"] * 300).state.checkpoint(ORIGIN)
    older = tmp_path / "older"
    older.write_bytes(sign_checkpoint(fork, [SIGNER]))
    log = tmp_path / "log"
    grow(log, LogState(), 5000)
    assert "did not only grow from 300 to 5000" in run(goverify, log, older).stderr
