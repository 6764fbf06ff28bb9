"""The raw archive's batches: documents <-> two zstd frames, one that says whence they came, one that holds them.

A batch is a skippable frame with JSON metadata, directly followed by a normal frame with the documents, each ended by a
newline. So `zstdcat` shows plain JSON lines, and everything can be rebuilt from the archive alone. Source: RFC 8878,
3.1.2 (skippable frames).
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec
import zstandard

VERSION: Final = 1
LEVEL: Final = 3
SKIPPABLE: Final = 0x184D2A5B
MARK: Final = b"LWA1"
"""Begins the metadata, so that skippable frames of others are told apart and a batch can be found after damage."""
PREFIX: Final = struct.Struct("<II4sI")
"""The skippable frame's magic number and size, the mark, and the CRC-32 of the metadata."""
MOST_METADATA: Final = 64 * 1024 * 1024
MOST_BYTES: Final = 4 * 1024 * 1024 * 1024


class CorruptError(Exception):
    """Bytes that are not the batch they should be. Its text says what does not fit."""


class Metadata(msgspec.Struct, frozen=True):
    """What stands before a batch's documents.

    frame is the length of the documents' frame in bytes. sources gives runs of (source, lines); positions gives runs
    of (first position, lines) that count up by one; lengths are the documents' bytes without their newline.
    """

    version: int
    frame: int
    sources: list[tuple[str, int]]
    positions: list[tuple[int, int]]
    lengths: list[int]


class Batch(msgspec.Struct, frozen=True):
    """Documents with the source and position of each, all of one length."""

    documents: list[bytes]
    sources: list[str]
    positions: list[int]


_METADATA: Final = msgspec.json.Decoder(Metadata)


def pack(documents: Sequence[bytes], sources: Sequence[str], positions: Sequence[int]) -> bytes:
    """Make one batch of documents, each without its newline; the source and position of each stand beside it.

    The same documents always give the same bytes for one zstandard version. Raises ValueError where the three differ
    in length, or there is none.
    """
    if not documents or not len(documents) == len(sources) == len(positions):
        message = f"{len(documents)} documents, {len(sources)} sources, {len(positions)} positions"
        raise ValueError(message)
    body = b"\n".join(documents) + b"\n"
    frame = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_content_size=True).compress(body)
    metadata = msgspec.json.encode(
        Metadata(
            version=VERSION,
            frame=len(frame),
            sources=[(source, sum(1 for _ in run)) for source, run in groupby(sources)],
            positions=_runs(positions),
            lengths=[len(document) for document in documents],
        )
    )
    return (
        PREFIX.pack(SKIPPABLE, len(MARK) + 4 + len(metadata), MARK, zlib.crc32(metadata)) + metadata + frame
    )


def metadata_length(prefix: bytes) -> int:
    """How many bytes of metadata follow the first PREFIX.size bytes of a batch. Raises CorruptError."""
    if len(prefix) < PREFIX.size:
        raise CorruptError("ends within a batch's prefix")
    magic, size, mark, _ = PREFIX.unpack_from(prefix)
    length = size - len(MARK) - 4
    if magic != SKIPPABLE or mark != MARK:
        raise CorruptError("no batch begins here")
    if not 0 <= length <= MOST_METADATA:
        raise CorruptError(f"metadata of {length} bytes")
    return int(length)


def metadata_of(prefix: bytes, text: bytes) -> Metadata:
    """Read a batch's metadata. Raises CorruptError where it is short, changed, or of a newer version."""
    if len(text) < metadata_length(prefix):
        raise CorruptError("ends within a batch's metadata")
    if zlib.crc32(text) != PREFIX.unpack_from(prefix)[3]:
        raise CorruptError("the metadata's checksum does not fit")
    try:
        metadata = _METADATA.decode(text)
    except msgspec.MsgspecError as error:
        raise CorruptError(f"the metadata cannot be read: {error}") from error
    if metadata.version > VERSION:
        raise CorruptError(
            f"made by a newer Lampwatch: batch version {metadata.version}, this one reads {VERSION}"
        )
    return metadata


def unpack(batch: bytes) -> Batch:
    """Read the bytes of one whole batch back. Raises CorruptError where they are not what pack made."""
    length = metadata_length(batch)
    metadata = metadata_of(batch[: PREFIX.size], batch[PREFIX.size : PREFIX.size + length])
    return documents_of(metadata, batch[PREFIX.size + length :])


def documents_of(metadata: Metadata, frame: bytes) -> Batch:
    """Read the documents that a batch's metadata describes. Raises CorruptError."""
    if len(frame) != metadata.frame:
        raise CorruptError(f"the documents take {metadata.frame} bytes, {len(frame)} are there")
    expected = sum(metadata.lengths) + len(metadata.lengths)
    try:
        if zstandard.frame_content_size(frame) != expected or expected > MOST_BYTES:
            raise CorruptError("the documents are not as long as the metadata says")
        body = zstandard.ZstdDecompressor().decompress(frame)
    except zstandard.ZstdError as error:
        raise CorruptError(f"the documents cannot be decompressed: {error}") from error
    return Batch(
        list(_cut(body, metadata.lengths)),
        [source for source, lines in metadata.sources for _ in range(lines)],
        [first + step for first, lines in metadata.positions for step in range(lines)],
    )


def _cut(body: bytes, lengths: Sequence[int]) -> Iterator[bytes]:
    at = 0
    for length in lengths:
        yield body[at : at + length]
        at += length + 1


def _runs(positions: Sequence[int]) -> list[tuple[int, int]]:
    return [
        (first, sum(1 for _ in run) + 1)
        for _, run in groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0])
        for _, first in [next(run)]
    ]
