"""One family, IPv4 or IPv6, at the end of each bin: which prefixes are visible, and what every entity has of them."""

from collections.abc import Iterable, Mapping
from typing import Final

from lampwatch.formats.mrt.prefix import units
from lampwatch.model.entity import Entity
from lampwatch.signals.bgp.sessions import Session, full_feeds
from lampwatch.signals.bgp.space import Counted, Countries, Space
from lampwatch.signals.bgp.table import OriginNames, Table

SHORTEST: Final = (8, 16)
"""Shorter prefixes of IPv4 and IPv6 are default routes by another name, and nobody's own space."""
ORIGIN_SHARE: Final = 0.25
"""A visible prefix counts for every network that more than this share of the full feeds see as its origin, so that a
leak that few believe counts for nobody, and a prefix with several origins for each of them."""


class RoutedFamily:
    """The table and the visible space of IPv4 (0) or IPv6 (1)."""

    def __init__(self, number: int, origins: OriginNames, countries: Countries | None) -> None:
        self._number = number
        self._origins = origins
        self._countries = countries
        self.table = Table(origins, number)
        self._space = Space()
        self._full = 0
        self.full_feeds = 0
        """How many full feeds there were at the last end of a bin."""

    def closed(self, sessions: Iterable[Session], least: int) -> Mapping[Entity, Counted] | None:
        """What changed by the end of a bin; None where fewer than least sessions are full feeds."""
        known = list(sessions)
        for session in known:
            session.settle(self._number)
        full = full_feeds(known, self._number)
        self.full_feeds = full.bit_count()
        if self.full_feeds < max(least, 1):
            return None
        table = self.table
        examined: Iterable[int] = table.touched if full == self._full else range(len(table))
        self._full = full
        enough = self.full_feeds // 2 + 1
        seen, space = table.seen, self._space
        for prefix in examined:
            if (seen[prefix] & full).bit_count() >= enough:
                self._place(prefix, full)
            elif space.visible(prefix):
                space.place(prefix, ())
        table.touched.clear()
        return space.changed()

    def forget(self, live: int) -> None:
        """Take out all sessions but these."""
        self.table.forget(live)
        self._full &= live

    def _place(self, prefix: int, full: int) -> None:
        key = self.table.keys[prefix]
        if key[0] < SHORTEST[self._number]:
            return
        if not self._space.known(prefix):
            first, last = units(key, ipv6=bool(self._number))
            parts = (
                self._countries(first, last, bool(self._number)) if self._countries else ((first, last, ""),)
            )
            self._space.tell(prefix, tuple(parts))
        self._space.place(prefix, self._networks(prefix, full))

    def _networks(self, prefix: int, full: int) -> tuple[int, ...]:
        """The networks that a visible prefix counts for, in ascending order."""
        found = self.table.origins(prefix, full)
        if len(found) == 1:
            origins = self._origins[found[0][0]]
            return origins if all(origins) else tuple(filter(None, origins))
        least = self.full_feeds * ORIGIN_SHARE
        enough = [origin for origin, bits in found if bits.bit_count() > least]
        if not enough:
            enough = [max(found, key=lambda one: (one[1].bit_count(), self._origins[one[0]]))[0]]
        return tuple(sorted({asn for origin in enough for asn in self._origins[origin] if asn}))
