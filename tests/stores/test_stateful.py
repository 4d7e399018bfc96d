"""The same commands at random to both stores, in batches and one by one: one answer, one set of books.

Three books go side by side: memory in batches, PostgreSQL in batches, memory with every command
(or linked group) in a transaction of its own. After each step the outcomes are equal; at the end
every row is, and every invariant holds in all three.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from books import check_books, same_tables
from builders import KZ, TestClock, shipped_rules
from commands import Trade
from keruen.model.document import Command
from keruen.model.outcome import Outcome, Verdict
from keruen.risk.live import Ranking
from keruen.store.memory import MemoryStore
from keruen.workflow.submit import Office, submit
from keruen.workflow.sweep import actions
from rankings import a_ranker

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

EXAMPLES = int(os.environ.get("KERUEN_STATEFUL_EXAMPLES", "12"))
SOAK_RUNS = int(os.environ.get("KERUEN_SOAK_RUNS", "10000"))
TABLES = (
    "document",
    "document_version",
    "command_key",
    "event",
    "decision",
    "lot",
    "lot_edge",
    "posting",
    "balance",
    "reservation",
    "allowance",
    "leaf",
    "log_entry",
    "outbox",
    "case_waiting",
    "organisation",
    "memory",
)


def emptied(database: PostgresStore) -> PostgresStore:
    """The books with no rows. Deleting a few rows is much quicker than truncating many files."""
    from keruen.store.rows import raw_connection

    for name in TABLES:
        raw_connection().execute(f"DELETE FROM keruen_{name}".encode())
    database.parties.clear()
    return database


class Books:
    """Three books that must stay equal."""

    def __init__(self, postgres: PostgresStore | None, *, rules: bool = True, ranking: Ranking | None = None) -> None:
        self.clock = TestClock()

        def office(store: MemoryStore | PostgresStore) -> Office:
            return Office(
                store,
                KZ,
                self.clock,
                lambda: b"s" * 16,
                rules=shipped_rules if rules else None,
                ranks=lambda: ranking,
            )

        self.batched = office(MemoryStore())
        self.single = office(MemoryStore())
        self.database = office(emptied(postgres)) if postgres else None
        self.verdicts: dict[str, int] = {}

    @property
    def memory(self) -> MemoryStore:
        """The books commands lean on."""
        assert isinstance(self.batched.store, MemoryStore)
        return self.batched.store

    def take(self, commands: Sequence[Command]) -> None:
        """Submit to all three and compare what each answers."""
        answers = submit(self.batched, commands)
        assert answers == one_by_one(self.single, commands), f"a batch answers otherwise than its members: {commands}"
        if self.database is not None:
            assert answers == submit(self.database, commands), f"PostgreSQL answers otherwise: {commands}"
        for answer in answers:
            assert (answer.verdict == Verdict.REJECTED) == (answer.problem is not None)
            where = answer.problem.code if answer.problem else answer.verdict.value
            self.verdicts[where] = self.verdicts.get(where, 0) + 1

    def sweep(self) -> None:
        """What the clock does of itself."""
        due = self.memory.due(self.clock.now, 100)
        if self.database is not None:
            assert due == self.database.store.due(self.clock.now, 100)
        if due:
            self.take(actions(due))

    def check(self) -> None:
        """Every invariant in each, and the rows equal."""
        check_books(self.batched.store)
        check_books(self.single.store)
        same_tables(self.batched.store, self.single.store)
        if self.database is not None:
            check_books(self.database.store)
            same_tables(self.batched.store, self.database.store)


def one_by_one(office: Office, commands: Sequence[Command]) -> list[Outcome]:
    """Each command, or linked group, in a transaction of its own."""
    outcomes: list[Outcome] = []
    start = 0
    while start < len(commands):
        end = start + 1
        while commands[start].group and end < len(commands) and commands[end].group == commands[start].group:
            end += 1
        outcomes += submit(office, commands[start:end])
        start = end
    return outcomes


def run(trade: Trade, books: Books, steps: int) -> None:
    """So many steps of trade, time going by between them."""
    for _ in range(steps):
        chance = trade.random.randrange(100)
        if chance < 4:
            books.clock.advance(days=trade.pick((1, 6, 30, 95)))
        elif chance < 6:
            books.clock.advance(hours=-5)
        elif chance < 9:
            books.sweep()
        else:
            books.take(trade.batch())


def machine(postgres: PostgresStore | None) -> type[RuleBasedStateMachine]:
    """The state machine over these books."""

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.books = Books(postgres)
            self.trade = Trade(random.Random(0), self.books.memory)

        @rule(chance=st.randoms(use_true_random=False), most=st.integers(1, 5))
        def trade_on(self, chance: random.Random, most: int) -> None:
            """A few commands."""
            self.trade.random = chance
            for _ in range(4):
                self.books.take(self.trade.batch(most))

        @rule(days=st.sampled_from((1, 6, 30, 95)))
        def time_goes_by(self, days: int) -> None:
            """Deadlines pass."""
            self.books.clock.advance(days=days)
            self.books.sweep()

        @rule()
        def the_clock_runs_backwards(self) -> None:
            """As machines' clocks do."""
            self.books.clock.advance(hours=-5)

        def teardown(self) -> None:
            """Look at everything."""
            self.books.check()

    return Machine


