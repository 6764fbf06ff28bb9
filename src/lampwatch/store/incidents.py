"""The log of incidents: every revision, appended and never changed.

One JSON object a line. What `append` has returned for survives a kill; a line that was cut short is left out when read,
and closed before the next is written.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import msgspec

from lampwatch.model.errors import UserError
from lampwatch.model.revision import Revision
from lampwatch.store.durable import sync

_TAIL: Final = 64
"""By so many bytes before it a place in the file is known again."""


class _Named(msgspec.Struct, frozen=True):
    """An incident's name, and no more of it."""

    id: str


class _Glimpse(msgspec.Struct, frozen=True):
    """What must be known of a line to say whether all of it is wanted."""

    incident: _Named
    made_at: int


class _Line(NamedTuple):
    """Where a line stands: its number, and its first byte."""

    number: int
    start: int


class _Index:
    """Where the last line of each incident stands, up to a place in the file."""

    def __init__(self) -> None:
        self.last: dict[str, _Line] = {}
        self.number, self.until, self.tail = 0, 0, b""

    def holds(self, file: IO[bytes]) -> bool:
        """Whether what was looked through is still there; a log that was restored from a copy is another."""
        file.seek(max(0, self.until - _TAIL))
        return file.read(self.until - max(0, self.until - _TAIL)) == self.tail

    def follow(self, line: bytes) -> _Line:
        """Go on by a line."""
        found = _Line(self.number + 1, self.until)
        self.number += line.count(b"\n")
        self.until += len(line)
        self.tail = (self.tail + line[-_TAIL:])[-_TAIL:]
        return found


class IncidentLog:
    """Keeps revisions in one file. Threads may share it: what it has looked through it does not look through again."""

    def __init__(self, path: Path) -> None:
        """Name the file, which appending makes."""
        self._path = path
        self._index = _Index()
        self._looking = threading.Lock()

    @contextmanager
    def held(self) -> Iterator["HeldLog"]:
        """Keep everybody else from appending meanwhile: what is read within is what the next append follows."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self._path.exists()
        with self._path.open("ab") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            yield HeldLog(self, self._path, out)
        if is_new:
            sync(self._path.parent)

    def append(self, revisions: Sequence[Revision]) -> None:
        """Keep revisions; when this returns they are durable. Each is kept whole, or counts for nothing."""
        if revisions:
            with self.held() as log:
                log.append(revisions)

    def revisions(self, incident: str | None = None) -> list[Revision]:
        """All revisions, or those of one incident, in the order they were made.

        Raises UserError for a line that is whole and cannot be read.
        """
        return [
            self._read(at.number, line)
            for at, line, glimpse in self._lines(_Index())
            if incident is None or glimpse.incident.id == incident
        ]

    def standing(self, as_of: int | None = None) -> list[Revision]:
        """The last revision of each incident that was made by a time, in order of the incidents' onsets.

        Others are not read, since a log may be long. Raises UserError as `revisions` does.
        """
        if as_of is None:
            found = self._last()
        else:
            last = {
                glimpse.incident.id: (at.number, line)
                for at, line, glimpse in self._lines(_Index())
                if glimpse.made_at <= as_of
            }
            found = [self._read(number, line) for number, line in last.values()]
        return sorted(found, key=lambda one: (one.incident.onset.at, one.incident.id))

    def _last(self) -> list[Revision]:
        with self._looking:
            if not self._path.exists():
                return []
            with self._path.open("rb") as file:
                if not self._index.holds(file):
                    self._index = _Index()
                index, self._index = self._index, _Index()
                for at, _, glimpse in self._lines(index):
                    index.last[glimpse.incident.id] = at
                self._index = index
                found = []
                for at in sorted(self._index.last.values()):
                    file.seek(at.start)
                    found.append(self._read(at.number, file.readline().rstrip(b"\n")))
                return found

    def _lines(self, index: _Index) -> Iterator[tuple[_Line, bytes, _Glimpse]]:
        """Every line behind the index that was written to its end. The index follows them."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(index.until)
            for whole in file:
                line = whole.rstrip(b"\n")
                number = index.number + 1
                try:
                    glimpse = msgspec.json.decode(line, type=_Glimpse) if line else None
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    # A write that was cut short by a kill was never acknowledged.
                    if "truncated" not in str(error):
                        raise self._unreadable(number, error) from error
                    glimpse = None
                if glimpse is None and not whole.endswith(b"\n"):
                    # Perhaps it is still being written: the next look sees it again.
                    return
                at = index.follow(whole)
                if glimpse is not None:
                    yield at, line, glimpse

    def _read(self, number: int, line: bytes) -> Revision:
        try:
            return _revision(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._unreadable(number, error) from error

    def _unreadable(self, number: int, error: Exception) -> UserError:
        return UserError(f"{self._path} line {number} is no revision: {error}; restore it from a copy")


class HeldLog:
    """The log while nobody else appends to it."""

    def __init__(self, log: IncidentLog, path: Path, out: IO[bytes]) -> None:
        """Take the log's file, open to append and locked."""
        self._log, self._path, self._out = log, path, out

    def standing(self) -> list[Revision]:
        """The last revision of each incident, in order of the incidents' onsets."""
        return self._log.standing()

    def revisions(self, incident: str | None = None) -> list[Revision]:
        """All revisions, or those of one incident, in the order they were made."""
        return self._log.revisions(incident)

    def append(self, revisions: Sequence[Revision]) -> None:
        """Keep revisions; when this returns they are durable. Each is kept whole, or counts for nothing."""
        if not revisions:
            return
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in revisions)
        if self._out.tell() and not _ends_whole(self._path):
            lines = b"\n" + lines
        self._out.write(lines)
        self._out.flush()
        os.fsync(self._out.fileno())


def _revision(line: bytes) -> Revision:
    """One line's revision. Before there were two kinds of incidents, a line did not name its kind."""
    try:
        return msgspec.json.decode(line, type=Revision)
    except msgspec.ValidationError:
        whole = msgspec.json.decode(line)
        whole["incident"].setdefault("kind", "connectivity")
        return msgspec.convert(whole, type=Revision)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
