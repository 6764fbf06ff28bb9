"""Votes on one machine: which hours they are behind in, counting those again, and the evidence derived from them.

A (country, hour) is stale from the commit that touched its verdicts until it is counted again. Votes are never added
to, so it does not matter in which order, how often or by which rules verdicts came.
"""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound, or written by Ibis

import datetime as dt
from collections.abc import Collection, Sequence
from functools import cache
from types import ModuleType
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from lampwatch.formats.tables_schema import INTEGER, INTEGERS, TEXT, TIME
from lampwatch.formats.vote_tables import EVIDENCE, Evidence
from lampwatch.model.measurement import SUBMITTED
from lampwatch.store.duckdb.conditions import Where
from lampwatch.store.duckdb.heard import ARRIVED
from lampwatch.store.query import Window

VERDICTS_OF_CHUNK: Final = 400_000
"""About so many verdicts are counted again in one transaction."""
DAYS_OF_CHUNK: Final = 64
"""On at most so many days, since each is a condition of its own."""

_TYPES: Final = {TEXT: "VARCHAR", INTEGER: "BIGINT", TIME: "TIMESTAMP", INTEGERS: "BIGINT[]"}
_DAY: Final = dt.timedelta(days=1)
_HOUR: Final = dt.timedelta(hours=1)
_ORDER: Final = "probe_cc, target, method, probe_asn, hour"
_STALE: Final = (
    "SELECT verdict.* FROM verdict SEMI JOIN {hours} AS hours"
    " ON verdict.probe_cc = hours.probe_cc AND date_trunc('hour', verdict.start_time) = hours.hour"
)

Cursor = duckdb.DuckDBPyConnection


class Chunk(NamedTuple):
    """Days whose stale hours are counted again together, in order, and how many such hours they have."""

    days: Sequence[dt.date]
    hours: int


def mark(cursor: Cursor, verdicts: pa.Table, *, replaced: bool) -> None:
    """Note, within a commit, whose votes it leaves behind: of these verdicts, and of those in `old_verdict`."""
    if not (verdicts.num_rows or replaced):
        return
    cursor.register("given", verdicts.select(["probe_cc", "start_time"]))
    old = " UNION ALL SELECT probe_cc, start_time FROM old_verdict" if replaced else ""
    touched = f"SELECT probe_cc, date_trunc('hour', start_time) AS hour FROM (FROM given{old}) AS touched"
    ((first, last),) = cursor.execute(f"SELECT min(hour), max(hour) FROM ({touched})").fetchall()
    # Bounded, so that a long ingest does not look through all hours at every commit.
    there = "FROM stale_hour WHERE hour >= $first AND hour <= $last"
    cursor.execute(f"INSERT INTO stale_hour {touched} EXCEPT {there}", {"first": first, "last": last})


def stale_hours(cursor: Cursor, window: Window) -> int:
    """How many hours that begin within a window, each of one country, votes are behind in."""
    where = Where().between("hour", window.since, window.until)
    ((count,),) = cursor.execute(f"SELECT count(*) FROM stale_hour{where.sql}", where.values).fetchall()
    return int(count)


def chunks(cursor: Cursor) -> list[Chunk]:
    """All stale hours by day, in portions that one transaction can count again at little cost."""
    found = cursor.execute(
        "WITH stale AS (SELECT CAST(hour AS DATE) AS day, count(*) AS hours FROM stale_hour GROUP BY day),"
        " held AS (SELECT day, sum(ok + down + blocked + unknown) AS verdicts FROM day_network GROUP BY day)"
        " SELECT day, hours, coalesce(verdicts, 0) FROM stale LEFT JOIN held USING (day) ORDER BY day"
    ).fetchall()
    portions: list[Chunk] = []
    weight = 0
    for day, hours, verdicts in found:
        last = portions[-1] if portions else None
        if last is None or weight + verdicts > VERDICTS_OF_CHUNK or len(last.days) == DAYS_OF_CHUNK:
            portions.append(Chunk([day], hours))
            weight = verdicts
        else:
            portions[-1] = Chunk([*last.days, day], last.hours + hours)
            weight += verdicts
    return portions


