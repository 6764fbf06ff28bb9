"""Keeps documents on the probe's disk until a collector acknowledged them, through a blackout of any length.

A document that was put is there once after any kill or power cut, and leaves only when it was acknowledged, refused
with a reason, or dropped because the spool was full. What was dropped is counted, and the next document that is put
carries the count as its annotation `lampwatch_dropped`; where that one is dropped in turn, the next carries both.
"""

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import zstandard
from blake3 import blake3

from lampwatch.model.measurement import MAX_BYTES
from lampwatch.probe.clock import Clock
from lampwatch.probe.spool_file import locked, opened, transaction
from lampwatch.probe.spool_thinning import Held, thinned
from lampwatch.probe.spool_worth import Worth

DEFAULT_CAP: Final = 512 * 1024 * 1024
DROPPED: Final = "lampwatch_dropped"
MAX_DOCUMENT: Final = MAX_BYTES
MAX_REFUSED: Final = 200
"""So many refused documents are kept, with their reasons, for whoever wants to know why."""
MAX_REFUSED_BYTES: Final = 8 * 1024 * 1024

_THIN_TO: Final = 0.95
"""Thinning goes on to this part of the cap, so that it is rare."""
_UNTOLD: Final = "dropped_untold"
_LEVEL: Final = 6


class Queued(msgspec.Struct, frozen=True):
    """A document that waits: its key, which never changes, and its bytes on one line. report_id: see assign_report."""

    key: str
    content: bytes
    report_id: str = ""


class Waiting(msgspec.Struct, frozen=True):
    """What is in the spool: documents, their bytes on the disk, and how many were dropped that nobody was told of."""

    documents: int
    bytes: int
    dropped_untold: int


class Refusal(msgspec.Struct, frozen=True):
    """A document that the collector will not have, and why."""

    key: str
    reason: str
    content: bytes


class Last(msgspec.Struct, frozen=True):
    """When something was measured last (seconds since 1970, UTC), and how it went."""

    time_s: float
    outcome: str


