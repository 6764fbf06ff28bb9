"""When a disturbance began and ended, how deep it went, and how sure that is."""

import math
from typing import Final

import numpy as np

from lampwatch.detect.connectivity.panel import Floats
from lampwatch.detect.connectivity.scan import Bin, Ended, Watch
from lampwatch.model.disturbance import Direction, Disturbance
from lampwatch.model.event import Event, Turn
from lampwatch.model.series import Series

_WORST_SHARE: Final = 0.1
"""The depth is that of the worst tenth of bins: one odd bin makes no depth, and a long tail takes none away."""
_COUNTED_BINS: Final = 12
"""Evidence of more bins in a row is no evidence more."""
_MOST_OF_IT: Final = 0.8
_SLIGHT: Final = 0.5
"""Less than this part of the depth is no part of it, unless it leads there without a turn."""


def ended(series: Series, over: Ended, resolution_s: int) -> Disturbance:
    """A disturbance that came back."""
    last_bad = over.watch.bins[-1].start + resolution_s
    end = Event(Turn.RECOVERY, over.at, min(last_bad, over.at), over.at + resolution_s, over.known)
    return _disturbance(series, over.watch, resolution_s, end, over.known)


def settled(series: Series, watch: Watch, resolution_s: int, last: int) -> Disturbance:
    """A disturbance that became what is usual; nobody can say when."""
    end = Event(Turn.SETTLED, last, watch.bins[0].start, last, last)
    return _disturbance(series, watch, resolution_s, end, last)


def lasting(series: Series, watch: Watch, resolution_s: int, last: int) -> Disturbance:
    """A disturbance that has no end yet. last is the end of the last bin that was measured."""
    return _disturbance(series, watch, resolution_s, None, last)


def _disturbance(
    series: Series, watch: Watch, resolution_s: int, end: Event | None, last: int
) -> Disturbance:
    sign = -1.0 if watch.direction is Direction.DROP else 1.0
    away = np.maximum([sign * (one.value / one.expected - 1) for one in watch.bins], 0.0)
    # The worst tenth of bins, and as many again that are less bad: the middle of them is the border of that tenth.
    worst = np.argsort(-away, kind="stable")[: 2 * max(1, round(_WORST_SHARE * len(away))) - 1]
    depth = float(np.median(away[worst]))
    begin = _main_onset(away, depth)
    return Disturbance(
        series,
        watch.direction,
        _onset(watch, begin, resolution_s, depth),
        end,
        depth,
        float(np.median([watch.bins[at].expected for at in worst])),
        float(np.median([watch.bins[at].value for at in worst])),
        _score(watch.bins[begin : begin + _COUNTED_BINS]),
        _ramp_s(watch.bins[begin:], away[begin:], depth, resolution_s),
        _recovery_s(watch.bins, away, depth, end, resolution_s),
        last,
    )


def _score(bins: list[Bin]) -> float:
    """How many usual deviations bins in a row are away together (Stouffer's sum)."""
    return abs(sum(one.score for one in bins)) / math.sqrt(len(bins))


def _main_onset(away: Floats, depth: float) -> int:
    """The bin it really began with: a slight departure that went before for a while is no part of a deep one."""
    begin = int((away >= _SLIGHT * depth).argmax())
    while begin and 0 < away[begin - 1] < away[begin]:
        begin -= 1
    return begin


def _onset(watch: Watch, begin: int, resolution_s: int, depth: float) -> Event:
    """The onset lies after the last ordinary bin and before the end of the first odd one.

    A first bin that is only partly away tells when within it the change came, if the change was a cliff.
    """
    first = watch.bins[begin]
    before = watch.bins[begin - 1].start + resolution_s if begin else watch.before
    low = max(min(before, first.start), first.start - 12 * resolution_s)
    high = first.start + resolution_s
    share = abs(first.value / first.expected - 1)
    part = 1 - min(1.0, share / depth) if depth > 0 else 0.0
    at = int(first.start + part * resolution_s)
    known = max(watch.known, high)
    return Event(Turn.ONSET, min(max(at, low), high), low, high, known)


def _recovery_s(bins: list[Bin], away: Floats, depth: float, end: Event | None, resolution_s: int) -> int:
    """How long it took from the end of the last deep bin to the end; 0 where there is none yet."""
    deep = np.flatnonzero(away >= _MOST_OF_IT * depth)
    if end is None or not len(deep):
        return 0
    return max(0, end.at - bins[int(deep[-1])].start - resolution_s)


def _ramp_s(bins: list[Bin], away: Floats, depth: float, resolution_s: int) -> int:
    """How long it took from the first odd bin to four fifths of the depth; 0 where the first bin has it."""
    deep = np.flatnonzero(away >= _MOST_OF_IT * depth)
    if not len(deep):
        return 0
    at = int(deep[0])
    # The first bin is cut by the onset, so the second may well be the first whole one.
    return max(0, bins[at].start - bins[0].start - (resolution_s if at == 1 else 0))
