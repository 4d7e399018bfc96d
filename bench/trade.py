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

from keruen.codes import countries, hs
from keruen.lake.trade import diversion, links, markets, network, unit_values
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.series import EU, Window, last

YEARS = (2021, 2022)
REPORTERS, PRODUCTS = 200, 5000
GIB = 1024**2
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


def beside(folder: Path) -> None:
    """Questions beside SQL by hand, and one of them beside polars."""
    import duckdb
    import polars as pl

    lake = Lake(folder / "lake")
    files = [str(lake.root / name) for each in lake.catalogue().partitions for name in each.files]
    connection = duckdb.connect(config={"memory_limit": "2GB"})
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"CREATE VIEW f AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)")
    members = ", ".join(f"'{each}'" for each in sorted(EU))
    corridor = diversion.Corridor(EU, "RU", BEFORE, AFTER, None, floor=0.0)
    asked = {
        "diversion": (diversion.steps(lake, corridor, source="baci"), f"""
            WITH l AS (SELECT CASE WHEN reporter IN ({members}) AND partner = 'RU' THEN 'a' WHEN reporter IN ({members})
                AND partner NOT IN ({members}) THEN 'b' WHEN partner = 'RU' THEN 'c' END AS leg,
                CASE WHEN reporter IN ({members}) AND partner = 'RU' THEN '' WHEN reporter IN ({members}) THEN partner
                ELSE reporter END AS hub, product, period, value FROM f WHERE flow = 'X'),
            s AS (SELECT leg, hub, product, coalesce(sum(value) FILTER (period = '2021'), 0)::DOUBLE AS x,
                coalesce(sum(value) FILTER (period = '2022'), 0)::DOUBLE AS y FROM l WHERE leg IS NOT NULL GROUP BY ALL)
            SELECT b.hub, b.product, a.y - a.x AS fall, b.y - b.x AS rise, c.y - c.x AS onward FROM s b
            LEFT JOIN s a ON a.leg = 'a' AND a.product = b.product
            LEFT JOIN s c ON c.leg = 'c' AND c.product = b.product AND c.hub = b.hub WHERE b.leg = 'b' ORDER BY rise DESC"""),
        "markets": (markets.steps(lake, source="baci", partners=None, before=BEFORE, after=AFTER, level=6, large=1e5), """
            WITH s AS (SELECT reporter, partner, product, coalesce(sum(value) FILTER (period = '2021'), 0)::DOUBLE AS x,
                coalesce(sum(value) FILTER (period = '2022'), 0)::DOUBLE AS y FROM f WHERE flow = 'X' GROUP BY ALL),
            k AS (SELECT product, min(period) AS first FROM f GROUP BY 1)
            SELECT * FROM s JOIN k USING (product) WHERE y > 1e5 AND y > 2 * x ORDER BY y DESC"""),
        "links": (links.steps(lake, source="baci", target="RU", after=AFTER), """
            SELECT reporter, product, sum(value) FROM f WHERE flow = 'X' AND partner = 'RU' AND period = '2022' AND NOT EXISTS
                (SELECT 1 FROM f g WHERE g.flow = 'X' AND g.partner = 'RU' AND g.period < '2022' AND g.reporter = f.reporter
                 AND g.product = f.product) GROUP BY ALL ORDER BY 3 DESC"""),
        "unit values": (unit_values.steps(lake, source="baci", flow="X", periods=AFTER), """
            WITH u AS (SELECT reporter, partner, product, ln(sum(value)::DOUBLE / sum(mass_kg)::DOUBLE) AS l FROM f WHERE flow = 'X'
                AND period = '2022' AND value > 0 AND mass_kg > 0 GROUP BY ALL),
            m AS (SELECT product, median(l) AS c, count(*) AS n FROM u GROUP BY 1),
            d AS (SELECT u.*, c, abs(l - c) AS a FROM u JOIN m USING (product) WHERE n >= 5),
            s AS (SELECT product, median(a) AS s FROM d GROUP BY 1)
            SELECT reporter, partner, product, (l - c) / (1.4826 * s) FROM d JOIN s USING (product)"""),
    }  # fmt: skip
    for name, (steps, sql) in asked.items():
        ours = best(lambda steps=steps: lake.run(last(steps)))  # type: ignore[misc]
        theirs = best(lambda sql=sql: connection.sql(sql).to_arrow_table())  # type: ignore[misc]
        print(f"{name:<12} ours {ours:6.2f} s, SQL by hand {theirs:6.2f} s, ratio {ours / theirs:.2f} (target 1.3)")
    ours = best(lambda: lake.run(last(network.steps(lake, corridor, source="baci"))))
    print(f"network      ours {ours:6.2f} s")

    def by_polars() -> object:
        table = pl.scan_parquet(files).filter(pl.col("flow") == "X").group_by("reporter", "partner", "product").agg(
            pl.col("value").filter(pl.col("period") == "2021").sum().alias("x"),
            pl.col("value").filter(pl.col("period") == "2022").sum().alias("y"),
        )  # fmt: skip
        return table.filter((pl.col("y") > 100_000) & (pl.col("y") > 2 * pl.col("x"))).collect()

    print(f"markets      polars {best(by_polars, 1):6.2f} s")


def main() -> None:
    """Make two years, then measure."""
    if len(sys.argv) > 1:
        year(Path(sys.argv[1]))
        return
    rows = int(os.environ.get("ROWS", "11000000"))
    with tempfile.TemporaryDirectory(prefix="keruen-bench-") as name:
        folder = Path(name)
        for each in YEARS:
            make(folder / f"BACI_HS17_Y{each}_V1.csv", rows, each)
        load(Lake(folder / "lake"), folder / "BACI_HS17_Y2021_V1.csv")
        print(
            f"{rows:,} rows a year, two years in the lake, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        subprocess.run([sys.executable, "-m", "bench.trade", name], check=True)
        beside(folder)


if __name__ == "__main__":
    main()
