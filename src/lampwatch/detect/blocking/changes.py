"""Counts of any number of histories -> the stretches in which each was blocked, with when they began and ended."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.chain import NETWORK, Model, Posterior, posterior
from lampwatch.detect.blocking.counts import NEVER, Counts
from lampwatch.detect.blocking.dating import Dates, ends, onsets
from lampwatch.model.event import Event, Turn

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOLD: Final = 0.75
"""A stretch is told when it is so probable that it was blocked in at least one of its hours."""
LEAST_FAILURES: Final = 3
"""So many measurements must have found it blocked: fewer are strays, whatever the odds."""
_FLAKY: Final = 0.45
"""What failed at a lower rate when it was first measured, and ever since, was never seen to change: it is flaky."""
_MORE_PROBABLE: Final = 0.5
_NOTHING: Final = 1e-9
"""What rounding leaves of no votes."""


class Stretch(NamedTuple):
    """One time for which a history was blocked.

    history is that of the counts; start_hour and stop_hour are its first and its last measured hour (since 1970). The
    onset holds the true moment with 90 % probability. begun_before: it was blocked in the first hour that was ever
    measured, and the onset tells only the first measurement (at, low) and the first that found it blocked (high): it
    may have begun long before. end is None, and until the last vote, where it lasts; else until is the end. rate and
    rate_before are shares of weighed votes, rate_before of all hours before in which it was open; None where there are
    none. probability is that of the hour in which it is surest. failures counts votes that found it blocked.
    """

    history: int
    start_hour: int
    stop_hour: int
    onset: Event
    end: Event | None
    until: int
    begun_before: bool
    rate: float
    rate_before: float | None
    probability: float
    failures: int


def changes(counts: Counts, model: Model = NETWORK) -> list[Stretch]:
    """Find when each history was blocked; in order of histories, and of time in each.

    Counts come by history and hour; hours nobody measured are absent, not zero. A history alone and the same one among
    others give the same stretches. What fails at a low rate for as long as it is known is flaky, and never a stretch.
    """
    chance = posterior(counts, model)
    runs = _runs(counts, chance)
    if not len(runs.start):
        return []
    began = onsets(counts, chance, runs.start, runs.surest)
    over = ends(counts, chance, runs.stop, runs.surest)
    known_on, known_off = _known(counts, chance, runs)
    rate, rate_before = _rates(counts, runs)
    lasts = _lasts(counts, runs.stop)
    last_vote = np.maximum(counts.last_open, counts.last_blocked)
    found = []
    for at, (start, stop) in enumerate(zip(runs.start.tolist(), runs.stop.tolist(), strict=True)):
        begun_before = not start or int(counts.history[start - 1]) != int(counts.history[start])
        if begun_before and rate[at] < _FLAKY:
            continue
        end = None if lasts[at] else _event(Turn.RECOVERY, over, at, known_off)
        found.append(
            Stretch(
                int(counts.history[start]),
                int(counts.hour[start]),
                int(counts.hour[stop]),
                _since(counts, start, known_on[at])
                if begun_before
                else _event(Turn.ONSET, began, at, known_on),
                end,
                end.at if end else int(last_vote[stop]),
                begun_before,
                # Sums in another order differ in their last digits; an answer must not.
                round(float(rate[at]), 6),
                None if np.isnan(rate_before[at]) else round(float(rate_before[at]), 6),
                round(float(runs.chance[at]), 6),
                int(runs.failures[at]),
            )
        )
    return found


def _event(turn: Turn, dates: Dates, at: int, known: Ints) -> Event:
    return Event(turn, int(dates.at[at]), int(dates.low[at]), int(dates.high[at]), int(known[at]))


def _since(counts: Counts, start: int, known: int) -> Event:
    """The onset of what was blocked when it was first measured: only since when it is known."""
    opened, blocked = int(counts.first_open[start]), int(counts.first_blocked[start])
    first = min(time for time in (opened, blocked) if time != NEVER)
    return Event(Turn.ONSET, first, first, max(first, blocked), int(known))


class _Runs(NamedTuple):
    """Rows in which it was more probably blocked than not, one after the other; surest is the row where most so."""

    start: Ints
    stop: Ints
    surest: Ints
    chance: Floats
    failures: Ints


def _runs(counts: Counts, chance: Posterior) -> _Runs:
    """The runs that are told."""
    rows = np.flatnonzero(chance.blocked >= _MORE_PROBABLE)
    is_next = (np.diff(rows) == 1) & (np.diff(counts.history[rows]) == 0)
    first = np.flatnonzero(np.r_[True, ~is_next][: len(rows)])
    if not len(first):
        return _Runs(rows, rows, rows, np.zeros(0), rows)
    run = np.cumsum(np.r_[True, ~is_next]) - 1
    most = np.maximum.reduceat(chance.blocked[rows], first)
    surest = np.minimum.reduceat(np.where(chance.blocked[rows] == most[run], rows, len(counts.hour)), first)
    failures = np.add.reduceat(counts.failures[rows], first)
    told = (most >= TOLD) & (failures >= LEAST_FAILURES)
    stop = rows[np.r_[first[1:], len(rows)] - 1]
    return _Runs(rows[first][told], stop[told], surest[told], most[told], failures[told])


def _known(counts: Counts, chance: Posterior, runs: _Runs) -> tuple[Ints, Ints]:
    """When the last measurement was over that it took to tell a run, and to tell that it had ended."""
    last_vote = np.maximum(counts.last_open, counts.last_blocked)
    on, off = runs.stop.copy(), runs.stop.copy()
    history_end = np.searchsorted(counts.history, counts.history[runs.start], side="right")
    following = np.minimum(np.r_[runs.start[1:], len(counts.hour)], history_end)
    for at, (start, stop, until) in enumerate(zip(runs.start, runs.stop, following, strict=True)):
        enough = np.cumsum(counts.failures[start : stop + 1]) >= LEAST_FAILURES
        told = np.flatnonzero(enough & (chance.so_far[start : stop + 1] >= TOLD))
        on[at] = start + told[0] if len(told) else stop
        if stop + 1 < until:
            over = np.flatnonzero(chance.so_far[stop + 1 : until] < _MORE_PROBABLE)
            off[at] = stop + 1 + over[0] if len(over) else stop + 1
    return last_vote[on], last_vote[off]


def _rates(counts: Counts, runs: _Runs) -> tuple[Floats, Floats]:
    """The share that found it blocked in each run, and in all hours before it that no run holds; NaN of none."""
    inside = np.zeros(len(counts.hour) + 1)
    inside[runs.start] += 1
    inside[runs.stop + 1] -= 1
    free = np.cumsum(inside[:-1]) == 0
    whole = counts.blocked + counts.open
    first = np.searchsorted(counts.history, counts.history[runs.start])
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = _sums(counts.blocked, runs.start, runs.stop + 1) / _sums(whole, runs.start, runs.stop + 1)
        before = _sums(np.where(free, whole, 0.0), first, runs.start)
        rate_before = _sums(np.where(free, counts.blocked, 0.0), first, runs.start) / before
    return rate, np.where(before > _NOTHING, rate_before, np.nan)


def _sums(values: Floats, starts: Ints, stops: Ints) -> Floats:
    """The sum of each range, which may be empty; of its own values alone, so that no other changes its last digit."""
    bounds = np.stack([starts, stops], axis=1).ravel()
    sums = np.add.reduceat(np.r_[values, 0.0], bounds)[::2]
    return np.asarray(np.where(stops > starts, sums, 0.0))


def _lasts(counts: Counts, stop: Ints) -> npt.NDArray[np.bool_]:
    """Whether nothing was measured in the history after these rows."""
    following = np.minimum(stop + 1, len(counts.hour) - 1)
    return np.asarray((following == stop) | (counts.history[following] != counts.history[stop]))
