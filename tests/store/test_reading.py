import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pyarrow as pa
import pytest

from lampwatch.formats.tables_schema import VERDICT
from lampwatch.model.errors import UserError
from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.query import (
    Axis,
    Direction,
    Grain,
    MeasurementFilter,
    MeasurementOrder,
    VerdictFilter,
    VerdictOrder,
    Window,
)
from lampwatch.store.rows import AggregateRow, Snapshot, StateChange
from lampwatch.store.segment import Locator
from tests.store.samples import NOON, PLACE, measurement, simple, tables_of, uid_of, verdict

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def week(store: DuckDBStore) -> DuckDBStore:
    """Telegram is ok on Kazakhtelecom, then blocked, then ok again; a site is down everywhere; one is confirmed."""
    store.commit(
        tables_of(
            (measurement(0, start=NOON), [verdict("telegram", State.OK)]),
            (
                measurement(1, start=NOON + DAY),
                [verdict("telegram", State.BLOCKED), verdict("site.test", State.DOWN)],
            ),
            (measurement(2, start=NOON + 2 * DAY), [verdict("telegram", State.OK)]),
            (measurement(3, start=NOON, country="DE", asn=3320), [verdict("site.test", State.DOWN)]),
            (
                measurement(4, asn=21299, report_id="other", version="3.9"),
                [verdict("page.test", State.BLOCKED, "kz_1")],
            ),
            (measurement(5, asn=0), [verdict("telegram", State.UNKNOWN)]),
            (measurement(6, start=NOON + HOUR), []),
        ),
        PLACE,
    )
    store.set_categories([("telegram", "COMM"), ("site.test", "NEWS")])
    return store


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        (VerdictFilter(), [0, 1, 1, 2, 3, 4, 5]),
        (VerdictFilter(country="DE"), [3]),
        (VerdictFilter(asn=21299), [4]),
        (VerdictFilter(target="telegram", state="ok"), [0, 2]),
        (VerdictFilter(since=NOON + DAY), [1, 1, 2]),
        (VerdictFilter(until=NOON + DAY), [0, 3, 4, 5]),
        (VerdictFilter(since=NOON + DAY, until=NOON + 2 * DAY), [1, 1]),
        (VerdictFilter(layer="tls"), [1, 4]),
        (VerdictFilter(mechanism="tls_sni_reset", asn=9198), [1]),
        (VerdictFilter(rule_id="web.down"), [1, 3]),
        (VerdictFilter(category="NEWS"), [1, 3]),
        (VerdictFilter(method="web_connectivity", input="https://site4.test/"), [4]),
        (VerdictFilter(method="telegram"), []),
        (VerdictFilter(uid=uid_of(1, NOON + DAY)), [1, 1]),
        (VerdictFilter(uid="' OR 1=1 --"), []),
    ],
)
def test_verdicts_are_filtered(week: DuckDBStore, where: VerdictFilter, numbers: list[int]) -> None:
    rows = week.verdicts(where)
    assert sorted(int(row.uid.rpartition("_")[2], 16) for row in rows) == numbers
    assert week.count_verdicts(where) == len(numbers)
    assert sum(batch.num_rows for batch in week.export_verdicts(where)) == len(numbers)


@pytest.mark.parametrize("order", list(VerdictOrder))
@pytest.mark.parametrize("direction", list(Direction))
def test_pages_of_verdicts_never_overlap(
    week: DuckDBStore, order: VerdictOrder, direction: Direction
) -> None:
    pages = [
        row
        for offset in range(0, 8, 2)
        for row in week.verdicts(VerdictFilter(), order, direction, 2, offset)
    ]
    assert pages == week.verdicts(VerdictFilter(), order, direction)
    assert len({(row.uid, row.target) for row in pages}) == 7


