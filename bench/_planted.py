"""Simulated histories with planted blocks: counts as detection gets them, and the truth beside."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.counts import NEVER, Counts, parted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOUR_S: Final = 3600
FIRST_HOUR: Final = 464_592
"""2023-01-01T00:00Z, where simulated time begins."""


class Planted(NamedTuple):
    """One history and what is true of it. onset and end are seconds since FIRST_HOUR; equal where nothing is planted.

    usual is the rate of failing while it is open, rate while it is blocked. votes are measurements an hour on average.
    """

    usual: float
    rate: float
    onset: int
    end: int
    votes: float
    bursts: float = 0.0


def simulated(histories: list[Planted], hours: int, random: np.random.Generator) -> Counts:
    """Measure each history for so many hours, at random moments; more by day than by night."""
    parts = [_one(at, planted, hours, random) for at, planted in enumerate(histories)]
    return parted(Counts(*(np.concatenate(columns) for columns in zip(*parts, strict=True))))


def _one(at: int, planted: Planted, hours: int, random: np.random.Generator) -> Counts:
    daily = 1 + 0.8 * np.sin(np.arange(hours) * (2 * np.pi / 24))
    # Networks are measured unevenly: some hours by many at once.
    number = random.poisson(planted.votes * daily * random.gamma(2.0, 0.5, hours))
    times = np.sort(np.repeat(np.arange(hours), number) * HOUR_S + random.integers(0, HOUR_S, number.sum()))
    usual = np.full(hours, planted.usual)
    if planted.bursts:
        # A site that has bad days: its rate of failing wanders from day to day around what is usual.
        days = random.beta(
            planted.bursts * planted.usual, planted.bursts * (1 - planted.usual), hours // 24 + 1
        )
        usual = np.repeat(days, 24)[:hours]
    chance = np.where((times >= planted.onset) & (times < planted.end), planted.rate, usual[times // HOUR_S])
    fails = random.random(len(times)) < chance
    return _counted(at, times, fails)


def _counted(history: int, times: Ints, fails: npt.NDArray[np.bool_]) -> Counts:
    hour, where = np.unique(times // HOUR_S, return_inverse=True)
    blocked: Floats = np.bincount(where, fails, len(hour)).astype(np.float64)
    spans = []
    for kind in (~fails, fails):
        first, last = np.full(len(hour), NEVER), np.full(len(hour), NEVER)
        found = where[kind]
        first[found[::-1]] = times[kind][::-1] + FIRST_HOUR * HOUR_S
        last[found] = times[kind] + FIRST_HOUR * HOUR_S
        spans += [first, last]
    return Counts(
        np.full(len(hour), history),
        hour + FIRST_HOUR,
        blocked,
        np.asarray(np.bincount(where, minlength=len(hour)) - blocked, dtype=np.float64),
        blocked.astype(np.int64),
        *spans,
    )
