import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.errors import UserError
from lampwatch.probe.budget import DAY_S, EXPECTED_BYTES, Budget, Purse, budget_of, bytes_used, size_of

MORNING = 20_000 * DAY_S + 3600.0


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("2GB", 2 * 10**9), ("1.5 kb", 1500), ("10b", 10), ("7 Bytes", 7)],
)
def test_sizes_are_read(text: str, size: int) -> None:
    assert size_of(text) == size


@pytest.mark.parametrize("text", ["", "0MB", "-1MB", "12", "1e9b", "MB", "1.2.3MB", "٣MB" + "x"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UserError, match="is no size"):
        size_of(text)


def test_a_budget_limits_measurements_bytes_or_both() -> None:
    assert budget_of(["100", "20MB"]) == Budget(measurements=100, bytes=20_000_000)
    assert budget_of(["100"]).bytes == Budget().bytes


def test_no_more_measurements_begin_than_the_day_has_room_for() -> None:
    purse = Purse(Budget(measurements=3), MORNING, spent=(1, 0))
    assert purse.room(MORNING) == 2
    purse.begin(MORNING)
    assert purse.room(MORNING) == 1
    purse.ended(MORNING, 10)
    assert purse.room(MORNING) == 1


def test_bytes_are_set_aside_for_what_is_running() -> None:
    purse = Purse(Budget(bytes=3 * EXPECTED_BYTES), MORNING)
    purse.begin(MORNING)
    assert purse.room(MORNING) == 2
    purse.ended(MORNING, 3 * EXPECTED_BYTES)
    assert purse.room(MORNING) == 0


def test_a_new_day_has_a_new_budget() -> None:
    purse = Purse(Budget(measurements=3), MORNING, spent=(3, 0))
    assert purse.room(MORNING) == 0
    assert purse.room(MORNING + DAY_S) == 3


def test_what_runs_over_midnight_counts_for_the_new_day() -> None:
    purse = Purse(Budget(measurements=3), MORNING)
    purse.begin(MORNING)
    assert purse.room(MORNING + DAY_S) == 2
    purse.ended(MORNING + DAY_S, 5)
    assert purse.room(MORNING + DAY_S) == 2


def test_the_bytes_of_a_measurement_are_those_of_its_network_events() -> None:
    events = [{"operation": "read", "num_bytes": 4000}, {"operation": "tls_handshake_done"}]
    assert bytes_used(json.dumps({"test_keys": {"network_events": events}}).encode()) == 4000


@given(st.binary(max_size=50))
def test_a_document_without_events_counts_its_own_size(document: bytes) -> None:
    assert bytes_used(document) >= len(document)
