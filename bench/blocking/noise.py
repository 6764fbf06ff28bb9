"""How verdicts of a simulated country come to say something else than `ok`: noise, mishaps, and blocks on top."""

from typing import Final, NamedTuple

import numpy as np

from bench.blocking.catalogue import (
    QUIC,
    WEB,
    Item,
    Why,
    blocked,
    down,
    looks_dropped_when_down,
    unknown,
)
from bench.blocking.country import DAY_S, FIRST, HOUR_S, Integers, Marks, Reals
from bench.blocking.mishaps import Mishaps
from bench.blocking.rows import MICRO, Rows, Surge, Whys
from bench.blocking.truth import Planted
from lampwatch.model.vocabulary import Mechanism

_UNKNOWN: Final = 0.02
_DOWN: Final = 0.006
_MISTAKEN: Final = 0.0004
"""How often a verdict says so of what works, anywhere."""
_DROPPED: Final = 0.6
"""How often a messenger that is down everywhere reads as dropped: there is no control that would tell."""
_DUAL: Final = 0.5
"""The share of targets that have an IPv6 address, and fail where IPv6 is broken."""
_CONTROL_LOST: Final = 0.04
"""How often a blocked one is not called so, because the control was not there."""
_TIMEOUTS: Final = (Mechanism.IP_DROP, Mechanism.TLS_SNI_DROP, Mechanism.TLS_SNI_RESET, Mechanism.DNS_TIMEOUT)


class Spell(NamedTuple):
    """A stretch of time on one network."""

    network: int
    begin: int
    end: int
    rate: float


class Painted:
    """The verdicts of a country while they are being decided."""

    def __init__(self, rows: Rows, random: np.random.Generator) -> None:
        self._rows = rows
        self.random = random
        self.whys = Whys(rows.items)
        self.why = rows.why.copy()
        self.seconds = rows.time / MICRO
        self._unknown = np.array([self.whys.number(unknown(item.method)) for item in rows.items])
        self._down = np.array([self.whys.number(down(item.method)) for item in rows.items])

    @property
    def rows(self) -> Rows:
        """The verdicts as they are now."""
        return self._rows._replace(whys=self.whys.known, why=self.why)

    def chance(self, rate: float) -> Marks:
        """Each verdict with a probability."""
        return self.random.random(len(self.why)) < rate

    def during(self, begin: float, end: float) -> Marks:
        """Those of a time."""
        return (self.seconds >= begin) & (self.seconds < end)

    def say(self, marks: Marks, why: Why) -> None:
        """Give these verdicts a reason."""
        self.why[marks] = self.whys.number(why)

    def say_unknown(self, marks: Marks) -> None:
        """Make these verdicts say nothing."""
        self.why[marks] = self._unknown[self._rows.item[marks]]

    def say_down(self, marks: Marks) -> None:
        """Make these verdicts the server's own trouble."""
        self.why[marks] = self._down[self._rows.item[marks]]

    def say_mistaken(self, marks: Marks, mechanisms: tuple[Mechanism, ...] = _TIMEOUTS) -> None:
        """Call these blocked by one of some mechanisms, as chance has it."""
        which = self.random.integers(0, len(mechanisms), len(self.why))
        of_item = self._rows.item
        for place in np.unique(of_item[marks]).tolist():
            item = self._rows.items[place]
            of_it = marks & (of_item == place)
            if item.method in _OWN:
                self.say(of_it, blocked(item.method, _OWN[item.method]))
                continue
            if item.method == "stream":
                # Of streams no rule accuses anybody.
                continue
            for n, mechanism in enumerate(mechanisms):
                self.say(of_it & (which == n), blocked(item.method, mechanism))


_OWN: Final = {
    "quic": Mechanism.QUIC_DROP,
    "throttle": Mechanism.THROTTLING,
    "tor": Mechanism.PROTOCOL_DROP,
    "openvpn": Mechanism.PROTOCOL_DROP,
}
"""What a method that sees one thing only calls it, where it is mistaken."""


def drawn_surges(days: int, random: np.random.Generator) -> tuple[Surge, ...]:
    """The campaigns of a country."""
    return tuple(
        Surge(begin, begin + random.uniform(1, 5), random.uniform(3, 10))
        for begin in random.uniform(0, days, int(random.poisson(0.5)))
    )


def painted(
    rows: Rows,
    place: int,
    mishaps: Mishaps,
    planted: tuple[Planted, ...],
    days: int,
    random: np.random.Generator,
) -> Rows:
    """All that befalls the verdicts of a country, in the order in which one hides the other."""
    paint = Painted(rows, random)
    _everyday(paint, rows)
    _flaky(paint, rows)
    _worldwide(paint, rows, place, mishaps)
    everywhere = {"networks": len(rows.networks), "days": days}
    _broken_ipv6(paint, rows, _spells(0.35, (6, 120), (0.5, 0.95), **everywhere, random=random))
    for block in planted:
        _block(paint, rows, block)
    for outage in mishaps.outages:
        at = np.isin(rows.item, _of_target(rows, outage.target)) & paint.during(outage.begin, outage.end)
        paint.say_down(at & paint.chance(0.97))
        dropped = np.array([looks_dropped_when_down(item.method) for item in rows.items])[rows.item]
        misread = np.where(dropped, _DROPPED, outage.misread)
        paint.say_mistaken(at & (paint.random.random(rows.size) < misread), (Mechanism.IP_DROP,))
    gone = np.zeros(rows.size, dtype=np.bool_)
    for spell in _spells(0.6, (1, 30), (0.9, 1.0), **everywhere, random=random):
        at = (rows.network == spell.network) & paint.during(spell.begin, spell.end)
        paint.say_unknown(at)
        # Most of what would have been measured never was.
        gone |= at & paint.chance(0.7)
    return paint.rows.taken(~gone)


