"""A list changed: every pending document whose parties the change can touch is asked about again.

The changed entries are asked of the parties of pending documents, not the other way round, so a small change costs
little however many documents wait. Each document touched is then a command of the system like any other: journaled,
decided in its transaction with the screener in force, harmless when it is repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from keruen.model.actor import SYSTEM
from keruen.model.document import Action, StoredDocument
from keruen.model.outcome import Outcome, Verdict
from keruen.model.party import Edition, Party
from keruen.model.profile import RESCREEN
from keruen.screening.rescreen import Register
from keruen.watchlists.ownership import below
from keruen.workflow.screen import parties_of
from keruen.workflow.submit import Office, submit

PAGE = 2_000
BATCH = 200


class Rescreened(NamedTuple):
    """What became of a change."""

    documents: int
    """Pending documents looked at."""
    alarms: tuple[tuple[str, Outcome], ...]
    """(document, outcome) of those that are before an officer now and were not for this."""


def rescreen(office: Office, edition: Edition, ids: Collection[str], threshold: float, at: datetime) -> Rescreened:
    """Raise an alarm on every pending document that a changed list touches.

    Args:
        office: The books; its screener already rests on the edition.
        edition: In force now.
        ids: Entries that were added or changed. Whoever they own or control is looked for as well.
        threshold: The lowest score from which on a match may count.
        at: Now.
    """
    wanted = below(ids, edition.links)
    asked: dict[Party, list[str]] = {}
    documents = 0
    for stored in pending(office):
        documents += 1
        for _, party in parties_of(stored.document):
            found = asked.setdefault(party._replace(role="", reference=""), [])
            if not found or found[-1] != stored.id:
                found.append(stored.id)
    if not documents:
        return Rescreened(0, ())
    touched = Register(list(asked)).rescreen(edition, wanted, threshold=threshold)
    ids_touched = sorted({each for party in touched for each in asked[party.party]})
    actions = [_action(each, edition, at) for each in ids_touched]
    alarms: list[tuple[str, Outcome]] = []
    for start in range(0, len(actions), BATCH):
        part = actions[start : start + BATCH]
        outcomes = submit(office, part)
        alarms += [
            (action.document_id, outcome)
            for action, outcome in zip(part, outcomes, strict=True)
            if outcome.verdict == Verdict.ACCEPTED
        ]
    return Rescreened(documents, tuple(alarms))


def pending(office: Office) -> Iterator[StoredDocument]:
    """Every document on whose strength goods may yet move, by id."""
    states = [(kind.name, state) for kind in office.profile.kinds.values() for state in sorted(kind.pending)]
    after = ""
    while rows := office.store.standing_in(states, after, PAGE):
        yield from rows
        after = rows[-1].id


def _action(document_id: str, edition: Edition, at: datetime) -> Action:
    # An edition may come into force again after it was taken back, so the day is part of the key.
    key = f"{document_id}:{RESCREEN}:{edition.sha256[:16]}:{at:%Y%m%dT%H%M%SZ}"
    content = hashlib.sha256(key.encode()).digest()
    return Action(key, document_id, RESCREEN, SYSTEM, content, f"list changed: {edition.name}", filed_at=at)
