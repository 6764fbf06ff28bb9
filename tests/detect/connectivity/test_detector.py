from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lampwatch.detect.connectivity.detector import Detector, disturbances
from lampwatch.detect.connectivity.panel import panels
from lampwatch.model.disturbance import Direction, Disturbance
from lampwatch.model.event import Turn
from lampwatch.model.series import Family, Quantity, Values
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MONDAY,
    OF_BGP,
    OF_FLIGHTS,
    OF_MEASUREMENTS,
    OF_PROBING,
    OF_TELESCOPE,
    OF_TRAFFIC,
    OF_USERS,
    Signal,
    changed,
    covered,
    given,
    header,
    ordinary,
    ramped,
    until,
    with_gap,
    without,
)

RESOLUTIONS = [FIVE_MINUTES, HOUR, DAY]
COUNTRIES = ["AR", "BR", "CL", "DE", "EG", "FR", "GB", "HU", "IN", "JP", "KZ", "MM"]
SHARE: Signal = ("own", "up", Family.PROBING, Quantity.SHARE)


def eventful(country: str, of: Signal, level: float, seed: int) -> Values:
    """Seven weeks of a series with six losses of other depths and lengths, and two gaps."""
    values = ordinary(header(country, of), 49, level=level, swing=0.6, rest=0.7, noise=0.03, seed=seed)
    begin = MONDAY + 15 * DAY
    for at, (hours, left) in enumerate([(3, 0.0), (30, 0.3), (5, 0.5), (12, 0.0), (60, 0.1), (9, 4.0)]):
        begin += 5 * DAY + at * 7 * HOUR
        values = changed(values, begin + 1300, begin + hours * HOUR, left)
    values = with_gap(values, MONDAY + 33 * DAY, MONDAY + 33 * DAY + 5 * HOUR)
    return without(values, MONDAY + 41 * DAY, MONDAY + 41 * DAY + 7 * HOUR)


@pytest.fixture(scope="module")
def several() -> list[Values]:
    """Series of five kinds: large and small, with nights in which too little is expected to judge."""
    kinds = [
        ("KZ", OF_BGP, 1000.0),
        ("MM", OF_USERS, 70.0),
        ("VE", OF_TRAFFIC, 50.0),
        ("IR", OF_FLIGHTS, 9.0),
        ("US", OF_MEASUREMENTS, 15.0),
    ]
    return [eventful(country, of, level, seed) for seed, (country, of, level) in enumerate(kinds)]


def in_steps(values: Sequence[Values], width: Callable[[], int]) -> list[Disturbance]:
    """The disturbances of one panel that is taken in so many bins at a time."""
    (panel,) = panels(values)
    detector = Detector(panel.series, panel.resolution_s, panel.first)
    found: list[Disturbance] = []
    for begin in range(0, panel.values.shape[1], panel.block_bins):
        block, at = panel.values[:, begin : begin + panel.block_bins], 0
        while at < panel.block_bins:
            step = width()
            found += detector.advance(block[:, at : at + step])
            at += step
    found += detector.lasting()
    return sorted(found, key=lambda one: (one.series.id, one.onset.at, one.direction))


def test_bins_that_come_one_by_one_in_pieces_or_by_the_day_give_the_same(several: list[Values]) -> None:
    random = np.random.default_rng(1)
    at_once = disturbances(several)
    assert len(at_once) > 20
    assert in_steps(several, lambda: 24) == at_once
    assert in_steps(several, lambda: 1) == at_once
    assert in_steps(several, lambda: int(random.integers(1, 9))) == at_once


def test_series_in_any_order_give_the_same(several: list[Values]) -> None:
    assert disturbances(several[::-1]) == disturbances(several)


def test_a_series_is_judged_alike_alone_and_beside_a_few_others(several: list[Values]) -> None:
    alone = [one for values in several for one in disturbances([values])]
    assert sorted(alone, key=lambda one: one.series.id) == disturbances(several)


def test_what_was_known_is_found_again_when_more_is_known(several: list[Values]) -> None:
    later = disturbances(several)
    for at in range(MONDAY + 16 * DAY + HOUR, MONDAY + 49 * DAY, 61 * HOUR):
        for one in disturbances([until(values, at) for values in several]):
            same = [
                other for other in later if other.series == one.series and other.direction is one.direction
            ]
            assert one.onset.known <= at
            assert any(
                other.onset.low <= one.onset.high
                and other.onset.high >= one.onset.low
                and other.onset.known <= at
                for other in same
            ), (at, one)


