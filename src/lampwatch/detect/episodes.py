"""Episodes: incidents of a country that follow each other: messengers, then media, then everything."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident

_FOLLOWS_S: Final = 3 * 86_400
"""What begins so soon after the one before, while that lasts or just after, belongs to it."""

One = TypeVar("One", bound=AnyIncident)


def episodes(incidents: Sequence[AnyIncident]) -> list[AnyIncident]:
    """Name the episode of each incident that belongs to one, in the order given.

    An episode is two incidents or more of one country, each beginning within three days after the onset of the one
    before. What was so before anybody measured, comes every day, or is no more than a first sign, begins none and joins
    none.
    """
    by_country: dict[str, list[AnyIncident]] = defaultdict(list)
    for one in incidents:
        if _may_belong(one):
            by_country[one.country].append(one)
    names: dict[str, str] = {}
    for there in by_country.values():
        for chain in _chains(sorted(there, key=lambda one: (one.onset.at, one.id))):
            if len(chain) > 1:
                names |= {one.id: chain[0].id for one in chain}
    return [_named(one, names.get(one.id, "")) for one in incidents]


def _may_belong(one: AnyIncident) -> bool:
    if not one.country or one.level < Level.APPARENT:
        return False
    if isinstance(one, BlockingIncident):
        return not all(block.begun_before for block in one.blocks)
    return one.direction is Direction.DROP and one.recurrence is None


def _chains(ordered: Sequence[AnyIncident]) -> list[list[AnyIncident]]:
    chains: list[list[AnyIncident]] = []
    for one in ordered:
        if chains and one.onset.at - chains[-1][-1].onset.at <= _FOLLOWS_S:
            chains[-1].append(one)
        else:
            chains.append([one])
    return chains


def _named(one: One, name: str) -> One:
    return one if one.episode == name else msgspec.structs.replace(one, episode=name)
