"""Reads the body of a request: bounded in size, in time and in the memory that all bodies share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from lampwatch.collect.reception.limits import SHORT_BYTES, Limits
from lampwatch.collect.reception.memory import Memory, Share
from lampwatch.collect.reception.receiver import UnavailableError
from lampwatch.collect.reception.refusal import RefusedError
from lampwatch.collect.reception.unpack import coding_of, too_large, unpacked

_CLOSED = "this collector is ending; try again when it is back"
_CLOSED_RETRY_S = 10


class Bodies:
    """Reads bodies until it is closed. Belongs to one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._memory = Memory(limits)
        self._arriving: set[asyncio.Timeout] = set()
        self._is_closed = False

    def close(self) -> None:
        """Take no new body, and give up those that have not come whole. Those that have are still answered."""
        self._is_closed = True
        for deadline in self._arriving:
            # One that is just running out cannot be moved any more, and need not be.
            if not deadline.expired():
                deadline.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def submitted(self, request: Request) -> AsyncIterator[bytes]:
        """The unpacked body of a request that submits; its memory is held until the context ends.

        Raises RefusedError for what the sender did wrong (400, 408, 413, 415), UnavailableError where there is no room.
        """
        with self._memory.share() as share:
            limits = self._limits
            yield await self._unpacked(request, share, limits.compressed_bytes, limits.decompressed_bytes)

    async def short(self, request: Request) -> bytes:
        """The unpacked body of a request that submits nothing, and is short. Raises as `submitted` does."""
        with self._memory.share() as share:
            return await self._unpacked(request, share, SHORT_BYTES, SHORT_BYTES)

    async def _unpacked(self, request: Request, share: Share, packed_most: int, most: int) -> bytes:
        coding = coding_of(request.headers.get("content-encoding", ""))
        body = await self._arrived(request, share, packed_most if coding else most)
        if not coding:
            return body
        # In a thread, so that nobody else waits while a large body unpacks.
        return await asyncio.to_thread(unpacked, body, coding, limit=most, take=share.take)

    async def _arrived(self, request: Request, share: Share, most: int) -> bytes:
        if self._is_closed:
            raise UnavailableError(_CLOSED, retry_after_s=_CLOSED_RETRY_S)
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > most:
            raise RefusedError(413, too_large(most))
        body = bytearray()
        deadline = asyncio.timeout(self._limits.body_seconds)
        try:
            async with deadline:
                self._arriving.add(deadline)
                async for chunk in request.stream():
                    if len(body) + len(chunk) > most:
                        raise RefusedError(413, too_large(most))
                    share.take(len(chunk))
                    body += chunk
        except TimeoutError as error:
            if self._is_closed:
                raise UnavailableError(_CLOSED, retry_after_s=_CLOSED_RETRY_S) from error
            raise RefusedError(
                408, f"the body did not come within {self._limits.body_seconds:g} seconds"
            ) from error
        except ClientDisconnect as error:
            raise RefusedError(400, "the body ended before its time") from error
        finally:
            self._arriving.discard(deadline)
        return bytes(body)
