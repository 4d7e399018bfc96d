"""Honest trade: each chain follows goods from their entry to the last thing that happens to them.

A chain is a generator that says when it wants to go on and is woken then, so that all chains
together file in the order of time. It knows the goods that it brought in and asks of nobody
else's: what it sends it has, without a nation-wide stock in memory. Codes whose papers name the lot are
always drawn by lot, all others always first in, first out: then the one never takes the
other's goods.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

from keruen.simulate import calibration, mistakes
from keruen.simulate.calendar import DAY, EPOCH, HOUR, MINUTE, iso_day, office, seconds
from keruen.simulate.economy import PRODUCTS, Economy, Firm
from keruen.simulate.papers import Desk, Holding, Ware

if TYPE_CHECKING:
    from random import Random

Script = Generator[int, int, None]
Spawn = Callable[[int, Script], None]
LISTED_FROM = seconds(EPOCH.replace(year=2024, month=3))
"""Honest firms write off and export listed goods only once the whole list is in force (2024-02-23)."""
USES = (
    "gauging and automation of a plant",
    "repair of municipal transport",
    "telecom network of an operator",
    "crop spraying on own fields",
    "laboratory equipment of a university",
    "сервисное обслуживание оборудования",
    "оснащение учебного центра",
    "қалалық жарықтандыруды жөндеу",
)
BARRED = frozenset({"RU", "BY"})
REASONS = (("retail_sale", 0.8), ("own_use", 0.9), ("fixed_asset", 0.95), ("damage", 1.0))
"""Why goods are written off, with the share up to and with each: assumed."""
ROUTINE = frozenset({"retail_sale", "own_use", "fixed_asset"})
"""Write-offs of unlisted goods that pass alone; all others wait for an officer (`routine_reasons` of the profile)."""
_VALUE_STEPS = ((0.35, 150_000, 900_000), (0.8, 900_000, 5_000_000), (1.0, 5_000_000, 30_000_000))
"""Share of lines and the US cents between which their value lies: assumed, many small and few large."""


class World:
    """What honest chains share."""

    def __init__(self, economy: Economy, desk: Desk, spawn: Spawn, start: int, rng: Random) -> None:
        self.economy, self.desk, self.spawn, self.start, self.rng = economy, desk, spawn, start, rng


def year_of(now: int) -> int:
    """The year of an instant."""
    return int(iso_day(now // DAY)[:4])


def value_cents(rng: Random) -> int:
    """The value of a line."""
    share = rng.random()
    for step, low, high in _VALUE_STEPS:
        if share <= step:
            return int(low + (high - low) * rng.random())
    return _VALUE_STEPS[0][1]


def take(holdings: Sequence[Holding], share: float, most: int = 5) -> list[Holding]:
    """Take a share of each of some holdings: what is taken is the taker's."""
    taken: list[Holding] = []
    for holding in holdings:
        if len(taken) == most:
            break
        quantity = int(holding.left * share) if share < 1 else holding.left
        if quantity:
            holding.left -= quantity
            taken.append(Holding(holding.lot, quantity))
    return taken


def split(holdings: Sequence[Holding]) -> tuple[list[Holding], list[Holding]]:
    """Listed goods, and the others, of what is left."""
    left = [holding for holding in holdings if holding.left]
    return [each for each in left if each.lot.goods.listed], [each for each in left if not each.lot.goods.listed]


