"""Reads of single rows: measurements, verdicts, observations, what is set aside, what was taken in."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

import datetime as dt
from collections.abc import Collection
from typing import Any, Final, TypeVar

import duckdb
import msgspec

from lampwatch.formats.tables_schema import OBSERVATIONS
from lampwatch.store.duckdb.conditions import Where, for_measurements, for_uid, for_verdicts
from lampwatch.store.query import Direction, MeasurementFilter, MeasurementOrder, VerdictFilter, VerdictOrder
from lampwatch.store.rows import (
    MeasurementRow,
    Progress,
    QuarantineCount,
    QuarantineRow,
    Snapshot,
    Totals,
    VerdictRow,
)

Row = TypeVar("Row", bound=msgspec.Struct)
Cursor = duckdb.DuckDBPyConnection

VERDICT_COLUMNS: Final = ", ".join(VerdictRow.__struct_fields__)
_RECENT: Final = dt.timedelta(days=2)
_SESSIONS: Final = 3
"""What so many sessions say of the time, no one of them has made up."""
_MEASUREMENT_COLUMNS: Final = ", ".join(MeasurementRow.__struct_fields__)


def rows(cursor: Cursor, kind: type[Row], sql: str, values: dict[str, Any]) -> list[Row]:
    """Run a query whose columns are the fields of a row type, in order."""
    return [kind(*row) for row in cursor.execute(sql, values).fetchall()]


def verdicts(
    cursor: Cursor, asked: VerdictFilter, order: VerdictOrder, direction: Direction, limit: int, offset: int
) -> list[VerdictRow]:
    """One page of verdicts."""
    where = for_verdicts(asked)
    ordered = f"ORDER BY {order.value} {direction.value}, uid {direction.value}, target"
    return rows(
        cursor,
        VerdictRow,
        f"SELECT {VERDICT_COLUMNS} FROM verdict{where.sql} {ordered} LIMIT $limit OFFSET $offset",
        where.values | {"limit": limit, "offset": offset},
    )


def count_verdicts(cursor: Cursor, asked: VerdictFilter) -> int:
    """How many verdicts there are of a kind."""
    return _count(cursor, "verdict", for_verdicts(asked))


def measurement(cursor: Cursor, uid: str) -> MeasurementRow | None:
    """One measurement's header."""
    where = for_uid(uid)
    sql = f"SELECT {_MEASUREMENT_COLUMNS} FROM measurement{where.sql}"
    return next(iter(rows(cursor, MeasurementRow, sql, where.values)), None)


def verdicts_of(cursor: Cursor, uid: str) -> list[VerdictRow]:
    """The verdicts of one measurement."""
    where = for_uid(uid)
    sql = f"SELECT {VERDICT_COLUMNS} FROM verdict{where.sql} ORDER BY target"
    return rows(cursor, VerdictRow, sql, where.values)


def observations_of(cursor: Cursor, uid: str) -> dict[str, list[dict[str, Any]]]:
    """The facts of one measurement, the probe's before the control's."""
    where = for_uid(uid)
    found = {}
    for kind, schema in OBSERVATIONS.items():
        columns = ", ".join(schema.names)
        sql = f"SELECT {columns} FROM {kind}{where.sql} ORDER BY vantage DESC, n"
        facts = cursor.execute(sql, where.values).fetchall()
        found[kind] = [dict(zip(schema.names, fact, strict=True)) for fact in facts]
    return found


def measurements(
    cursor: Cursor,
    asked: MeasurementFilter,
    order_by: MeasurementOrder,
    order: Direction,
    limit: int,
    offset: int,
) -> list[MeasurementRow]:
    """One page of measurements."""
    where = for_measurements(asked)
    return rows(
        cursor,
        MeasurementRow,
        f"SELECT {_MEASUREMENT_COLUMNS} FROM measurement{where.sql}"
        f" ORDER BY {order_by.value} {order.value}, uid {order.value} LIMIT $limit OFFSET $offset",
        where.values | {"limit": limit, "offset": offset},
    )


def count_measurements(cursor: Cursor, asked: MeasurementFilter) -> int:
    """How many measurements there are of a kind."""
    return _count(cursor, "measurement", for_measurements(asked))


