"""Tables to records: one row a line item, the document's own fields repeated in each of its rows.

Rows that follow one another with the same kind, id and version are one document. A document whose
rows are scattered is refused before any of it is given on: half a document that looks whole is the
one mistake a table must not lead to. For that the rows are gone through twice.
"""

from __future__ import annotations

from array import array
from difflib import get_close_matches
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keruen.documents.parsing import ACTION
from keruen.documents.problems import RowProblem, row_problem
from keruen.formats.records import Limits, RawRecord, Unreadable, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from keruen.model.profile import Profile

Row = tuple[int, "Sequence[Any]"]
"""Number of the row, and its cells: text, or for workbooks whole numbers too; empty text for no value."""

_Key = tuple[str, str, str]
_KEY: Final = ("kind", "id", "version")


class _Split(NamedTuple):
    """Which columns are the document's and which a line's; the kind tells."""

    header: tuple[tuple[str, int], ...]
    lines: tuple[tuple[str, int], ...]


class _Group:
    """The rows of one document, as far as read."""

    __slots__ = ("broken", "cells", "fields", "key", "line_rows", "lines", "row")

    def __init__(self, row: int, key: _Key, fields: dict[str, Any], cells: list[Any]) -> None:
        self.row = row
        self.key = key
        self.fields = fields
        self.cells = cells
        self.lines: list[dict[str, Any]] = []
        self.line_rows: list[int] = []
        self.broken = False


