"""Series for the tests of detection: made of a season, seeded noise, and what happens in them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from lampwatch.detect.connectivity.local_time import is_holiday, offsets_s, rest_days, zone_of
from lampwatch.detect.connectivity.panel import Floats
from lampwatch.model.connectivity import Part
from lampwatch.model.disturbance import Direction, Disturbance
from lampwatch.model.entity import Entity
from lampwatch.model.event import Event, Turn
from lampwatch.model.series import Family, Quantity, Series, Values

MINUTE = 60
FIVE_MINUTES = 5 * MINUTE
HOUR = 3600
DAY = 86_400
MONDAY = int(dt.datetime(2022, 1, 3, tzinfo=dt.UTC).timestamp())
"""Where series begin that say nothing else: a Monday of winter, midnight UTC."""

OF_BGP = ("ioda", "bgp", Family.BGP, Quantity.COUNT)
OF_PROBING = ("ioda", "ping", Family.PROBING, Quantity.COUNT)
OF_TELESCOPE = ("ioda", "telescope", Family.TELESCOPE, Quantity.COUNT)
OF_TRAFFIC = ("google", "search", Family.TRAFFIC, Quantity.LEVEL)
OF_USERS = ("tor", "relay", Family.USERS, Quantity.COUNT)
OF_MEASUREMENTS = ("ooni", "measurements", Family.MEASUREMENTS, Quantity.COUNT)
OF_FLIGHTS = ("flights", "departures", Family.TRANSPORT, Quantity.COUNT)

Signal = tuple[str, str, Family, Quantity]


def header(place: str = "KZ", signal: Signal = OF_BGP, resolution_s: int = HOUR) -> Series:
    source, name, family, quantity = signal
    return Series(Entity.of(place), source, name, family, "things", quantity, resolution_s)


def local(at: int, place: str) -> dt.datetime:
    """A moment on the clocks of a country."""
    return dt.datetime.fromtimestamp(at, ZoneInfo(zone_of(place[:2])))


def moment(place: str, *when: int) -> int:
    """Seconds since 1970 at a local year, month, day, hour and minute of a country."""
    return int(dt.datetime(*when, tzinfo=ZoneInfo(zone_of(place[:2]))).timestamp())  # type: ignore[arg-type, misc]  # year, month and day are always there


def given(series: Series, numbers: Iterable[float], first: int = MONDAY) -> Values:
    """Values as they are listed, a bin each."""
    values = np.array(list(numbers), np.float64)
    starts = first + series.resolution_s * np.arange(len(values), dtype=np.int64)
    return Values(series, starts, values, starts + series.resolution_s)


def ordinary(
    series: Series,
    days: float,
    *,
    level: float = 1000.0,
    swing: float = 0.0,
    rest: float = 1.0,
    noise: float = 0.01,
    first: int = MONDAY,
    seed: int = 0,
) -> Values:
    """A series to which nothing happens.

    level is its middle, swing how far its day strays from that (a share), rest what is left of it on its country's
    days of rest and holidays, noise the deviation of its bins (a share). Counts are whole, and vary as Poisson's
    where noise is 0.
    """
    starts = first + series.resolution_s * np.arange(round(days * DAY / series.resolution_s), dtype=np.int64)
    expected = level * _season(series, starts, swing, rest)
    random = np.random.default_rng([seed, *series.id.encode()])
    if noise or series.quantity is not Quantity.COUNT:
        values = expected * np.maximum(1 + noise * random.standard_normal(len(starts)), 0.0)
        values = values.round() if series.quantity is Quantity.COUNT else values
    else:
        values = random.poisson(expected).astype(np.float64)
    return Values(series, starts, values, starts + series.resolution_s)


def _season(series: Series, starts: npt.NDArray[np.int64], swing: float, rest: float) -> Floats:
    country = series.entity.country
    # A day's bin is about the source's own day.
    clock = starts + offsets_s([country], starts)[0] if series.resolution_s < DAY else starts
    days = np.unique(clock // DAY).tolist()
    resting = {
        day: rest if is_holiday(country, day) or (day + 3) % 7 in rest_days(country) else 1.0
        for day in range(days[0] - 1, days[-1] + 2)
    }
    if series.resolution_s >= DAY:
        return np.array([resting[day] for day in (clock // DAY).tolist()])
    # A day of rest comes and goes over the hours around midnight.
    middle = clock + series.resolution_s / 2
    whole = [at for day in resting for at in (day * DAY + 4 * HOUR, (day + 1) * DAY - 4 * HOUR)]
    share = np.interp(middle, whole, [share for share in resting.values() for _ in range(2)])
    hour = middle % DAY / HOUR
    shape: Floats = (1 - swing * np.cos((hour - 3) / 24 * 2 * np.pi)) * share
    return shape


def _with(values: Values, numbers: Floats) -> Values:
    if values.series.quantity is Quantity.COUNT:
        numbers = numbers.round()
    return Values(values.series, values.starts, numbers, values.arrived)


def changed(values: Values, begin: int, end: int, left: float = 0.0) -> Values:
    """The same values, of which only so much is left between two moments; bins that are cut by one, in proportion."""
    width = values.series.resolution_s
    inside = (
        np.clip(np.minimum(values.starts + width, end) - np.maximum(values.starts, begin), 0, width) / width
    )
    return _with(values, values.values * (1 - inside * (1 - left)))


def ramped(values: Values, begin: int, deepest: int, end: int, left: float = 0.0) -> Values:
    """The same values, falling steadily from one moment to another, back at once at a third."""
    middle = values.starts + values.series.resolution_s / 2
    gone = np.clip((middle - begin) / (deepest - begin), 0.0, 1.0) * (middle < end)
    return _with(values, values.values * (1 - gone * (1 - left)))


def with_gap(values: Values, begin: int, end: int) -> Values:
    """The same values, with a gap that the source tells of."""
    here = (values.starts >= begin) & (values.starts < end)
    return Values(values.series, values.starts, np.where(here, np.nan, values.values), values.arrived)


def without(values: Values, begin: int, end: int) -> Values:
    """The same values, but for bins that were never told of."""
    stay = (values.starts < begin) | (values.starts >= end)
    return Values(values.series, values.starts[stay], values.values[stay], values.arrived[stay])


def until(values: Values, at: int) -> Values:
    """The bins that had ended by then."""
    stay = values.starts + values.series.resolution_s <= at
    return Values(values.series, values.starts[stay], values.values[stay], values.arrived[stay])


def covered(found: Sequence[Disturbance], begin: int, end: int) -> float:
    """The share of a stretch of time that disturbances cover."""
    return sum(max(0, min(one.until, end) - max(one.onset.at, begin)) for one in found) / (end - begin)


def part(
    place: str = "KZ",
    signal: Signal = OF_BGP,
    *,
    begin: int = MONDAY,
    end: int | None = MONDAY + 6 * HOUR,
    until: int | None = None,
    resolution_s: int = FIVE_MINUTES,
    direction: Direction = Direction.DROP,
    depth: float = 0.95,
    score: float = 20.0,
    ramp_s: int = 0,
    recovery_s: int = 0,
) -> Part:
    """One part of an incident, known two bins after it began."""
    series = header(place, signal, resolution_s)
    known = begin + 2 * resolution_s
    onset = Event(Turn.ONSET, begin, begin - resolution_s // 2, begin + resolution_s // 2, known)
    over = None
    if end is not None:
        over = Event(Turn.RECOVERY, end, end - resolution_s, end + resolution_s, end + 2 * resolution_s)
    return Part(
        series.id,
        place,
        series.family,
        series.source,
        direction,
        onset,
        over,
        depth,
        1000.0,
        1000.0 * (1 - depth),
        score,
        ramp_s,
        recovery_s,
        resolution_s,
        end if end is not None else (until or begin + 6 * HOUR),
    )
