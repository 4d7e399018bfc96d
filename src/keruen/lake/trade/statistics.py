"""What SQL cannot do with a series: breaks, permutations, and the tails of distributions. Small arrays in, figures out.

Sources:
    D. W. K. Andrews, Econometrica 61 (1993) and 71 (2003), for the largest F over unknown dates; J. Bai and P. Perron,
    Econometrica 66 (1998), for several breaks by dynamic programming.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
TRIM = 0.15
DRAWS = 4000
SEED = 20220224
ALPHA = 0.05
CRITICAL = 8.68
"""Of the largest F at five in a hundred, one mean, 15 % trim (Andrews 2003, table I)."""
LEAST = 12
"""A series shorter than that has no date of a break that means anything."""
SMALL = 0.01
"""Added before the logarithm where a series has noughts, as a share of its mean: the scale does not matter then."""


@dataclass(frozen=True, slots=True)
class Break:
    """The one best break of a series of logarithms.

    Attributes:
        at: Index of the first value after it.
        sup_f: The largest F over all dates within the trim.
        p: Share of series without break that reach it, for white noise and for noise that remembers as this series
            does;
            the larger of the two.
        ratio: Level after over level before.
        memory: Correlation of a residual with the one before.
    """

    at: int
    sup_f: float
    p: float
    ratio: float
    memory: float

    @property
    def significant(self) -> bool:
        """Below five in a hundred."""
        return self.p < ALPHA


def logs(values: Array) -> Array:
    """Logarithms that bear noughts and do not depend on the currency."""
    values = np.asarray(values, dtype=float)
    if (values > 0).all():
        return np.asarray(np.log(values))
    return np.asarray(np.log(values + SMALL * max(values.mean(), np.finfo(float).tiny)))


def one_break(values: Array, trim: float = TRIM) -> Break | None:
    """The date at which a level changed most, on logarithms of a series; None where it is too short or nothing."""
    if len(values) < LEAST or not np.any(np.asarray(values) > 0):
        return None
    y = logs(values)
    f = _f_statistics(y[None, :], trim)[0]
    margin = _margin(len(y), trim)
    at = int(np.argmax(f)) + margin
    before, after = y[:at].mean(), y[at:].mean()
    residual = y - np.where(np.arange(len(y)) < at, before, after)
    spread = float((residual**2).sum())
    memory = float(np.clip((residual[1:] * residual[:-1]).sum() / spread, 0.0, 0.95)) if spread > 0 else 0.0
    sup_f = float(f.max())
    p = max(_share_above(len(y), trim, 0.0, sup_f), _share_above(len(y), trim, round(memory, 1), sup_f))
    return Break(at, sup_f, p, float(math.exp(after - before)), memory)


def date_of(values: Array, *, rises: bool, trim: float = TRIM) -> int | None:
    """Index of the first value after the largest change of level, upward or downward.

    Returns:
        None where the series is too short, the change goes the other way, or its F is below the critical value of five
        in a hundred: cheap, and enough to tell what came first.
    """
    if len(values) < LEAST or not np.any(np.asarray(values) > 0):
        return None
    y = logs(values)
    f = _f_statistics(y[None, :], trim)[0]
    at = int(np.argmax(f)) + _margin(len(y), trim)
    return at if f.max() > CRITICAL and (y[at:].mean() > y[:at].mean()) == rises else None


def several_breaks(values: Array, most: int = 3, trim: float = TRIM) -> list[int]:
    """Dates of several breaks, as many as Schwarz's criterion bears: indices of the first value after each."""
    y = logs(values)
    size = len(y)
    margin = _margin(size, trim)
    if size < max(LEAST, 2 * margin):
        return []
    sums, squares = np.concatenate(([0.0], np.cumsum(y))), np.concatenate(([0.0], np.cumsum(y * y)))

    def cost(start: int, end: int) -> float:
        return float(squares[end] - squares[start] - (sums[end] - sums[start]) ** 2 / (end - start))

    best: list[dict[int, tuple[float, tuple[int, ...]]]] = [
        {end: (cost(0, end), ()) for end in range(margin, size + 1)}
    ]
    for _ in range(most):
        earlier, found = best[-1], {}
        for end in range(margin * (len(best) + 1), size + 1):
            options = [
                (earlier[cut][0] + cost(cut, end), (*earlier[cut][1], cut))
                for cut in range(margin * len(best), end - margin + 1)
                if cut in earlier
            ]
            if options:
                found[end] = min(options)
        best.append(found)
    whole = [each[size] for each in best if size in each]
    penalties = [
        size * math.log(max(ssr, 1e-300) / size) + (2 * number + 1) * math.log(size)
        for number, (ssr, _) in enumerate(whole)
    ]
    return list(whole[int(np.argmin(penalties))][1])


def _margin(size: int, trim: float) -> int:
    return max(2, math.floor(trim * size))


def _f_statistics(y: Array, trim: float) -> Array:
    """F for each date within the trim; rows are series."""
    size = y.shape[1]
    margin = _margin(size, trim)
    cuts = np.arange(margin, size - margin + 1)
    sums, total = np.cumsum(y, axis=1), y.sum(axis=1, keepdims=True)
    left = sums[:, cuts - 1]
    explained = left**2 / cuts + (total - left) ** 2 / (size - cuts) - total**2 / size
    ssr0 = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True)
    rest = np.maximum(ssr0 - explained, 1e-12 * np.maximum(ssr0, 1e-300))
    return np.asarray(explained / (rest / (size - 2)))


