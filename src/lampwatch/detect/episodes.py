"""Episodes: incidents of a country that follow each other: messengers, then media, then everything."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident

_FOLLOWS_S: Final = 3 * 86_400
"""What begins so soon after the one before belongs to it."""


def episodes(incidents: Sequence[AnyIncident]) -> dict[str, str]:
    """The episode of each incident that belongs to one, by their ids; an episode has the id of its first incident.

    An episode is two incidents or more of one country, each beginning within three days after the onset of the one
    before. What was so before anybody measured, comes every day, or is no more than a first sign, begins none and joins
    none.
    """
    by_country: dict[str, list[AnyIncident]] = defaultdict(list)
    for one in incidents:
        if _may_belong(one):
            by_country[one.country].append(one)
    return {
        one.id: chain[0].id
        for there in by_country.values()
        for chain in _chains(sorted(there, key=lambda one: (one.onset.at, one.id)))
        for one in chain
        if len(chain) > 1
    }


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
