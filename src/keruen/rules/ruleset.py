"""A rule set: one file of rules, checked whole before anything is decided by it.

The file is TOML: a `[ruleset]` head, `[[rule]]` tables, and the `[channels]` table (`channels.py`). A condition is an
expression of the Common Expression Language over facts of the catalogue. A set is refused where a rule could never
fire or reads what nobody supplies: every rule brings one set of facts on which it fires and one on which it does not,
within what the facts may hold, and both are tried when the file is read.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import cel

from keruen.errors import InvalidInput
from keruen.model.fact import Catalogue, Facts, FactType, FactValue
from keruen.model.finding import Severity
from keruen.rules.channels import Table

LANGUAGES: Final = ("kk", "ru", "en")
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_CONDITION: Final = 2_000
PROBLEMS: Final = 20
"""Problems named; more are counted."""
SEVERITIES: Final = {severity.name.lower(): severity for severity in Severity if severity != Severity.NOT_EVALUATED}
RELEASE: Final = "release"
"""The kind a rule names to look at an officer's release instead of a document."""


class Rule(NamedTuple):
    """One rule.

    `kinds` are what it looks at, such as `export_application`, `waybill/export` or `release`; `facts` what its
    condition reads; `flags` the published warning signs it stands for; `fires` and `clear` its two examples.
    """

    code: str
    kinds: tuple[str, ...]
    when: str
    facts: tuple[str, ...]
    severity: Severity
    reason: Mapping[str, str]
    instruction: Mapping[str, str]
    source: str
    flags: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    path: str
    fires: Facts
    clear: Facts
    program: cel.Program

    def stands(self, kind: str, on: date) -> bool:
        """Whether it looks at such a document on a day."""
        return kind in self.kinds and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class RuleSet(NamedTuple):
    """Rules that were read and checked together. `sha256` is of the file's bytes: what decisions name."""

    name: str
    edition: str
    sha256: str
    rules: tuple[Rule, ...]
    table: Table
    body: bytes

    @property
    def kinds(self) -> frozenset[str]:
        """Everything its rules look at."""
        return frozenset(kind for rule in self.rules for kind in rule.kinds)

    @property
    def version(self) -> str:
        """As decisions name it."""
        return f"{self.name} {self.edition} {self.sha256[:12]}"

    def rule(self, code: str) -> Rule | None:
        """The rule of a code."""
        return next((each for each in self.rules if each.code == code), None)


def read(body: bytes, catalogue: Catalogue, kinds: Sequence[str]) -> RuleSet:
    """Read a rule set and check every rule in it.

    Args:
        body: The file's bytes.
        catalogue: The facts there are.
        kinds: What rules may look at.

    Raises:
        InvalidInput: It cannot be read or a rule does not hold; the message has every problem, by rule and key.
    """
    if len(body) > MAX_BYTES:
        raise InvalidInput(f"a rule set has at most {MAX_BYTES} bytes, this one {len(body)}", code="rules_size")
    try:
        data = tomllib.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(f"the rule set cannot be read as TOML: {error}", code="rules_toml") from error
    problems: list[str] = []
    head = data.get("ruleset")
    if not isinstance(head, dict) or not isinstance(head.get("name"), str) or not isinstance(head.get("edition"), str):
        raise InvalidInput("[ruleset] must give a name and an edition, both texts", code="rules_head")
    problems += [f"unknown table or key {name!r}" for name in sorted(data.keys() - {"ruleset", "rule", "channels"})]
    rules: list[Rule] = []
    rows = data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput("rules stand as [[rule]] tables", code="rules_head")
    for number, row in enumerate(rows, 1):
        named = f"rule {number} ({row.get('code', 'without code')})"
        found, wrong = _rule(row, catalogue, kinds)
        problems += [f"{named}: {each}" for each in wrong]
        if found is not None:
            if any(found.code == each.code for each in rules):
                problems.append(f"{named}: the code stands twice")
            rules.append(found)
    table, wrong = Table.read(data.get("channels", {}), [rule.code for rule in rules])
    problems += wrong
    if problems:
        shown = "; ".join(problems[:PROBLEMS]) + (
            f"; and {len(problems) - PROBLEMS} more" if len(problems) > PROBLEMS else ""
        )
        raise InvalidInput(f"the rule set cannot be used: {shown}", code="rules_wrong", problems=str(len(problems)))
    return RuleSet(head["name"], head["edition"], hashlib.sha256(body).hexdigest(), tuple(rules), table, body)


_KEYS: Final = {
    "code": str,
    "kinds": list,
    "when": str,
    "severity": str,
    "reason": dict,
    "instruction": dict,
    "source": str,
    "flags": list,
    "valid_from": date,
    "valid_to": date,
    "path": str,
    "fires": dict,
    "clear": dict,
}
_MAY: Final = frozenset({"flags", "valid_to", "path"})


