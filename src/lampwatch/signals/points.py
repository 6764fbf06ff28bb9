"""Single values, as rows of files bring them -> the values of each series, in order of time."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from lampwatch.model.series import Series, Values

_MOST_MISSING: Final = 7
"""Bins that usually lie farther apart than so many of their own width have another width."""


class Column:
    """Values of one series as they come."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.values: list[float] = []

    def add(self, start: int, value: float) -> None:
        """Take the value of the bin that begins at start (seconds since 1970, UTC); NaN is a gap of the source."""
        self.starts.append(start)
        self.values.append(value)


class Points:
    """Gathers values of many series. Of two values of one bin the later given one counts."""

    def __init__(self) -> None:
        self._columns: dict[Series, Column] = {}

    def of(self, series: Series) -> Column:
        """Where the values of a series go. Keep it: finding it takes longer than adding to it."""
        return self._columns.setdefault(series, Column())

    def add(self, series: Series, start: int, value: float) -> None:
        """As `of(series).add(start, value)`."""
        self.of(series).add(start, value)

    def values(self) -> Iterator[Values]:
        """Give each series with its values; nothing is said yet of when they arrived (zeros)."""
        for series, column in self._columns.items():
            starts, values = np.array(column.starts, np.int64), np.array(column.values, np.float64)
            order = np.argsort(starts, kind="stable")
            starts, values = starts[order], values[order]
            last = np.append(np.diff(starts) != 0, True) if len(starts) else np.zeros(0, bool)
            yield Values(series, starts[last], values[last], np.zeros(int(last.sum()), np.int64))

    def known(self) -> Iterator[Values]:
        """As values, without the series that have no value but gaps."""
        return (one for one in self.values() if not np.isnan(one.values).all())


def guessed_resolution(starts: list[int]) -> int:
    """The width of bins that begin at these times, in seconds; 0 where it cannot be told.

    It is the distance most often seen (of several the least), or, where bins are missing here and there, what all
    distances are multiples of.
    """
    distances = np.diff(np.unique(np.array(starts, np.int64)))
    if not len(distances):
        return 0
    steps = Counter(distances.tolist())
    usual = max(steps, key=lambda step: (steps[step], -step))
    common = int(np.gcd.reduce(distances))
    return common if usual <= _MOST_MISSING * common else int(usual)


def number(text: str) -> float:
    """A cell's number; NaN where it says that there is none (empty, NA, null, None, NaN, -).

    Raises ValueError where it is something else, or infinite.
    """
    plain = text.strip()
    if plain.lower() in {"", "na", "n/a", "nan", "null", "none", "nil", "-"}:
        return math.nan
    value = float(plain)
    if not math.isfinite(value):
        message = f"{plain[:20]!r} is no number"
        raise ValueError(message)
    return value
