"""Sentences of the system in a reader's language: findings, problems, states, fields, ages.

`texts` has the sentences; here the values are put into the reader's words too: a field's name, a
state, a country, a unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keruen.codes import countries, units
from keruen.errors import KeruenError
from keruen.model.document import Document
from keruen.texts import known, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from keruen.documents.problems import RowProblem
    from keruen.model.finding import Finding
    from keruen.model.outcome import Problem

ABOUT_ACTIONS = frozenset({"unknown_transition", "transition_closed", "may_not_act", "second_person", "reason_missing"})
"""Problems whose `found`, and some whose `expected`, are names of actions."""
COUNTRIES = frozenset({"destination", "manufacture_country"})
MINUTE, HOUR, DAY = 60, 3600, 86400
HOURS_SHOWN = 48
"""Up to so many hours an age is told in hours."""


def finding_text(finding: Finding, lang: str) -> str:
    """Why, in one sentence, with the values; a rule's reason is the rule's own."""
    if finding.code == "rule" or finding.code.startswith("rule:"):
        return finding.params.get(lang) or finding.params.get("en", "")
    code = f"finding.{finding.code}"
    if not known(code):
        code = f"problem.{finding.code}"
    return text(code, lang, **_values(finding.code, finding.params, lang)).strip()


def officer_text(finding: Finding, lang: str) -> str:
    """What an officer does next; empty where there is nothing to say."""
    if finding.code == "rule" or finding.code.startswith("rule:"):
        return finding.params.get(f"do_{lang}") or finding.params.get("do_en", "")
    code = f"officer.{finding.code}"
    return text(code, lang) if known(code) else ""


def problem_text(problem: Problem | KeruenError, lang: str) -> str:
    """Why something was refused; in English as it was raised where the catalogue has not the code."""
    code = f"problem.{problem.code}"
    return text(code, lang, **_values(problem.code, problem.params, lang)).strip() if known(code) else problem.text


def row_problem_text(problem: RowProblem, lang: str) -> str:
    """What is wrong with a field of a record and how to mend it."""
    code = f"row.{problem.code}"
    if not known(code):
        return problem_text_of_row(problem, lang)
    return text(code, lang, **problem.params)


def problem_text_of_row(problem: RowProblem, lang: str) -> str:
    """A rejection that came as a row's problem."""
    code = f"problem.{problem.code}"
    return text(code, lang, **_values(problem.code, problem.params, lang)) if known(code) else problem.text


def kind_text(kind: str, lang: str) -> str:
    """A document kind."""
    return text(f"kind.{kind}", lang) if known(f"kind.{kind}") else kind


def state_text(kind: str, state: str, lang: str) -> str:
    """A state, in the words of the kind where it has its own."""
    own = f"state.{kind}.{state}"
    code = own if known(own) else f"state.{state}"
    return text(code, lang) if known(code) else state


def action_text(name: str, lang: str) -> str:
    """A transition as what one does."""
    return text(f"action.{name}", lang) if known(f"action.{name}") else name


def party_text(role: str, lang: str) -> str:
    """A party role."""
    return text(f"party.{role}", lang) if known(f"party.{role}") else role


def field_text(name: str, lang: str) -> str:
    """A field's name as people read it."""
    if known(f"field.{name}"):
        return text(f"field.{name}", lang)
    for prefix in ("invoice", "declaration"):
        if name.startswith(f"{prefix}_copy_"):
            inner = field_text(name.removeprefix(f"{prefix}_copy_"), lang)
            return text(f"field_copy.{prefix}", lang, field=inner)
    role, _, part = name.rpartition("_")
    if known(f"party.{role}") and known(f"party_field.{part}"):
        return f"{text(f'party.{role}', lang)}: {text(f'party_field.{part}', lang)}"
    return name


def value_text(name: str, value: Any, lang: str) -> str:  # noqa: ANN401 - whatever a field holds
    """A field's value as people read it."""
    if known(f"value.{name}.{value}"):
        return text(f"value.{name}.{value}", lang)
    if name.endswith("_country") or name in COUNTRIES:
        return country_text(str(value), lang)
    if name == "unit" or name.endswith("_unit"):
        return unit_text(str(value), lang)
    return str(value)


