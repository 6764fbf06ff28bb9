"""Tables of counties by the hour, with days of history only: storms along a path, power cuts, tables that fail."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from bench.made.world import (
    DAY_S,
    HOUR_S,
    SHALLOW,
    Floats,
    Made,
    Starts,
    between,
    left_between,
    values_of,
    wandering,
)
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label, LabelKind
from lampwatch.model.series import Family, Quantity, Series, Values

_COUNTRIES: Final = {
    "US": ("US-FL", "US-GA", "US-AL", "US-SC"),
    "PH": ("PH-05", "PH-08", "PH-06", "PH-07"),
    "MX": ("MX-GRO", "MX-OAX", "MX-MIC"),
    "MZ": ("MZ-B", "MZ-Q", "MZ-S"),
    "AR": ("AR-B", "AR-X", "AR-S", "AR-M", "AR-E"),
    "PK": ("PK-SD", "PK-PB", "PK-BA", "PK-KP"),
}
_FROM: Final = 1_546_300_800
"""2019-01-01."""
_KINDS: Final = ("storms", "power cuts", "quiet weeks", "failing probers")
_ASKED: Final = 0.5
"""What lost half, for three hours or more, is asked for."""
_SLIGHT: Final = 0.85
_LEAST_S: Final = 3 * HOUR_S


def counties(random: np.random.Generator, count: int) -> Iterator[Made]:
    """Tables, of storms, of power cuts, of quiet weeks, and of weeks in which only the prober fails, in turn."""
    for number in range(count):
        country = list(_COUNTRIES)[int(random.integers(len(_COUNTRIES)))]
        days = int(random.integers(5, 15))
        first = _FROM + int(random.integers(0, 365 * 6)) * DAY_S + int(random.integers(0, 24)) * HOUR_S
        starts = first + HOUR_S * np.arange(days * 24, dtype=np.int64)
        begin = first + random.uniform(2.2, max(2.4, days - 2.5)) * DAY_S
        places = _places(random, country, int(random.integers(25, 260)))
        kind = _KINDS[number % len(_KINDS)]
        if kind == "storms":
            losses = [_storm(random, begin, spot) for spot in _spots(random, len(places))]
        elif kind == "power cuts":
            losses = _cut(random, begin, len(places))
        else:
            losses = [[] for _ in places]
        yield _table(random, kind, starts, places, losses)


def _places(random: np.random.Generator, country: str, count: int) -> list[Entity]:
    states = _COUNTRIES[country]
    return [Entity(f"{states[int(random.integers(len(states)))]}/County {number}") for number in range(count)]


def _spots(random: np.random.Generator, count: int) -> Floats:
    """Where counties lie: along the storm's path (0 to 1) and beside it (in widths of the storm)."""
    return np.stack([random.uniform(0, 1, count), random.normal(0, 1.8, count)], axis=1)


Points = list[tuple[float, float]]


def _storm(random: np.random.Generator, begin: float, spot: Floats) -> Points:
    """It comes along its path in half a day, falls within hours, and is mended in hours to weeks."""
    along, beside = float(spot[0]), abs(float(spot[1]))
    gone = float(np.clip(1.05 * np.exp(-(beside**2)) * (1 - 0.5 * along) + random.normal(0, 0.08), 0, 1))
    if gone < 0.08:
        return []
    at = begin + along * 14 * HOUR_S + beside * 2 * HOUR_S
    ramp, mending = random.uniform(1, 7) * HOUR_S, between(random, 5, 160) * HOUR_S
    low = 1 - gone
    points = [(at, 1.0), (at + ramp, low), (at + ramp + random.uniform(0, 12) * HOUR_S, low)]
    since = points[-1][0]
    points += [(since + mending * x, low + gone * (1 - np.exp(-3 * x))) for x in (0.1, 0.25, 0.5, 0.75, 1.0)]
    return [*points, (since + 1.2 * mending, 1.0)]


