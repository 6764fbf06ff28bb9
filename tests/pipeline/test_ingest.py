from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lampwatch.pipeline import ingest as module
from lampwatch.pipeline.ingest import Summary, ingest
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.rows import Committed
from tests.cli.running import example_lines, written
from tests.pipeline.making import BROKEN, RECIPE, Silent, opened, sources_of, stored

LINES = example_lines()[:40]
BATCH = 7


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_DOCUMENTS", BATCH)


def taken_in(store: DuckDBStore, archive: LocalArchive, *paths: Path, batches: int | None = None) -> Summary:
    """One run, stopped after so many batches."""
    last, watcher = Summary(), Silent()
    run = ingest(sources_of(*paths), store=store, archive=archive, recipe=RECIPE, workers=1, watcher=watcher)
    for summary in run:
        last = summary
        if watcher.batches == batches:
            break
    run.close()  # type: ignore[attr-defined]  # a generator
    return last


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[dict[str, Any]]]:
    """Two files with something broken in them, and the verdicts of one undisturbed run."""
    folder = tmp_path_factory.mktemp("whole")
    first = written(folder / "a.jsonl", [*LINES[:15], *BROKEN[:2], *LINES[15:23]])
    second = written(folder / "b.jsonl", [*LINES[20:], *BROKEN[2:]])
    with opened(folder) as (store, archive):
        taken_in(store, archive, first, second)
        return first, second, stored(store)


@pytest.mark.parametrize("batches", range(1, 9))
def test_a_run_stopped_after_any_batch_is_gone_on_with(
    batches: int, tmp_path: Path, whole: tuple[Path, Path, list[dict[str, Any]]]
) -> None:
    first, second, verdicts = whole
    with opened(tmp_path) as (store, archive):
        before = taken_in(store, archive, first, second, batches=batches)
    with opened(tmp_path) as (store, archive):
        after = taken_in(store, archive, first, second)
        assert stored(store) == verdicts
        assert before.added + after.added == store.totals().measurements == len(LINES)
        assert before.documents + after.documents == 25 + 22
        assert sum(row.documents for row in store.quarantine_summary()) == len(BROKEN)


class Faulty(DuckDBStore):
    """A store whose nth commit fails, as on a full disk; the archive has the batch by then."""

    left: int

    def commit(self, *arguments: Any, **more: Any) -> Committed:
        self.left -= 1
        if self.left < 0:
            message = "no space left"
            raise OSError(message)
        return super().commit(*arguments, **more)


@pytest.mark.parametrize("commits", range(7))
def test_a_batch_that_was_archived_and_not_committed_is_taken_in_once(
    commits: int, tmp_path: Path, whole: tuple[Path, Path, list[dict[str, Any]]]
) -> None:
    first, second, verdicts = whole
    with opened(tmp_path) as (store, archive):
        store.__class__ = Faulty
        store.left = commits  # type: ignore[attr-defined]  # it is a Faulty now
        with pytest.raises(OSError, match="no space left"):
            taken_in(store, archive, first, second)
    with opened(tmp_path) as (store, archive):
        taken_in(store, archive, first, second)
        assert stored(store) == verdicts


def test_a_batch_is_in_the_archive_before_its_rows_are_committed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES)
    seen: list[int] = []

    class Looking(DuckDBStore):
        def commit(self, tables: Mapping[str, Any], locator: Any, **more: Any) -> Committed:
            seen.append(len(archive.batch(locator).documents))
            return super().commit(tables, locator, **more)

    with opened(tmp_path) as (store, archive):
        store.__class__ = Looking
        taken_in(store, archive, path)
    assert seen == [BATCH] * 5 + [5]


def test_the_summary_grows_with_what_is_durable(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [*LINES, *BROKEN])
    with opened(tmp_path) as (store, archive):
        run = ingest(
            sources_of(path), store=store, archive=archive, recipe=RECIPE, workers=1, watcher=Silent()
        )
        counts = [(summary.added, store.totals().measurements) for summary in run]
    assert all(reported == there for reported, there in counts)
    assert counts[-1][0] == len(LINES)


def test_small_sources_share_a_batch(tmp_path: Path) -> None:
    paths = [written(tmp_path / f"{n}.jsonl", [line]) for n, line in enumerate(LINES[:6])]
    watcher = Silent()
    with opened(tmp_path) as (store, archive):
        list(
            ingest(
                sources_of(*paths), store=store, archive=archive, recipe=RECIPE, workers=1, watcher=watcher
            )
        )
        assert all(
            progress is not None and progress.finished
            for progress in (store.progress(str(path)) for path in paths)
        )
    assert watcher.batches == 1


def test_a_finished_source_is_skipped_and_a_changed_one_is_not(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", LINES[:10])
    with opened(tmp_path) as (store, archive):
        taken_in(store, archive, path)
        assert taken_in(store, archive, path).skipped_sources == 1
        written(path, LINES[:12])
        again = taken_in(store, archive, path)
    assert (again.skipped_sources, again.added, again.already_there) == (0, 2, 10)
