"""What may be done to a case, as values."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from keruen.cases.case import Joined, Result, Routing


class Join(NamedTuple):
    """A finding above its level joins."""

    finding: Joined
    routing: Routing
    filers: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()


class Take(NamedTuple):
    """Begin to work on it; nobody else does until it is given back or left too long."""


class Unlock(NamedTuple):
    """Give it back; a supervisor may give back another's."""


class Assign(NamedTuple):
    """Say whose it is; an empty name makes it anybody's."""

    user: str


class Note(NamedTuple):
    """Write something down."""

    text: str


class Attach(NamedTuple):
    """Put a file to it; the bytes are kept already."""

    name: str
    sha256: str
    size: int
    media_type: str


class Ask(NamedTuple):
    """Ask a filer; the clock stands still until he answers."""

    to: str
    text: str


class Acknowledge(NamedTuple):
    """The filer has seen the question; it still waits for its answer."""


class Answer(NamedTuple):
    """The filer answers."""

    text: str


class Withdraw(NamedTuple):
    """The question is no longer asked."""

    reason: str


class Diary(NamedTuple):
    """Look at it again on a day; the clock goes on."""

    on: date
    reason: str


class Propose(NamedTuple):
    """Close it so, if another officer agrees."""

    result: Result
    reason: str


class Countersign(NamedTuple):
    """Agree with what another proposed."""


class Decline(NamedTuple):
    """Do not agree; it goes back to who proposed."""

    reason: str


class Close(NamedTuple):
    """Close it alone, where it is light enough."""

    result: Result
    reason: str


class Reopen(NamedTuple):
    """A closed case is looked at again."""

    reason: str


Command = (
    Join
    | Take
    | Unlock
    | Assign
    | Note
    | Attach
    | Ask
    | Acknowledge
    | Answer
    | Withdraw
    | Diary
    | Propose
    | Countersign
    | Decline
    | Close
    | Reopen
)
BY_FILER = (Acknowledge, Answer)
BULK = (Assign, Note, Diary, Close)
"""What may be done to many cases at once, and taken back."""


def name_of(command: Command) -> str:
    """The command's name as events, texts and addresses have it."""
    return type(command).__name__.lower()
