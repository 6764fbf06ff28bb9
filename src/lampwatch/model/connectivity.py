"""Connectivity incidents: a country, regions or networks cut off in part or whole, or used as never before."""

from typing import Final

import msgspec

from lampwatch.model.disturbance import Direction
from lampwatch.model.event import Event
from lampwatch.model.incident import Incident, Level, Reason
from lampwatch.model.series import Family

EVIDENCE_FLOOR: Final = 0.3
"""A lone signal is told only where it is at least this likely to be more than noise."""

BRIEF_S: Final = 3600


class Part(msgspec.Struct, frozen=True):
    """What one series shows of an incident. Several times away from what is usual, close together, are one part.

    Times are seconds since 1970 (UTC). end is None while it lasts. recovery_s is how long it took from the last deep
    bin to the end. A depth and a resolution are as in `Disturbance` and `Series`.
    """

    series: str
    entity: str
    family: Family
    source: str
    direction: Direction
    onset: Event
    end: Event | None
    depth: float
    usual: float
    worst: float
    score: float
    ramp_s: int
    recovery_s: int
    resolution_s: int
    until: int


class Recurrence(msgspec.Struct, frozen=True):
    """What comes again at the same time of the local day: each time it was there, and when the next is due, if any.

    occurrences are pairs of onset and end; a last end of None lasts. clock is the local time of day it begins, HH:MM.
    """

    occurrences: tuple[tuple[int, int | None], ...]
    clock: str
    zone: str
    every_days: int
    next_due: int | None


class ConnectivityIncident(Incident, frozen=True, kw_only=True, tag="connectivity"):
    """What happened to connectivity in one country, as far as the series show it.

    share is the part of the country (of its regions or networks that were measured, by size where sizes are known) that
    is gone; None where nothing tells. probability is that it is a loss (or a surge) of connectivity and none of the
    source; deliberate that somebody wanted it, with the reasons, and is never a verdict.
    """

    direction: Direction
    depth: float
    share: float | None
    deliberate: float
    reasons: tuple[Reason, ...]
    parts: tuple[Part, ...]
    recurrence: Recurrence | None = None

    @property
    def insufficient(self) -> bool:
        """Whether it lies below the evidence floor: it is not told, and never means that all is well.

        So does what only one signal or network showed, and was over within an hour.
        """
        brief = self.end is not None and self.until - self.onset.at <= BRIEF_S
        return self.level <= Level.SIGNAL and (brief or self.probability < EVIDENCE_FLOOR)
