"""Where the control stands: its network, its resolvers, what it may reach, and how long each part may take."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec

from lampwatch.probe.control_service.guard import Guard, GuardedNetwork
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.timeouts import Timeouts

T = TypeVar("T")

STEP_TIMEOUTS: Final = Timeouts(
    lookup_s=4.0, connect_s=6.0, handshake_s=6.0, fetch_s=10.0, control_s=0.0, late_answer_s=0.0
)
"""Shorter than a probe's, which waits 30 s for all of it."""


class Spans(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that each part of an answer may take: together less than a probe waits for a control."""

    lookup_s: float = 5.0
    measure_s: float = 15.0
    """The endpoints and the page, side by side."""
    http3_s: float = 6.0


def no_network(_: str) -> int:
    """The number of an address's network where there is no address data: 0, unknown."""
    return 0


class Outpost:
    """Makes kits: for lookups, and for measuring, which reaches only what the guard permits."""

    def __init__(
        self,
        around: Surroundings,
        guard: Guard,
        *,
        spans: Spans = Spans(),  # noqa: B008  frozen, so that it can be shared
        asn_of: Callable[[str], int] = no_network,
    ) -> None:
        self.guard = guard
        self.spans = spans
        self.asn_of = asn_of
        self.resolvers = around.resolvers
        self._asking = around
        self._measuring = msgspec.structs.replace(around, network=GuardedNetwork(around.network, guard))

    def resolving_kit(self) -> Kit:
        """A kit to ask our own resolvers with, wherever they stand: for nothing else."""
        return Kit(self._asking)

    def kit(self) -> Kit:
        """A kit for one connection to what was asked for: its record is dropped with it."""
        return Kit(self._measuring)


async def within(seconds: float, work: Coroutine[Any, Any, T], late: T) -> T:
    """What came of the work, or `late` where it took too long and was broken off."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        return late
