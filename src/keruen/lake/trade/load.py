"""Files into the lake: read by DuckDB, every row checked, kept as a whole or not at all.

A file replaces, in each of its periods, what the lake has of the same source between the reporters and partners that
it names, at
its levels and flows; nothing else is touched. Until the catalogue is replaced, which is the last step, readers see
the lake as it was.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import pyarrow as pa
from pyarrow import parquet

from keruen.codes import hs
from keruen.errors import InvalidInput, KeruenError, Unavailable
from keruen.lake.trade import areas
from keruen.lake.trade.columns import DECIMAL, NAMES
from keruen.lake.trade.lake import Catalogue, Load, Partition
from keruen.lake.trade.layouts import EDITION_BY_YEAR, Fact, by_delimiter, layout_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import duckdb

    from keruen.lake.trade.lake import Lake

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".dat", ".json", ".json.gz", ".parquet")
STOPPED_REPORTING = {"RU": "2022"}
"""Who stopped to report, from which year: what the IMF shows since is made of partners' figures (IMF IMTS notes)."""
BACI_NAME = re.compile(r"_HS(\d\d)_")
EDITIONS = {"92": 1992, "96": 1996, "02": 2002, "07": 2007, "12": 2012, "17": 2017, "22": 2022}
SHOWN = 60
MARK = "\x1f"
PERIOD = "(19|20)[0-9]{2}(-?(0[1-9]|1[0-2]))?"
AMOUNTS = ("value", "mass_kg", "quantity")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the load itself, and the periods it touched."""

    load: Load
    touched: tuple[str, ...]
    unchanged: bool = False


def files_in(path: Path) -> list[Path]:
    """The files of a folder that may be statistics, folders within it too; a file is itself."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InvalidInput(f"{path}: there is no such file or folder", code="trade_file", file=str(path))
    return sorted(each for each in path.rglob("*") if each.is_file() and each.name.lower().endswith(SUFFIXES))


def is_statistics(path: Path) -> bool:
    """Whether a file is of a layout that the lake reads; a list of products beside them is not."""
    try:
        _Opened(path).close()
    except InvalidInput as error:
        return error.code != "trade_layout"
    return True


def load(
    lake: Lake, path: Path, *, source: str | None = None, reporter: str | None = None, threads: int | None = None
) -> Loaded:
    """Load one file.

    Args:
        lake: Where to.
        path: CSV (gzip too), Comtrade JSON, or Parquet, in one of `layouts.LAYOUTS`.
        source: Name of the publication; unset, that of the layout.
        reporter: Who reports, where the file does not say and its name does not begin with it.
        threads: Of the reader; unset, all cores.

    Raises:
        InvalidInput: A row cannot be right; the text names row and column, the lake is as it was.
    """
    digest = _digest(path)
    opened = _Opened(path, reporter)
    named = source or opened.layout.source
    try:
        with lake.writing():
            before = lake.catalogue()
            _remove_replaced(lake, before)
            shutil.rmtree(lake.root / "incoming", ignore_errors=True)
            work = lake.root / "incoming" / uuid4().hex
            work.mkdir(parents=True)
            try:
                return _Loading(lake, before, opened, named, digest, work, threads).run()
            finally:
                shutil.rmtree(work, ignore_errors=True)
    finally:
        opened.close()


