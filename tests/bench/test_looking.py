"""What would have been told at the time, from looks by hand and at a small world."""

import datetime as dt

from bench.blocking.country import FIRST, HOUR_S
from bench.blocking.looking import Look, lived, looks, moments
from bench.blocking.scored import Told
from bench.blocking.world import World
from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.blocking import BlockingIncident

DAY = 24 * HOUR_S


def telling(target: str, day: int, until: int) -> Told:
    return Told(
        "AA",
        frozenset({target}),
        frozenset({1, 2}),
        FIRST + day * DAY,
        FIRST + until * DAY,
        FIRST + day * DAY,
        2,
        0.9,
        frozenset(),
    )


def test_moments_are_evenly_spread_and_end_with_the_window() -> None:
    assert moments(0, 90 * DAY, 3) == [30 * DAY, 60 * DAY, 90 * DAY]


def test_what_was_told_falsely_counts_once_and_stays_counted_when_it_is_withdrawn() -> None:
    early = Look(FIRST + 10 * DAY, (telling("a.example", 5, 10), telling("b.example", 6, 10)))
    later = Look(FIRST + 20 * DAY, (telling("a.example", 5, 12), telling("a.example", 18, 20)))
    found = lived([early, later], [], 1.0)
    assert (found.looks, found.false.events, found.withdrawn) == (2, 3, 1)
    assert (found.found.of, found.lost) == (0, 0)


def test_a_look_sees_nothing_of_what_came_after_it() -> None:
    world = World(seed=3, countries=3, days=12, scale=0.3)
    rows = [one.rows for one in world.simulated()]
    latest: list[int] = []

    def detect(evidence: Evidence) -> list[BlockingIncident]:
        latest.append(max(int(hour.timestamp()) for hour in _hours(evidence)))
        return []

    assert [look.told for look in looks(rows, detect, moments(world.begin, world.end, 3))] == [(), (), ()]
    offsets = [moment - seen for moment, seen in zip(moments(world.begin, world.end, 3), latest, strict=True)]
    assert all(0 < offset < 4 * DAY for offset in offsets)
    assert latest == sorted(set(latest))


def _hours(evidence: Evidence) -> "list[dt.datetime]":
    return [
        hour.replace(tzinfo=dt.UTC) for hour in evidence.histories["hour"].to_pylist() if hour is not None
    ]
