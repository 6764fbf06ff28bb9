"""What signals of a nation look like when nothing happens, times what is left of them when something does."""

import datetime as dt
import warnings
from collections.abc import Callable
from typing import Final, NamedTuple

import holidays
import numpy as np

from bench.made.world import DAY_S, Clock, Floats, Starts, between, counted, local_hours, wandering


class Bins(NamedTuple):
    """The bins of one signal: their starts, their width, what is left in each, and whose clock and feasts they keep."""

    starts: Starts
    width: int
    left: Floats
    clock: Clock
    feasts: set[int]

    @property
    def days(self) -> int:
        """How many days they span."""
        return len(self.starts) * self.width // DAY_S

    def resting(self, share: float) -> tuple[Floats, Floats]:
        """The local hour, and what is left of activity on days of rest, which come and go over some hours."""
        hours, days = local_hours(self.starts, self.clock)
        known = np.arange(days.min() - 1, days.max() + 2)
        rests = [(day + 3) % 7 in self.clock.rest or day in self.feasts for day in known.tolist()]
        left: Floats = np.interp(days + hours / 24 - 0.5, known, np.where(rests, share, 1.0))
        return hours, left

    def some(self, random: np.random.Generator, every_days: float) -> list[int]:
        """Places of bins by chance, one in so many days."""
        found: list[int] = random.integers(
            0, len(self.starts), random.poisson(self.days / every_days)
        ).tolist()
        return found


def feasts_of(random: np.random.Generator, clock: Clock, first: int, days: int) -> set[int]:
    """Days, counted from 1970, on which people rest: most of the calendar's, and some, often in a row, of none."""
    years = range(1970 + first // DAY_S // 366, 1972 + (first // DAY_S + days) // 365)
    with warnings.catch_warnings(action="ignore"):
        calendar = sorted(holidays.country_holidays(clock.country, years=years))
    known = (day.toordinal() - dt.date(1970, 1, 1).toordinal() for day in calendar)
    found = {day for day in known if random.random() < _CALENDAR_IS_RIGHT}
    for _ in range(random.poisson(days / 365 * 3)):
        begin = first // DAY_S + int(random.integers(days))
        found |= set(range(begin, begin + int(random.choice((1, 1, 2, 3)))))
    return found


_CALENDAR_IS_RIGHT: Final = 0.85


def bgp(random: np.random.Generator, bins: Bins) -> Floats:
    """Routes: flat, with small steps, flaps of a bin or two, and a collector that loses peers now and then."""
    level, count = between(random, 150, 12_000), len(bins.starts)
    numbers = np.full(count, level)
    for at in bins.some(random, 9):
        numbers[at:] *= 1 + random.normal(0, 0.006)
    flaps = random.random(count) < 1 / 300
    numbers[flaps] *= 1 - random.exponential(0.008, int(flaps.sum()))
    numbers = numbers + random.standard_normal(count) * max(0.4, 0.0006 * level)
    for at in bins.some(random, 90):
        numbers[at : at + int(random.integers(1, 7))] *= random.uniform(0.6, 0.97)
    return np.maximum(numbers * bins.left, 0.0)


def ping(random: np.random.Generator, bins: Bins) -> Floats:
    """Answers: a small day, new target lists, a prober that now and then loses a part of them, or all."""
    level, swing, count = between(random, 100, 8_000), random.uniform(0.005, 0.06), len(bins.starts)
    hours, rest = bins.resting(random.uniform(0.97, 1.0))
    numbers = level * (1 - swing * np.cos((hours - 2) / 24 * 2 * np.pi)) * rest
    numbers *= np.exp(wandering(random, count, random.uniform(0.004, 0.015), 0.98))
    for at in bins.some(random, 60):
        numbers[at:] *= 1 + random.normal(0, 0.06)
    numbers = numbers * bins.left * (1 + random.standard_normal(count) * random.uniform(0.002, 0.015))
    for at in bins.some(random, 60):
        numbers[at : at + int(random.integers(1, 5))] *= random.uniform(0.3, 0.95)
    for at in bins.some(random, 200):
        numbers[at : at + int(random.integers(2, 18))] = 0.0
    return np.maximum(numbers, 0.0)


def telescope(random: np.random.Generator, bins: Bins) -> Floats:
    """Addresses that are heard: noisy, a strong day, bursts of scanners, botnets that come and go in a day."""
    level, swing, count = between(random, 25, 900), random.uniform(0.15, 0.5), len(bins.starts)
    hours, rest = bins.resting(random.uniform(0.8, 1.0))
    expected = level * (1 - swing * np.cos((hours - random.uniform(2, 5)) / 24 * 2 * np.pi)) * rest
    expected *= np.exp(wandering(random, count, random.uniform(0.05, 0.16), 0.997))
    for at in bins.some(random, 40):
        expected[at : at + int(between(random, 100, 3000))] *= between(random, 0.55, 1.8)
    bursts = random.random(count) < 1 / 150
    expected[bursts] *= random.uniform(1.3, 5, int(bursts.sum()))
    return counted(random, expected * bins.left, random.uniform(0.03, 0.12))


def traffic(random: np.random.Generator, bins: Bins) -> Floats:
    """What a large service sees: days, weekends, feasts, a slow trend, and bins that it lost."""
    low, peak, count = random.uniform(0.08, 0.45), random.uniform(12, 21), len(bins.starts)
    hours, rest = bins.resting(random.uniform(0.65, 1.05))
    day = np.exp(np.cos((hours - peak) / 24 * 2 * np.pi) * 1.4)
    day *= 1 + random.uniform(0, 0.25) * np.cos((hours - random.uniform(0, 24)) / 12 * 2 * np.pi)
    shape = low + (1 - low) * day / day.max()
    slow = wandering(random, count, random.uniform(0.015, 0.05), 1 - bins.width / DAY_S / 2)
    noise = 1 + random.standard_normal(count) * random.uniform(0.01, 0.05)
    trend = np.arange(count) * bins.width / (30 * DAY_S) * random.normal(0, 0.03)
    numbers = between(random, 0.3, 40) * shape * rest * np.exp(slow + trend) * noise * bins.left
    lost = random.random(count) < 1 / 2500
    numbers[lost] *= random.uniform(0, 0.9, int(lost.sum()))
    told: Floats = np.round(np.maximum(numbers, 0.0), 3)
    return told


def daily_count(random: np.random.Generator, bins: Bins) -> Floats:
    """Users, or tests, a day."""
    level = between(random, 30, 20_000)
    week = np.array([random.uniform(0.75, 1.0) if day in bins.clock.rest else 1.0 for day in range(7)])
    expected = level * week[(bins.starts // DAY_S + 3) % 7]
    expected *= np.exp(wandering(random, len(bins.starts), random.uniform(0.04, 0.12), 0.6))
    return counted(random, expected * bins.left)


MAKERS: Final[dict[str, Callable[[np.random.Generator, Bins], Floats]]] = {
    "bgp": bgp,
    "ping": ping,
    "telescope": telescope,
    "traffic": traffic,
    "hourly-traffic": traffic,
    "tor": daily_count,
    "mlab": daily_count,
}
"""What makes each signal, by its name."""