def test_what_ended_is_told_later_as_it_was_told_then(several: list[Values]) -> None:
    later = disturbances(several)
    for at in range(MONDAY + 22 * DAY, MONDAY + 49 * DAY, 3 * DAY):
        ended = [one for one in disturbances([until(values, at) for values in several]) if one.end]
        assert [one for one in ended if one not in later] == []


@pytest.mark.parametrize("country", ["DE", "US", "IR", "MM", "EG"])
@pytest.mark.parametrize("first", [MONDAY, MONDAY + 90 * DAY])
@pytest.mark.parametrize(
    ("of", "swing", "rest", "noise"),
    [
        (OF_BGP, 0.0, 1.0, 0.01),
        (OF_PROBING, 0.1, 0.95, 0.02),
        (OF_TRAFFIC, 0.5, 0.6, 0.02),
        (OF_FLIGHTS, 0.6, 0.7, 0.0),
    ],
)
def test_weekends_holidays_and_nights_of_its_own_country_raise_nothing(
    country: str, of: Signal, swing: float, rest: float, noise: float, first: int
) -> None:
    """From the first day of a series on, for eight weeks, once with Easter, Ramadan's end and Thingyan in them."""
    values = ordinary(header(country, of), 56, level=300, swing=swing, rest=rest, noise=noise, first=first)
    assert disturbances([values]) == []


@pytest.mark.parametrize("country", ["DE", "US", "IR", "EG"])
def test_a_weekend_that_is_deep_is_usual_by_the_bin_of_a_day_after_some_weeks(country: str) -> None:
    values = ordinary(header(country, OF_TRAFFIC, DAY), 84, rest=0.6, noise=0.02)
    assert [one for one in disturbances([values]) if one.onset.at > MONDAY + 35 * DAY] == []


@pytest.mark.parametrize("country", ["DE", "US"])
def test_summer_time_raises_nothing(country: str) -> None:
    """Four weeks before the clocks change, four weeks after."""
    values = ordinary(
        header(country, OF_TRAFFIC), 56, swing=0.4, rest=0.8, noise=0.02, first=MONDAY + 56 * DAY
    )
    assert disturbances([values]) == []


@pytest.mark.parametrize("resolution_s", [660, 1440, 2700, 5400, 5 * HOUR])
def test_bins_that_hours_are_not_made_of_are_judged_as_well(resolution_s: int) -> None:
    begin, end = MONDAY + 30 * DAY, MONDAY + 32 * DAY
    values = ordinary(header(resolution_s=resolution_s), 40, swing=0.2)
    assert disturbances([values]) == []
    (found,) = disturbances([changed(values, begin, end)])
    assert found.onset.at == pytest.approx(begin, abs=2 * resolution_s)
    assert found.end is not None
    assert found.end.at == pytest.approx(end, abs=2 * resolution_s)


def test_weeks_as_bins_are_judged_as_well() -> None:
    begin, end = MONDAY + 280 * DAY, MONDAY + 315 * DAY
    values = ordinary(header(resolution_s=7 * DAY), 400)
    assert disturbances([values]) == []
    (found,) = disturbances([changed(values, begin, end)])
    assert covered([found], begin, end) >= 0.95


@pytest.mark.parametrize("resolution_s", RESOLUTIONS)
@pytest.mark.parametrize("days", [19, 60])
@pytest.mark.parametrize("of", [OF_BGP, OF_TRAFFIC])
def test_a_blackout_of_any_length_is_one_disturbance_from_end_to_end(
    resolution_s: int, days: int, of: Signal
) -> None:
    begin = MONDAY + 40 * DAY + 7 * HOUR
    end = begin + days * DAY
    swing, rest = (0.3, 0.8) if of is OF_TRAFFIC else (0.0, 1.0)
    values = ordinary(
        header("KZ", of, resolution_s), 50 + days, level=5000, swing=swing, rest=rest, noise=0.02
    )
    (found,) = disturbances([changed(values, begin, end, 0.02)])
    assert covered([found], begin, end) >= 0.95
    assert found.onset.at == pytest.approx(begin, abs=resolution_s)
    assert found.onset.low <= begin <= found.onset.high
    assert found.onset.known <= begin + 2 * resolution_s
    assert found.end is not None
    assert found.end.turn is Turn.RECOVERY
    assert found.end.at == pytest.approx(end, abs=2 * resolution_s)
    assert found.depth > 0.9


