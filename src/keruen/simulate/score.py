"""How well a system did on a simulated economy: schemes found and missed, honest trade stopped.

What goes in:
- `truth`: the content of a truth file (format in `truth.py`); anyone's of the same form will do.
- `results`: one mapping a document as the system decided it: `document_id`, `kind` (optional: read from
  the id's prefix in our own files), `channel` (green, yellow, red, refuse or empty), `state`, `findings`
  (codes), `key` (optional: an action's own id), and `verdict` (optional; `rejected` where nothing was
  written). A document may come twice, as filed and as it stood later; any of them counts.

What comes out, ready for JSON: `{"schemes": {name: {...}}, "total": {...}, "honest": {...}}`.
- An instance is *found* when one of its `should_stop` was held or refused (channel yellow, red or refuse,
  or the state says so, a lapsed expectation included). It is *pointed out* when that document carries a
  finding beyond those that every document of its kind gets (`ROUTINE_FINDINGS`): a hold that the law
  demands of everybody stops the thief too, but tells the officer nothing about him.
- Instances that are not findable are counted apart and never as missed.
- A false hold is an honest document of a decided kind that was held or refused though the law does
  not hold it for everybody. Routine holds (second-person kinds, honest listed exports) stand apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from keruen.simulate.papers import PREFIX

STOPPED_CHANNELS = frozenset({"yellow", "red", "refuse"})
STOPPED_STATES = frozenset(
    {
        "held",
        "refused",
        "rejected",
        "declined_by_authority",
        "overdue",
        "exit_overdue",
        "invalidated",
        "cancelled_by_authority",
        "suspended",
    }
)
SECOND_PERSON_KINDS = frozenset({"write_off", "opening_balance", "correction", "return", "recipe"})
DECIDED_KINDS = frozenset({"waybill", "export_application", *SECOND_PERSON_KINDS})
"""Kinds on which the profile decides, or which it keeps for a second person."""
ROUTINE_FINDINGS = frozenset(
    {"listed_goods", "second_person", "second_person_listed", "lots_chosen", "random_selection", "not_screened"}
)
"""What every document of its kind gets, or a notice that asks nothing of anybody."""
_KINDS = {prefix: kind for kind, prefix in PREFIX.items()}


class _Seen:
    """What is known of one document after all its results."""

    __slots__ = ("findings", "kind", "stopped")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.stopped = False
        self.findings: set[str] = set()


def score_schemes(truth: Mapping[str, Any], results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare what a system decided with what was planted.

    Args:
        truth: Content of a truth file.
        results: What the system decided, one mapping a document; read once, in any order.

    Returns:
        Counts by scheme, in total, and for honest documents; false holds also per 1,000.
    """
    planted = {
        name
        for each in truth["instances"]
        for key in ("documents", "cover", "actions", "should_stop")
        for name in each.get(key, ())
    }
    seen: dict[str, _Seen] = {}
    honest: dict[str, _Seen] = {}
    decided = 0
    for result in results:
        document = str(result["document_id"])
        kind = str(result.get("kind") or _KINDS.get(document.split("-", maxsplit=1)[0], ""))
        stopped = _is_stopped(result, kind)
        # An action is told by its own id beside that of its document: one that is held back counts as stopped.
        key = str(result.get("key") or "")
        if key in planted:
            _add(seen, key, "action", result, stopped=stopped)
        if document in planted:
            _add(seen, document, kind, result, stopped=stopped)
            continue
        if kind not in DECIDED_KINDS:
            continue
        if document in honest:
            _add(honest, document, kind, result, stopped=stopped)
            continue
        decided += 1
        if stopped:
            _add(honest, document, kind, result, stopped=True)
    table = _table(truth["instances"], seen)
    routine = sum(1 for each in honest.values() if _is_routine(each))
    false = len(honest) - routine
    return {
        "schemes": table,
        "total": {
            name: sum(row[name] for row in table.values())
            for name in ("instances", "findable", "found", "pointed_out", "missed", "found_not_findable")
        },
        "honest": {
            "decided": decided,
            "routine_holds": routine,
            "false_holds": false,
            "false_holds_per_1000": round(1000 * false / decided, 3) if decided else 0.0,
        },
    }


def score(truth: Mapping[str, Any], results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same as rows of a table, one a scheme and the total last."""
    found = score_schemes(truth, results)
    rows = [{"scheme": name, **row} for name, row in found["schemes"].items()]
    return [*rows, {"scheme": "total", **found["total"], **found["honest"]}]


def _add(into: dict[str, _Seen], document: str, kind: str, result: Mapping[str, Any], *, stopped: bool) -> None:
    entry = into.setdefault(document, _Seen(kind))
    entry.stopped = entry.stopped or stopped
    if stopped:
        entry.findings.update(_code(finding) for finding in result.get("findings") or ())


def _code(finding: object) -> str:
    if isinstance(finding, Mapping):
        return str(finding.get("code", ""))
    return str(getattr(finding, "code", finding))


def _is_stopped(result: Mapping[str, Any], kind: str) -> bool:
    if result.get("verdict") == "rejected" or result.get("state") in STOPPED_STATES:
        return True
    # The channel told with an action is that of its document, decided when it was filed.
    return kind != "action" and result.get("channel") in STOPPED_CHANNELS


def _is_routine(each: _Seen) -> bool:
    if each.kind in SECOND_PERSON_KINDS:
        return True
    return each.kind == "export_application" and each.findings <= ROUTINE_FINDINGS


def _table(instances: Iterable[Mapping[str, Any]], seen: Mapping[str, _Seen]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for each in instances:
        row = table.setdefault(
            str(each["scheme"]),
            dict.fromkeys(("instances", "findable", "found", "pointed_out", "missed", "found_not_findable"), 0),
        )
        stopped = [seen[name] for name in each["should_stop"] if name in seen and seen[name].stopped]
        row["instances"] += 1
        if not each["findable"]:
            row["found_not_findable"] += bool(stopped)
            continue
        row["findable"] += 1
        row["found"] += bool(stopped)
        row["missed"] += not stopped
        row["pointed_out"] += any(entry.findings - ROUTINE_FINDINGS for entry in stopped)
    return table
