"""How well live documents are ranked, on a made-up economy: `python -m bench.ranking --seed judge-1`.

A year is filed month by month. At the end of each month every case is closed as an officer would close it who finds
out the truth: the truth file of the generator says which documents belong to a scheme. A model learns from those
outcomes up to a month, is promoted, and ranks the documents of the months after it live, beside the rules alone. The
schemes are ours: the figures show that the parts work together and promise nothing about real trade.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keruen import formats
from keruen.cases import commands as do
from keruen.cases.case import Result
from keruen.cases.routing import shipped as routes
from keruen.compose import described
from keruen.errors import InvalidInput
from keruen.facts.catalogue import catalogue
from keruen.formats.records import RawRecord
from keruen.model.actor import Actor, Role
from keruen.profiles import load
from keruen.risk.live import Ranker, Ranking, declared, kind_of
from keruen.risk.model import Model
from keruen.risk.quality import auc, figures
from keruen.rules import shipped
from keruen.rules.engine import evaluate
from keruen.rules.ruleset import read
from keruen.simulate import simulate
from keruen.store.memory import MemoryStore
from keruen.store.memory_cases import MemoryCases
from keruen.workflow.backtest import backtest
from keruen.workflow.cases import CaseOffice, act, follow
from keruen.workflow.intake import Options, take_in
from keruen.workflow.judge import Rulings, kinds_of
from keruen.workflow.learning import RULE, examples, learn, outcomes_of, report
from keruen.workflow.ports import CaseQuery, Decided
from keruen.workflow.submit import Office
from keruen.workflow.sweep import sweep

FIRST = Actor("officer", "authority", Role.OFFICER)
SECOND = Actor("second-officer", "authority", Role.OFFICER)
GATEWAY = Actor("gateway", "gateway", Role.GATEWAY)


class Truth(NamedTuple):
    """What the generator planted."""

    bad: frozenset[str]
    """Documents of a scheme."""
    cover: frozenset[str]
    """Ordinary trade of the same firms: neither honest nor to be found."""


class BenchClock:
    """Believes what a history says of itself; cases are closed at the end of a month."""

    now = datetime(2019, 1, 1, tzinfo=UTC)

    def recorded_at(self, filed_at: datetime | None) -> datetime:
        """When a record says it was filed, or the time of the bench."""
        return filed_at or self.now


class Year(NamedTuple):
    """A country whose papers were filed, with its cases closed."""

    office: Office
    cases: CaseOffice
    truth: Truth
    closed: int
    offences: int
    ranker: Ranker
    counts: dict[str, int]
    seconds: dict[str, float]
    until: date


def a_year(seed: str, lines: int, folder: Path, until: date, *, bare: bool = False) -> Year:
    """Make a country, file its papers month by month, close the cases of each month, and rank after a day.

    Where too few outcomes are known by then, a month later, and so on. A bare one has no rule but the score's: what is
    held is held by the law's checks, by lot or by the model.
    """
    simulate(seed, lines, ["all"], folder, lambda _done, _total: None)
    planted = json.loads((folder / "truth.json").read_text("utf-8"))["instances"]
    bad = frozenset(name for each in planted for name in (*each["documents"], *each["should_stop"]))
    truth = Truth(bad, frozenset(name for each in planted for name in each["cover"]) - bad)
    profile = load("kz")
    live = read(shipped.body("kz"), catalogue(), kinds_of(profile))
    if bare:
        # The facts are kept only of kinds that some rule looks at: its kinds stay.
        live = live._replace(rules=tuple(rule for rule in live.rules if rule.code == RULE))
    rules = Rulings.of(live, None, seed.encode().ljust(32, b"."))
    salts, clock = itertools.count(), BenchClock()
    office = Office(
        MemoryStore(),
        profile,
        clock,
        lambda: next(salts).to_bytes(16, "big"),
        rules=lambda: rules,
        describes=described,
    )
    cases = CaseOffice(MemoryCases(office.store), office.store, profile, clock, routes())
    closed = offences = 0
    ranker: Ranker | None = None
    counts: dict[str, int] = {}
    seconds = {"filed before": 0.0, "filed ranked": 0.0, "train": 0.0}
    for month, records in itertools.groupby(_records(folder, profile), _month):
        if ranker is None and month > until.isoformat()[:7]:
            until = date.fromisoformat(f"{month}-01") - timedelta(days=1)
            began = time.perf_counter()
            learnt = _learnt(office, cases, seed, until)
            seconds["train"] = time.perf_counter() - began
            if learnt is not None:
                ranker, counts = Ranker(learnt[0]), learnt[1]
                ranking = Ranking(ranker)
                office = replace(office, ranks=lambda ranking=ranking: ranking)
        began = time.perf_counter()
        take_in(office, records, GATEWAY, Options(history=True, on_progress=lambda _done: None))
        seconds["filed before" if ranker is None else "filed ranked"] += time.perf_counter() - began
        year, number = int(month[:4]), int(month[5:])
        clock.now = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC) - timedelta(seconds=1)
        list(sweep(office, clock.now))
        follow(cases)
        found = close_all(cases, truth)
        closed, offences = closed + found[0], offences + found[1]
    assert ranker is not None, f"no month after {until}"
    return Year(office, cases, truth, closed, offences, ranker, counts, seconds, until)


def _learnt(office: Office, cases: CaseOffice, name: str, until: date) -> tuple[Model, dict[str, int]] | None:
    try:
        return learn(office.store.decided(None), cases.cases.labels(), name, until=until)
    except InvalidInput as error:
        if error.code != "risk_few_rows":
            raise
        return None


def close_all(cases: CaseOffice, truth: Truth) -> tuple[int, int]:
    """Close what is open: an offence where a document of the case belongs to a scheme; how many, and how many of these."""
    closed = offences = 0
    while rows := cases.cases.page(CaseQuery(limit=200)).rows:
        for case in rows:
            found = any(each.document_id in truth.bad for each in case.joined)
            result = Result.DIVERSION if found else Result.NO_FINDING
            act(cases, FIRST, case.number, do.Propose(result, "by the truth file"))
            act(cases, SECOND, case.number, do.Countersign())
            closed, offences = closed + 1, offences + found
    return closed, offences


def _records(folder: Path, profile: Any) -> Iterator[RawRecord]:  # noqa: ANN401 - as formats takes it
    for path in sorted(folder.glob("records-*.ndjson")):
        with path.open("rb") as stream:
            for record in formats.read(stream, formats.Format.NDJSON, profile=profile):
                assert isinstance(record, RawRecord)
                yield record


def _month(record: RawRecord) -> str:
    return str(record.fields["filed_at"])[:7]


def outcomes_given(year: Year, kinds: frozenset[str]) -> dict[str, bool]:
    """By document of these kinds whether it belongs to a scheme, as the truth file says; cover is neither."""
    found = {}
    for one in year.office.store.decided(None):
        facts = json.loads(one.decision)["facts"]
        if kind_of(facts) in kinds and one.document_id not in year.truth.cover:
            found[one.document_id] = one.document_id in year.truth.bad
    return found


def held_live(decided: list[Decided], given: dict[str, bool]) -> dict[str, int]:
    """What the score held and nothing else did: how many of a scheme, how many honest, of how many honest ranked."""
    found = {"scheme": 0, "honest": 0, "honest_ranked": 0}
    for one in decided:
        body = json.loads(one.decision)
        if not body.get("ranking") or one.document_id not in given:
            continue
        found["honest_ranked"] += not given[one.document_id]
        held = {row[3].get("rule") if row[0] == "rule" else row[0] for row in body["findings"] if row[1] > 0}
        if held == {RULE}:
            found["scheme" if given[one.document_id] else "honest"] += 1
    return found


def unseen_schemes(year: Year, folder: Path, until: date, given: dict[str, bool], share: float) -> dict[str, Any]:
    """Each scheme left out of training and looked for afterwards: how many of its documents stand in the highest share."""
    planted = json.loads((folder / "truth.json").read_text("utf-8"))["instances"]
    decided, labels = list(year.office.store.decided(None)), list(year.cases.cases.labels())
    found: dict[str, Any] = {}
    for scheme in sorted({each["scheme"] for each in planted}):
        own = {
            name for each in planted if each["scheme"] == scheme for name in (*each["documents"], *each["should_stop"])
        }
        others = [one for one in decided if one.document_id not in own]
        try:
            ranker = Ranker(learn(others, labels, scheme, until=until)[0])
        except InvalidInput as error:
            found[scheme] = str(error)
            continue
        later = [
            each
            for each in examples(decided, {}, declared(), since=until + timedelta(days=1))
            if each.document_id in given and (each.document_id in own or not given[each.document_id])
        ]
        bad = np.array([each.document_id in own for each in later], dtype=np.int64)
        if not bad.sum():
            continue
        scores = ranker.of_vectors([each.vector for each in later])
        at = figures(bad, np.array([-1.0 if score is None else score for score in scores]))
        found[scheme] = {"documents": int(bad.sum()), "auc": at["auc"], "recall": at["at"][f"{share:.0%}"]["recall"]}
    return found


def one_fact(year: Year, given: dict[str, bool]) -> dict[str, Any]:
    """The one feature that orders the outcomes learnt from best, and how well it orders what came later.

    Where this does as well as the model, the economy is easy, whatever the model's figures say.
    """
    decided = list(year.office.store.decided(None))
    known = outcomes_of(year.cases.cases.labels(), year.until)
    past = [each for each in examples(decided, known, declared(), until=year.until) if each.outcome and each.looked_at]
    later = examples(decided, {}, declared(), since=year.until + timedelta(days=1))
    later_given = [each for each in later if each.document_id in given]
    labels = np.array([each.outcome.offence for each in past if each.outcome], dtype=np.int64)
    truth = np.array([given[each.document_id] for each in later_given], dtype=np.int64)
    before, after = (np.nan_to_num(np.array([each.vector for each in some]), nan=-1.0) for some in (past, later_given))
    judged = [(auc(labels, sign * before[:, at]) or 0.0, at, sign) for at in range(before.shape[1]) for sign in (1, -1)]
    _, at, sign = max(judged)
    return {"fact": declared().features[at].name, **figures(truth, sign * after[:, at])}


def timings(ranker: Ranker, year: Year) -> dict[str, float]:
    """Microseconds: of one score, of a score in a batch, of reasons, beside the facts a document needs anyway."""
    several = [json.loads(one.decision)["facts"] for one in year.office.store.decided(None)]
    several = [facts for facts in several if kind_of(facts) in declared().kinds][:2000]
    return {
        "one alone": _took(lambda: [ranker.score(facts) for facts in several]) / len(several),
        "one of 2,000": _took(lambda: ranker.scores(several)) / len(several),
        "reasons of one": _took(lambda: [ranker.reasons(facts) for facts in several[:200]]) / 200,
        "no model": _took(lambda: [Ranking().of(facts) for facts in several]) / len(several),
        "rules of one": _took(
            lambda: [
                evaluate(year.office.rules().live, kind_of(facts), facts, date(2025, 9, 1))  # type: ignore[misc, union-attr]
                for facts in several
            ]
        )
        / len(several),
    }


def _took(work: Callable[[], object]) -> float:
    work()
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6


def main(arguments: list[str] | None = None) -> int:
    """Measure; always 0, since a benchmark measures and does not judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="judge-1")
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2025, 5, 31), help="last day learnt from")
    parser.add_argument("--schemes", action="store_true", help="leave each scheme out of training in turn")
    parser.add_argument("--bare", action="store_true", help="no rule but the score's")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        year = a_year(asked.seed, asked.lines, Path(name), asked.until, bare=asked.bare)
        decided, labels = list(year.office.store.decided(None)), list(year.cases.cases.labels())
        given = outcomes_given(year, declared().kinds)
        first = year.until + timedelta(days=1)
        began = time.perf_counter()
        found = report(decided, labels, Ranking(year.ranker), since=first, given=given)
        found["seconds"] = {**year.seconds, "report": time.perf_counter() - began}
        found["learnt"] = year.counts
        found["one_fact"] = one_fact(year, given)
        found["live"] = held_live(decided, given)
        rules = year.office.rules().live  # type: ignore[misc, union-attr]
        plain, again = (backtest(decided, rules, {}, ranker=each) for each in (None, year.ranker))
        found["backtest"] = {
            "documents": plain["documents"],
            "agreed": plain["agreed"],
            "changed": plain["changed"],
            "scores_on_record": again["scores_on_record"],
            "changed_by_the_model_over_all_history": again["changed"],
        }
        found["cases"] = {"closed": year.closed, "offences": year.offences}
        found["microseconds"] = timings(year.ranker, year)
        if asked.schemes:
            found["schemes_never_seen"] = unseen_schemes(year, Path(name), year.until, given, 0.05)
    print(json.dumps(found, indent=2, default=str) if asked.json else _said(found))
    return 0


