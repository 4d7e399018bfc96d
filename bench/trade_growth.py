"""How time and memory of the trade lake grow with its rows: five years in BACI's layout loaded, concorded and scored.

`python -m bench.trade_growth 1 5 11 25 50` measures so many million rows in all, `ARGS` of `make bench-trade-growth`;
`YEARS=1` puts them all in one year beside a past one of the same size, which is not counted. Each step runs in a
process of its own, so that its memory is its own. Figures are kept in `trade-growth.json` of the results' folder and
put into docs/trade.md, with a plot beside it. Processor time stands beside that of the clock, since others may use the
machine.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE, PLOT = ROOT / "docs" / "trade.md", ROOT / "docs" / "trade-growth.svg"
RESULTS = Path(os.environ.get("RESULTS") or tempfile.gettempdir()) / "trade-growth.json"
BEGIN, END = "<!-- bench-trade-growth -->", "<!-- end of bench-trade-growth -->"
MILLION, GIB = 1_000_000, 1024**2
LAST = 2022
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 70, 50


def step(name: str, folder: Path, *more: str) -> tuple[float, float, float]:
    """Run one step by itself: seconds by the clock, of processors, and GiB at most."""
    began = time.perf_counter()
    child = os.posix_spawn(
        sys.executable, [sys.executable, "-m", "bench.trade_growth", name, str(folder), *more], os.environ
    )
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{name} failed")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / GIB


def measure(rows: int, years: int) -> dict[str, Any]:
    """Load so many years, `rows` in all, and score every hub in them."""
    with tempfile.TemporaryDirectory(prefix="keruen-growth-") as name:
        folder = Path(name)
        found: dict[str, Any] = {"rows": rows, "years": years, "cores": os.cpu_count(), "load": os.getloadavg()[0]}
        loads = []
        if years == 1:
            step("make", folder, str(rows), str(LAST - 1))
            step("load", folder, str(LAST - 1))
        for year in range(LAST - years + 1, LAST + 1):
            step("make", folder, str(rows // years), str(year))
            loads.append(step("load", folder, str(year)))
        score = step("score", folder, str(LAST - max(1, years - 1)))
        found |= {"load_s": sum(each[0] for each in loads), "load_cpu_s": sum(each[1] for each in loads)}
        found |= {"score_s": score[0], "score_cpu_s": score[1]}
        found |= {"load_gib": max(each[2] for each in loads), "score_gib": score[2]}
        found["lake_mb"] = sum(each.stat().st_size for each in folder.rglob("*.parquet")) / MILLION
    return found


def run_step(name: str, folder: Path, more: Sequence[str]) -> None:
    """What a process of its own does."""
    from bench import trade
    from keruen.lake.trade import diversion
    from keruen.lake.trade.lake import Lake
    from keruen.lake.trade.load import load
    from keruen.lake.trade.series import EU, Window, last

    lake = Lake(folder / "lake")
    path = folder / f"BACI_HS17_Y{more[-1]}_V1.csv"
    if name == "make":
        trade.make(path, int(more[0]), int(more[1]))
    elif name == "load":
        load(lake, path)
        path.unlink()
    else:
        before = Window(more[0], str(LAST - 1))
        corridor = diversion.Corridor(EU, "RU", before, Window(str(LAST), str(LAST)), None, floor=0.0)
        assert lake.run(last(diversion.steps(lake, corridor, source="baci"))).num_rows


def write(results: Sequence[Mapping[str, Any]]) -> None:
    """Replace the part of the page between the marks, and the plot beside it."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    lines = [
        (
            f"Measured by `make bench-trade-growth` on {results[0]['cores']} shared cores. Goals: 11 M rows of one year in 60 s and "
            "3 GB, five years (54 M rows) in 6 min."
        ),
        "",
        (
            "| rows | years | load of the machine | loaded in s | of processors | scored in s | of processors | GiB loading | "
            "GiB scoring | MB on disk |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['rows']:,} | {row['years']} | {row['load']:.1f} | {row['load_s']:.1f} | {row['load_cpu_s']:.1f} | "
        f"{row['score_s']:.1f} | {row['score_cpu_s']:.1f} | {row['load_gib']:.2f} | {row['score_gib']:.2f} | {row['lake_mb']:,.0f} |"
        for row in results
    ]
    grown = [row for row in results if row["years"] > 1]
    if len(grown) > 1:
        PLOT.write_text(plot(grown), encoding="utf-8")
        lines += ["", f"![Time and memory against the number of rows]({PLOT.name})"]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


def plot(rows: Sequence[Mapping[str, float]]) -> str:
    """Both axes logarithmic; the dashed line shows what linear growth of processor time from the first point would be."""
    series = {
        "s of processors": [row["load_cpu_s"] + row["score_cpu_s"] for row in rows],
        "s by the clock": [row["load_s"] + row["score_s"] for row in rows],
        "GiB": [max(row["load_gib"], row["score_gib"]) for row in rows],
    }
    counts = [row["rows"] for row in rows]
    first = series["s of processors"][0]
    linear = [first * count / counts[0] for count in counts]
    every = [value for values in (*series.values(), linear) for value in values]
    bottom, top = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    low, high = math.log10(counts[0]), math.log10(counts[-1])

    def at(count: float, value: float) -> tuple[float, float]:
        across = (math.log10(count) - low) / (high - low)
        up = (math.log10(value) - bottom) / (top - bottom)
        return LEFT + across * (WIDTH - LEFT - 30), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - 20)

    def line(values: Sequence[float], style: str) -> str:
        points = " ".join("{:.1f},{:.1f}".format(*at(*each)) for each in zip(counts, values, strict=True))
        return f'<polyline points="{points}" fill="none" {style}/>'

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
            f'<g font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        )
    ]
    parts += [
        f'<text x="{at(count, 10**bottom)[0]:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
        f"{count / MILLION:g} M</text>"
        for count in counts
    ]
    for power in range(bottom, top + 1):
        y = at(counts[0], 10**power)[1]
        parts.append(f'<text x="{LEFT - 8}" y="{y:.1f}" text-anchor="end">{10.0**power:g}</text>')
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 30}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
    parts.append(line(linear, 'stroke="#777" stroke-dasharray="5 4"'))
    # Names stand at the right end, apart from the lines: that of processors, which lies lowest of the two, under its own.
    for (name, values), colour, down in zip(
        series.items(), ("#1d70b8", "#d4351c", "#00703c"), (20, -8, -8), strict=True
    ):
        parts.append(line(values, f'stroke="{colour}" stroke-width="2"'))
        x, y = at(counts[-1], values[-1])
        parts.append(f'<text x="{x:.1f}" y="{y + down:.1f}" text-anchor="end" fill="{colour}">{name}</text>')
    parts.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">rows (dashed: linear from the first point)</text>'
    )
    return "".join(parts) + "</g></svg>\n"


def main() -> None:
    """Measure the sizes asked for, and write what is known of all."""
    if len(sys.argv) > 1 and sys.argv[1] in {"make", "load", "score"}:
        run_step(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
        return
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []
    years = int(os.environ.get("YEARS", "5"))
    for size in sys.argv[1:] or ["1", "5", "11", "25", "50"]:
        found = measure(int(float(size) * MILLION), years)
        print(json.dumps(found), flush=True)
        known = [row for row in known if (row["rows"], row["years"]) != (found["rows"], found["years"])] + [found]
        known.sort(key=lambda row: (row["years"], row["rows"]))
        RESULTS.write_text(json.dumps(known), encoding="utf-8")
    write(known)


if __name__ == "__main__":
    main()
