"""Rows as PostgreSQL reads them: one array literal a column for a statement, or lines for COPY.

psycopg writes an array element by element in Python, which cost more than all the rest of saving a batch, and a line of
COPY value by value. Here a column is made into text in one call, and its values are looked at one by one only where
one of them needs a backslash.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any

PLAIN = (Decimal, int)
"""Types whose text needs no quotes."""

REMEMBERED_TIMES = 16_384
"""A batch has few times and writes each in many rows; making one's text costs ten times what remembering it does."""

COPY_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
"""What ends a value or a line of COPY, the backslash first, and how it is written within a value."""


def array(values: Collection[Any]) -> str:
    """A column as an array literal; the statement casts it to its type (`%s::text[]`).

    Args:
        values: Texts, numbers, times, days, flags, bytes, and None for NULL.

    Source:
        PostgreSQL manual, 8.15.2: array value input.
    """
    if not values:
        return "{}"
    kinds = set(map(type, values))
    if all(issubclass(kind, str) for kind in kinds):
        return _texts(values)
    if len(kinds) == 1 and kinds <= set(PLAIN):
        return "{" + ",".join(map(str, values)) + "}"
    if kinds <= {datetime, NoneType}:
        return "{" + ",".join(["NULL" if each is None else f'"{_iso(each)}"' for each in values]) + "}"
    return "{" + ",".join(map(_element, values)) + "}"


def arrays(rows: Collection[Sequence[Any]]) -> list[str]:
    """Rows of one length as one array literal a column."""
    return [array(column) for column in zip(*rows, strict=True)]


def _texts(values: Collection[str]) -> str:
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(map(_escaped, values))
    return '{"' + joined + '"}'


@lru_cache(REMEMBERED_TIMES)
def _iso(at: datetime | date) -> str:
    return at.isoformat()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, PLAIN):
        return str(value)
    if isinstance(value, datetime | date):
        return f'"{_iso(value)}"'
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    assert isinstance(value, str), f"no array element of {type(value).__name__}"
    return f'"{_escaped(value)}"'


def copy_lines(rows: Collection[Sequence[Any]]) -> bytes:
    """Rows as the lines of COPY in text format.

    Source:
        PostgreSQL manual, COPY: text format.
    """
    columns = [_copy_column(column) for column in zip(*rows, strict=True)]
    return ("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n").encode()


def _copy_column(values: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, values))
    if all(issubclass(kind, str) for kind in kinds):
        joined = "".join(values)
        return values if not any(each in joined for each in COPY_ESCAPES) else [_copy_text(each) for each in values]
    if len(kinds) == 1 and kinds <= set(PLAIN):
        return list(map(str, values))
    if kinds == {datetime}:
        return list(map(_iso, values))
    return [_copy_value(each) for each in values]


def _copy_text(text: str) -> str:
    for character, escape in COPY_ESCAPES.items():
        text = text.replace(character, escape)
    return text


def _copy_value(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, PLAIN):
        return str(value)
    if isinstance(value, datetime | date):
        return _iso(value)
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    assert isinstance(value, str), f"no value of COPY of {type(value).__name__}"
    return _copy_text(value)
