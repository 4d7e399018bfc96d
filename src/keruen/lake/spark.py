"""A Spark session that runs Keruen's own code; the only module that knows how Spark is started."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from keruen.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

LOCAL = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
"""On one machine nothing listens where others could reach it."""


@contextmanager
def session(master: str, **settings: str) -> Iterator[SparkSession]:
    """A session, ended afterwards.

    Args:
        master: `spark://host:7077`, `yarn`, `local[2]`, or `local-cluster[workers,cores,MiB]`. Keruen must be installed
            on every machine, at the same version and with the same interpreter.
        settings: Of Spark, with `__` where it writes a dot.

    Raises:
        Unavailable: PySpark or Java is not there, or the master does not answer.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise Unavailable(
            "PySpark is not installed here: install it with `pip install pyspark`, and Java 17", code="spark_missing"
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    chosen = {key.replace("__", "."): value for key, value in settings.items()}
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        chosen = LOCAL | chosen
    builder = SparkSession.builder.master(master).appName("keruen")
    for key, value in chosen.items():
        builder = builder.config(key, value)
    try:
        made = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError, RuntimeError) as error:
        raise Unavailable(
            f"Spark did not start at {master}: {reason(error)}. Is Java 17 there, and does the master answer?",
            code="spark_start",
            master=master,
        ) from error
    try:
        yield made
    finally:
        made.stop()


def reason(error: Exception) -> str:
    """The line that says what went wrong, out of the pages that come back from Java."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("An error occurred while calling", "at "))]
    return ([*told, *lines, type(error).__name__])[0][:300]
