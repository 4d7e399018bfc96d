"""One run: the clock that wakes every chain in the order of time, and what it is told to make."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import keruen
from keruen.errors import InvalidInput
from keruen.profiles import load
from keruen.simulate import calendar, calibration, flows, schemes
from keruen.simulate.draws import stream
from keruen.simulate.economy import Economy
from keruen.simulate.papers import LANES, Desk, Numbers, Record, Transport
from keruen.simulate.truth import Instance, truth
from keruen.simulate.writer import Writer, pretty, register

HISTORY_FROM = "2019-01"
HISTORY_SHARE = 0.2
LINES_A_CHAIN = 23.0
"""Lines that an honest chain files on average, measured over a million lines."""
LAG_DAYS = 16
"""How long after its start a chain files, on average: chains start that much ahead of the plan."""
OFFICERS = 12
SUPERVISORS = 2
FEWEST, MOST = 100, 50_000_000
Progress = Callable[[int, int], None]
"""Told the lines written and the lines wanted, once a simulated month."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run wrote."""

    out: Path
    seed: str
    records: int
    lines: int
    honest_lines: int
    kinds: dict[str, int]
    instances: int
    planted_documents: int


class Clock:
    """Wakes scripts in the order of time; ties go in the order they were asked for."""

    def __init__(self, end: int) -> None:
        self._heap: list[tuple[int, int, bool, flows.Script]] = []
        self._count = 0
        self._end = end
        self.now = 0

    def spawn(self, at: int, script: flows.Script) -> None:
        """Start a script at an instant; one that would start after the end never does."""
        if at < self._end:
            self._count += 1
            heapq.heappush(self._heap, (max(at, self.now), self._count, True, script))

    def run_until(self, limit: int) -> None:
        """Wake everything due before an instant."""
        heap, end, push = self._heap, self._end, heapq.heappush
        limit = min(limit, end)
        while heap and heap[0][0] < limit:
            at, _, fresh, script = heapq.heappop(heap)
            self.now = at
            try:
                again = next(script) if fresh else script.send(at)
            except StopIteration:
                continue
            if again >= end:
                script.close()
            else:
                self._count += 1
                push(heap, (max(again, at), self._count, False, script))


def simulate(
    seed: str | int,
    lines: int,
    schemes: Sequence[str] = ("all",),
    out: Path | str = "simulated",
    on_progress: Progress | None = None,
    *,
    start: str = "2025-01",
    end: str = "2025-12",
    history: bool = True,
) -> Summary:
    """Write an economy to a folder.

    Args:
        seed: The same seed and options give the same bytes.
        lines: Document lines of honest trade, near enough (a few per cent); the planted come on top.
        schemes: Names of schemes to plant; `all`, or `none`.
        out: The folder; files of an earlier run in it are replaced.
        on_progress: Told how far it is.
        start: First month of the window, `YYYY-MM`.
        end: Last month of the window.
        history: Put a fifth of the lines before the window, from 2019-01.

    Returns:
        Counts of what was written.

    Raises:
        InvalidInput: Too few or too many lines, an unknown scheme, or months out of order.
    """
    if not FEWEST <= lines <= MOST:
        raise InvalidInput(
            f"{FEWEST} to {MOST} lines can be simulated, {lines} asked", code="simulate_lines", found=str(lines)
        )
    return _Run(str(seed), lines, schemes, Path(out), start, end, history=history).go(on_progress)


