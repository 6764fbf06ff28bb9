"""Roll-ups: verdict counts by coarser keys. `upkeep` keeps them inside the transaction of every commit.

Each answers a question that a scan of all verdicts cannot answer in time. A roll-up always equals what its `totals`
give over all verdicts: added rows are added on, replaced rows make their cells be counted again from the rows.
"""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

from typing import Final

import msgspec

STATES: Final = ("ok", "down", "blocked", "unknown")
GRAVITY: Final = ("unknown", "ok", "down", "blocked")
"""States from the least grave to the gravest; the place is the two low bits of `latest`."""
COUNTS: Final = ", ".join(f"count(*) FILTER (WHERE state = '{state}') AS {state}" for state in STATES)
SUMS: Final = ", ".join(f"CAST(sum({state}) AS BIGINT) AS {state}" for state in STATES)
# Time and state in one integer, so that keeping the latest state is one maximum: it commutes and never counts twice.
_GRAVITY_OF_STATE: Final = "CASE state WHEN 'ok' THEN 1 WHEN 'down' THEN 2 WHEN 'blocked' THEN 3 ELSE 0 END"
_LATEST: Final = f"max(epoch_us(start_time) * 4 + {_GRAVITY_OF_STATE})"
LAST: Final = "make_timestamp(max(latest) // 4)"
LAST_STATE: Final = f"list_extract({list(GRAVITY)!r}, CAST(max(latest) % 4 + 1 AS BIGINT))"


# In a module of its own: a Struct is never freed, and what its module names would be reported as leaked by DuckDB.
class RollUp(msgspec.Struct, frozen=True):
    """One roll-up: its table, its key columns in the order rows are sorted by, and which of them is the time.

    A key's value is the verdict's column of that name, unless `spelled` gives an expression.
    """

    table: str
    keys: tuple[str, ...]
    time: str
    time_type: str
    spelled: str

    @property
    def columns(self) -> str:
        """The key columns, comma-separated."""
        return ", ".join(self.keys)

    def key_of_verdict(self) -> str:
        """The key as expressions over a verdict."""
        return ", ".join(f"{self.spelled} AS {key}" if key == self.time else key for key in self.keys)

    def totals(self, verdicts: str) -> str:
        """SQL for the cells of all rows of a table of verdicts."""
        return f"SELECT {self.key_of_verdict()}, {COUNTS}, {_LATEST} AS latest FROM {verdicts} GROUP BY ALL"

    def ddl(self) -> str:
        """SQL that makes the table."""
        keys = ", ".join(f"{key} {self._type(key)}" for key in self.keys)
        counts = ", ".join(f"{state} BIGINT" for state in STATES)
        return f"CREATE TABLE {self.table} ({keys}, {counts}, latest BIGINT)"

    def _type(self, key: str) -> str:
        if key == self.time:
            return self.time_type
        return "BIGINT" if key == "probe_asn" else "VARCHAR"

    def matches(self, left: str, right: str) -> str:
        """SQL that holds where two rows have the same key."""
        return " AND ".join(f"{left}.{key} = {right}.{key}" for key in self.keys)


CELL: Final = RollUp(
    "cell", ("probe_cc", "target", "probe_asn", "hour"), "hour", "TIMESTAMP", "date_trunc('hour', start_time)"
)
"""Target by network by hour: what detection and a target's history read."""
DAY_NETWORK: Final = RollUp(
    "day_network", ("probe_cc", "probe_asn", "day"), "day", "DATE", "CAST(day AS DATE)"
)
"""Network by day: countries, their days and networks."""
DAY_TARGET: Final = RollUp("day_target", ("probe_cc", "target", "day"), "day", "DATE", "CAST(day AS DATE)")
"""Country by target by day: top targets and categories."""
WORLD_TARGET: Final = RollUp("world_target", ("target", "day"), "day", "DATE", "CAST(day AS DATE)")
"""Target by day in all countries: the same for the front page."""
# Days are dates here, not text: of a text DuckDB's row groups know the first eight bytes, which tell months apart only.
ROLL_UPS: Final = (CELL, DAY_NETWORK, DAY_TARGET, WORLD_TARGET)
