"""Run a rule set over decisions on record, from the facts they kept: what would have become of each document.

The facts of a decision stand with it, so nothing is guessed afterwards: the set that decided gives the same findings
again, to the byte, and another set is compared on the same ground. A score is such a fact; with a model given, its
scores take the place of those on record, and it is tried over history like a set.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

import orjson

from keruen.errors import InvalidInput
from keruen.facts.catalogue import catalogue
from keruen.model.fact import FactValue
from keruen.model.finding import CHANNEL_OF, Channel, Finding, Severity
from keruen.risk.live import GIVEN, Ranker, kind_of
from keruen.rules.channels import ORDER
from keruen.rules.engine import evaluate, findings
from keruen.rules.ruleset import RuleSet, read
from keruen.workflow.ports import Decided

CHUNK: Final = 2_000
MADE_HERE: Final = frozenset({"rule", "rules_not_evaluated"})
"""Findings that a rule set makes; the others stand as they were."""


class _Parsed(NamedTuple):
    """A decision on record that rules looked at."""

    one: Decided
    stored: dict[str, Any]
    facts: dict[str, FactValue]


class Again(NamedTuple):
    """What a set makes of one decision."""

    document_id: str
    day: str
    before: str
    after: str
    fired: tuple[str, ...]
    same_rules: bool
    """It was decided by the same edition."""
    agrees: bool
    """The findings are those on record, to the byte."""
    score_on_record: bool = False
    """The model that was given had scored it then."""
    same_score: bool = False
    """It gives that score again."""


def again(rules: RuleSet, one: Decided, ranker: Ranker | None = None) -> Again | None:
    """Decide once more from the facts on record; None where the decision kept none.

    Args:
        rules: The set.
        one: The decision.
        ranker: A model whose score takes the place of the one on record.
    """
    return next(iter(_several(rules, [one], ranker)), None)


def _several(rules: RuleSet, chunk: list[Decided], ranker: Ranker | None) -> list[Again]:
    """Decide many once more; a model scores all of them at once."""
    parsed = [found for one in chunk if (found := _parsed(one)) is not None]
    if ranker is None:
        return [_again(rules, each) for each in parsed]
    ranked = [each for each in parsed if kind_of(each.facts) in ranker.features.kinds]
    scores = dict(zip(map(id, ranked), ranker.scores([each.facts for each in ranked]), strict=True))
    return [_again_by(rules, each, ranker, scores.get(id(each))) for each in parsed]


def _again_by(rules: RuleSet, one: _Parsed, ranker: Ranker, score: float | None) -> Again:
    """Decide once more with a model's score; reasons are for those who read a finding, and nobody reads these."""
    kept = one.stored.get("ranking", {})
    was = [row["score"] for row in kept.values() if row["sha256"] == ranker.model.sha256]
    same = bool(was) and was[0] == score
    if not (same and kept.get("champion", {}).get("sha256") == ranker.model.sha256):
        facts = {name: value for name, value in one.facts.items() if name not in GIVEN}
        one = one._replace(facts=facts | ranker.facts(facts, score, reasons=False))
    return _again(rules, one)._replace(score_on_record=bool(was), same_score=same)


