"""Python's collector of cycles, kept away from what is made in great numbers and stays.

The collector looks through whatever was made since, and now and then through everything; it finds nothing among the
records of a list or the words of an index, but the looking takes a fifth of the time in which they are made.
Counting of references goes on: what nobody holds is freed at once, unless it holds itself.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

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
