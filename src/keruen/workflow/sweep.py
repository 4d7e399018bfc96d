"""What the clock does: take documents whose deadline has passed to where the profile says.

Waybills lapse, exits are asked after, licences expire, expected arrivals become overdue. No
such transition ever releases goods; the profile is refused at load if one did. Running twice
does nothing twice: the key of each step is the document, the step and its due time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from keruen.model.actor import SYSTEM
from keruen.model.document import Action
from keruen.model.outcome import Outcome
from keruen.workflow.ports import DueDocument
from keruen.workflow.submit import Office, submit

BATCH = 500


def sweep(office: Office, at: datetime) -> list[tuple[Action, Outcome]]:
    """Take every document due by `at` through its transition.

    Args:
        office: The books.
        at: Now, or in a replayed history the time it has come to.

    Returns:
        The clock's command and its outcome, one a document. One that another command moved
        meanwhile is rejected and harmless.
    """
    done: list[tuple[Action, Outcome]] = []
    while True:
        commands = actions(office.store.due(at, BATCH))
        outcomes = submit(office, commands) if commands else []
        done += zip(commands, outcomes, strict=True)
        if len(commands) < BATCH or all(each.problem is not None for each in outcomes):
            return done


def actions(due: Sequence[DueDocument]) -> list[Action]:
    """The commands of the clock."""
    found = []
    for row in due:
        key = f"{row.document_id}:{row.transition}:{row.due_at:%Y%m%dT%H%M%SZ}"
        found.append(
            Action(
                key,
                row.document_id,
                row.transition,
                SYSTEM,
                hashlib.sha256(key.encode()).digest(),
                "deadline passed",
                filed_at=row.due_at,
            )
        )
    return found
