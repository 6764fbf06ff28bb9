"""Finds where series leave what is usual, bin after bin, and where they come back."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from lampwatch.detect.connectivity.panel import DAY_S, Floats
from lampwatch.detect.connectivity.traits import TRAITS
from lampwatch.model.disturbance import Direction
from lampwatch.model.series import Series

HARD: Final = 8.0
_HARD_DROP: Final = 0.5
_HARD_SURGE: Final = 4.0
"""One bin alone, this many usual deviations away, is enough where half is gone, or four times the usual is added."""
ENOUGH: Final = 5.0
"""Bins in a row that together are this far away are enough (Stouffer's sum)."""
_HARD_BIN_S: Final = 3600
"""A shorter bin alone is a glitch as often as not; the next one tells soon enough."""
DEEP: Final = 0.8
DEEP_ENOUGH: Final = 4.5
"""Of bins in a row that lack at least so much, less is enough."""
_ODD: Final = 2.0
"""A run begins with a bin at least this far away."""
_STILL_ODD: Final = 1.0
"""A run goes on with a bin at least this far away."""
_BEYOND_TAIL: Final = 1.3
"""A series that strays far now and then must stray this much farther than that."""
_CERTAIN: Final = 20.0
"""So far away, bins in a row are enough however far a series strays."""
_LONGEST_RUN: Final = 12
_MOST_GAP_BINS: Final = 3
_BACK: Final = 0.4
"""What is away by less than this part of what makes a disturbance is ordinary again."""
_FAINT: Final = 0.25
"""A bin that a noisy series would show anyhow is back if it has so little left of the worst, and is no half of it."""
_NEARLY_BACK: Final = 0.1
"""What has so little left of the worst is back, though a shallow disturbance would begin with as much."""
_REMAINDER: Final = 0.25
_REMAINS_S: Final = 2 * DAY_S
_LEAST_REMAINS: Final = 5
"""Where no more than a quarter of a loss is left for two days (and so many bins), the rest is another state."""
_BACK_S: Final = 1800
"""It is over when it was over for so long, and for two bins (one of a day or more)."""


class Bin(msgspec.Struct, frozen=True, gc=False):
    """One measured bin: its start, its value, what was expected and how many usual deviations lie between."""

    start: int
    value: float
    expected: float
    score: float


class Run(msgspec.Struct):
    """Odd bins in a row, on one side, that are not yet enough. before is the end of the last ordinary bin."""

    direction: Direction
    before: int
    bins: list[Bin] = msgspec.field(default_factory=list)
    missing: int = 0

    def add(self, one: Bin) -> None:
        """Put a bin at the end; a long run forgets its beginning."""
        self.bins.append(one)
        self.missing = 0
        if len(self.bins) > _LONGEST_RUN:
            self.before = self.bins[0].start
            del self.bins[0]

    @property
    def score(self) -> float:
        """How far its bins are away together."""
        return abs(sum(one.score for one in self.bins)) / math.sqrt(len(self.bins))

    @property
    def change(self) -> float:
        """The share that is gone, or added."""
        return abs(sum(one.value for one in self.bins) / sum(one.expected for one in self.bins) - 1)


class Watch(msgspec.Struct):
    """A disturbance that lasts: its bins so far, since when it is known, and which bins in a row are ordinary again."""

    direction: Direction
    before: int
    known: int
    bins: list[Bin]
    peak: float = 0.0
    back: list[Bin] = msgspec.field(default_factory=list)
    remains: int = 0
    slots: list[Floats] = msgspec.field(default_factory=list)


class Ended(msgspec.Struct, frozen=True):
    """A disturbance that is over: since the bin that begins at `at`, known at `known`."""

    watch: Watch
    at: int
    known: int


class Fed(msgspec.Struct, frozen=True):
    """What came of bins: disturbances that ended, starts of bins within one, the worst run not enough."""

    ended: list[Ended]
    inside: list[int]
    worst: float


class Scan:
    """What is under way in a panel's series. Feeding the same bins in one block or in many gives the same."""

    def __init__(self, series: tuple[Series, ...], resolution_s: int) -> None:
        self.runs: dict[int, Run] = {}
        self.watches: dict[int, Watch] = {}
        self._series = series
        self._resolution_s = resolution_s
        self._least_drop = np.array([TRAITS[one.family].drop for one in series])
        self._drop = self._least_drop
        self._surge = np.array([TRAITS[one.family].surge or np.inf for one in series])
        daily = resolution_s >= DAY_S
        self._bins_back = 1 if daily else max(2, math.ceil(_BACK_S / resolution_s))
        self._bins_remains = math.inf if daily else max(_LEAST_REMAINS, math.ceil(_REMAINS_S / resolution_s))
        self._ends = np.full(len(series), 0, np.int64)

    def round_to(self, share: Floats) -> None:
        """Say to what share of its usual value each series is rounded: a drop must go beyond that."""
        self._drop = np.minimum(self._least_drop + share / 2, 0.9)

    def odd(self, change: Floats, scores: Floats) -> Floats:
        """Which bins (a row a series) are odd: -1 for too little, 1 for too much, 0 for ordinary ones and gaps."""
        low = (scores <= -_ODD) & (change <= -self._drop[:, None] / 2)
        high = (scores >= _ODD) & (change >= self._surge[:, None] / 2)
        return np.where(low, -1.0, np.where(high, 1.0, 0.0))

    def busy(self, odd: Floats) -> npt.NDArray[np.int64]:
        """The rows in which something is odd or under way."""
        rows = (odd != 0).any(axis=1)
        rows[[*self.runs, *self.watches]] = True
        return np.flatnonzero(rows)

    def passed(self, starts: npt.NDArray[np.int64], measured: npt.NDArray[np.bool_]) -> None:
        """Note bins (a column each) as the last ordinary ones; rows that are fed as well note their own."""
        newest = measured.shape[1] - measured[:, ::-1].argmax(axis=1)
        ends = starts[newest - 1] + self._resolution_s
        self._ends = np.where(measured.any(axis=1), ends, self._ends)

    def feed(self, row: int, bins: Sequence[Bin], odd: Floats, tail: float) -> Fed:
        """Go through bins of one series, in order; odd and tail are what `odd` and `Usual.tail` say of it."""
        ended: list[Ended] = []
        inside: list[int] = []
        worst = 0.0
        for at, one in enumerate(bins):
            if (watch := self.watches.get(row)) is not None:
                # A bin of which too little is expected to judge it is within the disturbance as much as the others.
                inside.append(one.start)
                if not math.isnan(one.score) and (over := self.follow(row, watch, one)) is not None:
                    del self.watches[row]
                    self._ends[row] = over.known
                    ended.append(over)
            elif math.isnan(one.score):
                self._missing(row)
            else:
                worst = max(worst, self._run(row, one, self._side(row, one, int(odd[at])), tail))
                if (begun := self.watches.get(row)) is not None:
                    inside += range(begun.bins[0].start, one.start + 1, self._resolution_s)
        return Fed(ended, inside, worst)

    def open(self, row: int, bins: list[Bin], known: int) -> None:
        """Begin to watch a disturbance that was found otherwise, by its bins so far."""
        self.runs.pop(row, None)
        direction = Direction.DROP if bins[-1].score < 0 else Direction.SURGE
        peak = max(abs(_change(one)) for one in bins)
        self.watches[row] = Watch(direction, bins[0].start, known, bins, peak)

    def _side(self, row: int, one: Bin, odd: int) -> int:
        """Which side a bin is odd on: within a run, less is enough."""
        run = self.runs.get(row)
        if odd or run is None or abs(one.score) < _STILL_ODD:
            return odd
        side = -1 if run.direction is Direction.DROP else 1
        least = self._drop[row] if side < 0 else self._surge[row]
        return side if side * _change(one) >= least / 4 and side * one.score > 0 else 0

    def _missing(self, row: int) -> None:
        run = self.runs.get(row)
        if run is not None:
            run.missing += 1
            if run.missing > _MOST_GAP_BINS:
                del self.runs[row]

    def _run(self, row: int, one: Bin, side: int, tail: float) -> float:
        """Take a bin of a series that is as usual so far."""
        run = self.runs.get(row)
        if not side:
            self._ends[row] = one.start + self._resolution_s
            if run is None:
                return 0.0
            del self.runs[row]
            # One short bin alone is never enough, so it is no measure of what is.
            alone = len(run.bins) == 1 and self._resolution_s < _HARD_BIN_S
            return 0.0 if alone else run.score
        direction = Direction.DROP if side < 0 else Direction.SURGE
        if run is None or run.direction is not direction:
            run = self.runs[row] = Run(direction, int(self._ends[row]) or one.start)
        run.add(one)
        if self._enough(row, run, tail):
            del self.runs[row]
            known = one.start + self._resolution_s
            peak = max(abs(_change(bin_)) for bin_ in run.bins)
            self.watches[row] = Watch(direction, run.before, known, run.bins, peak)
        # What is under way may yet be enough: only what came to nothing tells how far a series strays.
        return 0.0

    def _enough(self, row: int, run: Run, tail: float) -> bool:
        drop = run.direction is Direction.DROP
        least = self._drop[row] if drop else self._surge[row]
        beyond = min(_BEYOND_TAIL * tail, _CERTAIN)
        change = run.change
        if change < least:
            return False
        if len(run.bins) > 1:
            return run.score >= max(DEEP_ENOUGH if drop and change >= DEEP else ENOUGH, beyond)
        if self._resolution_s < _HARD_BIN_S:
            return False
        return run.score >= max(HARD, beyond) and change >= max(least, _HARD_DROP if drop else _HARD_SURGE)

    def follow(self, row: int, watch: Watch, one: Bin) -> Ended | None:
        """Take a bin of a series within a disturbance; whether it is over."""
        known = one.start + self._resolution_s
        if not self._is_back(row, watch, one):
            watch.bins += [*watch.back, one]
            watch.peak = max(watch.peak, abs(_change(one)))
            watch.back = []
            is_little = watch.direction is Direction.DROP and self._away(watch, one) < _REMAINDER * watch.peak
            watch.remains = watch.remains + 1 if is_little else 0
            if watch.remains < self._bins_remains:
                return None
            # Most of it has come back and the rest, as it seems, will not: it is over since then.
            bins, watch.bins = watch.bins, watch.bins[: -watch.remains]
            return Ended(watch, bins[-watch.remains].start, known)
        watch.back.append(one)
        watch.remains += 1
        if len(watch.back) < self._bins_back:
            return None
        return Ended(watch, watch.back[0].start, known)

    def _away(self, watch: Watch, one: Bin) -> float:
        """How far a bin is away on the side of a disturbance, as a share of what is expected."""
        change = _change(one)
        return abs(min(change, 0.0) if watch.direction is Direction.DROP else max(change, 0.0))

    def _is_back(self, row: int, watch: Watch, one: Bin) -> bool:
        # Where little is expected, as at night, an empty bin is hardly odd; it is no sign of life either.
        change = self._away(watch, one)
        least = self._drop[row] if watch.direction is Direction.DROP else self._surge[row]
        ordinary = max(_BACK * least, _NEARLY_BACK * watch.peak)
        return bool(change < ordinary or (abs(one.score) < _ODD and change < _FAINT * watch.peak))


def _change(one: Bin) -> float:
    """What a bin has more (or less, below 0) than expected, as a share of that."""
    return one.value / one.expected - 1 if one.expected > 0 else 0.0
