"""The truth: which documents belong to which planted scheme, and which a good system stops.

`truth.json` is {"format": 1, "seed": ..., "instances": [...]}; an instance has

- `scheme`, `id` (scheme and number), `shape` (how this one differs from its siblings);
- `parties` (ids), `officers` (user names, where one is part of it);
- `documents`: ids of the documents of the scheme; `cover`: ids of ordinary trade of the same firms,
  neither honest nor to be found; `actions`: ids of the actions taken;
- `should_stop`: ids of the documents (or actions) that a good system holds or refuses; stopping one
  of them is enough;
- `findable`: whether the data filed tell it at all; `why`: by what, or why not.

A document in no instance is honest. Anyone's file of this form can be scored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FORMAT = 1


@dataclass(slots=True)
class Instance:
    """One planted scheme. Mutable: it fills up while its script runs."""

    scheme: str
    id: str
    shape: dict[str, str]
    findable: bool
    why: str
    parties: list[str] = field(default_factory=list)
    officers: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    cover: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    should_stop: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "scheme": self.scheme,
            "id": self.id,
            "shape": self.shape,
            "findable": self.findable,
            "why": self.why,
            "parties": sorted(set(self.parties)),
            "officers": sorted(set(self.officers)),
            "documents": self.documents,
            "cover": self.cover,
            "actions": self.actions,
            "should_stop": self.should_stop,
        }


def truth(seed: str, instances: list[Instance]) -> dict[str, Any]:
    """The file's content."""
    return {"format": FORMAT, "seed": seed, "instances": [instance.row() for instance in instances]}