def test_exported_verdicts_have_the_columns_of_the_table(week: DuckDBStore) -> None:
    table = pa.Table.from_batches(week.export_verdicts())
    assert table.schema.names == VERDICT.names
    assert table.cast(VERDICT).num_rows == 7
    assert table.equals(
        table.sort_by([("start_time", "ascending"), ("uid", "ascending"), ("target", "ascending")])
    )


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        (MeasurementFilter(), [0, 1, 2, 3, 4, 5, 6]),
        (MeasurementFilter(countries=("DE", "FR")), [3]),
        (MeasurementFilter(asns=(3320, 21299)), [3, 4]),
        (MeasurementFilter(targets=("site.test",)), [1, 3]),
        (MeasurementFilter(categories=("COMM",)), [0, 1, 2, 5]),
        (MeasurementFilter(anomaly=True), [1, 4]),
        (MeasurementFilter(confirmed=True), [4]),
        (MeasurementFilter(failure=True), [5, 6]),
        (MeasurementFilter(anomaly=False, failure=False), [0, 2, 3]),
        (MeasurementFilter(report_id="other"), [4]),
        (MeasurementFilter(software_versions=("3.9", "4")), [4]),
        (MeasurementFilter(inputs=("https://site1.test/",)), [1, 6]),
        (MeasurementFilter(methods=("web_connectivity",), since=NOON + DAY), [1, 2]),
        (MeasurementFilter(uid=uid_of(0)), [0]),
    ],
)
def test_measurements_are_filtered(week: DuckDBStore, where: MeasurementFilter, numbers: list[int]) -> None:
    assert sorted(row.n for row in week.measurements(where)) == numbers
    assert week.count_measurements(where) == len(numbers)


def test_measurements_are_ordered_and_paged(week: DuckDBStore) -> None:
    def page(offset: int) -> list[int]:
        rows = week.measurements(
            order_by=MeasurementOrder.NETWORK, order=Direction.ASCENDING, limit=3, offset=offset
        )
        return [row.probe_asn for row in rows]

    assert page(0) + page(3) + page(6) == [0, 3320, 9198, 9198, 9198, 9198, 21299]


def test_a_measurement_names_its_place_and_states(week: DuckDBStore) -> None:
    row = week.measurement(uid_of(1, NOON + DAY))
    assert row is not None
    assert row.states == ["blocked", "down"]
    assert (row.segment, row.frame_offset, row.frame_length, row.n) == (*msgspec.structs.astuple(PLACE), 1)
    assert week.measurement("nobody") is None


def test_observations_are_dictionaries_in_the_order_of_witnesses(week: DuckDBStore) -> None:
    facts = week.observations_of(uid_of(0))["tcp"]
    assert [(fact["vantage"], fact["n"], fact["ip"]) for fact in facts] == [
        ("probe", 0, "192.0.2.1"),
        ("probe", 1, "192.0.2.2"),
        ("control", 0, "192.0.2.1"),
    ]
    assert "body" not in week.observations_of(uid_of(0))["http"][0]


@pytest.mark.parametrize(
    ("axes", "where", "rows"),
    [
        ([], MeasurementFilter(), [AggregateRow((), 7, 3, 1, 1, 1, 2)]),
        (
            [Axis.COUNTRY],
            MeasurementFilter(),
            [AggregateRow(("DE",), 1, 1, 1, 0, 0, 0), AggregateRow(("KZ",), 6, 2, 0, 1, 1, 2)],
        ),
        (
            [Axis.TARGET],
            MeasurementFilter(),
            [
                AggregateRow(("page.test",), 1, 0, 0, 0, 1, 0),
                AggregateRow(("site.test",), 2, 2, 2, 0, 0, 0),
                AggregateRow(("telegram",), 4, 2, 0, 1, 0, 1),
            ],
        ),
        (
            [Axis.CATEGORY, Axis.MECHANISM],
            MeasurementFilter(countries=("KZ",)),
            [
                AggregateRow(("", "tls_sni_reset"), 1, 0, 0, 0, 1, 0),
                AggregateRow(("COMM", ""), 3, 2, 0, 0, 0, 1),
                AggregateRow(("COMM", "tls_sni_reset"), 1, 0, 0, 1, 0, 0),
                AggregateRow(("NEWS", ""), 1, 1, 1, 0, 0, 0),
            ],
        ),
        ([], MeasurementFilter(targets=("telegram",), anomaly=True), [AggregateRow((), 1, 0, 0, 1, 0, 0)]),
        (
            [],
            MeasurementFilter(targets=("page.test",), software_versions=("3.9",)),
            [AggregateRow((), 1, 0, 0, 0, 1, 0)],
        ),
        (
            [],
            MeasurementFilter(targets=("page.test",), report_id="report"),
            [AggregateRow((), 0, 0, 0, 0, 0, 0)],
        ),
        ([Axis.NETWORK], MeasurementFilter(countries=("DE",)), [AggregateRow((3320,), 1, 1, 1, 0, 0, 0)]),
    ],
)
def test_measurements_are_counted_along_axes(
    week: DuckDBStore, axes: list[Axis], where: MeasurementFilter, rows: list[AggregateRow]
) -> None:
    assert week.aggregate(axes, where) == rows


