"""Columns as array literals and lines of COPY: the server reads back what was written, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keruen.store.columns import array, arrays, copy_lines

if TYPE_CHECKING:
    from keruen.store.postgres import PostgresStore

# What PostgreSQL keeps in a text: everything but the null character and halves of surrogate pairs.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "NULL", "\\N", "{}", '"', "\\", "\t", "a\nb\r", ",", "\\.", "қ"]
)
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | TEXTS,
        st.integers(-(2**31), 2**31 - 1),
        st.decimals(-(10**9), 10**9, places=6),
        st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
        st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
        st.booleans(),
        st.none() | st.binary(max_size=8),
    ),
    max_size=6,
)
TYPES = ("text", "text", "int", "numeric", "timestamptz", "date", "bool", "bytea")
NAMES = ", ".join(f"c{number}" for number in range(len(TYPES)))


def read(cursor: Any) -> list[tuple[Any, ...]]:
    return [tuple(bytes(each) if isinstance(each, memoryview) else each for each in row) for row in cursor]


@pytest.mark.postgres
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_rows_come_back_as_they_went(postgres: PostgresStore, rows: list[tuple[Any, ...]]) -> None:
    del postgres
    from keruen.store.rows import raw_connection

    raw = raw_connection()
    if rows:
        casts = ", ".join(f"%s::{kind}[]" for kind in TYPES)
        assert read(raw.execute(f"SELECT * FROM unnest({casts})", arrays(rows))) == rows
    with raw.transaction(force_rollback=True):
        columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(TYPES))
        raw.execute(f"CREATE TEMPORARY TABLE lines (place serial, {columns})")
        if rows:
            with raw.cursor().copy(f"COPY lines ({NAMES}) FROM STDIN") as copy:
                copy.write(copy_lines(rows))
        assert read(raw.execute(f"SELECT {NAMES} FROM lines ORDER BY place")) == rows


def test_an_empty_column_is_an_empty_array() -> None:
    assert array([]) == "{}"


def test_a_column_of_names_with_values_is_written_by_value() -> None:
    from keruen.model.lot import Status

    assert array([Status.FREE, "held"]) == '{"free","held"}'
    assert copy_lines([(Status.FREE, 1), (Status.HELD, 2)]) == b"free\t1\nheld\t2\n"


def test_what_no_column_holds_is_a_defect_of_ours() -> None:
    with pytest.raises(AssertionError, match="list"):
        array([["a"], None])
    with pytest.raises(AssertionError, match="float"):
        copy_lines([(1.5,), (Decimal(1),)])
