"""The United States' Consolidated Screening List and the BIS Denied Persons List.

The first holds the Entity List, Unverified, Military End User, ISN, SDN and others.

CSV with `;` between the values of a cell, both layouts; JSON with `results` as the service gives it.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from keruen.model.party import NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected, scheme_of
from keruen.watchlists.source import NotUnderstood, refused, table

if TYPE_CHECKING:
    from datetime import date

    from keruen.model.party import Link

Loaded = tuple[list[Collected], "list[Link]", "date | None"]
_KINDS: Final = {
    "individual": PartyKind.PERSON,
    "entity": PartyKind.ORGANISATION,
    "vessel": PartyKind.VESSEL,
    "aircraft": PartyKind.VEHICLE,
}


def read_csv(name: str, text: str, unknown: NotUnderstood) -> Loaded:  # noqa: C901 - column by column
    """CSV of either layout. Parties without a number of their own are known by source and name."""
    found: list[Collected] = []
    for _, row in table(name, text):
        many = {key: [part.strip() for part in cell.split(";") if part.strip()] for key, cell in row.items()}
        party = _party(row, unknown)
        for key in ("alt_names",):
            for each in many.get(key, ()):
                party.name(each)
        for each in many.get("addresses", ()):
            party.address(each)
            party.country(unknown.country(each.rpartition(",")[2]))
        for key in ("citizenships", "nationalities"):
            for each in many.get(key, ()):
                party.country(unknown.country(each))
        for each in many.get("dates_of_birth", ()):
            party.date(dates.partial(each))
        for each in many.get("programs", ()):
            party.programme(each)
        for each in many.get("ids", ()):
            parts = [part.strip() for part in each.split(",")]
            if len(parts) == 3:  # noqa: PLR2004 - country, number, title
                _number(party, parts[2], parts[1], parts[0], unknown)
            else:
                party.identifier("other", each)
        party.place_of_birth = row.get("places_of_birth", "")
        found.append(party)
    return found, [], None


def _number(party: Collected, title: str, number: str, where: str, unknown: NotUnderstood) -> None:
    country = unknown.country(where)
    if title.lower() == "gender":
        party.gender = number.lower()
    elif not title.lower().startswith(("additional sanctions", "secondary sanctions")):
        party.identifier(scheme_of(title, number, country), number.removeprefix("IMO "), country)


def _party(row: dict[str, Any], unknown: NotUnderstood) -> Collected:
    text = {key: str(cell or "") for key, cell in row.items()}
    source, names = text.get("source", ""), text.get("name", "")
    short = re.search(r"\(([A-Z]+)\)", source)
    number = text.get("entity_number") or text.get("_id") or text.get("id") or sha256(names.encode()).hexdigest()[:16]
    party = Collected(
        f"{short[1] if short else 'CSL'}-{number}", _KINDS.get(text.get("type", "").lower(), PartyKind.UNKNOWN)
    )
    # "X; and any successor, sub-unit, or subsidiary thereof" is a legal phrase, not a name.
    bare = re.sub(r"[;,]?\s*and any successors?,? .*$", "", names, flags=re.IGNORECASE)
    party.name(bare, NameKind.PRIMARY)
    party.programme(source)
    party.measure(text.get("license_requirement"))
    party.measure(text.get("license_policy"))
    party.identifier("call_sign", text.get("call_sign"))
    party.country(unknown.country(text.get("vessel_flag")))
    party.country(unknown.country(text.get("country")))
    party.listed_on = dates.whole(text.get("start_date", ""))
    party.remark(text.get("remarks"))
    return party


def read_json(name: str, document: Any, unknown: NotUnderstood) -> Loaded:  # noqa: ANN401 - parsed JSON
    """JSON: an object with `results`, or the list itself.

    Raises:
        InvalidInput: Neither.
    """
    results = document.get("results") if isinstance(document, dict) else document
    if not isinstance(results, list) or not all(isinstance(each, dict) and "name" in each for each in results):
        raise refused(f"{name} has no list of results with names", "json", file=name)
    found = []
    for row in results:
        party = _party(row, unknown)
        for each in row.get("alt_names") or ():
            party.name(str(each))
        for each in row.get("addresses") or ():
            party.address(
                *(str(each.get(part) or "") for part in ("address", "city", "state", "postal_code", "country"))
            )
            party.country(unknown.country(each.get("country")))
        for key in ("citizenships", "nationalities"):
            for each in row.get(key) or ():
                party.country(unknown.country(str(each)))
        for each in row.get("dates_of_birth") or ():
            party.date(dates.partial(str(each)))
        for each in row.get("programs") or ():
            party.programme(str(each))
        for each in row.get("ids") or ():
            _number(
                party,
                str(each.get("type") or ""),
                str(each.get("number") or ""),
                str(each.get("country") or ""),
                unknown,
            )
        found.append(party)
    return found, [], None


def read_denied(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """The Denied Persons List, tab-separated. It has no numbers, so name and first day stand for one."""
    found: dict[str, Collected] = {}
    for _, row in table(name, text, "\t"):
        begins = dates.whole(row.get("Effective_Date", ""), month_first=True)
        number = f"{row.get('Name', '')}|{begins or ''}"
        party = found.setdefault(number, Collected(sha256(number.encode()).hexdigest()[:16]))
        party.name(row.get("Name"), NameKind.PRIMARY)
        party.country(unknown.country(row.get("Country")))
        party.address(*(row.get(part) for part in ("Street_Address", "City", "State", "Postal_Code", "Country")))
        party.programme("Denied Persons List")
        party.measure("Export privileges denied")
        party.listed_on = party.listed_on or begins
        party.remark(row.get("FR_Citation"))
    return list(found.values()), [], None


def parse_json(name: str, text: str) -> Any:  # noqa: ANN401 - parsed JSON
    """A JSON file.

    Raises:
        InvalidInput: It is none, with line and column.
    """
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "nesting"
        raise refused(
            f"{name}: no JSON ({where}): it is cut off or damaged; fetch it again", "json", file=name
        ) from error
