"""Our own series, from the store of measurements into the store of series: the one place here that knows both."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Final

import msgspec
import numpy as np

from lampwatch.formats.instants import seconds_of
from lampwatch.model.entity import Entity
from lampwatch.model.series import Values
from lampwatch.signals.own.counts import HOUR_S, LEFT_BY_RULE, Found, Heard, Left
from lampwatch.signals.own.series import SOURCE, Asked, own_series
from lampwatch.store.protocol import Reading
from lampwatch.store.query import VerdictFilter, Window
from lampwatch.store.series import Appended, SeriesStore

SETTLING: Final = dt.timedelta(minutes=15)
"""An hour is counted this long after its end: by then what a probe delivers at once is there."""
REMEMBERED: Final = dt.timedelta(days=28)
"""A network that has been silent for longer than this before the window is no longer expected to be heard."""
EXPECTED: Final = dt.timedelta(days=365)
"""The same of a country whose probes handed in themselves: it may be cut off for as long."""
_CONNECTIVITY: Final = "connectivity"


class Recomputed(msgspec.Struct, frozen=True):
    """What came of it: measurements looked at, series made, and what of them was new in the store."""

    measurements: int
    series: int
    appended: Appended


def recompute(store: Reading, series: SeriesStore, *, now: dt.datetime, days: int) -> Recomputed:
    """Make our own series of the last days anew, and keep what is new or says something else than before.

    now is UTC without a zone, and the time at which the values arrive. Doing it again changes nothing.
    """
    until = (now - SETTLING).replace(minute=0, second=0, microsecond=0)
    since = until - dt.timedelta(days=days)
    window = Window(since, until)
    heard = list(_heard(store, window))
    before = _before(store, Window(since - REMEMBERED, since))
    delivering = _delivering(series, since, before)
    before |= delivering
    asked = Asked(seconds_of(since), seconds_of(until), before, delivering)
    arrived = seconds_of(now)
    made = [_arrived(one, arrived) for one in own_series(heard, _found(store, window), asked)]
    appended = series.append(made) if made else Appended(0, 0, 0)
    return Recomputed(sum(row.measurements for row in heard), len(made), appended)


def _heard(store: Reading, window: Window) -> Iterator[Heard]:
    for batch in store.heard(window):
        for row in batch.to_pylist():
            yield Heard(
                row["probe_cc"],
                row["probe_asn"],
                row["method"],
                seconds_of(row["hour"]),
                seconds_of(row["arrived"]) if row["arrived"] is not None else None,
                row["measurements"],
                row["controlled"],
                row["reports"],
            )


def _found(store: Reading, window: Window) -> Iterator[Found]:
    asked = VerdictFilter(method=_CONNECTIVITY, since=window.since, until=window.until)
    for batch in store.export_verdicts(asked):
        for row in batch.select(["probe_cc", "probe_asn", "start_time", "rule_id"]).to_pylist():
            left = LEFT_BY_RULE.get(row["rule_id"], Left.UNTOLD)
            start = seconds_of(row["start_time"]) // HOUR_S * HOUR_S
            yield Found(row["probe_cc"], row["probe_asn"], start, left)


def _before(store: Reading, window: Window) -> set[Entity]:
    """Countries and networks that measured within a window."""
    places = {one.country for one in store.countries(window)}
    networks = {
        Entity(one.country, one.asn)
        for place in places
        for one in store.country_networks(place, window)
        if one.asn
    }
    return {Entity(place) for place in places if place != "ZZ"} | networks


def _delivering(series: SeriesStore, since: dt.datetime, networks: Collection[Entity]) -> set[Entity]:
    """Countries from which anything was received in the last year, and those of the networks, before a time."""
    ids = {
        one.id
        for one in series.series()
        if (one.source, one.signal) == (SOURCE, "received") and (not one.entity.asn or one.entity in networks)
    }
    past = series.values(ids, since=seconds_of(since - EXPECTED), until=seconds_of(since))
    return {one.series.entity for one in past if (one.values > 0).any()}


def _arrived(values: Values, now: int) -> Values:
    return Values(values.series, values.starts, values.values, np.full(len(values), now, np.int64))
