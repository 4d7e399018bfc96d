"""What parties say of themselves beside their names: dates, countries, identifiers, kind.

Each comparison has three answers: agrees, disagrees, not known. Only a value that both sides give can disagree.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from keruen.codes import identifiers
from keruen.model.party import Identifier, ListedParty, Party, PartyKind

if TYPE_CHECKING:
    from collections.abc import Iterable

IDENTIFIED: Final = 0.99
"""Score from which on an identifier has decided; names alone stay below."""
NAME_ONLY: Final = 0.98


_UNKNOWN: Final = PartyKind.UNKNOWN


class Facts(NamedTuple):
    """How two parties agree beside their names."""

    date: str = ""
    """`same`, `same_year`, `near` (a year apart, or day and month swapped), `differs`, or empty."""
    country: str = ""
    """`same`, `differs`, or empty."""
    same_identifier: Identifier | None = None
    unsound_identifier: Identifier | None = None
    """A number that is the same on both sides but cannot be right: its check digit is wrong. It decides nothing."""
    differing_identifier: tuple[Identifier, Identifier] | None = None
    kind: str = ""
    """`differs` where one is a person and the other a ship, or empty."""

    def evidence(self) -> dict[str, float]:
        """Pieces for the score, by the names of `weights.toml`."""
        return {
            "date_same": float(self.date == "same"),
            "date_same_year": float(self.date == "same_year"),
            "date_near": float(self.date == "near"),
            "date_differs": float(self.date == "differs"),
            "country_same": float(self.country == "same"),
            "country_differs": float(self.country == "differs"),
            "identifier_differs": float(self.differing_identifier is not None),
            "kind_differs": float(self.kind == "differs"),
        }


def common_kind(one: PartyKind, other: PartyKind) -> PartyKind:
    """As which kind two names are read: a side that does not know follows the other."""
    if other in (one, _UNKNOWN):
        return one
    return other if one == _UNKNOWN else _UNKNOWN


def compare(ours: Party, theirs: Party | ListedParty) -> Facts:
    """What two parties say beside their names."""
    same, unsound, differing = _identifiers(ours.identifiers, theirs.identifiers)
    kinds = "differs" if ours.kind != theirs.kind and _UNKNOWN not in (ours.kind, theirs.kind) else ""
    dates, places = _dates(ours.dates, theirs.dates), _countries(ours.countries, theirs.countries)
    return Facts(dates, places, same, unsound, differing, kinds)


_RANK: Final = ("differs", "near", "same_year", "same")
_DATE: Final = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")


def _dates(ours: Iterable[str], theirs: Iterable[str]) -> str:
    found = [each for one in ours for other in theirs if (each := _date(one, other))]
    return max(found, key=_RANK.index, default="")


def _date(one: str, other: str) -> str:  # noqa: PLR0911 - the cases of a table, in order
    if "/" in one or "/" in other:
        return _range(one, other)
    first, second = _DATE.match(one), _DATE.match(other)
    if first is None or second is None:
        return ""
    if first[1] != second[1]:
        return "near" if abs(int(first[1]) - int(second[1])) <= 1 else "differs"
    shorter = min(sum(each is not None for each in match.groups()) for match in (first, second))
    if shorter == 1:
        return "same_year"
    if first.groups()[:shorter] == second.groups()[:shorter]:
        return "same"
    if first[2] == second[3] and first[3] == second[2]:
        return "near"
    if first[2] == second[2] or (first[3] and first[3] == second[3]):
        return "near"
    # The first of January stands for a day that is not known.
    return "same_year" if "-01-01" in (one[4:], other[4:]) else "differs"


def _range(one: str, other: str) -> str:
    years = []
    for each in (one, other):
        ends = each.split("/")
        if not all(end[:4].isdigit() for end in ends):
            return ""
        years.append((int(ends[0][:4]), int(ends[-1][:4])))
    (first, last), (begin, end) = years
    if first <= end and begin <= last:
        return "same_year"
    return "near" if first - 1 <= end and begin <= last + 1 else "differs"


def _countries(ours: Iterable[str], theirs: Iterable[str]) -> str:
    mine, its = {each.lower() for each in ours}, {each.lower() for each in theirs}
    if not mine or not its:
        return ""
    return "same" if mine & its else "differs"


# Schemes under which a party has one number for life, so that two numbers are two parties.
_ONE_FOR_LIFE: Final = frozenset({"bin", "iin", "inn", "ogrn", "imo", "lei", "uscc"})
_LOOSE: Final = frozenset({"other", "registration", "tax", "national", "passport"})
_SHORTEST: Final = 5


def plain(identifier: Identifier) -> str:
    """An identifier's value without spaces, punctuation and case."""
    return re.sub(r"[\W_]", "", identifier.value).upper()


_CHECKED: Final = {
    "bin": ("kz", "kz_bin_or_iin"),
    "iin": ("kz", "kz_bin_or_iin"),
    "inn": ("ru", "ru_inn"),
    "ogrn": ("ru", "ru_ogrn"),
    "uscc": ("cn", "cn_uscc"),
    "imo": ("", "imo"),
    "lei": ("", "lei"),
}
"""Schemes with a check digit: whose they are (empty: everybody's), and the algorithm."""


@lru_cache(maxsize=50_000)
def sound(identifier: Identifier) -> bool:
    """Whether a number can be right; one without a check digit, or of another country's scheme, always can."""
    country, scheme = _CHECKED.get(identifier.scheme, ("", ""))
    if not scheme or (country and identifier.country not in {"", country}):
        return True
    return isinstance(identifiers.check(scheme, re.sub(r"^IMO", "", plain(identifier))), identifiers.Valid)


def _identifiers(
    ours: Iterable[Identifier], theirs: Iterable[Identifier]
) -> tuple[Identifier | None, Identifier | None, tuple[Identifier, Identifier] | None]:
    """The number that is the same, one that would be if it could be right, and two that differ."""
    differing = unsound = None
    mine = [(each, plain(each)) for each in ours]
    if not mine:
        return None, None, None
    for other in theirs:
        its = plain(other)
        for one, value in mine:
            if value == its and len(value) >= _SHORTEST and _comparable(one, other):
                if sound(one) and sound(other):
                    return one, None, None
                unsound = one
            elif one.scheme == other.scheme and one.scheme in _ONE_FOR_LIFE and value != its:
                # A number with a slip in it is no other number.
                differing = (one, other) if sound(one) and sound(other) else differing
    return None, unsound, differing


def _comparable(one: Identifier, other: Identifier) -> bool:
    """Whether equal values mean the same: one scheme, or schemes that publishers mix up."""
    if one.scheme == other.scheme:
        return not (one.country and other.country and one.country != other.country)
    return one.scheme in _LOOSE or other.scheme in _LOOSE
