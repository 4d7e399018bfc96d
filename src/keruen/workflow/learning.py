"""Learn from decisions on record whose outcome is known, and report on what models made of them.

An outcome is known where a case on the decision was closed and what it came to was decided here. What was green and not
drawn by lot was not looked at: it has no label and counts on neither side, whatever a score says. What was looked at is
weighted by one over the probability that it would be, as it stands with the decision.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from keruen.cases.outcomes import Label
from keruen.errors import InvalidInput
from keruen.model.finding import Channel, Severity
from keruen.risk.frame import Rows
from keruen.risk.live import Declared, Ranker, Ranking, declared, kind_of
from keruen.risk.model import PARAMETERS, Model, Plan, train
from keruen.risk.quality import auc, drift, figures, wilson
from keruen.risk.schema import Schema
from keruen.workflow.ports import Decided

CHUNK: Final = 2_000
SAMPLE: Final = 50_000
"""Documents kept of the population, chosen by the hash of their event."""
SHARE: Final = 0.005
"""Share of what nothing else holds that a threshold sends to an officer, where no other is asked for."""
LEAST: Final = 100
"""Known outcomes below which nothing is learnt."""
ROUNDS: Final = 150
SMALL: Final[dict[str, Any]] = {**PARAMETERS, "num_leaves": 15, "min_data_in_leaf": 10, "num_threads": 2}
"""Outcomes of cases are hundreds, not ten thousands: smaller trees on fewer rows."""
RULE: Final = "ranked_high"
"""The rule that a score above the threshold fires; it is no merit of the rules alone."""
NOT_RANKED: Final = -1.0
SELECTED: Final = "known outcomes are of documents that were selected; only the random stream speaks of the rest"


class Outcome(NamedTuple):
    """What cases on one decision came to, and when it was known."""

    offence: bool
    known_on: date


class Example(NamedTuple):
    """One decision on a document of a ranked kind."""

    event_id: str
    document_id: str
    on: date
    channel: Channel
    selection: float | None
    """Probability that an officer would look; None where it is not on record and cannot be told."""
    drawn: bool
    """It was drawn by lot; nothing else held it."""
    outcome: Outcome | None
    suspicion: int
    """How rules and checks alone order it: by the gravest that was found, then by how much."""
    vector: tuple[float, ...]
    record: Mapping[str, Any]
    """Models and scores as recorded."""

    @property
    def looked_at(self) -> bool:
        """Whether an officer had it before him."""
        return self.channel != Channel.GREEN


def outcomes_of(labels: Iterable[Label], until: date | None = None) -> dict[str, Outcome]:
    """By event what its cases came to: an offence if one did, none if all decided said so.

    Args:
        labels: Findings of closed cases.
        until: Only what was known by the end of this day.
    """
    found: dict[str, Outcome] = {}
    for label in labels:
        known_on = label.closed_at.date()
        if label.is_offence is None or (until is not None and known_on > until):
            continue
        before = found.get(label.event_id)
        if before is None:
            found[label.event_id] = Outcome(label.is_offence, known_on)
        else:
            found[label.event_id] = Outcome(before.offence or label.is_offence, max(before.known_on, known_on))
    return found


def examples(
    decided: Iterable[Decided],
    outcomes: Mapping[str, Outcome],
    features: Declared,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Iterator[Example]:
    """Decisions on documents that are ranked, in their order; those that the law refused are not ranked by anything."""
    for one in decided:
        on = one.recorded_at.date()
        if (since is not None and on < since) or (until is not None and on > until):
            continue
        stored = orjson.loads(one.decision)
        facts = stored.get("facts") or {}
        if stored["channel"] == Channel.REFUSE or "release_seconds" in facts or kind_of(facts) not in features.kinds:
            continue
        rows = stored["findings"]
        drawn = any(row[0] == "random_selection" for row in rows)
        held = [row[1] for row in rows if row[0] != "random_selection" and row[3].get("rule") != RULE]
        held = [severity for severity in held if severity > Severity.NOTICE]
        yield Example(
            one.event_id,
            one.document_id,
            on,
            Channel(stored["channel"]),
            _selection(stored, drawn=drawn),
            drawn,
            outcomes.get(one.event_id),
            1000 * max(held, default=0) + len(held),
            tuple(features.vector(facts)),
            stored.get("ranking", {}),
        )


def _selection(stored: Mapping[str, Any], *, drawn: bool) -> float | None:
    """As recorded; of decisions older than the record, what was held for its findings was held for certain."""
    if stored.get("selection"):
        return float(stored["selection"])
    return 1.0 if stored["channel"] != Channel.GREEN and not drawn else None


def learn(
    decided: Iterable[Decided],
    labels: Iterable[Label],
    name: str,
    *,
    since: date | None = None,
    until: date | None = None,
    share: float = SHARE,
) -> tuple[Model, dict[str, int]]:
    """Train on decisions whose outcome is known.

    Args:
        decided: Decisions on record.
        labels: Findings of closed cases.
        name: Of the model; unset, made of the days and the data's hash.
        since: First day.
        until: Last day, of decisions and of what was known of them.
        share: Of documents of the ranked kinds that nothing else held, so many are above the threshold at most.

    Returns:
        The model, and what became of the decisions: how many were learnt from, and how many have no label and why.

    Raises:
        InvalidInput: Too few outcomes are known, or all are alike, or of one month.
    """
    features = declared()
    counts = dict.fromkeys(
        ("documents", "learnt_from", "offences", "drawn_by_lot", "not_looked_at", "outcome_open", "selection_unknown"),
        0,
    )
    learnt: list[Example] = []
    sample = _Sample()
    for one in examples(decided, outcomes_of(labels, until), features, since=since, until=until):
        counts["documents"] += 1
        sample.add(one)
        if not one.looked_at:
            counts["not_looked_at"] += 1
        elif one.outcome is None:
            counts["outcome_open"] += 1
        elif not one.selection:
            counts["selection_unknown"] += 1
        else:
            counts["learnt_from"] += 1
            counts["offences"] += one.outcome.offence
            counts["drawn_by_lot"] += one.drawn
            learnt.append(one)
    if not learnt:
        raise InvalidInput(
            f"no outcome is known of {counts['documents']} decisions of the kinds that are ranked "
            f"({', '.join(sorted(features.kinds))}): outcomes are known when cases are closed",
            code="risk_few_rows",
        )
    rows = _rows(learnt, features)
    name = name or f"decisions-{max(each.on for each in learnt):%Y-%m-%d}-{rows.sha256[:8]}"
    whole = sample.rows()
    free = [each for each in whole if not each.suspicion]
    plan = Plan(LEAST, ROUNDS, SMALL, share, _rows(whole, features), _rows(free, features) if free else None)
    return train(rows, name, plan), counts


def schema_of(features: Declared) -> Schema:
    """The declared features as the columns of a model: every one a number, none with a rate of the past."""
    numbers = tuple(feature.name for feature in features.features)
    return Schema(features.version, "event", "day", "offence", numbers, (), (), (), (), "selection", "stream", {})


def _rows(found: list[Example], features: Declared) -> Rows:
    found = sorted(found, key=lambda each: (each.on, each.event_id))
    table = np.array([each.vector for each in found], dtype=np.float64)
    names = [feature.name for feature in features.features]
    labels = [int(each.outcome.offence) if each.outcome is not None else 0 for each in found]
    digest = hashlib.sha256()
    for each, label in zip(found, labels, strict=True):
        row = [each.event_id, each.on.isoformat(), label, each.selection, *each.vector]
        # Not a number is written as null: one form on every machine.
        digest.update(orjson.dumps(row))
        digest.update(b"\n")
    return Rows(
        schema_of(features),
        {"event": tuple(each.event_id for each in found)},
        {name: table[:, at] for at, name in enumerate(names)},
        np.array([each.on.toordinal() for each in found], dtype=np.int64),
        np.array(labels, dtype=np.int64),
        np.array([each.selection or 1.0 for each in found]),
        np.array([each.drawn for each in found]),
        digest.hexdigest(),
        np.array([(each.outcome.known_on if each.outcome else each.on).toordinal() for each in found], dtype=np.int64),
    )


class _Sample:
    """So many of all documents, chosen by the hash of their event: the same whatever the order."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, str, Example]] = []

    def add(self, one: Example) -> None:
        entry = (-_place(one.event_id), one.event_id, one)
        if len(self.kept) < SAMPLE:
            heapq.heappush(self.kept, entry)
        elif entry[0] > self.kept[0][0]:
            heapq.heapreplace(self.kept, entry)

    def rows(self) -> list[Example]:
        return [one for _, _, one in self.kept]


