"""How fast a rule set runs over decisions on record: `python -m bench.backtest`, a million of them on two cores.

The decisions are those of a made-up economy, again and again until there are so many.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from keruen import formats
from keruen.compose import ReplayClock, described
from keruen.facts.catalogue import catalogue
from keruen.model.actor import Actor, Role
from keruen.profiles import load
from keruen.rules import shipped
from keruen.rules.ruleset import read
from keruen.simulate import simulate
from keruen.store.memory import MemoryStore
from keruen.workflow.backtest import backtest
from keruen.workflow.intake import Options, take_in
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.ports import Decided
from keruen.workflow.submit import Office


def main(arguments: list[str] | None = None) -> int:
    """Measure; always 0, since a benchmark measures and does not judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=40_000, help="of the economy")
    asked = parser.parse_args(arguments)
    profile = load("kz")
    rules = read(shipped.body("kz"), catalogue(), kinds_of(profile))
    salts = itertools.count()
    office = Office(
        MemoryStore(),
        profile,
        ReplayClock(),
        lambda: next(salts).to_bytes(16, "big"),
        rules=lambda: Rulings.of(rules),
        describes=described,
    )
    with tempfile.TemporaryDirectory() as folder:
        simulate("bench", asked.lines, ["all"], Path(folder), lambda _done, _total: None)

        def records() -> Iterator[object]:
            for path in sorted(Path(folder).glob("records-*.ndjson")):
                with path.open("rb") as stream:
                    yield from formats.read(stream, formats.Format.NDJSON, profile=profile)

        began = time.perf_counter()
        report = take_in(
            office,
            records(),  # type: ignore[arg-type]
            Actor("gateway", "gateway", Role.GATEWAY),
            Options(history=True, batch_size=1000, on_progress=lambda _done: None),
        )
        took = time.perf_counter() - began
    decided = list(office.store.decided(None))
    commands = report.accepted + report.repeated + report.rejected
    print(f"{commands} commands filed in memory in {took:.1f} s, {len(decided)} decisions with facts on record")
    again = itertools.islice(itertools.cycle(decided), asked.documents)
    for cores in (1, 2):
        began = time.perf_counter()
        found = backtest(_taken(again, asked.documents // 2), rules, {}, cores=cores, kinds=kinds_of(profile))
        took = time.perf_counter() - began
        print(
            f"{cores} core(s): {found['documents']} documents in {took:.1f} s, {found['documents'] / took:,.0f}/s, "
            f"{found['agreed']} given again to the byte"
        )
    return 0


def _taken(rows: Iterator[Decided], count: int) -> Iterator[Decided]:
    return itertools.islice(rows, count)


if __name__ == "__main__":
    sys.exit(main())
