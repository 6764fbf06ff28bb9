"""Many series side by side: one matrix for all that share their bins, in whole blocks of days."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lampwatch.model.series import Series, Values

DAY_S: Final = 86_400
_HOUR_S: Final = 3600
_LONGEST_GAP_S: Final = 400 * DAY_S

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Panel:
    """Series whose bins begin and end together.

    values has a row a series and a column a bin, NaN where nothing was measured; bin 0 begins at first (seconds since
    1970), which is where a block begins: a day, or a bin where that is longer.
    """

    series: tuple[Series, ...]
    values: Floats
    first: int
    resolution_s: int

    @property
    def block_s(self) -> int:
        """How long a block is: a day, or one bin where bins are longer or do not divide a day."""
        return block_s(self.resolution_s)

    @property
    def block_bins(self) -> int:
        """How many bins a block has."""
        return self.block_s // self.resolution_s


def block_s(resolution_s: int) -> int:
    """How long a block of bins is: a day, or one bin where bins are longer than a day or do not divide it."""
    return DAY_S if DAY_S % resolution_s == 0 else resolution_s


def bin_s(resolution_s: int) -> int:
    """How wide a panel's bins are for a series: as its own, or the next that hours, or days, are made of.

    What is usual is known by the hour, so bins of 11 minutes, as some probing has them, are put into bins of 12.
    """
    if resolution_s >= DAY_S:
        return resolution_s
    whole = _HOUR_S if resolution_s <= _HOUR_S else DAY_S
    return next(width for width in range(resolution_s, whole + 1) if whole % width == 0)


@dataclass(frozen=True, eq=False)
class _Placed:
    """A series, and moments by which its values find their bins."""

    series: Series
    moments: npt.NDArray[np.int64]
    values: Floats


def panels(given: Iterable[Values]) -> list[Panel]:
    """Put series side by side, those of one resolution and phase in one panel, in the order of their ids.

    Values of bins that do not begin where the series' resolution says are put into the bin they fall in; where a panel
    cannot have bins as a series has them, into the one they end in, so that nothing is known before it arrived.
    """
    alike: dict[tuple[int, int], list[_Placed]] = defaultdict(list)
    for one in sorted(given, key=lambda one: one.series.id):
        if len(one):
            resolution = one.series.resolution_s
            width = bin_s(resolution)
            moments = one.starts if width == resolution else (one.starts + resolution - 1) // width * width
            phases, counts = np.unique(moments % width, return_counts=True)
            alike[width, int(phases[counts.argmax()])].append(_Placed(one.series, moments, one.values))
    return [
        _panel(some, *key)
        for key, members in sorted(alike.items(), key=lambda item: item[0])
        for some in _stretches(members, key[0])
    ]


def believed(values: Values) -> Values:
    """The values without those of bins that begin after they arrived: nobody has measured tomorrow.

    A day's grace is for clocks that are wrong. Values that do not say when they arrived (0) are all believed.
    """
    known = (values.arrived <= 0) | (values.starts <= values.arrived + DAY_S)
    if known.all():
        return values
    return Values(values.series, values.starts[known], values.values[known], values.arrived[known])


def _stretches(members: list[_Placed], resolution: int) -> Iterator[list[_Placed]]:
    """The members in one stretch of time after the other, where none of them has anything for longer than a year.

    What was usual before such a gap is no more; and one wrong time, as 1970 in place of 2022, makes no decades of bins.
    """
    first, last = _span(members)
    if last - first <= _LONGEST_GAP_S:
        yield members
        return
    days = block_s(resolution)
    known = np.unique(np.concatenate([np.unique(one.moments // days) for one in members]))
    ends = known[:-1][np.diff(known) * days > _LONGEST_GAP_S]
    for begin, end in itertools.pairwise([first, *((ends + 1) * days).tolist(), last + 1]):
        here = [(one, (one.moments >= begin) & (one.moments < end)) for one in members]
        yield [
            _Placed(one.series, one.moments[is_in], one.values[is_in]) for one, is_in in here if is_in.any()
        ]


def _span(members: list[_Placed]) -> tuple[int, int]:
    return min(int(one.moments.min()) for one in members), max(int(one.moments.max()) for one in members)


def _panel(members: list[_Placed], resolution: int, phase: int) -> Panel:
    block = block_s(resolution)
    earliest, latest = _span(members)
    first = (earliest - phase) // block * block + phase
    blocks = (latest - first) // block + 1
    matrix = np.full((len(members), blocks * (block // resolution)), np.nan)
    for row, one in zip(matrix, members, strict=True):
        row[(one.moments - first) // resolution] = one.values
    return Panel(tuple(one.series for one in members), matrix, first, resolution)
