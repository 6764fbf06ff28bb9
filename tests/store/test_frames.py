"""What a crash between archive and commit left out can be told afterwards."""

from pathlib import Path

import duckdb
import pytest

from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.duckdb.migrations import MIGRATIONS, migrate
from lampwatch.store.protocol import Store
from lampwatch.store.segment import Locator
from tests.store.samples import PLACE, measurement, rows, set_aside, simple, store_at, uid_of


def at(begins: int, ends: int, segment: str = "a") -> Locator:
    return Locator(segment, begins, ends - begins)


def test_frames_that_follow_each_other_are_one_stretch(as_promised: Store) -> None:
    for n in range(4):
        as_promised.commit(simple(n, 1), at(10 * n, 10 * n + 10))
    assert as_promised.taken_in() == [at(0, 40)]


def test_a_frame_that_was_never_committed_leaves_a_hole(as_promised: Store) -> None:
    as_promised.commit(simple(0, 1), at(0, 10))
    as_promised.commit(simple(2, 1), at(20, 30))
    assert as_promised.taken_in() == [at(0, 10), at(20, 30)]
    as_promised.commit(simple(1, 1), at(10, 20), replace=True)
    assert as_promised.taken_in() == [at(0, 30)]


def test_a_frame_counts_though_it_yields_nothing_new(as_promised: Store) -> None:
    as_promised.commit(simple(0, 1), at(0, 10))
    as_promised.commit(simple(0, 1), at(10, 20))
    as_promised.commit({}, at(20, 30))
    assert as_promised.taken_in() == [at(0, 30)]


def test_frames_again_in_any_order_change_nothing(as_promised: Store) -> None:
    for begins in (0, 20, 10, 0, 20, 10):
        as_promised.commit(simple(begins, 1), at(begins, begins + 10), replace=True)
    assert as_promised.taken_in() == [at(0, 30)]


def test_segments_are_told_apart(as_promised: Store) -> None:
    as_promised.commit(simple(0, 1), at(0, 10, "b"))
    as_promised.commit(simple(1, 1), at(10, 20, "a"))
    assert as_promised.taken_in() == [at(10, 20, "a"), at(0, 10, "b")]


def test_what_is_in_no_archive_takes_in_no_frame(as_promised: Store) -> None:
    as_promised.commit(simple(0, 1), None)
    assert as_promised.taken_in() == []


def test_a_commit_that_fails_takes_in_no_frame(store: DuckDBStore) -> None:
    tables = dict(simple(0, 2))
    tables["http"] = tables["http"].select(["uid"])
    with pytest.raises(Exception, match="http"):
        store.commit(tables, PLACE)
    assert store.taken_in() == []


def test_many_frames_of_one_segment_are_few_rows(tmp_path: Path) -> None:
    with store_at(tmp_path) as store:
        for n in range(50):
            store.commit({}, at(10 * n, 10 * n + 10))
        for n in range(50):
            store.commit({}, at(10 * n, 10 * n + 10), replace=True)
    with duckdb.connect(str(tmp_path / "lampwatch.duckdb")) as file:
        assert file.execute("SELECT count(*) FROM frame").fetchone() == (1,)


def test_a_store_of_an_older_version_knows_its_frames_by_their_rows(tmp_path: Path) -> None:
    file = tmp_path / "lampwatch.duckdb"
    with duckdb.connect(str(file)) as old:
        migrate(old, str(file), MIGRATIONS[:2])
        old.register("given", simple(0, 2)["measurement"])
        for begins in (0, 10, 30):
            old.execute(f"INSERT INTO measurement SELECT *, 'a', {begins}, 10 FROM given")  # noqa: S608  our own number
        old.execute("INSERT INTO measurement SELECT *, '', 0, 0 FROM given")
    with store_at(tmp_path) as store:
        assert store.taken_in() == [at(0, 20), at(30, 40)]


def test_measurements_that_are_there_are_known(as_promised: Store) -> None:
    as_promised.commit(simple(0, 2), PLACE)
    asked = [uid_of(n) for n in range(1, 4)] + ["no uid at all", "'"]
    assert as_promised.known(asked) == {uid_of(1)}
    assert as_promised.known([]) == set()


def test_documents_set_aside_are_known(as_promised: Store) -> None:
    gathered = rows()
    gathered.add(measurement(0), None, [], network_name="", n=0)
    gathered.set_aside(set_aside(1), n=1)
    as_promised.commit(gathered.tables(), PLACE)
    id_ = as_promised.quarantine()[0].id
    assert as_promised.known([uid_of(0)], [id_, "0" * 32]) == {uid_of(0), id_}
