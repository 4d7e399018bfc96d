"""When a document is due, and what the clock may do about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import KZ, NOON
from keruen.documents.deadlines import add_working_days, due, is_working_day


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2025, 3, 4), True),
        (date(2025, 3, 8), False),  # Saturday
        (date(2025, 3, 9), False),  # Sunday
        (date(2025, 3, 21), False),  # Nauryz, a Friday
        (date(2025, 12, 16), False),  # Independence Day, a Tuesday
        (date(2025, 12, 17), True),
    ],
)
def test_weekends_and_holidays_are_not_worked(day: date, working: bool) -> None:
    assert is_working_day(KZ, day) is working


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2025, 3, 4), 0, date(2025, 3, 4)),
        (date(2025, 3, 4), 1, date(2025, 3, 5)),
        (date(2025, 3, 7), 1, date(2025, 3, 10)),  # over a weekend
        (date(2025, 3, 20), 1, date(2025, 3, 24)),  # over Nauryz
        (date(2025, 12, 31), 1, date(2026, 1, 5)),  # over New Year's two days and a weekend
        (date(2025, 3, 4), 20, date(2025, 4, 2)),
    ],
)
def test_working_days_are_counted_after_the_first(start: date, count: int, end: date) -> None:
    assert add_working_days(KZ, start, count) == end


@given(start=st.dates(date(2020, 1, 1), date(2035, 1, 1)), count=st.integers(1, 60))
def test_so_many_working_days_lie_between(start: date, count: int) -> None:
    end = add_working_days(KZ, start, count)
    days = [start + timedelta(days=index + 1) for index in range((end - start).days)]
    assert sum(is_working_day(KZ, day) for day in days) == count
    assert is_working_day(KZ, end)


CASES: list[tuple[str, str, dict[str, Any], datetime | None, str]] = [
    ("waybill", "sent", {}, datetime(2025, 4, 3, tzinfo=UTC), "lapse"),
    ("waybill", "viewed", {}, datetime(2025, 4, 3, tzinfo=UTC), "lapse"),
    ("waybill", "held", {}, NOON + timedelta(days=1), ""),
    ("waybill", "released", {}, NOON + timedelta(days=90), "query_exit"),
    ("waybill", "exit_overdue", {}, NOON + timedelta(days=60), ""),
    ("waybill", "confirmed", {}, None, ""),
    ("export_declaration", "released", {}, NOON + timedelta(days=150), "invalidate"),
    ("write_off", "held", {}, datetime(2025, 3, 12, tzinfo=UTC), ""),
    ("licence", "issued", {"valid_until": date(2025, 3, 10)}, datetime(2025, 3, 11, tzinfo=UTC), "expire"),
    ("licence", "issued", {}, None, ""),
    ("transit_declaration", "opened", {"due_on": date(2025, 3, 10)}, datetime(2025, 3, 11, tzinfo=UTC), "miss"),
    ("partner_export_notice", "expected", {"exported_on": date(2025, 3, 1)}, datetime(2025, 4, 15, tzinfo=UTC), "miss"),
    ("entry_declaration", "released", {}, None, ""),
]


@pytest.mark.parametrize(("kind", "state", "header", "at", "then"), CASES)
def test_when_it_is_due_and_what_the_clock_does(
    kind: str, state: str, header: dict[str, Any], at: datetime | None, then: str
) -> None:
    assert due(KZ, KZ.kind(kind), state, header, NOON) == (at, then)


def test_a_licence_is_good_to_the_end_of_its_last_day() -> None:
    at, _ = due(KZ, KZ.kind("licence"), "issued", {"valid_until": date(2025, 3, 10)}, NOON)
    assert at is not None
    assert at > datetime(2025, 3, 10, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(KZ.kinds))
def test_the_clock_never_lets_goods_go(kind: str) -> None:
    for arrow in KZ.kind(kind).transitions:
        if "system" in arrow.by:
            assert arrow.effect in {"none", "unreserve", "withdraw_grant"}, (kind, arrow.name)
            assert arrow.target not in {"released", "approved", "posted", "confirmed", "left", "closed"}, (
                kind,
                arrow.name,
            )


@pytest.mark.parametrize("kind", sorted(KZ.kinds))
def test_what_the_clock_is_to_do_is_open_to_it(kind: str) -> None:
    spec = KZ.kind(kind)
    for deadline in spec.deadlines:
        for state in deadline.states if deadline.then else ():
            assert any(
                arrow.name == deadline.then and state in arrow.sources and "system" in arrow.by
                for arrow in spec.transitions
            ), (kind, state, deadline.then)
