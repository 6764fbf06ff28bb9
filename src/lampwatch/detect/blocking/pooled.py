"""What no network shows alone, and several show together: a country's networks pooled for one target.

A block that fails a third of the time is soon plain where many measure. Where few do, each network has a handful of
failures that may be chance, and all of them together have not. So the change is looked for in the pool, and
each network is then asked whether it changed at that time.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.chain import POOL
from lampwatch.detect.blocking.changes import Stretch, changes
from lampwatch.detect.blocking.counts import counts
from lampwatch.detect.blocking.votes import Votes
from lampwatch.model.event import Event, Turn

Ints = npt.NDArray[np.int64]

_SURE: Final = 0.95
_LEAST_NETWORKS: Final = 2
_LEAST_FAILURES: Final = 3
_LEAST_RISE: Final = 0.2
_MOST_BEFORE: Final = 0.1
_STRAY: Final = 0.03
"""So many measurements fail by chance where nobody has seen how many do."""
_CHANCE: Final = 0.01
"""A network changed where chance alone would so rarely give so many failures."""


class _Asked(NamedTuple):
    """What one network's voters found: before a time and within it. last is when the third of its failures was seen."""

    before_blocked: int
    before_open: int
    blocked: int
    open: int
    hours: Ints
    times: Ints
    until: int


def pooled(votes: Votes, own: Sequence[Stretch]) -> list[Stretch]:
    """The stretches that histories show alone, and those of networks that only the pool of their country shows.

    One that a history shows alone is as probable as the pool makes it: or what is sure of all networks together would
    be doubted as soon as one of them begins to show it.
    """
    groups, of_history = _groups(votes)
    # A network that does not fail so often can tell nothing, and a pool without any that does is not worth looking at.
    may_tell = votes.failing(_LEAST_FAILURES)
    is_pool = np.bincount(of_history, minlength=len(groups)) >= _LEAST_NETWORKS
    is_pool &= np.bincount(of_history, may_tell, len(groups)) > 0
    rows = np.flatnonzero(is_pool[of_history][votes.history])
    if not len(rows):
        return list(own)
    kept = list(own)
    by_history: dict[int, list[int]] = {}
    for place, one in enumerate(own):
        by_history.setdefault(one.history, []).append(place)
    for stretch in changes(counts(_pool(votes, of_history, rows, groups)), POOL):
        if stretch.begun_before or stretch.probability < _SURE:
            continue
        for history in np.flatnonzero((of_history == stretch.history) & may_tell).tolist():
            alone = [place for place in by_history.get(history, ()) if _overlap(own[place], stretch)]
            for asked in _asked(votes, history, stretch):
                if not alone:
                    kept.append(asked)
                for place in alone:
                    if not own[place].begun_before:
                        surest = max(kept[place].probability, asked.probability)
                        kept[place] = kept[place]._replace(probability=surest)
    return kept


def _groups(votes: Votes) -> tuple[list[tuple[str, str, str]], Ints]:
    """Country, target and method of the histories, and of each history the place of its own among them."""
    names = sorted({name[:3] for name in votes.names})
    places = {name: place for place, name in enumerate(names)}
    return names, np.array([places[name[:3]] for name in votes.names], dtype=np.int64)


def _pool(votes: Votes, of_history: Ints, rows: Ints, groups: Sequence[tuple[str, str, str]]) -> Votes:
    """The same votes as if a country had one network; of these rows alone."""
    history = of_history[votes.history[rows]]
    order = np.argsort(history * votes.hours + votes.hour[rows], kind="stable")
    return votes.of(rows[order])._replace(names=tuple((*name, 0) for name in groups), history=history[order])


def _overlap(one: Stretch, stretch: Stretch) -> bool:
    return one.start_hour <= stretch.stop_hour and one.stop_hour >= stretch.start_hour


def _asked(votes: Votes, history: int, stretch: Stretch) -> Iterator[Stretch]:
    """The stretch of one network in the time of its country's, where it changed then."""
    told = _counted(votes, history, stretch)
    decided, before = told.blocked + told.open, told.before_blocked + told.before_open
    if told.blocked < _LEAST_FAILURES:
        return
    rate = told.blocked / decided
    rate_before = told.before_blocked / before if before else None
    usual = max(_STRAY, (told.before_blocked + _STRAY) / (before + 1))
    if (rate_before or 0.0) > _MOST_BEFORE or rate - (rate_before or 0.0) < _LEAST_RISE:
        return
    by_chance = _at_least(told.blocked, decided, usual)
    if by_chance > _CHANCE:
        return
    first = int(told.times[0])
    known = max(stretch.onset.known, int(told.times[_LEAST_FAILURES - 1]))
    onset = stretch.onset
    high = max(onset.high, first)
    yield Stretch(
        history,
        int(told.hours[0]),
        int(told.hours[-1]),
        Event(Turn.ONSET, min(max(onset.at, onset.low), high), onset.low, high, known),
        stretch.end,
        stretch.end.at if stretch.end else told.until,
        False,  # noqa: FBT003  a pool that was blocked from its first hour on is passed over
        round(rate, 6),
        None if rate_before is None else round(rate_before, 6),
        round(stretch.probability * (1 - by_chance), 6),
        told.blocked,
    )


def _counted(votes: Votes, history: int, stretch: Stretch) -> _Asked:
    """Count one network's voters, each once an hour for what it found."""
    first, last = np.searchsorted(votes.history, [history, history + 1])
    begin, end = np.searchsorted(votes.voters.row, [first, last])
    row, voter = votes.voters.row[begin:end], votes.voters.voter[begin:end]
    order = np.lexsort((votes.first[row], votes.blocked[row], voter, votes.hour[row]))
    row, voter = row[order], voter[order]
    key = np.stack([votes.hour[row], voter, votes.blocked[row]])
    row = row[np.r_[True, (key[:, 1:] != key[:, :-1]).any(axis=0)][: len(row)]]
    hours, blocked = votes.hour[row] + votes.first_hour, votes.blocked[row]
    within = (hours >= stretch.start_hour) & (hours <= stretch.stop_hour)
    earlier = votes.last[row] <= stretch.onset.low
    failing = row[within & blocked]
    return _Asked(
        int((earlier & blocked).sum()),
        int((earlier & ~blocked).sum()),
        len(failing),
        int((within & ~blocked).sum()),
        np.sort(votes.hour[failing] + votes.first_hour),
        np.sort(votes.first[failing]),
        int(votes.last[row[within]].max()) if within.any() else stretch.until,
    )


def _at_least(failures: int, decided: int, usual: float) -> float:
    """How probable so many failures or more are by chance."""
    below = sum(
        math.exp(math.log(math.comb(decided, k)) + k * math.log(usual) + (decided - k) * math.log1p(-usual))
        for k in range(failures)
    )
    return max(0.0, 1.0 - below)
