"""Keeping the roll-ups true: added verdicts are added on, cells whose verdicts were replaced are counted again."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

import datetime as dt

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.store.duckdb.rollups import ROLL_UPS, STATES


def add(cursor: duckdb.DuckDBPyConnection, verdicts: pa.Table) -> None:
    """Add verdicts, all of them new, to every roll-up. Only the time they span is searched for their cells."""
    span = _span(verdicts)
    cursor.register("given", verdicts)
    for roll_up in ROLL_UPS:
        sums = ", ".join(f"{state} = old.{state} + new.{state}" for state in STATES)
        cursor.execute(
            f"MERGE INTO {roll_up.table} AS old USING ({roll_up.totals('given')} ORDER BY {roll_up.columns}) AS new"
            f" ON {roll_up.matches('old', 'new')} AND {roll_up.within('old')}"
            f" WHEN MATCHED THEN UPDATE SET {sums}, latest = greatest(old.latest, new.latest)"
            f" WHEN NOT MATCHED THEN INSERT",
            span,
        )


def recount(cursor: duckdb.DuckDBPyConnection, verdicts: pa.Table) -> None:
    """Count again, from the rows, the cells of verdicts just written and of those they replaced (`old_verdict`)."""
    cursor.register("given", verdicts.select(["probe_cc", "target", "probe_asn", "day", "start_time"]))
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS FROM given"
        " UNION ALL SELECT probe_cc, target, probe_asn, day, start_time FROM old_verdict"
    )
    days = [day for (day,) in cursor.execute("SELECT DISTINCT day FROM changed").fetchall()]
    for roll_up in ROLL_UPS:
        keys = f"SELECT DISTINCT {roll_up.key_of_verdict()} FROM changed"
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {keys}")
        cursor.execute(
            f"DELETE FROM {roll_up.table} AS old USING touched WHERE {roll_up.matches('old', 'touched')}"
        )
        cursor.execute(
            f"INSERT INTO {roll_up.table} SELECT * FROM ({roll_up.totals('verdict WHERE day IN $days')}) AS total"
            f" WHERE EXISTS (FROM touched WHERE {roll_up.matches('total', 'touched')})",
            {"days": days},
        )


def _span(verdicts: pa.Table) -> dict[str, dt.datetime]:
    times: dict[str, dt.datetime] = pc.call_function("min_max", [verdicts["start_time"]]).as_py()
    return {"first": times["min"], "last": times["max"]}
