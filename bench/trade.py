"""Questions to the trade statistics beside polars and SQL by hand on the same files; a BACI-like year loaded and scored.

Run by `make bench-trade`; `ROWS=1000000` for a smaller year. Prints, and judges nothing.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from bench import trade_sql
from keruen.codes import countries, hs
from keruen.lake.trade import (
    diversion,
    editions,
    links,
    markets,
    mirror,
    network,
    reexport,
    screens,
    surges,
    transit,
    unit_values,
)
from keruen.lake.trade.engine import MEMORY
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.series import EU, Steps, Window, by_period, flows, last

YEARS = (2021, 2022)
REPORTERS, PRODUCTS = 200, 5000
GIB = 1024**2
TURNS = 5
SIDES = "eurostat-chapters"
"""Source of the made-up reports of both sides."""
BEFORE, AFTER = Window("2021", "2021"), Window("2022", "2022")


def make(path: Path, rows: int, year: int) -> None:
    """A year in BACI's layout: made-up values, each (exporter, importer, product) once."""
    rng = np.random.default_rng(year)
    areas = sorted(int(countries.find(code).numeric) for code in countries.all_codes())[:REPORTERS]
    codes = np.array(sorted(hs.codes("HS2017"))[:PRODUCTS])
    keys = np.unique(rng.integers(0, REPORTERS * REPORTERS * PRODUCTS, int(rows * 1.06)))
    keys = np.sort(rng.choice(keys, rows, replace=False))
    area = np.array(areas)
    table = pa.table({
        "t": np.full(rows, year), "i": area[keys // (REPORTERS * PRODUCTS)], "j": area[keys // PRODUCTS % REPORTERS],
        "k": codes[keys % PRODUCTS], "v": np.round(rng.lognormal(3, 2, rows), 3), "q": np.round(rng.lognormal(1, 2, rows), 3),
    })  # fmt: skip
    csv.write_csv(table, path, csv.WriteOptions(quoting_style="none"))


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of some runs, in seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def year(folder: Path) -> None:
    """Load the second year and score every hub; run in a process of its own so that its memory is its own."""
    lake = Lake(folder / "lake")
    began = time.perf_counter()
    load(lake, folder / "BACI_HS17_Y2022_V1.csv")
    loaded = time.perf_counter()
    corridor = diversion.Corridor(EU, "RU", BEFORE, AFTER, None, floor=0.0)
    rows = lake.run(last(diversion.steps(lake, corridor, source="baci"))).num_rows
    scored = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    print(f"one year loaded {loaded - began:.1f} s, {rows:,} cells of every hub scored {scored - loaded:.1f} s, "
          f"together {scored - began:.1f} s (target 60), peak {peak:.2f} GiB (target 3 GB)")  # fmt: skip


def both_sides(path: Path, rows: int, year: int) -> None:
    """Exports and imports of a year as the two countries of each pair tell them, with a third of them told by one alone."""
    rng = np.random.default_rng(year + 1)
    areas = np.array(sorted(countries.all_codes())[:REPORTERS])
    areas = np.unique(np.concatenate([areas, sorted(EU), ["KZ", "RU"]]))
    codes = np.array(sorted(hs.codes("HS2017"))[:PRODUCTS])
    keys = np.unique(rng.integers(0, len(areas) ** 2 * len(codes), rows // 2))
    # A tenth are between the EU and Kazakhstan, which the mirror questions ask of.
    pair = np.unique(rng.integers(0, len(EU) * len(codes), rows // 20))
    members = np.array(sorted(EU))
    one = np.concatenate([areas[keys // (len(areas) * len(codes))], members[pair // len(codes)]])
    other = np.concatenate([areas[keys // len(codes) % len(areas)], np.full(len(pair), "KZ")])
    table = pa.table({
        "exporter": one, "importer": other, "product": np.concatenate([codes[keys % len(codes)], codes[pair % len(codes)]]),
        "value": np.round(rng.lognormal(10, 2, len(one)), 2), "told": rng.random(len(one)), "back": rng.lognormal(0, 0.2, len(one)),
    })  # fmt: skip
    import duckdb

    with duckdb.connect() as connection:
        connection.register("made", table)
        connection.execute(f"""COPY (
            WITH d AS (SELECT exporter, importer, product, any_value(value) AS value, any_value(told) AS told,
                any_value(back) AS back FROM made WHERE exporter <> importer GROUP BY ALL)
            SELECT exporter AS reporter, importer AS partner, '{year}' AS period, 'EXPORT' AS flow, product,
                value AS value_eur FROM d WHERE told < 0.85
            UNION ALL SELECT importer, exporter, '{year}', 'IMPORT', product, round(value * back, 2) FROM d WHERE told > 0.15
            ) TO '{path}' (HEADER)""")


def asked(lake: Lake) -> dict[str, Callable[[], Steps]]:
    """Ours, by the names of `trade_sql.QUESTIONS`."""
    corridor = diversion.Corridor(EU, "RU", BEFORE, AFTER, None, floor=0.0)
    sides = {"exports": SIDES, "imports": SIDES, "importers": ["KZ"], "exporters": EU, "level": 6}
    return {
        "diversion": lambda: diversion.steps(lake, corridor, source="baci"),
        "network": lambda: network.steps(lake, corridor, source="baci"),
        "markets": lambda: markets.steps(lake, source="baci", partners=None, before=BEFORE, after=AFTER, level=6, large=1e5),
        "links": lambda: links.steps(lake, source="baci", target="RU", after=AFTER),
        "unit values": lambda: unit_values.steps(lake, source="baci", flow="X", periods=AFTER),
        "breaks": lambda: by_period(flows(lake, "baci", level=6, flow="X", reporters=EU, partners=["RU"])),
        "screens": lambda: screens.steps(lake, source="baci", before=BEFORE, after=AFTER, partners=["KZ"]),
        "surges": lambda: surges.steps(lake, source="baci", flow="X", reporter="DE", level=6),
        "mirror": lambda: mirror.steps(lake, **sides),  # type: ignore[arg-type]
        "transit": lambda: transit.steps(lake, before=BEFORE, after=AFTER, **sides),  # type: ignore[arg-type]
        "re-exports": lambda: reexport.steps(lake, source=SIDES, window=AFTER),
    }  # fmt: skip


def same(ours: pa.Table, theirs: pa.Table) -> bool:
    """Whether two answers are one: columns, rows, texts, and figures to a thousandth of a millionth."""
    if ours.column_names != theirs.column_names or ours.num_rows != theirs.num_rows:
        return False
    keys = [(name, "ascending") for name in ours.column_names if pa.types.is_string(ours.schema.field(name).type)]
    one, other = (each.sort_by(keys) if keys else each for each in (ours, theirs))
    for name in ours.column_names:
        if pa.types.is_floating(ours.schema.field(name).type):
            left, right = (each[name].cast("float64").to_numpy(zero_copy_only=False) for each in (one, other))
            if not np.allclose(left, right, rtol=1e-9, atol=1e-6, equal_nan=True):
                return False
        elif one[name].to_pylist() != other[name].cast(one.schema.field(name).type).to_pylist():
            return False
    return True


def beside(folder: Path) -> None:
    """Every question beside SQL by hand to the same answer, in turns; and one of them beside polars."""
    import duckdb
    import polars as pl

    lake = Lake(folder / "lake")
    held = lake.catalogue().by_source
    files = {source: [str(lake.root / name) for each in parts for name in each.files] for source, parts in held.items()}
    connection = duckdb.connect(config={"memory_limit": MEMORY})
    connection.execute("SET preserve_insertion_order = false")
    for view, source in (("f", "baci"), ("g", SIDES)):
        connection.execute(
            f"CREATE VIEW {view} AS SELECT * FROM read_parquet({files[source]!r}, hive_partitioning = false)"
        )
    tables = {"families": editions.table(editions.covered_by(lake, "baci")), "old_codes": editions.old_codes()}
    for name, table in tables.items():
        connection.register(name, lake.run(table))
    wanted = sys.argv[3:]
    for name, ask in asked(lake).items():
        if wanted and name not in wanted:
            continue

        def ours(ask: Callable[[], Steps] = ask) -> pa.Table:
            return lake.run(last(ask()))

        def theirs(sql: str = trade_sql.QUESTIONS[name]) -> pa.Table:
            return connection.sql(sql).to_arrow_table()

        began = time.perf_counter()
        found = ours()
        first = time.perf_counter() - began
        alike = same(found, theirs())
        times = np.array([(best(ours, 1), best(theirs, 1)) for _ in range(TURNS)])
        mine, other = times.min(axis=0)
        print(
            f"{name:<12} ours {mine:6.3f} s, SQL by hand {other:6.3f} s, ratio {mine / other:.2f} (target 1.3), first time "
            f"{first:.3f} s, {found.num_rows:,} rows, {'same answer' if alike else 'ANSWERS DIFFER'}",
            flush=True,
        )

    def by_polars() -> object:
        table = pl.scan_parquet(files["baci"]).filter(pl.col("flow") == "X").group_by("reporter", "partner", "product").agg(
            pl.col("value").filter(pl.col("period") == "2021").sum().alias("x"),
            pl.col("value").filter(pl.col("period") == "2022").sum().alias("y"),
        )  # fmt: skip
        return table.filter((pl.col("y") > 100_000) & (pl.col("y") > 2 * pl.col("x"))).collect()

    if not wanted:
        print(f"markets      polars {best(by_polars, 1):6.2f} s")


def prepare(folder: Path, rows: int) -> None:
    """Two years in BACI's layout and two of both sides, an eighth as large, into a lake."""
    lake = Lake(folder / "lake")
    for each in YEARS:
        for name, maker, count in (("BACI_HS17_Y{}_V1.csv", make, rows), ("sides_{}.csv", both_sides, rows // 4)):
            path = folder / name.format(each)
            maker(path, count, each)
            load(lake, path)
            path.unlink()


def main() -> None:
    """Make two years, then measure; `prepare|beside|year FOLDER` does one step of it."""
    rows = int(os.environ.get("ROWS", "11000000"))
    if len(sys.argv) > 2:
        step, folder = sys.argv[1], Path(sys.argv[2])
        {"prepare": lambda: prepare(folder, rows), "beside": lambda: beside(folder), "year": lambda: year(folder)}[
            step
        ]()
        return
    with tempfile.TemporaryDirectory(prefix="keruen-bench-") as name:
        folder = Path(name)
        for each in YEARS:
            make(folder / f"BACI_HS17_Y{each}_V1.csv", rows, each)
            both_sides(folder / f"sides_{each}.csv", rows // 4, each)
            load(Lake(folder / "lake"), folder / f"sides_{each}.csv")
        load(Lake(folder / "lake"), folder / "BACI_HS17_Y2021_V1.csv")
        print(
            f"{rows:,} rows a year, two years in the lake, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        subprocess.run([sys.executable, "-m", "bench.trade", "year", name], check=True)
        beside(folder)


if __name__ == "__main__":
    main()
