"""Rebuilds observations and verdicts from the raw archive, by the same kernel that live arrival runs through."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from lampwatch.formats.archive import Batch
from lampwatch.pipeline.ingest import Summary
from lampwatch.pipeline.interrupts import held
from lampwatch.pipeline.kernel import RawLine
from lampwatch.pipeline.pool import Job, Recipe, worked
from lampwatch.store.archive import Archive
from lampwatch.store.protocol import Store, Writing
from lampwatch.store.segment import Locator, Trouble


class Rebuilt(msgspec.Struct, frozen=True):
    """A batch that has been rebuilt: where it lies, and the run so far."""

    locator: Locator
    summary: Summary


def reprocess(
    *, store: Writing, archive: Archive, recipe: Recipe, workers: int, report: Callable[[Trouble], None]
) -> Iterator[Rebuilt]:
    """Judge every archived batch again and put its rows in place of the old ones, one transaction a batch.

    Given at any moment the store holds, for each measurement, either the old rows or the new ones. Stopping loses
    nothing, and running again begins anew. Damage in the archive is reported and passed over.
    """
    yield from _rebuilt(store, archive, recipe, workers=workers, report=report, beside=())


def catch_up(
    *, store: Store, archive: Archive, recipe: Recipe, workers: int, report: Callable[[Trouble], None]
) -> Iterator[Rebuilt]:
    """Take in what the archive holds and the store has not: what was archived just before a crash.

    Where nothing is missing, nothing is read but the sizes of the segments. A store that was lost misses everything.
    """
    yield from _rebuilt(store, archive, recipe, workers=workers, report=report, beside=store.taken_in())


def lines_of(batch: Batch) -> list[RawLine]:
    """An archived batch as the kernel takes it."""
    return [RawLine(*line) for line in zip(batch.documents, batch.sources, batch.positions, strict=True)]


def _rebuilt(
    store: Writing,
    archive: Archive,
    recipe: Recipe,
    *,
    workers: int,
    report: Callable[[Trouble], None],
    beside: Sequence[Locator],
) -> Iterator[Rebuilt]:
    summary = Summary()
    jobs = (
        Job(lines_of(archived.batch), (), archived.locator)
        for archived in archive.batches(report, beside=beside)
    )
    for locator, batch in worked(recipe, jobs, workers=workers):
        with held():
            committed = store.commit(batch.tables, locator, replace=True)
        summary.documents += committed.added + committed.already_there + sum(committed.set_aside.values())
        summary.count(committed)
        yield Rebuilt(locator, summary)
