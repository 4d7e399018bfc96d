"""The lake: Parquet files by source and period, and one catalogue that says which of them count.

The catalogue is replaced in one step when a load is complete, so that a reader sees the lake before a load or after
it, and
never between. Files that no catalogue names are left from a load that did not end; the next load removes them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.lake.trade.engine import Engine, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    import ibis
    import pyarrow as pa

CATALOGUE = "catalogue.json"


@dataclass(frozen=True, slots=True)
class Partition:
    """What the lake holds of one source in one period.

    Attributes:
        files: Relative to the lake.
        levels: Digits of the product to the rows that there are.
        reporters: Who reported, by flow.
        plain: All areas are countries, none an aggregate or not specified; None: a load before this was noted.
        second: Some row names a second partner; None: not noted.
    """

    source: str
    period: str
    files: tuple[str, ...]
    rows: int
    levels: dict[str, int]
    reporters: dict[str, list[str]]
    plain: bool | None = None
    second: bool | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """One file that was loaded."""

    file: str
    sha256: str
    layout: str
    source: str
    rows: int
    left_out: int
    periods: tuple[str, str]
    at: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What counts now."""

    partitions: tuple[Partition, ...] = ()
    loads: tuple[Load, ...] = ()
    by_source: dict[str, list[Partition]] = field(default_factory=dict, compare=False)


class Lake:
    """The lake in a folder, read by an engine."""

    def __init__(self, root: Path, master: str = "duckdb") -> None:
        self.root = root
        self.master = master
        self._engine: Engine | None = None
        self._facts: dict[tuple[str, ...], ibis.Table] = {}
        self._read: tuple[tuple[int, int, int], Catalogue] | None = None
        self.known: dict[str, frozenset[str]] = {}
        """Six-digit codes of a source, once they were asked for; see `editions.covered_by`."""

    @property
    def engine(self) -> Engine:
        """The engine, started when first asked."""
        if self._engine is None:
            self._engine = open_engine(self.master)
        return self._engine

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.close()
        self._engine = None
        self._facts.clear()
        self.known.clear()

    def mark(self) -> tuple[int, int, int] | None:
        """Changes with the catalogue, which is always replaced and never written to; None where there is none."""
        try:
            found = (self.root / CATALOGUE).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def catalogue(self) -> Catalogue:
        """What counts now; empty where nothing was loaded yet."""
        mark = self.mark()
        if mark is None:
            return Catalogue()
        if self._read is None or self._read[0] != mark:
            self._read = mark, self._catalogue()
            self.known.clear()
        return self._read[1]

    def _catalogue(self) -> Catalogue:
        try:
            found = orjson.loads((self.root / CATALOGUE).read_bytes())
        except ValueError as error:
            raise IntegrityFailure(
                f"the catalogue of the lake at {self.root} cannot be read: {error}", code="trade_catalogue"
            ) from error
        partitions = tuple(Partition(**{**each, "files": tuple(each["files"])}) for each in found["partitions"])
        by_source: dict[str, list[Partition]] = {}
        for each in partitions:
            by_source.setdefault(each.source, []).append(each)
        loads = tuple(Load(**{**each, "periods": tuple(each["periods"])}) for each in found["loads"])
        return Catalogue(partitions, loads, by_source)

    def keep(self, catalogue: Catalogue) -> None:
        """Put a catalogue in force. If we stop before the last line, the one before it counts."""
        made = {
            "partitions": [asdict(each) for each in catalogue.partitions],
            "loads": [asdict(each) for each in catalogue.loads],
        }
        waiting = self.root / f"{CATALOGUE}.new"
        with waiting.open("wb") as stream:
            stream.write(orjson.dumps(made, option=orjson.OPT_INDENT_2))
            stream.flush()
            os.fsync(stream.fileno())
        waiting.replace(self.root / CATALOGUE)
        self._facts.clear()
        self._read = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time; others wait."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def sources(self) -> list[str]:
        """Names of what was loaded."""
        return sorted(self.catalogue().by_source)

    def levels(self, source: str) -> set[int]:
        """Levels of product that a source has somewhere."""
        return {int(level) for each in self.parts(source) for level in each.levels}

    def periods(self, source: str) -> list[str]:
        """Periods of a source, in order."""
        return sorted(each.period for each in self.parts(source))

    def parts(self, source: str) -> list[Partition]:
        """What the lake holds of a source.

        Raises:
            InvalidInput: The source is not in the lake.
        """
        held = self.catalogue().by_source
        if source not in held:
            raise InvalidInput(
                f"the lake has no source {source!r}; it has {', '.join(sorted(held)) or 'nothing yet'}: "
                "load one with `keruen trade load FILE…`",
                code="trade_source",
                source=source,
            )
        return held[source]

    def edition(self, source: str) -> str:
        """Name of what the lake holds of a source: the publication, and a hash of its files in the order of loading.

        The same files loaded in the same order have the same name on every machine; the catalogue lists them.
        """
        self.parts(source)
        loaded = "".join(each.sha256 for each in self.catalogue().loads if each.source == source)
        return f"{source} {hashlib.sha256(loaded.encode()).hexdigest()[:12]}"

    def facts(self, *sources: str, periods: tuple[str, str] | None = None) -> ibis.Table:
        """Rows of some sources as they were loaded: columns of `columns.SCHEMA`.

        Args:
            sources: Which; at least one.
            periods: First and last period that will be asked for; files of others are not opened.

        Raises:
            InvalidInput: A source is not in the lake.
        """
        held = {source: self.parts(source) for source in sources}
        files = tuple(
            str(self.root / name)
            for source in sources
            for each in held[source]
            if periods is None or periods[0][:4] <= each.period[:4] <= periods[1][:4]
            for name in each.files
        )
        if not files:
            files = tuple(str(self.root / name) for name in held[sources[0]][0].files)
        if files not in self._facts:
            self._facts[files] = self.engine.table(files)
        return self._facts[files]

    def run(self, expression: ibis.Table) -> pa.Table:
        """Work out an expression: an Arrow table."""
        return self.engine.run(expression)

    def rows(self, expression: ibis.Table) -> list[dict[str, Any]]:
        """The same as records."""
        return self.run(expression).to_pylist()  # type: ignore[no-any-return]
