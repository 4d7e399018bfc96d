"""Questions asked of the books in PostgreSQL; see `ports.Reader` and `ports.ListReader`.

Every question names a lot, a document or a holder, or walks an index that is as long as its
answer, so that a page of a large book costs what it costs on a small one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from keruen.model.document import Event, StoredDocument
from keruen.model.lot import Balance, Edge, Lot, Posting
from keruen.model.profile import Profile
from keruen.store.columns import array
from keruen.store.rows import (
    DOCUMENT_READ,
    EDGE,
    EDGE_READ,
    EVENT,
    LOT,
    POSTING,
    asked,
    decision_from,
    edges_from,
    raw_connection,
    rows_of,
    stored_document,
)
from keruen.workflow.ports import DueDocument, Page, Query, Row

ROW = (
    "id",
    "kind",
    "state",
    "movement",
    "channel",
    "attention",
    "holder",
    "counterparty",
    "issued_on",
    "recorded_at",
    "due_at",
    "decision",
)
WITHIN = (
    "document_id = %s AND recorded_at BETWEEN (SELECT recorded_at FROM keruen_document WHERE id = %s) "
    "AND (SELECT updated_at FROM keruen_document WHERE id = %s)"
)
"""What belongs to a document, within the months in which anything was learnt of it: no other partition is looked at.

