"""Write the table of settings in docs/administrator.md from the settings themselves.

python tools/settings_doc.py           writes it
python tools/settings_doc.py --check   says whether it is up to date, for CI

The table stands between two marks; what is around it is written by hand and left alone.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from keruen.settings import documented  # noqa: E402 - found on the path set above

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TARGET = ROOT / "docs" / "administrator.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the table; the exit code is 1 when a check finds it out of date."""
    return write_or_check(__doc__ or "", TARGET, {"settings": table()}, "settings_doc", arguments)


def table() -> str:
    """Every setting: variable, type, default and meaning."""
    rows = ["| variable | type | default | meaning |\n|---|---|---|---|\n"]
    rows += [
        f"| `{row.env}` | {_cell(row.type)} | `{_cell(row.default)}` | {_cell(row.meaning)} |\n" for row in documented()
    ]
    return "".join(rows)


def write_or_check(
    about: str, target: Path, blocks: Mapping[str, str], tool: str, arguments: Sequence[str] | None
) -> int:
    """What the tools that fill marked blocks of a page have in common: their command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would change")
    asked = parser.parse_args(arguments)
    before = target.read_text("utf-8")
    after = before
    for name, content in blocks.items():
        after = fill(after, name, content, tool)
    if asked.check and after != before:
        print(f"{target.relative_to(ROOT)} is out of date: run python tools/{tool}.py", file=sys.stderr)
        return 1
    if not asked.check:
        target.write_text(after, "utf-8")
    return 0


def fill(page: str, name: str, content: str, tool: str) -> str:
    """The page with the block of that name replaced.

    Raises:
        SystemExit: The page has no such block; a block nobody would update must not look generated.
    """
    begin = f"<!-- {name}: made by tools/{tool}.py, do not edit -->\n"
    end = f"<!-- end of {name} -->"
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"the page has no block {begin.strip()} … {end}")
    return f"{head}{begin}\n{content}\n{end}{tail}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
