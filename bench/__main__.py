"""Run benches, print their figures beside the floors of the same run, write them as JSON."""

from __future__ import annotations

import argparse
import cProfile
import importlib
import json
import os
import pstats
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import docs
from bench.ground import ground, machine
from bench.measure import Findings, Stopwatch

BENCHES = ("floors", "ledger", "intake", "log", "shards", "api", "genealogy", "book_size", "memory")
HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
TABLE = HERE.parent / "docs" / "benchmarks.md"
LIMIT_S = {True: 300, False: 3600}
"""Quick or not, to the time after which a bench is broken off."""
PROFILE_LINES = 35


class TimeUpError(Exception):
    """A bench took longer than it may."""


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; always 0, since a benchmark measures and does not judge."""
    asked = _parser().parse_args(arguments)
    if asked.list:
        for name in BENCHES:
            print(f"{name:<12} {(importlib.import_module(f'bench.{name}').__doc__ or '').splitlines()[0]}")
        return 0
    if not asked.docs or asked.names:
        _measure(asked)
    if asked.docs:
        docs.write(json.loads(asked.json.read_text(encoding="utf-8")), TABLE)
        print(f"wrote {TABLE}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="small sizes, a minute or two")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where the figures are kept")
    parser.add_argument(
        "--docs",
        action="store_true",
        help="write docs/benchmarks.md from the figures kept; with NAMEs, measure those first",
    )
    parser.add_argument("--list", action="store_true", help="say what each bench measures")
    parser.add_argument("--profile", action="store_true", help="say where the time goes; the figures are then slower")
    return parser


def _measure(asked: argparse.Namespace) -> None:
    names = asked.names or list(BENCHES)
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, _stopped)
    results = _kept(asked.json, quick=asked.quick) if asked.names else {"benches": {}}
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<60}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None)

        def show(text: str, done: float = 0, total: float | None = None) -> None:
            bar.update(task, description=text, completed=done, total=total)

        with ground(quick=asked.quick, show=show) as found:
            results["machine"] = machine(found)
            for name in names:
                took = _one(name, found, results, asked.quick, profiled=asked.profile)
                console.print(f"{name}: {took:.1f} s, load {os.getloadavg()[0]:.1f}", highlight=False)
                asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    Console(width=None if sys.stdout.isatty() else 170).print(docs.table(results))


def _one(name: str, found: Any, results: dict[str, Any], quick: bool, *, profiled: bool) -> float:  # noqa: ANN401, FBT001
    module = importlib.import_module(f"bench.{name}")
    signal.signal(signal.SIGALRM, _time_up)
    signal.alarm(LIMIT_S[quick])
    watch, load = Stopwatch(), os.getloadavg()[0]
    profile = cProfile.Profile() if profiled else None
    error = ""
    findings = Findings(name)
    try:
        if profile is not None:
            profile.enable()
        module.run(found, findings)
    except Exception as failed:  # noqa: BLE001 - one bench that fails does not take the others' figures along
        error = f"{type(failed).__name__}: {failed}"
        traceback.print_exc()
    finally:
        signal.alarm(0)
        if profile is not None:
            profile.disable()
            pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(PROFILE_LINES)
    results["benches"][name] = {
        "about": module.__doc__,
        "figures": [each.data() for each in findings.figures],
        "facts": findings.facts,
        "seconds": round(watch.seconds, 1),
        "load_before": load,
        "at": results["machine"]["at"],
        "commit": results["machine"]["commit"],
        "quick": quick,
        "error": error,
    }
    return watch.seconds


def _kept(path: Path, *, quick: bool) -> dict[str, Any]:
    """Earlier figures of the same size, so that running one bench again keeps the others'."""
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"benches": {}}
    kept["benches"] = {name: each for name, each in kept.get("benches", {}).items() if each.get("quick") == quick}
    return kept


def _time_up(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeUpError("the bench took longer than it may and was broken off")


def _stopped(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
