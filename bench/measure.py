"""What a benchmark gives: figures, each beside its floor or peer, and the tools to take them."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

GREATER, LESS = ">=", "<="
DIGITS = ((100, 0), (10, 1), (1, 2))
"""From a size on, so many digits after the point."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: itself, or its ratio to the floor beside it."""

    of: str
    """`ours` or `ratio`."""
    sign: str
    """`>=` or `<=`."""
    value: float

    def met(self, ours: float, ratio: float | None) -> bool | None:
        """Whether it is reached; None where there is nothing to compare."""
        found = ours if self.of == "ours" else ratio
        if found is None or math.isnan(found):
            return None
        return found >= self.value if self.sign == GREATER else found <= self.value

    def __str__(self) -> str:
        """Read as the table shows it."""
        return f"{'ratio ' if self.of == 'ratio' else ''}{self.sign} {number(self.value)}"


def at_least(value: float) -> Target:
    """The figure itself is to reach a value."""
    return Target("ours", GREATER, value)


def at_most(value: float) -> Target:
    """The figure itself is to stay below a value."""
    return Target("ours", LESS, value)


def ratio_at_least(value: float) -> Target:
    """The figure is to reach so much of the floor."""
    return Target("ratio", GREATER, value)


def ratio_at_most(value: float) -> Target:
    """The figure is to stay below so much of the floor."""
    return Target("ratio", LESS, value)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure."""

    bench: str
    name: str
    ours: float
    unit: str
    peer: float | None = None
    peer_name: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over the floor's or peer's."""
        return self.ours / self.peer if self.peer else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        return self.target.met(self.ours, self.ratio) if self.target is not None else None

    def data(self) -> dict[str, Any]:
        """The figure as JSON holds it."""
        return {
            "bench": self.bench,
            "name": self.name,
            "ours": self.ours,
            "unit": self.unit,
            "peer": self.peer,
            "peer_name": self.peer_name,
            "ratio": self.ratio,
            "target": str(self.target) if self.target else "",
            "target_rule": asdict(self.target) if self.target else None,
            "met": self.met,
            "note": self.note,
        }


@dataclass(slots=True)
class Findings:
    """What one bench found: figures for the table, facts for whoever computes further."""

    bench: str
    figures: list[Figure] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(
        self,
        name: str,
        ours: float,
        unit: str,
        *,
        peer: float | None = None,
        peer_name: str = "",
        target: Target | None = None,
        note: str = "",
    ) -> None:
        """Note a figure."""
        self.figures.append(Figure(self.bench, name, ours, unit, peer, peer_name, target, note))


class Progress(Protocol):
    """Shows how far a bench is."""

    def __call__(self, text: str, done: float = 0, total: float | None = None) -> None:
        """Say what runs now, and how much of it is done."""


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds so far, never nought."""
        return max(time.perf_counter() - self._began, 1e-9)


@contextmanager
def calm() -> Iterator[None]:
    """Collect garbage before the measured part, not during it by an accident of what ran before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lie (nearest rank); NaN of none."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, math.ceil(share * len(ranked)) - 1))]


def timed(count: int, limit_s: float, work: Callable[[int], object]) -> list[float]:
    """Seconds of each of up to `count` calls, begun within a time limit."""
    took: list[float] = []
    end = time.perf_counter() + limit_s
    with calm():
        for index in range(count):
            began = time.perf_counter()
            if began > end:
                break
            work(index)
            took.append(time.perf_counter() - began)
    return took


def number(value: float | None) -> str:
    """A figure as people read it: three digits that matter, thousands apart."""
    if value is None or math.isnan(value):
        return "—"
    size = abs(value)
    digits = next((digits for least, digits in DIGITS if size >= least), 3)
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
