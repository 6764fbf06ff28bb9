"""Values on their way into series."""

import math

import pytest

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity, Series
from lampwatch.signals.points import Points, guessed_resolution, number

SERIES = Series(Entity("VE"), "s", "x", Family.OTHER, "", Quantity.COUNT, 60)


def test_values_come_in_order_of_time_and_the_later_one_counts() -> None:
    points = Points()
    for start, value in ((120, 1.0), (60, 2.0), (120, 3.0)):
        points.add(SERIES, start, value)
    (values,) = points.values()
    assert (values.starts.tolist(), values.values.tolist()) == ([60, 120], [2, 3])


def test_a_series_of_gaps_alone_is_none() -> None:
    points = Points()
    points.add(SERIES, 0, math.nan)
    assert list(points.known()) == []
    assert len(list(points.values())) == 1


@pytest.mark.parametrize(
    ("starts", "width"),
    [
        ([0, 300, 600, 1500], 300),
        ([0, 259200, 518400, 604800 * 2], 86400),
        ([0, 600, 1201, 1800, 2400], 600),
        ([0, 31 * 86400, 59 * 86400, 90 * 86400], 31 * 86400),
        ([5, 5], 0),
        ([], 0),
    ],
)
def test_the_width_of_bins_is_told_by_their_distances(starts: list[int], width: int) -> None:
    assert guessed_resolution(starts) == width


@pytest.mark.parametrize("text", ["", " ", "NA", "null", "None", "NaN", "-", "n/a"])
def test_what_says_that_there_is_nothing_is_a_gap(text: str) -> None:
    assert math.isnan(number(text))


@pytest.mark.parametrize("text", ["x", "inf", "1e999", "1,5", "--"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no number|could not convert"):
        number(text)
