"""Facts: named values known of a document when it is decided, which rules and models read.

A fact that is not known is absent, never nought, empty or false: what reads it is then not evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

FactValue = bool | int | float | str | tuple[str, ...]
Facts = Mapping[str, FactValue]
"""Fact name to value; only what is known."""


class FactType(StrEnum):
    """What a fact holds."""

    BOOL = "bool"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    """Texts, in order."""


class Fact(NamedTuple):
    """One entry of the catalogue: what rules may read.

    `values` are all a text or list may hold, where they are few; `supplier` is who gives it, empty where
    nobody does yet; `low` and `high` bound a number.
    """

    name: str
    type: FactType
    supplier: str
    text: str
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def holds(self, value: object) -> bool:
        """Whether a value may stand here."""
        if self.type == FactType.BOOL:
            return isinstance(value, bool)
        if self.type in {FactType.INTEGER, FactType.NUMBER}:
            wanted = int if self.type == FactType.INTEGER else (int, float)
            return (
                isinstance(value, wanted)
                and not isinstance(value, bool)
                and (self.low is None or value >= self.low)
                and (self.high is None or value <= self.high)
            )
        if self.type == FactType.TEXT:
            return isinstance(value, str) and (not self.values or value in self.values)
        return isinstance(value, (list, tuple)) and all(
            isinstance(each, str) and (not self.values or each in self.values) for each in value
        )


class Catalogue(dict[str, Fact]):
    """Every fact by name."""
