import csv
import io
from typing import Any

import pytest

from lampwatch.publish.api.shapes import Aggregation
from tests.publish.reader import Reader

PATH = "/api/v1/aggregation"
ALL = {
    "anomaly_count": 10,
    "confirmed_count": 0,
    "down_count": 1,
    "failure_count": 2,
    "measurement_count": 37,
    "ok_count": 25,
}


def counted(instance: Reader, query: str) -> Any:
    answer = instance.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    Aggregation.model_validate(answer.json())
    return answer.json()


def test_without_an_axis_the_result_is_one_row(instance: Reader) -> None:
    assert counted(instance, "") == {
        "v": 0,
        "dimension_count": 0,
        "db_stats": {"row_count": 1, "elapsed_seconds": 0.0},
        "result": ALL,
    }


def test_with_one_axis_the_result_is_a_list(instance: Reader) -> None:
    found = counted(instance, "axis_x=probe_cc")
    assert found["dimension_count"] == 1
    assert {row["probe_cc"]: row["measurement_count"] for row in found["result"]} == {"KZ": 36, "BR": 1}


def test_two_axes_make_a_grid(instance: Reader) -> None:
    found = counted(instance, "axis_x=measurement_start_day&axis_y=probe_asn&probe_cc=KZ&time_grain=day")
    assert found["dimension_count"] == 2
    assert len(found["result"]) == 18
    fifth = [row for row in found["result"] if row["measurement_start_day"] == "2022-01-05"]
    assert {row["probe_asn"]: row["anomaly_count"] for row in fifth} == {9198: 2, 29355: 2, 48503: 0}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("probe_cc=BR", 1),
        ("probe_asn=AS9198,AS29355", 24),
        ("domain=telegram.example.org", 18),
        ("input=https://news.example.org/", 18),
        ("category_code=NEWS", 18),
        ("test_name=signal", 0),
        ("since=2022-01-05&until=2022-01-06", 6),
    ],
)
def test_each_parameter_chooses(instance: Reader, query: str, count: int) -> None:
    assert counted(instance, query)["result"]["measurement_count"] == count


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("since=2022-01-05&until=2022-01-06", "2022-01-05T03:00:00Z"),
        ("since=2022-01-05&until=2022-01-06&time_grain=day", "2022-01-05"),
        ("time_grain=month", "2022-01-01"),
        ("until=2022-02-01", "2022-01-01"),
    ],
)
def test_the_step_of_time_follows_the_stretch_unless_it_is_named(
    instance: Reader, query: str, first: str
) -> None:
    found = counted(instance, f"axis_x=measurement_start_day&{query}")
    assert found["result"][0]["measurement_start_day"] == first


def test_csv_has_sorted_columns_and_a_line_for_each_class(instance: Reader) -> None:
    answer = instance.get(f"{PATH}?axis_x=probe_cc&format=csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == sorted(rows[0])
    assert {row["probe_cc"]: row["measurement_count"] for row in rows} == {"KZ": "36", "BR": "1"}


def test_a_download_is_named(instance: Reader) -> None:
    assert ".csv" in instance.get(f"{PATH}?format=CSV&download=true").headers["Content-Disposition"]
    assert ".json" in instance.get(f"{PATH}?download=true").headers["Content-Disposition"]


def test_nothing_is_counted_as_nothing(empty: Reader) -> None:
    assert counted(empty, "")["result"] == dict.fromkeys(ALL, 0)
    assert counted(empty, "axis_x=domain")["result"] == []
