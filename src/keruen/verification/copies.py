"""A copy against the record it is a copy of, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from keruen.model.document import Fields
from keruen.model.finding import Finding, Severity
from keruen.model.quantity import plain

PILOT = "KGD pilot draft, checks 1 and 2, refusal A (law-firm note mondaq 1211634)"


def shown(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else str(value)


def compare(
    line: Fields, record: Fields | None, *, prefix: str, names: Iterable[str], what: str, record_id: str
) -> list[Finding]:
    """Compare a line's copied fields with the record.

    Args:
        line: The line that carries the copy in fields `<prefix>_<name>`.
        record: The line on record, or None where there is none.
        prefix: `invoice_copy` or `declaration_copy`.
        names: Fields to compare. One that neither side states is passed over.
        what: `invoice` or `declaration`, for the finding's code.
        record_id: The document the record stands in.

    Returns:
        A refusal for each field that differs, or one where the record does not exist.
    """
    number = str(line["line"])
    if record is None:
        return [
            Finding(
                f"{what}_not_on_record",
                Severity.REFUSE,
                f"line/{number}",
                {"line": number, "document": record_id},
                PILOT,
            )
        ]
    findings = []
    for name in names:
        copied, known = line.get(f"{prefix}_{name}"), record.get(name)
        if copied != known and not (copied is None and known is None):
            findings.append(
                Finding(
                    f"{what}_copy_differs",
                    Severity.REFUSE,
                    f"line/{number}/{prefix}_{name}",
                    {
                        "line": number,
                        "document": record_id,
                        "field": name,
                        "found": shown(copied),
                        "expected": shown(known),
                    },
                    PILOT,
                )
            )
    return findings


def differing(one: Mapping[str, Any], other: Mapping[str, Any], names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Names on which two records differ where both speak, with both values as text."""
    return [
        (name, shown(one[name]), shown(other[name]))
        for name in names
        if one.get(name) is not None and other.get(name) is not None and one[name] != other[name]
    ]
