"""The log of incidents: every revision, appended and never changed.

One JSON object a line. What `append` has returned for survives a kill; a line that was cut short is left out when read,
and closed before the next is written.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lampwatch.model.errors import UserError
from lampwatch.model.revision import Revision


class IncidentLog:
    """Keeps revisions in one file."""

    def __init__(self, path: Path) -> None:
        """Name the file, which appending makes."""
        self._path = path

    def append(self, revisions: Sequence[Revision]) -> None:
        """Keep revisions; when this returns they are durable. All of them are kept, or none counts."""
        if not revisions:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = b"".join(msgspec.json.encode(one) + b"\n" for one in revisions)
        is_new = not self._path.exists()
        with self._path.open("ab") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            if out.tell() and not _ends_whole(self._path):
                lines = b"\n" + lines
            out.write(lines)
            out.flush()
            os.fsync(out.fileno())
        if is_new:
            directory = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def revisions(self) -> list[Revision]:
        """All revisions, in the order they were made. Raises UserError for a line that is whole and cannot be read."""
        if not self._path.exists():
            return []
        found = []
        lines = self._path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                if line:
                    found.append(_revision(line))
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                # A write that was cut short by a kill was never acknowledged.
                if not line.endswith(b"}"):
                    continue
                raise UserError(
                    f"{self._path} line {number} is no revision: {error}; restore it from a copy"
                ) from error
        return found

    def standing(self) -> list[Revision]:
        """The last revision of each incident, in order of the incidents' onsets."""
        last = {one.incident.id: one for one in self.revisions()}
        return sorted(last.values(), key=lambda one: (one.incident.onset.at, one.incident.id))


def _revision(line: bytes) -> Revision:
    """One line's revision. Before there were two kinds of incidents, a line did not name its kind."""
    whole = msgspec.json.decode(line)
    if isinstance(whole, dict) and isinstance(whole.get("incident"), dict):
        whole["incident"].setdefault("kind", "connectivity")
    return msgspec.convert(whole, type=Revision)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
