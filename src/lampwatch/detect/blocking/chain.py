"""Hourly counts -> how probable it is, hour by hour, that a history was blocked: forward and backward, exactly.

A history is at one of a few usual rates of failing (its base), or blocked at one of a few higher ones, from which it
goes back to its base. Counts are beta-binomial. What happens between hours that were measured happens in proportion to
the time between them, so hours that nobody measured say nothing. Source: hidden Markov chains as in Rabiner (1989), for
the changes with a hazard of Adams and MacKay (2007).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.counts import Counts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SPREAD: Final = 15.0
"""The votes of one hour agree more than chance would have it: from 15 on, more of them say hardly more."""
_FROM_THE_FIRST: Final = 0.1


class Model(NamedTuple):
    """At which rates something fails while it is open (bases) and while it is blocked (rates), and what is expected.

    All bases lie below every rate: so one more open vote in an hour always makes it less probable that it was blocked
    in that hour. base_prior is how probable each base is; rate_prior how a block begins, by base and rate;
    first_rate_prior the same of one that was there when it was first measured. onset_by_base makes onsets rarer.
    """

    bases: Floats
    rates: Floats
    base_prior: Floats
    rate_prior: Floats
    first_rate_prior: Floats
    onset_by_base: Floats

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.bases) * (1 + len(self.rates))


NETWORK: Final = Model(
    bases=np.array([0.003, 0.015, 0.05, 0.12, 0.28]),
    rates=np.array([0.3, 0.5, 0.75, 0.97]),
    base_prior=np.array([0.5, 0.2, 0.12, 0.1, 0.08]),
    # A site that fails now and then must fail far more often before it counts.
    rate_prior=np.array(
        [
            [0.2, 0.2, 0.2, 0.4],
            [0.2, 0.2, 0.2, 0.4],
            [0.1, 0.2, 0.2, 0.5],
            [0.0, 0.25, 0.25, 0.5],
            [0.0, 0.0, 0.4, 0.6],
        ]
    ),
    # Blocked when first measured: only at rates that no flaky site has.
    first_rate_prior=np.array([0.0, 0.15, 0.25, 0.6]),
    # Failures of a flaky site come in bursts, which are no blocks: there the model wants more of them.
    onset_by_base=np.array([1.0, 1.0, 1.0, 0.3, 0.05]),
)
"""One target on one network."""
POOL: Final = Model(
    bases=np.array([0.003, 0.015, 0.05]),
    rates=np.array([0.18, 0.3, 0.5, 0.75, 0.97]),
    base_prior=np.array([0.6, 0.25, 0.15]),
    rate_prior=np.array(
        [[0.25, 0.25, 0.2, 0.15, 0.15], [0.2, 0.25, 0.2, 0.15, 0.2], [0.0, 0.3, 0.25, 0.2, 0.25]]
    ),
    first_rate_prior=np.array([0.0, 0.0, 0.15, 0.25, 0.6]),
    onset_by_base=np.array([1.0, 1.0, 1.0]),
)
"""One target on all networks of a country: those that do not block are in it, and what always fails is none of it."""

_ONSET_AN_HOUR: Final = 1 / (2 * 365 * 24)
_END_AN_HOUR: Final = 1 / (14 * 24)
_RATE_CHANGE_AN_HOUR: Final = 1 / 168
_WITHIN_AN_HOUR: Final = 0.25
"""So much time passes, in hours, between the parts of one."""
_BASE_CHANGE_AN_HOUR: Final = 1 / (180 * 24)

_STEP: Final = 1 / 64
"""Weights are rounded to this, so that equal counts are computed once."""
_BATCH: Final = 6_000_000
"""So many states are kept at once."""


class Posterior(NamedTuple):
    """Probabilities, one of each for every row of the counts.

    blocked that it was blocked in this hour, by all that is known; so_far by what was known when the hour was over.
    began that it began between the measured hour before and this one, ended that it ended there.
    """

    blocked: Floats
    so_far: Floats
    began: Floats
    ended: Floats


class _Batch(NamedTuple):
    """Histories side by side, shorter ones filled up: rows of hours, columns of histories.

    onset and end are the probabilities to pass, since the hour before, from the first base to blocked and back.
    """

    rows: Ints
    real: npt.NDArray[np.bool_]
    kind: Ints
    onset: Floats
    end: Floats
    rate_change: Floats
    base_change: Floats


def posterior(counts: Counts, model: Model = NETWORK) -> Posterior:
    """Give how probable it is that each history was blocked in each of its measured hours.

    Histories do not touch each other. Takes about 1 µs a row.
    """
    found = Posterior(*(np.zeros(len(counts.hour)) for _ in Posterior._fields))
    if not len(counts.hour):
        return found
    kinds, kind = np.unique(_pairs(counts), return_inverse=True)
    likely = _likelihoods(kinds, model)
    for batch in _batches(counts, kind.astype(np.int64), model.states):
        for whole, part in zip(found, _smoothed(batch, likely, model), strict=True):
            whole[batch.rows[batch.real]] = part[batch.real]
    return found


def _pairs(counts: Counts) -> Ints:
    """Blocked and open votes, rounded, as one number."""
    blocked = np.rint(counts.blocked / _STEP).astype(np.int64)
    open_ = np.rint(counts.open / _STEP).astype(np.int64)
    return np.asarray((blocked << 31) | open_, dtype=np.int64)


def _likelihoods(kinds: Ints, model: Model) -> Floats:
    """Of each pair of counts, the likelihood at each base and then each rate, up to a factor of the pair."""
    blocked, open_ = (kinds >> 31) * _STEP, (kinds & ((1 << 31) - 1)) * _STEP
    mean = np.concatenate([model.bases, model.rates])[:, None]
    a, b = mean * _SPREAD, (1 - mean) * _SPREAD
    logs = _log_gamma(a + blocked) + _log_gamma(b + open_) - _log_gamma(a) - _log_gamma(b)
    return np.asarray(np.exp(logs - logs.max(axis=0)))


def _log_gamma(x: Floats) -> Floats:
    """The logarithm of gamma for positive numbers, to about 1e-11: Stirling's series, after eight steps upward."""
    steps = np.zeros_like(x)
    for step in range(8):
        steps += np.log(x + step)
    y = x + 8
    series = (1 / 12 - (1 / 360 - 1 / 1260 / y**2) / y**2) / y
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * np.log(2 * np.pi) + series - steps)


