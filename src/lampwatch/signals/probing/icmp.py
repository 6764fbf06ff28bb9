"""Asks by ICMP echo, through one socket. Needs no root where the system lets its users ping."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final, Self

from lampwatch.model.errors import UserError
from lampwatch.signals.probing.echo import TOKEN_BYTES, reply_content, request
from lampwatch.signals.probing.rounds import Answer

_LARGEST: Final = 2048
_KINDS: Final = (socket.SOCK_DGRAM, socket.SOCK_RAW)


def echo_socket() -> socket.socket:
    """A socket for ICMP echo: a datagram one where users may have it, else a raw one.

    Raises UserError where neither may be had.
    """
    for kind in _KINDS:
        with contextlib.suppress(OSError):
            made = socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP)
            made.settimeout(0)
            return made
    raise UserError(
        "ICMP is not allowed here: put your group into net.ipv4.ping_group_range, run as root, or ask by TCP with "
        "--method tcp --port 443"
    )


class EchoAsker:
    """Asks addresses by ICMP echo. A reply counts where it comes from that address and gives back what was sent.

    greeting is sent with every question, for whoever looks at it. random_bytes makes what cannot be guessed.
    """

    def __init__(
        self,
        opened: socket.socket,
        *,
        timeout_s: float,
        greeting: bytes,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._socket = opened
        self._timeout_s = timeout_s
        self._greeting = greeting
        self._random_bytes = random_bytes
        self._identifier = int.from_bytes(random_bytes(2))
        self._sequence = 0
        self._waiting: dict[bytes, tuple[str, asyncio.Future[None]]] = {}

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    async def ask(self, address: str) -> Answer:
        """Whether an address answers in time. Errors that routers send are silence: they may speak for anybody."""
        content = self._random_bytes(TOKEN_BYTES) + self._greeting
        self._sequence = (self._sequence + 1) & 0xFFFF
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[content] = (address, answered)
        try:
            self._socket.sendto(request(self._identifier, self._sequence, content), (address, 0))
            async with asyncio.timeout(self._timeout_s):
                await answered
        except TimeoutError:
            # On a busy machine the answer and the end of the wait are seen at once.
            return Answer.ANSWERED if answered.done() and not answered.cancelled() else Answer.SILENT
        except OSError:
            return Answer.UNSENT
        finally:
            del self._waiting[content]
        return Answer.ANSWERED

    def _read(self) -> None:
        # Whatever goes wrong in reading concerns one packet, and the next event brings the others.
        with contextlib.suppress(OSError):
            while True:
                packet, source = self._socket.recvfrom(_LARGEST)
                address, answered = self._waiting.get(reply_content(packet) or b"", ("", None))
                if answered is not None and address == source[0] and not answered.done():
                    answered.set_result(None)
