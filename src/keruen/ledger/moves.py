"""Two-phase moves: set aside, then pass on, take back or let lapse, whole or in part.

A reservation is resolved only once for each unit of it: what was passed on cannot be taken
back and the other way round, and what is set aside can never be drawn by anyone else, so a
move that was accepted cannot later fail for want of goods.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from keruen.errors import Conflict
from keruen.ledger.allocation import Share
from keruen.ledger.book import Book, Context
from keruen.model.lot import WORLD, Birth, Lot, Reservation, Status, World
from keruen.model.quantity import ZERO, plain


def enter(book: Book, context: Context, lot: Lot, *, world: World) -> None:
    """Give birth to a lot at its owner, out of a world account."""
    if lot.lot_id in book.lots:
        raise Conflict(f"lot {lot.lot_id} is in the books already", code="lot_exists", lot=lot.lot_id)
    if lot.entered <= 0:
        raise Conflict(
            f"line {lot.line} enters nothing; leave it out or state how much", code="nothing_asked", line=str(lot.line)
        )
    assert lot.birth in Birth
    book.add_lot(lot)
    book.post(context, lot.lot_id, lot.entered, lot.line, source=(WORLD, world), target=(lot.owner, Status.FREE))


def set_aside(book: Book, context: Context, holder: str, line: int, shares: Iterable[Share], *, status: Status) -> None:
    """First phase: move shares from free to `status` and remember for which document line."""
    for share in shares:
        book.post(context, share.lot_id, share.quantity, line, source=(holder, Status.FREE), target=(holder, status))
        lot = book.lots[share.lot_id]
        key = (context.document_id, line, share.lot_id)
        before = book.reservations.get(key)
        if before is None:
            book.add_reservation(
                Reservation(
                    context.document_id,
                    line,
                    share.lot_id,
                    holder,
                    lot.unit,
                    share.quantity,
                    share.quantity,
                    status,
                    context.recorded_at,
                )
            )
        else:
            book.set(before, "allotted", before.allotted + share.quantity)
            book.set(before, "remaining", before.remaining + share.quantity)
            book.set(before, "status", status)
            book.touch_reservation(before)


def resolve(
    book: Book, context: Context, reservation: Reservation, quantity: Decimal, *, target: tuple[str, str]
) -> None:
    """Second phase: pass a reserved quantity on to an account, or back to free.

    Raises:
        Conflict: More is asked than is still set aside.
    """
    if quantity > reservation.remaining:
        raise Conflict(
            f"{reservation.document_id} line {reservation.line} has {plain(reservation.remaining)} of lot "
            f"{reservation.lot_id} set aside, {plain(quantity)} asked",
            code="more_than_reserved",
            document=reservation.document_id,
            line=str(reservation.line),
            lot=reservation.lot_id,
            found=plain(quantity),
            expected=plain(reservation.remaining),
        )
    book.post(
        context,
        reservation.lot_id,
        quantity,
        reservation.line,
        source=(reservation.holder, reservation.status),
        target=target,
    )
    book.set(reservation, "remaining", reservation.remaining - quantity)
    book.touch_reservation(reservation)


def restate(book: Book, context: Context, reservation: Reservation, *, status: Status) -> None:
    """Move what is left of a reservation to another status of the same holder."""
    if reservation.remaining <= 0 or reservation.status == status:
        return
    book.post(
        context,
        reservation.lot_id,
        reservation.remaining,
        reservation.line,
        source=(reservation.holder, reservation.status),
        target=(reservation.holder, status),
    )
    book.set(reservation, "status", status)
    book.touch_reservation(reservation)


def take_back(book: Book, context: Context, document_id: str) -> None:
    """Void: everything a document still has set aside returns to free."""
    for reservation in tuple(book.reserved_by.get(document_id, ())):
        if reservation.remaining > 0:
            resolve(book, context, reservation, reservation.remaining, target=(reservation.holder, Status.FREE))


def pass_on(
    book: Book,
    context: Context,
    document_id: str,
    *,
    target: tuple[str, str],
    quantities: dict[int, Decimal] | None = None,
) -> dict[int, Decimal]:
    """Pass on what a document has set aside, all of it or so much of each line.

    Args:
        book: Working set with the document's reservations.
        context: The command.
        document_id: Whose reservations.
        target: Account that receives.
        quantities: Line to quantity; None means everything. Lines not named pass nothing.

    Returns:
        Line to quantity passed on.

    Raises:
        Conflict: A line is asked for more than it still has set aside.
    """
    passed: dict[int, Decimal] = {}
    wanted = dict(quantities) if quantities is not None else None
    for reservation in tuple(book.reserved_by.get(document_id, ())):
        if reservation.remaining <= 0:
            continue
        take = reservation.remaining
        if wanted is not None:
            take = min(take, wanted.get(reservation.line, ZERO))
            if take <= 0:
                continue
            wanted[reservation.line] -= take
        resolve(book, context, reservation, take, target=target)
        passed[reservation.line] = passed.get(reservation.line, ZERO) + take
    for line, missing in (wanted or {}).items():
        if missing > 0:
            assert quantities is not None
            raise Conflict(
                f"{document_id} line {line} has {plain(quantities[line] - missing)} set aside, "
                f"{plain(quantities[line])} asked",
                code="more_than_reserved",
                document=document_id,
                line=str(line),
                lot="",
                found=plain(quantities[line]),
                expected=plain(quantities[line] - missing),
            )
    return passed
