"""The opened store: one connection that writes under a lock, a cursor of its own for every read."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

import datetime as dt
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.errors import UserError
from lampwatch.store.archive import Archive
from lampwatch.store.duckdb import aggregate, categories, changes, frames, heard, records, summaries, votes
from lampwatch.store.duckdb.commit import commit, measurements_there
from lampwatch.store.duckdb.conditions import for_verdicts
from lampwatch.store.duckdb.migrations import MIGRATIONS, migrate
from lampwatch.store.duckdb.moments import Moment
from lampwatch.store.query import (
    ALWAYS,
    Axis,
    Direction,
    Grain,
    MeasurementFilter,
    MeasurementOrder,
    VerdictFilter,
    VerdictOrder,
    Window,
)
from lampwatch.store.rows import (
    AggregateRow,
    CategorySummary,
    Committed,
    CountrySummary,
    DayCounts,
    HistoryStep,
    MeasurementRow,
    NetworkSummary,
    Progress,
    QuarantineCount,
    QuarantineRow,
    Snapshot,
    StateChange,
    TargetSummary,
    Tell,
    Totals,
    VerdictRow,
)
from lampwatch.store.segment import Locator

STORAGE_VERSION: Final = "v1.4.0"
"""Files are written so that DuckDB 1.4 and later can open them, not the newest alone."""
WAL_SIZE: Final = "64MB"
"""How much is written ahead before it is folded into the file: each fold rewrites the ends of all tables."""
BATCH_ROWS: Final = 10_000
_ANY_VERDICT: Final = VerdictFilter()
_ANY_MEASUREMENT: Final = MeasurementFilter()


def open_store(
    path: Path,
    archive: Archive,
    *,
    memory_limit: str = "1GB",
    threads: int = 2,
    migrations: Sequence[str] = MIGRATIONS,
) -> "DuckDBStore":
    """Open the store's file, making it or bringing it up to date where need be.

    memory_limit is as DuckDB writes it (`1GB`). Raises UserError where another process has the file, a newer Lampwatch
    wrote it, or it is no store at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "memory_limit": memory_limit,
        "threads": threads,
        "wal_autocheckpoint": WAL_SIZE,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        connection = duckdb.connect(str(path), config=config)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise UserError(
                f"{path} is in use by another Lampwatch; stop that one, or name another directory."
                " A running `lampwatch serve` takes measurements over HTTP."
            ) from error
        raise UserError(
            f"{path} cannot be opened as a store: {_first_line(error)}. It is only a cache of the raw archive: move it"
            " away and run `lampwatch reprocess` to build it again."
        ) from error
    try:
        version = migrate(connection, str(path), migrations)
    except BaseException:
        connection.close()
        raise
    return DuckDBStore(connection, archive, version)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")


