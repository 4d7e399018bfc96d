"""Other hubs in other years: the published data with countries renamed and a year added give the same findings.

Whatever the questions knew of Kazakhstan or of 2022 by heart would show here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from keruen.lake.trade import selftest
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load_all
from keruen.lake.trade.selftest import Finding

EXPORTS = {"KZ": "KG", "UZ": "AM", "BY": "GE"}
CARS = {"GE": "AM", "AM": "GE", "KZ": "KG", "KG": "KZ"}
CARS3 = {"GEO": "ARM", "ARM": "GEO", "KAZ": "KGZ", "KGZ": "KAZ"}
AREAS = {"reporter", "partner", "partner_iso3", "importer"}
PERIODS = {"period", "year", "file_year"}


def later(text: str) -> str:
    """The same a year later."""
    return re.sub(r"20[12]\d", lambda year: str(int(year[0]) + 1), text)


def renamed(path: Path, folder: Path) -> None:
    names = CARS | CARS3 if "vehicle" in path.name else EXPORTS
    if path.suffix == ".parquet":
        table = parquet.read_table(path)
        for at, name in enumerate(table.column_names):
            if name in AREAS | PERIODS:
                values = [later(each) if name in PERIODS else names.get(each, each) for each in table[name].to_pylist()]
                table = table.set_column(at, name, pa.array(values))
        parquet.write_table(table, folder / path.name)
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (folder / path.name.replace("kz_", "kg_")).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {
                    name: later(each) if name in PERIODS else names.get(each, each) if name in AREAS else each
                    for name, each in row.items()
                }
            )


@pytest.fixture(scope="module")
def elsewhere(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("elsewhere")
    for path in shared.rglob("*"):
        if path.suffix == ".parquet" or (path.suffix == ".csv" and path.stem not in {"products", "published_numbers"}):
            renamed(path, folder)
    lake = Lake(tmp_path_factory.mktemp("lake"))
    load_all(lake, [folder])
    yield lake
    lake.close()


def findings() -> list[Finding]:
    """Those that come with Keruen, of the other hubs and a year later."""
    made = []
    for each in selftest.findings(None):
        names = CARS if each.product.startswith("8703") else EXPORTS

        def other(text: str, names: dict[str, str] = names) -> str:
            return re.sub(r"\b[A-Z]{2}\b", lambda code: names.get(code[0], code[0]), text)

        period = "Mar-Nov 2022 2023" if each.period == "Mar-Nov" else later(each.period)
        value = later(each.value) if each.metric == "month of the break" else each.value
        made.append(replace(each, corridor=other(each.corridor), metric=later(each.metric), period=period, value=value))
    return made


@pytest.mark.parametrize("finding", findings(), ids=lambda finding: finding.id)
def test_a_finding_comes_out_of_another_hub_and_year(elsewhere: Lake, finding: Finding) -> None:
    found = selftest.check(elsewhere, finding)
    assert found.verdict == "agrees", found


def test_what_was_found_of_the_first_hub_is_not_at_hand_there(elsewhere: Lake) -> None:
    of_kazakhstan = [each for each in selftest.findings(None) if each.corridor == "EU->KZ"]
    assert {selftest.check(elsewhere, each).verdict for each in of_kazakhstan} == {"not at hand"}


def test_months_without_a_file_are_not_nought(elsewhere: Lake) -> None:
    found = selftest.check(elsewhere, next(each for each in selftest.findings(None) if each.id == "rm-11"))
    assert (found.verdict, found.note) == ("not at hand", "eurostat-products has no 2020-01 and 11 more")
