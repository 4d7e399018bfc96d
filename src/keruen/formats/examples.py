"""Examples of every kind: one small story of chips and routers, valid to the last field.

They stand in the manual, feed the tests and are what a new user hands in first. Firms are invented;
their numbers are well formed. The story is told in order, so that a record names only documents that
came before it.
"""

from __future__ import annotations

import copy
import csv
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO

from keruen.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIRST_COLUMNS: Final = ("kind", "id", "version")


class Example(NamedTuple):
    """One record, and what happens in the story with it."""

    story: str
    record: dict[str, Any]


def story(profile_id: str = "kz") -> list[Example]:
    """All examples of a profile in the order they happen; they are the caller's own copy.

    Raises:
        NotFound: No examples are shipped for that profile.
    """
    return copy.deepcopy(_story(profile_id))


def example(kind: str, profile_id: str = "kz") -> dict[str, Any]:
    """The first example of a kind; `action` is one.

    Raises:
        NotFound: There is none.
    """
    for each in _story(profile_id):
        if each.record["kind"] == kind:
            return copy.deepcopy(each.record)
    raise NotFound(f"no example of kind {kind!r} for profile {profile_id}", code="no_example", found=kind)


def write_csv(records: Iterable[Mapping[str, Any]], stream: TextIO, *, delimiter: str = ",") -> None:
    r"""Write raw records in the CSV form that `read` takes: a row a line, the header in each of them.

    Args:
        records: As in JSON; held all at once, since their fields become the columns.
        stream: Opened with `newline=""`.
        delimiter: Comma, semicolon or `\t`.
    """
    records = list(records)
    columns = dict.fromkeys(name for name in _FIRST_COLUMNS if any(name in record for record in records))
    for record in records:
        columns.update(dict.fromkeys(name for name in record if name != "lines"))
    for record in records:
        for line in record.get("lines", ()):
            columns.update(dict.fromkeys(line))
    writer = csv.DictWriter(stream, list(columns), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for record in records:
        header = {name: value for name, value in record.items() if name != "lines"}
        for line in record.get("lines") or [{}]:
            writer.writerow({**header, **line})


@cache
def _story(profile_id: str) -> list[Example]:
    source = resources.files("keruen.formats").joinpath("data", f"examples_{profile_id}.json")
    if not profile_id.isidentifier() or not source.is_file():
        raise NotFound(f"no examples for profile {profile_id!r}", code="no_examples", found=profile_id)
    return [Example(each["story"], each["record"]) for each in json.loads(source.read_text("utf-8"))["records"]]
