"""Blocking incidents: a target, or several that are one thing, kept from the users of one or more networks."""

from typing import Final

import msgspec

from lampwatch.model.event import Event
from lampwatch.model.incident import Incident, Level
from lampwatch.model.vocabulary import Mechanism

EVIDENCE_FLOOR: Final = 0.2
"""A first sign is told only where it is at least this likely to be more than noise: three failures, if all agree."""


class Means(msgspec.Struct, frozen=True):
    """One mechanism of a block: how often it was seen, and when first and last, in seconds since 1970 (UTC)."""

    mechanism: Mechanism
    measurements: int
    first: int
    last: int


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One target blocked on one network, as one method sees it, from an onset to an end.

    begun_before: it was blocked when it was first measured, so that its onset says only since when at least. rate is
    the share of those who measured that found it blocked while it lasts, rate_before the share before; None where
    nobody measured before. Voters are counted once each, as far as sessions tell them apart: blocked_voters found it
    blocked, contrary_voters found it open while it lasts. means are in the order they were first seen. direct counts
    measurements that saw the interference itself, fingerprints names those recognised. software says how many voters
    each program had, versions which versions of the rules judged. witness is the uid of the measurement to be shown.
    until is the end, or where it lasts, when it was last measured. probability is that it is a change and no noise.
    """

    country: str
    asn: int
    target: str
    method: str
    onset: Event
    end: Event | None
    until: int
    begun_before: bool
    rate: float
    rate_before: float | None
    blocked: int
    blocked_voters: int
    contrary_voters: int
    means: tuple[Means, ...]
    direct: int
    fingerprints: tuple[str, ...]
    software: tuple[tuple[str, int], ...]
    versions: tuple[str, ...]
    witness: str
    probability: float


class BlockingIncident(Incident, frozen=True, kw_only=True, tag="blocking"):
    """What was blocked in one country.

    services and targets are names, those blocked first in front; category is that of all of them, or empty. networks
    are the numbers of those that block, measured of all that were measured for these targets meanwhile, both in order;
    network_names are what people call those that have a name. Where it is about regions, beyond are those of the
    measured ones that may serve others.
    share is the part of the country's users whose networks block; None where their sizes are not known. mechanisms are
    in the order they were first seen.
    """

    services: tuple[str, ...]
    targets: tuple[str, ...]
    category: str
    networks: tuple[int, ...]
    measured: tuple[int, ...]
    network_names: tuple[tuple[int, str], ...] = ()
    beyond: tuple[int, ...] = ()
    share: float | None
    mechanisms: tuple[Mechanism, ...]
    fingerprints: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def insufficient(self) -> bool:
        """Whether it lies below the evidence floor: it is not told, and never means that all is well."""
        return self.level < Level.SIGNAL or (self.level is Level.SIGNAL and self.probability < EVIDENCE_FLOOR)