def progress(cursor: Cursor, source: str) -> Progress | None:
    """How far a source has been taken in."""
    sql = "SELECT identity, position, finished FROM progress WHERE source = $source"
    return next(iter(rows(cursor, Progress, sql, {"source": source})), None)


def quarantine_summary(cursor: Cursor) -> list[QuarantineCount]:
    """Documents set aside by reason."""
    sql = "SELECT reason, count(*), count(DISTINCT source) FROM quarantine GROUP BY reason ORDER BY 2 DESC, 1"
    return rows(cursor, QuarantineCount, sql, {})


def quarantine(cursor: Cursor, limit: int, reason: str | None) -> list[QuarantineRow]:
    """Documents set aside."""
    where = Where().equal("reason", reason)
    columns = ", ".join(QuarantineRow.__struct_fields__)
    return rows(
        cursor,
        QuarantineRow,
        f"SELECT {columns} FROM quarantine{where.sql} ORDER BY reason, source, position, id LIMIT $limit",
        where.values | {"limit": limit},
    )


def known_set_aside(cursor: Cursor, ids: Collection[str]) -> set[str]:
    """Which of these documents, by id, are in the quarantine."""
    if not ids:
        return set()
    return {
        id_
        for (id_,) in cursor.execute(
            "SELECT id FROM quarantine WHERE id IN $ids", {"ids": list(ids)}
        ).fetchall()
    }


def snapshots(cursor: Cursor) -> list[Snapshot]:
    """Every snapshot recorded."""
    columns = ", ".join(Snapshot.__struct_fields__)
    return rows(
        cursor, Snapshot, f"SELECT {columns} FROM snapshot ORDER BY kind, loaded_at DESC, version", {}
    )


def totals(cursor: Cursor) -> Totals:
    """All that the store holds, in numbers; from the roll-ups, so that a page can show it each time."""
    (measured,) = _one(cursor, "SELECT count(*) FROM measurement")
    first, last = _one(cursor, "SELECT min(start_time), max(start_time) FROM measurement")
    (targets,) = _one(cursor, "SELECT count(DISTINCT target) FROM day_target")
    ok, down, blocked, unknown, countries, networks = _one(
        cursor,
        "SELECT coalesce(sum(ok), 0), coalesce(sum(down), 0), coalesce(sum(blocked), 0), coalesce(sum(unknown), 0),"
        " count(DISTINCT probe_cc), count(DISTINCT probe_asn) FILTER (WHERE probe_asn > 0) FROM day_network",
    )
    return Totals(
        ok=int(ok),
        down=int(down),
        blocked=int(blocked),
        unknown=int(unknown),
        measurements=measured,
        countries=countries,
        networks=networks,
        targets=targets,
        first=first,
        last=last,
    )


def last_measured(cursor: Cursor, until: dt.datetime) -> dt.datetime | None:
    """When the last measurement before a time began, on a day on which several sessions measured, if there is one."""
    given: dict[str, object] = {"until": until, "sessions": _SESSIONS}
    (last,) = _one(
        cursor, "SELECT max(start_time) FROM measurement WHERE start_time < $until", {"until": until}
    )
    if last is None or until - last <= _RECENT:
        found: dt.datetime | None = last
        return found
    # A measurement without a report id is a session of its own, as it is a voter.
    (last,) = _one(
        cursor,
        "SELECT max(start_time) FROM measurement WHERE start_time < $until GROUP BY CAST(start_time AS DATE)"
        " ORDER BY count(DISTINCT if(report_id = '', uid, report_id)) >= $sessions DESC, max(start_time) DESC LIMIT 1",
        given,
    )
    at: dt.datetime = last
    return at


def _count(cursor: Cursor, table: str, where: Where) -> int:
    (count,) = _one(cursor, f"SELECT count(*) FROM {table}{where.sql}", where.values)
    return int(count)


def _one(cursor: Cursor, sql: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
    row = cursor.execute(sql, values or {}).fetchone()
    return row if row is not None else ()


def network_names(cursor: Cursor) -> dict[int, str]:
    """Number -> name of each network that has one."""
    return dict(
        cursor.execute("SELECT probe_asn, network_name FROM network WHERE network_name <> ''").fetchall()
    )
