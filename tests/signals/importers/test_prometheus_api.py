"""Prometheus' API, replayed in the shapes of its documentation."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Quantity
from tests.signals.fetching import Fetched, fetched
from tests.signals.replaying import NOON, Asked, Reply, as_json

STEP = 300
QUERY = 'sum by (country) (rate(requests_total{job="edge"}[5m]))'


def matrix(*results: tuple[dict[str, str], Sequence[tuple[float, str]]]) -> Reply:
    found = [{"metric": labels, "values": values} for labels, values in results]
    return as_json({"status": "success", "data": {"resultType": "matrix", "result": found}})


def prometheus(answer: Reply, **options: Any) -> Fetched:
    asked: dict[str, Any] = {"query": QUERY, "since": NOON - 4 * STEP} | options
    return fetched("prometheus-api", lambda _: answer, **asked)


def test_labels_say_of_whom_a_series_is() -> None:
    found = prometheus(
        matrix(
            ({"country": "KZ"}, [(NOON, "1.5")]),
            ({"country": "Kyrgyzstan"}, [(NOON, "2")]),
            ({"country": "VE", "region": "Aragua"}, [(NOON, "3")]),
            ({"region": "VE-B"}, [(NOON, "4")]),
            ({"asn": "9198"}, [(NOON, "5")]),
            ({"asn": "AS9198", "country": "kz"}, [(NOON, "6")]),
            ({"entity": "US-LA/Calcasieu"}, [(NOON, "7")]),
        )
    )
    assert {name: list(values.values()) for name, values in found.values.items()} == {
        "KZ:prometheus:query": [1.5],
        "KG:prometheus:query": [2.0],
        "VE-D:prometheus:query": [3.0],
        "VE-B:prometheus:query": [4.0],
        "AS9198:prometheus:query": [5.0],
        "AS9198@KZ:prometheus:query": [6.0],
        "US-LA/Calcasieu:prometheus:query": [7.0],
    }


def test_a_bin_has_the_value_at_its_end() -> None:
    found = prometheus(matrix(({"country": "KZ"}, [(NOON - STEP, "1"), (NOON, "2")])))
    assert found.values["KZ:prometheus:query"] == {NOON - 2 * STEP: 1.0, NOON - STEP: 2.0}
    assert found.asked[0].path == "/api/v1/query_range"
    assert found.asked[0].query == {
        "query": QUERY,
        "start": str(NOON - 3 * STEP),
        "end": str(NOON),
        "step": str(STEP),
    }


def test_what_is_no_number_is_a_gap_and_a_step_that_is_missing_is_absent() -> None:
    values = [(NOON - 3 * STEP, "1"), (NOON - 2 * STEP, "NaN"), (NOON, "+Inf")]
    found = prometheus(matrix(({"country": "KZ"}, values)))
    given = found.values["KZ:prometheus:query"]
    assert list(given) == [NOON - 4 * STEP, NOON - 3 * STEP, NOON - STEP]
    assert [math.isnan(value) for value in given.values()] == [False, True, True]


def test_who_asks_says_what_is_counted() -> None:
    labels = {"country": "KZ", "__name__": "edge:requests"}
    found = prometheus(
        matrix((labels, [(NOON, "1")])), family=Family.TRAFFIC, unit="requests", quantity=Quantity.COUNT
    )
    header = found.series["KZ:prometheus:edge-requests"]
    assert (header.family, header.unit, header.quantity) == (Family.TRAFFIC, "requests", Quantity.COUNT)
    assert header.resolution_s == STEP


def test_without_a_label_it_is_of_whom_was_asked_for() -> None:
    answer = matrix(({"job": "edge"}, [(NOON, "1")]))
    assert list(prometheus(answer, country="KZ").series) == ["KZ:prometheus:query"]
    found = prometheus(answer)
    assert not found.series
    assert "no label says where" in found.malformed[0].reason


def test_two_series_of_one_entity_are_not_mixed() -> None:
    found = prometheus(
        matrix(
            ({"country": "KZ", "instance": "a"}, [(NOON, "1")]),
            ({"country": "KZ", "instance": "b"}, [(NOON, "2")]),
        )
    )
    assert found.values["KZ:prometheus:query"] == {NOON - STEP: 1.0}
    assert "sum them in the query" in found.malformed[0].reason


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        ({"country": "Atlantis"}, [(NOON, "1")]),
        ({"entity": "no such"}, [(NOON, "1")]),
        ({"asn": "nine"}, [(NOON, "1")]),
        ({"country": "KZ"}, [(NOON, "much")]),
    ],
)
def test_a_series_that_cannot_be_used_costs_no_other(
    labels: dict[str, str], values: list[tuple[float, str]]
) -> None:
    found = prometheus(matrix((labels, values), ({"country": "DE"}, [(NOON, "2")])))
    assert list(found.series) == ["DE:prometheus:query"]
    assert len(found.malformed) == 1


def test_a_long_range_is_asked_for_in_parts_that_prometheus_gives() -> None:
    def every_step(asked: Asked) -> Reply:
        start, end = int(asked.query["start"]), int(asked.query["end"])
        assert (end - start) // STEP < 11_000
        return matrix(({"country": "KZ"}, [(time, "1") for time in range(start, end + 1, STEP)]))

    since = NOON - 25_000 * STEP
    found = fetched("prometheus-api", every_step, query=QUERY, since=since)
    assert list(found.values["KZ:prometheus:query"]) == list(range(since, NOON, STEP))
    assert len(found.asked) == 3


def test_a_query_that_is_refused_is_told_in_prometheus_words() -> None:
    refusal = {"status": "error", "errorType": "bad_data", "error": "1:5: parse error: unclosed left bracket"}
    with pytest.raises(UserError, match="Prometheus refuses the query: 1:5: parse error"):
        prometheus(as_json(refusal, 400))


def test_address_and_query_must_be_said() -> None:
    with pytest.raises(UserError, match="--address and --query"):
        fetched("prometheus-api", lambda _: matrix(), country="KZ")