class DuckDBStore:
    """Keeps every promise of `store.protocol.Store` on one DuckDB file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, archive: Archive, version: int) -> None:
        self._writer = connection
        self._archive = archive
        self._version = version
        self._writing = threading.Lock()
        self._opening = threading.Lock()

    @property
    def schema_version(self) -> int:
        """The version of the tables."""
        return self._version

    def commit(
        self,
        tables: Mapping[str, pa.RecordBatch | pa.Table],
        locator: Locator | None,
        *,
        replace: bool = False,
        progress: Mapping[str, Progress] | None = None,
    ) -> Committed:
        """Take in the rows of one archive frame in one transaction."""
        with self._writing:
            return commit(self._writer, tables, locator, replace=replace, progress=progress or {})

    def record_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the name and origin of reference data."""
        values = [getattr(snapshot, field) for field in snapshot.__struct_fields__]
        with self._writing, self._transaction() as writer:
            writer.execute("DELETE FROM snapshot WHERE kind = ? AND version = ?", values[:2])
            writer.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?)", values)

    def set_categories(self, rows: Sequence[tuple[str, str]]) -> None:
        """Replace the whole list of categories."""
        with self._writing, self._transaction() as writer:
            categories.replace(writer, dict(rows))

    def refresh_votes(self, tell: Tell = lambda _done, _all: None) -> int:
        """Count again the votes of every hour they are behind in, some days to a transaction."""
        with self._reading() as cursor:
            portions = votes.chunks(cursor)
        due, done = sum(portion.hours for portion in portions), 0
        for portion in portions:
            with self._writing, self._transaction() as writer:
                done += votes.refresh(writer, portion.days)
            tell(done, max(due, done))
        if len(portions) > 1:
            # Here and now, and not in the commit that comes next, whose sender is waiting.
            with self._writing:
                self._writer.execute("CHECKPOINT")
        return done

    def progress(self, source: str) -> Progress | None:
        """How far a source has been taken in."""
        with self._reading() as cursor:
            return records.progress(cursor, source)

    def taken_in(self) -> list[Locator]:
        """Which stretches of the archive are in."""
        with self._reading() as cursor:
            return frames.taken_in(cursor)

    def known(self, uids: Collection[str], set_aside: Collection[str] = ()) -> set[str]:
        """Which of these measurements and documents set aside the store has."""
        with self._reading() as cursor:
            there = measurements_there(cursor, pa.chunked_array([pa.array(list(uids), pa.string())]))
            return there | records.known_set_aside(cursor, set_aside)

    def totals(self) -> Totals:
        """All that the store holds, in numbers."""
        with self._reading() as cursor:
            return records.totals(cursor)

    def last_measured(self, until: dt.datetime) -> dt.datetime | None:
        """When the last measurement before a time began, by more than one voice."""
        with self._reading() as cursor:
            return records.last_measured(cursor, until)

    def verdicts(
        self,
        where: VerdictFilter = _ANY_VERDICT,
        order: VerdictOrder = VerdictOrder.START_TIME,
        direction: Direction = Direction.DESCENDING,
        limit: int = 100,
        offset: int = 0,
    ) -> list[VerdictRow]:
        """One page of verdicts."""
        with self._reading() as cursor:
            return records.verdicts(cursor, where, order, direction, limit, offset)

    def count_verdicts(self, where: VerdictFilter = _ANY_VERDICT) -> int:
        """How many verdicts there are of a kind."""
        with self._reading() as cursor:
            return records.count_verdicts(cursor, where)

    def export_verdicts(self, where: VerdictFilter = _ANY_VERDICT) -> Iterator[pa.RecordBatch]:
        """All verdicts of a kind, in batches."""
        asked = for_verdicts(where)
        sql = f"SELECT {records.VERDICT_COLUMNS} FROM verdict{asked.sql} ORDER BY start_time, uid, target"
        return self._stream(sql, asked.values)

    def measurement(self, uid: str) -> MeasurementRow | None:
        """One measurement's header."""
        with self._reading() as cursor:
            return records.measurement(cursor, uid)

    def verdicts_of(self, uid: str) -> list[VerdictRow]:
        """The verdicts of one measurement."""
        with self._reading() as cursor:
            return records.verdicts_of(cursor, uid)

    def observations_of(self, uid: str) -> dict[str, list[dict[str, Any]]]:
        """The facts of one measurement."""
        with self._reading() as cursor:
            return records.observations_of(cursor, uid)

    def raw(self, uid: str) -> bytes | None:
        """The measurement's bytes as they came, from the archive."""
        row = self.measurement(uid)
        if row is None or not row.segment or row.n < 0:
            return None
        return self._archive.document(Locator(row.segment, row.frame_offset, row.frame_length), row.n)

    def measurements(
        self,
        where: MeasurementFilter = _ANY_MEASUREMENT,
        order_by: MeasurementOrder = MeasurementOrder.START_TIME,
        order: Direction = Direction.DESCENDING,
        limit: int = 100,
        offset: int = 0,
    ) -> list[MeasurementRow]:
        """One page of measurements."""
        with self._reading() as cursor:
            return records.measurements(cursor, where, order_by, order, limit, offset)

    def count_measurements(self, where: MeasurementFilter = _ANY_MEASUREMENT) -> int:
        """How many measurements there are of a kind."""
        with self._reading() as cursor:
            return records.count_measurements(cursor, where)

    def aggregate(
        self,
        axes: Sequence[Axis] = (),
        where: MeasurementFilter = _ANY_MEASUREMENT,
        grain: Grain = Grain.DAY,
    ) -> list[AggregateRow]:
        """Count measurements along up to two axes."""
        with self._reading() as cursor:
            return aggregate.aggregate(cursor, axes, where, grain)

    def countries(self, window: Window = ALWAYS) -> list[CountrySummary]:
        """Every country measured."""
        with self._reading() as cursor:
            return summaries.countries(cursor, window)

    def country_days(self, country: str, window: Window = ALWAYS) -> list[DayCounts]:
        """A country's days."""
        with self._reading() as cursor:
            return summaries.country_days(cursor, country, window)

    def country_networks(self, country: str, window: Window = ALWAYS) -> list[NetworkSummary]:
        """A country's networks."""
        with self._reading() as cursor:
            return summaries.country_networks(cursor, country, window)

    def targets(
        self,
        country: str | None = None,
        window: Window = ALWAYS,
        *,
        limit: int = 50,
        category: str | None = None,
    ) -> list[TargetSummary]:
        """Targets with most blocked verdicts first."""
        with self._reading() as cursor:
            return summaries.targets(cursor, country, window, limit, category)

    def target_networks(
        self, target: str, country: str | None = None, window: Window = ALWAYS
    ) -> list[NetworkSummary]:
        """One target on every network that measured it."""
        with self._reading() as cursor:
            return summaries.target_networks(cursor, target, country, window)

    def target_history(
        self,
        target: str,
        country: str | None = None,
        asn: int | None = None,
        grain: Grain = Grain.DAY,
        window: Window = ALWAYS,
    ) -> list[HistoryStep]:
        """One target's history."""
        with self._reading() as cursor:
            return summaries.target_history(cursor, target, country, asn, grain, window)

    def categories(self, country: str | None = None, window: Window = ALWAYS) -> list[CategorySummary]:
        """Verdicts by category."""
        with self._reading() as cursor:
            return summaries.categories(cursor, country, window)

    def network_names(self) -> dict[int, str]:
        """What people call each network."""
        with self._reading() as cursor:
            return records.network_names(cursor)

    def target_categories(self, targets: Collection[str] | None = None) -> dict[str, str]:
        """Target -> category."""
        with self._reading() as cursor:
            return categories.of_targets(cursor, targets)

    def state_changes(
        self,
        window: Window = ALWAYS,
        country: str | None = None,
        target: str | None = None,
        asn: int | None = None,
        limit: int = 100,
    ) -> list[StateChange]:
        """Where a target's state changed."""
        with self._reading() as cursor:
            return changes.state_changes(cursor, window, country, target, asn, limit)

    def cells(
        self, window: Window = ALWAYS, country: str | None = None, target: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Verdict counts by target, country, network and hour."""
        sql, where = changes.cells_query(window, country, target)
        return self._stream(sql, where.values)

    def stale_hours(self, window: Window = ALWAYS) -> int:
        """How many hours votes are behind in."""
        with self._reading() as cursor:
            return votes.stale_hours(cursor, window)

    def evidence(
        self,
        window: Window = ALWAYS,
        countries: Collection[str] | None = None,
        targets: Collection[str] | None = None,
        *,
        as_of: dt.datetime | None = None,
    ) -> Evidence:
        """What detection of blocking looks at."""
        with self._reading() as cursor:
            return votes.evidence(cursor, window, countries, targets, as_of)

    @contextmanager
    def moment(self, window: Window = ALWAYS, *, daily: bool = False) -> Iterator[Moment]:
        """What detection of blocking looks at, in parts that are of one moment."""
        with self._reading() as cursor:
            cursor.begin()
            try:
                yield Moment(cursor, window, daily=daily)
            finally:
                # Nothing was written but temporary tables, which belong to the cursor and end with it.
                cursor.rollback()

    def heard(self, window: Window = ALWAYS) -> Iterator[pa.RecordBatch]:
        """Numbers of measurements by where, how, when, and when they came."""
        sql, values = heard.heard_query(window)
        return self._stream(sql, values)

    def quarantine_summary(self) -> list[QuarantineCount]:
        """Documents set aside by reason."""
        with self._reading() as cursor:
            return records.quarantine_summary(cursor)

    def quarantine(self, limit: int = 100, reason: str | None = None) -> list[QuarantineRow]:
        """Documents set aside."""
        with self._reading() as cursor:
            return records.quarantine(cursor, limit, reason)

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot recorded."""
        with self._reading() as cursor:
            return records.snapshots(cursor)

    def close(self) -> None:
        """Let go of the file, once reads and exports that are under way have ended."""
        with self._writing:
            self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._opening:
            cursor = self._writer.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        self._writer.begin()
        try:
            yield self._writer
        except BaseException:
            self._writer.rollback()
            raise
        self._writer.commit()

    def _stream(self, sql: str, values: dict[str, Any]) -> Iterator[pa.RecordBatch]:
        with self._reading() as cursor:
            # The stubs say that there may be no reader; there is one after every SELECT.
            yield from cursor.sql(sql, params=values).to_arrow_reader(BATCH_ROWS) or ()
