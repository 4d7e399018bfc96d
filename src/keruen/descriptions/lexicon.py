"""Controlled goods by their words, makers and part numbers, whatever code is declared.

A hit under a code of its own headings is no suspicion; under another it is. Patterns are matched on whole words, the
longest first; each entry says on what it rests.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from keruen.errors import IntegrityFailure


class Entry(NamedTuple):
    """One kind of goods: `headings` are codes (four to six digits) under which it stands rightly."""

    name: str
    headings: tuple[str, ...]
    source: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]


class Hit(NamedTuple):
    """An entry met in a text, and the words that met it."""

    entry: Entry
    words: str


@cache
def entries() -> tuple[Entry, ...]:
    """Every entry, in the order of the file.

    Raises:
        IntegrityFailure: A pattern cannot be read.
    """
    data = tomllib.loads((resources.files(__package__) / "tables" / "lexicon.toml").read_text(encoding="utf-8"))
    found = []
    for name, row in data.items():
        parts = [rf"(?<!\w)(?:{'|'.join(_word(each) for each in row['words'])})"] if row.get("words") else []
        parts += [rf"(?<![\w-])(?:{each})(?![\w])" for each in row.get("parts", ())]
        try:
            pattern = re.compile("|".join(parts), re.IGNORECASE)
        except re.error as error:
            raise IntegrityFailure(f"the lexicon's {name} cannot be read: {error}", code="lexicon") from error
        found.append(Entry(name, tuple(row["headings"]), row["source"], pattern, tuple(row["examples"])))
    return tuple(found)


def _word(text: str) -> str:
    """A word or phrase as a pattern: a star stands for any ending, nothing for the end of the word."""
    words = [re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else r"(?!\w)") for word in text.split()]
    return r"[\s\-]+".join(words)


@lru_cache(maxsize=65_536)
def hits(text: str) -> tuple[Hit, ...]:
    """Every entry met in a text, each once."""
    shown = " ".join(text.split())[:500]
    return tuple(Hit(entry, met[0]) for entry in entries() if (met := entry.pattern.search(shown)))


def astray(text: str, code: str) -> tuple[Hit, ...]:
    """Entries met under a code that is none of theirs; empty where any entry met stands rightly there."""
    found = hits(text)
    if any(code.startswith(heading) for hit in found for heading in hit.entry.headings):
        return ()
    return found
