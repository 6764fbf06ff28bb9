"""Which measurement begins next, and when. Pure: the time is an argument, chance is given.

Services are due often; list entries so that each has its turn within a day, or as soon as the budget has room. What was
left undone comes first the next time, otherwise the order is random. No two measurements reach the same registered
domain at once, nor within a gap.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final

import msgspec

from lampwatch.formats.domains import site_of
from lampwatch.formats.names import url_parts
from lampwatch.probe.budget import DAY_S, Budget, Purse, left_of_day_s

HOUR_S: Final = 3600.0
_SPREAD_S: Final = 0.9 * DAY_S
"""List entries are spread over this much of the day; the rest makes up for what was held up."""
_SHORTEST_S: Final = 0.01
"""A clock that is read less finely than this would else never reach the moment that is waited for."""
_PUT_BACK_S: Final = 60.0
"""A clock that goes back by so much was wrong before."""
_HURRY_GAP_S: Final = 60.0
"""What was measured so short a time ago would say the same again."""


class Task(msgspec.Struct, frozen=True):
    """One measurement to make: a method and its input, empty where it takes none. sites are the domains it reaches."""

    method: str
    input: str = ""
    sites: tuple[str, ...] = ()
    category: str = ""

    @property
    def about(self) -> str:
        """Its name, the same in every run."""
        return f"{self.method} {self.input}".rstrip()


class Standing(msgspec.Struct, frozen=True):
    """A measurement to make again and again. Services come before what else is due."""

    task: Task
    every_s: float
    is_service: bool = False


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How hard a probe may work. once: each measurement one time, at once, and no more; limit: so many in all.

    site_gap_s lies between the end of a measurement and the next of the same registered domain. jitter is the part of
    an interval by which it is longer or shorter, by chance.
    """

    parallel: int = 3
    site_gap_s: float = 30.0
    jitter: float = 0.1
    once: bool = False
    limit: int | None = None


class Wait(msgspec.Struct, frozen=True):
    """Nothing may begin for so many seconds; infinite where only the end of what is running can change that."""

    seconds: float


SERVICES: Final[Mapping[str, tuple[float, tuple[str, ...]]]] = {
    "connectivity": (HOUR_S / 4, ("firefox.com", "gstatic.com")),
    "telegram": (HOUR_S, ("telegram.org",)),
    "whatsapp": (HOUR_S, ("whatsapp.net", "whatsapp.com")),
    "signal": (HOUR_S, ("signal.org",)),
    "facebook_messenger": (HOUR_S, ("facebook.com", "fbcdn.net", "fbsbx.com")),
    "tor": (6 * HOUR_S, ()),
    "stun_reachability": (12 * HOUR_S, ("google.com",)),
    "echcheck": (12 * HOUR_S, ("cloudflare-ech.com",)),
}
"""Methods that take no input: how often each is measured, and the registered domains that it reaches."""


ENTRY_METHODS: Final = ("web_connectivity", "quic")
"""Methods that take the URLs of test lists; the first is the usual one."""


def services(methods: Iterable[str]) -> list[Standing]:
    """The services among some methods, each as often as is usual."""
    return [
        Standing(Task(name, sites=SERVICES[name][1]), SERVICES[name][0], is_service=True)
        for name in methods
        if name in SERVICES
    ]


def entry(method: str, url: str, category: str = "", *, every_s: float = DAY_S) -> Standing:
    """A URL of a test list, to be measured once a day."""
    return Standing(Task(method, url, (site_of(url_parts(url).host),), category), every_s)