def _parsed(one: Decided) -> _Parsed | None:
    stored = orjson.loads(one.decision)
    known = stored.get("facts")
    if not known or "kind" not in known or "release_seconds" in known:
        return None
    return _Parsed(
        one, stored, {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    )


def _again(rules: RuleSet, parsed: _Parsed) -> Again:
    one, stored, facts = parsed
    kind = kind_of(facts)
    evaluation = evaluate(rules, kind, facts, one.recorded_at.date())
    made = findings(evaluation, facts, rules.version)
    kept = [row for row in stored["findings"] if row[0] not in MADE_HERE]
    others = [Finding(row[0], Severity(row[1]), row[2], row[3], row[4]) for row in kept]
    full = any(each.code == "queue_full" for each in others)
    # The lot was drawn after that.
    if full and rules.table.gives_way([*made, *(each for each in others if each.code != "random_selection")]):
        # The day was full then: what gives way goes on with a notice, as it did.
        made = [each._replace(severity=Severity.NOTICE) if each.severity > Severity.NOTICE else each for each in made]
    was = [row for row in stored["findings"] if row[0] in MADE_HERE]
    same = rules.version in stored["rules"]
    agrees = False
    if same:
        rows = [[each.code, int(each.severity), each.path, dict(each.params), each.source] for each in made]
        agrees = _plain(was) == _plain([row for row in rows if row in was or row[0] == "rule"])
    channel = rules.table.channel([*made, *others])
    # Drawn by lot is drawn by lot, whichever rules stand; and a document without a channel of its own has none now.
    drawn = [CHANNEL_OF[Severity(row[1])] for row in kept if row[0] == "random_selection"]
    channel = max([channel, *drawn], key=ORDER.index)
    return Again(
        one.document_id,
        one.recorded_at.date().isoformat(),
        stored["channel"],
        channel.value,
        tuple(rule.code for rule in evaluation.fired),
        same,
        agrees,
    )


def _plain(rows: list[list[Any]]) -> bytes:
    """Rows in one order, as bytes; findings of severity nought made quiet by a full day keep their place."""
    in_order = sorted(rows, key=lambda row: (row[0], str(row[3].get("rule", ""))))
    return orjson.dumps(in_order, option=orjson.OPT_SORT_KEYS)


def read_outcomes(text: str) -> dict[str, bool]:
    """Known outcomes: a CSV of `document_id` and `outcome` (1 for an offence, 0 for none).

    Raises:
        InvalidInput: A column is missing or an outcome is neither; row and column are named.
    """
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames is None or not {"document_id", "outcome"} <= set(rows.fieldnames):
        raise InvalidInput(
            f"outcomes need the columns document_id and outcome, found {rows.fieldnames}", code="outcomes_columns"
        )
    found: dict[str, bool] = {}
    for number, row in enumerate(rows, 2):
        if row["outcome"] not in {"0", "1"}:
            raise InvalidInput(
                f"row {number}, outcome: 1 or 0 expected, found {row['outcome']!r}",
                code="outcomes_value",
                row=str(number),
            )
        found[row["document_id"]] = row["outcome"] == "1"
    return found


class _Tally:
    """Sums over all decisions."""

    def __init__(self, outcomes: Mapping[str, bool], samples: int) -> None:
        self.outcomes, self.samples = outcomes, samples
        self.documents = self.agreed = self.same = self.scored = self.same_scores = 0
        self.changes: dict[tuple[str, str], tuple[int, list[str]]] = {}
        self.fires: dict[str, int] = {}
        self.right: dict[str, int] = {}
        self.known: dict[str, int] = {}
        self.days: dict[str, int] = {}

    def add(self, found: Again) -> None:
        """Take one in."""
        self.documents += 1
        self.same += found.same_rules
        self.agreed += found.agrees
        self.scored += found.score_on_record
        self.same_scores += found.same_score
        if found.after != Channel.GREEN:
            self.days[found.day] = self.days.get(found.day, 0) + 1
        if found.before != found.after:
            count, names = self.changes.get((found.before, found.after), (0, []))
            if len(names) < self.samples:
                names.append(found.document_id)
            self.changes[found.before, found.after] = (count + 1, names)
        outcome = self.outcomes.get(found.document_id)
        for code in found.fired:
            self.fires[code] = self.fires.get(code, 0) + 1
            if outcome is not None:
                self.known[code] = self.known.get(code, 0) + 1
                self.right[code] = self.right.get(code, 0) + outcome

    def report(self, rules: RuleSet) -> dict[str, Any]:
        """As data."""
        bad = sum(self.outcomes.values())
        return {
            "rules_version": rules.version,
            "documents": self.documents,
            "same_edition": self.same,
            "agreed": self.agreed,
            "scores_on_record": {"compared": self.scored, "the_same": self.same_scores},
            "changed": sum(count for count, _ in self.changes.values()),
            "changes": [
                {"before": before, "after": after, "count": count, "samples": names}
                for (before, after), (count, names) in sorted(self.changes.items())
            ],
            "rules": {
                rule.code: {
                    "fires": self.fires.get(rule.code, 0),
                    "precision": self.right.get(rule.code, 0) / self.known[rule.code]
                    if self.known.get(rule.code)
                    else None,
                    "recall": self.right.get(rule.code, 0) / bad if bad else None,
                }
                for rule in rules.rules
            },
            "load": {
                "days": len(self.days),
                "mean": sum(self.days.values()) / len(self.days) if self.days else 0.0,
                "most": max(self.days.values(), default=0),
            },
        }


_worker: list[tuple[RuleSet, Ranker | None]] = []


def _begin(body: bytes, kinds: tuple[str, ...], model: bytes) -> None:
    _worker[:] = [(read(body, catalogue(), kinds), _ranker(model))]


def _ranker(model: bytes) -> Ranker | None:
    if not model:
        return None
    from keruen.risk.model import Model

    return Ranker(Model.from_bytes(model))


def _work(chunk: list[Decided]) -> list[Again]:
    rules, ranker = _worker[0]
    return _several(rules, chunk, ranker)


def backtest(
    decided: Iterable[Decided],
    rules: RuleSet,
    outcomes: Mapping[str, bool],
    *,
    kinds: tuple[str, ...] = (),
    ranker: Ranker | None = None,
    samples: int = 5,
    cores: int = 1,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> dict[str, Any]:
    """Run a set over decisions.

    Args:
        decided: Those on record, in any order; read once.
        rules: The set.
        outcomes: Document to whether it was an offence, as far as known.
        kinds: What rules may look at; unset, what these look at.
        ranker: A model whose scores take the place of those on record.
        samples: Documents named per change.
        cores: Processes.
        on_progress: Told how many are done.
    """
    tally = _Tally(outcomes, samples)
    chunks = _chunks(decided)
    if cores == 1:
        for chunk in chunks:
            for found in _several(rules, chunk, ranker):
                tally.add(found)
            on_progress(tally.documents)
        return tally.report(rules)
    with ProcessPoolExecutor(
        cores,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=(rules.body, kinds or tuple(sorted(rules.kinds)), ranker.model.as_bytes() if ranker else b""),
    ) as pool:
        # A few chunks ahead of the workers, never all: history does not fit in memory.
        while batch := list(islice(chunks, 4 * cores)):
            for part in pool.map(_work, batch):
                for found in part:
                    tally.add(found)
                on_progress(tally.documents)
    return tally.report(rules)


def _chunks(decided: Iterable[Decided]) -> Iterator[list[Decided]]:
    rows = iter(decided)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
