from pathlib import Path

import pytest

from lampwatch.model.measurement import Reason
from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.query import MeasurementFilter, VerdictFilter
from lampwatch.store.rows import Committed, Progress
from lampwatch.store.segment import Locator
from tests.store.samples import (
    OBSERVED,
    PLACE,
    archive_at,
    document,
    measurement,
    packed,
    rows,
    set_aside,
    simple,
    store_at,
    tables_of,
    uid_of,
    verdict,
)


def test_a_commit_counts_what_it_added(store: DuckDBStore) -> None:
    assert store.commit(simple(0, 3), PLACE) == Committed(3, 0, {"ok": 3}, {})


def test_the_same_measurements_again_change_nothing(store: DuckDBStore) -> None:
    store.commit(simple(0, 3), PLACE)
    assert store.commit(simple(0, 3), PLACE) == Committed(0, 3, {}, {})
    assert store.count_measurements() == store.count_verdicts() == 3
    assert len(store.observations_of(uid_of(0))["tcp"]) == 3


def test_only_new_measurements_of_a_batch_are_added_with_all_that_is_theirs(store: DuckDBStore) -> None:
    store.commit(simple(0, 2), PLACE)
    assert store.commit(simple(1, 3), Locator("later", 0, 1)).added == 2
    assert [len(store.verdicts_of(uid_of(n))) for n in range(4)] == [1, 1, 1, 1]
    assert [len(store.observations_of(uid_of(n))["dns"]) for n in range(4)] == [1, 1, 1, 1]


def test_a_document_met_twice_in_one_batch_counts_once(store: DuckDBStore) -> None:
    twice = (measurement(0), [verdict("site0.test")])
    assert store.commit(tables_of(twice, twice), PLACE) == Committed(1, 1, {"ok": 1}, {})
    assert len(store.observations_of(uid_of(0))["tcp"]) == 3


def test_replacing_writes_measurements_anew(store: DuckDBStore) -> None:
    store.commit(simple(0, 3), PLACE)
    assert store.commit(simple(0, 3, state=State.BLOCKED), PLACE, replace=True) == Committed(
        0, 3, {"blocked": 3}, {}
    )
    assert store.count_verdicts(VerdictFilter(state="ok")) == 0
    assert store.count_measurements(MeasurementFilter(anomaly=True)) == 3
    assert len(store.observations_of(uid_of(0))["tcp"]) == 3


def test_replacing_takes_out_what_the_frame_no_longer_yields(store: DuckDBStore) -> None:
    store.commit(simple(0, 3), PLACE)
    gathered = rows()
    gathered.add(measurement(0), OBSERVED, [verdict("site0.test")], network_name="", n=0)
    gathered.set_aside(set_aside(2), n=1)
    store.commit(gathered.tables(), PLACE, replace=True)
    assert store.count_measurements() == 1
    assert [row.position for row in store.quarantine()] == [2]


def test_replacing_takes_out_what_was_set_aside_before(store: DuckDBStore) -> None:
    gathered = rows()
    gathered.set_aside(set_aside(1, Reason.INTERNAL_ERROR), n=0)
    store.commit(gathered.tables(), PLACE)
    store.commit(simple(0, 1), PLACE, replace=True)
    assert store.quarantine() == []


def test_replacing_one_frame_leaves_others_alone(store: DuckDBStore) -> None:
    store.commit(simple(0, 2), PLACE)
    store.commit(simple(2, 2), Locator("other", 0, 1))
    store.commit(simple(0, 2), PLACE, replace=True)
    assert store.count_measurements() == 4


def test_replacing_without_a_place_leaves_what_has_no_place(store: DuckDBStore) -> None:
    gathered = rows()
    gathered.set_aside(set_aside(1))
    store.commit(gathered.tables(), None)
    store.commit(simple(0, 1), None)
    store.commit(simple(1, 1), None, replace=True)
    assert store.count_measurements() == 2
    assert len(store.quarantine()) == 1


def test_what_is_set_aside_is_counted_once_by_reason(store: DuckDBStore) -> None:
    gathered = rows()
    for position in (1, 2):
        gathered.set_aside(set_aside(position), n=position)
    gathered.set_aside(set_aside(3, Reason.TOO_LARGE))
    assert store.commit(gathered.tables(), PLACE).set_aside == {"not_json": 2, "too_large": 1}
    assert store.commit(gathered.tables(), PLACE).set_aside == {}
    assert [(row.reason, row.documents, row.sources) for row in store.quarantine_summary()] == [
        ("not_json", 2, 1),
        ("too_large", 1, 1),
    ]


def test_a_document_that_is_not_archived_has_no_place(store: DuckDBStore) -> None:
    gathered = rows()
    gathered.set_aside(set_aside(1), n=0)
    gathered.set_aside(set_aside(2))
    store.commit(gathered.tables(), PLACE)
    assert [(row.n, row.segment) for row in store.quarantine()] == [(0, PLACE.segment), (-1, "")]


def test_progress_is_kept_with_the_commit(store: DuckDBStore) -> None:
    assert store.progress("kz.jsonl") is None
    store.commit(simple(0, 1), PLACE, progress={"kz.jsonl": Progress("10@5", 1)})
    store.commit({}, None, progress={"kz.jsonl": Progress("10@5", 2, finished=True)})
    assert store.progress("kz.jsonl") == Progress("10@5", 2, finished=True)


def test_a_commit_that_fails_leaves_nothing(store: DuckDBStore) -> None:
    tables = dict(simple(0, 2))
    tables["http"] = tables["http"].select(["uid"])
    with pytest.raises(Exception, match="http"):
        store.commit(tables, PLACE, progress={"kz.jsonl": Progress("10@5", 1)})
    assert store.count_measurements() == 0
    assert store.progress("kz.jsonl") is None
    assert store.commit(simple(0, 2), PLACE).added == 2


def test_the_bytes_come_back_from_the_archive(tmp_path: Path) -> None:
    with archive_at(tmp_path) as archive, store_at(tmp_path) as store:
        archive.append(packed(9, 1))
        store.commit(simple(0, 2), archive.append(packed(0, 2)))
        assert [store.raw(uid_of(n)) for n in range(3)] == [document(0), document(1), None]


def test_what_is_not_archived_has_no_bytes(store: DuckDBStore) -> None:
    store.commit(simple(0, 1), None)
    assert store.raw(uid_of(0)) is None


def test_everything_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        store.commit(simple(0, 3), PLACE)
        before = store.verdicts(), store.totals()
    with store_at(tmp_path) as store:
        assert (store.verdicts(), store.totals()) == before
