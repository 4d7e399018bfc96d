"""How well wrong headings are told from right ones: AUC, and what is caught at a fixed share of false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

FALSE_ALARMS: Final = 0.05


class Pair(NamedTuple):
    """A text under a declared code; `kind` is `true`, or how the wrong code was chosen."""

    text: str
    declared: str
    kind: str
    set: str


def figures(pairs: Sequence[Pair], scores: Sequence[float]) -> dict[str, Any]:
    """AUC and share caught by kind, over all pairs and by set.

    Args:
        pairs: Right and wrong ones.
        scores: Suspicion, one a pair.

    Returns:
        `n`, `auc`, `caught_at_5pct`, each by kind, and the same by set under `by_set`. A kind without right pairs
        beside it is left out.
    """
    whole = _figures(pairs, scores)
    names = sorted({pair.set for pair in pairs if pair.set})
    whole["by_set"] = {
        name: _figures(
            [pair for pair in pairs if pair.set == name],
            [score for pair, score in zip(pairs, scores, strict=True) if pair.set == name],
        )
        for name in names
    }
    return whole


def _figures(pairs: Sequence[Pair], scores: Sequence[float]) -> dict[str, Any]:
    by_kind: dict[str, list[float]] = {}
    for pair, score in zip(pairs, scores, strict=True):
        by_kind.setdefault(pair.kind, []).append(score)
    right = np.sort(np.array(by_kind.get("true", ())))
    found: dict[str, Any] = {
        "n": {kind: len(rows) for kind, rows in sorted(by_kind.items())},
        "auc": {},
        "caught_at_5pct": {},
    }
    if not len(right):
        return found
    bar = float(np.quantile(right, 1 - FALSE_ALARMS))
    for kind, rows in sorted(by_kind.items()):
        if kind != "true":
            wrong = np.array(rows)
            below = np.searchsorted(right, wrong, side="left") + np.searchsorted(right, wrong, side="right")
            found["auc"][kind] = round(float(below.sum() / (2 * len(right) * len(wrong))), 4)
            found["caught_at_5pct"][kind] = round(float((wrong > bar).mean()), 4)
    return found
