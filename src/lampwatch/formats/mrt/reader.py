"""The records of an MRT file, one after another, through damage."""

import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from lampwatch.formats.mrt import messages, table_dump, table_dump_v2
from lampwatch.formats.mrt.records import Broken, Malformed, MrtItem
from lampwatch.formats.mrt.unpack import Unpacked

MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
"""No record of an archive is nearly as long: a longer one is a damaged length."""
MAX_TOLD: Final = 1000
"""Damaged places that are remembered; all are counted."""

_HEADER: Final = struct.Struct(">III")
_HEADER_BYTES: Final = _HEADER.size
_DAY_S: Final = 86_400
_LAST_TYPE: Final = 64
"""Types of MRT, assigned and old, are all lower."""
_TYPES: Final = {
    0: "NULL",
    1: "START",
    2: "DIE",
    3: "I_AM_DEAD",
    4: "PEER_DOWN",
    5: "BGP",
    6: "RIP",
    7: "IDRP",
    8: "RIPNG",
    9: "BGP4PLUS",
    10: "BGP4PLUS_01",
    11: "OSPFv2",
    12: "TABLE_DUMP",
    13: "TABLE_DUMP_V2",
    16: "BGP4MP",
    17: "BGP4MP_ET",
    32: "ISIS",
    33: "ISIS_ET",
    48: "OSPFv3",
    49: "OSPFv3_ET",
}
_Handler: TypeAlias = Callable[[float, bytes], list[MrtItem]]
"""Reads the body of one record: what it says of routes, or nothing."""


