"""How much each ballot counts: the same voter again and again, or one program against all others, counts for less."""

from typing import Final

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.ballots import Ballots

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

_AGAIN: Final = 5 / 6
"""A voter that finds the same again counts for so much of what it did the time before: for six votes in the end."""
_AGAINST: Final = 1 / 4
"""And for so much of that where somebody who was never heard before has found the contrary meanwhile."""
_ALONE: Final = 1 / 2
"""Who measures alone always counts for so much, and of several voters of a day each for its part of it: or what they
find would be forgotten while they measure, and nobody could say to the hour when it changed. Not on days on which
somebody new is heard: these tell it, and one voice, however long it goes on, must not outweigh them."""
_BOTH: Final = 0.5
_DAY_HOURS: Final = 24
_QUARTER_HOURS: Final = 6
_SOME: Final = 3
_SHARE_OF_SOME: Final = 0.2
"""Whom at least three others contradict meanwhile has in a day one vote, or a fifth of theirs where that is more."""
_DISAGREE: Final = 0.6
_CONTRADICTED: Final = 0.5
"""A program that finds blocked what all others find open has at most this part of their weight."""
_SEVERAL: Final = 2
"""Others are so many voters at least: or whoever names another program could contradict all alone."""


def weights(ballots: Ballots) -> Floats:
    """The weight of every ballot, from 0 to 1."""
    weight = _of_voters(ballots)
    weight = weight * _of_contradicted(ballots, weight)
    return weight * _of_programs(ballots, weight)


def _of_voters(ballots: Ballots) -> Floats:
    """What a voter's repetitions count for.

    A finding that is new to the voter counts in full again, so one who measures alone sees a block at once. Who changes
    its mind all day shares its vote among the changes.
    """
    total = len(ballots.voter)
    if not total:
        return np.zeros(0)
    place = np.arange(total)
    is_first = np.r_[True, ballots.voter[1:] != ballots.voter[:-1]]
    is_other = is_first | np.r_[True, ballots.blocked[1:] != ballots.blocked[:-1]]
    since = np.maximum.accumulate(np.where(is_other, place, 0))
    against = np.cumsum(_against_others(ballots, is_first, ~is_other))
    weight = _AGAIN ** (place - since) * _AGAINST ** (against - against[since])
    weight = np.maximum(weight, _ALONE / _voters_of_the_day(ballots) * ~_others_are_new(ballots, is_first))
    return np.asarray(weight / np.maximum(1, _changes_in_a_day(ballots, is_other & ~is_first)))


def _against_others(ballots: Ballots, is_first: Truths, is_again: Truths) -> Truths:
    """Whether a voter says the same again although one that is new to the history has found the contrary meanwhile.

    Meanwhile is from the hour in which it said so before to the hour before this one.
    """
    span = int(ballots.hour.max()) + 1
    place = ballots.history * 2 + (ballots.blocked == 1)
    plain = ballots.blocked != _BOTH
    new = np.sort((place * span + ballots.hour)[is_first & plain])
    contrary = (place ^ 1) * span
    before = np.r_[0, ballots.hour[:-1]]
    found = np.searchsorted(new, contrary + before), np.searchsorted(new, contrary + ballots.hour)
    return np.asarray(is_again & plain & (found[1] > found[0]))


def _others_are_new(ballots: Ballots, is_first: Truths) -> Truths:
    """Whether somebody else votes in the history for the first time on that day (UTC)."""
    day = ballots.hour // _DAY_HOURS
    _, where = np.unique(ballots.history * (int(day.max()) + 1) + day, return_inverse=True)
    new = np.bincount(where, is_first)[where]
    # Who is new itself that day: its first ballot is on the same day.
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(day)), 0))
    return np.asarray(new - (day[first] == day) > 0)


def _voters_of_the_day(ballots: Ballots) -> Floats:
    """How many voted in the history on that day (UTC)."""
    day = ballots.hour // _DAY_HOURS
    days = int(day.max()) + 1
    is_new = np.r_[True, (ballots.voter[1:] != ballots.voter[:-1]) | (day[1:] != day[:-1])]
    _, where = np.unique(ballots.history * days + day, return_inverse=True)
    return np.asarray(np.bincount(where, is_new)[where])


def _changes_in_a_day(ballots: Ballots, is_change: Truths) -> Ints:
    """How often the voter changed its mind within the 24 hours that end with the ballot."""
    span = int(ballots.hour.max()) + 1 + _DAY_HOURS
    voter = ballots.voter
    key = voter * span + ballots.hour + _DAY_HOURS
    since = np.searchsorted(key, np.maximum(key - _DAY_HOURS + 1, voter * span))
    changes = np.r_[0, np.cumsum(is_change)]
    return np.asarray(changes[1:] - changes[since], dtype=np.int64)


