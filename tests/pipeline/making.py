"""A kernel, batches of example documents, and a store with its archive, for the pipeline's tests."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from lampwatch.collect.discover import discover as discover_sources
from lampwatch.collect.source import Source
from lampwatch.judge.references import NO_REFERENCES
from lampwatch.pipeline.ingest import Summary
from lampwatch.pipeline.kernel import Kernel, RawLine
from lampwatch.pipeline.recipe import LocalRecipe
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from tests.cli.running import example_lines

RECIPE = LocalRecipe(NO_REFERENCES)
NOW = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001  the archive's clock is UTC without a zone

BROKEN = (b"no JSON", b'{"test_name": "web_connectivity"}', b"[1]", b'{"test_name":"x","test_keys":null}')


def kernel() -> Kernel:
    return RECIPE.kernel()


def raw_lines(documents: Iterable[bytes], source: str = "a.jsonl") -> list[RawLine]:
    return [RawLine(raw, source, position) for position, raw in enumerate(documents, 1)]


def mixed_lines() -> list[RawLine]:
    """The example documents with broken ones between them."""
    documents = example_lines()
    for n, broken in enumerate(BROKEN):
        documents.insert(7 * n + 3, broken)
    return raw_lines(documents)


def told(batches: Iterable[Mapping[str, pa.RecordBatch]]) -> dict[str, list[dict[str, Any]]]:
    """All rows by table, in order, without their place in the batch, which splitting must change."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for tables in batches:
        for name, table in tables.items():
            place = {"n"} if name in {"measurement", "quarantine"} else set()
            rows.setdefault(name, []).extend(
                {column: value for column, value in row.items() if column not in place}
                for row in table.to_pylist()
            )
    return rows


class Silent:
    """Watches a run without a word, and counts its durable batches."""

    def __init__(self) -> None:
        self.batches = 0

    def source(self, source: Source, *, skipped: bool) -> None:
        """Nothing."""

    def done(self, source: str, *, bytes_read: int, documents: int, summary: Summary) -> None:  # noqa: ARG002  a Watcher
        """Count."""
        self.batches += 1


@contextmanager
def opened(folder: Path) -> Iterator[tuple[DuckDBStore, LocalArchive]]:
    archive = LocalArchive(folder / "raw", clock=lambda: NOW, report=lambda trouble: _fail(str(trouble)))
    with (
        archive,
        open_store(folder / "lampwatch.duckdb", archive, memory_limit="256MB", threads=1) as store,
    ):
        yield store, archive


def _fail(message: str) -> None:
    raise AssertionError(message)


def sources_of(*paths: Path) -> list[Source]:
    return list(discover_sources([str(path) for path in paths], stdin=_NoInput(), environ={}))  # type: ignore[arg-type]  # nothing reads it


class _NoInput:
    """Stands where standard input would be; nobody may read it."""


def stored(store: DuckDBStore) -> list[dict[str, Any]]:
    """Every stored verdict, in one order."""
    found = [row for batch in store.export_verdicts() for row in batch.to_pylist()]
    return sorted(found, key=lambda row: (row["uid"], row["target"]))


def split(lines: Sequence[RawLine], size: int) -> list[Sequence[RawLine]]:
    return [lines[at : at + size] for at in range(0, len(lines), size)]
