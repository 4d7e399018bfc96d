"""What an actor could do to a case now, found by trying: the rules stand once, in `steps`."""

from __future__ import annotations

from datetime import datetime, timedelta

from keruen.cases import commands as do
from keruen.cases.case import Case, Result
from keruen.cases.steps import apply
from keruen.errors import Conflict, Forbidden
from keruen.model.actor import Actor
from keruen.model.calendar import Calendar

ANY = "x"


def possible(case: Case, actor: Actor, at: datetime, calendar: Calendar) -> list[str]:
    """Names of commands that would be let through with the right words in them, in the order one works."""
    tries: list[do.Command] = [
        do.Take(),
        do.Note(ANY),
        do.Attach("a.txt", "0" * 64, 1, "text/plain"),
        do.Ask(min(case.organisations, default=""), ANY),
        do.Withdraw(ANY),
        do.Diary(max(at, case.updated_at).date() + timedelta(days=1), ANY),
        do.Propose(Result.NO_FINDING, ANY),
        do.Close(Result.NO_FINDING, ANY),
        do.Countersign(),
        do.Decline(ANY),
        do.Assign(case.assignee if actor.user in case.filers else actor.user),
        do.Unlock(),
        do.Reopen(ANY),
    ]
    found = []
    for each in tries:
        if isinstance(each, do.Take) and case.held_by(actor.user, at):
            continue
        if isinstance(each, do.Ask) and not case.organisations:
            continue
        try:
            apply(case, each, actor, at, calendar)
        except (Conflict, Forbidden):
            continue
        found.append(do.name_of(each))
    return found
