"""Incidents: the events that are one thing in the world, how sure that is, and what speaks against it."""

from enum import IntEnum, StrEnum

import msgspec

from lampwatch.model.event import Event


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


class Reason(msgspec.Struct, frozen=True):
    """Something that speaks for (factor above 1) or against (below 1) a thing, as odds, in a sentence.

    about is what the sentence tells of, numbers and names in their order, so that other languages can say it too.
    """

    name: str
    text: str
    factor: float
    about: tuple[int | str, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """From when on (the arrival of the deciding bin's end) an incident had which level."""

    at: int
    level: Level


class Incident(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What connectivity and blocking incidents have in common.

    country is empty where only a network is known. entities are codes, the widest first. until is the end, or of what
    lasts, the end of what was measured; in seconds since 1970 (UTC). steps tell from when on it had which level.
    probability is that it is so in the world, and none of how it was measured; against is what speaks against it.
    confirmable: a person's sign-off would confirm it.
    """

    id: str
    country: str
    scope: Scope
    entities: tuple[str, ...]
    onset: Event
    end: Event | None
    until: int
    level: Level
    steps: tuple[Step, ...]
    probability: float
    against: tuple[Reason, ...]
    confirmable: bool = False
