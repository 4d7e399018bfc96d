"""How well live documents are ranked, on a made-up economy: `python -m bench.ranking --seed judge-1`.

A year is filed month by month. At the end of each month every case is closed as an officer would close it who finds
out the truth: the truth file of the generator says which documents belong to a scheme. A model learns from those
outcomes up to a month and ranks the documents of the months after it, beside the rules alone. The schemes are ours: the
figures show that the parts work together and promise nothing about real trade.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from keruen import formats
from keruen.cases import commands as do
from keruen.cases.case import Result
from keruen.cases.routing import shipped as routes
from keruen.compose import described
from keruen.facts.catalogue import catalogue
from keruen.formats.records import RawRecord
from keruen.model.actor import Actor, Role
from keruen.profiles import load
from keruen.rules import shipped
from keruen.rules.ruleset import read
from keruen.simulate import simulate
from keruen.store.memory import MemoryStore
from keruen.store.memory_cases import MemoryCases
from keruen.workflow.cases import CaseOffice, act, follow
from keruen.workflow.intake import Options, take_in
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.ports import CaseQuery
from keruen.workflow.submit import Office
from keruen.workflow.sweep import sweep

FIRST = Actor("officer", "authority", Role.OFFICER)
SECOND = Actor("second-officer", "authority", Role.OFFICER)
GATEWAY = Actor("gateway", "gateway", Role.GATEWAY)


class Truth(NamedTuple):
    """What the generator planted."""

    bad: frozenset[str]
    """Documents of a scheme."""
    cover: frozenset[str]
    """Ordinary trade of the same firms: neither honest nor to be found."""


class BenchClock:
    """Believes what a history says of itself; cases are closed at the end of a month."""

    now = datetime(2019, 1, 1, tzinfo=UTC)

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """When a record says it was filed, or the time of the bench."""
        return filed_at or self.now


class Year(NamedTuple):
    """A country whose papers were filed, with its cases closed."""

    office: Office
    cases: CaseOffice
    truth: Truth
    closed: int
    offences: int


def a_year(seed: str, lines: int, folder: Path) -> Year:
    """Make a country, file its papers month by month, and close the cases of each month."""
    simulate(seed, lines, ["all"], folder, lambda _done, _total: None)
    planted = json.loads((folder / "truth.json").read_text("utf-8"))["instances"]
    bad = frozenset(name for each in planted for name in (*each["documents"], *each["should_stop"]))
    truth = Truth(bad, frozenset(name for each in planted for name in each["cover"]) - bad)
    profile = load("kz")
    rules = Rulings.of(read(shipped.body("kz"), catalogue(), kinds_of(profile)), None, seed.encode().ljust(32, b"."))
    salts, clock = itertools.count(), BenchClock()
    office = Office(
        MemoryStore(),
        profile,
        clock,
        lambda: next(salts).to_bytes(16, "big"),
        rules=lambda: rules,
        describes=described,
    )
    cases = CaseOffice(MemoryCases(office.store), office.store, profile, clock, routes())
    closed = offences = 0
    for month, records in itertools.groupby(_records(folder, profile), _month):
        take_in(office, records, GATEWAY, Options(history=True, on_progress=lambda _done: None))
        year, number = int(month[:4]), int(month[5:])
        clock.now = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC) - timedelta(seconds=1)
        list(sweep(office, clock.now))
        follow(cases)
        found = close_all(cases, truth)
        closed, offences = closed + found[0], offences + found[1]
    return Year(office, cases, truth, closed, offences)


def close_all(cases: CaseOffice, truth: Truth) -> tuple[int, int]:
    """Close what is open: an offence where a document of the case belongs to a scheme; how many, and how many of these."""
    closed = offences = 0
    while rows := cases.cases.page(CaseQuery(limit=200)).rows:
        for case in rows:
            found = any(each.document_id in truth.bad for each in case.joined)
            result = Result.DIVERSION if found else Result.NO_FINDING
            act(cases, FIRST, case.number, do.Propose(result, "by the truth file"))
            act(cases, SECOND, case.number, do.Countersign())
            closed, offences = closed + 1, offences + found
    return closed, offences


def _records(folder: Path, profile: Any) -> Iterator[RawRecord]:  # noqa: ANN401 - as formats takes it
    for path in sorted(folder.glob("records-*.ndjson")):
        with path.open("rb") as stream:
            for record in formats.read(stream, formats.Format.NDJSON, profile=profile):
                assert isinstance(record, RawRecord)
                yield record


def _month(record: RawRecord) -> str:
    return str(record.fields["filed_at"])[:7]
