"""The check of one description against its code, as a person reads it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from keruen.codes import hs, tnved
from keruen.descriptions import lexicon
from keruen.descriptions.words import language, vague
from keruen.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from keruen.descriptions.plausibility import Heading, Nearest, Reader


class Check(NamedTuple):
    """What is said of a text and a code.

    `suspicion` is from nought (fits) to one; None where no reader was given. `headings` are those the text fits best;
    `nearest` labelled texts like it, first of the declared headings, then of others; `declared` the headings the code
    stands for in HS 2022: several where an older code was divided.
    """

    text: str
    code: str
    language: str
    vague: bool
    controlled: tuple[lexicon.Hit, ...]
    declared: tuple[str, ...]
    official: str
    suspicion: float | None
    headings: tuple[Heading, ...]
    nearest: tuple[Nearest, ...]


def declared_headings(code: str) -> tuple[str, ...]:
    """Headings of HS 2022 that a declared code stands for; a code of 2017 is carried, to several where it was divided.

    Raises:
        NotFound: Neither edition has the code, nor its heading.
    """
    digits = code[:6]
    if hs.exists(digits, "HS2022"):
        return (digits[:4],)
    if len(digits) == 6 and hs.exists(digits, "HS2017"):  # noqa: PLR2004 - a subheading
        carried = hs.carry(digits, "HS2017", "HS2022")
        found = (carried.code,) if isinstance(carried, hs.Carried) else carried.candidates
        if found:
            return tuple(dict.fromkeys(each[:4] for each in found))
    if hs.exists(digits[:4], "HS2022") or hs.exists(digits[:4], "HS2017"):
        return (digits[:4],)
    raise NotFound(f"no heading {digits[:4]} in HS 2017 or 2022", code="unknown_heading", found=code)


def suspicion(text: str, code: str, reader: Reader) -> float | None:
    """How little a text fits its code, the mildest where an older code was divided; None where it is no code."""
    try:
        declared = [heading for heading in declared_headings(code) if heading in reader.index.place]
    except NotFound:
        return None
    return min(reader.suspicion([text] * len(declared), declared)) if declared else None


def official_text(code: str, lang: str) -> str:
    """What the nomenclature says of a code: in Russian for Russian and Kazakh readers, else in English."""
    if lang in {"ru", "kk"}:
        for digits in (code, code[:4]):
            with suppress(NotFound, InvalidInput):
                return tnved.find(digits).text_ru
    for digits in (code[:6], code[:4]):
        for edition in ("HS2022", "HS2017"):
            if hs.exists(digits, edition):
                return hs.describe(digits, edition)
    return ""


def check(text: str, code: str, reader: Reader | None = None) -> Check:
    """Hold a description against its code.

    Args:
        text: As filed.
        code: As declared: four digits or more.
        reader: Judges plausibility; without one only words are looked at.

    Raises:
        NotFound: There is no such heading.
    """
    declared = declared_headings(code)
    lang = language(text)
    suspected: float | None = None
    headings: tuple[Heading, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    if reader is not None:
        suspected = suspicion(text, code, reader)
        headings = reader.headings(text)
        nearest = reader.nearest(text, declared)
    return Check(
        text,
        code,
        lang,
        vague(text),
        lexicon.astray(text, code),
        declared,
        official_text(code, lang),
        suspected,
        headings,
        nearest,
    )
