"""Values at any time -> one a bin, and absent bins as zeros where nothing means none."""

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec
import numpy as np

from lampwatch.model.series import Series, Values
from lampwatch.signals.points import guessed_resolution

_HOUR: Final = 3600
_MOST_BINS: Final = 20_000_000


class Combine(StrEnum):
    """What several values of one bin make: the last of them, their sum or their mean."""

    LAST = "last"
    SUM = "sum"
    MEAN = "mean"


class Binned:
    """Gathers values of many series in bins of one width; 0 is the width that most of them are apart.

    With zeros, every series has a value in each bin from the first to the last one that any of them has.
    """

    def __init__(self, combine: Combine, resolution_s: int, *, zeros: bool) -> None:
        self._combine = combine
        self._resolution_s = resolution_s
        self._zeros = zeros
        self._bins: dict[Series, dict[int, list[float]]] = {}

    def add(self, series: Series, start: int, value: float) -> None:
        """Take one value, at its time in seconds since 1970 (UTC); NaN is a gap."""
        self._bins.setdefault(series, {}).setdefault(start, []).append(value)

    def values(self) -> Iterator[Values]:
        """Give each series that has a value, with its resolution in its header; `arrived` is zero."""
        width = self._resolution_s or self._guess()
        found = {series: self._binned(at, width) for series, at in self._bins.items()}
        blank = self._blank(found, width) if self._zeros else {}
        for series, bins in found.items():
            filled = dict(sorted((blank | bins).items()))
            starts, values = np.array(list(filled), np.int64), np.array(list(filled.values()), np.float64)
            if not np.isnan(values).all():
                header = msgspec.structs.replace(series, resolution_s=width)
                yield Values(header, starts, values, np.zeros(len(starts), np.int64))

    def _binned(self, at: dict[int, list[float]], width: int) -> dict[int, float]:
        """One value a bin. Only values that are combined have times of their own; others begin where they say."""
        if self._combine is Combine.LAST:
            return {start: values[-1] for start, values in at.items()}
        bins: dict[int, list[float]] = {}
        for start, values in at.items():
            bins.setdefault(start // width * width, []).extend(values)
        return {start: self._one(values) for start, values in bins.items()}

    @staticmethod
    def _blank(found: dict[Series, dict[int, float]], width: int) -> dict[int, float]:
        """A zero in every bin that lies between two; none where bins do not lie on one grid, or are too many."""
        starts = [start for bins in found.values() for start in bins]
        first, last = min(starts, default=0), max(starts, default=0)
        on_one_grid = all((start - first) % width == 0 for start in starts)
        if not on_one_grid or (last - first) // width * len(found) > _MOST_BINS:
            return {}
        return dict.fromkeys(range(first, last + 1, width), 0.0)

    def _guess(self) -> int:
        if self._combine is not Combine.LAST:
            return _HOUR
        return guessed_resolution([start for at in self._bins.values() for start in at]) or _HOUR

    def _one(self, values: list[float]) -> float:
        known = [value for value in values if not math.isnan(value)]
        if not known:
            return math.nan
        total = math.fsum(known)
        return total if self._combine is Combine.SUM else total / len(known)
