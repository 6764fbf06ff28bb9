"""Who measures what in one simulated country: networks, probes with their habits, targets."""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.blocking.catalogue import (
    LOCAL_CATEGORIES,
    MESSENGERS,
    OVER_QUIC,
    PROGRAMS,
    SITES,
    THROTTLED,
    TUNNELS,
    WEB,
    Item,
)

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

DAY_S: Final = 86_400
HOUR_S: Final = 3_600
FIRST: Final = 1_785_542_400
"""1 August 2026, 00:00 UTC."""
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_COUNTRIES: Final = len(_LETTERS) ** 2
NETWORKS_APART: Final = 64
"""Numbers of networks are so far apart from country to country."""
_LONE: Final = 0.1
"""The share of countries with one probe on one network, that measures at night."""
_BUSY: Final = 1.4
"""How uneven countries are: the standard deviation of the logarithm of their sessions a day."""
_SESSIONS_A_DAY: Final = 28


class Probes(NamedTuple):
    """Arrays of one length, one place a probe.

    network is the place of its network; rate sessions a day from day `begins` to day `ends`; program the place of its
    program, lag how many days it takes to update; hour its favourite hour (UTC), -1 where it runs all day; share the
    part of the list that one session measures.
    """

    network: Integers
    rate: Reals
    begins: Reals
    ends: Reals
    program: Integers
    lag: Reals
    hour: Reals
    share: Reals


class Country(NamedTuple):
    """A country: its code, the numbers and sizes (users) of its networks, its probes, and what is on its list."""

    code: str
    networks: Integers
    users: Reals
    probes: Probes
    items: tuple[Item, ...]
    popular: Reals
    lone: bool


def code_of(place: int) -> str:
    """The made-up code of a country: two letters."""
    return _LETTERS[place // len(_LETTERS)] + _LETTERS[place % len(_LETTERS)]


def drawn_country(place: int, days: int, scale: float, random: np.random.Generator) -> Country:
    """Draw a country. scale multiplies how often is measured."""
    lone = bool(random.random() < _LONE)
    busy = float(np.clip(_SESSIONS_A_DAY * math.exp(random.normal(0, _BUSY)), 0.6, 700)) * scale
    networks = 1 if lone else int(np.clip(round(2 + busy**0.55 * math.exp(random.normal(0, 0.4))), 2, 30))
    numbers = 1000 + place * NETWORKS_APART + np.arange(networks, dtype=np.int64)
    users = np.exp(random.normal(0, 1.2, networks))
    items = _list(place, random)
    popular = np.clip(random.beta(3, 3, len(items)) + 0.1, 0.1, 1.0)
    popular[: len(MESSENGERS)] = 0.8
    probes = _lone_probe(random) if lone else _probes(users, busy, days, random)
    return Country(code_of(place), numbers, users / users.sum() * 1e6, probes, items, popular, lone)


def _list(place: int, random: np.random.Generator) -> tuple[Item, ...]:
    known = random.permutation(len(SITES))[: int(random.integers(9, 26))]
    items = [*MESSENGERS, *(SITES[n] for n in sorted(known))]
    code = code_of(place).lower()
    for n in range(int(random.integers(5, 22))):
        category = LOCAL_CATEGORIES[int(random.integers(len(LOCAL_CATEGORIES)))]
        items.append(Item(f"{category.lower()}{n}.{code}.example", WEB, category))
    if random.random() < 0.6:
        items += OVER_QUIC[: int(random.integers(1, len(OVER_QUIC) + 1))]
    if random.random() < 0.5:
        items += [Item(f"tv{n}.{code}.example", "stream", "MMED") for n in range(2)]
    if random.random() < 0.5:
        items.append(THROTTLED)
    if random.random() < 0.6:
        items += TUNNELS
    return tuple(items)


def _lone_probe(random: np.random.Generator) -> Probes:
    return Probes(
        network=np.zeros(1, np.int64),
        rate=np.array([random.uniform(0.7, 1.0)]),
        begins=np.zeros(1),
        ends=np.full(1, np.inf),
        program=np.array([int(random.integers(len(PROGRAMS)))]),
        lag=np.array([random.exponential(12)]),
        hour=np.array([float(random.integers(20, 27) % 24)]),
        share=np.array([0.8]),
    )


def _probes(users: Reals, busy: float, days: int, random: np.random.Generator) -> Probes:
    count = max(2, round(busy * math.exp(random.normal(0, 0.3))))
    # Half of the probes follow the users, the others are anywhere: volunteers are no sample of a country.
    weights = 0.5 * users / users.sum() + 0.5 / len(users)
    rate = random.gamma(0.6, 1.0, count)
    stays = random.random(count) < 0.5
    begins = np.where(stays, 0.0, random.uniform(-30, days, count))
    lasts = np.where(stays, math.inf, random.exponential(25, count) + 2)
    # Automatic runs spread over the day; people measure around an hour of theirs.
    automatic = random.random(count) < 0.55
    hour = (random.normal(19, 3, count) - random.integers(-11, 12)) % 24
    return Probes(
        network=random.choice(len(users), count, p=weights / weights.sum()).astype(np.int64),
        rate=rate * busy / max(rate.sum(), 0.1),
        begins=begins,
        ends=begins + lasts,
        program=random.choice(len(PROGRAMS), count, p=[p.share for p in PROGRAMS]).astype(np.int64),
        lag=random.exponential(8, count) + np.where(random.random(count) < 0.15, 60, 0),
        hour=np.where(automatic, -1.0, hour),
        share=random.choice([0.15, 0.35, 0.7, 1.0], count, p=[0.2, 0.3, 0.3, 0.2]),
    )