class _Opened:
    """A file whose layout is known and which DuckDB can read."""

    def __init__(self, path: Path, reporter: str | None = None) -> None:
        self.path = path
        self.name = path.name
        self.delimiter = ","
        self.table: pa.Table | None = None
        self.first_row = 1
        lower = path.name.lower()
        try:
            if lower.endswith(".parquet"):
                self.columns = parquet.read_schema(path).names
            elif lower.endswith((".json", ".json.gz")):
                self.table = _json(path)
                self.columns = self.table.column_names
            else:
                self.first_row = 2
                self.columns = self._header()
        except (pa.ArrowException, EOFError, OSError) as error:
            raise InvalidInput(
                f"{self.name}: the file cannot be read: {_line(error)}. Is it a whole download?",
                code="trade_unreadable",
                file=self.name,
            ) from error
        self.layout = layout_of(self.columns, self.name)
        if self.first_row == 2 and self.delimiter not in self.layout.delimiters:  # noqa: PLR2004 - has a header
            self._wrong_delimiter()
        self.reporter = self._reporter(reporter)

    def _header(self) -> list[str]:
        with _bytes(self.path) as stream:
            line = stream.readline().decode("utf-8-sig", "replace").rstrip("\r\n")
            self._ends_whole(stream)
        found = by_delimiter(line)
        fits = {mark: names for mark, names in found.items() if _fits(names)}
        self.delimiter = next(iter(fits), max(found, key=lambda mark: len(found[mark])))
        if not fits and self.delimiter in ";|":
            self._wrong_delimiter()
        return found[self.delimiter]

    def _ends_whole(self, stream: Any) -> None:  # noqa: ANN401 - a binary stream, plain or of gzip
        """A last line without its end may be half a number."""
        if self.path.name.lower().endswith(".gz"):
            while stream.read(1 << 20):
                pass
            return
        size = self.path.stat().st_size
        stream.seek(max(0, size - 1))
        if size and stream.read(1) != b"\n":
            with self.path.open("rb") as lines:
                count = sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b"")) + 1
            raise InvalidInput(
                f"{self.name}: row {count}: the last line does not end, so the file may be half a download; "
                "fetch it again, or end the line if it is whole",
                code="trade_cut",
                file=self.name,
                row=count,
                column=self.columns[-1] if hasattr(self, "columns") else "",
            )

    def _wrong_delimiter(self) -> None:
        raise InvalidInput(
            f"{self.name}: row 1: columns are separated by {self.delimiter!r} where ',' is expected; save the file with commas",
            code="trade_delimiter",
            file=self.name,
            row=1,
            found=self.delimiter,
        )

    def _reporter(self, given: str | None) -> str:
        if not self.layout.reporter_from_name:
            return ""
        words = [given] if given else [re.split(r"[_.\-]", each)[0] for each in (self.name, self.path.parent.name)]
        for word in words:
            code = areas.resolve(word) if word and len(word) in (2, 3) else None
            if code and areas.is_country(code):
                return code
        raise InvalidInput(
            f"{self.name}: the file does not say whose trade it is; give the country with --reporter, or begin the file's "
            "name with its two letters",
            code="trade_reporter",
            file=self.name,
        )

    def relation(self, connection: duckdb.DuckDBPyConnection) -> str:
        """SQL of the file's columns as text, in lower case, row by row as they lie."""
        have = {name.lower(): name for name in self.columns}
        wanted = [*sorted(self.layout.columns), *self.layout.optional]
        chosen = ", ".join(
            f'CAST("{have[name]}" AS VARCHAR) AS "{name}"' if name in have else f'NULL::VARCHAR AS "{name}"'
            for name in wanted
        )
        path = str(self.path).replace("'", "''")
        if self.table is not None:
            connection.register("file_table", self.table)
            return f"SELECT {chosen} FROM file_table"
        if self.first_row == 1:
            return f"SELECT {chosen} FROM read_parquet('{path}')"
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in self.columns)
        return (
            f"SELECT {chosen} FROM read_csv('{path}', header = true, auto_detect = false, delim = '{self.delimiter}', "
            f"quote = '\"', escape = '\"', columns = {{{columns}}}, null_padding = false, ignore_errors = false)"
        )

    def edition(self) -> str:
        """Expression of the nomenclature of a row."""
        if self.layout.edition == "$edition":
            found = BACI_NAME.search(self.name)
            if not found:
                raise InvalidInput(
                    f"{self.name}: a BACI file is named BACI_HS17_Y2021_…, which says its nomenclature; give it its name back",
                    code="trade_edition",
                    file=self.name,
                )
            return f"'HS{EDITIONS[found[1]]}'"
        return self.layout.edition or EDITION_BY_YEAR.format(p="period")

    def close(self) -> None:
        """Let go of what was read into memory."""
        self.table = None


