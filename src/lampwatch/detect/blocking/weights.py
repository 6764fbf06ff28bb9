"""How much each ballot counts: the same voter again and again, or one program against all others, counts for less."""

from typing import Final

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.ballots import Ballots

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_AGAIN: Final = 5 / 6
"""A voter that finds the same again counts for so much of what it did the time before: for six votes in the end."""
_ALONE: Final = 1 / 24
"""Who measures alone counts for one vote a day at least, or what it finds would be forgotten while it measures."""
_DAY_HOURS: Final = 24
_QUARTER_HOURS: Final = 6
_DISAGREE: Final = 0.6
_CONTRADICTED: Final = 0.5
"""A program that finds blocked what all others find open has at most this part of their weight."""


def weights(ballots: Ballots) -> Floats:
    """The weight of every ballot, from 0 to 1."""
    weight = _of_voters(ballots)
    return weight * _of_programs(ballots, weight)


def _of_voters(ballots: Ballots) -> Floats:
    """What a voter's repetitions count for.

    A finding that is new to the voter counts in full again, so one who measures alone sees a block at once. Who changes
    its mind all day shares its vote among the changes.
    """
    total = len(ballots.voter)
    weight = np.ones(total)
    if not total:
        return weight
    place = np.arange(total)
    is_first = np.r_[True, ballots.voter[1:] != ballots.voter[:-1]]
    is_other = is_first | np.r_[True, ballots.blocked[1:] != ballots.blocked[:-1]]
    again = place - np.maximum.accumulate(np.where(is_other, place, 0))
    alone = np.where(_measures_alone(ballots), _ALONE, 0.0)
    weight = np.maximum(_AGAIN**again, alone)
    return np.asarray(weight / np.maximum(1, _changes_in_a_day(ballots, is_other & ~is_first)))


def _measures_alone(ballots: Ballots) -> npt.NDArray[np.bool_]:
    """Whether nobody else voted in the history on that day (UTC)."""
    day = ballots.hour // _DAY_HOURS
    days = int(day.max()) + 1
    is_new = np.r_[True, (ballots.voter[1:] != ballots.voter[:-1]) | (day[1:] != day[:-1])]
    _, where = np.unique(ballots.history * days + day, return_inverse=True)
    return np.asarray(np.bincount(where, is_new)[where] <= 1)


def _changes_in_a_day(ballots: Ballots, is_change: npt.NDArray[np.bool_]) -> Ints:
    """How often the voter changed its mind within the 24 hours that end with the ballot."""
    span = int(ballots.hour.max()) + 1 + _DAY_HOURS
    voter = ballots.voter
    key = voter * span + ballots.hour + _DAY_HOURS
    since = np.searchsorted(key, np.maximum(key - _DAY_HOURS + 1, voter * span))
    changes = np.r_[0, np.cumsum(is_change)]
    return np.asarray(changes[1:] - changes[since], dtype=np.int64)


def _of_programs(ballots: Ballots, weight: Floats) -> Floats:
    """What is left of each ballot of a program that others contradict within the same quarter of a day."""
    left = np.ones(len(weight))
    if not len(weight):
        return left
    quarter = ballots.hour // _QUARTER_HOURS
    _, where = np.unique(ballots.history * (int(quarter.max()) + 1) + quarter, return_inverse=True)
    blocked = np.bincount(where, weight * ballots.blocked)
    total = np.bincount(where, weight)
    # Where all agree, nobody is contradicted; that is nearly everywhere.
    mixed = np.flatnonzero(((blocked > 0) & (blocked < total))[where])
    if not len(mixed):
        return left
    programs = int(ballots.software.max()) + 1
    _, own = np.unique(where[mixed] * programs + ballots.software[mixed], return_inverse=True)
    own_total = np.bincount(own, weight[mixed])[own]
    own_blocked = np.bincount(own, (weight * ballots.blocked)[mixed])[own]
    others = total[where[mixed]] - own_total
    others_blocked = blocked[where[mixed]] - own_blocked
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = own_blocked / own_total - others_blocked / others
        kept = _CONTRADICTED * others / own_total
    contradicted = (others > 1e-9) & (apart >= _DISAGREE)  # noqa: PLR2004  what rounding leaves of nothing
    left[mixed] = np.where(contradicted, np.minimum(1.0, kept), 1.0)
    return left
