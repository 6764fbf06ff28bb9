"""Sources for tests: packed bytes, archives, and what reading them gives."""

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import zstandard

from lampwatch.collect.discover import discover
from lampwatch.collect.documents import Aside, End, Item, Line, documents
from lampwatch.collect.source import BrokenError, Source
from lampwatch.model.measurement import MAX_BYTES, SetAside


class Bytes(msgspec.Struct, frozen=True):
    """An origin in memory, cut into chunks, which may break behind them."""

    content: bytes
    chunk: int = 7
    broken: BrokenError | None = None
    tag: str = "1"

    def identity(self) -> str:
        return self.tag

    def chunks(self) -> Iterator[bytes]:
        for at in range(0, len(self.content), self.chunk):
            yield self.content[at : at + self.chunk]
        if self.broken is not None:
            raise self.broken


def source_of(
    content: bytes, name: str, *, chunk: int = 1000, broken: BrokenError | None = None, tag: str = "1"
) -> Source:
    return Source(name, name, tag, len(content), Bytes(content, chunk, broken, tag))


def zstd(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(raw)


def packed(raw: bytes, name: str) -> bytes:
    """Compress as the name says."""
    if name.endswith(("gz", "tgz")):
        return gzip.compress(raw, mtime=0)
    return zstd(raw) if name.endswith("zst") else raw


def tar_of(members: Mapping[str, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def items(source: Source, *, start: int = 0, max_bytes: int = MAX_BYTES) -> list[Item]:
    """All items, checked for what holds of every source: one End, and it is the last."""
    found = list(documents(source, start=start, max_bytes=max_bytes))
    assert [type(item) is End for item in found] == [False] * (len(found) - 1) + [True]
    return found


def lines(found: Sequence[Item]) -> list[tuple[int, bytes]]:
    return [(item.position, item.raw) for item in found if isinstance(item, Line)]


def asides(found: Sequence[Item]) -> list[SetAside]:
    return [item.set_aside for item in found if isinstance(item, Aside)]


def end(found: Sequence[Item]) -> End:
    last = found[-1]
    assert isinstance(last, End)
    return last


def read(content: bytes, name: str, *, start: int = 0, max_bytes: int = MAX_BYTES) -> list[Item]:
    return items(source_of(content, name), start=start, max_bytes=max_bytes)


def discovered(*paths: Path | str, stdin: bytes = b"") -> list[Source]:
    return list(discover(map(str, paths), stdin=io.BytesIO(stdin), environ={}))
