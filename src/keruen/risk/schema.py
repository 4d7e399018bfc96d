"""Which columns a model looks at, as data."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any, NamedTuple

from keruen.errors import InvalidInput


class Schema(NamedTuple):
    """Columns and what they mean; see `customs.toml`."""

    name: str
    id: str
    time: str
    label: str
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    combinations: tuple[tuple[str, ...], ...]
    ratios: tuple[tuple[str, str, str], ...]
    unseen: tuple[str, ...]
    selection_probability: str
    stream: str
    published: dict[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns every file must have."""
        return (self.id, self.time, self.label, *self.numbers, *self.categories)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, in the order the model sees them."""
        return (
            *self.numbers,
            *(f"{value} per {mass} over the usual of {code}" for value, mass, code in self.ratios),
            *(f"rate of {name}" for name in self.categories),
            *(f"rows of {name}" for name in self.categories),
            *(f"rate of {' + '.join(names)}" for names in self.combinations),
            *(f"rows of {' + '.join(names)}" for names in self.combinations),
        )


def shipped() -> Schema:
    """The schema that comes with Keruen."""
    return read((resources.files(__package__) / "customs.toml").read_text(encoding="utf-8"))


def read(text: str) -> Schema:
    """A schema from its file.

    Raises:
        InvalidInput: It is no TOML, or a key is missing or names a column that is not among the others.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"the schema cannot be read: {error}", code="risk_schema") from error
    lacking = [key for key in ("name", "id", "time", "label", "numbers", "categories") if not data.get(key)]
    if lacking:
        raise InvalidInput(f"the schema lacks {', '.join(lacking)}", code="risk_schema")
    known = {*data["numbers"], *data["categories"]}
    used = {name for names in (*data.get("combinations", ()), *data.get("ratios", ())) for name in names}
    unknown = sorted((used | set(data.get("unseen", ()))) - known)
    if unknown:
        raise InvalidInput(f"the schema names {', '.join(unknown)}, which are no columns of it", code="risk_schema")
    return Schema(
        data["name"],
        data["id"],
        data["time"],
        data["label"],
        tuple(data["numbers"]),
        tuple(data["categories"]),
        tuple(tuple(names) for names in data.get("combinations", ())),
        tuple((names[0], names[1], names[2]) for names in data.get("ratios", ())),
        tuple(data.get("unseen", ())),
        data.get("selection_probability", ""),
        data.get("stream", ""),
        data.get("published", {}),
    )
