"""Rebuilds observations and verdicts from the raw archive, by the same kernel that live arrival runs through."""

from collections.abc import Callable, Iterator

import msgspec

from lampwatch.pipeline.ingest import Summary
from lampwatch.pipeline.interrupts import held
from lampwatch.pipeline.kernel import RawLine
from lampwatch.pipeline.pool import Job, Recipe, worked
from lampwatch.store.archive import Archive
from lampwatch.store.protocol import Writing
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
    summary = Summary()

    def jobs() -> Iterator[Job[Locator]]:
        for archived in archive.batches(report):
            batch = archived.batch
            lines = [
                RawLine(*line) for line in zip(batch.documents, batch.sources, batch.positions, strict=True)
            ]
            yield Job(lines, (), archived.locator)

    for locator, batch in worked(recipe, jobs(), workers=workers):
        with held():
            committed = store.commit(batch.tables, locator, replace=True)
        summary.documents += committed.added + committed.already_there + sum(committed.set_aside.values())
        summary.count(committed)
        yield Rebuilt(locator, summary)
