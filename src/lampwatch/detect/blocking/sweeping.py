"""Blocks that begin with most others on their network: whatever it is, it is about the network and no target."""

import bisect
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from lampwatch.detect.blocking.measured import DAY_S, Measured
from lampwatch.detect.blocking.setting import Belonging
from lampwatch.model.blocking import Block

_LEAST: Final = 5
_MOST: Final = 0.5
"""Half of the targets that were measured, and at least five, began to fail in the same hours."""
_KINDS: Final = 3
"""Or five services of so many categories, which have nothing in common but the network."""
_AT_ONCE_S: Final = 3600


def sweeping(blocks: Sequence[Block], around: Measured, belonging: Callable[[str], Belonging]) -> set[Block]:
    """Those of the blocks with which most targets, or all kinds of them, began to fail on their network.

    Two began together where their onsets may have been within an hour of each other, and one mechanism is the same.
    """
    by_network: dict[tuple[str, int], list[Block]] = defaultdict(list)
    for block in blocks:
        if not block.begun_before and block.blocked_voters > 1:
            by_network[block.country, block.asn].append(block)
    found: set[Block] = set()
    for (country, asn), there in by_network.items():
        ordered = sorted(there, key=lambda block: block.onset.low)
        lows = [block.onset.low for block in ordered]
        for block in ordered:
            near = ordered[: bisect.bisect_right(lows, block.onset.high + _AT_ONCE_S)]
            means = {one.mechanism for one in block.means}
            together = [
                one
                for one in near
                if one.onset.high >= block.onset.low - _AT_ONCE_S
                and any(way.mechanism in means for way in one.means)
            ]
            targets = {one.target for one in together}
            if len(targets) < _LEAST:
                continue
            of = {belonging(target) for target in targets}
            services, kinds = {one.service for one in of}, {one.category for one in of if one.category}
            if len(services) >= _LEAST and len(kinds) >= _KINDS:
                found.add(block)
                continue
            measured = around.targets(country, asn, block.onset.low - DAY_S, block.onset.high + DAY_S)
            if len(targets) >= _MOST * measured:
                found.add(block)
    return found
