"""The store's schema, by the steps that led to it. A file is brought up to date when it is opened."""

# ruff: noqa: S608  the SQL is made of constants of ours

from collections.abc import Sequence
from typing import Final

import duckdb

from lampwatch.formats.voters import VOTER_SQL
from lampwatch.model.errors import UserError
from lampwatch.store.duckdb.rollups import ROLL_UPS
from lampwatch.store.duckdb.schema import TABLES

# Once a release has made files of a version, its step must not change: a roll-up added later is a step of its own.
_ROLL_UPS: Final = ";".join(
    f"{roll_up.ddl()}; INSERT INTO {roll_up.table} {roll_up.totals('verdict')} ORDER BY ALL"
    for roll_up in ROLL_UPS
)
_NETWORKS: Final = """
CREATE TABLE network (probe_asn BIGINT, network_name VARCHAR);
INSERT INTO network SELECT probe_asn, arg_max(network_name, start_time) FROM verdict GROUP BY probe_asn
"""

_FRAMES: Final = """
CREATE TABLE frame (segment VARCHAR, begins BIGINT, ends BIGINT);
INSERT INTO frame SELECT DISTINCT segment, frame_offset, frame_offset + frame_length FROM (
    SELECT segment, frame_offset, frame_length FROM measurement
    UNION ALL SELECT segment, frame_offset, frame_length FROM quarantine) WHERE segment <> '' ORDER BY ALL
"""

# A table made anew, in the same order: an UPDATE of all rows takes several times the memory.
_VOTERS: Final = f"""
CREATE TABLE verdict_with_voter AS SELECT verdict.*,
    {VOTER_SQL.format(session="coalesce(nullif(report_id, ''), verdict.uid)")} AS voter,
    coalesce(trim(software_name || ' ' || software_version), '') AS software
FROM verdict LEFT JOIN measurement ON verdict.uid = measurement.uid;
DROP TABLE verdict;
ALTER TABLE verdict_with_voter RENAME TO verdict
"""
_VOTES: Final = """
CREATE TABLE vote (
    probe_cc VARCHAR, target VARCHAR, method VARCHAR, probe_asn BIGINT, hour TIMESTAMP, state VARCHAR,
    mechanism VARCHAR, rule_id VARCHAR, fingerprint VARCHAR, evidence VARCHAR, control VARCHAR, software VARCHAR,
    rules_version VARCHAR, verdicts BIGINT, voters BIGINT[], first TIMESTAMP, last TIMESTAMP, witness VARCHAR);
CREATE TABLE stale_hour (probe_cc VARCHAR, hour TIMESTAMP);
INSERT INTO stale_hour SELECT DISTINCT probe_cc, date_trunc('hour', start_time) FROM verdict ORDER BY ALL
"""

MIGRATIONS: Final[tuple[str, ...]] = (TABLES, f"{_ROLL_UPS}; {_NETWORKS}", _FRAMES, f"{_VOTERS}; {_VOTES}")
"""Step n leads from version n to n + 1.

Rows and observations; roll-ups and names of networks, filled from the rows; which frames of the archive are in; who
gave each verdict, and votes, all of them yet to be counted.
"""


def migrate(connection: duckdb.DuckDBPyConnection, path: str, migrations: Sequence[str] = MIGRATIONS) -> int:
    """Bring a file up to date and give its version. Each step is one transaction, so a kill between loses nothing.

    Raises UserError for a file that a newer Lampwatch wrote.
    """
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT)")
    row = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    version = int(row[0]) if row is not None and row[0] is not None else 0
    if version > len(migrations):
        raise UserError(
            f"{path} was written by a newer Lampwatch (tables of version {version}, this one knows {len(migrations)});"
            " upgrade Lampwatch, or name another directory."
        )
    for number, step in enumerate(migrations[version:], start=version + 1):
        connection.begin()
        try:
            connection.execute(step)
            connection.execute("DELETE FROM schema_version")
            connection.execute("INSERT INTO schema_version VALUES (?)", [number])
        except duckdb.Error:
            connection.rollback()
            raise
        connection.commit()
    return len(migrations)
