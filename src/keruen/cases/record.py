"""A case as JSON and back, for the row that keeps how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from keruen.cases.case import (
    Attachment,
    Case,
    Clock,
    Closing,
    Joined,
    Lock,
    Proposal,
    Question,
    Result,
    Routing,
    State,
    Subject,
    SubjectKind,
)
from keruen.model.finding import Severity


def as_data(case: Case) -> dict[str, Any]:
    """The case in words JSON has."""
    return {name: _plain(value) for name, value in case._asdict().items()}


def of_data(data: Mapping[str, Any]) -> Case:
    """The case back from `as_data`."""
    number, kind, clock, lock = data["number"], data["subject"], data["clock"], data["lock"]
    proposal, closing = data["proposal"], data["closing"]
    return Case(
        number=number,
        subject=Subject(**{**kind, "kind": SubjectKind(kind["kind"])}),
        routing=Routing(**data["routing"]),
        state=State(data["state"]),
        opened_at=_time(data["opened_at"]),
        updated_at=_time(data["updated_at"]),
        clock=Clock(clock["left"], _maybe(clock["since"])),
        due_at=_maybe(data["due_at"]),
        joined=tuple(
            Joined(**{**each, "severity": Severity(each["severity"]), "joined_at": _time(each["joined_at"])})
            for each in data["joined"]
        ),
        joined_count=data["joined_count"],
        gravest=Severity(data["gravest"]),
        tiers=frozenset(data["tiers"]),
        filers=frozenset(data["filers"]),
        organisations=frozenset(data["organisations"]),
        assignee=data["assignee"],
        lock=Lock(lock["holder"], _time(lock["until"])) if lock else None,
        diary_on=date.fromisoformat(data["diary_on"]) if data["diary_on"] else None,
        questions=tuple(
            Question._make(_maybe(each[name]) if name.endswith("_at") else each[name] for name in Question._fields)
            for each in data["questions"]
        ),
        attachments=tuple(Attachment(**{**each, "at": _time(each["at"])}) for each in data["attachments"]),
        proposal=Proposal(**{**proposal, "result": Result(proposal["result"]), "at": _time(proposal["at"])})
        if proposal
        else None,
        closing=Closing(**{**closing, "result": Result(closing["result"]), "at": _time(closing["at"])})
        if closing
        else None,
        revision=data["revision"],
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a case holds
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return int(value) if isinstance(value, Severity) else value


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _maybe(value: str | None) -> datetime | None:
    return _time(value) if value else None
