"""Questions only a console page asks, each answered for a whole page by one query."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from keruen.documents.parsing import document_from_canonical
from keruen.store.rows import DOCUMENT_READ, asked, raw_connection, stored_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keruen.model.document import Document, StoredDocument
    from keruen.model.profile import Profile

CITING_LIMIT = 200


class Version(NamedTuple):
    """A version of a document that a correction replaced."""

    version: int
    state: str
    filed_by_user: str
    recorded_at: datetime


def documents(profile: Profile, document_ids: Iterable[str]) -> dict[str, Document]:
    """The versions in force of many documents, by id; unknown ids are left out."""
    rows = asked("SELECT id, body FROM keruen_document WHERE id = ANY(%s)", (list(document_ids),))
    return {row[0]: document_from_canonical(bytes(row[1]), profile) for row in rows}


def citing(profile: Profile, document_id: str) -> list[StoredDocument]:
    """Documents that relate to a document, oldest first, at most `CITING_LIMIT`."""
    rows = asked(
        f"SELECT {', '.join(DOCUMENT_READ)} FROM keruen_document WHERE relates_to = %s AND relates_to <> '' "
        f"ORDER BY recorded_at, id LIMIT %s",
        (document_id, CITING_LIMIT),
    )
    return [stored_document(profile, row) for row in rows]


def stored_documents(profile: Profile, document_ids: Iterable[str]) -> list[StoredDocument]:
    """Many documents as stored, in order of id; unknown ids are left out."""
    rows = asked(
        f"SELECT {', '.join(DOCUMENT_READ)} FROM keruen_document WHERE id = ANY(%s) ORDER BY id", (list(document_ids),)
    )
    return [stored_document(profile, row) for row in rows]


def versions(document_id: str) -> list[Version]:
    """Replaced versions of a document, oldest first."""
    return [
        Version(*row)
        for row in asked(
            "SELECT version, state, filed_by_user, recorded_at FROM keruen_document_version WHERE document_id = %s "
            "ORDER BY version",
            (document_id,),
        )
    ]


def log_indices(event_ids: Iterable[str]) -> dict[str, int | None]:
    """Event to the index of its first journal entry; None while it waits to be published."""
    wanted = list(event_ids)
    raw = raw_connection()
    found: dict[str, int | None] = {
        row[0]: None for row in raw.execute("SELECT event_id FROM keruen_leaf WHERE event_id = ANY(%s)", (wanted,))
    }
    rows: Any = raw.execute(
        "SELECT event_id, min(log_index) FROM keruen_log_entry WHERE event_id = ANY(%s) GROUP BY event_id", (wanted,)
    )
    found.update({row[0]: row[1] for row in rows})
    return found


def is_organisation(organisation: str) -> bool:
    """Whether any document named an organisation by that id."""
    row = asked("SELECT 1 FROM keruen_organisation WHERE id = %s", (organisation,)).fetchone()
    return row is not None
