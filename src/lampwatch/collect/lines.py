"""Byte chunks -> numbered lines, none of them larger than the limit in memory."""

from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.collect.source import BrokenError
from lampwatch.model.measurement import SAMPLE_BYTES, Reason

_CARRIAGE_RETURN: Final = 13


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """What stood at a position and cannot be handed on; fields as in SetAside. finished is as in BrokenError."""

    position: int
    reason: Reason
    detail: str
    size: int
    sample: bytes
    finished: bool = True


class Tally:
    """How many positions a file has had so far, blank and skipped ones included."""

    def __init__(self) -> None:
        self.position = 0


Piece = tuple[int, bytes] | Rejected
"""A position (from 1) with the document there, or why there is none."""


def is_document(raw: bytes | bytearray) -> bool:
    """Whether the bytes are one whole JSON object. Nothing is built."""
    if raw.lstrip()[:1] != b"{":
        return False
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


class _Growing:
    """A line that lies across chunks. Beyond the limit only its beginning and its size are kept."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self.size = 0

    def add(self, part: bytes) -> None:
        was_within = self.size <= self._max_bytes
        self.size += len(part)
        if was_within:
            self._held += part
            if self.size > self._max_bytes:
                del self._held[SAMPLE_BYTES:]

    def clear(self) -> None:
        self.size = 0
        self._held = bytearray()

    def take(self, position: int) -> Piece:
        """Give the line, or why not, and begin the next."""
        size, raw = self.size, bytes(self._held)
        self.clear()
        return (position, raw) if size <= self._max_bytes else too_large(position, size, raw, self._max_bytes)

    def broken(self, position: int, error: BrokenError) -> Iterator[Piece]:
        """Give what is there of a line that will not go on: a document may be whole without its line's end."""
        if self.size <= self._max_bytes and is_document(self._held):
            yield self.take(position)
            position += 1
        sample = bytes(self._held[:SAMPLE_BYTES])
        yield Rejected(position, error.reason, error.detail, -1, sample, error.finished)


def too_large(position: int, size: int, raw: bytes, max_bytes: int) -> Rejected:
    """Say that a document is over the limit; raw is at least its beginning."""
    return Rejected(
        position, Reason.TOO_LARGE, f"{size} bytes, the limit is {max_bytes}", size, raw[:SAMPLE_BYTES]
    )


def split_lines(chunks: Iterator[bytes], *, skip: int, max_bytes: int, tally: Tally) -> Iterator[Piece]:
    """Give the lines after position skip, without their ends. Blank lines have a position and are left out.

    A stream that breaks ends in one Rejected with the broken line's beginning. Afterwards tally holds the last position
    that need not be read again.
    """
    growing = _Growing(max_bytes)
    try:
        for chunk in chunks:
            ends = chunk.count(b"\n")
            if not ends:
                growing.add(chunk)
                continue
            if tally.position + ends < skip:
                # None of these is wanted, but the open line still counts, and a break in it must read as it did before.
                tally.position += ends
                growing.clear()
                growing.add(chunk[chunk.rfind(b"\n") + 1 :])
                continue
            first, *whole = chunk.split(b"\n")
            growing.add(first)
            tally.position += 1
            yield from _wanted(growing.take(tally.position), skip)
            growing.add(whole.pop())
            yield from _whole_lines(whole, skip, max_bytes, tally)
    except BrokenError as error:
        for piece in growing.broken(tally.position + 1, error):
            if isinstance(piece, tuple) or piece.finished:
                tally.position += 1
            yield from _wanted(piece, skip)
        return
    if growing.size:
        tally.position += 1
        yield from _wanted(growing.take(tally.position), skip)


def _whole_lines(lines: list[bytes], skip: int, max_bytes: int, tally: Tally) -> Iterator[Piece]:
    """Give the lines that lie within one chunk. This is the loop that most lines go through, so it calls nothing."""
    for position, raw in enumerate(lines, start=tally.position + 1):
        if position > skip and raw and not raw.isspace():
            if len(raw) > max_bytes:
                yield too_large(position, len(raw), raw, max_bytes)
            else:
                yield position, raw[:-1] if raw[-1] == _CARRIAGE_RETURN else raw
    tally.position += len(lines)


def _wanted(piece: Piece, skip: int) -> Iterator[Piece]:
    """Leave out what is skipped or blank; a stream that may go on later is told of in any case."""
    if isinstance(piece, Rejected):
        if piece.position > skip or not piece.finished:
            yield piece
        return
    position, raw = piece
    if position > skip and raw and not raw.isspace():
        yield position, raw.removesuffix(b"\r")