def _batches(counts: Counts, kind: Ints, states: int) -> Iterator[_Batch]:
    """Histories of about the same length, side by side."""
    starts = np.flatnonzero(np.r_[True, counts.history[1:] != counts.history[:-1]])
    lengths = np.diff(np.r_[starts, len(counts.history)])
    order = np.argsort(lengths, kind="stable")
    at = 0
    while at < len(order):
        # The longest of a batch is its last; a batch is as wide as the length of its first allows.
        wide = max(1, min(2048, _BATCH // (int(lengths[order[at]]) * states)))
        longest = int(lengths[order[min(at + wide, len(order)) - 1]])
        wide = max(1, min(wide, _BATCH // (longest * states)))
        chosen = order[at : at + wide]
        yield _batch(counts.hour, kind, starts[chosen], lengths[chosen])
        at += wide


def _batch(hours: Ints, kind: Ints, starts: Ints, lengths: Ints) -> _Batch:
    if len(starts) == 1:
        # A history is never alone: sums over what is one column wide go in another order.
        starts, lengths = np.repeat(starts, 2), np.repeat(lengths, 2)
    steps = np.arange(int(lengths.max()))[:, None]
    real = steps < lengths
    rows = np.minimum(starts + steps, starts + lengths - 1)
    passed = np.zeros(rows.shape)
    passed[1:] = np.where(real[1:], np.maximum(hours[rows[1:]] - hours[rows[:-1]], _WITHIN_AN_HOUR), 0.0)
    both = _ONSET_AN_HOUR + _END_AN_HOUR
    changed = -np.expm1(-both * passed)
    return _Batch(
        rows,
        real,
        # What fills up says nothing: no vote, and no time passes.
        np.where(real, kind[rows], -1),
        changed * (_ONSET_AN_HOUR / both),
        changed * (_END_AN_HOUR / both),
        -np.expm1(-_RATE_CHANGE_AN_HOUR * passed),
        # To each neighbour: at most a third, so that a long gap makes neighbours alike.
        -np.expm1(-3 * _BASE_CHANGE_AN_HOUR * passed) / 3,
    )


class _Forward(NamedTuple):
    """What is known so far, hour by hour: the probability of each state."""

    open: Floats
    blocked: Floats


def _smoothed(batch: _Batch, likely: Floats, model: Model) -> Posterior:
    """The posterior of one batch, hours by histories."""
    # One column more, for hours that say nothing.
    likely = np.concatenate([likely, np.ones((len(likely), 1))], axis=1)
    known = _forward(batch, likely, model)
    hours, wide = batch.rows.shape
    blocked, began, ended = (np.zeros((hours, wide)) for _ in range(3))
    after_open = np.ones((len(model.bases), wide))
    after_blocked = np.ones((len(model.bases), len(model.rates), wide))
    for at in range(hours - 1, -1, -1):
        is_blocked = (known.blocked[at] * after_blocked).sum(axis=(0, 1))
        whole = is_blocked + (known.open[at] * after_open).sum(axis=0)
        blocked[at] = is_blocked / whole
        # What fills up must leave no trace, be it in the last digit: a history is the same among any others.
        whole = np.where(batch.real[at], whole, 1.0)
        if not at:
            break
        seen = likely[:, batch.kind[at]]
        after_open = after_open * (seen[: len(model.bases)] / whole)
        after_blocked = after_blocked * (seen[len(model.bases) :] / whole)
        onset, end = batch.onset[at] * model.onset_by_base[:, None], batch.end[at]
        entered = np.einsum("bc,bcn->bn", model.rate_prior, after_blocked)
        opened = end * after_open
        change = batch.rate_change[at]
        before_open = (1 - onset) * _drift(after_open, batch.base_change[at]) + onset * entered
        before_blocked = (1 - end) * ((1 - change) * after_blocked + (change * entered)[:, None])
        before_blocked += opened[:, None]
        was_open, was_blocked = known.open[at - 1], known.blocked[at - 1].sum(axis=1)
        both = (was_open * before_open).sum(axis=0)
        both += (known.blocked[at - 1] * before_blocked).sum(axis=(0, 1))
        began[at] = (was_open * onset * entered).sum(axis=0) / both
        ended[at] = (was_blocked * opened).sum(axis=0) / both
        after_open, after_blocked = before_open, before_blocked
    return Posterior(blocked, known.blocked.sum(axis=(1, 2)), began, ended)


def _forward(batch: _Batch, likely: Floats, model: Model) -> _Forward:
    hours, wide = batch.rows.shape
    known = _Forward(
        np.empty((hours, len(model.bases), wide)), np.empty((hours, len(model.bases), len(model.rates), wide))
    )
    is_open = np.repeat((1 - _FROM_THE_FIRST) * model.base_prior[:, None], wide, axis=1)
    first = _FROM_THE_FIRST * model.base_prior[:, None] * model.first_rate_prior
    is_blocked = np.repeat(first[:, :, None], wide, axis=2)
    for at in range(hours):
        if at:
            onset, end = batch.onset[at] * model.onset_by_base[:, None], batch.end[at]
            every = is_blocked.sum(axis=1)
            change = (1 - end) * batch.rate_change[at]
            entering = onset * is_open + change * every
            is_open = _drift((1 - onset) * is_open, batch.base_change[at]) + end * every
            is_blocked = ((1 - end) - change) * is_blocked + entering[:, None] * model.rate_prior[:, :, None]
        seen = likely[:, batch.kind[at]]
        is_open = is_open * seen[: len(model.bases)]
        is_blocked = is_blocked * seen[len(model.bases) :]
        whole = is_open.sum(axis=0) + is_blocked.sum(axis=(0, 1))
        known.open[at] = is_open = is_open / whole
        known.blocked[at] = is_blocked = is_blocked / whole
    return known


def _drift(values: Floats, part: Floats) -> Floats:
    """Bases pass a part of what they have to their neighbours. The same forward and backward."""
    flow = part * (values[1:] - values[:-1])
    moved = values.copy()
    moved[:-1] += flow
    moved[1:] -= flow
    return moved
