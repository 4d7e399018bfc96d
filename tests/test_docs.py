"""The manual: its links lead somewhere, it names everything there is, and its tables are those of the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from keruen.errors import InvalidInput
from keruen.faces.cli import EXIT_CODES
from keruen.faces.cli.app import app
from keruen.profiles import load
from keruen.settings import documented
from keruen.texts import catalogue

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
FIRST_SCREEN_LINES = 40
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

# What belongs to a workplace and not to Keruen. example.* and 127.0.0.1 are nobody's.
PRIVATE = re.compile(
    r"(?<![\w.])/(?:root|work|home|tmp)/|\.internal\b|artifactory|\bmirror\b.*https?:|index-url|pypi\.|"
    r"\b10\.\d+\.\d+\.\d+|\b192\.168\.|host\.docker",
    re.IGNORECASE,
)


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as they are made from them."""
    titles = re.findall(r"^#+ (.+)$", without_code(text_of(path)), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands() -> list[str]:
    """Every command as it is typed."""
    root = typer.main.get_command(app)
    found: list[str] = []
    for name, command in sorted(getattr(root, "commands", {}).items()):
        below = getattr(command, "commands", None)
        found += [f"keruen {name} {sub}" for sub in sorted(below)] if below else [f"keruen {name}"]
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_the_manual_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(without_code(text_of(page))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.is_relative_to(ROOT), f"{named(page)}: {link} leads out of the project"
        assert path.exists(), f"{named(page)}: {link} leads nowhere"
        if anchor:
            assert anchor in anchors(path), f"{named(page)}: {link} names no heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in LINK.findall(without_code(text_of(page))):
            path = (page.parent / link.partition("#")[0]).resolve()
            if path.is_dir() and path.is_relative_to(ROOT / "docs"):
                waiting += sorted(path.glob("*.md"))
            elif path.suffix == ".md" and path.is_file():
                waiting.append(path)

    assert not set(PAGES) - seen


def test_the_first_screen_names_the_two_commands() -> None:
    first = "\n".join(text_of(ROOT / "README.md").splitlines()[:FIRST_SCREEN_LINES])

    assert "make demo" in first
    assert "make test" in first
    assert "python3-venv" in first


@pytest.mark.parametrize("command", commands())
def test_the_manual_names_every_command(command: str) -> None:
    manual = text_of(ROOT / "docs" / "administrator.md") + text_of(ROOT / "docs" / "filer.md")

    assert re.search(rf"{re.escape(command)}\b", manual)


def test_the_manual_names_every_setting() -> None:
    manual = text_of(ROOT / "docs" / "administrator.md")

    assert [row.env for row in documented() if f"`{row.env}`" not in manual] == []


def test_the_manual_names_every_exit_code() -> None:
    manual = text_of(ROOT / "docs" / "administrator.md")
    line = next(line for line in manual.splitlines() if line.startswith("Exit codes by kind of failure"))

    assert EXIT_CODES[InvalidInput] == 2
    assert {int(number) for number in re.findall(r"\d+", line)} >= set(EXIT_CODES.values())


@pytest.mark.parametrize("kind", sorted(load("kz").kinds))
def test_the_page_of_the_profile_has_every_kind(kind: str) -> None:
    assert kind in anchors(ROOT / "docs" / "profile-kz.md")


def test_the_page_of_the_profile_names_every_effect_that_is_used() -> None:
    page = text_of(ROOT / "docs" / "profile-kz.md").partition("## All kinds")[0]
    used = {arrow.effect for kind in load("kz").kinds.values() for arrow in (kind.on_file, *kind.transitions)}

    assert [effect for effect in sorted(used - {"none"}) if f"`{effect}`" not in page] == []


def test_the_officers_page_explains_every_finding() -> None:
    page = text_of(ROOT / "docs" / "officer.md")
    codes = [code.removeprefix("finding.") for code in catalogue("en") if code.startswith("finding.")]

    assert codes
    assert [code for code in codes if f"| `{code}` |" not in page] == []


@pytest.mark.parametrize("tool", ["settings_doc", "profile_doc", "formats_doc"])
def test_generated_tables_are_up_to_date(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / f"{tool}.py", "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_manual_speaks_of_keruen_alone(page: Path) -> None:
    for number, line in enumerate(text_of(page).splitlines(), 1):
        found = PRIVATE.search(line)
        assert found is None, f"{named(page)}, line {number}: {found.group() if found else ''}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=named)
def test_every_decision_says_why_and_what_else_there_was(page: Path) -> None:
    content = text_of(page)

    assert re.match(rf"# {page.name[:4]}\. \S", content)
    assert re.search(r"^Status: \w+.*Date: \d{4}-\d{2}-\d{2}\.$", content, flags=re.MULTILINE)
    for heading in ("Context", "Decision", "Consequences", "Alternatives"):
        assert f"\n## {heading}\n" in content


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs" / "adr").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))