def _cut(random: np.random.Generator, begin: float, count: int) -> list[Points]:
    """The grid fails in most places within the hour, and comes back place by place, in some of them twice."""
    hit = random.uniform(0.3, 0.97)
    found: list[Points] = []
    for _ in range(count):
        if random.random() > hit:
            found.append([])
            continue
        at, low = begin + random.uniform(0, 0.7) * HOUR_S, random.uniform(0, 0.45)
        back = at + between(random, 3, 36) * HOUR_S
        points = [(at, 1.0), (at + random.uniform(0.2, 2) * HOUR_S, low), (back, low)]
        if random.random() < 0.15:
            again = back + random.uniform(1, 4) * HOUR_S
            points += [(back + HOUR_S, 0.7), (again, 0.7), (again + HOUR_S, low), (again + 6 * HOUR_S, low)]
        found.append([*points, (points[-1][0] + between(random, 1, 14) * HOUR_S, 1.0)])
    return found


def _table(
    random: np.random.Generator, kind: str, starts: Starts, places: list[Entity], losses: list[Points]
) -> Made:
    top = 10 if random.random() < 0.5 else 100
    step = 1 if top == 10 or random.random() < 0.4 else 10
    smooth = int(random.choice((0, 0, 1, 2)))
    failing = _failing(random, len(starts)) if kind == "failing probers" else np.ones(len(starts))
    values, labels, moved = [], [], {}
    for place, points in zip(places, losses, strict=True):
        left = left_between(starts, HOUR_S, points) if points else np.ones(len(starts))
        numbers = _index(random, starts, left * failing, smooth)
        told = np.clip(np.round(numbers * top / step) * step, 0, top)
        told[random.random(len(told)) < 1 / 3000] = -1
        series = Series(place, "made", "connectivity", Family.PROBING, "index", Quantity.SHARE, HOUR_S)
        values.append(_with_holes(random, values_of(series, starts, told)))
        labels += _labels(place, starts, points)
        moved[place.code] = HOUR_S
    return Made(kind, tuple(values), tuple(labels), moved)


def _index(random: np.random.Generator, starts: Starts, left: Floats, smooth: int) -> Floats:
    """How much of its addresses answers, as a share of what did before; of few it is rough."""
    addresses, answering = int(between(random, 8, 3000)), random.uniform(0.5, 0.97)
    night = random.uniform(0, 0.12) if random.random() < 0.3 else 0.0
    hours = (starts % DAY_S) / HOUR_S
    season = 1 - night * (1 + np.cos((hours - random.uniform(0, 24)) / 24 * 2 * np.pi)) / 2
    drift = np.exp(wandering(random, len(starts), 0.02, 0.97))
    chance = np.clip(answering * season * drift * left, 0, 1)
    found = random.binomial(addresses, chance) / (addresses * answering)
    if smooth:
        width = 2 * smooth + 1
        padded = np.pad(found, smooth, mode="edge")
        found = np.convolve(padded, np.ones(width) / width, mode="valid")
    return np.asarray(found, np.float64)


def _failing(random: np.random.Generator, bins: int) -> Floats:
    """The prober itself fails for an hour or three: all places at once, and by as much."""
    found = np.ones(bins)
    at = int(random.integers(30, bins))
    found[at : at + int(random.integers(1, 4))] = random.uniform(0.0, 0.7)
    return found


def _labels(place: Entity, starts: Starts, points: Points) -> list[Label]:
    """Where less than half is left for three hours, it is asked for; what is slighter may be told."""
    if not points:
        return []
    fine = np.arange(int(starts[0]), int(starts[-1]) + HOUR_S, 300)
    left = np.interp(fine, [at for at, _ in points], [share for _, share in points], left=1.0, right=1.0)
    deep, slight = left <= _ASKED, left < _SLIGHT
    if deep.sum() * 300 >= _LEAST_S:
        # It begins when it leaves what is usual, as whoever reads the table would say.
        low = int(deep.argmax())
        begin = low - int((~slight[: low + 1][::-1]).argmax()) + 1
        end = int(len(deep) - deep[::-1].argmax())
        over = int(fine[end - 1]) + 300 if end < len(deep) else int(starts[-1]) + HOUR_S
        return [Label(place, int(fine[max(0, begin)]), over, "made", LabelKind.OUTAGE, "half or more")]
    if slight.any():
        begin, end = int(slight.argmax()), int(len(slight) - slight[::-1].argmax())
        return [Label(place, int(fine[begin]), int(fine[end - 1]) + 300, "made", LabelKind.OUTAGE, SHALLOW)]
    return []


def _with_holes(random: np.random.Generator, values: Values) -> Values:
    """Rows that are missing, here and there."""
    stay = random.random(len(values)) >= 1 / 200
    return Values(values.series, values.starts[stay], values.values[stay], values.arrived[stay])
