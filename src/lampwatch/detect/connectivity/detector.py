"""Values -> disturbances, block by block. Pure: the same values always give the same disturbances.

What it keeps between blocks can be made again from the values alone, so a live run and a rebuild agree.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from lampwatch.detect.connectivity.onset import ended, lasting, settled
from lampwatch.detect.connectivity.panel import Floats, Panel, block_s, panels
from lampwatch.detect.connectivity.scan import Bin, Scan, Watch
from lampwatch.detect.connectivity.settle import Aside, is_long_gone, is_settled, may_stand_aside
from lampwatch.detect.connectivity.slow import Moved, Slow
from lampwatch.detect.connectivity.traits import TRAITS
from lampwatch.detect.connectivity.usual import Usual, median
from lampwatch.detect.connectivity.world import World
from lampwatch.model.disturbance import Disturbance
from lampwatch.model.series import Quantity, Series, Values

_MOST_APART: Final = 2.5
_SHORT_S: Final = 4 * 86_400
"""What was over so soon may have been a season that is not known yet: a weekend, with a holiday beside it."""
_NEVER_A_SEASON: Final = 0.9
"""Nothing that people do by themselves, night, weekend or feast, leaves less than a tenth of what is usual."""
_MAY_BE_REST: Final = 0.6
"""What people do by themselves on one day in a week leaves more than this, as a rule."""
_LEAST: Final = 1e-9
_MOST: Final = 1e15
"""Smaller values are nothing, larger ones and what is below nothing no values: no source counts or estimates so."""
_PATIENCE_BLOCKS: Final = 3
"""Odd bins are no example of what is usual, unless most have been odd for longer than so many blocks."""


Tell = Callable[[int, int], None]
"""Hears how many values of how many have been looked at."""


def disturbances(given: Iterable[Values], tell: Tell = lambda _done, _all: None) -> list[Disturbance]:
    """Find all disturbances in series, those that last included, by series and time. tell hears how far it is."""
    found: list[Disturbance] = []
    every = panels(given)
    whole, done = sum(panel.values.size for panel in every), 0
    for panel in every:
        for some, size in _of_panel(panel):
            found += some
            done += size
            tell(done, whole)
    return sorted(found, key=lambda one: (one.series.id, one.onset.at, one.direction))


def _of_panel(panel: Panel) -> Iterator[tuple[list[Disturbance], int]]:
    """Block by block, the disturbances that ended in it and how many values it has; last those that have not ended."""
    detector = Detector(panel.series, panel.resolution_s, panel.first)
    for begin in range(0, panel.values.shape[1], panel.block_bins):
        block = panel.values[:, begin : begin + panel.block_bins]
        yield detector.advance(block), block.size
    yield detector.lasting(), 0


class Detector:
    """Goes through a panel's bins in order, as many at a time as come.

    first is where the first block begins, in seconds since 1970.
    """

    def __init__(self, series: tuple[Series, ...], resolution_s: int, first: int) -> None:
        self._series = series
        self._resolution_s = resolution_s
        self._block_s = block_s(resolution_s)
        self._first = first % self._block_s
        self._usual = Usual(series, resolution_s, self._block_s)
        self._world = World(series)
        self._scan = Scan(series, resolution_s)
        self._slow = Slow(series, self._world) if self._block_s == resolution_s else None
        self._counts = np.array([one.quantity is Quantity.COUNT for one in series])
        least = [TRAITS[one.family].least if one.quantity is Quantity.COUNT else 0.0 for one in series]
        self._least = np.array(least)[:, None]
        self._asides: dict[int, Aside] = {}
        self._judged, self._tells = np.full(len(series), np.nan), np.zeros(len(series), bool)
        self._last = np.full(len(series), first, np.int64)
        self._odd_blocks = np.zeros(len(series), np.int64)
        self._begin(first // self._block_s)

    def _begin(self, block: int) -> None:
        """Work out what is expected of a block, from what was learnt before it."""
        bins = self._block_s // self._resolution_s
        self._block = block
        self._column = 0
        self._slots = self._usual.expected(block, self._first)
        self._expected = self._bins(self._slots)
        deviation, rounding = self._usual.deviation(self._slots)
        self._deviation = deviation[:, None]
        self._scan.round_to(rounding)
        self._tail = self._usual.tail()
        self._values = np.full((len(self._series), bins), np.nan)
        self._departures = np.full((len(self._series), bins), np.nan)
        self._inside = np.zeros((len(self._series), bins), bool)
        self._odd = np.zeros((len(self._series), bins), bool)
        self._worst = np.zeros(len(self._series))

    def _bins(self, slots: Floats) -> Floats:
        """What each bin is expected to be: between the middles of hours, in proportion."""
        bins = self._block_s // self._resolution_s
        per_slot = bins // self._usual.slots
        if per_slot <= 1:
            return slots[:, 1:-1]
        at = (np.arange(bins) + 0.5) / per_slot + 0.5
        left = np.floor(at).astype(int)
        part = at - left
        between: Floats = slots[:, left] * (1 - part) + slots[:, left + 1] * part
        return between

    def advance(self, values: Floats) -> list[Disturbance]:
        """Take in the next bins, a row a series and a column a bin, NaN where nothing was measured.

        They must not reach into the next block. Values that are below 0 (as -1, which many sources write for a gap) or
        beyond all counting are gaps. Gives the disturbances that ended in them.
        """
        values = np.where((values >= 0) & (values <= _MOST), np.where(values < _LEAST, 0.0, values), np.nan)
        here = slice(self._column, self._column + values.shape[1])
        expected = self._expected[:, here]
        factor, spread = self._world.factors(values, expected)
        expected = expected * factor
        if self._slow is not None:
            self._judged = expected[:, 0]
            self._tells = (spread <= _MOST_APART)[:, 0] & ~np.isnan(factor[:, 0])
        # A surge may rise from little, as far as its own size tells; a drop has to fall from enough.
        enough = (expected > self._least) | (values > expected + self._least)
        expected = np.where(enough & (expected > 0), expected, np.nan)
        departures = self._usual.departures(values, expected)
        scores = departures / (self._deviation * spread)
        self._values[:, here], self._departures[:, here] = values, departures
        over = self._scanned(here, values, expected, scores)
        self._column = here.stop
        if self._column == self._values.shape[1]:
            over += self._learn()
            self._begin(self._block + 1)
        return over

    def _scanned(self, here: slice, values: Floats, expected: Floats, scores: Floats) -> list[Disturbance]:
        """Go through the series in which something is under way or odd."""
        begin = self._block * self._block_s + self._first
        starts = begin + np.arange(here.start, here.stop) * self._resolution_s
        measured = ~np.isnan(values)
        judged = ~np.isnan(scores)
        with np.errstate(divide="ignore", invalid="ignore"):
            odd = self._scan.odd(values / expected - 1, scores)
        self._odd[:, here] = odd != 0
        over: list[Disturbance] = []
        busy = self._scan.busy(odd).tolist()
        for row in busy:
            columns = zip(
                starts.tolist(),
                values[row].tolist(),
                expected[row].tolist(),
                scores[row].tolist(),
                strict=True,
            )
            fed = self._scan.feed(row, [Bin(*one) for one in columns], odd[row], float(self._tail[row]))
            for one in fed.ended:
                over.append(ended(self._series[row], one, self._resolution_s))
                if one.at - one.watch.bins[0].start <= _SHORT_S and one.watch.peak < _NEVER_A_SEASON:
                    bins = one.watch.bins
                    self._usual.fill(
                        row,
                        [bin_.start for bin_ in bins],
                        [bin_.value for bin_ in bins],
                        shallow=one.watch.peak < _MAY_BE_REST,
                    )
            # A run may have begun before these bins came, and even before this block.
            columns_inside = (np.array(fed.inside, np.int64) - begin) // self._resolution_s
            self._inside[row, columns_inside[columns_inside >= 0]] = True
            self._worst[row] = max(self._worst[row], fed.worst)
        judged[busy] = False
        self._scan.passed(starts, judged)
        newest = values.shape[1] - measured[:, ::-1].argmax(axis=1)
        self._last = np.where(measured.any(axis=1), starts[newest - 1] + self._resolution_s, self._last)
        return over

    def _learn(self) -> list[Disturbance]:
        """Take the block that is complete into what is usual; settle what lasts and is steady."""
        measured = (~np.isnan(self._values)).sum(axis=1)
        mostly_odd = self._odd.sum(axis=1) > measured / 2
        self._odd_blocks = np.where(mostly_odd, self._odd_blocks + 1, 0)
        strange = self._inside | (self._odd & (self._odd_blocks <= _PATIENCE_BLOCKS)[:, None])
        ordinary = np.where(strange, np.nan, self._values)
        per_slot = self._values.shape[1] // self._usual.slots
        shape = (len(self._series), self._usual.slots, per_slot)
        slots, _ = median(ordinary.reshape(shape))
        departures = np.where(self._inside, np.nan, self._departures)
        worst = np.where(self._inside.any(axis=1), np.nan, self._worst)
        over: list[Disturbance] = []
        moved: list[Moved] = []
        if self._slow is not None:
            over = self._follow_asides()
            # Within disturbances, and while countries differ far more than they do, nothing is a size of its own.
            telling = self._tells & ~self._inside[:, 0]
            sizes = self._usual.sizes(np.where(telling, self._values[:, 0], np.nan), self._slots[:, 1])
            moved = self._slow.take(sizes)
        level = self._usual.level()
        self._usual.learn(self._block, self._first, slots, self._slots[:, 1:-1], departures, worst)
        for row, watch in list(self._scan.watches.items()):
            watch.slots.append(median(self._values[row].reshape(shape[1:]))[0])
            if is_settled(watch, self._block_s):
                del self._scan.watches[row]
                self._usual.begin_anew(row, self._block, self._first, watch.slots)
                over.append(settled(self._series[row], watch, self._resolution_s, int(self._last[row])))
            elif self._slow and row not in self._asides and self._may_stand_aside(row, watch):
                del self._scan.watches[row]
                self._asides[row] = Aside(watch, float(level[row]))
                self._usual.begin_anew(row, self._block, self._first, watch.slots)
        self._open(moved)
        self._usual.frozen[:] = False
        self._usual.frozen[list(self._scan.watches)] = True
        return over

    def _may_stand_aside(self, row: int, watch: Watch) -> bool:
        trait = TRAITS[self._series[row].family]
        least = trait.least if self._counts[row] else 0.0
        return trait.surge > 0 and may_stand_aside(watch, self._block_s, least)

    def _follow_asides(self) -> list[Disturbance]:
        """Hold series to what they were before those who are left became usual: whether all are back."""
        over: list[Disturbance] = []
        level = self._usual.level()
        for row, aside in list(self._asides.items()):
            value, expected = self._values[row, 0], self._judged[row] * aside.level / level[row]
            aside.watch.slots.append(self._values[row])
            if is_long_gone(aside.watch, self._block_s):
                del self._asides[row]
                over.append(settled(self._series[row], aside.watch, self._resolution_s, int(self._last[row])))
            elif expected > 0 and not np.isnan(value):
                start = self._block * self._block_s + self._first
                one = self._scan.follow(row, aside.watch, Bin(start, float(value), float(expected), -np.inf))
                if one is not None:
                    del self._asides[row]
                    over.append(ended(self._series[row], one, self._resolution_s))
        return over

    def _open(self, moved: list[Moved]) -> None:
        """Begin to watch what came slowly, as what it is since it left its size of weeks ago."""
        end = (self._block + 1) * self._block_s + self._first
        for one in moved:
            if one.row in self._scan.watches:
                continue
            begin = end - len(one.since) * self._resolution_s
            score = one.score / np.sqrt(len(one.since))
            self._scan.open(
                one.row,
                [
                    Bin(begin + at * self._resolution_s, size, one.before, score)
                    for at, size in enumerate(one.since.tolist())
                    if not np.isnan(size)
                ],
                end,
            )
            self._usual.hold(one.row, one.before)

    def lasting(self) -> list[Disturbance]:
        """The disturbances that have not ended, as far as they are known."""
        return [
            lasting(self._series[row], watch, self._resolution_s, int(self._last[row]))
            for watches in (self._scan.watches, {row: one.watch for row, one in self._asides.items()})
            for row, watch in sorted(watches.items())
        ]
