"""Lists of one's own, as CSV with our columns; also flat files of others with their columns named.

    id,name,aliases,weak_aliases,kind,dates,countries,identifiers,addresses,programmes,measures,remarks,owners

Several values of a cell are set apart by `|`. An identifier is `scheme:value` or `scheme:value:country`; an owner is
the id of another row, perhaps with a share: `A17:50%`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from keruen.model.party import Link, LinkKind, NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected
from keruen.watchlists.opensanctions import percentage
from keruen.watchlists.source import NotUnderstood, refused, table

if TYPE_CHECKING:
    from datetime import date

Loaded = tuple[list[Collected], list[Link], "date | None"]
COLUMNS: Final = frozenset(
    {
        "id",
        "name",
        "aliases",
        "weak_aliases",
        "kind",
        "dates",
        "countries",
        "identifiers",
        "addresses",
        "programmes",
        "measures",
        "remarks",
        "owners",
    }
)
FLAT: Final = {
    "Name": "name",
    "Alias": "aliases",
    "Nationality": "countries",
    "Designation": "kind",
    "Sanction Type": "programmes",
}
"""Columns of flattened lists in circulation, where names are set apart by commas."""
_KINDS: Final = {
    **{each.value: each for each in PartyKind},
    "individual": PartyKind.PERSON,
    "organization": PartyKind.ORGANISATION,
    "entity": PartyKind.ORGANISATION,
    "company": PartyKind.ORGANISATION,
    "enterprise": PartyKind.ORGANISATION,
    "ship": PartyKind.VESSEL,
    "aircraft": PartyKind.VEHICLE,
}


def read_csv(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """A list of one's own.

    Raises:
        InvalidInput: No column `name`, a column that is not known, or a row without a name, with its line.
    """
    found: list[Collected] = []
    links: list[Link] = []
    for line, cells in table(name, text):
        flat = "Name" in cells and "name" not in cells
        row = {FLAT.get(key, key): cell for key, cell in cells.items()} if flat else cells
        if not flat and (strange := sorted(set(row) - COLUMNS - {""})):
            raise refused(
                f"{name} has a column {strange[0]}; known are {', '.join(sorted(COLUMNS))}",
                "column",
                file=name,
                column=strange[0],
            )
        if flat and not row.get("name"):
            unknown[f"line {line} without a name"] += 1
            continue
        if not row.get("name"):
            raise refused(f"{name}, line {line} has no name", "name", file=name, line=str(line))
        found.append(_party(row, unknown, ", " if flat else "|"))
        for each in row.get("owners", "").split("|"):
            owner, _, share = each.strip().partition(":")
            if owner:
                links.append(Link(LinkKind.OWNS, owner, found[-1].id, percentage(share)))
    if not found:
        raise refused(f"{name} has no row", "empty", file=name)
    return found, links, None


def _party(row: dict[str, str], unknown: NotUnderstood, apart: str) -> Collected:
    def many(key: str) -> list[str]:
        return [each.strip() for each in row.get(key, "").split(apart) if each.strip() not in {"", "None", "Unknown"}]

    number = row.get("id") or sha256(row["name"].encode()).hexdigest()[:16]
    party = Collected(number, _KINDS.get(row.get("kind", "").lower().split(" - ")[0], PartyKind.UNKNOWN))
    party.name(row["name"], NameKind.PRIMARY)
    for each in many("aliases"):
        party.name(each)
    for each in many("weak_aliases"):
        party.name(each, NameKind.WEAK)
    for each in many("dates"):
        party.date(dates.partial(each))
    for each in many("countries"):
        party.country(unknown.country(each))
    for each in many("identifiers"):
        scheme, _, rest = each.partition(":")
        value, _, country = rest.partition(":")
        party.identifier(scheme if rest else "other", value if rest else scheme, country.lower())
    for each in many("addresses"):
        party.address(each)
    for each in many("programmes"):
        party.programme(each)
    for each in many("measures"):
        party.measure(each)
    party.remark(row.get("remarks"))
    return party
