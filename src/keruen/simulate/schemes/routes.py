"""Goods on the way: never arriving, in many small loads, through many hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.simulate.calendar import DAY, HOUR, office
from keruen.simulate.schemes.case import ROUNDABOUT, Case, part, whole

if TYPE_CHECKING:
    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import Script


def false_transit(case: Case) -> None:
    """A partner says that it sent goods to us; they never come, or only their truck does."""
    shape = case.shape(
        family=("chips", "radio", "gauges", "bearings"),
        sent_from=("DE", "LT", "PL", "TR"),
        trace=("notice_only", "transit_lost", "truck_without_goods"),
        consignee=("real", "paper"),
    )
    at = case.start(0.05, 0.6)
    receiver = case.local("importer", 700 if shape["consignee"] == "real" else 20, at)
    case.because(
        "announced by the partner, and neither entry nor arrival in time"
        if shape["trace"] != "transit_lost"
        else "a transit opened at the border that never closed, for goods announced by the partner"
    )
    case.run(at, _false_transit(case, at, receiver, shape))


def _false_transit(case: Case, now: int, receiver: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    vehicle = desk.vehicle()
    carrier = case.local("carrier", 300, now, ("87",))
    for _ in range(2 + rng.randrange(3)):
        sender = case.abroad(shape["sent_from"])
        goods = [case.ware(case.goods(shape["family"], now), "coalition", 90_000) for _ in range(1 + rng.randrange(2))]
        if rng.random() < 0.5:  # noqa: PLR2004 - a share travels by another truck
            vehicle = desk.vehicle()
        case.stop(desk.partner_notice(now, sender, receiver, goods, vehicle))
        now = yield office(now, 5 + 4 * rng.random(), rng)
        if shape["trace"] == "transit_lost":
            case.stop(desk.transit(now, carrier, sender, receiver, goods, vehicle=vehicle, days=10))
        elif shape["trace"] == "truck_without_goods":
            # The same truck is back with something of no account: an entry that answers no notice.
            small = case.ware(case.goods("bearings", now), "CN", 900)
            with case.cover():
                desk.entry(now, receiver, case.abroad("RU"), [small], vehicle=vehicle)
        now = yield now + int((6 + 20 * rng.random()) * DAY)


def split_loads(case: Case) -> None:
    """One deal in many small applications, each below anyone's eye."""
    shape = case.shape(
        family=("passives", "bearings", "chips", "radio"),
        loads=("9", "15", "24"),
        exporters=("one", "three"),
        within=("three_days", "two_weeks"),
    )
    at = case.start()
    case.because("many small loads of one code to one consignee in days, together a trade quantity")
    case.run(at, _split(case, at, shape))


def _split(case: Case, now: int, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    loads = int(shape["loads"])
    exporters = [
        case.local("exporter", 500 + 300 * rng.random(), now) for _ in range(1 if shape["exporters"] == "one" else 3)
    ]
    goods = case.goods(shape["family"], now)
    stocks = [desk.entry(now, firm, case.abroad("CN"), [case.ware(goods, "CN", 40_000)]) for firm in exporters]
    consignee = case.abroad(rng.choice(ROUNDABOUT))
    now = yield office(now, 3 + 4 * rng.random(), rng)
    gap = (2.5 if shape["within"] == "three_days" else 13.0) * DAY / loads
    for index in range(loads):
        firm, lots = exporters[index % len(exporters)], stocks[index % len(exporters)]
        sent = part(lots, 1 / (loads - index // len(exporters) + 1) * (0.6 + 0.4 * rng.random()))
        if not sent:
            return
        now, application = yield from case.apply(now, firm, consignee, sent, statement=index == 0)
        if index > 2:  # noqa: PLR2004 - three loads may be three orders
            case.stop(application)
        now = yield now + HOUR
        desk.export_waybill(now, firm, consignee, sent, application=application)
        now = yield now + int(gap * (0.4 + 0.6 * rng.random()))


def resale_chain(case: Case) -> None:
    """Sold on and on within hours, until nobody remembers who brought it in."""
    shape = case.shape(
        family=("chips", "drones", "radio", "gauges"),
        hands=("3", "5", "7"),
        pace=("minutes", "days"),
        split=("whole", "halved"),
        to=("RU", "KG", "AE"),
    )
    at = case.start()
    case.because("a long chain of sales in hours or days ends with an exporter that has no past")
    case.run(at, _chain(case, at, shape))


def _chain(case: Case, now: int, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    holder = case.local("importer", 900 + 2000 * rng.random(), now)
    made = "CN" if shape["to"] == "RU" else "coalition"
    lots = desk.entry(
        now,
        holder,
        case.abroad(rng.choice(("HK", "CN", "TR"))),
        [case.ware(case.goods(shape["family"], now), made, 80_000) for _ in range(1 + rng.randrange(2))],
    )
    parts = whole(lots)
    now = yield office(now, 1 + 2 * rng.random(), rng)
    hands = int(shape["hands"])
    for hand in range(hands):
        last = hand == hands - 1
        buyer = case.local("exporter" if last else "trader", 25 if last else 60 + 600 * rng.random(), now)
        if shape["split"] == "halved" and hand == hands // 2:
            parts = part(parts, 0.55)
        now = yield from case.sell(now, holder, buyer, parts, 0.02 if shape["pace"] == "minutes" else 1.2)
        now = yield now + int(rng.random() * HOUR) + 60
        parts, holder = whole(parts), buyer
    consignee = case.abroad(shape["to"])
    now = yield office(now, 0.5 + rng.random(), rng)
    now, application = yield from case.apply(now, holder, consignee, parts)
    case.stop(application)
    now = yield office(now, 1, rng)
    yield from case.leave(now, holder, consignee, parts, application=application)
