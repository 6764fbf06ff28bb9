"""Streams of byte chunks: looked at ahead, or read by exact lengths."""

from collections.abc import Iterator

from lampwatch.collect.source import CHUNK_BYTES, BrokenError


def replayed(head: bytes, broken: BrokenError | None, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Give what was read ahead once more, then break where the stream broke, or go on with its rest."""
    for at in range(0, len(head), CHUNK_BYTES):
        yield head[at : at + CHUNK_BYTES]
    if broken is not None:
        raise broken
    yield from rest


def peeked(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Look at a stream's first bytes, at least size of them where it has so many; the stream given back is whole."""
    head = bytearray()
    broken = None
    try:
        for chunk in chunks:
            head += chunk
            if len(head) >= size:
                break
    except BrokenError as error:
        broken = error
    seen = bytes(head)
    return seen, replayed(seen, broken, chunks)


class ExactReader:
    """Reads by exact lengths from a stream of chunks, and knows how far it is.

    broken is what the stream below raised, so that a caller can tell its end from the end of something inside it.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0
        self.offset = 0
        self.broken: BrokenError | None = None

    def read(self, size: int) -> bytes:
        """Give the next size bytes, fewer only at the end. The caller bounds size: all of it is held in memory."""
        if self._at + size <= len(self._held):
            taken = self._held[self._at : self._at + size]
            self._at += size
            self.offset += size
            return taken
        parts = []
        while size > 0 and (part := self.some(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def some(self, size: int) -> bytes:
        """Give what is at hand of the next size bytes, at least one; nothing at the end."""
        while self._at == len(self._held):
            if not self._refilled():
                return b""
        taken = self._held[self._at : self._at + min(size, CHUNK_BYTES)]
        self._at += len(taken)
        self.offset += len(taken)
        return taken

    def skipped(self, size: int) -> bool:
        """Pass over size bytes; False where the stream ends before."""
        while size > 0 and (part := self.some(size)):
            size -= len(part)
        return size <= 0

    def _refilled(self) -> bool:
        try:
            self._held = next(self._chunks, b"")
            while not self._held:
                self._held = next(self._chunks)
        except StopIteration:
            self._held = b""
        except BrokenError as error:
            self._held, self.broken = b"", error
            raise
        finally:
            self._at = 0
        return bool(self._held)
