"""Votes of any number of histories -> blocks: what was blocked on which network, when, how, by whose word."""

from typing import Final

import numpy as np
import pyarrow as pa

from lampwatch.detect.blocking.changes import LEAST_FAILURES, Stretch, changes
from lampwatch.detect.blocking.counts import counts
from lampwatch.detect.blocking.described import Described, described
from lampwatch.detect.blocking.pooled import pooled
from lampwatch.detect.blocking.portions import portions
from lampwatch.detect.blocking.votes import Votes, deciding
from lampwatch.model.blocking import Block

_AT_ONCE: Final = 2_000_000
"""So many rows of votes are worked at once, or one country's on one target where they are more."""


def blocks(histories: pa.Table) -> list[Block]:
    """Find what was blocked, in rows of votes (schema VOTE) of any number of histories.

    The rows may come in any order, a row may come as several that share its verdicts, and other histories may be among
    them: the blocks of a history are the same. They come by country, target, method and network, and then by time. A
    history that always failed now and then is flaky and has no block; one that mostly failed from the first measurement
    on has one with begun_before, whose onset tells only since when at least.
    """
    found: list[Block] = []
    for part in portions(histories, _AT_ONCE):
        votes = deciding(part)
        # What fails so seldom is no block: most histories, of which nothing else is asked.
        failing = votes.of(np.flatnonzero(votes.failing(LEAST_FAILURES)[votes.history]))
        stretches = pooled(votes, changes(counts(failing)))
        for stretch, one in zip(stretches, described(votes, stretches), strict=True):
            found.append(_block(votes, stretch, one))
    return sorted(
        found, key=lambda block: (block.country, block.target, block.method, block.asn, block.onset.at)
    )


def _block(votes: Votes, stretch: Stretch, one: Described) -> Block:
    country, target, method, asn = votes.names[stretch.history]
    return Block(
        country=country,
        asn=asn,
        target=target,
        method=method,
        onset=stretch.onset,
        end=stretch.end,
        until=stretch.until,
        begun_before=stretch.begun_before,
        rate=stretch.rate,
        rate_before=stretch.rate_before,
        blocked=one.blocked,
        blocked_voters=one.blocked_voters,
        contrary_voters=one.contrary_voters,
        means=one.means,
        direct=one.direct,
        fingerprints=one.fingerprints,
        software=one.software,
        versions=one.versions,
        witness=one.witness,
        probability=stretch.probability,
    )
