"""How good screening is: precision, recall and F1 on labelled data, and how far chance may move them.

Takes scores and labels, gives counts. It does not compare names and reads no file; a score comes from the caller,
so that ours and another matcher are measured by the same arithmetic.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from keruen.model.party import Party
from keruen.screening.labelled import LabelledPair, ListQuery

FOLDS = 5
PRECISION_FLOOR = 0.95
"""What `recall_at_precision` holds fast, in the share of alerts that are right."""
Z_95 = 1.959964
"""Standard normal quantile of a two-sided interval of 95 %."""


class Scored(NamedTuple):
    """One pair with its score."""

    pair: LabelledPair
    score: float
    """0 to 1, higher is more alike."""


class Counts(NamedTuple):
    """Outcomes of pairs at one threshold."""

    hits: int
    """Same, and said to be the same."""
    false_alarms: int
    misses: int
    rejections: int
    """Not the same, and said so."""

    @property
    def n(self) -> int:
        """Pairs in all."""
        return sum(self)

    @property
    def precision(self) -> float | None:
        """Share of alerts that are right; None without alerts."""
        return _share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Share of same pairs that are found; None where there are none."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None where no pair is the same, 0 where none of the same is found."""
        if self.hits + self.misses == 0:
            return None
        return 2 * self.hits / (2 * self.hits + self.false_alarms + self.misses)


class PairFigures(NamedTuple):
    """What one file of pairs gives at one threshold."""

    counts: Counts
    by_category: dict[str, Counts]
    recall_at_precision: dict[str, float]
    """By category: recall at the threshold that is best for this category while 95 of 100 alerts are right."""


class Hit(NamedTuple):
    """What a search for one query gave."""

    query: ListQuery
    found: tuple[str, ...]
    """Ids of listed parties at or above the threshold, best first."""


class QueryFigures(NamedTuple):
    """What searching a list gives at one threshold."""

    n: int
    expected: int
    """Queries that must hit."""
    hits: int
    """Of those, how many hit the very party expected."""
    alerted: int
    """Of the other queries, how many hit anything."""

    @property
    def recall(self) -> float | None:
        """Share of parties expected that are found; None where none is expected."""
        return _share(self.hits, self.expected)

    @property
    def clean_alerted(self) -> float | None:
        """Share of clean parties with an alert; None where none is clean."""
        return _share(self.alerted, self.n - self.expected)


class Interval(NamedTuple):
    """Bounds of a share."""

    low: float
    high: float


def score_pairs(pairs: Iterable[LabelledPair], score: Callable[[Party, Party], float]) -> list[Scored]:
    """Score each pair, in the given order."""
    return [Scored(pair, score(pair.query, pair.candidate)) for pair in pairs]


def count(scored: Iterable[Scored], threshold: float) -> Counts:
    """Count outcomes where a score at or above the threshold says *the same*."""
    cells = [0, 0, 0, 0]
    for each in scored:
        cells[(0 if each.pair.same else 1) if each.score >= threshold else (2 if each.pair.same else 3)] += 1
    return Counts(*cells)


def figures(scored: Sequence[Scored], threshold: float) -> PairFigures:
    """Count a file's outcomes, together and by category.

    Args:
        scored: All pairs of the file.
        threshold: From which score on a pair is the same.

    Returns:
        A category is a tag of the column `category` or `quality` with the pairs that bear it. A quality that only
        same pairs bear (sounds alike, is a translation) stands against *all* pairs that are not the same, since it
        has no counterpart among them; one that only those bear has no line. Pairs without a tag count in the whole
        alone. Where both columns have the same word, it means the category.
    """
    parts = groups(scored)
    return PairFigures(
        count(scored, threshold),
        {name: count(part, threshold) for name, part in parts.items()},
        {name: recall_at_precision(part) for name, part in parts.items()},
    )


