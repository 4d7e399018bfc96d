"""JSON Schema of a kind, for those who build what hands in documents.

The schema describes the recommended form: amounts as text, nothing empty. The parser takes a little
more (numbers as text from tables, empty values as none) and checks a little more (code lists, check
digits): what the schema passes may still be refused, with the reason.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from keruen.codes import countries
from keruen.documents.fields import (
    AMOUNT_PATTERN,
    CURRENCIES,
    DATE_PATTERN,
    ID_PATTERN,
    INSTANT_PATTERN,
    LOT_PATTERN,
    PARTY_SCHEMES,
    TEXT_MAX,
)
from keruen.documents.parsing import ACTION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keruen.model.profile import FieldSpec, Profile

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_AMOUNT: Final = {
    "anyOf": [
        {"type": "string", "pattern": f"^{AMOUNT_PATTERN}$"},
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 10**10},
    ]
}
_BY_TYPE: Final[Mapping[str, dict[str, Any]]] = {
    "document_id": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
    "document_ref": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
    "lot_ref": {"type": "string", "pattern": f"^{LOT_PATTERN}$"},
    "date": {"type": "string", "format": "date", "pattern": f"^{DATE_PATTERN}$"},
    "instant": {"type": "string", "format": "date-time", "pattern": f"^{INSTANT_PATTERN}$"},
    "unit": {"type": "string", "pattern": "^[A-Z0-9]{2,3}$"},
    "commodity_code": {"type": "string", "pattern": "^([0-9]{6}|[0-9]{10})$"},
    "currency": {"type": "string", "enum": sorted(CURRENCIES)},
    "quantity": _AMOUNT,
    "money": _AMOUNT,
}


def json_schema(profile: Profile, kind: str) -> dict[str, Any]:
    """The schema of a kind's records, or of `action`.

    Raises:
        InvalidInput: The profile has no such kind.
    """
    parties: Sequence[str] = ()
    if kind == ACTION:
        header, lines = profile.action_header, profile.action_lines
    else:
        found = profile.kind(kind)
        header, lines = found.header, found.lines
        parties = [role for role, _ in found.parties]
    about = meaning_of_kind(kind)
    properties: dict[str, Any] = {"kind": {"const": kind, "description": meaning("kind", parties)}}
    for spec in (*header, *profile.envelope):
        properties[spec.name] = _field(spec, parties)
    required = ["kind", *(spec.name for spec in header if spec.required)]
    if lines:
        properties["lines"] = {
            "type": "array",
            "minItems": 1,
            "description": meaning("lines", parties),
            "items": {
                "type": "object",
                "properties": {spec.name: _field(spec, ()) for spec in lines},
                "required": [spec.name for spec in lines if spec.required],
                "additionalProperties": False,
            },
        }
        if kind != ACTION:
            required.append("lines")
    schema = {
        "$schema": DIALECT,
        "$id": f"urn:keruen:{profile.id}:{profile.edition}:{kind}",
        "title": kind,
        **({"description": about} if about else {}),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    conditions = [condition for role in parties for condition in _numbers(role)]
    return {**schema, "allOf": conditions} if conditions else schema


def meaning_of_kind(kind: str) -> str:
    """A kind's purpose in one sentence; empty where nobody wrote one."""
    found: str = _meanings()["kinds"].get(kind, "")
    return found


def meaning(field: str, parties: Sequence[str] = ()) -> str:
    """A field's meaning in one line; empty where nobody wrote one.

    Args:
        field: Its name.
        parties: Party roles of the kind, whose fields are named after them.
    """
    texts = _meanings()
    for role in parties:
        part = field.removeprefix(f"{role}_")
        if part != field and part in texts["party"]:
            return str(texts["party"][part]).format(role=texts["roles"].get(role, role.replace("_", " ")))
    return str(texts["fields"].get(field, ""))


@cache
def _meanings() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("keruen.formats").joinpath("meanings.toml").read_text("utf-8"))


def _field(spec: FieldSpec, parties: Sequence[str]) -> dict[str, Any]:
    about = meaning(spec.name, parties)
    return {**_form(spec), **({"description": about} if about else {})}


def _form(spec: FieldSpec) -> dict[str, Any]:
    match spec.type:
        case "choice":
            return {"type": "string", "enum": list(spec.values)}
        case "country":
            return {"type": "string", "enum": sorted(countries.all_codes())}
        case "text" | "party_id":
            return {"type": "string", "minLength": 1, "maxLength": TEXT_MAX if spec.max is None else spec.max}
        case "integer":
            form: dict[str, Any] = {"type": "integer"}
            if spec.min is not None:
                form["minimum"] = spec.min
            if spec.max is not None:
                form["maximum"] = spec.max
            return form
        case _:
            return dict(_BY_TYPE[spec.type])


def _numbers(role: str) -> list[dict[str, Any]]:
    """A party of a country with a scheme has a number of its form."""
    return [
        {
            "if": {"properties": {f"{role}_country": {"const": country}}, "required": [f"{role}_country"]},
            "then": {"properties": {f"{role}_id": {"pattern": "^[0-9]{12}$"}}},
        }
        for country in PARTY_SCHEMES
    ]
