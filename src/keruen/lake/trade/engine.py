"""Engines that work out a question: DuckDB in this process, or Spark. Questions do not know which.

Both are given the same Ibis expression; only this module knows how each is started, reads files and hands back Arrow.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

from keruen.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ibis
    import pyarrow as pa

DUCKDB = "duckdb"
PREPARED = 64
"""Questions whose SQL is kept: making it takes Ibis longer than a small lake takes to answer."""
MEMORY = "2GB"
"""What DuckDB may take before it writes to disk; beside it the process needs some for itself."""

CANNOT: dict[str, dict[str, str]] = {
    DUCKDB: {},
    "spark": {
        "load": "files are read and checked by DuckDB on one machine, since rows must be numbered as they lie; "
        "workers read the Parquet files that come of it",
        "breaks, shift, permutation": "the series is summed by the engine and a few thousand figures at most come back; "
        "the statistics are numpy's on both",
        "alerts": "the sums come from the engine; placebo, dates and doubts of what is raised are put together in Python",
        "score": "a line is scored against tables that were worked out before and are held in memory",
    },
}
"""What an engine does not do itself, and why."""


class Engine(Protocol):
    """What a lake asks of an engine."""

    name: str

    def table(self, files: Sequence[str]) -> ibis.Table:
        """An Ibis table over Parquet files."""

    def run(self, expression: ibis.Table) -> pa.Table:
        """Work out an expression."""

    def close(self) -> None:
        """End it."""


class DuckDB:
    """DuckDB in this process."""

    name = DUCKDB

    def __init__(self) -> None:
        import ibis

        self._connection = ibis.duckdb.connect(memory_limit=MEMORY, temp_directory=tempfile.gettempdir())
        # An aggregate has no order of its own; keeping that of the files would cost memory.
        self._connection.raw_sql("SET preserve_insertion_order = false")
        self._prepared: OrderedDict[Any, tuple[str, pa.Schema]] = OrderedDict()

    def table(self, files: Sequence[str]) -> ibis.Table:
        """An Ibis table over Parquet files."""
        return self._connection.read_parquet(list(files), hive_partitioning=False)

    def run(self, expression: ibis.Table) -> pa.Table:
        """Work out an expression."""
        sql, schema = self._sql(expression)
        found = self._connection.con.sql(sql).to_arrow_table()
        return found if found.schema == schema else found.rename_columns(schema.names).cast(schema)

    def _sql(self, expression: ibis.Table) -> tuple[str, pa.Schema]:
        """The SQL of a question and the types of its answer, made once; tables in memory stay as long as it is kept."""
        key = expression.op()
        if key not in self._prepared:
            self._connection._run_pre_execute_hooks(expression)
            self._prepared[key] = str(self._connection.compile(expression)), expression.schema().to_pyarrow()
            if len(self._prepared) > PREPARED:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end(key)
        return self._prepared[key]

    def sql(self, expression: ibis.Table) -> str:
        """The SQL that is run."""
        return str(self._connection.compile(expression))

    def close(self) -> None:
        """End it."""
        self._prepared.clear()
        self._connection.disconnect()


class Spark:
    """A Spark cluster, by the session that `lake.spark` makes."""

    name = "spark"

    def __init__(self, master: str, **settings: str) -> None:
        import ibis

        from keruen.lake.spark import session

        options = {"spark__sql__session__timeZone": "UTC", "spark__ui__showConsoleProgress": "false", **settings}
        self._context = session(master, **options)
        self.session: Any = self._context.__enter__()
        self._connection = ibis.pyspark.connect(self.session)

    def table(self, files: Sequence[str]) -> ibis.Table:
        """An Ibis table over Parquet files."""
        name = f"trade_{abs(hash(tuple(files)))}"
        self.session.read.parquet(*files).createOrReplaceTempView(name)
        return self._connection.table(name)

    def run(self, expression: ibis.Table) -> pa.Table:
        """Work out an expression; it comes back in the types that the expression says."""
        self._connection._run_pre_execute_hooks(expression)
        found = self.session.sql(self._connection.compile(expression)).toArrow()
        return found.cast(expression.schema().to_pyarrow())

    def close(self) -> None:
        """End it."""
        self._context.__exit__(None, None, None)


def open_engine(master: str) -> Engine:
    """Start an engine.

    Args:
        master: `duckdb`, `spark://host:7077`, or a master that Spark knows, such as `local[2]`.

    Raises:
        InvalidInput: It is neither.
        Unavailable: The engine is not installed, or does not answer.
    """
    try:
        import ibis  # noqa: F401 - looked for here so that the message is ours
    except ModuleNotFoundError as error:
        raise Unavailable("questions need Ibis: install it with `pip install 'ibis-framework[duckdb]'`") from error
    if master == DUCKDB:
        return DuckDB()
    if master.startswith(("spark://", "local", "yarn", "k8s://")):
        return Spark(master)
    raise InvalidInput(f"the lake's engine is duckdb or spark://host:7077, not {master!r}", code="lake_engine")
