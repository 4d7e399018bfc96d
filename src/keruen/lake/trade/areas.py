"""Areas as publishers write them, to countries, aggregates and areas that are not specified.

Publishers write a country as two letters, three, the number of UN M49 (with numbers of Comtrade's own), or a name in
English or Russian, and put the world and unions of countries between them. What is not known is never guessed.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from keruen.codes import countries
from keruen.lake.trade.columns import AGGREGATE, UNSPECIFIED


def resolve(raw: str) -> str | None:
    """Give the lake's code of an area.

    Returns:
        ISO alpha-2 (with Eurostat's XK, XC, XL, XS), `*NAME` for an aggregate of countries, `?NAME` for an area that
        is not
        specified, or None where the area is not known.
    """
    text = " ".join(raw.split())
    known = _written().get(text.casefold())
    if known is None and text.isdigit():
        known = _by_number().get(int(text))
    if known is None and text in _as_written():
        known = text
    if known is None and _group_of_imf(text):
        known = AGGREGATE + text
    return known or countries.named(text) or None


def is_country(code: str) -> bool:
    """Whether a code of the lake is one country."""
    return not code.startswith((AGGREGATE, UNSPECIFIED))


def _group_of_imf(text: str) -> bool:
    """G001, GX170: groups of the IMF's; the letters of no country are followed by figures."""
    return text[:1] == "G" and text.lstrip("GX").isdigit()


@cache
def _written() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in resources.files("keruen.lake.trade").joinpath("areas.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            code, *spellings = line.split("\t")
            found.update((spelling.casefold(), code) for spelling in spellings)
    return found


@cache
def _as_written() -> frozenset[str]:
    """Codes of the lake itself, which its own exports hold."""
    return frozenset(_written().values())


@cache
def _by_number() -> dict[int, str]:
    return {
        int(found.numeric): code for code in countries.all_codes() if (found := countries.find(code)).numeric.isdigit()
    }
