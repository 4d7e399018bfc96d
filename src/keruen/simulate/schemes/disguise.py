"""Goods that are not what, or not whose, the papers say: another code, another origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keruen.simulate import calibration, wares
from keruen.simulate.calendar import DAY, office
from keruen.simulate.papers import Holding, Record, Ware
from keruen.simulate.schemes.case import TOWARDS_RUSSIA, Case, whole

if TYPE_CHECKING:
    from keruen.simulate.economy import Firm
    from keruen.simulate.flows import Script

CODES = {
    "chips": ("853710", "847330", "854370"),
    "drones": ("950300", "854370", "847330"),
    "radio": ("854370", "853710"),
}


def disguised_code(case: Case) -> None:
    """Chips or drones under a code nobody looks at, from the entry on."""
    shape = case.shape(
        family=("chips", "drones", "radio"),
        words=("telling", "vague", "false"),
        price=("true", "true", "cheap"),
        hop=("none", "one"),
    )
    at = case.start()
    importer = case.local("importer", 200 + 900 * case.rng.random(), at)
    # Only what differs from honest papers can be found in papers: the words, or the value for the weight.
    if shape["words"] == "false" and shape["price"] == "cheap":
        case.because("code, words, weight and value all agree with each other: the papers tell nothing", findable=False)
    else:
        case.because(
            {
                "telling": "the description names goods of another code",
                "vague": "words that say nothing, for goods dear by weight",
                "false": "value by weight is many times that of the declared code",
            }[shape["words"]]
        )
    case.run(at, _disguised(case, at, importer, shape))


def _disguised(case: Case, now: int, importer: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    everything = calibration.goods()
    real = case.goods(shape["family"], now)
    codes = [code for code in CODES[shape["family"]] if code in everything]
    for _ in range(1 + rng.randrange(3)):
        cover = everything[rng.choice(codes)] if codes else next(each for each in case_plain(everything))
        words = {
            "telling": rng.choice(wares.telling(real.hs6)),
            "vague": rng.choice(wares.VAGUE),
            "false": wares.PLAIN.get(cover.hs6, cover.descriptions[0]),
        }[shape["words"]]
        price = 1.0 if shape["price"] == "cheap" else 8 + 20 * rng.random()
        quantity = max(5, int(4_000_000 * (0.5 + rng.random()) / (cover.unit_cents * price)))
        ware = Ware(cover, quantity, "CN", "CN", "", "", words, price)
        lots = desk.entry(now, importer, case.abroad(rng.choice(("CN", "HK", "TR"))), [ware])
        sender = importer
        now = yield office(now, 2 + 6 * rng.random(), rng)
        if shape["hop"] == "one":
            sender = case.local("exporter", 120, now)
            now = yield from case.sell(now, importer, sender, whole(lots), 0.5)
            now = yield office(now, 1 + 2 * rng.random(), rng)
        consignee = case.abroad(rng.choice(TOWARDS_RUSSIA))
        now, waybill = yield from case.leave(now, sender, consignee, whole(lots))
        case.stop(waybill)
        now = yield now + int((2 + 10 * rng.random()) * DAY)


def case_plain(goods: dict[str, calibration.Goods]) -> list[calibration.Goods]:
    """Unlisted electrical goods of the economy, traced by lot."""
    return [each for each in goods.values() if each.chapter == "85" and not each.listed]


def origin_swap(case: Case) -> None:
    """Made in a country that bars the sale; the export papers say another."""
    shape = case.shape(
        family=("chips", "radio", "bearings", "gauges"),
        swap=("line", "copy", "maker", "other_declaration", "both"),
        to=("RU", "BY"),
    )
    at = case.start()
    firm = case.local("exporter", 300 + 2000 * case.rng.random(), at)
    case.because("the application's origin, maker or declaration differs from the entry on record")
    case.run(at, _swapped(case, at, firm, shape))


def _swapped(case: Case, now: int, firm: Firm, shape: dict[str, str]) -> Script:
    rng, desk = case.rng, case.desk
    goods = case.goods(shape["family"], now)
    lots = desk.entry(now, firm, case.abroad(rng.choice(("DE", "HK", "AE"))), [case.ware(goods, "coalition", 60_000)])
    other: list[Holding] = []
    if shape["swap"] == "other_declaration":
        now = yield office(now, 2, rng)
        other = desk.entry(now, firm, case.abroad("CN"), [case.ware(goods, "CN", 3_000)])
    now = yield office(now, 4 + 10 * rng.random(), rng)
    swaps: Record = {}
    if shape["swap"] in {"line", "both"}:
        swaps |= {"origin_country": "CN", "manufacture_country": "CN"}
    if shape["swap"] in {"copy", "both"}:
        swaps |= {"declaration_copy_origin_country": "CN", "declaration_copy_manufacture_country": "CN"}
    if shape["swap"] == "maker":
        swaps |= {"manufacturer": "Shenzhen Kaihua Semicon", "manufacture_country": "CN"}
    if other:
        lot = other[0].lot
        swaps |= {
            "declaration": lot.document,
            "declaration_line": lot.line,
            "origin_country": "CN",
            "manufacture_country": "CN",
            "declaration_copy_quantity": str(lot.entered),
            "declaration_copy_origin_country": "CN",
            "declaration_copy_manufacture_country": "CN",
        }
    consignee = case.abroad(shape["to"])
    parts = whole(lots)
    now, application = yield from case.apply(now, firm, consignee, parts, swaps=swaps)
    case.stop(application)
    now = yield office(now, 1 + rng.random(), rng)
    yield from case.leave(now, firm, consignee, parts, application=application)
