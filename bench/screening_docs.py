"""Put what `make bench-screening` measured into docs/screening.md: a table, and a plot of growth as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "screening.md"
PLOT = ROOT / "docs" / "screening-growth.svg"
BEGIN, END = "<!-- bench-screening -->", "<!-- end of bench-screening -->"
WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM = 640, 360, 70, 40, 50


def write(results: Mapping[str, Any]) -> None:
    """Replace the part of the page between the marks, and the plot beside it."""
    page = PAGE.read_text("utf-8")
    if BEGIN not in page:
        page += f"\n## Beside other matchers\n\n{BEGIN}\n{END}\n"
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text_of(results)}\n{END}{after}", encoding="utf-8")
    PLOT.write_text(plot(results["growth"]), encoding="utf-8")


def text_of(results: Mapping[str, Any]) -> str:
    """The tables."""
    machine = results["machine"]
    lines = [
        _where(machine) + f"Ours at one threshold, {results['threshold']:.2f}; logic-v2 at 0.70, rapidfuzz at 0.85.",
        "",
        "| pairs | matcher | n | precision | recall | F1 | pairs/s |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, by_matcher in results["pairs"].items():
        for matcher, row in by_matcher.items():
            lines.append(
                f"| {name} | {matcher} | {row['n']} | {_share(row['precision'])} | {_share(row['recall'])} | "
                f"{_share(row['f1'])} | {row['per_s']:,.0f} |"
            )
    lines += ["", "| list queries | matcher | n | recall | clean alerted |", "|---|---|---|---|---|"]
    for name, by_matcher in results["lists"].items():
        for matcher, row in by_matcher.items():
            lines.append(
                f"| {name} | {matcher} | {row['n']} | {_share(row['recall'])} | {_share(row['clean_alerted'])} |"
            )
    lines += ["", "| whole combined list | p50 ms | p99 ms | names/s | ready in s |", "|---|---|---|---|---|"]
    for matcher, row in results["combined"].items():
        lines.append(
            f"| {matcher} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} | {row['names_per_s']:,.0f} | {row['ready_s']:.1f} |"
        )
    ours = results["combined"]["keruen"]
    lines += [
        "",
        _combined(ours),
        "",
        f"![Time of one search against the number of names]({PLOT.name})",
        "",
        "| names | p50 ms | p99 ms | index built in s |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['names']:,.0f} | {row['p50_ms']:.2f} | {row['p99_ms']:.2f} | {row['build_s']:.1f} |"
        for row in results["growth"]
    ]
    return "\n".join(lines) + "\n"


def _where(machine: Mapping[str, Any]) -> str:
    return (
        f"Measured by `make bench-screening` at {machine['at']} on {machine['cores']} shared cores (load "
        f"{machine['load']:.1f}), Python {machine['python']}, commit {machine['commit']}. "
    )


def _combined(ours: Mapping[str, Any]) -> str:
    return (
        f"The combined list has {ours['parties']:,} parties with {ours['names']:,} names; ours needs "
        f"{ours['memory_mb']:,.0f} MB with the interpreter's {ours['interpreter_mb']:,.0f}, and "
        f"{ours['ready_cpu_s']:.1f} s of a processor until it is ready."
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def plot(rows: Sequence[Mapping[str, float]]) -> str:
    """Both axes logarithmic; a dashed line shows what linear growth from the first point would be."""
    low, high = math.log10(rows[0]["names"]), math.log10(rows[-1]["names"])
    values = [row[name] for row in rows for name in ("p50_ms", "p99_ms")]
    bottom, top = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def at(names: float, value: float) -> str:
        x = LEFT + (math.log10(names) - low) / (high - low) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - (math.log10(value) - bottom) / (top - bottom) * (HEIGHT - BOTTOM - 20)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<g font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for row in rows:
        x = at(row["names"], 10**bottom).split(",")[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{row["names"]:,.0f}</text>')
    for power in range(bottom, top + 1):
        y = at(rows[0]["names"], 10**power).split(",")[1]
        parts.append(f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{10.0**power:g} ms</text>')
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>')
    for name, colour in (("p50_ms", "#1d70b8"), ("p99_ms", "#d4351c")):
        points = " ".join(at(row["names"], row[name]) for row in rows)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = at(rows[-1]["names"], rows[-1][name]).split(",")
        parts.append(f'<text x="{float(x) - 4}" y="{float(y) - 6}" text-anchor="end" fill="{colour}">{name[:3]}</text>')
    first = rows[0]
    end = first["p50_ms"] * rows[-1]["names"] / first["names"]
    reach = rows[-1]["names"] * min(1.0, 10**top / end)
    parts.append(
        f'<polyline points="{at(first["names"], first["p50_ms"])} '
        f'{at(reach, first["p50_ms"] * reach / first["names"])}" fill="none" stroke="#777" stroke-dasharray="5 4"/>'
    )
    parts.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">names in the list (dashed: linear)</text>'
    )
    return "".join(parts) + "</g></svg>\n"
