"""Births and deaths of stock outside entry, production and exit: a second person looks at each.

Openings, corrections, write-offs and returns are where goods are laundered (monitoring
systems, section 1.5). Only the routine end of unlisted goods (sold by retail, used up) passes
alone, because there the volume is and the risk is not.
"""

from __future__ import annotations

from collections.abc import Mapping

from keruen.ledger.allocation import Share
from keruen.model.document import Document
from keruen.model.finding import Finding, Severity
from keruen.model.lot import Lot
from keruen.model.profile import Kind
from keruen.verification.export import listing

SOURCE = "design rule: openings, corrections, write-offs and returns need a second person"


def verify_second_person(
    kind: Kind, document: Document, lots: Mapping[int, tuple[tuple[Lot, Share], ...]]
) -> tuple[Finding, ...]:
    """Findings that send a document to a second person, one for each line that asks for it.

    Args:
        kind: Its routine reasons pass for unlisted goods.
        document: The opening, correction, write-off or return.
        lots: Lots its lines draw on, where they draw on any.
    """
    reason = str(document.header.get("reason", ""))
    routine = reason in kind.routine_reasons
    findings = []
    for line in document.lines:
        codes = {lot.commodity_code for lot, _ in lots.get(line["line"], ())}
        if "commodity_code" in line:
            codes.add(line["commodity_code"])
        listed = next((code for code in sorted(codes) if listing(code, document.issued_on) is not None), None)
        if routine and listed is None:
            continue
        findings.append(
            Finding(
                "second_person_listed" if listed else "second_person",
                Severity.WARNING,
                f"line/{line['line']}",
                {"line": str(line["line"]), "kind": kind.name, "reason": reason, "commodity_code": listed or ""},
                SOURCE,
            )
        )
    return tuple(findings)
