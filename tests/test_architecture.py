"""Which room may import which: a module imports only what stands to its left, and rooms side by side not at all."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "src" / "keruen"

STRATA: tuple[frozenset[str], ...] = (
    frozenset({"errors", "garbage", "__version__"}),
    frozenset({"codes", "texts"}),
    frozenset({"model"}),
    frozenset({"profiles"}),
    frozenset(
        {
            "documents",
            "ledger",
            "verification",
            "journal",
            "formats",
            "watchlists",
            "screening",
            "facts",
            "descriptions",
            "rules",
            "risk",
            "transit",
            "cases",
        }
    ),
    frozenset({"workflow"}),
    frozenset({"store", "lake"}),
    frozenset({"settings"}),
    frozenset({"compose"}),
    frozenset({"faces"}),
    frozenset({"__main__"}),
)
"""From left to right; names of one stratum do not import each other. A room that does not exist yet has its place."""
LEVEL = {name: level for level, names in enumerate(STRATA) for name in names}

BESIDE = {"simulate": frozenset({"errors", "__version__", "codes", "model", "profiles"})}
"""Rooms that stand beside the house, with all they may know of it."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("formats", "documents.problems"): "a file's rows are answered with the same RowProblem as a record's fields; the "
    "record belongs in model, the table of texts with the other texts",
    ("formats", "documents.parsing"): "the name of the kind `action`, which belongs in model",
    ("formats", "documents.fields"): "the patterns and limits of values, for the JSON Schema; they belong in model",
    ("verification", "ledger.allocation"): "Share and Shortage, which allocation hands on and which belong in model",
}
"""(room, module) that break the direction today, each with its reason; no other may, and none that is not needed."""

PURE = ("errors.py", *(name for names in STRATA[1:6] for name in sorted(names - {"formats", "watchlists"})))
"""Values in, values out; formats and watchlists stand apart because they are handed open streams."""
WORLD = frozenset(
    {
        "socket",
        "http",
        "urllib",
        "requests",
        "httpx",
        "subprocess",
        "django",
        "psycopg",
        "threading",
        "asyncio",
        "random",
        "time",
        "tempfile",
        "shutil",
    }
)
PURE_EXCEPTIONS = {("workflow/gather.py", "threading"): "it gathers the threads of one process into batches"}
FILES = sorted(ROOT.rglob("*.py"))


def module_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Full names of all modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module_of(path)}: imports are absolute"
            assert node.module is not None
            found.update(
                {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "keruen" else {node.module}
            )
    return found


def ours(path: Path) -> set[str]:
    """The same without those of others, and without the package's name."""
    return {name.removeprefix("keruen.") for name in imports(path) if name.startswith("keruen.")}


def may(here: str, there: str) -> bool:
    """Whether the direction lets a room import another."""
    if here in BESIDE:
        return there in BESIDE[here]
    if there in BESIDE:
        return here == "faces"
    return LEVEL[there] < LEVEL[here]


def broken(path: Path) -> set[tuple[str, str]]:
    """(room, module) of a file's imports that go against the direction."""
    here = room_of(path)
    pairs = {(here, name, name.split(".", maxsplit=1)[0]) for name in ours(path)}
    return {(room, name) for room, name, there in pairs if there != room and not may(room, there)}


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_left(path: Path) -> None:
    if path.parent == ROOT and path.name == "__init__.py":
        assert not ours(path)
        return
    assert room_of(path) in LEVEL or room_of(path) in BESIDE, f"{room_of(path)} has no place in the house"
    assert broken(path) <= EXCEPTIONS.keys()


def test_every_exception_is_still_needed() -> None:
    assert {pair for path in FILES for pair in broken(path)} == EXCEPTIONS.keys()


@pytest.mark.parametrize("path", [path for path in FILES if path.relative_to(ROOT).parts[0] in PURE], ids=module_of)
def test_what_stands_left_of_the_store_knows_no_world(path: Path) -> None:
    for name in imports(path):
        if (module_of(path), name) not in PURE_EXCEPTIONS:
            assert name.split(".")[0] not in WORLD, f"{module_of(path)} may not import {name}"


@pytest.mark.parametrize("path", [path for path in FILES if path.relative_to(ROOT).parts[0] in PURE], ids=module_of)
def test_what_stands_left_of_the_store_asks_no_clock_and_opens_no_file(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            owner = called.value.id if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) else ""
            where = f"{module_of(path)}, line {node.lineno}"
            assert (owner, name) not in {("datetime", "now"), ("date", "today"), ("datetime", "utcnow")}, where
            assert not (name == "open" and owner == ""), where


def test_the_workflow_reaches_the_store_through_its_ports_alone() -> None:
    for path in FILES:
        if room_of(path) == "store":
            assert {name for name in ours(path) if name.startswith("workflow.")} <= {"workflow.ports"}, module_of(path)