def country_text(code: str, lang: str) -> str:
    """A country by its code, with the code."""
    return f"{countries.name(code, lang)} ({code})" if countries.exists(code) else code


def unit_text(code: str, lang: str) -> str:
    """A unit by its code."""
    return units.name(code, lang) if units.exists(code) else code


def place_text(place: str, names: Mapping[str, str], lang: str) -> str:
    """A holder or a world account of a trace."""
    if place.startswith("world:"):
        return text(f"world.{place.removeprefix('world:')}", lang)
    return names.get(place, place)


def path_text(path: str, lang: str) -> str:
    """Where in a document: `line/3/quantity` or `header/consignee_id`."""
    parts = path.split("/")
    if parts[0] in {"line", "lines"} and len(parts) > 1:
        line = f"{text('field.line', lang)} {parts[1]}"
        return f"{line}: {field_text(parts[2], lang)}" if len(parts) > 2 else line  # noqa: PLR2004 - line, number, field
    return field_text(parts[-1], lang) if path else ""


def age_text(seconds: float, lang: str) -> str:
    """How long, in the one unit that matters."""
    seconds = abs(seconds)
    if seconds < HOUR:
        return text("ui.age.minutes", lang, count=int(seconds // MINUTE))
    if seconds < HOURS_SHOWN * HOUR:
        return text("ui.age.hours", lang, count=int(seconds // HOUR))
    return text("ui.age.days", lang, count=int(seconds // DAY))


def time_text(moment: datetime, lang: str) -> str:
    """A time, to the minute, in UTC."""
    return text("ui.utc", lang, time=moment.strftime("%Y-%m-%d %H:%M"))


def pointer(path: str, document: Document | None = None) -> str:
    """A path of ours as JSON Pointer into the record that was sent.

    Args:
        path: `lines/2/quantity` counts lines as they stood in the record; `line/3/quantity` names a line's number.
        document: To find where the line of that number stands; without it the lines are taken as 1, 2, 3.
    """
    parts = [part for part in path.split("/") if part]
    if not parts:
        return ""
    if parts[0] == "header":
        parts = parts[1:]
    elif parts[0] in {"line", "lines"} and len(parts) > 1 and parts[1].isdigit():
        index = int(parts[1]) - 1
        if parts[0] == "line" and document is not None:
            index = next((at for at, line in enumerate(document.lines) if line["line"] == int(parts[1])), index)
        parts = ["lines", str(index), *parts[2:]]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _values(code: str, params: Mapping[str, Any], lang: str) -> dict[str, str]:
    """The values of a sentence in the reader's words."""
    found = {name: str(value) for name, value in params.items()}
    field = found.get("field", "")
    for name, value in params.items():
        found[name] = _value(name, str(value), field, lang)
    if code in ABOUT_ACTIONS:
        found["found"] = action_text(found.get("found", ""), lang)
        found["expected"] = _each(found.get("expected", ""), lambda name: action_text(name, lang)) or text(
            "ui.none", lang
        )
    if code == "correction_closed":
        found["expected"] = _each(found.get("expected", ""), lambda state: state_text("", state, lang))
    if code == "kind_differs":
        found["found"], found["expected"] = kind_text(found["found"], lang), kind_text(found["expected"], lang)
    return found


def _value(name: str, value: str, field: str, lang: str) -> str:
    """One value of a sentence; `field` is the field the sentence is about."""
    if name == "field":
        return field_text(value, lang)
    if name in {"found", "expected"} and field:
        return value_text(field, value, lang)
    if name in {"kind", "allowed"}:
        return _each(value, lambda each: kind_text(each, lang) if name == "kind" else party_text(each, lang))
    if name == "state":
        return state_text("", value, lang)
    # Countries, units and reasons are told by the name of the value itself.
    return value_text(name, value, lang)


def _each(listed: str, say: Callable[[str], str]) -> str:
    return ", ".join(say(each) for each in listed.split(", ")) if listed else ""
