"""What became of a command."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from keruen.model.finding import Finding


class Verdict(StrEnum):
    """The three answers a command can get."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    """The same key with the same content was accepted before; nothing was done again."""
    REJECTED = "rejected"
    """Nothing was written; the problem says why and how to mend it."""


class Problem(NamedTuple):
    """Why a command or a row was rejected.

    `kind` is one of the error kinds (`invalid_input`, `conflict`, `not_found`, `forbidden`);
    `code` names the text in every language and `params` its values; `text` is the English.
    """

    kind: str
    code: str
    text: str
    path: str
    params: Mapping[str, str]


class Outcome(NamedTuple):
    """The answer to one command, in the order the commands were given."""

    key: str
    document_id: str
    verdict: Verdict
    state: str = ""
    channel: str = ""
    findings: tuple[Finding, ...] = ()
    problem: Problem | None = None