class Schedule:
    """What is to be measured, and what of it is running. Times are seconds since 1970, UTC."""

    def __init__(
        self,
        standing: Sequence[Standing],
        pace: Pace,
        budget: Budget,
        *,
        random: Random,
        now_s: float,
        last: Mapping[str, float] | None = None,
        spent: tuple[int, int] = (0, 0),
    ) -> None:
        """Go on from earlier runs: last says when each was measured, by Task.about; spent what today has used."""
        self._pace = pace
        self._random = random
        self._purse = Purse(budget, now_s, spent)
        self._stretch = _stretch(standing, budget)
        # In one order, so that chance comes from what was given alone.
        self._standing = {one.task.about: one for one in sorted(standing, key=lambda one: one.task.about)}
        # A time that is still to come was written by a clock that was wrong.
        self._last = {name: at for name, at in (last or {}).items() if name in self._standing and at <= now_s}
        self._due = {name: self._due_after(name) for name in self._standing}
        self._service_intervals = [one.every_s for one in standing if one.is_service]
        self._pending = set(self._standing)
        self._free_at = self._sites_left(now_s)
        self._running: dict[str, Task] = {}
        self._begun = 0
        self._lists_from_s = self._seen_s = now_s
        self._list_gap_s = 0.0 if pace.once else _list_gap_s(standing, budget)

    def next(self, now_s: float) -> Task | Wait | None:
        """The measurement that begins now; or how long nothing may begin; or None where nothing will ever again."""
        self._heed_clock(now_s)
        if self._pace.limit is not None and self._begun >= self._pace.limit:
            return None
        if self._pace.once and not self._pending:
            return None
        if len(self._running) >= self._pace.parallel:
            return Wait(math.inf)
        room = self._purse.room(now_s)
        if not room:
            if self._running:
                return Wait(math.inf)
            return None if self._pace.once else Wait(left_of_day_s(now_s) + _SHORTEST_S)
        begins = self._begins(now_s, room)
        able = [name for name, at in begins.items() if at <= now_s]
        if not able:
            return self._wait(begins, now_s)
        found = self._chosen(able, now_s)
        self._begin(found, now_s)
        return found.task

    def ended(self, task: Task, now_s: float, bytes_used: int) -> None:
        """Take note that a measurement ended, well or not."""
        name = task.about
        del self._running[name]
        self._purse.ended(now_s, bytes_used)
        self._last[name] = now_s
        self._due[name] = self._due_after(name)
        for site in task.sites:
            self._free_at[site] = now_s + self._pace.site_gap_s

    def hurry(self, method: str, now_s: float) -> None:
        """Let what is measured by a method be due now, unless it is running or has just been."""
        for name, one in self._standing.items():
            if one.task.method == method and now_s - self._last.get(name, -math.inf) >= _HURRY_GAP_S:
                self._due[name] = min(self._due[name], now_s)

    def _heed_clock(self, now_s: float) -> None:
        """Move all that is planned with a clock that was put back; else it would wait for a time long in coming."""
        back_s = self._seen_s - now_s
        self._seen_s = now_s
        if back_s < _PUT_BACK_S:
            return
        self._lists_from_s -= back_s
        for times in (self._due, self._free_at, self._last):
            for name in times:
                times[name] -= back_s

    def _begin(self, found: Standing, now_s: float) -> None:
        self._running[found.task.about] = found.task
        self._pending.discard(found.task.about)
        self._begun += 1
        self._purse.begin(now_s)
        if not found.is_service:
            self._lists_from_s = now_s + self._list_gap_s * self._random.uniform(0.5, 1.5)

    def _begins(self, now_s: float, room: int) -> dict[str, float]:
        """When each measurement that is not running may begin: it is due, its sites are free, and the day has room.

        List entries have room only where more is left than the services will still need today.
        """
        busy = {site for task in self._running.values() for site in task.sites}
        lists = self._pace.once or room > self._kept_for_services(now_s)
        found: dict[str, float] = {}
        for name, one in self._standing.items():
            if name in self._running or (self._pace.once and name not in self._pending):
                continue
            if one.is_service:
                begins = self._due[name]
            elif lists:
                begins = max(self._due[name], self._lists_from_s)
            else:
                continue
            if self._pace.once:
                begins = now_s
            for site in one.task.sites:
                begins = math.inf if site in busy else max(begins, self._free_at.get(site, 0.0))
            found[name] = begins
        return found

    def _chosen(self, able: Sequence[str], now_s: float) -> Standing:
        """One of those that may begin: services first, then what missed most of its turns, then by chance."""
        ranks = [(self._standing[name].is_service, self._missed(name, now_s)) for name in able]
        best = max(ranks)
        name = self._random.choice([name for name, rank in zip(able, ranks, strict=True) if rank == best])
        return self._standing[name]

    def _wait(self, begins: Mapping[str, float], now_s: float) -> Wait:
        """Until the first of them may begin; at midnight there is room for more."""
        first_s = min(begins.values(), default=math.inf)
        if not self._pace.once:
            first_s = min(first_s, now_s + left_of_day_s(now_s) + _SHORTEST_S)
        return Wait(max(first_s - now_s, _SHORTEST_S))

    def _missed(self, name: str, now_s: float) -> float:
        """How many whole turns have gone by; what was never measured has missed them all."""
        last = self._last.get(name)
        return math.inf if last is None else (now_s - last) // self._standing[name].every_s

    def _due_after(self, name: str) -> float:
        last, one = self._last.get(name), self._standing[name]
        if last is None:
            return 0.0
        every = one.every_s * (self._stretch if one.is_service else 1.0)
        return last + every * self._random.uniform(1 - self._pace.jitter, 1 + self._pace.jitter)

    def _kept_for_services(self, now_s: float) -> int:
        """The measurements that services will still make today."""
        left = left_of_day_s(now_s)
        return sum(math.ceil(left / (every_s * self._stretch)) for every_s in self._service_intervals)

    def _sites_left(self, now_s: float) -> dict[str, float]:
        """When each site is free again after what an earlier run measured."""
        free: dict[str, float] = {}
        for name, at in self._last.items():
            for site in self._standing[name].task.sites:
                free[site] = max(free.get(site, 0.0), at + self._pace.site_gap_s)
        return {site: at for site, at in free.items() if at > now_s}


def _services_a_day(standing: Sequence[Standing]) -> float:
    return sum(DAY_S / one.every_s for one in standing if one.is_service)


def _stretch(standing: Sequence[Standing], budget: Budget) -> float:
    """How much longer the services' intervals must be for a day's budget to last the whole day; 1 where it does."""
    return max(1.0, _services_a_day(standing) / max(budget.measurements_expected, 1))


def _list_gap_s(standing: Sequence[Standing], budget: Budget) -> float:
    """The time between list entries that spreads them over the day, as many as it has room for."""
    entries = sum(1 for one in standing if not one.is_service)
    room = budget.measurements_expected - _services_a_day(standing)
    return _SPREAD_S / max(min(entries, room), 1)
