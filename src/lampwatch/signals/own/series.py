"""Counts by the hour -> series: volume, heartbeats, late uploads, what controls said, and what was left.

A silent hour is zero only where something shows that the silence is not ours: others were heard in it, or a test that
came later tells that it was cut off then. Where nothing does, it is a gap, and where nobody ever measures, absent.
"""

import math
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.series import Family, Quantity, Series, Values
from lampwatch.signals.own.counts import HOUR_S, Found, Heard
from lampwatch.signals.own.tally import Counts, Tally

SOURCE: Final = "lampwatch"
SIGNALS: Final = {
    "measurements": (Family.MEASUREMENTS, "measurements", Quantity.COUNT),
    "received": (Family.MEASUREMENTS, "measurements", Quantity.COUNT),
    "late": (Family.MEASUREMENTS, "measurements", Quantity.COUNT),
    "reports": (Family.MEASUREMENTS, "reports", Quantity.COUNT),
    "networks": (Family.PROBES, "networks", Quantity.COUNT),
    "heartbeats": (Family.PROBES, "networks", Quantity.COUNT),
    "control-answered": (Family.PROBES, "share", Quantity.SHARE),
    "online": (Family.PROBES, "share", Quantity.SHARE),
    "cut-off": (Family.PROBES, "tests", Quantity.COUNT),
}
"""measurements, reports and networks by the hour in which measuring began: late uploads fill them, as a revision.
received, late and heartbeats (networks heard from) by the hour of arrival, of what probes handed in themselves.
control-answered is the share of measurements whose control said anything, online that of connectivity tests that
reached the world, cut-off how many of them had a link and reached nothing abroad."""
_FOR_COUNTRIES: Final = ("networks", "heartbeats")
_OF_THE_WHOLE: Final = ("control-answered", "online", "cut-off")
_DAY_HOURS: Final = 24

Points = dict[int, float]
"""Values by the start of their bins; NaN is a gap."""


class Asked(msgspec.Struct, frozen=True):
    """Which hours are asked for, from since (inclusive) until until (exclusive), in whole hours since 1970 in seconds.

    before are entities that measured shortly before since, so that their silence is one from since on; delivering are
    those of them whose probes handed in themselves.
    """

    since: int
    until: int
    before: Collection[Entity] = ()
    delivering: Collection[Entity] = ()


def own_series(heard: Iterable[Heard], found: Iterable[Found], asked: Asked) -> Iterator[Values]:
    """Give the series of every country and network, by entity and signal; arrived is left zero.

    heard may hold rows from before since that arrived after it. The same rows in any order give the same series.
    """
    tally = Tally(heard, found)
    for entity in sorted({*tally.of, *asked.before}):
        counts = tally.of.get(entity) or Counts()
        for signal, points in _signals(counts, tally, entity, asked).items():
            if signal in _FOR_COUNTRIES and entity.kind is not EntityKind.COUNTRY:
                continue
            within = {start: value for start, value in points.items() if asked.since <= start < asked.until}
            if signal in _OF_THE_WHOLE and entity.kind is EntityKind.COUNTRY:
                within = {
                    start: value if _speaks(counts, start) else math.nan for start, value in within.items()
                }
            if within:
                yield _values(entity, signal, within)


def _signals(counts: Counts, tally: Tally, entity: Entity, asked: Asked) -> dict[str, Points]:
    since = asked.since if entity in asked.before else min(counts.begun, default=asked.until)
    measured = {start for start in tally.measured if start >= since}
    arrivals = _arrivals(counts, tally, entity, asked)
    tests = counts.online + counts.cut_off
    return {
        "measurements": {start: float(counts.begun[start]) for start in measured},
        "reports": {start: float(counts.reports[start]) for start in measured},
        "networks": {start: float(len(counts.networks.get(start, ()))) for start in measured},
        "received": {
            start: _or_gap(counts.received[start], known=known) for start, known in arrivals.items()
        },
        "late": {start: _or_gap(counts.late[start], known=known) for start, known in arrivals.items()},
        "heartbeats": {
            start: _or_gap(len(counts.heard_from.get(start, ())), known=known)
            for start, known in arrivals.items()
        },
        "control-answered": {
            start: _controlled(counts, tally, start) for start, number in counts.comparable.items() if number
        },
        "online": {start: counts.online[start] / number for start, number in tests.items()},
        "cut-off": {start: float(counts.cut_off[start]) for start, number in tests.items()},
    }


def _speaks(counts: Counts, start: int) -> bool:
    """Whether an hour says something of the whole country: half of the day's networks measured in it, or more."""
    day = set().union(*(counts.networks.get(start - back * HOUR_S, ()) for back in range(_DAY_HOURS)))
    return 2 * len(counts.networks.get(start, ())) >= len(day)


def _arrivals(counts: Counts, tally: Tally, entity: Entity, asked: Asked) -> dict[int, bool]:
    """The hours from the first arrival on, each with whether it is known what arrived in it."""
    since = asked.since if entity in asked.delivering else min(counts.received, default=asked.until)
    return {
        start: start in tally.heard or counts.cut_off[start] > 0
        for start in range(max(since, asked.since), asked.until, HOUR_S)
    }


def _controlled(counts: Counts, tally: Tally, start: int) -> float:
    """The share whose control answered; a gap where none answered anywhere and nothing else tells of a cut.

    For then it may be the control that failed, and that says nothing of any network.
    """
    if start not in tally.controls and not counts.cut_off[start]:
        return math.nan
    return counts.controlled[start] / counts.comparable[start]


def _or_gap(number: int, *, known: bool) -> float:
    return float(number) if known else math.nan


def _values(entity: Entity, signal: str, points: Points) -> Values:
    family, unit, quantity = SIGNALS[signal]
    series = Series(entity, SOURCE, signal, family, unit, quantity, HOUR_S)
    starts = np.array(sorted(points), np.int64)
    values = np.array([points[start] for start in sorted(points)], np.float64)
    return Values(series, starts, values, np.zeros(len(starts), np.int64))
