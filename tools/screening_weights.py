"""Fit the weights of screening's evidence on labelled pairs, with the sign of each fixed beforehand.

    python tools/screening_weights.py PAIRS.csv... [--write] [--errors N]

Pairs are dealt into five folds by a hash of their id. Weights are fitted on folds 1-4 and measured on fold 0,
which is printed and never fitted; nobody should look at its errors. Needs scipy (development only).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from keruen.model.party import Identifier, Party, PartyKind
from keruen.screening import compare as comparing
from keruen.screening import facts

WEIGHTS = Path(__file__).resolve().parent.parent / "src" / "keruen" / "screening" / "weights.toml"

SIGNS: dict[str, int] = {
    "base": 0,
    "nothing_in_common": -1,
    "matched": 1,
    "coverage": 1,
    "contradiction": -1,
    "contradiction_share": -1,
    "omission": -1,
    "omission_share": -1,
    "difference": -1,
    "difference_share": -1,
    "worst_word": -1,
    "no_full_word": -1,
    "one_word": -1,
    "far_word": -1,
    "one_of_more": -1,
    "short_sound": -1,
    "cross_script": 0,
    "cross_difference": 1,
    "omission_beside_two": 1,
    "meanings_differ": -1,
    "places_differ": -1,
    "initials": -1,
    "numbers_differ": -1,
    "forms_differ": -1,
    "only_trade_words": -1,
    "firm": 0,
    "firm_contradiction": 0,
    "firm_omission": 0,
    "firm_difference": 0,
    "firm_one_of_more": 1,
    "meaning_left": -1,
    "date_same": 1,
    "date_same_year": 1,
    "date_near": 0,
    "date_differs": -1,
    "country_same": 1,
    "country_differs": -1,
}
# Not in the labelled pairs, so set by hand: a person is no ship, and a nickname alone raises no alarm.
BY_HAND = {"kind_differs": -4.0, "weak_alias": -2.0, "identifier_differs": -3.0}
KINDS = {
    "Person": PartyKind.PERSON,
    "Company": PartyKind.ORGANISATION,
    "Organization": PartyKind.ORGANISATION,
    "PublicBody": PartyKind.ORGANISATION,
    "Vessel": PartyKind.VESSEL,
    "Airplane": PartyKind.VEHICLE,
    "Vehicle": PartyKind.VEHICLE,
}


def party(row: dict[str, str], side: str) -> Party:
    names = [row[f"{side}_name"], *row[f"{side}_alt_names"].split("|")]
    many = lambda name: tuple(each for each in row[f"{side}_{name}"].split("|") if each)  # noqa: E731
    return Party(
        tuple(dict.fromkeys(each for each in names if each)),
        KINDS.get(row[f"{side}_schema"], PartyKind.UNKNOWN),
        many("dob"),
        many("country"),
        tuple(Identifier("other", each) for each in many("ids")),
    )


def fold(row: dict[str, str]) -> int:
    return int(hashlib.sha256(row["pair_id"].encode()).hexdigest(), 16) % 5


def evidence(row: dict[str, str]) -> list[dict[str, float]]:
    """Every pairing of the two parties' names, as evidence; the best of them counts."""
    ours, theirs = party(row, "query"), party(row, "candidate")
    kind = facts.common_kind(ours.kind, theirs.kind)
    beside = facts.compare(ours, theirs)
    found = []
    for one in ours.names:
        for other in theirs.names:
            for a in comparing.analyse(one, kind):
                for b in comparing.analyse(other, kind):
                    pieces = comparing.name_evidence(
                        comparing.pair(a, b, comparing._MEMORY), person=kind == PartyKind.PERSON
                    )
                    found.append(pieces | beside.evidence() | {"same_id": float(beside.same_identifier is not None)})
    return found


def fit(rows: list[Any], weights: np.ndarray, importance: np.ndarray) -> np.ndarray:
    names = list(SIGNS)
    bounds = [{1: (0, 12), -1: (-12, 0), 0: (-12, 12)}[SIGNS[name]] for name in names]
    labels = np.array([row["label"] == "1" for row, _ in rows], float)
    for _ in range(6):
        # The best pairing under the weights so far stands for the pair.
        chosen = np.array([each[int(np.argmax(each @ weights))] for _, each in rows])

        def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
            z = chosen @ w
            p = 1 / (1 + np.exp(-z))
            value = -(importance * (labels * np.log(p + 1e-9) + (1 - labels) * np.log(1 - p + 1e-9))).sum()
            ridge = 0.02 * len(rows) / 100
            return value + ridge * (w**2).sum(), chosen.T @ (importance * (p - labels)) + 2 * ridge * w

        weights = minimize(loss, weights, jac=True, bounds=bounds, method="L-BFGS-B").x
    return weights


