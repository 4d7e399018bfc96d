"""The United Kingdom: OFSI's consolidated list and the UK sanctions list as CSV, and the UK sanctions list as XML.

The XML and the sanctions list's own CSV were not at hand: their loaders follow the published field names and are
tested on made-up files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keruen.model.party import NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected
from keruen.watchlists.source import NotUnderstood, elements, refused, table, value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from xml.etree.ElementTree import Element

    from keruen.model.party import Link

Loaded = tuple[list[Collected], "list[Link]", "date | None"]
_KINDS: Final = {"individual": PartyKind.PERSON, "entity": PartyKind.ORGANISATION, "ship": PartyKind.VESSEL}


def read_csv(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """Either CSV: a line with the date, a header, then one row a name; rows of one party share its number.

    Raises:
        InvalidInput: No column with the party's number.
    """
    first = text.split("\n", 1)[0]
    published = dates.whole(first.split(",")[1].strip()) if "," in first else dates.whole(first.split(":")[-1].strip())
    found: dict[str, Collected] = {}
    for line, row in table(name, text, skip=1):
        cells = {key.lower(): cell for key, cell in row.items()}
        number = cells.get("unique id") or cells.get("group id") or cells.get("ofsi group id")
        if "group id" not in cells and "unique id" not in cells:
            raise refused(f"{name} has no column Group ID or Unique ID", "column", file=name, column="Group ID")
        if not number:
            unknown[f"line {line} without a number"] += 1
            continue
        kind = cells.get("group type") or cells.get("designation type") or cells.get("individual, entity, ship") or ""
        party = found.setdefault(number, Collected(number, _KINDS.get(kind.lower(), PartyKind.UNKNOWN)))
        _row(party, cells, unknown)
    return list(found.values()), [], published


def _row(party: Collected, cells: Mapping[str, str], unknown: NotUnderstood) -> None:
    whole = " ".join(part for number in range(1, 7) if (part := cells.get(f"name {number}", "")))
    alias = (cells.get("alias type") or cells.get("name type") or "").lower()
    quality = (cells.get("alias quality") or cells.get("alias strength") or "").lower()
    weak = "low" in quality or "weak" in quality
    primary = alias.startswith(("prime", "primary name"))
    party.name(whole, NameKind.WEAK if weak else NameKind.PRIMARY if primary and not party.names else NameKind.ALIAS)
    party.name(cells.get("name non-latin script") or cells.get("name non-latin"))
    for text in (cells.get("dob") or cells.get("d.o.b") or "").split("|"):
        party.date(dates.partial(text.strip()))
    for column in ("nationality", "nationality(/ies)", "country", "address country", "current believed flag of ship"):
        for text in cells.get(column, "").replace("(1)", "|").replace("(2)", "|").replace("(3)", "|").split("|"):
            party.country(unknown.country(text))
    for column, scheme in (
        ("passport number", "passport"),
        ("national identification number", "national"),
        ("national identifier number", "national"),
        ("imo number", "imo"),
        ("business registration number (s)", "registration"),
    ):
        party.identifier(scheme, cells.get(column))
    where = [cells.get(f"address {number}") or cells.get(f"address line {number}") for number in range(1, 7)]
    party.address(
        *where,
        cells.get("post/zip code") or cells.get("address postal code"),
        cells.get("country") or cells.get("address country"),
    )
    party.programme(cells.get("regime") or cells.get("regime name"))
    for text in cells.get("sanctions imposed", "").split("|"):
        party.measure(text)
    party.listed_on = party.listed_on or dates.whole(cells.get("listed on") or cells.get("date designated") or "")
    party.place_of_birth = party.place_of_birth or ", ".join(
        part for column in ("town of birth", "country of birth") if (part := cells.get(column, ""))
    )
    party.gender = party.gender or cells.get("gender", "").lower()
    party.remark(cells.get("other information"))


def read_xml(name: str, data: bytes, unknown: NotUnderstood) -> Loaded:
    """The UK sanctions list, `Designations`."""
    found: list[Collected] = []
    published: date | None = None
    for element in elements(name, data, "Designation", "DateGenerated"):
        if element.tag == "DateGenerated":
            published = dates.whole((element.text or "").strip())
        elif element.tag == "Designation":
            found.append(_designation(element, unknown))
    return found, [], published


def _designation(element: Element, unknown: NotUnderstood) -> Collected:  # noqa: C901 - field by field
    kind = value(element, "IndividualEntityShip").lower()
    party = Collected(value(element, "UniqueID") or value(element, "OFSIGroupID"), _KINDS.get(kind, PartyKind.UNKNOWN))
    for each in element.iterfind("Names/Name"):
        whole = " ".join(part for number in range(1, 7) if (part := value(each, f"Name{number}")))
        title = value(each, "NameType").lower()
        weak = "weak" in value(each, "AliasStrength").lower() or "low" in value(each, "AliasStrength").lower()
        party.name(whole, NameKind.WEAK if weak else NameKind.PRIMARY if title == "primary name" else NameKind.ALIAS)
    for each in element.iterfind("NonLatinNames/NonLatinName"):
        party.name(value(each, "NameNonLatinScript"))
    for each in element.iter("DOB"):
        party.date(dates.partial((each.text or "").strip()))
    for tag in ("Nationality", "AddressCountry", "CurrentBelievedFlagOfShip"):
        for each in element.iter(tag):
            party.country(unknown.country(each.text))
    for tag, scheme in (("PassportNumber", "passport"), ("NationalIdentifierNumber", "national"), ("IMONumber", "imo")):
        for each in element.iter(tag):
            party.identifier(scheme, each.text)
    for each in element.iter("BusinessRegistrationNumber"):
        party.identifier("registration", each.text)
    for each in element.iterfind("Addresses/Address"):
        party.address(*(part.text for part in each))
    party.programme(value(element, "RegimeName"))
    for text in value(element, "SanctionsImposed").split("|"):
        party.measure(text)
    party.listed_on = dates.whole(value(element, "DateDesignated"))
    party.remark(value(element, "OtherInformation"))
    return party
