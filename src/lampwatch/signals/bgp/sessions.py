"""Sessions of peers with a collector, and which of them tell it a whole table.

The rule, for IPv4 and IPv6 apart. The measure is the second largest table of all sessions (the largest where there are
only two), so that one peer that leaks routes cannot move it. A session is a full feed when its table is larger than
half of the measure, and ceases to be one when it is smaller than four tenths. IODA asks for 400,000 prefixes of IPv4,
four tenths of today's tables; a share holds for the tables of any year.

A session that came up while we looked fills its table in the order it likes. It counts from the first bin in which its
table grew by less than one hundredth. A session from a table dump counts at once. A session that goes down ceases to
count, and its prefixes do not vanish with it: it is neither among those who see a prefix nor among those who do not.
"""

from collections.abc import Iterable
from typing import Final

IN_SHARE: Final = 0.5
OUT_SHARE: Final = 0.4
SETTLED_GROWTH: Final = 0.01


class Session:
    """One session of a peer. bit is its place in the sets of sessions that see a prefix."""

    def __init__(self, number: int, *, settled: bool) -> None:
        self.number = number
        self.bit = 1 << number
        self.live = True
        self.counts = [0, 0]
        """Prefixes of IPv4 and of IPv6 that it announces."""
        self.full = [False, False]
        self.settled = [settled, settled]
        self._before = [0, 0]

    def settle(self, family: int) -> None:
        """At the end of a bin: note whether the table has ceased to grow."""
        count, before = self.counts[family], self._before[family]
        if count and count - before < SETTLED_GROWTH * count:
            self.settled[family] = True
        self._before[family] = count


def full_feeds(sessions: Iterable[Session], family: int) -> int:
    """The set of sessions that are full feeds of a family (0 IPv4, 1 IPv6), as bits; notes it in each of them."""
    live = [one for one in sessions if one.live]
    sizes = sorted((one.counts[family] for one in live if one.settled[family]), reverse=True)
    measure = sizes[1] if len(sizes) > 2 else next(iter(sizes), 0)  # noqa: PLR2004  a second of at least three
    found = 0
    for one in live:
        share = OUT_SHARE if one.full[family] else IN_SHARE
        one.full[family] = one.settled[family] and one.counts[family] > share * measure
        if one.full[family]:
            found |= one.bit
    return found