def _said(found: dict[str, Any]) -> str:
    lines = [
        f"learnt from {found['learnt']}",
        f"judged on {found['documents']} decisions from {found['since']} to {found['until']}",
    ]
    for who, each in (("rules alone", found["rules_alone"]), ("model", found["models"]["champion"])):
        for part in ("given", "given_left_open", "known", "random_stream"):
            row = each[part]
            score = "-" if row["auc"] is None else f"{row['auc']:.3f}"
            at = ", ".join(f"{share} {cell['precision']:.3f} of {cell['n']}" for share, cell in row["at"].items())
            bad = round((row["base_rate"] or 0) * row["n"])
            lines.append(f"{who:12} {part:16} {row['n']:6} rows, {bad:3} bad, AUC {score}, precision at {at}")
    champion, single = found["models"]["champion"], found["one_fact"]
    at = ", ".join(f"{share} {cell['precision']:.3f} of {cell['n']}" for share, cell in single["at"].items())
    lines += [
        f"one fact     {single['fact']}: AUC {single['auc'] or 0:.3f}, precision at {at}",
        f"threshold    {champion['above_threshold']}",
        f"held live    by the score alone: {found['live']}",
        f"backtest     {found['backtest']}",
        f"load a day   {champion['load_a_day']}",
        f"let go       {found['let_go']}",
        f"drift        {dict(list(champion['drift']['stability'].items())[:5])}",
        f"microseconds { ({name: round(value, 1) for name, value in found['microseconds'].items()}) }",
        f"seconds      { ({name: round(value, 1) for name, value in found['seconds'].items()}) }",
    ]
    lines += [f"never seen   {scheme}: {row}" for scheme, row in found.get("schemes_never_seen", {}).items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
