import itertools

from lampwatch.detect.connectivity.parts import agreed_onset, is_drop, middle, parts
from lampwatch.model.disturbance import Direction, Disturbance
from lampwatch.model.event import Event, Turn
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MONDAY,
    OF_BGP,
    OF_TELESCOPE,
    OF_USERS,
    Signal,
    header,
    part,
)


def disturbance(
    begin: float,
    end: float | None,
    *,
    depth: float = 0.9,
    turn: Turn = Turn.RECOVERY,
    of: Signal = OF_BGP,
    direction: Direction = Direction.DROP,
) -> Disturbance:
    """One of hourly bins, in hours from Monday on."""
    at = MONDAY + round(begin * HOUR)
    onset = Event(Turn.ONSET, at, at, at + HOUR, at + 2 * HOUR)
    over = None
    if end is not None:
        over_at = MONDAY + round(end * HOUR)
        over = Event(turn, over_at, over_at - HOUR, over_at, over_at + 2 * HOUR)
    last = MONDAY + 400 * DAY
    return Disturbance(header("KZ", of), direction, onset, over, depth, 100.0, 10.0, 9.0, 0, 0, last)


def test_a_disturbance_alone_is_one_part() -> None:
    (one,) = parts([disturbance(0, 5)])
    assert (one.entity, one.onset.at, one.until) == ("KZ", MONDAY, MONDAY + 5 * HOUR)
    assert is_drop(one)


def test_a_short_return_within_a_long_one_does_not_end_it() -> None:
    (one,) = parts([disturbance(0, 40), disturbance(45, 80)])
    assert (one.onset.at, one.until) == (MONDAY, MONDAY + 80 * HOUR)


def test_nights_are_parts_of_their_own() -> None:
    assert len(parts([disturbance(24 * night, 24 * night + 8) for night in range(10)])) == 10


def test_what_settled_goes_on_with_nothing() -> None:
    assert len(parts([disturbance(0, 1000, turn=Turn.SETTLED), disturbance(1001, 1010)])) == 2


def test_a_drop_and_a_surge_or_two_signals_are_never_one_part() -> None:
    surge = disturbance(0, 5, direction=Direction.SURGE)
    assert len(parts([disturbance(0, 5), surge, disturbance(0, 5, of=OF_USERS)])) == 3
    assert [is_drop(one) for one in parts([surge])] == [False]


def test_a_part_is_as_deep_as_its_deepest_and_lasts_while_its_last_does() -> None:
    (one,) = parts([disturbance(0, 40, depth=0.5), disturbance(41, None, depth=0.9)])
    assert (one.depth, one.end) == (0.9, None)
    assert one.until == MONDAY + 400 * DAY


def test_a_short_one_within_a_long_one_is_a_part_of_its_own_and_does_not_end_it() -> None:
    for end in (400, None):
        long, short = parts([disturbance(0, end), disturbance(100, 120, depth=0.95), disturbance(121, 130)])
        assert (long.onset.at, long.depth, long.end is None) == (MONDAY, 0.9, end is None)
        assert (short.onset.at, short.until) == (MONDAY + 100 * HOUR, MONDAY + 130 * HOUR)


def test_disturbances_in_any_order_are_the_same_parts() -> None:
    several = [disturbance(0, 40), disturbance(45, 80), disturbance(400, 410), disturbance(0, 5, of=OF_USERS)]
    assert all(parts(order) == parts(several) for order in itertools.permutations(several))


def test_of_nothing_there_are_no_parts_and_no_middle() -> None:
    assert parts([]) == []
    assert middle([]) == 0
    assert middle([3, 1, 2]) == 2


def test_an_onset_is_what_clear_parts_agree_on_and_a_noisy_one_that_comes_late_narrows_nothing() -> None:
    hourly = part("KZ", begin=MONDAY + HOUR // 2, resolution_s=HOUR, score=100.0)
    fine = part("KZ", OF_USERS, begin=MONDAY + HOUR // 2 + FIVE_MINUTES, score=60.0)
    noisy = part("KZ", OF_TELESCOPE, begin=MONDAY + HOUR - FIVE_MINUTES, score=9.0)
    found = agreed_onset([hourly, fine, noisy])
    assert (found.low, found.high) == (fine.onset.low, fine.onset.high)
    assert found.at == fine.onset.at
    assert agreed_onset([noisy, hourly, fine]) == found
    assert agreed_onset([noisy]).at == noisy.onset.at
