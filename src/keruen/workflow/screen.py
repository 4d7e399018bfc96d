"""Every party that a document names, asked of the lists in force, and what follows for the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keruen.model.finding import Finding, Severity
from keruen.model.party import Party, PartyKind
from keruen.screening.parties import organisation_party
from keruen.screening.screener import Ground, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from keruen.model.document import Document, StoredDocument
    from keruen.screening.screener import Hit, Screener

_NAME: Final = re.compile(r"^(?P<role>.+)_name$")
_CODES: Final = {
    Ground.LISTED: "listed_party",
    Ground.OWNED: "owned_by_listed",
    Ground.CONTROLLED: "controlled_by_listed",
    Ground.ADDRESS: "address_of_listed",
}
PEOPLE: Final = frozenset({"driver", "director", "signer"})
"""Roles that people play, whatever the document's other parties are."""


def parties_of(document: Document) -> Iterator[tuple[str, Party]]:
    """Parties by the path of their name: `header/consignee_name`. A role's other fields go with its name."""
    header = document.header
    for field, value in header.items():
        found = _NAME.match(field)
        if found and isinstance(value, str) and value.strip():
            yield f"header/{field}", _party(found["role"], value, header.get)
    for role_field, value in header.items():
        if role_field.endswith("_director") and isinstance(value, str) and value.strip():
            # Not told to be a person: a firm's name stands in such a field too.
            yield f"header/{role_field}", Party((value,), PartyKind.UNKNOWN, role=role_field)


def _party(role: str, name: str, get: Callable[[str], object]) -> Party:
    found = organisation_party(
        str(get(f"{role}_id") or ""), name, str(get(f"{role}_country") or ""), str(get(f"{role}_address") or "")
    )
    return found._replace(kind=PartyKind.PERSON if role in PEOPLE else PartyKind.UNKNOWN, role=role, reference="")


def screened(screener: Screener, document: Document, on: date) -> list[Finding]:
    """Findings on the parties of a document: one for each listed party that one of them may be.

    A score never refuses goods by itself: it brings the document before an officer. What officers decided to be
    another party is left out, unless the list's entry changed since.
    """
    if not screener.editions:
        return [Finding("not_screened", Severity.NOTICE, "", {})]
    found = []
    for path, party in parties_of(document):
        found += [_finding(path, party, hit) for hit in screener.screen(party, on, purpose=document.kind)]
    return found


def newly_found(screener: Screener, stored: StoredDocument, on: date) -> list[Finding]:
    """What the lists in force say of a pending document's parties that its decision does not say yet.

    An alarm raised before, with whatever score, is not raised again; that a list was changed stands beside what is new.
    """
    known = {_alarm(each) for each in (stored.decision.findings if stored.decision else ())}
    found = [each for each in screened(screener, stored.document, on) if each.severity > Severity.NOTICE]
    new = [each for each in found if _alarm(each) not in known]
    if not new:
        return []
    lists = ", ".join(sorted({each.source for each in new}))
    return [*new, Finding("list_changed", Severity.NOTICE, "", {"edition": lists, "state": stored.state})]


def _alarm(finding: Finding) -> tuple[str, ...]:
    of = finding.params
    return (finding.code, finding.path, of.get("name", ""), of.get("list", ""), of.get("entry", ""))


def stops(findings: Sequence[Finding]) -> bool:
    """Whether one of them is more than worth knowing."""
    return any(each.severity > Severity.NOTICE for each in findings)


def _finding(path: str, party: Party, hit: Hit) -> Finding:
    listed, match = hit.match.party, hit.match
    at_address = hit.ground == Ground.ADDRESS
    return Finding(
        _CODES[hit.ground],
        Severity.INSPECT if hit.standing == Standing.SAME else Severity.WARNING,
        path,
        {
            "role": party.role,
            "name": party.names[0],
            "listed": listed.names[0].text if at_address else match.detail.their_name or listed.names[0].text,
            "address": match.detail.their_name if at_address else "",
            "list": match.source,
            "entry": listed.id,
            "score": f"{match.score:.2f}",
            "standing": hit.standing.value,
            "share": hit.owned.share if hit.owned else "",
            "path": "; ".join(hit.owned.path) if hit.owned else "",
        },
        match.edition,
    )
