"""Simulated histories with planted blocks: counts as detection gets them, and the truth beside."""

from collections import defaultdict
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.changes import Stretch, changes
from lampwatch.detect.blocking.counts import NEVER, Counts, parted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
FIRST_HOUR: Final = 464_592
"""2023-01-01T00:00Z, where simulated time begins."""


class Planted(NamedTuple):
    """One history and what is true of it. onset and end are seconds since FIRST_HOUR; equal where nothing is planted.

    usual is the rate of failing while it is open, rate while it is blocked. votes are measurements an hour on average.
    """

    usual: float
    rate: float
    onset: int
    end: int
    votes: float
    bursts: float = 0.0


class Found(NamedTuple):
    """What was found of a planted history: in how many pieces, and blocks beside it.

    Delays are from the truth to when it was known; end_delay_s is None where no end was found.
    """

    truth: Planted
    pieces: int
    others: int
    holds_onset: bool
    holds_end: bool
    delay_s: int
    end_delay_s: int | None


def planted(
    number: int, rate: float, votes: float, usual: float, random: np.random.Generator, *, days: int
) -> list[Planted]:
    """Blocks of a fifth of the time, somewhere in the middle. What is blocked fully is still found open at times."""
    lasts = days * DAY_S // 5
    onsets = random.integers(days * DAY_S // 4, days * DAY_S // 2, number)
    return [Planted(usual, min(rate, 0.98), int(onset), int(onset) + lasts, votes) for onset in onsets]


def quiet(number: int, random: np.random.Generator, *, bursts: float = 0.0) -> list[Planted]:
    """Histories without a block: half of them hardly ever fail, the others now and then, up to 30 %."""
    usual = np.where(random.random(number) < 0.5, 0.005, random.uniform(0.01, 0.3, number))
    votes = random.choice([0.05, 0.1, 0.3, 1.0], number)
    return [
        Planted(float(rate), 0.0, 0, 0, float(each), bursts) for rate, each in zip(usual, votes, strict=True)
    ]


def compared(histories: list[Planted], hours: int, random: np.random.Generator) -> list[Found]:
    """Simulate histories, find their blocks, and hold them against the truth."""
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    for stretch in changes(simulated(histories, hours, random)):
        stretches[stretch.history].append(stretch)
    return [_compared(truth, stretches[at]) for at, truth in enumerate(histories)]


def _compared(truth: Planted, stretches: list[Stretch]) -> Found:
    onset, end = truth.onset + FIRST_HOUR * HOUR_S, truth.end + FIRST_HOUR * HOUR_S
    pieces = [one for one in stretches if one.onset.low < end and one.until > onset]
    others = len(stretches) - len(pieces)
    if not pieces:
        return Found(truth, 0, others, False, False, 0, None)  # noqa: FBT003  nothing was found, so nothing holds
    first, last = pieces[0].onset, pieces[-1].end
    return Found(
        truth,
        len(pieces),
        others,
        first.low <= onset <= first.high,
        last is not None and last.low <= end <= last.high,
        first.known - onset,
        None if last is None else last.known - end,
    )


def simulated(histories: list[Planted], hours: int, random: np.random.Generator) -> Counts:
    """Measure each history for so many hours, at random moments; more by day than by night."""
    parts = [_one(at, planted, hours, random) for at, planted in enumerate(histories)]
    return parted(Counts(*(np.concatenate(columns) for columns in zip(*parts, strict=True))))


def _one(at: int, planted: Planted, hours: int, random: np.random.Generator) -> Counts:
    daily = 1 + 0.8 * np.sin(np.arange(hours) * (2 * np.pi / 24))
    # Networks are measured unevenly: some hours by many at once.
    number = random.poisson(planted.votes * daily * random.gamma(2.0, 0.5, hours))
    times = np.sort(np.repeat(np.arange(hours), number) * HOUR_S + random.integers(0, HOUR_S, number.sum()))
    usual = np.full(hours, planted.usual)
    if planted.bursts:
        # A site that has bad days: its rate of failing wanders from day to day around what is usual.
        days = random.beta(
            planted.bursts * planted.usual, planted.bursts * (1 - planted.usual), hours // 24 + 1
        )
        usual = np.repeat(days, 24)[:hours]
    chance = np.where((times >= planted.onset) & (times < planted.end), planted.rate, usual[times // HOUR_S])
    fails = random.random(len(times)) < chance
    return _counted(at, times, fails)


def _counted(history: int, times: Ints, fails: npt.NDArray[np.bool_]) -> Counts:
    hour, where = np.unique(times // HOUR_S, return_inverse=True)
    blocked: Floats = np.bincount(where, fails, len(hour)).astype(np.float64)
    spans = []
    for kind in (~fails, fails):
        first, last = np.full(len(hour), NEVER), np.full(len(hour), NEVER)
        found = where[kind]
        first[found[::-1]] = times[kind][::-1] + FIRST_HOUR * HOUR_S
        last[found] = times[kind] + FIRST_HOUR * HOUR_S
        spans += [first, last]
    return Counts(
        np.full(len(hour), history),
        hour + FIRST_HOUR,
        blocked,
        np.asarray(np.bincount(where, minlength=len(hour)) - blocked, dtype=np.float64),
        blocked.astype(np.int64),
        *spans,
    )
