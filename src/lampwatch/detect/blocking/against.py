"""What speaks against a blocking incident: that the target, or the way of measuring, explains it better."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from lampwatch.detect.blocking.surroundings import DAY_S, Surroundings
from lampwatch.model.blocking import Block
from lampwatch.model.incident import Reason

EVERYWHERE: Final = "everywhere"
_COUNTRIES: Final = 3
_SHARE: Final = 0.2
"""What becomes unreachable in so many other countries, and such a part of them, within a day, has changed itself."""
_FACTOR: Final = 0.1


class Crowd:
    """All blocks of all countries, to see whether one of them is alone."""

    def __init__(self, blocks: Sequence[Block], around: Surroundings) -> None:
        self._around = around
        self._by_target: dict[tuple[str, str], list[Block]] = defaultdict(list)
        for block in blocks:
            self._by_target[block.target, block.method].append(block)

    def others(self, block: Block) -> set[str]:
        """Other countries in which the same target began to be blocked within a day of this one."""
        near = self._by_target[block.target, block.method]
        return {
            one.country
            for one in near
            if one.country != block.country
            and not one.begun_before
            and abs(one.onset.at - block.onset.at) <= DAY_S
        }

    def lasting(self, block: Block) -> set[str]:
        """Other countries in which the same target was blocked at some time of this block."""
        near = self._by_target[block.target, block.method]
        return {
            one.country
            for one in near
            if one.country != block.country and one.onset.at <= block.until and one.until >= block.onset.at
        }

    def is_everywhere(self, block: Block) -> bool:
        """Whether so many countries changed, or are, alike that it is the target and none of them."""
        measured = self._around.countries(block.target) - {block.country}
        there = self.lasting(block) if block.begun_before else self.others(block)
        there &= measured
        if len(there) < _COUNTRIES:
            return False
        if block.begun_before and (block.direct or block.fingerprints):
            return False
        return len(there) >= _SHARE * len(measured)


def against(blocks: Sequence[Block], crowd: Crowd, tested: Collection[int]) -> tuple[Reason, ...]:
    """What speaks against an incident of these blocks, the gravest first.

    A reason with a factor far below 1 holds it at the first level.
    """
    found = []
    everywhere = [block for block in blocks if crowd.is_everywhere(block)]
    if len(everywhere) * 2 >= len(blocks):
        countries = set().union(*(crowd.others(block) | crowd.lasting(block) for block in everywhere))
        text = f"it began to look blocked in {len(countries)} other countries too: more likely a change of its own"
        found.append(Reason(EVERYWHERE, text, _FACTOR))
    programs = {program for block in blocks for program, _ in block.software}
    if len(programs) == 1 and len(blocks) > 1:
        text = f"all who found it blocked measured with one program ({next(iter(programs))})"
        found.append(Reason("one_program", text, 0.9))
    free = len(set(tested) - {block.asn for block in blocks})
    if free:
        found.append(Reason("open_elsewhere", f"{free} of {len(tested)} tested networks reach it", 0.9))
    if all(block.begun_before for block in blocks):
        found.append(Reason("begun_before", "it was so when it was first measured; nobody saw it begin", 0.9))
    return tuple(found)
