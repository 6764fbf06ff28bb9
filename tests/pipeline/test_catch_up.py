"""What a crash left between archive and store is taken in by the next start."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lampwatch.pipeline.reprocess import catch_up
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.segment import Trouble
from tests.cli.running import example_lines
from tests.pipeline.making import BROKEN, RECIPE, kernel, opened, raw_lines, stored

LINES = [*example_lines()[:20], *BROKEN]
KERNEL = kernel()


def caught_up(store: DuckDBStore, archive: LocalArchive) -> tuple[int, int]:
    """How many frames were taken in, and how many measurements they added."""
    troubles: list[Trouble] = []
    found = list(catch_up(store=store, archive=archive, recipe=RECIPE, workers=1, report=troubles.append))
    assert troubles == []
    return len(found), found[-1].summary.added if found else 0


def keep(store: DuckDBStore, archive: LocalArchive, lines: Sequence[bytes], *, crash: bool = False) -> None:
    worked = KERNEL.work(raw_lines(lines))
    locator = archive.append(worked.archive)
    if not crash:
        store.commit(worked.tables, locator)


def whole(folder: Path) -> tuple[list[dict[str, Any]], int]:
    """What a store holds that never crashed."""
    with opened(folder) as (store, archive):
        keep(store, archive, LINES)
        return stored(store), sum(count.documents for count in store.quarantine_summary())


@pytest.mark.parametrize("crashed", [{0}, {1}, {2}, {3}, {0, 1, 2, 3}, set()])
def test_frames_that_were_not_committed_are_taken_in(crashed: set[int], tmp_path: Path) -> None:
    with opened(tmp_path / "a") as (store, archive):
        for n in range(4):
            keep(store, archive, LINES[6 * n : 6 * n + 6], crash=n in crashed)
    with opened(tmp_path / "a") as (store, archive):
        assert caught_up(store, archive)[0] == len(crashed)
        assert caught_up(store, archive) == (0, 0)
        rows, aside = whole(tmp_path / "b")
        assert stored(store) == [row for row in rows if row in stored(store)]
        assert len(stored(store)) == len(rows)
        assert sum(count.documents for count in store.quarantine_summary()) == aside


DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from lampwatch.pipeline.live import LiveReceiver
from tests.cli.running import example_lines
from tests.pipeline.making import kernel, opened

class Dying:
    def known(self, uids, set_aside):
        return set()
    def commit(self, tables, locator):
        os.kill(os.getpid(), signal.SIGKILL)

with opened(Path(sys.argv[1])) as (store, archive):
    with LiveReceiver(store=Dying(), archive=archive, kernel=kernel(), report=print) as receiver:
        asyncio.run(receiver.receive(example_lines()[:5]))
"""


def test_a_process_that_dies_before_it_commits_has_lost_nothing(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    dying = subprocess.run([sys.executable, "-c", DYING, tmp_path], env=environment, check=False)
    assert dying.returncode == -signal.SIGKILL
    with opened(tmp_path) as (store, archive):
        assert store.count_measurements() == 0
        assert caught_up(store, archive) == (1, 5)
        assert [store.raw(row.uid) in LINES[:5] for row in store.measurements()] == [True] * 5


def test_a_document_that_is_there_from_another_frame_counts_once(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, archive):
        keep(store, archive, LINES[:4], crash=True)
        keep(store, archive, LINES[2:8])
        assert caught_up(store, archive) == (1, 2)
        assert store.count_measurements() == 8
        assert len({row.uid for row in store.measurements(limit=100)}) == 8
        assert all(store.raw(row.uid) in LINES for row in store.measurements(limit=100))


def test_a_store_that_was_lost_is_rebuilt(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, archive):
        for n in range(3):
            keep(store, archive, LINES[8 * n : 8 * n + 8])
        before = stored(store)
    (tmp_path / "lampwatch.duckdb").unlink()
    with opened(tmp_path) as (store, archive):
        assert caught_up(store, archive)[0] == 3
        assert stored(store) == before


def test_what_is_whole_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as (store, archive):
        keep(store, archive, LINES)
        monkeypatch.setattr("lampwatch.store.archive.scan", lambda *_: pytest.fail("read"))
        assert caught_up(store, archive) == (0, 0)


def test_a_write_that_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    with opened(tmp_path) as (store, archive):
        keep(store, archive, LINES[:5])
        keep(store, archive, LINES[5:], crash=True)
        segment = archive.segments()[0]
    with segment.open("r+b") as torn:
        torn.truncate(segment.stat().st_size - 3)
    troubles: list[Trouble] = []
    with opened(tmp_path) as (store, archive):
        found = list(catch_up(store=store, archive=archive, recipe=RECIPE, workers=1, report=troubles.append))
        assert (found, len(troubles), store.count_measurements()) == ([], 1, 5)
