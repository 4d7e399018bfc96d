"""Fit, keep, check and use a model: one JSON document with everything a score rests on.

Walk-forward only: what is judged lies after what was learnt. The half-life of rows is chosen among a few by that
judgement. A score names its model's hash; the same model and row give the same score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import orjson

from keruen.errors import IntegrityFailure, InvalidInput
from keruen.risk.frame import (
    Floats,
    Rates,
    Rows,
    combination,
    features,
    learn_rates,
    months,
    past_features,
    recency,
    size,
    unseen,
)
from keruen.risk.quality import figures, stability
from keruen.risk.schema import Schema

if TYPE_CHECKING:
    import lightgbm

FORMAT: Final = 1
HALF_LIVES: Final = (60.0, 180.0, 720.0)
"""Days; the last is nearly no forgetting in a year of data."""
FOLDS: Final = 3
"""Last months that are each judged by those before."""
LEAST_ROWS: Final = 200
ROUNDS: Final = 300
REASONS: Final = 5
INSPECTED: Final = 0.05
"""Share of rows above the threshold a model is kept with."""
PARAMETERS: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}


class Plan(NamedTuple):
    """How a model is fitted.

    `inspected` is the share of rows its threshold lets through: of those that are `free` where they are given (rows,
    mostly without labels, that nothing else selects), else of the training rows. `population` is what the training rows
    were selected from: drift is told against it.
    """

    least: int = LEAST_ROWS
    rounds: int = ROUNDS
    parameters: Mapping[str, Any] = PARAMETERS
    inspected: float = INSPECTED
    population: Rows | None = None
    free: Rows | None = None


class Reason(NamedTuple):
    """Why a row is where it is: a feature, its value, and how far it moved the score (log-odds)."""

    feature: str
    value: float | None
    weight: float


class Model:
    """A model edition.

    Args:
        data: Its document, as `as_bytes` wrote it.

    Raises:
        InvalidInput: It is of another form or looks at other features than its schema gives.
        IntegrityFailure: Its bytes are not those that were hashed.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        if data.get("format") != FORMAT:
            raise InvalidInput(
                f"the model has form {data.get('format')!r}, this version reads {FORMAT}: train it anew",
                code="risk_model_format",
            )
        body = {name: value for name, value in data.items() if name != "sha256"}
        self.sha256 = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
        if data.get("sha256") != self.sha256:
            raise IntegrityFailure(
                "the model's bytes are not those that were hashed when it was trained", code="risk_model_tampered"
            )
        self.data = data
        self.schema = schema_from(data["schema"])
        tallies = {
            name: {key: (row[0], row[1]) for key, row in tally.items()}
            for name, tally in data["rates"]["tallies"].items()
        }
        self.rates = Rates(data["rates"]["overall"], tallies, data["rates"]["usual"])
        # Loaded where it is needed: it takes longer than all the rest of a command that ranks nothing.
        import lightgbm

        self.trees = lightgbm.Booster(model_str=data["trees"])
        if list(data["features"]) != list(self.schema.features) or self.trees.num_feature() != len(data["features"]):
            raise InvalidInput(
                "the model was trained on other features than its schema names: train it anew",
                code="risk_model_features",
            )
        self.threshold: float = data["threshold"]

    @classmethod
    def from_bytes(cls, body: bytes) -> Model:
        """A model from its file.

        Raises:
            InvalidInput: It is no model.
            IntegrityFailure: It was changed.
        """
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(f"the file is no model: {error}", code="risk_model_file") from error
        if not isinstance(data, dict) or "trees" not in data:
            raise InvalidInput("the file is no model", code="risk_model_file")
        return cls(data)

    def as_bytes(self) -> bytes:
        """The document."""
        return orjson.dumps(self.data, option=orjson.OPT_SORT_KEYS)

    def scores(self, rows: Rows) -> Floats:
        """Risk of each row, nought to one."""
        return np.asarray(self.trees.predict(features(rows, self.rates), num_threads=2), dtype=np.float64)

    def reasons(self, rows: Rows, at: list[int]) -> list[list[Reason]]:
        """The features that moved chosen rows most (exact TreeSHAP); dear, so for selected rows only."""
        mask = np.zeros(size(rows), dtype=bool)
        mask[at] = True
        values = features(rows.part(mask), self.rates)
        shares = np.asarray(self.trees.predict(values, pred_contrib=True, num_threads=2))
        names = self.schema.features
        found = {}
        for place, row, share in zip(np.flatnonzero(mask), values, shares, strict=True):
            order = np.argsort(-np.abs(share[:-1]), kind="stable")[:REASONS]
            found[int(place)] = [
                Reason(names[i], None if np.isnan(row[i]) else round(float(row[i]), 6), round(float(share[i]), 4))
                for i in order
            ]
        return [found[place] for place in at]

    def report(self, rows: Rows) -> dict[str, Any]:
        """How good it is on rows it was not trained on: overall, by month, unseen, drawn by lot, and the drift."""
        scores = self.scores(rows)
        of_month = np.array(months(rows))
        strange = unseen(rows, self.data["seen"])
        found: dict[str, Any] = {
            "model": self.sha256,
            "data": rows.sha256,
            "threshold": self.threshold,
            **figures(rows.labels, scores),
            "above_threshold": float((scores >= self.threshold).mean()),
            "months": {
                str(month): figures(rows.labels[of_month == month], scores[of_month == month])
                for month in sorted(set(of_month))
            },
            "unseen": {"what": " + ".join(self.schema.unseen), **figures(rows.labels[strange], scores[strange])},
            "drift": self._drift(rows),
            "published": self.schema.published,
            "trained": {key: self.data[key] for key in ("from", "to", "rows", "data_sha256", "half_life_days")},
        }
        if rows.drawn is not None and rows.drawn.any():
            found["random_stream"] = figures(rows.labels[rows.drawn], scores[rows.drawn])
        if rows.probability is not None:
            found["base_rate_weighted"] = float((rows.labels / rows.probability).sum() / (1 / rows.probability).sum())
        overlap = date.fromordinal(int(rows.days.min())).isoformat() <= self.data["to"]
        if overlap:
            found["warning"] = (
                f"rows from {date.fromordinal(int(rows.days.min()))} on are judged by a model trained until "
                f"{self.data['to']}: the past is judged by its future"
            )
        return found

    def _drift(self, rows: Rows) -> dict[str, Any]:
        # As the sample was kept: what stands together in a few values would else fall to the other side of an edge.
        values = np.round(features(rows, self.rates), 6)
        sample = self.data["sample"]
        index = {
            name: round(stability([row[at] if row[at] is not None else np.nan for row in sample], values[:, at]), 4)
            for at, name in enumerate(self.schema.features)
        }
        new = {
            name: round(float(np.mean([value not in self.rates.tallies[name] for value in rows.columns[name]])), 4)
            for name in self.schema.categories
        }
        return {"stability": dict(sorted(index.items(), key=lambda each: -each[1])), "new_values": new}