@pytest.mark.parametrize(
    ("grain", "steps"),
    [
        (
            Grain.HOUR,
            ["2022-01-05T12:00:00Z", "2022-01-05T13:00:00Z", "2022-01-06T12:00:00Z", "2022-01-07T12:00:00Z"],
        ),
        (Grain.DAY, ["2022-01-05", "2022-01-06", "2022-01-07"]),
        (Grain.WEEK, ["2022-01-03"]),
        (Grain.MONTH, ["2022-01-01"]),
        (Grain.YEAR, ["2022-01-01"]),
    ],
)
def test_time_is_counted_by_its_grain(week: DuckDBStore, grain: Grain, steps: list[str]) -> None:
    assert [row.axes[0] for row in week.aggregate([Axis.DAY], grain=grain)] == steps


@pytest.mark.parametrize("axes", [[Axis.DAY, Axis.DAY], [Axis.DAY, Axis.COUNTRY, Axis.METHOD]])
def test_more_axes_than_two_different_ones_are_refused(week: DuckDBStore, axes: list[Axis]) -> None:
    with pytest.raises(UserError, match="at most 2 different axes"):
        week.aggregate(axes)


def test_countries_count_known_networks(week: DuckDBStore) -> None:
    assert [(row.country, row.total, row.networks, row.last) for row in week.countries()] == [
        ("KZ", 6, 2, NOON + 2 * DAY),
        ("DE", 1, 1, NOON),
    ]


def test_a_country_is_told_day_by_day(week: DuckDBStore) -> None:
    days = week.country_days("KZ", Window(NOON + DAY))
    assert [(day.day, day.ok, day.down, day.blocked, day.networks) for day in days] == [
        ("2022-01-06", 0, 1, 1, 1),
        ("2022-01-07", 1, 0, 0, 1),
    ]


def test_a_window_that_ends_at_midnight_leaves_the_next_day_out(week: DuckDBStore) -> None:
    midnight = NOON.replace(hour=0) + DAY
    assert [day.day for day in week.country_days("KZ", Window(None, midnight))] == ["2022-01-05"]


def test_networks_bear_their_names(week: DuckDBStore) -> None:
    assert [(row.asn, row.network_name, row.last_state) for row in week.country_networks("KZ")] == [
        (9198, "Network 9198", "ok"),
        (0, "Network 0", "unknown"),
        (21299, "Network 21299", "blocked"),
    ]


def test_targets_come_with_category_and_networks(week: DuckDBStore) -> None:
    found = [
        (row.target, row.category, row.blocked, row.networks, row.blocked_networks)
        for row in week.targets("KZ")
    ]
    assert found == [
        ("telegram", "COMM", 1, 1, 1),
        ("page.test", "", 1, 1, 1),
        ("site.test", "NEWS", 0, 1, 0),
    ]


def test_targets_can_be_of_one_category(week: DuckDBStore) -> None:
    assert [row.target for row in week.targets(category="NEWS")] == ["site.test"]
    assert week.targets(category="NONE") == []


def test_a_target_is_shown_on_every_network(week: DuckDBStore) -> None:
    assert [(row.country, row.asn, row.ok, row.blocked) for row in week.target_networks("telegram")] == [
        ("KZ", 9198, 2, 1),
        ("KZ", 0, 0, 0),
    ]


def test_a_targets_history_goes_by_steps(week: DuckDBStore) -> None:
    steps = week.target_history("telegram", "KZ", 9198, Grain.DAY)
    assert [(step.start, step.ok, step.blocked) for step in steps] == [
        (NOON.replace(hour=0), 1, 0),
        (NOON.replace(hour=0) + DAY, 0, 1),
        (NOON.replace(hour=0) + 2 * DAY, 1, 0),
    ]


def test_categories_gather_their_targets(week: DuckDBStore) -> None:
    assert [(row.category, row.total, row.targets, row.blocked_targets) for row in week.categories("KZ")] == [
        ("COMM", 4, 1, 1),
        ("", 1, 1, 1),
        ("NEWS", 1, 1, 0),
    ]


def test_changes_of_state_are_told_latest_first(week: DuckDBStore) -> None:
    changes = week.state_changes()
    assert changes[0] == StateChange(
        target="telegram",
        country="KZ",
        asn=9198,
        network_name="Network 9198",
        since=NOON + DAY,
        at=NOON + 2 * DAY,
        before="blocked",
        after="ok",
    )
    assert [(change.before, change.after) for change in changes] == [("blocked", "ok"), ("ok", "blocked")]
    assert week.state_changes(Window(NOON + DAY), country="KZ", target="telegram", asn=9198) == changes[:1]


