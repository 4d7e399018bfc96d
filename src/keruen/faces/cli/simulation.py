"""Commands on made-up economies: write one, and score what a system found in it."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from keruen.errors import InvalidInput
from keruen.faces.cli.app import app, out, print_json, progress
from keruen.simulate import SCHEMES, score_schemes
from keruen.simulate import simulate as write_economy


@app.command()
def simulate(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("simulated"),
    seed: Annotated[str, typer.Option(help="The same seed gives the same bytes.")] = "1",
    lines: Annotated[int, typer.Option(help="Document lines of honest trade.")] = 20_000,
    schemes: Annotated[str, typer.Option(help=f"all, none, or some of: {', '.join(SCHEMES)}.")] = "all",
    start: Annotated[str, typer.Option("--from", help="First month of the window.")] = "2025-01",
    end: Annotated[str, typer.Option("--to", help="Last month of the window.")] = "2025-12",
    history: Annotated[bool, typer.Option(help="A fifth of the lines before the window, from 2019 on.")] = True,
) -> None:
    """Write a national economy with known diversion schemes in it, as files for `keruen intake`."""
    with progress() as bar:
        task = bar.add_task("lines written", total=lines)
        summary = write_economy(
            seed,
            lines,
            [name.strip() for name in schemes.split(",")],
            out_dir,
            lambda done, total: bar.update(task, completed=done, total=total),
            start=start,
            end=end,
            history=history,
        )
    out.print(
        f"{summary.records} records, {summary.lines} lines, {summary.instances} planted schemes in {summary.out}",
        highlight=False,
    )


@app.command("score-schemes")
def score(
    truth: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Truth file, ours or anyone's.")],
    results: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Results as `keruen intake --results` writes them.")
    ],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Compare what was held or refused with what was planted."""
    planted = read_truth(truth)
    with results.open("rb") as stream:
        found = score_schemes(planted, (jsonlib.loads(line) for line in stream if line.strip()))
    if json:
        print_json(found)
    else:
        show_scores(found)


def read_truth(path: Path) -> dict[str, object]:
    """A truth file's content.

    Raises:
        InvalidInput: It is no truth file.
    """
    try:
        data = jsonlib.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}", code="truth_file", path=str(path)) from error
    if not isinstance(data, dict) or not isinstance(data.get("instances"), list):
        raise InvalidInput(f"{path} is no truth file: it has no list `instances`", code="truth_file", path=str(path))
    return data


def show_scores(found: dict[str, dict[str, dict[str, object]]]) -> None:
    """Print scores as a table."""
    table = Table("scheme", "instances", "findable", "found", "pointed out", "missed", title="Planted schemes")
    for name in sorted(found["schemes"]):
        row = found["schemes"][name]
        table.add_row(name, *(str(row[key]) for key in ("instances", "findable", "found", "pointed_out", "missed")))
    total = found["total"]
    table.add_section()
    table.add_row("total", *(str(total[key]) for key in ("instances", "findable", "found", "pointed_out", "missed")))
    out.print(table)
    honest = found["honest"]
    out.print(
        f"honest documents decided: {honest['decided']}; held by law for everybody: {honest['routine_holds']}; "
        f"false holds: {honest['false_holds']} ({honest['false_holds_per_1000']} per 1,000)",
        highlight=False,
    )
