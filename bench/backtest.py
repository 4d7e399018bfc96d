"""How fast documents are decided, and a rule set runs over decisions on record: `python -m bench.backtest`.

Deciding is measured in memory, one document at a time and in batches of a thousand: facts, rules, channel, ledger and
journal entry, without screening and without a disk. The backtest runs over a million decisions on two cores: those of
a made-up economy, again and again until there are so many.
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
from keruen.model.profile import Profile
from keruen.profiles import load
from keruen.rules import shipped
from keruen.rules.ruleset import RuleSet, read
from keruen.simulate import simulate
from keruen.store.memory import MemoryStore
from keruen.workflow.backtest import backtest
from keruen.workflow.intake import Accept, Options, take_in
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.ports import Decided
from keruen.workflow.submit import Office


def main(arguments: list[str] | None = None) -> int:
    """Measure; always 0, since a benchmark measures and does not judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=40_000, help="of the economy")
    parser.add_argument("--singly", type=int, default=4_000, help="commands filed one at a time")
    asked = parser.parse_args(arguments)
    profile = load("kz")
    rules = read(shipped.body("kz"), catalogue(), kinds_of(profile))
    office = _office(profile, rules)
    with tempfile.TemporaryDirectory() as folder:
        simulate("bench", asked.lines, ["all"], Path(folder), lambda _done, _total: None)

        def records() -> Iterator[object]:
            for path in sorted(Path(folder).glob("records-*.ndjson")):
                with path.open("rb") as stream:
                    yield from formats.read(stream, formats.Format.NDJSON, profile=profile)

        _one_by_one(_office(profile, rules), records(), asked.singly)
        began, cpu = time.perf_counter(), time.process_time()
        report = take_in(
            office,
            records(),  # type: ignore[arg-type]
            Actor("gateway", "gateway", Role.GATEWAY),
            Options(history=True, batch_size=1000, on_progress=lambda _done: None),
        )
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    decided = list(office.store.decided(None))
    commands = report.accepted + report.repeated + report.rejected
    print(
        f"in batches: {commands} documents and actions read, decided and filed in {took:.1f} s, {commands / took:,.0f}/s; "
        f"{1000 * cpu / commands:.2f} ms of processor time each, {commands / cpu:,.0f}/s a core; "
        f"{len(decided)} decisions with facts"
    )
    again = itertools.islice(itertools.cycle(decided), asked.documents)
    for cores in (1, 2):
        began, cpu = time.perf_counter(), time.process_time()
        found = backtest(_taken(again, asked.documents // 2), rules, {}, cores=cores, kinds=kinds_of(profile))
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        alone = f"{found['documents'] / cpu:,.0f} a second of processor time, " if cores == 1 else ""
        print(
            f"backtest on {cores} core(s): {found['documents']} documents in {took:.1f} s, "
            f"{found['documents'] / took:,.0f}/s, {alone}{found['agreed']} given again to the byte"
        )
    return 0


def _office(profile: Profile, rules: RuleSet) -> Office:
    salts = itertools.count()
    return Office(
        MemoryStore(),
        profile,
        ReplayClock(),
        lambda: next(salts).to_bytes(16, "big"),
        rules=lambda: Rulings.of(rules),
        describes=described,
    )


def _one_by_one(office: Office, records: Iterator[object], count: int) -> None:
    """File the first commands each in a batch of its own; what it takes of the processor, by rank.

    In one transaction: what the books in memory copy to be able to take a transaction back grows with the books and
    is no part of a decision.
    """
    took: list[float] = []
    last = time.process_time()

    def note(_command: object, _outcome: object) -> None:
        nonlocal last
        now = time.process_time()
        took.append(1000 * (now - last))
        last = now

    take_in(
        office,
        itertools.islice(records, count),  # type: ignore[arg-type]
        Actor("gateway", "gateway", Role.GATEWAY),
        Options(
            accept=Accept.ALL_OR_NOTHING,
            history=True,
            batch_size=1,
            on_progress=lambda _done: None,
            on_outcome=note,
        ),
    )
    ranked = sorted(took)
    print(
        f"one at a time: {len(ranked)} documents and actions, processor time p50 {ranked[len(ranked) // 2]:.2f} ms, "
        f"p99 {ranked[len(ranked) * 99 // 100]:.2f} ms"
    )


def _taken(rows: Iterator[Decided], count: int) -> Iterator[Decided]:
    return itertools.islice(rows, count)


if __name__ == "__main__":
    sys.exit(main())
