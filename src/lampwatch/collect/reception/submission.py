"""The bodies that submit: a report's entry and a batch -> the documents in them, byte for byte. Pure."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.collect.json_file import on_one_line
from lampwatch.collect.reception.receiver import Receipt, Status
from lampwatch.collect.reception.refusal import RefusedError

_KEY: Final = re.compile(r"[\x20-\x7e]{1,128}")


class Result(msgspec.Struct, frozen=True):
    """What became of one line of a batch.

    line counts from 1. key is the sender's, null where the line has none. measurement_uid is null where the line was
    refused, or is kept but is no measurement; reason then says why.
    """

    line: int
    key: str | None
    status: Status
    measurement_uid: str | None = None
    reason: str | None = None


class Submitted(msgspec.Struct, frozen=True):
    """One line of a batch that holds a document."""

    line: int
    key: str
    document: bytes


class _Update(msgspec.Struct):
    content: msgspec.Raw


class _Entry(msgspec.Struct):
    key: str
    content: msgspec.Raw


class _Keyed(msgspec.Struct):
    key: str | None = None


_UPDATE: Final = msgspec.json.Decoder(_Update)
_ENTRY: Final = msgspec.json.Decoder(_Entry)
_KEYED: Final = msgspec.json.Decoder(_Keyed)


def document_of(body: bytes) -> bytes:
    """The document of a report's entry, `{"format": "json", "content": {…}}`, on one line. Raises RefusedError."""
    try:
        return on_one_line(bytes(_UPDATE.decode(body).content))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(400, f"the body is no report entry: {_why(error)}") from error


def entries_of(body: bytes, *, most: int) -> list[Submitted | Result]:
    """The lines of a batch in order, each with its document or the reason why it is refused; blank ones left out.

    Raises RefusedError where there are more than most, or none.
    """
    lines = [
        (number, line)
        for number, line in enumerate(body.split(b"\n"), start=1)
        if line and not line.isspace()
    ]
    if len(lines) > most:
        raise RefusedError(413, f"{len(lines)} documents at once, the limit is {most}; send less at once")
    if not lines:
        raise RefusedError(400, 'the body is empty; send lines of {"key": "…", "content": {…}}')
    return [_entry(number, line) for number, line in lines]


def _entry(number: int, line: bytes) -> Submitted | Result:
    try:
        entry = _ENTRY.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Result(number, _key_of(line), Status.REFUSED, reason=_why(error))
    if not _KEY.fullmatch(entry.key):
        return Result(
            number, None, Status.REFUSED, reason="key: 1 to 128 printable ASCII characters are asked for"
        )
    return Submitted(number, entry.key, on_one_line(bytes(entry.content)))


def _key_of(line: bytes) -> str | None:
    """The key of a line that is JSON and still no entry, so that its sender can tell which it was."""
    try:
        key = _KEYED.decode(line).key
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return key if key is not None and _KEY.fullmatch(key) else None


def results_of(entries: Sequence[Submitted | Result], receipts: Sequence[Receipt]) -> list[Result]:
    """The results of a batch, a line each: receipts are those of its documents, in order."""
    left = iter(receipts)
    return [entry if isinstance(entry, Result) else _received(entry, next(left)) for entry in entries]


def _received(entry: Submitted, receipt: Receipt) -> Result:
    return Result(entry.line, entry.key, receipt.status, receipt.uid or None, receipt.reason or None)


def _why(error: Exception) -> str:
    return "nested too deep" if isinstance(error, RecursionError) else " ".join(str(error).split())[:300]
