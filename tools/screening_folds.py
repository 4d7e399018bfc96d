"""How well the weights of screening do on pairs that they were not fitted on: mean and spread over folds.

    python tools/screening_folds.py DATA [--folds 5] [--deals 2]

Pairs that share a name or a number are one group, and a group is never in two folds; what a search makes beside
them (`screening_weights.made_pairs`) is fitted on everywhere and judged nowhere here. Each fold is measured at the one
threshold with weights fitted on the others. Several deals of the groups show how much chance there is in a figure.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tools import screening_weights as fitting

from keruen.screening import compare, facts, quality
from keruen.screening.labelled import LabelledPair
from keruen.screening.quality import Scored
from keruen.screening.thresholds import ALERT

PEOPLE: Final = ("arabic-ar", "arabic-fa", "cyrillic-uk", "cyrillic-ru", "cjk")
FIRMS: Final = ("cyrillic-ru", "cjk", "arabic-ar", "arabic-fa")


def group_keys(pairs: Sequence[tuple[str, LabelledPair]]) -> list[str]:
    """A key for each pair; pairs tied by a shared name or number, however far, have one key."""
    above: dict[str, str] = {}

    def top(node: str) -> str:
        while above.setdefault(node, node) != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for group, pair in pairs:
        for side in (pair.query, pair.candidate):
            for name in side.names:
                above[top(f"name {name.casefold()}")] = top(f"pair {group} {pair.id}")
            for number in side.identifiers:
                above[top(f"number {facts.plain(number)}")] = top(f"pair {group} {pair.id}")
    return [top(f"pair {group} {pair.id}") for group, pair in pairs]


def deal(keys: Sequence[str], folds: int, seed: int) -> list[int]:
    """A fold for each pair: groups in an order drawn by lot, the largest first, each to the emptiest fold."""
    sizes = Counter(keys)
    order = sorted(sizes)
    random.Random(seed).shuffle(order)  # noqa: S311 - the same deal every time
    order.sort(key=lambda key: -sizes[key])
    load = [0] * folds
    fold_of = {}
    for key in order:
        fold_of[key] = min(range(folds), key=load.__getitem__)
        load[fold_of[key]] += sizes[key]
    return [fold_of[key] for key in keys]


def figures(scored: dict[str, list[Scored]]) -> dict[str, float]:
    """The figures that the requirement names, of the pairs of each file."""
    found = {}
    for name, part in scored.items():
        counts = quality.count(part, ALERT)
        found[f"{name} F1"] = counts.f1 or 0.0
        found[f"{name} precision"] = counts.precision or 0.0
    cross = scored["cross_script_pairs"]
    alike = [each for each in cross if each.pair.quality != "translation_or_alias"]
    found["sound alike F1"] = quality.count(alike, ALERT).f1 or 0.0
    for scripts, kind in ((PEOPLE, "Person"), (FIRMS, "Organization")):
        for script in scripts:
            part = [each for each in cross if each.pair.category.startswith(f"{script}/{kind}")]
            if any(each.pair.same for each in part):
                found[f"{script}/{kind} recall at precision 0.95"] = quality.recall_at_precision(part)
                found[f"{script}/{kind} recall at the threshold"] = quality.count(part, ALERT).recall or 0.0
    return found


def main() -> None:
    """Fit without each fold, measure on it, print mean and spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--deals", type=int, default=2)
    given = parser.parse_args()
    memory = compare.Memory()
    pairs = list(fitting.labelled_pairs(given.data))
    examples = [fitting.example(group, pair, memory) for group, pair in pairs]
    made = [fitting.example(fitting.MADE, pair, memory) for pair in fitting.made_pairs(given.data)]
    made += [fitting.example(fitting.MADE_FIRMS, pair, memory) for pair in fitting.made_firms(given.data)]
    made += [fitting.example(fitting.SURE, pair, memory) for pair in fitting.sure_names()]
    keys = group_keys(pairs)
    by_fold: dict[str, list[float]] = defaultdict(list)
    whole: dict[str, list[float]] = defaultdict(list)
    for seed in range(given.deals):
        folds = deal(keys, given.folds, seed)
        together: dict[str, list[Scored]] = defaultdict(list)
        for fold in range(given.folds):
            fitted = [each for each, of in zip(examples, folds, strict=True) if of != fold] + made
            weights: Any = fitting.settle(fitted, fitting.fit(fitted))
            scored: dict[str, list[Scored]] = defaultdict(list)
            for each in (each for each, of in zip(examples, folds, strict=True) if of == fold):
                scored[each.group].append(Scored(each.pair, fitting.score(each, weights)))
            for group, part in scored.items():
                together[group] += part
            for name, value in figures(scored).items():
                by_fold[name].append(value)
        for name, value in figures(together).items():
            whole[name].append(value)
    print(f"{len(set(keys))} groups of {len(pairs)} pairs, {given.deals} deals into {given.folds} folds")
    print(f"{'':46} {'all folds':>9} {'mean':>7} {'spread':>7} {'lowest':>7}")
    for name, values in by_fold.items():
        print(
            f"{name:46} {statistics.mean(whole[name]):9.3f} {statistics.mean(values):7.3f} "
            f"{statistics.pstdev(values):7.3f} {min(values):7.3f}"
        )


if __name__ == "__main__":
    main()
