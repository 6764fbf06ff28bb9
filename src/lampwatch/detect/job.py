"""Reads the series at rest, detects, and keeps what is new as revisions."""

from collections.abc import Callable
from typing import NamedTuple

from lampwatch.detect.connectivity.detector import Tell
from lampwatch.detect.connectivity.incidents import Setting, incidents
from lampwatch.detect.connectivity.panel import believed
from lampwatch.detect.revisions import revisions
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.revision import Revision
from lampwatch.model.series import Values
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.series import SeriesStore


class Detected(NamedTuple):
    """All incidents found, and the revisions that were made of them."""

    incidents: list[ConnectivityIncident]
    revisions: list[Revision]


def detect(
    series: SeriesStore,
    log: IncidentLog,
    setting: Setting,
    *,
    now: int,
    choose: Callable[[Values], bool] = lambda _values: True,
    tell: Tell = lambda _done, _all: None,
) -> Detected:
    """Detect over all that the store has, or what is chosen of it. When this returns, the revisions are durable.

    now is in seconds since 1970. Incidents whose series are not all chosen are left as they stand.
    tell hears how many values of how many have been looked at.
    """
    given = [one for one in map(believed, series.values()) if len(one) and choose(one)]
    found = incidents(given, setting, tell)
    names = {one.series.id for one in given}
    before = [
        one
        for one in log.standing()
        if isinstance(one.incident, ConnectivityIncident)
        and {part.series for part in one.incident.parts} <= names
    ]
    latest = max((int(one.starts[-1]) + one.series.resolution_s for one in given), default=0)
    made = revisions(before, found, since=None, latest=latest, now=now, as_of=now)
    log.append(made)
    return Detected(found, made)
