"""Calibration: which goods enter in which month, from which partners, at what value and weight.

Weights by code, month and partner come from `tables/` (see SOURCE.md there, made by
tools/calibration.py). Value per kilogram and weight per piece are in no source under a clear
licence; those below are assumptions of ours, good to an order of magnitude, and so marked.
"""

from __future__ import annotations

import csv
from bisect import bisect
from datetime import date
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from keruen.codes import lists
from keruen.simulate.calendar import EPOCH, seconds

if TYPE_CHECKING:
    from random import Random

LAST_DAY = date(2026, 12, 31)
"""Lists are asked for this day: goods are listed or not for the whole of a simulated history."""
UNION = ("RU", "BY", "AM", "KG")
"""Other members of the EAEU; goods between them cross without a declaration."""
EU = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
LOT_TRACED = frozenset({"84", "85", "86", "87", "88", "90"})
"""Chapters whose papers name the lot; goods of others are drawn first in, first out."""
# Assumed: US dollars a kilogram, kilograms a piece (or pair, or square metre), by chapter; then by code.
CHAPTERS: dict[str, tuple[float, float]] = {
    "21": (4, 1),
    "22": (3, 1),
    "25": (0.3, 1),
    "27": (1, 1),
    "28": (1.5, 1),
    "29": (3, 1),
    "30": (60, 0.1),
    "32": (4, 1),
    "33": (18, 0.2),
    "34": (3, 1),
    "35": (4, 1),
    "38": (4, 1),
    "39": (3, 0.5),
    "40": (5, 8),
    "42": (20, 0.8),
    "44": (0.9, 1),
    "48": (1.5, 1),
    "49": (6, 0.3),
    "51": (15, 0.3),
    "54": (6, 0.2),
    "55": (5, 0.2),
    "56": (5, 0.3),
    "57": (6, 2),
    "59": (7, 0.4),
    "61": (22, 0.3),
    "62": (25, 0.4),
    "63": (5, 0.5),
    "64": (20, 0.9),
    "65": (20, 0.2),
    "68": (1.2, 2),
    "69": (1, 12),
    "70": (1.2, 3),
    "71": (900, 0.01),
    "72": (1.2, 1),
    "73": (3, 2),
    "74": (9, 1),
    "75": (18, 1),
    "76": (5, 1),
    "81": (25, 1),
    "82": (14, 0.4),
    "83": (8, 0.5),
    "84": (14, 60),
    "85": (28, 1.2),
    "86": (7, 900),
    "87": (10, 900),
    "88": (220, 2),
    "89": (20, 900),
    "90": (70, 2),
    "91": (150, 0.15),
    "92": (20, 4),
    "94": (6, 10),
    "95": (8, 0.8),
    "96": (9, 0.2),
    "97": (120, 2),
}
PIECES: dict[str, tuple[float, float]] = {
    "854231": (2400, 0.002),
    "854232": (1900, 0.002),
    "854233": (1500, 0.001),
    "854239": (1600, 0.002),
    "851762": (160, 0.6),
    "852691": (420, 0.25),
    "853221": (620, 1),
    "853224": (450, 1),
    "854800": (38, 1),
    "847150": (190, 3),
    "850440": (30, 1.5),
    "851769": (110, 0.8),
    "852589": (130, 0.6),
    "852910": (45, 1),
    "852990": (60, 1),
    "853669": (40, 1),
    "853690": (55, 1),
    "854110": (210, 0.001),
    "854121": (260, 0.001),
    "854129": (310, 0.003),
    "854130": (160, 0.01),
    "854149": (240, 0.002),
    "854151": (380, 0.003),
    "854159": (330, 0.002),
    "854160": (350, 0.001),
    "848210": (14, 0.4),
    "848220": (12, 0.9),
    "848230": (13, 2.2),
    "848250": (13, 1.4),
    "880730": (260, 1),
    "901310": (900, 0.6),
    "901380": (180, 0.4),
    "901420": (2400, 0.8),
    "901480": (600, 0.7),
    "847180": (210, 0.5),
    "848610": (140, 900),
    "848620": (190, 1200),
    "848640": (180, 800),
    "853400": (95, 1),
    "854320": (300, 6),
    "902750": (190, 12),
    "903020": (260, 5),
    "903032": (120, 1.2),
    "903039": (120, 1.5),
    "903082": (420, 60),
    "845710": (19, 5200),
    "845811": (17, 3600),
    "845891": (17, 3900),
    "845961": (16, 4100),
    "846693": (24, 1),
    "880621": (1400, 0.24),
    "880622": (1500, 0.9),
    "880623": (900, 14),
    "880624": (420, 46),
    "880692": (1500, 1.1),
    "880693": (900, 16),
    "851713": (1900, 0.2),
    # Cheap neighbours in the nomenclature, used as cover by some schemes.
    "847330": (30, 1),
    "854370": (35, 0.8),
    "950300": (7, 1),
    "853710": (32, 6),
}
# Yearly mean rate, tenge a US dollar, and dollars a unit of the others: assumed, as recalled, rounded.
TENGE = {2018: 345, 2019: 383, 2020: 413, 2021: 426, 2022: 460, 2023: 456, 2024: 469, 2025: 520, 2026: 520, 2027: 520}
DOLLARS = {"USD": 1.0, "EUR": 1.1, "CNY": 0.14, "RUB": 0.012, "TRY": 0.03, "KZT": 0.002}
CURRENCIES = {"CN": "CNY", "HK": "USD", "RU": "RUB", "BY": "RUB", "KG": "USD", "AM": "USD", "TR": "USD"}


