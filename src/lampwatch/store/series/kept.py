"""The series store: values are only ever added, so what was known at any time can be told later.

Nothing but files: any process may read while one appends, and `lampwatch serve` may run beside an import.
"""

import datetime as dt
import fcntl
import itertools
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lampwatch.model.series import Series, Values
from lampwatch.store.durable import sync
from lampwatch.store.series.files import SCHEMA, ValueFile, in_force, write

MOST_FILES: Final = 64
"""More files than this are merged into one after an append."""


class Appended(msgspec.Struct, frozen=True):
    """What an append did: values of bins that were new, that say something else than before, and that say the same."""

    new: int
    revised: int
    same: int


class Known(msgspec.Struct, frozen=True):
    """A series, and which bins the store has of it: the first and last start (seconds since 1970), and how many."""

    series: Series
    first: int
    last: int
    count: int


class SeriesStore:
    """Keeps series in one directory of Parquet files."""

    def __init__(self, directory: Path, *, clock: Callable[[], dt.datetime]) -> None:
        """Name the directory, which appending makes. clock gives UTC without a zone, and names the files."""
        self._directory = directory
        self._clock = clock
        self._files: dict[str, ValueFile] = {}

    def append(self, batches: Iterable[Values]) -> Appended:
        """Keep values; when this returns they are durable. What the store has already, value for value, is left out.

        All of batches goes into one file, or nothing does. A bin that comes with another value than before is a
        revision: both are kept, the one that arrived later counts.
        """
        with self._locked():
            given = [one for one in batches if len(one)]
            before = {one.series.id: one for one in self.values({one.series.id for one in given})}
            count = [0, 0, 0]
            fresh: list[Values] = []
            for one in given:
                news, revised = _news(one, before.get(one.series.id))
                count = [count[0] + int((news & ~revised).sum()), count[1] + int(revised.sum()), count[2]]
                count[2] += int((~news).sum())
                if news.any():
                    fresh.append(Values(one.series, one.starts[news], one.values[news], one.arrived[news]))
            if fresh:
                write(
                    self._directory,
                    self._name(),
                    _table(fresh),
                    {one.series.id: one.series for one in fresh}.values(),
                )
                if len(self._in_force()) > MOST_FILES:
                    self._merge()
            return Appended(count[0], count[1], count[2])

    def series(self) -> list[Series]:
        """The headers of all series, by id; of a series whose header changed, the one that came last."""
        headers = {one.id: one for file in self._in_force() for one in file.header.headers()}
        return [headers[name] for name in sorted(headers)]

    def known(self) -> list[Known]:
        """All series with their span, by id."""
        spans = {one.series.id: one for one in self.values()}
        return [
            Known(one, int(spans[one.id].starts[0]), int(spans[one.id].starts[-1]), len(spans[one.id]))
            for one in self.series()
            if one.id in spans
        ]

    def values(
        self,
        ids: Collection[str] | None = None,
        *,
        since: int | None = None,
        until: int | None = None,
        as_of: int | None = None,
    ) -> Iterator[Values]:
        """The values of series, by id; of all of them where ids is None. Series without values are left out.

        Bins start within [since, until), in seconds since 1970. With as_of, only what had arrived by then counts.
        """
        headers: dict[str, Series] = {}
        tables = []
        for file in self._in_force():
            headers |= {one.id: one for one in file.header.headers()}
            if (
                (as_of is not None and file.header.first_arrived > as_of)
                or (since is not None and file.header.last < since)
                or (until is not None and file.header.first >= until)
            ):
                continue
            table = _read(file.path, ids, since, until, as_of)
            if table.num_rows:
                tables.append(table)
        yield from _latest(tables, headers)

    def _in_force(self) -> list[ValueFile]:
        files = in_force(self._directory, self._files)
        self._files = {file.path.name: file for file in files}
        return files

    def _name(self) -> str:
        """A name later than every other one, in the order of names."""
        now = f"{self._clock():%Y%m%dT%H%M%S%f}"
        last = max((path.stem for path in self._directory.glob("*.parquet")), default="")
        if now > last:
            return now
        stem, _, number = last.partition("-")
        return f"{stem}-{int(number or 0) + 1:06}"

    def _merge(self) -> None:
        """Put all files into one. Every value that ever arrived stays."""
        files = self._in_force()
        headers = {one.id: one for file in files for one in file.header.headers()}
        table = pa.concat_tables([pq.read_table(file.path).cast(_PLAIN) for file in files])
        table = table.sort_by([("series", "ascending"), ("start", "ascending"), ("arrived", "ascending")])
        names = [file.path.name for file in files]
        write(self._directory, self._name(), table, headers.values(), replaces=names)
        for file in files:
            file.path.unlink()
        sync(self._directory)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process appends at a time; the next one waits."""
        self._directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._directory / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


_PLAIN: Final = pa.schema([*SCHEMA]).set(0, pa.field("series", pa.string()))


def _read(
    path: Path, ids: Collection[str] | None, since: int | None, until: int | None, as_of: int | None
) -> pa.Table:
    conditions = []
    if ids is not None:
        conditions.append(pc.field("series").isin(pa.array(sorted(ids), pa.string())))
    if since is not None:
        conditions.append(pc.field("start") >= since)
    if until is not None:
        conditions.append(pc.field("start") < until)
    if as_of is not None:
        conditions.append(pc.field("arrived") <= as_of)
    table = pq.read_table(path).cast(_PLAIN)
    for condition in conditions:
        table = table.filter(condition)
    return table


def _latest(tables: list[pa.Table], headers: dict[str, Series]) -> Iterator[Values]:
    """The value of each bin that arrived last; of two that arrived together, the one of the later file."""
    if not tables:
        return
    table = pa.concat_tables(tables)
    encoded = table["series"].combine_chunks().dictionary_encode()
    names = [str(name) for name in encoded.dictionary.to_pylist()]
    rank = np.argsort(np.argsort(np.array(names, dtype=object)))
    codes = rank[encoded.indices.to_numpy()]
    starts, arrived = table["start"].to_numpy(), table["arrived"].to_numpy()
    values = table["value"].to_numpy()
    order = np.lexsort((arrived, starts, codes))
    codes, starts, arrived, values = codes[order], starts[order], arrived[order], values[order]
    last = np.append((np.diff(codes) != 0) | (np.diff(starts) != 0), True)
    codes, starts, arrived, values = codes[last], starts[last], arrived[last], values[last]
    ends = [*(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    for begin, end in itertools.pairwise([0, *ends]):
        name = sorted(names)[codes[begin]]
        yield Values(headers[name], starts[begin:end], values[begin:end], arrived[begin:end])


def _news(given: Values, before: Values | None) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which of the values given are not there yet, and which of those are revisions."""
    if before is None:
        return np.ones(len(given), bool), np.zeros(len(given), bool)
    at = np.searchsorted(before.starts, given.starts)
    there = before.starts[np.minimum(at, len(before) - 1)] == given.starts
    old = before.values[np.minimum(at, len(before) - 1)]
    same = there & ((old == given.values) | (np.isnan(old) & np.isnan(given.values)))
    return ~same, ~same & there


def _table(batches: list[Values]) -> pa.Table:
    return pa.table(
        {
            "series": pa.array(
                [one.series.id for one in batches for _ in range(len(one))], pa.string()
            ).dictionary_encode(),
            "start": pa.array(np.concatenate([one.starts for one in batches]), pa.int64()),
            "value": pa.array(
                np.concatenate([one.values for one in batches]), pa.float64(), from_pandas=True
            ),
            "arrived": pa.array(np.concatenate([one.arrived for one in batches]), pa.int64()),
        }
    )
