"""Firms that should not be buying this: new ones, old ones with new goods, and sudden jumps.

The three are the patterns of the joint guidance of 26 September 2023 (red flags S01 to S03).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.simulate.calendar import DAY, HOUR, office
from keruen.simulate.schemes.case import CONTROL, Case, part, whole

if TYPE_CHECKING:
    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import Script

WAYS = ("straight", "roundabout", "barred")
"""To Russia with goods that may go there; to a neighbour who is no user; with goods that may not."""


def new_front_company(case: Case) -> None:
    """Set up weeks before, buys nothing but high-priority goods, ships them all within weeks."""
    shape = case.shape(
        family=("chips", "drones", "radio", "gauges"),
        way=WAYS,
        pace=("days", "weeks"),
        cover=("none", "household"),
        age=("week", "month", "half_year"),
    )
    at = case.start()
    age = {"week": 9, "month": 34, "half_year": 170}[shape["age"]]
    front = case.local("importer", age, at)
    case.because("firm registered shortly before its first entry, nothing but listed goods, out again at once")
    if shape["cover"] == "household":
        case.run(at + 5 * DAY, case.ordinary(front, at + 5 * DAY, 3, 25))
    case.run(
        at,
        _buy_and_ship(
            case,
            at,
            front,
            shape["family"],
            shape["way"],
            2 + case.rng.randrange(3),
            2.0 if shape["pace"] == "days" else 14.0,
        ),
    )


def old_company_new_codes(case: Case) -> None:
    """Years of clothes or food, then high-priority goods."""
    shape = case.shape(
        line=("clothes", "food", "tyres", "furniture"),
        family=("chips", "drones", "radio", "passives"),
        way=WAYS,
        pace=("days", "weeks"),
    )
    at = case.start(0.2, 0.55)
    chapters = {"clothes": ("61", "62"), "food": ("21", "22"), "tyres": ("40", "87"), "furniture": ("94", "44")}
    firm = case.local("importer", 365 * (8 + case.rng.random() * 10), at, chapters[shape["line"]])
    case.because("imports since long before 2022, never a listed code, then listed codes and their export")
    first = max(case.ground.history_from + 20 * DAY, at - 5 * 365 * DAY)
    rounds = 8 if first < CONTROL else 4
    case.run(first, case.ordinary(firm, first, rounds, (at - first) / DAY / (rounds + 1), "TR"))
    case.run(
        at,
        _buy_and_ship(
            case,
            at,
            firm,
            shape["family"],
            shape["way"],
            2 + case.rng.randrange(3),
            2.0 if shape["pace"] == "days" else 12.0,
        ),
    )


def sudden_jump(case: Case) -> None:
    """A modest buyer of listed goods before the war, then many times as much."""
    shape = case.shape(
        family=("chips", "radio", "passives", "bearings"), times=("6", "12", "30"), way=WAYS, ramp=("step", "climb")
    )
    at = case.start(0.1, 0.4)
    firm = case.local("importer", 365 * (9 + case.rng.random() * 9), at)
    case.because("listed goods bought before 2022 at a steady level; since then many times that, and out again")
    first = max(case.ground.history_from + 15 * DAY, at - 5 * 365 * DAY)
    case.run(first, _steady(case, first, at, firm, shape["family"]))
    case.run(at, _jump(case, at, firm, shape))


def _steady(case: Case, now: int, until: int, firm: Firm, family: str) -> Script:
    supplier = case.abroad("CN")
    rounds = 6 if now < CONTROL else 3
    for _ in range(rounds):
        with case.cover():
            case.desk.entry(now, firm, supplier, [case.ware(case.goods(family, now), "CN", 5_000)])
        now = yield office(now, (until - now) / DAY / (rounds + 1), case.rng)


def _jump(case: Case, now: int, firm: Firm, shape: dict[str, str]) -> Script:
    times = int(shape["times"])
    rounds = 3 if shape["ramp"] == "step" else 5
    for turn in range(rounds):
        scale = times if shape["ramp"] == "step" else times * (turn + 1) / rounds
        yield from _round(case, now, firm, shape["family"], shape["way"], 5_000 * scale, 5.0)
        now = yield now + int(case.rng.random() * 12 * DAY) + HOUR


def _buy_and_ship(case: Case, now: int, firm: Firm, family: str, way: str, rounds: int, days: float) -> Script:
    for _ in range(rounds):
        yield from _round(case, now, firm, family, way, 30_000 + 120_000 * case.rng.random(), days)
        now = yield now + int((3 + 15 * case.rng.random()) * DAY)


def _round(case: Case, now: int, firm: Firm, family: str, way: str, dollars: float, days: float) -> Script:
    rng, desk = case.rng, case.desk
    supplier = case.abroad(rng.choice(("CN", "HK", "TR", "AE")) if way != "barred" else rng.choice(("HK", "DE", "AE")))
    made = "CN" if way == "straight" else "coalition"
    wares = [case.ware(case.goods(family, now), made, dollars / 2) for _ in range(1 + rng.randrange(3))]
    lots = desk.entry(now, firm, supplier, wares)
    country = {
        "straight": "RU",
        "roundabout": rng.choice(("KG", "AM", "UZ", "AE")),
        "barred": rng.choice(("RU", "BY")),
    }[way]
    consignee = case.abroad(country)
    if way == "roundabout":
        # A buyer in a neighbour country who answers a Russian telephone (red flag P06).
        consignee.phone = f"+7495{rng.randrange(10**6, 10**7)}"
    now = yield office(now, days * (0.5 + rng.random()), rng)
    sent = whole(lots) if rng.random() < 0.6 else part(lots, 0.9)  # noqa: PLR2004 - a share
    now, application = yield from case.apply(now, firm, consignee, sent, statement=rng.random() < 0.8)  # noqa: PLR2004
    case.stop(application)
    now = yield office(now, 1 + rng.random(), rng)
    yield from case.leave(now, firm, consignee, sent, application=application)