def _of_contradicted(ballots: Ballots, weight: Floats) -> Floats:
    """What is left of each ballot of a voter who insists while others find the contrary.

    Others contradict who found the contrary on that day between the first and the last time the voter found it so. So
    nobody is contradicted by what was found before an onset and after it.
    """
    left = np.ones(len(weight))
    # Who found both in one hour insists on nothing.
    plain = np.flatnonzero((ballots.blocked != _BOTH) & _is_mixed(ballots, weight, _DAY_HOURS))
    if not len(plain):
        return left
    day = ballots.hour[plain] // _DAY_HOURS
    key = (ballots.voter[plain] * (int(day.max()) + 1) + day) * 2 + (ballots.blocked[plain] == 1)
    groups, group = np.unique(key, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(groups)))
    member = plain[order]
    hour = ballots.hour[member]
    first, last = np.minimum.reduceat(hour, starts), np.maximum.reduceat(hour, starts)
    place = (ballots.history[member[starts]] * (int(day.max()) + 1) + groups // 2 % (int(day.max()) + 1)) * 2
    contrary = _overlapping(place, groups % 2, first, last)
    contrary -= _own(groups, first, last)
    total = np.bincount(group, weight[plain], len(groups))
    most = np.where(contrary >= _SOME, np.maximum(1.0, _SHARE_OF_SOME * contrary), np.inf)
    left[plain] = np.minimum(1.0, most / np.maximum(total, 1e-12))[group]
    return left


def _overlapping(place: Ints, side: Ints, first: Ints, last: Ints) -> Ints:
    """Of each group, how many of the other side in the same place lie at the same time, at least in part."""
    span = int(last.max()) + 2
    begins = np.sort((place + side) * span + first)
    ends = np.sort((place + side) * span + last)
    other = (place + 1 - side) * span
    return np.asarray(
        np.searchsorted(begins, other + last, side="right")
        - np.searchsorted(ends, other + first, side="left"),
        dtype=np.int64,
    )


def _own(groups: Ints, first: Ints, last: Ints) -> Ints:
    """Of each group, 1 where the same voter found the contrary meanwhile, else 0."""
    own = np.zeros(len(groups), dtype=np.int64)
    # Both sides of a voter's day are neighbours.
    pair = np.flatnonzero((groups[1:] // 2) == (groups[:-1] // 2))
    meet = pair[(first[pair] <= last[pair + 1]) & (first[pair + 1] <= last[pair])]
    own[meet] = own[meet + 1] = 1
    return own


def _spans(ballots: Ballots, hours: int) -> Ints:
    """A number for each history and span of so many hours."""
    span = ballots.hour // hours
    key = ballots.history * (int(span.max(initial=0)) + 1) + span
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def _is_mixed(ballots: Ballots, weight: Floats, hours: int) -> Truths:
    """Whether the ballot's history was found both blocked and open in its span of so many hours.

    Where all agree nobody is contradicted, and that is nearly everywhere.
    """
    where = _spans(ballots, hours)
    blocked, total = np.bincount(where, weight * ballots.blocked), np.bincount(where, weight)
    return np.asarray(((blocked > 0) & (blocked < total))[where])


def _of_programs(ballots: Ballots, weight: Floats) -> Floats:
    """What is left of each ballot of a program that others contradict within the same quarter of a day."""
    left = np.ones(len(weight))
    if not len(weight):
        return left
    mixed = np.flatnonzero(_is_mixed(ballots, weight, _QUARTER_HOURS))
    if not len(mixed):
        return left
    where = _spans(ballots, _QUARTER_HOURS)[mixed]
    weighed, blocked = weight[mixed], (weight * ballots.blocked)[mixed]
    programs = int(ballots.software.max()) + 1
    _, own = np.unique(where * programs + ballots.software[mixed], return_inverse=True)
    own_total = np.bincount(own, weighed)[own]
    own_blocked = np.bincount(own, blocked)[own]
    against = _voters_for_open(ballots, mixed, where) - _voters_for_open(ballots, mixed, own)
    others = np.bincount(where, weighed)[where] - own_total
    others_blocked = np.bincount(where, blocked)[where] - own_blocked
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = own_blocked / own_total - others_blocked / others
        kept = _CONTRADICTED * others / own_total
    contradicted = (others > 1e-9) & (apart >= _DISAGREE) & (against >= _SEVERAL)  # noqa: PLR2004  what rounding leaves of nothing
    left[mixed] = np.where(contradicted, np.minimum(1.0, kept), 1.0)
    return left


def _voters_for_open(ballots: Ballots, rows: Ints, place: Ints) -> Ints:
    """Of each of these ballots, how many voters found it open in its place."""
    found = np.flatnonzero(ballots.blocked[rows] < 1)
    many = int(ballots.voter.max()) + 1
    distinct = np.unique(place[found] * many + ballots.voter[rows[found]]) // many
    return np.asarray(np.bincount(distinct, minlength=int(place.max()) + 1)[place], dtype=np.int64)
