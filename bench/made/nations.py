"""Nations of five signals that disagree: blackouts of hours to weeks, curfews, power cuts, and sources that fail."""

import datetime as dt
import warnings
from collections.abc import Iterator
from typing import Final, NamedTuple

import holidays
import msgspec
import numpy as np

from bench.made.world import (
    CLOCKS,
    DAY_S,
    HOUR_S,
    MINUTE_S,
    SHALLOW,
    Clock,
    Floats,
    Made,
    Starts,
    between,
    counted,
    left_between,
    local_hours,
    values_of,
    wandering,
)
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label, LabelKind
from lampwatch.model.series import Family, Quantity, Series, Values

SIGNALS: Final = ("bgp", "ping", "telescope", "traffic", "beside")
_FROM: Final = 1_514_764_800
"""2018-01-01."""
_OF: Final = {
    "bgp": (Family.BGP, Quantity.COUNT, 5 * MINUTE_S),
    "ping": (Family.PROBING, Quantity.COUNT, 10 * MINUTE_S),
    "telescope": (Family.TELESCOPE, Quantity.COUNT, 5 * MINUTE_S),
    "traffic": (Family.TRAFFIC, Quantity.LEVEL, 30 * MINUTE_S),
}
_BESIDE: Final = (
    ("tor", Family.USERS, Quantity.COUNT, DAY_S),
    ("mlab", Family.MEASUREMENTS, Quantity.COUNT, DAY_S),
    ("hourly-traffic", Family.TRAFFIC, Quantity.LEVEL, HOUR_S),
)

_ASKED: Final = 0.5
"""A signal that lost less than half is not asked to tell."""

Points = list[tuple[float, float]]


class Happening(NamedTuple):
    """Something that happened: what is left of each signal, from when to when it is asked for, and its name."""

    cause: str
    begin: int
    end: int
    left: dict[str, Points]
    nights: tuple[tuple[int, int], ...] = ()


