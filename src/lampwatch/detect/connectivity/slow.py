"""Finds what comes too slowly to be odd on any day: the level of a week follows it, that of weeks before does not.

For bins of a day or more. A series is compared with itself two to four weeks ago; how far it ordinarily moves in that
time is learnt from itself, and what countries of one source move in common is nobody's.
"""

from typing import Final, NamedTuple

import numpy as np

from lampwatch.detect.connectivity.panel import Floats
from lampwatch.detect.connectivity.scan import ENOUGH
from lampwatch.detect.connectivity.traits import TRAITS
from lampwatch.detect.connectivity.usual import median
from lampwatch.detect.connectivity.world import World
from lampwatch.model.series import Quantity, Series

_RECENT: Final = 7
_BEFORE: Final = 14
"""What was so many bins ago, and as many before them, is compared with."""
_HELD: Final = 2 * _BEFORE
_MEMORY: Final = 112
_LEAST_MEMORY: Final = 35
"""Of fewer bins nobody knows how far a series moves within weeks."""
_LEAST_FALL: Final = 0.3
_LEAST_RISE: Final = 0.7
"""Slow moves of less are what people do by themselves, in summers and at feasts."""
_FLOOR: Final = 0.05
_MAD: Final = 1.4826
_OF_A_MEDIAN: Final = 1.57
"""The variance of a median, in that of the mean of as many."""


class Moved(NamedTuple):
    """A series that has moved too far: from which size, how many usual deviations, and its sizes since then."""

    row: int
    before: float
    score: float
    since: Floats


class Slow:
    """The sizes of a panel's series in the last four weeks (a column a bin), and how far they ordinarily move."""

    def __init__(self, series: tuple[Series, ...], world: World) -> None:
        self._world = world
        self._counts = np.array([one.quantity is Quantity.COUNT for one in series])
        self._rises = np.array([TRAITS[one.family].surge > 0 for one in series])
        self._least = np.where(self._counts, [TRAITS[one.family].least for one in series], 0.0)
        self._sizes = np.full((len(series), _HELD), np.nan)
        self._moves = np.full((len(series), _MEMORY), np.nan)
        self._spreads = np.full((len(series), _MEMORY), np.nan)

    def take(self, sizes: Floats) -> list[Moved]:
        """Take in a bin: sizes are what was measured, without its season; NaN of gaps and within disturbances.

        Gives the series that have moved too far.
        """
        self._sizes[:, :-1] = self._sizes[:, 1:]
        self._sizes[:, -1] = sizes
        recent, of_recent = median(self._sizes[:, -_RECENT:])
        before, of_before = median(self._sizes[:, :_BEFORE])
        enough = (of_recent > _RECENT // 2) & (of_before > _BEFORE // 2) & ~np.isnan(sizes)
        enough &= np.fmax(recent, before) >= self._least
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.where(enough & (before > 0) & (recent > 0), np.log(recent / before), np.nan)
            chance = np.sqrt(_OF_A_MEDIAN * (1 / (_RECENT * recent) + 1 / (_BEFORE * before)))
        common, spread = self._world.in_common(moved, before)
        own = moved - common
        usual, known = median(self._moves)
        floor = np.where(self._counts, np.fmax(_FLOOR, chance), _FLOOR)
        # When countries move apart more than they ordinarily do, so may any of them.
        ordinary, _ = median(self._spreads)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.where(ordinary > 0, np.maximum(1.0, spread / ordinary), 1.0)
        score = own / (np.fmax(usual * _MAD, floor) * apart)
        for held, newest in ((self._moves, np.abs(own)), (self._spreads, spread)):
            held[:, :-1] = held[:, 1:]
            held[:, -1] = newest
        far = (known >= _LEAST_MEMORY) & (np.abs(score) >= ENOUGH)
        far &= (own <= np.log1p(-_LEAST_FALL)) | ((own >= np.log1p(_LEAST_RISE)) & self._rises)
        before = before * np.exp(common)
        found = [
            Moved(row, float(before[row]), float(score[row]), self._since(row, float(before[row])))
            for row in np.flatnonzero(far).tolist()
        ]
        # What is back today, though the middle of a week is not yet, is no more.
        return [one for one in found if len(one.since)]

    def _since(self, row: int, before: float) -> Floats:
        """The newest sizes of a series, from where it left another size for good."""
        held = self._sizes[row]
        away = held / before - 1
        side, least = (-1.0, _LEAST_FALL / 2) if away[-1] < 0 else (1.0, _LEAST_RISE / 2)
        ordinary = np.flatnonzero(side * away < least)
        since: Floats = held[ordinary[-1] + 1 if len(ordinary) else 0 :].copy()
        return since