def train(rows: Rows, name: str, plan: Plan | None = None) -> Model:
    """Fit a model on rows, judged walk-forward on their last months.

    Args:
        rows: To learn from.
        name: Of the model.
        plan: How; unset, as rows of a file are.

    Raises:
        InvalidInput: Too few rows, one label only, or a single month.
    """
    plan = plan or Plan()
    if size(rows) < plan.least or len(set(rows.labels.tolist())) < 2 or len(set(months(rows))) < 2:  # noqa: PLR2004
        raise InvalidInput(
            f"at least {plan.least} rows of both labels in two months or more are needed; there are {size(rows)} rows, "
            f"{int(rows.labels.sum())} of them bad, in {len(set(months(rows)))} months",
            code="risk_few_rows",
        )
    # In order of time, so that the file's order changes nothing.
    order = np.lexsort((np.array(rows.columns[rows.schema.id]), rows.days))
    rows = _in_order(rows, order)
    judged = [(half_life, walk_forward(rows, half_life, plan)) for half_life in HALF_LIVES]
    half_life, walked = max(judged, key=lambda each: (each[1]["auc"] or 0.0, each[0]))
    weights = recency(rows, half_life)
    learnt = past_features(rows, weights)
    trees = _fit(learnt, rows, weights, plan.rounds, plan)
    rates = learn_rates(rows, weights)
    scores = np.asarray(trees.predict(learnt, num_threads=2))
    whole = rows if plan.population is None else plan.population
    threshold = float(np.quantile(scores, 1 - plan.inspected))
    if plan.free is not None:
        threshold = _threshold(np.asarray(trees.predict(features(plan.free, rates), num_threads=2)), plan.inspected)
    drawn = np.random.default_rng(11).choice(size(whole), min(2000, size(whole)), replace=False)
    data: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "schema": _schema_data(rows.schema),
        "features": list(rows.schema.features),
        "rates": rates.as_data(),
        "trees": trees.model_to_string(),
        "parameters": {**plan.parameters, "rounds": plan.rounds},
        "threshold": threshold,
        "half_life_days": half_life,
        "walk_forward": {str(each): found for each, found in judged},
        "walked": walked,
        "from": date.fromordinal(int(rows.days.min())).isoformat(),
        "to": date.fromordinal(int(rows.days.max())).isoformat(),
        "rows": size(rows),
        "data_sha256": rows.sha256,
        "needs": _needs(trees, learnt, rows.schema),
        "seen": sorted(set(combination(rows))),
        "sample": [
            [None if np.isnan(value) else round(float(value), 6) for value in row]
            for row in features(whole.part(np.isin(np.arange(size(whole)), drawn)), rates)
        ],
    }
    data["sha256"] = hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Model(data)


