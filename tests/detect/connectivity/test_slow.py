import numpy as np
import pytest

from lampwatch.detect.connectivity.panel import Floats
from lampwatch.detect.connectivity.slow import Moved, Slow
from lampwatch.detect.connectivity.world import World
from tests.detect.connectivity.making import DAY, OF_BGP, OF_USERS, Signal, header

PLACES = ["AR", "BR", "CL", "DE", "EG", "FR", "GB", "HU", "IN", "JP", "KZ", "MM", "NG", "PL"]


def moved(sizes: Floats, of: Signal = OF_USERS) -> list[tuple[int, Moved]]:
    """The days, and what is found on them, of series in rows, which have so many users a day each."""
    series = tuple(header(place, of, DAY) for place in PLACES[: len(sizes)])
    slow = Slow(series, World(series))
    return [(day, one) for day in range(sizes.shape[1]) for one in slow.take(sizes[:, day])]


def noisy(days: int, rows: int = 1, noise: float = 0.03, level: float = 5000.0) -> Floats:
    random = np.random.default_rng(days)
    return np.round(level * (1 + noise * random.standard_normal((rows, days))))


def stepped(days: int, begin: int, steps: list[float], every: int = 4) -> Floats:
    """What is left on each day: a step from begin on, and another one after so many days."""
    at = np.clip((np.arange(days) - begin) // every, -1, len(steps) - 1)
    return np.where(at < 0, 1.0, np.array(steps)[np.maximum(at, 0)])


def test_a_fall_by_steps_over_two_weeks_is_found_from_where_it_left() -> None:
    found = moved(noisy(140) * stepped(140, 100, [0.9, 0.8, 0.7, 0.6]))
    day, one = found[0]
    assert 108 <= day <= 118
    assert one.before == pytest.approx(5000, rel=0.03)
    assert one.score < -5
    assert one.since[-1] < 0.75 * one.before
    assert 100 <= day - len(one.since) + 1 <= 112


def test_users_that_double_within_two_weeks_are_found_and_routes_that_do_are_not() -> None:
    growth = np.concatenate([np.ones(100), 2.0 ** (np.arange(1, 15) / 14), np.full(26, 2.0)])
    assert moved(noisy(140) * growth)[0][1].score > 5
    assert moved(noisy(140) * growth, OF_BGP) == []


@pytest.mark.parametrize("monthly", [0.85, 1.0, 1.2])
def test_what_changes_steadily_for_months_is_its_way(monthly: float) -> None:
    assert moved(noisy(400) * monthly ** (np.arange(400) / 30)) == []


def test_a_fall_of_a_fifth_is_nothing() -> None:
    assert moved(noisy(140) * stepped(140, 100, [0.9, 0.8])) == []


def test_a_series_that_moves_as_far_every_month_is_as_usual() -> None:
    waves = np.exp(0.4 * np.sin(np.arange(300) / 40 * 2 * np.pi))
    assert moved(noisy(300) * waves) == []


def test_what_countries_move_in_common_is_nobody_s_and_what_one_moves_more_is_its_own() -> None:
    sizes = noisy(160, 14) * stepped(160, 110, [0.8, 0.65, 0.5])
    assert moved(sizes) == []
    sizes[3] *= stepped(160, 112, [0.8, 0.65, 0.5])
    assert {one.row for _, one in moved(sizes)} == {3}


def test_when_countries_move_apart_more_than_they_do_none_of_them_is_told() -> None:
    sizes = noisy(160, 14)
    for row, times in enumerate(np.geomspace(1.0, 8.0, 14)):
        sizes[row] *= 1 / stepped(160, 110, [float(times**-0.4), float(times**-0.7), 1 / float(times)])
    assert moved(sizes) == []


def test_what_is_back_today_is_no_more() -> None:
    sizes = noisy(140) * stepped(140, 100, [0.5, 0.5, 1.0], every=3)
    assert [day for day, _ in moved(sizes) if day >= 106] == []


def test_a_young_series_and_a_handful_of_users_tell_nothing() -> None:
    assert moved(noisy(60) * stepped(60, 30, [0.8, 0.6, 0.5])) == []
    few = np.random.default_rng(1).poisson(20 * stepped(140, 100, [0.8, 0.6, 0.5]))[None, :]
    assert moved(few.astype(np.float64)) == []


def test_days_that_nobody_counted_are_no_fall() -> None:
    sizes = noisy(140)
    sizes[:, 100:120] = np.nan
    assert moved(sizes) == []
