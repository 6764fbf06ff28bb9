"""Handing a connection's bytes on to another server, and its bytes back."""

import asyncio
from typing import Final

from lampwatch.lab.servers.listening import StreamHandler

_CHUNK: Final = 64 * 1024
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def passed_on(address: str, port: int) -> StreamHandler:
    """Hands every connection on to one server."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await both_ways((reader, writer), await asyncio.open_connection(address, port))

    return serve


async def both_ways(left: Stream, right: Stream) -> None:
    """Copy bytes in both directions until both sides have finished; right is closed then."""
    try:
        await asyncio.gather(_copy(left[0], right[1]), _copy(right[0], left[1]), return_exceptions=True)
    finally:
        right[1].close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while received := await reader.read(_CHUNK):
            writer.write(received)
            await writer.drain()
    finally:
        # TLS cannot be closed on one side only.
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()
