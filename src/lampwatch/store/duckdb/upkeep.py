"""Keeping the roll-ups true: added verdicts are added on, cells whose verdicts were replaced are counted again."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

import datetime as dt

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.store.duckdb.rollups import ROLL_UPS, STATES


def add(cursor: duckdb.DuckDBPyConnection, verdicts: pa.Table) -> None:
    """Add verdicts, all of them new, to every roll-up.

    Only the hours and days they fall in are searched for their cells, so that one measurement with a strange date does
    not make every commit read all there is.
    """
    cursor.register("given", verdicts)
    times: list[dt.datetime] = pc.call_function("unique", [verdicts["start_time"]]).to_pylist()
    hours = {time.replace(minute=0, second=0, microsecond=0) for time in times}
    days = {hour.date() for hour in hours}
    for roll_up in ROLL_UPS:
        sums = ", ".join(f"{state} = old.{state} + new.{state}" for state in STATES)
        cursor.execute(
            f"MERGE INTO {roll_up.table} AS old USING ({roll_up.totals('given')} ORDER BY {roll_up.columns}) AS new"
            f" ON {roll_up.matches('old', 'new')} AND old.{roll_up.time} IN $times"
            f" WHEN MATCHED THEN UPDATE SET {sums}, latest = greatest(old.latest, new.latest)"
            f" WHEN NOT MATCHED THEN INSERT",
            {"times": sorted(hours) if roll_up.time == "hour" else sorted(days)},
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
