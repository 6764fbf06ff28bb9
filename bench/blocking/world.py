"""Ninety simulated days of two hundred countries, one country after the other, the same for the same seed.

Noise is what is seen in practice: uneven probes, some of them alone and at night; flaky sites; moves of a CDN; broken
IPv6; versions with a bug; releases of rules and fingerprints that err; targets down everywhere; dead networks;
campaigns. Blocks of every mechanism are planted into it, and known.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from bench.blocking.country import DAY_S, FIRST, MOST_COUNTRIES, drawn_country
from bench.blocking.mishaps import Mishaps, drawn_mishaps
from bench.blocking.noise import drawn_surges, painted
from bench.blocking.planting import drawn_blocks
from bench.blocking.rows import Rows, measured
from bench.blocking.truth import Planted, Truth
from bench.blocking.witnessed import truths

COUNTRIES: Final = 200
DAYS: Final = 90
SEED: Final = 5
_OF_WORLD: Final = 1_000_000
"""The place in the seed of what all countries share."""


class Simulated(NamedTuple):
    """One country: its verdicts, its planted blocks, and what was measured of them."""

    rows: Rows
    planted: tuple[Planted, ...]

    @property
    def truths(self) -> list[Truth]:
        """What was measured of its planted blocks."""
        return truths(self.rows, self.planted)


class World(NamedTuple):
    """What a world is drawn from. scale multiplies how often is measured; volume grows with it."""

    seed: int = SEED
    countries: int = COUNTRIES
    days: int = DAYS
    scale: float = 1.0

    @property
    def mishaps(self) -> Mishaps:
        """What befalls the whole world."""
        return drawn_mishaps(self.countries, self.days, np.random.default_rng([self.seed, _OF_WORLD]))

    @property
    def begin(self) -> int:
        """Seconds since 1970 of its first moment."""
        return FIRST

    @property
    def end(self) -> int:
        """Seconds since 1970 of its end."""
        return FIRST + self.days * DAY_S

    @property
    def country_years(self) -> float:
        """How many years of one country it is."""
        return self.countries * self.days / 365.25

    def simulated(self) -> Iterator[Simulated]:
        """Its countries, each in memory only while it is looked at."""
        if not 0 < self.countries <= MOST_COUNTRIES:
            raise SystemExit(f"lampwatch: --countries is 1 to {MOST_COUNTRIES}, not {self.countries}.")
        mishaps = self.mishaps
        for place in range(self.countries):
            yield simulated_country(self, place, mishaps)


def simulated_country(world: World, place: int, mishaps: Mishaps) -> Simulated:
    """One country of a world, whichever others there are."""
    random = np.random.default_rng([world.seed, place])
    country = drawn_country(place, world.days, world.scale, random)
    country, planted = drawn_blocks(country, world.days, random)
    surges = drawn_surges(world.days, random)
    rows = measured(country, world.days, surges, random)
    return Simulated(painted(rows, place, mishaps, planted, world.days, random), planted)
