"""Numbers that name firms, people, goods, ships and boxes: is this one well formed.

A number that passes is well formed, not issued: whether the firm exists is for a register to say.
Schemes with a check digit catch most slips of the hand; where no algorithm is published only the form is
looked at and the answer says so. python-stdnum checks what it knows; Kazakhstan's numbers and GS1
keys are checked here.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from keruen.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

Strength: TypeAlias = Literal["check_digit", "format"]
Fault: TypeAlias = Literal["characters", "length", "component", "check_digit"]


@dataclass(frozen=True, slots=True)
class Valid:
    """A well-formed number.

    Attributes:
        scheme: The scheme that it was checked against.
        compact: The number as it is stored and compared, without spaces and dashes.
        strength: Whether a check digit was verified, or the form alone.
    """

    scheme: str
    compact: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class Invalid:
    """A number that cannot be right.

    Attributes:
        scheme: The scheme that it was checked against.
        reason: What is wrong: its characters, its length, a part of it (a month 13), the check digit.
        text: One English sentence.
    """

    scheme: str
    reason: Fault
    text: str


# Weights of the two passes; the second is asked when the first leaves ten.
_KZ_FIRST: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_KZ_SECOND: Final = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_KZ_MODULUS: Final = 11
_NO_DIGIT: Final = 10
_KZ_BODY: Final = 11
_MONTHS: Final = 12

# Seventh digit of an IIN: sex and century of birth.
_IIN_CENTURY: Final = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}

_STDNUM: Final = {
    "az_voen": "stdnum.az.voen",
    "by_unp": "stdnum.by.unp",
    "cn_uscc": "stdnum.cn.uscc",
    "container": "stdnum.iso6346",
    "eu_vat": "stdnum.eu.vat",
    "imo": "stdnum.imo",
    "lei": "stdnum.lei",
    "ru_inn": "stdnum.ru.inn",
    "ru_ogrn": "stdnum.ru.ogrn",
    "tr_vkn": "stdnum.tr.vkn",
}

# No algorithm is published for these: the number of digits is all that can be checked.
_DIGITS_ONLY: Final = {"ae_trn": (15,), "am_tin": (8,), "ge_id": (9, 11), "kg_inn": (14,), "uz_inn": (9,)}

_GS1: Final = {"gln": (13,), "gtin": (8, 12, 13, 14), "sscc": (18,)}


def schemes() -> tuple[str, ...]:
    """Give the names of the schemes that `check` knows, in order."""
    return tuple(sorted({*_STDNUM, *_DIGITS_ONLY, *_GS1, *_KZ}))


def check(scheme: str, value: str) -> Valid | Invalid:
    """Check a number against a scheme.

    Args:
        scheme: One of `schemes()`; `kz_bin_or_iin` takes either, told apart by the fifth digit.
        value: As written; spaces and dashes are taken out.

    Raises:
        InvalidInput: There is no such scheme.
    """
    if scheme in _STDNUM:
        return _by_stdnum(scheme, value)
    lengths = _lengths(scheme)
    compact = value.replace(" ", "").replace("-", "")
    if not (compact.isascii() and compact.isdigit()):
        return Invalid(scheme, "characters", f"{value!r} is not made of digits")
    if len(compact) not in lengths:
        wanted = " or ".join(map(str, lengths))
        return Invalid(scheme, "length", f"{value!r} has {len(compact)} digits, {wanted} are wanted")
    if scheme in _DIGITS_ONLY:
        return Valid(scheme, compact, "format")
    return _by_check_digit(scheme, compact)


def kz_check_digit(body: str) -> int | None:
    """Give the twelfth digit of a Kazakh BIN or IIN for the first eleven.

    A changed digit in places one to ten is caught as long as neither number needs the second pass;
    the eleventh weighs eleven, which is nought here, so in the first pass its change is never seen.

    Returns:
        The digit, or None when both passes leave ten: such a number is not issued.

    Raises:
        InvalidInput: `body` is not eleven digits.

    Source:
        Rules for forming identification numbers, under the law on national registers of
        12 January 2007 No. 223; the weights as in public validators.
    """
    if len(body) != _KZ_BODY or not (body.isascii() and body.isdigit()):
        raise InvalidInput(f"eleven digits are wanted, got {body!r}", code="kz_body", value=body)
    for weights in (_KZ_FIRST, _KZ_SECOND):
        left = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True)) % _KZ_MODULUS
        if left != _NO_DIGIT:
            return left
    return None


def bin_with_check(body: str) -> str | None:
    """Complete the first eleven digits of a BIN; for made-up firms in tests and the generator.

    Returns:
        Twelve digits, or None when these eleven have no check digit: take the next serial.

    Raises:
        InvalidInput: `body` is not eleven digits, or its month or kind is not one of a BIN.
    """
    return _completed(body, "kz_bin")


def iin_with_check(body: str) -> str | None:
    """Complete the first eleven digits of an IIN; for made-up people in tests and the generator.

    Returns:
        Twelve digits, or None when these eleven have no check digit: take the next serial.

    Raises:
        InvalidInput: `body` is not eleven digits, or its date or century is not one of an IIN.
    """
    return _completed(body, "kz_iin")


def gs1_check_digit(body: str) -> int:
    """Give the last digit of a GTIN, GLN or SSCC for the digits before it.

    Raises:
        InvalidInput: `body` is not made of digits.

    Source:
        GS1 General Specifications, 7.9 (standard check digit calculations for GS1 keys).
    """
    if not (body.isascii() and body.isdigit()):
        raise InvalidInput(f"digits are wanted, got {body!r}", code="gs1_body", value=body)
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return -weighed % 10


def _lengths(scheme: str) -> tuple[int, ...]:
    """How many digits a number of the scheme may have."""
    if scheme in _KZ:
        return (_KZ_BODY + 1,)
    lengths = _DIGITS_ONLY.get(scheme) or _GS1.get(scheme)
    if lengths is None:
        raise InvalidInput(f"no scheme {scheme!r}", code="identifier_scheme", value=scheme)
    return lengths


def _by_check_digit(scheme: str, compact: str) -> Valid | Invalid:
    fault = _KZ[scheme](compact) if scheme in _KZ else None
    if fault is not None:
        return Invalid(scheme, "component", fault)
    digit = kz_check_digit(compact[:-1]) if scheme in _KZ else gs1_check_digit(compact[:-1])
    if digit is None or str(digit) != compact[-1]:
        return Invalid(scheme, "check_digit", f"the last digit of {compact} does not agree with the others")
    return Valid(scheme, compact, "check_digit")


def _completed(body: str, scheme: str) -> str | None:
    digit = kz_check_digit(body)
    fault = _KZ[scheme](body + "0")
    if fault is not None:
        raise InvalidInput(fault, code="kz_body", value=body)
    return None if digit is None else f"{body}{digit}"


def _bin_fault(number: str) -> str | None:
    """Month of registration, then the kind: 4 resident firm, 5 non-resident firm, 6 joint entrepreneurs."""
    if not 1 <= int(number[2:4]) <= _MONTHS:
        return f"a BIN's third and fourth digit are a month, got {number[2:4]}"
    if number[4] not in "456":
        return f"a BIN's fifth digit is 4, 5 or 6, got {number[4]}"
    return None


def _iin_fault(number: str) -> str | None:
    """Date of birth, then sex and century."""
    century = _IIN_CENTURY.get(number[6])
    if century is None:
        return f"an IIN's seventh digit is 1 to 6, got {number[6]}"
    year, month, day_of_month = century + int(number[:2]), int(number[2:4]), int(number[4:6])
    if not 1 <= month <= _MONTHS or not 1 <= day_of_month <= monthrange(year, month)[1]:
        return f"an IIN begins with a date of birth, got {number[:6]} in the {century}s"
    return None


def _bin_or_iin_fault(number: str) -> str | None:
    # A day of the month never begins with 4, 5 or 6, so the fifth digit tells the two apart.
    return _bin_fault(number) if number[4] in "456" else _iin_fault(number)


_KZ: Final[dict[str, Callable[[str], str | None]]] = {
    "kz_bin": _bin_fault,
    "kz_bin_or_iin": _bin_or_iin_fault,
    "kz_iin": _iin_fault,
}


def _by_stdnum(scheme: str, value: str) -> Valid | Invalid:
    # Imported when asked: importing it costs as much as the rest of the package.
    from stdnum import exceptions

    try:
        compact: str = import_module(_STDNUM[scheme]).validate(value)
    except exceptions.InvalidChecksum:
        return Invalid(scheme, "check_digit", f"the check digit of {value!r} does not agree with the others")
    except exceptions.InvalidLength:
        return Invalid(scheme, "length", f"{value!r} is too long or too short")
    except exceptions.InvalidComponent:
        return Invalid(scheme, "component", f"{value!r} has a part that cannot be")
    except exceptions.ValidationError:
        return Invalid(scheme, "characters", f"{value!r} has characters that cannot be")
    return Valid(scheme, compact, "check_digit")