class MrtReader:
    """Gives what a stream of bytes says of routes: gzip, bzip2 or plain, by its content.

    Never raises for what the bytes hold. counts, known as the reader goes on:
    records  whole records, and among them unknown by their type and subtype, and malformed
    broken   the first damaged places, with byte and record; damage is how many there are
    After damage of a length it goes on at the next place that looks like a record of a kind seen before.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._unpacked = Unpacked(chunks)
        self._chunks = iter(self._unpacked)
        self._buffer, self._at, self._base = b"", 0, 0
        self._kinds: list[bytes] = []
        self._time = 0.0
        self.records = 0
        self.unknown: Counter[str] = Counter()
        self.malformed = 0
        self.damage = 0
        self.broken: list[Broken] = []
        tables = table_dump_v2.TableDumpV2()
        self._packed_dump = table_dump.TableDump()
        self._handlers: dict[int, _Handler] = {
            **messages.handlers(),
            **tables.handlers(),
            **self._packed_dump.handlers(),
        }

    @property
    def whole(self) -> bool:
        """Whether nothing was damaged so far."""
        return not self.damage

    def __iter__(self) -> Iterator[MrtItem]:
        handlers = self._handlers
        seen: set[int] = set()
        while (found := self._next()) is not None:
            time, code, begin, stop = found
            self.records += 1
            handler = handlers.get(code)
            if handler is None:
                self.unknown[f"{_named(code)}, subtype {code & 0xFFFF}"] += 1
                self._at = stop
                continue
            try:
                items = handler(time, self._buffer[begin:stop])
            except (Malformed, IndexError, struct.error) as error:
                self.malformed += 1
                reason = str(error) if isinstance(error, Malformed) else "it ends before what it announces"
                reason = f"{_named(code)} is malformed: {reason}"
                # Where no record follows, it was the length that is damaged, and the next record lies within.
                if not self._kinds or self._leads_on(stop - begin):
                    self._tell(reason, record=self.records)
                    self._at += stop - begin + _HEADER_BYTES
                elif not self._found_again(reason, record=self.records):
                    break
                continue
            self._time = time
            if self._packed_dump.missing_bytes:
                items = self._packed(time, items, stop - begin)
            else:
                self._at = stop
            if code not in seen:
                seen.add(code)
                self._kinds.append(code.to_bytes(4, "big"))
            yield from items
        self._tell_end()

    def _next(self) -> tuple[float, int, int, int] | None:
        """Time, type << 16 | subtype, and where in the buffer its body lies, of the next whole record."""
        while self._at + _HEADER_BYTES <= len(self._buffer) or self._filled(_HEADER_BYTES):
            time, code, length = _HEADER.unpack_from(self._buffer, self._at)
            if code >> 16 > _LAST_TYPE or length > MAX_RECORD_BYTES:
                reason = "is no header of MRT"
            elif self._at + _HEADER_BYTES + length <= len(self._buffer) or self._filled(
                _HEADER_BYTES + length
            ):
                begin = self._at + _HEADER_BYTES
                return time, code, begin, begin + length
            else:
                reason = f"the file ends inside a record of {length} bytes"
            if not self._found_again(reason, record=self.records + 1):
                return None
        return None

    def _packed(self, time: float, first: list[MrtItem], length: int) -> list[MrtItem]:
        """A table record of the earliest archives, read again with the bytes that its length leaves out.

        Where a record follows at once, it is none of these, and what comes after its first route is damaged.
        """
        length += self._packed_dump.missing_bytes
        self._packed_dump.missing_bytes = 0
        if self._is_header(_HEADER_BYTES + length - table_dump.UNCOUNTED):
            self.malformed += 1
            self._tell("TABLE_DUMP is malformed: more follows its route", record=self.records)
            self._at += _HEADER_BYTES + length - table_dump.UNCOUNTED
            return first
        if not self._filled(_HEADER_BYTES + length):
            length = len(self._buffer) - self._at - _HEADER_BYTES
        begin = self._at + _HEADER_BYTES
        items, reason = self._packed_dump.packed(time, self._buffer[begin : begin + length])
        if reason:
            self.malformed += 1
            self._tell(f"TABLE_DUMP is malformed: {reason}", record=self.records)
        self._at = begin + length
        return items

    def _filled(self, size: int) -> bool:
        """Have at least size bytes in the buffer from here on; False where the stream ends before."""
        while len(self._buffer) - self._at < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._base += self._at
            self._buffer = self._buffer[self._at :] + chunk
            self._at = 0
        return True

    def _found_again(self, reason: str, *, record: int) -> bool:
        """Tell of damage here, and go to the next place that looks like a record; False where there is none."""
        self._tell(reason, record=record)
        self._at += 1
        # Of no kind seen before, nothing can be found again: the pattern then matches nowhere.
        kinds = re.compile(b"|".join(map(re.escape, self._kinds)) or rb"(?!)")
        while True:
            found = kinds.search(self._buffer, self._at + 4)
            if found is None:
                # A header may lie across the end of the buffer.
                self._at = max(self._at, len(self._buffer) - _HEADER_BYTES)
                if not self._filled(len(self._buffer) - self._at + 1):
                    self._at = len(self._buffer)
                    return False
                continue
            self._at = found.start() - 4
            if self._is_header(0) and self._leads_on(_HEADER.unpack_from(self._buffer, self._at)[2]):
                return True
            self._at += 1

    def _leads_on(self, length: int) -> bool:
        """Whether a record of such a length, from here, is followed by something like a header, or by the end."""
        whole = _HEADER_BYTES + length
        return self._is_header(whole) or len(self._buffer) - self._at == whole

    def _is_header(self, ahead: int) -> bool:
        """Whether so many bytes ahead stands something like a header: a known type, about the time of the last one."""
        if not self._filled(ahead + _HEADER_BYTES):
            return False
        time, code, length = _HEADER.unpack_from(self._buffer, self._at + ahead)
        return (
            length <= MAX_RECORD_BYTES
            and code >> 16 in _TYPES
            and code & 0xFFFF <= _LAST_TYPE
            and abs(time - self._time) <= _DAY_S
        )

    def _tell(self, reason: str, *, record: int) -> None:
        self.damage += 1
        if len(self.broken) < MAX_TOLD:
            self.broken.append(Broken(self._base + self._at, record, reason))

    def _tell_end(self) -> None:
        """Say why the stream ended, where it ended early."""
        rest = len(self._buffer) - self._at
        if rest:
            self._tell(f"the file ends inside a header, after {rest} of 12 bytes", record=self.records + 1)
        if self._unpacked.broken:
            self._at = len(self._buffer)
            self._tell(self._unpacked.broken, record=self.records + 1)


def _named(code: int) -> str:
    return _TYPES.get(code >> 16, f"type {code >> 16}")
