"""How sure a blocking incident is, and from when on: networks vote, and what shares a cause votes once."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from lampwatch.detect.blocking.measured import Measured
from lampwatch.detect.blocking.strength import OPEN, is_strong, is_told, known_since
from lampwatch.model.blocking import Block
from lampwatch.model.incident import Level, Step
from lampwatch.model.vocabulary import Mechanism

APPARENT_S: Final = 1800
CORROBORATED_S: Final = 2 * 3600
HALF: Final = 0.5
_OWN_VOTERS: Final = 2
"""A network speaks for itself with so many voters that speak for no other network."""
_SIGNATURE: Final = 2 / 3
_CONFIRMING: Final = 2


Users = Callable[[int], float | None]
"""The users on a network, None where nobody knows."""


class Voting(NamedTuple):
    """What it takes to count votes.

    voters gives those who found a block. operator says who runs a network. tested are the networks of which a part must
    block. others is whether another, independent source shows the incident too.
    least is how many networks are apparent. regions are the tested networks that serve one region alone, by its place.
    """

    around: Measured
    voters: Callable[[Block], frozenset[int]]
    operator: Callable[[int], str]
    users: Users
    tested: Sequence[int]
    others: bool = False
    least: int = 2
    regions: Mapping[str, Sequence[int]] = {}


class Strong(NamedTuple):
    """A block whose network counts as one that blocks: who found it, whether its network is known, since when."""

    block: Block
    voters: frozenset[int]
    established: bool
    known: int


def strong(blocks: Iterable[Block], voting: Voting, explained: Collection[Block] = ()) -> list[Strong]:
    """Those of an incident's blocks whose networks count, in the order in which they became known.

    explained are blocks that something else explains better, which count for nothing.
    """
    told = [block for block in blocks if is_told(block) and block not in explained]
    opened = {block.target for block in told if block.rate_before is not None and block.rate_before <= OPEN}
    voters = {block: voting.voters(block) for block in told}
    together = len(frozenset().union(*voters.values()))
    counted = [
        _counted(block, voters[block], known_since(block, voting.around))
        for block in told
        if is_strong(block, voting.around, together, opened=block.target in opened)
    ]
    return sorted(counted, key=lambda one: (one.known, one.block.asn, one.block.target, one.block.method))


def _counted(block: Block, voters: frozenset[int], known: int | None) -> Strong:
    return Strong(block, voters, known is not None, block.onset.known if known is None else known)


def steps(
    blocks: Sequence[Block], counted: Sequence[Strong], voting: Voting, explained: Collection[Block] = ()
) -> tuple[Step, ...]:
    """From when on an incident had which level, the first known first; at most CORROBORATED.

    counted are those of its blocks that `strong` gives, explained those that something else explains better. Where most
    of its blocks are explained, it takes a network more, since explanations may miss one.
    A level is reached when the blocks known by then make it, and the time that it asks for has gone by while it lasted.
    """
    told = [block for block in blocks if is_told(block)]
    if not told:
        return ()
    found = [Step(min(block.onset.known for block in told), Level.SIGNAL)]
    if len(explained) * 2 >= len(told):
        voting = voting._replace(least=voting.least + 1)
    for level, wait, holds in (
        (Level.APPARENT, APPARENT_S, _is_apparent),
        (Level.CORROBORATED, CORROBORATED_S, _is_corroborated),
    ):
        at = _reached(counted, voting, wait, holds)
        if at is None:
            break
        found.append(Step(max(at, found[-1].at), level))
    return tuple(found)


def share(networks: Iterable[int], tested: Iterable[int], users: Users) -> float | None:
    """The part of the users of tested networks whose networks these are; None where too few sizes are known."""
    sizes = {asn: users(asn) for asn in tested}
    known = {asn: size for asn, size in sizes.items() if size is not None}
    whole = sum(known.values())
    if not whole or len(known) * 2 < len(sizes):
        return None
    blocking = set(networks)
    return sum(size for asn, size in known.items() if asn in blocking) / whole


def is_half(blocking: Iterable[int], counted: Iterable[int], tested: Collection[int], users: Users) -> bool:
    """Whether networks that block have half of the users of the tested ones.

    Where nobody knows that, whether those that count are half of the tested ones.
    """
    part = share(blocking, tested, users)
    if part is None:
        part = len({*counted} & {*tested}) / max(len(tested), 1)
    return part >= HALF


def is_confirmable(blocks: Sequence[Block], level: Level) -> bool:
    """Whether a person's sign-off would confirm it: corroborated, and the interference itself seen on two networks."""
    seen = {block.asn for block in blocks if block.direct or block.fingerprints}
    return level >= Level.CORROBORATED and len(seen) >= _CONFIRMING


