"""Histories by hour: cells as they are, and where a target's state changed from one measured hour to the next."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

from typing import Final

import duckdb

from lampwatch.store.duckdb.conditions import Where
from lampwatch.store.query import Window
from lampwatch.store.rows import StateChange

# An hour's state: that of most verdicts, unknown ones apart; of equals, the gravest.
_STATE: Final = (
    "CASE WHEN blocked >= greatest(ok, down) AND blocked > 0 THEN 'blocked'"
    " WHEN down >= ok AND down > 0 THEN 'down' WHEN ok > 0 THEN 'ok' END"
)
_HISTORY: Final = "PARTITION BY probe_cc, target, probe_asn ORDER BY hour"
_KEY: Final = "hash(probe_cc, target, probe_asn)"
_CHANGES: Final = f"""
WITH troubled AS (SELECT DISTINCT {_KEY} FROM cell{{where}} AND (down > 0 OR blocked > 0)),
told AS NOT MATERIALIZED (
    SELECT probe_cc, target, probe_asn, hour, {_STATE} AS state FROM cell{{where}} AND {_KEY} IN (FROM troubled)),
steps AS (
    SELECT *, lag(hour) OVER history AS since, lag(state) OVER history AS before
    FROM told WHERE state IS NOT NULL WINDOW history AS ({_HISTORY}))
SELECT target, probe_cc, probe_asn, coalesce(network_name, ''), since, hour, before, state
FROM steps LEFT JOIN network USING (probe_asn)
WHERE before <> state ORDER BY hour DESC, target, probe_cc, probe_asn LIMIT $limit
"""


def state_changes(
    cursor: duckdb.DuckDBPyConnection,
    window: Window,
    country: str | None,
    target: str | None,
    asn: int | None,
    limit: int,
) -> list[StateChange]:
    """Where a target's state on a network changed, latest first.

    Histories that were always ok are left out before anything is sorted: they are nearly all there are. They are told
    by a hash, which may let one too many through and never leaves out one.
    """
    where = Where().add("true").equal("probe_cc", country).equal("target", target).equal("probe_asn", asn)
    where.between("hour", window.since, window.until)
    found = cursor.execute(_CHANGES.format(where=where.sql), where.values | {"limit": limit}).fetchall()
    return [
        StateChange(
            target=target,
            country=country,
            asn=asn,
            network_name=name,
            since=since,
            at=at,
            before=before,
            after=after,
        )
        for target, country, asn, name, since, at, before, after in found
    ]


def cells_query(window: Window, country: str | None, target: str | None) -> tuple[str, Where]:
    """SQL for verdict counts by target, country, network and hour."""
    where = Where().equal("probe_cc", country).equal("target", target)
    where.between("hour", window.since, window.until)
    columns = "target, probe_cc, probe_asn, hour, ok, down, blocked, unknown"
    return f"SELECT {columns} FROM cell{where.sql} ORDER BY target, probe_cc, probe_asn, hour", where
