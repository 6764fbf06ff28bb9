from pathlib import Path
from typing import Any

import pytest

from lampwatch.pipeline import ingest as module
from lampwatch.pipeline.ingest import ingest
from lampwatch.pipeline.reprocess import reprocess
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.segment import Trouble
from tests.cli.running import example_lines, written
from tests.pipeline.making import BROKEN, RECIPE, Silent, opened, sources_of, stored

LINES = example_lines()[:30]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_DOCUMENTS", 7)


def taken_in(store: DuckDBStore, archive: LocalArchive, *paths: Path) -> None:
    for path in paths:
        list(
            ingest(sources_of(path), store=store, archive=archive, recipe=RECIPE, workers=1, watcher=Silent())
        )


def rebuilt(store: DuckDBStore, archive: LocalArchive, batches: int | None = None) -> None:
    troubles: list[Trouble] = []
    run = reprocess(store=store, archive=archive, recipe=RECIPE, workers=1, report=troubles.append)
    for number, _ in enumerate(run, 1):
        if number == batches:
            break
    assert troubles == []


def places(store: DuckDBStore) -> dict[str, Any]:
    """Where each measurement's raw bytes are said to be, and whence they came."""
    uids = {row["uid"] for row in stored(store)}
    rows = {uid: store.measurement(uid) for uid in uids}
    return {
        uid: (row.source, row.position, row.segment, row.frame_offset, row.n)
        for uid, row in rows.items()
        if row
    }


def test_the_same_rows_come_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [*LINES, *BROKEN])
    with opened(tmp_path) as (store, archive):
        taken_in(store, archive, path)
        before, aside = stored(store), store.quarantine(100)
        rebuilt(store, archive)
        assert stored(store) == before
        assert store.quarantine(100) == aside


@pytest.mark.parametrize("batches", [1, 2, 3, 4, None])
def test_stopping_anywhere_leaves_the_same_rows(batches: int | None, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES)
    with opened(tmp_path) as (store, archive):
        taken_in(store, archive, path)
        before = stored(store)
        rebuilt(store, archive, batches)
        assert stored(store) == before


@pytest.mark.parametrize("from_nothing", [False, True])
def test_of_a_document_in_two_frames_the_first_arrival_keeps_its_place(
    from_nothing: bool, tmp_path: Path
) -> None:
    first = written(tmp_path / "a.jsonl", LINES[:10])
    second = written(tmp_path / "b.jsonl", LINES[5:20])
    with opened(tmp_path) as (store, archive):
        taken_in(store, archive, first, second)
        before, where = stored(store), places(store)
    if from_nothing:
        (tmp_path / "lampwatch.duckdb").unlink()
    with opened(tmp_path) as (store, archive):
        rebuilt(store, archive)
        assert stored(store) == before
        assert places(store) == where
        for uid in where:
            assert store.raw(uid) in LINES


def test_roll_ups_are_the_same_after_a_rebuild(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", LINES)
    second = written(tmp_path / "b.jsonl", LINES[10:])
    with opened(tmp_path) as (store, archive):
        taken_in(store, archive, first, second)
        before = (store.totals(), store.countries(), store.targets(limit=100))
        rebuilt(store, archive)
        assert (store.totals(), store.countries(), store.targets(limit=100)) == before
