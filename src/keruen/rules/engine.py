"""Evaluate a rule set on the facts of one document: fired, clear, or not evaluated for want of named facts.

The engine is CEL: what is unknown stays unknown unless the rest settles it (`true || unknown` is true), so more
facts can settle an open rule and never reverse a settled one.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

import cel

from keruen.model.fact import Facts, FactValue
from keruen.model.finding import Finding, Severity
from keruen.rules.ruleset import LANGUAGES, Rule, RuleSet

_PLACE = re.compile(r"\{(\w+)\}")
SHOWN = 12
"""Facts named in a finding."""


class Evaluation(NamedTuple):
    """What became of every rule that looks at such a document. Each is in exactly one of the three."""

    fired: tuple[Rule, ...]
    clear: tuple[Rule, ...]
    open: tuple[tuple[Rule, tuple[str, ...]], ...]
    """Not evaluated: the rule, and the facts it lacks."""


class _Standing(NamedTuple):
    """The rules that look at a kind on a day."""

    among: tuple[Rule, ...]
    rules: list[Rule]
    facts: list[str]
    """Every fact that one of them reads; the others need not be made known to the engine."""


_stood: dict[tuple[int, str, date], _Standing] = {}
STOOD_KEPT: Final = 1_024


def _standing(rules: tuple[Rule, ...], kind: str, on: date) -> _Standing:
    """The rules that look at a kind on a day; asked anew for every document of a day, so it is kept."""
    key = (id(rules), kind, on)
    kept = _stood.get(key)
    # The rules themselves are kept beside the answer: an id may be given again after its owner is gone.
    if kept is not None and kept.among is rules:
        return kept
    found = [rule for rule in rules if rule.stands(kind, on)]
    if len(_stood) >= STOOD_KEPT:
        _stood.clear()
    _stood[key] = _Standing(rules, found, sorted({name for rule in found for name in rule.facts}))
    return _stood[key]


def evaluate(rules: RuleSet, kind: str, facts: Facts, on: date) -> Evaluation:
    """Evaluate the rules that look at a kind on a day.

    Args:
        rules: The set.
        kind: Such as `export_application`, `waybill/export` or `release`.
        facts: What is known.
        on: The day the rules must stand.
    """
    standing = _standing(rules.rules, kind, on)
    if not standing.rules:
        return Evaluation((), (), ())
    context = cel.Context(variables={name: facts[name] for name in standing.facts if name in facts})
    fired: list[Rule] = []
    clear: list[Rule] = []
    waiting: list[tuple[Rule, tuple[str, ...]]] = []
    for rule in standing.rules:
        try:
            said = rule.program.execute(context)
        except (RuntimeError, TypeError, ValueError):
            lacking = tuple(name for name in rule.facts if name not in facts)
            waiting.append((rule, lacking or ("value",)))
            continue
        (fired if said is True else clear).append(rule)
    return Evaluation(tuple(fired), tuple(clear), tuple(waiting))


def findings(evaluation: Evaluation, facts: Facts, version: str) -> list[Finding]:
    """What fired as findings, gravest first, and one notice of what could not be evaluated.

    Args:
        evaluation: Of one document.
        facts: Those it was evaluated on, to name their values.
        version: Of the rule set.
    """
    found = [_finding(rule, facts, version) for rule in evaluation.fired]
    found.sort(key=lambda finding: (-finding.severity, finding.params["rule"]))
    if evaluation.open:
        lacking = sorted({name for _, names in evaluation.open for name in names})
        found.append(
            Finding(
                "rules_not_evaluated",
                Severity.NOTICE,
                "",
                {
                    "rules": ", ".join(sorted(rule.code for rule, _ in evaluation.open)),
                    "facts": ", ".join(lacking),
                },
                version,
            )
        )
    return found


def _finding(rule: Rule, facts: Facts, version: str) -> Finding:
    values = {name: facts[name] for name in rule.facts if name in facts}
    texts = {lang: filled(rule.reason[lang], facts) for lang in LANGUAGES}
    instructions = {f"do_{lang}": rule.instruction[lang] for lang in LANGUAGES}
    return Finding(
        "rule",
        rule.severity,
        rule.path,
        {
            "rule": rule.code,
            **texts,
            **instructions,
            "values": "; ".join(f"{name} = {shown(value)}" for name, value in list(values.items())[:SHOWN]),
            "source": rule.source,
        },
        version,
    )


def filled(text: str, facts: Facts) -> str:
    """A reason with the values of its `{facts}` put in; one that is not known reads as a question mark."""
    return _PLACE.sub(lambda found: shown(facts[found[1]]) if found[1] in facts else "?", text)


def shown(value: FactValue) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
