"""A `.json` file -> its documents: one on one or many lines, an array of them, or JSON lines after all."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

import msgspec

from lampwatch.collect.chunks import replayed
from lampwatch.collect.lines import Piece, Rejected, Tally, is_document, split_lines, too_large
from lampwatch.collect.source import BrokenError
from lampwatch.model.measurement import SAMPLE_BYTES, Reason

MAX_ARRAY_COMMAS: Final = 2_000_000
"""Bounds the memory of splitting an array: real measurements have a comma every 38 bytes, 840,000 in 32 MiB."""

MAX_TRIED_LINES: Final = 1000
"""How many lines of a file that is no JSON as a whole are tried, before it is held to be none by line either."""

_NOT_BLANK: Final = re.compile(rb"\S")
_LIKE_A_DOCUMENT: Final = re.compile(rb'^\{".*$', re.MULTILINE)
_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder(msgspec.Raw)


def on_one_line(document: bytes | bytearray) -> bytes:
    """Put a document on one line. JSON strings cannot hold raw line ends, so this changes no value."""
    return bytes(document.translate(_ONE_LINE).strip())


def split_json(chunks: Iterator[bytes], *, skip: int, max_bytes: int, tally: Tally) -> Iterator[Piece]:
    """Give the documents after position skip: lines by line number, a single document as 1, an array's by element.

    A first line that is a document alone makes it JSON lines, which are streamed. Everything else is read whole, within
    max_bytes. Afterwards tally holds the last position that need not be read again.
    """
    ahead = _Ahead(chunks, max_bytes)
    ahead.read()
    if ahead.has_lines():
        yield from split_lines(ahead.replayed(), skip=skip, max_bytes=max_bytes, tally=tally)
        return
    for piece in _whole(ahead, chunks, max_bytes):
        position = piece[0] if isinstance(piece, tuple) else piece.position
        is_final = isinstance(piece, tuple) or piece.finished
        if is_final:
            tally.position = position
        if position > skip or not is_final:
            yield piece


class _Ahead:
    """What has been read of a file before it is known how its documents lie."""

    def __init__(self, chunks: Iterator[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._max_bytes = max_bytes
        self._first_line_is_document = False
        self._first_line_is_checked = False
        self._begin = -1
        self._scanned = 0
        self.head = bytearray()
        self.broken: BrokenError | None = None

    def read(self) -> None:
        """Read until the first line is a document, or the file ends, breaks or is larger than the limit."""
        try:
            for chunk in self._chunks:
                self.head += chunk
                if self._first_line_is_seen():
                    return
                if self.is_too_large():
                    return
        except BrokenError as error:
            self.broken = error

    def _first_line_is_seen(self) -> bool:
        """Check the first line that is not blank, once, when its end has come."""
        if self._begin < 0:
            text = _NOT_BLANK.search(self.head, self._scanned)
            self._begin = text.start() if text else -1
        if self._begin >= 0 and not self._first_line_is_checked:
            end = self.head.find(b"\n", max(self._scanned, self._begin))
            if end >= 0:
                self._first_line_is_checked = True
                self._first_line_is_document = is_document(self.head[self._begin : end])
        self._scanned = len(self.head)
        return self._first_line_is_document

    def is_too_large(self) -> bool:
        return len(self.head) > self._max_bytes

    def has_lines(self) -> bool:
        """Whether these are JSON lines: the first is a document, or the whole is none and some line is.

        One line without an end, larger than the limit, is left to the lines as well: it is set aside there.
        """
        if self._first_line_is_document:
            return True
        if self.is_too_large() and b"\n" not in self.head:
            return True
        if not self.is_too_large() and self.broken is None and _is_json(self.head):
            return False
        # `{}` on a line of its own is as likely a piece of a larger document.
        candidates = islice(_LIKE_A_DOCUMENT.finditer(self.head), MAX_TRIED_LINES)
        return any(is_document(line.group()) for line in candidates)

    def replayed(self) -> Iterator[bytes]:
        """Give the file's bytes from the beginning again."""
        head, self.head = bytes(self.head), bytearray()
        return replayed(head, self.broken, self._chunks)


def _is_json(raw: bytearray) -> bool:
    try:
        _ANY.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _whole(ahead: _Ahead, rest: Iterator[bytes], max_bytes: int) -> Iterator[Piece]:
    if ahead.is_too_large():
        yield _oversize(ahead, rest, max_bytes)
    elif ahead.broken is not None:
        error, sample = ahead.broken, bytes(ahead.head[:SAMPLE_BYTES])
        if is_document(ahead.head):
            yield 1, on_one_line(ahead.head)
            yield Rejected(2, error.reason, error.detail, -1, b"", error.finished)
        else:
            yield Rejected(1, error.reason, error.detail, -1, sample, error.finished)
    elif ahead.head and not ahead.head.isspace():
        yield from _documents(ahead.head)


def _oversize(ahead: _Ahead, rest: Iterator[bytes], max_bytes: int) -> Rejected:
    """Measure a file that is read whole and is larger than the limit."""
    sample, size = bytes(ahead.head[:SAMPLE_BYTES]), len(ahead.head)
    ahead.head = bytearray()
    try:
        size += sum(map(len, rest))
    except BrokenError as error:
        return Rejected(1, error.reason, error.detail, -1, sample, error.finished)
    refused = too_large(1, size, sample, max_bytes)
    hint = "a large file must have one document on each line"
    return Rejected(1, refused.reason, f"{refused.detail}; {hint}", size, sample)


def _documents(head: bytearray) -> Iterator[Piece]:
    try:
        if head.lstrip()[:1] != b"[":
            _ANY.decode(head)
            yield 1, on_one_line(head)
        elif head.count(b",") > MAX_ARRAY_COMMAS:
            detail = f"an array of more than {MAX_ARRAY_COMMAS} values; write one document on each line"
            yield Rejected(1, Reason.TOO_LARGE, detail, len(head), bytes(head[:SAMPLE_BYTES]))
        else:
            for position, element in enumerate(_ARRAY.decode(head), start=1):
                yield position, on_one_line(bytes(element))
    except RecursionError:
        yield _unread(head, Reason.TOO_DEEP, "the decoder's depth limit was reached")
    except msgspec.DecodeError as error:
        reason = Reason.TRUNCATED if "truncated" in str(error) else Reason.NOT_JSON
        yield _unread(head, reason, str(error))


def _unread(head: bytearray, reason: Reason, detail: str) -> Rejected:
    return Rejected(1, reason, detail, len(head), bytes(head[:SAMPLE_BYTES]))
