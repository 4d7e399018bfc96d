"""A file of parties screened on a cluster: every partition runs the code that a single machine runs.

The lists travel as the publishers' files; each Python process of the cluster reads and indexes them once, at its first
partition, and keeps them for the next. Matches are few, so they come back to the one who asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from keruen.errors import InvalidInput, Unavailable
from keruen.lake.spark import reason
from keruen.screening.batch import matches_of, parties_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from keruen.screening.screener import Screener


class Recipe(Protocol):
    """What a screener is made of; can be pickled."""

    def __call__(self) -> Screener:
        """Make it."""


def screen(
    spark: SparkSession, path: str, recipe: Recipe, on: date, limit: int, partitions: int | None = None
) -> tuple[int, list[dict[str, Any]]]:
    """Screen every party of a file.

    Args:
        spark: Session of the cluster.
        path: CSV or Parquet, a file or a folder of files, where every worker can read it.
        recipe: Of the screener.
        on: The day on which it is asked.
        limit: Matches of one party at most.
        partitions: Into how many parts; unset, four for every core, and as the file lies where that is more.

    Returns:
        How many rows there were, and a row of `screening.batch.RESULT` for each match, in the file's order: the same
        that one machine gives.

    Raises:
        InvalidInput: The file is neither, or a row of it cannot be understood.
        Unavailable: The cluster failed.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        rows = _frame(spark, path).rdd.zipWithIndex()
        wanted = partitions or max(rows.getNumPartitions(), 4 * spark.sparkContext.defaultParallelism)
        if wanted > rows.getNumPartitions():
            rows = rows.repartition(wanted)
        parties = rows.cache()
        lists = spark.sparkContext.broadcast((on, limit, recipe))
        found = parties.mapPartitions(_Partition(lists)).collect()
        count = parties.count()
        parties.unpersist()
        lists.destroy()
    except (PySparkException, Py4JError) as error:
        raise _wrong(error) from error
    return count, sorted(found, key=lambda each: (each["row"], -each["score"], each["list"], each["id"]))


class _Partition:
    """The work on one partition; pickled to the workers with a handle on the lists, not with the lists."""

    def __init__(self, lists: Broadcast[tuple[date, int, Recipe]]) -> None:
        self.lists = lists
        self.key = uuid4().hex

    def __call__(self, rows: Iterable[tuple[Any, int]]) -> Iterator[dict[str, Any]]:
        on, limit, recipe = self.lists.value
        for row, place in rows:
            # Asked for inside the loop: a partition without rows need not load lists.
            screener = _screener(self.key, recipe)
            yield from matches_of(screener, parties_in([row.asDict()], place + 2), on, limit)


_made: dict[str, Screener] = {}
"""The screener of this process, by its batch; one at a time, since lists take half a gigabyte."""


def _screener(key: str, recipe: Recipe) -> Screener:
    if key not in _made:
        _made.clear()
        _made[key] = recipe()
    return _made[key]


def _frame(spark: SparkSession, path: str) -> DataFrame:
    lower = path.rstrip("/").lower()
    if lower.endswith(".parquet"):
        return spark.read.parquet(path)
    if lower.endswith((".csv", ".csv.gz")):
        return spark.read.csv(path, header=True, multiLine=True, quote='"', escape='"', encoding="UTF-8")
    raise InvalidInput(
        f"{path}: on a cluster a file is CSV or Parquet; save it as one of them", code="spark_file", file=path
    )


def _wrong(error: Exception) -> InvalidInput | Unavailable:
    """What a row did wrong, out of the many lines that come back from a worker; else that the cluster failed."""
    text = str(error)
    lines = [line.split("InvalidInput: ", 1)[1].strip() for line in text.splitlines() if "InvalidInput: " in line]
    if lines:
        return InvalidInput(lines[0], code="spark_rows")
    return Unavailable(
        f"the cluster did not do the work: {reason(error)}. Does the master answer, and do its workers live?",
        code="spark_failed",
    )
