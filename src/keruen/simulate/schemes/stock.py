"""Stock that never entered, and stock that is written off and leaves all the same."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from keruen.simulate import calibration, wares
from keruen.simulate.calendar import DAY, office
from keruen.simulate.papers import Holding, Ware
from keruen.simulate.schemes.case import TOWARDS_RUSSIA, Case, part, whole

if TYPE_CHECKING:
    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import Script

Made = Generator[int, int, tuple[int, list[Holding]]]
INPUT = "392690"
"""Plastic parts: the cheap input of a production that is none."""


def stock_from_nothing(case: Case) -> None:
    """Listed goods born by an opening balance, a correction or a production of one's own, then exported."""
    shape = case.shape(
        birth=("opening_balance", "correction", "production"),
        family=("chips", "radio", "drones", "passives"),
        told_as=("home_made", "chinese"),
        rounds=("one", "some"),
    )
    at = case.start()
    firm = case.local("maker" if shape["birth"] == "production" else "exporter", 400 + 1500 * case.rng.random(), at)
    case.because("the lot exported was born by an opening balance, correction or home production, not by an entry")
    case.run(at, _from_nothing(case, at, firm, shape))


def _from_nothing(case: Case, now: int, firm: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    origin = "KZ" if shape["told_as"] == "home_made" or shape["birth"] == "production" else "CN"
    goods = case.goods(shape["family"], now)
    for _ in range(1 if shape["rounds"] == "one" else 2 + rng.randrange(2)):
        ware = case.ware(goods, "CN", 50_000)._replace(origin=origin, made=origin, maker="", model="")
        if shape["birth"] == "production":
            now, lots = yield from _made_up(case, now, firm, goods, ware.quantity)
        else:
            reason = "opening" if shape["birth"] == "opening_balance" else "recount"
            number, lots = desk.birth(now, shape["birth"], firm, [ware], reason=reason)
            now = yield office(now, 0.5 + 2 * rng.random(), rng)
            desk.approve(now, number, "as filed")
        now = yield office(now, 2 + 8 * rng.random(), rng)
        consignee = case.abroad(rng.choice(TOWARDS_RUSSIA))
        parts = whole(lots)
        now, application = yield from case.apply(now, firm, consignee, parts)
        case.stop(application)
        now = yield office(now, 1, rng)
        now, _ = yield from case.leave(now, firm, consignee, parts, application=application)
        now = yield now + int(10 * rng.random() * DAY) + 60


def _made_up(case: Case, now: int, firm: Firm, goods: calibration.Goods, quantity: int) -> Made:
    rng, desk = case.rng, case.desk
    everything = calibration.goods()
    plastic = everything.get(INPUT) or next(each for each in everything.values() if each.chapter == "39")
    inputs = desk.entry(
        now, firm, case.abroad("CN"), [Ware(plastic, quantity, "CN", "CN", "", "", plastic.descriptions[0])]
    )
    now = yield office(now, 2, rng)
    recipe = desk.recipe(now, firm, goods, [(plastic, 1)])
    now = yield office(now, 1 + rng.random(), rng)
    desk.approve(now, recipe, "as filed")
    now = yield office(now, 1 + 2 * rng.random(), rng)
    made = desk.production(
        now, firm, recipe, [Holding(inputs[0].lot, quantity)], goods, quantity, text=f"{goods.descriptions[0]} own make"
    )
    return now, [made]


def write_off_then_export(case: Case) -> None:
    """Listed goods lost, damaged or used up on paper; soon as many pieces of something leave."""
    shape = case.shape(
        reason=("loss", "damage", "own_use", "theft", "entered_by_mistake"),
        family=("chips", "drones", "radio"),
        by=("same_firm", "sister"),
        told_as=("vague", "plain"),
    )
    at = case.start()
    firm = case.local("importer", 250 + 1500 * case.rng.random(), at)
    case.because(
        "listed goods written off soon after entry; as many pieces of vague goods leave within days"
        if shape["told_as"] == "vague"
        else "listed goods written off soon after entry, again and again by one firm, and a like count leaves"
    )
    case.run(at, _written_off(case, at, firm, shape))


def _written_off(case: Case, now: int, firm: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    everything = calibration.goods()
    code = next((name for name in ("853710", "847330", "854370") if name in everything), "853690")
    sister = firm
    if shape["by"] == "sister":
        sister = case.local("exporter", 150, now)
        sister.director, sister.address = firm.director, firm.address
    for _ in range(2 + rng.randrange(2)):
        goods = case.goods(shape["family"], now)
        lots = desk.entry(now, firm, case.abroad(rng.choice(("CN", "TR"))), [case.ware(goods, "", 50_000)])
        gone = part(lots, 0.85)
        cover = everything[code]
        text = rng.choice(wares.VAGUE) if shape["told_as"] == "vague" else wares.PLAIN.get(code, cover.descriptions[0])
        now = yield office(now, 1, rng)
        empties = desk.entry(
            now,
            sister,
            case.abroad("CN"),
            [Ware(cover, sum(each.left for each in gone), "CN", "CN", "", "", text, 0.05)],
        )
        now = yield office(now, 3 + 8 * rng.random(), rng)
        case.stop(desk.write_off(now, firm, gone, shape["reason"]))
        approved = office(now, 1 + rng.random(), rng)
        now = yield approved
        desk.approve(now, case.instance.should_stop[-1], "act of the firm seen")
        now = yield office(now, 1 + 3 * rng.random(), rng)
        now, waybill = yield from case.leave(now, sister, case.abroad(rng.choice(("RU", "KG"))), whole(empties))
        case.stop(waybill)
        now = yield now + int((3 + 10 * rng.random()) * DAY)
