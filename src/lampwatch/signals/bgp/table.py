"""Which session sees which prefix from which origin, kept from a table dump on by every update."""

from collections.abc import Iterable, Sequence
from typing import Final

from lampwatch.formats.mrt.prefix import canonical
from lampwatch.formats.mrt.records import Key, Origins
from lampwatch.signals.bgp.sessions import Session

_NO_PATHS: Final[dict[bytes, int]] = {}


class OriginNames:
    """Small numbers for origins, so that a million prefixes need not hold them."""

    def __init__(self) -> None:
        self._numbers: dict[Origins, int] = {}
        self._origins: list[Origins] = []

    def number(self, origins: Origins) -> int:
        """The number of these origins."""
        found = self._numbers.get(origins)
        if found is None:
            found = self._numbers[origins] = len(self._origins)
            self._origins.append(origins)
        return found

    def __getitem__(self, number: int) -> Origins:
        return self._origins[number]


class Table:
    """The routes of one family. A prefix is known by a number, which it keeps.

    seen holds, by prefix, the set of sessions that have a route to it, as the bits of a number; touched, the prefixes
    whose set or origins changed since the caller emptied it.
    """

    def __init__(self, origins: OriginNames, family: int) -> None:
        self._family = family
        self._origins = origins
        self._numbers: dict[Key, int] = {}
        self.keys: list[Key] = []
        self.seen: list[int] = []
        self._main: list[int] = []
        self._others: dict[int, dict[int, int]] = {}
        self._paths: dict[tuple[int, int], dict[bytes, int]] = {}
        self.touched: set[int] = set()

    def __len__(self) -> int:
        return len(self.keys)

    def announce(self, session: Session, keys: Iterable[Key], origins: Origins) -> None:
        """A session has routes to these prefixes, which take the place of those it had."""
        origin = self._origins.number(origins)
        bit, numbers, seen, main, others = session.bit, self._numbers, self.seen, self._main, self._others
        for key in keys:
            number = numbers.get(key)
            if number is None:
                number = self._new(key, origin)
            before = seen[number]
            if before & bit:
                # Most updates change the way to a prefix, and neither who sees it nor from where.
                if main[number] == origin and number not in others:
                    continue
            else:
                session.counts[self._family] += 1
                seen[number] = before | bit
                self.touched.add(number)
            self._came_from(number, bit, origin)

    def withdraw(self, session: Session, keys: Iterable[Key]) -> None:
        """A session has no route to these prefixes any more."""
        bit, numbers, seen = session.bit, self._numbers, self.seen
        for key in keys:
            number = numbers.get(key)
            if number is None:
                number = numbers.get(canonical(key))
            if number is None or not seen[number] & bit:
                continue
            seen[number] ^= bit
            session.counts[self._family] -= 1
            self.touched.add(number)
            if number in self._others:
                self._came_from(number, bit, -1)

    def announce_paths(self, session: Session, keys: Iterable[Key], origins: Origins) -> None:
        """As announce, of a session that may have several routes to a prefix; the one that came last tells the origin.

        The keys begin with path identifiers.
        """
        origin = self._origins.number(origins)
        for key in keys:
            prefix = canonical(key[4:])
            self.announce(session, (prefix,), origins)
            self._paths.setdefault((session.number, self._numbers[prefix]), {})[key[:4]] = origin

    def withdraw_paths(self, session: Session, keys: Iterable[Key]) -> None:
        """As withdraw, of one of several routes: the prefix stays seen while another is left."""
        for key in keys:
            prefix = canonical(key[4:])
            number = self._numbers.get(prefix, -1)
            paths = self._paths.get((session.number, number), _NO_PATHS)
            if paths.pop(key[:4], None) is None:
                continue
            if paths:
                self.announce(session, (prefix,), self._origins[next(reversed(paths.values()))])
            else:
                del self._paths[session.number, number]
                self.withdraw(session, (prefix,))

    def load(self, key: Key, sessions: Sequence[Session], origins: Sequence[Origins]) -> None:
        """The routes of a table dump to one prefix: of each session, side by side with its origin."""
        first, bits, family = origins[0], 0, self._family
        number = self._numbers.get(key)
        if number is None:
            number = self._new(key, self._origins.number(first))
        seen = self.seen[number]
        if seen or origins.count(first) != len(origins):
            for session, origin in zip(sessions, origins, strict=True):
                self.announce(session, (key,), origin)
            return
        for session in sessions:
            if not bits & session.bit:
                bits |= session.bit
                session.counts[family] += 1
        self.seen[number] = bits
        self._main[number] = self._origins.number(first)
        self.touched.add(number)

    def origins(self, number: int, counted: int) -> Sequence[tuple[int, int]]:
        """The origins of a prefix, by number, and which of the sessions counted see it from there."""
        seen = self.seen[number] & counted
        others = self._others.get(number)
        if not others:
            return ((self._main[number], seen),)
        rest, found = seen, []
        for origin, bits in others.items():
            if bits & counted:
                found.append((origin, bits & counted))
                rest &= ~bits
        if rest:
            found.append((self._main[number], rest))
        return found

    def forget(self, live: int) -> None:
        """Take out all sessions but these, whose bits may then be given again."""
        self.seen = [bits & live for bits in self.seen]
        for number in list(self._others):
            left = {origin: kept for origin, bits in self._others[number].items() if (kept := bits & live)}
            if left:
                self._others[number] = left
            else:
                del self._others[number]
        self._paths = {place: paths for place, paths in self._paths.items() if live >> place[0] & 1}

    def _new(self, key: Key, origin: int) -> int:
        """The number of a key not met before: of a second spelling, the number of the first."""
        plain = canonical(key)
        number = self._numbers.get(plain)
        if number is None:
            number = self._numbers[plain] = len(self.keys)
            self.keys.append(plain)
            self.seen.append(0)
            self._main.append(origin)
        return number

    def _came_from(self, number: int, bit: int, origin: int) -> None:
        """Note the origin of a session's route (-1: it has none), and tell of the prefix where that is news."""
        others = self._others.get(number)
        if others is None:
            if self.seen[number] == bit:
                # Nobody else sees it: its main origin may as well be this one.
                if self._main[number] != origin:
                    self._main[number] = origin
                    self.touched.add(number)
                return
            if self._main[number] == origin:
                return
            others = self._others[number] = {}
        if others.get(origin, 0) & bit:
            return
        for other in list(others):
            left = others[other] & ~bit
            if left:
                others[other] = left
            else:
                del others[other]
        if origin >= 0 and origin != self._main[number]:
            others[origin] = others.get(origin, 0) | bit
        if not others:
            del self._others[number]
        self.touched.add(number)
