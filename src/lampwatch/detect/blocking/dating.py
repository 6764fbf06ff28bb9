"""When a stretch began and ended: the moment, and the interval that holds it with 90 % probability."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.chain import Posterior
from lampwatch.detect.blocking.counts import NEVER, Counts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_OUTSIDE: Final = 96
_INSIDE: Final = 48
"""So many measured hours around where it most probably turned are looked at, outside of the stretch and inside."""
_LOW: Final = 0.05
_HIGH: Final = 0.95


class Dates(NamedTuple):
    """One moment for each stretch, in seconds since 1970 (UTC): the best guess, and between what it lies."""

    at: Ints
    low: Ints
    high: Ints


def onsets(counts: Counts, chance: Posterior, start: Ints, surest: Ints) -> Dates:
    """When the stretches began that have these first rows, and the rows at which they are surest."""
    steps = np.arange(-_OUTSIDE, _INSIDE)
    rows = start[:, None] + steps
    possible = (rows > 0) & (rows <= surest[:, None])
    rows = np.clip(rows, 1, None)
    possible &= counts.history[rows.clip(max=len(counts.history) - 1) - 1] == counts.history[start][:, None]
    rows = np.where(possible, rows, start[:, None])
    # What began there and lasted until it is surest was blocked in every hour between.
    staying = np.where(possible, chance.blocked[rows], 1.0)
    staying = np.minimum.accumulate(staying[:, ::-1], axis=1)[:, ::-1]
    weight = np.where(possible, np.minimum(chance.began[rows], staying), 0.0)
    return _dates(weight, *_spans(counts, rows, onset=True))


def ends(counts: Counts, chance: Posterior, stop: Ints, surest: Ints) -> Dates:
    """When the stretches ended that have these last rows; of one that lasts nothing is to be made."""
    last = len(counts.history) - 1
    rows = stop[:, None] + np.arange(1 - _INSIDE, 1 + _OUTSIDE)
    possible = (rows > surest[:, None]) & (rows <= last)
    rows = np.clip(rows, 1, last)
    possible &= counts.history[rows] == counts.history[stop][:, None]
    rows = np.where(possible, rows, np.minimum(stop + 1, last)[:, None])
    staying = np.where(possible, chance.blocked[rows - 1], 1.0)
    staying = np.minimum.accumulate(staying, axis=1)
    weight = np.where(possible, np.minimum(chance.ended[rows], staying), 0.0)
    return _dates(weight, *_spans(counts, rows, onset=False))


def _spans(counts: Counts, rows: Ints, *, onset: bool) -> tuple[Ints, Ints]:
    """Between which votes it turned, if it turned between these rows and those before them.

    The last vote of the old kind before, and the first of the new kind after.
    """
    if onset:
        last_old, first_new = counts.last_open, counts.first_blocked
    else:
        last_old, first_new = counts.last_blocked, counts.first_open
    before = rows - 1
    low = np.where(last_old[before] != NEVER, last_old[before], first_new[before])
    high = np.where(first_new[rows] != NEVER, first_new[rows], last_old[rows])
    return low, high


def _dates(weight: Floats, low: Ints, high: Ints) -> Dates:
    """The middle and the nine tenths of moments that lie anywhere within intervals of given weights, in time order.

    Never narrower than the interval of the greatest weight: within it nothing was measured.
    """
    whole = weight.sum(axis=1)
    sure = np.where(whole[:, None] > 0, weight / np.where(whole > 0, whole, 1.0)[:, None], 0.0)
    reached = np.cumsum(sure, axis=1)
    main = np.argmax(sure, axis=1)
    each = np.arange(len(weight))
    first, last = low[each, main], high[each, main]

    def quantile(part: float) -> Ints:
        column = np.minimum((reached < part - 1e-12).sum(axis=1), weight.shape[1] - 1)
        column = np.where(whole > 0, column, main)
        within = sure[each, column]
        into = (part - (reached[each, column] - within)) / np.where(within > 0, within, 1.0)
        span = high[each, column] - low[each, column]
        moment: Ints = low[each, column] + np.rint(np.clip(into, 0, 1) * span).astype(np.int64)
        return moment

    earliest = np.minimum(quantile(_LOW), first)
    latest = np.maximum(quantile(_HIGH), last)
    return Dates(np.clip(quantile(0.5), earliest, latest), earliest, latest)
