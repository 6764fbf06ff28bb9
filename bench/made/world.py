"""What made series are made of: a set of series with its truth, noise, and the clocks of some countries."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from lampwatch.model.label import Label
from lampwatch.model.series import Quantity, Series, Values

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
SHALLOW: Final = "shallow"
"""The cause of what is too slight, or too young, to be asked for: to tell of it is neither right nor wrong."""

Floats = npt.NDArray[np.float64]
Starts = npt.NDArray[np.int64]


class Made(NamedTuple):
    """Series that are looked at together, and what happened in them. moved names the series that show it, by entity."""

    kind: str
    values: tuple[Values, ...]
    labels: tuple[Label, ...]
    moved: dict[str, int]


class Clock(NamedTuple):
    """The zone of a country, and its weekly days of rest (Monday is 0)."""

    country: str
    zone: str
    rest: tuple[int, ...]


CLOCKS: Final = (
    Clock("IR", "Asia/Tehran", (4,)),
    Clock("MM", "Asia/Yangon", (5, 6)),
    Clock("KZ", "Asia/Almaty", (5, 6)),
    Clock("SD", "Africa/Khartoum", (4, 5)),
    Clock("ET", "Africa/Addis_Ababa", (5, 6)),
    Clock("UG", "Africa/Kampala", (5, 6)),
    Clock("BD", "Asia/Dhaka", (4, 5)),
    Clock("PK", "Asia/Karachi", (5, 6)),
    Clock("IQ", "Asia/Baghdad", (4, 5)),
    Clock("SY", "Asia/Damascus", (4, 5)),
    Clock("CU", "America/Havana", (5, 6)),
    Clock("VE", "America/Caracas", (5, 6)),
    Clock("EG", "Africa/Cairo", (4, 5)),
    Clock("GA", "Africa/Libreville", (5, 6)),
    Clock("TD", "Africa/Ndjamena", (5, 6)),
    Clock("SN", "Africa/Dakar", (5, 6)),
    Clock("NP", "Asia/Kathmandu", (5,)),
    Clock("BY", "Europe/Minsk", (5, 6)),
    Clock("LK", "Asia/Colombo", (5, 6)),
    Clock("UA", "Europe/Kyiv", (5, 6)),
    Clock("CL", "America/Santiago", (5, 6)),
    Clock("TR", "Europe/Istanbul", (5, 6)),
)
"""Countries of many clocks, some of which change in spring and autumn."""


def local_hours(starts: Starts, clock: Clock) -> tuple[Floats, Starts]:
    """The local hour of the day of each moment, and its local day, counted from 1970."""
    days = np.unique(starts // HOUR_S)
    zone = ZoneInfo(clock.zone)
    ahead = {int(hour): _offset_s(int(hour) * HOUR_S, zone) for hour in days}
    local = starts + np.array([ahead[int(hour)] for hour in starts // HOUR_S], np.int64)
    return (local % DAY_S) / HOUR_S, local // DAY_S


def _offset_s(at: int, zone: ZoneInfo) -> int:
    offset = dt.datetime.fromtimestamp(at, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def wandering(random: np.random.Generator, count: int, deviation: float, memory: float) -> Floats:
    """The logarithm of something that strays: each step remembers so much of the last; deviation is of all."""
    steps = random.standard_normal(count) * deviation * np.sqrt(1 - memory**2)
    found = np.empty(count)
    last = random.standard_normal() * deviation
    for at, step in enumerate(steps.tolist()):
        last = memory * last + step
        found[at] = last
    return found


def counted(random: np.random.Generator, expected: Floats, spread: float = 0.0) -> Floats:
    """Counts that are expected to be so many: Poisson's, or wider by a share."""
    if spread > 0:
        shape = 1 / spread**2
        expected = expected * random.gamma(shape, 1 / shape, len(expected))
    return random.poisson(np.minimum(np.maximum(expected, 0.0), 1e9)).astype(np.float64)


def values_of(series: Series, starts: Starts, numbers: Floats) -> Values:
    """The values of a series: whole where it counts, each as arrived when its bin had ended."""
    if series.quantity is Quantity.COUNT:
        numbers = np.round(numbers)
    return Values(series, starts, numbers, starts + series.resolution_s)


def between(random: np.random.Generator, low: float, high: float) -> float:
    """A number between two positive ones, evenly on the scale of their logarithms."""
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def left_between(starts: Starts, width: int, points: Sequence[tuple[float, float]]) -> Floats:
    """What is left of each bin, in proportion to its time: straight lines between moments; 1 outside of them."""
    moments, shares = [float(at) for at, _ in points], [share for _, share in points]
    fine = 6
    inside = starts[:, None] + (np.arange(fine) + 0.5) * width / fine
    left: Floats = np.interp(inside, moments, shares, left=1.0, right=1.0).mean(axis=1)
    return left


def with_holes(random: np.random.Generator, values: Values) -> Values:
    """Gaps of the source, told and not told, of minutes to days."""
    width, numbers = values.series.resolution_s, values.values.copy()
    stay = np.ones(len(numbers), bool)
    days = len(numbers) * width // DAY_S
    for at in random.integers(0, len(numbers), random.poisson(days / 25)).tolist():
        long = max(1, int(between(random, 600, 1.5 * DAY_S) / width))
        if random.random() < 0.5:
            numbers[at : at + long] = np.nan
        else:
            stay[at : at + long] = False
    return Values(values.series, values.starts[stay], numbers[stay], values.arrived[stay])
