"""One commit: the rows of one archive frame, whole measurements at a time, in one transaction.

What to write is settled on the Arrow tables, since a statement costs a millisecond whatever it does; DuckDB is asked
once what is there, and then told what to write.
"""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

from collections.abc import Mapping
from typing import Any, Final

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.formats.tables_schema import OBSERVATIONS, SCHEMAS
from lampwatch.store.duckdb import categories, frames, upkeep, votes
from lampwatch.store.rows import Committed, Progress
from lampwatch.store.segment import Locator

_PARTS: Final = ("verdict", *OBSERVATIONS)
"""Tables whose rows belong to a measurement by its uid."""
_KEYS: Final = {"measurement": ["uid"], "verdict": ["uid", "target"]} | {
    kind: ["uid", "vantage", "n"] for kind in OBSERVATIONS
}
"""What tells the rows of one batch apart."""
_SORTED: Final = {"verdict": " ORDER BY probe_cc, target, probe_asn"}
"""Rows that lie together are skipped together: DuckDB keeps the least and the greatest of every 122,880."""

_DAY_OF_UID: Final = 8

Cursor = duckdb.DuckDBPyConnection
Tables = dict[str, pa.Table]
Place = dict[str, Any]
"""The locator as columns, bound by name."""


def commit(
    cursor: Cursor,
    given: Mapping[str, pa.RecordBatch | pa.Table],
    locator: Locator | None,
    *,
    replace: bool,
    progress: Mapping[str, Progress],
) -> Committed:
    """Do it all, or nothing. Raises what DuckDB raises, after the transaction is rolled back."""
    tables = {name: _table(given.get(name), schema) for name, schema in SCHEMAS.items()}
    segment, offset, length = msgspec.structs.astuple(locator) if locator else ("", 0, 0)
    place = {"segment": segment, "frame_offset": offset, "frame_length": length}
    cursor.begin()
    try:
        committed = _take_in(cursor, tables, place, replace=replace)
        if locator is not None:
            frames.remember(cursor, locator)
        for source, reached in progress.items():
            _remember(cursor, source, reached)
    except BaseException:
        cursor.rollback()
        raise
    cursor.commit()
    return committed


def _table(rows: pa.RecordBatch | pa.Table | None, schema: pa.Schema) -> pa.Table:
    if rows is None:
        return schema.empty_table()
    return pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows


def _take_in(cursor: Cursor, tables: Tables, place: Place, *, replace: bool) -> Committed:
    given = tables["measurement"].num_rows
    tables = _once(tables)
    uids = tables["measurement"]["uid"]
    there = measurements_there(cursor, uids)
    if replace:
        earlier = _of_earlier_frames(cursor, uids, place)
        tables, there = _without(tables, earlier), there - earlier
        _remove(cursor, place, there)
    else:
        tables = _without(tables, there)
    written = tables["measurement"].num_rows
    if written:
        _insert(cursor, tables, place)
    verdicts = tables["verdict"]
    if replace:
        upkeep.recount(cursor, verdicts)
    elif verdicts.num_rows:
        upkeep.add(cursor, verdicts)
    votes.mark(cursor, verdicts, replaced=replace)
    if verdicts.num_rows:
        categories.complete(cursor, pc.call_function("unique", [verdicts["target"]]).to_pylist())
    added = tables["measurement"].num_rows - (len(there) if replace else 0)
    return Committed(added, given - added, _counted(verdicts["state"]), _set_aside(cursor, tables, place))


def _once(tables: Tables) -> Tables:
    """Each measurement once, where a batch brings the same bytes twice."""
    if pc.count_distinct(tables["measurement"]["uid"]).as_py() == tables["measurement"].num_rows:
        return tables
    once = {}
    for name, keys in _KEYS.items():
        table = tables[name].append_column("_row", pa.array(range(tables[name].num_rows), pa.int64()))
        first = table.group_by(keys).aggregate([("_row", "min")])["_row_min"]
        once[name] = tables[name].take(first.combine_chunks().sort())
    return tables | once


def measurements_there(cursor: Cursor, uids: "pa.ChunkedArray[Any]") -> set[str]:
    """Which measurements, by uid, the store has already."""
    return (
        {uid for (uid,) in _of(cursor, uids, "SELECT uid FROM measurement").fetchall()}
        if len(uids)
        else set()
    )


def _of_earlier_frames(cursor: Cursor, uids: "pa.ChunkedArray[Any]", place: Place) -> set[str]:
    """Which measurements the store has from a frame before this one: the first arrival keeps its source and place."""
    if not len(uids):
        return set()
    found = _of(cursor, uids, "SELECT uid, segment, frame_offset FROM measurement").fetchall()
    here = (place["segment"], place["frame_offset"])
    return {uid for uid, segment, offset in found if segment and (segment, offset) < here}


