"""Harmonized System: what a code says in an edition, and which code it carries to in another edition.

Codes are text of two, four or six digits; the leading nought counts. A code is carried to another
edition only where the concordance is one to one. Everywhere else the answer names the candidates:
splitting quantities over them, or taking one of them, is a judgement that the caller must own. The
UN's one-target table makes that judgement silently and sends chips to mobile phones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound

Edition: TypeAlias = Literal["HS2017", "HS2022"]
EDITIONS: Final[tuple[Edition, ...]] = ("HS2017", "HS2022")

_SUBHEADING_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Carried:
    """The code in the other edition; it holds the same goods, no more and no fewer."""

    code: str
    to_edition: Edition


@dataclass(frozen=True, slots=True)
class NotOneToOne:
    """No single code of the other edition holds exactly these goods.

    Attributes:
        candidates: The codes that hold some of them, in order; none where the table knows none.
        relationship: "1:n", "n:1" or "n:n" read from here to there, "1:0" without a candidate.
    """

    code: str
    to_edition: Edition
    candidates: tuple[str, ...]
    relationship: Literal["1:n", "n:1", "n:n", "1:0"]

    @property
    def lies_within(self) -> str | None:
        """The one code that holds all these goods and others too; None when they are divided.

        Enough to screen by, never to compare quantities by.
        """
        return self.candidates[0] if len(self.candidates) == 1 else None


def exists(code: str, edition: Edition) -> bool:
    """Tell whether the edition has this chapter, heading or subheading."""
    return code in _nomenclature(edition)


def codes(edition: Edition) -> frozenset[str]:
    """Give every subheading, six digits, of an edition."""
    return frozenset(code for code in _nomenclature(edition) if len(code) == _SUBHEADING_DIGITS)


def describe(code: str, edition: Edition) -> str:
    """Give the English text of a chapter, heading or subheading.

    Raises:
        NotFound: The edition has no such code.
    """
    return _entry(code, edition)[1]


def standard_unit(code: str, edition: Edition) -> str | None:
    """Give the unit, by UN/ECE Recommendation 20, in which the WCO recommends to count these goods.

    Returns:
        The unit's code, or None where the table gives none (chapters, headings, a few subheadings).

    Raises:
        NotFound: The edition has no such code.
    """
    return _entry(code, edition)[0] or None


def parents(code: str, edition: Edition) -> tuple[str, ...]:
    """Give the chapter and heading above a code, the chapter first.

    Raises:
        NotFound: The edition has no such code.
    """
    _entry(code, edition)
    return tuple(code[:size] for size in range(2, len(code), 2))


def carry(code: str, from_edition: Edition, to_edition: Edition) -> Carried | NotOneToOne:
    """Carry a six-digit code from one edition to another where that is one to one.

    Args:
        code: Six digits.
        from_edition: The edition that the code is of.
        to_edition: The edition wanted.

    Raises:
        InvalidInput: The code is not six digits, or an edition is not held.
        NotFound: `from_edition` has no such code.

    Source:
        UNSD correlation HS 2022 to HS 2017. What is one to one is counted in the table, its own
        relationship column is not read.
    """
    if len(code) != _SUBHEADING_DIGITS:
        raise InvalidInput(f"only six digits are carried, got {code!r}", code="hs_not_six_digits", value=code)
    _entry(code, from_edition)
    _nomenclature(to_edition)
    if from_edition == to_edition:
        return Carried(code, to_edition)
    there, back = _concordance(from_edition), _concordance(to_edition)
    candidates = there.get(code, ())
    shared = any(len(back[candidate]) > 1 for candidate in candidates)
    if not candidates:
        return NotOneToOne(code, to_edition, (), "1:0")
    if len(candidates) > 1:
        return NotOneToOne(code, to_edition, candidates, "n:n" if shared else "1:n")
    return NotOneToOne(code, to_edition, candidates, "n:1") if shared else Carried(candidates[0], to_edition)


@cache
def _nomenclature(edition: Edition) -> dict[str, tuple[str, str]]:
    """Code to unit and text."""
    if edition not in EDITIONS:
        raise InvalidInput(
            f"edition {edition!r} is not held, we have {', '.join(EDITIONS)}",
            code="hs_edition",
            edition=edition,
        )
    return {code: (unit, text) for code, unit, text in rows(edition.lower())}


def _entry(code: str, edition: Edition) -> tuple[str, str]:
    found = _nomenclature(edition).get(code)
    if found is None:
        raise NotFound(f"{edition} has no code {code!r}", code="hs_code", value=code, edition=edition)
    return found


@cache
def _concordance(from_edition: Edition) -> dict[str, tuple[str, ...]]:
    """Code of an edition to the codes of the other edition that it meets, in order."""
    newer = {code: tuple(older.split()) for code, older in rows("hs2022_hs2017")}
    if from_edition == "HS2022":
        return newer
    met: dict[str, list[str]] = defaultdict(list)
    for code, olders in newer.items():
        for older in olders:
            met[older].append(code)
    return {older: tuple(sorted(codes)) for older, codes in met.items()}
