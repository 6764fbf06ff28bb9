"""Intervals of confidence for shares and rates, with the counts they rest on."""

import math
from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np

_Z95: Final = 1.959963984540054
_TAIL: Final = 0.025
_HALVINGS: Final = 60


class Share(msgspec.Struct, frozen=True):
    """hits of so many, the share, and Wilson's interval of 95 % for it. Of none, the share is NaN within [0, 1]."""

    hits: int
    of: int
    value: float
    low: float
    high: float


class Rate(msgspec.Struct, frozen=True):
    """events in so many years, how many a year, and Garwood's exact interval of 95 %.

    Of no time, NaN within [0, inf].
    """

    events: int
    years: float
    value: float
    low: float
    high: float


def share(hits: int, of: int) -> Share:
    """The share of hits, with its interval. Source: Wilson (1927)."""
    if of <= 0:
        return Share(hits, of, math.nan, 0.0, 1.0)
    p, z2 = hits / of, _Z95**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z95 / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Share(hits, of, p, low, high)


def rate(events: int, years: float) -> Rate:
    """How many events a year, with its interval. Source: Garwood (1936)."""
    if years <= 0:
        return Rate(events, years, math.nan, 0.0, math.inf)
    ceiling = events + 20 * math.sqrt(events + 1) + 20
    low = 0.0 if events == 0 else _crossing(lambda mean: 1 - at_most(events - 1, mean), ceiling)
    high = _crossing(lambda mean: -at_most(events, mean), ceiling, -_TAIL)
    return Rate(events, years, events / years, low / years, high / years)


def at_most(count: int, mean: float) -> float:
    """The probability that a Poisson count of this mean is at most count."""
    if mean <= 0:
        return 1.0
    terms = np.arange(count + 1, dtype=np.float64)
    logs = terms * math.log(mean) - mean - _log_factorials(count)
    top = float(logs.max())
    return min(1.0, math.exp(top) * float(np.exp(logs - top).sum()))


def _log_factorials(count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, count + 1, dtype=np.float64)))))


def _crossing(rising: Callable[[float], float], ceiling: float, level: float = _TAIL) -> float:
    """Where a rising function of a mean reaches a level, between 0 and a ceiling."""
    low, high = 0.0, ceiling
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rising(middle) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