def independent(counted: Iterable[Strong], voting: Voting) -> list[int]:
    """The networks that count, each once: with voters of their own, of different operators.

    All networks that nobody knew before count as one.
    """
    voters: dict[int, set[int]] = {}
    unknown: set[int] = set()
    for one in counted:
        voters.setdefault(one.block.asn, set()).update(one.voters)
        if not one.established:
            unknown.add(one.block.asn)
    found: list[int] = []
    spoken: set[int] = set()
    operators: set[str] = set()
    for asn in sorted(voters, key=lambda asn: (asn in unknown, len(voters[asn]), asn)):
        operator = voting.operator(asn) or f"AS{asn}"
        own = voters[asn] - spoken
        if len(own) < _OWN_VOTERS or operator in operators:
            continue
        if asn in unknown and unknown & set(found):
            continue
        found.append(asn)
        spoken |= own
        operators.add(operator)
    return sorted(found)


Holds = Callable[[Sequence[Strong], Voting], bool]


def _reached(counted: Sequence[Strong], voting: Voting, wait: int, holds: Holds) -> int | None:
    """When the blocks known make a level for the first time, and have lasted together for as long as it asks."""
    first: int | None = None
    for begun in sorted({one.block.onset.high for one in counted}):
        if first is not None and first <= begun + wait:
            # What began later makes it no sooner.
            break
        together = [
            one for one in counted if one.block.onset.high <= begun and one.block.until >= begun + wait
        ]
        if not holds(together, voting):
            continue
        # They come in the order in which they became known, and more of them never make it less.
        few, many = 1, len(together)
        while few < many:
            half = (few + many) // 2
            few, many = (few, half) if holds(together[:half], voting) else (half + 1, many)
        reached = max(together[many - 1].known, begun + wait)
        first = reached if first is None else min(first, reached)
    return first


def _is_apparent(together: Sequence[Strong], voting: Voting) -> bool:
    return len(independent(together, voting)) >= voting.least


def _is_corroborated(together: Sequence[Strong], voting: Voting) -> bool:
    """Half of the users (`is_half`) of the country or of a region, or another source; and one signature."""
    networks = independent(together, voting)
    if len(networks) < voting.least + (not voting.others):
        return False
    if not voting.others and not _has_half_of_a_place(together, networks, voting):
        return False
    return _has_one_signature([one.block for one in together], networks)


def _has_half_of_a_place(together: Sequence[Strong], networks: Sequence[int], voting: Voting) -> bool:
    """Whether half of the country, or half of a region on enough networks of its own, is theirs."""
    if is_half(networks, networks, voting.tested, voting.users):
        return True
    for tested in voting.regions.values():
        here = independent([one for one in together if one.block.asn in tested], voting)
        if len(here) > voting.least and is_half(here, here, tested, voting.users):
            return True
    return False


def _has_one_signature(blocks: Sequence[Block], networks: Sequence[int]) -> bool:
    """Whether two of three networks use one mechanism, or show one fingerprint."""
    shown: Counter[str] = Counter()
    for asn in networks:
        here = [block for block in blocks if block.asn == asn]
        mechanisms: set[Mechanism] = {means.mechanism for block in here for means in block.means}
        shown.update({str(one) for one in mechanisms} | {f for block in here for f in block.fingerprints})
    return bool(shown) and max(shown.values()) >= _SIGNATURE * len(networks)
