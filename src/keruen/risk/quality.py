"""How good a ranking is: AUC, precision and recall at a share, with intervals; and how far data have drifted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SHARES: Final = (0.01, 0.05, 0.10)
Z: Final = 1.96
"""Of 95 percent."""
BINS: Final = 10
LEAST: Final = 1e-4


def auc(
    labels: NDArray[np.int64], scores: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> float | None:
    """Probability that a bad row stands above a good one, ties half; None without both."""
    weights = np.ones(len(labels)) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    scores, labels, weights = scores[order], labels[order], weights[order]
    good = np.where(labels == 0, weights, 0.0)
    bad = np.where(labels == 1, weights, 0.0)
    if not good.sum() or not bad.sum():
        return None
    below = np.concatenate([[0.0], np.cumsum(good)])
    first = np.searchsorted(scores, scores, side="left")
    last = np.searchsorted(scores, scores, side="right")
    return float((bad * (below[first] + below[last]) / 2).sum() / (good.sum() * bad.sum()))


def wilson(hits: float, count: float) -> tuple[float, float]:
    """Interval of a share, Wilson's; of nothing everything is possible."""
    if count <= 0:
        return 0.0, 1.0
    share = hits / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)) / (1 + Z * Z / count)
    # At the ends exactly, where rounding would leave a trace.
    return max(0.0, middle - half) if hits else 0.0, min(1.0, middle + half) if hits < count else 1.0


def at_shares(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, dict[str, Any]]:
    """Precision and recall among the highest 1, 5 and 10 percent, with their intervals; ties in order of rows."""
    order = np.argsort(-scores, kind="stable")
    bad = int(labels.sum())
    found: dict[str, dict[str, Any]] = {}
    for share in SHARES:
        count = max(1, round(share * len(labels)))
        hits = int(labels[order[:count]].sum())
        found[f"{share:.0%}"] = {
            "n": count,
            "precision": hits / count,
            "precision_interval": list(wilson(hits, count)),
            "recall": hits / bad if bad else None,
            "recall_interval": list(wilson(hits, bad)) if bad else None,
        }
    return found


def figures(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, Any]:
    """All of it for one set of rows."""
    return {
        "n": len(labels),
        "base_rate": float(labels.mean()) if len(labels) else None,
        "auc": auc(labels, scores),
        "at": at_shares(labels, scores) if len(labels) else {},
    }


def stability(before: Sequence[float] | NDArray[np.float64], after: Sequence[float] | NDArray[np.float64]) -> float:
    """Population stability index of a feature between two sets: nought is no change, above 0.25 a large one."""
    old = np.asarray(before, dtype=np.float64)
    new = np.asarray(after, dtype=np.float64)
    old, new = old[np.isfinite(old)], new[np.isfinite(new)]
    if not len(old) or not len(new):
        return 0.0
    edges = np.unique(np.quantile(old, np.linspace(0, 1, BINS + 1)[1:-1]))
    p = np.maximum(np.bincount(np.searchsorted(edges, old), minlength=len(edges) + 1) / len(old), LEAST)
    q = np.maximum(np.bincount(np.searchsorted(edges, new), minlength=len(edges) + 1) / len(new), LEAST)
    return float(((q - p) * np.log(q / p)).sum())


def drift(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """The stability index with what is missing as a bin of its own: that a feature fell silent is a change too."""
    known, now = np.isfinite(before), np.isfinite(after)
    if not len(before) or not len(after):
        return 0.0
    edges = np.unique(np.quantile(before[known], np.linspace(0, 1, BINS + 1)[1:-1])) if known.any() else np.array([])

    def shares(values: NDArray[np.float64], there: NDArray[np.bool_]) -> NDArray[np.float64]:
        bins = np.bincount(np.searchsorted(edges, values[there]), minlength=len(edges) + 1)
        return np.maximum(np.append(bins, (~there).sum()) / len(values), LEAST)

    p, q = shares(before, known), shares(after, now)
    return float(((q - p) * np.log(q / p)).sum())
