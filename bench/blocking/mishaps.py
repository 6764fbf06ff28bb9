"""What befalls the whole world and is no blocking: moves of a CDN, servers down, bugs of a version, releases of rules.

Drawn once for a world, so that all countries share them.
"""

from typing import Final, NamedTuple

import numpy as np

from bench.blocking.catalogue import MESSENGERS, OVER_QUIC, SITES, SOFTWARE, Item, Why, blocked, moved
from bench.blocking.country import DAY_S, FIRST, HOUR_S
from lampwatch.model.vocabulary import Mechanism

_SHARED: Final = (*MESSENGERS, *SITES)
_ONE_CDN: Final = 5
"""A release of rules that errs does so for the targets behind one CDN: so many of those known everywhere."""


class Move(NamedTuple):
    """A target moves its addresses: on part of the networks of some countries it looks for a while like DNS tampering.

    networks is the share of networks on which it does, rate that of measurements there.
    """

    item: Item
    begin: int
    end: int
    countries: frozenset[int]
    networks: float
    rate: float
    why: Why


class Outage(NamedTuple):
    """A target is down everywhere; now and then that is misread as blocked."""

    target: str
    begin: int
    end: int
    misread: float


class Bug(NamedTuple):
    """A version of a program calls an item blocked wherever it runs."""

    software: int
    item: Item
    rate: float
    why: Why


class Release(NamedTuple):
    """From a release of rules or fingerprints on some items read as blocked, in part of the world, until the next."""

    items: frozenset[str]
    begin: int
    end: int
    countries: frozenset[int]
    networks: float
    rate: float
    mechanism: Mechanism
    fingerprint: str


class Mishaps(NamedTuple):
    """All of them."""

    moves: tuple[Move, ...]
    outages: tuple[Outage, ...]
    bugs: tuple[Bug, ...]
    releases: tuple[Release, ...]


def drawn_mishaps(countries: int, days: int, random: np.random.Generator) -> Mishaps:
    """The mishaps of a world."""
    return Mishaps(
        moves=tuple(_move(n, countries, days, random) for n in range(days // 3)),
        outages=tuple(_outage(days, random) for _ in range(days // 6)),
        bugs=_bugs(),
        releases=_releases(countries, random),
    )


def _some(countries: int, share: float, random: np.random.Generator) -> frozenset[int]:
    return frozenset(np.flatnonzero(random.random(countries) < share).tolist())


def _moment(days: int, random: np.random.Generator) -> int:
    return FIRST + int(random.uniform(0, days) * DAY_S)


def _move(n: int, countries: int, days: int, random: np.random.Generator) -> Move:
    item = _SHARED[int(random.integers(len(_SHARED)))]
    begin = _moment(days, random)
    # Every fourth is of a few countries alone, as where a CDN opens a new site there.
    few = n % 4 == 3
    where = (
        frozenset(random.integers(0, countries, int(random.integers(1, 4))).tolist())
        if few
        else _some(countries, random.uniform(0.3, 0.9), random)
    )
    return Move(
        item,
        begin,
        begin + int(random.uniform(6, 72) * HOUR_S),
        where,
        networks=random.uniform(0.3, 0.7),
        rate=random.uniform(0.2, 0.9),
        why=moved(item.method),
    )


def _outage(days: int, random: np.random.Generator) -> Outage:
    begin = _moment(days, random)
    target = _SHARED[int(random.integers(len(_SHARED)))].target
    return Outage(target, begin, begin + int(random.uniform(1, 30) * HOUR_S), random.uniform(0.01, 0.08))


def _bugs() -> tuple[Bug, ...]:
    """Old roots call Signal intercepted; one version never speaks QUIC; one that few run sees Messenger forged."""
    signal, messenger = MESSENGERS[3], MESSENGERS[4]
    return (
        Bug(
            SOFTWARE.index("ooniprobe-android 5.2.0"),
            signal,
            0.97,
            blocked("signal", Mechanism.TLS_INTERCEPTION),
        ),
        Bug(SOFTWARE.index("ooniprobe-cli 3.24.0"), OVER_QUIC[0], 0.9, blocked("quic", Mechanism.QUIC_DROP)),
        Bug(
            SOFTWARE.index("miniooni 3.20.1"),
            messenger,
            0.8,
            blocked("facebook_messenger", Mechanism.DNS_SPOOF),
        ),
        Bug(
            SOFTWARE.index("lampwatch 0.2.0"),
            SITES[9],
            0.6,
            blocked("web_connectivity", Mechanism.TLS_SNI_DROP),
        ),
    )


def _releases(countries: int, random: np.random.Generator) -> tuple[Release, ...]:
    """A rule that errs from day 27 to day 32, and a fingerprint of a CDN's own error page from day 66 on for six."""
    behind = random.permutation(len(SITES))
    return (
        Release(
            frozenset(SITES[n].target for n in behind[:_ONE_CDN]),
            FIRST + 27 * DAY_S,
            FIRST + 32 * DAY_S,
            _some(countries, 0.5, random),
            networks=0.6,
            rate=0.7,
            mechanism=Mechanism.HTTP_REDIRECT,
            fingerprint="",
        ),
        Release(
            frozenset(SITES[n].target for n in behind[_ONE_CDN : 2 * _ONE_CDN]),
            FIRST + 66 * DAY_S,
            FIRST + 72 * DAY_S,
            _some(countries, 0.35, random),
            networks=0.5,
            rate=0.5,
            mechanism=Mechanism.HTTP_BLOCK_PAGE,
            fingerprint="cdn.error_page",
        ),
    )
