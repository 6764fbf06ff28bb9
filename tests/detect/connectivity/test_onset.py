import pytest

from lampwatch.detect.connectivity.onset import ended, lasting, settled
from lampwatch.detect.connectivity.scan import Bin, Ended, Watch
from lampwatch.model.disturbance import Direction
from lampwatch.model.event import Turn
from tests.detect.connectivity.making import HOUR, MONDAY, OF_USERS, header


def watch(
    *left: float, before: int = MONDAY, known: int = MONDAY + HOUR, direction: Direction = Direction.DROP
) -> Watch:
    """A disturbance by what was left of 100 in each hour."""
    bins = [Bin(MONDAY + at * HOUR, 100 * share, 100.0, 40 * (share - 1)) for at, share in enumerate(left)]
    return Watch(direction, before, known, bins)


def test_a_cliff_at_a_bin_s_beginning_is_dated_to_it() -> None:
    onset = lasting(header(), watch(0, 0, 0, 0), HOUR, MONDAY + 4 * HOUR).onset
    assert (onset.turn, onset.at) == (Turn.ONSET, MONDAY)
    assert onset.low <= MONDAY < onset.high


@pytest.mark.parametrize("minutes", [15, 30, 45])
def test_a_first_bin_that_is_partly_away_tells_when_within_it_a_cliff_came(minutes: int) -> None:
    onset = lasting(header(), watch(minutes / 60, 0, 0, 0, 0), HOUR, MONDAY + 5 * HOUR).onset
    assert onset.at == pytest.approx(MONDAY + 60 * minutes, abs=60)


def test_an_onset_lies_between_the_last_ordinary_bin_and_the_end_of_the_first_odd_one() -> None:
    onset = lasting(header(), watch(0, 0, before=MONDAY - 3 * HOUR), HOUR, MONDAY + 2 * HOUR).onset
    assert (onset.low, onset.high) == (MONDAY - 3 * HOUR, MONDAY + HOUR)
    assert onset.high - onset.low >= HOUR


def test_what_lasts_has_no_end_and_lasts_until_the_last_bin_that_was_measured() -> None:
    found = lasting(header(), watch(0, 0), HOUR, MONDAY + 2 * HOUR)
    assert (found.end, found.until) == (None, MONDAY + 2 * HOUR)


def test_what_came_back_ends_with_the_first_ordinary_bin_and_is_known_later() -> None:
    over = Ended(watch(0, 0, 0), MONDAY + 3 * HOUR, MONDAY + 5 * HOUR)
    end = ended(header(), over, HOUR).end
    assert end is not None
    assert (end.turn, end.at, end.known) == (Turn.RECOVERY, MONDAY + 3 * HOUR, MONDAY + 5 * HOUR)
    assert end.low <= end.at <= end.high


def test_after_a_gap_it_may_have_ended_at_any_time_within_it() -> None:
    over = Ended(watch(0, 0, 0), MONDAY + 9 * HOUR, MONDAY + 11 * HOUR)
    end = ended(header(), over, HOUR).end
    assert end is not None
    assert end.low == MONDAY + 3 * HOUR
    assert end.low <= end.at <= end.high


def test_what_became_usual_did_so_at_any_time() -> None:
    end = settled(header(), watch(0.5, 0.5), HOUR, MONDAY + 2 * HOUR).end
    assert end is not None
    assert (end.turn, end.low, end.high) == (Turn.SETTLED, MONDAY, MONDAY + 2 * HOUR)


def test_depth_is_the_share_that_is_missing() -> None:
    found = lasting(header(), watch(*[0.2] * 10), HOUR, MONDAY + 10 * HOUR)
    assert (found.depth, found.usual, found.worst) == pytest.approx((0.8, 100, 20))


def test_one_odd_bin_among_many_makes_no_depth() -> None:
    assert lasting(header(), watch(*[0.6] * 40, 0.0, *[0.6] * 40), HOUR, MONDAY).depth == pytest.approx(0.4)


def test_a_long_slow_recovery_takes_no_depth_away() -> None:
    back = [0.05 + at / 200 for at in range(100)]
    assert lasting(header(), watch(*[0.05] * 20, *back), HOUR, MONDAY).depth == pytest.approx(0.95)


def test_of_a_surge_depth_is_what_is_added() -> None:
    surge = watch(11.0, 11.0, 11.0, direction=Direction.SURGE)
    assert lasting(header("KZ", OF_USERS), surge, HOUR, MONDAY).depth == pytest.approx(10)


def test_a_cliff_has_no_ramp_and_a_ramp_is_as_long_as_it_took() -> None:
    cliff = lasting(header(), watch(0.5, 0, 0, 0, 0, 0), HOUR, MONDAY)
    slope = lasting(header(), watch(*(1 - at / 10 for at in range(1, 11)), *[0.0] * 5), HOUR, MONDAY)
    assert cliff.ramp_s == 0
    assert slope.ramp_s == pytest.approx(7 * HOUR, abs=2 * HOUR)


def test_a_recovery_is_as_long_as_it_took_from_the_last_deep_bin() -> None:
    slow = Ended(watch(0, 0, 0, *(at / 10 for at in range(1, 9))), MONDAY + 11 * HOUR, MONDAY + 13 * HOUR)
    quick = Ended(watch(0, 0, 0), MONDAY + 3 * HOUR, MONDAY + 5 * HOUR)
    assert ended(header(), slow, HOUR).recovery_s == pytest.approx(7 * HOUR, abs=HOUR)
    assert ended(header(), quick, HOUR).recovery_s == 0


def test_a_slight_departure_long_before_is_no_part_of_a_deep_one() -> None:
    found = lasting(header(), watch(*[0.9] * 48, *[0.0] * 24), HOUR, MONDAY)
    assert found.onset.low <= MONDAY + 48 * HOUR <= found.onset.high
    assert found.onset.known >= found.onset.high
