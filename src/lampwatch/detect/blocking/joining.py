"""Which blocks of one country are one thing: by service, way of blocking, category, network and time."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import combinations
from typing import Final

from lampwatch.detect.blocking.setting import Belonging
from lampwatch.model.blocking import Block
from lampwatch.model.vocabulary import Mechanism

_GAP_S: Final = 3 * 86_400
"""A service that is blocked again within so long is blocked by the same incident: blocks are lifted and put back."""
_TOGETHER_S: Final = 2 * 3600
"""So far apart may targets of one category begin to be blocked on one network, and be one order carried out."""
_AT_ONCE_S: Final = 1800
"""Targets of any kind are one order too where they were last open, and first blocked, as close together as this."""
_SHARED_NETWORKS: Final = 2
_SLOWED: Final = frozenset({Mechanism.THROTTLING})
_QUIC: Final = frozenset({Mechanism.QUIC_DROP})


def groups(
    blocks: Sequence[Block], belonging: Callable[[str], Belonging], sweeping: Collection[Block] = ()
) -> list[list[Block]]:
    """Split one country's blocks into those that are one thing each, in order of their first onset.

    sweeping are those with which most of their network began to fail; they are joined by time alone, and with no
    others. The same blocks in any order give the same groups.
    """
    swept = sorted((block for block in blocks if block in sweeping), key=_key)
    ordered = sorted((block for block in blocks if block not in sweeping), key=_key)
    stretches = [stretch for members in _services(ordered, belonging) for stretch in _stretches(members)]
    joined = _Union(len(stretches))
    by_network = defaultdict(list)
    for place, stretch in enumerate(stretches):
        # One voter alone could name any number of targets, and have them told as part of what is true of another.
        for asn in {block.asn for block in stretch if block.blocked_voters > 1}:
            by_network[asn].append(place)
    candidates = {pair for places in by_network.values() for pair in combinations(places, 2)}
    for first, second in sorted(candidates):
        if _are_one(stretches[first], stretches[second], belonging):
            joined.unite(first, second)
    found = [
        sorted((block for place in places for block in stretches[place]), key=_key)
        for places in joined.sets()
    ]
    found += _sweeps(swept)
    return sorted(found, key=lambda members: _key(members[0]))


def way(block: Block) -> str:
    """How a block works, as far as it keeps blocks apart: slowed, QUIC alone, or not reached at all."""
    means = {one.mechanism for one in block.means}
    if means and means <= _SLOWED:
        return "slowed"
    return "quic" if means and means <= _QUIC else "blocked"


def _key(block: Block) -> tuple[int, int, str, str]:
    return block.onset.at, block.asn, block.target, block.method


def _sweeps(swept: Sequence[Block]) -> list[list[Block]]:
    """Sweeping blocks, apart where none began for some time."""
    found: list[list[Block]] = []
    for block in swept:
        if found and block.onset.at - found[-1][-1].onset.at <= _TOGETHER_S:
            found[-1].append(block)
        else:
            found.append([block])
    return found


def _services(blocks: Sequence[Block], belonging: Callable[[str], Belonging]) -> list[list[Block]]:
    found: dict[tuple[str, str], list[Block]] = defaultdict(list)
    for block in blocks:
        found[belonging(block.target).service, way(block)].append(block)
    return list(found.values())


def _stretches(members: Sequence[Block]) -> list[list[Block]]:
    """One service's blocks, apart where for long nothing was blocked."""
    found: list[list[Block]] = []
    reached = 0
    for block in members:
        if found and block.onset.low <= reached + _GAP_S:
            found[-1].append(block)
        else:
            found.append([block])
        reached = max(reached, block.until) if len(found[-1]) > 1 else block.until
    return found


def _are_one(first: Sequence[Block], second: Sequence[Block], belonging: Callable[[str], Belonging]) -> bool:
    """Whether blocks of two services, or of one in two ways, were made together on the networks they have in common."""
    one, other = _first_by_network(first), _first_by_network(second)
    shared = one.keys() & other.keys()
    if not shared:
        return False
    here, there = belonging(first[0].target), belonging(second[0].target)
    alike = here.service == there.service or (here.category == there.category and bool(here.category))
    fewest = min(len(one), len(other))
    together = sum(_begin_together(one[asn], other[asn], alike=alike) for asn in shared)
    if alike:
        return together >= max(1, (fewest + 1) // 2)
    return together >= max(_SHARED_NETWORKS, (fewest + 1) // 2)


def _begin_together(one: Block, other: Block, *, alike: bool) -> bool:
    if set(one.fingerprints) & set(other.fingerprints) and _apart_s(one, other) <= _TOGETHER_S:
        return True
    if one.begun_before or other.begun_before:
        # Of what was blocked before anybody looked nobody knows whether it came together.
        return one.begun_before and other.begun_before and alike and _main(one) == _main(other)
    if alike:
        return _apart_s(one, other) <= _TOGETHER_S
    low, high = abs(one.onset.low - other.onset.low), abs(one.onset.high - other.onset.high)
    return max(low, high) <= _AT_ONCE_S


def _apart_s(one: Block, other: Block) -> int:
    """How far apart two onsets are at least, by their intervals."""
    return max(0, max(one.onset.low, other.onset.low) - min(one.onset.high, other.onset.high))


def _main(block: Block) -> Mechanism | None:
    return max(block.means, key=lambda one: one.measurements).mechanism if block.means else None


def _first_by_network(blocks: Sequence[Block]) -> dict[int, Block]:
    found: dict[int, Block] = {}
    for block in blocks:
        found.setdefault(block.asn, block)
    return found


class _Union:
    """Sets that grow by being united."""

    def __init__(self, many: int) -> None:
        self._parents = list(range(many))

    def unite(self, first: int, second: int) -> None:
        low, high = sorted((self._root(first), self._root(second)))
        self._parents[high] = low

    def sets(self) -> list[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for place in range(len(self._parents)):
            found[self._root(place)].append(place)
        return list(found.values())

    def _root(self, place: int) -> int:
        while self._parents[place] != place:
            self._parents[place] = self._parents[self._parents[place]]
            place = self._parents[place]
        return place