def _rule(  # noqa: C901, PLR0912 - one check after the other, each with its message
    row: Mapping[str, Any], catalogue: Catalogue, kinds: Sequence[str]
) -> tuple[Rule | None, list[str]]:
    wrong = [f"unknown key {name!r}" for name in sorted(row.keys() - _KEYS.keys())]
    for name, wanted in _KEYS.items():
        if name not in row:
            if name not in _MAY:
                wrong.append(f"{name} is missing")
        elif not isinstance(row[name], wanted):
            wrong.append(f"{name} must be a {wanted.__name__}, found {row[name]!r}")
    if wrong:
        return None, wrong
    if row["severity"] not in SEVERITIES:
        wrong.append(f"severity {row['severity']!r} is none of {', '.join(SEVERITIES)}")
    wrong += [f"looks at {kind!r}, which is none of {', '.join(kinds)}" for kind in row["kinds"] if kind not in kinds]
    if not row["kinds"]:
        wrong.append("kinds names nothing: it can never fire")
    for name in ("reason", "instruction"):
        wrong += [f"{name} has no text in {lang}" for lang in LANGUAGES if not str(row[name].get(lang, "")).strip()]
    if row.get("valid_to") is not None and row["valid_to"] < row["valid_from"]:
        wrong.append(f"it ends {row['valid_to']}, before it begins {row['valid_from']}: it can never fire")
    if len(row["when"]) > MAX_CONDITION:
        wrong.append(f"the condition has more than {MAX_CONDITION} characters")
        return None, wrong
    try:
        program = cel.compile(row["when"])
        facts = tuple(sorted(program.variables()))
    except Exception as error:  # noqa: BLE001 - whatever the engine raises, the officer is told
        return None, [*wrong, f"the condition cannot be read: {_first(error)}"]
    for name in facts:
        fact = catalogue.get(name)
        if fact is None:
            wrong.append(f"reads {name!r}, which is no fact")
        elif not fact.supplier:
            wrong.append(f"reads {name!r}, which nobody supplies yet")
    if not facts:
        wrong.append("the condition reads no fact: it always says the same")
    for name in ("fires", "clear"):
        wrong += _wrong_example(name, row[name], facts, catalogue)
    if wrong:
        return None, wrong
    rule = Rule(
        row["code"],
        tuple(row["kinds"]),
        row["when"],
        facts,
        SEVERITIES[row["severity"]],
        {lang: row["reason"][lang] for lang in LANGUAGES},
        {lang: row["instruction"][lang] for lang in LANGUAGES},
        row["source"],
        tuple(row.get("flags", ())),
        row["valid_from"],
        row.get("valid_to"),
        row.get("path", ""),
        _typed(row["fires"], catalogue),
        _typed(row["clear"], catalogue),
        program,
    )
    for name, expected in (("fires", True), ("clear", False)):
        try:
            said = program.execute(dict(getattr(rule, name)))
        except Exception as error:  # noqa: BLE001 - whatever the engine raises
            wrong.append(f"its example {name!r} cannot be evaluated: {_first(error)}")
            continue
        if said is not expected:
            can = "it may never fire" if expected else "it may always fire"
            wrong.append(f"its example {name!r} gives {said!r}, not {expected}: {can}")
    return (None if wrong else rule), wrong


def _wrong_example(name: str, example: Mapping[str, Any], facts: Sequence[str], catalogue: Catalogue) -> list[str]:
    wrong = [f"its example {name!r} does not give {each!r}" for each in facts if each not in example]
    for each, value in example.items():
        fact = catalogue.get(each)
        if fact is None:
            wrong.append(f"its example {name!r} gives {each!r}, which is no fact")
        elif not fact.holds(value):
            wrong.append(f"its example {name!r} gives {each} = {value!r}, which that fact never holds")
    return wrong


def _typed(example: Mapping[str, Any], catalogue: Catalogue) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {}
    for name, value in example.items():
        if catalogue[name].type == FactType.NUMBER:
            found[name] = float(value)
        else:
            found[name] = tuple(value) if isinstance(value, list) else value
    return found


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def diff(old: RuleSet, new: RuleSet) -> list[tuple[str, str, str, str]]:
    """What differs between two sets: (rule, key, before, after), by rule; a whole rule has the key `rule`."""
    found: list[tuple[str, str, str, str]] = []
    codes = sorted({rule.code for rule in (*old.rules, *new.rules)})
    for code in codes:
        before, after = old.rule(code), new.rule(code)
        if before is None or after is None:
            found.append((code, "rule", before.when if before else "", after.when if after else ""))
            continue
        for key in Rule._fields:
            if key in {"program", "facts"} or getattr(before, key) == getattr(after, key):
                continue
            found.append((code, key, _shown(getattr(before, key)), _shown(getattr(after, key))))
    found += [
        ("channels", key, _shown(getattr(old.table, key)), _shown(getattr(new.table, key)))
        for key in Table._fields
        if getattr(old.table, key) != getattr(new.table, key)
    ]
    return found


def _shown(value: object) -> str:
    if isinstance(value, Severity):
        return value.name.lower()
    return str(dict(value)) if isinstance(value, Mapping) else str(value)
