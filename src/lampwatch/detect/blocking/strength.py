"""What one block is worth: whether it is told at all, and whether its network counts for a higher level."""

from typing import Final

from lampwatch.detect.blocking.measured import Measured
from lampwatch.model.blocking import Block

LEAST_FAILURES: Final = 3
"""So many measurements that failed while the control worked are the least that is told."""
_TOLD: Final = 0.5
_SURE: Final = 0.9
_MOST: Final = 0.6
OPEN: Final = 0.1
"""A network counts where at least three fifths fail against at most a tenth before, as the levels ask."""
_HALF: Final = 0.5
_SOME: Final = 0.2
_RARE: Final = 0.05
_SOME_VOTERS: Final = 6
_VOTERS_TOGETHER: Final = 12
_LEAST_VOTERS: Final = 3
"""A roll-out to a part of a network's users never reaches three fifths. It counts where a fifth fails against next to
nothing before, and enough different voters say so: six on the network, or three there and a dozen on all networks."""
_VOTERS: Final = 2
_OPEN_ELSEWHERE: Final = 0.8
KNOWN_MEANWHILE_DAYS: Final = 7


def is_told(block: Block) -> bool:
    """Whether it is more than noise: three failures, more likely than not a change, and no site that always falters."""
    if block.blocked < LEAST_FAILURES or block.probability < _TOLD:
        return False
    return block.rate >= _MOST if block.begun_before else True


def is_strong(block: Block, around: Measured, together: int, *, opened: bool = False) -> bool:
    """Whether its network counts as one that blocks, beyond a first sign.

    together is how many voters found any block of the incident, on all networks. opened is whether its target was
    seen open before on another of the networks.
    """
    if block.probability < _SURE or block.blocked < LEAST_FAILURES or block.blocked_voters < _VOTERS:
        return False
    # Whoever measures often weighs more in the rate; here each voter counts once.
    share = block.blocked_voters / (block.blocked_voters + block.contrary_voters)
    before = block.rate_before
    if before is None:
        # Nobody measured before; that others reach the target, with the same test, stands in for it.
        elsewhere = around.open_share(block.target, block.country)
        return min(block.rate, share) >= _MOST and (
            opened or (elsewhere is not None and elsewhere >= _OPEN_ELSEWHERE)
        )
    if block.rate >= _MOST and share >= _HALF and before <= OPEN:
        return True
    least = _LEAST_VOTERS if together >= _VOTERS_TOGETHER else _SOME_VOTERS
    return min(block.rate, share) - before >= _SOME and before <= _RARE and block.blocked_voters >= least


def known_since(block: Block, around: Measured) -> int | None:
    """From when on a block's network counts as known; None where it never did while the block lasted.

    It does if it was measured on a day before the onset: anybody can make up a network that nobody knew. What has
    stood since before anybody measured has no day before: there, it does once it has been measured for a week, if that
    began in the first week of its country's, and six voters found it blocked.
    """
    if is_known(around, block.country, block.asn, block.onset.high):
        return block.onset.known
    if not block.begun_before or block.blocked_voters < _SOME_VOTERS:
        return None
    if not around.is_of_the_first(block.country, block.asn, KNOWN_MEANWHILE_DAYS):
        return None
    week = around.measured_for(block.country, block.asn, KNOWN_MEANWHILE_DAYS)
    return max(block.onset.known, week) if week is not None and week <= block.until else None


def is_known(around: Measured, country: str, asn: int, before: int) -> bool:
    """Whether a network was measured on a day before a time."""
    return around.days_before(country, asn, before) >= 1
