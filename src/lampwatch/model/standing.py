"""How targets and services stand in a stretch of time, and how that is counted up without hiding anything.

Nothing here is an average: what blocks, what blocks in part, what is open and what nobody could decide stay apart, by
name, at every step up.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Standing(StrEnum):
    """How one target stands on one network, by its verdicts. The gravest first.

    blocking   more than half of the deciding verdicts say blocked
    partly     some do, but no more than half: by some methods, some of the time, or on some lines only
    open       there are deciding verdicts, and none says blocked
    undecided  there are none: only `down`, `unknown`, or nothing. Never to be read as open
    """

    BLOCKING = "blocking"
    PARTLY = "partly"
    OPEN = "open"
    UNDECIDED = "undecided"


class Counts(msgspec.Struct, frozen=True):
    """Numbers of verdicts by state."""

    ok: int = 0
    down: int = 0
    blocked: int = 0
    unknown: int = 0

    @property
    def deciding(self) -> int:
        """How many say whether it is blocked: a server that is down is its own trouble, `unknown` says nothing."""
        return self.ok + self.blocked

    @property
    def standing(self) -> Standing:
        """What they say together."""
        if not self.deciding:
            return Standing.UNDECIDED
        if 2 * self.blocked > self.deciding:
            return Standing.BLOCKING
        return Standing.PARTLY if self.blocked else Standing.OPEN

    def plus(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.ok + other.ok,
            self.down + other.down,
            self.blocked + other.blocked,
            self.unknown + other.unknown,
        )


def gravest(standings: Iterable[Standing]) -> Standing:
    """The gravest of some: a network that blocks one of a service's targets blocks the service. Of none, undecided."""
    found = set(standings)
    return next((one for one in Standing if one in found), Standing.UNDECIDED)


class TargetOnNetwork(msgspec.Struct, frozen=True):
    """The verdicts on one target on one network of one country (ISO 3166-1 alpha-2). asn is 0 where it is unknown."""

    country: str
    target: str
    asn: int
    counts: Counts


class Held(msgspec.Struct, frozen=True):
    """One network that was measured for a service, or one target of it that was measured on some network.

    standing is the gravest of the targets', or of the networks', that it was counted up from.
    """

    standing: Standing
    counts: Counts


class RollUp(msgspec.Struct, frozen=True, kw_only=True):
    """How a service or a category stands in one place: each network, and each target.

    place is the code of a country, or of what else was asked for. about is the service's id, or the category's code.
    networks are by number, targets by name. elsewhere counts verdicts from networks that are not known; they are no
    network, so they stand apart and decide nothing.
    """

    place: str
    about: str
    networks: dict[int, Held]
    targets: dict[str, Held]
    elsewhere: Counts = Counts()

    @property
    def standing(self) -> Standing:
        """The gravest of its networks'."""
        return gravest(network.standing for network in self.networks.values())

    @property
    def decided(self) -> int:
        """On how many networks something was decided: what "4 of 6 networks" counts to."""
        return len(self.networks) - len(self.networks_that_are(Standing.UNDECIDED))

    def networks_that_are(self, standing: Standing) -> tuple[int, ...]:
        """The numbers of those networks, in order."""
        return tuple(sorted([asn for asn, held in self.networks.items() if held.standing is standing]))

    def targets_that_are(self, standing: Standing) -> tuple[str, ...]:
        """The names of those targets, in order. A target is blocking where some network blocks it."""
        return tuple(sorted([name for name, held in self.targets.items() if held.standing is standing]))