def figures(labels: np.ndarray, scores: np.ndarray, at: float) -> tuple[float, float, float]:
    hit = scores >= at
    right = (hit & labels).sum()
    precision, recall = right / max(1, hit.sum()), right / max(1, labels.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def by_kind(data: list[Any], scores: np.ndarray) -> None:
    """Recall at a precision of at least 0.95, by script and kind, over all folds; and F1 of what sounds alike."""
    rows = [(each[1], score) for each, score in zip(data, scores, strict=True) if each[0].startswith("cross")]
    for category in sorted({row["category"] for row, _ in rows}):
        mine = [(score, row["label"] == "1") for row, score in rows if row["category"] == category]
        positives = sum(label for _, label in mine)
        best = 0.0
        for at in {score for score, _ in mine}:
            hit = [label for score, label in mine if score >= at]
            if sum(hit) >= 0.95 * len(hit):
                best = max(best, sum(hit) / positives)
        print(
            f"{category:28} positives {positives:4} recall at precision .95: {best:.3f}  recall at .6: "
            f"{sum(label and score >= 0.6 for score, label in mine) / positives:.3f}"
        )
    alike = [(score, row["label"] == "1") for row, score in rows if row["quality"] != "translation_or_alias"]
    for at in (0.4, 0.5, 0.6, 0.7):
        print(
            "translit",
            at,
            [
                round(float(x), 3)
                for x in figures(np.array([label for _, label in alike]), np.array([score for score, _ in alike]), at)
            ],
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", nargs="+")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--errors", type=int, default=0)
    given = parser.parse_args()
    names = list(SIGNS)
    data: list[tuple[str, dict[str, str], np.ndarray, bool]] = []
    for path in given.pairs:
        with Path(path).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found = evidence(row)
                vectors = np.array([[each.get(name, 0.0) for name in names] for each in found])
                data.append((Path(path).stem, row, vectors, bool(found[0]["same_id"])))
    train = [(row, vectors) for _, row, vectors, _ in data if fold(row)]
    groups = [group for group, row, _, _ in data if fold(row)]
    share = {group: len(groups) / groups.count(group) / len(set(groups)) for group in set(groups)}
    importance = np.array([share[group] for group in groups])
    start = np.array([{1: 1.0, -1: -1.0, 0: 0.0}[SIGNS[name]] for name in names])
    weights = fit(train, start, importance)
    for name, value in zip(names, weights, strict=True):
        print(f"{name:24} {value:8.3f}")
    every = np.array([0.0 if same else (vectors @ weights).max() for _, _, vectors, same in data])
    scores = np.array(
        [0.995 if same else comparing.logistic(z) for z, (_, _, _, same) in zip(every, data, strict=True)]
    )
    for group in dict.fromkeys(each[0] for each in data):
        for title, wanted in (("dev ", True), ("kept", False)):
            index = np.array([each[0] == group and bool(fold(each[1])) is wanted for each in data])
            labels = np.array([each[1]["label"] == "1" for each in data])[index]
            line = "  ".join(
                f"@{at} " + "/".join(f"{x:.3f}" for x in figures(labels, scores[index], at))
                for at in (0.4, 0.5, 0.6, 0.7)
            )
            print(f"{group:20} {title} n={index.sum():5} {line}")
    by_kind(data, scores)
    if given.errors:
        for group in dict.fromkeys(each[0] for each in data):
            for label in ("0", "1"):
                wrong = [
                    (score, each[1])
                    for each, score in zip(data, scores, strict=True)
                    if each[0] == group
                    and fold(each[1])
                    and each[1]["label"] == label
                    and (score >= 0.6) != (label == "1")
                ]
                print(f"== {group}: label {label}, {len(wrong)} wrong")
                for score, row in sorted(wrong, key=lambda each: -abs(each[0] - 0.5))[: given.errors]:
                    print(
                        f"  {score:.2f} {row['query_name']} | {row['candidate_name']} [{row['category']} {row['quality']}]"
                    )
    if given.write:
        head = "# Points of each piece of evidence, as tools/screening_weights.py fitted them. Signs are fixed there.\n"
        table = dict(zip(names, weights, strict=True)) | BY_HAND
        body = "".join(f"{name} = {value:.3f}\n" for name, value in table.items())
        WEIGHTS.write_text(head + body, "utf-8")


if __name__ == "__main__":
    main()
