"""The United Nations Security Council's consolidated list, XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.model.party import NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected, scheme_of
from keruen.watchlists.source import NotUnderstood, elements, tidy, value

if TYPE_CHECKING:
    from datetime import date
    from xml.etree.ElementTree import Element

    from keruen.model.party import Link


def read_xml(name: str, data: bytes, unknown: NotUnderstood) -> tuple[list[Collected], list[Link], date | None]:
    """People and entities, each under its REFERENCE_NUMBER.

    Raises:
        InvalidInput: Not well-formed.
    """
    found: list[Collected] = []
    published: date | None = None
    for element in elements(name, data, "INDIVIDUAL", "ENTITY"):
        if element.tag in {"INDIVIDUAL", "ENTITY"}:
            found.append(_party(element, unknown))
        else:
            published = dates.whole(element.get("dateGenerated", "")[:10])
    return found, [], published


def _party(element: Element, unknown: NotUnderstood) -> Collected:
    kind = element.tag
    person = kind == "INDIVIDUAL"
    party = Collected(value(element, "REFERENCE_NUMBER"), PartyKind.PERSON if person else PartyKind.ORGANISATION)
    parts = (value(element, f"{order}_NAME") for order in ("FIRST", "SECOND", "THIRD", "FOURTH"))
    party.name(" ".join(part for part in parts if part), NameKind.PRIMARY)
    party.name(value(element, "NAME_ORIGINAL_SCRIPT"))
    for alias in element.iterfind(f"{kind}_ALIAS"):
        weak = value(alias, "QUALITY").lower() == "low"
        # One element may hold several names, set apart by a semicolon.
        for text in value(alias, "ALIAS_NAME").split(";"):
            party.name(text, NameKind.WEAK if weak else NameKind.ALIAS)
        if born := value(alias, "DATE_OF_BIRTH"):
            party.date(dates.partial(born))
    for each in element.iterfind("INDIVIDUAL_DATE_OF_BIRTH"):
        party.date(_born(each))
    for each in element.iterfind("NATIONALITY/VALUE"):
        party.country(unknown.country(each.text))
    for each in element.iterfind(f"{kind}_ADDRESS"):
        party.country(unknown.country(value(each, "COUNTRY")))
        party.address(*(value(each, part) for part in ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")))
    for each in element.iterfind("INDIVIDUAL_PLACE_OF_BIRTH"):
        where = ", ".join(text for part in ("CITY", "STATE_PROVINCE", "COUNTRY") if (text := value(each, part)))
        party.place_of_birth = party.place_of_birth or where
    for each in element.iterfind("INDIVIDUAL_DOCUMENT"):
        title = f"{value(each, 'TYPE_OF_DOCUMENT')} {value(each, 'TYPE_OF_DOCUMENT2')}"
        country = unknown.country(value(each, "ISSUING_COUNTRY") or value(each, "COUNTRY_OF_ISSUE"))
        party.identifier(scheme_of(title, country=country), value(each, "NUMBER"), country)
    party.programme(value(element, "UN_LIST_TYPE"))
    party.listed_on = dates.whole(value(element, "LISTED_ON"))
    party.gender = value(element, "GENDER").lower()
    party.remark(value(element, "COMMENTS1"))
    return party


def _born(element: Element) -> str:
    first, last = value(element, "FROM_YEAR"), value(element, "TO_YEAR")
    if first.isdigit() and last.isdigit():
        return f"{first}/{last}" if first < last else first
    return dates.partial(tidy(value(element, "DATE")) or value(element, "YEAR"))
