"""Votes of any number of histories -> hourly counts of what decides, with nobody louder than they should be."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.ballots import cast
from lampwatch.detect.blocking.votes import Votes
from lampwatch.detect.blocking.weights import weights
from lampwatch.formats.vote_tables import MOST_VOTERS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEVER: Final = -1
"""Stands where there was no such vote."""

_UNLISTED: Final = 0.5
"""Where the list of voters is full, each verdict beyond it counts for half a voter: sessions measure more than once.
But only up to the number of voters that the list lets expect, so that one who measures all day long adds nobody."""
_NUMBERS: Final = 2.0**64
_LEAST_NUMBER: Final = -(2.0**63)
"""Voters' numbers are digests: they lie evenly in their range, and the smallest of many tell how many there are."""
_TIMES_THE_USUAL: Final = 4.0
"""An hour has at most so many times the votes of a usual hour before it."""
_FIRST_USUAL: Final = 3.0
_LEAST_USUAL: Final = 1.0
"""Who fills hours with votes that count for next to nothing must not make a flood of what others find."""
_USUAL_HOURS: Final = 24


class Counts(NamedTuple):
    """What was found, one row for each history and hour in which something decided; by history, then by hour.

    An hour that turned, where all of one kind came before all of the other, has a row for each kind, in this order.
    history is a number of the caller's, hour counts hours since 1970 (UTC). blocked and open are sums of weights,
    failures the number of voters that found it blocked, without weights. The rest are seconds since 1970: when the
    first and the last measurement began that found it open, and that found it blocked; NEVER where none did.
    """

    history: Ints
    hour: Ints
    blocked: Floats
    open: Floats
    failures: Ints
    first_open: Ints
    last_open: Ints
    first_blocked: Ints
    last_blocked: Ints


def counts(votes: Votes) -> Counts:
    """Count what decides: every voter once an hour, weighed by `weights`, floods cut to a few times the usual."""
    where, rows_hour = np.unique(votes.history * votes.hours + votes.hour, return_inverse=True)
    row_hour: Ints = rows_hour.astype(np.int64)
    ballots = cast(votes)
    weight = weights(ballots)
    hour_of = np.searchsorted(where, ballots.history * votes.hours + ballots.hour)
    blocked = _unlisted(votes, row_hour, len(where), is_blocked=True)
    opened = _unlisted(votes, row_hour, len(where), is_blocked=False)
    blocked = blocked + np.bincount(hour_of, weight * ballots.blocked, len(where))
    opened = opened + np.bincount(hour_of, weight * (1 - ballots.blocked), len(where))
    history: Ints = where // votes.hours
    share = _kept_share(history, blocked + opened)
    found = Counts(
        history,
        where % votes.hours + votes.first_hour,
        blocked * share,
        opened * share,
        np.bincount(hour_of, ballots.blocked > 0, len(where)).astype(np.int64),
        *_times(votes, row_hour, len(where), is_blocked=False),
        *_times(votes, row_hour, len(where), is_blocked=True),
    )
    return parted(found)


def parted(counts: Counts) -> Counts:
    """Part the hours that turned, so that a change is dated as finely as votes allow."""
    both = (counts.first_open != NEVER) & (counts.first_blocked != NEVER)
    onset = both & (counts.last_open <= counts.first_blocked)
    end = both & ~onset & (counts.last_blocked <= counts.first_open)
    turned = onset | end
    rows = np.repeat(np.arange(len(turned)), 1 + turned)
    is_second = np.r_[False, rows[1:] == rows[:-1]][: len(rows)]
    # Of a row that is parted: its open part comes first at an onset, and second at an end.
    keeps_open = ~turned[rows] | (onset[rows] ^ is_second)
    keeps_blocked = ~turned[rows] | ~keeps_open
    return Counts(
        counts.history[rows],
        counts.hour[rows],
        np.where(keeps_blocked, counts.blocked[rows], 0.0),
        np.where(keeps_open, counts.open[rows], 0.0),
        np.where(keeps_blocked, counts.failures[rows], 0),
        np.where(keeps_open, counts.first_open[rows], NEVER),
        np.where(keeps_open, counts.last_open[rows], NEVER),
        np.where(keeps_blocked, counts.first_blocked[rows], NEVER),
        np.where(keeps_blocked, counts.last_blocked[rows], NEVER),
    )


def _unlisted(votes: Votes, row_hour: Ints, hours: int, *, is_blocked: bool) -> Floats:
    """Weight of voters that the lists had no room for.

    Source of the estimate: Bar-Yossef et al., "Counting distinct elements in a data stream" (2002), the kth minimum.
    """
    listed = np.bincount(votes.voters.row, minlength=len(row_hour))
    full = np.flatnonzero((listed >= MOST_VOTERS) & (votes.blocked == is_blocked))
    if not len(full):
        return np.zeros(hours)
    greatest = np.full(len(row_hour), _LEAST_NUMBER)
    np.maximum.at(greatest, votes.voters.row, votes.voters.numbers[votes.voters.voter].astype(np.float64))
    part = np.maximum((greatest[full] - _LEAST_NUMBER) / _NUMBERS, 1 / _NUMBERS)
    expected = np.maximum((listed[full] - 1) / part - listed[full], 0)
    beyond = np.minimum(_UNLISTED * np.maximum(votes.verdicts[full] - listed[full], 0), expected)
    return np.asarray(np.bincount(row_hour[full], beyond, hours), dtype=np.float64)


def _times(votes: Votes, row_hour: Ints, hours: int, *, is_blocked: bool) -> tuple[Ints, Ints]:
    """The first and the last time of each hour at which it was found so."""
    chosen = np.flatnonzero(votes.blocked == is_blocked)
    chosen = chosen[np.argsort(row_hour[chosen], kind="stable")]
    first, last = np.full(hours, NEVER), np.full(hours, NEVER)
    if len(chosen):
        at, starts = np.unique(row_hour[chosen], return_index=True)
        first[at] = np.minimum.reduceat(votes.first[chosen], starts)
        last[at] = np.maximum.reduceat(votes.last[chosen], starts)
    return first, last


def _kept_share(history: Ints, total: Floats) -> Floats:
    """The part of each hour's weight that is not cut: all of it, unless it goes far beyond the usual before it.

    What is usual follows slowly, and only what was kept, so a flood must last for days before it is usual.
    """
    starts = np.flatnonzero(np.r_[True, history[1:] != history[:-1]])[: len(history)]
    lengths = np.diff(np.r_[starts, len(history)])
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    usual = np.full(len(starts), _FIRST_USUAL)
    share = np.ones(len(history))
    for step in range(int(lengths[0]) if len(lengths) else 0):
        going = int(np.searchsorted(-lengths, -step, side="left"))
        rows = starts[:going] + step
        kept = np.minimum(total[rows], _TIMES_THE_USUAL * np.maximum(usual[:going], _LEAST_USUAL))
        share[rows] = kept / np.maximum(total[rows], 1e-12)
        usual[:going] += (kept - usual[:going]) / _USUAL_HOURS
    return share
