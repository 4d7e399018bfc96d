"""Canada's consolidated autonomous sanctions list (SEMA), XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keruen.model.party import NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected
from keruen.watchlists.source import NotUnderstood, elements, value

if TYPE_CHECKING:
    from datetime import date

    from keruen.model.party import Link

_APART: Final = re.compile(r"[;,]\s+(?!(?:Ltd|Inc|LLC|S\.A|Co)\b)|\s/\s")


def read_xml(name: str, data: bytes, unknown: NotUnderstood) -> tuple[list[Collected], list[Link], date | None]:
    """Records under country, schedule and item, which is how the regulations number them.

    Raises:
        InvalidInput: Not well-formed.
    """
    found: list[Collected] = []
    for element in elements(name, data, "record"):
        if element.tag != "record":
            continue
        country, schedule, item = (value(element, part) for part in ("Country", "Schedule", "Item"))
        last, first = value(element, "LastName"), value(element, "GivenName")
        imo = value(element, "ShipIMONumber")
        kind = PartyKind.PERSON if last or first else PartyKind.VESSEL if imo else PartyKind.ORGANISATION
        party = Collected(f"{country.split(' / ')[0]}|{schedule}|{item}", kind)
        party.name(f"{last}, {first}" if last and first else last or first, NameKind.PRIMARY)
        party.name(value(element, "EntityOrShip"), NameKind.PRIMARY)
        for alias in _APART.split(value(element, "Aliases")):
            party.name(alias)
        party.date(dates.partial(value(element, "DateOfBirthOrShipBuildDate")))
        party.identifier("imo", imo)
        party.programme(country)
        party.listed_on = dates.whole(value(element, "DateOfListing"))
        party.remark(value(element, "TitleOrShip"))
        found.append(party)
    del unknown  # the country named is the regulation's, not the party's
    return found, [], None
