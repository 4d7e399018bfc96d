"""PostgreSQL keeps cases as memory does: the same people do the same things to both, and both answer alike."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from builders import (
    BUYER,
    GATEWAY,
    IMPORTER,
    KZ,
    TRADER,
    TestClock,
    an_application,
    an_application_line,
    an_entry,
    an_invoice,
    filed,
    filer,
    one,
)
from keruen.cases import commands as do
from keruen.cases.case import Result, State
from keruen.cases.routing import shipped
from keruen.errors import KeruenError
from keruen.model.actor import Actor, Role
from keruen.model.document import Document
from keruen.store.memory import MemoryStore
from keruen.store.memory_cases import MemoryCases
from keruen.workflow.cases import BulkDone, CaseOffice, act, asked_of, bulk, follow, take_back, take_next
from keruen.workflow.ports import CaseQuery
from keruen.workflow.submit import Office

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

pytestmark = pytest.mark.postgres
STEPS = 120
PEOPLE = (
    Actor("ann", "authority", Role.OFFICER),
    Actor("ben", "authority", Role.OFFICER),
    Actor("chief", "authority", Role.SUPERVISOR),
    filer(IMPORTER),
    filer(TRADER),
)


def answer_of(question: Callable[[], Any]) -> Any:
    """What was answered, or by which code it was refused."""
    try:
        return question()
    except KeruenError as error:
        return error.code


def some_command(dice: random.Random, clock: TestClock) -> do.Command:
    firm = dice.choice((IMPORTER, TRADER))
    day = clock.now.date() + timedelta(days=dice.randint(0, 20))
    result = dice.choice(tuple(Result))
    return dice.choice(
        (
            do.Take(),
            do.Unlock(),
            do.Assign(dice.choice(("", "ann", "ben"))),
            do.Note("n"),
            do.Attach("a.csv", "0" * 64, 1, "text/csv"),
            do.Ask(firm, "?"),
            do.Acknowledge(),
            do.Answer("!"),
            do.Answer("!"),
            do.Withdraw("w"),
            do.Diary(day, "d"),
            do.Propose(result, "p"),
            do.Propose(result, "p"),
            do.Countersign(),
            do.Countersign(),
            do.Decline("d"),
            do.Close(Result.NO_FINDING, "c"),
            do.Reopen("r"),
        )
    )


class Twins:
    """One history in memory and in PostgreSQL."""

    def __init__(self, postgres: PostgresStore, seed: int) -> None:
        from keruen.store.cases import PostgresCases

        self.dice, self.clock = random.Random(seed), TestClock()
        memory = MemoryStore()
        self.offices = [Office(store, KZ, self.clock, lambda: b"s" * 16) for store in (memory, postgres)]
        table = shipped()
        self.cases = (
            CaseOffice(MemoryCases(memory), memory, KZ, self.clock, table),
            CaseOffice(PostgresCases("KZ"), postgres, KZ, self.clock, table),
        )
        self.tokens: list[str] = []
        for firm in (IMPORTER, TRADER):
            self.file(an_entry(f"ED-{firm}", importer=firm), GATEWAY)
            self.file(an_invoice(f"INV-{firm}", sender=firm, receiver=BUYER, country="UZ"), GATEWAY)

    def file(self, document: Document, author: Actor) -> None:
        for office in self.offices:
            one(office, filed(document, author))

    def both(self, question: Callable[[CaseOffice], Any]) -> Any:
        """Ask both; they answer alike."""
        first, second = (answer_of(partial(question, each)) for each in self.cases)
        assert first == second
        return first

    def an_application(self, step: int) -> None:
        firm = self.dice.choice((IMPORTER, TRADER))
        line = an_application_line(lot=f"ED-{firm}/1", invoice=f"INV-{firm}", declaration=f"ED-{firm}")
        self.file(an_application(f"EA-{step}", line, exporter=firm), self.dice.choice((GATEWAY, filer(firm))))
        self.both(follow)

    def in_bulk(self, actor: Actor) -> None:
        wanted: tuple[do.Command, ...] = (do.Assign("ann"), do.Note("b"), do.Close(Result.DOCUMENT_ERROR, "b"))
        command = self.dice.choice(wanted)
        done = self.both(lambda each: strip(bulk(each, actor, [1, 2, 3], command)))
        if isinstance(done, tuple):
            self.tokens.append(done[0])

    def step(self, step: int) -> None:
        """One thing somebody does, and what a list then shows."""
        dice, actor = self.dice, self.dice.choice(PEOPLE)
        match dice.randint(0, 9):
            case 0:
                self.an_application(step)
            case 1:
                queue = dice.choice(("", "", "export_control", "desk"))
                self.both(lambda each: take_next(each, actor, queue=queue))
            case 2:
                self.in_bulk(actor)
            case 3 if self.tokens:
                token = dice.choice(self.tokens)
                self.both(lambda each: strip(take_back(each, actor, token)))
            case 4:
                self.clock.advance(hours=dice.choice((1, 5, 30, 200)))
            case _:
                number, command = dice.randint(1, 5), some_command(dice, self.clock)
                self.both(lambda each: act(each, actor, number, command))
        self.both(lambda each: each.cases.page(CaseQuery(limit=3, user=("", "ann", "ben")[step % 3])))

    def compare(self) -> int:
        """Everything there is; gives how many cases there are."""
        numbers = range(1, 20)
        found = self.both(lambda each: [(each.cases.case(number), each.cases.events(number)) for number in numbers])
        now = self.clock.now
        self.both(lambda each: [each.cases.page(CaseQuery(state=state, late_at=now)) for state in ("", *State)])
        self.both(lambda each: (each.cases.counts(now), list(each.cases.labels())))
        self.both(lambda each: [asked_of(each, actor) for actor in PEOPLE])
        return sum(case is not None for case, _ in found)


@pytest.mark.parametrize("seed", range(6))
def test_both_stores_answer_alike(postgres: PostgresStore, seed: int) -> None:
    twins = Twins(postgres, seed)
    for step in range(STEPS):
        twins.step(step)
    assert twins.compare() >= 2


def strip(done: BulkDone) -> tuple[Any, ...]:
    """A bulk's answer with errors as their codes, which compare."""
    return (done.token, done.done, tuple((each.number, each.error.code) for each in done.refused))
