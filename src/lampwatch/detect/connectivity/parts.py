"""Disturbances of one series that are close together -> one part of an incident."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from lampwatch.model.connectivity import Part
from lampwatch.model.disturbance import Direction, Disturbance
from lampwatch.model.event import Event, Turn

_GAP_SHARE: Final = 0.25
"""A return to what is usual that is shorter than this part of what went before does not end it."""
_CLEAR: Final = 0.5
"""What is so many times as far away as the clearest part is clear itself."""
_LONGEST_GAP_S: Final = 14 * 86_400
_LEAST_GAP_BINS: Final = 2
_MOST_LEAST_GAP_S: Final = 2 * 3600


def parts(disturbances: Iterable[Disturbance]) -> list[Part]:
    """Join what is close together in each series. Gives parts in order of their onset, and of their series.

    What lies within a long loss, beside which its series was judged anew, is a part of its own.
    """
    found: list[Part] = []
    ordered = sorted(disturbances, key=lambda one: (one.series.id, one.direction, one.onset.at))
    for _, alike in itertools.groupby(ordered, key=lambda one: (one.series.id, one.direction)):
        for layer in _layers(alike):
            together: list[Disturbance] = []
            for one in layer:
                if together and not _is_close(together, one):
                    found.append(_part(together))
                    together = []
                together.append(one)
            found.append(_part(together))
    return sorted(found, key=lambda part: (part.onset.at, part.series, part.direction))


def _layers(alike: Iterable[Disturbance]) -> list[list[Disturbance]]:
    """Disturbances that do not overlap, and those that lie within them, each in order of time."""
    outer: list[Disturbance] = []
    inner: list[Disturbance] = []
    for one in alike:
        within = outer and (outer[-1].end is None or one.onset.at < outer[-1].until)
        (inner if within else outer).append(one)
    return [layer for layer in (outer, inner) if layer]


def _is_close(before: list[Disturbance], one: Disturbance) -> bool:
    """Whether a disturbance goes on with those before it."""
    end = before[-1].end
    if end is not None and end.turn is Turn.SETTLED:
        return False
    gap = one.onset.at - before[-1].until
    lasted = before[-1].until - before[0].onset.at
    least = min(_LEAST_GAP_BINS * one.series.resolution_s, _MOST_LEAST_GAP_S)
    return gap <= max(least, min(_GAP_SHARE * lasted, _LONGEST_GAP_S))


def _part(together: list[Disturbance]) -> Part:
    first, last = together[0], together[-1]
    worst = max(together, key=lambda one: (one.depth, -one.onset.at))
    # Of several, the main one is the first that is nearly as deep as the deepest: before it are its harbingers.
    return Part(
        first.series.id,
        first.series.entity.code,
        first.series.family,
        first.series.source,
        first.direction,
        first.onset,
        last.end,
        worst.depth,
        worst.usual,
        worst.worst,
        max(one.score for one in together),
        first.ramp_s,
        last.recovery_s,
        first.series.resolution_s,
        last.until,
    )


def agreed_onset(members: Sequence[Part]) -> Event:
    """The earliest onset: of several with overlapping intervals, what those agree on that show it clearly.

    A noisy series may by chance look ordinary for one bin more, so it narrows nothing that a clear one tells.
    """
    first = min(members, key=lambda part: (part.onset.at, part.series))
    low, high, agreeing = first.onset.low, first.onset.high, [first]
    clear = _CLEAR * max(part.score for part in members)
    for part in sorted(members, key=lambda part: (-part.score, part.series)):
        if part.score >= clear and max(low, part.onset.low) < min(high, part.onset.high):
            low, high = max(low, part.onset.low), min(high, part.onset.high)
            agreeing.append(part)
    known = min(part.onset.known for part in members)
    best = min(agreeing, key=lambda part: (part.resolution_s, part.onset.at))
    return Event(Turn.ONSET, min(max(best.onset.at, low), high), low, high, known)


def is_drop(part: Part) -> bool:
    """Whether something is missing, and not more than usual."""
    return part.direction is Direction.DROP


def middle(numbers: Iterable[float]) -> float:
    """The median; 0 of nothing."""
    listed = list(numbers)
    return float(np.median(listed)) if listed else 0.0
