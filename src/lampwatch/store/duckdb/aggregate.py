"""Numbers of measurements along axes, as OONI's API counts them."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

from collections.abc import Sequence
from typing import Final

import duckdb

from lampwatch.model.errors import UserError
from lampwatch.store.duckdb.conditions import for_measurements, for_verdicts_of, is_about_targets
from lampwatch.store.query import Axis, Grain, MeasurementFilter
from lampwatch.store.rows import AggregateRow

MOST_AXES: Final = 2
_BY_TARGET: Final = {Axis.TARGET, Axis.CATEGORY, Axis.MECHANISM}
_AXES: Final = {
    Axis.COUNTRY: "probe_cc",
    Axis.NETWORK: "probe_asn",
    Axis.METHOD: "method",
    Axis.INPUT: "input",
    Axis.TARGET: "target",
    Axis.CATEGORY: "coalesce(category, '')",
    Axis.MECHANISM: "coalesce(mechanism, '')",
}
# A verdict counts for its measurement under the same names as a measurement's own columns.
_VERDICT_COLUMNS: Final = (
    "start_time, probe_cc, probe_asn, method, input, target, mechanism, state = 'blocked' AS anomaly,"
    " state = 'blocked' AND fingerprint <> '' AS confirmed, state = 'unknown' AS failure, state = 'down' AS down"
)
_MEASUREMENT_COLUMNS: Final = (
    "start_time, probe_cc, probe_asn, method, input, anomaly, confirmed, failure,"
    " list_contains(states, 'down') AND NOT anomaly AND NOT failure AS down"
)
_COUNTS: Final = (
    "count(*), count(*) FILTER (WHERE NOT anomaly AND NOT confirmed AND NOT failure),"
    " count(*) FILTER (WHERE down), count(*) FILTER (WHERE anomaly AND NOT confirmed AND NOT failure),"
    " count(*) FILTER (WHERE confirmed AND NOT failure), count(*) FILTER (WHERE failure)"
)


def aggregate(
    cursor: duckdb.DuckDBPyConnection, axes: Sequence[Axis], asked: MeasurementFilter, grain: Grain
) -> list[AggregateRow]:
    """Count measurements along up to two axes, ordered by them."""
    if len(axes) > MOST_AXES or len(set(axes)) != len(axes):
        names = ", ".join(axis.value for axis in axes)
        raise UserError(f"cannot count along {names}: name at most {MOST_AXES} different axes.")
    by_target = is_about_targets(asked) or not _BY_TARGET.isdisjoint(axes)
    where = for_verdicts_of(asked) if by_target else for_measurements(asked)
    table, columns = ("verdict", _VERDICT_COLUMNS) if by_target else ("measurement", _MEASUREMENT_COLUMNS)
    joined = " LEFT JOIN category USING (target)" if Axis.CATEGORY in axes else ""
    keys = [f"{_spelled(axis, grain)} AS axis_{place}" for place, axis in enumerate(axes)]
    ordered = " GROUP BY ALL ORDER BY ALL" if axes else ""
    found = cursor.execute(
        f"WITH counted AS (SELECT {columns} FROM {table}{where.sql})"
        f" SELECT {', '.join([*keys, _COUNTS])} FROM counted{joined}{ordered}",
        where.values,
    ).fetchall()
    return [AggregateRow(row[: len(axes)], *row[len(axes) :]) for row in found]


def _spelled(axis: Axis, grain: Grain) -> str:
    if axis is not Axis.DAY:
        return _AXES[axis]
    form = "%Y-%m-%dT%H:00:00Z" if grain is Grain.HOUR else "%Y-%m-%d"
    return f"strftime(date_trunc('{grain.value}', start_time), '{form}')"
