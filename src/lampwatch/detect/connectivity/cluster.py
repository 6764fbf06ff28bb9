"""Which parts are one thing in the world: the same place or a place within it, at the same time."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from lampwatch.model.connectivity import Part
from lampwatch.model.entity import Entity, EntityKind

_CLOSE_S: Final = 6 * 3600
"""Onsets this close are close: an order is carried out, and a grid fails, within hours."""
_OVERLAP: Final = 0.5

_MUCH: Final = 0.25
"""Of two parts that are not close, the shorter one is a part of the longer one if it has so much of its time."""

CountryOf = Callable[[int], str]


def clusters(parts: Sequence[Part], country_of: CountryOf) -> list[list[Part]]:
    """Group parts of one direction and country that belong together, in order of their first onset.

    country_of tells the country (ISO 3166-1 alpha-2) of a network by its number, and is empty where nobody knows it.
    """
    together: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        together[country(part, country_of), part.direction].append(part)
    found = [group for members in together.values() for group in _linked(members)]
    return sorted(found, key=lambda group: (group[0].onset.at, group[0].series))


@lru_cache(maxsize=200_000)
def entity(code: str) -> Entity:
    """`Entity.of`, which many pairs of parts ask for again and again."""
    return Entity.of(code)


def country(part: Part, country_of: CountryOf) -> str:
    """The country a part is about; the code of a network whose country nobody knows."""
    one = entity(part.entity)
    return one.country or country_of(one.asn) or one.code


def _linked(members: list[Part]) -> list[list[Part]]:
    """The connected groups of parts, each in order of onset."""
    found: list[list[Part]] = []
    recent: list[list[Part]] = []
    members = sorted(members, key=lambda part: (part.onset.at, part.series))
    # No later part begins before this, however wide the interval of its onset is.
    earliest = list(itertools.accumulate((part.onset.low for part in reversed(members)), min))[::-1]
    for part, since in zip(members, earliest, strict=True):
        joined, apart = [part], []
        for group in recent:
            if _belongs(group, part):
                joined += group
            elif any(before.until + _reach(before) >= since for before in group):
                apart.append(group)
            else:
                found.append(group)
        recent = [*apart, joined]
    return [sorted(group, key=lambda part: (part.onset.at, part.series)) for group in found + recent]


def _reach(part: Part) -> int:
    """How far around its times a part may still be one with another."""
    return _CLOSE_S + min(part.resolution_s, 86_400)


def _belongs(group: list[Part], part: Part) -> bool:
    """Whether a part that begins last is one with a group.

    What is not close in time but only falls into it belongs to it where it shares much of the whole time, or where
    several families already show the group to be there: within the long decline of one signal, a short loss of others
    is another thing.
    """
    if any(_is_one(before, part) for before in group):
        return True
    at = part.onset.low
    families = {before.family for before in group if before.onset.at < at < before.until}
    return len(families) > 1 and any(_is_one(before, part, least=0.0) for before in group)


def _is_one(first: Part, second: Part, least: float = _MUCH) -> bool:
    """Whether two parts, the first of which began first, are one thing.

    least is the share of their whole time that they must share if their onsets are not close.
    """
    here, there = entity(first.entity), entity(second.entity)
    apart = max(0, second.onset.low - first.onset.high)
    close = apart <= _reach(first)
    together = close or (_overlap(first, second) >= _OVERLAP and _shared(first, second) >= least)
    if here == there:
        return together
    wide, narrow = (first, second) if _is_within(there, here) else (second, first)
    if _is_within(entity(narrow.entity), entity(wide.entity)):
        during = wide.onset.low - _reach(wide) <= narrow.onset.high and narrow.onset.low <= wide.until
        return during and together
    return close and _overlap(first, second) > 0


def _is_within(narrow: Entity, wide: Entity) -> bool:
    """Whether one entity is a part of the other. A network is within the country that both are grouped by."""
    if wide.kind is EntityKind.COUNTRY:
        return narrow != wide
    if narrow.place.startswith(wide.place + "/") and not wide.asn:
        return True
    return bool(narrow.asn) and not wide.asn and narrow.place == wide.place


def _overlap(first: Part, second: Part) -> float:
    """The share of the shorter one that lies within the other."""
    shorter = max(1, min(first.until - first.onset.at, second.until - second.onset.at))
    return max(0.0, (min(first.until, second.until) - max(first.onset.at, second.onset.at)) / shorter)


def _shared(first: Part, second: Part) -> float:
    """The share of the longer one that lies within the other."""
    longer = max(1, first.until - first.onset.at, second.until - second.onset.at)
    return max(0.0, (min(first.until, second.until) - max(first.onset.at, second.onset.at)) / longer)
