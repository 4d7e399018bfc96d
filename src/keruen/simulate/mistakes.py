"""Honest mistakes: what people get wrong without meaning anything by it, and how they mend it.

Each works on one sale and answers the goods that the buyer ends up with; none means that the
sale came to nothing. Goods that a lapsed or half-confirmed waybill leaves behind are not used
again: when they return is for the clock of the system under test.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from keruen.simulate.calendar import DAY, HOUR, MINUTE, office
from keruen.simulate.papers import Holding, Ware

if TYPE_CHECKING:
    from random import Random

    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import World

ANNULLED = 0.004
"""Share of entries with a mistyped quantity, annulled and filed again."""
SHARES = (
    ("late", 0.02),
    ("corrected", 0.02),
    ("mistyped", 0.008),
    ("declined", 0.01),
    ("lapsed", 0.004),
    ("resent", 0.008),
    ("partial", 0.006),
    ("returned", 0.008),
)
Outcome = Generator[int, int, list[Holding] | None]


def draw(rng: Random) -> str:
    """Which mistake a sale meets; mostly none."""
    share = rng.random()
    for name, part in SHARES:
        share -= part
        if share < 0:
            return name
    return ""


def _finish(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding], number: str) -> Outcome:
    rng, desk = world.rng, world.desk
    now = yield now + MINUTE + int(rng.random() * HOUR)
    desk.invoice(now, seller, buyer, parts, number)
    now = yield office(now, 0.5 + 5 * rng.random(), rng)
    desk.act(now, number, "confirm", ("filer", buyer.id, buyer.user))
    return parts


def late(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """Filed some days after the goods went."""
    number, _ = world.desk.waybill(now, seller, buyer, parts, shipped=now - int(2 + 7 * world.rng.random()) * DAY)
    return (yield from _finish(world, now, seller, buyer, parts, number))


def corrected(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """A new version: another truck, sometimes a smaller quantity."""
    rng, desk = world.rng, world.desk
    number, record = desk.waybill(now, seller, buyer, parts)
    now = yield now + HOUR + int(rng.random() * HOUR)
    again = {**record, "version": 2, "vehicle_number": desk.vehicle(), "note": "исправлен номер машины"}
    if rng.random() < 0.3:  # noqa: PLR2004 - a share
        parts = [Holding(part.lot, max(1, part.left * 9 // 10)) for part in parts]
        again["lines"] = [
            {**line, "quantity": str(part.left)} for line, part in zip(record["lines"], parts, strict=True)
        ]
        again["note"] = "quantity as loaded"
    desk.resend(now, again)
    return (yield from _finish(world, now, seller, buyer, parts, number))


def mistyped(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """A figure short of a digit, revoked and filed anew."""
    rng, desk = world.rng, world.desk
    wrong = [Holding(part.lot, max(1, part.left // 10)) for part in parts]
    number, _ = desk.waybill(now, seller, buyer, wrong)
    now = yield now + 10 * MINUTE
    desk.invoice(now, seller, buyer, wrong, number)
    now = yield office(now, 0.1 + rng.random(), rng)
    desk.act(now, number, "revoke", ("filer", seller.id, seller.user), "опечатка в количестве")
    now = yield now + 20 * MINUTE
    number, _ = desk.waybill(now, seller, buyer, parts)
    return (yield from _finish(world, now, seller, buyer, parts, number))


def declined(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """The deal is off; the goods stay with the seller."""
    rng, desk = world.rng, world.desk
    number, _ = desk.waybill(now, seller, buyer, parts)
    now = yield now + 10 * MINUTE
    desk.invoice(now, seller, buyer, parts, number)
    now = yield office(now, 1 + 4 * rng.random(), rng)
    desk.act(now, number, "decline", ("filer", buyer.id, buyer.user), "deal cancelled by the buyer")
    return None


def lapsed(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """Nobody answers; the clock takes it back after twenty working days."""
    number, _ = world.desk.waybill(now, seller, buyer, parts)
    now = yield now + 10 * MINUTE
    world.desk.invoice(now, seller, buyer, parts, number)
    return None


def resent(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """The connection broke and the same record comes twice."""
    number, record = world.desk.waybill(now, seller, buyer, parts)
    now = yield now + 1 + int(world.rng.random() * 5 * MINUTE)
    world.desk.resend(now, record)
    return (yield from _finish(world, now, seller, buyer, parts, number))


def partial(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """Some of it was missing on arrival: the buyer confirms what is there."""
    rng, desk = world.rng, world.desk
    number, _ = desk.waybill(now, seller, buyer, parts)
    now = yield now + 10 * MINUTE
    desk.invoice(now, seller, buyer, parts, number)
    now = yield office(now, 1 + 3 * rng.random(), rng)
    there = [Holding(part.lot, max(1, part.left * 3 // 4)) for part in parts]
    desk.act(now, number, "confirm", ("filer", buyer.id, buyer.user), "short on arrival", [each.left for each in there])
    return there


def returned(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding]) -> Outcome:
    """Confirmed, then a part sent back by a waybill of its own."""
    rng, desk = world.rng, world.desk
    number, _ = desk.waybill(now, seller, buyer, parts)
    got = yield from _finish(world, now, seller, buyer, parts, number)
    assert got is not None
    now = yield office(now, 12 + 5 * rng.random(), rng)
    back = [Holding(part.lot, part.left // 5) for part in got if part.left >= 5]  # noqa: PLR2004 - a fifth of it
    if not back:
        return got
    other, _ = desk.waybill(now, buyer, seller, back, related=number)
    now = yield office(now, 2, rng)
    desk.act(now, other, "confirm", ("filer", seller.id, seller.user))
    gone = {part.lot.id: part.left for part in back}
    return [Holding(part.lot, part.left - gone.get(part.lot.id, 0)) for part in got]


def stocktaking(world: World, now: int, firm: Firm, holdings: Sequence[Holding]) -> Generator[int, int, None]:
    """The count differs from the books; a second person looks before they are mended."""
    rng, desk = world.rng, world.desk
    traced = [Holding(each.lot, 1) for each in holdings if each.lot.goods.traced and each.left > 1][:1]
    if traced:
        number = desk.decrease(now, firm, traced, "stocktaking")
    else:
        lot = holdings[0].lot
        ware = Ware(lot.goods, max(1, lot.entered // 50), lot.origin, lot.made, "", "", lot.text)
        number, _ = desk.birth(now, "correction", firm, [ware], reason="stocktaking", note="found when counting")
    now = yield office(now, 1 + 3 * rng.random(), rng)
    desk.approve(now, number, "count sheet seen")


def annulled_entry(
    world: World,
    now: int,
    importer: Firm,
    supplier: Firm,
    goods: Sequence[Ware],
    holdings: Sequence[Holding],
) -> Generator[int, int, list[Holding]]:
    """A declaration with a wrong figure is annulled before the goods are touched, and filed anew."""
    desk = world.desk
    now = yield now + 2 * HOUR
    desk.act(now, holdings[0].lot.document, "annul", desk.officer(), "quantity mistyped by the declarant")
    now = yield now + HOUR
    again = [ware._replace(quantity=max(1, ware.quantity * 9 // 10)) for ware in goods]
    return desk.entry(now, importer, supplier, again)


Mistake = Callable[["World", int, "Firm", "Firm", list[Holding]], Outcome]
SALES: dict[str, Mistake] = {
    "late": late,
    "corrected": corrected,
    "mistyped": mistyped,
    "declined": declined,
    "lapsed": lapsed,
    "resent": resent,
    "partial": partial,
    "returned": returned,
}
