"""The rule sets that come with Keruen, and what becomes of each published warning sign."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Final, NamedTuple

from keruen.errors import NotFound

PROFILES: Final = ("kz",)


class Coverage(NamedTuple):
    """Warning signs by what stands for them: rules say so themselves (`flags`), the rest is listed.

    `checks` maps a sign to findings of verification or screening, `lacking` to facts that nobody supplies yet.
    """

    checks: dict[str, tuple[str, ...]]
    lacking: dict[str, tuple[str, ...]]


def body(profile: str) -> bytes:
    """The bytes of the shipped set of a profile.

    Raises:
        NotFound: None is shipped for it.
    """
    if profile not in PROFILES:
        raise NotFound(f"no rules are shipped for profile {profile}", code="rules_not_shipped", profile=profile)
    return (resources.files(__package__) / f"{profile}.toml").read_bytes()


def coverage() -> Coverage:
    """What becomes of the warning signs no rule names."""
    data = tomllib.loads((resources.files(__package__) / "red_flags.toml").read_text(encoding="utf-8"))
    return Coverage(*({sign: tuple(names) for sign, names in data[table].items()} for table in ("checks", "lacking")))
