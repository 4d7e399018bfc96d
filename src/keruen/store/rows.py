"""Rows of the books as records: column orders, and how a document and a decision are read back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import inf
from time import monotonic
from typing import Any

import psycopg
from django.db import DatabaseError, OperationalError, connection
from psycopg import errors as pg

from keruen.documents.parsing import document_from_canonical
from keruen.errors import IntegrityFailure, Unavailable
from keruen.model.document import StoredDocument
from keruen.model.finding import Channel, Decision, Finding, Severity
from keruen.model.lot import Edge, Lot, Posting
from keruen.model.profile import Profile

RETRY = (pg.DeadlockDetected, pg.SerializationFailure, pg.UniqueViolation, pg.LockNotAvailable)
DOCUMENT = (
    "id",
    "kind",
    "version",
    "state",
    "movement",
    "issued_on",
    "holder",
    "counterparty",
    "filer",
    "filed_by_user",
    "relates_to",
    "due_at",
    "due_transition",
    "channel",
    "attention",
    "released_by",
    "last_event_id",
    "recorded_at",
    "updated_at",
    "salt",
    "body",
    "decision",
    "jurisdiction",
)
"""Columns of a document as it is written."""
DOCUMENT_READ = (
    "state",
    "filer",
    "filed_by_user",
    "recorded_at",
    "updated_at",
    "salt",
    "relates_to",
    "due_at",
    "due_transition",
    "channel",
    "decision",
    "released_by",
    "last_event_id",
    "attention",
    "body",
)
RESERVATION = ("document_id", "line", "lot_id", "holder", "unit", "allotted", "remaining", "status", "recorded_at")
ALLOWANCE = ("document_id", "line", "purpose", "commodity_code", "unit", "granted", "used", "withdrawn")
LOT = Lot._fields
POSTING = Posting._fields
EDGE = Edge._fields
EDGE_READ = (
    "child",
    "parent",
    "component",
    "quantity::text",
    "unit",
    "share_numerator::text",
    "share_denominator::text",
    "document_id",
    "recorded_at::text",
)
"""Columns of an edge as `edges_from` reads them."""
EVENT = (
    "event_id",
    "document_id",
    "version",
    "transition",
    "from_state",
    "to_state",
    "user_name",
    "organisation",
    "role",
    "reason",
    "effective_at",
    "recorded_at",
    "content_sha256",
)


_trusted = threading.local()


def trust_connection() -> None:
    """Note that this thread's connection has just served."""
    _trusted.at = monotonic()


def distrust_connection() -> None:
    """Note that it has not."""
    _trusted.at = -inf


def check_connection(*, trusted_s: float = 0.0) -> None:
    """Ask the server whether the connection still stands, and give it up if not; call outside a transaction.

    Args:
        trusted_s: A connection that served so lately is not asked about: under load the question is a tenth of a
            small batch. Whoever trusts must try again where the server went away meanwhile.

    Django does this at the beginning of a web request. Threads that serve none, such as the one that
    submits, must ask themselves, or a server's restart costs them the next transaction.
    """
    if connection.connection is not None and not connection.in_atomic_block:
        if monotonic() - getattr(_trusted, "at", -inf) < trusted_s:
            return
        connection.close_if_unusable_or_obsolete()
        connection.close_if_health_check_failed()


def raw_connection() -> psycopg.Connection[Any]:
    """The psycopg connection under Django's, opened if need be, and anew where the server went away.

    Django looks for a lost connection only at the end of a web request; a worker that met the
    server's end in a read would keep the broken one for ever.
    """
    if connection.connection is not None and connection.connection.closed and not connection.in_atomic_block:
        connection.close()
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def asked(query: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
    """The answer to a question outside a transaction of ours.

    Raises:
        Unavailable: The database cannot be reached.
    """
    try:
        return raw_connection().execute(query, parameters)
    except (DatabaseError, psycopg.Error) as error:
        raise translated(error) from error


def rows_of(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of an answer at once: fetched one by one, each would pass through Python.

    Raises:
        Unavailable: The database cannot be reached.
    """
    return asked(query, parameters).fetchall()


def translated(error: Exception) -> Exception:
    """A database error as one of ours."""
    cause = error.__cause__ if isinstance(error, DatabaseError) and error.__cause__ else error
    if isinstance(cause, RETRY):
        return Unavailable(f"another batch got in between: {cause}", code="retry")
    if isinstance(cause, pg.CheckViolation):
        return IntegrityFailure(f"the database refused a row: {cause}", code="below_nought")
    if isinstance(error, OperationalError) or isinstance(cause, psycopg.OperationalError):
        return Unavailable(f"the database cannot be reached: {cause}", code="database")
    return error


def stored_document(profile: Profile, row: Sequence[Any]) -> StoredDocument:
    """A row of `DOCUMENT_READ` as a document."""
    (
        state,
        filer,
        filed_by_user,
        recorded_at,
        updated_at,
        salt,
        relates_to,
        due_at,
        due_transition,
        channel,
        decision,
        released_by,
        last_event_id,
        attention,
        body,
    ) = row
    return StoredDocument(
        document_from_canonical(bytes(body), profile),
        state,
        filer,
        filed_by_user,
        recorded_at,
        updated_at,
        bytes(salt),
        relates_to=relates_to,
        due_at=due_at,
        due_transition=due_transition,
        channel=channel,
        decision=decision_from(decision),
        released_by=released_by,
        last_event_id=last_event_id,
        attention=attention,
        body=bytes(body),
    )


def edges_from(rows: Sequence[Sequence[Any]]) -> list[Edge]:
    """Rows of `EDGE_READ` as edges.

    Amounts and times come as text, and each is made once, however many edges have it: psycopg makes them value by
    value, at three to five times the cost of a text, which was most of what reading a lineage took outside the server.
    """
    if not rows:
        return []
    child, parent, component, quantity, unit, numerator, denominator, document_id, recorded_at = zip(*rows, strict=True)
    amounts = {text: Decimal(text) for text in set(quantity)}
    times = {text: datetime.fromisoformat(text) for text in set(recorded_at)}
    columns = (
        child,
        parent,
        component,
        map(amounts.__getitem__, quantity),
        unit,
        map(int, numerator),
        map(int, denominator),
        document_id,
        map(times.__getitem__, recorded_at),
    )
    return list(map(Edge._make, zip(*columns, strict=True)))


def decision_from(stored: dict[str, Any] | None) -> Decision | None:
    """A decision from its JSON."""
    if stored is None:
        return None
    return Decision(
        Channel(stored["channel"]),
        tuple(
            Finding(code, Severity(severity), path, params, source)
            for code, severity, path, params, source in stored["findings"]
        ),
        datetime.fromisoformat(stored["decided_at"]),
        stored["author"],
        stored["rules"],
        stored["editions"],
        {name: tuple(value) if isinstance(value, list) else value for name, value in stored.get("facts", {}).items()},
        tuple(stored.get("shadow", ())),
        stored.get("ranking", {}),
        stored.get("selection", ""),
    )
