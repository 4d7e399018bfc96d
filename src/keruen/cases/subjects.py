"""What a finding on a document is about: a party, a route, a scheme, or the document itself."""

from __future__ import annotations

from keruen.cases.case import Subject, SubjectKind
from keruen.model.document import Document
from keruen.model.finding import Finding

KEY_MAX = 120
PARTY_PARTS = ("id", "name", "country", "address", "phone", "director")
FROM = ("manufacture_country", "origin_country")
START = ("dispatch_country", "sender_country", "partner_country")
END = ("destination_country", "receiver_country", "consignee_country")


def subject_of(kind: SubjectKind, finding: Finding, document: Document, holder: str) -> Subject | None:
    """The subject of a finding.

    Args:
        kind: What the routing rule says the case is about.
        finding: Its path says which party or line it is on.
        document: Or the one it cites, for papers that name no party themselves.
        holder: Role of the party whose paper it is; empty where the kind has none.

    Returns:
        None where the document does not say: no party named, or no countries.
    """
    if kind == SubjectKind.SCHEME:
        name = finding.params.get("scheme") or finding.name
        return Subject(kind, name[:KEY_MAX])
    if kind == SubjectKind.DOCUMENT:
        return Subject(kind, document.id[:KEY_MAX], document.id)
    if kind == SubjectKind.ROUTE:
        return _route(finding, document) or _party(finding, document, holder)
    return _party(finding, document, holder)


def parties(document: Document) -> dict[str, str]:
    """Every organisation a document names, number to name."""
    header = document.header
    return {
        str(value): str(header.get(f"{name[:-3]}_name", ""))
        for name, value in header.items()
        if name.endswith("_id") and f"{name[:-3]}_name" in header and value
    }


def _party(finding: Finding, document: Document, holder: str) -> Subject | None:
    header = document.header
    field = finding.path.removeprefix("header/") if finding.path.startswith("header/") else ""
    role, _, part = field.rpartition("_")
    if part not in PARTY_PARTS or not (header.get(f"{role}_id") or header.get(f"{role}_name")):
        role = holder
    number, name = str(header.get(f"{role}_id") or ""), str(header.get(f"{role}_name") or "")
    key = number or " ".join(name.casefold().split())
    return Subject(SubjectKind.PARTY, key[:KEY_MAX], name) if key else None


def _route(finding: Finding, document: Document) -> Subject | None:
    header, parts = document.header, finding.path.split("/")
    number = int(parts[1]) if parts[0] in {"line", "lines"} and len(parts) > 1 and parts[1].isdigit() else 0
    line = document.line(number) or (document.lines[0] if document.lines else {})
    start = next((str(line[each]) for each in FROM if line.get(each)), "") or next(
        (str(header[each]) for each in START if header.get(each)), ""
    )
    start = finding.params.get("manufacture_country") or start
    end = next((str(header[each]) for each in END if header.get(each)), "")
    code = str(finding.params.get("commodity_code") or line.get("commodity_code") or "")[:6]
    if not (start and end):
        return None
    key = f"{start}>{end}:{code}" if code else f"{start}>{end}"
    return Subject(SubjectKind.ROUTE, key, key)
