"""What was measured in one simulated country, one place a verdict, and how sessions make it."""

from typing import Final, NamedTuple

import numpy as np

from bench.blocking.catalogue import PROGRAMS, RULES_VERSIONS, SOFTWARE, Item, Why, ok
from bench.blocking.country import DAY_S, FIRST, HOUR_S, Country, Integers, Probes, Reals
from lampwatch.model.vocabulary import State

MICRO: Final = 1_000_000
_WITHOUT_SESSION: Final = 0.02
_MOST_VOTER: Final = 2**62


class Rows(NamedTuple):
    """Verdicts of one country in order of time: arrays of one length, and what their numbers stand for.

    time is microseconds since 1970. item, network, software, version and why are places in items, networks, SOFTWARE,
    RULES_VERSIONS and whys. users are those of each network.
    """

    country: str
    items: tuple[Item, ...]
    networks: Integers
    users: Reals
    whys: tuple[Why, ...]
    time: Integers
    item: Integers
    network: Integers
    voter: Integers
    software: Integers
    version: Integers
    why: Integers

    @property
    def states(self) -> "Integers":
        """The place of each verdict's state among `State`."""
        order = list(State)
        return np.array([order.index(why.state) for why in self.whys], dtype=np.int64)[self.why]

    @property
    def size(self) -> int:
        """How many verdicts."""
        return len(self.time)

    def taken(self, places: "Integers | np.typing.NDArray[np.bool_]") -> "Rows":
        """Some of the verdicts."""
        columns = ("time", "item", "network", "voter", "software", "version", "why")
        return self._replace(**{name: getattr(self, name)[places] for name in columns})


class Whys:
    """The reasons in use in a country, numbered as they come up. The first are that each item works."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        self._numbers: dict[Why, int] = {}
        self.ok: Integers = np.array([self.number(ok(item.method)) for item in items], dtype=np.int64)

    def number(self, why: Why) -> int:
        """The number of a reason."""
        return self._numbers.setdefault(why, len(self._numbers))

    @property
    def known(self) -> tuple[Why, ...]:
        """All reasons, by their numbers."""
        return tuple(self._numbers)


class Surge(NamedTuple):
    """A campaign: for some days people measure times as often."""

    begin: float
    end: float
    times: float


def measured(country: Country, days: int, surges: tuple[Surge, ...], random: np.random.Generator) -> Rows:
    """Every verdict of a country where everything works."""
    probe, start = _sessions(country.probes, days, surges, random)
    share = country.probes.share[probe]
    chosen = random.random((len(probe), len(country.items))) < share[:, None] * country.popular[None, :]
    session, item = np.nonzero(chosen)
    # Items are measured one after the other; a runner of a long list takes hours.
    pace = np.where(random.random(len(probe)) < 0.1, 300.0, random.uniform(3, 25, len(probe)))
    place = np.arange(len(session)) - np.searchsorted(session, session)
    time = start[session] + (place + random.random(len(session))) * pace[session]
    voter = random.integers(1, _MOST_VOTER, len(probe))
    methods = {method: n for n, method in enumerate(dict.fromkeys(i.method for i in country.items))}
    # Each method of a session has a report of its own.
    of_method = np.array([methods[i.method] for i in country.items], dtype=np.int64)[item]
    voters = voter[session] + of_method
    alone = random.random(len(session)) < _WITHOUT_SESSION
    voters = np.where(alone, random.integers(1, _MOST_VOTER, len(session)), voters)
    software = _software(country.probes, probe, start)
    order = np.argsort(time, kind="stable")
    within = order[time[order] < FIRST + days * DAY_S]
    whys = Whys(country.items)
    seconds = (time[within] - FIRST) / DAY_S
    return Rows(
        country=country.code,
        items=country.items,
        networks=country.networks,
        users=country.users,
        whys=whys.known,
        time=(time[within] * MICRO).astype(np.int64),
        item=item[within].astype(np.int64),
        network=country.probes.network[probe][session][within],
        voter=voters[within],
        software=software[session][within],
        version=np.searchsorted([day for _, day in RULES_VERSIONS], seconds, side="right") - 1,
        why=whys.ok[item[within]],
    )


def _sessions(
    probes: Probes, days: int, surges: tuple[Surge, ...], random: np.random.Generator
) -> tuple[Integers, Reals]:
    """Which probe began a session, and when (seconds since 1970)."""
    begins, ends = np.maximum(probes.begins, 0), np.minimum(probes.ends, days)
    lengths = np.maximum(ends - begins, 0)
    pieces = [(begins, lengths, 1.0)]
    for surge in surges:
        from_, to = np.maximum(begins, surge.begin), np.minimum(ends, surge.end)
        pieces.append((from_, np.maximum(to - from_, 0), surge.times - 1))
    probe_parts, start_parts = [], []
    for from_, length, times in pieces:
        counts = random.poisson(probes.rate * length * times)
        probe = np.repeat(np.arange(len(counts)), counts)
        day = np.floor(from_[probe] + random.random(len(probe)) * length[probe])
        people = (probes.hour[probe] + random.normal(0, 1.5, len(probe))) % 24
        hour = np.where(probes.hour[probe] < 0, random.random(len(probe)) * 24, people)
        probe_parts.append(probe)
        start_parts.append(FIRST + day * DAY_S + hour * HOUR_S)
    return np.concatenate(probe_parts).astype(np.int64), np.concatenate(start_parts)


def _software(probes: Probes, probe: Integers, start: Reals) -> Integers:
    """What each session ran: the newest version that had come out when its probe last updated."""
    known = (start - FIRST) / DAY_S - probes.lag[probe]
    found = np.zeros(len(probe), dtype=np.int64)
    for place, program in enumerate(PROGRAMS):
        of_it = probes.program[probe] == place
        days = np.array([day for _, day in program.versions], dtype=np.float64)
        newest = np.clip(np.searchsorted(days, known[of_it], side="right") - 1, 0, None)
        found[of_it] = SOFTWARE.index(f"{program.name} {program.versions[0][0]}") + newest
    return found
