import heapq
import math
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.probe.budget import DAY_S, Budget
from lampwatch.probe.schedule import (
    SERVICES,
    Pace,
    Schedule,
    Standing,
    Task,
    Wait,
    entry,
    services,
)

MIDNIGHT = 20_000.0 * DAY_S
LARGE = Budget(measurements=100_000, bytes=10**12)


class Simulated:
    """A schedule carried out in a time that jumps from one event to the next."""

    def __init__(
        self, schedule: Schedule, *, seed: int = 1, slow_s: float = 20.0, start_s: float = MIDNIGHT
    ) -> None:
        self.schedule, self.chance, self.slow_s, self.now = schedule, Random(seed), slow_s, start_s
        self.spans: list[tuple[float, float, Task]] = []

    def until(self, end_s: float, *, bytes_each: int = 1000) -> "Simulated":
        running: list[tuple[float, int, Task]] = []
        while self.now < end_s:
            step = self.schedule.next(self.now)
            if isinstance(step, Task):
                ends = self.now + self.chance.uniform(0.0, self.slow_s)
                heapq.heappush(running, (ends, len(self.spans), step))
                self.spans.append((self.now, ends, step))
                continue
            wakes = self.now + step.seconds if isinstance(step, Wait) else math.inf
            assert wakes > self.now, "a wait of nothing would turn for ever"
            if running and running[0][0] <= wakes:
                self.now, _, ended = heapq.heappop(running)
                self.schedule.ended(ended, self.now, bytes_each)
            elif wakes < math.inf:
                self.now = wakes
            else:
                return self
        return self

    def counts(self) -> Counter[str]:
        return Counter(task.about for _, _, task in self.spans)


def standing(urls: int, hosts: int, *, with_services: bool = True) -> list[Standing]:
    entries = [
        entry("web_connectivity", f"https://www.site{n % hosts}.example/{n}", "NEWS") for n in range(urls)
    ]
    return entries + (services(SERVICES) if with_services else [])


