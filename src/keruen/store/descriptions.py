"""An administration's own labelled lines, and the trees fitted on them, kept in the home folder.

What judges texts is imported where it is used: scikit-learn and LightGBM take seconds and 150 MB, which a server that
learnt nothing need not pay.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keruen.errors import IntegrityFailure, InvalidInput

if TYPE_CHECKING:
    from keruen.descriptions.learning import Mark
    from keruen.descriptions.plausibility import Labelled, Reader

LINES: Final = "lines.tsv"
TREES: Final = "suspicion.txt"
MARK: Final = "mark.json"
CODE_DIGITS: Final = (4, 6, 8, 9, 10)


def read_lines(path: Path, source: str = "own") -> list[Labelled]:
    """Labelled lines of a CSV with the columns `text` and `code` (or `hs6`); codes are read as text.

    Raises:
        InvalidInput: A column is missing or a code is none; row and column are named.
    """
    from keruen.descriptions.plausibility import Labelled

    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        names = rows.fieldnames or []
        column = "code" if "code" in names else "hs6"
        if "text" not in names or column not in names:
            raise InvalidInput(
                f"{path.name}: the columns text and code are needed, found {', '.join(names) or 'none'}",
                code="lines_columns",
                path=path.name,
            )
        found = []
        for number, row in enumerate(rows, 2):
            code = (row[column] or "").strip()
            if not code.isdigit() or len(code) not in CODE_DIGITS:
                raise InvalidInput(
                    f"{path.name}, row {number}, {column}: four to ten digits expected, found {code!r}; "
                    f"a spreadsheet may have taken the leading nought",
                    code="lines_code",
                    path=path.name,
                    row=str(number),
                )
            found.append(Labelled(row["text"] or "", code[:6], source))
    return found


class Descriptions:
    """The reader of an installation.

    Args:
        folder: Where lines and trees are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def learned(self) -> bool:
        """Whether lines of its own were learnt."""
        return (self.folder / LINES).exists() and (self.folder / TREES).exists()

    def learn(self, lines: Sequence[Labelled]) -> tuple[Reader, Mark | None]:
        """Learn from lines beside the shipped texts, keep both, and set the mark from which on an officer is asked.

        Takes two to three minutes for 40,000 lines: once to set the mark on lines kept apart, once over all.
        """
        from keruen.descriptions.learning import calibrate, learn
        from keruen.descriptions.plausibility import shipped_lines

        mark = calibrate(shipped_lines(), lines)
        reader = learn([*shipped_lines(), *lines])
        self.folder.mkdir(parents=True, exist_ok=True)
        # Without its mark an edition says nothing of filings: if we stop between these, plausibility is unknown.
        (self.folder / MARK).unlink(missing_ok=True)
        rows = ("\t".join((line.text.replace("\t", " ").replace("\n", " "), line.hs6, line.source)) for line in lines)
        self._write(LINES, "\n".join(rows) + "\n")
        self._write(TREES, reader.trees.model_to_string())
        if mark is not None:
            self._write(MARK, json.dumps(mark._asdict() | {"edition": self.edition()}))
        return reader, mark

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all."""
        part = self.folder / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(self.folder / name)

    def edition(self) -> str:
        """Hash of what was learnt, lines and trees."""
        digest = hashlib.sha256()
        for name in (LINES, TREES):
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()[:12]

    def mark(self) -> Mark | None:
        """The mark of what was learnt; None where none was set.

        Raises:
            IntegrityFailure: It is the mark of another edition, or cannot be read.
        """
        from keruen.descriptions.learning import Mark

        try:
            found = json.loads((self.folder / MARK).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise IntegrityFailure(f"{self.folder / MARK} cannot be read: {error}", code="descriptions_mark") from error
        if not isinstance(found, dict) or found.get("edition") != self.edition():
            raise IntegrityFailure(
                "lines or trees of the description check are not those its mark was set on: learn them anew",
                code="descriptions_mark",
            )
        return Mark(found["mark"], found["false_alarms"], found["lines"])

    def reader(self) -> Reader:
        """Over its own lines where there are any, else over the shipped texts."""
        from keruen.descriptions.plausibility import Index, Labelled, Reader, shipped_lines

        if not self.learned:
            return Reader.shipped()
        rows = (line.split("\t") for line in (self.folder / LINES).read_text("utf-8").splitlines() if line)
        own = [Labelled(*row) for row in rows]
        return Reader(Index([*shipped_lines(), *own]), (self.folder / TREES).read_text("utf-8"))
