"""Units of measure by UN/ECE Recommendation 20, their OKEI numbers, and exact conversion between them.

Quantities meet in several units: a declaration in thousands, an invoice in pieces, a waybill in
tonnes. They are compared only through exact factors; a conversion that would have to be rounded is
refused, because a rounded balance does not balance. What a set or a pack holds is a fact of the goods.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from functools import cache
from typing import Final

from keruen.codes._tables import rows
from keruen.errors import InvalidInput, NotFound

# Wider than any quantity of a paper (n..16,6 in WCO messages); it stops 1E+999999 from filling memory.
_MAX_EXPONENT: Final = 30
_PRECISION: Final = 100


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    Attributes:
        code: By UN/ECE Recommendation 20.
        okei: Three digits of the Russian and EAEU classifier, None where not known to us.
        dimension: What it measures; only units of one dimension convert into each other.
        factor: How many of the dimension's base unit it is; None: it converts to nothing else.
        names: By language.
    """

    code: str
    okei: str | None
    dimension: str
    factor: Fraction | None
    name_en: str
    name_ru: str
    name_kk: str


def exists(code: str) -> bool:
    """Tell whether the unit is one of the customs subset held here."""
    return code in _units()


def find(code: str) -> Unit:
    """Give a unit.

    Raises:
        NotFound: It is not in the customs subset held here.
    """
    unit = _units().get(code)
    if unit is None:
        raise NotFound(f"unit {code!r} is not known here", code="unit", value=code)
    return unit


def name(code: str, lang: str = "en") -> str:
    """Give a unit's name in English, Russian or Kazakh.

    Raises:
        NotFound: The unit is not held.
        InvalidInput: The language is another.
    """
    unit = find(code)
    names = {"en": unit.name_en, "ru": unit.name_ru, "kk": unit.name_kk}
    if lang not in names:
        raise InvalidInput(f"names are in en, ru and kk, not {lang!r}", code="language", value=lang)
    return names[lang]


def from_okei(number: str) -> str:
    """Give the unit for a number of OKEI, written with or without its leading noughts.

    Raises:
        NotFound: No unit held here has that number.
    """
    code = _by_okei().get(number.zfill(3))
    if code is None:
        raise NotFound(f"OKEI number {number!r} is not known here", code="unit_okei", value=number)
    return code


def convertible(from_unit: str, to_unit: str) -> bool:
    """Tell whether amounts go over from one unit to the other.

    Raises:
        NotFound: A unit is not held.
    """
    here, there = find(from_unit), find(to_unit)
    return here.code == there.code or (
        here.dimension == there.dimension and here.factor is not None and there.factor is not None
    )


def convert(amount: Decimal, from_unit: str, to_unit: str) -> Decimal:
    """Give the same quantity in another unit, exactly.

    Args:
        amount: Finite, of at most thirty digits before the point and after it.
        from_unit: The unit it is in.
        to_unit: The unit wanted.

    Returns:
        The exact amount. Nothing is rounded.

    Raises:
        InvalidInput: The units measure different things, the amount is not finite or too long, or
            the result has no finite decimal form (seven pieces in dozens).
        NotFound: A unit is not held.
    """
    if not convertible(from_unit, to_unit):
        raise InvalidInput(
            f"{from_unit} does not convert to {to_unit}",
            code="unit_dimension",
            from_unit=from_unit,
            to_unit=to_unit,
        )
    _bounded(amount)
    if from_unit == to_unit:
        return amount
    here, there = find(from_unit).factor, find(to_unit).factor
    assert here is not None, from_unit
    assert there is not None, to_unit
    exact = Fraction(amount) * here / there
    with localcontext(Context(prec=_PRECISION, traps=[Inexact])):
        try:
            return Decimal(exact.numerator) / Decimal(exact.denominator)
        except Inexact as error:
            raise InvalidInput(
                f"{amount} {from_unit} is not a whole decimal number of {to_unit}",
                code="unit_inexact",
                amount=str(amount),
                from_unit=from_unit,
                to_unit=to_unit,
            ) from error


def _bounded(amount: Decimal) -> None:
    exponent = amount.as_tuple().exponent
    if (
        not isinstance(exponent, int)
        or amount.adjusted() > _MAX_EXPONENT
        or exponent < -_MAX_EXPONENT
        or exponent > _MAX_EXPONENT
    ):
        raise InvalidInput(f"amount {amount} is not finite or too long", code="unit_amount", amount=str(amount))


@cache
def _units() -> dict[str, Unit]:
    return {
        code: Unit(code, okei or None, dimension, Fraction(factor) if factor else None, *names)
        for code, okei, dimension, factor, *names in rows("units")
    }


@cache
def _by_okei() -> dict[str, str]:
    return {unit.okei: unit.code for unit in _units().values() if unit.okei}
