"""The store as the other rooms see it. Twins under store/ keep these promises on different engines.

What is asked is in `store.query`, what is answered in `store.rows`. All methods may be called from any thread; one
commit runs at a time, reads run beside it and see whole commits only.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa

from lampwatch.formats.vote_tables import Evidence
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


class Moment(Protocol):
    """What detection of blocking looks at, as `Reading.evidence` tells it, asked for in parts that are of one moment.

    It is of votes as they were last counted: what `refresh_votes` has not counted yet is not in it.
    """

    def groups(self) -> pa.Table:
        """What has troubled histories, with the schema `vote_tables.GROUP`, by country, target and method."""
        ...

    def histories(self, groups: pa.Table) -> pa.Table:
        """The votes of the troubled histories of some of these groups."""
        ...

    def coverage(self) -> pa.Table:
        """How each troubled target was found, wherever it was measured."""
        ...

    def presence(self) -> pa.Table:
        """Since when, how often and how broadly each network is measured."""
        ...


class Writing(Protocol):
    """What jobs do to the store."""

    def commit(
        self,
        tables: Mapping[str, pa.RecordBatch | pa.Table],
        locator: Locator | None,
        *,
        replace: bool = False,
        progress: Mapping[str, Progress] | None = None,
    ) -> Committed:
        """Take in the rows of one archive frame in one transaction; when this returns they survive a kill -9.

        tables are as `formats.tables.Rows.tables()` gives them; absent ones are empty. Idempotent by uid: a measurement
        that is there already is skipped whole. With replace, tables must hold all that the frame yields, and take the
        place of everything the store had for the same uids and the same frame; a measurement that the store has from
        an earlier frame stays as it is, so that the first arrival wins, then as now. locator is None only where nothing
        of it is in the archive; otherwise its frame counts as taken in, whatever it yields. progress is kept by source
        in the same transaction.
        """
        ...

    def record_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the name and origin of reference data; the same kind and version again replaces it."""
        ...

    def set_categories(self, rows: Sequence[tuple[str, str]]) -> None:
        """Replace the whole list of (target, category) pairs; the last pair of a target counts.

        A target that is not in it has, now and when it is first measured, the category that `formats.services` knows.
        """
        ...

    def refresh_votes(self, tell: Tell = ...) -> int:
        """Count again the votes of every hour that commits left behind, and give their number; a kill loses nothing.

        Done in portions of some days, each in one transaction; tell hears after each how many hours are done, of how
        many. Commits go on in between, and what they leave behind may wait for the next time.
        """
        ...


