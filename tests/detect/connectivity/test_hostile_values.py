"""Whatever values a source sends, detection answers, and its answers are in order."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from lampwatch.detect.connectivity.detector import disturbances
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.model.disturbance import Direction
from lampwatch.model.series import Values
from tests.detect.connectivity.making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MONDAY,
    OF_BGP,
    OF_FLIGHTS,
    OF_MEASUREMENTS,
    OF_PROBING,
    OF_TRAFFIC,
    OF_USERS,
    Signal,
    header,
    ordinary,
)

NAN, INF = math.nan, math.inf
ODD = [
    NAN,
    INF,
    -INF,
    -1.0,
    -0.0,
    0.0,
    5e-324,
    1e-320,
    1e-12,
    1e15,
    1e16,
    1e154,
    1e155,
    1.7976931348623157e308,
    -1e308,
]
SIGNALS = [OF_BGP, OF_PROBING, OF_TRAFFIC, OF_USERS, OF_FLIGHTS, OF_MEASUREMENTS]
PLACES = ["KZ", "KZ-AKM", "AS9198@KZ", "AS9198", "UZ", "MM", "DE", "ZZ"]

odd_values = st.sampled_from(ODD) | st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 2000)
stretches = st.tuples(st.integers(0, 550), st.integers(1, 200), odd_values)
seconds = st.sampled_from([FIVE_MINUTES, 660, 2700, HOUR, 6 * HOUR, DAY, 7 * DAY])
never_raises = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def series(draw: st.DrawFn) -> Values:
    """An ordinary series of which stretches were replaced, bins come twice, and some are out of order."""
    place, of, resolution_s = draw(st.sampled_from(PLACES)), draw(st.sampled_from(SIGNALS)), draw(seconds)
    first = MONDAY + draw(st.integers(0, 40 * DAY))
    level = draw(st.sampled_from([0.0, 0.3, 5.0, 300.0, 1e9]))
    bins = draw(st.integers(1, 600 if resolution_s < DAY else 120))
    values = ordinary(
        header(place, of, resolution_s),
        bins * resolution_s / DAY,
        level=level,
        swing=0.4,
        noise=0.1,
        first=first,
    )
    numbers, starts = values.values.copy(), values.starts.copy()
    for begin, length, value in draw(st.lists(stretches, max_size=6)):
        numbers[begin : begin + length] = value
    for at in draw(st.lists(st.integers(0, bins - 1), max_size=5)):
        starts[at] = starts[draw(st.integers(0, bins - 1))] + draw(st.integers(0, resolution_s))
    return Values(values.series, starts, numbers, values.arrived)


@never_raises
@given_any(st.lists(series(), max_size=4))
def test_any_values_have_disturbances_that_are_in_order(several: list[Values]) -> None:
    for one in disturbances(several):
        assert one.onset.low <= one.onset.at <= one.onset.high
        assert one.onset.at <= one.until
        assert one.end is None or one.end.low <= one.end.at <= one.end.high
        assert math.isfinite(one.depth)
        assert math.isfinite(one.score)
        assert 0 < one.depth <= 1 or one.direction is Direction.SURGE


@never_raises
@given_any(st.lists(series(), max_size=4, unique_by=lambda one: one.series.id))
def test_any_values_have_the_same_incidents_in_any_order(several: list[Values]) -> None:
    found = incidents(several)
    assert incidents(several[::-1]) == found
    for one in found:
        assert 0 <= one.probability <= 1
        assert one.share is None or 0 <= one.share <= 1


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("of", SIGNALS)
@pytest.mark.parametrize("resolution_s", [HOUR, DAY])
def test_a_series_of_one_odd_value_is_nothing(odd: float, of: Signal, resolution_s: int) -> None:
    values = ordinary(header("KZ", of, resolution_s), 60)
    values.values[:] = odd
    assert disturbances([values]) == []


@pytest.mark.parametrize("odd", [NAN, INF, -INF, -1.0, 1e16, 1e308])
@pytest.mark.parametrize("of", SIGNALS)
def test_odd_values_within_a_series_are_gaps(odd: float, of: Signal) -> None:
    values = ordinary(header("KZ", of), 40)
    holed = Values(values.series, values.starts, values.values.copy(), values.arrived)
    values.values[500:530] = odd
    holed.values[500:530] = NAN
    assert disturbances([values]) == disturbances([holed])


def test_a_series_that_is_told_of_twice_is_no_two_sources() -> None:
    values = ordinary(header("KZ"), 40)
    values.values[700:760] = 0
    (found,) = incidents([values, values])
    assert np.unique([one.source for one in found.parts]).tolist() == ["ioda"]
    assert found.level <= 1