@pytest.mark.postgres
def test_both_stores_answer_alike_and_keep_the_same_books(database: PostgresStore) -> None:
    run_state_machine_as_test(
        machine(database),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("seed", range(25))
def test_memory_keeps_its_books_in_a_long_run(seed: int) -> None:
    books = Books(None)
    trade = Trade(random.Random(seed), books.memory)
    run(trade, books, 60)
    books.check()


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(100, 103))
def test_postgres_keeps_its_books_in_a_long_run(database: PostgresStore, seed: int) -> None:
    books = Books(database)
    run(Trade(random.Random(seed), books.memory), books, 60)
    books.check()


@pytest.mark.postgres
def test_both_stores_keep_the_same_scores_and_give_the_same_to_learn_from(database: PostgresStore) -> None:
    books = Books(database, ranking=Ranking(a_ranker(), a_ranker("second", count=320)))
    run(Trade(random.Random(300), books.memory), books, 60)
    books.check()
    assert books.database is not None
    # PostgreSQL gives JSON back in its own spelling.
    rows = [
        sorted(
            (each.event_id, each.document_id, each.recorded_at, orjson.dumps(orjson.loads(each.decision)))
            for each in store.decided(None)
        )
        for store in (books.memory, books.database.store)
    ]
    assert rows[0] == rows[1]
    decisions = [orjson.loads(row[3]) for row in rows[0]]
    scored = [each["ranking"] for each in decisions if "ranking" in each]
    assert scored
    assert all(each.keys() == {"champion", "challenger"} for each in scored)
    # All but second looks at an officer's own release, which are about the officer and learnt from by nothing.
    held = [each for each in decisions if each["channel"] != "green" and "release_seconds" not in each["facts"]]
    assert held
    assert all("selection" in each for each in held)


def test_the_commands_at_random_reach_every_kind_and_most_are_accepted() -> None:
    verdicts: dict[str, int] = {}
    states: set[tuple[str, str]] = set()
    for seed in range(200, 225):
        books = Books(None, rules=seed % 2 == 0)
        run(Trade(random.Random(seed), books.memory), books, 60)
        states |= {(stored.kind, stored.state) for stored in books.memory.state.documents.values()}
        for name, count in books.verdicts.items():
            verdicts[name] = verdicts.get(name, 0) + count
    assert verdicts["accepted"] > sum(verdicts.values()) / 3, verdicts
    assert {"not_covered", "key_conflict", "linked_failed", "repeated", "may_not_act"} <= set(verdicts), verdicts
    reached = {kind for kind, _ in states}
    assert {
        "entry_declaration",
        "waybill",
        "export_application",
        "exit_notice",
        "return",
        "write_off",
        "opening_balance",
        "correction",
        "detention_order",
        "production_report",
        "licence",
    } <= reached
    waybills = {state for kind, state in states if kind == "waybill"}
    assert {"sent", "confirmed", "declined", "revoked", "lapsed", "released", "left"} <= waybills, waybills


@pytest.mark.soak
@pytest.mark.postgres
def test_soak(database: PostgresStore, capsys: pytest.CaptureFixture[str]) -> None:
    first = int(os.environ.get("KERUEN_SOAK_SEED", "0")) or int(datetime.now(UTC).timestamp())
    verdicts: dict[str, int] = {}
    for seed in range(first, first + SOAK_RUNS):
        books = Books(database)
        try:
            run(Trade(random.Random(seed), books.memory), books, 40)
            books.check()
        except BaseException:
            with capsys.disabled():
                print(f"\nseed {seed}: KERUEN_SOAK_SEED={seed} KERUEN_SOAK_RUNS=1 repeats it")  # noqa: T201 - a soak says where it is
            raise
        for name, count in books.verdicts.items():
            verdicts[name] = verdicts.get(name, 0) + count
        if (seed - first) % 100 == 99:
            with capsys.disabled():
                print(f"seeds {first} to {seed}: {verdicts}")  # noqa: T201 - a soak says where it is
