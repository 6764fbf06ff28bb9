"""Routes as they come -> series in 5-minute bins: a table dump first, then every update in order of time."""

from collections.abc import Collection, Iterable
from typing import Final

from lampwatch.formats.mrt.records import (
    ESTABLISHED,
    Key,
    MrtItem,
    Origins,
    Peer,
    PeerTable,
    Rib,
    StateChange,
    Update,
)
from lampwatch.model.entity import Entity
from lampwatch.model.series import Values
from lampwatch.signals.bgp.changes import BIN_S, Changes
from lampwatch.signals.bgp.family import RoutedFamily
from lampwatch.signals.bgp.sessions import Session
from lampwatch.signals.bgp.space import Countries
from lampwatch.signals.bgp.table import OriginNames

LEAST_PEERS: Final = 3
"""With fewer full feeds a bin is a gap: a half of two is one router's opinion."""
DOUBTED_S: Final = 2 * 3600
"""A record so far ahead of those before it is believed when the next one agrees."""
_DEAD_KEPT: Final = 64
"""So many sessions that are over leave the tables together: it takes a walk over all prefixes."""


class Bins:
    """Keeps the tables of all sessions, and tells at the end of each bin what is visible.

    Peers are told apart by feed (a collector) and address. since and until bound the bins that are told, in seconds
    since 1970. Nothing is told before a table dump was read: bins before it are gaps, and so are those in which nobody
    said anything.
    """

    def __init__(
        self,
        source: str,
        *,
        countries: Countries | None = None,
        least_peers: int = LEAST_PEERS,
        since: int | None = None,
        until: int | None = None,
        remembered: Collection[Entity] = (),
    ) -> None:
        origins = OriginNames()
        self._families = tuple(RoutedFamily(number, origins, countries) for number in (0, 1))
        self._changes = tuple(Changes(number, source, remembered) for number in (0, 1))
        self._least_peers = least_peers
        self._since, self._until = since, until
        self._sessions: dict[tuple[str, bytes], Session] = {}
        self._loading: dict[str, dict[bytes, Session]] = {}
        self._numbers = 0
        self._free: list[int] = []
        self._dead = 0
        self._start: int | None = None
        self._updated = False
        self._heard: set[str] = set()
        self._held: tuple[str, MrtItem] | None = None
        self._gap_until = 0.0
        self.based = False
        """Whether a table dump was read."""
        self.closed = 0
        self.gaps = 0
        self.doubted = 0
        """Records whose time nobody else's agrees with; they are left out."""
        self.refused_dumps = 0
        """Damaged table dumps that were not put in the place of whole tables."""

    @property
    def at(self) -> int | None:
        """The start of the bin that is open; None before the first record."""
        return self._start

    @property
    def full_feeds(self) -> tuple[int, int]:
        """How many full feeds there were at the last end of a bin, of IPv4 and of IPv6."""
        return self._families[0].full_feeds, self._families[1].full_feeds

    @property
    def prefixes(self) -> int:
        """How many prefixes were ever met."""
        return sum(len(family.table) for family in self._families)

    def take_in(self, feed: str, item: MrtItem) -> None:
        """Go on with what a feed said next."""
        if not self._believed(feed, item):
            return
        self._heard.add(feed)
        if type(item) is Update:
            if feed in self._loading:
                self.dump_over(feed, whole=True)
            self._updated = True
            self._update(feed, item)
        elif type(item) is Rib:
            self._rib(feed, item)
        elif type(item) is PeerTable:
            if feed in self._loading:
                self.dump_over(feed, whole=True)
            self._loading[feed] = {}
        elif type(item) is StateChange:
            if feed in self._loading:
                self.dump_over(feed, whole=True)
            self._state(feed, item)

    def dump_over(self, feed: str, *, whole: bool) -> None:
        """A file of a feed is over: where it held a table, that one counts from now on.

        A damaged one takes nobody's place; where there is none yet, a part is better than nothing.
        """
        loaded = self._loading.pop(feed, None)
        if loaded is None:
            return
        before = [place for place in self._sessions if place[0] == feed]
        if before and not whole:
            self.refused_dumps += 1
            for session in loaded.values():
                self._end(session)
            return
        for place in before:
            self._end(self._sessions.pop(place))
        for address, session in loaded.items():
            if any(session.counts):
                self._sessions[feed, address] = session
            else:
                self._end(session)
        self.based = True

    def file_over(self, feed: str, time: float, *, whole: bool) -> None:
        """A file of a feed is over, and told of all that was up to a time."""
        self.dump_over(feed, whole=whole)
        if self._start is not None and time < self._start + BIN_S + DOUBTED_S:
            self.pass_time(time)

    def lost(self, begin: float, end: float) -> None:
        """The link was broken from begin to end: what was said meanwhile is not known, so its bins are gaps."""
        self.pass_time(begin)
        self._gap_until = max(self._gap_until, end)

    def pass_time(self, now: float) -> None:
        """It is at least so late: close the bins before."""
        if self._start is None:
            self._start = int(now) // BIN_S * BIN_S
        while now >= self._start + BIN_S:
            self._close()

    def finish(self) -> None:
        """Nothing more comes from files. The bin that is open is not whole, and is told only of a table dump alone."""
        for feed in list(self._loading):
            self.dump_over(feed, whole=True)
        self.doubted += self._held is not None
        self._held = None
        if self.based and not self._updated:
            self._close()

    def taken(self, arrived: int, countries: Iterable[str] | None = None) -> list[Values]:
        """The series of the bins closed since this was asked last, of these countries and networks in them, or of all.

        arrived is when they count as known, in seconds since 1970.
        """
        wanted = None if countries is None else list(countries)
        return [values for changes in self._changes for values in changes.taken(arrived, wanted)]

    def _believed(self, feed: str, item: MrtItem) -> bool:
        """Move on to the time of an item; False where that time is held in doubt, or the item with it."""
        time, start = item.time, self._start
        if start is None:
            self.pass_time(time)
        elif time >= start + BIN_S:
            if time < start + BIN_S + DOUBTED_S:
                self.pass_time(time)
            elif self._held is not None and abs(time - self._held[1].time) < DOUBTED_S:
                held, self._held = self._held, None
                self._jump(min(time, held[1].time))
                self.take_in(*held)
            else:
                self.doubted += self._held is not None
                self._held = (feed, item)
                return False
        elif time < start - DOUBTED_S and not self.closed:
            self._start = int(time) // BIN_S * BIN_S
        return True

    def _jump(self, time: float) -> None:
        """Nobody told of the time up to here: its bins are absent, and the tables from before it are too old."""
        self._close()
        for place in list(self._sessions):
            self._end(self._sessions.pop(place))
        self._start = int(time) // BIN_S * BIN_S

    def _close(self) -> None:
        start = self._start
        if start is None:
            return
        self._start = start + BIN_S
        told = (self._since is None or start >= self._since) and (self._until is None or start < self._until)
        gap = not self.based or start < self._gap_until
        # Peers with whole tables never say nothing for a whole bin: a feed that was silent is a hole in its archive.
        sessions = [session for (feed, _), session in self._sessions.items() if feed in self._heard]
        self._heard.clear()
        known = False
        for family, changes in zip(self._families, self._changes, strict=True):
            changed = None if gap else family.closed(sessions, self._least_peers)
            changes.note(start, changed, told=told)
            known = known or changed is not None
        if told:
            self.closed += 1
            self.gaps += not known
        if self._dead >= _DEAD_KEPT:
            self._sweep()

    def _update(self, feed: str, item: Update) -> None:
        session = self._sessions.get((feed, item.peer.address))
        if session is None:
            # It came up unseen, or was never in a dump: it counts when its table is large and has ceased to grow.
            session = self._sessions[feed, item.peer.address] = self._new(settled=False)
        origins = item.origins or (item.peer.asn,)
        four, six = self._families[0].table, self._families[1].table
        if item.with_paths:
            four.withdraw_paths(session, item.withdrawn4)
            six.withdraw_paths(session, item.withdrawn6)
            four.announce_paths(session, item.announced4, origins)
            six.announce_paths(session, item.announced6, origins)
            return
        if item.withdrawn4:
            four.withdraw(session, item.withdrawn4)
        if item.announced4:
            four.announce(session, item.announced4, origins)
        if item.withdrawn6:
            six.withdraw(session, item.withdrawn6)
        if item.announced6:
            six.announce(session, item.announced6, origins)

    def _rib(self, feed: str, item: Rib) -> None:
        loading = self._loading.setdefault(feed, {})
        sessions = [loading.get(peer.address) or self._loaded(loading, peer) for peer in item.peers]
        if not sessions:
            return
        table = self._families[item.ipv6].table
        origins: list[Origins] = item.origins
        if () in origins:
            origins = [found or (peer.asn,) for found, peer in zip(origins, item.peers, strict=True)]
        if not item.paths:
            table.load(item.key, sessions, origins)
            return
        for session, origin, path in zip(sessions, origins, item.paths, strict=True):
            key: Key = path.to_bytes(4, "big") + item.key
            table.announce_paths(session, (key,), origin)

    def _loaded(self, loading: dict[bytes, Session], peer: Peer) -> Session:
        found = loading[peer.address] = self._new(settled=True)
        return found

    def _state(self, feed: str, item: StateChange) -> None:
        place = (feed, item.peer.address)
        if ESTABLISHED in (item.new, item.old):
            before = self._sessions.pop(place, None)
            if before is not None:
                self._end(before)
            if item.new == ESTABLISHED:
                self._sessions[place] = self._new(settled=False)

    def _new(self, *, settled: bool) -> Session:
        if self._free:
            return Session(self._free.pop(), settled=settled)
        self._numbers += 1
        return Session(self._numbers - 1, settled=settled)

    def _end(self, session: Session) -> None:
        session.live = False
        self._dead += 1

    def _sweep(self) -> None:
        """Take sessions that are over out of the tables, so that their places can be given again."""
        kept = [
            *self._sessions.values(),
            *(one for loaded in self._loading.values() for one in loaded.values()),
        ]
        live = sum(one.bit for one in kept)
        for family in self._families:
            family.forget(live)
        self._free = [number for number in range(self._numbers) if not live >> number & 1]
        self._dead = 0
