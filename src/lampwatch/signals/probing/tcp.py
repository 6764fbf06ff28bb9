"""Asks by opening a TCP connection, and closes it at once. Needs no rights."""

import asyncio
import errno
import socket
import struct
from typing import Final

from lampwatch.signals.probing.rounds import Answer

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER, on and zero: the connection is reset, and leaves nothing behind at either end."""
_ANSWERS: Final = frozenset({errno.ECONNREFUSED, errno.ECONNRESET})
_SILENCES: Final = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH})


class TcpAsker:
    """Asks addresses by a SYN to one port. A refusal (RST) is an answer too: somebody is there."""

    def __init__(self, port: int, *, timeout_s: float) -> None:
        self._port = port
        self._timeout_s = timeout_s

    async def ask(self, address: str) -> Answer:
        """Whether an address answers in time. That routers cannot reach it is silence."""
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
                opened.settimeout(0)
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                async with asyncio.timeout(self._timeout_s):
                    await asyncio.get_running_loop().sock_connect(opened, (address, self._port))
        except TimeoutError:
            return Answer.SILENT
        except OSError as error:
            if error.errno in _ANSWERS:
                return Answer.ANSWERED
            return Answer.SILENT if error.errno in _SILENCES else Answer.UNSENT
        return Answer.ANSWERED
