"""A source -> its documents, one on each line, with where each stood. What cannot be read is set aside."""

from collections.abc import Iterator

import msgspec

from lampwatch.collect.chunks import peeked
from lampwatch.collect.decompress import decompressed
from lampwatch.collect.ending import UNTOLD, Kind, Shape, shape_of
from lampwatch.collect.json_file import split_json
from lampwatch.collect.lines import Piece, Rejected, Tally, split_lines
from lampwatch.collect.source import BrokenError, Source
from lampwatch.collect.tar import BLOCK, TarReader, is_tar
from lampwatch.formats.printable import printable
from lampwatch.model.measurement import MAX_BYTES, SetAside

_BOM = b"\xef\xbb\xbf"


class Line(msgspec.Struct, frozen=True, gc=False):
    """One document, on one line without its end.

    source and position are where it stood: the line (from 1) of that file or archive member, the element of an array,
    or 1. mark is what to give as start to go on behind it: it counts through a whole archive. bytes_read is how much of
    the source was consumed by then, as stored.
    """

    source: str
    position: int
    mark: int
    bytes_read: int
    raw: bytes


class Aside(msgspec.Struct, frozen=True, gc=False):
    """What could not be handed on, with its reason. mark and bytes_read are as in Line.

    Where a source broke and may be whole later, mark stands before what is missing, so that it is read again.
    """

    set_aside: SetAside
    mark: int
    bytes_read: int


class End(msgspec.Struct, frozen=True, gc=False):
    """The last item of every source. Unless finished, reading again later may bring more: do not mark it as done."""

    finished: bool
    mark: int
    bytes_read: int


Item = Line | Aside | End


def documents(source: Source, *, start: int = 0, max_bytes: int = MAX_BYTES) -> Iterator[Item]:
    """Give a source's documents behind the mark start, in order, then one End.

    Never raises on content: what is too large, no JSON, cut off or damaged comes as an Aside, and everything before it
    has come before. Memory is bounded by max_bytes, whatever the source's size. Where the source has changed since it
    was discovered, or cannot tell, start means nothing and all of it is read.
    """
    if start and (not source.identity or source.origin.identity() != source.identity):
        start = 0
    return _Reading(source, start, max_bytes).items()


class _Reading:
    """One pass over one source."""

    def __init__(self, source: Source, start: int, max_bytes: int) -> None:
        self._source = source
        self._start = start
        self._max_bytes = max_bytes
        self._base = 0
        self._bytes_read = 0
        self._finished = True

    def items(self) -> Iterator[Item]:
        shape = shape_of(self._source.filename) or UNTOLD
        head, chunks = peeked(decompressed(self._counted(), shape), BLOCK)
        if shape.kind is Kind.ARCHIVE or (shape.kind is Kind.UNTOLD and is_tar(head)):
            yield from self._archive(TarReader(chunks))
        else:
            yield from self._file(self._source.name, shape, chunks)
        yield End(self._finished, self._base, self._bytes_read)

    def _counted(self) -> Iterator[bytes]:
        for chunk in self._source.origin.chunks():
            self._bytes_read += len(chunk)
            yield chunk

    def _archive(self, tar: TarReader) -> Iterator[Item]:
        try:
            for member in tar.members():
                shape = shape_of(member.name)
                if shape is not None and shape.kind is not Kind.ARCHIVE:
                    name = f"{self._source.name}!/{printable(member.name)}"
                    yield from self._file(name, shape, decompressed(tar.content(), shape))
                if tar.broken is not None:
                    # The member that was being read has told of it.
                    return
        except BrokenError as error:
            if error.finished:
                self._base += 1
            if not error.finished or self._base > self._start:
                # Position 0: it stands in no member.
                rejected = Rejected(0, error.reason, error.detail, -1, b"", error.finished)
                yield self._aside(self._source.name, rejected, self._base)

    def _file(self, name: str, shape: Shape, chunks: Iterator[bytes]) -> Iterator[Item]:
        tally, base = Tally(), self._base
        for piece in self._pieces(shape, chunks, tally):
            if isinstance(piece, tuple):
                yield Line(name, piece[0], base + piece[0], self._bytes_read, piece[1])
            else:
                yield self._aside(name, piece, base + (piece.position if piece.finished else tally.position))
        self._base += tally.position

    def _pieces(self, shape: Shape, chunks: Iterator[bytes], tally: Tally) -> Iterator[Piece]:
        split = split_lines if shape.kind is Kind.LINES else split_json
        skip = max(0, self._start - self._base)
        return split(_without_mark(chunks), skip=skip, max_bytes=self._max_bytes, tally=tally)

    def _aside(self, name: str, rejected: Rejected, mark: int) -> Aside:
        self._finished = self._finished and rejected.finished
        reason, detail = rejected.reason, rejected.detail
        set_aside = SetAside(name, rejected.position, reason, detail[:500], rejected.size, rejected.sample)
        return Aside(set_aside, mark, self._bytes_read)


def _without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out the byte order mark that some editors put before UTF-8 text."""
    head, chunks = peeked(chunks, len(_BOM))
    if not head.startswith(_BOM):
        return chunks
    return (chunk.removeprefix(_BOM) if number == 0 else chunk for number, chunk in enumerate(chunks))
