"""Permits stretched, and goods said to have come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.simulate.calendar import DAY, office
from keruen.simulate.papers import Holding
from keruen.simulate.schemes.case import Case, part, whole

if TYPE_CHECKING:
    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import Script


def licence_overdraw(case: Case) -> None:
    """More leaves under a permit than it grants."""
    shape = case.shape(
        family=("chips", "drones", "gauges", "radio"),
        way=("sum", "at_once", "expired", "another_firm"),
        to=("UZ", "KG", "AE", "TR"),
    )
    at = case.start(0.05, 0.4)
    firm = case.local("exporter", 600 + 1000 * case.rng.random(), at)
    case.because(
        {
            "sum": "applications together ask for more than the permit line grants",
            "at_once": "applications filed side by side, each within the permit, together above it",
            "expired": "the permit is no longer in force on the day of the application",
            "another_firm": "the permit was granted to another exporter",
        }[shape["way"]]
    )
    case.run(at, _overdrawn(case, at, firm, shape))


def _overdrawn(case: Case, now: int, firm: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    consignee = case.abroad(shape["to"])
    lots = desk.entry(now, firm, case.abroad("CN"), [case.ware(case.goods(shape["family"], now), "CN", 90_000)])
    granted = max(1, lots[0].left // 3)
    owner = case.local("exporter", 900, now) if shape["way"] == "another_firm" else firm
    now = yield office(now, 2, rng)
    licence = desk.licence(now, owner, consignee, whole(lots), [granted], days=14 if shape["way"] == "expired" else 365)
    now = yield office(now, 20 if shape["way"] == "expired" else 3, rng)
    rounds = 1 if shape["way"] in {"expired", "another_firm"} else 3
    for turn in range(rounds):
        sent = [Holding(lots[0].lot, max(1, granted * 2 // 3))]
        now, application = yield from case.apply(now, firm, consignee, sent, licence=licence)
        if turn or rounds == 1:
            case.stop(application)
        if shape["way"] != "at_once":
            now = yield office(now, 0.5 + rng.random(), rng)
            if not turn and rounds > 1:
                desk.approve(now, application, "within the permit")
            now = yield office(now, 1, rng)
            now, _ = yield from case.leave(now, firm, consignee, sent, application=application, licence=licence)
        now = yield now + int((0.1 if shape["way"] == "at_once" else 6 * rng.random()) * DAY) + 60


def return_fraud(case: Case) -> None:
    """Goods that left are returned on paper, and leave again as stock that was never there."""
    shape = case.shape(
        family=("bearings", "gauges", "passives", "radio"),
        way=("delivered", "twice", "too_much"),
        then=("export_again", "write_off"),
        to=("UZ", "TJ", "TR", "AE"),
    )
    at = case.start(0.05, 0.4)
    firm = case.local("exporter", 500 + 1500 * case.rng.random(), at)
    case.because(
        {
            "delivered": "a return of goods that the far side had reported as received in full",
            "twice": "the same exit returned twice",
            "too_much": "more returned than left",
        }[shape["way"]]
    )
    case.run(at, _returned(case, at, firm, shape))


def _returned(case: Case, now: int, firm: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    lots = desk.entry(now, firm, case.abroad("CN"), [case.ware(case.goods(shape["family"], now), "CN", 60_000)])
    consignee = case.abroad(shape["to"])
    sent = part(lots, 0.6)
    now = yield office(now, 4, rng)
    now, application = yield from case.apply(now, firm, consignee, sent)
    now = yield office(now, 0.8, rng)
    desk.approve(now, application, "end user known")
    now = yield office(now, 1, rng)
    now, waybill = yield from case.leave(now, firm, consignee, sent, application=application)
    now = yield office(now, 4 + 4 * rng.random(), rng)
    if shape["way"] == "delivered":
        desk.receipt_report(now, waybill, consignee, sent)
        now = yield office(now, 5, rng)
    back = [Holding(each.lot, each.left * (3 if shape["way"] == "too_much" else 1)) for each in sent]
    first = desk.return_of(now, firm, waybill, back, rng.choice(("quality_return", "buyer_refused")))
    now = yield office(now, 1 + rng.random(), rng)
    desk.approve(now, first, "as filed")
    if shape["way"] == "twice":
        now = yield office(now, 6, rng)
        case.stop(desk.return_of(now, firm, waybill, back, "quality_return"))
        now = yield office(now, 1, rng)
        desk.approve(now, case.instance.should_stop[-1], "as filed")
    else:
        case.stop(first)
    now = yield office(now, 3 + 6 * rng.random(), rng)
    if shape["then"] == "write_off":
        desk.write_off(now, firm, whole(sent), "destroyed")
        return
    other = case.abroad(rng.choice(("KG", "AM", "RU")))
    now, application = yield from case.apply(now, firm, other, whole(sent))
    case.stop(application)
    now = yield office(now, 1, rng)
    yield from case.leave(now, firm, other, whole(sent), application=application)