def chain(world: World, now: int) -> Script:
    """From abroad to the end: announced or not, entered, then whatever its importer does."""
    rng, desk, economy = world.rng, world.desk, world.economy
    importer = economy.importer(now, rng)
    if now - world.start < 60 * DAY and rng.random() < 0.05:  # noqa: PLR2004 - the first two months of the system
        yield from opening(world, now, importer)
        return
    period, year = iso_day(now // DAY)[:7], year_of(now)
    first = importer.pick(period, now, rng)
    supplier = economy.supplier(first.chapter, year, rng)
    goods = [desk.ware(first, supplier.country, value_cents(rng))]
    goods += [
        desk.ware(importer.pick(period, now, rng), supplier.country, value_cents(rng))
        for _ in range(int(rng.random() * 5))
    ]
    notice, vehicle = "", ""
    union = supplier.country in calibration.UNION
    if not union and rng.random() < 0.3:  # noqa: PLR2004 - share of partners that tell
        vehicle = desk.vehicle()
        notice = desk.partner_notice(now, supplier, importer, goods, vehicle)
        now = yield office(now, 3 + 12 * rng.random(), rng)
        if rng.random() < 0.5:  # noqa: PLR2004 - share that is cleared inland
            carrier = economy.carriers[int(len(economy.carriers) * rng.random())]
            transit = desk.transit(now, carrier, supplier, importer, goods, vehicle=vehicle, days=10)
            now = yield office(now, 1 + 4 * rng.random(), rng)
            desk.arrival(now, transit, "KZALA", vehicle)
            now = yield now + HOUR + int(rng.random() * 5 * HOUR)
    late = int(2 + 6 * rng.random()) if rng.random() < 0.03 else 0  # noqa: PLR2004 - share filed late
    holdings = desk.entry(now, importer, supplier, goods, partner_document=notice, vehicle=vehicle, late_days=late)
    if rng.random() < mistakes.ANNULLED and not notice and all(ware.goods.traced for ware in goods):
        holdings = yield from mistakes.annulled_entry(world, now, importer, supplier, goods, holdings)
        now = yield now + DAY
    yield from fate(world, now, importer, holdings, 0)


def passing(world: World, now: int) -> Script:
    """Goods that only pass through the country under customs control."""
    rng, desk, economy = world.rng, world.desk, world.economy
    goods = calibration.goods()
    names = ("870899", "611020", "848210", "392690", "841989")
    chosen = goods.get(names[int(5 * rng.random())]) or next(iter(goods.values()))
    sender = economy.consignee("CN", rng)
    receiver = economy.consignee(("UZ", "KG", "RU", "TR")[int(4 * rng.random())], rng)
    carrier = economy.carriers[int(len(economy.carriers) * rng.random())]
    vehicle = desk.vehicle()
    number = desk.transit(
        now,
        carrier,
        sender,
        receiver,
        [desk.ware(chosen, "CN", value_cents(rng))],
        vehicle=vehicle,
        days=12,
        bound_for=desk.exit_place(receiver.country),
    )
    now = yield office(now, 2 + 6 * rng.random(), rng)
    desk.arrival(now, number, desk.exit_place(receiver.country), vehicle)


def opening(world: World, now: int, holder: Firm) -> Script:
    """Stock from before the system, entered once and looked at by an officer."""
    rng, desk = world.rng, world.desk
    period = iso_day(now // DAY)[:7]
    chosen = [each for each in (holder.pick(period, now, rng) for _ in range(3)) if not each.listed]
    if not chosen:
        return
    goods: list[Ware] = [desk.ware(each, "CN", value_cents(rng)) for each in chosen]
    number, holdings = desk.birth(now, "opening_balance", holder, goods, reason="opening")
    now = yield office(now, 1 + 3 * rng.random(), rng)
    if rng.random() < 0.08:  # noqa: PLR2004 - share that officers refuse
        desk.act(now, number, "refuse", desk.officer(), "no purchase papers attached; file again with them")
        now = yield office(now, 3, rng)
        number, holdings = desk.birth(now, "opening_balance", holder, goods, reason="opening")
        now = yield office(now, 2, rng)
    desk.approve(now, number, "purchase papers of before the system seen")
    now = yield office(now, 5 + 10 * rng.random(), rng)
    yield from fate(world, now, holder, holdings, 1)


def fate(world: World, now: int, firm: Firm, holdings: Sequence[Holding], depth: int) -> Script:
    """What a firm does with goods that it has."""
    if firm.role == "maker" and depth < 4:  # noqa: PLR2004 - chains end
        yield from make(world, now, firm, holdings, depth)
    elif firm.role == "exporter":
        yield from export(world, now, firm, holdings)
    elif firm.role in {"importer", "trader"} and depth < 3:  # noqa: PLR2004 - chains end
        yield from trade(world, now, firm, holdings, depth)
    else:
        yield from use(world, now, firm, holdings)


def trade(world: World, now: int, firm: Firm, holdings: Sequence[Holding], depth: int) -> Script:
    """Sell on, in one to three rounds."""
    rng, economy = world.rng, world.economy
    rounds = 1 + int(rng.random() * 3)
    for turn in range(rounds):
        now = yield office(now, 1 + min(30.0, rng.expovariate(0.12)), rng)
        share = 0.8 + 0.2 * rng.random() if turn == rounds - 1 else 0.25 + 0.35 * rng.random()
        parts = take(holdings, 1.0 if share > 0.9 else share)  # noqa: PLR2004 - a share
        if not parts:
            return
        roles: tuple[str, ...] = ("retailer", "maker", "exporter")
        if depth <= 1:
            roles = ("retailer", "retailer", "trader", "maker", "exporter")
        role = roles[int(len(roles) * rng.random())]
        buyer = economy.buyer(role, parts[0].lot.goods.chapter, firm, now, rng)
        world.spawn(now, sale(world, now, firm, buyer, parts, depth + 1))


def sale(world: World, now: int, seller: Firm, buyer: Firm, parts: list[Holding], depth: int) -> Script:
    """Waybill, invoice, the buyer's answer; then the goods are the buyer's."""
    rng, desk = world.rng, world.desk
    mistake = mistakes.draw(rng)
    if mistake:
        got = yield from mistakes.SALES[mistake](world, now, seller, buyer, parts)
        now = yield now + 1
        if not got:
            return
        parts = got
    else:
        number, _ = desk.waybill(now, seller, buyer, parts)
        now = yield now + MINUTE + int(rng.random() * HOUR)
        desk.invoice(now, seller, buyer, parts, number)
        if rng.random() < 0.2:  # noqa: PLR2004 - share that look first
            now = yield office(now, rng.random(), rng)
            desk.act(now, number, "view", ("filer", buyer.id, buyer.user))
        now = yield office(now, 0.2 + min(12.0, rng.expovariate(0.5)), rng)
        desk.act(now, number, "confirm", ("filer", buyer.id, buyer.user))
    yield from fate(world, now, buyer, parts, depth)


def use(world: World, now: int, firm: Firm, holdings: Sequence[Holding]) -> Script:
    """Sell over the counter or use up, in some rounds; listed goods with an officer's consent."""
    rng, desk = world.rng, world.desk
    listed, others = split(holdings)
    for turn in range(1 + int(rng.random() * 3)):
        parts = take(others, 1.0 if turn == 2 else 0.3 + 0.5 * rng.random(), 6)  # noqa: PLR2004 - the last round
        if not parts:
            break
        now = yield office(now, 3 + min(40.0, rng.expovariate(0.1)), rng)
        draw = rng.random()
        reason = next(name for name, share in REASONS if draw < share)
        number = desk.write_off(now, firm, parts, reason)
        if reason not in ROUTINE:
            now = yield office(now, 0.5 + 3 * rng.random(), rng)
            desk.approve(now, number, "act of damage seen")
    if others and rng.random() < 0.02:  # noqa: PLR2004 - share that count and find less or more
        now = yield office(now, 10, rng)
        yield from mistakes.stocktaking(world, now, firm, others)
    if listed and now > LISTED_FROM:
        parts = take(listed, 0.4 + 0.4 * rng.random())
        if parts:
            now = yield office(now, 10 + 40 * rng.random(), rng)
            number = desk.write_off(now, firm, parts, "own_use" if rng.random() < 0.7 else "fixed_asset")  # noqa: PLR2004
            now = yield office(now, 0.5 + 3 * rng.random(), rng)
            desk.approve(now, number, "installed, seen on site")


def make(world: World, now: int, firm: Firm, holdings: Sequence[Holding], depth: int) -> Script:
    """Consume inputs by an approved recipe; the product is sold or leaves the country."""
    rng, desk = world.rng, world.desk
    inputs = [each for each in holdings if each.left > 20][:2]  # noqa: PLR2004 - enough to make something of
    inputs.sort(key=lambda each: each.lot.goods.hs6)
    product = calibration.goods().get(PRODUCTS.get(inputs[0].lot.goods.chapter, "")) if inputs else None
    codes = {each.lot.goods.hs6 for each in inputs}
    if product is None or product.listed or product.hs6 in codes:
        yield from use(world, now, firm, holdings)
        return
    inputs = inputs[:1] if len(codes) < len(inputs) else inputs
    key = "+".join((product.hs6, *(each.lot.goods.hs6 for each in inputs)))
    known = firm.recipes.get(key)
    counts = [1 + int(rng.random() * 4) for _ in inputs]
    if known is None:
        recipe = desk.recipe(
            now, firm, product, [(each.lot.goods, count) for each, count in zip(inputs, counts, strict=True)]
        )
        approved = office(now, 1 + 4 * rng.random(), rng)
        firm.recipes[key] = (recipe, approved, counts)
        now = yield approved
        desk.approve(now, recipe, "process seen at the plant")
    else:
        recipe, approved, counts = known
        now = yield max(now, approved) + HOUR
    now = yield office(now, 2 + 12 * rng.random(), rng)
    units = min(each.left // count for each, count in zip(inputs, counts, strict=True))
    if units < 1:
        yield from use(world, now, firm, holdings)
        return
    used = []
    for each, count in zip(inputs, counts, strict=True):
        each.left -= units * count
        used.append(Holding(each.lot, units * count))
    made = desk.production(now, firm, recipe, used, product, units)
    now = yield office(now, 1 + 8 * rng.random(), rng)
    if rng.random() < 0.4:  # noqa: PLR2004 - share of products that leave
        yield from export(world, now, firm, [made])
    else:
        yield from trade(world, now, firm, [made], max(depth, 2))


def export(world: World, now: int, firm: Firm, holdings: Sequence[Holding]) -> Script:
    """Leave the country: listed goods by application, others by waybill alone."""
    rng, economy = world.rng, world.economy
    listed, others = split(holdings)
    others = [each for each in others if each.lot.goods.born_at <= now]
    if others:
        parts = take(others, 1.0 if rng.random() < 0.5 else 0.6, 6)  # noqa: PLR2004 - a share
        country = calibration.partners("export", year_of(now)).draw(rng)
        now = yield office(now, 1 + 6 * rng.random(), rng)
        if parts:
            yield from leave(world, now, firm, economy.consignee(country, rng), parts)
    listed = [each for each in listed if each.lot.document.startswith("DT-")]
    if listed and now > LISTED_FROM and rng.random() < 0.5:  # noqa: PLR2004 - a share
        yield from export_listed(world, now, firm, listed)
    elif listed:
        yield from use(world, now, firm, listed)


def leave(
    world: World,
    now: int,
    firm: Firm,
    consignee: Firm,
    parts: list[Holding],
    *,
    application: str = "",
    licence: str = "",
) -> Script:
    """Waybill, declaration outside the union, exit, receipt; a few come back."""
    rng, desk = world.rng, world.desk
    waybill = desk.export_waybill(now, firm, consignee, parts, application=application, licence=licence)
    if consignee.country not in calibration.UNION:
        now = yield office(now, 0.2 + rng.random(), rng)
        desk.export_declaration(now, firm, consignee, parts, waybill)
    now = yield now + 3 * HOUR + int(rng.random() * 6 * DAY)
    desk.exit_notice(now, waybill, parts, consignee.country)
    if application or rng.random() < 0.5:  # noqa: PLR2004 - share of partners that answer
        now = yield office(now, 3 + 15 * rng.random(), rng)
        desk.receipt_report(now, waybill, consignee, parts)
    elif rng.random() < 0.03:  # noqa: PLR2004 - share that comes back
        now = yield office(now, 10 + 20 * rng.random(), rng)
        back = [Holding(part.lot, max(1, part.left // 4)) for part in parts]
        number = desk.return_of(now, firm, waybill, back, "quality_return")
        now = yield office(now, 1 + 2 * rng.random(), rng)
        desk.approve(now, number, "goods seen at the post")


def export_listed(world: World, now: int, firm: Firm, holdings: list[Holding]) -> Script:
    """Statement, invoice, application, an officer's yes, then out: as the law wants it."""
    rng, desk, economy = world.rng, world.desk, world.economy
    parts = take(holdings, 0.5 + 0.4 * rng.random(), 3)
    if not parts:
        return
    places = ("UZ", "KG", "TJ", "CN", "AE", "TR", "RU")
    country = places[int(len(places) * rng.random())]
    if country in BARRED and any(part.lot.made != "CN" for part in parts):
        country = "UZ"
    consignee = economy.consignee(country, rng) if country in economy.abroad else economy.consignee("CN", rng)
    now = yield office(now, 2 + 5 * rng.random(), rng)
    licence = ""
    if rng.random() < 0.4:  # noqa: PLR2004 - share under a permit
        licence = desk.licence(now, firm, consignee, parts, [part.left * 2 for part in parts])
        now = yield office(now, 1 + 3 * rng.random(), rng)
    statement = desk.end_user_statement(now, consignee, firm, USES[int(len(USES) * rng.random())])
    now = yield now + HOUR
    invoice = desk.invoice(now, firm, consignee, parts, currency=calibration.currency_of(country), price=1.25)
    now = yield now + HOUR
    application = desk.application(now, firm, consignee, parts, invoice=invoice, statement=statement, licence=licence)
    now = yield office(now, 0.3 + 0.6 * rng.random(), rng)
    desk.approve(now, application, "copies, stock and origin agree; end user known")
    now = yield office(now, 1 + 5 * rng.random(), rng)
    yield from leave(world, now, firm, consignee, parts, application=application, licence=licence)
