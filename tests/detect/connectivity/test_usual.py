import numpy as np
import pytest

from lampwatch.detect.connectivity.panel import Floats
from lampwatch.detect.connectivity.usual import Usual, median
from lampwatch.model.series import Family, Quantity, Series
from tests.detect.connectivity.making import DAY, HOUR, MONDAY, OF_BGP, OF_TRAFFIC, OF_USERS, header, moment

NAN = float("nan")
FIRST_BLOCK = MONDAY // DAY


def hourly(days: int, *, by_day: dict[int, float] | None = None) -> Floats:
    """Slots of days, a row a day: a wave over the UTC day, times what a day of the week is worth."""
    hours = 100.0 + 20 * np.cos(np.arange(24.0) * np.pi / 12)
    rows = [hours * (by_day or {}).get(day % 7, 1.0) for day in range(days)]
    return np.array(rows).reshape(days, 24)


def learnt(slots: Floats, series: Series | None = None) -> Usual:
    """What is usual after days of slots, from a Monday on, by default in Iceland, whose clocks are at UTC."""
    usual = Usual((series or header("IS"),), HOUR, DAY)
    for day, row in enumerate(slots):
        expected = usual.expected(FIRST_BLOCK + day, 0)[:, 1:-1]
        departures = usual.departures(row[None, :], expected)
        usual.learn(FIRST_BLOCK + day, 0, row[None, :], expected, departures, np.zeros(1))
    return usual


def expected(usual: Usual, day: int) -> Floats:
    """What is expected of the 24 hours of a day, counted from the first."""
    slots: Floats = usual.expected(FIRST_BLOCK + day, 0)[0, 1:-1]
    return slots


@pytest.mark.parametrize("row", [[3, 1, 2], [1, 2, 3, NAN], [2, 2, NAN, NAN], [1, 3], [NAN, 2]])
def test_the_median_leaves_out_what_is_missing(row: list[float]) -> None:
    middle, count = median(np.array([row]))
    assert (middle[0], count[0]) == (2, sum(one == one for one in row))  # noqa: PLR0124  NaN is not itself


def test_the_median_of_nothing_is_nothing() -> None:
    middle, count = median(np.array([[NAN, NAN]]))
    assert np.isnan(middle[0])
    assert count[0] == 0


def test_the_median_goes_along_any_axis() -> None:
    table = np.array([[1.0, 10.0], [3.0, NAN], [2.0, 30.0]])
    assert median(table, axis=0)[0].tolist() == [2, 20]


def test_nothing_is_expected_of_a_series_that_nobody_knows() -> None:
    assert np.isnan(expected(learnt(hourly(0)), 0)).all()


def test_a_young_series_is_expected_to_be_what_it_was_in_the_middle() -> None:
    found = expected(learnt(hourly(1)), 1)
    assert found.min() == found.max()
    assert found[0] == pytest.approx(100, rel=0.05)


def test_after_days_each_hour_is_expected_to_be_as_it_was() -> None:
    assert expected(learnt(hourly(5)), 5) == pytest.approx(hourly(1)[0], rel=0.03)


def test_after_weeks_each_day_of_the_week_is_expected_to_be_as_it_was() -> None:
    usual = learnt(hourly(28, by_day={5: 0.5, 6: 0.4}))
    weekend = {4: 1.0, 5: 0.5, 6: 0.4, 0: 1.0}
    for day, share in weekend.items():
        assert expected(usual, 28 + day)[1:-1] == pytest.approx(share * hourly(1)[0][1:-1], rel=0.03)
        usual.learn(
            FIRST_BLOCK + 28 + day, 0, np.full((1, 24), NAN), np.ones((1, 24)), np.ones((1, 24)), np.zeros(1)
        )


def test_a_holiday_is_expected_to_be_like_a_day_of_rest() -> None:
    # 2022-01-03, the first day, is a Monday; so is 4 July, a holiday of the United States, 182 days later.
    usual = learnt(hourly(182, by_day={5: 0.5, 6: 0.5}), header("US"))
    # By UTC, the holiday begins four hours late.
    assert expected(usual, 182)[6:23] == pytest.approx(0.5 * hourly(1)[0][6:23], rel=0.05)


def test_a_holiday_is_no_example_of_its_weekday() -> None:
    days = hourly(189, by_day={5: 0.5, 6: 0.5})
    days[182] *= 0.5
    assert expected(learnt(days, header("US")), 189)[6:23] == pytest.approx(hourly(1)[0][6:23], rel=0.05)


def test_what_is_not_learnt_leaves_what_is_usual_as_it_was() -> None:
    usual = learnt(hourly(28))
    before = expected(usual, 28)
    usual.frozen[:] = True
    nothing = np.full((1, 24), NAN)
    for day in range(28, 88):
        usual.learn(FIRST_BLOCK + day, 0, nothing, np.ones((1, 24)), nothing, np.array([NAN]))
        usual.expected(FIRST_BLOCK + day, 0)
    assert expected(usual, 88) == pytest.approx(before, rel=0.02)


def test_a_series_that_was_silent_for_longer_than_four_weeks_begins_anew() -> None:
    assert np.isnan(expected(learnt(hourly(28)), 28 + 30)).all()