def _place(event_id: str) -> int:
    return int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:8], "big")


# -- report ------------------------------------------------------------------------------------


class _Seen(NamedTuple):
    """What a report keeps of a document."""

    place: int
    on: date
    channel: Channel
    drawn: bool
    offence: bool | None
    given: bool | None
    suspicion: int
    selection: float | None
    scores: tuple[float, ...]
    """By model; what a model does not rank stands last, below nought."""


def report(
    decided: Iterable[Decided],
    labels: Iterable[Label],
    ranking: Ranking,
    *,
    since: date | None = None,
    until: date | None = None,
    given: Mapping[str, bool] | None = None,
) -> dict[str, Any]:
    """Judge models on decisions on record, beside the rules alone.

    Args:
        decided: Decisions on record.
        labels: Findings of closed cases.
        ranking: The champion, and the challenger beside it.
        since: First day.
        until: Last day.
        given: Document to whether it was an offence, where that is known from elsewhere, of any document.

    Raises:
        InvalidInput: No model was named, or nothing is on record.
    """
    features = declared()
    models = {name: each for name, each in ranking._asdict().items() if each is not None}
    if not models:
        raise InvalidInput(
            "no model of decisions: `keruen risk train --decisions` makes one, `keruen risk promote NAME` lets it rank",
            code="risk_no_model",
        )
    outcomes = outcomes_of(labels)
    sample = _Sample()
    seen: list[_Seen] = []
    replayed = {name: [0, 0] for name in models}
    rows = examples(decided, outcomes, features, since=since, until=until)
    while chunk := list(islice(rows, CHUNK)):
        scores = [each.of_vectors([one.vector for one in chunk]) for each in models.values()]
        for at, one in enumerate(chunk):
            sample.add(one)
            own = tuple(NOT_RANKED if score[at] is None else float(score[at] or 0.0) for score in scores)
            seen.append(
                _Seen(
                    _place(one.event_id),
                    one.on,
                    one.channel,
                    one.drawn,
                    one.outcome.offence if one.outcome is not None and one.looked_at else None,
                    (given or {}).get(one.document_id),
                    one.suspicion,
                    one.selection,
                    own,
                )
            )
            _replay(replayed, models, one, own)
    if not seen:
        raise InvalidInput("no decision of the kinds that are ranked is on record for these days", code="risk_rows")
    # Ties are broken by a hash, not by time.
    seen.sort(key=lambda each: each.place)
    days = {each.on for each in seen}
    vectors = np.array([one.vector for one in sample.rows()], dtype=np.float64)
    return {
        "since": min(days).isoformat(),
        "until": max(days).isoformat(),
        "documents": len(seen),
        "held": sum(1 for each in seen if each.channel != Channel.GREEN and not each.drawn),
        "drawn_by_lot": sum(1 for each in seen if each.drawn),
        "not_looked_at": sum(1 for each in seen if each.channel == Channel.GREEN),
        "outcomes_known": sum(1 for each in seen if each.offence is not None),
        "note": SELECTED,
        "let_go": _let_go(seen),
        "rules_alone": _judged(seen, np.array([each.suspicion for each in seen], dtype=np.float64), given),
        "models": {
            name: {
                **_about(each, seen),
                "not_ranked": sum(1 for one in seen if one.scores[at] == NOT_RANKED),
                **_judged(seen, np.array([one.scores[at] for one in seen]), given),
                **_threshold(seen, at, each, len(days)),
                "scores_on_record": dict(zip(("compared", "the_same"), replayed[name], strict=True)),
                "drift": _drift(each.model, vectors, features),
            }
            for at, (name, each) in enumerate(models.items())
        },
    }


