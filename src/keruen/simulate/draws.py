"""Random draws, repeatable: every stream of a run has a generator of its own, named by text.

A stream that draws more or less moves no other stream, which is how a scheme can be added without
changing honest trade.
"""

from __future__ import annotations

from random import Random

_ODD = 0x9E3779B97F4A7C15


def stream(*names: object) -> Random:
    """The generator of that name; the same name gives the same draws on every machine."""
    return Random("/".join(map(str, names)))  # noqa: S311 - repeatable is what is wanted; nothing is kept secret by it


def scattered(number: int, bits: int) -> int:
    """Map a number below 2**bits to another, all to different ones and in no visible order.

    Numbers of papers and firms are dealt out by lane; without this their last bits would tell the lane,
    and so whether a paper belongs to a scheme.
    """
    mask = (1 << bits) - 1
    for _ in range(2):
        number = (number ^ (number >> (bits // 2))) * _ODD & mask
    return number ^ (number >> (bits // 2))
