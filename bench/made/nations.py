"""Nations of five signals that disagree: blackouts of hours to weeks, curfews, power cuts, and sources that fail."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np

from bench.made.signals import MAKERS, Bins, feasts_of
from bench.made.world import (
    CLOCKS,
    DAY_S,
    HOUR_S,
    MINUTE_S,
    SHALLOW,
    Clock,
    Made,
    between,
    left_between,
    local_hours,
    values_of,
    with_holes,
)
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label, LabelKind
from lampwatch.model.series import Family, Quantity, Series, Values

_FROM: Final = 1_514_764_800
"""2018-01-01."""
_OF: Final = {
    "bgp": (Family.BGP, Quantity.COUNT, 5 * MINUTE_S),
    "ping": (Family.PROBING, Quantity.COUNT, 10 * MINUTE_S),
    "telescope": (Family.TELESCOPE, Quantity.COUNT, 5 * MINUTE_S),
    "traffic": (Family.TRAFFIC, Quantity.LEVEL, 30 * MINUTE_S),
}
_BESIDE: Final = {
    "tor": (Family.USERS, Quantity.COUNT, DAY_S),
    "mlab": (Family.MEASUREMENTS, Quantity.COUNT, DAY_S),
    "hourly-traffic": (Family.TRAFFIC, Quantity.LEVEL, HOUR_S),
}
"""The fifth signal is one of these; what happens to it is written under `beside`."""
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
        happens = number % 3 != 2
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
    feasts = feasts_of(random, clock, first, days)
    in_percent = bool(random.random() < 0.5)
    fifth = list(_BESIDE)[int(random.integers(len(_BESIDE)))]
    for signal, (family, quantity, width) in {**_OF, fifth: _BESIDE[fifth]}.items():
        starts = first + width * np.arange(days * DAY_S // width, dtype=np.int64)
        left = np.ones(len(starts))
        if one and (points := one.left.get(signal if signal in _OF else "beside")):
            left = left_between(starts, width, points)
            if left.min() <= _ASKED and points[0][0] >= one.begin:
                moved[signal] = width
        numbers = MAKERS[signal](random, Bins(starts, width, left, clock, feasts))
        header = Series(Entity(clock.country), "made", signal, family, "things", quantity, width)
        if in_percent and signal in _OF:
            header = msgspec.structs.replace(header, quantity=Quantity.LEVEL)
            numbers = np.round(100 * numbers / numbers.max(), 2)
        values.append(with_holes(random, values_of(header, starts, numbers)))
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
        if random.random() < 0.3:
            stays = random.uniform(0.78, 0.95)
            left["ping"][-1] = (left["ping"][-1][0], stays)
            left["ping"].append((end + 400 * DAY_S, stays))
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


def _within(random: np.random.Generator, clock: Clock, begin: int) -> Happening:  # noqa: ARG001  as every cause
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
