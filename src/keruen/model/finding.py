"""Findings and decisions: what was noticed about a document, and what followed from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple


class Severity(IntEnum):
    """How much a finding weighs by itself."""

    NOTICE = 0
    """Worth knowing; does not stop goods."""
    NOT_EVALUATED = 1
    """A check could not be made because something it needs is missing: never read as clean."""
    WARNING = 2
    """An officer must look before goods move."""
    INSPECT = 3
    """A physical check must come before goods move."""
    REFUSE = 4
    """Goods may not move; no score outvotes this."""


class Channel(StrEnum):
    """The control channel of a decision (ASYCUDA's words, with refusal beside them)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    REFUSE = "refuse"


CHANNEL_OF = {
    Severity.NOTICE: Channel.GREEN,
    Severity.NOT_EVALUATED: Channel.YELLOW,
    Severity.WARNING: Channel.YELLOW,
    Severity.INSPECT: Channel.RED,
    Severity.REFUSE: Channel.REFUSE,
}


class Finding(NamedTuple):
    """One thing noticed. `code` names its text in every language, `params` its values."""

    code: str
    severity: Severity
    path: str
    """Where: `line/3/quantity`, `header/consignee_id`, or empty for the whole document."""
    params: Mapping[str, str]
    source: str = ""
    """The rule, list edition or act it rests on."""

    @property
    def name(self) -> str:
        """The code; where a rule made it `rule:` and the rule's code, so that rules are told apart."""
        return f"rule:{self.params.get('rule', '')}" if self.code == "rule" else self.code


class Decision(NamedTuple):
    """What was decided on a document, by whom, from what."""

    channel: Channel
    findings: tuple[Finding, ...]
    decided_at: datetime
    author: str
    rules_version: str
    editions: Mapping[str, str]
    """List name to edition used."""
    facts: Mapping[str, Any] = {}
    """What the rules knew: fact name to value, as evaluated."""
    shadow: tuple[str, ...] = ()
    """Rules of a set in the shadow that fired; without effect."""
    ranking: Mapping[str, Any] = {}
    """By `champion` and `challenger` model, hashes, threshold and score. What a challenger says has no effect."""
    selection: str = ""
    """How probable it was, before the lot was drawn, that an officer would look; empty where no channel was decided."""


def channel_of(findings: tuple[Finding, ...]) -> Channel:
    """The channel the gravest finding asks for; none at all is green."""
    worst = max((finding.severity for finding in findings), default=Severity.NOTICE)
    return CHANNEL_OF[worst]
