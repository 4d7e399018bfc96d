"""Decisions with known outcomes to learn from, and models made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson

from builders import BUYER, CABLE, a_waybill, goods
from keruen.cases.case import Result
from keruen.cases.outcomes import Label
from keruen.model.document import Document, StoredDocument
from keruen.risk.live import Ranker
from keruen.risk.model import Model
from keruen.workflow.learning import learn
from keruen.workflow.ports import Decided
from keruen.workflow.submit import Office

BEGAN = datetime(2024, 9, 1, 9, 0, tzinfo=UTC)
HELD = ["rule", 2, "", {"rule": "first_imports_listed"}, "kz 1"]
DRAWN = ["random_selection", 2, "", {"share": "0.25"}, "kz 1"]


def a_decision(
    number: int, *, channel: str = "yellow", findings: list[Any] | None = None, selection: str = "1", **facts: Any
) -> Decided:
    """A decision on an application; facts are those of a plain one where they are not given."""
    known = {"kind": "export_application", "movement": "", "lines": 1, "listed": True, "party_entries": 30} | facts
    at = BEGAN + timedelta(hours=6 * number)
    body = {
        "channel": channel,
        "rules": "kz 1",
        "findings": [HELD] if findings is None else findings,
        "facts": known,
        "selection": selection,
    }
    return Decided(f"EA-{number}", at, orjson.dumps(body), f"E-{number}")


def a_label(one: Decided, result: Result = Result.NO_FINDING, *, days: int = 3, **parts: Any) -> Label:
    """What a case on it came to."""
    closed = one.recorded_at + timedelta(days=days)
    found = Label(
        "C-1", "party", "X", one.document_id, 1, one.event_id, "rule:x", "warning", "", "kz 1", result, closed
    )
    return found._replace(**parts)


def history(count: int = 400, *, bad: int = 4) -> tuple[list[Decided], list[Label]]:
    """Decisions of a hundred days: every fourth firm never entered anything before, and its cases end in diversion."""
    decided: list[Decided] = []
    labels: list[Label] = []
    for number in range(count):
        kind = number % 8
        if kind in {0, bad}:
            one = a_decision(number, party_entries=number % 3, party_known_days=number % 40)
            labels.append(a_label(one, Result.DIVERSION))
        elif kind == 1:
            one = a_decision(number, party_entries=20 + number % 9, party_known_days=900 + number % 50)
            labels.append(a_label(one))
        elif kind == 2:
            one = a_decision(number, findings=[DRAWN], selection="0.25", party_entries=40, party_known_days=1500)
            labels.append(a_label(one))
        else:
            one = a_decision(
                number, channel="green", findings=[], selection="0.25", party_entries=40 + kind, party_known_days=1500
            )
        decided.append(one)
    return decided, labels


@cache
def a_model(name: str = "first", *, count: int = 400, share: float = 0.01) -> Model:
    """A model that ranks firms without a past above the others."""
    decided, labels = history(count)
    return learn(decided, labels, name, share=share)[0]


def a_ranker(name: str = "first", **parts: Any) -> Ranker:
    """The same, ready to rank."""
    return Ranker(a_model(name, **parts))


def eager(model: Model) -> Ranker:
    """A ranker that finds everything above its threshold."""
    ranker = Ranker(model)
    ranker.threshold = 0.0
    return ranker


def an_export(name: str) -> Document:
    """Cable of ED-1 to Uzbekistan, sent by a firm of no past: no rule and no check holds it."""
    line = goods("1", CABLE, lot="ED-1/1")
    return a_waybill(name, line, movement="export", receiver=BUYER, country="UZ", destination_country="UZ")


def stored_as(office: Office, name: str) -> StoredDocument:
    """A document that was decided on."""
    found = office.store.document(name)
    assert found is not None
    assert found.decision is not None
    return found


def facts_of(office: Office, name: str) -> Mapping[str, Any]:
    """The facts it was decided on."""
    decision = stored_as(office, name).decision
    assert decision is not None
    return decision.facts