class Spool:
    """A directory's spool. One process at a time has it; its methods may be called from several threads.

    Raises UserError where another has it, or the disk cannot be written. tell is given one line where a damaged spool
    had to be set aside.
    """

    def __init__(
        self, directory: Path, *, clock: Clock, tell: Callable[[str], None], cap_bytes: int = DEFAULT_CAP
    ) -> None:
        self._clock = clock
        self._cap = cap_bytes
        self._guard = threading.Lock()
        self._lent: frozenset[str] = frozenset()
        self._lock = locked(directory)
        try:
            self._file = opened(directory, clock.utc(), tell)
        except BaseException:
            self._lock.close()
            raise
        self._documents, self._bytes = self._file.execute(
            "SELECT count(*), coalesce(sum(size), 0) FROM document"
        ).fetchone()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the directory go."""
        with self._guard:
            self._file.close()
            self._lock.close()

    def put(
        self, content: bytes, *, worth: Worth, about: str = "", outcome: str = "", bytes_used: int = 0
    ) -> str:
        """Keep one document, a JSON object, and return its key. When this returns, it is on the disk.

        about names what was measured; with it goes what `last` and `spent` tell, in the same transaction. The same
        bytes again change nothing. Raises ValueError where content is no JSON object, or larger than MAX_DOCUMENT.
        """
        line, key = one_line(content), blake3(content).hexdigest(length=16)
        now = self._now()
        with self._guard, transaction(self._file) as file:
            if file.execute("SELECT 1 FROM document WHERE key = ?", (key,)).fetchone():
                return key
            untold = self._untold()
            packed = zstandard.compress(annotated(line, untold) if untold else line, _LEVEL)
            file.execute(
                "INSERT INTO document (key, about, time_s, worth, size, tells_dropped, content)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, about, now, int(worth), len(packed), untold, packed),
            )
            self._set_untold(0)
            if about:
                self._remember(about, now, outcome, bytes_used)
            dropped, freed = self._thin(self._bytes + len(packed) - self._cap)
        self._documents += 1 - dropped
        self._bytes += len(packed) - freed
        return key

    def batch(self, *, documents: int, content_bytes: int) -> list[Queued]:
        """What to send next: the most informative first, and of those the oldest; at least one where any waits.

        Until `settle` is called, these are not dropped however full the spool becomes.
        """
        with self._guard:
            found: list[Queued] = []
            damaged: list[str] = []
            total = 0
            rows = self._file.execute(
                "SELECT key, content, report_id FROM document ORDER BY tries, worth DESC, number LIMIT ?",
                (documents,),
            ).fetchall()
            for key, packed, report_id in rows:
                try:
                    content = zstandard.decompress(packed, max_output_size=MAX_DOCUMENT)
                except zstandard.ZstdError:
                    damaged.append(key)
                    continue
                total += len(content)
                if found and total > content_bytes:
                    break
                found.append(Queued(key, content, report_id))
            self._lent = frozenset(one.key for one in found)
            if damaged:
                self._lose(damaged)
        return found if found or not damaged else self.batch(documents=documents, content_bytes=content_bytes)

    def settle(
        self,
        acknowledged: Collection[str] = (),
        refused: Mapping[str, str] | None = None,
        postponed: Iterable[str] = (),
    ) -> None:
        """Take note of what became of a batch, by key; what is not named stays as it was.

        refused gives the reasons. What is postponed goes after all that was postponed less often.
        """
        with self._guard, transaction(self._file) as file:
            for key, reason in (refused or {}).items():
                file.execute(
                    "INSERT INTO refused (key, time_s, reason, size, content)"
                    " SELECT key, ?, ?, size, content FROM document WHERE key = ?",
                    (self._now(), reason[:1000], key),
                )
            gone = [(key,) for key in [*acknowledged, *(refused or {})]]
            file.executemany("DELETE FROM document WHERE key = ?", gone)
            file.executemany(
                "UPDATE document SET tries = tries + 1 WHERE key = ?", [(key,) for key in postponed]
            )
            if refused:
                self._forget_old_refusals()
            size = self._counted() if gone else (self._documents, self._bytes)
        self._lent = frozenset()
        self._documents, self._bytes = size
        if gone:
            # Give the room back to the disk bit by bit; what is left over is used again.
            self._file.execute("PRAGMA incremental_vacuum(256)").fetchall()

    def assign_report(self, key: str, report_id: str) -> None:
        """Remember the report of OONI's protocol that a document is sent in: it is sent with the same bytes again."""
        with self._guard, transaction(self._file) as file:
            file.execute("UPDATE document SET report_id = ? WHERE key = ?", (report_id, key))

    def waiting(self) -> Waiting:
        """How much is in the spool."""
        with self._guard:
            return Waiting(self._documents, self._bytes, self._untold())

    def refusals(self) -> list[Refusal]:
        """What the collector refused of late, oldest first."""
        with self._guard:
            rows = self._file.execute("SELECT key, reason, content FROM refused ORDER BY number").fetchall()
        return [
            Refusal(key, reason, zstandard.decompress(packed, max_output_size=MAX_DOCUMENT))
            for key, reason, packed in rows
        ]

    def last(self) -> dict[str, Last]:
        """When each thing was measured last, and how that went."""
        with self._guard:
            rows = self._file.execute("SELECT about, time_s, outcome FROM measured").fetchall()
        return {about: Last(time_s, outcome) for about, time_s, outcome in rows}

    def spent(self, day: dt.date) -> tuple[int, int]:
        """The measurements made on a day (UTC) and the bytes that they used on the network."""
        with self._guard:
            row = self._file.execute(
                "SELECT measurements, bytes FROM spent WHERE day = ?", (day.isoformat(),)
            ).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def _now(self) -> float:
        return self._clock.utc().replace(tzinfo=dt.UTC).timestamp()

    def _remember(self, about: str, now: float, outcome: str, bytes_used: int) -> None:
        self._file.execute("INSERT OR REPLACE INTO measured VALUES (?, ?, ?)", (about, now, outcome))
        day = dt.datetime.fromtimestamp(now, dt.UTC).date()
        self._file.execute(
            "INSERT INTO spent VALUES (?, 1, ?) ON CONFLICT (day) DO UPDATE"
            " SET measurements = measurements + 1, bytes = bytes + excluded.bytes",
            (day.isoformat(), bytes_used),
        )
        oldest = (day - dt.timedelta(days=31)).isoformat()
        self._file.execute("DELETE FROM spent WHERE day < ?", (oldest,))

    def _untold(self) -> int:
        row = self._file.execute("SELECT value FROM note WHERE name = ?", (_UNTOLD,)).fetchone()
        return row[0] if row else 0

    def _set_untold(self, count: int) -> None:
        self._file.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (_UNTOLD, count))

    def _counted(self) -> tuple[int, int]:
        row: tuple[int, int] = self._file.execute(
            "SELECT count(*), coalesce(sum(size), 0) FROM document"
        ).fetchone()
        return row

    def _thin(self, excess: int) -> tuple[int, int]:
        """Drop the least informative until there is room again; return how many went, and their bytes."""
        count = freed = 0
        wanted = excess + int(self._cap * (1 - _THIN_TO))
        for worth in Worth:
            if excess <= 0 or freed >= wanted:
                break
            rows = self._file.execute(
                "SELECT number, key, about, time_s, size, tells_dropped FROM document WHERE worth = ?",
                (int(worth),),
            ).fetchall()
            tells = {row[1]: row[5] for row in rows}
            gone = thinned((Held(*row[:5]) for row in rows if row[1] not in self._lent), wanted - freed)
            self._file.executemany("DELETE FROM document WHERE number = ?", [(one.number,) for one in gone])
            self._set_untold(self._untold() + sum(1 + tells[one.key] for one in gone))
            count += len(gone)
            freed += sum(one.size for one in gone)
        return count, freed

    def _lose(self, keys: Iterable[str]) -> None:
        """Count documents whose bytes the disk has spoilt as dropped."""
        with transaction(self._file) as file:
            for key in keys:
                row = file.execute("SELECT tells_dropped FROM document WHERE key = ?", (key,)).fetchone()
                self._set_untold(self._untold() + 1 + row[0])
                file.execute("DELETE FROM document WHERE key = ?", (key,))
            size = self._counted()
        self._documents, self._bytes = size

    def _forget_old_refusals(self) -> None:
        self._file.execute(
            "DELETE FROM refused WHERE number NOT IN (SELECT number FROM (SELECT number,"
            " row_number() OVER newest AS nth, sum(size) OVER newest AS total"
            " FROM refused WINDOW newest AS (ORDER BY number DESC))"
            " WHERE nth <= ? AND total <= ?)",
            (MAX_REFUSED, MAX_REFUSED_BYTES),
        )


def one_line(content: bytes) -> bytes:
    """A JSON object on one line, otherwise as it is. Raises ValueError where it is none."""
    if len(content) > MAX_DOCUMENT:
        message = f"a document may have {MAX_DOCUMENT} bytes, not {len(content)}"
        raise ValueError(message)
    try:
        msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        return msgspec.json.format(content, indent=-1) if b"\n" in content else content
    except msgspec.DecodeError as error:
        message = f"a document must be a JSON object: {error}"
        raise ValueError(message) from error


def annotated(content: bytes, dropped: int) -> bytes:
    """The document with the count of what was dropped before it among its annotations; nothing else changes."""
    document: dict[str, Any] = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    try:
        annotations: dict[str, Any] = msgspec.json.decode(
            document.get("annotations", b"{}"), type=dict[str, msgspec.Raw]
        )
    except msgspec.DecodeError:
        annotations = {}
    document["annotations"] = annotations | {DROPPED: str(dropped)}
    return msgspec.json.encode(document)
