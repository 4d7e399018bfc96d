"""Asking the lists over HTTP: our own answer, and the shape of yente's `/match`, so that its clients can switch.

yente (github.com/opensanctions/yente, API v5): `POST /match/{dataset}` takes `{"queries": {id: {"schema",
"properties"}}}` and answers `{"responses": {id: {"status", "results", "total", "query"}}, "limit"}`; a result
has id, caption, schema, properties, datasets, score, features and match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from keruen.errors import InvalidInput, NotFound
from keruen.faces import pairs
from keruen.faces.desk import desk
from keruen.faces.pairs import screener
from keruen.model.party import Identifier, Party, PartyKind
from keruen.screening.explain import as_data, in_words
from keruen.screening.screener import Standing
from keruen.watchlists import dates
from keruen.watchlists.opensanctions import KINDS, NUMBERS

if TYPE_CHECKING:
    from keruen.model.actor import Actor
    from keruen.screening.index import Match

MOST: Final = 1000
"""Parties in one call; more go in as a file of `keruen screen --file`."""
MOST_NAMES: Final = 50
LIMIT: Final = 10
MOST_MATCHES: Final = 200
SCHEMAS: Final = {
    PartyKind.PERSON: "Person",
    PartyKind.ORGANISATION: "Organization",
    PartyKind.VESSEL: "Vessel",
    PartyKind.VEHICLE: "Airplane",
    PartyKind.ADDRESS: "Address",
    PartyKind.UNKNOWN: "LegalEntity",
}
_PROPERTIES: Final = {scheme: name for name, scheme in NUMBERS.items()}
FIELDS: Final = frozenset(
    {"name", "names", "kind", "dates", "countries", "identifiers", "addresses", "reference", "role"}
)


def body_of(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A request's JSON.

    Raises:
        InvalidInput: It is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the body is no JSON: {error}", code="json") from error


# -- our own ---------------------------------------------------------------------------------


def match(body: bytes, lang: str) -> dict[str, Any]:
    """One party, or several as `{"parties": [...]}`; matches with their score in parts and in words.

    Raises:
        InvalidInput: A party has no name and no identifier, or a field that is not known; says which.
    """
    asked = body_of(body)
    many = asked.get("parties") if isinstance(asked, dict) and "parties" in asked else [asked]
    if not isinstance(many, list) or not many:
        raise InvalidInput("parties must be a list with at least one party", code="match_parties")
    if len(many) > MOST:
        raise InvalidInput(f"{len(many)} parties in one call; at most {MOST}", code="match_parties", max=str(MOST))
    options = asked if isinstance(asked, dict) else {}
    limit = _number(options.get("limit", LIMIT), "limit", 1, MOST_MATCHES)
    everything = bool(options.get("everything", False))
    found, on = screener(), desk().now().date()
    answers = []
    for place, each in enumerate(many):
        party = party_of(each, place)
        hits = found.screen(party, on, purpose=str(options.get("purpose", "")), everything=everything)
        answers.append(
            {
                "reference": party.reference,
                "names": list(party.names),
                "matches": [{**as_data(hit), "text": in_words(hit, lang)} for hit in hits[: int(limit)]],
                "total": len(hits),
            }
        )
    return {"editions": found.editions, "threshold": found.thresholds.usual, "answers": answers}


def _number(given: Any, name: str, least: float, most: float) -> float:  # noqa: ANN401 - whatever JSON holds
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not least <= given <= most:
        raise InvalidInput(f"{name} is a number from {least} to {most}", code="match_number", field=name)
    return given


def party_of(given: Any, place: int) -> Party:  # noqa: ANN401 - whatever JSON holds
    """A party of our own shape.

    Raises:
        InvalidInput: See `match`.
    """
    where = f"party {place}"
    if not isinstance(given, dict):
        raise InvalidInput(f"{where} is no object", code="match_party", place=str(place))
    strange = sorted(set(given) - FIELDS - {"limit", "everything", "purpose"})
    if strange:
        raise InvalidInput(
            f"{where} has a field {strange[0]}; known are {', '.join(sorted(FIELDS))}",
            code="match_party",
            field=strange[0],
        )
    names = tuple(dict.fromkeys(_texts(given, "name", where) + _texts(given, "names", where)))
    numbers = tuple(_identifier(each, where) for each in given.get("identifiers") or ())
    if not names and not numbers:
        raise InvalidInput(f"{where} has neither a name nor an identifier", code="match_party", place=str(place))
    try:
        kind = PartyKind(given.get("kind") or PartyKind.UNKNOWN)
    except ValueError:
        raise InvalidInput(
            f"{where}: {given.get('kind')!r} is no kind; known are {', '.join(PartyKind)}",
            code="match_party",
            field="kind",
        ) from None
    return Party(
        names[:MOST_NAMES],
        kind,
        tuple(found for each in _texts(given, "dates", where) if (found := dates.partial(each))),
        tuple(each.lower() for each in _texts(given, "countries", where)),
        numbers,
        tuple(_texts(given, "addresses", where)),
        str(given.get("reference") or ""),
        str(given.get("role") or ""),
    )


def _texts(given: dict[str, Any], name: str, where: str) -> list[str]:
    value = given.get(name) or []
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidInput(f"{where}: {name} must be text or a list of texts", code="match_party", field=name)
    return [each.strip()[:1000] for each in value if each.strip()]


def _identifier(given: Any, where: str) -> Identifier:  # noqa: ANN401 - whatever JSON holds
    if isinstance(given, str) and given.strip():
        scheme, _, value = given.partition(":")
        return Identifier(scheme, value) if value else Identifier("other", scheme)
    if isinstance(given, dict) and isinstance(given.get("value"), str):
        return Identifier(str(given.get("scheme") or "other"), given["value"], str(given.get("country") or "").lower())
    raise InvalidInput(
        f"{where}: an identifier is scheme:value, or has scheme and value", code="match_party", field="identifiers"
    )


def decide(body: bytes, actor: Actor) -> dict[str, Any]:
    """Remember that a party is, or is not, a listed one: `{party, list, id, verdict, reason, expires_on}`.

    Raises:
        Forbidden: Not an officer.
        InvalidInput: A field is missing or wrong.
        NotFound: There is no such entry on the lists in force.
    """
    pairs.may_decide(actor)
    given = body_of(body)
    if not isinstance(given, dict):
        raise InvalidInput("the body is no object", code="json")
    party = party_of(given.get("party"), 0)
    source, number = str(given.get("list") or ""), str(given.get("id") or "")
    made = pairs.decide(
        actor,
        party,
        source=source,
        entry=number,
        verdict=str(given.get("verdict") or ""),
        reason=str(given.get("reason") or ""),
        expires_on=str(given.get("expires_on") or ""),
    )
    return {
        "list": source,
        "id": number,
        "verdict": made.verdict.value,
        "author": made.author,
        "decided_at": made.decided_at.isoformat(),
        "expires_on": made.expires_on.isoformat() if made.expires_on else None,
    }


# -- yente's ---------------------------------------------------------------------------------


def yente_match(body: bytes, dataset: str, params: dict[str, str]) -> dict[str, Any]:
    """Answer a yente `/match` request.

    Args:
        body: `{"queries": {...}}`.
        dataset: `default` and `sanctions` ask all lists, any other name the list of that name.
        params: Query parameters; `limit`, `threshold`, `cutoff`, `include_dataset` and `exclude_dataset` count, the
            names of algorithms do not: there is one.
    """
    asked = body_of(body)
    queries = asked.get("queries") if isinstance(asked, dict) else None
    if not isinstance(queries, dict) or not queries:
        raise InvalidInput("queries must be an object of queries by id", code="match_parties")
    if len(queries) > MOST:
        raise InvalidInput(f"{len(queries)} queries in one call; at most {MOST}", code="match_parties", max=str(MOST))
    found = screener()
    if dataset not in {"default", "sanctions", *found.editions}:
        raise NotFound(f"there is no list {dataset}; there are {', '.join(found.editions)}", code="screen_no_list")
    limit = int(_parameter(params, "limit", 5, 1, MOST_MATCHES))
    threshold = _parameter(params, "threshold", found.thresholds.usual, 0, 1)
    cutoff = min(_parameter(params, "cutoff", threshold, 0, 1), threshold)
    only = {dataset} if dataset in found.editions else set(filter(None, params.get("include_dataset", "").split(",")))
    without = set(filter(None, params.get("exclude_dataset", "").split(",")))
    responses = {}
    for key, query in queries.items():
        party = _of_ftm(query, key)
        matches = [
            each
            for each in found.index.search(party, threshold=cutoff, limit=MOST_MATCHES)
            if each.party.listed and (not only or each.source in only) and each.source not in without
        ]
        known = {
            (each.match.source, each.match.party.id): each.standing
            for each in found.screen(party, desk().now().date(), everything=True)
        }
        matches = [each for each in matches if known.get((each.source, each.party.id)) != Standing.NOT_SAME]
        responses[key] = {
            "status": 200,
            "results": [_result(each, threshold) for each in matches[:limit]],
            "total": {"value": len(matches), "relation": "eq"},
            "query": {"id": None, "schema": query.get("schema"), "properties": query.get("properties")},
        }
    return {"responses": responses, "matcher": {}, "limit": limit}


def _parameter(params: dict[str, str], name: str, usual: float, least: float, most: float) -> float:
    try:
        return _number(float(params[name]), name, least, most) if params.get(name) else usual
    except ValueError:
        raise InvalidInput(f"{name} is a number from {least} to {most}", code="match_number", field=name) from None


def _of_ftm(query: Any, key: str) -> Party:  # noqa: ANN401 - whatever JSON holds
    properties = query.get("properties") if isinstance(query, dict) else None
    if not isinstance(properties, dict):
        raise InvalidInput(f"query {key} has no properties", code="match_party", place=key)
    many = {
        name: [str(each) for each in (value if isinstance(value, list) else [value])]
        for name, value in properties.items()
    }
    names = [each for name in ("name", "alias", "previousName", "weakAlias") for each in many.get(name, ())]
    if not names and (many.get("firstName") or many.get("lastName")):
        names = [" ".join([*many.get("firstName", ()), *many.get("middleName", ()), *many.get("lastName", ())])]
    return Party(
        tuple(dict.fromkeys(each for each in names if each.strip()))[:MOST_NAMES],
        KINDS.get(str(query.get("schema") or ""), PartyKind.UNKNOWN),
        tuple(
            found
            for name in ("birthDate", "incorporationDate")
            for each in many.get(name, ())
            if (found := dates.partial(each))
        ),
        tuple(
            each.lower()
            for name in ("country", "nationality", "citizenship", "jurisdiction", "flag")
            for each in many.get(name, ())
        ),
        tuple(Identifier(scheme, each) for name, scheme in NUMBERS.items() for each in many.get(name, ())),
        tuple(many.get("address", ())),
        key,
    )


def _result(found: Match, threshold: float) -> dict[str, Any]:
    listed = found.party
    properties: dict[str, list[str]] = {"name": [each.text for each in listed.names]}
    person = listed.kind == PartyKind.PERSON
    for name, values in (
        ("birthDate" if person else "incorporationDate", listed.dates),
        ("nationality" if person else "country", listed.countries),
        ("address", listed.addresses),
        ("programId", listed.programmes),
        ("notes", (listed.remarks,) if listed.remarks else ()),
    ):
        if values:
            properties[name] = list(values)
    for each in listed.identifiers:
        properties.setdefault(_PROPERTIES.get(each.scheme, "idNumber"), []).append(each.value)
    properties["topics"] = ["sanction"]
    return {
        "id": f"{found.source}-{listed.id}",
        "caption": listed.names[0].text,
        "schema": SCHEMAS[listed.kind],
        "properties": properties,
        "datasets": [found.source],
        "referents": [],
        "target": True,
        "first_seen": listed.listed_on.isoformat() if listed.listed_on else None,
        "last_seen": None,
        "last_change": None,
        "score": round(found.score, 3),
        "features": {name: round(value, 3) for name, value in found.detail.parts.items()},
        "explanations": {},
        "match": found.score >= threshold,
    }
