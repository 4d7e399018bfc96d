"""A batch on a small Spark cluster of this machine gives what one process gives."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from keruen.errors import InvalidInput
from keruen.lake import screening
from keruen.lake.spark import session
from keruen.model.party import Party
from keruen.screening.batch import matches_of, parties_in
from keruen.screening.screener import PairDecision, Verdict, entry_hash, fingerprint
from keruen.store.screeners import ListFiles, ScreenerRecipe

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("default")]

ON = date(2026, 3, 1)
DECIDED = datetime(2026, 2, 1, tzinfo=UTC)
LISTED = (
    "Ivan Petrov|person|1970-01-02|ru",
    "Қуатты Микросхема ЖШС|organisation||kz",
    "Sky Drone Trading LLC|organisation||ae",
    "محمد علي حسن|person|1965|iq",
    "深圳天空科技有限公司|organisation||cn",
)
HEARD = ("Petrov Ivan", "Quatty Mikroskhema TOO", "Sky Drones Trading", "Mohammed Ali Hassan", "Shenzhen Tiankong Keji")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Java, and CI may not go without: tools/install-java.sh")
        pytest.skip("no Java here: tools/install-java.sh puts it there")
    with session("local-cluster[2,1,1024]", spark__executor__memory="1g", spark__ui__showConsoleProgress="false") as it:
        it.sparkContext.setLogLevel("ERROR")
        yield it


@pytest.fixture(scope="module")
def recipe() -> ScreenerRecipe:
    rows = ["id,name,kind,dates,countries", *(f"{n},{line.replace('|', ',')}" for n, line in enumerate(LISTED))]
    plain = ScreenerRecipe((ListFiles((("own.csv", "\n".join(rows).encode()),)),))
    entry = plain().index.entry("own", "2")
    assert entry is not None
    apart = PairDecision(
        fingerprint(Party(("Sky Drones Trading",))),
        "own",
        "2",
        Verdict.NOT_SAME,
        entry_hash(entry),
        "officer",
        "seen",
        DECIDED,
    )
    return plain._replace(decisions=(apart,))


def rows_of_batch() -> list[dict[str, str]]:
    clean = [{"name": f"Honest Firm Number {n} of Almaty", "reference": f"c{n}"} for n in range(300)]
    for n, name in enumerate(HEARD):
        clean.insert(n * 50, {"name": name, "reference": f"h{n}", "kind": "", "dates": ""})
    return clean


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    if path.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        names = ("name", "reference", "kind", "dates")
        parquet.write_table(pa.table({name: [row.get(name, "") for row in rows] for name in names}), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, ("name", "reference", "kind", "dates"), restval="")
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_cluster_finds_what_one_process_finds(
    spark: Any, recipe: ScreenerRecipe, tmp_path: Path, suffix: str
) -> None:
    path = write(tmp_path / f"parties{suffix}", rows_of_batch())
    alone = list(matches_of(recipe(), parties_in(rows_of_batch()), ON, 5))
    rows, found = screening.screen(spark, str(path), recipe, ON, 5, partitions=8)
    assert rows == len(rows_of_batch())
    assert found == alone
    assert {each["reference"] for each in found} >= {"h0", "h1", "h3"}
    assert "h2" not in {each["reference"] for each in found}  # decided to be another


def test_the_work_is_done_by_two_workers(spark: Any) -> None:
    parts = spark.sparkContext.parallelize(range(64), 16).mapPartitions(lambda _: [os.getppid()]).collect()
    assert len(set(parts)) == 2


def test_a_row_that_cannot_be_understood_is_named(spark: Any, recipe: ScreenerRecipe, tmp_path: Path) -> None:
    rows = rows_of_batch()
    rows[6]["kind"] = "spaceship"
    with pytest.raises(InvalidInput, match="row 8: 'spaceship' is no kind"):
        screening.screen(spark, str(write(tmp_path / "bad.csv", rows)), recipe, ON, 5)


def test_a_file_of_another_kind_is_refused(spark: Any, recipe: ScreenerRecipe, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="CSV or Parquet"):
        screening.screen(spark, str(tmp_path / "parties.xlsx"), recipe, ON, 5)
