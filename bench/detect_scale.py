"""How quickly detection goes: one bin of all countries, regions and networks, and a year of one country.

`python -m bench detect_scale [--networks N]`. Bars: the bin under 10 s, the year under 5 s, on two cores.
"""

import resource
import sys
import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from lampwatch.detect.connectivity.detector import Detector
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.connectivity.local_time import utc_offset_s
from lampwatch.detect.connectivity.panel import Floats
from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series, Values

BIN_S: Final = 300
DAY_S: Final = 86_400
FIRST: Final = 19_500 * DAY_S
SIGNALS: Final = (
    ("bgp", Family.BGP, Quantity.COUNT),
    ("ping-slash24", Family.PROBING, Quantity.COUNT),
    ("merit-nt", Family.TELESCOPE, Quantity.COUNT),
    ("gtr", Family.TRAFFIC, Quantity.LEVEL),
)
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WARM_DAYS: Final = 28


def entities(countries: int, regions: int, networks: int) -> list[Entity]:
    """So many of each, spread evenly over countries."""
    codes = [a + b for a in LETTERS for b in LETTERS][:countries]
    found = [Entity(code) for code in codes]
    found += [Entity(f"{codes[n % countries]}-{n // countries:03}") for n in range(regions)]
    return found + [Entity(codes[n % countries], n + 1) for n in range(networks)]


def one_bin(networks: int) -> list[str]:
    """Time one bin of every entity and signal, and what a new day costs."""
    every = entities(250, 5_000, networks)
    random = np.random.default_rng(7)
    sizes = np.exp(random.normal(5.5, 1.5, len(every)))
    total, evening, found = 0.0, 0.0, 0
    for signal, family, quantity in SIGNALS:
        series = tuple(Series(entity, "ioda", signal, family, "things", quantity, BIN_S) for entity in every)
        detector = Detector(series, BIN_S, FIRST)
        _warm(detector, sizes, random)
        values = _noisy(sizes, 12, random)
        # One network in five hundred is dark, so that something is under way as it always is.
        values[random.random(len(every)) < 1 / 500] = 0.0
        detector.advance(values[:, :-1])
        began = time.perf_counter()
        detector.advance(values[:, -1:])
        total += time.perf_counter() - began
        found += len(detector.lasting())
        began = time.perf_counter()
        detector._begin(detector._block)
        evening += time.perf_counter() - began
        del detector
    count = len(every) * len(SIGNALS)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    return [
        f"one bin of {count:,} series: {total:.2f} s ({total / count * 1e6:.1f} µs a series), {found:,} disturbed",
        f"once a day, what is usual is worked out anew: {evening:.1f} s beside it",
        f"memory: {memory:.1f} GB at its peak, one signal at a time",
    ]


def _noisy(sizes: Floats, bins: int, random: np.random.Generator) -> Floats:
    noisy: Floats = np.round(sizes[:, None] * random.normal(1.0, 0.02, (len(sizes), bins)))
    return noisy


def _warm(detector: Detector, sizes: Floats, random: np.random.Generator) -> None:
    """Teach a detector four weeks, hour by hour: reading them bin by bin would take the time of a backfill."""
    usual = detector._usual
    first = detector._block - WARM_DAYS
    for block in range(first, detector._block):
        hours = _noisy(sizes, usual.slots, random)
        departures = usual.departures(hours, np.broadcast_to(sizes[:, None], hours.shape))
        usual.learn(
            block, 0, hours, np.broadcast_to(sizes[:, None], hours.shape), departures, np.ones(len(sizes))
        )
    detector._begin(detector._block)


def a_country(days: int, *, blackout_days: int) -> list[Values]:
    """Five signals of one country, with its days and weeks, and one blackout that they see differently."""
    random = np.random.default_rng(11)
    country = Entity("IR")
    ahead = utc_offset_s(country.place, FIRST // DAY_S)
    begin = FIRST + days // 2 * DAY_S + 15 * 3600
    shapes = (
        ("ioda", "bgp", Family.BGP, Quantity.COUNT, 300, 3_000, 0.001, 0.0, 0.3),
        ("ioda", "ping-slash24", Family.PROBING, Quantity.COUNT, 600, 8_000, 0.01, 0.03, 0.93),
        ("ioda", "merit-nt", Family.TELESCOPE, Quantity.COUNT, 300, 60, 0.3, 0.5, 0.8),
        ("google", "search", Family.TRAFFIC, Quantity.LEVEL, 1800, 70, 0.04, 0.5, 0.98),
        ("cloudflare", "http", Family.TRAFFIC, Quantity.LEVEL, 3600, 10_000, 0.05, 0.5, 0.95),
    )
    found = []
    for source, signal, family, quantity, bin_s, size, noise, swing, depth in shapes:
        starts = np.arange(FIRST, FIRST + days * DAY_S, bin_s, dtype=np.int64)
        hour = (starts + ahead) / 3600 % 24
        usual = (
            size
            * (1 + swing * np.cos((hour - 15) / 12 * np.pi))
            * np.exp(random.normal(0, noise, len(starts)))
        )
        dark = (starts >= begin) & (starts < begin + blackout_days * DAY_S)
        values = np.maximum(usual * np.where(dark, 1 - depth, 1.0), 0.0)
        header = Series(country, source, signal, family, "things", quantity, bin_s)
        found.append(Values(header, starts, np.round(values).astype(np.float64), starts + bin_s))
    return found


def a_year() -> list[str]:
    """Time a year of one country with five signals, and say what was found."""
    given = a_country(365, blackout_days=19)
    began = time.perf_counter()
    found = [one for one in incidents(given) if not one.insufficient]
    took = time.perf_counter() - began
    values = sum(len(one) for one in given)
    told = [
        f"a year of one country, {values:,} values of five signals: {took:.2f} s, {len(found)} incidents told"
    ]
    for one in found:
        families = ", ".join(sorted({part.family for part in one.parts}))
        lasted = (one.until - one.onset.at) / DAY_S
        told.append(f"  level {int(one.level)}, {lasted:.2f} days, by {families}")
    return told


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    networks = int(arguments[arguments.index("--networks") + 1]) if "--networks" in arguments else 75_000
    print("\n".join([*a_year(), *one_bin(networks)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