def test_a_long_outage_does_not_eat_what_is_usual_at_night() -> None:
    """At night too little is expected to judge; when all is back, nights are as they were, and no surge."""
    begin, end = MONDAY + 30 * DAY, MONDAY + 55 * DAY
    values = ordinary(header("KZ", OF_USERS), 70, level=70, swing=0.8, noise=0.0)
    found = disturbances([changed(values, begin, end)])
    assert [one.direction for one in found] == [Direction.DROP]
    assert covered(found, begin, end) > 0.95


def test_nights_of_darkness_are_no_season_however_young_a_series_is() -> None:
    values = ordinary(header("MM", OF_TRAFFIC), 45, swing=0.4, rest=0.85, noise=0.02)
    nights = [MONDAY + (5 + night) * DAY + 18 * HOUR for night in range(40)]
    for begin in nights:
        values = changed(values, begin, begin + 8 * HOUR, 0.02)
    assert [one.onset.at // DAY for one in disturbances([values])] == [begin // DAY for begin in nights]


def test_a_slow_ramp_is_one_disturbance_with_a_ramp() -> None:
    begin, deepest, end = MONDAY + 30 * DAY, MONDAY + 30 * DAY + 12 * HOUR, MONDAY + 33 * DAY
    values = ordinary(header("KZ", OF_PROBING, FIVE_MINUTES), 40, noise=0.02)
    (found,) = disturbances([ramped(values, begin, deepest, end)])
    assert begin <= found.onset.at <= begin + 6 * HOUR
    assert found.ramp_s > HOUR
    assert found.end is not None
    assert found.end.at == pytest.approx(end, abs=2 * FIVE_MINUTES)


@pytest.mark.parametrize("of", [OF_BGP, OF_PROBING, OF_TRAFFIC])
def test_a_partial_drop_is_one_disturbance_of_that_depth(of: Signal) -> None:
    begin, end = MONDAY + 30 * DAY + 5 * HOUR, MONDAY + 32 * DAY
    values = ordinary(header("KZ", of), 40, swing=0.3, noise=0.02)
    (found,) = disturbances([changed(values, begin, end, 0.6)])
    assert found.depth == pytest.approx(0.4, abs=0.08)
    assert found.onset.at == pytest.approx(begin, abs=HOUR)


@pytest.mark.parametrize("resolution_s", [HOUR, DAY])
def test_ten_times_the_users_are_a_surge(resolution_s: int) -> None:
    begin, end = MONDAY + 30 * DAY, MONDAY + 40 * DAY
    values = ordinary(header("KZ", OF_USERS, resolution_s), 50, level=500, swing=0.3, noise=0.05)
    (found,) = disturbances([changed(values, begin, end, 10.0)])
    assert found.direction is Direction.SURGE
    assert found.onset.at == pytest.approx(begin, abs=resolution_s)
    assert found.depth > 5
    assert covered([found], begin, end) >= 0.95


@pytest.mark.parametrize("of", [OF_BGP, OF_PROBING, OF_TELESCOPE, OF_TRAFFIC])
def test_ten_times_the_traffic_or_routes_are_nothing(of: Signal) -> None:
    values = ordinary(header("KZ", of), 40)
    assert disturbances([changed(values, MONDAY + 30 * DAY, MONDAY + 31 * DAY, 10.0)]) == []


@pytest.mark.parametrize("resolution_s", RESOLUTIONS)
@pytest.mark.parametrize("hole", [with_gap, without])
@pytest.mark.parametrize("days", [1, 10, 40])
def test_a_gap_is_no_outage(resolution_s: int, hole: Callable[[Values, int, int], Values], days: int) -> None:
    values = ordinary(header("KZ", OF_TRAFFIC, resolution_s), 80, swing=0.3, rest=0.8, noise=0.02)
    assert disturbances([hole(values, MONDAY + 30 * DAY, MONDAY + (30 + days) * DAY)]) == []


def test_minus_one_and_infinity_are_gaps() -> None:
    values = ordinary(header(), 30)
    for odd in (-1.0, float("inf"), float("-inf"), 1e300):
        values.values[500:510] = odd
        assert disturbances([values]) == []


@pytest.mark.parametrize("of", [OF_BGP, OF_TRAFFIC, SHARE])
def test_a_source_that_fails_for_all_countries_is_no_outage(of: Signal) -> None:
    level = 0.9 if of is SHARE else 1000.0
    begin = MONDAY + 30 * DAY
    several = [ordinary(header(place, of), 40, level=level) for place in COUNTRIES]
    assert disturbances([changed(one, begin, begin + 9 * HOUR) for one in several]) == []


def test_what_all_countries_have_in_common_is_nobody_s_event_and_what_one_has_alone_is_its_own() -> None:
    begin = MONDAY + 30 * DAY
    several = [ordinary(header(place, OF_TRAFFIC), 40, swing=0.2) for place in COUNTRIES]
    common = [changed(one, begin, begin + 3 * DAY, 0.6) for one in several]
    assert disturbances(common) == []
    common[3] = changed(common[3], begin + DAY, begin + 2 * DAY, 0.1)
    assert [one.series.entity.code for one in disturbances(common)] == ["DE"]


@pytest.mark.parametrize("seed", range(4))
def test_chance_alone_raises_next_to_nothing_in_sixty_days(seed: int) -> None:
    values = ordinary(header("KZ", OF_FLIGHTS), 60, level=7, noise=0.0, seed=seed)
    assert len(disturbances([values])) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_seven_an_hour_that_become_none_are_known_within_three_bins(seed: int) -> None:
    begin, end = MONDAY + 50 * DAY + 9 * HOUR, MONDAY + 51 * DAY
    values = ordinary(header("KZ", OF_FLIGHTS), 60, level=7, noise=0.0, seed=seed)
    found = [
        one for one in disturbances([changed(values, begin, end)]) if one.until > begin and one.onset.at < end
    ]
    (one,) = found
    assert one.onset.known <= begin + 3 * HOUR
    assert covered(found, begin, end) > 0.8


def test_a_lasting_and_steady_change_becomes_what_is_usual() -> None:
    begin = MONDAY + 30 * DAY
    values = ordinary(header("KZ", OF_PROBING), 120, swing=0.1)
    (found,) = disturbances([changed(values, begin, MONDAY + 120 * DAY, 0.6)])
    assert found.end is not None
    assert found.end.turn is Turn.SETTLED
    assert found.end.low <= found.end.at <= found.end.high
    assert begin + 20 * DAY < found.end.at < MONDAY + 120 * DAY


@pytest.mark.parametrize("days", [6, 12])
def test_after_a_long_blackout_of_a_young_series_its_days_and_nights_are_as_they_were(days: int) -> None:
    """Ten days are known before it: nothing is told of the days after it, though they differ from the nights."""
    begin, end = MONDAY + 10 * DAY, MONDAY + (10 + days) * DAY
    values = ordinary(header("KZ", OF_TRAFFIC), 30 + days, swing=0.7, rest=0.9, noise=0.02)
    (found,) = disturbances([changed(values, begin, end, 0.05)])
    assert covered([found], begin, end) >= 0.95
    assert found.until == pytest.approx(end, abs=2 * HOUR)


def test_a_day_of_rest_that_no_calendar_knows_is_usual_after_some_weeks() -> None:
    """Thursdays, when it is quiet, and not dark."""
    values = ordinary(header("KZ", OF_TRAFFIC), 84, swing=0.3, rest=0.9, noise=0.02)
    for week in range(12):
        day = MONDAY + (7 * week + 3) * DAY
        values = changed(values, day - 6 * HOUR, day + 18 * HOUR, 0.6)
    assert [one for one in disturbances([values]) if one.onset.at > MONDAY + 42 * DAY] == []


def test_a_share_that_is_nearly_whole_strays_below_only_and_that_is_usual() -> None:
    """Of fourteen addresses most answer, so that the middle hour is whole and tells nothing of the others."""
    random = np.random.default_rng(3)
    regions = [
        given(header(f"US-LA/{n}", SHARE), np.minimum(random.binomial(14, 0.93, 300) / 13, 1.0))
        for n in range(40)
    ]
    assert len(disturbances(regions)) <= 6


def test_a_blackout_is_over_when_most_of_it_is_back_and_the_rest_stays_away_for_days() -> None:
    """A sixth of the networks never comes back; a later loss is another one."""
    begin, end, again = MONDAY + 20 * DAY, MONDAY + 27 * DAY, MONDAY + 40 * DAY
    values = ordinary(header("KZ", OF_PROBING), 60, noise=0.01)
    values = changed(changed(values, begin, end, 0.05), end, MONDAY + 60 * DAY, 0.84)
    first, second = disturbances([changed(values, again, again + 9 * HOUR, 0.1)])
    assert first.until == pytest.approx(end, abs=HOUR)
    assert first.end is not None
    assert first.end.known == pytest.approx(end + 2 * DAY, abs=2 * HOUR)
    assert second.onset.at == pytest.approx(again, abs=HOUR)


def test_users_that_fall_by_steps_over_two_weeks_are_one_disturbance() -> None:
    values = ordinary(header("RU", OF_USERS, DAY), 150, level=300_000, noise=0.03)
    for day, left in ((100, 0.88), (104, 0.88), (109, 0.88), (113, 0.88)):
        values = changed(values, MONDAY + day * DAY, MONDAY + 150 * DAY, left)
    (found,) = disturbances([values])
    assert MONDAY + 98 * DAY <= found.onset.at <= MONDAY + 112 * DAY
    assert found.onset.known <= MONDAY + 122 * DAY
    assert found.depth == pytest.approx(0.4, abs=0.07)


def test_those_who_are_left_after_a_fall_may_rise_themselves_and_it_lasts_until_all_are_back() -> None:
    begin, end = MONDAY + 60 * DAY, MONDAY + 260 * DAY
    values = changed(ordinary(header("CN", OF_USERS, DAY), 300, level=5000, noise=0.05), begin, end, 0.1)
    values = changed(values, MONDAY + 150 * DAY, MONDAY + 158 * DAY, 6.0)
    found = disturbances([values])
    drops = [one for one in found if one.direction is Direction.DROP]
    surges = [one for one in found if one.direction is Direction.SURGE]
    (drop,) = drops
    assert covered([drop], begin, end) >= 0.95
    assert drop.until == pytest.approx(end, abs=DAY)
    assert [one.onset.at // DAY * DAY for one in surges] == [MONDAY + 150 * DAY, end]
    assert surges[0].depth == pytest.approx(5, abs=1)


def test_one_bin_that_lacks_more_does_not_keep_a_partial_fall_from_being_usual() -> None:
    begin = MONDAY + 60 * DAY
    values = changed(ordinary(header("KZ", OF_USERS, DAY), 160, noise=0.03), begin, MONDAY + 160 * DAY, 0.55)
    values = changed(values, begin + 20 * DAY, begin + 21 * DAY, 0.1)
    (found,) = disturbances([values])
    assert found.end is not None
    assert found.end.turn is Turn.SETTLED


def test_a_wrong_time_long_ago_makes_no_decades_of_bins() -> None:
    begin = MONDAY + 30 * DAY
    values = changed(ordinary(header(), 40), begin, begin + 6 * HOUR)
    starts = np.concatenate(([5 * HOUR], values.starts))
    stray = Values(values.series, starts, np.concatenate(([3.0], values.values)), starts + HOUR)
    assert disturbances([stray]) == disturbances([values])


def test_after_a_change_settled_a_loss_is_one_from_the_new_level() -> None:
    begin = MONDAY + 100 * DAY
    values = changed(ordinary(header("KZ", OF_PROBING), 120), MONDAY + 30 * DAY, MONDAY + 120 * DAY, 0.6)
    found = disturbances([changed(values, begin, begin + 6 * HOUR, 0.2)])
    assert len(found) == 2
    assert found[1].onset.at == pytest.approx(begin, abs=HOUR)
    assert found[1].depth == pytest.approx(0.8, abs=0.05)


def test_a_series_that_begins_late_is_judged_from_its_own_days_on() -> None:
    early = ordinary(header("KZ"), 60)
    late = changed(ordinary(header("VE"), 20, first=MONDAY + 40 * DAY), MONDAY + 55 * DAY, MONDAY + 56 * DAY)
    (found,) = disturbances([early, late])
    assert found.series.entity.code == "VE"
    assert found == disturbances([late])[0]


@pytest.mark.parametrize(
    "numbers", [[], [0.0] * 500, [5.0], [7.0] * 500, [0.0] * 400 + [5.0] * 100, [float("nan")] * 99]
)
@pytest.mark.parametrize("of", [OF_BGP, OF_TRAFFIC, OF_FLIGHTS, SHARE])
def test_nothing_happens_in_series_in_which_nothing_does(numbers: list[float], of: Signal) -> None:
    assert disturbances([given(header("KZ", of), numbers)]) == []


@pytest.mark.parametrize("of", [OF_BGP, OF_TRAFFIC, OF_USERS, OF_TELESCOPE])
def test_times_and_depths_are_in_order(of: Signal) -> None:
    for one in disturbances([eventful("KZ", of, 500.0, 3)]):
        assert one.onset.low <= one.onset.at <= one.onset.high <= one.onset.known
        assert one.depth > 0
        assert min(one.ramp_s, one.recovery_s) >= 0
        assert one.end is None or one.end.low <= one.end.at <= one.end.high <= one.end.known
        assert one.onset.at < one.until