def test_an_hour_that_knew_nothing_is_no_change(store: DuckDBStore) -> None:
    for n, state in enumerate([State.BLOCKED, State.UNKNOWN, State.BLOCKED]):
        store.commit(
            tables_of((measurement(n, start=NOON + n * HOUR), [verdict("a.test", state)])), Locator("s", n, 1)
        )
    assert store.state_changes() == []


def test_categories_are_replaced_whole(week: DuckDBStore) -> None:
    week.set_categories([("telegram", "A"), ("telegram", "B")])
    assert week.count_verdicts(VerdictFilter(category="B")) == 4
    assert week.count_verdicts(VerdictFilter(category="NEWS")) == 0


def test_a_snapshot_recorded_again_replaces_itself(store: DuckDBStore) -> None:
    first = Snapshot("networks", "2026-11", "00", "https://one.test", "CC0-1.0", NOON)
    second = msgspec.structs.replace(first, sha256="11")
    other = msgspec.structs.replace(first, version="2026-12", loaded_at=NOON + DAY)
    for snapshot in (first, other, second):
        store.record_snapshot(snapshot)
    assert store.snapshots() == [other, second]


def test_the_last_time_measured_is_before_the_one_asked_for(week: DuckDBStore) -> None:
    assert week.last_measured(NOON + 3 * DAY) == NOON + 2 * DAY
    assert week.last_measured(NOON + 2 * DAY) == NOON + DAY
    assert week.last_measured(NOON) is None


def test_one_wrong_clock_does_not_say_when_was_last_measured(store: DuckDBStore) -> None:
    sessions = [
        (measurement(n, start=NOON + n * HOUR, report_id=f"r{n}"), [verdict("telegram")]) for n in range(4)
    ]
    liar = [
        (measurement(10 + n, start=NOON + 400 * DAY, report_id="liar"), [verdict("telegram")])
        for n in range(40)
    ]
    store.commit(tables_of(*sessions, *liar), PLACE)
    assert store.last_measured(NOON + 900 * DAY) == NOON + 3 * HOUR
    assert store.last_measured(NOON + 401 * DAY) == NOON + 400 * DAY
    alone = [
        (measurement(n, report_id="", start=NOON + 500 * DAY), [verdict("a.test")]) for n in range(50, 53)
    ]
    store.commit(tables_of(*alone), PLACE)
    assert store.last_measured(NOON + 900 * DAY) == NOON + 500 * DAY


def test_totals_of_an_empty_store_are_zero(store: DuckDBStore) -> None:
    totals = store.totals()
    assert (totals.measurements, totals.total, totals.targets, totals.first) == (0, 0, 0, None)


def test_totals_count_everything(week: DuckDBStore) -> None:
    totals = week.totals()
    assert (totals.measurements, totals.total, totals.countries, totals.networks, totals.targets) == (
        7,
        7,
        2,
        3,
        3,
    )
    assert (totals.first, totals.last) == (NOON, NOON + 2 * DAY)


def test_readers_see_whole_commits_while_one_writes(store: DuckDBStore) -> None:
    def read(_: int) -> bool:
        exported = pa.Table.from_batches(store.export_verdicts(), VERDICT)
        return exported.num_rows % 10 == 0

    with ThreadPoolExecutor(4) as pool:
        reads = pool.map(read, range(40))
        for first in range(0, 100, 10):
            store.commit(simple(first, 10), Locator("s", first, 1))
        assert all(reads)
    assert store.count_verdicts() == 100


def test_two_threads_that_commit_the_same_add_it_once(store: DuckDBStore) -> None:
    with ThreadPoolExecutor(2) as pool:
        added = sum(done.added for done in pool.map(lambda _: store.commit(simple(0, 20), PLACE), range(2)))
    assert (added, store.count_measurements()) == (20, 20)


def test_a_hostile_name_comes_back_as_it_was(store: DuckDBStore) -> None:
    name = "a\x00b'; DROP TABLE verdict; --\u202e"
    store.commit(tables_of((measurement(0), [verdict(name)])), PLACE)
    assert [row.target for row in store.verdicts(VerdictFilter(target=name))] == [name]
    assert [row.target for row in store.targets()] == [name]
