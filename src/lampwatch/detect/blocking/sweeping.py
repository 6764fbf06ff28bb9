"""Blocks that begin with most others on their network: whatever it is, it is about the network and no target."""

import bisect
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from lampwatch.detect.blocking.surroundings import Surroundings
from lampwatch.model.blocking import Block

_AT_ONCE_S: Final = 3600
_LEAST: Final = 5
_MOST: Final = 0.6
"""Three fifths of what was measured in the hour, and at least five targets, began to fail within an hour."""


def sweeping(blocks: Sequence[Block], around: Surroundings) -> set[Block]:
    """Those of the blocks with which most targets of their network began to fail. The rest began by themselves."""
    by_network: dict[tuple[str, int], list[Block]] = defaultdict(list)
    for block in blocks:
        if not block.begun_before:
            by_network[block.country, block.asn].append(block)
    found: set[Block] = set()
    for (country, asn), there in by_network.items():
        ordered = sorted(there, key=lambda block: block.onset.at)
        onsets = [block.onset.at for block in ordered]
        for block in ordered:
            first = bisect.bisect_left(onsets, block.onset.at - _AT_ONCE_S)
            last = bisect.bisect_right(onsets, block.onset.at + _AT_ONCE_S)
            targets = {one.target for one in ordered[first:last]}
            if len(targets) < _LEAST:
                continue
            _, decided = around.everything(country, asn, block.onset.low, block.onset.high)
            if len(targets) >= _MOST * decided:
                found.add(block)
    return found
