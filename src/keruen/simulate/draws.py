"""Random draws, repeatable: every stream of a run has a generator of its own, named by text.

A stream that draws more or less moves no other stream, which is how a scheme can be added without
changing honest trade.
"""

from __future__ import annotations

from random import Random


def stream(*names: object) -> Random:
    """The generator of that name; the same name gives the same draws on every machine."""
    return Random("/".join(map(str, names)))  # noqa: S311 - repeatable is what is wanted; nothing is kept secret by it
