"""From raw named values to a document, or to everything that is wrong with it.

A parser is compiled once from a profile and asked once a record. It tells all problems of a
record together, so that a filer mends a file in one go. What is checked here needs nothing but
the record itself; what needs the books is for later steps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import orjson

from keruen.documents.fields import party_number, reader
from keruen.documents.problems import RowProblem, row_problem, shown
from keruen.errors import InvalidInput
from keruen.model.document import Document, Value
from keruen.model.quantity import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keruen.documents.fields import Reader
    from keruen.model.profile import FieldSpec, Profile

ACTION: Final = "action"
"""Kind of the record that takes a document through a transition."""
_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
_FRAME: Final = ("kind", "lines")
"""Names in a record that are no fields."""
ALIKE: Final = 0.7
"""How like a known name must be to be offered for one that is unknown (difflib's ratio)."""


class ActionRecord(NamedTuple):
    """A record that asks for a transition, before it is known who asks."""

    id: str
    document_id: str
    transition: str
    reason: str
    quantities: Mapping[int, Decimal] | None
    """Line to quantity where the action speaks of part of the document; None means all of it."""
    occurred_at: datetime | None = None
    """When it was true, if the record says."""


class Parsed(NamedTuple):
    """A record without problems."""

    row: int
    record: Document | ActionRecord
    envelope: Mapping[str, Any]
    """Who hands in and when; neither hashed nor kept with the document."""
    content_sha256: bytes
    canonical: bytes
    """What is hashed and kept: the same content gives the same bytes, however it was written."""

    @property
    def document(self) -> Document | None:
        """The document; None for an action."""
        return self.record if isinstance(self.record, Document) else None

    @property
    def action(self) -> ActionRecord | None:
        """The action; None for a document."""
        return self.record if isinstance(self.record, ActionRecord) else None

    @property
    def kind(self) -> str:
        """The document's kind, or `action`."""
        return self.record.kind if isinstance(self.record, Document) else ACTION


class Rejected(NamedTuple):
    """A record with problems, all of them."""

    row: int
    problems: tuple[RowProblem, ...]


class Parser:
    """Reads the records of one profile.

    Args:
        profile: Its kinds, fields and envelope; compiled here, so make one parser and keep it.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._shapes = {
            name: _Shape(name, kind.header, kind.lines, profile.envelope, tuple(role for role, _ in kind.parties))
            for name, kind in profile.kinds.items()
        }
        self._shapes[ACTION] = _Shape(ACTION, profile.action_header, profile.action_lines, profile.envelope, ())

    def parse(self, raw: Mapping[str, object], *, row: int = 0, line_rows: Sequence[int] = ()) -> Parsed | Rejected:
        """Read one record.

        Args:
            raw: Field names to text or JSON values; `kind` names the kind, `lines` holds the lines.
            row: Where it stands in its file; 0 where there is none.
            line_rows: Where each of its lines stands, if not in the same row.
        """
        kind = raw.get("kind")
        shape = self._shapes.get(kind) if isinstance(kind, str) else None
        if shape is None:
            return Rejected(row, (self._unknown_kind(kind, row),))
        return shape.parse(raw, row, line_rows)

    def _unknown_kind(self, kind: object, row: int) -> RowProblem:
        kinds = ", ".join(self._shapes)
        if kind is None or kind == "":
            return row_problem(row, "kind", "kind_missing", kinds=kinds)
        near = get_close_matches(str(kind)[:80].strip().lower().replace(" ", "_"), list(self._shapes), 1)
        if near:
            return row_problem(row, "kind", "kind_unknown", kind, kinds=kinds, nearest=near[0])
        return row_problem(row, "kind", "kind_unlike_any", kind, kinds=kinds)


def canonical_bytes(document: Document) -> bytes:
    """The one way a document is written: sorted keys, amounts without trailing noughts, times in UTC."""
    return _dump(
        {
            "kind": document.kind,
            "id": document.id,
            "version": document.version,
            "header": document.header,
            "lines": document.lines,
        }
    )


def document_from_canonical(body: bytes, profile: Profile) -> Document:
    """Read back what `canonical_bytes` wrote. Trusts it: its hash was checked by who kept it."""
    raw = orjson.loads(body)
    header, lines = raw["header"], raw["lines"]
    in_header, in_lines = _revivers(profile)[raw["kind"]]
    for name, revive in in_header:
        if name in header:
            header[name] = revive(header[name])
    for line in lines:
        for name, revive in in_lines:
            if name in line:
                line[name] = revive(line[name])
    return Document(raw["kind"], raw["id"], raw["version"], header, tuple(lines))


_Problems: TypeAlias = list[RowProblem]


class _Place(NamedTuple):
    """Where in the file and in the record."""

    row: int
    path: str

    def to(self, name: str) -> str:
        """The path of a field here, fit to be shown."""
        return f"{self.path}/{shown(name)}" if self.path else shown(name)


class _Shape:
    """One kind, compiled: name to reader for the document and for its lines."""

    def __init__(
        self,
        kind: str,
        header: Sequence[FieldSpec],
        lines: Sequence[FieldSpec],
        envelope: Sequence[FieldSpec],
        parties: Sequence[str],
    ) -> None:
        self.kind = kind
        self.header = {spec.name: reader(spec) for spec in (*header, *envelope)}
        self.lines = {spec.name: reader(spec) for spec in lines}
        # The maps asked for each value: tuple look-ups cost, so text readers stand by themselves.
        self.header_text = {name: each.text for name, each in self.header.items()}
        self.lines_text = {name: each.text for name, each in self.lines.items()}
        self.envelope = tuple(spec.name for spec in envelope)
        self.required = frozenset(spec.name for spec in header if spec.required)
        self.required_in_line = frozenset(spec.name for spec in lines if spec.required)
        self.numbers = tuple((f"{role}_id", f"{role}_country") for role in parties)
        self.needs_lines = bool(lines) and kind != ACTION

    def parse(self, raw: Mapping[str, object], row: int, line_rows: Sequence[int]) -> Parsed | Rejected:
        """Read one record of this kind."""
        problems: _Problems = []
        header = self._read_header(raw, row, problems)
        lines = self._read_lines(raw.get("lines"), row, line_rows, problems)
        if problems:
            return Rejected(row, tuple(problems))
        envelope = {name: header.pop(name) for name in self.envelope if name in header}
        if self.kind == ACTION:
            return self._action(header, lines, envelope, row)
        document = Document(self.kind, header.pop("id"), header.pop("version", 1), header, tuple(lines))
        body = canonical_bytes(document)
        return Parsed(row, document, envelope, hashlib.sha256(body).digest(), body)

    def _read_header(self, raw: Mapping[str, object], row: int, problems: _Problems) -> dict[str, Any]:
        header: dict[str, Any] = {}
        text = self.header_text
        for name, value in raw.items():
            if value is None or value == "":
                # An empty value is no value, but a misspelt name is told even then.
                if name not in text and name not in _FRAME:
                    problems.append(self._header_problem(name, value, KeyError(), row))
            elif name not in _FRAME:
                try:
                    header[name] = text[name](value) if isinstance(value, str) else self.header[name].other(value)
                except (InvalidInput, KeyError) as error:
                    problems.append(self._header_problem(name, value, error, row))
        if not header.keys() >= self.required:
            self._missing(self.required, header, raw, _Place(row, ""), problems)
        for number, country in self.numbers:
            if number in header and country in header:
                try:
                    header[number] = party_number(header[country], header[number])
                except InvalidInput as error:
                    problems.append(row_problem(row, number, error.code, header[number], **error.params))
        return header

    def _read_lines(self, raw: object, row: int, line_rows: Sequence[int], problems: _Problems) -> list[dict[str, Any]]:
        if raw is None or raw in ("", []):
            if self.needs_lines:
                problems.append(row_problem(row, "lines", "lines_missing", kind=self.kind))
            return []
        if not isinstance(raw, (list, tuple)):
            problems.append(row_problem(row, "lines", "lines_not_a_list", raw))
            return []
        if not self.lines:
            problems.append(row_problem(row, "lines", "lines_unwanted", kind=self.kind))
            return []
        lines = []
        for index, raw_line in enumerate(raw):
            here = _Place(line_rows[index] if line_rows else row, f"lines/{index + 1}")
            if isinstance(raw_line, Mapping):
                lines.append(self._read_line(raw_line, here, problems))
            else:
                problems.append(row_problem(here.row, here.path, "not_a_record", raw_line))
        return self._in_order(lines, row, line_rows, problems)

    def _read_line(self, raw: Mapping[str, object], here: _Place, problems: _Problems) -> dict[str, Any]:
        line: dict[str, Any] = {}
        text = self.lines_text
        for name, value in raw.items():
            if value is None or value == "":
                if name not in text:
                    problems.append(self._line_problem(name, value, KeyError(), here))
                continue
            try:
                line[name] = text[name](value) if isinstance(value, str) else self.lines[name].other(value)
            except (InvalidInput, KeyError) as error:
                problems.append(self._line_problem(name, value, error, here))
        if not line.keys() >= self.required_in_line:
            self._missing(self.required_in_line, line, raw, here, problems)
        return line

    def _in_order(
        self,
        lines: list[dict[str, Any]],
        row: int,
        line_rows: Sequence[int],
        problems: _Problems,
    ) -> list[dict[str, Any]]:
        """The lines by their number; a number that stands twice is a problem."""
        last = 0
        for line in lines:
            if line.get("line", 0) <= last:
                break
            last = line["line"]
        else:
            return lines
        first: dict[int, int] = {}
        for index, line in enumerate(lines):
            number = line.get("line")
            if number is None:
                continue
            if number in first:
                problems.append(
                    row_problem(
                        line_rows[index] if line_rows else row,
                        f"lines/{index + 1}/line",
                        "line_repeated",
                        number,
                        number=number,
                        first=f"row {line_rows[first[number]]}" if line_rows else f"lines/{first[number] + 1}",
                    )
                )
            else:
                first[number] = index
        return sorted(lines, key=lambda line: line.get("line", 0))

    def _action(
        self, header: dict[str, Any], lines: list[dict[str, Any]], envelope: Mapping[str, Any], row: int
    ) -> Parsed:
        body = _dump({"kind": ACTION, "id": header["id"], "header": header, "lines": lines})
        quantities = {line["line"]: line["quantity"] for line in lines} if lines else None
        record = ActionRecord(
            header["id"],
            header["document"],
            header["transition"],
            header.get("explanation", ""),
            quantities,
            header.get("occurred_at"),
        )
        return Parsed(row, record, envelope, hashlib.sha256(body).digest(), body)

    def _missing(
        self,
        required: frozenset[str],
        got: Mapping[str, Any],
        raw: Mapping[str, object],
        here: _Place,
        problems: _Problems,
    ) -> None:
        """Tell what is missing; a field that is there but wrong was told already."""
        for name in sorted(required - got.keys()):
            value = raw.get(name)
            if value is None or value == "":
                problems.append(row_problem(here.row, here.to(name), "field_missing", kind=self.kind, field=name))

    def _header_problem(self, name: str, value: object, error: Exception, row: int) -> RowProblem:
        if isinstance(error, InvalidInput):
            return row_problem(row, shown(name), error.code, value, **error.params)
        if name in self.header:
            raise error
        if name in self.lines:
            return row_problem(row, shown(name), "line_field_in_header", value, field=name)
        return self._stranger(name, self.header, value, _Place(row, ""))

    def _line_problem(self, name: str, value: object, error: Exception, here: _Place) -> RowProblem:
        if isinstance(error, InvalidInput):
            return row_problem(here.row, here.to(name), error.code, value, **error.params)
        if name in self.lines:
            raise error
        if name in self.header or name == "kind":
            return row_problem(here.row, here.to(name), "header_field_in_line", value, field=name, kind=self.kind)
        return self._stranger(name, self.lines, value, here)

    def _stranger(self, name: str, known: Mapping[str, Reader], value: object, here: _Place) -> RowProblem:
        near = get_close_matches(name[:80].strip().lower().replace(" ", "_"), [*known, *_FRAME], 1, ALIKE)
        code = "field_unknown" if near else "field_unlike_any"
        words = {"nearest": near[0]} if near else {}
        return row_problem(here.row, here.to(name), code, value, kind=self.kind, **words)


def _dump(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, default=_plain, option=_OPTIONS)


# Decimals that are equal hash alike, and `plain` gives one form for all of them.
_plain = lru_cache(65_536)(plain)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_REVIVE: Final[Mapping[str, Callable[[str], Value]]] = {
    "quantity": lru_cache(65_536)(Decimal),
    "money": lru_cache(65_536)(Decimal),
    "date": lru_cache(16_384)(date.fromisoformat),
    "instant": _instant,
}
_Revivers: TypeAlias = list[tuple[str, Callable[[str], Value]]]
_compiled: dict[int, tuple[Profile, dict[str, tuple[_Revivers, _Revivers]]]] = {}


def _revivers(profile: Profile) -> dict[str, tuple[_Revivers, _Revivers]]:
    """For each kind the fields not kept as they are; a profile holds a dict and cannot be a cache's key."""
    known = _compiled.get(id(profile))
    if known is None or known[0] is not profile:
        known = _compiled[id(profile)] = (
            profile,
            {name: (_revived(kind.header), _revived(kind.lines)) for name, kind in profile.kinds.items()},
        )
    return known[1]


def _revived(specs: Sequence[FieldSpec]) -> _Revivers:
    return [(spec.name, _REVIVE[spec.type]) for spec in specs if spec.type in _REVIVE]


__all__ = [
    "ACTION",
    "ActionRecord",
    "Parsed",
    "Parser",
    "Rejected",
    "canonical_bytes",
    "document_from_canonical",
]
