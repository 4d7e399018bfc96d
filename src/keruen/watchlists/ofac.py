"""OFAC: SDN and consolidated lists as CSV set (main, alt, add, comments), as sdnList XML and as advanced XML.

Formats: OFAC's data specifications, files SDN.CSV, ALT.CSV, ADD.CSV (no header, `-0-` for nothing), SDN.XML
(`sdnList`), SDN_ADVANCED.XML (`Sanctions`). The advanced file was not at hand: its loader follows the published
schema and is tested on a made-up file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keruen.model.party import Link, LinkKind, NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected, scheme_of
from keruen.watchlists.source import NotUnderstood, elements, refused, rows, text_of, tidy, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from xml.etree.ElementTree import Element

NOTHING: Final = "-0-"
_KINDS: Final = {
    "individual": PartyKind.PERSON,
    "entity": PartyKind.ORGANISATION,
    "vessel": PartyKind.VESSEL,
    "aircraft": PartyKind.VEHICLE,
    "": PartyKind.ORGANISATION,
}
_MAIN, _ALT, _ADD, _COMMENTS = 12, 5, 6, 2

Loaded = tuple[list[Collected], list[Link], "date | None"]


def _cell(text: str) -> str:
    bare = tidy(text)
    return "" if bare == NOTHING else bare


# -- CSV -------------------------------------------------------------------------------------


def is_csv(text: str) -> bool:
    """Whether a file's beginning is one of OFAC's: a number, then cells with `-0-`."""
    line = text[:2000].split("\n", 1)[0]
    return bool(re.match(r'^\d+,("|\d+,("|-0-)|-0-)', line))


def read_csv(files: Mapping[str, bytes], unknown: NotUnderstood) -> Loaded:  # noqa: C901, PLR0912 - file by file
    """The set of CSV files, whichever of it is given; the main file must be.

    Raises:
        InvalidInput: No main file, or a line that is none of OFAC's.
    """
    parts: dict[int, list[tuple[str, int, list[str]]]] = {_MAIN: [], _ALT: [], _ADD: [], _COMMENTS: []}
    for name, data in files.items():
        for line, row in rows(name, text_of(name, data, "utf-8-sig", "cp1252", "latin-1")):
            if len(row) not in parts or not row[0].strip().isdigit():
                raise refused(
                    f"{name}, line {line} has {len(row)} cells; OFAC's files have 12, 5 or 6 and begin with a number",
                    "cells",
                    file=name,
                    line=str(line),
                )
            parts[len(row)].append((name, line, [_cell(each) for each in row]))
    if not parts[_MAIN]:
        raise refused("the main file (sdn.csv or cons_prim.csv) is missing: give it together with alt and add", "main")
    found: dict[str, Collected] = {}
    links: list[Link] = []
    for _, _, row in parts[_MAIN]:
        party = found[row[0]] = Collected(row[0], _KINDS.get(row[2].lower(), PartyKind.UNKNOWN))
        party.name(row[1], NameKind.PRIMARY)
        for programme in re.split(r"\]\s*\[|;", row[3]):
            party.programme(programme.strip("[] "))
        if row[5]:
            party.identifier("call_sign", row[5])
        party.country(unknown.country(row[9]))
        _remarks(party, row[11], links, unknown)
    for name, line, row in parts[_ALT]:
        if row[0] not in found:
            unknown[f"alias of unknown {row[0]}, {name} line {line}"] += 1
            continue
        weak = "weak" in row[4].lower()
        found[row[0]].name(row[3], NameKind.WEAK if weak else NameKind.ALIAS)
    for _, _, row in parts[_ADD]:
        if row[0] in found:
            country = unknown.country(row[4])
            found[row[0]].country(country)
            found[row[0]].address(row[2], row[3], row[4])
    for _, _, row in parts[_COMMENTS]:
        if row[0] in found:
            _remarks(found[row[0]], row[1], links, unknown)
    return list(found.values()), _resolved(links, found.values()), None


_WEAK: Final = re.compile(r"a\.k\.a\. '([^']+)'")
_NUMBER: Final = re.compile(
    r"^(?P<title>[A-Za-z][A-Za-z .,/&\-()]*?"
    r"(?:No\.|Number|Identification|ID(?! No\.)|Passport|IMO|BIC|RUC|C\.U\.I\.T\.|MMSI|Address - [A-Z]+))"
    r"\s+(?P<value>\S[^()]*?)\s*(?:\((?P<country>[^()]+)\))?(?:\s+issued.*|\s+expires.*)?$"
)


def _remarks(party: Collected, text: str, links: list[Link], unknown: NotUnderstood) -> None:
    """What stands in OFAC's free text: birth, nationality, numbers, weak aliases, ties."""
    for alias in _WEAK.findall(text):
        party.name(alias, NameKind.WEAK)
    rest = _WEAK.sub("", text).replace("(Linked To:", ";Linked To:")
    for part in rest.split(";"):
        item = tidy(part).rstrip(".")
        low = item.lower()
        if low.startswith(("dob ", "alt. dob ")):
            party.date(dates.partial(item.split("DOB", 1)[-1]))
        elif low.startswith(("pob ", "alt. pob ")):
            party.place_of_birth = party.place_of_birth or item.split("POB", 1)[-1].strip()
        elif low.startswith(("nationality ", "citizen ", "alt. nationality ", "alt. citizen ")):
            party.country(unknown.country(re.split(r"(?i)nationality|citizen", item)[-1]))
        elif low.startswith("gender "):
            party.gender = low.removeprefix("gender ").strip()
        elif low.startswith("organization established date "):
            party.date(dates.partial(item[len("organization established date ") :]))
        elif low.startswith("linked to:"):
            links.append(Link(LinkKind.ACTS_FOR, party.id, "", object_name=item.split(":", 1)[1].strip(" )")))
        elif number := _NUMBER.match(item):
            country = unknown.country(number["country"])
            scheme = scheme_of(number["title"], number["value"], country)
            party.identifier(scheme, number["value"].removeprefix("IMO "), country)
    party.remark(text)


