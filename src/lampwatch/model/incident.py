"""Incidents: the disturbances that are one thing in the world, how sure that is, and what speaks against it."""

from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from lampwatch.model.disturbance import Direction, Event
from lampwatch.model.series import Family

EVIDENCE_FLOOR: Final = 0.3
"""A lone signal is told only where it is at least this likely to be more than noise."""

BRIEF_S: Final = 1800


class Level(IntEnum):
    """How sure we are, by what there is at least.

    REPORTED      somebody else's claim only
    SIGNAL        one network or one signal; no alert
    APPARENT      two independent networks or families of signals, for half an hour
    CORROBORATED  three networks with half of the users, or two independent sources, for two hours
    CONFIRMED     corroborated, two families down by four fifths, and a person's sign-off
    """

    REPORTED = 0
    SIGNAL = 1
    APPARENT = 2
    CORROBORATED = 3
    CONFIRMED = 4


class Scope(StrEnum):
    """How much of a country it is about."""

    COUNTRY = "country"
    REGIONS = "regions"
    NETWORKS = "networks"


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


class Reason(msgspec.Struct, frozen=True):
    """Something that speaks for (factor above 1) or against (below 1) a thing, as odds, in a sentence."""

    name: str
    text: str
    factor: float


class Recurrence(msgspec.Struct, frozen=True):
    """What comes again at the same time of the local day: each time it was there, and when the next is due, if any.

    occurrences are pairs of onset and end; a last end of None lasts. clock is the local time of day it begins, HH:MM.
    """

    occurrences: tuple[tuple[int, int | None], ...]
    clock: str
    zone: str
    every_days: int
    next_due: int | None


class Step(msgspec.Struct, frozen=True):
    """From when on (the arrival of the deciding bin's end) an incident had which level."""

    at: int
    level: Level


class Incident(msgspec.Struct, frozen=True):
    """What happened in one country, as far as the series show it.

    country is empty where only a network is known. entities are codes, the widest first. share is the part of the
    country (of its regions or networks that were measured, by size where sizes are known) that is gone; None where
    nothing tells. probability is that it is a loss (or a surge) of connectivity and none of the source; deliberate that
    somebody wanted it, with the reasons, and is never a verdict. confirmable: a person's sign-off would confirm it.
    """

    id: str
    country: str
    scope: Scope
    direction: Direction
    entities: tuple[str, ...]
    onset: Event
    end: Event | None
    until: int
    level: Level
    steps: tuple[Step, ...]
    depth: float
    share: float | None
    probability: float
    deliberate: float
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    parts: tuple[Part, ...]
    recurrence: Recurrence | None = None
    confirmable: bool = False

    @property
    def insufficient(self) -> bool:
        """Whether it lies below the evidence floor: it is not told, and never means that all is well.

        So does what only one signal or network showed, and was over within half an hour.
        """
        brief = self.end is not None and self.until - self.onset.at <= BRIEF_S
        return self.level <= Level.SIGNAL and (brief or self.probability < EVIDENCE_FLOOR)