def _everyday(paint: Painted, rows: Rows) -> None:
    """Networks are of different quality."""
    quality = np.exp(paint.random.normal(0, 0.7, len(rows.networks)))[rows.network]
    luck = paint.random.random(rows.size) / quality
    paint.say_unknown(luck < _UNKNOWN)
    paint.say_down(luck < _DOWN)
    paint.say_mistaken(luck < _MISTAKEN)


def _flaky(paint: Painted, rows: Rows) -> None:
    """Sites that fail for a part of all who ask, and are called blocked now and then by mistake."""
    count, random = len(rows.items), paint.random
    web = np.array([item.method == WEB for item in rows.items])
    flaky = web & (random.random(count) < 0.15)
    fails = np.where(flaky, random.uniform(0.02, 0.25, count), 0.0)
    mistaken = np.where(flaky, random.uniform(0.0, 0.15, count), 0.0)
    worse: Reals = random.gamma(4, 0.25, (count, len(rows.networks)))
    rate = np.minimum(fails[:, None] * worse, 0.6)[rows.item, rows.network]
    failed = random.random(rows.size) < rate
    kind = random.random(rows.size)
    paint.say_down(failed)
    paint.say_unknown(failed & (kind < 0.35))
    paint.say_mistaken(failed & (kind < mistaken[rows.item]))


def _of_target(rows: Rows, target: str) -> Integers:
    return np.array([n for n, item in enumerate(rows.items) if item.target == target], dtype=np.int64)


def _networks(share: float, rows: Rows, random: np.random.Generator) -> Marks:
    """Each verdict, by whether its network is one of a share."""
    marks: Marks = (random.random(len(rows.networks)) < share)[rows.network]
    return marks


def _worldwide(paint: Painted, rows: Rows, place: int, mishaps: Mishaps) -> None:
    random = paint.random
    for move in mishaps.moves:
        at = _of_item(rows, move.item)
        if place in move.countries and len(at):
            where = np.isin(rows.item, at) & paint.during(move.begin, move.end)
            where &= _networks(move.networks, rows, random)
            paint.say(where & paint.chance(move.rate), move.why)
    for release in mishaps.releases:
        if place in release.countries:
            at = np.array(
                [n for n, i in enumerate(rows.items) if i.target in release.items and i.method == WEB]
            )
            where = np.isin(rows.item, at) & paint.during(release.begin, release.end)
            where &= _networks(release.networks, rows, random) & paint.chance(release.rate)
            paint.say(where, blocked(WEB, release.mechanism, release.fingerprint))
    for bug in mishaps.bugs:
        at = _of_item(rows, bug.item)
        where = np.isin(rows.item, at) & (rows.software == bug.software)
        paint.say(where & paint.chance(bug.rate), bug.why)


def _of_item(rows: Rows, item: Item) -> Integers:
    return np.array([n for n, one in enumerate(rows.items) if one[:2] == item[:2]], dtype=np.int64)


def _spells(
    each: float,
    hours: tuple[float, float],
    rates: tuple[float, float],
    *,
    networks: int,
    days: int,
    random: np.random.Generator,
) -> list[Spell]:
    """Stretches on networks: so many a network and ninety days on average."""
    spells = []
    for network in range(networks):
        for _ in range(int(random.poisson(each * days / 90))):
            begin = FIRST + int(random.uniform(0, days) * DAY_S)
            lasts = int(random.uniform(*hours) * HOUR_S)
            spells.append(Spell(network, begin, begin + lasts, random.uniform(*rates)))
    return spells


def _broken_ipv6(paint: Painted, rows: Rows, spells: list[Spell]) -> None:
    dual = paint.random.random(len(rows.items)) < _DUAL
    for spell in spells:
        at = (rows.network == spell.network) & paint.during(spell.begin, spell.end) & dual[rows.item]
        failed = at & paint.chance(spell.rate)
        kind = paint.chance(0.6)
        paint.say_unknown(failed & ~kind)
        paint.say_mistaken(failed & kind, (Mechanism.IP_DROP,))


def _block(paint: Painted, rows: Rows, block: Planted) -> None:
    items = np.array([n for n, item in enumerate(rows.items) if item in block.items], dtype=np.int64)
    numbers = rows.networks.tolist()
    for one in block.networks:
        at = np.isin(rows.item, items) & (rows.network == numbers.index(one.asn))
        at &= paint.during(one.onset, one.end if one.end is not None else np.inf)
        at &= paint.chance(one.rate)
        lost = paint.chance(_CONTROL_LOST)
        paint.say_unknown(at & lost)
        for mechanism, since in one.mechanisms:
            now = at & ~lost & (paint.seconds >= since)
            for place in items.tolist():
                method = rows.items[place].method
                # What is dropped on its way to an address shows over QUIC as QUIC that is dropped.
                shown = Mechanism.QUIC_DROP if method == QUIC else mechanism
                page = block.fingerprint if shown is mechanism else ""
                paint.say(now & (rows.item == place), blocked(method, shown, page))
