"""What is true in a simulated world: planted blocks, as data, and how much of each was measured at all."""

from enum import StrEnum
from typing import Final, NamedTuple

from bench.blocking.catalogue import QUIC, Item
from lampwatch.model.vocabulary import Mechanism

ENOUGH_VOTES: Final = 10
"""So many deciding votes on a blocking network make it measured."""
ENOUGH_BLOCKED: Final = 3
"""So many voters that found it blocked are the least that the lowest level asks for."""


class Kind(StrEnum):
    """What was planted.

    block     it begins within the window
    standing  it is there when the window begins
    filter    one network's own, there when the window begins, and no more than level 1
    """

    BLOCK = "block"
    STANDING = "standing"
    FILTER = "filter"


class Blocking(NamedTuple):
    """One network that blocks: from when to when, which share of measurements fails, and by which mechanisms.

    Seconds since 1970 (UTC); end is None where it lasts. mechanisms are each with the moment from which it is used.
    """

    asn: int
    onset: int
    end: int | None
    rate: float
    mechanisms: tuple[tuple[Mechanism, int], ...]


class Planted(NamedTuple):
    """One block in the world: the same items on one or more networks of a country."""

    id: str
    kind: Kind
    country: str
    items: tuple[Item, ...]
    networks: tuple[Blocking, ...]
    fingerprint: str = ""

    @property
    def onset(self) -> int:
        """When the first network began."""
        return min(one.onset for one in self.networks)

    @property
    def end(self) -> int | None:
        """When the last network ended; None where one lasts."""
        ends = [one.end for one in self.networks]
        return None if None in ends else max(end for end in ends if end is not None)

    @property
    def targets(self) -> frozenset[str]:
        """The names of what is blocked."""
        return frozenset(item.target for item in self.items)

    @property
    def mechanisms(self) -> frozenset[Mechanism]:
        """By which mechanisms, wherever and whenever."""
        used = frozenset(m for one in self.networks for m, _ in one.mechanisms)
        over_quic = any(item.method == QUIC for item in self.items) and Mechanism.IP_DROP in used
        return used | {Mechanism.QUIC_DROP} if over_quic else used


class Seen(NamedTuple):
    """What was measured of one planted block, of one item on one network.

    before and during count deciding votes (one a voter and hour) of the seven days before the onset and while it lasts;
    blocked those voters of the latter who found it blocked. last_before and first_after are the deciding verdicts
    beside the onset, None where there is none.
    """

    planted: str
    asn: int
    item: Item
    onset: int
    before: int
    during: int
    blocked: int
    last_before: int | None
    first_after: int | None
    mechanisms: frozenset[Mechanism]

    @property
    def measured(self) -> bool:
        """Whether this is enough to be seen by anybody."""
        return self.during >= ENOUGH_VOTES and self.blocked >= ENOUGH_BLOCKED


class Truth(NamedTuple):
    """A planted block, and what was measured of it.

    possible is when two networks had each been seen to block by as many voters as the lowest level asks for: no
    detector can reach level 2 sooner. None where that never happened.
    """

    planted: Planted
    seen: tuple[Seen, ...]
    possible: int | None

    @property
    def measured_networks(self) -> frozenset[int]:
        """The networks that block and were measured enough."""
        return frozenset(one.asn for one in self.seen if one.measured)

    @property
    def detectable(self) -> bool:
        """Whether level 2 can be reached in principle: of two networks there is enough, for the same item."""
        by_item: dict[Item, set[int]] = {}
        for one in self.seen:
            if one.measured:
                by_item.setdefault(one.item, set()).add(one.asn)
        return any(len(networks) >= 2 for networks in by_item.values())
