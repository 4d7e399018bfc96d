"""Parties as documents name them, made into the question that screening asks."""

from __future__ import annotations

from typing import Final

from keruen.model.party import Identifier, Party

_NUMBERS: Final = {12: "bin", 10: "inn"}
"""Schemes by the number of digits, where a document does not say."""


def organisation_party(number: str, name: str, country: str, address: str) -> Party:
    """A party of documents as it is screened; whether it is a firm or a person, documents do not say.

    Args:
        number: Its identification number, or empty.
        name: As documents name it.
        country: ISO 3166-1 alpha-2, or empty.
        address: Or empty.
    """
    identifiers: tuple[Identifier, ...] = ()
    if number:
        scheme = _NUMBERS.get(len(number), "other") if number.isdigit() else "other"
        identifiers = (Identifier(scheme, number, country.lower()),)
    return Party(
        (name,),
        countries=(country.lower(),) if country else (),
        identifiers=identifiers,
        addresses=(address,) if address else (),
        reference=number,
    )
