"""Verification of an export: the four checks and two refusals of the pilot, and what the law bars.

1. invoice copy = invoice on record; 2. declaration copy = declaration on record; 3. stock
covers what is asked; 4. origin and manufacturer = those of the entry. Refused: a copy that
differs, goods made in a country that bars their sale to the destination, missing cover.
Listed goods of the first two tiers and drones go to an officer; stock born otherwise than by
entry from abroad does too. What cannot be checked is said to be not evaluated.

Source: draft rules of the State Revenue Committee as reported in mondaq 1211634.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from keruen.codes import lists
from keruen.ledger.allocation import Share, Shortage
from keruen.model.document import Document, Fields, StoredDocument
from keruen.model.finding import Finding, Severity
from keruen.model.lot import Allowance, Birth, Lot
from keruen.model.quantity import plain
from keruen.verification.copies import compare

LAW = "coalition export bans to RU and BY on the Common High Priority List"
STOCK = "design rule: stock is born by an entry or a certified production run"
OFFICER_TIERS = frozenset({"1", "2"})


@lru_cache(maxsize=65_536)
def listing(commodity_code: str, on: date) -> lists.Listing | None:
    """The control listing goods fall under on a day; asked for every line, hence kept."""
    return lists.listed_for_control(commodity_code, on)


@dataclass(frozen=True, slots=True)
class ExportCase:
    """What a verification may look at.

    Args:
        document: The application or export waybill.
        documents: Documents it cites, by id, as far as they exist.
        lots: Lots the exporter's lines draw on, by line number.
        shortages: Lines whose goods are not covered.
        allowances: Of cited licences and applications, by (document, line, purpose).
        on: The date the law is asked for.
        exporter: Identifier of the exporter.
    """

    document: Document
    documents: Mapping[str, StoredDocument]
    lots: Mapping[int, tuple[tuple[Lot, Share], ...]]
    shortages: Mapping[int, Shortage]
    allowances: Mapping[tuple[str, int, str], Allowance]
    on: date
    exporter: str

    @property
    def destinations(self) -> tuple[str, ...]:
        """Countries the goods are said to end in: destination, consignee's, end user's."""
        header = self.document.header
        named = (
            header.get("destination_country"),
            header.get("consignee_country"),
            header.get("receiver_country"),
            header.get("end_user_country"),
        )
        return tuple(dict.fromkeys(country for country in named if country))


def verify_application(case: ExportCase) -> tuple[Finding, ...]:
    """All findings on an export application, in order of its lines."""
    findings: list[Finding] = []
    listed_any = False
    for line in case.document.lines:
        findings += _copies(case, line)
        findings += _cover(case, line)
        listed = listing(line["commodity_code"], case.on) is not None
        listed_any = listed_any or listed
        for lot, _ in case.lots.get(line["line"], ()):
            findings += _origin(line, lot)
            findings += _bars(case, line, lot)
            findings += _birth(line, lot, listed=listed)
        findings += _tier(case, line)
        findings += _licence(case, line)
    if listed_any:
        findings += _end_use(case)
    return tuple(findings)


def verify_export_waybill(case: ExportCase) -> tuple[Finding, ...]:
    """All findings on an export waybill: listed goods need an approved application, others pass the law."""
    findings: list[Finding] = []
    application = case.documents.get(str(case.document.header.get("application", "")))
    for line in case.document.lines:
        number = str(line["line"])
        findings += _cover(case, line)
        for lot, _ in case.lots.get(line["line"], ()):
            findings += _bars(case, line, lot)
            findings += _birth(line, lot, listed=listing(lot.commodity_code, case.on) is not None)
        if listing(line["commodity_code"], case.on) is not None or line.get("application_line"):
            findings += _approval(case, line, application, number)
    return tuple(findings)


def _copies(case: ExportCase, line: Fields) -> list[Finding]:
    number = str(line["line"])
    findings: list[Finding] = []
    invoice = case.documents.get(line["invoice"])
    record = invoice.document.line(line["invoice_line"]) if invoice and invoice.kind == "invoice" else None
    findings += compare(
        line,
        record,
        prefix="invoice_copy",
        what="invoice",
        record_id=line["invoice"],
        names=("quantity", "unit", "value", "currency", "origin_country"),
    )
    if invoice is not None and record is not None:
        if invoice.state != "issued":
            findings.append(
                Finding(
                    "invoice_not_in_force",
                    Severity.REFUSE,
                    f"line/{number}/invoice",
                    {"line": number, "document": invoice.id, "state": invoice.state},
                )
            )
        sides = {str(invoice.document.header.get(name)) for name in ("sender_id", "receiver_id")}
        # Either the invoice by which the exporter sells, or the one by which it bought.
        if case.exporter not in sides:
            findings.append(
                Finding(
                    "invoice_of_another",
                    Severity.REFUSE,
                    f"line/{number}/invoice",
                    {
                        "line": number,
                        "document": invoice.id,
                        "found": ", ".join(sorted(sides)),
                        "expected": case.exporter,
                    },
                )
            )
    declaration = case.documents.get(line["declaration"])
    record = declaration.document.line(line["declaration_line"]) if declaration else None
    findings += compare(
        line,
        record,
        prefix="declaration_copy",
        what="declaration",
        record_id=line["declaration"],
        names=("commodity_code", "quantity", "unit", "origin_country", "manufacture_country"),
    )
    if declaration is not None and declaration.state in {"annulled", "refused", "held"}:
        findings.append(
            Finding(
                "declaration_not_in_force",
                Severity.REFUSE,
                f"line/{number}/declaration",
                {"line": number, "document": declaration.id, "state": declaration.state},
            )
        )
    wanted = f"{line['declaration']}/{line['declaration_line']}"
    named = line.get("lot")
    if named and named != wanted:
        findings.append(
            Finding(
                "lot_not_of_declaration",
                Severity.REFUSE,
                f"line/{number}/lot",
                {"line": number, "found": named, "expected": wanted},
            )
        )
    return findings


def _cover(case: ExportCase, line: Fields) -> list[Finding]:
    shortage = case.shortages.get(line["line"])
    if shortage is None:
        return []
    return [
        Finding(
            "not_covered",
            Severity.REFUSE,
            f"line/{line['line']}/quantity",
            {name: str(value) for name, value in shortage.params.items()},
            "KGD pilot draft, check 3",
        )
    ]


def _origin(line: Fields, lot: Lot) -> list[Finding]:
    number = str(line["line"])
    return [
        Finding(
            "origin_differs",
            Severity.REFUSE,
            f"line/{number}/{name}",
            {"line": number, "field": name, "found": line[name], "expected": known, "lot": lot.lot_id},
            "KGD pilot draft, check 4",
        )
        for name, known in (
            ("commodity_code", lot.commodity_code),
            ("origin_country", lot.origin_country),
            ("manufacture_country", lot.manufacture_country),
            ("manufacturer", lot.manufacturer),
        )
        if line.get(name) and known and line[name] != known
    ]


def _bars(case: ExportCase, line: Fields, lot: Lot) -> list[Finding]:
    for country in case.destinations:
        if lists.bars(lot.manufacture_country, lot.commodity_code[:6], country, case.on) is not None:
            return [
                Finding(
                    "made_where_barred",
                    Severity.REFUSE,
                    f"line/{line['line']}/manufacture_country",
                    {
                        "line": str(line["line"]),
                        "manufacture_country": lot.manufacture_country,
                        "destination": country,
                        "lot": lot.lot_id,
                        "commodity_code": lot.commodity_code,
                    },
                    LAW,
                )
            ]
    return []


def _birth(line: Fields, lot: Lot, *, listed: bool) -> list[Finding]:
    if lot.birth == Birth.ENTRY or (lot.birth == Birth.PRODUCTION and not listed):
        return []
    return [
        Finding(
            f"stock_from_{Birth(lot.birth).value}",
            Severity.WARNING if listed else Severity.NOTICE,
            f"line/{line['line']}/lot",
            {"line": str(line["line"]), "lot": lot.lot_id, "document": lot.document_id},
            STOCK,
        )
    ]


def _tier(case: ExportCase, line: Fields) -> list[Finding]:
    found = listing(line["commodity_code"], case.on)
    if found is None:
        return []
    abroad = [country for country in case.destinations if not lists.is_coalition(country, case.on)]
    if not abroad:
        return []
    grave = (
        found.tier is None
        or found.tier in OFFICER_TIERS
        or any(lists.is_transshipment(country, case.on) or country in {"RU", "BY"} for country in abroad)
    )
    return [
        Finding(
            "listed_goods",
            Severity.WARNING if grave else Severity.NOTICE,
            f"line/{line['line']}",
            {
                "line": str(line["line"]),
                "commodity_code": line["commodity_code"],
                "tier": found.tier or found.reason,
                "destination": abroad[0],
            },
            "Common High Priority List",
        )
    ]


def _licence(case: ExportCase, line: Fields) -> list[Finding]:
    named = line.get("licence")
    if not named:
        return []
    number = str(line["line"])
    path = f"line/{number}/licence"
    licence = case.documents.get(named)
    if licence is None or licence.kind != "licence":
        return [Finding("licence_not_on_record", Severity.REFUSE, path, {"line": number, "document": named})]
    header = licence.document.header
    findings = []
    if licence.state != "issued" or not header["valid_from"] <= case.on <= header["valid_until"]:
        findings.append(
            Finding(
                "licence_not_in_force",
                Severity.REFUSE,
                path,
                {"line": number, "document": named, "state": licence.state},
            )
        )
    if header.get("exporter_id") != case.exporter:
        findings.append(
            Finding(
                "licence_of_another",
                Severity.REFUSE,
                path,
                {"line": number, "document": named, "found": str(header.get("exporter_id")), "expected": case.exporter},
            )
        )
    allowance = case.allowances.get((named, line.get("licence_line") or 1, "licence"))
    if allowance is None or allowance.commodity_code[:6] != line["commodity_code"][:6]:
        findings.append(
            Finding(
                "licence_of_other_goods",
                Severity.REFUSE,
                path,
                {"line": number, "document": named, "commodity_code": line["commodity_code"]},
            )
        )
    elif allowance.left < line["quantity"]:
        findings.append(
            Finding(
                "licence_exceeded",
                Severity.REFUSE,
                path,
                {
                    "line": number,
                    "document": named,
                    "left": plain(allowance.left),
                    "granted": plain(allowance.granted),
                    "asked": plain(line["quantity"]),
                    "unit": allowance.unit,
                },
            )
        )
    return findings


def _end_use(case: ExportCase) -> list[Finding]:
    named = case.document.header.get("end_user_statement")
    if not named:
        return [
            Finding(
                "end_user_statement_missing",
                Severity.NOT_EVALUATED,
                "header/end_user_statement",
                {"needs": "end_user_statement"},
            )
        ]
    statement = case.documents.get(named)
    if statement is None or statement.kind != "end_user_statement" or statement.state != "given":
        return [
            Finding(
                "end_user_statement_not_on_record", Severity.WARNING, "header/end_user_statement", {"document": named}
            )
        ]
    until = statement.document.header.get("valid_until")
    if until is not None and until < case.on:
        return [
            Finding(
                "end_user_statement_expired",
                Severity.WARNING,
                "header/end_user_statement",
                {"document": named, "found": str(until)},
            )
        ]
    return []


def _approval(case: ExportCase, line: Fields, application: StoredDocument | None, number: str) -> Iterable[Finding]:
    if application is None:
        return [
            Finding(
                "application_missing",
                Severity.REFUSE,
                f"line/{number}/application_line",
                {"line": number, "commodity_code": line["commodity_code"]},
                "an export waybill of listed goods cites an approved application",
            )
        ]
    path = f"line/{number}/application_line"
    if application.kind != "export_application" or application.state != "approved":
        return [
            Finding(
                "application_not_approved",
                Severity.REFUSE,
                path,
                {"line": number, "document": application.id, "state": application.state},
            )
        ]
    header = application.document.header
    findings = [
        Finding(
            "application_differs",
            Severity.REFUSE,
            path,
            {
                "line": number,
                "document": application.id,
                "field": mine,
                "found": str(found),
                "expected": str(header.get(theirs)),
            },
        )
        for mine, theirs in (
            ("sender_id", "exporter_id"),
            ("receiver_id", "consignee_id"),
            ("destination_country", "destination_country"),
        )
        if (found := case.document.header.get(mine)) != header.get(theirs)
    ]
    approved = application.document.line(line.get("application_line") or line["line"])
    if approved is None or approved["commodity_code"] != line["commodity_code"]:
        findings.append(
            Finding(
                "application_of_other_goods",
                Severity.REFUSE,
                path,
                {"line": number, "document": application.id, "commodity_code": line["commodity_code"]},
            )
        )
        return findings
    for lot, _ in case.lots.get(line["line"], ()):
        if approved.get("lot") and lot.lot_id != approved["lot"]:
            findings.append(
                Finding(
                    "lot_not_approved",
                    Severity.REFUSE,
                    f"line/{number}/lot",
                    {"line": number, "document": application.id, "found": lot.lot_id, "expected": approved["lot"]},
                )
            )
    return findings
