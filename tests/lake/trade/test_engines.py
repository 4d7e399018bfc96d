"""Every question gives the same figures on Spark as on DuckDB, to a thousandth of a millionth."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worlds
from keruen.errors import InvalidInput
from keruen.lake.trade import engine, rest
from keruen.lake.trade.lake import Lake
from keruen.lake.trade.load import load
from keruen.lake.trade.series import last

spark = [pytest.mark.spark, pytest.mark.filterwarnings("default")]
MASTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Lake]]:
    if shutil.which("java") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Java, and CI may not go without: tools/install-java.sh")
        pytest.skip("no Java here: tools/install-java.sh puts it there")
    folder: Path = tmp_path_factory.mktemp("both")
    here = Lake(folder / "lake")
    load(here, worlds.write(folder / worlds.NAME, worlds.rows()))
    load(here, worlds.write(folder / "totals.csv", worlds.totals()), source="totals")
    there = Lake(folder / "lake", MASTER)
    yield here, there
    there.close()
    here.close()


@pytest.mark.parametrize("name", [pytest.param(name, marks=spark) for name in worlds.QUESTIONS])
def test_spark_gives_what_duckdb_gives(both: tuple[Lake, Lake], name: str) -> None:
    mine, theirs = (worlds.ordered(lake.rows(worlds.questions(lake)[name])) for lake in both)
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        assert one.keys() == other.keys()
        for column, value in one.items():
            same(value, other[column], column)


@pytest.mark.spark
@pytest.mark.filterwarnings("default")
def test_spark_gives_what_duckdb_gives_of_the_goods_beside_an_extract(both: tuple[Lake, Lake]) -> None:
    asked = {"source": "comtrade", "totals": "totals", "reporters": worlds.ORIGINS, "partners": ["KZ", "RU"]}
    mine, theirs = (lake.rows(last(rest.steps(lake, **asked))) for lake in both)  # type: ignore[arg-type]
    assert mine == theirs
    assert len(mine) == 48
    assert all(row["rest"] == row["listed"] == row["total"] / 2 for row in mine)


def same(one: Any, other: Any, column: str) -> None:
    if isinstance(one, float) and other is not None:
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9), column
    else:
        assert other == one, column


def test_what_an_engine_cannot_do_is_listed_with_its_reason() -> None:
    assert all(reason for of_engine in engine.CANNOT.values() for reason in of_engine.values())


def test_another_engine_is_refused() -> None:
    with pytest.raises(InvalidInput, match="duckdb or spark"):
        engine.open_engine("polars")
