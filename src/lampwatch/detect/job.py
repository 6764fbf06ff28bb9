"""Reads series and votes at rest, detects, and keeps what is new as revisions."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from lampwatch.detect.blocking.explained import outages
from lampwatch.detect.blocking.findings import Work, blocked_voters_of, findings
from lampwatch.detect.blocking.incidents import joined
from lampwatch.detect.blocking.measured import Measured
from lampwatch.detect.blocking.portions import portions
from lampwatch.detect.blocking.remembered import Remembered, in_portions
from lampwatch.detect.blocking.setting import Setting as BlockingSetting
from lampwatch.detect.connectivity.detector import Tell
from lampwatch.detect.connectivity.incidents import Setting, incidents
from lampwatch.detect.connectivity.panel import believed
from lampwatch.detect.revisions import revisions
from lampwatch.detect.sign_offs import Said
from lampwatch.formats.instants import seconds_of, time_of
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.revision import AnyIncident, Inputs, Revision, Status
from lampwatch.model.series import Values
from lampwatch.model.signoff import SignOff
from lampwatch.store.incidents import HeldLog, IncidentLog
from lampwatch.store.protocol import Moment, Reading
from lampwatch.store.query import Window
from lampwatch.store.series import SeriesStore

WINDOW: Final = dt.timedelta(days=90)
"""Blocking is looked for in so much time before now, and up to a day more. What began earlier keeps the onset that is
on record."""
CLOCKS: Final = dt.timedelta(hours=1)
"""Probes' clocks go so far ahead; what is measured later than this is not true, or not yet."""
_READ_TOGETHER: Final = 1_000_000
"""About so many votes are in memory at a time, and handed on from there."""


class Detected(NamedTuple):
    """All incidents found, and the revisions that were made of them."""

    incidents: Sequence[AnyIncident]
    revisions: list[Revision]


def detect(
    series: SeriesStore,
    log: IncidentLog,
    setting: Setting,
    *,
    now: int,
    sign_offs: Callable[[], Sequence[SignOff]] = tuple,
    choose: Callable[[Values], bool] = lambda _values: True,
    tell: Tell = lambda _done, _all: None,
) -> Detected:
    """Detect over all series that the store has, or what is chosen of them. When this returns, revisions are durable.

    now is in seconds since 1970. sign_offs gives those that count by then, in order. Incidents whose series are not all
    chosen are left as they stand. tell hears how many values of how many have been looked at.
    """
    given = [one for one in map(believed, series.values()) if len(one) and choose(one)]
    found = incidents(given, setting, tell)
    names = {one.series.id for one in given}
    latest = max((int(one.starts[-1]) + one.series.resolution_s for one in given), default=0)
    with log.held() as held:
        before = [
            one
            for one in held.standing()
            if isinstance(one.incident, ConnectivityIncident)
            and {part.series for part in one.incident.parts} <= names
        ]
        made = revisions(
            before,
            found,
            since=None,
            latest=latest,
            now=now,
            as_of=now,
            inputs=Inputs(latest),
            said=_said(held, sign_offs()),
        )
        held.append(made)
    return Detected(found, made)


def detect_blocking(
    store: Reading,
    log: IncidentLog,
    setting: BlockingSetting,
    *,
    now: int,
    sign_offs: Callable[[], Sequence[SignOff]] = tuple,
    known: Remembered | None = None,
    work: Work = map,
) -> Detected:
    """Detect over the votes of the trailing window. When this returns, revisions are durable.

    now is in seconds since 1970; the window ends with the latest measurement, or now: what is said to have been
    measured later is left out until then. The votes must have been refreshed. Losses of connectivity are those on
    record. Whoever looks again and again gives the same known each time; work does what can be done side by side.
    Neither makes a difference to what is found.
    """
    latest = store.last_measured(time_of(now) + CLOCKS)
    if latest is None:
        return Detected([], [])
    connectivity = tuple(
        one.incident
        for one in log.standing()
        if isinstance(one.incident, ConnectivityIncident) and one.status is not Status.RETRACTED
    )
    window = Window(latest - WINDOW, latest + dt.timedelta(seconds=1))
    with store.moment(window, daily=True) as moment:
        found = _blocking_of(moment, setting.beside(connectivity), known or Remembered(), work)
    since, until = seconds_of(latest - WINDOW), seconds_of(latest)
    inputs = _inputs(store, found, until)
    with log.held() as held:
        before = [one for one in held.standing() if isinstance(one.incident, BlockingIncident)]
        made = revisions(
            before,
            found,
            since=since,
            latest=until,
            now=now,
            as_of=now,
            inputs=inputs,
            said=_said(held, sign_offs()),
        )
        held.append(made)
    return Detected(found, made)


def _blocking_of(
    moment: Moment, setting: BlockingSetting, known: Remembered, work: Work
) -> list[BlockingIncident]:
    """All incidents of a moment, of whose votes only those are read that are not known."""
    groups, cut_off = moment.groups(), outages(setting.connectivity)
    read = map(moment.histories, in_portions(known.changed(groups, cut_off), _READ_TOGETHER))
    new = findings((portion for votes in read for portion in portions(votes)), cut_off, work)
    found = known.completed(groups, cut_off, new)
    around = Measured(moment.coverage(), moment.presence(), blocked_voters_of(found))
    return joined(found, around, setting)


def _said(log: HeldLog, sign_offs: Sequence[SignOff]) -> Said:
    """What persons signed. Most detections have nothing signed: then nobody needs to know what was said before."""
    return Said(sign_offs, log.revisions() if sign_offs else ())


def _inputs(store: Reading, found: Sequence[BlockingIncident], until: int) -> Inputs:
    """What detection rests on: the rules that judged, and the reference data in force."""
    rules = max((version for one in found for block in one.blocks for version in block.versions), default="")
    latest: dict[str, str] = {}
    for snapshot in store.snapshots():
        latest.setdefault(snapshot.kind, snapshot.version)
    return Inputs(until, rules, latest.get("fingerprints", ""), latest.get("networks", ""))
