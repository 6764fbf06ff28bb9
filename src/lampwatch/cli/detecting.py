"""What detection of blocking is told by a data directory, and a look at what changed there."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import click

from lampwatch.cli.facts import NO_FACTS, Facts
from lampwatch.cli.place import STORE_FILE, Place, utc_now
from lampwatch.cli.settings import cores
from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.remembered import Remembered
from lampwatch.detect.blocking.setting import Belonging, Setting
from lampwatch.detect.job import CLOCKS, Detected, detect, detect_blocking
from lampwatch.formats.instants import seconds_of, time_of
from lampwatch.formats.services import category_of, service_of
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.errors import UserError
from lampwatch.pipeline.side_by_side import SideBySide
from lampwatch.signals.job import recompute
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.protocol import Reading
from lampwatch.store.query import Window


class Asked(NamedTuple):
    """Which time is looked at, and what is to count: seconds since 1970, None where there is no bound."""

    since: int | None
    until: int | None
    as_of: int | None


def blocking_setting(store: Reading, facts: Facts = NO_FACTS) -> Setting:
    """What services targets belong to, who runs which network, and what files tell."""
    listed = store.target_categories()
    names = store.network_names()

    def belonging(target: str) -> Belonging:
        return Belonging(service_of(target).id, category_of(target, listed))

    return Setting(
        belonging=belonging,
        operator=lambda asn: names.get(asn, ""),
        region=lambda country, asn: facts.regions.get((country, asn), ""),
        sizes=facts.sizes,
    )


def look_for_blocking(
    place: Place,
    store: DuckDBStore,
    log: IncidentLog,
    now: dt.datetime,
    facts: Facts = NO_FACTS,
    known: Remembered | None = None,
) -> Detected:
    """Count anew the hours that measurements came for, detect blocking, and keep what changed as revisions.

    known makes it quicker for whoever looks again and again.
    """
    store.refresh_votes()
    return detect_blocking(
        store,
        log,
        blocking_setting(store, facts),
        now=seconds_of(now),
        sign_offs=place.signed,
        known=known,
        work=SideBySide(cores()),
    )


def kept_blocking(place: Place, facts: Facts = NO_FACTS) -> Detected:
    """Look for what is blocked in a data directory, where anything was measured, and keep what changed.

    A store that a running server has open is that server's to look at, which is told on standard error.
    """
    with _opened(place) as store:
        return (
            look_for_blocking(place, store, place.incidents(), utc_now(), facts)
            if store
            else Detected([], [])
        )


def blocking(
    place: Place,
    asked: Asked,
    connectivity: Sequence[ConnectivityIncident],
    facts: Facts = NO_FACTS,
) -> list[BlockingIncident]:
    """What is blocked in a data directory within a window, or was known to be at a time. Nothing is kept."""
    with _opened(place) as store:
        if store is None:
            return []
        by = asked.as_of or seconds_of(utc_now())
        until = time_of(by) + CLOCKS if asked.until is None else time_of(asked.until)
        since = None if asked.since is None else time_of(asked.since)
        as_of = None if asked.as_of is None else time_of(asked.as_of)
        evidence = store.evidence(Window(since, until), as_of=as_of)
        return incidents(
            evidence, blocking_setting(store, facts).beside(tuple(connectivity)), SideBySide(cores())
        )


@contextmanager
def _opened(place: Place) -> Iterator[DuckDBStore | None]:
    """The store of a data directory; None where there is none, or another process has it."""
    if not (place.directory / STORE_FILE).exists():
        yield None
        return
    with place.archive() as archive:
        try:
            store = place.store(archive)
        except UserError as error:
            click.echo(f"note: what is blocked is not looked for: {error}", err=True)
            yield None
            return
        with store:
            yield store


class Watch:
    """Looks again and again at what a server takes in. clock gives UTC without a zone."""

    def __init__(
        self,
        place: Place,
        store: DuckDBStore,
        clock: Callable[[], dt.datetime],
        days: int,
        facts: Facts = NO_FACTS,
    ) -> None:
        self._place, self._store, self._clock, self._days = place, store, clock, days
        self._facts = facts
        # One for both: what it has looked through it knows, however long the log grows.
        self._log = place.incidents()
        self._due = threading.Event()
        self._due.set()
        self._known = Remembered()

    def series(self) -> None:
        """Make our own series anew, detect over all series, and see what that says of what is blocked."""
        now = self._clock()
        recompute(self._store, self._place.series(), now=now, days=self._days)
        made = detect(
            self._place.series(),
            self._log,
            self._facts.beside_series,
            now=seconds_of(now),
            sign_offs=self._place.signed,
        )
        if made.revisions:
            self._due.set()

    def votes(self) -> None:
        """Detect blocking, where measurements came or connectivity changed since the last time, and the first time."""
        if not self._due.is_set() and not self._store.stale_hours():
            return
        self._due.clear()
        try:
            look_for_blocking(self._place, self._store, self._log, self._clock(), self._facts, self._known)
        except BaseException:
            # Hours that were counted are not stale any more, but nobody has looked at them.
            self._due.set()
            raise