class _Run:
    def __init__(
        self,
        seed: str,
        lines: int,
        names: Sequence[str],
        out: Path,
        start: str,
        end: str,
        *,
        history: bool,
    ) -> None:
        self.seed, self.lines = seed, lines
        self.names = schemes.chosen(names)
        first, last = calendar.month_start(start), calendar.month_start(end)
        if last < first:
            raise InvalidInput(f"the window ends in {end}, before it starts in {start}", code="simulate_window")
        self.window = (start, end)
        self.periods = calendar.months(HISTORY_FROM if history and start > HISTORY_FROM else start, end)
        self.start = calendar.seconds(calendar.month_start(self.periods[0]))
        self.end = calendar.seconds(_day_after(end))
        self.days, self.plan = _plan(lines, self.periods, start)
        self.writer = Writer(out)
        self.out = out
        self.clock = Clock(self.end)
        self.honest_lines = 0
        lane = 0
        self.economy = Economy(seed, lines, lane, LANES, last)
        rng = stream(seed, "officers")
        people = [self.economy.registry.person()[1].split()[-1].lower() for _ in range(OFFICERS)]
        self.officers = [f"officer.{index:02d}.{name}" for index, name in enumerate(people, 1)]
        self.supervisors = [f"supervisor.{index}.{rng.choice(people)}" for index in range(1, SUPERVISORS + 1)]
        self.transport = Transport(self.economy.carriers, self.economy.drivers, self.economy.vehicles)
        desk = Desk(
            stream(seed, "desk"), Numbers(seed, lane), self._honest, self.transport, self.economy.brokers, self.officers
        )
        self.world = flows.World(self.economy, desk, self.clock.spawn, self.start, stream(seed, "flows"))
        self.instances: list[Instance] = []
        self.firms = list(self.economy)

    def _honest(self, now: int, record: Record, lines: int) -> None:
        self.honest_lines += lines
        self.writer.put(now, record, lines)

    def go(self, on_progress: Progress | None) -> Summary:
        plants = schemes.plant(
            self.names,
            schemes.Ground(
                seed=self.seed,
                lines=self.lines,
                writer=self.writer,
                spawn=self.clock.spawn,
                transport=self.transport,
                brokers=self.economy.brokers,
                officers=self.officers,
                history_from=self.start,
                window_from=calendar.seconds(calendar.month_start(self.window[0])),
                end=self.end,
            ),
        )
        self.instances = plants.instances
        launched, rng = 0, stream(self.seed, "launch")
        first = self.start // calendar.DAY
        for index in range(self.days):
            day = first + index
            if calendar.is_working(day):
                launched = self._launch(day, index, launched, rng)
            self.clock.run_until((day + 1) * calendar.DAY)
            if on_progress and calendar.iso_day(day).endswith("-01"):
                on_progress(self.writer.lines, self.lines)
        return self._finish(plants)

    def _launch(self, day: int, index: int, launched: int, rng: Random) -> int:
        """Start as many chains as bring the plan of some days ahead; mend the pace by what was filed."""
        ahead = self.plan[min(index + LAG_DAYS, len(self.plan) - 1)]
        due = self.plan[index]
        pace = 1.0
        if self.honest_lines > 500 and due > 500:  # noqa: PLR2004 - enough to judge by
            pace = min(1.3, max(0.75, due / self.honest_lines))
        wanted = int(ahead * pace / LINES_A_CHAIN) - launched
        for _ in range(max(0, wanted)):
            at = day * calendar.DAY + calendar.OPENS + int(rng.random() * calendar.HOURS_OPEN_S)
            script = flows.passing if rng.random() < 0.06 else flows.chain  # noqa: PLR2004 - share that only passes
            self.clock.spawn(at, script(self.world, at))
        return launched + max(0, wanted)

    def _finish(self, plants: schemes.Plants) -> Summary:
        writer = self.writer
        writer.close_records()
        firms = sorted([*self.firms, *plants.firms], key=lambda firm: firm.id)
        ndjson, table = register(firms)
        writer.aside("parties.ndjson", ndjson)
        writer.aside("parties.csv", table)
        writer.aside("listed_parties.csv", plants.listed_parties())
        for each in self.instances:
            if not each.should_stop:
                each.findable, each.why = False, "the window ends before the scheme comes to its point"
        writer.aside("truth.json", pretty(truth(self.seed, self.instances)))
        planted = sum(len(each.documents) for each in self.instances)
        profile = load("kz")
        about: dict[str, Any] = {
            "format": 1,
            "seed": self.seed,
            "lines_asked": self.lines,
            "honest_lines": self.honest_lines,
            "window": list(self.window),
            "history_from": self.periods[0],
            "schemes": list(self.names),
            "instances": len(self.instances),
            "keruen": keruen.__version__,
            "profile": profile.id,
            "profile_edition": profile.edition,
            "officers": self.officers,
            "supervisors": self.supervisors,
        }
        writer.finish(about)
        return Summary(
            self.out,
            self.seed,
            writer.records,
            writer.lines,
            self.honest_lines,
            dict(sorted(writer.kinds.items())),
            len(self.instances),
            planted,
        )


def _day_after(period: str) -> Any:  # noqa: ANN401 - a date; December 2026 has no calibrated month after it
    year, month = int(period[:4]), int(period[5:])
    first = calendar.month_start(period)
    return first.replace(year=year + 1, month=1) if month == 12 else first.replace(month=month + 1)  # noqa: PLR2004


def _plan(lines: int, periods: list[str], window_from: str) -> tuple[int, list[float]]:
    """Days of the run, and the lines due by the end of each day (and some days on, for the launches ahead)."""
    index = calibration.month_index()
    before = [period for period in periods if period < window_from]
    shares: dict[str, float] = {}
    for part, share in (
        (before, HISTORY_SHARE if before else 0.0),
        ([p for p in periods if p >= window_from], 1 - HISTORY_SHARE if before else 1.0),
    ):
        total = sum(index[period] for period in part)
        shares |= {period: share * index[period] / total for period in part}
    weights: list[float] = []
    for period in periods:
        start = calendar.seconds(calendar.month_start(period)) // calendar.DAY
        stop = calendar.seconds(_day_after(period)) // calendar.DAY
        days = [1.0 if calendar.is_working(day) else 0.0 for day in range(start, stop)]
        weights += [lines * shares[period] * each / sum(days) for each in days]
    count = len(weights)
    weights += weights[-LAG_DAYS * 2 : -LAG_DAYS]
    return count, list(accumulate(weights))
