"""Places by UN/LOCODE, and the border posts it lacks.

UN/LOCODE has none of the Russian-Kazakh road posts, the very places where goods leave without a
declaration. They have codes of ours, `KRN-` and a name, without coordinates because none was sourced.
Known errors of the list (Aksay placed in Afghanistan, Dostyk misspelt, towns listed under two
spellings) are put right in data/locode/overrides.csv, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from keruen.codes._tables import rows
from keruen.errors import NotFound

OWN_PREFIX: Final = "KRN-"


@dataclass(frozen=True, slots=True)
class Place:
    """A place where goods are loaded, checked or handed over.

    Attributes:
        code: Five characters of UN/LOCODE, or a code of ours that begins with `KRN-`.
        country: Two letters of the country that the list has it under.
        name: In Latin letters with diacritics.
        name_ascii: The same without them.
        other_name: In another language or in local letters, empty where not known.
        subdivision: As the list gives it; the region's name for our own posts.
        functions: Of `1` port, `2` rail, `3` road, `4` airport, `5` postal, `6` multimodal,
            `7` fixed installation, `B` border crossing.
        latitude: Decimal degrees north, None where the list gives none.
        longitude: Decimal degrees east, None where the list gives none.
        remarks: The list's own, or what is odd about the entry.
        edition: Of UN/LOCODE, or `own`.
        same_as: The entry to use instead, where the list has a place twice.
        counterpart: The post on the other side of the border, where known.
        traffic: `multilateral` or `bilateral` for a road post, empty otherwise.
    """

    code: str
    country: str
    name: str
    name_ascii: str
    other_name: str
    subdivision: str
    functions: frozenset[str]
    latitude: float | None
    longitude: float | None
    remarks: str
    edition: str
    same_as: str | None
    counterpart: str | None
    traffic: str

    @property
    def is_ours(self) -> bool:
        """Whether the code is ours and means nothing to others."""
        return self.code.startswith(OWN_PREFIX)


def exists(code: str) -> bool:
    """Tell whether the place is held; a False for a country held in part proves nothing."""
    return code in _places()


def find(code: str) -> Place:
    """Give a place by its code, written without a space.

    Raises:
        NotFound: It is not held; the list is held whole only for the countries of data/locode/SOURCE.md.
    """
    place = _places().get(code)
    if place is None:
        raise NotFound(f"place {code!r} is not known here", code="place", value=code)
    return place


def resolve(code: str) -> Place:
    """Give a place, following an entry that the list has twice to the one to use.

    Raises:
        NotFound: It is not held.
    """
    place = find(code)
    return find(place.same_as) if place.same_as else place


def named(text: str, country: str | None = None) -> tuple[Place, ...]:
    """Give the places of that name, in any of its spellings here, by code."""
    wanted = text.strip().casefold()
    return tuple(
        place
        for place in _places().values()
        if country in (None, place.country)
        and wanted in {place.name.casefold(), place.name_ascii.casefold(), place.other_name.casefold()} - {""}
    )


def border_posts(country: str | None = None) -> tuple[Place, ...]:
    """Give the places marked as border crossings, of one country or all, by code."""
    return tuple(place for place in _places().values() if "B" in place.functions and country in (None, place.country))


@cache
def _places() -> dict[str, Place]:
    found = {}
    for row in rows("places"):
        code, country, name, ascii_, other, subdivision, function, lat, lon, remarks, edition, *more = row
        same_as, counterpart, traffic = more
        found[code] = Place(
            code=code,
            country=country,
            name=name,
            name_ascii=ascii_,
            other_name=other,
            subdivision=subdivision,
            functions=frozenset(function) - {"-"},
            latitude=float(lat) if lat else None,
            longitude=float(lon) if lon else None,
            remarks=remarks,
            edition=edition,
            same_as=same_as or None,
            counterpart=counterpart or None,
            traffic=traffic,
        )
    return found
