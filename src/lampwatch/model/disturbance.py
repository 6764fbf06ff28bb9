"""Disturbances: one series away from what is usual, from an onset to an end."""

from enum import StrEnum

import msgspec

from lampwatch.model.event import Event
from lampwatch.model.series import Series


class Direction(StrEnum):
    """Which way a series left what is usual."""

    DROP = "drop"
    SURGE = "surge"


class Disturbance(msgspec.Struct, frozen=True):
    """One series away from what is usual, from an onset to an end; end is None while it lasts.

    depth is the share that is missing at its worst (0.8: four fifths gone; of a surge, how many times the usual is
    added), robust against a single odd bin. usual and worst are the values these rest on. score is how many usual
    deviations the first dozen bins are away together. ramp_s is how long it took from the onset to four fifths of the
    depth, recovery_s from the last bin that had as much to the end. last is the end of the last bin measured.
    """

    series: Series
    direction: Direction
    onset: Event
    end: Event | None
    depth: float
    usual: float
    worst: float
    score: float
    ramp_s: int
    recovery_s: int
    last: int

    @property
    def until(self) -> int:
        """Its end, or where it lasts, the end of what was measured."""
        return self.end.at if self.end else self.last
