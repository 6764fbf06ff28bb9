"""Tor's detector: each country's users against its own of seven days before, and against the 50 largest countries.

On each day the ratios to seven days before of the 50 largest countries, without those further than four interquartile
ranges from their median, give a normal band at 0.9999; a Poisson band at 0.9999 around the country's own count widens
it. Where fewer than eight ratios are left, nothing is said. As deployed, the largest are those of the series' last day.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.baselines.found import Floats, Found, grid, stretches
from lampwatch.detect.scoring.intervals import at_most
from lampwatch.model.series import Family, Values

NAME: Final = "Tor's 7-day ratio"
SOURCE: Final = "Danezis (2011), and detector.py in github.com/torproject/metrics-web"

_DAY_S: Final = 86_400
_BACK: Final = 7
_LARGEST: Final = 50
_LEAST: Final = 8
_OUTLIER: Final = 4
_CERTAIN: Final = 0.9999
_Z: Final = 3.719016485455709
"""The standard normal's 0.9999 quantile."""


def suits(values: Values, beside: Sequence[Values] = ()) -> bool:
    """Daily counts of users, with those of eight countries or more beside."""
    return (
        values.series.family is Family.USERS
        and values.series.resolution_s == _DAY_S
        and len(beside) >= _LEAST
    )


def detect(values: Values, beside: Sequence[Values] = ()) -> list[Found]:
    """The days below and above the band. beside holds the same source's series of all countries."""
    on = grid(values)
    low, high = _world(on.first, len(on.values), beside)
    before = np.concatenate((np.full(_BACK, np.nan), on.values[:-_BACK]))[: len(on.values)]
    floor, ceiling = np.full(len(before), np.nan), np.full(len(before), np.nan)
    for day, count in enumerate(before):
        if count > 0 and not math.isnan(low[day]):
            floor[day] = max(0.0, low[day] * _poisson(1 - _CERTAIN, count))
            ceiling[day] = high[day] * _poisson(_CERTAIN, count)
    below = stretches(on.values < floor, on, "drop")
    return sorted([*below, *stretches(on.values > ceiling, on, "surge")])


def _world(first: int, days: int, beside: Sequence[Values]) -> tuple[Floats, Floats]:
    """The band of the ratio for each of so many days, from the largest countries."""
    last = [(float(v.values[-1]), v) for v in beside if len(v) and not np.isnan(v.values[-1])]
    largest = [v for _, v in sorted(last, key=lambda one: (-one[0], one[1].series.id))[:_LARGEST]]
    table = np.full((len(largest), days), np.nan)
    for row, one in enumerate(largest):
        places = (one.starts - first) // _DAY_S
        inside = (places >= 0) & (places < days)
        table[row, places[inside]] = one.values[inside]
    low, high = np.full(days, np.nan), np.full(days, np.nan)
    for day in range(_BACK, days):
        then, now = table[:, day - _BACK], table[:, day]
        ratios = np.sort(now[then > 0] / then[then > 0])
        ratios = ratios[~np.isnan(ratios)]
        if len(ratios) < _LEAST:
            continue
        quarter = ratios[3 * len(ratios) // 4] - ratios[len(ratios) // 4]
        ratios = ratios[np.abs(ratios - ratios[len(ratios) // 2]) < _OUTLIER * quarter]
        if len(ratios) >= _LEAST:
            low[day] = ratios.mean() - _Z * ratios.std()
            high[day] = ratios.mean() + _Z * ratios.std()
    return low, high


def _poisson(probability: float, mean: float) -> float:
    """The smallest count that a Poisson variable of this mean stays at or below with that probability."""
    if mean > 1000:  # the normal approximation is then right to a thousandth of the mean
        return mean + (_Z if probability > 0.5 else -_Z) * math.sqrt(mean)
    low, high = -1, int(mean + 10 * math.sqrt(mean) + 20)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at_most(middle, mean) >= probability else (middle, high)
    return float(high)
