"""Which checks a document gets, and the editions of everything they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from keruen.codes import lists
from keruen.model.document import StoredDocument
from keruen.model.finding import Finding, Severity
from keruen.model.profile import Kind, Profile
from keruen.verification.agreement import agrees_with_waybill
from keruen.verification.export import ExportCase, verify_application, verify_export_waybill
from keruen.verification.second_person import verify_second_person
from keruen.workflow.effects import Run

OVERDUE = {"overdue": "expected_not_arrived", "exit_overdue": "exit_not_proved"}
"""State entered by the clock to the finding it means."""
RULES_VERSION = "verification/2026-11"


@lru_cache(maxsize=8)
def editions(profile: Profile) -> Mapping[str, str]:
    """Name to edition of the profile and of every list a decision may rest on."""
    named = {"profile": f"{profile.id} {profile.edition}"}
    for edition in lists.editions():
        named[edition.list_name] = edition.edition_on.isoformat()
    return named


def check(run: Run, kind: Kind, stored: StoredDocument, decide: str) -> list[Finding]:
    """All findings of the checks that apply to a document now.

    Args:
        run: The command under way; the effect has chosen the lots already.
        kind: Of the document.
        stored: The document.
        decide: The decision its transition asks for, or an empty text.
    """
    document = stored.document
    if decide == "second_person":
        return list(verify_second_person(kind, document, run.shares))
    if decide:
        case = ExportCase(
            document=document,
            documents=run.book.documents,
            lots=run.shares,
            shortages=run.shortages,
            allowances=run.book.allowances,
            on=run.context.recorded_at.date(),
            exporter=run.holder(stored),
        )
        return list(verify_application(case) if decide == "export_application" else verify_export_waybill(case))
    if kind.name in {"invoice", "export_declaration"}:
        cited = str(document.header.get("waybill", ""))
        return list(agrees_with_waybill(document, run.book.documents.get(cited), cited))
    if stored.state in OVERDUE:
        return [
            Finding(
                OVERDUE[stored.state],
                Severity.WARNING,
                "",
                {"document": stored.id, "kind": kind.name},
                "gap list 1 and 2: every expected arrival and every exit needs positive proof",
            )
        ]
    return []
