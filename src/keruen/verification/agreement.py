"""Do papers on the same movement agree: invoice with waybill, declaration with waybill, exit with both?"""

from __future__ import annotations

from keruen.model.document import Document, StoredDocument
from keruen.model.finding import Finding, Severity
from keruen.verification.copies import differing

LINE_FIELDS = ("commodity_code", "quantity", "unit", "origin_country", "manufacture_country")


def agrees_with_waybill(document: Document, waybill: StoredDocument | None, cited: str) -> tuple[Finding, ...]:
    """Findings where a document that cites a waybill says something else than the waybill.

    Args:
        document: An invoice or export declaration; its lines cite `waybill_line`.
        waybill: The waybill on record, or None.
        cited: The waybill's id as cited; empty means the document cites none.
    """
    if not cited:
        return ()
    if waybill is None:
        return (Finding("waybill_not_on_record", Severity.NOT_EVALUATED, "header/waybill", {"document": cited}),)
    findings = []
    for line in document.lines:
        number = line.get("waybill_line") or line["line"]
        there = waybill.document.line(number)
        path = f"line/{line['line']}"
        if there is None:
            findings.append(
                Finding(
                    "waybill_line_missing",
                    Severity.WARNING,
                    path,
                    {"line": str(line["line"]), "document": cited, "found": str(number)},
                )
            )
            continue
        findings += [
            Finding(
                "waybill_differs",
                Severity.WARNING,
                f"{path}/{name}",
                {"line": str(line["line"]), "document": cited, "field": name, "found": found, "expected": known},
            )
            for name, found, known in differing(line, there, LINE_FIELDS)
        ]
    return tuple(findings)
