"""The catalogue of facts: what there is, of which type, and who supplies it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from keruen.errors import IntegrityFailure
from keruen.model.fact import Catalogue, Fact, FactType


@cache
def catalogue() -> Catalogue:
    """Every fact by name, in the order of the file.

    Raises:
        IntegrityFailure: A name stands twice.
    """
    found = Catalogue()
    data = tomllib.loads((resources.files(__package__) / "catalogue.toml").read_text(encoding="utf-8"))
    for table in data.values():
        for name, row in table.items():
            if name in found:
                raise IntegrityFailure(f"fact {name} stands twice in the catalogue", code="fact_twice")
            found[name] = Fact(
                name,
                FactType(row["type"]),
                row["by"],
                row["text"],
                tuple(row.get("values", ())),
                row.get("low"),
                row.get("high"),
            )
    return found
