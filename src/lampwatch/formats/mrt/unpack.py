"""gzip, bzip2 or plain, whatever a name says -> the content in chunks, up to where it breaks."""

import bz2
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

CHUNK_BYTES: Final = 1024 * 1024
"""At most so much is unpacked at a time: a bomb takes time, never memory."""
_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"


class Unpacked:
    """The content of a stream; broken says, when it is over, why it ended early, and is empty where it did not."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._read = 0
        self.broken = ""

    def __iter__(self) -> Iterator[bytes]:
        head = b""
        for chunk in self._chunks:
            head += chunk
            if len(head) >= len(_BZIP2):
                break
        if head[:2] == _GZIP:
            yield from self._members(head, _Gzip)
        elif head[:3] == _BZIP2:
            yield from self._members(head, _Bzip2)
        else:
            if head:
                yield head
            yield from self._chunks

    def _pieces(self, head: bytes) -> Iterator[bytes]:
        self._read += len(head)
        yield head
        for chunk in self._chunks:
            self._read += len(chunk)
            yield chunk

    def _members(self, head: bytes, kind: "type[_Gzip | _Bzip2]") -> Iterator[bytes]:
        """Streams packed one after another are one content; what follows them and is none breaks."""
        member: _Member = kind()
        for piece in self._pieces(head):
            feed = piece
            while feed or member.holds_more:
                if member.eof:
                    feed = feed.lstrip(b"\0")
                    if not feed:
                        break
                    member = kind()
                before = member.copy()
                try:
                    content = member.decompress(feed)
                except (zlib.error, OSError, EOFError) as error:
                    if before is not None:
                        yield from _salvaged(before, feed)
                    self.broken = f"damaged {kind.name} before its byte {self._read}: {error}"
                    return
                if content:
                    yield content
                feed = member.left
        if not member.eof:
            self.broken = f"ends inside {kind.name} at its byte {self._read}"


class _Member(Protocol):
    """One packed stream. left is what decompress was given and did not use."""

    left: bytes

    @property
    def eof(self) -> bool: ...

    @property
    def holds_more(self) -> bool: ...

    def copy(self) -> "zlib._Decompress | None": ...

    def decompress(self, feed: bytes) -> bytes: ...


def _salvaged(stream: "zlib._Decompress", feed: bytes) -> Iterator[bytes]:
    """Give the content up to the damage: zlib drops all that it has made in a call that fails."""
    for at in range(len(feed)):
        try:
            content = stream.decompress(feed[at : at + 1])
        except zlib.error:
            return
        if content:
            yield content


class _Gzip:
    name = "gzip"

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(31)
        self.left = b""
        self.holds_more = False

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def copy(self) -> "zlib._Decompress | None":
        return self._stream.copy()

    def decompress(self, feed: bytes) -> bytes:
        content = self._stream.decompress(feed, CHUNK_BYTES)
        self.left = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        self.holds_more = len(content) == CHUNK_BYTES and not self._stream.eof
        return content


class _Bzip2:
    name = "bzip2"

    def __init__(self) -> None:
        self._stream = bz2.BZ2Decompressor()
        self.left = b""

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def holds_more(self) -> bool:
        return not self._stream.eof and not self._stream.needs_input

    def copy(self) -> "zlib._Decompress | None":
        # Nothing is lost: a block of bzip2 is checked before any of it is given.
        return None

    def decompress(self, feed: bytes) -> bytes:
        content = self._stream.decompress(feed, CHUNK_BYTES)
        self.left = self._stream.unused_data if self._stream.eof else b""
        return content
