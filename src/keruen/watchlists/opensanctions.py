"""OpenSanctions: FollowTheMoney entities as JSON lines, with ownership and other ties, and targets files as CSV."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from keruen.model.party import Link, LinkKind, NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected
from keruen.watchlists.source import MAX_LINE, NotUnderstood, refused, table

if TYPE_CHECKING:
    from datetime import date

Loaded = tuple[list[Collected], list[Link], "date | None"]
KINDS: Final = {
    "Person": PartyKind.PERSON,
    "Organization": PartyKind.ORGANISATION,
    "Company": PartyKind.ORGANISATION,
    "PublicBody": PartyKind.ORGANISATION,
    "LegalEntity": PartyKind.UNKNOWN,
    "Vessel": PartyKind.VESSEL,
    "Airplane": PartyKind.VEHICLE,
    "Vehicle": PartyKind.VEHICLE,
}
NUMBERS: Final = {
    "innCode": "inn",
    "ogrnCode": "ogrn",
    "kppCode": "kpp",
    "imoNumber": "imo",
    "mmsi": "mmsi",
    "callSign": "call_sign",
    "leiCode": "lei",
    "swiftBic": "swift",
    "uscCode": "uscc",
    "passportNumber": "passport",
    "idNumber": "national",
    "taxNumber": "tax",
    "registrationNumber": "registration",
    "serialNumber": "tail",
}
_DATES: Final = ("birthDate", "incorporationDate", "buildDate")
_COUNTRIES: Final = ("country", "nationality", "citizenship", "jurisdiction", "flag", "mainCountry")
_EDGES: Final = {
    "Ownership": (LinkKind.OWNS, "owner", "asset"),
    "Directorship": (LinkKind.CONTROLS, "director", "organization"),
    "Representation": (LinkKind.ACTS_FOR, "agent", "client"),
    "Employment": (LinkKind.ACTS_FOR, "employee", "employer"),
    "Membership": (LinkKind.ASSOCIATED, "member", "organization"),
    "Family": (LinkKind.FAMILY, "person", "relative"),
    "Associate": (LinkKind.ASSOCIATED, "person", "associate"),
    "Succession": (LinkKind.SUCCEEDS, "successor", "predecessor"),
    "UnknownLink": (LinkKind.ASSOCIATED, "subject", "object"),
}


def read_ftm(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """FollowTheMoney JSON lines. Entities without the topic of a sanction and not a target count as not listed.

    Raises:
        InvalidInput: A line is no JSON object with id, schema and properties.
    """
    found: list[Collected] = []
    links: list[Link] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        entity = _entity(name, number, line)
        schema, properties = entity["schema"], entity["properties"]
        if schema in _EDGES:
            links += _links(schema, properties)
        elif schema in KINDS:
            found.append(_party(entity, schema, properties, unknown))
        elif schema not in {"Sanction", "Address", "Identification", "Passport"}:
            unknown[f"schema {schema}"] += 1
    return found, links, None


def _entity(name: str, number: int, line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE * 8:
        raise refused(f"{name}, line {number} is too long", "line", file=name, line=str(number))
    try:
        entity = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise refused(
            f"{name}, line {number} is no JSON: it is cut off or damaged", "json", file=name, line=str(number)
        ) from error
    if (
        not isinstance(entity, dict)
        or not isinstance(entity.get("schema"), str)
        or not isinstance(entity.get("id"), str)
    ):
        raise refused(f"{name}, line {number} has no id and schema", "ftm", file=name, line=str(number))
    properties = entity.setdefault("properties", {})
    if not isinstance(properties, dict) or not all(isinstance(each, list) for each in properties.values()):
        raise refused(f"{name}, line {number}: properties are no lists", "ftm", file=name, line=str(number))
    return entity


def _party(entity: dict[str, Any], schema: str, properties: dict[str, list[Any]], unknown: NotUnderstood) -> Collected:  # noqa: C901 - property by property
    def many(key: str) -> list[str]:
        return [str(each) for each in properties.get(key, ())]

    party = Collected(entity["id"], KINDS[schema])
    party.name(str(entity.get("caption") or ""), NameKind.PRIMARY)
    for key, kind in (
        ("name", NameKind.ALIAS),
        ("alias", NameKind.ALIAS),
        ("previousName", NameKind.ALIAS),
        ("weakAlias", NameKind.WEAK),
    ):
        for each in many(key):
            party.name(each, kind)
    for key in _DATES:
        for each in many(key):
            party.date(dates.partial(each))
    for key in _COUNTRIES:
        for each in many(key):
            party.country(unknown.country(each))
    for key, scheme in NUMBERS.items():
        for each in many(key):
            party.identifier(scheme, each)
    for each in many("address"):
        party.address(each)
    for each in many("programId") + many("program"):
        party.programme(each)
    party.gender = next(iter(many("gender")), "")
    party.place_of_birth = next(iter(many("birthPlace")), "")
    topics = set(many("topics"))
    party.listed = bool(entity.get("target")) or any(topic.startswith(("sanction", "export")) for topic in topics)
    for each in sorted(topics):
        party.measure(each)
    for each in many("notes")[:3]:
        party.remark(each)
    return party


def _links(schema: str, properties: dict[str, list[Any]]) -> list[Link]:
    kind, left, right = _EDGES[schema]
    share = next(
        (found for each in properties.get("percentage", ()) if (found := percentage(str(each))) is not None), None
    )
    since = dates.partial(str(next(iter(properties.get("startDate", ())), "")))
    until = dates.partial(str(next(iter(properties.get("endDate", ())), "")))
    return [
        Link(kind, str(one), str(other), share, since=since, until=until)
        for one in properties.get(left, ())
        for other in properties.get(right, ())
    ]


def percentage(text: str) -> Fraction | None:
    """`50`, `50 %`, `0.5` of a share as a fraction; of a range the lower end; None where it is no number."""
    found = re.search(r"\d+(?:[.,]\d+)?", text)
    if found is None:
        return None
    number = Fraction(found[0].replace(",", "."))
    share = number if number <= 1 and "%" not in text and "." in found[0] else number / 100
    return share if share <= 1 else None


def read_targets(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """`targets.simple.csv`; semicolons between the values of a cell.

    Raises:
        InvalidInput: Not readable as CSV.
    """
    found: list[Collected] = []
    for _, row in table(name, text):
        many = {key: [part.strip() for part in cell.split(";") if part.strip()] for key, cell in row.items()}
        party = Collected(row.get("id", ""), KINDS.get(row.get("schema", ""), PartyKind.UNKNOWN))
        party.name(row.get("name"), NameKind.PRIMARY)
        for each in many.get("aliases", ()):
            party.name(each)
        for each in many.get("birth_date", ()):
            party.date(dates.partial(each))
        for each in many.get("countries", ()):
            party.country(unknown.country(each))
        for each in many.get("identifiers", ()):
            bare = each.upper()
            party.identifier("imo" if re.fullmatch(r"IMO\d{7}", bare) else "other", each.removeprefix("IMO"))
        for each in many.get("addresses", ()):
            party.address(each)
        for each in many.get("program_ids", ()):
            party.programme(each)
        party.programme(row.get("dataset"))
        party.listed_on = dates.whole(row.get("first_seen", "")[:10])
        found.append(party)
    return found, [], None


SHEET: Final = frozenset({"schema", "name", "aliases", "topics", "program", "country"})
"""Columns by which a sheet is known."""


def read_sheet(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """A sheet in which a list without a file of its own was written down, as for section 1286 of the NDAA 2019.

    Values of a cell are set apart by semicolons. A sheet has no numbers, so a party's number is made of its name; a
    day on which the listing ended becomes a remark, for a list is read without a clock.

    Raises:
        InvalidInput: Not readable as CSV, or a row without a name, with its line.
    """
    found: list[Collected] = []
    for line, row in table(name, text):
        title = row.get("name", "").strip()
        if not title:
            raise refused(f"{name}, line {line} has no name", "name", file=name, line=str(line))
        party = Collected(sha256(title.encode()).hexdigest()[:16], KINDS.get(row.get("schema", ""), PartyKind.UNKNOWN))
        party.name(title, NameKind.PRIMARY)
        for each in row.get("aliases", "").split(";"):
            party.name(each.strip())
        for each in filter(None, (part.strip() for part in row.get("country", "").split(";"))):
            party.country(unknown.country(each))
        party.programme(row.get("program"))
        for each in ("reason", "notes"):
            party.remark(row.get(each))
        if ended := row.get("end-date", "").strip():
            party.remark(f"until {ended}")
        party.listed_on = dates.whole(row.get("start-date", ""))
        found.append(party)
    return found, [], None
