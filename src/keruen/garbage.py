"""Python's collector of cycles, kept away from what is made in great numbers and stays.

The collector looks through whatever was made since, and now and then through everything; it finds nothing among the
records of a list or the words of an index, but the looking takes a fifth of the time in which they are made.
Counting of references goes on: what nobody holds is freed at once, unless it holds itself.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Pauses:
    """How many are open, and whether the collector was on before the first."""

    lock = Lock()
    open = 0
    was_on = True


@contextmanager
def not_collected() -> Iterator[None]:
    """Switch the collector off for a while, for all threads; on again when the last such while ends."""
    with _Pauses.lock:
        if not _Pauses.open:
            _Pauses.was_on = gc.isenabled()
            gc.disable()
        _Pauses.open += 1
    try:
        yield
    finally:
        with _Pauses.lock:
            _Pauses.open -= 1
            if not _Pauses.open and _Pauses.was_on:
                gc.enable()


def set_aside() -> None:
    """Never look again through what lives now. After something large was made that stays: a list's index."""
    gc.freeze()


SELDOM: Final = (10_000, 20, 50)
"""Objects made, collections of the young and of the middling, after which the next older are looked through."""


def look_seldom() -> None:
    """Look for cycles after ten thousand objects instead of 700, in a process that takes in documents.

    A batch makes hundreds of thousands of records, nearly all of which counting frees. With Python's own thresholds the
    looking took 4.0 s of 41.6 in which a country of 104,000 lines was taken in, with these 1.5.
    """
    gc.set_threshold(*SELDOM)