def _resolved(links: Iterable[Link], parties: Iterable[Collected]) -> list[Link]:
    """Ties by name, with the id of the party of that name where there is just one."""
    by_name: dict[str, set[str]] = {}
    for party in parties:
        for name in party.names:
            by_name.setdefault(name, set()).add(party.id)
    found = []
    for link in links:
        ids = by_name.get(link.object_name.casefold(), set())
        found.append(link._replace(object=next(iter(ids))) if len(ids) == 1 else link)
    return found


# -- sdnList XML -----------------------------------------------------------------------------


def read_xml(name: str, data: bytes, unknown: NotUnderstood) -> Loaded:
    """SDN.XML or CONSOLIDATED.XML, with the number of records that the file itself states checked.

    Raises:
        InvalidInput: Not well-formed, or fewer records than stated.
    """
    found: list[Collected] = []
    links: list[Link] = []
    published: date | None = None
    stated = ""
    for element in elements(name, data, "sdnEntry", "publshInformation"):
        if element.tag == "publshInformation":
            published = dates.whole(value(element, "Publish_Date"), month_first=True)
            stated = value(element, "Record_Count")
        elif element.tag == "sdnEntry":
            found.append(_entry(element, links, unknown))
    if stated.isdigit() and int(stated) != len(found):
        raise refused(
            f"{name} says it has {stated} records and has {len(found)}: it is cut off; fetch it again",
            "count",
            file=name,
        )
    return found, _resolved(links, found), published