@cache
def _without_break(size: int, trim: float, memory: float) -> Array:
    """The largest F of many series without a break."""
    noise = np.random.default_rng(SEED).standard_normal((DRAWS, size + 50))
    if memory > 0:
        for step in range(1, noise.shape[1]):
            noise[:, step] += memory * noise[:, step - 1]
    return np.sort(_f_statistics(noise[:, 50:], trim).max(axis=1))


def _share_above(size: int, trim: float, memory: float, sup_f: float) -> float:
    drawn = _without_break(size, trim, memory)
    return float((1 + len(drawn) - np.searchsorted(drawn, sup_f)) / (1 + len(drawn)))


@dataclass(frozen=True, slots=True)
class Shift:
    """Growth of some products beyond that of others.

    Attributes:
        effect: Difference in differences of mean logarithms.
        error: Its standard error, products as clusters.
        p: Share of draws without effect that reach it. Where the products were chosen because they grew, the draws
            choose in the same way.
        placebo: The same at a made-up date within the time before; should be near nought.
        placebo_p: Its p.
    """

    effect: float
    error: float
    p: float
    placebo: float
    placebo_p: float
    treated: int
    controls: int
    selected: bool


def shift(panel: Array, treated: Array, at: int, *, selected: bool = False, draws: int = 2000) -> Shift | None:
    """Test whether some products grew beyond others from a date on.

    Args:
        panel: Values, products by periods, without gaps.
        treated: Which products, true or false.
        at: Index of the first period after.
        selected: The treated were chosen because they grew at this date: every draw then turns the sign of each product's
            departure from the middle growth at random, chooses as many that grew most, and measures those.
        draws: How many.

    Returns:
        None where one side has fewer than two products, or there are fewer than two periods on a side.
    """
    treated = np.asarray(treated, dtype=bool)
    if min(treated.sum(), (~treated).sum(), at, panel.shape[1] - at) < 2:  # noqa: PLR2004 - a variance needs two
        return None
    scale = float(panel[panel > 0].mean()) if (panel > 0).any() else 1.0
    y = np.log(panel + SMALL * scale)
    rng = np.random.default_rng(SEED)
    change = _change(y, at)
    effect = float(change[treated].mean() - change[~treated].mean())
    error = math.sqrt(change[treated].var(ddof=1) / treated.sum() + change[~treated].var(ddof=1) / (~treated).sum())
    drawn = np.array(
        [
            _chosen_by_growth(change, int(treated.sum()), rng) if selected else _by_label(change, treated, rng)
            for _ in range(draws)
        ]
    )
    half = at // 2
    early = _change(y[:, :at], half) if half >= 2 else np.zeros(len(y))  # noqa: PLR2004
    placebo = float(early[treated].mean() - early[~treated].mean())
    early_draws = np.array([_by_label(early, treated, rng) for _ in range(draws)])
    return Shift(
        effect,
        error,
        _p(drawn if selected else np.abs(drawn), effect if selected else abs(effect)),
        placebo,
        _p(np.abs(early_draws), abs(placebo)),
        int(treated.sum()),
        int((~treated).sum()),
        selected,
    )


def event_study(panel: Array, treated: Array, base: int) -> list[tuple[float, float]]:
    """Effect and its error in each period against a base period; before it they are the placebo."""
    scale = float(panel[panel > 0].mean()) if (panel > 0).any() else 1.0
    y = np.log(panel + SMALL * scale)
    y = y - y[:, [base]]
    mine, others = y[treated], y[~treated]
    errors = np.sqrt(mine.var(axis=0, ddof=1) / len(mine) + others.var(axis=0, ddof=1) / len(others))
    return list(zip((mine.mean(axis=0) - others.mean(axis=0)).tolist(), errors.tolist(), strict=True))


def chosen_by_growth(panel: Array, at: int, count: int) -> Array:
    """The rule by which a basket is chosen on its outcome: the products that grew most at a date."""
    scale = float(panel[panel > 0].mean()) if (panel > 0).any() else 1.0
    change = _change(np.log(panel + SMALL * scale), at)
    chosen = np.zeros(len(panel), dtype=bool)
    chosen[np.argsort(-change)[:count]] = True
    return chosen


def _change(y: Array, at: int) -> Array:
    return np.asarray(y[:, at:].mean(axis=1) - y[:, :at].mean(axis=1))


def _by_label(change: Array, treated: Array, rng: np.random.Generator) -> float:
    drawn = rng.permutation(treated)
    return float(change[drawn].mean() - change[~drawn].mean())


def _chosen_by_growth(change: Array, count: int, rng: np.random.Generator) -> float:
    """Growth of the products that would have been chosen, had each departed from the middle the other way as easily."""
    middle = np.median(change)
    drawn = np.sort((change - middle) * rng.choice((-1.0, 1.0), len(change)))[::-1]
    return float(drawn[:count].mean() - drawn[count:].mean())


def _p(drawn: Array, found: float) -> float:
    return float((1 + (drawn >= found - 1e-12).sum()) / (1 + len(drawn)))


def student_p(t: float, freedom: int) -> float:
    """Two-sided p of Student's t, by the integral of its density (enough digits for what is printed)."""
    if math.isinf(t):
        return 0.0
    x = np.linspace(0.0, math.atan(abs(t) / math.sqrt(freedom)), 2001)
    density = np.cos(x) ** (freedom - 1)
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return float(max(0.0, 1.0 - 2.0 * constant * np.trapezoid(density, x)))
