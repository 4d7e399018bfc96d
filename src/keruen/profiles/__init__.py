"""The profiles shipped with Keruen, each a TOML file read through `load`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from keruen.errors import NotFound
from keruen.model.profile import Profile, parse_profile


@cache
def load(name: str) -> Profile:
    """Read a shipped profile by its id, e.g. `kz`.

    Raises:
        NotFound: No such profile is shipped; the message lists those that are.
    """
    folder = resources.files(__name__)
    names = sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    if name not in names:
        raise NotFound(f"no profile {name!r}; shipped are {', '.join(names)}", code="unknown_profile", found=name)
    return parse_profile(tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")))
