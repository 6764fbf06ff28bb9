"""Blocks planted into a simulated country: every mechanism, 30 to 100 % of its networks and of measurements there."""

from typing import Final, NamedTuple

import numpy as np

from bench.blocking.catalogue import MESSENGERS, QUIC, RULE_IDS, THROTTLED, TUNNELS, WEB, Item, seen_by
from bench.blocking.country import DAY_S, FIRST, HOUR_S, Country
from bench.blocking.truth import Blocking, Kind, Planted
from lampwatch.model.vocabulary import Mechanism

MECHANISMS: Final = tuple(RULE_IDS)
_BLOCKS: Final = 2.2
"""So many blocks begin in a country within ninety days, on average."""
_STANDING: Final = 0.15
"""The share of countries where something is blocked from the first day on."""
_FILTERED: Final = 0.2
"""The share of countries in which one network, of a school or a family's filter, blocks sites of its own accord."""
_WITH_BLOCK_PAGE: Final = 0.6
_CENSORED: Final = ("PORN", "GMB", "ANON", "NEWS", "POLR")


class Shape(NamedTuple):
    """How one block is rolled out: seconds since 1970; end is None where it lasts."""

    onset: int
    end: int | None
    roll_out: float
    rate: float
    stagger_s: float


def drawn_blocks(
    country: Country, days: int, random: np.random.Generator
) -> tuple[Country, tuple[Planted, ...]]:
    """Draw the blocks of a country. Gives the country back with what they need on its list."""
    planted: list[Planted] = []
    for n in range(int(random.poisson(_BLOCKS * days / 90))):
        mechanism = MECHANISMS[int(random.integers(len(MECHANISMS)))]
        country, items = _items(country, mechanism, random)
        items = tuple(item for item in items if not _taken(item, planted))
        if items:
            planted.append(_block(f"{country.code}-{n}", country, items, mechanism, days, random))
    if random.random() < _STANDING:
        planted += _standing(country, planted, random)
    if random.random() < _FILTERED and len(country.networks) > 1:
        planted += _filter(country, planted, random)
    return country, tuple(planted)


def _taken(item: Item, planted: list[Planted]) -> bool:
    """Whether an item is blocked otherwise: what two blocks did to one history could not be told apart."""
    return any(item.target in block.targets for block in planted)


def _items(
    country: Country, mechanism: Mechanism, random: np.random.Generator
) -> tuple[Country, tuple[Item, ...]]:
    """What is to be blocked: one target, several of a category, or all messengers."""
    methods = seen_by(mechanism)
    here = [item for item in country.items if item.method in methods]
    if not here:
        country = _with_list(country, _needed(methods[0]))
        here = [item for item in country.items if item.method in methods]
    first = here[int(random.integers(len(here)))]
    kind = random.random()
    if kind < 0.5 or first.method != WEB:
        if first in MESSENGERS and kind > 0.8:
            return country, tuple(item for item in here if item in MESSENGERS)
        chosen = [item for item in here if item.target == first.target]
        if first.target.endswith("telegram.org") or first.target == "telegram":
            chosen = [item for item in here if item.method == "telegram"]
    else:
        same = [item for item in here if item.category == first.category and item is not first]
        chosen = [first, *same[: int(random.integers(1, 6))]]
    # An address that is not reached is gone over QUIC too.
    if mechanism is Mechanism.IP_DROP and first.method == WEB:
        names = {item.target for item in chosen}
        chosen += [item for item in country.items if item.method == "quic" and item.target in names]
    return country, tuple(chosen)


def _needed(method: str) -> tuple[Item, ...]:
    return {
        "quic": (Item("youtube.com", "quic", "MMED"),),
        "throttle": (THROTTLED,),
        "openvpn": TUNNELS,
    }[method]


def _with_list(country: Country, more: tuple[Item, ...]) -> Country:
    popular = np.concatenate((country.popular, np.full(len(more), 0.6)))
    return country._replace(items=(*country.items, *more), popular=popular)


def _shape(days: int, random: np.random.Generator) -> Shape:
    onset = FIRST + int(random.uniform(min(8, days / 4), days - min(3, days / 8)) * DAY_S)
    lasts = random.random() < 0.3
    length = float(np.clip(np.exp(random.normal(1.6, 1.1)), 0.25, 45)) * DAY_S
    sharp = random.random() < 0.5
    return Shape(
        onset,
        None if lasts or onset + length > FIRST + days * DAY_S else onset + int(length),
        roll_out=random.uniform(0.3, 1.0),
        rate=random.uniform(0.9, 1.0) if random.random() < 0.5 else random.uniform(0.3, 1.0),
        stagger_s=0.2 * HOUR_S if sharp else random.uniform(2, 24) * HOUR_S,
    )


