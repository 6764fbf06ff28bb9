"""A tar stream -> its members, one after another, without a file system and with bounded memory.

Not the standard library's tarfile: it holds whole extension headers in memory, whatever size they claim, keeps every
member it has met, and several of the Python versions we run on hang on crafted headers (CVE-2024-6232, CVE-2025-8194).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from lampwatch.collect.chunks import ExactReader
from lampwatch.collect.source import CHUNK_BYTES, BrokenError
from lampwatch.model.measurement import Reason

BLOCK: Final = 512
MAX_EXTENSION_BYTES: Final = 1024 * 1024
"""The largest header of names and attributes that is read; real ones are under a kilobyte."""
_ZERO_BLOCK: Final = bytes(BLOCK)
_FILE_TYPES: Final = (b"0", b"\0", b"7")


class Member(NamedTuple):
    """A regular file in the archive: its name as the archive gives it, and its size in bytes."""

    name: str
    size: int


class _Header(NamedTuple):
    name: bytes
    size: int
    type: bytes
    extended: bool


def is_tar(head: bytes) -> bool:
    """Whether bytes begin with the header of a tar member."""
    return len(head) >= BLOCK and _checksum_holds(head[:BLOCK])


class TarReader:
    """Reads members and their content; links, devices and folders are passed over.

    Both members and content raise BrokenError. broken is set where the stream cannot be read on, so that nothing
    more is to be had; an error inside one member's content (a damaged gzip in it) is not that.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._reader = ExactReader(chunks)
        self._left = 0
        self._padding = 0
        self.broken: BrokenError | None = None

    def members(self) -> Iterator[Member]:
        """Give the regular files in order. What is not read of one's content is passed over."""
        try:
            yield from self._members()
        except BrokenError as error:
            self.broken = error
            raise

    def content(self) -> Iterator[bytes]:
        """Give the content of the member that members gave last."""
        try:
            while self._left:
                part = self._reader.some(min(self._left, CHUNK_BYTES))
                if not part:
                    raise self._ends("inside a member")
                self._left -= len(part)
                yield part
        except BrokenError as error:
            self.broken = error
            raise

    def _members(self) -> Iterator[Member]:
        name, size = b"", -1
        while (header := self._header()) is not None:
            if header.type in (b"L", b"x"):
                extension = self._extension(header.size)
                if header.type == b"L":
                    name = extension.partition(b"\0")[0]
                else:
                    name, size = _attributes(extension, name, size)
                continue
            if header.type in (b"K", b"g"):
                self._extension(header.size)
                continue
            self._begin(header.size if size < 0 else size)
            if header.extended:
                self._pass_sparse_map()
            if header.type in _FILE_TYPES and not header.name.endswith(b"/"):
                yield Member((name or header.name).decode("utf-8", "backslashreplace"), self._left)
            name, size = b"", -1
            self._pass_rest()

    def _begin(self, size: int) -> None:
        self._left, self._padding = size, -size % BLOCK

    def _pass_rest(self) -> None:
        if not self._reader.skipped(self._left + self._padding):
            raise self._ends("inside a member")
        self._left = self._padding = 0

    def _pass_sparse_map(self) -> None:
        more = True
        while more:
            block = self._reader.read(BLOCK)
            if len(block) < BLOCK:
                raise self._ends("inside a header")
            more = block[504] != 0

    def _extension(self, size: int) -> bytes:
        if size > MAX_EXTENSION_BYTES:
            detail = f"a tar header before byte {self._reader.offset} claims {size} bytes of names"
            raise BrokenError(Reason.UNREADABLE_SOURCE, detail)
        content = self._reader.read(size)
        if len(content) < size or not self._reader.skipped(-size % BLOCK):
            raise self._ends("inside a header")
        return content

    def _header(self) -> _Header | None:
        """Read the next header; None at the end mark, after the bytes behind it have passed too."""
        block = self._reader.read(BLOCK)
        ended = False
        while block == _ZERO_BLOCK:
            # Archives that were written one behind the other have an end mark between them.
            ended = True
            block = self._reader.read(BLOCK)
        if len(block) == BLOCK and _checksum_holds(block):
            return self._parsed(block)
        if ended:
            # Read to the very end, so that the checks of the compression around it are made.
            while self._reader.some(CHUNK_BYTES):
                continue
            return None
        if len(block) < BLOCK:
            raise self._ends("without an end mark" if not block else "inside a header")
        raise BrokenError(Reason.UNREADABLE_SOURCE, f"no tar header at byte {self._reader.offset - BLOCK}")

    def _parsed(self, block: bytes) -> _Header:
        size = _number(block[124:136])
        if size is None:
            at = self._reader.offset - BLOCK
            raise BrokenError(Reason.UNREADABLE_SOURCE, f"the tar header at byte {at} gives no size")
        name = block[:100].partition(b"\0")[0]
        kind = block[156:157]
        if block[257:263] == b"ustar\0" and (prefix := block[345:500].partition(b"\0")[0]):
            name = prefix + b"/" + name
        # Only files, and what describes them, have content; some writers give a size to links and folders.
        has_content = kind not in (b"1", b"2", b"3", b"4", b"5", b"6")
        return _Header(name, size if has_content else 0, kind, kind == b"S" and block[482] != 0)

    def _ends(self, where: str) -> BrokenError:
        return BrokenError(Reason.TRUNCATED, f"the tar archive ends {where} at byte {self._reader.offset}")


def _checksum_holds(block: bytes) -> bool:
    claimed = _number(block[148:156])
    return claimed is not None and claimed == sum(block) - sum(block[148:156]) + 8 * 0x20 and any(block)


def _number(field: bytes) -> int | None:
    """Read a tar number: octal digits, or base 256 where the first bit is set; None where it is neither."""
    if field[0] == 0x80:  # noqa: PLR2004  the mark of a positive base-256 number
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if not digits:
        return 0
    return int(digits, 8) if digits.isdigit() and not set(digits) & set(b"89") else None


def _attributes(records: bytes, name: bytes, size: int) -> tuple[bytes, int]:
    """Read a pax header's path and size. Records are `LENGTH KEY=VALUE`; reading ends at the first that is not."""
    at = 0
    while at < len(records):
        length, space, _ = records[at : at + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            break
        key, _, value = records[at + len(length) + 1 : at + int(length) - 1].partition(b"=")
        if key == b"path":
            name = value
        elif key == b"size" and value.isdigit() and len(value) <= 20:  # noqa: PLR2004  2**64 has twenty digits
            size = int(value)
        at += int(length)
    return name, size
