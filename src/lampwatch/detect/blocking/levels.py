"""How sure a blocking incident is, and from when on: networks vote, and what shares a cause votes once."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from lampwatch.detect.blocking.strength import is_established, is_strong, is_told
from lampwatch.detect.blocking.surroundings import Surroundings
from lampwatch.model.blocking import Block
from lampwatch.model.incident import Level, Step
from lampwatch.model.vocabulary import Mechanism

APPARENT_S: Final = 1800
CORROBORATED_S: Final = 2 * 3600
_APPARENT: Final = 2
_CORROBORATED: Final = 3
_HALF: Final = 0.5
_OWN_VOTERS: Final = 2
"""A network speaks for itself with so many voters that speak for no other network."""
_SIGNATURE: Final = 2 / 3
_CONFIRMING: Final = 2


class Voting(NamedTuple):
    """What it takes to count votes.

    voters gives those who found a block. operator says who runs a network. users gives the users on a
    network, None where nobody knows. others is whether another, independent source shows the incident too.
    """

    around: Surroundings
    voters: Callable[[Block], frozenset[int]]
    operator: Callable[[int], str]
    users: Callable[[int], float | None]
    tested: Sequence[int]
    others: bool = False


def steps(blocks: Sequence[Block], voting: Voting) -> tuple[Step, ...]:
    """From when on an incident had which level, the first known first; at most CORROBORATED.

    A level is reached when the blocks known by then make it, and the time that it asks for has gone by while it lasted.
    """
    told = [block for block in blocks if is_told(block)]
    if not told:
        return ()
    found = [Step(min(block.onset.known for block in told), Level.SIGNAL)]
    for level, least, wait in (
        (Level.APPARENT, _APPARENT, APPARENT_S),
        (Level.CORROBORATED, _CORROBORATED, CORROBORATED_S),
    ):
        at = _reached(told, voting, least, wait)
        if at is None:
            break
        found.append(Step(max(at, found[-1].at), level))
    return tuple(found)


def share(networks: Iterable[int], voting: Voting) -> float | None:
    """The part of the users of all tested networks whose networks block; None where no size is known."""
    sizes = {asn: voting.users(asn) for asn in voting.tested}
    known = {asn: size for asn, size in sizes.items() if size is not None}
    whole = sum(known.values())
    if not whole or len(known) * 2 < len(sizes):
        return None
    blocking = set(networks)
    return sum(size for asn, size in known.items() if asn in blocking) / whole


def is_confirmable(blocks: Sequence[Block], level: Level) -> bool:
    """Whether a person's sign-off would confirm it: corroborated, and the interference itself seen on two networks."""
    seen = {block.asn for block in blocks if block.direct or block.fingerprints}
    return level >= Level.CORROBORATED and len(seen) >= _CONFIRMING


def independent(blocks: Iterable[Block], voting: Voting) -> list[int]:
    """The networks that count, each once: strong, with voters of their own, of different operators.

    All networks that nobody knew before count as one.
    """
    told = list(blocks)
    together = len(set().union(*(voting.voters(block) for block in told)))
    strong: dict[int, set[int]] = {}
    unknown: set[int] = set()
    for block in told:
        if is_strong(block, voting.around, together):
            strong.setdefault(block.asn, set()).update(voting.voters(block))
            if not is_established(block, voting.around):
                unknown.add(block.asn)
    counted: list[int] = []
    spoken: set[int] = set()
    operators: set[str] = set()
    for asn in sorted(strong, key=lambda asn: (asn in unknown, len(strong[asn]), asn)):
        operator = voting.operator(asn) or f"AS{asn}"
        own = strong[asn] - spoken
        if len(own) < _OWN_VOTERS or operator in operators:
            continue
        if asn in unknown and unknown & set(counted):
            continue
        counted.append(asn)
        spoken |= own
        operators.add(operator)
    return sorted(counted)


def _reached(told: Sequence[Block], voting: Voting, least: int, wait: int) -> int | None:
    """When the blocks known first make a level: enough networks at one time, long enough, and alike where it asks."""
    for at in sorted({block.onset.known for block in told}):
        known = [block for block in told if block.onset.known <= at]
        alive = [block for block in known if block.end is None or block.end.known > at]
        networks = independent(alive, voting)
        if least == _CORROBORATED and not _is_corroborated(alive, networks, voting):
            continue
        if len(networks) < (_APPARENT if voting.others else least):
            continue
        counted = [block for block in alive if block.asn in set(networks)]
        since = sorted(min(block.onset.high for block in counted if block.asn == asn) for asn in networks)
        begun = since[min(least, len(since)) - 1]
        lasting = [block for block in counted if block.until >= begun + wait]
        if len(independent(lasting, voting)) < min(least, len(networks)):
            continue
        return max(at, begun + wait)
    return None


def _is_corroborated(blocks: Sequence[Block], networks: Sequence[int], voting: Voting) -> bool:
    """Half of the users (of the tested networks, where nobody knows users), or another source; and one signature."""
    if not voting.others:
        reached = share(networks, voting)
        if reached is None:
            reached = len(networks) / max(len(set(voting.tested) | set(networks)), 1)
        if reached < _HALF:
            return False
    return _has_one_signature(blocks, networks)


def _has_one_signature(blocks: Sequence[Block], networks: Sequence[int]) -> bool:
    """Whether two of three networks use one mechanism, or show one fingerprint."""
    shown: Counter[str] = Counter()
    for asn in networks:
        here = [block for block in blocks if block.asn == asn]
        mechanisms: set[Mechanism] = {means.mechanism for block in here for means in block.means}
        shown.update({str(one) for one in mechanisms} | {f for block in here for f in block.fingerprints})
    return bool(shown) and max(shown.values()) >= _SIGNATURE * len(networks)
