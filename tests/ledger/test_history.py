"""Balances at any time: as true then, as known then."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal is compared with the whole number it should be.

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from keruen.ledger.history import accounts_at, least_from
from keruen.model.lot import Posting
from ledger_bench import FIRM, NOON, OTHER


def a_posting(quantity: str, source: str, target: str, *, true: int = 0, known: int = 0) -> Posting:
    """So much of ED-1/1; `true` and `known` in hours after noon."""
    sides = {"world": ("world", "entry"), "exit": ("world", "exit"), "firm": (FIRM, "free"), "other": (OTHER, "free")}
    return Posting(
        "E",
        0,
        "ED-1/1",
        Decimal(quantity),
        "H87",
        *sides[source],
        *sides[target],
        "ED-1",
        1,
        NOON + timedelta(hours=true),
        NOON + timedelta(hours=known),
        "",
    )


STORY = [
    a_posting("100", "world", "firm"),
    a_posting("40", "firm", "other", true=1, known=5),
    a_posting("10", "other", "exit", true=2, known=3),
]


def free(holder: str, **when: datetime | None) -> Decimal | None:
    return accounts_at(STORY, **when).get(("ED-1/1", holder, "free"))


def test_all_of_it_by_now() -> None:
    assert (free(FIRM), free(OTHER)) == (60, 30)


def test_what_was_true_then() -> None:
    assert free(FIRM, true_at=NOON) == 100
    assert free(FIRM, true_at=NOON + timedelta(hours=1)) == 60


def test_what_was_known_then() -> None:
    assert free(FIRM, known_at=NOON + timedelta(hours=4)) == 100
    assert free(FIRM, known_at=NOON + timedelta(hours=5)) == 60


def test_what_was_true_then_as_known_later() -> None:
    assert free(FIRM, true_at=NOON + timedelta(hours=1), known_at=NOON + timedelta(hours=4)) == 100


def test_before_everything_there_is_nothing() -> None:
    assert accounts_at(STORY, true_at=datetime(2000, 1, 1, tzinfo=UTC)) == {}


SIDES = st.sampled_from(("world", "exit", "firm", "other"))


@given(
    rows=st.lists(st.tuples(st.integers(1, 99), SIDES, SIDES, st.integers(0, 9), st.integers(0, 9)), max_size=12),
    true=st.integers(0, 9),
    known=st.integers(0, 9),
)
def test_accounts_sum_to_nought_at_every_time(
    rows: list[tuple[int, str, str, int, int]], true: int, known: int
) -> None:
    postings = [
        a_posting(str(quantity), source, target, true=at, known=seen) for quantity, source, target, at, seen in rows
    ]
    found = accounts_at(postings, true_at=NOON + timedelta(hours=true), known_at=NOON + timedelta(hours=known))
    assert sum(found.values()) == 0


DAYS = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["in", "out", "aside"]), st.integers(0, 6)), min_size=0, max_size=8
)


@given(DAYS, st.integers(0, 7))
def test_the_least_from_a_day_is_the_least_of_all_later_evenings(moves: list[tuple[int, str, int]], first: int) -> None:
    sides = {"in": ("world", "firm"), "out": ("firm", "other"), "aside": ("firm", "firm")}
    postings = [a_posting(str(amount), *sides[what], true=24 * day) for amount, what, day in moves]
    evenings = [NOON + timedelta(days=day, hours=11) for day in range(first, 9)]
    had = [
        sum(
            (amount for (_, holder, _), amount in accounts_at(postings, true_at=at).items() if holder == FIRM),
            Decimal(),
        )
        for at in evenings
    ]
    assert least_from(postings, FIRM, evenings[0].date()) == min(had)
