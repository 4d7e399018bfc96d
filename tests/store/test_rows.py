"""Rows of the books as records."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection

from keruen.model.lot import Edge
from keruen.store.postgres import PostgresStore
from keruen.store.rows import EDGE, EDGE_READ, edges_from, raw_connection


def test_an_edge_is_read_as_it_was_written() -> None:
    rows = [
        ("P-1/1", "DT-1/1", 1, "2.500000", "H87", "1", "3", "P-1", "2026-03-01 10:00:00.1234+00"),
        ("P-1/1", "DT-2/1", 1, "5.000000", "H87", "2", "3", "P-1", "2026-03-01 10:00:00.1234+00"),
        # A share is a whole number of any length.
        ("P-2/1", "P-1/1", 2, "5.000000", "KGM", "1" + "0" * 30, "1" + "0" * 30, "P-2", "2026-03-02 00:00:00+00"),
    ]
    at = datetime(2026, 3, 1, 10, 0, 0, 123400, UTC)
    assert edges_from(rows) == [
        Edge("P-1/1", "DT-1/1", 1, Decimal("2.5"), "H87", 1, 3, "P-1", at),
        Edge("P-1/1", "DT-2/1", 1, Decimal(5), "H87", 2, 3, "P-1", at),
        Edge("P-2/1", "P-1/1", 2, Decimal(5), "KGM", 10**30, 10**30, "P-2", datetime(2026, 3, 2, tzinfo=UTC)),
    ]


def test_no_rows_are_no_edges() -> None:
    assert edges_from([]) == []


def test_an_edge_is_read_in_the_order_of_its_fields() -> None:
    assert tuple(name.removesuffix("::text") for name in EDGE_READ) == EDGE


@pytest.mark.postgres
def test_a_server_that_writes_times_in_its_own_way_is_told_ours(postgres: PostgresStore) -> None:
    raw_connection().execute("ALTER ROLE CURRENT_USER SET DateStyle TO 'German'")
    connection.close()
    try:
        found = raw_connection().execute(
            "SELECT timestamptz '2026-03-01 10:00:00+00' AS at, current_setting('DateStyle')"
        )
        at, style = found.fetchone() or ("", "")
        assert str(style).startswith("ISO")
        assert at == datetime(2026, 3, 1, 10, tzinfo=UTC)
        text = raw_connection().execute("SELECT (timestamptz '2026-03-01 10:00:00+00')::text").fetchone()
        assert text == ("2026-03-01 10:00:00+00",)
    finally:
        raw_connection().execute("ALTER ROLE CURRENT_USER RESET DateStyle")
        connection.close()
