"""gzip and zstd streams -> their content, in bounded chunks, up to the very byte where they break."""

import zlib
from collections.abc import Iterator
from typing import Final

import zstandard

from lampwatch.collect.chunks import ExactReader, peeked, replayed
from lampwatch.collect.ending import Kind, Shape
from lampwatch.collect.source import CHUNK_BYTES, BrokenError
from lampwatch.model.measurement import Reason

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
SKIPPABLE: Final = b"\x2a\x4d\x18"
"""Bytes 2 to 4 of a skippable frame; the first is 0x50 to 0x5f."""
MAX_WINDOW_BYTES: Final = 128 * 1024 * 1024
"""The memory that a zstd frame may ask for: what the zstd program itself grants without being told (--long=27)."""
MAX_BLOCK_BYTES: Final = 128 * 1024
_GZIP_FEED: Final = 64 * 1024
_RLE, _RESERVED = 1, 3


def decompressed(chunks: Iterator[bytes], shape: Shape) -> Iterator[bytes]:
    """Give a stream's content, whatever its name says: the first bytes tell gzip and zstd apart from plain text.

    A name that promises compression is wrong where JSON begins at once (a server may have unpacked it on the way):
    that is read as it is. Anything else under such a name breaks.
    """
    head, chunks = peeked(chunks, 4)
    if head[:2] == GZIP_MAGIC:
        return gunzipped(chunks)
    if head[:4] == ZSTD_MAGIC or _is_skippable(head):
        return unzstd(chunks)
    if not shape.compressed:
        return chunks
    if GZIP_MAGIC.startswith(head) or ZSTD_MAGIC.startswith(head):
        detail = f"ends inside the {shape.compressed} header at byte {len(head)}"
        return _cut_short(chunks, BrokenError(Reason.TRUNCATED, detail))
    if shape.kind is Kind.ARCHIVE or head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return chunks
    detail = f"is named as {shape.compressed} and is not, from byte 0"
    return replayed(b"", BrokenError(Reason.UNREADABLE_SOURCE, detail), chunks)


def _cut_short(chunks: Iterator[bytes], error: BrokenError) -> Iterator[bytes]:
    """Break with error, unless the stream below breaks: a lost connection explains a missing header better."""
    for _ in chunks:
        continue
    yield from replayed(b"", error, chunks)


def gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress gzip members one after another; zero bytes between and after them are padding."""
    member, offset = zlib.decompressobj(31), 0
    for chunk in chunks:
        for begin in range(0, len(chunk), _GZIP_FEED):
            feed = chunk[begin : begin + _GZIP_FEED]
            offset += len(feed)
            while feed:
                if member.eof:
                    feed = feed.lstrip(b"\0")
                    if not feed:
                        break
                    member = _next_member(feed, offset)
                before = member.copy()
                try:
                    content = member.decompress(feed, CHUNK_BYTES)
                except zlib.error as error:
                    yield from _salvaged(before, feed)
                    detail = f"damaged gzip near byte {offset - len(feed)}: {error}"
                    raise BrokenError(Reason.UNREADABLE_SOURCE, detail) from error
                if content:
                    yield content
                feed = member.unconsumed_tail or member.unused_data
    # The limit on each piece can leave content inside the decompressor when the input is already used up.
    while not member.eof and (content := member.decompress(b"", CHUNK_BYTES)):
        yield content
    if not member.eof:
        raise BrokenError(Reason.TRUNCATED, f"ends inside a gzip member at byte {offset}")


def _next_member(feed: bytes, offset: int) -> "zlib._Decompress":
    if not feed.startswith(GZIP_MAGIC[: len(feed)]):
        at = offset - len(feed)
        raise BrokenError(Reason.UNREADABLE_SOURCE, f"what follows the gzip member at byte {at} is not gzip")
    return zlib.decompressobj(31)


def _salvaged(member: "zlib._Decompress", feed: bytes) -> Iterator[bytes]:
    """Give the content up to the damage: zlib drops all that it has made in a call that fails."""
    for at in range(len(feed)):
        piece = feed[at : at + 1]
        while piece:
            try:
                content = member.decompress(piece, CHUNK_BYTES)
            except zlib.error:
                return
            if content:
                yield content
            piece = member.unconsumed_tail


def unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress zstd frames one after another, passing over skippable ones.

    The frames are walked block by block, because a block is the most that one call may unpack (128 KiB), and because
    the library does not tell an unfinished frame from a finished one.
    """
    reader = ExactReader(chunks)
    library = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    while magic := reader.read(4):
        if magic == ZSTD_MAGIC:
            yield from _frame(reader, library)
        elif _is_skippable(magic):
            size = reader.read(4)
            if len(size) < 4 or not reader.skipped(int.from_bytes(size, "little")):  # noqa: PLR2004  a 32-bit size
                raise _ends_inside(reader)
        elif ZSTD_MAGIC.startswith(magic):
            raise _ends_inside(reader)
        else:
            at = reader.offset - len(magic)
            raise BrokenError(
                Reason.UNREADABLE_SOURCE, f"what follows the zstd frame at byte {at} is not zstd"
            )


def _is_skippable(magic: bytes) -> bool:
    return magic[1:4] == SKIPPABLE and magic[0] & 0xF0 == 0x50  # noqa: PLR2004  0x50 to 0x5f, as the format says


def _frame(reader: ExactReader, library: zstandard.ZstdDecompressor) -> Iterator[bytes]:
    """Unpack one frame whose magic number is already read. Layout: RFC 8878, section 3.1.1."""
    frame = library.decompressobj()
    descriptor = reader.read(1)
    if not descriptor:
        raise _ends_inside(reader)
    flags = descriptor[0]
    single_segment = flags >> 5 & 1
    content_size_bytes = (single_segment, 2, 4, 8)[flags >> 6]
    header_size = (1 - single_segment) + (0, 1, 2, 4)[flags & 3] + content_size_bytes
    rest = reader.read(header_size)
    yield from _fed(frame, ZSTD_MAGIC + descriptor + rest, 5 + header_size, reader)
    last = False
    while not last:
        header = reader.read(3)
        number = int.from_bytes(header, "little")
        last, block_type, block_size = bool(number & 1), number >> 1 & 3, number >> 3
        if len(header) == 3 and (block_type == _RESERVED or block_size > MAX_BLOCK_BYTES):  # noqa: PLR2004  its size
            raise _damaged(reader, "no such block")
        size = 1 if block_type == _RLE else block_size
        body = reader.read(size) if len(header) == 3 else b""  # noqa: PLR2004  a block header's size
        yield from _fed(frame, header + body, 3 + size, reader)
    if flags & 4:
        checksum = reader.read(4)
        yield from _fed(frame, checksum, 4, reader)


def _fed(
    frame: "zstandard.ZstdDecompressionObj", piece: bytes, wanted: int, reader: ExactReader
) -> Iterator[bytes]:
    try:
        content = frame.decompress(piece)
    except zstandard.ZstdError as error:
        raise _damaged(reader, str(error).removeprefix("zstd decompressor error: ")) from error
    if content:
        yield content
    if len(piece) < wanted:
        raise _ends_inside(reader)


def _ends_inside(reader: ExactReader) -> BrokenError:
    return BrokenError(Reason.TRUNCATED, f"ends inside a zstd frame at byte {reader.offset}")


def _damaged(reader: ExactReader, why: str) -> BrokenError:
    return BrokenError(Reason.UNREADABLE_SOURCE, f"damaged zstd before byte {reader.offset}: {why}")
