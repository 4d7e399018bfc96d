"""How good and how fast screening is, beside matchers that are not ours, on the same data in the same run.

`python -m bench.screening --quick` scores the labelled pairs with our `compare` alone and lists its worst errors.
Pairs are dealt to folds by hash: errors are shown of the development folds only, so that who tunes by them keeps the
others as a judge.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from keruen.screening import labelled, quality
from keruen.screening.quality import Counts, Scored

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("KERUEN_SHARED_DATA") or ROOT.parent / "shared" / "data")
PAIR_FILES = ("name_pairs.csv", "cross_script_pairs.csv", "entity_pairs.csv")
DEVELOPMENT = frozenset({0, 1, 2})
"""Folds whose errors may be looked at while tuning; the others judge."""
CHOOSING = frozenset({0})
"""The fold on which a threshold is chosen; it is measured on the others."""


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; always 0, since a benchmark measures and does not judge."""
    asked = _parser().parse_args(arguments)
    if asked.quick:
        _quick(asked)
        return 0
    from bench import screening_docs, screening_run

    results = screening_run.measure(asked.data, asked.pairs, peers=not asked.no_peers)
    (ROOT / "bench" / "screening.json").write_text(json.dumps(results, indent=1, sort_keys=True), encoding="utf-8")
    screening_docs.write(results)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="folder with screening/ and sanctions/")
    parser.add_argument("--quick", action="store_true", help="our pairs only, on the terminal")
    parser.add_argument("--pairs", nargs="*", default=PAIR_FILES, metavar="FILE", help="files of pairs, in screening/")
    parser.add_argument("--no-peers", action="store_true", help="leave the other matchers out")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="list the N worst misses and false alarms")
    parser.add_argument("--threshold", type=float, metavar="SCORE", help="instead of the fixed one")
    parser.add_argument("--category", default="", metavar="TEXT", help="list errors of categories with this text only")
    return parser


def _quick(asked: argparse.Namespace) -> None:
    from keruen.screening.compare import compare

    threshold = _alert() if asked.threshold is None else asked.threshold
    for name in asked.pairs:
        path = asked.data / "screening" / name
        with path.open(encoding="utf-8", newline="") as lines:
            pairs = labelled.read_pairs(lines, name=name)
        began = time.perf_counter()
        scored = quality.score_pairs(pairs, lambda query, candidate: compare(query, candidate).score)
        per_s = len(pairs) / (time.perf_counter() - began)
        print(f"\n{name}: {len(pairs)} pairs, {per_s:,.0f} pairs/s, threshold {threshold:.3f}")
        _table(scored, threshold)
        _errors([each for each in scored if _in(each, DEVELOPMENT)], threshold, asked.errors, asked.category)


def _alert() -> float:
    from keruen.screening.thresholds import ALERT

    return ALERT


def _in(each: Scored, folds: frozenset[int]) -> bool:
    return quality.fold_of(each.pair.id) in folds


def _table(scored: Sequence[Scored], threshold: float) -> None:
    development = [each for each in scored if _in(each, DEVELOPMENT)]
    judging = [each for each in scored if not _in(each, DEVELOPMENT)]
    print(f"{'':<34} {'n':>5} {'precision':>9} {'recall':>7} {'F1':>7}  {'best F1 at':>12}  {'R at P .95':>10}")
    _row("development folds", development, threshold)
    _row("judging folds", judging, threshold)
    _row("all", scored, threshold)
    for name, part in quality.groups(scored).items():
        if len(part) >= 5:
            _row("  " + name, part, threshold)


def _row(name: str, part: Sequence[Scored], threshold: float) -> None:
    counts = quality.count(part, threshold)
    best = ""
    if any(each.pair.same for each in part) and not all(each.pair.same for each in part):
        at = quality.best_threshold(part)
        best = f"{shown(quality.count(part, at).f1)} {at:.2f}"
    print(
        f"{name[:34]:<34} {counts.n:>5} {shown(counts.precision):>9} {shown(counts.recall):>7} {shown(counts.f1):>7}"
        f"  {best:>12}  {shown(_recall(counts, part)):>10}"
    )


def _recall(counts: Counts, part: Sequence[Scored]) -> float | None:
    return None if counts.recall is None else quality.recall_at_precision(part)


def _errors(scored: Sequence[Scored], threshold: float, limit: int, category: str) -> None:
    if not limit:
        return
    chosen = [each for each in scored if category.casefold() in f"{each.pair.category} {each.pair.quality}".casefold()]
    misses = sorted((each for each in chosen if each.pair.same and each.score < threshold), key=lambda each: each.score)
    alarms = sorted(
        (each for each in chosen if not each.pair.same and each.score >= threshold), key=lambda each: -each.score
    )
    for title, found in (("misses", misses), ("false alarms", alarms)):
        print(f"\n  {len(found)} {title} in the development folds")
        for score, pair in ((each.score, each.pair) for each in found[:limit]):
            sides = "  <>  ".join(" | ".join(side.names[:3]) for side in (pair.query, pair.candidate))
            print(f"  {score:.3f} {pair.id:<12} {pair.category or '-':<26} {pair.quality or '-':<12} {sides}")


def shown(value: float | None) -> str:
    """A share as tables show it."""
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
