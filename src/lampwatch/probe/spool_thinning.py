"""Which documents go first where the spool is full. Pure.

The least informative go first. Among those of equal worth, the one goes whose absence leaves the smallest hole: each
document stands between the one before and the one after it of the same target, and the nearer those two are, the less
is lost. So a blackout of weeks thins out evenly: to lose the newest would hide how it ends, to lose the oldest how it
began. The first and last of each target go after all others, since nothing stands on their other side; among those, the
order of their keys decides, which are digests, and so fall evenly over time.
"""

import heapq
import itertools
import math
from collections.abc import Iterable, Sequence

import msgspec


class Held(msgspec.Struct, frozen=True, gc=False):
    """What thinning needs to know of a document: its place in the spool, its target, when (seconds), how large."""

    number: int
    key: str
    about: str
    time_s: float
    size: int


class _Link(msgspec.Struct):
    """A document between its neighbours in time, of the same target. turn tells a stale entry of the heap."""

    held: Held
    before: "_Link | None" = None
    after: "_Link | None" = None
    turn: int = 0

    def hole_s(self) -> float:
        """How long a time would have no document, were this one dropped."""
        if self.before is None or self.after is None:
            return math.inf
        return self.after.held.time_s - self.before.held.time_s


def thinned(held: Iterable[Held], bytes_to_free: int) -> list[Held]:
    """The documents to drop, of some that are worth the same, in the order in which they go.

    They hold at least so many bytes together; where all together hold less, all go.
    """
    # No key stands twice with the same turn, so links themselves are never compared.
    heap = [(link.hole_s(), link.held.key, 0, link) for link in _linked(held)]
    heapq.heapify(heap)
    dropped: list[Held] = []
    freed = 0
    while heap and freed < bytes_to_free:
        _, _, turn, link = heapq.heappop(heap)
        if turn != link.turn:
            continue
        dropped.append(link.held)
        freed += link.held.size
        for side in _closed(link):
            side.turn += 1
            heapq.heappush(heap, (side.hole_s(), side.held.key, side.turn, side))
    return dropped


def _linked(held: Iterable[Held]) -> Sequence[_Link]:
    links = [_Link(one) for one in sorted(held, key=lambda one: (one.about, one.time_s, one.number))]
    for before, after in itertools.pairwise(links):
        if before.held.about == after.held.about:
            before.after, after.before = after, before
    return links


def _closed(link: _Link) -> list[_Link]:
    """Join the neighbours of a document that is gone, and give them."""
    if link.before is not None:
        link.before.after = link.after
    if link.after is not None:
        link.after.before = link.before
    return [side for side in (link.before, link.after) if side is not None]