def _threshold(scores: Floats, share: float) -> float:
    """The lowest score from which on no more than a share stands; many alike never come in together beyond it."""
    values, counts = np.unique(np.round(scores, 6), return_counts=True)
    above = np.cumsum(counts[::-1])[::-1]
    fits = values[above <= share * len(scores)]
    return float(fits[0]) if len(fits) else float(np.nextafter(values[-1], 2.0))


def _needs(trees: lightgbm.Booster, learnt: Floats, schema: Schema) -> list[str]:
    """Features the trees ask for that were never missing: a row without one was never seen, and reads as nought."""
    asked = np.asarray(trees.feature_importance()) > 0
    gaps = [bool(np.isnan(column).any()) for column in learnt.T]
    return [name for name, used, gap in zip(schema.features, asked, gaps, strict=True) if used and not gap]


def walk_forward(rows: Rows, half_life: float, plan: Plan | None = None) -> dict[str, Any]:
    """Judge the last months, each by a model of what was known when it began."""
    plan = plan or Plan()
    of_month = np.array(months(rows))
    labels: list[Floats] = []
    scores: list[Floats] = []
    for month in sorted(set(of_month))[-FOLDS:]:
        past = of_month < month
        if rows.known is not None:
            past &= rows.known < date.fromisoformat(f"{month}-01").toordinal()
        if not past.any() or len(set(rows.labels[past].tolist())) < 2:  # noqa: PLR2004 - both labels
            continue
        before, here = rows.part(past), rows.part(of_month == month)
        weights = recency(before, half_life)
        trees = _fit(past_features(before, weights), before, weights, plan.rounds // 2, plan)
        values = features(here, learn_rates(before, weights))
        labels.append(here.labels.astype(np.float64))
        scores.append(np.asarray(trees.predict(values, num_threads=2)))
    if not labels:
        return figures(np.array([], dtype=np.int64), np.array([]))
    return figures(np.concatenate(labels).astype(np.int64), np.concatenate(scores))


def _fit(values: Floats, rows: Rows, weights: Floats, rounds: int, plan: Plan) -> lightgbm.Booster:
    import lightgbm

    # A row that was likelier to be selected stands for fewer others.
    if rows.probability is not None:
        weights = weights / rows.probability
    data = lightgbm.Dataset(
        values, rows.labels, weight=weights, feature_name=[f"f{at}" for at in range(values.shape[1])]
    )
    return lightgbm.train(dict(plan.parameters), data, rounds)


def _in_order(rows: Rows, order: Any) -> Rows:  # noqa: ANN401 - an array of places
    return rows._replace(
        columns={name: tuple(values[i] for i in order) for name, values in rows.columns.items()},
        numbers={name: values[order] for name, values in rows.numbers.items()},
        days=rows.days[order],
        labels=rows.labels[order],
        probability=None if rows.probability is None else rows.probability[order],
        drawn=None if rows.drawn is None else rows.drawn[order],
        known=None if rows.known is None else rows.known[order],
    )


def _schema_data(schema: Schema) -> dict[str, Any]:
    return {
        name: [list(each) if isinstance(each, tuple) else each for each in value] if isinstance(value, tuple) else value
        for name, value in schema._asdict().items()
    }


def schema_from(data: dict[str, Any]) -> Schema:
    """A schema as it is kept with a model."""
    values: dict[str, Any] = {
        name: tuple(tuple(each) if isinstance(each, list) else each for each in value)
        if isinstance(value, list)
        else value
        for name, value in data.items()
    }
    return Schema(**values)
