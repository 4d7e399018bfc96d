"""The output folder: records in order of filing, the register of firms, the truth, the manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import IO, TYPE_CHECKING, Any

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.simulate.calendar import iso_instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keruen.simulate.economy import Firm
    from keruen.simulate.papers import Record

RECORDS_A_FILE = 250_000
OURS = ("records-*.ndjson", "truth.json", "parties.ndjson", "parties.csv", "listed_parties.csv", "manifest.json")
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Writer:
    """Writes records as they come and remembers only counts and hashes."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise InvalidInput(f"{folder} is a file, a folder is wanted", code="simulate_out", found=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in OURS:
            for stale in sorted(folder.glob(pattern)):
                stale.unlink()
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._in_file = 0
        self._last, self._micros = 0, 0
        self.files: list[dict[str, object]] = []
        self.records = 0
        self.lines = 0
        self.kinds: dict[str, int] = {}

    def put(self, now: int, record: Record, lines: int) -> None:
        """Write one record; `filed_at` is its instant, a microsecond later than the one before where they tie."""
        if now < self._last:
            raise IntegrityFailure(f"{record['id']} at {now} comes after a record of {self._last}")
        if now == self._last:
            self._micros += 1
        else:
            self._last, self._micros = now, 0
        record["filed_at"] = iso_instant(now, self._micros)
        if self._file is None or self._in_file >= RECORDS_A_FILE:
            self._open()
        assert self._file is not None
        data = (_ENCODE(record) + "\n").encode()
        self._file.write(data)
        self._hash.update(data)
        self._in_file += 1
        self.records += 1
        self.lines += lines
        kind = record["kind"]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def _open(self) -> None:
        self._close()
        name = f"records-{len(self.files) + 1:04d}.ndjson"
        self.files.append({"name": name})
        self._file = (self._folder / name).open("wb", buffering=1 << 20)
        self._hash = hashlib.sha256()
        self._in_file = 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            self.files[-1] |= {"records": self._in_file, "sha256": self._hash.hexdigest()}

    def aside(self, name: str, text: str, *, listed: bool = True) -> None:
        """Write a file beside the records."""
        data = text.encode()
        (self._folder / name).write_bytes(data)
        if listed:
            self.files.append({"name": name, "sha256": hashlib.sha256(data).hexdigest()})

    def finish(self, about: dict[str, Any]) -> None:
        """Close the records and write the manifest, last: a folder without one is not whole."""
        self._close()
        counts = {"records": self.records, "lines": self.lines, "kinds": dict(sorted(self.kinds.items()))}
        self.aside("manifest.json", pretty({**about, "counts": counts, "files": self.files}), listed=False)

    def close_records(self) -> None:
        """No more records come."""
        self._close()


def pretty(value: object) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def register(firms: Iterable[Firm]) -> tuple[str, str]:
    """The register of organisations as NDJSON and as CSV."""
    table = io.StringIO()
    out = csv.writer(table, lineterminator="\n")
    rows = [firm.register_row() for firm in firms]
    names = ["id", "name", "name_latin", "country", "role", "registered_on", "address", "phone", "director", "chapters"]
    out.writerow(names)
    for row in rows:
        chapters = row["chapters"]
        assert isinstance(chapters, list)
        out.writerow([*(row[name] for name in names[:-1]), " ".join(chapters)])
    return "".join(_ENCODE(row) + "\n" for row in rows), table.getvalue()