def test_one_odd_day_does_not_become_usual() -> None:
    days = hourly(29)
    days[24] *= 0.1
    assert expected(learnt(days), 31) == pytest.approx(hourly(1)[0], rel=0.03)


def test_hours_are_those_of_the_local_clock_when_summer_time_begins() -> None:
    """A series of local hours is expected to be the same at the same local hour after the clocks changed."""
    first = moment("DE", 2022, 3, 1) // DAY
    usual = Usual((header("DE"),), HOUR, DAY)
    for block in range(first, first + 32):
        ahead = 1 if block * DAY < moment("DE", 2022, 3, 27) else 2
        slots = 100.0 + (np.arange(24.0) + ahead) % 24
        usual.learn(block, 0, slots[None, :], slots[None, :], np.zeros((1, 24)), np.zeros(1))
    found = usual.expected(first + 32, 0)[0, 1:-1]
    assert found[3:20] == pytest.approx(100 + np.arange(3.0, 20.0) + 2, rel=0.005)


def test_hours_before_the_clocks_change_are_those_of_the_old_clock() -> None:
    """They change in New York at 7 in the morning, UTC."""
    first = moment("US", 2022, 2, 20) // DAY
    usual = Usual((header("US"),), HOUR, DAY)
    for block in range(first, moment("US", 2022, 3, 13) // DAY):
        slots = 100.0 + (np.arange(24.0) - 5) % 24
        usual.learn(block, 0, slots[None, :], slots[None, :], np.zeros((1, 24)), np.zeros(1))
    found = usual.expected(moment("US", 2022, 3, 13) // DAY, 0)[0, 1:-1]
    assert found[1:4] == pytest.approx(100 + np.arange(20.0, 23.0), rel=0.005)
    assert found[9:20] == pytest.approx(100 + np.arange(9.0, 20.0) - 4, rel=0.005)


def test_hours_that_were_dark_for_days_are_known_from_before() -> None:
    usual = learnt(hourly(10))
    nothing = np.full((1, 24), NAN)
    usual.frozen[:] = True
    for day in range(10, 18):
        usual.learn(FIRST_BLOCK + day, 0, nothing, np.ones((1, 24)), nothing, np.array([NAN]))
    assert expected(usual, 18) == pytest.approx(hourly(1)[0], rel=0.03)


def test_a_share_that_is_whole_at_best_deviates_as_far_as_it_strays_below() -> None:
    """Nine of ten hours are whole, or all the same the middle of a symmetric noise."""
    below = np.where(np.arange(24) % 3, 100.0, 90.0)
    found = learnt(np.tile(below, (14, 1)), header("IS", ("own", "up", Family.PROBING, Quantity.SHARE)))
    counted = learnt(np.tile(below, (14, 1)), header("IS", OF_BGP))
    (share,), (count,) = (one.deviation(np.full((1, 24), 100.0))[0] for one in (found, counted))
    assert share == pytest.approx(0.08, abs=0.04)
    assert found.deviation(np.full((1, 24), 100.0))[0] > 0.03
    assert count > 0


@pytest.mark.parametrize("country", ["MM", "NP", "IN"])
def test_a_clock_that_is_half_an_hour_off_has_the_same_hours_each_day(country: str) -> None:
    assert expected(learnt(hourly(28), header(country)), 28) == pytest.approx(hourly(1)[0], rel=0.03)


@pytest.mark.parametrize("of", [OF_BGP, OF_TRAFFIC, OF_USERS])
def test_departures_have_the_sign_of_what_is_missing_and_grow_with_it(
    of: tuple[str, str, object, object],
) -> None:
    usual = learnt(hourly(28), header("IS", of))  # type: ignore[arg-type]  # a signal
    values = np.array([[0.0, 50.0, 90.0, 100.0, 110.0, 200.0, 2000.0]])
    departures = usual.departures(values, np.full((1, 7), 100.0))[0]
    assert (np.diff(departures) > 0).all()
    assert departures[3] == 0
    assert np.isfinite(departures).all()


def test_a_count_that_is_half_as_large_deviates_more_for_chance_alone() -> None:
    series = [header("IS", OF_USERS), header("FR", OF_USERS)]
    usual = Usual(tuple(series), HOUR, DAY)
    for day in range(20):
        slots = np.stack([np.full(24, 10.0), np.full(24, 1000.0)])
        usual.learn(FIRST_BLOCK + day, 0, slots, slots, np.zeros((2, 24)), np.zeros(2))
    few, many = (
        usual.departures(np.array([[0.5 * n], [0.5 * n]]), np.full((2, 1), n))[0, 0] for n in (10.0, 1000.0)
    )
    assert 0 > few > many


@pytest.mark.parametrize("level", [0.0, 0.2, 1.0, 1e6])
@pytest.mark.parametrize("of", [OF_BGP, OF_TRAFFIC, OF_USERS])
def test_what_never_varies_still_has_a_deviation(level: float, of: tuple[str, str, object, object]) -> None:
    usual = Usual((header("IS", of),), HOUR, DAY)  # type: ignore[arg-type]  # a signal
    for day in range(10):
        slots = np.full((1, 24), level)
        usual.learn(FIRST_BLOCK + day, 0, slots, slots, np.zeros((1, 24)), np.zeros(1))
    assert usual.deviation(usual.expected(FIRST_BLOCK + 10, 0))[0][0] > 0