def refresh(cursor: Cursor, days: Sequence[dt.date]) -> int:
    """Count the stale hours of some days again, within a transaction; how many they were."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE again AS FROM stale_hour WHERE CAST(hour AS DATE) IN $days",
        {"days": days},
    )
    held = _on("vote.hour", days)
    cursor.execute(
        f"DELETE FROM vote USING again{held.sql} AND vote.probe_cc = again.probe_cc AND vote.hour = again.hour",
        held.values,
    )
    given = _on("start_time", days)
    stale = f"{_STALE.format(hours='again')}{given.sql}"
    cursor.execute(f"INSERT INTO vote {_votes_of(stale)} ORDER BY {_ORDER}", given.values)
    cursor.execute("DELETE FROM stale_hour WHERE CAST(hour AS DATE) IN $days", {"days": days})
    ((count,),) = cursor.execute("SELECT count(*) FROM again").fetchall()
    return int(count)


def evidence(
    cursor: Cursor,
    window: Window,
    countries: Collection[str] | None,
    targets: Collection[str] | None,
    as_of: dt.datetime | None,
) -> Evidence:
    """What detection of blocking looks at, all of it of one moment: with every commit before it and none after.

    Hours that votes are behind in are counted for this answer alone.
    """
    cursor.begin()
    try:
        name = _current(cursor, window) if as_of is None else _as_of(cursor, window, as_of)
        return _evidence_of(cursor, name, window, countries, targets)
    finally:
        # Nothing was written but temporary tables, which belong to the cursor and end with it.
        cursor.rollback()


def _current(cursor: Cursor, window: Window) -> str:
    """The name of a table with all votes of the window, as of this transaction."""
    where = Where().between("hour", window.since, window.until)
    found = cursor.execute(
        f"SELECT DISTINCT CAST(hour AS DATE) AS day FROM stale_hour{where.sql} ORDER BY day", where.values
    ).fetchall()
    if not found:
        return "vote"
    given = _on("start_time", [day for (day,) in found])
    stale = f"{_STALE.format(hours='stale_hour')}{given.sql}"
    cursor.execute(f"CREATE TEMP TABLE counted AS {_votes_of(stale)}", given.values)
    cursor.execute(
        "CREATE TEMP VIEW vote_now AS FROM vote ANTI JOIN stale_hour USING (probe_cc, hour) UNION ALL FROM counted"
    )
    return "vote_now"


def _as_of(cursor: Cursor, window: Window, as_of: dt.datetime) -> str:
    """The name of a table with the votes of the window, of what had arrived."""
    where = Where().between("start_time", *_whole_hours(window))
    arrived = Where().add(
        f"coalesce({ARRIVED} + INTERVAL 1 HOUR, start_time) <= $as_of", submitted=SUBMITTED, as_of=as_of
    )
    arrived.between("start_time", *_whole_hours(window))
    there = f"SELECT uid FROM measurement{arrived.sql}"
    given = f"SELECT * FROM verdict SEMI JOIN ({there}) AS there USING (uid){where.sql}"
    cursor.execute(f"CREATE TEMP TABLE vote_then AS {_votes_of(given)}", arrived.values | where.values)
    return "vote_then"


def _whole_hours(window: Window) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Between when measurements begin whose hour begins within a window."""
    return _next_hour(window.since), _next_hour(window.until)


def _next_hour(time: dt.datetime | None) -> dt.datetime | None:
    if time is None:
        return None
    hour = time.replace(minute=0, second=0, microsecond=0)
    return hour if hour == time else hour + _HOUR


def _evidence_of(
    cursor: Cursor,
    name: str,
    window: Window,
    countries: Collection[str] | None,
    targets: Collection[str] | None,
) -> Evidence:
    expressions = loaded_expressions()
    asked = expressions.evidence(expressions.counted(name), window, countries, targets)
    tables = {}
    for part, schema in EVIDENCE.items():
        tables[part] = table_of(cursor, expressions.sql(asked[part], expressions.Dialect.DUCKDB), schema)
    return Evidence(**tables)


def table_of(cursor: Cursor, sql: str, schema: pa.Schema) -> pa.Table:
    """What a query gives, with the very schema."""
    columns = ", ".join(f"CAST({field.name} AS {_TYPES[field.type]}) AS {field.name}" for field in schema)
    found: pa.Table = cursor.sql(f"SELECT {columns} FROM ({sql})").to_arrow_table().cast(schema)
    return found


def _votes_of(given: str) -> str:
    """SQL for the votes of the verdicts that a query gives."""
    return f"WITH given_verdict AS ({given}) FROM ({_counting()})"


@cache
def _counting() -> str:
    expressions = loaded_expressions()
    counting = expressions.votes(expressions.verdicts("given_verdict"))
    return str(expressions.sql(counting, expressions.Dialect.DUCKDB))


def loaded_expressions() -> ModuleType:
    """The module of expressions, loaded when first needed: Ibis takes half a second, and most commands need none."""
    from lampwatch.store import votes  # noqa: PLC0415  see above

    return votes


def _on(column: str, days: Sequence[dt.date]) -> Where:
    """Conditions for a time on one of some days, which are in order: by stretches, which row groups can tell."""
    stretches: list[tuple[dt.date, dt.date]] = []
    for day in days:
        if stretches and stretches[-1][1] == day:
            stretches[-1] = (stretches[-1][0], day + _DAY)
        else:
            stretches.append((day, day + _DAY))
    if len(stretches) > DAYS_OF_CHUNK:
        stretches = [(stretches[0][0], stretches[-1][1])]
    values: dict[str, dt.date] = {}
    for n, (since, until) in enumerate(stretches):
        values |= {f"since_{n}": since, f"until_{n}": until}
    bounds = [f"({column} >= $since_{n} AND {column} < $until_{n})" for n in range(len(stretches))]
    return Where().add(f"({' OR '.join(bounds)})", **values)
