"""Makes the calibration tables of the simulator from published trade statistics.

Run `python tools/calibration.py [--source ../shared/data]`. Reads what is under a clear
licence only (Eurostat through MIT and CC BY repositories, the Kazakh bureau of statistics
through the latter; never IMF or UN Comtrade tables) and writes `data/calibration/*.csv` and the
same files under `src/keruen/simulate/tables/`. DuckDB is used here and not when Keruen runs.

What is observed and what is extended is said in SOURCE.md, written beside the tables.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
from pathlib import Path
from statistics import fmean
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
TARGETS = (ROOT / "data" / "calibration", ROOT / "src" / "keruen" / "simulate" / "tables")
MONTHS = [f"{year}-{month:02d}" for year in range(2019, 2027) for month in range(1, 13)]
TOP = 380
"""How many codes beside the listed ones; they carry about 95 % of the value."""
DRONES = ("880621", "880622", "880623", "880624", "880692", "880693")
PRE_WAR = ("2020-01", "2022-01")
POST_BREAK = ("2022-05", "2022-11")
"""The break of the series is dated 2022-05 (shared/domain/trade-statistics.md, 2.2)."""
UNITS = {"kg": "KGM", "u": "H87", "m²": "MTK", "m³": "MTQ", "l": "LTR", "2u": "PR", "m": "MTR"}
# Neighbours and other likely buyers of goods that are not oil or metal in bulk: names in the bureau's workbooks.
BUYERS = {
    "Россия": "RU",
    "Узбекистан": "UZ",
    "Кыргызстан": "KG",
    "Таджикистан": "TJ",
    "Китай": "CN",
    "Туркменистан": "TM",
    "Азербайджан": "AZ",
    "Беларусь": "BY",
    "Армения": "AM",
    "Турция": "TR",
    "Афганистан": "AF",
    "Монголия": "MN",
    "Германия": "DE",
    "Объединенные Арабские Эмираты": "AE",
    "Грузия": "GE",
}
SELLERS = {
    **{name: code for name, code in BUYERS.items() if code not in {"TM", "AF", "TJ"}},
    "Республика Корея": "KR",
    "Соединенные Штаты Америки": "US",
    "Япония": "JP",
    "Италия": "IT",
    "Франция": "FR",
    "Польша": "PL",
    "Индия": "IN",
    "Вьетнам": "VN",
    "Соединенное Королевство": "GB",
    "Чешская Республика": "CZ",
    "Нидерланды": "NL",
    "Украина": "UA",
    "Швейцария": "CH",
    "Испания": "ES",
    "Таиланд": "TH",
    "Бельгия": "BE",
    "Швеция": "SE",
    "Австрия": "AT",
    "Венгрия": "HU",
    "Малайзия": "MY",
    "Финляндия": "FI",
    "Тайвань (Китай)": "TW",
    "Литва": "LT",
    "Словакия": "SK",
    "Дания": "DK",
}
SOURCE = """# Calibration of the simulator

- Made by `tools/calibration.py`; do not edit by hand.
- Sources: (1) Eurostat DS-045409, exports of EU members to Kazakhstan by CN8 and month, 2020-01..2022-11,
  extracted 2023-01-21, through github vzemlys/ruimpeks 5b5d97c (MIT); Eurostat allows re-use with the source
  named. (2) Eurostat monthly totals EU27 to Kazakhstan 2019-01..2024-08 and (3) the Kazakh Bureau of National
  Statistics' trade by partner 2018-2023, both through github mary-lev/eu-export-sanctions 4b6a5df (README: CC
  BY 4.0; LICENSE file: Apache-2.0). (4) HS 2022 texts and units, harvard-growth-lab/comtrade-conversion-weights
  503c5d8 (Apache-2.0). (5) Ten-digit codes (numbers only) of TN VED, an official act of the Eurasian Economic
  Commission.
- Licence of these tables: as their sources, with attribution. No IMF and no UN Comtrade table was read.

| file | rows | columns |
|---|---|---|
| `goods.csv` | one a code | hs6, commodity_code (see below), unit (Rec. 20), from_month, observed, description |
| `hs6_months.csv` | one a code | hs6, then a column a month 2019-01..2026-12: parts per million of its value |
| `months.csv` | one a month | period, index (mean of 2021 = 1000), observed (yes or extended) |
| `partners.csv` | partner x flow x year | country, flow (import or export), year, share in parts per million |
| `eu_members.csv` | chapter x member | chapter, country, share in parts per million |

