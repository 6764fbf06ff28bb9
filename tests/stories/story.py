"""What a story is: where, when, what was measured, and the truth about it."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import msgspec

from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.stories.steps import Keys

MONDAY: Final = dt.datetime(2026, 11, 16)  # noqa: DTZ001  start times are UTC without a zone
"""The first day of the invented week."""


class Truth(msgspec.Struct, frozen=True):
    """What happened to one target, as the writer meant it."""

    state: State
    layer: Layer | None = None
    mechanism: Mechanism | None = None


OK: Final = Truth(State.OK)


def blocked(layer: Layer, mechanism: Mechanism) -> Truth:
    """Somebody interfered, at this layer and in this way."""
    return Truth(State.BLOCKED, layer, mechanism)


def down(layer: Layer | None = None) -> Truth:
    """It fails for everybody, at this layer where one is known."""
    return Truth(State.DOWN, layer)


def unknown(layer: Layer | None = None, mechanism: Mechanism | None = None) -> Truth:
    """Nobody can tell."""
    return Truth(State.UNKNOWN, layer, mechanism)


class Network(msgspec.Struct, frozen=True):
    """An invented network in an invented country; asn is of the private-use range."""

    country: str
    asn: int
    name: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The same thing, measured once or several times.

    times are days (0 for Monday) and hours, UTC. keys are the test_keys that the test writes then. truth is by target.
    """

    name: str
    story: str
    network: Network
    times: tuple[tuple[int, int], ...]
    test: str
    version: str
    input: str | None
    keys: Keys
    truth: Mapping[str, Truth]


def at(days: range, *hours: int) -> tuple[tuple[int, int], ...]:
    """Each of these days at these hours."""
    return tuple((day, hour) for day in days for hour in hours)
