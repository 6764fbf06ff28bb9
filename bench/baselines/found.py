"""What a baseline gives, and how bins that stand out become stretches."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from lampwatch.model.series import Values

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


class Found(NamedTuple):
    """A stretch that stands out. Seconds since 1970 (UTC); end is None where it lasts to the end of the series.

    first_alert is the end of the bin that raised the alarm: nobody can know sooner. kind is `drop` or `surge`.
    """

    begin: int
    end: int | None
    first_alert: int
    kind: str


class Baseline(Protocol):
    """What each module of this folder is."""

    NAME: str
    SOURCE: str

    def suits(self, values: Values, beside: Sequence[Values] = ()) -> bool:
        """Whether it can be run on such a series, of that length."""

    def detect(self, values: Values, beside: Sequence[Values] = ()) -> list[Found]:
        """The stretches that stand out, in order of time."""


def length_s(values: Values) -> int:
    """How long a series is, in seconds."""
    return int(values.starts[-1] - values.starts[0]) + values.series.resolution_s if len(values) else 0


class Grid(NamedTuple):
    """Values on every bin from the first to the last, NaN where there is none."""

    first: int
    bin_s: int
    values: Floats

    def start(self, place: int) -> int:
        """When a bin begins."""
        return self.first + place * self.bin_s


def grid(values: Values) -> Grid:
    """A series with its absent bins filled with NaN."""
    bin_s = values.series.resolution_s
    if not len(values):
        return Grid(0, bin_s, np.empty(0))
    first = int(values.starts[0])
    places = (values.starts - first) // bin_s
    filled = np.full(int(places[-1]) + 1, np.nan)
    filled[places] = values.values
    return Grid(first, bin_s, filled)


def stretches(marks: Marks, on: Grid, kind: str) -> list[Found]:
    """Marked bins side by side make one stretch. A bin without a value ends none: nobody knows of it."""
    edges = np.flatnonzero(
        np.diff(np.concatenate(([False], _bridged(marks, on.values), [False])).astype(np.int8))
    )
    return [
        Found(
            begin=on.start(int(begin)),
            end=on.start(int(end)) if end < len(marks) else None,
            first_alert=on.start(int(begin) + 1),
            kind=kind,
        )
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def trailing(values: Floats, width: int) -> Floats:
    """For each bin, the width bins before it: shape (bins, width), NaN before the first."""
    padded = np.concatenate((np.full(width, np.nan), values[:-1] if len(values) else values))
    return np.lib.stride_tricks.sliding_window_view(padded, width)[: len(values)]


def _bridged(marks: Marks, values: Floats) -> Marks:
    """Marks, also on bins without a value that lie between marked ones."""
    bridged = marks.copy()
    for left, right in itertools.pairwise(np.flatnonzero(~np.isnan(values))):
        bridged[left + 1 : right] = marks[left] and marks[right]
    return bridged
