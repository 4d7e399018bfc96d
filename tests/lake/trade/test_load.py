"""Files into the lake: what is taken, what is refused with its row and column, and that a refused file changes
nothing."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keruen.errors import InvalidInput
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.series import flows, money

HEADER = "reporter,partner,period,cn8,hs6,value_eur"
GOOD = ("DE,KZ,2022-01,85423190,854231,100", "DE,KZ,2022-02,85423190,854231,110", "FR,KZ,2022-02,01012100,010121,7")
COMTRADE = {
    "period": 202201,
    "reporterCode": 398,
    "flowCode": "X",
    "partnerCode": 643,
    "partner2Code": 0,
    "classificationCode": "H6",
    "cmdCode": "854231",
    "customsCode": "C00",
    "motCode": 0,
    "mosCode": "0",
    "qtyUnitAbbr": "u",
    "qty": 10.0,
    "netWgt": 2.5,
    "isNetWgtEstimated": False,
    "isQtyEstimated": False,
    "legacyEstimationFlag": 0,
    "primaryValue": 1234.5,
    "isReported": True,
    "isAggregate": False,
}


def write(folder: Path, *rows: str, name: str = "exports.csv", header: str = HEADER) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
    return path


def contents(lake: Lake) -> list[tuple[Any, ...]]:
    rows = [row for source in lake.sources() for row in lake.rows(lake.facts(source))]
    return sorted((r["source"], r["period"], r["reporter"], r["partner"], r["product"], r["value"]) for r in rows)


def test_a_row_names_its_file_and_row(lake: Lake, tmp_path: Path) -> None:
    load(lake, write(tmp_path, *GOOD))
    facts = lake.facts("eurostat-products")
    row = lake.rows(facts.filter(facts.reporter == "FR"))[0]
    assert row["file"].startswith("exports.csv#")
    assert row["row"] == 4
    assert (row["product"], row["value"], row["hs_edition"]) == ("01012100", Decimal(7), "HS2022")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("DE,KZ,2022-01,1012100,10121,5", "row 5, column cn8: .*leading nought was lost"),
        ("DE,KZ,2022-01,85423290,854232,-5", "row 5, column value_eur: .*nought or more"),
        ("DE,KZ,2022-01,85423290,854232,five", "row 5, column value_eur: .*a number"),
        ("DE,KZ,2022-01,85423290,854232,", "row 5, column value_eur: "),
        ("DE,Atlantis,2022-01,85423290,854232,5", "row 5, column partner: 'Atlantis' is no country"),
        ("DE,KZ,2022-13,85423290,854232,5", "row 5, column period: "),
        ("DE,KZ,2022-01,85423190,854231,100", "row 5, column cn8: .*stands already in row 2"),
        ("DE,KZ,2022-01,8542", "row 5, column value_eur: .*as many columns"),
    ],
)
def test_a_bad_row_is_refused_and_the_lake_is_as_it_was(lake: Lake, tmp_path: Path, row: str, said: str) -> None:
    load(lake, write(tmp_path, *GOOD))
    before = contents(lake)
    with pytest.raises(InvalidInput, match=said):
        load(lake, write(tmp_path / "more", *GOOD, row))
    assert contents(lake) == before
    assert not list((lake.root / "incoming").glob("*"))


def test_another_delimiter_is_named(lake: Lake, tmp_path: Path) -> None:
    path = write(tmp_path, *(row.replace(",", ";") for row in GOOD), header=HEADER.replace(",", ";"))
    with pytest.raises(InvalidInput, match="row 1: columns are separated by ';'"):
        load(lake, path)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "json", "parquet"])
def test_half_a_download_is_refused(lake: Lake, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"half.{kind}"
    text = "\n".join((HEADER, *GOOD)) + "\n"
    if kind == "csv":
        path.write_text(text[:-3])
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(text.encode())[:-12])
    elif kind == "json":
        path.write_text(json.dumps({"count": 1, "data": [COMTRADE]})[:-9])
    else:
        path.write_bytes(b"PAR1" + b"\0" * 50)
    with pytest.raises(InvalidInput):
        load(lake, path)
    assert lake.sources() == []


def test_mixed_editions_are_refused(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps({"count": 1, "data": [COMTRADE | {"cmdCode": "851713", "classificationCode": "H5"}]}))
    with pytest.raises(InvalidInput, match="row 1, column cmdcode: 851713 is a code of HS2022"):
        load(lake, path)


def test_a_comtrade_answer_is_read_with_its_basis_and_breakdowns_are_left_out(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"count": 2, "data": [COMTRADE, COMTRADE | {"motCode": 1000, "primaryValue": 1000.0}]}))
    done = load(lake, path)
    row = lake.rows(lake.facts("comtrade"))[0]
    assert (done.load.rows, done.load.left_out) == (1, 1)
    assert (row["reporter"], row["partner"], row["partner2"], row["period"]) == ("KZ", "RU", "*WORLD", "2022-01")
    assert (row["valuation"], row["value"], row["mass_kg"], row["unit"]) == (
        "FOB",
        Decimal("1234.5"),
        Decimal("2.5"),
        "u",
    )


def test_a_baci_file_says_its_edition_in_its_name(lake: Lake, tmp_path: Path) -> None:
    rows = ("2021,842,643,010121,1.5,0.2", "2021,276,398,854231,10,NA")
    load(lake, write(tmp_path, *rows, name="BACI_HS17_Y2021_V202401.csv", header="t,i,j,k,v,q"))
    found = {row["product"]: row for row in lake.rows(lake.facts("baci"))}
    assert (found["010121"]["reporter"], found["010121"]["value"], found["010121"]["mass_kg"]) == ("US", 1500, 200)
    assert (found["854231"]["hs_edition"], found["854231"]["mass_kg"]) == ("HS2017", None)


def test_a_comext_file_is_read(lake: Lake, tmp_path: Path) -> None:
    header = (
        "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,QUANTITY_KG,"
        "QUANTITY_SUPPL_UNIT"
    )
    load(
        lake,
        write(tmp_path, "EL,KZ,E,85423190,2,1,A,202203,55,1.5,3", "EL,KZ,E,85423190,2,2,A,202203,5,1,1", header=header),
    )
    rows = lake.rows(lake.facts("comext"))
    assert {(row["reporter"], row["flow"], row["period"]) for row in rows} == {("GR", "X", "2022-03")}
    assert sum(row["value"] for row in rows) == 60


def test_a_file_in_another_encoding_is_refused_with_its_row(lake: Lake, tmp_path: Path) -> None:
    path = write(tmp_path, *GOOD)
    path.write_bytes(path.read_bytes() + "DE,C\u00f4te d'Ivoire,2022-02,85423190,854231,5\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"row 5, column .*not UTF-8"):
        load(lake, path)


def test_an_sdmx_cell_without_a_value_is_left_out_and_is_no_nought(lake: Lake, tmp_path: Path) -> None:
    header = "DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE,OBS_FLAG"
    begin = "ESTAT:DS-045409(1.0),21/01/23 11:00:00,M,DE,KZ"
    rows = (
        f"{begin},85423190,2,VALUE_IN_EUROS,2022-03,100,",
        f"{begin},85423190,2,QUANTITY_IN_100KG,2022-03,7,",
        f"{begin},85423290,2,VALUE_IN_EUROS,2022-03,,c",
    )
    done = load(lake, write(tmp_path, *rows, header=header))
    assert (done.load.rows, done.load.left_out) == (1, 2)
    row = lake.rows(lake.facts("comext"))[0]
    assert (row["flow"], row["product"], row["value"], row["row"]) == ("X", "85423190", 100, 2)


def test_a_bulk_file_of_comtrade_is_read_with_tabs(lake: Lake, tmp_path: Path) -> None:
    names = [name for name in COMTRADE if name != "qtyUnitAbbr"]
    line = "\t".join(str(COMTRADE[name]) for name in names)
    load(lake, write(tmp_path, line, name="bulk.txt", header="\t".join(names)))
    row = lake.rows(lake.facts("comtrade"))[0]
    assert (row["product"], row["value"], row["unit"], row["row"]) == ("854231", Decimal("1234.5"), None, 2)


def test_an_old_comext_file_is_read(lake: Lake, tmp_path: Path) -> None:
    header = (
        "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,FLOW,STAT_REGIME,SUPP_UNIT,PERIOD,"
        "VALUE_IN_EUROS,QUANTITY_IN_KG,SUP_QUANTITY"
    )
    load(lake, write(tmp_path, "004,DE,079,KZ,E,85423190,2,1,A,201903,100,2,3", name="full201903.dat", header=header))
    row = lake.rows(lake.facts("comext"))[0]
    assert (row["period"], row["reporter"], row["hs_edition"], row["mass_kg"]) == ("2019-03", "DE", "HS2017", 2)


def test_refresh_of_one_month_touches_only_that_month(lake: Lake, tmp_path: Path) -> None:
    load(lake, write(tmp_path, *GOOD))
    january = [each.files for each in lake.catalogue().partitions if each.period == "2022-01"]
    done = load(lake, write(tmp_path / "new", "DE,KZ,2022-02,85423190,854231,120", "FR,KZ,2022-02,01012100,010121,8"))
    assert done.touched == ("2022-02",)
    assert [each.files for each in lake.catalogue().partitions if each.period == "2022-01"] == january
    assert [row[-1] for row in contents(lake)] == [100, 120, 8]


def test_another_partner_is_added_beside_those_that_are_there(lake: Lake, tmp_path: Path) -> None:
    load(lake, write(tmp_path, *GOOD))
    load(lake, write(tmp_path / "new", "DE,KG,2022-02,85423190,854231,9"))
    assert len(contents(lake)) == 4


def test_the_same_file_again_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    path = write(tmp_path, *GOOD)
    load(lake, path)
    before = lake.catalogue()
    assert load(lake, path).unchanged
    assert lake.catalogue() == before


def test_levels_are_never_added_and_aggregates_never_mixed_with_countries(lake: Lake, tmp_path: Path) -> None:
    header = "reporter,partner,period,flow,product,value_eur"
    load(
        lake,
        write(
            tmp_path,
            "DE,KZ,2022-01,EXPORT,8542,100",
            "DE,KZ,2022-01,EXPORT,854231,60",
            "DE,KZ,2022-01,EXPORT,TOTAL,500",
            "EU27_2020,KZ,2022-01,EXPORT,8542,900",
            header=header,
        ),
    )

    def total(level: int) -> float:
        table = flows(lake, "eurostat-chapters", level=level)
        return float(lake.rows(table.aggregate(value=money(table.value)))[0]["value"])

    assert (total(0), total(4), total(6)) == (500, 100, 60)
