"""Figures as a table: on the terminal, and in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from bench.measure import number

MET = {True: "yes", False: "no", None: ""}
ABOUT = (
    "Made by `python -m bench --docs` from the last `make bench`; do not edit. Each figure stands beside a floor "
    "or a peer measured in the same run: on another machine both change, and the ratio is what lasts."
)
COLOUR = {True: "green", False: "red", None: ""}


def _rows(results: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, bench in results["benches"].items():
        for figure in bench["figures"]:
            yield name, figure


def table(results: dict[str, Any]) -> Table:
    """The figures for the terminal."""
    made = Table("name", "ours", "floor or peer", "ratio", "target", "met", title=machine_text(results["machine"]))
    last = ""
    for name, figure in _rows(results):
        if name != last and last:
            made.add_section()
        last = name
        peer = f"{_amount(figure['peer'], figure['unit'])} {figure['peer_name']}" if figure["peer"] is not None else ""
        title = Text(figure["name"]).append(f"\n  {figure['note']}" if figure["note"] else "", style="dim")
        made.add_row(
            title,
            _amount(figure["ours"], figure["unit"]),
            peer,
            number(figure["ratio"]),
            figure["target"],
            Text(MET[figure["met"]], style=COLOUR[figure["met"]]),
        )
    for name, bench in results["benches"].items():
        if bench["error"]:
            made.add_row(f"{name} was not measured: {bench['error']}", "", "", "", "", "")
    return made


def write(results: dict[str, Any], path: Path) -> None:
    """Write the figures as a page of the manual."""
    lines = [
        "# How fast it is",
        "",
        ABOUT,
        "",
        machine_text(results["machine"]) + ".",
        "",
    ]
    for name, bench in results["benches"].items():
        about = " ".join(str(bench["about"]).split())
        lines += [f"## {name.replace('_', ' ').capitalize()}", "", about, ""]
        if bench["error"]:
            lines += [f"Not measured: {bench['error']}", ""]
            continue
        lines += [
            f"Took {bench['seconds']:.0f} s; load average before it {bench['load_before']:.1f}, commit {bench['commit']}"
            + ("; small sizes (`--quick`)." if bench["quick"] else "."),
            "",
            "| | ours | floor or peer | ratio | target | met |",
            "|---|---|---|---|---|---|",
        ]
        for figure in bench["figures"]:
            peer = f"{_amount(figure['peer'], figure['unit'])}, {figure['peer_name']}" if figure["peer"] else ""
            note = f" ({figure['note']})" if figure["note"] else ""
            lines.append(
                f"| {figure['name']}{note} | {_amount(figure['ours'], figure['unit'])} | {peer} "
                f"| {number(figure['ratio'])} | {figure['target']} | {MET[figure['met']]} |"
            )
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "not measured"
    return f"{number(value)}{'' if unit.startswith('/') or not unit else ' '}{unit}"


def machine_text(found: dict[str, Any]) -> str:
    """What the figures were taken on, in words."""
    return (
        f"{found['cores']} cores of {found['processor']}, shared with others, {found['memory_gib']} GiB, "
        f"{found['system']}, Python {found['python']}, PostgreSQL {found['postgresql']}, "
        f"commit {found['commit']}, {found['at']}"
    )
