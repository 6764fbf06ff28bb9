"""One commit: the rows of one archive frame, whole measurements at a time, in one transaction."""

from collections.abc import Mapping
from typing import Any, Final

import duckdb
import pyarrow as pa

from lampwatch.formats.tables_schema import OBSERVATIONS, SCHEMAS
from lampwatch.store.duckdb import rollups
from lampwatch.store.rows import Committed, Progress
from lampwatch.store.segment import Locator

_PARTS: Final = ("verdict", *OBSERVATIONS)
"""Tables whose rows belong to a measurement by its uid."""
_SORTED: Final = {"verdict": " ORDER BY probe_cc, target, probe_asn", "measurement": " ORDER BY probe_cc, probe_asn"}
"""Rows that lie together are skipped together: DuckDB keeps the least and the greatest of every 122,880."""
_WITHIN: Final = {"verdict": "uid, target"} | dict.fromkeys(OBSERVATIONS, "uid, vantage, n")

Cursor = duckdb.DuckDBPyConnection


def commit(
    cursor: Cursor,
    tables: Mapping[str, pa.RecordBatch | pa.Table],
    locator: Locator | None,
    *,
    replace: bool,
    progress: Mapping[str, Progress],
) -> Committed:
    """Do it all, or nothing. Raises what DuckDB raises, after the transaction is rolled back."""
    cursor.begin()
    try:
        for name, schema in SCHEMAS.items():
            cursor.register(f"given_{name}", _table(tables.get(name), schema))
        committed = _take_in(cursor, locator, replace=replace)
        for source, reached in progress.items():
            cursor.execute("DELETE FROM progress WHERE source = ?", [source])
            cursor.execute(
                "INSERT INTO progress VALUES (?, ?, ?, ?)",
                [source, reached.identity, reached.position, reached.finished],
            )
    except BaseException:
        cursor.rollback()
        raise
    cursor.commit()
    for name in SCHEMAS:
        cursor.unregister(f"given_{name}")
    return committed


def _table(rows: pa.RecordBatch | pa.Table | None, schema: pa.Schema) -> pa.Table:
    if rows is None:
        return schema.empty_table()
    return pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows


def _take_in(cursor: Cursor, locator: Locator | None, *, replace: bool) -> Committed:
    place = _place(locator)
    given = _number(cursor, "SELECT count(*) FROM given_measurement")
    days = _texts(cursor, "SELECT DISTINCT day FROM given_measurement")
    # `chosen` holds each measurement to write once; where a batch brings the same bytes twice, the first counts.
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE chosen AS SELECT * FROM given_measurement"
        " QUALIFY row_number() OVER (PARTITION BY uid ORDER BY n) = 1"
    )
    distinct = _number(cursor, "SELECT count(*) FROM chosen")
    there = 0
    if replace:
        there = _remove(cursor, place, days)
    elif given:
        cursor.execute(
            "DELETE FROM chosen WHERE uid IN (SELECT uid FROM measurement WHERE day IN $days)", {"days": days}
        )
        there = distinct - _number(cursor, "SELECT count(*) FROM chosen")
    fresh = distinct if replace else distinct - there
    if fresh:
        _insert(cursor, place, all_of_it=fresh == given, once=distinct == given)
    if replace:
        _recount(cursor, days)
    elif fresh:
        rollups.add(cursor, "fresh_verdict")
    states = cursor.execute("SELECT state, count(*) FROM fresh_verdict GROUP BY ALL").fetchall() if fresh else []
    added = distinct - there
    return Committed(added, given - added, dict(states), _set_aside(cursor, place))


