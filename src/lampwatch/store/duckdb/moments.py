"""What detection of blocking looks at, in parts that are of one moment: of one transaction, which writes nothing."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound, or written by Ibis

from typing import Any, Final

import duckdb
import pyarrow as pa

from lampwatch.formats.vote_tables import COVERAGE, GROUP, HISTORY, PRESENCE, VOTE
from lampwatch.store.duckdb.votes import loaded_expressions, table_of
from lampwatch.store.query import Window

_HISTORY: Final = ", ".join(name for name, _ in HISTORY)
_GROUP: Final = "probe_cc, target, method"
_GROUPS: Final = (
    # An exclusive or of rows, so that their order is all the same; a number without a sign is made one with.
    f"SELECT {_GROUP}, sum(votes) AS votes, bit_xor(digest)::HUGEINT - 9223372036854775808 AS digest FROM ("
    f"SELECT {_HISTORY}, count(*) AS votes, bit_xor(hash({', '.join(VOTE.names)})) AS digest FROM vote_within"
    f" GROUP BY {_HISTORY} HAVING bool_or(state = 'blocked')"
    f") GROUP BY {_GROUP} ORDER BY {_GROUP}"
)
_OWN_HOUR: Final = "to_hours((26 * ascii(probe_cc) + ascii(probe_cc[2:])) % 24)"
_DAILY: Final = f"hour >= date_trunc('day', {{since}} - {_OWN_HOUR}) + {_OWN_HOUR}"
"""When it was last that hour of the day at the beginning of the window."""


class Moment:
    """Keeps every promise of `store.protocol.Moment`, within a transaction of this cursor."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, window: Window, *, daily: bool) -> None:
        self._cursor = cursor
        self._expressions = loaded_expressions()
        # Views bind nothing, so that times are written out.
        conditions = []
        if window.since is not None:
            since = f"TIMESTAMP '{window.since}'"
            # The row groups of a day before are told by the hour alone.
            conditions = [f"hour >= {since} - INTERVAL 1 DAY", _DAILY.format(since=since)]
            conditions = conditions if daily else [f"hour >= {since}"]
        if window.until is not None:
            conditions.append(f"hour < TIMESTAMP '{window.until}'")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        cursor.execute(f"CREATE OR REPLACE TEMP VIEW vote_within AS FROM vote{where}")

    def groups(self) -> pa.Table:
        """What has troubled histories."""
        self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE found AS {_GROUPS}")
        return table_of(self._cursor, "FROM found", GROUP)

    def histories(self, groups: pa.Table) -> pa.Table:
        """The votes of the troubled histories of some groups."""
        self._cursor.register("asked", groups.select(_GROUP.split(", ")))
        self._cursor.execute("CREATE OR REPLACE TEMP TABLE wanted AS FROM asked")
        self._cursor.unregister("asked")
        self._cursor.execute(
            f"CREATE OR REPLACE TEMP VIEW vote_wanted AS FROM vote_within SEMI JOIN wanted USING ({_GROUP})"
        )
        return self._read(self._expressions.histories(self._expressions.counted("vote_wanted")), VOTE)

    def coverage(self) -> pa.Table:
        """How each troubled target was found, wherever it was measured."""
        votes = self._expressions.counted("vote_within")
        return self._read(self._expressions.coverage(votes, votes), COVERAGE)

    def presence(self) -> pa.Table:
        """Since when, how often and how broadly each network is measured."""
        return self._read(self._expressions.presence(self._expressions.counted("vote_within")), PRESENCE)

    def _read(self, table: Any, schema: pa.Schema) -> pa.Table:  # noqa: ANN401  an Ibis table, since Ibis is untyped
        return table_of(self._cursor, self._expressions.sql(table, self._expressions.Dialect.DUCKDB), schema)
