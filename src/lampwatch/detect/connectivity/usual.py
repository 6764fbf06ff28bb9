"""What is usual for each of many series: by the hour of the local week, robustly, learnt only from what was usual.

What is expected is a level, that of the last seven days, times a season. A ring holds four weeks of each series, a
place for each hour of those weeks, as shares of the level of their time, so that a new level is not taken for a new
season. The season of an hour is what the ring has at the same hour of the same weekday; where the series is too young
for that, the same hour of the last days; where even that is missing, the middle of all. Bins within a disturbance are
never learnt, so what is usual stays as it was for as long as the disturbance lasts.
"""

from collections import defaultdict
from typing import Final

import numpy as np
import numpy.typing as npt

from lampwatch.detect.connectivity.local_time import is_rest, offsets_s, stand_in_day
from lampwatch.detect.connectivity.panel import DAY_S, Floats
from lampwatch.detect.connectivity.traits import TRAITS
from lampwatch.model.series import Quantity, Series

WEEKS: Final = 4
_RING_DAYS: Final = 7 * WEEKS
_HOUR_S: Final = 3600
_LEAST_DAYS: Final = 3
"""So many days or weeks make a season; of fewer, the middle of all is taken."""
_LEVEL_DAYS: Final = 7
_SHORT_DAYS: Final = 2
_WHOLE_DAY_S: Final = 12 * _HOUR_S
"""What people leave out on a day of rest are its hours of daylight, at least."""
_FIRST_REST: Final = 2.5
_NEVER: Final = -(10**9)
_STEP_SHARE: Final = 0.6
"""A value that is rounded is not known better than to so much of a step."""
_WIDENING: Final = 0.1
"""Large counts vary by a share of about so much beside what chance alone makes (negative binomial)."""
_HALF_A_THING: Final = 0.375
_EMPTY: Final = 0.03
"""What is left of a value that fell to nothing, so that it has a logarithm: an empty bin is no infinite evidence."""
_MAD: Final = 1.4826
"""Standard deviations in one median absolute deviation of normal values."""

_MEAN_ABSOLUTE: Final = 0.7979
"""Standard deviations in one mean absolute deviation of normal values."""
_LEAST_BINS: Final = 10
"""Of fewer bins the mean below tells nothing."""

Bools = npt.NDArray[np.bool_]


