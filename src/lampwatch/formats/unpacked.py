"""Packed files (gzip, zstd, bzip2, xz) -> their content, whatever their name says, as far as it can be had."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import msgspec
import zstandard

MOST_BYTES: Final = 1024 * 1024 * 1024
"""More content than this is left unread: a series of a century at one value a minute is smaller."""
_CHUNK: Final = 64 * 1024
_FEED: Final = 4096
"""What zstd is given at a time: it unpacks to 128 MiB at the most."""
_WINDOW: Final = 128 * 1024 * 1024
_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"


class Unpacked(msgspec.Struct, frozen=True):
    """Content, and why it is not all there; empty where it is."""

    content: bytes
    trouble: str


class _Reader(Protocol):
    def read1(self, size: int, /) -> bytes: ...


def unpacked(packed: bytes) -> Unpacked:
    """Give the content of a file by its bytes: the first of them tell how it is packed, if it is."""
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in _pieces(packed):
            pieces.append(piece[: MOST_BYTES - size])
            size += len(piece)
            if size > MOST_BYTES:
                return Unpacked(b"".join(pieces), f"holds more than {MOST_BYTES} bytes")
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        why = str(error).partition("\n")[0]
        return Unpacked(b"".join(pieces), f"is cut short or damaged after {size} bytes of content: {why}")
    return Unpacked(b"".join(pieces), "")


def _pieces(packed: bytes) -> Iterator[bytes]:
    stream = io.BytesIO(packed)
    if packed.startswith(_GZIP):
        yield from _read(gzip.GzipFile(fileobj=stream))
    elif packed.startswith(_BZIP2):
        yield from _read(bz2.BZ2File(stream))
    elif packed.startswith(_XZ):
        yield from _read(lzma.LZMAFile(stream))  # noqa: SIM115  it holds no file, only bytes
    elif packed.startswith(_ZSTD):
        yield from _unzstd(packed)
    else:
        yield packed


def _read(stream: _Reader) -> Iterator[bytes]:
    while piece := stream.read1(_CHUNK):
        yield piece


def _unzstd(packed: bytes) -> Iterator[bytes]:
    """Frame after frame. Raises EOFError where one is not finished, which the library does not."""
    left = packed
    while left:
        frame = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        at = 0
        while not frame.eof:
            if at >= len(left):
                message = "ends inside a zstd frame"
                raise EOFError(message)
            yield frame.decompress(left[at : at + _FEED])
            at += _FEED
        left = frame.unused_data + left[at:]
