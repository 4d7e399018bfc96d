"""Cases in PostgreSQL: a row as each stands, and beside it all that was ever done to it.

Two officers who take at once skip what the other has locked, so neither waits and they never get the same case.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
import psycopg
from django.db import DatabaseError
from django.db import transaction as django_transaction

from keruen.cases.case import Case, CaseEvent, Joined, Result, Subject
from keruen.cases.outcomes import Label
from keruen.cases.record import as_data, of_data
from keruen.model.finding import Severity
from keruen.store.rows import check_connection, decision_from, raw_connection, translated
from keruen.workflow.ports import BULK_KEPT, Bulk, CaseCount, CasePage, CaseQuery, Undecided

COLUMNS = (
    "number",
    "jurisdiction",
    "subject_kind",
    "subject_key",
    "state",
    "queue",
    "team",
    "priority",
    "assignee",
    "lock_holder",
    "locked_until",
    "diary_on",
    "due_at",
    "opened_at",
    "closed_at",
    "result",
    "asked",
    "filers",
    "revision",
    "body",
)
EVENT = (
    "number",
    "revision",
    "name",
    "user_name",
    "organisation",
    "role",
    "at",
    "from_state",
    "to_state",
    "data",
    "key",
)
ORDER = "priority, due_at NULLS LAST, number"
LABELS_AT_A_TIME = 2000
_SAVE = (
    f"INSERT INTO keruen_case ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "
    f"ON CONFLICT (number) DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in COLUMNS[2:])}"
)


class PostgresCases:
    """Keeps the cases of one jurisdiction in the database Django is connected to."""

    def __init__(self, jurisdiction: str) -> None:
        self.jurisdiction = jurisdiction

    @contextmanager
    def transaction(self) -> Iterator[PostgresCaseTransaction]:
        """Begin; see `ports.Cases`."""
        try:
            check_connection()
            with django_transaction.atomic():
                yield PostgresCaseTransaction(raw_connection(), self.jurisdiction)
        except (DatabaseError, psycopg.Error) as error:
            raise translated(error) from error

    def case(self, number: int) -> Case | None:
        """See `ports.Cases`."""
        row = raw_connection().execute("SELECT body FROM keruen_case WHERE number = %s", (number,)).fetchone()
        return of_data(row[0]) if row else None

    def events(self, number: int) -> list[CaseEvent]:
        """See `ports.Cases`."""
        rows = raw_connection().execute(
            f"SELECT {', '.join(EVENT)} FROM keruen_case_event WHERE number = %s ORDER BY revision", (number,)
        )
        return [CaseEvent._make(row) for row in rows]

    def page(self, query: CaseQuery) -> CasePage:
        """See `ports.Cases`."""
        conditions, values = ["jurisdiction = %s"], [self.jurisdiction]
        conditions.append("state = %s" if query.state else "state <> %s")
        values.append(query.state or "closed")
        for name, value in (("queue", query.queue), ("team", query.team), ("subject_key", query.subject)):
            if value:
                conditions.append(f"{name} = %s")
                values.append(value)
        more: list[Any] = []
        if query.user:
            conditions.append("(assignee = %s OR lock_holder = %s)")
            more += [query.user, query.user]
        if query.late_at is not None:
            conditions.append("due_at < %s")
            more.append(query.late_at)
        where, wanted = " AND ".join(conditions), [*values, *more]
        raw = raw_connection()
        rows = raw.execute(
            f"SELECT body FROM keruen_case WHERE {where} ORDER BY {ORDER} LIMIT %s OFFSET %s",
            [*wanted, query.limit, query.offset],
        ).fetchall()
        total = raw.execute(f"SELECT count(*) FROM keruen_case WHERE {where}", wanted).fetchone()
        assert total is not None
        return CasePage(tuple(of_data(row[0]) for row in rows), total[0])

    def asked(self, organisation: str) -> list[Case]:
        """See `ports.Cases`."""
        rows = raw_connection().execute(
            "SELECT body FROM keruen_case WHERE asked = %s AND asked <> '' AND jurisdiction = %s",
            (organisation, self.jurisdiction),
        )
        return sorted((of_data(row[0]) for row in rows), key=_question_due)

    def counts(self, at: datetime) -> list[CaseCount]:
        """See `ports.Cases`."""
        rows = raw_connection().execute(
            "SELECT queue, state, count(*), count(*) FILTER (WHERE due_at < %s) FROM keruen_case "
            "WHERE jurisdiction = %s GROUP BY 1, 2 ORDER BY 1, 2",
            (at, self.jurisdiction),
        )
        return [CaseCount._make(row) for row in rows]

    def labels(self) -> Iterator[Label]:
        """See `ports.Cases`. Read in parts, so that a long history does not fill memory."""
        last = (0, 0)
        while True:
            rows = (
                raw_connection()
                .execute(
                    "SELECT f.number, f.revision, c.subject_kind, c.subject_key, f.document_id, f.version, f.event_id, "
                    "f.code, f.severity, f.path, f.source, c.result, c.closed_at FROM keruen_case_finding f "
                    "JOIN keruen_case c ON c.number = f.number WHERE c.state = 'closed' AND c.jurisdiction = %s "
                    "AND (f.number, f.revision) > (%s, %s) ORDER BY f.number, f.revision LIMIT %s",
                    (self.jurisdiction, *last, LABELS_AT_A_TIME),
                )
                .fetchall()
            )
            for row in rows:
                severity = Severity(row[8]).name.lower()
                yield Label._make((f"C-{row[0]}", *row[2:8], severity, *row[9:11], Result(row[11]), row[12]))
            if len(rows) < LABELS_AT_A_TIME:
                return
            last = (rows[-1][0], rows[-1][1])


class PostgresCaseTransaction:
    """One unit of work; see `ports.CaseTransaction`."""

    def __init__(self, raw: psycopg.Connection[Any], jurisdiction: str) -> None:
        self.raw = raw
        self.jurisdiction = jurisdiction

    def undecided(self, limit: int) -> list[Undecided]:
        """See `ports.CaseTransaction`."""
        rows = self.raw.execute(
            "WITH taken AS (DELETE FROM keruen_case_waiting WHERE (recorded_at, event_id) IN (SELECT recorded_at, "
            "event_id FROM keruen_case_waiting ORDER BY recorded_at, event_id LIMIT %s FOR UPDATE SKIP LOCKED) "
            "RETURNING recorded_at, event_id) SELECT d.document_id, d.version, d.event_id, d.decision FROM taken t "
            "JOIN keruen_decision d ON d.recorded_at = t.recorded_at AND d.event_id = t.event_id "
            "ORDER BY d.recorded_at, d.event_id",
            (limit,),
        ).fetchall()
        found = []
        for document_id, version, event_id, stored in rows:
            decision = decision_from(stored)
            assert decision is not None
            found.append(Undecided(document_id, version, event_id, decision))
        return found

    def lock(self, number: int) -> Case | None:
        """See `ports.CaseTransaction`."""
        return self._one("number = %s", (number,), "FOR UPDATE")

    def lock_open(self, subject: Subject) -> Case | None:
        """See `ports.CaseTransaction`."""
        return self._one(
            "subject_kind = %s AND subject_key = %s AND state <> 'closed' AND jurisdiction = %s",
            (subject.kind.value, subject.key, self.jurisdiction),
            "FOR UPDATE",
        )

    def lock_next(self, user: str, at: datetime, *, queue: str, team: str) -> Case | None:
        """See `ports.CaseTransaction`."""
        return self._one(
            "jurisdiction = %s AND (state = 'open' OR (state = 'taken' AND locked_until <= %s) "
            "OR (state = 'diary' AND diary_on <= %s)) AND assignee IN ('', %s) AND NOT filers @> ARRAY[%s::text] "
            "AND (%s = '' OR queue = %s) AND (%s = '' OR team = %s)",
            (self.jurisdiction, at, at.date(), user, user, queue, queue, team, team, user),
            f"ORDER BY (assignee = %s) DESC, {ORDER} LIMIT 1 FOR UPDATE SKIP LOCKED",
        )

    def _one(self, where: str, values: tuple[Any, ...], how: str) -> Case | None:
        row = self.raw.execute(f"SELECT body FROM keruen_case WHERE {where} {how}", values).fetchone()
        return of_data(row[0]) if row else None

    def next_number(self) -> int:
        """See `ports.CaseTransaction`."""
        row = self.raw.execute("SELECT nextval('keruen_case_number')").fetchone()
        assert row is not None
        return int(row[0])

    def seen(self, key: str) -> CaseEvent | None:
        """See `ports.CaseTransaction`."""
        row = self.raw.execute(
            f"SELECT {', '.join(EVENT)} FROM keruen_case_event WHERE key = %s AND key <> ''", (key,)
        ).fetchone()
        return CaseEvent._make(row) if row else None

    def save(self, case: Case, event: CaseEvent, joined: Joined | None = None) -> None:
        """See `ports.CaseTransaction`."""
        lock, closing, question = case.lock, case.closing, case.question
        self.raw.execute(
            _SAVE,
            (
                case.number,
                self.jurisdiction,
                case.subject.kind.value,
                case.subject.key,
                case.state.value,
                case.routing.queue,
                case.routing.team,
                case.routing.priority,
                case.assignee,
                lock.holder if lock else "",
                lock.until if lock else None,
                case.diary_on,
                case.due_at,
                case.opened_at,
                closing.at if closing else None,
                closing.result.value if closing else "",
                question.to if question else "",
                sorted(case.filers),
                case.revision,
                _json(as_data(case)),
            ),
        )
        self.raw.execute(
            f"INSERT INTO keruen_case_event ({', '.join(EVENT)}) VALUES ({', '.join(['%s'] * len(EVENT))})",
            (*event[:9], _json(dict(event.data)), event.key),
        )
        if joined is not None:
            values = [
                _json(dict(each)) if name == "params" else int(each) if name == "severity" else each
                for name, each in joined._asdict().items()
            ]
            self.raw.execute(
                f"INSERT INTO keruen_case_finding (number, revision, {', '.join(Joined._fields)}) "
                f"VALUES (%s, %s, {', '.join(['%s'] * len(values))})",
                [case.number, case.revision, *values],
            )

    def save_bulk(self, bulk: Bulk) -> None:
        """See `ports.CaseTransaction`."""
        items = [[as_data(case), revision] for case, revision in bulk.items]
        self.raw.execute("DELETE FROM keruen_case_bulk WHERE at < %s", (bulk.at - BULK_KEPT,))
        self.raw.execute(
            "INSERT INTO keruen_case_bulk VALUES (%s, %s, %s, %s)", (bulk.token, bulk.user, bulk.at, _json(items))
        )

    def take_bulk(self, token: str) -> Bulk | None:
        """See `ports.CaseTransaction`."""
        row = self.raw.execute(
            "DELETE FROM keruen_case_bulk WHERE token = %s RETURNING token, user_name, at, items", (token,)
        ).fetchone()
        return Bulk(row[0], row[1], row[2], tuple((of_data(data), each) for data, each in row[3])) if row else None


def _question_due(case: Case) -> tuple[datetime, int]:
    assert case.question is not None
    return case.question.due_at, case.number


def _json(value: Any) -> str:  # noqa: ANN401 - whatever a case holds
    return orjson.dumps(value).decode()
