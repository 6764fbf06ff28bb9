"""One segment of the raw archive, read from its beginning: whole batches, and what is damaged between them."""

import mmap
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from lampwatch.formats.archive import (
    MARK,
    PREFIX,
    SKIPPABLE,
    Batch,
    CorruptError,
    documents_of,
    metadata_length,
    metadata_of,
)

_MAGIC: Final = SKIPPABLE.to_bytes(4, "little")
_MARK_AT: Final = 8


class Locator(msgspec.Struct, frozen=True, order=True):
    """Where a batch lies in the archive: the segment's name, and offset and length in bytes."""

    segment: str
    offset: int
    length: int


class Trouble(msgspec.Struct, frozen=True):
    """Damage in a segment: where it begins, and what does not fit."""

    segment: str
    offset: int
    why: str

    def __str__(self) -> str:
        return f"{self.segment} at byte {self.offset}: {self.why}"


def scan(segment: BinaryIO, name: str) -> Iterator[tuple[Locator, Batch] | Trouble]:
    """Read a segment: each whole batch with its place, and each damaged stretch once, in order.

    After damage it goes on at the next place where a batch begins, so that one bad sector costs the batches it is in
    and no others.
    """
    length = segment.seek(0, 2)
    if length == 0:
        return
    with mmap.mmap(segment.fileno(), length, access=mmap.ACCESS_READ) as content:
        at = 0
        while at < length:
            try:
                end, batch = _batch_at(content, at)
            except CorruptError as error:
                yield Trouble(name, at, str(error))
                at = _next_batch(content, at + 1)
            else:
                yield Locator(name, at, end - at), batch
                at = end


def _batch_at(content: mmap.mmap, at: int) -> tuple[int, Batch]:
    prefix = content[at : at + PREFIX.size]
    begins = at + PREFIX.size
    ends = begins + metadata_length(prefix)
    metadata = metadata_of(prefix, content[begins:ends])
    return ends + metadata.frame, documents_of(metadata, content[ends : ends + metadata.frame])


def _next_batch(content: mmap.mmap, at: int) -> int:
    """The next place that looks like the beginning of a batch; the end where there is none."""
    while (found := content.find(_MAGIC, at)) >= 0:
        if content[found + _MARK_AT : found + _MARK_AT + len(MARK)] == MARK:
            return found
        at = found + 1
    return len(content)
