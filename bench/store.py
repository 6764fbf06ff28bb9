"""Times the store: how fast rows go in, how large they are, how long a dashboard waits.

Run `python bench/store.py` for ten million verdicts (about three minutes); `--rows` for fewer. Everything goes through
the store's own methods.
"""

# ruff: noqa: S608  queries are made of constants of this file

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from lampwatch.formats.tables_schema import MEASUREMENT, VERDICT
from lampwatch.formats.voters import VOTER_SQL
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.query import Grain, Window

FIRST = dt.datetime(2026, 8, 1)  # noqa: DTZ001  all times in the store are UTC without a zone
DAYS = 90
DAY_S = 86_400.0
HOUR_S = 3_600.0
COUNTRIES = 200
NETWORKS_OF_COUNTRY = 15
TARGETS = 2000
CATEGORIES = 20
SESSIONS_OF_DAY = 96
"""Sessions begin anew so many times a day on each network, two beside each other."""
RUNS = 15
LIMIT_MS = 150.0
WEEK = Window(FIRST + dt.timedelta(days=DAYS - 7))
MONTH = Window(FIRST + dt.timedelta(days=DAYS - 30))

# Countries, networks and targets are drawn by Zipf's law: most measurements come from few places.
_ROWS = f"""
WITH drawn AS (
    SELECT range AS i,
        CAST(floor(power({COUNTRIES}, random())) AS BIGINT) - 1 AS c,
        CAST(floor(power({NETWORKS_OF_COUNTRY}, random())) AS BIGINT) - 1 AS a,
        CAST(floor(power({TARGETS} + 1, random())) AS BIGINT) - 1 AS near,
        CAST(floor({TARGETS} * random()) AS BIGINT) AS far,
        random() AS mixed, random() AS luck,
        $start + to_seconds(CAST(floor($span * range / $rows) AS BIGINT)) AS start_time
    FROM range($rows)),
named AS (
    SELECT *, chr(CAST(65 + c // 26 AS INTEGER)) || chr(CAST(65 + c % 26 AS INTEGER)) AS probe_cc,
        1000 + c * {NETWORKS_OF_COUNTRY} + a AS probe_asn,
        'site' || (CASE WHEN mixed < 0.3 THEN near ELSE far END) || '.example' AS target,
        CASE WHEN luck < 0.93 THEN 'ok' WHEN luck < 0.97 THEN 'down' WHEN luck < 0.99 THEN 'blocked'
            ELSE 'unknown' END AS state
    FROM drawn)
SELECT strftime(start_time, '%Y%m%d%H%M%S_') || probe_cc || printf('_webconnectivity_%016x', hash(i + $seed)) AS uid,
    strftime(start_time, '%Y-%m-%d') AS day, 'web_connectivity' AS method, 'https://' || target || '/' AS input,
    'Network ' || probe_asn AS network_name, 'bench' AS source,
    printf('%d_%d_%d', probe_asn, {SESSIONS_OF_DAY} * i // $rows, i % 2) AS report_id, *
FROM named ORDER BY probe_cc, target, probe_asn
"""


def batches(rows: int) -> Iterator[dict[str, pa.Table]]:
    """Rows of one day after the other, as the tables that a commit takes."""
    with duckdb.connect() as made:
        made.execute("SELECT setseed(0.5)")
        yield from (_of_day(made, day, count) for day in range(DAYS) if (count := _share(rows, day)))


def arrivals(start: dt.datetime, count: int, *, seed: int = 1) -> dict[str, pa.Table]:
    """Rows of one hour, as the tables that a commit takes."""
    with duckdb.connect() as made:
        made.execute("SELECT setseed(0.25)")
        return _made(made, start, HOUR_S, count, seed << 48)


def _share(rows: int, day: int) -> int:
    return rows * (day + 1) // DAYS - rows * day // DAYS


def _of_day(made: duckdb.DuckDBPyConnection, day: int, count: int) -> dict[str, pa.Table]:
    return _made(made, FIRST + dt.timedelta(days=day), DAY_S, count, day << 32)


