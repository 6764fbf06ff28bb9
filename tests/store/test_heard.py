"""What was measured and when it came, as the store counts it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest

from lampwatch.model.measurement import Measurement
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.protocol import Store
from lampwatch.store.query import ALWAYS, Window
from lampwatch.store.segment import Locator
from tests.store.samples import NOON, measurement, tables_of, verdict

HOUR = dt.timedelta(hours=1)
COLUMNS = ["probe_cc", "probe_asn", "method", "hour", "arrived", "measurements", "controlled", "reports"]


def submitted(number: int, **more: Any) -> Measurement:
    return msgspec.structs.replace(measurement(number, **more), source=f"submitted/{number:016x}")


def controlled(control: Control, target: str = "site.test") -> Verdict:
    return msgspec.structs.replace(verdict(target), control=control)


def arrive(store: DuckDBStore, hour: dt.datetime, *given: tuple[Measurement, Sequence[Verdict]]) -> None:
    rows = [(header, list(verdicts)) for header, verdicts in given]
    store.commit(tables_of(*rows), Locator(f"{hour:%Y%m%dT%H}-0000.jsonl.zst", 0, 100))


def heard(store: Store, window: Window = ALWAYS) -> list[tuple[Any, ...]]:
    found: Iterable[Any] = store.heard(window)
    return [tuple(row[name] for name in COLUMNS) for batch in found for row in batch.to_pylist()]


def test_measurements_are_counted_by_network_method_and_hour(store: DuckDBStore, as_promised: Store) -> None:
    arrive(
        store,
        NOON,
        (submitted(1), [controlled(Control.WORKED), controlled(Control.ABSENT, "page.test")]),
        (submitted(2, start=NOON + HOUR / 2, report_id="other"), [controlled(Control.FAILED)]),
        (submitted(3, report_id=""), []),
        (submitted(4, start=NOON + HOUR), [controlled(Control.ABSENT)]),
        (submitted(5, asn=21299), []),
        (submitted(6, country="DE", asn=3320), [controlled(Control.WORKED)]),
    )
    assert heard(as_promised) == [
        ("DE", 3320, "web_connectivity", NOON, NOON, 1, 1, 1),
        ("KZ", 9198, "web_connectivity", NOON, NOON, 3, 2, 3),
        ("KZ", 9198, "web_connectivity", NOON + HOUR, NOON, 1, 0, 1),
        ("KZ", 21299, "web_connectivity", NOON, NOON, 1, 0, 1),
    ]


def test_what_no_probe_handed_in_tells_of_no_arrival(store: DuckDBStore) -> None:
    arrive(store, NOON + 9 * HOUR, (measurement(1), []))
    assert [row[4] for row in heard(store)] == [None]


def test_a_segment_whose_name_is_no_hour_tells_of_no_arrival(store: DuckDBStore) -> None:
    store.commit(tables_of((submitted(1), [])), Locator("elsewhere.zst", 0, 1))
    assert [row[4] for row in heard(store)] == [None]


@pytest.mark.parametrize(
    ("window", "hours"),
    [
        (Window(until=NOON), [-30]),
        (Window(since=NOON), [-30, 0, 1]),
        (Window(since=NOON, until=NOON + HOUR), [0]),
        (Window(since=NOON + HOUR), [-30, 1]),
        (Window(since=NOON + 3 * HOUR, until=NOON + 9 * HOUR), [-30]),
    ],
)
def test_a_window_holds_what_began_or_arrived_in_it(
    store: DuckDBStore, window: Window, hours: list[int]
) -> None:
    arrive(store, NOON, (submitted(1), []))
    arrive(store, NOON + HOUR, (submitted(2, start=NOON + HOUR), []))
    arrive(store, NOON + 5 * HOUR, (submitted(3, start=NOON - 30 * HOUR), [controlled(Control.WORKED)]))
    assert [row[3] for row in heard(store, window)] == [NOON + hour * HOUR for hour in hours]


def test_what_came_late_has_its_control_counted_too(store: DuckDBStore) -> None:
    late = submitted(3, start=NOON - 30 * HOUR)
    arrive(store, NOON, (late, [controlled(Control.WORKED)]))
    assert [row[6] for row in heard(store, Window(since=NOON))] == [1]


def test_nothing_is_heard_in_an_empty_store(store: DuckDBStore) -> None:
    assert heard(store) == []
