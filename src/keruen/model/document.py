"""Documents as filed, and the commands that file and move them.

A document is flat: named header fields and numbered lines of named fields, the same names in
JSON, CSV, XLSX and the database. Values are already parsed (text, int, Decimal, date, aware
datetime); how each name is read stands in the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from keruen.model.actor import Actor
from keruen.model.finding import Decision

Value = str | int | Decimal | date | datetime
Fields = Mapping[str, Any]


class Document(NamedTuple):
    """One version of one document, as filed.

    `header` holds every header field but kind, id and version; `lines` are in order of `line`.
    """

    kind: str
    id: str
    version: int
    header: Fields
    lines: tuple[Fields, ...]

    @property
    def movement(self) -> str:
        """What a waybill moves goods for: entry, transfer or export; empty for other kinds."""
        return str(self.header.get("movement", ""))

    @property
    def issued_on(self) -> date:
        """The date the document bears."""
        value = self.header["issued_on"]
        assert isinstance(value, date)
        return value

    def line(self, number: int) -> Fields | None:
        """The line of that number, or None."""
        for fields in self.lines:
            if fields["line"] == number:
                return fields
        return None


class Filing(NamedTuple):
    """Command: file a document, or a new version of it. The document's id and version are its key."""

    document: Document
    actor: Actor
    content_sha256: bytes
    """Hash of the canonical bytes of the document: same key, same hash, same answer."""
    body: bytes = b""
    """Those canonical bytes, which the store keeps."""
    draft: bool = False
    """File without sending."""
    filed_at: datetime | None = None
    """When it was filed, where a history is loaded; None means now."""
    group: str = ""
    """Filings and actions of one group stand or fall together."""

    @property
    def key(self) -> str:
        """The command's idempotency key."""
        return f"{self.document.id}@{self.document.version}"


class Action(NamedTuple):
    """Command: take a document through one transition of its state table."""

    id: str
    """Made by the client; the command's idempotency key."""
    document_id: str
    transition: str
    actor: Actor
    content_sha256: bytes
    reason: str = ""
    quantities: Mapping[int, Decimal] | None = None
    """For a partial confirmation: line to quantity; None means all of every line."""
    filed_at: datetime | None = None
    group: str = ""
    occurred_at: datetime | None = None
    """When it was true, if the client says; None means when we learnt it."""

    @property
    def key(self) -> str:
        """The command's idempotency key."""
        return self.id


Command = Filing | Action


class StoredDocument:
    """A document as the store keeps it: the version in force, its state and what was decided.

    Mutable: lives in a working set only.
    """

    __slots__ = (
        "attention",
        "body",
        "channel",
        "decision",
        "document",
        "due_at",
        "due_transition",
        "earlier_filers",
        "filed_by_user",
        "filer",
        "last_event_id",
        "recorded_at",
        "relates_to",
        "released_by",
        "salt",
        "state",
        "updated_at",
    )

    def __init__(
        self,
        document: Document,
        state: str,
        filer: str,
        filed_by_user: str,
        recorded_at: datetime,
        updated_at: datetime,
        salt: bytes,
        relates_to: str = "",
        due_at: datetime | None = None,
        due_transition: str = "",
        channel: str = "",
        decision: Decision | None = None,
        released_by: str = "",
        last_event_id: str = "",
        attention: bool = False,
        body: bytes = b"",
        earlier_filers: frozenset[str] = frozenset(),
    ) -> None:
        self.earlier_filers = earlier_filers
        """Who filed the versions that corrections replaced: no second person either."""
        self.document = document
        self.state = state
        self.filer = filer
        self.filed_by_user = filed_by_user
        self.recorded_at = recorded_at
        self.updated_at = updated_at
        self.salt = salt
        self.relates_to = relates_to
        self.due_at = due_at
        self.due_transition = due_transition
        self.channel = channel
        self.decision = decision
        self.released_by = released_by
        self.last_event_id = last_event_id
        self.attention = attention
        """An officer should look: held, or something about it does not fit."""
        self.body = body
        """Canonical bytes of the version in force."""

    @property
    def id(self) -> str:
        """The document's id."""
        return self.document.id

    @property
    def kind(self) -> str:
        """The document's kind."""
        return self.document.kind


class Event(NamedTuple):
    """One accepted command as history: who took which document from which state to which, and why."""

    event_id: str
    document_id: str
    version: int
    transition: str
    from_state: str
    to_state: str
    user: str
    organisation: str
    role: str
    reason: str
    effective_at: datetime
    recorded_at: datetime
    content_sha256: bytes
