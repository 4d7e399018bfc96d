"""The European Union's financial sanctions file (FSF), XML 1.1 and the older semicolon CSV; and annexes as CSV.

XML: https-less namespace `http://eu.europa.ec/fpi/fsd/export`. CSV: one row for each alias, address, birth, number or
citizenship of an entity. Annexes: columns of OpenSanctions' transcription of the Official Journal, FORMAT.md there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keruen.model.party import NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected, scheme_of
from keruen.watchlists.source import NotUnderstood, elements, refused, rows, table, value

if TYPE_CHECKING:
    from datetime import date
    from xml.etree.ElementTree import Element

    from keruen.model.party import Link

Loaded = tuple[list[Collected], "list[Link]", "date | None"]
_KINDS: Final = {
    "P": PartyKind.PERSON,
    "E": PartyKind.ORGANISATION,
    "person": PartyKind.PERSON,
    "enterprise": PartyKind.ORGANISATION,
}


def read_xml(name: str, data: bytes, unknown: NotUnderstood) -> Loaded:
    """FSF XML 1.1, each entity under its euReferenceNumber.

    Raises:
        InvalidInput: Not well-formed.
    """
    found: list[Collected] = []
    published: date | None = None
    for element in elements(name, data, "sanctionEntity"):
        if element.tag == "sanctionEntity":
            found.append(_entity(element, unknown))
        else:
            published = dates.whole(element.get("generationDate", "")[:10])
    return found, [], published


def _entity(element: Element, unknown: NotUnderstood) -> Collected:
    subject = element.find("subjectType")
    code = (subject.get("classificationCode") or subject.get("code") or "") if subject is not None else ""
    party = Collected(
        element.get("euReferenceNumber") or element.get("logicalId") or "", _KINDS.get(code, PartyKind.UNKNOWN)
    )
    for each in element.iterfind("nameAlias"):
        whole = each.get("wholeName") or " ".join(
            each.get(part, "") for part in ("firstName", "middleName", "lastName")
        )
        weak = each.get("strong", "true") == "false"
        party.name(whole, NameKind.WEAK if weak else NameKind.ALIAS, each.get("nameLanguage", "").lower())
        if each.get("gender"):
            party.gender = {"M": "male", "F": "female"}.get(each.get("gender", ""), party.gender)
    for each in element.iterfind("citizenship"):
        party.country(unknown.country(_country(each)))
    for each in element.iterfind("birthdate"):
        first, last = each.get("yearRangeFrom", ""), each.get("yearRangeTo", "")
        if first and last and first < last:
            party.date(f"{first}/{last}")
        else:
            party.date(dates.partial(each.get("birthdate") or each.get("year") or first))
        party.place_of_birth = party.place_of_birth or ", ".join(
            part
            for part in (each.get("city"), each.get("place"), each.get("countryDescription"))
            if part and part != "UNKNOWN"
        )
    for each in element.iterfind("address"):
        party.country(unknown.country(_country(each)))
        country = each.get("countryDescription")
        party.address(
            *(each.get(part) for part in ("street", "poBox", "zipCode", "city", "place", "region")),
            country if country != "UNKNOWN" else "",
        )
    for each in element.iterfind("identification"):
        country = unknown.country(_country(each))
        title = f"{each.get('identificationTypeDescription', '')} {each.get('identificationTypeCode', '')}"
        party.identifier(scheme_of(title, each.get("number", ""), country), each.get("number"), country)
    for each in element.iterfind("regulation"):
        party.programme(each.get("programme"))
    party.listed_on = dates.whole(element.get("designationDate", ""))
    party.remark(value(element, "remark"))
    return party


def _country(element: Element) -> str:
    code = element.get("countryIso2Code", "")
    return "" if code in {"", "00"} else code


_MARKS: Final = ("Naal_wholename", "Addr_street", "Birt_date", "Iden_number", "Citi_country", "EU_ref_num")


def read_csv(name: str, text: str, unknown: NotUnderstood) -> Loaded:
    """The semicolon CSV, also where every line was wrapped in quotes on its way.

    Raises:
        InvalidInput: Columns of the format are missing.
    """
    if text.lstrip("\ufeff").startswith('"Date_file'):
        text = "\n".join(row[0].rstrip("\t") for _, row in rows(name, text) if row)
    header: list[str] = []
    found: dict[str, Collected] = {}
    published: date | None = None
    for line, row in rows(name, text, ";"):
        if not header:
            header = [cell.strip().lstrip("\ufeff") for cell in row]
            missing = [mark for mark in _MARKS if mark not in header]
            if missing:
                raise refused(f"{name} has no column {missing[0]}", "column", file=name, column=missing[0])
            continue
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        if not row[1:2] or not row[1].strip().isdigit():
            unknown[f"line {line} without an entity number"] += 1
            continue
        entity = row[1].strip()
        published = published or dates.whole(row[0])
        party = found.get(entity)
        if party is None:
            reference = cells.get("EU_ref_num") or entity
            party = found[entity] = Collected(reference, _KINDS.get(cells.get("Subject_type", ""), PartyKind.UNKNOWN))
        party.name(cells.get("Naal_wholename"), language=cells.get("Naal_language", "").lower())
        party.gender = party.gender or {"M": "male", "F": "female"}.get(cells.get("Naal_gender", ""), "")
        party.date(dates.partial(cells.get("Birt_date", "")))
        party.place_of_birth = party.place_of_birth or cells.get("Birt_place", "")
        for column in ("Addr_country", "Birt_country", "Citi_country", "Iden_country"):
            if column != "Birt_country":
                party.country(unknown.country(cells.get(column)))
        party.address(
            *(cells.get(f"Addr_{part}") for part in ("number", "street", "zipcode", "city", "country", "other"))
        )
        country = unknown.country(cells.get("Iden_country"))
        number = cells.get("Iden_number", "")
        # The kind of paper stands in brackets behind its number.
        party.identifier(scheme_of(number, country=country), number.partition(" (")[0], country)
        party.programme(cells.get("Programme"))
        party.remark(cells.get("Entity_remark"))
    return list(found.values()), [], published


_NUMBERS: Final = {
    "passportNumber": "passport",
    "registrationNumber": "registration",
    "taxNumber": "tax",
    "idNumber": "national",
    "innCode": "inn",
    "ogrnCode": "ogrn",
    "kppCode": "kpp",
    "leiCode": "lei",
    "swiftBic": "swift",
    "imoNumber": "imo",
    "mmsi": "mmsi",
}
_SCHEMAS: Final = {
    "Person": PartyKind.PERSON,
    "Vessel": PartyKind.VESSEL,
    "Airplane": PartyKind.VEHICLE,
    "LegalEntity": PartyKind.UNKNOWN,
}
_IN_BRACKETS: Final = re.compile(r"\s*\(([^()]*)\)\s*")


def read_journal(name: str, text: str, unknown: NotUnderstood) -> Loaded:  # noqa: C901 - column by column
    """Annexes as OpenSanctions transcribes them; names are set apart by semicolons, other scripts stand in brackets."""
    found: list[Collected] = []
    for line, row in table(name, text):
        identity = (
            f"{row.get('celex') or row.get('amendsCelex') or ''}:{row.get('annex', '')}:{row.get('recordId') or line}"
        )
        party = Collected(identity, _SCHEMAS.get(row.get("schema", ""), PartyKind.ORGANISATION))
        for column, kind in (
            ("name", NameKind.PRIMARY),
            ("alias", NameKind.ALIAS),
            ("previousName", NameKind.ALIAS),
            ("weakAlias", NameKind.WEAK),
        ):
            for text_ in row.get(column, "").split(";"):
                party.name(_IN_BRACKETS.sub(" ", text_), kind)
                for inside in _IN_BRACKETS.findall(text_):
                    if not inside.isascii():
                        party.name(inside, kind if kind == NameKind.WEAK else NameKind.ALIAS)
        for column in ("country", "nationality", "jurisdiction", "flag"):
            for text_ in row.get(column, "").split(";"):
                party.country(unknown.country(text_))
        for column in ("birthDate", "incorporationDate"):
            for text_ in row.get(column, "").split(";"):
                party.date(dates.partial(text_.strip()))
        for column, scheme in _NUMBERS.items():
            for text_ in row.get(column, "").split(";"):
                party.identifier(scheme, text_)
        party.address(row.get("address"))
        party.programme(row.get("programKey"))
        party.measure(row.get("measure"))
        party.gender = row.get("gender", "").lower()
        party.place_of_birth = row.get("birthPlace", "")
        party.listed_on = dates.whole(row.get("startDate", ""))
        party.remark(row.get("notes"))
        found.append(party)
    return found, [], None
