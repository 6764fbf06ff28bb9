"""Sockets in a namespace, served by one event loop in a thread that lives there."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import msgspec

from lampwatch.lab.netns import enter

StreamHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_BACKLOG: Final = 128
_HANDSHAKE_S: Final = 30.0

Result = TypeVar("Result")


class Tcp(msgspec.Struct, frozen=True):
    """Connections to an address and port, with TLS where there is a context."""

    address: str
    port: int
    handler: StreamHandler
    tls: ssl.SSLContext | None = None


class Udp(msgspec.Struct, frozen=True):
    """Datagrams to an address and port. The protocol is made on the event loop."""

    address: str
    port: int
    protocol: Callable[[], asyncio.DatagramProtocol]


Listener = Tcp | Udp


class Serving:
    """An event loop in a thread inside a namespace, and all that it serves. Close it to end every connection."""

    def __init__(self, namespace: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_ignore)
        self._servers: list[asyncio.AbstractServer] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._thread = threading.Thread(
            target=self._run, args=[namespace], name=f"serving in {namespace}", daemon=True
        )
        self._thread.start()

    def _run(self, namespace: str) -> None:
        enter(namespace)
        self._loop.run_forever()

    def open(self, listeners: Sequence[Listener]) -> None:
        """Listen; when this returns, connections are accepted. An address must be there already."""
        self.do(self._serve(listeners))

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What a coroutine gives, run on the loop."""
        done: Future[Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result()

    def close(self) -> None:
        """Stop listening, end what is going on, and end the thread."""
        self.do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, listeners: Sequence[Listener]) -> None:
        for listener in listeners:
            bound = _bound(listener)
            if isinstance(listener, Tcp):
                server = await asyncio.start_server(
                    guarded(listener.handler),
                    sock=bound,
                    ssl=listener.tls,
                    backlog=_BACKLOG,
                    ssl_handshake_timeout=_HANDSHAKE_S if listener.tls else None,
                )
                self._servers.append(server)
            else:
                transport, _ = await self._loop.create_datagram_endpoint(listener.protocol, sock=bound)
                self._transports.append(transport)

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for transport in self._transports:
            transport.close()
        going_on = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)


def guarded(handler: StreamHandler) -> StreamHandler:
    """A handler that bears whatever a client or a censor does to its connection, and closes it in the end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError, ValueError
        ):
            await handler(reader, writer)
        with contextlib.suppress(OSError, ssl.SSLError):
            writer.close()

    return serve


def _bound(listener: Listener) -> socket.socket:
    family = socket.AF_INET6 if ":" in listener.address else socket.AF_INET
    kind = socket.SOCK_STREAM if isinstance(listener, Tcp) else socket.SOCK_DGRAM
    bound = socket.socket(family, kind | socket.SOCK_NONBLOCK)
    if isinstance(listener, Tcp):
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((listener.address, listener.port))
    return bound


def _ignore(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say nothing of connections that break: breaking them is what a lab is for. Bugs of ours are still told."""
    error = context.get("exception")
    if error is not None and not isinstance(
        error, OSError | ssl.SSLError | EOFError | asyncio.CancelledError
    ):
        _loop.default_exception_handler(context)