def nations(random: np.random.Generator, count: int) -> Iterator[Made]:
    """Nations, in two of three of which something happens; at most once each, so that nothing hides anything."""
    for number in range(count):
        clock = CLOCKS[number % len(CLOCKS)]
        history = between(random, 8, 60)
        happens = number % 3 != 2  # noqa: PLR2004  one of three is quiet
        days = int(history + (random.uniform(45, 70) if happens else 90))
        first = _FROM + int(random.integers(0, 365 * 8)) * DAY_S
        one = None
        if happens:
            cause = list(_CAUSES)[(number - number // 3) % len(_CAUSES)]
            begin = first + int(history * DAY_S)
            one = _CAUSES[cause](
                random, clock, begin // HOUR_S * HOUR_S + int(random.choice((0, 0, 1800, 1260)))
            )
        yield _nation(random, clock, first, days, one)


def _nation(random: np.random.Generator, clock: Clock, first: int, days: int, one: Happening | None) -> Made:
    values: list[Values] = []
    moved: dict[str, int] = {}
    feasts = _feasts(random, clock, first, days)
    in_percent = bool(random.random() < 0.5)  # noqa: PLR2004  as often as not
    for signal in SIGNALS:
        header = _header(random, clock, signal)
        width = header.resolution_s
        starts = first + width * np.arange(days * DAY_S // width, dtype=np.int64)
        left = np.ones(len(starts))
        if one and (points := one.left.get(signal)):
            left = left_between(starts, width, points)
            if left.min() <= _ASKED and points[0][0] >= one.begin:
                moved[signal] = width
        numbers = _MAKERS.get(signal, _beside)(random, header, starts, left, clock, feasts)
        if in_percent and signal in _OF:
            header = msgspec.structs.replace(header, quantity=Quantity.LEVEL)
            numbers = np.round(100 * numbers / numbers.max(), 2)
        values.append(_with_holes(random, values_of(header, starts, numbers)))
    labels: tuple[Label, ...] = ()
    if one:
        kind = LabelKind.OUTAGE
        times = one.nights or ((one.begin, one.end),)
        entity = Entity(clock.country)
        labels = tuple(
            Label(
                entity, begin, min(end, first + days * DAY_S), "made", kind, one.cause if moved else SHALLOW
            )
            for begin, end in times
        )
    # Unused addresses hear too little to date anything by five minutes, unless they alone tell.
    telling = [width for signal, width in moved.items() if signal != "telescope" or len(moved) == 1]
    return Made("nations", tuple(values), labels, {clock.country: min(telling, default=5 * MINUTE_S)})


def _header(random: np.random.Generator, clock: Clock, signal: str) -> Series:
    if signal in _OF:
        family, quantity, width = _OF[signal]
        return Series(Entity(clock.country), "made", signal, family, "things", quantity, width)
    source, family, quantity, width = _BESIDE[int(random.integers(len(_BESIDE)))]
    return Series(Entity(clock.country), source, source, family, "things", quantity, width)


# --- What happens ---------------------------------------------------------------------------------------------------


def _cliff(begin: float, end: float, left: float, fall_s: float = 300, rise_s: float = 1200) -> Points:
    return [(begin, 1.0), (begin + fall_s, left), (end - rise_s, left), (end, 1.0)]


def _total(random: np.random.Generator, begin: int, lasts: int, cause: str, *, bgp: bool) -> Happening:
    """All goes at once; routes come back first, then traffic by stages, probing last."""
    late = lasts * random.uniform(0.02, 0.12)
    end = begin + lasts
    left = {
        "ping": _cliff(begin, end, random.uniform(0.0, 0.15)),
        "telescope": _cliff(begin, end, random.uniform(0.03, 0.4)),
        "traffic": _cliff(begin, end - late, random.uniform(0.0, 0.06)),
        "beside": _cliff(begin, end, random.uniform(0.0, 0.1)),
    }
    if bgp:
        left["bgp"] = _cliff(begin, end - late, random.uniform(0.02, 0.5))
    if lasts > 4 * DAY_S:
        # Something comes back for a while in the midst, and all of it by stages.
        midst, hours = begin + lasts * random.uniform(0.3, 0.6), random.uniform(3, 30) * HOUR_S
        some, stage = random.uniform(0.2, 0.55), random.uniform(0.25, 0.5)
        back = end - late - random.uniform(0.5, 2.0) * DAY_S
        low = left["traffic"][1][1]
        left["traffic"] = [
            *_cliff(begin, midst, low)[:3],
            (midst, some),
            (midst + hours, some),
            (midst + hours + HOUR_S, low),
            (back, low),
            (back + 2 * HOUR_S, stage),
            (end - late, stage),
            (end, 1.0),
        ]
        left["ping"] = [*left["ping"][:3], (end + random.uniform(0.2, 2.5) * DAY_S, 1.0)]
        left["ping"][2] = (end, left["ping"][1][1])
    return Happening(cause, begin, end, left)


def _hours(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    return _total(
        random, begin, int(between(random, 2, 11) * HOUR_S), "hours", bgp=bool(random.random() < 0.6)
    )


def _days(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    return _total(random, begin, int(between(random, 1, 5) * DAY_S), "days", bgp=bool(random.random() < 0.5))


def _weeks(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    return _total(
        random, begin, int(between(random, 7, 36) * DAY_S), "weeks", bgp=bool(random.random() < 0.5)
    )


def _filtered(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    """Routes and most probing stay: only people lose it."""
    lasts = int(between(random, 0.25, 18) * DAY_S)
    left = {
        "traffic": _cliff(begin, begin + lasts, random.uniform(0.02, 0.2)),
        "ping": _cliff(begin, begin + lasts, random.uniform(0.4, 0.9)),
        "telescope": _cliff(begin, begin + lasts, random.uniform(0.3, 0.8)),
        "beside": _cliff(begin, begin + lasts, random.uniform(0.02, 0.3)),
    }
    return Happening("filtered", begin, begin + lasts, left)


def _mobile(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    lasts = int(between(random, 0.3, 9) * DAY_S)
    left = {
        "traffic": _cliff(begin, begin + lasts, random.uniform(0.25, 0.55)),
        "telescope": _cliff(begin, begin + lasts, random.uniform(0.6, 0.9)),
        "beside": _cliff(begin, begin + lasts, random.uniform(0.3, 0.7)),
    }
    return Happening("mobile", begin, begin + lasts, left)


def _routes(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    """An operator withdraws its routes: one signal alone shows it well."""
    lasts = int(between(random, 1.5, 60) * HOUR_S)
    gone = random.uniform(0.32, 0.6)
    left = {
        "bgp": _cliff(begin, begin + lasts, 1 - gone),
        "ping": _cliff(begin, begin + lasts, 1 - gone * random.uniform(0.3, 0.9)),
        "traffic": _cliff(begin, begin + lasts, 1 - gone * random.uniform(0.0, 0.3)),
    }
    return Happening("routes", begin, begin + lasts, left)


def _power(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
    lasts, ramp = between(random, 8, 60) * HOUR_S, random.uniform(0.3, 3) * HOUR_S
    left = {}
    for signal, least, most in (
        ("ping", 0.3, 0.6),
        ("traffic", 0.15, 0.5),
        ("telescope", 0.3, 0.7),
        ("bgp", 0.8, 0.97),
    ):
        low = random.uniform(least, most)
        steps = [(begin, 1.0), (begin + ramp, low)]
        steps += [
            (begin + lasts * at, low + (1 - low) * (1 - np.exp(-3.5 * at))) for at in (0.2, 0.4, 0.6, 0.8)
        ]
        left[signal] = [*steps, (begin + lasts, 1.0)]
    # By then most of it is back.
    return Happening("power", begin, int(begin + 0.4 * lasts), left)


def _curfew(random: np.random.Generator, clock: Clock, begin: int) -> Happening:
    hour, lasts, nights = int(random.integers(0, 24)), random.uniform(2.5, 9), int(random.integers(5, 30))
    offset = (local_hours(np.array([begin], np.int64), clock)[0][0] * HOUR_S) % DAY_S
    begin = int(begin - offset + hour * HOUR_S)
    times = tuple(
        (begin + night * DAY_S, int(begin + night * DAY_S + lasts * HOUR_S)) for night in range(nights)
    )
    left: dict[str, Points] = {}
    signals = (("traffic", 0.02, 0.25), ("ping", 0.1, 0.6), ("telescope", 0.3, 0.7))
    for signal, least, most in signals:
        low = random.uniform(least, most)
        left[signal] = [point for night in times for point in _cliff(*night, low)]
    return Happening("curfew", begin, times[-1][1], left, times)


def _within(random: np.random.Generator, clock: Clock, begin: int) -> Happening:
    """A shutdown of hours or days while one signal has been low for weeks for reasons of its own."""
    one = _total(random, begin, int(between(random, 4, 40) * HOUR_S), "within a decline", bgp=True)
    low, since = random.uniform(0.2, 0.35), begin - between(random, 2, 7) * DAY_S
    signal = ("telescope", "beside")[int(random.integers(2))]
    one.left[signal] = _cliff(since, begin + between(random, 4, 20) * DAY_S, low)
    return one


_CAUSES: Final = {
    "weeks": _weeks,
    "filtered": _filtered,
    "hours": _hours,
    "days": _days,
    "mobile": _mobile,
    "curfew": _curfew,
    "routes": _routes,
    "power": _power,
    "within a decline": _within,
}


# --- What signals look like when nothing happens --------------------------------------------------------------------


def _feasts(random: np.random.Generator, clock: Clock, first: int, days: int) -> set[int]:
    """Days, counted from 1970, on which people rest: most of the calendar's, and some, often in a row, of no calendar."""
    years = range(1970 + first // DAY_S // 366, 1972 + (first // DAY_S + days) // 365)
    known = (
        day.toordinal() - dt.date(1970, 1, 1).toordinal() for day in sorted(_calendar(clock.country, years))
    )
    found = {day for day in known if random.random() < 0.85}  # noqa: PLR2004  calendars err
    for _ in range(random.poisson(days / 365 * 3)):
        begin = first // DAY_S + int(random.integers(days))
        found |= set(range(begin, begin + int(random.choice((1, 1, 2, 3)))))
    return found


def _calendar(country: str, years: range) -> set[dt.date]:
    with warnings.catch_warnings(action="ignore"):
        return set(holidays.country_holidays(country, years=years))


def _resting(starts: Starts, clock: Clock, feasts: set[int], share: float) -> tuple[Floats, Floats]:
    """The local hour, and what is left of activity on days of rest: it comes and goes over some hours."""
    hours, days = local_hours(starts, clock)
    known = np.arange(days.min() - 1, days.max() + 2)
    rest = np.array([share if (day + 3) % 7 in clock.rest or int(day) in feasts else 1.0 for day in known])
    middle = days + hours / 24 - 0.5
    return hours, np.interp(middle, known, rest)


def _bgp(
    random: np.random.Generator, header: Series, starts: Starts, left: Floats, clock: Clock, feasts: set[int]
) -> Floats:  # fmt: skip
    """Routes: flat, with small steps from time to time, flaps of a bin or two, and a collector that loses its peers."""
    level, days = between(random, 150, 12_000), len(starts) * header.resolution_s // DAY_S
    numbers = np.full(len(starts), level)
    for at in random.integers(0, len(starts), random.poisson(days / 9)).tolist():
        numbers[at:] *= 1 + random.normal(0, 0.006)
    flaps = random.random(len(starts)) < 1 / 300
    numbers[flaps] *= 1 - random.exponential(0.008, int(flaps.sum()))
    numbers = numbers + random.standard_normal(len(starts)) * max(0.4, 0.0006 * level)
    for at in random.integers(0, len(starts), random.poisson(days / 90)).tolist():
        numbers[at : at + int(random.integers(1, 7))] *= random.uniform(0.6, 0.97)
    return np.maximum(numbers * left, 0.0)


def _ping(
    random: np.random.Generator, header: Series, starts: Starts, left: Floats, clock: Clock, feasts: set[int]
) -> Floats:  # fmt: skip
    """Answers: a small day, new target lists, a prober that now and then loses a part of them."""
    level, swing = between(random, 100, 8_000), random.uniform(0.005, 0.06)
    hours, rest = _resting(starts, clock, feasts, random.uniform(0.97, 1.0))
    days = len(starts) * header.resolution_s // DAY_S
    numbers = level * (1 - swing * np.cos((hours - 2) / 24 * 2 * np.pi)) * rest
    numbers *= np.exp(wandering(random, len(starts), random.uniform(0.004, 0.015), 0.98))
    for at in random.integers(0, len(starts), random.poisson(days / 60)).tolist():
        numbers[at:] *= 1 + random.normal(0, 0.06)
    numbers = numbers * left * (1 + random.standard_normal(len(starts)) * random.uniform(0.002, 0.015))
    for at in random.integers(0, len(starts), random.poisson(days / 60)).tolist():
        numbers[at : at + int(random.integers(1, 5))] *= random.uniform(0.3, 0.95)
    if random.random() < days / 200:
        at = int(random.integers(len(starts)))
        numbers[at : at + int(random.integers(2, 18))] = 0.0
    return np.maximum(numbers, 0.0)


def _telescope(
    random: np.random.Generator, header: Series, starts: Starts, left: Floats, clock: Clock, feasts: set[int]
) -> Floats:  # fmt: skip
    """Addresses that are heard: noisy, a strong day, bursts of scanners, botnets that come and go in a day."""
    level, swing = between(random, 25, 900), random.uniform(0.15, 0.5)
    hours, rest = _resting(starts, clock, feasts, random.uniform(0.8, 1.0))
    days = len(starts) * header.resolution_s // DAY_S
    expected = level * (1 - swing * np.cos((hours - random.uniform(2, 5)) / 24 * 2 * np.pi)) * rest
    expected *= np.exp(wandering(random, len(starts), random.uniform(0.05, 0.16), 0.997))
    for at in random.integers(0, len(starts), random.poisson(days / 40)).tolist():
        expected[at : at + int(between(random, 100, 3000))] *= between(random, 0.55, 1.8)
    bursts = random.random(len(starts)) < 1 / 150
    expected[bursts] *= random.uniform(1.3, 5, int(bursts.sum()))
    return counted(random, expected * left, random.uniform(0.03, 0.12))


def _traffic(
    random: np.random.Generator, header: Series, starts: Starts, left: Floats, clock: Clock, feasts: set[int]
) -> Floats:  # fmt: skip
    """What a large service sees: days, weekends, feasts, a slow trend, and bins that it lost."""
    low, peak = random.uniform(0.08, 0.45), random.uniform(12, 21)
    hours, rest = _resting(starts, clock, feasts, random.uniform(0.65, 1.05))
    day = np.exp(np.cos((hours - peak) / 24 * 2 * np.pi) * 1.4)
    second = 1 + random.uniform(0, 0.25) * np.cos((hours - random.uniform(0, 24)) / 12 * 2 * np.pi)
    shape = low + (1 - low) * (day * second) / (day * second).max()
    slow = np.exp(
        wandering(random, len(starts), random.uniform(0.015, 0.05), 1 - header.resolution_s / DAY_S / 2)
    )
    noise = 1 + random.standard_normal(len(starts)) * random.uniform(0.01, 0.05)
    trend = np.exp(np.arange(len(starts)) * header.resolution_s / (30 * DAY_S) * random.normal(0, 0.03))
    numbers = between(random, 0.3, 40) * shape * rest * slow * trend * noise * left
    lost = random.random(len(starts)) < 1 / 2500
    numbers[lost] *= random.uniform(0, 0.9, int(lost.sum()))
    return np.round(np.maximum(numbers, 0.0), 3)


def _beside(
    random: np.random.Generator, header: Series, starts: Starts, left: Floats, clock: Clock, feasts: set[int]
) -> Floats:  # fmt: skip
    """A fifth one: traffic by the hour, or a count a day."""
    if header.resolution_s < DAY_S:
        return _traffic(random, header, starts, left, clock, feasts)
    level = between(random, 30, 20_000)
    week = np.array([random.uniform(0.75, 1.0) if day in clock.rest else 1.0 for day in range(7)])
    expected = level * week[(starts // DAY_S + 3) % 7]
    expected *= np.exp(wandering(random, len(starts), random.uniform(0.04, 0.12), 0.6))
    return counted(random, expected * left)


_MAKERS: Final = {"bgp": _bgp, "ping": _ping, "telescope": _telescope, "traffic": _traffic}


def _with_holes(random: np.random.Generator, values: Values) -> Values:
    """Gaps of the source, told and not told, of minutes to days."""
    width, numbers = values.series.resolution_s, values.values.copy()
    stay = np.ones(len(numbers), bool)
    days = len(numbers) * width // DAY_S
    for at in random.integers(0, len(numbers), random.poisson(days / 25)).tolist():
        long = max(1, int(between(random, 600, 1.5 * DAY_S) / width))
        if random.random() < 0.5:  # noqa: PLR2004  as often as not
            numbers[at : at + long] = np.nan
        else:
            stay[at : at + long] = False
    return Values(values.series, values.starts[stay], numbers[stay], values.arrived[stay])