`commodity_code` has ten digits where TN VED is held, else six; `from_month` is 2022-01 for codes new in HS 2022;
`observed` is yes or assumed.

What is observed: code shares 2020-01..2022-11 (mean of three months), totals 2019-01..2024-08, partners
2019-2023. What is extended: code shares of 2019 are the mean of 2020-01..2022-01, from 2022-12 the mean of
2022-05..2022-11 (after the break); totals from 2024-09 are the same month a year before; partners of 2024 and
later are those of 2023.

Traps
- The CN8 file holds only goods under an EU export ban on Russia: food, medicine and much else are absent from
  `goods.csv`.
- Code shares are those of EU sales, used for all origins: no monthly HS6 table of other origins under a clear
  licence was at hand.
- Listed codes that are not in that file (31 of 50) and drones carry an assumed weight (`observed` = assumed):
  half the median of the listed codes observed. Drones do not exist before 2022-01 (HS 2022), nor do other codes
  born then.
- The sources hold no weights and no units: value per kilogram is not here. The simulator's own figures are
  assumptions, in `simulate/calibration.py`, and say so.
- Buyers of exports leave out those of oil, gas, uranium and bulk metal (Italy, the Netherlands and so on)."""


def main() -> int:
    """Write the tables to both places."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=ROOT.parent / "shared" / "data")
    source = parser.parse_args().source
    trade = source / "trade"
    if not trade.is_dir():
        print(f"skipped: {trade} is absent, the committed tables stand")
        return 0
    names = _hs_names(ROOT / "data" / "hs" / "hs2022.csv")
    old = set(_hs_names(ROOT / "data" / "hs" / "hs2017.csv"))
    with (ROOT / "data" / "lists" / "chpl.csv").open(encoding="utf-8") as file:
        listed = [row["hs6"] for row in csv.DictReader(file)] + list(DRONES)
    series = _series(trade, names)
    top = sorted(series, key=lambda code: (-sum(series[code].values()), code))[:TOP]
    chosen = sorted({*top, *listed})
    median = sorted(fmean(series[code].values()) for code in listed if code in series)
    assumed = median[len(median) // 2] / 2
    national = _national(ROOT / "data" / "tnved" / "tnved_eaeu_ru_2022.csv.gz")
    goods: list[list[object]] = []
    levels: dict[str, list[float]] = {}
    for code in chosen:
        born = "" if code in old else "2022-01"
        text, unit = names[code]
        goods.append(
            [code, national.get(code, code), UNITS.get(unit, "KGM"), born, "yes" if code in series else "assumed", text]
        )
        levels[code] = [_level(series.get(code), month, born, assumed) for month in MONTHS]
    totals = [sum(column) for column in zip(*levels.values(), strict=True)]
    shares: list[list[object]] = [
        [code, *(round(value * 1_000_000 / total) for value, total in zip(row, totals, strict=True))]
        for code, row in levels.items()
    ]
    tables: dict[str, tuple[list[str], list[list[object]]]] = {
        "goods.csv": (["hs6", "commodity_code", "unit", "from_month", "observed", "description"], goods),
        "hs6_months.csv": (["hs6", *MONTHS], shares),
        "months.csv": (["period", "index", "observed"], _months(trade)),
        "partners.csv": (["country", "flow", "year", "share"], _partners(trade)),
        "eu_members.csv": (["chapter", "country", "share"], _members(trade)),
    }
    for target in TARGETS:
        target.mkdir(parents=True, exist_ok=True)
        for name, (header, rows) in tables.items():
            with (target / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(header)
                writer.writerows(rows)
        (target / "SOURCE.md").write_text(SOURCE, encoding="utf-8")
    print(f"{len(goods)} codes, {len(MONTHS)} months, written to {' and '.join(map(str, TARGETS))}")
    return 0


def _hs_names(path: Path) -> dict[str, tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        return {
            row["code"]: (row["description_en"], row["standard_unit"])
            for row in csv.DictReader(file)
            if row["digits"] == "6"
        }


def _national(path: Path) -> dict[str, str]:
    with gzip.open(path, "rb") as raw:
        rows = csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8"))
        lines = sorted(row["code"] for row in rows if row["level"] == "line")
    found: dict[str, str] = {}
    for code in lines:
        found[code[:6]] = code
    return found


def _rows(sql: str) -> list[tuple[Any, ...]]:
    found = duckdb.sql(sql)
    assert found is not None
    rows: list[tuple[Any, ...]] = found.fetchall()
    return rows


def _series(trade: Path, names: dict[str, tuple[str, str]]) -> dict[str, dict[str, float]]:
    file = trade / "eurostat_cn8_sanctioned_2020_2022" / "eu_exports_cn8_monthly.parquet"
    found: dict[str, dict[str, float]] = {}
    sql = f"SELECT hs6, period, sum(value_eur) FROM '{file}' WHERE partner = 'KZ' GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608
    for code, period, value in _rows(sql):
        if code in names:
            found.setdefault(code, {})[period] = float(value)
    return found


def _level(series: dict[str, float] | None, month: str, born: str, assumed: float) -> float:
    if born and month < born:
        return 0.0
    if series is None:
        return assumed
    window = MONTHS if not born else [each for each in MONTHS if each >= born]
    if month < PRE_WAR[0]:
        wanted = [each for each in window if PRE_WAR[0] <= each <= PRE_WAR[1]]
    elif month > POST_BREAK[1]:
        wanted = [each for each in window if POST_BREAK[0] <= each <= POST_BREAK[1]]
    else:
        index = MONTHS.index(month)
        wanted = [each for each in MONTHS[index - 1 : index + 2] if PRE_WAR[0] <= each <= POST_BREAK[1]]
    return fmean(series.get(each, 0.0) for each in wanted) if wanted else 0.0


def _months(trade: Path) -> list[list[object]]:
    file = trade / "eurostat_totals_2010_2024" / "eu_exports_total_monthly.parquet"
    sql = (
        f"SELECT period, sum(value_eur) FROM '{file}' WHERE partner = 'KZ' AND reporter = 'EU27_2020' "  # noqa: S608
        "GROUP BY 1 ORDER BY 1"
    )
    observed = {str(period): float(value) for period, value in _rows(sql)}
    base = fmean(observed[month] for month in MONTHS if month.startswith("2021"))
    level = dict(observed)
    rows: list[list[object]] = []
    for month in MONTHS:
        if month not in level:
            level[month] = level[f"{int(month[:4]) - 1}{month[4:]}"]
        rows.append([month, round(level[month] * 1000 / base), "yes" if month in observed else "extended"])
    return rows


def _partners(trade: Path) -> list[list[object]]:
    path = trade / "kz_bns_by_partner_2018_2023" / "kz_trade_by_partner.csv"
    with path.open(encoding="utf-8") as file:
        source = list(csv.DictReader(file))
    rows: list[list[object]] = []
    for flow, wanted in (("import", SELLERS), ("export", BUYERS)):
        for year in range(2019, 2024):
            found = {
                wanted[row["partner_ru"]]: float(row[f"{flow}_kusd"] or 0)
                for row in source
                if int(row["year"]) == year and row["partner_ru"] in wanted
            }
            total = sum(found.values())
            rows += [[code, flow, year, round(found[code] * 1_000_000 / total)] for code in sorted(found)]
    return rows


def _members(trade: Path) -> list[list[object]]:
    file = trade / "eurostat_cn8_sanctioned_2020_2022" / "eu_exports_cn8_monthly.parquet"
    sql = (
        "SELECT substr(hs6, 1, 2) AS chapter, reporter, sum(value_eur) AS value, "  # noqa: S608
        "sum(sum(value_eur)) OVER (PARTITION BY substr(hs6, 1, 2)) AS total "
        f"FROM '{file}' WHERE partner = 'KZ' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    shares = [
        (chapter, country, round(float(value) * 1_000_000 / float(total)))
        for chapter, country, value, total in _rows(sql)
    ]
    return [[chapter, country, share] for chapter, country, share in shares if share >= 5_000]  # noqa: PLR2004


if __name__ == "__main__":
    sys.exit(main())
