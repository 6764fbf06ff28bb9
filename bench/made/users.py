"""Five years of users a day in 250 countries: blocks, surges, falls by steps, and all that looks like them."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pycountry

from bench.made.world import CLOCKS, DAY_S, SHALLOW, Floats, Made, between, counted, values_of, wandering
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label, LabelKind
from lampwatch.model.series import Family, Quantity, Series, Values

_FIRST: Final = 1_325_376_000
"""2012-01-01."""
_ASKED: Final = 100.0
"""Of countries with fewer users nothing is asked."""
_APART: Final = 120
"""So many days lie between what happens in one country, at least, where the first is over."""


class Course(NamedTuple):
    """What is left (or how many times as many there are) on each day from its begin, and what it is called.

    lasts is how many days it is asked for; what it leaves behind for good is its last share.
    """

    cause: str
    kind: LabelKind
    shares: Floats
    lasts: int
    stays: float = 1.0


def users(random: np.random.Generator, *, years: float = 5, countries: int = 250) -> Made:
    """All countries together, as one source tells of them."""
    days = int(365.25 * years)
    codes = sorted(country.alpha_2 for country in pycountry.countries)
    chosen = [codes[at] for at in sorted(random.permutation(len(codes))[:countries].tolist())]
    common, reported = _common(random, days)
    botnet = _botnet(random, days)
    levels = np.exp(random.normal(5.4, 2.1, len(chosen)))
    moved_house = _address_changes(random, days, len(chosen))
    values: list[Values] = []
    labels: list[Label] = []
    for row, code in enumerate(chosen):
        level = float(np.clip(levels[row], 1.0, 200_000))
        expected = level * _ordinary(random, code, days) * moved_house[row]
        expected *= 1 + (botnet - 1) * between(random, 0.1, 2.5)
        happened = np.ones(days)
        at = int(random.uniform(60, 700))
        while at < days - 70:
            course = _COURSES[int(random.integers(len(_COURSES)))](random)
            usual = float(np.median(expected[at - 28 : at]) * happened[at - 1])
            long = min(len(course.shares), days - at)
            happened[at : at + long] *= course.shares[:long]
            happened[at + long :] *= course.stays
            asked = usual * min(1.0, course.stays) >= _ASKED
            begin = _FIRST + at * DAY_S
            end = min(begin + course.lasts * DAY_S, _FIRST + days * DAY_S)
            cause = course.cause if asked else SHALLOW
            labels.append(Label(Entity(code), begin, end, "made", course.kind, cause, resolution_s=DAY_S))
            at += long + _APART + int(random.exponential(300))
        numbers = counted(random, expected * happened * common)
        starts = _FIRST + DAY_S * np.arange(days, dtype=np.int64)
        series = Series(Entity(code), "made", "users", Family.USERS, "users", Quantity.COUNT, DAY_S)
        values.append(values_of(series, starts[reported], numbers[reported]))
    return Made("users", tuple(values), tuple(labels), dict.fromkeys(chosen, DAY_S))


def _cut(random: np.random.Generator) -> Course:
    """No network at all, for a day to five weeks."""
    lasts = int(between(random, 1, 36))
    shares = np.full(lasts, random.uniform(0.0, 0.2))
    if lasts > 1:
        shares[0] = random.uniform(shares[0], 0.7)
    return Course("cut off", LabelKind.OUTAGE, shares, lasts)


def _partial(random: np.random.Generator) -> Course:
    lasts = int(between(random, 3, 30))
    return Course("partly cut off", LabelKind.OUTAGE, np.full(lasts, random.uniform(0.25, 0.5)), lasts)


def _blocked(random: np.random.Generator) -> Course:
    """A block that stays for months, and a return of most at once or over days."""
    lasts, left = int(between(random, 60, 300)), random.uniform(0.05, 0.3)
    return Course("blocked", LabelKind.BLOCKING, np.full(lasts, left), lasts)


def _for_good(random: np.random.Generator) -> Course:
    left = random.uniform(0.1, 0.4)
    return Course("fall for good", LabelKind.FALL, np.full(1, left), 30, left)


def _steps(random: np.random.Generator) -> Course:
    """A block that is rolled out over ten to sixteen days, network by network."""
    steps, days = int(random.integers(3, 6)), int(random.integers(10, 17))
    left = random.uniform(0.45, 0.62)
    at = np.sort(random.integers(0, days, steps))
    at[0] = 0
    shares = np.array([left ** ((at <= day).sum() / steps) for day in range(days)])
    return Course("fall by steps", LabelKind.BLOCKING, shares, days + 14, left)


def _surge(random: np.random.Generator, grows: int, cause: str) -> Course:
    """It grows over days, to three to 25 times as many, and wanes to more than before."""
    peak, stays = between(random, 3, 25), between(random, 1.0, 1.8)
    growing = peak ** (np.arange(1, grows + 1) / grows)
    waning = stays + (peak - stays) * np.exp(-np.arange(1, 90) / random.uniform(5, 25))
    shares = np.concatenate((growing, waning))
    lasts = int((shares > 1 + (peak - 1) / 4).sum()) + 1
    return Course(cause, LabelKind.SURGE, shares, max(lasts, grows + 1), stays)


def _sudden(random: np.random.Generator) -> Course:
    return _surge(random, int(random.integers(1, 3)), "surge")


def _growing(random: np.random.Generator) -> Course:
    return _surge(random, int(random.integers(3, 10)), "surge that grows")


def _double(random: np.random.Generator) -> Course:
    """Twice to three times as many within two weeks, and for good."""
    days, stays = int(random.integers(5, 15)), random.uniform(2.0, 3.2)
    return Course(
        "slow doubling", LabelKind.SURGE, stays ** (np.arange(1, days + 1) / days), days + 14, stays
    )


_COURSES: Final[tuple[Callable[[np.random.Generator], Course], ...]] = (
    _cut, _partial, _blocked, _for_good, _steps, _sudden, _growing, _double,
)  # fmt: skip


def _ordinary(random: np.random.Generator, code: str, days: int) -> Floats:
    """One country: slow growth, a year's season, weeks, feasts, and noise with a heavy tail."""
    day = np.arange(days)
    growth = np.exp(np.cumsum(random.standard_normal(days) * 0.004) + day / 365 * random.normal(0.05, 0.2))
    year = 1 + random.uniform(0, 0.15) * np.cos((day - random.uniform(0, 365)) / 365.25 * 2 * np.pi)
    rest = next((clock.rest for clock in CLOCKS if clock.country == code), (5, 6))
    week = np.ones(7)
    week[list(rest)] = between(random, 0.55, 1.1) if random.random() < 0.3 else random.uniform(0.88, 1.05)
    feasts = np.ones(days)
    deep = random.uniform(0.6, 1.0)
    for at in random.integers(0, days, days // 120).tolist():
        feasts[at : at + int(random.choice((1, 2, 3, 8)))] = deep
    noise = wandering(random, days, random.uniform(0.03, 0.12), random.uniform(0.3, 0.9))
    tail = random.standard_t(3, days) * random.uniform(0.01, 0.04)
    return np.asarray(growth * year * week[(_FIRST // DAY_S + day + 3) % 7] * feasts * np.exp(noise + tail))


def _common(random: np.random.Generator, days: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What all have in common: it strays, jumps for a day or a week, and on some days nothing is reported."""
    quarters = np.arange(0, days + 90, 90)
    slow = np.interp(np.arange(days), quarters, random.normal(0, 0.25, len(quarters)))
    found = np.exp(wandering(random, days, 0.05, 0.7) + slow)
    for at in random.integers(0, days, days // 60).tolist():
        found[at : at + int(random.choice((1, 1, 2, 5, 9)))] *= between(random, 0.4, 2.2)
    for at in random.integers(0, days, days // 400).tolist():
        found[at : at + int(random.integers(1, 3))] *= between(random, 0.02, 0.25)
    reported = random.random(days) >= 1 / 80
    for at in random.integers(0, days, days // 500).tolist():
        reported[at : at + int(random.integers(2, 8))] = False
    return found, reported


def _botnet(random: np.random.Generator, days: int) -> Floats:
    """Machines that nobody sits at: many times as many users nearly everywhere in weeks, and fewer again in months."""
    at, grows = int(random.uniform(0.3, 0.7) * days), int(random.integers(12, 24))
    peak = random.uniform(2.5, 6)
    day = np.arange(days)
    rise = np.clip((day - at) / grows, 0, 1)
    return np.asarray(1 + (peak - 1) * rise * np.exp(-np.maximum(0, day - at - grows) / 120))


def _address_changes(random: np.random.Generator, days: int, countries: int) -> Floats:
    """New tables of addresses, three a year: some countries have more or fewer users from then on."""
    found = np.ones((countries, days))
    for at in random.integers(20, days - 20, int(3 * days / 365)).tolist():
        for row in random.permutation(countries)[: int(random.integers(3, 22))].tolist():
            begin = at + int(random.integers(0, 3))
            found[row, begin:] *= between(random, 0.35, 3.0)
    return found
