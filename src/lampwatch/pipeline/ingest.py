"""Takes sources into the archive and the store: reads, judges in batches, archives, commits, and can go on later.

Durability: a batch's bytes are in the archive before its rows are committed, and a source's progress is committed with
the rows. So what is reported as done is done, and what was cut off is taken in again by the next run, once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import msgspec

from lampwatch.collect.documents import Aside, End, Line, documents
from lampwatch.collect.source import Source
from lampwatch.model.measurement import SetAside
from lampwatch.pipeline.interrupts import held
from lampwatch.pipeline.kernel import RawLine
from lampwatch.pipeline.pool import Job, Recipe, worked
from lampwatch.store.archive import Archive
from lampwatch.store.protocol import Store
from lampwatch.store.rows import Committed, Progress

BATCH_DOCUMENTS: Final = 500
BATCH_BYTES: Final = 4 * 1024 * 1024
"""A batch is handed on when it holds this many documents or bytes; one document may be larger."""


class Summary(msgspec.Struct):
    """What a run did: measurements added and met again, verdicts by state, documents set aside by reason."""

    sources: int = 0
    skipped_sources: int = 0
    unfinished_sources: int = 0
    documents: int = 0
    added: int = 0
    already_there: int = 0
    verdicts: Counter[str] = msgspec.field(default_factory=Counter)
    set_aside: Counter[str] = msgspec.field(default_factory=Counter)

    def count(self, committed: Committed) -> None:
        """Add what one commit did."""
        self.added += committed.added
        self.already_there += committed.already_there
        self.verdicts.update(committed.verdicts)
        self.set_aside.update(committed.set_aside)


class Watcher(Protocol):
    """Is told how a run goes on, for showing it."""

    def source(self, source: Source, *, skipped: bool) -> None:
        """A source is begun, or skipped because it was taken in before."""
        ...

    def done(self, source: str, *, bytes_read: int, documents: int, summary: Summary) -> None:
        """A batch is durable: how far its last source has been read, and how many documents it held."""
        ...


class _Marks(msgspec.Struct):
    """What a batch's commit is to remember."""

    progress: dict[str, Progress]
    source: str = ""
    bytes_read: int = 0
    documents: int = 0


class _Batcher:
    """Gathers lines of all sources into batches, in order, with the progress that each batch completes."""

    def __init__(self, sources: Iterable[Source], store: Store, summary: Summary, watcher: Watcher) -> None:
        self._sources = sources
        self._store = store
        self._summary = summary
        self._watcher = watcher
        self._empty()

    def _empty(self) -> None:
        self._lines: list[RawLine] = []
        self._asides: list[SetAside] = []
        self._bytes = 0
        self._marks = _Marks({})

    def _take(self) -> Job[_Marks]:
        self._marks.documents = len(self._lines) + len(self._asides)
        job = Job(self._lines, self._asides, self._marks)
        self._empty()
        return job

    def jobs(self) -> Iterator[Job[_Marks]]:
        """The batches of all sources that are not finished yet, each read from where it was left."""
        for source in self._sources:
            self._summary.sources += 1
            before = self._store.progress(source.name) if source.identity else None
            if before is not None and before.identity != source.identity:
                before = None
            done = before is not None and before.finished
            self._watcher.source(source, skipped=done)
            if done:
                self._summary.skipped_sources += 1
                continue
            yield from self._read(source, before.position if before is not None else 0)
        if self._marks.progress or self._lines or self._asides:
            yield self._take()

    def _read(self, source: Source, start: int) -> Iterator[Job[_Marks]]:
        for item in documents(source, start=start):
            if isinstance(item, Line):
                self._lines.append(RawLine(item.raw, item.source, item.position))
                self._bytes += len(item.raw)
            elif isinstance(item, Aside):
                self._asides.append(item.set_aside)
                self._bytes += len(item.set_aside.raw)
            elif not item.finished:
                self._summary.unfinished_sources += 1
            self._marks.source, self._marks.bytes_read = source.name, item.bytes_read
            if source.identity:
                finished = isinstance(item, End) and item.finished
                self._marks.progress[source.name] = Progress(source.identity, item.mark, finished)
            if len(self._lines) + len(self._asides) >= BATCH_DOCUMENTS or self._bytes >= BATCH_BYTES:
                yield self._take()


def ingest(
    sources: Iterable[Source],
    *,
    store: Store,
    archive: Archive,
    recipe: Recipe,
    workers: int,
    watcher: Watcher,
) -> Iterator[Summary]:
    """Take in sources, and give the growing summary after each batch that is durable.

    Stopping between two of them loses nothing: a later run goes on where this one was.
    """
    summary = Summary()
    batches = _Batcher(sources, store, summary, watcher)
    for marks, batch in worked(recipe, batches.jobs(), workers=workers):
        # DuckDB would break a commit off on an interrupt: it waits until this batch is in.
        with held():
            locator = archive.append(batch.archive) if batch.archive else None
            committed = store.commit(batch.tables, locator, progress=marks.progress)
        summary.documents += marks.documents
        summary.count(committed)
        watcher.done(marks.source, bytes_read=marks.bytes_read, documents=marks.documents, summary=summary)
        yield summary
    yield summary
