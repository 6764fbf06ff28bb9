import numpy as np
import pytest

from lampwatch.detect.connectivity.scan import Bin, Ended, Scan
from lampwatch.model.disturbance import Direction
from tests.detect.connectivity.making import DAY, FIVE_MINUTES, HOUR, OF_BGP, OF_USERS, Signal, header

NAN = float("nan")
EXPECTED = 100.0
GONE, HALF, ORDINARY, GAP = (0.0, -40.0), (50.0, -10.0), (100.0, 0.0), (NAN, NAN)
"""Values and scores of bins of which 100 is expected."""


class Story:
    """Feeds a scan of one series bin by bin, and keeps what came of it."""

    def __init__(self, of: Signal = OF_BGP, resolution_s: int = HOUR, tail: float = 0.0) -> None:
        self.scan = Scan((header("KZ", of, resolution_s),), resolution_s)
        self.ended: list[Ended] = []
        self.inside: list[int] = []
        self._resolution_s, self._tail, self._at = resolution_s, tail, 0

    def hears(self, *bins: tuple[float, float]) -> "Story":
        for value, score in bins:
            self._at += self._resolution_s
            one = Bin(self._at, value, EXPECTED if value == value else NAN, score)  # noqa: PLR0124  NaN is not itself
            change = np.array([[value / EXPECTED - 1]])
            odd = self.scan.odd(change, np.array([[score]]))
            if len(self.scan.busy(odd)):
                fed = self.scan.feed(0, [one], odd[0], self._tail)
                self.ended += fed.ended
                self.inside += fed.inside
            else:
                measured = ~np.isnan(np.array([[score]]))
                self.scan.passed(np.array([self._at]), measured)
        return self

    @property
    def lasts(self) -> bool:
        return 0 in self.scan.watches


def test_one_bin_far_away_that_lacks_everything_is_enough() -> None:
    story = Story().hears(ORDINARY, GONE)
    assert story.lasts
    assert story.scan.watches[0].known == 2 * HOUR + HOUR


def test_bins_that_are_not_enough_alone_are_enough_together() -> None:
    slightly = (90.0, -3.0)
    assert not Story().hears(ORDINARY, slightly).lasts
    assert Story().hears(ORDINARY, *[slightly] * 5).lasts


def test_one_ordinary_bin_ends_a_run() -> None:
    slightly = (90.0, -3.0)
    assert not Story().hears(*[slightly, ORDINARY] * 10).lasts


def test_what_is_far_away_but_lacks_little_is_nothing() -> None:
    assert not Story().hears(ORDINARY, *[(99.0, -30.0)] * 50).lasts


def test_what_lacks_much_but_strays_as_far_ordinarily_is_nothing() -> None:
    assert not Story().hears(ORDINARY, *[(60.0, -1.5)] * 50).lasts
    assert not Story(tail=60.0).hears(ORDINARY, HALF, ORDINARY).lasts


def test_more_than_usual_says_nothing_of_routes_and_something_of_users() -> None:
    surge = (1000.0, 90.0)
    assert not Story().hears(ORDINARY, *[surge] * 5).lasts
    story = Story(OF_USERS).hears(ORDINARY, surge)
    assert story.scan.watches[0].direction is Direction.SURGE


def test_it_is_over_after_two_ordinary_bins_and_dated_to_the_first() -> None:
    story = Story().hears(ORDINARY, GONE, GONE, ORDINARY)
    story.hears(ORDINARY)
    (over,) = story.ended
    assert not story.lasts
    assert (over.at, over.known) == (4 * HOUR, 6 * HOUR)


def test_one_ordinary_bin_within_does_not_end_it() -> None:
    story = Story().hears(ORDINARY, GONE, ORDINARY, GONE, ORDINARY, GONE)
    assert story.lasts
    assert story.ended == []


def test_short_bins_must_be_ordinary_for_half_an_hour_and_a_day_s_bin_once() -> None:
    short = Story(resolution_s=FIVE_MINUTES).hears(ORDINARY, GONE, GONE, *[ORDINARY] * 5)
    assert short.lasts
    assert not short.hears(ORDINARY).lasts
    assert not Story(resolution_s=DAY).hears(ORDINARY, GONE, ORDINARY).lasts


@pytest.mark.parametrize("gaps", [1, 50])
def test_a_gap_neither_begins_nor_ends_anything(gaps: int) -> None:
    assert not Story().hears(ORDINARY, *[GAP] * gaps, ORDINARY).lasts
    assert Story().hears(ORDINARY, GONE, *[GAP] * gaps).lasts
    assert Story().hears(ORDINARY, GONE, *[GAP] * gaps, GONE).ended == []


def test_odd_bins_far_apart_in_a_gap_are_no_run() -> None:
    slightly = (90.0, -3.0)
    assert not Story().hears(ORDINARY, *[slightly, *[GAP] * 10] * 8).lasts


def test_all_bins_of_it_are_within_it_the_run_before_and_the_gaps_too() -> None:
    slightly = (90.0, -3.0)
    story = Story().hears(ORDINARY, slightly, slightly, slightly)
    assert story.lasts
    story.hears(GAP, GONE)
    assert sorted(set(story.inside)) == [2 * HOUR, 3 * HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR]


def test_an_onset_lies_after_the_last_ordinary_bin() -> None:
    story = Story().hears(ORDINARY, ORDINARY, GAP, GONE)
    assert story.scan.watches[0].before == 3 * HOUR


def test_a_drop_must_go_beyond_what_a_series_is_rounded_to() -> None:
    rounded = Story()
    rounded.scan.round_to(np.array([0.5]))
    assert not rounded.hears(ORDINARY, *[(80.0, -9.0)] * 9).lasts
    assert Story().hears(ORDINARY, *[(80.0, -9.0)] * 9).lasts