def _replay(replayed: dict[str, list[int]], models: Mapping[str, Ranker], one: Example, own: tuple[float, ...]) -> None:
    """Whether the scores on record are given again."""
    for at, (name, each) in enumerate(models.items()):
        for row in one.record.values():
            if row["sha256"] == each.model.sha256:
                replayed[name][0] += 1
                replayed[name][1] += row["score"] == own[at]


def _about(ranker: Ranker, seen: list[_Seen]) -> dict[str, Any]:
    data = ranker.model.data
    found = {
        "model": data["name"],
        "sha256": ranker.model.sha256,
        "data_sha256": data["data_sha256"],
        "threshold": ranker.threshold,
        "trained": {key: data[key] for key in ("from", "to", "rows", "half_life_days")},
    }
    first = min(each.on for each in seen).isoformat()
    if first <= data["to"]:
        found["warning"] = (
            f"days from {first} on are judged by a model trained until {data['to']}: in part on themselves"
        )
    return found


def _judged(seen: list[_Seen], scores: NDArray[np.float64], given: Mapping[str, bool] | None) -> dict[str, Any]:
    """How well an order separates what is known: of cases, of the random stream, and as given from elsewhere.

    What is left open is what rules and checks alone would let go.
    """
    known = np.array([each.offence is not None for each in seen])
    labels = np.array([bool(each.offence) for each in seen], dtype=np.int64)
    weights = np.array([1 / each.selection if each.selection else 0.0 for each in seen])
    found: dict[str, Any] = {
        "known": {
            **figures(labels[known], scores[known]),
            "auc_weighted": auc(labels[known], scores[known], weights[known]),
        }
    }
    drawn = known & np.array([each.drawn for each in seen])
    found["random_stream"] = figures(labels[drawn], scores[drawn])
    if given is not None:
        told = np.array([each.given is not None for each in seen])
        truth = np.array([bool(each.given) for each in seen], dtype=np.int64)
        left = told & np.array([not each.suspicion for each in seen])
        found["given"] = figures(truth[told], scores[told])
        found["given_left_open"] = figures(truth[left], scores[left])
    return found


