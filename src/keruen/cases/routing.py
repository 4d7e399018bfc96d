"""Which findings open a case and where it goes: a table, read once, the first rule that fits.

The table is data, with an edition; each rule's name is also the code of the sentence that tells an officer why a case
is on his queue.
"""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from keruen.cases.case import Routing, SubjectKind
from keruen.errors import InvalidInput
from keruen.model.finding import Finding, Severity

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
KEYS: Final = frozenset({"name", "codes", "severity", "tiers", "subject", "queue", "team", "priority", "days"})
PRIORITIES: Final = range(1, 6)


class Rule(NamedTuple):
    """One row of the table."""

    name: str
    codes: tuple[str, ...]
    """Empty means any."""
    severity: Severity
    tiers: frozenset[str]
    """Empty means any."""
    subject: SubjectKind
    queue: str
    team: str
    priority: int
    days: int

    def fits(self, finding: Finding) -> bool:
        """Whether it sends this finding on."""
        return (
            finding.severity >= self.severity
            and (not self.tiers or finding.params.get("tier", "") in self.tiers)
            and (not self.codes or any(fnmatchcase(finding.name, each) for each in self.codes))
        )

    def covers(self, other: Rule) -> bool:
        """Whether it fits whatever the other would."""
        return (
            self.severity <= other.severity
            and (not self.tiers or (bool(other.tiers) and other.tiers <= self.tiers))
            and (
                not self.codes
                or (
                    bool(other.codes)
                    and all(any(fnmatchcase(each, wide) for wide in self.codes) for each in other.codes)
                )
            )
        )


class Table(NamedTuple):
    """The rules in order."""

    edition: str
    rules: tuple[Rule, ...]

    def route(self, finding: Finding, level: Severity, *, document_id: str) -> tuple[Rule, Routing] | None:
        """Where a finding goes, and why; None where it opens no case.

        Args:
            finding: What was noticed.
            level: The lightest severity that opens a case in this installation.
            document_id: On which document.
        """
        if finding.severity < level:
            return None
        rule = next((each for each in self.rules if each.fits(finding)), None)
        if rule is None:
            return None
        params = {
            "rule": rule.name,
            "edition": self.edition,
            "finding": finding.name,
            "severity": finding.severity.name.lower(),
            "tier": finding.params.get("tier", ""),
            "document": document_id,
        }
        return rule, Routing(rule.name, rule.queue, rule.team, rule.priority, rule.days, params)

    @property
    def queues(self) -> tuple[str, ...]:
        """All queues, in order of name."""
        return tuple(sorted({rule.queue for rule in self.rules}))


def read(text: str) -> Table:
    """A table from TOML.

    Raises:
        InvalidInput: It cannot be read, or contradicts itself; says where.
    """
    try:
        data = tomllib.loads(text)
        rules = tuple(_rule(place, each) for place, each in enumerate(data["rule"], 1))
        edition = str(data["edition"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"the routing table cannot be read: {error!r}", code="case_routing", found=str(error)
        ) from error
    for place, rule in enumerate(rules):
        for earlier in rules[:place]:
            if earlier.name == rule.name or earlier.covers(rule):
                raise InvalidInput(
                    f"rule {rule.name} of the routing table never fires: {earlier.name} before it always fits",
                    code="case_routing",
                    found=rule.name,
                )
    return Table(edition, rules)


@cache
def shipped() -> Table:
    """The table that comes with Keruen."""
    return read((resources.files(__package__) / "routing.toml").read_text(encoding="utf-8"))


def _rule(place: int, given: dict[str, Any]) -> Rule:
    strange = sorted(set(given) - KEYS)
    if strange:
        raise ValueError(f"rule {place} has {strange[0]}; known are {', '.join(sorted(KEYS))}")
    rule = Rule(
        given["name"],
        tuple(given.get("codes", ())),
        Severity[given["severity"].upper()],
        frozenset(given.get("tiers", ())),
        SubjectKind(given["subject"]),
        given["queue"],
        given["team"],
        int(given["priority"]),
        int(given["days"]),
    )
    for each in (rule.name, rule.queue, rule.team):
        if not NAME.fullmatch(each):
            raise ValueError(f"rule {place}: {each!r} is no name of small letters, digits and underscores")
    if rule.priority not in PRIORITIES or rule.days < 1:
        raise ValueError(f"rule {place}: priority is from 1 to 5, days at least 1")
    return rule
