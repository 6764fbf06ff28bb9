import datetime as dt
import itertools

import numpy as np
import pycountry
import pytest

from lampwatch.detect.connectivity.local_time import (
    is_holiday,
    offsets_s,
    rest_days,
    stand_in_day,
    utc_offset_s,
    zone_of,
)
from tests.detect.connectivity.making import DAY, HOUR

COUNTRIES = [country.alpha_2 for country in pycountry.countries]
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6


def day(*date: int) -> int:
    return (dt.date(*date) - dt.date(1970, 1, 1)).days


def weekday(of: int) -> int:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=of)).weekday()


@pytest.mark.parametrize(
    ("country", "hours"),
    [("MM", 6.5), ("NP", 5.75), ("VE", -4), ("IR", 3.5), ("KZ", 6), ("XK", 1), ("ZZ", 0), ("", 0)],
)
def test_clocks_are_those_that_most_people_live_by_to_the_minute(country: str, hours: float) -> None:
    assert utc_offset_s(country, day(2022, 1, 5)) == hours * HOUR


def test_a_country_on_the_other_side_of_the_date_line_is_ahead() -> None:
    assert utc_offset_s("KI", day(2022, 1, 5)) == 12 * HOUR


@pytest.mark.parametrize(
    ("country", "winter", "summer"),
    [("DE", HOUR, 2 * HOUR), ("US", -5 * HOUR, -4 * HOUR), ("MM", 23400, 23400)],
)
def test_summer_time_moves_the_clock_where_there_is_one(country: str, winter: int, summer: int) -> None:
    assert (utc_offset_s(country, day(2022, 1, 5)), utc_offset_s(country, day(2022, 7, 5))) == (
        winter,
        summer,
    )


def test_many_countries_have_each_their_own_offset() -> None:
    moments = np.array([day(2022, 1, 5) * DAY, day(2022, 1, 5) * DAY + 5 * HOUR])
    assert offsets_s(["DE", "MM", "DE"], moments).tolist() == [[HOUR] * 2, [23400] * 2, [HOUR] * 2]


@pytest.mark.parametrize(
    ("date", "offsets"),
    [((2022, 3, 27), [HOUR, HOUR, 2 * HOUR, 2 * HOUR]), ((2022, 10, 30), [2 * HOUR, 2 * HOUR, HOUR, HOUR])],
)
def test_on_the_day_that_clocks_change_hours_before_it_are_those_of_the_old_clock(
    date: tuple[int, int, int], offsets: list[int]
) -> None:
    """They change at 1 in the morning, UTC."""
    moments = day(*date) * DAY + np.array([-HOUR, 0, HOUR, 2 * HOUR])
    assert offsets_s(["DE", "MM"], moments).tolist() == [offsets, [23400] * 4]


@pytest.mark.parametrize(
    ("country", "days"),
    [("DE", {SATURDAY, SUNDAY}), ("IR", {3, FRIDAY}), ("EG", {FRIDAY, SATURDAY}), ("ZZ", {SATURDAY, SUNDAY})],
)
def test_days_of_rest_are_the_country_s_own(country: str, days: set[int]) -> None:
    found = rest_days(country)
    assert found == days or (country == "IR" and FRIDAY in found and SUNDAY not in found)


def test_a_holiday_is_one_where_it_is_kept_only() -> None:
    assert is_holiday("US", day(2022, 7, 4))
    assert not is_holiday("DE", day(2022, 7, 4))
    assert not is_holiday("ZZ", day(2022, 1, 1))


def test_a_holiday_resembles_the_nearest_day_of_rest_before_it() -> None:
    assert stand_in_day("US", day(2022, 7, 4)) == day(2022, 7, 3)
    assert stand_in_day("DE", day(2022, 10, 3)) == day(2022, 10, 2)


def test_an_ordinary_day_and_a_holiday_on_a_day_of_rest_resemble_themselves() -> None:
    assert stand_in_day("US", day(2022, 7, 5)) == day(2022, 7, 5)
    assert stand_in_day("DE", day(2022, 1, 1)) == day(2022, 1, 1)


@pytest.mark.parametrize("country", [*COUNTRIES, "XK", "ZZ", "", "AS8048"])
def test_every_country_has_a_clock_days_of_rest_and_days_that_stand_in(country: str) -> None:
    assert zone_of(country)
    assert rest_days(country)
    for on in (day(1999, 12, 31), day(2022, 5, 1)):
        assert abs(utc_offset_s(country, on)) <= 14 * HOUR
        assert -7 <= stand_in_day(country, on) - on <= 0


def test_what_stands_in_for_a_holiday_is_a_day_of_rest_already_past() -> None:
    for country, on in itertools.product(("US", "DE", "IR", "MM"), range(day(2022, 1, 1), day(2022, 12, 31))):
        if (stands := stand_in_day(country, on)) != on:
            assert is_holiday(country, on)
            assert weekday(stands) in rest_days(country)
            assert stands < on