def _entry(element: Element, links: list[Link], unknown: NotUnderstood) -> Collected:  # noqa: C901 - field by field
    party = Collected(value(element, "uid"), _KINDS.get(value(element, "sdnType").lower(), PartyKind.UNKNOWN))
    party.name(_whole(element), NameKind.PRIMARY)
    for each in element.iterfind("programList/program"):
        party.programme(each.text)
    for each in element.iterfind("akaList/aka"):
        party.name(_whole(each), NameKind.WEAK if value(each, "category") == "weak" else NameKind.ALIAS)
    for each in element.iterfind("dateOfBirthList/dateOfBirthItem"):
        party.date(dates.partial(value(each, "dateOfBirth")))
    for each in element.iterfind("placeOfBirthList/placeOfBirthItem"):
        party.place_of_birth = party.place_of_birth or value(each, "placeOfBirth")
    for path in ("nationalityList/nationality", "citizenshipList/citizenship"):
        for each in element.iterfind(path):
            party.country(unknown.country(value(each, "country")))
    for each in element.iterfind("addressList/address"):
        party.country(unknown.country(value(each, "country")))
        fields = ("address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "country")
        party.address(*(value(each, field) for field in fields))
    for each in element.iterfind("idList/id"):
        title, number, country = (
            value(each, "idType"),
            value(each, "idNumber"),
            unknown.country(value(each, "idCountry")),
        )
        if title.lower() == "gender":
            party.gender = number.lower()
        elif not title.lower().startswith(("secondary sanctions", "additional sanctions")):
            party.identifier(scheme_of(title, number, country), number.removeprefix("IMO "), country)
    vessel = element.find("vesselInfo")
    if vessel is not None:
        party.identifier("call_sign", value(vessel, "callSign"))
        party.country(unknown.country(value(vessel, "vesselFlag")))
    _remarks(party, value(element, "remarks"), links, unknown)
    return party


def _whole(element: Element) -> str:
    first, last = value(element, "firstName"), value(element, "lastName")
    return f"{last}, {first}" if first else last


# -- advanced XML ----------------------------------------------------------------------------


def read_advanced(name: str, data: bytes, unknown: NotUnderstood) -> Loaded:
    """SDN_ADVANCED.XML: reference values, then parties, profiles relations and entries that point at them."""
    wanted = (
        "ReferenceValueSets",
        "DateOfIssue",
        "Location",
        "IDRegDocument",
        "DistinctParty",
        "ProfileRelationship",
        "SanctionsEntry",
    )
    read = _Advanced(unknown)
    for element in elements(name, data, *wanted):
        read.take(element)
    return list(read.parties.values()), read.links, read.published


class _Advanced:
    def __init__(self, unknown: NotUnderstood) -> None:
        self.unknown = unknown
        self.values: dict[tuple[str, str], str] = {}
        self.locations: dict[str, tuple[str, str]] = {}
        self.parties: dict[str, Collected] = {}
        self.links: list[Link] = []
        self.published: date | None = None
        self.by_identity: dict[str, str] = {}
        self.documents: list[Element] = []

    def take(self, element: Element) -> None:
        if element.tag == "ReferenceValueSets":
            for each in element.iter():
                if "ID" in each.attrib:
                    self.values[each.tag, each.attrib["ID"]] = tidy(each.text)
        elif element.tag == "DateOfIssue":
            self.published = _point(element)
        elif element.tag == "Location":
            self._location(element)
        elif element.tag == "IDRegDocument":
            self._document(element)
        elif element.tag == "DistinctParty":
            self._party(element)
        elif element.tag == "ProfileRelationship":
            self._relation(element)
        elif element.tag == "SanctionsEntry":
            self._sanctions(element)

    def _location(self, element: Element) -> None:
        area = element.find(".//LocationCountry")
        country = self.values.get(("Country", area.get("CountryID", "")), "") if area is not None else ""
        parts = [tidy(each.text) for each in element.iterfind(".//LocationPart//Value")]
        self.locations[element.get("ID", "")] = (", ".join([*parts, country] if country else parts), country)

    def _party(self, element: Element) -> None:
        for profile in element.iterfind("Profile"):
            kind = self.values.get(("PartySubType", profile.get("PartySubTypeID", "")), "").lower()
            party = Collected(
                profile.get("ID", ""), _KINDS.get(kind if kind in _KINDS else "entity", PartyKind.UNKNOWN)
            )
            party.kind = {"vessel": PartyKind.VESSEL, "aircraft": PartyKind.VEHICLE}.get(kind, party.kind)
            if self._is_person(profile):
                party.kind = PartyKind.PERSON
            self.parties[party.id] = party
            for identity in profile.iterfind("Identity"):
                self.by_identity[identity.get("ID", "")] = party.id
                for alias in sorted(identity.iterfind("Alias"), key=lambda each: each.get("Primary") != "true"):
                    self._alias(party, alias)
            for feature in profile.iterfind("Feature"):
                self._feature(party, feature)
            party.remark(value(element, "Comment"))

    def _is_person(self, profile: Element) -> bool:
        sub = profile.get("PartySubTypeID", "")
        return self.values.get(("PartySubType", sub), "").lower() == "unknown" and any(
            self.values.get(("NamePartType", each.get("NamePartTypeID", "")), "") in {"First Name", "Last Name"}
            for each in profile.iter("NamePartGroup")
        )

    def _alias(self, party: Collected, alias: Element) -> None:
        kind = NameKind.WEAK if alias.get("LowQuality") == "true" else NameKind.ALIAS
        for documented in alias.iterfind("DocumentedName"):
            text = " ".join(tidy(each.text) for each in documented.iterfind("DocumentedNamePart/NamePartValue"))
            party.name(text, NameKind.PRIMARY if alias.get("Primary") == "true" and not party.names else kind)

    def _feature(self, party: Collected, feature: Element) -> None:
        title = self.values.get(("FeatureType", feature.get("FeatureTypeID", "")), "")
        low = title.lower()
        text = value(feature, "FeatureVersion/VersionDetail") or value(feature, "FeatureVersion/Comment")
        place = feature.find("FeatureVersion/VersionLocation")
        where, country = self.locations.get(place.get("LocationID", ""), ("", "")) if place is not None else ("", "")
        if low in {"birthdate", "organization established date"}:
            period = feature.find("FeatureVersion/DatePeriod")
            if period is not None:
                party.date(_period(period))
        elif low == "place of birth":
            party.place_of_birth = party.place_of_birth or text or where
        elif low.startswith(("nationality", "citizenship", "vessel flag")) or low == "location":
            party.country(self.unknown.country(country or where or text))
            if low == "location":
                party.address(where)
        elif low == "gender":
            detail = feature.find("FeatureVersion/VersionDetail")
            named = (
                self.values.get(("DetailReference", detail.get("DetailReferenceID", "")), "")
                if detail is not None
                else ""
            )
            party.gender = (named or text).lower()
        elif text:
            scheme = scheme_of(title, text)
            if scheme != "other":
                party.identifier(scheme, text.removeprefix("IMO "))

    def _document(self, element: Element) -> None:
        """Documents stand before the parties they belong to; they are kept until those are known."""
        self.documents.append(element)

    def _relation(self, element: Element) -> None:
        title = self.values.get(("RelationType", element.get("RelationTypeID", "")), "").lower()
        kind = (
            LinkKind.OWNS
            if "own" in title
            else LinkKind.FAMILY
            if "family" in title
            else LinkKind.ACTS_FOR
            if "acting for" in title or "support" in title or "leader" in title
            else LinkKind.ASSOCIATED
        )
        first, second = element.get("From-ProfileID", ""), element.get("To-ProfileID", "")
        # "Owned or controlled by" reads from the owned to the owner.
        self.links.append(Link(kind, second, first) if kind == LinkKind.OWNS else Link(kind, first, second))

    def _sanctions(self, element: Element) -> None:
        party = self.parties.get(element.get("ProfileID", ""))
        if party is None:
            return
        entry = element.find("EntryEvent")
        if entry is not None:
            party.listed_on = _point(entry.find("Date"))
        for measure in element.iterfind("SanctionsMeasure"):
            title = self.values.get(("SanctionsType", measure.get("SanctionsTypeID", "")), "")
            comment = value(measure, "Comment")
            if title.lower() == "program":
                party.programme(comment)
            else:
                party.measure(title)
        self._numbers()

    def _numbers(self) -> None:
        for element in self.documents:
            party = self.parties.get(self.by_identity.get(element.get("IdentityID", ""), ""))
            if party is not None:
                title = self.values.get(("IDRegDocType", element.get("IDRegDocTypeID", "")), "")
                country = self.unknown.country(self.values.get(("Country", element.get("IssuedBy-CountryID", "")), ""))
                number = value(element, "IDRegistrationNo")
                party.identifier(scheme_of(title, number, country), number.removeprefix("IMO "), country)
        self.documents.clear()


def _point(element: Element | None) -> date | None:
    if element is None:
        return None
    text = "-".join(value(element, part).rjust(2, "0") for part in ("Year", "Month", "Day"))
    return dates.whole(text)


def _period(element: Element) -> str:
    points = [
        dates.partial("-".join(value(found, part).rjust(2, "0") for part in ("Year", "Month", "Day")))
        for path in ("Start/From", "End/To")
        if (found := element.find(path)) is not None
    ]
    if len(points) == 2 and points[0] != points[1]:  # noqa: PLR2004
        first, last = points[0][:4], points[1][:4]
        return first if first == last else f"{first}/{last}"
    return points[0] if points else ""