def _of(cursor: Cursor, uids: "pa.ChunkedArray[Any]", statement: str) -> Cursor:
    """Run a statement on the rows of these measurements.

    A uid begins with its day, in just the eight bytes by which DuckDB tells what a row group can hold: bounds for each
    day make it read those days alone, and there is no index to pay for.
    """
    names: list[str] = uids.to_pylist()  # type: ignore[assignment]  # a uid is never null
    days = sorted({uid[:_DAY_OF_UID] for uid in names})
    bounds = " OR ".join(f"(uid >= $since_{n} AND uid < $until_{n})" for n in range(len(days)))
    since = {f"since_{n}": day for n, day in enumerate(days)}
    until = {f"until_{n}": day[:-1] + chr(ord(day[-1]) + 1) for n, day in enumerate(days)}
    cursor.register("given", pa.table({"uid": uids}))
    return cursor.execute(f"{statement} WHERE ({bounds}) AND uid IN (SELECT uid FROM given)", since | until)


def _without(tables: Tables, there: set[str]) -> Tables:
    if not there:
        return tables
    known = pa.array(there, pa.string())
    left = {
        name: tables[name].filter(pc.invert(pc.is_in(tables[name]["uid"], value_set=known))) for name in _KEYS
    }
    return tables | left


def _insert(cursor: Cursor, tables: Tables, place: Place) -> None:
    cursor.register("given", tables["measurement"])
    cursor.execute(
        "INSERT INTO measurement SELECT *, $segment, $frame_offset, $frame_length FROM given",
        place,
    )
    for name in _PARTS:
        if tables[name].num_rows:
            cursor.register("given", tables[name])
            cursor.execute(f"INSERT INTO {name} SELECT * FROM given{_SORTED.get(name, '')}")
    names = (
        tables["measurement"].select(["probe_asn", "network_name"]).group_by(["probe_asn", "network_name"])
    )
    cursor.register("given", names.aggregate([]))
    cursor.execute(
        "MERGE INTO network AS old USING (SELECT probe_asn, max(network_name) AS network_name FROM given"
        " WHERE network_name <> '' GROUP BY probe_asn) AS new ON old.probe_asn = new.probe_asn"
        " WHEN MATCHED AND old.network_name <> new.network_name THEN UPDATE SET network_name = new.network_name"
        " WHEN NOT MATCHED THEN INSERT"
    )


def _remove(cursor: Cursor, place: Place, there: set[str]) -> None:
    """Take out what the store has of these measurements and of this frame; `old_verdict` keeps its verdicts."""
    at = {name: place[name] for name in ("segment", "frame_offset")}
    within = "segment <> '' AND segment = $segment AND frame_offset = $frame_offset"
    of_frame = cursor.execute(f"SELECT uid FROM measurement WHERE {within}", at).fetchall()
    gone = pa.chunked_array([pa.array(sorted(there.union(uid for (uid,) in of_frame)), pa.string())])
    cursor.execute("CREATE OR REPLACE TEMP TABLE old_verdict AS FROM verdict LIMIT 0")
    if len(gone):
        _of(cursor, gone, "INSERT INTO old_verdict SELECT * FROM verdict")
        for name in ("measurement", *_PARTS):
            _of(cursor, gone, f"DELETE FROM {name}")
    cursor.execute(f"DELETE FROM quarantine WHERE {within}", at)


def _set_aside(cursor: Cursor, tables: Tables, place: Place) -> dict[str, int]:
    if not tables["quarantine"].num_rows:
        return {}
    cursor.register("given", tables["quarantine"])
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE aside AS"
        " SELECT DISTINCT ON (id) * FROM given WHERE id NOT IN (SELECT id FROM quarantine)"
    )
    cursor.execute(
        "INSERT INTO quarantine"
        " SELECT *, CASE WHEN n < 0 THEN '' ELSE $segment END, $frame_offset, $frame_length FROM aside",
        place,
    )
    return dict(cursor.execute("SELECT reason, count(*) FROM aside GROUP BY ALL").fetchall())


def _remember(cursor: Cursor, source: str, reached: Progress) -> None:
    cursor.execute("DELETE FROM progress WHERE source = ?", [source])
    cursor.execute("INSERT INTO progress VALUES (?, ?, ?, ?)", [source, *msgspec.structs.astuple(reached)])


def _counted(column: "pa.ChunkedArray[Any]") -> dict[str, int]:
    counts = pc.call_function("value_counts", [column]).to_pylist()
    return {entry["values"]: entry["counts"] for entry in counts}