def scheduled(
    what: list[Standing], pace: Pace, budget: Budget = LARGE, *, seed: int = 1, now_s: float = MIDNIGHT
) -> Schedule:
    return Schedule(what, pace, budget, random=Random(seed), now_s=now_s)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 60),
    st.integers(1, 20),
    st.integers(1, 8),
    st.sampled_from([0.0, 30.0, 900.0]),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_no_site_is_measured_twice_at_once_nor_within_the_gap(
    urls: int, hosts: int, parallel: int, gap: float, once: bool, seed: int
) -> None:
    pace = Pace(parallel=parallel, site_gap_s=gap, once=once)
    run = Simulated(scheduled(standing(urls, hosts), pace, seed=seed), seed=seed, slow_s=300)
    spans = run.until(MIDNIGHT + DAY_S).spans
    free: dict[str, float] = {}
    for begun, ended, task in spans:
        for site in task.sites:
            assert begun >= free.get(site, 0.0)
            free[site] = ended + gap
    for begun, _, _ in spans:
        assert sum(1 for other, ended, _ in spans if other <= begun < ended) <= parallel


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 200),
    st.integers(0, 150),
    st.integers(1, 30_000_000),
    st.integers(1, 6),
    st.integers(0, 10**6),
)
def test_no_day_goes_over_its_budget(urls: int, most: int, most_bytes: int, parallel: int, seed: int) -> None:
    budget, each = Budget(measurements=most, bytes=most_bytes), 100_000
    run = Simulated(scheduled(standing(urls, 50), Pace(parallel=parallel), budget, seed=seed), seed=seed)
    spans = run.until(MIDNIGHT + 3 * DAY_S, bytes_each=each).spans
    days = Counter(ended // DAY_S for _, ended, _ in spans)
    assert max(days.values(), default=0) <= most
    assert max(days.values(), default=0) * each <= most_bytes


def test_every_entry_has_its_turn_within_about_a_day() -> None:
    run = Simulated(scheduled(standing(500, 350), Pace())).until(MIDNIGHT + 1.1 * DAY_S)
    assert len(run.counts()) == 500 + len(SERVICES)


def test_entries_are_spread_over_the_day() -> None:
    run = Simulated(scheduled(standing(400, 400, with_services=False), Pace())).until(MIDNIGHT + DAY_S)
    hours = Counter(int((begun - MIDNIGHT) // 3600) for begun, _, _ in run.spans)
    assert max(hours.values()) <= 2.5 * 400 / 24


def test_messengers_are_measured_about_hourly_also_where_the_budget_is_small() -> None:
    budget = Budget(measurements=300)
    run = Simulated(scheduled(standing(500, 350), Pace(), budget)).until(MIDNIGHT + DAY_S)
    counts = run.counts()
    assert all(20 <= counts[name] <= 28 for name in ("telegram", "whatsapp", "signal", "facebook_messenger"))
    begun = [begun for begun, _, task in run.spans if task.method == "telegram"]
    assert max(after - before for before, after in pairwise(begun)) < 2 * 3600


def test_where_the_budget_is_smaller_than_what_services_need_they_are_measured_all_day_long() -> None:
    run = Simulated(scheduled(standing(100, 70), Pace(), Budget(measurements=24))).until(MIDNIGHT + DAY_S)
    telegram = [begun for begun, _, task in run.spans if task.method == "telegram"]
    assert telegram[-1] > MIDNIGHT + 12 * 3600
    assert len(run.spans) <= 24


def test_what_is_left_undone_is_carried_over() -> None:
    budget = Budget(measurements=40)
    run = Simulated(scheduled(standing(100, 100, with_services=False), Pace(), budget))
    run.until(MIDNIGHT + 2 * DAY_S)
    assert set(run.counts().values()) == {1}
    assert len(run.until(MIDNIGHT + 3.1 * DAY_S).counts()) == 100


def test_a_restart_goes_on_where_the_last_run_ended() -> None:
    what = standing(100, 100, with_services=False)
    last = {one.task.about: MIDNIGHT - 3600.0 for one in what[:60]}
    schedule = Schedule(what, Pace(), LARGE, random=Random(1), now_s=MIDNIGHT, last=last)
    begun = Simulated(schedule).until(MIDNIGHT + 6 * 3600).counts()
    assert begun.keys().isdisjoint(last)


def test_a_restart_keeps_to_the_gap_and_to_what_the_day_has_spent() -> None:
    what = services(["telegram"])
    schedule = Schedule(
        what,
        Pace(once=True, site_gap_s=30),
        Budget(measurements=5),
        random=Random(1),
        now_s=MIDNIGHT + 100,
        last={"telegram": MIDNIGHT + 90},
        spent=(4, 0),
    )
    assert schedule.next(MIDNIGHT + 100) == Wait(20.0)
    assert isinstance(schedule.next(MIDNIGHT + 120), Task)
    spent = Schedule(
        what,
        Pace(once=True),
        Budget(measurements=5),
        random=Random(1),
        now_s=MIDNIGHT,
        spent=(5, 0),
    )
    assert spent.next(MIDNIGHT) is None


def test_a_last_time_in_the_future_counts_for_nothing() -> None:
    schedule = Schedule(
        services(["telegram"]),
        Pace(),
        LARGE,
        random=Random(1),
        now_s=MIDNIGHT,
        last={"telegram": MIDNIGHT + 90 * DAY_S},
    )
    assert isinstance(schedule.next(MIDNIGHT), Task)


def test_a_clock_that_is_put_back_delays_nothing() -> None:
    schedule = scheduled(standing(10, 10), Pace(), now_s=MIDNIGHT + 900 * DAY_S)
    Simulated(schedule, start_s=MIDNIGHT + 900 * DAY_S).until(MIDNIGHT + 901 * DAY_S)
    after = Simulated(schedule, start_s=MIDNIGHT).until(MIDNIGHT + DAY_S)
    assert after.counts()["telegram"] >= 20
    assert len(after.counts()) == 10 + len(SERVICES)


def test_once_measures_each_one_time_and_ends() -> None:
    schedule = scheduled(standing(50, 10), Pace(once=True))
    run = Simulated(schedule).until(MIDNIGHT + DAY_S)
    assert set(run.counts().values()) == {1}
    assert len(run.spans) == 50 + len(SERVICES)
    assert schedule.next(run.now) is None


@pytest.mark.parametrize("once", [True, False])
def test_a_limit_ends_it(once: bool) -> None:
    schedule = scheduled(standing(50, 50), Pace(once=once, limit=7))
    assert len(Simulated(schedule).until(MIDNIGHT + 9 * DAY_S).spans) == 7


def test_the_order_is_another_each_time_and_the_same_for_the_same_chance() -> None:
    def order(seed: int) -> list[str]:
        schedule = scheduled(standing(30, 30), Pace(once=True), seed=seed)
        return [task.about for _, _, task in Simulated(schedule).until(MIDNIGHT + DAY_S).spans]

    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == sorted(order(2))


def test_services_come_first() -> None:
    run = Simulated(scheduled(standing(30, 30), Pace(once=True))).until(MIDNIGHT + DAY_S)
    assert {task.method for _, _, task in run.spans[: len(SERVICES)]} == set(SERVICES)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("http://a.b.example.kz:8080/", "example.kz"),
        ("https://192.0.2.1/", "192.0.2.1"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://com/", "com"),
    ],
)
def test_the_site_of_a_url_is_its_registered_domain(url: str, site: str) -> None:
    assert entry("web_connectivity", url).task.sites == (site,)