class Reading(Protocol):
    """What pages, exports and jobs ask."""

    @property
    def schema_version(self) -> int:
        """The version of the tables, counted up by each migration."""
        ...

    def progress(self, source: str) -> Progress | None:
        """How far a source has been taken in; None where it never was."""
        ...

    def taken_in(self) -> list[Locator]:
        """Which stretches of the archive are in, in order; frames that follow each other are one stretch.

        What the archive holds beside them was archived and never committed.
        """
        ...

    def known(self, uids: Collection[str], set_aside: Collection[str] = ()) -> set[str]:
        """Which of these the store has: measurements by uid, and documents set aside by their id in the quarantine."""
        ...

    def totals(self) -> Totals:
        """All that the store holds, in numbers."""
        ...

    def last_measured(self, until: dt.datetime) -> dt.datetime | None:
        """When the last measurement before a time began; None where there is none.

        Where that is more than two days before, on the last day on which three sessions measured, if there is one: a
        probe whose clock is wrong, or a liar, must not say which time it is.
        """
        ...

    def verdicts(
        self,
        where: VerdictFilter = ...,
        order: VerdictOrder = VerdictOrder.START_TIME,
        direction: Direction = Direction.DESCENDING,
        limit: int = 100,
        offset: int = 0,
    ) -> list[VerdictRow]:
        """One page of verdicts."""
        ...

    def count_verdicts(self, where: VerdictFilter = ...) -> int:
        """How many verdicts there are of a kind."""
        ...

    def export_verdicts(self, where: VerdictFilter = ...) -> Iterator[pa.RecordBatch]:
        """All verdicts of a kind by start time, uid and target, in batches with the columns of `formats.tables`."""
        ...

    def measurement(self, uid: str) -> MeasurementRow | None:
        """One measurement's header; None where it is not known."""
        ...

    def verdicts_of(self, uid: str) -> list[VerdictRow]:
        """The verdicts of one measurement, by target."""
        ...

    def observations_of(self, uid: str) -> dict[str, list[dict[str, Any]]]:
        """The facts of one measurement: kind -> rows as the columns of its table, control after probe, in order."""
        ...

    def raw(self, uid: str) -> bytes | None:
        """The measurement's bytes as they came, from the archive; None where it is not known or not archived."""
        ...

    def measurements(
        self,
        where: MeasurementFilter = ...,
        order_by: MeasurementOrder = MeasurementOrder.START_TIME,
        order: Direction = Direction.DESCENDING,
        limit: int = 100,
        offset: int = 0,
    ) -> list[MeasurementRow]:
        """One page of measurements."""
        ...

    def count_measurements(self, where: MeasurementFilter = ...) -> int:
        """How many measurements there are of a kind."""
        ...

    def aggregate(
        self,
        axes: Sequence[Axis] = (),
        where: MeasurementFilter = ...,
        grain: Grain = Grain.DAY,
    ) -> list[AggregateRow]:
        """Count measurements along up to two different axes, ordered by the axes; none gives one row.

        Raises UserError for more axes, or the same one twice.
        """
        ...

    def countries(self, window: Window = ALWAYS) -> list[CountrySummary]:
        """Every country measured, most verdicts first."""
        ...

    def country_days(self, country: str, window: Window = ALWAYS) -> list[DayCounts]:
        """A country's days, in order; days nobody measured are absent."""
        ...

    def country_networks(self, country: str, window: Window = ALWAYS) -> list[NetworkSummary]:
        """A country's networks, most verdicts first."""
        ...

    def targets(
        self,
        country: str | None = None,
        window: Window = ALWAYS,
        *,
        limit: int = 50,
        category: str | None = None,
    ) -> list[TargetSummary]:
        """Targets with most blocked verdicts first, then most verdicts; of one country, or of all."""
        ...

    def target_networks(
        self, target: str, country: str | None = None, window: Window = ALWAYS
    ) -> list[NetworkSummary]:
        """One target on every network that measured it, most blocked verdicts first."""
        ...

    def target_history(
        self,
        target: str,
        country: str | None = None,
        asn: int | None = None,
        grain: Grain = Grain.DAY,
        window: Window = ALWAYS,
    ) -> list[HistoryStep]:
        """One target's history, in order of time; of one country or network, or of all."""
        ...

    def categories(self, country: str | None = None, window: Window = ALWAYS) -> list[CategorySummary]:
        """Verdicts by category, most blocked first; of one country, or of all."""
        ...

    def target_categories(self, targets: Collection[str] | None = None) -> dict[str, str]:
        """Target -> category, of these targets or of all; those without one are absent."""
        ...

    def network_names(self) -> dict[int, str]:
        """What people call each network, by its number; those without a name are absent."""
        ...

    def state_changes(
        self,
        window: Window = ALWAYS,
        country: str | None = None,
        target: str | None = None,
        asn: int | None = None,
        limit: int = 100,
    ) -> list[StateChange]:
        """Where a target's state changed within the window, latest first."""
        ...

    def cells(
        self, window: Window = ALWAYS, country: str | None = None, target: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Verdict counts by target, country, network and hour, in that order.

        Columns: target, probe_cc, probe_asn, hour (start, UTC), ok, down, blocked, unknown.
        """
        ...

    def stale_hours(self, window: Window = ALWAYS) -> int:
        """How many hours, each of one country, votes are behind in; 0 when `refresh_votes` has nothing to do."""
        ...

    def evidence(
        self,
        window: Window = ALWAYS,
        countries: Collection[str] | None = None,
        targets: Collection[str] | None = None,
        *,
        as_of: dt.datetime | None = None,
    ) -> Evidence:
        """What detection of blocking looks at, from the hours that begin within the window.

        Everything committed before is in it and nothing else; what `refresh_votes` has not counted yet is counted for
        this answer, which takes the longer. Of some countries: their troubled histories and their networks, and the
        coverage of what is troubled in them, wherever it was measured. Of some targets: histories and coverage alone
        are narrowed. None asks for all, an empty collection for none.

        With as_of, it is what would have been known then, by today's rules: of the measurements that probes handed in,
        those in the archive's hours that were over; of all others, those that had begun.
        """
        ...

    def moment(self, window: Window = ALWAYS, *, daily: bool = False) -> AbstractContextManager[Moment]:
        """The same as of now, in parts: for whoever knows some of it from before. Commits go on meanwhile.

        With daily, the window begins earlier by up to a day, at an hour of the day that is each country's own: where it
        moves on with the clock, each country's votes change by that once a day, and never those of all together.
        """
        ...

    def heard(self, window: Window = ALWAYS) -> Iterator[pa.RecordBatch]:
        """Numbers of measurements that began or arrived within the window, by where, how, when, and when they came.

        Columns: probe_cc, probe_asn, method, hour and arrived (start, UTC; arrived is null where no probe handed them
        in itself), measurements, controlled (those whose control answered, for some target, be it that it failed
        too), reports (different ones; those that are in none count as one). In the order of the columns.
        """
        ...

    def quarantine_summary(self) -> list[QuarantineCount]:
        """Documents set aside by reason, most first."""
        ...

    def quarantine(self, limit: int = 100, reason: str | None = None) -> list[QuarantineRow]:
        """Documents set aside, by reason, source and position."""
        ...

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot recorded, by kind, latest loaded first."""
        ...


class Store(Writing, Reading, Protocol):
    """Both sides, and an end. Opened by its twin; closed by `close` or as a context manager."""

    def close(self) -> None:
        """Let go of the file, once reads and exports that are under way have ended."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