def _made(
    made: duckdb.DuckDBPyConnection, start: dt.datetime, span: float, count: int, seed: int
) -> dict[str, pa.Table]:
    values = {"start": start, "span": span, "rows": count, "seed": seed}
    made.execute(f"CREATE OR REPLACE TEMP TABLE row AS {_ROWS}", values)
    return {
        "measurement": _table(
            made,
            "*, '0.4.3' AS method_version, 'lampwatch' AS software_name, '0.1' AS"
            " software_version, i AS position, 19000 AS size, i AS n, [state] AS states, state = 'blocked' AS"
            " anomaly, false AS confirmed, state = 'unknown' AS failure",
            MEASUREMENT,
        ),
        "verdict": _table(
            made,
            f"*, CASE state WHEN 'blocked' THEN 'tls' END AS layer, CASE state WHEN 'blocked' THEN 'tls_sni_reset'"
            " END AS mechanism, 'compared' AS evidence, 'web.' || state AS rule_id, '1' AS rules_version,"
            " 'the rule says so' AS because, 'worked' AS control, target AS hostname, '' AS fingerprint,"
            " [] AS findings, [] AS layers, ['probe.tcp.0'] AS witnesses, '2026-11-01' AS networks_version,"
            f" '2026-11-01' AS fingerprints_version, {VOTER_SQL.format(session='report_id')} AS voter,"
            " 'lampwatch 0.1' AS software",
            VERDICT,
        ),
    }


def _table(made: duckdb.DuckDBPyConnection, columns: str, schema: pa.Schema) -> pa.Table:
    names = ", ".join(schema.names)
    relation = made.sql(f"SELECT {names} FROM (SELECT {columns} FROM row)")
    table: pa.Table = relation.to_arrow_table().cast(schema)
    return table


def load(store: DuckDBStore, rows: int) -> float:
    """Commit all rows; seconds spent in the store alone."""
    spent = 0.0
    for tables in batches(rows):
        began = time.perf_counter()
        committed = store.commit(tables, None)
        spent += time.perf_counter() - began
        assert committed.added == tables["measurement"].num_rows
    store.set_categories([(f"site{n}.example", f"C{n % CATEGORIES:02d}") for n in range(TARGETS)])
    return spent


def questions(store: DuckDBStore) -> dict[str, Callable[[], Any]]:
    """What a dashboard asks, of the busiest country and target where it asks of one."""
    country = store.countries()[0].country
    target = store.targets(limit=1)[0].target
    return {
        "country by day": lambda: store.country_days(country),
        "target by network": lambda: store.target_networks(target),
        "top targets, a month": lambda: store.targets(window=MONTH, limit=50),
        "state changes, a week": lambda: store.state_changes(WEEK, limit=100),
        "categories": store.categories,
        "a target's history": lambda: store.target_history(target, grain=Grain.DAY),
        "distinct networks": store.countries,
        "top targets, ever": lambda: store.targets(limit=50),
        "latest per target": lambda: store.targets(country, limit=2000),
    }


def latencies(ask: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds that half of the runs, and nineteen in twenty, stay under."""
    runs = []
    for _ in range(RUNS):
        began = time.perf_counter()
        ask()
        runs.append((time.perf_counter() - began) * 1000)
    runs.sort()
    return runs[len(runs) // 2], runs[min(len(runs) - 1, len(runs) * 95 // 100)]


def bench(directory: Path, rows: int) -> bool:
    """Load, ask, print; whether every question was answered in time."""
    archive = LocalArchive(directory / "raw", clock=lambda: FIRST, report=print)
    file = directory / "lampwatch.duckdb"
    with open_store(file, archive, memory_limit="4GB", threads=2) as store:
        spent = load(store, rows)
        print(f"ingest    {rows} verdicts in {spent:.1f} s: {rows / spent:,.0f} a second")
        in_time = True
        for name, ask in questions(store).items():
            half, most = latencies(ask)
            in_time = in_time and most < LIMIT_MS
            print(f"{name:24} p50 {half:7.1f} ms   p95 {most:7.1f} ms")
    print(f"on disk   {file.stat().st_size / 1e6:,.0f} MB: {file.stat().st_size / rows:.0f} bytes a verdict")
    return in_time


def main() -> int:
    """Run from the command line: 0 where all is in time, 1 where not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="verdicts to load (default: ten million)"
    )
    parser.add_argument(
        "--dir", type=Path, help="an empty directory to keep the store in (default: a temporary one)"
    )
    given = parser.parse_args()
    if given.dir is not None:
        return 0 if bench(given.dir, given.rows) else 1
    with tempfile.TemporaryDirectory() as directory:
        return 0 if bench(Path(directory), given.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
