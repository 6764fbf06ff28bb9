"""What raw measurements come from, and what reading one can meet."""

from collections.abc import Iterator
from typing import Final, Protocol

import msgspec

from lampwatch.model.measurement import Reason

CHUNK_BYTES: Final = 256 * 1024
"""How much is read, or decompressed, at a time; with the largest document it bounds the memory."""


class BrokenError(Exception):
    """A stream of bytes cannot be read on from here. finished is False where trying again later may bring more."""

    def __init__(self, reason: Reason, detail: str, *, finished: bool = True) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.finished = finished


class Origin(Protocol):
    """Where a source's bytes are."""

    def identity(self) -> str:
        """Say which version of the bytes is there now; empty where that cannot be told."""

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes from the beginning, in chunks of any size. Raises BrokenError and nothing else."""


class Source(msgspec.Struct, frozen=True):
    """One file, object or stream of measurements.

    name is how it is shown and stored: an absolute path, a URL, or `-`. identity names this version of its bytes (size
    and time of change, or the server's tag) and is empty where reading cannot be resumed. size is in bytes as stored,
    before any decompression, None where it is not known. filename decides how the bytes are read, by its ending.
    """

    name: str
    filename: str
    identity: str
    size: int | None
    origin: Origin
