"""Many series side by side: one matrix for all that share their bins, in whole blocks of days."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lampwatch.model.series import Series, Values

DAY_S: Final = 86_400

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


def panels(given: Iterable[Values]) -> list[Panel]:
    """Put series side by side, those of one resolution and phase in one panel, in the order of their ids.

    Values of bins that do not begin where the series' resolution says are put into the bin they fall in.
    """
    alike: dict[tuple[int, int], list[Values]] = defaultdict(list)
    for one in sorted(given, key=lambda one: one.series.id):
        if len(one):
            resolution = one.series.resolution_s
            phases, counts = np.unique(one.starts % resolution, return_counts=True)
            alike[resolution, int(phases[counts.argmax()])].append(one)
    return [_panel(members, *key) for key, members in sorted(alike.items(), key=lambda item: item[0])]


def _panel(members: list[Values], resolution: int, phase: int) -> Panel:
    block = block_s(resolution)
    earliest = min(int(one.starts[0]) for one in members)
    latest = max(int(one.starts[-1]) for one in members)
    first = (earliest - phase) // block * block + phase
    blocks = (latest - first) // block + 1
    matrix = np.full((len(members), blocks * (block // resolution)), np.nan)
    for row, one in zip(matrix, members, strict=True):
        row[(one.starts - first) // resolution] = one.values
    return Panel(tuple(one.series for one in members), matrix, first, resolution)
