"""A session of Spark in which times are what they are at rest, and verdicts as it reads them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from lampwatch.formats.tables_schema import INTEGER, TEXT, TEXTS, TIME, VERDICT

SETTINGS: Final[Mapping[str, str]] = {
    "spark.sql.session.timeZone": "UTC",
    # A time at rest is UTC and has no zone, also where an expression makes one.
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
}
"""What every session must have, or engines would not agree."""

_TYPES: Final = {TEXT: "string", INTEGER: "bigint", TIME: "timestamp_ntz", TEXTS: "array<string>"}


def open_session(master: str | None = None, settings: Mapping[str, str] | None = None) -> SparkSession:
    """A session with SETTINGS, and more where given; the one that runs already, if any.

    master is as Spark writes it (`local[2]`, `spark://host:7077`); None leaves it to Spark's own configuration. On this
    machine workers run this Python; on others, the one that PYSPARK_PYTHON names. Raises what pyspark raises where
    there is no Java.
    """
    builder = SparkSession.builder.appName("lampwatch")
    if master is not None:
        builder = builder.master(master)
    for name, value in {**SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    if (session.sparkContext.master or "").startswith("local"):
        session.sparkContext.pythonExec = sys.executable
    return session


def verdicts_in(spark: SparkSession, folder: Path | str) -> DataFrame:
    """The verdicts of a folder of Parquet files with the columns of `tables_schema.VERDICT`."""
    return _typed(spark.read.parquet(str(folder)))


def verdicts_of(spark: SparkSession, rows: pa.Table) -> DataFrame:
    """The verdicts of a table with the columns of `tables_schema.VERDICT`."""
    return _typed(spark.createDataFrame(rows))


def _typed(verdict: DataFrame) -> DataFrame:
    return verdict.select([verdict[field.name].cast(_TYPES[field.type]) for field in VERDICT])