def median(values: Floats, axis: int = -1) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The median of what is not NaN along an axis, NaN where nothing is, and of how many it is."""
    rows = np.moveaxis(values, axis, -1)
    shape = rows.shape[:-1]
    ordered = np.sort(rows.reshape(-1, rows.shape[-1]), axis=1)
    count = ordered.shape[1] - np.isnan(ordered).sum(axis=1)
    at = np.arange(len(ordered))
    middle = (ordered[at, np.maximum(count - 1, 0) // 2] + ordered[at, count // 2 * (count > 0)]) / 2
    return middle.reshape(shape), count.reshape(shape)


class Usual:
    """What is usual for a panel's series, block by block."""

    def __init__(self, series: tuple[Series, ...], resolution_s: int, block_s: int) -> None:
        count = len(series)
        self._distinct, self._country = np.unique([one.entity.country for one in series], return_inverse=True)
        self.daily = block_s == DAY_S
        self.slots = max(1, block_s // max(resolution_s, _HOUR_S)) if self.daily else 1
        self._slot_s = block_s // self.slots
        self._block_s = block_s
        self._ring = np.full((count, _RING_DAYS * self.slots), np.nan)
        self._levels = np.full((count, _LEVEL_DAYS), np.nan)
        self._deviations = np.full((count, _RING_DAYS), np.nan)
        self._tails = np.full((count, _RING_DAYS), np.nan)
        self._rows = np.arange(count)[:, None, None]
        self._counts = np.array([one.quantity is Quantity.COUNT for one in series])
        self._poisson = np.array([TRAITS[one.family].poisson for one in series])
        self._floor = np.array([TRAITS[one.family].floor for one in series])
        self._rounded = np.flatnonzero(~self._counts)
        self._as_told = np.full((len(self._rounded), 7 * self.slots), np.nan)
        self._written = np.full(count, _NEVER, np.int64)
        self._days_learnt = np.zeros(count, np.int64)
        self._has_rested = np.zeros(count, bool)
        self._is_new_rest = np.zeros(count, bool)
        self._resting: dict[int, Bools] = {}
        self.frozen = np.zeros(count, bool)
        """Which series are within a disturbance, and keep what is usual however long that lasts."""

    def expected(self, block: int, first: int) -> Floats:
        """What the slots of a block are expected to be, and of the slot before and after it: a column a slot.

        block counts blocks from 1970, which begin at block * block_s + first. NaN where too little is known.
        """
        self._forget(block)
        local, days = self._local_slots(block, first)
        stand_in = self._stand_in(days)
        alike = local - days * self.slots + stand_in * self.slots
        back = np.where(stand_in == days, 1, 0)[:, :, None] + np.arange(WEEKS)[None, None, :]
        weeks_ago = alike[:, :, None] - back * (7 * self.slots)
        self._is_new_rest = self._rests(days) & ~self._has_rested
        weekly, of_weeks = self._middle(weeks_ago, self._rows)
        # Blocks that are no days know no week: seven of them ago, nothing was more alike than yesterday.
        found = np.where(of_weeks & self.daily, weekly, np.nan)
        young = np.flatnonzero(np.isnan(found).any(axis=1) & (self._written != _NEVER))
        if len(young):
            of_days = self._of_days(young, local[young], days[young])
            found[young] = np.where(np.isnan(found[young]), of_days, found[young])
        if np.isnan(found).any():
            flat, of_all = median(self._ring)
            enough = of_all >= max(7, 5 * self.slots // 6)
            found = np.where(np.isnan(found) & enough[:, None], flat[:, None], found)
        expected: Floats = found * self.level()[:, None]
        return expected

    def _of_days(
        self, rows: npt.NDArray[np.int64], local: npt.NDArray[np.int64], days: npt.NDArray[np.int64]
    ) -> Floats:
        """What slots of series too young for a season were on the last days like theirs, or on any.

        Within a disturbance the last days may all be unknown: then any day that the ring has tells of the hour.
        """
        back = np.arange(1, 15)
        slots = local[:, :, None] - back * self.slots
        middle, several = self._middle(slots[:, :, :7], rows[:, None, None])
        found = np.where(several, middle, np.nan)
        dark = np.flatnonzero(np.isnan(found).any(axis=1) & (self._days_learnt[rows] >= _LEAST_DAYS))
        if len(dark):
            ever = local[dark, :, None] - np.arange(1, _RING_DAYS + 1) * self.slots
            middle, enough = self._middle(ever, rows[dark, None, None])
            found[dark] = np.where(np.isnan(found[dark]) & enough, middle, found[dark])
        if self.daily:
            first = int(days.min()) - len(back)
            rest = self._rest(first, int(days.max()))[self._country[rows]]
            at = np.arange(len(rows))[:, None]
            resting = rest[at, days - first]
            alike = resting[:, :, None] == rest[at[:, :, None], days[:, :, None] - back - first]
            # The last day of rest, though it is only one, tells more of a day of rest than working days do.
            middle, enough = self._middle(
                slots, rows[:, None, None], alike, np.where(resting, 1, _LEAST_DAYS)
            )
            found = np.where(enough & several, middle, found)
        return found

    def _middle(
        self,
        slots: npt.NDArray[np.int64],
        rows: npt.NDArray[np.int64],
        which: Bools | None = None,
        least: npt.NDArray[np.int64] | int = _LEAST_DAYS,
    ) -> tuple[Floats, Bools]:
        """The median of slots (the last axis) and of the hours beside them, and whether they were enough."""
        columns = self._ring.shape[1]
        known = self._ring[rows, slots % columns]
        beside = np.arange(-1, 2) if self.slots > _LEAST_DAYS else np.zeros(1, np.int64)
        around = self._ring[rows[..., None], (slots[..., None] + beside) % columns]
        if which is not None:
            known, around = np.where(which, known, np.nan), np.where(which[..., None], around, np.nan)
        count = (~np.isnan(known)).sum(axis=-1)
        middle, _ = median(around.reshape(*slots.shape[:2], -1))
        return middle, count >= least

    def _rests(self, days: npt.NDArray[np.int64]) -> Bools:
        """Whether most of a block lies in a day of rest, for each series."""
        middle = days[:, days.shape[1] // 2]
        if not self.daily:
            return np.zeros(len(middle), bool)
        found = np.zeros(len(middle), bool)
        for day in np.unique(middle).tolist():
            by_country = np.array([is_rest(country, day) for country in self._distinct.tolist()])
            found |= (middle == day) & by_country[self._country]
        return found

    def _rest(self, first: int, last: int) -> Bools:
        """Whether local days are days of rest or holidays: a row a country, a column a day."""
        for day in range(first, last + 1):
            if day not in self._resting:
                self._resting[day] = np.array([is_rest(country, day) for country in self._distinct.tolist()])
        for day in [day for day in self._resting if day < first]:
            del self._resting[day]
        return np.stack([self._resting[day] for day in range(first, last + 1)], axis=1)

    def level(self) -> Floats:
        """What the ring is in shares of: how much there is of each series in these days; 1 in its first week."""
        level, known = median(self._levels)
        return np.where((known > 0) & (level > 0), level, 1.0)

    def deviation(self, expected: Floats) -> tuple[Floats, Floats]:
        """The usual deviation of each series, in the units of `departures`, and to what share it is rounded.

        expected has a row a series, and what is expected of it in a column a slot.
        """
        middle, count = median(self._deviations)
        usual, _ = median(expected)
        # What a share of what is usual comes to in those units.
        unit = np.where(self._counts, np.sqrt(usual / (1 + _WIDENING**2 * usual)), 1.0)
        poisson = 1 / np.sqrt(1 + _WIDENING**2 * usual)
        if (count == 0).any():
            with np.errstate(divide="ignore", invalid="ignore"):
                young = np.flatnonzero(count == 0)
                spread = np.zeros(len(usual))
                around, _ = median(self._ring[young])
                strays = self._ring[young] / around[:, None] - 1
                either = median(np.abs(strays))[0]
                either = np.where(self._counts[young], either, np.fmax(either, _low_side(strays)))
                spread[young] = either * unit[young]
            first = np.where(self._counts, np.fmax(spread, poisson / _MAD), spread)
            middle = np.where(count > 0, middle, first)
        floor = self._floor * unit
        # Of a count that is mostly nothing a share is nothing, and no deviation to divide by.
        independent = self._poisson | ~(unit > 0)
        floor = np.where(self._counts, np.where(independent, poisson, np.fmin(poisson, floor)), floor)
        with np.errstate(divide="ignore", invalid="ignore"):
            rounding = np.where(self._counts, 0.0, self._step() / usual)
        known = np.fmax(np.fmax(middle * _MAD, floor), _STEP_SHARE * rounding)
        # Nobody knows what a day of rest does to a series before the first one.
        return np.where(self._is_new_rest, _FIRST_REST, 1.0) * known, np.nan_to_num(rounding)

    def departures(self, values: Floats, expected: Floats) -> Floats:
        """How far values are from what was expected, with its sign.

        Below it, on a scale on which series vary alike at all sizes: of counts the root while they are few (1 is the
        deviation of independent things), and the logarithm when many; of all others the logarithm. Above it, by what
        is added, so that a surge is not the smaller for being large.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            share = values / expected - 1
            below = np.log((share + 1 + _EMPTY) / (1 + _EMPTY))
            if not self._counts.any():
                return np.where(share < 0, below, share)
            rows, above = self._counts, share.copy()
            below[rows] = _stabilised(values[rows]) - _stabilised(expected[rows])
            above[rows] *= np.sqrt(expected[rows] / (1 + _WIDENING**2 * expected[rows]))
        return np.where(share < 0, below, above)

    def _step(self) -> Floats:
        """The least difference between two values of a series that is rounded coarsely; 0 of a count."""
        steps = np.zeros(len(self._counts))
        if len(self._rounded):
            gaps = np.diff(np.sort(self._as_told, axis=1), axis=1)
            least = np.nanmin(np.where(gaps > 0, gaps, np.inf), axis=1)
            steps[self._rounded] = np.where(np.isfinite(least), least, 0.0)
        return steps

    def tail(self) -> Floats:
        """How far a series ordinarily strays in the worst of ten days, as a score; 0 where little is known."""
        ordered = np.sort(self._tails, axis=1)
        count = self._tails.shape[1] - np.isnan(ordered).sum(axis=1)
        at = np.clip((0.9 * count).astype(int), 0, np.maximum(count - 1, 0))
        worst = np.take_along_axis(ordered, at[:, None], 1)[:, 0]
        return np.where(count > 0, worst, 0.0)

    def learn(
        self, block: int, first: int, slots: Floats, expected: Floats, departures: Floats, worst: Floats
    ) -> None:
        """Take in a block: slots (NaN within disturbances), what was expected of them, and how its bins departed.

        departures (a row a series) and worst, the worst score of the block, are NaN where nothing is to be learnt.
        """
        local, days = self._local_slots(block, first)
        local, days = local[:, 1:-1], days[:, 1:-1]
        ordinary = (self._stand_in(days) == days) & ~np.isnan(slots)
        positions = local % self._ring.shape[1]
        rows = np.broadcast_to(self._rows[:, :, 0], positions.shape)
        # A holiday is measured by days of rest, and is no example of its weekday.
        empty = np.isnan(self._ring[rows, positions]) & ~np.isnan(slots)
        write = ordinary | empty
        level = self.level()
        self._ring[rows[write], positions[write]] = (slots / level[:, None])[write]
        self._written = np.where(write.any(axis=1), block, self._written)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio, of_slots = median(np.where(ordinary & (expected > 0), slots / expected, np.nan))
        has_level = ~np.isnan(self._levels[:, -1])
        _push(self._levels, ratio * level, has_level & (of_slots > 0))
        self._days_learnt += ~has_level & write.any(axis=1)
        self._find_level(np.flatnonzero(~has_level & (self._days_learnt >= _LEVEL_DAYS)))
        self._as_told[:, : -self.slots] = self._as_told[:, self.slots :]
        self._as_told[:, -self.slots :] = slots[self._rounded]
        deviation, of_bins = median(np.abs(departures))
        deviation = np.where(self._counts, deviation, np.fmax(deviation, _low_side(departures)))
        _push(self._deviations, deviation, of_bins > 0)
        self._has_rested |= (of_bins > 0) & self._rests(days)
        _push(self._tails, worst, (of_bins > 0) & ~np.isnan(worst))

    def _find_level(self, rows: npt.NDArray[np.int64]) -> None:
        """After the first week there is a level to be a share of: fewer days would take a weekend for one."""
        if len(rows):
            level, _ = median(self._ring[rows])
            level = np.where(level > 0, level, 1.0)
            self._ring[rows] /= level[:, None]
            self._levels[rows] = level[:, None]

    def fill(self, row: int, starts: list[int], values: list[float], *, shallow: bool) -> None:
        """Take in bins of one series that lay in a short disturbance, for hours of which no other example is known.

        Without them a season that is deeper than a disturbance, as weekends in traffic are, would never be learnt. By
        the hour only days of rest are taken, and whole days that no calendar calls so, if they were shallow: what is
        dark for hours may be a curfew.
        """
        country = str(self._distinct[self._country[row]])
        ahead = self._ahead_s(row, starts)
        level = float(self.level()[row])
        hours: dict[int, list[float]] = defaultdict(list)
        whole_days = shallow and starts[-1] - starts[0] >= _WHOLE_DAY_S
        for start, offset, value in zip(starts, ahead, values, strict=True):
            local = start + offset
            if self.slots == 1 or whole_days or is_rest(country, local // DAY_S):
                hours[local // self._slot_s % self._ring.shape[1]].append(value)
        for place, known in hours.items():
            # A day's bin that lay outside for a day or two is one of four of its weekday: the others outvote it.
            if np.isnan(self._ring[row, place]) or (self.slots == 1 and len(values) <= _SHORT_DAYS):
                self._ring[row, place] = np.median(known) / level

    def _ahead_s(self, row: int, moments: list[int]) -> list[int]:
        """How far a series' clock is ahead of UTC; where a bin is a day or more, it is the source's own."""
        if not self.daily or self.slots == 1:
            return [0] * len(moments)
        country = str(self._distinct[self._country[row]])
        offsets: list[int] = offsets_s([country], np.array(moments, np.int64))[0].tolist()
        return offsets

    def sizes(self, values: Floats, expected: Floats) -> Floats:
        """What was measured, a number a series, without its season; NaN where that is not known yet."""
        known = ~np.isnan(self._levels[:, -1])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(known & (expected > 0), values / expected * self.level(), np.nan)

    def hold(self, row: int, level: float) -> None:
        """Take an earlier level for the one of these days: it left that too slowly to be noticed."""
        self._levels[row] = level

    def begin_anew(self, row: int, block: int, first: int, recent: list[Floats]) -> None:
        """Take what a series was in its last blocks, a row of slots each, for what is usual from now on.

        How far it strays is known from before: the first days of a new level would tell it by what they still learn.
        """
        self._ring[row] = np.nan
        level, known = median(np.concatenate(recent[-_LEVEL_DAYS:]))
        share = float(level) if known and level > 0 else 1.0
        for back, slots in enumerate(reversed(recent[-_RING_DAYS:])):
            local, _ = self._local_slots(block - back, first)
            self._ring[row, local[row, 1:-1] % self._ring.shape[1]] = slots / share
        self._levels[row] = share
        self._written[row] = block

    def _forget(self, block: int) -> None:
        """A series that was silent for longer than the ring holds begins anew."""
        stale = (block - self._written > _RING_DAYS) & (self._written != _NEVER) & ~self.frozen
        if stale.any():
            self._ring[stale], self._levels[stale], self._deviations[stale] = np.nan, np.nan, np.nan
            self._written[stale], self._days_learnt[stale] = _NEVER, 0

    def _local_slots(self, block: int, first: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The local slots of a block, from the one before it to the one after, and their local days."""
        begin = block * self._block_s + first
        steps = begin + np.arange(-1, self.slots + 1) * self._slot_s
        if not self.daily:
            local = np.broadcast_to(steps // self._slot_s, (len(self._ring), self.slots + 2))
            return local, local
        if self.slots == 1:
            # A day's bin is about the source's own day.
            offsets = np.zeros((len(self._ring), 1), np.int64)
        else:
            offsets = offsets_s(self._distinct.tolist(), steps)[self._country]
        local = (steps[None, :] + offsets) // self._slot_s
        return local, local // self.slots

    def _stand_in(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if not self.daily:
            return days
        found = days.copy()
        for day in np.unique(days).tolist():
            by_country = np.array([stand_in_day(country, day) for country in self._distinct])
            found = np.where(days == day, by_country[self._country][:, None], found)
        return found


def _stabilised(counts: Floats) -> Floats:
    """Counts on a scale on which independent ones deviate by 1 while they are few, and all by a share when many."""
    return 2 / _WIDENING * np.arcsinh(_WIDENING * np.sqrt(np.maximum(counts, 0.0) + _HALF_A_THING))


def _low_side(departures: Floats) -> Floats:
    """The median absolute departure that normal values would have that were as far below on average; NaN of few.

    What is nearly all there cannot stray above, so that its middle tells too little of how far it strays below.
    """
    known = ~np.isnan(departures)
    below = np.where(known, np.maximum(-departures, 0.0), 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count >= _LEAST_BINS, 2 * below / np.maximum(count, 1) / (_MEAN_ABSOLUTE * _MAD), np.nan)


def _push(ring: Floats, values: Floats, rows: Bools) -> None:
    """Put the newest value at the end of each row named, and let the oldest go."""
    ring[rows, :-1] = ring[rows, 1:]
    ring[rows, -1] = values[rows]
