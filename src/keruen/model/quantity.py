"""Exact quantities: a decimal amount and its unit.

WCO messages carry quantities as n..16,6: at most sixteen digits, six of them after the point.
Nothing here is ever a float; an amount that cannot be held exactly is refused, not rounded.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from keruen.errors import InvalidInput

MAX_DIGITS = 16
MAX_SCALE = 6
ZERO = Decimal(0)
LIMIT = Decimal(10) ** (MAX_DIGITS - MAX_SCALE)


class Quantity(NamedTuple):
    """An amount in a unit of UN/ECE Recommendation 20, e.g. `Quantity(Decimal("12.5"), "KGM")`."""

    amount: Decimal
    unit: str

    def __str__(self) -> str:
        """Give the amount without trailing zeros, and the unit."""
        return f"{plain(self.amount)} {self.unit}"


def plain(amount: Decimal) -> str:
    """Write an amount without exponent and without trailing zeros: the one form that is hashed."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text or "0"


def parse_amount(text: str) -> Decimal:
    """Read an amount of n..16,6, nought or above.

    Args:
        text: Digits with at most one point; no sign, no exponent, no thousands mark.

    Raises:
        InvalidInput: Anything else. A comma as decimal mark is named in the message.

    Source:
        WCO Data Model, quantity format n..16,6.
    """
    if not text or text[0] in "+-." or not text.replace(".", "", 1).isdigit() or not text.isascii():
        hint = "; use a point, not a comma" if "," in text else ""
        raise InvalidInput(
            f"{text!r} is not a number of at most 16 digits with 6 after the point{hint}",
            code="quantity_format",
            found=text,
        )
    try:
        amount = Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the guard above leaves nothing to reach this
        raise InvalidInput(f"{text!r} is not a number", code="quantity_format", found=text) from error
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > MAX_SCALE or amount >= LIMIT:
        raise InvalidInput(
            f"{text} has more than 10 digits before or 6 after the point", code="quantity_range", found=text
        )
    return amount
