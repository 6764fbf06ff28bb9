"""Which parts are one thing in the world: the same place or a place within it, at the same time."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.incident import Part

_CLOSE_S: Final = 6 * 3600
"""Onsets this close are close: an order is carried out, and a grid fails, within hours."""
_OVERLAP: Final = 0.5

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


def country(part: Part, country_of: CountryOf) -> str:
    """The country a part is about; the code of a network whose country nobody knows."""
    entity = Entity.of(part.entity)
    return entity.country or country_of(entity.asn) or entity.code


def _linked(members: list[Part]) -> list[list[Part]]:
    """The connected groups of parts."""
    members = sorted(members, key=lambda part: (part.onset.at, part.series))
    group = list(range(len(members)))

    def root(at: int) -> int:
        while group[at] != at:
            group[at] = group[group[at]]
            at = group[at]
        return at

    open_: list[int] = []
    for at, part in enumerate(members):
        open_ = [
            before for before in open_ if members[before].until + _reach(members[before]) >= part.onset.low
        ]
        for before in open_:
            if root(before) != root(at) and _is_one(members[before], part):
                group[root(at)] = root(before)
        open_.append(at)
    found: dict[int, list[Part]] = defaultdict(list)
    for at, part in enumerate(members):
        found[root(at)].append(part)
    return list(found.values())


def _reach(part: Part) -> int:
    """How far around its times a part may still be one with another."""
    return _CLOSE_S + min(part.resolution_s, 86_400)


def _is_one(first: Part, second: Part) -> bool:
    """Whether two parts, the first of which began first, are one thing."""
    here, there = Entity.of(first.entity), Entity.of(second.entity)
    apart = max(0, second.onset.low - first.onset.high)
    close = apart <= _reach(first)
    if here == there:
        return close or _overlap(first, second) >= _OVERLAP
    wide, narrow = (first, second) if _is_within(there, here) else (second, first)
    if _is_within(Entity.of(narrow.entity), Entity.of(wide.entity)):
        during = wide.onset.low - _reach(wide) <= narrow.onset.high and narrow.onset.low <= wide.until
        return during and (close or _overlap(first, second) >= _OVERLAP)
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
