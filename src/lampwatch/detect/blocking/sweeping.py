"""Blocks that begin with most others on their network: whatever it is, it is about the network and no target."""

import bisect
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from lampwatch.detect.blocking.surroundings import DAY_S, Surroundings
from lampwatch.model.blocking import Block

_LEAST: Final = 5
_MOST: Final = 0.5
"""Half of the targets that were measured, and at least five, began to fail in the same hours."""
_AT_ONCE_S: Final = 3600


def sweeping(blocks: Sequence[Block], around: Surroundings) -> set[Block]:
    """Those of the blocks with which most targets of their network began to fail. The rest began by themselves.

    Two began together where their onsets may have been within an hour of each other.
    """
    by_network: dict[tuple[str, int], list[Block]] = defaultdict(list)
    for block in blocks:
        if not block.begun_before:
            by_network[block.country, block.asn].append(block)
    found: set[Block] = set()
    for (country, asn), there in by_network.items():
        ordered = sorted(there, key=lambda block: block.onset.low)
        lows = [block.onset.low for block in ordered]
        for block in ordered:
            near = ordered[: bisect.bisect_right(lows, block.onset.high + _AT_ONCE_S)]
            targets = {one.target for one in near if one.onset.high >= block.onset.low - _AT_ONCE_S}
            if len(targets) < _LEAST:
                continue
            measured = around.targets(country, asn, block.onset.low - DAY_S, block.onset.high + DAY_S)
            if len(targets) >= _MOST * measured:
                found.add(block)
    return found
