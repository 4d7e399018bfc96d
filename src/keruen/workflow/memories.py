"""Rebuild what is remembered from every accepted command, and compare it with what stands in the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from keruen.facts.history import Happening, Memory, after
from keruen.model.actor import Actor, Role
from keruen.workflow.ports import WholeReader

SHOWN = 20


class Difference(NamedTuple):
    """A memory that is not what the commands make of it."""

    key: str
    kept: bytes
    rebuilt: bytes


def rebuilt(books: WholeReader, on_progress: Callable[[int], None] = lambda _count: None) -> dict[str, Memory]:
    """All memories, made anew from the first command on."""
    memories: dict[str, Memory] = {}
    for number, one in enumerate(books.accepted(), 1):
        event = one.event
        memories.update(
            after(
                memories,
                Happening(
                    event.transition,
                    event.from_state,
                    event.to_state,
                    one.document,
                    Actor(event.user, event.organisation, Role(event.role)),
                    event.recorded_at,
                    one.filed_at,
                    one.postings,
                    one.lots,
                ),
            )
        )
        if number % 1000 == 0:
            on_progress(number)
    return memories


def differences(books: WholeReader, on_progress: Callable[[int], None] = lambda _count: None) -> list[Difference]:
    """Memories that differ from what the commands make of them; none when all is well."""
    made: dict[str, Any] = {key: _bytes(value) for key, value in rebuilt(books, on_progress).items()}
    found = [
        Difference(key, kept, made.get(key, b""))
        for key, body in books.all_memories()
        if (kept := _bytes(body)) != made.get(key)
    ]
    have = {key for key, _ in books.all_memories()}
    return found + [Difference(key, b"", body) for key, body in sorted(made.items()) if key not in have]


def _bytes(memory: Memory) -> bytes:
    return orjson.dumps(dict(memory), option=orjson.OPT_SORT_KEYS)
