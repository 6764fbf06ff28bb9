"""The store's schema, by the steps that led to it. A file is brought up to date when it is opened."""

from collections.abc import Sequence
from typing import Final

import duckdb

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

MIGRATIONS: Final[tuple[str, ...]] = (TABLES, f"{_ROLL_UPS}; {_NETWORKS}", _FRAMES)
"""Step n leads from version n to n + 1.

Rows and observations; roll-ups and names of networks, filled from the rows; which frames of the archive are in.
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