def _block(
    name: str,
    country: Country,
    items: tuple[Item, ...],
    mechanism: Mechanism,
    days: int,
    random: np.random.Generator,
) -> Planted:
    shape = _shape(days, random)
    count = len(country.networks)
    blocking = random.permutation(count)[: max(1, round(shape.roll_out * count))]
    other = _other(items, mechanism, random)
    style = random.random()
    networks = []
    for n in sorted(blocking.tolist()):
        onset = shape.onset + int(random.exponential(shape.stagger_s))
        end = None if shape.end is None else max(shape.end + int(random.exponential(HOUR_S)), onset + HOUR_S)
        means: tuple[tuple[Mechanism, int], ...] = ((mechanism, onset),)
        if style < 0.15:
            means = (*means, (other, onset + int(random.uniform(12, 36) * HOUR_S)))
        elif style < 0.3 and random.random() < 0.4:
            means = ((other, onset),)
        if end is not None:
            means = tuple(one for one in means if one[1] < end)
        # Each network fails as often as the others, give or take.
        rate = float(np.clip(shape.rate + random.normal(0, 0.03), 0.3, 1.0))
        networks.append(Blocking(int(country.networks[n]), onset, end, rate, means))
    page = _page(country, networks, random)
    return Planted(name, Kind.BLOCK, country.code, items, tuple(networks), page)


def _other(items: tuple[Item, ...], mechanism: Mechanism, random: np.random.Generator) -> Mechanism:
    """Another mechanism that the same items can be blocked by, or the same where there is none."""
    methods = {item.method for item in items} - {QUIC}
    fit = [m for m in MECHANISMS if m is not mechanism and methods <= set(seen_by(m))]
    return fit[int(random.integers(len(fit)))] if fit else mechanism


def _page(country: Country, networks: list[Blocking], random: np.random.Generator) -> str:
    """The name of a known block page or injected answer, where the mechanisms can show one."""
    shown = {Mechanism.HTTP_BLOCK_PAGE}
    means = {m for one in networks for m, _ in one.mechanisms}
    needed = means <= shown
    may = means <= shown | {Mechanism.DNS_SPOOF}
    page = f"{country.code.lower()}.block_page"
    return page if needed or (may and random.random() < _WITH_BLOCK_PAGE) else ""


def _standing(country: Country, planted: list[Planted], random: np.random.Generator) -> list[Planted]:
    """One or two categories that most networks block from before the window on."""
    found = []
    mechanism = (Mechanism.DNS_SPOOF, Mechanism.TLS_SNI_RESET, Mechanism.HTTP_BLOCK_PAGE, Mechanism.IP_DROP)[
        int(random.integers(4))
    ]
    for category in random.permutation(list(_CENSORED))[: int(random.integers(1, 3))].tolist():
        items = tuple(
            item
            for item in country.items
            if item.category == category and item.method == WEB and not _taken(item, planted)
        )
        share = random.uniform(0.6, 1.0)
        blocking = [n for n in range(len(country.networks)) if random.random() < share] or [0]
        since = FIRST - DAY_S
        networks = tuple(
            Blocking(int(country.networks[n]), since, None, random.uniform(0.85, 1.0), ((mechanism, since),))
            for n in blocking
        )
        page = f"{country.code.lower()}.block_page" if mechanism is Mechanism.HTTP_BLOCK_PAGE else ""
        if items:
            found.append(
                Planted(f"{country.code}-{category}", Kind.STANDING, country.code, items, networks, page)
            )
    return found


def _filter(country: Country, planted: list[Planted], random: np.random.Generator) -> list[Planted]:
    """One network shows its own page in the place of sites it does not want."""
    fit = [i for i in country.items if i.method == WEB and not _taken(i, planted)]
    items = tuple(fit[n] for n in random.permutation(len(fit))[: int(random.integers(2, 7))].tolist())
    asn = int(country.networks[int(random.integers(len(country.networks)))])
    since = FIRST - DAY_S
    network = Blocking(asn, since, None, 0.97, ((Mechanism.HTTP_BLOCK_PAGE, since),))
    name = f"{country.code}-filter"
    page = f"{country.code.lower()}.filter_page"
    return [Planted(name, Kind.FILTER, country.code, items, (network,), page)] if items else []