class Goods(NamedTuple):
    """One commodity of the economy."""

    hs6: str
    code: str
    """As filed: ten digits where known."""
    chapter: str
    unit: str
    listed: bool
    tier: str
    """Tier of the high-priority list, `drone`, or empty."""
    traced: bool
    born_at: int
    """Instant from which the code exists; nought for always."""
    unit_cents: int
    """Assumed value of one unit, US cents."""
    unit_grams: int
    """Assumed net weight of one unit."""
    descriptions: tuple[str, ...]


class Picker:
    """Draws names by weight: one comparison search a draw, the same for the same generator."""

    __slots__ = ("names", "steps", "total")

    def __init__(self, weighted: dict[str, int]) -> None:
        self.names = sorted(weighted)
        self.steps = list(accumulate(weighted[name] for name in self.names))
        self.total = self.steps[-1]

    def draw(self, rng: Random) -> str:
        """One name."""
        return self.names[bisect(self.steps, rng.random() * self.total)]


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("keruen.simulate") / "tables" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def currency_of(country: str) -> str:
    """The currency in which trade with a country is usually priced here."""
    return "EUR" if country in EU else CURRENCIES.get(country, "USD")


def tenge(year: int, cents: int) -> int:
    """US cents as tiyn of that year."""
    return cents * TENGE[year]


@cache
def control_reason(hs6: str) -> str:
    """What the control lists say of a code on the last calibrated day."""
    found = lists.listed_for_control(hs6, LAST_DAY)
    if found is None:
        return ""
    return str(found.tier or found.reason)


@cache
def goods() -> dict[str, Goods]:
    """Every commodity by HS code."""
    from keruen.simulate.wares import described

    found: dict[str, Goods] = {}
    for row in _rows("goods.csv"):
        hs6 = row["hs6"]
        dollars, kilograms = PIECES.get(hs6) or CHAPTERS.get(hs6[:2], (5.0, 1.0))
        if row["unit"] == "KGM":
            kilograms = 1.0
        born = row["from_month"]
        tier = control_reason(hs6)
        found[hs6] = Goods(
            hs6,
            row["commodity_code"],
            hs6[:2],
            row["unit"],
            bool(tier),
            tier,
            hs6[:2] in LOT_TRACED,
            seconds(EPOCH.replace(year=int(born[:4]), month=int(born[5:]))) if born else 0,
            max(1, round(dollars * kilograms * 100)),
            max(1, round(kilograms * 1000)),
            described(hs6, row["description"]),
        )
    return found


@cache
def month_index() -> dict[str, int]:
    """Value of a month's entries, mean of 2021 = 1000."""
    return {row["period"]: int(row["index"]) for row in _rows("months.csv")}


@cache
def code_weights() -> dict[str, dict[str, int]]:
    """Period to code to parts per million of that month's value."""
    found: dict[str, dict[str, int]] = {}
    for row in _rows("hs6_months.csv"):
        code = row["hs6"]
        for period, share in row.items():
            if period != "hs6":
                found.setdefault(period, {})[code] = int(share)
    return found


@cache
def partners(flow: str, year: int) -> Picker:
    """Partners of a flow (import or export) in a year; 2018 reads 2019 and later years 2023, the last observed."""
    wanted = str(min(max(year, 2019), 2023))
    return Picker(
        {
            row["country"]: int(row["share"])
            for row in _rows("partners.csv")
            if row["flow"] == flow and row["year"] == wanted and int(row["share"]) > 0
        }
    )


@cache
def members(chapter: str) -> Picker | None:
    """EU members by their share in the EU's sales of a chapter; None where nothing was observed."""
    found = {row["country"]: int(row["share"]) for row in _rows("eu_members.csv") if row["chapter"] == chapter}
    return Picker(found) if found else None
