"""A body as it was sent -> its content, never more of it than the limit."""

from collections.abc import Callable, Iterator
from typing import Final

from lampwatch.collect.decompress import GZIP_MAGIC, gunzipped, unzstd
from lampwatch.collect.reception.refusal import RefusedError
from lampwatch.collect.source import BrokenError

_PLAIN: Final = {"", "identity"}
_UNPACKED: Final[dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]]] = {
    "gzip": gunzipped,
    "x-gzip": gunzipped,
    "zstd": unzstd,
}


def coding_of(header: str) -> str:
    """The one coding that a Content-Encoding names, empty for none. Raises RefusedError for one we cannot read."""
    coding = header.strip().lower()
    if coding in _PLAIN:
        return ""
    if coding not in _UNPACKED:
        raise RefusedError(415, f"Content-Encoding {header[:40]!r}: send gzip, zstd or none")
    return coding


def unpacked(body: bytes, coding: str, *, limit: int, take: Callable[[int], None]) -> bytes:
    """Unpack a body of this coding. take is told of each piece before it is kept, and may refuse it.

    Raises RefusedError: 413 as soon as the content is over the limit, 400 where the body is damaged or cut short.
    """
    if coding.endswith("gzip") and not body.startswith(GZIP_MAGIC):
        raise RefusedError(400, "the body is named as gzip and is not")
    content = bytearray()
    try:
        for piece in _UNPACKED[coding](iter([body])):
            if len(content) + len(piece) > limit:
                raise RefusedError(413, too_large(limit))
            take(len(piece))
            content += piece
    except BrokenError as error:
        raise RefusedError(400, f"the body cannot be unpacked: {error.detail}") from error
    return bytes(content)


def too_large(limit: int) -> str:
    """The line for a body that is over its limit."""
    return f"the body is larger than {limit} bytes; send less at once"