def _insert(cursor: Cursor, place: dict[str, Any], *, all_of_it: bool, once: bool) -> None:
    """Write the chosen measurements and all that belongs to them. Without doubt about them, nothing is joined."""
    cursor.execute(
        f"INSERT INTO measurement SELECT *, $segment, $offset, $length FROM chosen{_SORTED['measurement']}", place
    )
    for name in _PARTS:
        source = f"given_{name}"
        if not all_of_it:
            source = f"(SELECT * FROM {source} WHERE uid IN (SELECT uid FROM chosen))"
        if not once:
            source = f"(SELECT DISTINCT ON ({_WITHIN[name]}) * FROM {source} AS rows)"
        if name == "verdict":
            cursor.execute(f"CREATE OR REPLACE TEMP TABLE fresh_verdict AS SELECT * FROM {source} AS rows")
            source = "fresh_verdict"
        cursor.execute(f"INSERT INTO {name} SELECT * FROM {source} AS rows{_SORTED.get(name, '')}")
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE named AS"
        " SELECT probe_asn, any_value(network_name) AS network_name FROM chosen WHERE network_name <> '' GROUP BY ALL"
    )
    cursor.execute(
        "MERGE INTO network AS old USING named ON old.probe_asn = named.probe_asn"
        " WHEN MATCHED AND old.network_name <> named.network_name THEN UPDATE SET network_name = named.network_name"
        " WHEN NOT MATCHED THEN INSERT"
    )


def _remove(cursor: Cursor, place: dict[str, Any], days: list[str]) -> int:
    """Take out what is there of the chosen measurements and of this frame; how many of the chosen were there."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE gone AS SELECT uid, day FROM measurement"
        " WHERE (day IN $days AND uid IN (SELECT uid FROM chosen))"
        " OR (segment = $segment AND frame_offset = $offset)",
        {"days": days, "segment": place["segment"], "offset": place["offset"]},
    )
    gone_days = _texts(cursor, "SELECT DISTINCT day FROM gone")
    gone = {"days": gone_days}
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE old_verdict AS"
        " SELECT * FROM verdict WHERE day IN $days AND uid IN (SELECT uid FROM gone)",
        gone,
    )
    if gone_days:
        for name in ("measurement", *_PARTS):
            cursor.execute(f"DELETE FROM {name} WHERE day IN $days AND uid IN (SELECT uid FROM gone)", gone)
    cursor.execute(
        "DELETE FROM quarantine WHERE segment = $segment AND frame_offset = $offset",
        {"segment": place["segment"], "offset": place["offset"]},
    )
    return _number(cursor, "SELECT count(*) FROM gone WHERE uid IN (SELECT uid FROM chosen)")


def _recount(cursor: Cursor, days: list[str]) -> None:
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS"
        " SELECT probe_cc, target, probe_asn, day, start_time FROM old_verdict"
        " UNION ALL SELECT probe_cc, target, probe_asn, day, start_time FROM given_verdict"
    )
    rollups.recount(cursor, "changed", sorted({*days, *_texts(cursor, "SELECT DISTINCT day FROM old_verdict")}))


def _set_aside(cursor: Cursor, place: dict[str, Any]) -> dict[str, int]:
    if not _number(cursor, "SELECT count(*) FROM given_quarantine"):
        return {}
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE aside AS SELECT DISTINCT ON (id) * FROM given_quarantine"
        " WHERE id NOT IN (SELECT id FROM quarantine)"
    )
    cursor.execute(
        "INSERT INTO quarantine SELECT *, CASE WHEN n < 0 THEN '' ELSE $segment END, $offset, $length FROM aside",
        place,
    )
    return dict(cursor.execute("SELECT reason, count(*) FROM aside GROUP BY ALL").fetchall())


def _place(locator: Locator | None) -> dict[str, Any]:
    if locator is None:
        return {"segment": "", "offset": 0, "length": 0}
    return {"segment": locator.segment, "offset": locator.offset, "length": locator.length}


def _number(cursor: Cursor, sql: str) -> int:
    row = cursor.execute(sql).fetchone()
    return int(row[0]) if row is not None else 0


def _texts(cursor: Cursor, sql: str) -> list[str]:
    return [row[0] for row in cursor.execute(sql).fetchall()]
