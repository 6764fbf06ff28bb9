"""OONI's aggregation API, replayed in the shapes of its documentation."""

import datetime as dt
import math
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.fetching import fetched
from tests.signals.replaying import NOON, Asked, Reply, as_json

HOUR = 3600
DAY = 86_400
MIDNIGHT = NOON - 12 * HOUR


def count(start: int, measured: int, *, anomaly: int = 0, confirmed: int = 0, failure: int = 0) -> object:
    return {
        "anomaly_count": anomaly,
        "confirmed_count": confirmed,
        "failure_count": failure,
        "measurement_count": measured,
        "measurement_start_day": f"{dt.datetime.fromtimestamp(start, dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "ok_count": measured - anomaly - confirmed - failure,
    }


def answered(*counts: object) -> Reply:
    return as_json({"dimension_count": 1, "result": list(counts), "v": 0})


def answer(asked: Asked) -> Reply:
    """The world measures until 10:00; the country is silent from 05:00 to 07:00."""
    hours = [MIDNIGHT + hour * HOUR for hour in range(10)]
    if "probe_cc" not in asked.query:
        return answered(*(count(start, 900) for start in hours))
    here = [start for n, start in enumerate(hours) if n not in {5, 6}]
    if "test_name" in asked.query:
        return answered(
            *(count(start, 30, anomaly=3, confirmed=1, failure=10) for start in here[:-1]),
            count(here[-1], 12, failure=4),
        )
    return answered(*(count(start, 30) for start in here))


def test_hours_in_which_the_world_measured_and_the_country_did_not_are_zero() -> None:
    found = fetched("ooni-api", answer, country="KZ", since=MIDNIGHT)
    volume = found.series["KZ:ooni:volume"]
    assert (volume.family, volume.quantity, volume.resolution_s) == (
        Family.MEASUREMENTS,
        Quantity.COUNT,
        HOUR,
    )
    values = found.values[volume.id]
    assert [values[MIDNIGHT + hour * HOUR] for hour in range(10)] == [30] * 5 + [0, 0] + [30] * 3


def test_hours_of_which_nobody_is_told_are_absent() -> None:
    found = fetched("ooni-api", answer, country="KZ", since=MIDNIGHT)
    assert max(found.values["KZ:ooni:volume"]) == MIDNIGHT + 9 * HOUR


def test_the_share_that_looks_blocked_is_of_those_that_came_to_a_conclusion() -> None:
    found = fetched("ooni-api", answer, country="KZ", since=MIDNIGHT)
    share = found.series["KZ:ooni:interference"]
    assert (share.family, share.quantity) == (Family.INTERFERENCE, Quantity.SHARE)
    values = found.values[share.id]
    assert values[MIDNIGHT] == 0.2
    assert found.values["KZ:ooni:measurements"][MIDNIGHT] == 20
    assert math.isnan(values[MIDNIGHT + 9 * HOUR])
    assert MIDNIGHT + 5 * HOUR not in values


def test_whole_days_are_asked_for_a_week_at_a_time() -> None:
    found = fetched("ooni-api", answer, country="KZ", asn=9198, since=NOON - 8 * DAY, until=NOON - DAY)
    assert [asked.query for asked in found.asked[:2]] == [
        {
            "since": "2021-12-28",
            "until": "2022-01-04",
            "axis_x": "measurement_start_day",
            "time_grain": "hour",
        },
        {
            "since": "2021-12-28",
            "until": "2022-01-04",
            "axis_x": "measurement_start_day",
            "time_grain": "hour",
            "probe_cc": "KZ",
            "probe_asn": "AS9198",
        },
    ]
    assert [asked.query["until"] for asked in found.asked] == ["2022-01-04"] * 3 + ["2022-01-05"] * 3
    assert not found.series


def test_days_are_asked_for_a_month_at_a_time() -> None:
    def days(asked: Asked) -> Reply:
        return as_json({"result": [{"measurement_start_day": asked.query["since"], "measurement_count": 5}]})

    found = fetched("ooni-api", days, country="KZ", resolution_s=DAY, since=NOON - 40 * DAY)
    assert len(found.asked) == 6
    assert found.series["KZ:ooni:volume"].resolution_s == DAY
    assert len(found.values["KZ:ooni:volume"]) == 2


def test_a_bin_that_begins_at_no_time_is_left_out_and_told() -> None:
    def broken(_: Asked) -> Reply:
        return as_json({"result": [{"measurement_start_day": "yesterday", "measurement_count": 5}]})

    found = fetched("ooni-api", broken, country="KZ", since=MIDNIGHT)
    assert not found.series
    assert len(found.malformed) == 1


def test_counts_that_contradict_each_other_are_left_out_and_told() -> None:
    def broken(asked: Asked) -> Reply:
        return answered(count(MIDNIGHT, 5, anomaly=7)) if "test_name" in asked.query else answer(asked)

    found = fetched("ooni-api", broken, country="KZ", since=MIDNIGHT)
    assert list(found.series) == ["KZ:ooni:volume"]
    assert [row.reason for row in found.malformed] == ["its counts contradict each other"]


@pytest.mark.parametrize("options", [{}, {"place": "KZ-ALA"}, {"country": "KZ", "resolution_s": 60}])
def test_what_ooni_cannot_be_asked_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="OONI's API"):
        fetched("ooni-api", answer, **options)


def test_an_answer_of_another_kind_is_told() -> None:
    with pytest.raises(UserError, match="not as documented"):
        fetched("ooni-api", lambda _: as_json({"error": "too much"}), country="KZ")
