"""Votes on a cluster: the expressions of `store.votes` as Spark runs them, and detection country by country."""

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as spark_functions
from pyspark.sql.pandas.types import from_arrow_schema

from lampwatch.formats.vote_tables import EVIDENCE, Evidence
from lampwatch.store import votes as expressions
from lampwatch.store.query import ALWAYS, Window

_VERDICT: Final = "lampwatch_verdict"
_VOTE: Final = "lampwatch_vote"
_PART: Final = "part"
_FOR: Final = expressions.FOR


def votes(verdict: DataFrame) -> DataFrame:
    """Count verdicts, as `formats.vote_tables.VOTE`. Whoever asks more than once of them persists them."""
    return _run(verdict, _VERDICT, expressions.votes(expressions.verdicts(_VERDICT)))


def evidence(
    vote: DataFrame,
    window: Window = ALWAYS,
    countries: Collection[str] | None = None,
    targets: Collection[str] | None = None,
) -> dict[str, DataFrame]:
    """What detection of blocking looks at, by the names of `Evidence`; asked as `Reading.evidence` is."""
    asked = expressions.evidence(expressions.counted(_VOTE), window, countries, targets)
    return {name: _run(vote, _VOTE, table) for name, table in asked.items()}


def collected(tables: Mapping[str, DataFrame]) -> Evidence:
    """The same in this process, with the very schemas."""
    return Evidence(**{name: tables[name].toArrow().cast(schema) for name, schema in EVIDENCE.items()})


def by_country(
    vote: DataFrame,
    find: Callable[[str, Evidence], pa.Table],
    schema: pa.Schema,
    window: Window = ALWAYS,
    countries: Collection[str] | None = None,
) -> DataFrame:
    """Run a pure function for each country, on the cluster, and give the rows of all.

    find gets the country and its evidence, the same as `Reading.evidence` gives of this country alone, in any order;
    what it returns has the schema given. It is sent to the workers, so it must be a function that can be pickled.
    """
    asked = expressions.evidence(expressions.counted(_VOTE), window, countries)
    asked["coverage"] = expressions.coverage_by_country(expressions.counted(_VOTE), window, countries)
    parts = []
    for name, table in asked.items():
        rows = _run(vote, _VOTE, table).withColumn(_PART, spark_functions.lit(name))
        parts.append(rows if _FOR in rows.columns else rows.withColumn(_FOR, rows["probe_cc"]))
    every = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), parts)

    def found(key: tuple[Any, ...], rows: pa.Table) -> pa.Table:
        return find(key[0].as_py(), _parted(rows)).select(schema.names).cast(schema)

    return every.groupBy(_FOR).applyInArrow(found, from_arrow_schema(schema, prefer_timestamp_ntz=True))


def _parted(rows: pa.Table) -> Evidence:
    """The evidence in rows that each belong to one of its tables."""
    return Evidence(
        **{
            name: rows.filter(pc.equal(rows[_PART], pa.scalar(name))).select(schema.names).cast(schema)
            for name, schema in EVIDENCE.items()
        }
    )


def _run(rows: DataFrame, name: str, table: expressions.Table) -> DataFrame:
    """An expression over one table, which is these rows."""
    # Spark looks a view up once, when it reads the query: the name may be taken again right after.
    rows.createOrReplaceTempView(name)
    return rows.sparkSession.sql(expressions.sql(table, expressions.Dialect.SPARK))