class Table:
    """Reads one table.

    Args:
        rows: Gives the rows from the beginning each time it is called; the first holds the column names.
        profile: Says which fields are a line's.
        kind: Of all rows, where there is no column `kind`.
        limits: Only the number of rows is looked at here.
    """

    def __init__(self, rows: Callable[[], Iterator[Row]], profile: Profile, kind: str, limits: Limits) -> None:
        self._rows = rows
        self._profile = profile
        self._kind = kind
        self._limits = limits
        self._splits: dict[str, _Split] = {}
        self._columns: list[str] = []
        self._places: dict[str, int] = {}
        self._apart: frozenset[int] = frozenset()

    def records(self) -> Iterator[RawRecord | RowProblem]:
        """The table's records in order, and what is wrong with it.

        Raises:
            Unreadable: Nothing or nothing more can be read.
        """
        first = next(self._filled(), None)
        if first is None:
            raise unreadable(0, "file_empty")
        problems = self._read_columns(first[0], first[1])
        if problems:
            yield from problems
            return
        group: _Group | None = None
        try:
            for number, key, cells in self._keyed():
                if group is None or key != group.key:
                    if group is not None:
                        yield from _record(group)
                    group = self._begin(number, key, cells)
                    if hash(key) in self._apart:
                        group.broken = True
                        yield row_problem(number, "id", "rows_apart", key[1], id=key[1])
                else:
                    yield from self._differing(group, number, cells)
                yield from self._add_line(group, number, cells)
        except Unreadable as error:
            if group is not None and not group.broken:
                yield row_problem(group.row, "", "document_cut", group.key[1], bad_row=error.problem.row)
            raise
        if group is None:
            raise unreadable(0, "file_empty")
        yield from _record(group)

    def _keyed(self) -> Iterator[tuple[int, _Key, Sequence[Any]]]:
        """The rows that hold anything, each with what it shares with the other rows of its document."""
        self._apart = self._scattered()
        rows = self._filled()
        next(rows)
        count = 0
        for number, cells in rows:
            key = self._key(cells)
            if key is None:
                continue
            count += 1
            if count > self._limits.max_rows:
                raise unreadable(number, "too_many_rows", max=self._limits.max_rows)
            self._check_width(number, cells)
            yield number, key, cells

    def _read_columns(self, row: int, cells: Sequence[Any]) -> list[RowProblem]:
        columns = [str(cell).strip() for cell in cells]
        while columns and not columns[-1]:
            columns.pop()
        known = _known_names(self._profile)
        problems = []
        for place, name in enumerate(columns):
            if not name:
                problems.append(row_problem(row, "", "column_unnamed", number=place + 1))
            elif name in columns[:place]:
                problems.append(row_problem(row, name, "column_repeated", name))
            elif name not in known:
                near = get_close_matches(name[:80].lower().replace(" ", "_"), known, 1, 0.7)
                code = "column_unknown" if near else "column_unlike_any"
                problems.append(row_problem(row, "", code, name, nearest=near[0] if near else ""))
        if "kind" not in columns and not self._kind:
            problems.append(row_problem(row, "kind", "kind_missing", kinds=", ".join([*self._profile.kinds, ACTION])))
        if "id" not in columns:
            problems.append(row_problem(row, "id", "field_missing", kind=self._kind or "document", field="id"))
        self._columns = columns
        self._places = {name: place for place, name in enumerate(columns)}
        return problems

    def _filled(self) -> Iterator[Row]:
        """The rows from the one with the names on; a table may begin further down."""
        return dropwhile(lambda row: not any(cell != "" for cell in row[1]), self._rows())

    def _key(self, cells: Sequence[Any]) -> _Key | None:
        """What rows of one document share; None for an empty row."""
        size = len(cells)
        kind, name, version = (
            str(cells[place]).strip() if (place := self._places.get(part, size)) < size else "" for part in _KEY
        )
        if not name and not any(cell != "" for cell in cells):
            return None
        return (kind or self._kind, name, version or "1")

    def _scattered(self) -> frozenset[int]:
        """Hashes of the keys whose rows do not stand together; eight bytes are held for each document."""
        hashes = array("q")
        last: _Key | None = None
        rows = self._filled()
        next(rows)
        try:
            for count, (_, cells) in enumerate(rows):
                if count > self._limits.max_rows:
                    break
                key = self._key(cells)
                if key is not None and key != last and key[1]:
                    hashes.append(hash(key))
                    last = key
        except Unreadable:
            pass  # Told where the rows are read the second time.
        ordered = sorted(hashes)
        return frozenset(here for here, there in pairwise(ordered) if here == there)

    def _check_width(self, number: int, cells: Sequence[Any]) -> None:
        width = len(self._columns)
        if len(cells) != width and (len(cells) < width or any(cell != "" for cell in cells[width:])):
            raise unreadable(number, "row_width", f"{len(cells)} cells", columns=width)

    def _split(self, kind: str) -> _Split:
        split = self._splits.get(kind)
        if split is None:
            found = self._profile.kinds.get(kind)
            specs = self._profile.action_lines if kind == ACTION else found.lines if found else ()
            of_lines = {spec.name for spec in specs}
            places = list(self._places.items())
            split = _Split(
                tuple((name, place) for name, place in places if name not in of_lines),
                tuple((name, place) for name, place in places if name in of_lines),
            )
            if len(self._splits) < len(self._profile.kinds) + 1:  # A wrong kind in each row must not fill memory.
                self._splits[kind] = split
        return split

    def _begin(self, number: int, key: _Key, cells: Sequence[Any]) -> _Group:
        split = self._split(key[0])
        fields = {name: cell for name, place in split.header if (cell := cells[place]) != ""}
        fields["kind"] = key[0]
        return _Group(number, key, fields, [cells[place] for _, place in split.header])

    def _differing(self, group: _Group, number: int, cells: Sequence[Any]) -> Iterator[RowProblem]:
        split = self._split(group.key[0])
        if [cells[place] for _, place in split.header] == group.cells:
            return
        for (name, place), before in zip(split.header, group.cells, strict=True):
            if cells[place] != before and name not in _KEY:
                group.broken = True
                yield row_problem(
                    number,
                    name,
                    "rows_differ",
                    cells[place],
                    first_value=repr(before),
                    first_row=group.row,
                    field=name,
                )

    def _add_line(self, group: _Group, number: int, cells: Sequence[Any]) -> Iterator[RowProblem]:
        line = {name: cell for name, place in self._split(group.key[0]).lines if (cell := cells[place]) != ""}
        if line:
            group.lines.append(line)
            group.line_rows.append(number)
        elif number != group.row:
            group.broken = True
            yield row_problem(number, "", "row_repeated", group.key[1], first_row=group.row)


def _record(group: _Group) -> Iterator[RawRecord]:
    if group.broken:
        return
    if group.lines:
        group.fields["lines"] = group.lines
    yield RawRecord(group.row, group.fields, tuple(group.line_rows))


def _known_names(profile: Profile) -> list[str]:
    names = dict.fromkeys(("kind", "id", "version"))
    for specs in (
        profile.envelope,
        profile.action_header,
        profile.action_lines,
        *(specs for kind in profile.kinds.values() for specs in (kind.header, kind.lines)),
    ):
        names.update(dict.fromkeys(spec.name for spec in specs))
    return list(names)