class _Loading:
    """One load, step by step."""

    def __init__(
        self, lake: Lake, before: Catalogue, opened: _Opened, source: str, digest: str, work: Path, threads: int | None
    ) -> None:
        import duckdb

        self.lake, self.before, self.opened, self.source, self.digest, self.work = (
            lake,
            before,
            opened,
            source,
            digest,
            work,
        )
        settings: dict[str, Any] = {"memory_limit": "1500MB", "temp_directory": str(work / "spill")}
        if threads:
            settings["threads"] = threads
        self.db = duckdb.connect(config=settings)

    def run(self) -> Loaded:
        """Stage, check, place, put in force."""
        import duckdb

        try:
            self._stage()
            self._check_rows()
            self._check_areas()
            self._check_duplicates()
            self._check_editions()
            return self._place()
        except duckdb.OutOfMemoryException as error:
            raise Unavailable(f"{self.opened.name}: not enough memory to load: {_line(error)}") from error
        except duckdb.Error as error:
            raise self._as_invalid(error) from error
        finally:
            self.db.close()

    def _stage(self) -> None:
        """Every row of the file in the lake's columns, with what is wrong with it, as the view `staged`.

        The file is read once for each fact that its rows tell. What differs from row to row is written in the rows'
        order to a Parquet file, which numbers them: a window function that did would hold the work to one core. What
        is the same in all of them stands in the view.
        """
        self.db.execute(f"CREATE TEMP VIEW raw AS {self.opened.relation(self.db)}")
        views = []
        for number, fact in enumerate(self.opened.layout.facts):
            path = self.work / f"staged-{number}.parquet"
            differ, same = self._columns(fact)
            self.db.execute(f"COPY ({self._rows(fact, differ)}) TO '{path}' (FORMAT parquet, COMPRESSION lz4)")
            views.append(self._view(fact, number, path, same))
        # From here each row carries its number, and order costs only memory.
        self.db.execute("SET preserve_insertion_order = false")
        self.db.execute(f"CREATE TEMP VIEW staged AS {' UNION ALL BY NAME '.join(views)}")

    def _columns(self, fact: Fact) -> tuple[dict[str, str], dict[str, str]]:
        """Expressions over the file's columns: those that differ from row to row, and those that cannot."""
        edition = self.opened.edition() if fact.product != "'TOTAL'" else "NULL"
        every = {
            "_reporter": f"'{self.opened.reporter}'" if fact.reporter == "$reporter" else f"trim({fact.reporter})",
            "_partner": f"trim({fact.partner})",
            "_partner2": f"trim({fact.partner2})" if fact.partner2 != "NULL" else "NULL",
            "flow": fact.flow,
            "product": fact.product
            if _is_constant(fact.product)
            else f"CASE WHEN upper(trim({fact.product})) IN ('TOTAL', 'AG0') THEN 'TOTAL' ELSE trim({fact.product}) END",
            "value": _amount(fact.value, fact.scale),
            "mass_kg": _amount(fact.mass_kg, fact.scale_mass),
            "quantity": _amount(fact.quantity, 1),
            "edition": edition,
            "estimated": "NULL" if fact.estimated == "$stopped" else fact.estimated,
            "kept": fact.keep,
            **{name: getattr(fact, name) for name in ("detail", "currency", "valuation", "unit", "basis")},
        }
        same = {name: each for name, each in every.items() if _is_constant(each)}
        if not self.opened.layout.edition:
            same["edition"] = edition  # made of the period, which is read first
        return {name: each for name, each in every.items() if name not in same}, same

    def _rows(self, fact: Fact, differ: dict[str, str]) -> str:
        """What is read of each row for one fact, and what is wrong with it."""
        product = fact.product_column or "product"
        empty = "" if fact.may_be_empty else _problem(fact.value_column, "'(empty)'", "a number", "_value IS NULL")
        checks = "".join(
            (
                _problem(fact.period_column, "_period", "YYYY, YYYY-MM or YYYYMM", "period IS NULL"),
                _problem(fact.reporter_column, "'(empty)'", "a country", "_reporter IS NULL")
                if "_reporter" in differ
                else "",
                _problem(fact.partner_column, "'(empty)'", "a country", "_partner IS NULL"),
                _problem("flow", "'(not known)'", "an import or an export", "flow IS NULL") if "flow" in differ else "",
                _problem(product, "'(empty)'", "a code", "product IS NULL")
                + _problem(
                    product,
                    "product",
                    "a code of 2, 4, 6, 8 or 10 digits; an odd number of digits means that the leading nought was lost: "
                    "read and save codes as text",
                    "product <> 'TOTAL' AND length(product) % 2 = 1",
                )
                + _problem(
                    product,
                    "product",
                    "TOTAL or a code of 2, 4, 6, 8 or 10 digits",
                    "product <> 'TOTAL' AND (length(product) > 10 OR NOT regexp_full_match(product, '[0-9]{2}[0-9A-Z]*'))",
                )
                if "product" in differ
                else "",
                empty,
                _problem(fact.value_column, "_value", "a number", "_value IS NOT NULL AND value IS NULL"),
                _problem(fact.value_column, "_value", "nought or more", "value < 0"),
                *(
                    _problem(
                        expression,
                        f"_{name}",
                        "a number, nought or more",
                        # What is no number may be how a tool writes that there is none.
                        f"{name} < 0 OR ({name} IS NULL AND {_told(f'_{name}')} IS NOT NULL)",
                    )
                    for name, expression in (("mass_kg", fact.mass_kg), ("quantity", fact.quantity))
                    if name in differ
                ),
            )
        )
        read = ", ".join(f"{expression} AS {name}" for name, expression in differ.items() if name != "product")
        return f"""
            SELECT {", ".join(("period", *differ))}, CASE {checks} ELSE NULL END AS problem FROM (
              SELECT * EXCLUDE (_period), trim(_period) AS _period,
                CASE WHEN regexp_full_match(trim(_period), '{PERIOD}') THEN
                  CASE length(trim(_period)) WHEN 6 THEN trim(_period)[1:4] || '-' || trim(_period)[5:6]
                  ELSE trim(_period) END END AS period
              FROM (
                SELECT {fact.period} AS _period, {fact.value} AS _value, {fact.mass_kg} AS _mass_kg,
                  {fact.quantity} AS _quantity, {f"{differ['product']} AS product," if "product" in differ else ""} {read}
                FROM raw))"""

    def _view(self, fact: Fact, number: int, path: Path, same: dict[str, str]) -> str:
        """What was read of one fact, numbered, with what is the same in all of its rows."""
        stopped = " OR ".join(
            f"(_reporter IN ('{code}', '{_alpha3(code)}') AND period >= '{year}')"
            for code, year in STOPPED_REPORTING.items()
        )
        made = {
            name: f"{expression}::{DECIMAL if name in AMOUNTS else 'BOOLEAN' if name in {'kept', 'estimated'} else 'VARCHAR'}"
            for name, expression in same.items()
        }
        if fact.estimated == "$stopped":
            made["estimated"] = f"({stopped})"
        level = "CASE WHEN product = 'TOTAL' THEN 0 ELSE length(product)::INTEGER END"
        constants = "".join(f", {expression} AS {name}" for name, expression in made.items())
        return f"""
            SELECT * EXCLUDE (edition, kept), CASE WHEN level > 0 THEN edition END AS hs_edition FROM (
              SELECT *, {level} AS level FROM (
                SELECT * EXCLUDE (file_row_number), file_row_number + {self.opened.first_row} AS row, {number} AS fact{constants}
                FROM read_parquet('{path}', file_row_number = true))) WHERE kept"""

    def _check_rows(self) -> None:
        found = self.db.execute(
            "SELECT row, problem FROM staged WHERE problem IS NOT NULL ORDER BY row LIMIT 1"
        ).fetchone()
        if found:
            column, text, wanted = found[1].split(MARK)
            raise self._refused(found[0], column, f"found {text[:SHOWN]!r}, expected {wanted}", "trade_value")
        rows = self.db.execute("SELECT count(*) FROM staged WHERE value IS NOT NULL").fetchone()
        if not rows or not rows[0]:
            raise InvalidInput(f"{self.opened.name}: there is no row with a value in it", code="trade_empty")

    def _check_areas(self) -> None:
        codes: dict[str, str] = {}
        for column, shown in (("_reporter", "reporter_column"), ("_partner", "partner_column"), ("_partner2", "")):
            rows = self.db.execute(
                f"SELECT {column}, min(row), min_by(fact, row) FROM staged WHERE {column} IS NOT NULL GROUP BY 1"
            ).fetchall()
            for raw, row, fact in sorted(rows, key=lambda each: each[1]):
                code = areas.resolve(raw)
                if code is None:
                    of = self.opened.layout.facts[fact]
                    name = getattr(of, shown) if shown else of.partner2
                    raise self._refused(row, name, f"{raw[:SHOWN]!r} is no country known", "trade_country")
                codes[raw] = code
        self.db.register("area", pa.table({"raw": list(codes), "code": list(codes.values())}))

    def _check_duplicates(self) -> None:
        """Two rows of one key: one is a copy, or they belong to different things that the file does not tell apart."""
        key = "period, _reporter, _partner, coalesce(_partner2, ''), flow, product, detail, fact"
        found = self.db.execute(
            f"SELECT hash({key}) AS h FROM staged WHERE value IS NOT NULL GROUP BY 1 HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        if found:
            rows = self.db.execute(
                f"SELECT row, _reporter, _partner, flow, product, period FROM staged WHERE hash({key}) = ? ORDER BY row",
                [found[0]],
            ).fetchall()
            first, second, *_ = rows
            column = self.opened.layout.facts[0].product_column or self.opened.layout.facts[0].partner_column
            raise self._refused(
                second[0],
                column,
                f"{' '.join(map(str, second[1:]))} stands already in row {first[0]}; a row may stand once",
                "trade_duplicate",
            )

    def _check_editions(self) -> None:
        """A file that states its nomenclature must keep to it."""
        if not self.opened.layout.states_edition:
            return
        rows = self.db.execute(
            "SELECT product[1:6] AS hs6, hs_edition, min(row) FROM staged WHERE level >= 6 GROUP BY ALL"
        ).fetchall()
        others: dict[str, hs.Edition] = {"HS2017": "HS2022", "HS2022": "HS2017"}
        for code, edition, row in sorted(rows, key=lambda each: each[2]):
            if edition not in others or code[:2] in {"98", "99"} or not code.isdigit():
                continue
            stated: hs.Edition = "HS2017" if edition == "HS2017" else "HS2022"
            if not hs.exists(code, stated) and hs.exists(code, others[edition]):
                raise self._refused(
                    row,
                    self.opened.layout.facts[0].product_column,
                    f"{code} is a code of {others[edition]}, the row says {edition}; a file is of one edition",
                    "trade_editions",
                )
        several = self.db.execute(
            "SELECT _reporter, period, flow, max(row), string_agg(DISTINCT hs_edition, ', ' ORDER BY hs_edition) "
            "FROM staged WHERE level > 0 GROUP BY 1, 2, 3 HAVING count(DISTINCT hs_edition) > 1 LIMIT 1"
        ).fetchone()
        if several:
            raise self._refused(
                several[3],
                "classificationCode",
                f"{several[0]} {several[1]} is in several editions ({several[4]}); the same trade would be counted twice",
                "trade_editions",
            )

    def _place(self) -> Loaded:
        """New files for the periods touched; the catalogue last."""
        name = f"{self.opened.name}#{self.digest[:12]}"
        self.db.execute("CREATE TEMP TABLE areas AS SELECT * FROM area")
        self.db.execute(f"""CREATE TEMP VIEW fresh AS SELECT '{self.source}' AS source, period, r.code AS reporter,
            p.code AS partner, p2.code AS partner2, flow, product, hs_edition, level, value, currency, valuation,
            mass_kg, quantity, unit, basis, estimated, '{name.replace("'", "''")}' AS file, row::BIGINT AS row
            FROM staged s JOIN areas r ON r.raw = _reporter JOIN areas p ON p.raw = _partner
            LEFT JOIN areas p2 ON p2.raw = _partner2 WHERE value IS NOT NULL""")
        periods = [row[0] for row in self.db.execute("SELECT DISTINCT period FROM fresh ORDER BY 1").fetchall()]
        held = {each.period: each for each in self.before.by_source.get(self.source, ()) if each.period in set(periods)}
        if self._is_there_already(name, list(held)):
            return Loaded(self._record(0), (), unchanged=True)
        self.db.execute("CREATE TEMP VIEW placed AS SELECT * FROM fresh")
        if held:
            files = [str(self.lake.root / each) for part in held.values() for each in part.files]
            scope = "(SELECT DISTINCT period, flow, level, {0} AS area FROM fresh)"
            self.db.execute(f"""CREATE TEMP TABLE kept AS SELECT o.* FROM read_parquet({files!r}, hive_partitioning = false) o
                LEFT JOIN {scope.format("reporter")} r ON (r.period, r.flow, r.level, r.area) = (o.period, o.flow,
                o.level, o.reporter)
                LEFT JOIN {scope.format("partner")} p ON (p.period, p.flow, p.level, p.area) = (o.period, o.flow,
                o.level, o.partner)
                WHERE r.area IS NULL OR p.area IS NULL""")
            self.db.execute(
                "CREATE OR REPLACE TEMP VIEW placed AS SELECT * FROM fresh UNION ALL BY NAME SELECT * FROM kept"
            )
        target = self.work / "out"
        columns, one = ", ".join(NAMES), target / f"p={periods[0]}"
        if len(periods) == 1:
            one.mkdir(parents=True)
            copy = f"COPY (SELECT {columns} FROM placed) TO '{one / 'data.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
        else:
            copy = f"COPY (SELECT {columns}, period AS p FROM placed) TO '{target}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (p))"
        self.db.execute(copy)
        made = self._move(target)
        rows = self.db.execute("SELECT count(*) FROM fresh").fetchone()
        record = self._record(rows[0] if rows else 0)
        catalogue = self._catalogue(made, record)
        self.lake.keep(catalogue)
        _remove_replaced(self.lake, catalogue)
        return Loaded(record, tuple(periods))

    def _is_there_already(self, name: str, held: list[str]) -> bool:
        """The same file again, and nothing loaded over it since: there is nothing to do."""
        loads = [each for each in self.before.loads if each.source == self.source]
        return bool(
            held and loads and loads[-1].sha256 == self.digest and loads[-1].file == name.split("#", maxsplit=1)[0]
        )

    def _move(self, target: Path) -> dict[str, tuple[str, ...]]:
        made: dict[str, tuple[str, ...]] = {}
        for folder in sorted(target.iterdir()):
            period = folder.name.split("=", 1)[1]
            place = self.lake.root / "facts" / f"source={self.source}" / f"period={period}"
            place.mkdir(parents=True, exist_ok=True)
            names = []
            for number, each in enumerate(sorted(folder.iterdir())):
                file = place / f"{self.work.name[:16]}-{number}.parquet"
                each.rename(file)
                names.append(str(file.relative_to(self.lake.root)))
            made[period] = tuple(names)
        return made

    def _catalogue(self, made: dict[str, tuple[str, ...]], record: Load) -> Catalogue:
        new = []
        files = [str(self.lake.root / each) for names in made.values() for each in names]
        stats: dict[str, list[tuple[str, int, str, int]]] = {}
        for period, flow, level, reporter, count in self.db.execute(
            f"SELECT period, flow, level, reporter, count(*) FROM read_parquet({files!r}, hive_partitioning = false) GROUP BY ALL"
        ).fetchall():
            stats.setdefault(period, []).append((flow, level, reporter, count))
        special = {
            period: (plain, second)
            for period, plain, second in self.db.execute(
                f"SELECT period, coalesce(bool_and(left(reporter, 1) NOT IN ('*', '?') AND left(partner, 1) NOT IN ('*', '?')), true), "
                f"count(partner2) > 0 FROM (SELECT DISTINCT period, reporter, partner, partner2 "
                f"FROM read_parquet({files!r}, hive_partitioning = false)) GROUP BY 1"
            ).fetchall()
        }
        for period, names in made.items():
            levels: dict[str, int] = {}
            reporters: dict[str, set[str]] = {}
            for flow, level, reporter, count in stats[period]:
                levels[str(level)] = levels.get(str(level), 0) + count
                reporters.setdefault(flow, set()).add(reporter)
            new.append(
                Partition(
                    self.source,
                    period,
                    names,
                    sum(levels.values()),
                    levels,
                    {flow: sorted(each) for flow, each in sorted(reporters.items())},
                    *special[period],
                )
            )
        others = [each for each in self.before.partitions if each.source != self.source or each.period not in made]
        return Catalogue(
            tuple(sorted([*others, *new], key=lambda each: (each.source, each.period))), (*self.before.loads, record)
        )

    def _record(self, rows: int) -> Load:
        found = self.db.execute("SELECT min(period), max(period) FROM staged").fetchone() or ("", "")
        first = str(self.work / "staged-0.parquet")
        total = self.db.execute(f"SELECT count(*) FROM read_parquet('{first}')").fetchone() or (0,)
        # A line gives one row for each fact of its layout, and most layouts have one.
        counted = "count(*)" if len(self.opened.layout.facts) == 1 else "count(DISTINCT row)"
        taken = self.db.execute(f"SELECT {counted} FROM staged WHERE value IS NOT NULL").fetchone() or (0,)
        return Load(
            self.opened.name,
            self.digest,
            self.opened.layout.name,
            self.source,
            rows,
            total[0] - taken[0],
            (found[0], found[1]),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _refused(self, row: int, column: str, text: str, code: str) -> InvalidInput:
        return InvalidInput(
            f"{self.opened.name}: row {row}, column {column}: {text}",
            code=code,
            file=self.opened.name,
            row=row,
            column=column,
        )

    def _as_invalid(self, error: Exception) -> KeruenError:
        """What DuckDB says of a line that has too few or too many columns, in our words."""
        text = str(error)
        found = re.search(r"Line:? (\d+)", text)
        if found and re.search("unicode|utf-?8", text, re.IGNORECASE):
            return self._refused(
                int(found[1]), self.opened.columns[0], "the line is not UTF-8; save the file as UTF-8", "trade_encoding"
            )
        if found:
            return self._refused(
                int(found[1]),
                self.opened.columns[-1],
                "the line does not have as many columns as the header; is the file a whole download?",
                "trade_columns",
            )
        return InvalidInput(
            f"{self.opened.name}: the file cannot be read: {_line(error)}",
            code="trade_unreadable",
            file=self.opened.name,
        )


def _amount(expression: str, scale: int) -> str:
    """A decimal out of text; through DOUBLE only where the text is in scientific notation or must be scaled."""
    if expression == "NULL":
        return expression
    if scale == 1:
        return f"coalesce(TRY_CAST({expression} AS {DECIMAL}), TRY_CAST(TRY_CAST({expression} AS DOUBLE) AS {DECIMAL}))"
    return f"TRY_CAST(TRY_CAST({expression} AS DOUBLE) * {scale} AS {DECIMAL})"


def _told(expression: str) -> str:
    """A mass or quantity where there is one; NaN and NA are how tools write that there is none."""
    return f"CASE WHEN lower(trim({expression})) NOT IN ('nan', 'na', '') THEN trim({expression}) END"


def _problem(column: str, found: str, wanted: str, when: str) -> str:
    quoted = wanted.replace("'", "''")
    return f"WHEN {when} THEN concat('{column}', chr(31), {found}, chr(31), '{quoted}') "


def _is_constant(expression: str) -> bool:
    """Whether an expression of SQL is the same for every row."""
    return re.fullmatch(r"'[^']*'|NULL|true|false", expression) is not None


def _fits(columns: list[str]) -> bool:
    try:
        layout_of(columns, "")
    except InvalidInput:
        return False
    return True


def _bytes(path: Path) -> Any:  # noqa: ANN401 - either is a binary stream
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _json(path: Path) -> pa.Table:
    """Records of the Comtrade API; the whole answer, or a list of records."""
    with _bytes(path) as stream:
        try:
            found = orjson.loads(stream.read())
        except ValueError as error:
            raise InvalidInput(
                f"{path.name}: not a whole JSON document ({error}); is it half a download?",
                code="trade_cut",
                file=path.name,
            ) from error
    data = found.get("data") if isinstance(found, dict) else found
    if not isinstance(data, list) or not data or not isinstance(data[0], dict):
        raise InvalidInput(f"{path.name}: there are no records under `data`", code="trade_layout", file=path.name)
    if isinstance(found, dict) and isinstance(found.get("count"), int) and found["count"] > len(data):
        raise InvalidInput(
            f"{path.name}: row {len(data)}: says {found['count']} records and has {len(data)}; fetch the rest",
            code="trade_cut",
            file=path.name,
            row=len(data),
            column="count",
        )
    names = list(dict.fromkeys(name for row in data for name in row))
    return pa.table(
        {
            name: pa.array([None if row.get(name) is None else str(row[name]) for row in data], pa.string())
            for name in names
        }
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", code="trade_file", file=str(path)) from error


def _alpha3(code: str) -> str:
    from keruen.codes import countries

    return countries.alpha3(code)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _remove_replaced(lake: Lake, catalogue: Catalogue) -> None:
    """Files that no catalogue names: of loads that did not end, or were replaced."""
    counted = {name for each in catalogue.partitions for name in each.files}
    for each in (lake.root / "facts").rglob("*.parquet"):
        if str(each.relative_to(lake.root)) not in counted:
            each.unlink(missing_ok=True)


def load_all(
    lake: Lake,
    paths: Iterable[Path],
    *,
    passed_over: Callable[[Path], None] = lambda _: None,
    **options: Any,  # noqa: ANN401 - those of `load`
) -> list[Loaded]:
    """Load every statistic of some files and folders.

    Args:
        lake: Where to.
        paths: Files, or folders of files. A single file must be a statistic; of several, a list of products beside them
            is passed over.
        passed_over: Told of each file whose layout is none that the lake reads.
        options: Those of `load`.
    """
    found: Sequence[Path] = [each for path in paths for each in files_in(path)]
    done = []
    for each in found:
        if len(found) > 1 and not is_statistics(each):
            passed_over(each)
        else:
            done.append(load(lake, each, **options))
    return done
