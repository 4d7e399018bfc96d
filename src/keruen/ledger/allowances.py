"""Allowances: a quantity that a document grants and later documents draw, never below nought.

A licence line, an approved application line, and what of an exit may still come back are all
the same thing: a limit with its use. Drawing beyond what is left is refused with the figures.
"""

from __future__ import annotations

from decimal import Decimal

from keruen.errors import Conflict, NotFound
from keruen.ledger.book import Book
from keruen.model.lot import Allowance
from keruen.model.quantity import plain


def grant(book: Book, allowance: Allowance) -> None:
    """Enter an allowance, or raise the one already there by as much again."""
    before = book.allowances.get(allowance.key)
    if before is None:
        book.put(book.allowances, allowance.key, allowance)
    else:
        book.set(before, "granted", before.granted + allowance.granted)
        book.set(before, "withdrawn", False)
    book.touch_allowance(allowance)


def draw(book: Book, key: tuple[str, int, str], quantity: Decimal, unit: str) -> None:
    """Use up part of an allowance.

    Raises:
        NotFound: There is none of that key.
        Conflict: Another unit, or less is left than is asked.
    """
    allowance = book.allowances.get(key)
    document, line, purpose = key
    if allowance is None:
        raise NotFound(
            f"{document} line {line} grants nothing for {purpose}",
            code="no_allowance",
            document=document,
            line=str(line),
            purpose=purpose,
        )
    if allowance.unit != unit:
        raise Conflict(
            f"{document} line {line} is in {allowance.unit}, got {unit}",
            code="allowance_unit",
            document=document,
            line=str(line),
            found=unit,
            expected=allowance.unit,
        )
    if quantity > allowance.left:
        raise Conflict(
            f"{document} line {line} has {plain(allowance.left)} {unit} left of {plain(allowance.granted)}, "
            f"{plain(quantity)} asked",
            code="allowance_exceeded",
            document=document,
            line=str(line),
            left=plain(allowance.left),
            granted=plain(allowance.granted),
            asked=plain(quantity),
            unit=unit,
        )
    book.set(allowance, "used", allowance.used + quantity)
    book.touch_allowance(allowance)


def give_back(book: Book, key: tuple[str, int, str], quantity: Decimal) -> None:
    """Undo a draw that came to nothing."""
    allowance = book.allowances[key]
    assert quantity <= allowance.used
    book.set(allowance, "used", allowance.used - quantity)
    book.touch_allowance(allowance)


def withdraw(book: Book, document_id: str) -> None:
    """Close what a document still grants; what was used stays used."""
    for allowance in list(book.allowances.values()):
        if allowance.document_id == document_id and not allowance.withdrawn:
            book.set(allowance, "withdrawn", True)
            book.touch_allowance(allowance)
