"""Counts of every country and network by the hour, and in which hours anything was heard at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from lampwatch.model.entity import Entity
from lampwatch.signals.own.counts import COMPARING, HOUR_S, Found, Heard, Left

LATE_HOURS: Final = 2
"""What arrives so many hours after the hour in which it began is late: a probe delivers within minutes if it can."""
_UNKNOWN: Final = "ZZ"
"""What OONI calls a country that a probe did not find out."""

ByHour = Counter[int]
"""A number for each hour, by its beginning in seconds since 1970 (UTC)."""


class Counts:
    """What is known of one country or network. begun is by the hour of beginning, received by that of arrival."""

    def __init__(self) -> None:
        self.begun: ByHour = Counter()
        self.reports: ByHour = Counter()
        self.comparable: ByHour = Counter()
        self.controlled: ByHour = Counter()
        self.received: ByHour = Counter()
        self.late: ByHour = Counter()
        self.online: ByHour = Counter()
        self.cut_off: ByHour = Counter()
        self.networks: dict[int, set[int]] = defaultdict(set)
        self.heard_from: dict[int, set[int]] = defaultdict(set)


class Tally:
    """All counts, by entity; and the hours in which anybody measured, anything arrived, and any control answered."""

    def __init__(self, heard: Iterable[Heard], found: Iterable[Found]) -> None:
        """Take both in. What no country is known of is left out; what no network is known of counts for its country."""
        rows = list(heard)
        self.of: dict[Entity, Counts] = defaultdict(Counts)
        self.measured = {row.start for row in rows}
        self.heard = {row.arrived for row in rows if row.arrived is not None}
        self.controls = {row.start for row in rows if row.controlled}
        for row in rows:
            for entity in _entities(row.country, row.asn):
                _take(self.of[entity], row)
        for test in found:
            for entity in _entities(test.country, test.asn):
                self.of[entity].online[test.start] += test.left is Left.ONLINE
                self.of[entity].cut_off[test.start] += test.left is Left.CUT_OFF


def _take(counts: Counts, row: Heard) -> None:
    counts.begun[row.start] += row.measurements
    counts.reports[row.start] += row.reports
    if row.asn:
        counts.networks[row.start].add(row.asn)
    if row.method in COMPARING:
        counts.comparable[row.start] += row.measurements
        counts.controlled[row.start] += row.controlled
    if row.arrived is not None:
        counts.received[row.arrived] += row.measurements
        if row.asn:
            counts.heard_from[row.arrived].add(row.asn)
        if row.arrived - row.start >= LATE_HOURS * HOUR_S:
            counts.late[row.arrived] += row.measurements


def _entities(country: str, asn: int) -> Iterator[Entity]:
    try:
        place = Entity.of(country)
    except ValueError:
        return
    if place.place != _UNKNOWN and place.place == place.country:
        yield place
        if 0 < asn < 2**32:
            yield Entity(place.place, asn)