Nothing is learnt of a document before its first version or after its last change; `Run.enter_state` sees to it.
"""
COUNT_LIMIT = 10_000
"""A list counts so far; beyond it says "more than"."""


class PostgresReader:
    """Reads; nothing is locked."""

    profile: Profile

    def document(self, document_id: str) -> StoredDocument | None:
        """See `ports.Reader`."""
        row = asked(f"SELECT {', '.join(DOCUMENT_READ)} FROM keruen_document WHERE id = %s", (document_id,)).fetchone()
        return stored_document(self.profile, row) if row else None

    def standing_in(self, states: Collection[tuple[str, str]], after: str, limit: int) -> list[StoredDocument]:
        """See `ports.Reader`."""
        rows = rows_of(
            f"SELECT {', '.join(DOCUMENT_READ)} FROM keruen_document "
            "WHERE id > %s AND (kind, state) IN (SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY id LIMIT %s",
            (after, [kind for kind, _ in states], [state for _, state in states], limit),
        )
        return [stored_document(self.profile, row) for row in rows]

    def last_recorded(self) -> datetime | None:
        """The latest time at which anything was learnt; None in empty books."""
        row = asked("SELECT max(recorded_at) FROM keruen_event").fetchone()
        return row[0] if row else None

    def events_of(self, document_id: str) -> list[Event]:
        """See `ports.Reader`."""
        return [
            Event._make((*row[:12], bytes(row[12])))
            for row in rows_of(
                f"SELECT {', '.join(EVENT)} FROM keruen_event WHERE {WITHIN} ORDER BY seq", (document_id,) * 3
            )
        ]

    def lots(self, lot_ids: Iterable[str]) -> dict[str, Lot]:
        """See `ports.Reader`."""
        return {
            row[0]: Lot._make(row)
            for row in rows_of(
                f"SELECT {', '.join(LOT)} FROM keruen_lot WHERE lot_id = ANY(%s::text[])", (array(list(lot_ids)),)
            )
        }

    def lots_of_document(self, document_id: str) -> list[Lot]:
        """See `ports.Reader`."""
        return [
            Lot._make(row)
            for row in rows_of(
                f"SELECT {', '.join(LOT)} FROM keruen_lot WHERE document_id = %s ORDER BY line", (document_id,)
            )
        ]

    def balances_of(self, lot_ids: Iterable[str]) -> list[Balance]:
        """See `ports.Reader`."""
        rows = (
            Balance(*row)
            for row in rows_of(
                "SELECT lot_id, holder, free, reserved, in_transit, held, seized FROM keruen_balance "
                "WHERE lot_id = ANY(%s::text[]) ORDER BY lot_id, holder",
                (array(list(lot_ids)),),
            )
        )
        return [row for row in rows if row.total != 0]

    def postings_of_lots(self, lot_ids: Iterable[str]) -> list[Posting]:
        """See `ports.Reader`. Months before the oldest lot was learnt of are not looked at."""
        wanted = array(list(lot_ids))
        since = asked("SELECT min(recorded_at) FROM keruen_lot WHERE lot_id = ANY(%s::text[])", (wanted,)).fetchone()
        if since is None or since[0] is None:
            return []
        return self._postings("lot_id = ANY(%s::text[]) AND recorded_at >= %s", (wanted, since[0]))

    def postings_of_document(self, document_id: str) -> list[Posting]:
        """See `ports.Reader`."""
        return self._postings(WITHIN, (document_id,) * 3)

    def _postings(self, where: str, values: tuple[Any, ...]) -> list[Posting]:
        return [
            Posting._make(row)
            for row in rows_of(
                f"SELECT {', '.join(POSTING)} FROM keruen_posting WHERE {where} ORDER BY posting_id", values
            )
        ]

    def lineage(self, lot_ids: Iterable[str], *, up: bool, limit: int) -> list[Edge]:
        """See `ports.Reader`. A question a generation, the nearest first; what many paths lead to is asked of once.

        One recursive query looks every lot up twice, once to walk on and once for its edges, which costs more than
        the few questions saved.
        """
        near, far = ("child", "parent") if up else ("parent", "child")
        question = (
            f"SELECT {', '.join(EDGE_READ)} FROM keruen_lot_edge WHERE {near} = ANY(%s::text[]) "
            f"ORDER BY child, parent, component LIMIT %s"
        )
        place = EDGE.index(far)
        found: list[tuple[Any, ...]] = []
        front = set(lot_ids)
        seen = set(front)
        while front and len(found) < limit:
            level = rows_of(question, (array(sorted(front)), limit - len(found)))
            found += level
            front = {row[place] for row in level} - seen
            seen |= front
        return edges_from(found)

    def lots_moved_by(self, document_id: str, line: int | None = None) -> list[str]:
        """See `ports.Reader`."""
        return [
            row[0]
            for row in rows_of(
                f"SELECT DISTINCT lot_id FROM keruen_posting WHERE {WITHIN} AND (%s::int IS NULL OR line = %s) "
                "ORDER BY lot_id",
                (document_id, document_id, document_id, line, line),
            )
        ]

    def due(self, at: datetime, limit: int) -> list[DueDocument]:
        """See `ports.Reader`."""
        return [
            DueDocument(*row)
            for row in rows_of(
                "SELECT id, due_transition, due_at FROM keruen_document WHERE due_transition <> '' AND due_at <= %s "
                "ORDER BY due_at, id LIMIT %s",
                (at, limit),
            )
        ]

    def page(self, query: Query) -> Page:
        """See `ports.ListReader`. Counts to `COUNT_LIMIT`."""
        conditions, values = ["true"], []
        for name in ("kind", "state", "channel"):
            value = getattr(query, name)
            if value:
                conditions.append(f"{name} = %s")
                values.append(value)
        if query.attention:
            conditions.append("attention")
        if query.text:
            conditions.append("id >= %s AND id < %s")
            values += [query.text, query.text + "\U0010ffff"]
        if query.late_at is not None:
            conditions.append("due_at < %s")
            values.append(query.late_at)
        order = "recorded_at, id" if query.attention else "recorded_at DESC, id DESC"
        raw = raw_connection()
        rows = raw.execute(
            *_union(", ".join(ROW), _sides(query.organisation, conditions, values), order, query.limit, query.offset)
        ).fetchall()
        counted, wanted = _union("1", _sides(query.organisation, conditions, values), "", COUNT_LIMIT)
        total = raw.execute(f"SELECT count(*) FROM ({counted}) AS found", wanted).fetchone()
        assert total is not None
        found = []
        for row in rows:
            decision = decision_from(row[-1])
            found.append(Row._make((*row[:-1], decision.findings if decision else ())))
        return Page(tuple(found), total[0])

    def names(self, organisations: Iterable[str]) -> dict[str, str]:
        """See `ports.ListReader`."""
        return dict(
            asked(
                "SELECT id, name FROM keruen_organisation WHERE id = ANY(%s::text[])", (array(set(organisations)),)
            ).fetchall()
        )

    def totals(self) -> dict[str, int]:
        """See `ports.ListReader`. Counts whole tables: for a summary, not for a page."""
        raw, found = raw_connection(), {}
        for name, table in (("documents", "document"), ("lots", "lot"), ("postings", "posting"), ("edges", "lot_edge")):
            row = raw.execute(f"SELECT count(*) FROM keruen_{table}").fetchone()
            found[name] = row[0] if row else 0
        row = raw.execute(
            "SELECT (SELECT count(*) FROM keruen_leaf) + (SELECT count(*) FROM keruen_log_entry)"
        ).fetchone()
        found["leaves"] = row[0] if row else 0
        for kind, state, count in raw.execute("SELECT kind, state, count(*) FROM keruen_document GROUP BY 1, 2"):
            found[f"{kind}/{state}"] = count
        return found


def _sides(organisation: str, conditions: list[str], values: list[Any]) -> list[tuple[str, list[Any]]]:
    """The conditions of a list, once for each side of the documents an organisation may be on.

    One `OR` over both sides reads and sorts all that a firm ever filed; each side by itself is an index in order.
    """
    where = " AND ".join(conditions)
    if not organisation:
        return [(where, values)]
    return [
        (f"{where} AND holder = %s", [*values, organisation]),
        (
            f"{where} AND counterparty = %s AND counterparty <> '' AND holder <> %s",
            [*values, organisation, organisation],
        ),
    ]


def _union(
    columns: str, sides: list[tuple[str, list[Any]]], order: str, limit: int, offset: int = 0
) -> tuple[str, list[Any]]:
    """The first rows of all sides together, and the values asked for; each side is read no further than needed."""
    sorting = f" ORDER BY {order}" if order else ""
    parts = [f"(SELECT {columns} FROM keruen_document WHERE {where}{sorting} LIMIT %s)" for where, _ in sides]
    wanted = [each for _, values in sides for each in (*values, limit + offset)]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS sides{sorting} LIMIT %s OFFSET %s", [*wanted, limit, offset]
