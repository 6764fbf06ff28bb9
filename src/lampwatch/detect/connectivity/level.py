"""How sure an incident is: signals and networks vote, and what shares a cause votes once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from lampwatch.detect.connectivity.cluster import entity
from lampwatch.detect.connectivity.measured import Measured
from lampwatch.detect.connectivity.traits import TRAITS, WITNESSED
from lampwatch.model.connectivity import Part
from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.incident import Level, Step
from lampwatch.model.series import Family

APPARENT_S: Final = 1800
CORROBORATED_S: Final = 2 * 3600
_HALF: Final = 0.5
_SURE: Final = 6.0
"""So many usual deviations are as good as any more."""
_FOUR_FIFTHS: Final = 0.8
_NETWORKS: Final = 3
_CONTEXT: Final = frozenset({Family.MEASUREMENTS})
"""Families that count only beside another one: measurements follow campaigns."""


def steps(parts: Sequence[Part], measured: Measured) -> tuple[Step, ...]:
    """From when on an incident had which level, the first known first; at most CORROBORATED.

    A level is reached when the parts known by then make it, and the time it asks for has gone by.
    """
    found: list[Step] = []
    times = sorted({part.onset.known + wait for part in parts for wait in (0, APPARENT_S, CORROBORATED_S)})
    latest = max(part.until for part in parts)
    for at in times:
        if at > max(latest, min(part.onset.known for part in parts)):
            break
        level = _level([part for part in parts if part.onset.known <= at], at, measured)
        if level and (not found or level > found[-1].level):
            found.append(Step(at, level))
        if level is Level.CORROBORATED:
            break
    return tuple(found)


def _level(parts: Sequence[Part], at: int, measured: Measured) -> Level:
    """The level by what is known at a time. What was over within half an hour has no vote beside others."""
    parts = [part for part in parts if part.until >= at or part.until - part.onset.at >= APPARENT_S] or parts
    families = {part.family for part in parts} - _CONTEXT
    sources = {(part.source, part.family) for part in parts if part.family not in _CONTEXT}
    places = _independent(parts, at, measured)
    lasted = at - min(part.onset.at for part in parts)
    if not families:
        return Level.REPORTED
    share = measured.share([(part.series, part.depth) for part in parts], at) or 0.0
    several = len(families) > 1 or places > 1
    two_sources = len({source for source, _ in sources}) > 1 and len(families) > 1
    if lasted >= CORROBORATED_S and (
        two_sources or (places >= _NETWORKS and share >= _HALF and len(families) > 1)
    ):
        return Level.CORROBORATED
    return Level.APPARENT if several and lasted >= APPARENT_S else Level.SIGNAL


def _independent(parts: Sequence[Part], at: int, measured: Measured) -> int:
    """How many networks or regions vote on their own.

    Each has its own addresses; but they share a collector, so they count only while it sees a sibling that works, or
    where it was their own probes that found themselves cut off. A region and what lies in it have the same addresses,
    and vote once.
    """
    gone: dict[tuple[str, str, EntityKind], dict[Entity, str]] = defaultdict(dict)
    for part in parts:
        one = entity(part.entity)
        if one.kind is not EntityKind.COUNTRY and part.family not in _CONTEXT:
            gone[*measured.signal(part.series), one.kind][one] = part.series
    seen_to_work = (
        there
        for (source, signal, _), there in gone.items()
        if (source, signal) in WITNESSED or len(there) < measured.among(next(iter(there.values())), at)
    )
    voting: set[Entity] = set().union(*seen_to_work)
    covered = {place for one in voting for place in _around(one)}
    return sum(bool(one.asn) or one.place not in covered for one in voting)


def _around(one: Entity) -> Iterator[str]:
    """The places that an entity lies in, the nearest first; of a network, its own place too."""
    if one.asn and one.place:
        yield one.place
    place = Entity(one.place)
    while place.within:
        place = Entity(place.within)
        yield place.place


def probability(parts: Sequence[Part]) -> float:
    """How likely it is that connectivity changed and not only signals: each family's best vote, as independent ones."""
    doubt = 1.0
    for family in {part.family for part in parts}:
        trait = TRAITS[family]
        best = max(
            min(1.0, part.score / _SURE) * min(1.0, part.depth / max(trait.drop, _HALF))
            for part in parts
            if part.family is family
        )
        doubt *= 1 - trait.reliability * best
    return round(1 - doubt, 3)


def is_confirmable(parts: Sequence[Part], level: Level) -> bool:
    """Whether a person's sign-off would confirm it: corroborated, and two families down by four fifths."""
    deep = {part.family for part in parts if part.depth >= _FOUR_FIFTHS} - _CONTEXT
    return level >= Level.CORROBORATED and len(deep) > 1
