"""The raw archive: the only durable truth. Everything else at rest can be rebuilt from it.

A directory of hourly segments, `YYYYMMDDTHH-NNNN.jsonl.zst` by the hour of arrival (UTC), that only ever grow. What
`append` has returned for survives a kill -9 and a power cut; a write that was cut short is taken back on the next one.
"""

import datetime as dt
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import msgspec

from lampwatch.formats.archive import Batch, CorruptError, unpack
from lampwatch.model.errors import UserError
from lampwatch.store.durable import sync
from lampwatch.store.segment import Locator, Trouble, scan

SUFFIX: Final = ".jsonl.zst"
SEGMENT_BYTES: Final = 256 * 1024 * 1024
"""A segment that has grown to this size is followed by another for the same hour."""


class Archived(msgspec.Struct, frozen=True):
    """A batch with the place it lies at."""

    locator: Locator
    batch: Batch


class Archive(Protocol):
    """What a raw archive does, wherever it lies."""

    def append(self, batch: bytes) -> Locator:
        """Keep one batch as `formats.archive.pack` made it; when this returns it is durable."""
        ...

    def document(self, locator: Locator, n: int) -> bytes:
        """One document's bytes as they came. Raises CorruptError, and LookupError for a wrong n."""
        ...

    def batch(self, locator: Locator) -> Batch:
        """The batch at a place. Raises CorruptError where it is not whole."""
        ...

    def batches(
        self, report: Callable[[Trouble], None], *, beside: Sequence[Locator] = ()
    ) -> Iterator[Archived]:
        """Every whole batch in order of arrival, but for those within the stretches beside.

        Damage is reported and passed over.
        """
        ...


class LocalArchive:
    """The raw archive in a local directory. Appending belongs to one process; reading is free to all."""

    def __init__(
        self,
        directory: Path,
        *,
        clock: Callable[[], dt.datetime],
        report: Callable[[Trouble], None],
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Name the directory, which appending makes. clock gives UTC; report hears of writes that were taken back."""
        self._directory = directory
        self._clock = clock
        self._report = report
        self._segment_bytes = segment_bytes
        self._hour = ""
        self._path: Path | None = None
        self._segment: int | None = None
        self._size = 0
        self._lock: int | None = None

    def append(self, batch: bytes) -> Locator:
        """Write one batch, make it durable, and say where it lies. Raises UserError where another process writes."""
        self._own()
        try:
            segment, path = self._segment_for(len(batch))
        except OSError as error:
            self._leave()
            raise UserError(
                f"{self._directory} cannot be written: {error.strerror}. Nothing of this batch counts; make room and"
                " run again."
            ) from error
        at = self._size
        try:
            written = 0
            while written < len(batch):
                written += os.write(segment, batch[written:])
            os.fsync(segment)
        except OSError as error:
            self._take_back(segment)
            raise UserError(
                f"{path} cannot be written: {error.strerror}. Nothing of this batch counts; make room and run again."
            ) from error
        self._size += len(batch)
        return Locator(path.name, at, len(batch))

    def document(self, locator: Locator, n: int) -> bytes:
        """One document's bytes as they came."""
        documents = self.batch(locator).documents
        if not 0 <= n < len(documents):
            message = (
                f"{locator.segment} at {locator.offset} holds {len(documents)} documents, not one at {n}"
            )
            raise LookupError(message)
        return documents[n]

    def batch(self, locator: Locator) -> Batch:
        """The batch at a place. Raises CorruptError where it is not whole, or its segment is gone."""
        try:
            with (self._directory / Path(locator.segment).name).open("rb") as segment:
                segment.seek(locator.offset)
                return unpack(segment.read(locator.length))
        except FileNotFoundError as error:
            raise CorruptError(f"the segment {locator.segment} is gone") from error

    def batches(
        self, report: Callable[[Trouble], None], *, beside: Sequence[Locator] = ()
    ) -> Iterator[Archived]:
        """Every whole batch, segments by name, batches in order, but for those within the stretches given.

        Damage is reported and passed over. A segment that lies within one stretch is not even opened.
        """
        for path in self.segments():
            stretches = [stretch for stretch in beside if stretch.segment == path.name]
            if _is_within(Locator(path.name, 0, path.stat().st_size), stretches):
                continue
            with path.open("rb") as segment:
                for found in scan(segment, path.name):
                    if isinstance(found, Trouble):
                        report(found)
                    elif not _is_within(found[0], stretches):
                        yield Archived(*found)

    def segments(self) -> list[Path]:
        """The segments' files, in order."""
        return sorted(self._directory.glob(f"*{SUFFIX}"))

    def close(self) -> None:
        """Let go of the segment, and let another process write."""
        self._leave()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _own(self) -> None:
        if self._lock is not None:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        sync(self._directory.parent)
        lock = os.open(self._directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise UserError(
                f"{self._directory} is being written by another Lampwatch; stop that one, or name another directory."
            ) from error
        self._lock = lock

    def _segment_for(self, more: int) -> tuple[int, Path]:
        """An open segment of this hour that has room, whole up to its end, and its file."""
        hour = f"{self._clock():%Y%m%dT%H}"
        if self._segment is not None and self._path is not None and self._has_room(hour, more):
            return self._segment, self._path
        if hour != self._hour or self._path is None:
            there = sorted(self._directory.glob(f"{hour}-*{SUFFIX}"))
            path = there[-1] if there else self._directory / f"{hour}-0000{SUFFIX}"
        else:
            path = self._path
        segment = self._open(path, hour)
        while not self._has_room(hour, more):
            number = int(path.name.removesuffix(SUFFIX).rpartition("-")[2]) + 1
            path = self._directory / f"{hour}-{number:04d}{SUFFIX}"
            segment = self._open(path, hour)
        return segment, path

    def _has_room(self, hour: str, more: int) -> bool:
        return hour == self._hour and (self._size == 0 or self._size + more <= self._segment_bytes)

    def _open(self, path: Path, hour: str) -> int:
        self._leave()
        self._segment = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._path, self._hour = path, hour
        self._size = self._whole(path)
        sync(self._directory)
        return self._segment

    def _whole(self, path: Path) -> int:
        """Take back what a write that was cut short left at the end, and give the segment's length."""
        end, trouble = 0, None
        with path.open("rb") as segment:
            for found in scan(segment, path.name):
                if isinstance(found, Trouble):
                    trouble = found
                else:
                    end, trouble = found[0].offset + found[0].length, None
        length = path.stat().st_size
        if end < length:
            os.truncate(path, end)
            with path.open("rb") as segment:
                os.fsync(segment.fileno())
            why = trouble.why if trouble else "unknown bytes"
            self._report(
                Trouble(path.name, end, f"{length - end} bytes of an unfinished write taken back ({why})")
            )
        return end

    def _take_back(self, segment: int) -> None:
        """Cut off what a failed write left, so that the next one need not look for it in the whole of the segment."""
        try:
            os.ftruncate(segment, self._size)
            os.fsync(segment)
        except OSError:
            self._leave()

    def _leave(self) -> None:
        if self._segment is not None:
            os.close(self._segment)
        self._segment, self._path, self._hour, self._size = None, None, "", 0


def _is_within(place: Locator, stretches: Sequence[Locator]) -> bool:
    """Whether one of the stretches, which are of the same segment, holds the whole of a place."""
    ends = place.offset + place.length
    return any(
        stretch.offset <= place.offset and ends <= stretch.offset + stretch.length for stretch in stretches
    )