def _let_go(seen: list[_Seen]) -> dict[str, Any]:
    """What green documents hide, from those of them drawn by lot: the share of offences, and of all offences found."""
    drawn = [each.offence for each in seen if each.drawn and each.offence is not None]
    free = sum(1 for each in seen if each.channel == Channel.GREEN or each.drawn)
    caught = sum(1 for each in seen if each.offence and not each.drawn)
    low, high = wilson(sum(drawn), len(drawn))
    rate = sum(drawn) / len(drawn) if drawn else None
    return {
        "documents": free,
        "drawn_and_known": len(drawn),
        "offences": sum(drawn),
        "rate": rate,
        "rate_interval": [low, high],
        "recall": _recall(caught, rate * free) if rate is not None else None,
        "recall_interval": [_recall(caught, high * free), _recall(caught, low * free)],
    }


def _recall(caught: int, missed: float) -> float | None:
    return caught / (caught + missed) if caught + missed else None


def _threshold(seen: list[_Seen], at: int, ranker: Ranker, days: int) -> dict[str, Any]:
    """What stands above the threshold: how much a day, how much more than was held anyway, and what it came to."""
    above = [each for each in seen if each.scores[at] >= ranker.threshold]
    held = [each for each in above if each.suspicion]
    per_day: dict[date, int] = {}
    for each in above:
        per_day[each.on] = per_day.get(each.on, 0) + 1
    told = [each.offence for each in above if each.offence is not None]
    stream = [each.offence for each in above if each.drawn and each.offence is not None]
    return {
        "above_threshold": {
            "documents": len(above),
            "held_anyway": len(held),
            "more": len(above) - len(held),
            "known": len(told),
            "precision": sum(told) / len(told) if told else None,
            "precision_interval": list(wilson(sum(told), len(told))),
            "random_stream": {
                "known": len(stream),
                "precision": sum(stream) / len(stream) if stream else None,
                "precision_interval": list(wilson(sum(stream), len(stream))),
            },
        },
        "load_a_day": {"days": days, "mean": len(above) / days, "most": max(per_day.values(), default=0)},
    }


def _drift(model: Model, vectors: NDArray[np.float64], features: Declared) -> dict[str, Any]:
    """How far documents have moved from those the model was trained among, feature by feature, the most first."""
    before = np.array(model.data["sample"], dtype=np.float64)
    after = np.round(vectors, 6)
    index = {feature.name: round(drift(before[:, at], after[:, at]), 4) for at, feature in enumerate(features.features)}
    return {
        "stability": dict(sorted(index.items(), key=lambda each: -each[1])),
        "large": sorted(name for name, value in index.items() if value > 0.25),  # noqa: PLR2004 - as usual for this index
    }
