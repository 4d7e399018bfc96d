"""The auditor's single file: it stands alone, and finds what is wrong."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keruen.journal.checkpoint import Checkpoint, sign_checkpoint
from keruen.journal.note import Ed25519Signer
from keruen.journal.writer import LogState, plan_append

ORIGIN = "example.com/log"
SIGNER = Ed25519Signer(ORIGIN, b"s" * 32)
TOOL = Path(__file__).parents[2] / "tools/verify_log.py"


def a_log(folder: Path, *sizes: int) -> Checkpoint:
    """Write a log that was published at each of these sizes."""
    state = LogState()
    for size in sizes:
        plan = plan_append(state, [b"entry %d" % number for number in range(state.size, size)])
        state = plan.state
        for file in plan.files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    (folder / "checkpoint").write_bytes(sign_checkpoint(state.checkpoint(ORIGIN), [SIGNER]))
    return state.checkpoint(ORIGIN)


def run(folder: Path, *more: str, key: Ed25519Signer = SIGNER) -> subprocess.CompletedProcess[str]:
    # -I: neither the environment nor the working directory can lend it our package.
    return subprocess.run(
        [sys.executable, "-I", str(TOOL), str(folder), key.verifier.vkey, *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_imports_nothing_of_ours() -> None:
    imported = set()
    for node in ast.walk(ast.parse(TOOL.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


@pytest.mark.parametrize(
    "sizes", [(0,), (1,), (2,), (255,), (256,), (257,), (3, 300, 513), (65_536,), (65_537, 70_000)]
)
def test_a_sound_log_is_accepted_with_its_size_and_root(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    checkpoint = a_log(tmp_path, *sizes)
    result = run(tmp_path)
    assert result.stderr == ""
    assert result.returncode == 0
    assert result.stdout.split() == ["size", str(sizes[-1]), "root", checkpoint.text.split("\n")[2]]


def test_a_changed_byte_in_any_file_is_found_older_partial_tiles_too(tmp_path: Path) -> None:
    sound = tmp_path / "sound"
    a_log(sound, 3, 300, 600)
    files = sorted(path.relative_to(sound) for path in sound.rglob("*") if path.is_file())
    assert Path("tile/0/000.p/3") in files
    for file in files:
        log = tmp_path / "log"
        shutil.copytree(sound, log)
        content = bytearray((log / file).read_bytes())
        content[len(content) // 2] ^= 1
        (log / file).write_bytes(content)
        result = run(log)
        assert result.returncode == 1, file
        assert result.stderr.startswith("WRONG: "), file
        (log / file).unlink()
        if file.parts[-2:] not in {
            ("000.p", "3"),
            ("001.p", "44"),
            ("000.p", "1"),
        }:  # Those it need not have.
            assert run(log).returncode == 1, file
        shutil.rmtree(log)


def test_the_edited_entry_is_named(tmp_path: Path) -> None:
    a_log(tmp_path, 600)
    bundle = tmp_path / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 300", b"entry 9OO"))
    result = run(tmp_path)
    assert result.returncode == 1
    assert "entry 300 " in result.stderr


def test_another_key_another_origin_and_a_wholly_rebuilt_log_are_refused(tmp_path: Path) -> None:
    a_log(tmp_path, 300)
    assert "not signed by" in run(tmp_path, key=Ed25519Signer(ORIGIN, b"t" * 32)).stderr
    assert "expected 'other'" in run(tmp_path, "--origin", "other").stderr
    forged = sign_checkpoint(Checkpoint(ORIGIN, 300, b"r" * 32), [SIGNER])
    (tmp_path / "checkpoint").write_bytes(forged)
    assert "do not have the root" in run(tmp_path).stderr
