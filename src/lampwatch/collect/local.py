"""Files, folders and standard input as sources."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from lampwatch.collect.ending import ENDINGS, shape_of
from lampwatch.collect.source import CHUNK_BYTES, BrokenError, Source
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import Reason


class File(msgspec.Struct, frozen=True):
    """A file by its path."""

    path: str

    def identity(self) -> str:
        """Its size and time of change; empty where it is gone or is a pipe."""
        try:
            status = Path(self.path).stat()
        except OSError:
            return ""
        return f"{status.st_size}:{status.st_mtime_ns}" if stat.S_ISREG(status.st_mode) else ""

    def chunks(self) -> Iterator[bytes]:
        """Give its bytes; a disk's error, or a file that is gone, breaks the stream and leaves it unfinished."""
        offset = 0
        try:
            with Path(self.path).open("rb", buffering=0) as file:
                while chunk := file.read(CHUNK_BYTES):
                    offset += len(chunk)
                    yield chunk
        except OSError as error:
            raise _unread(offset, error) from error


class Stream(msgspec.Struct, frozen=True):
    """An open stream, standard input for one. It can be read once."""

    stream: BinaryIO

    def identity(self) -> str:
        """Nothing: what a stream holds cannot be had again."""
        return ""

    def chunks(self) -> Iterator[bytes]:
        """Give its bytes as they come, without waiting until a chunk is full."""
        read = getattr(self.stream, "read1", self.stream.read)
        offset = 0
        try:
            while chunk := read(CHUNK_BYTES):
                offset += len(chunk)
                yield chunk
        except OSError as error:
            raise _unread(offset, error) from error


def _unread(offset: int, error: OSError) -> BrokenError:
    detail = f"cannot be read on from byte {offset}: {error.strerror or error}"
    return BrokenError(Reason.UNREADABLE_SOURCE, detail, finished=False)


def stream_source(stream: BinaryIO) -> Source:
    """Make a source of an open stream, shown as `-`. What it holds is told by its first bytes."""
    return Source("-", "", "", None, Stream(stream))


def local_sources(given: str) -> Iterator[Source]:
    """Give the file of this path, or all measurement files in this folder and below, in the order of their paths.

    Raises UserError, at once, where there is nothing of the kind. Hidden files are left out of folders; a folder that
    links lead to twice is read once.
    """
    if not given:
        raise UserError(
            "An empty path names nothing. Name a file, a folder, an address or - for standard input."
        )
    path = Path(given)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        message = f"{printable(given)}: {error.strerror}. Name a file, a folder, an address or - for standard input."
        raise UserError(message) from error
    except ValueError as error:
        message = f"{printable(given)}: no file can have this name. Name a file or a folder that exists."
        raise UserError(message) from error
    absolute = os.path.abspath(given)  # noqa: PTH100  Path.resolve follows links, and a name must stay as given
    if stat.S_ISDIR(mode):
        return _folder_sources(absolute)
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        message = f"{printable(given)} is neither a file nor a folder. Name a file of measurements or a folder of them."
        raise UserError(message)
    if stat.S_ISREG(mode) and shape_of(path.name.lstrip(".")) is None:
        raise UserError(unsupported(printable(given)))
    if not os.access(absolute, os.R_OK):
        raise UserError(f"{printable(given)} may not be read by this user. Change its permissions.")
    return iter((_file_source(absolute, name=path.name if stat.S_ISREG(mode) else ""),))


def unsupported(shown: str) -> str:
    """Say that an ending is none of ours, and which are."""
    return f"{shown} has no ending that tells what it holds. Name it as one of {', '.join(ENDINGS)}."


def _file_source(path: str, *, name: str) -> Source:
    file = File(path)
    identity = file.identity()
    # A pipe (as a shell makes for `<(command)`) has no ending and no size: its first bytes tell.
    size = int(identity.partition(":")[0]) if identity else None
    return Source(printable(path), name.lstrip("."), identity, size, file)


def _folder_sources(folder: str) -> Iterator[Source]:
    found = _walk(folder, set())
    first = next(found, None)
    if first is None:
        message = f"{printable(folder)} holds no measurements. They end in one of {', '.join(ENDINGS)}."
        raise UserError(message)
    return _chained(first, found)


def _chained(first: Source, rest: Iterator[Source]) -> Iterator[Source]:
    yield first
    yield from rest


def _walk(folder: str, seen: set[tuple[int, int]]) -> Iterator[Source]:
    """Walk a folder depth first, by name. Links that lead nowhere are passed over.

    A folder that may not be listed is given as if it were a file, so that reading it tells of it and the rest goes on.
    """
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            status = os.stat(path)  # noqa: PTH116  the whole walk is on strings, ten times quicker than on Path
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            yield _file_source(path, name=os.path.basename(path))  # noqa: PTH119  as above
        place = (status.st_dev, status.st_ino)
        if not stat.S_ISDIR(status.st_mode) or place in seen:
            continue
        seen.add(place)
        try:
            with os.scandir(path) as entries:
                names = sorted((entry.name for entry in entries if _is_wanted(entry)), reverse=True)
        except OSError:
            yield _file_source(path, name="")
            continue
        waiting.extend(os.path.join(path, name) for name in names)  # noqa: PTH118  as above


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return False
    try:
        return shape_of(entry.name) is not None or entry.is_dir()
    except OSError:
        # A link that leads to itself.
        return False
