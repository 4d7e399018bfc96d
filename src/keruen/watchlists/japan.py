"""Japan's lists of bodies under export ban (METI, MOFA notices), as the text of the published PDF.

An entry is a number, the Japanese name, the Latin name over one or more lines, aliases, and the address after
所在地. Numbers stand in full-width figures up to nine and in plain ones after.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from keruen.model.party import NameKind, PartyKind
from keruen.watchlists import dates
from keruen.watchlists.collect import Collected
from keruen.watchlists.source import NotUnderstood, refused

if TYPE_CHECKING:
    from datetime import date

    from keruen.model.party import Link

_ENTRY: Final = re.compile(r"(?:(?<=\n )|(?<=[.)]))\s*(\d{1,4})\s+(?=[^\n]*[^\x00-\x7f])")
_UPDATED: Final = re.compile(r"最終更新日[：:]\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})")
_ALIASES: Final = re.compile(r",?\s*a\.k\.a\.,?(?:\s*the following [\w ]*aliase?s?)?\s*:?", re.IGNORECASE)


def read_text(name: str, text: str, unknown: NotUnderstood) -> tuple[list[Collected], list[Link], date | None]:
    """Entries in order; a number out of order belongs to an address and begins no entry.

    Raises:
        InvalidInput: Not one entry was found.
    """
    plain = unicodedata.normalize("NFKC", text)
    updated = _UPDATED.search(plain)
    published = (
        dates.whole("-".join((updated[1], updated[2].rjust(2, "0"), updated[3].rjust(2, "0")))) if updated else None
    )
    found: list[Collected] = []
    body = plain.replace("\n", "\n ")
    starts: list[tuple[int, int, int]] = []
    for each in _ENTRY.finditer(body):
        if int(each[1]) == len(starts) + 1:
            starts.append((int(each[1]), each.end(), each.start()))
    for index, (number, start, _) in enumerate(starts):
        end = starts[index + 1][2] if index + 1 < len(starts) else len(body)
        party = _entry(number, body[start:end], unknown)
        if party.names:
            found.append(party)
    if not found:
        raise refused(f"{name} has no numbered entry", "entries", file=name)
    return found, [], published


def _entry(number: int, text: str, unknown: NotUnderstood) -> Collected:
    party = Collected(str(number), PartyKind.ORGANISATION)
    head, _, where = text.partition("所在地")
    lines = [each.strip() for each in head.split("\n") if each.strip()]
    japanese = []
    while lines and not lines[0].isascii():
        japanese.append(lines.pop(0))
    bracket = re.search(r"[(（]別称、?(.*?)[)）]", "".join(japanese))
    latin = " ".join(lines)
    first, *rest = _ALIASES.split(latin)
    party.name(first.strip(" ,;"), NameKind.PRIMARY)
    party.name(re.sub(r"[(（]別称.*?[)）]", "", "".join(japanese)), NameKind.ALIAS)
    for each in re.split(r"(?:^|\s)-|;\s*(?:and)?\s*", " ".join(rest)):
        party.name(each.strip(" ,;.").removesuffix(" and"), NameKind.ALIAS)
    if bracket:
        for each in re.split(r"、|及び", bracket[1]):
            party.name(each.strip(), NameKind.ALIAS)
    address = " ".join(where.lstrip("：: ").split())
    party.address(address)
    party.country(unknown.country(address.rstrip(". ").rpartition(",")[2]))
    party.measure("Export ban")
    return party