def groups(scored: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The pairs of each category, as `figures` says; names in order."""
    found: dict[str, list[Scored]] = {}
    others = [each for each in scored if not each.pair.same]
    for quality in {each.pair.quality for each in scored if each.pair.same and each.pair.quality}:
        same = [each for each in scored if each.pair.same and each.pair.quality == quality]
        found[quality] = same + ([each for each in others if each.pair.quality == quality] or others)
    for category in {each.pair.category for each in scored if each.pair.category}:
        found[category] = [each for each in scored if each.pair.category == category]
    return dict(sorted(found.items()))


def best_threshold(scored: Iterable[Scored]) -> float:
    """Give the threshold with the highest F1; of several, the highest.

    Returns:
        Half-way between the lowest score that is accepted and the next below it, so that it is no pair's own score.
    """
    steps = _steps(scored)
    assert steps, "a threshold is chosen on pairs"
    same = steps[-1].hits
    assert same, "a threshold is chosen on pairs of which some are the same"
    best = max(steps, key=lambda step: (2 * step.hits / (step.hits + step.false_alarms + same), step.score))
    below = next((step.score for step in steps if step.score < best.score), 0.0)
    return (best.score + below) / 2


def recall_at_precision(scored: Iterable[Scored], floor: float = PRECISION_FLOOR) -> float:
    """Give the highest recall of any threshold at which precision is at least `floor`; 0 where there is none."""
    steps = _steps(scored)
    if not steps or not steps[-1].hits:
        return 0.0
    fit = [step.hits for step in steps if step.hits >= floor * (step.hits + step.false_alarms)]
    return max(fit, default=0) / steps[-1].hits


class _Step(NamedTuple):
    score: float
    hits: int
    false_alarms: int


def _steps(scored: Iterable[Scored]) -> list[_Step]:
    """What is accepted down to each score that occurs, from the highest on."""
    steps: list[_Step] = []
    hits = false_alarms = 0
    ranked = sorted(scored, key=lambda each: -each.score)
    for score, equals in groupby(ranked, key=lambda each: each.score):
        labels = [each.pair.same for each in equals]
        hits += sum(labels)
        false_alarms += len(labels) - sum(labels)
        steps.append(_Step(score, hits, false_alarms))
    return steps


def fold_of(pair_id: str, folds: int = FOLDS) -> int:
    """Deal a pair to one of `folds` folds by the hash of its id: the same pair always to the same fold."""
    return int.from_bytes(hashlib.sha256(pair_id.encode()).digest()[:8]) % folds


def listed_id(expected: str, known: Collection[str]) -> str | None:
    """Find an expected id among the ids of a list.

    Args:
        expected: As the labelled file has it; may bear the list's short name in front, `un-`, `ofac-` or `ofac-sdn-`.
        known: All ids of the list, as its loader gives them.

    Returns:
        The id itself where the list has it, else what follows its first hyphen that the list has, else None:
        the list knows no such party and it cannot be found.
    """
    while expected not in known:
        _, hyphen, expected = expected.partition("-")
        if not hyphen:
            return None
    return expected


def query_figures(hits: Sequence[Hit], known: Collection[str]) -> QueryFigures:
    """Count what a list's search found of what it should.

    Args:
        hits: One record for each query.
        known: All ids of the list; see `listed_id`. A party expected that the list does not have counts as missed.
    """
    wanted = [(hit, listed_id(hit.query.expected_id, known)) for hit in hits if hit.query.expected_id]
    clean = [hit for hit in hits if not hit.query.expected_id]
    return QueryFigures(
        n=len(hits),
        expected=len(wanted),
        hits=sum(1 for hit, expected in wanted if expected is not None and expected in hit.found),
        alerted=sum(1 for hit in clean if hit.found),
    )


def wilson(successes: int, trials: int, z: float = Z_95) -> Interval:
    """Give the interval that holds the true share in 95 of 100 cases; the whole range where nothing was tried.

    Source:
        Wilson, E. B. (1927), Journal of the American Statistical Association 22 (158), 209-212.
    """
    if trials == 0:
        return Interval(0.0, 1.0)
    share = successes / trials
    square = z * z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
