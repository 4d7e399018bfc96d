"""Many submit at once, few transactions, and everybody gets their own answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from builders import OFFICER, act, an_entry, an_office, filed
from keruen.errors import IntegrityFailure, Unavailable
from keruen.model.document import Command
from keruen.model.outcome import Outcome, Verdict
from keruen.workflow import gather
from keruen.workflow.gather import Gatherer
from keruen.workflow.submit import submit

MANY = 40


class Slow:
    """`submit` that waits for the test in its first batch, so that others pile up behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate, self.began = threading.Event(), threading.Event()
        self.sizes: list[int] = []
        monkeypatch.setattr(gather, "submit", self)

    def __call__(self, office: Any, commands: Sequence[Command]) -> list[Outcome]:
        self.sizes.append(len(commands))
        self.began.set()
        assert self.gate.wait(10)
        return submit(office, commands)


def all_at_once(gatherer: Gatherer, slow: Slow, requests: Sequence[Sequence[Command]]) -> list[Any]:
    """The first request runs alone; the others come while it runs."""

    def ask(commands: Sequence[Command]) -> Any:
        try:
            return gatherer.submit_all(commands)
        except Exception as error:  # noqa: BLE001 - the answer under test
            return error

    with ThreadPoolExecutor(len(requests)) as pool:
        first = pool.submit(ask, requests[0])
        assert slow.began.wait(10)
        rest = [pool.submit(ask, each) for each in requests[1:]]
        while len(gatherer._waiting) < len(rest):
            pass
        slow.gate.set()
        return [first.result(30), *(each.result(30) for each in rest)]


def test_whoever_comes_while_a_batch_runs_goes_into_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer, slow = Gatherer(an_office()), Slow(monkeypatch)
    answers = all_at_once(gatherer, slow, [[filed(an_entry(f"ED-{number}"))] for number in range(MANY)])
    assert slow.sizes == [1, MANY - 1]
    assert [answer[0].document_id for answer in answers] == [f"ED-{number}" for number in range(MANY)]
    assert {answer[0].verdict for answer in answers} == {Verdict.ACCEPTED}


def test_alone_nobody_waits() -> None:
    gatherer = Gatherer(an_office())
    assert gatherer.submit_one(filed(an_entry())).verdict == Verdict.ACCEPTED
    assert gatherer.submit_one(filed(an_entry())).verdict == Verdict.REPEATED
    assert gatherer.submit_all([]) == []
    assert gatherer.batches == 2


def test_the_same_record_sent_twice_at_once_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer, slow = Gatherer(an_office()), Slow(monkeypatch)
    answers = all_at_once(gatherer, slow, [[filed(an_entry("ED-0"))], *[[filed(an_entry())]] * 5])
    assert sorted(answer[0].verdict for answer in answers[1:]) == ["accepted"] + ["repeated"] * 4


def test_groups_of_two_callers_are_not_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer, slow = Gatherer(an_office()), Slow(monkeypatch)
    good = filed(an_entry("ED-1"), group="g")
    bad = act("NO-SUCH", "annul", OFFICER, id="a")._replace(group="g")
    answers = all_at_once(gatherer, slow, [[filed(an_entry("ED-0"))], [good], [bad]])
    assert answers[1][0].verdict == Verdict.ACCEPTED
    assert answers[2][0].verdict == Verdict.REJECTED
    linked = gatherer.submit_all([filed(an_entry("ED-2"), group="h"), bad._replace(group="h", id="b")])
    assert [each.verdict for each in linked] == [Verdict.REJECTED, Verdict.REJECTED]


@pytest.mark.parametrize("failure", [Unavailable("no", code="retry"), IntegrityFailure("no"), KeyError("a bug")])
def test_a_request_that_fails_fails_alone(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    gatherer, slow = Gatherer(an_office()), Slow(monkeypatch)
    honest = slow.__call__

    def choosy(office: Any, commands: Sequence[Command]) -> list[Outcome]:
        if any(command.key == "BAD@1" for command in commands):
            raise failure
        return honest(office, commands)

    monkeypatch.setattr(gather, "submit", choosy)
    requests = [[filed(an_entry(each))] for each in ("ED-0", "ED-1", "BAD", "ED-2")]
    answers = all_at_once(gatherer, slow, requests)
    assert answers[2] is failure
    assert [answers[at][0].verdict for at in (0, 1, 3)] == [Verdict.ACCEPTED] * 3


def test_a_long_request_does_not_swell_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "BATCH", 10)
    gatherer, slow = Gatherer(an_office()), Slow(monkeypatch)
    requests = [[filed(an_entry(f"ED-{at}-{number}")) for number in range(6)] for at in range(5)]
    answers = all_at_once(gatherer, slow, requests)
    assert max(slow.sizes) == 6
    assert all(len(answer) == 6 for answer in answers)


def test_nobody_is_left_waiting_under_load() -> None:
    gatherer = Gatherer(an_office())
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(
            pool.map(lambda number: gatherer.submit_one(filed(an_entry(f"ED-{number}"))), range(400), timeout=60)
        )
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert gatherer.batches <= 400
    assert not gatherer._waiting
