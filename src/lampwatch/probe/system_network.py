"""The machine's own network: the only module of the probe that touches a socket."""

import asyncio
import socket
import threading
from typing import Final

from lampwatch.model.failure import Operation
from lampwatch.probe.failed import Failed, failed_by
from lampwatch.probe.network import Datagrams, Stream, joined

_MOST_BYTES: Final = 65_536


class _Socket:
    """What streams and datagrams share: one socket that never blocks."""

    def __init__(self, sock: socket.socket, ip: str, port: int) -> None:
        self._socket = sock
        self.address = joined(ip, port)

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        """What comes next."""
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.get_running_loop().sock_recv(self._socket, _MOST_BYTES)
        except OSError as error:
            return failed_by(error, Operation.READ)

    def close(self) -> None:
        """Give the socket up."""
        self._socket.close()


class SocketStream(_Socket):
    """A TCP connection."""

    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:
        """Send all of it."""
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_sendall(self._socket, sent)
        except OSError as error:
            return failed_by(error, Operation.WRITE)
        return None


class SocketDatagrams(_Socket):
    """A connected UDP socket."""

    async def send(self, sent: bytes) -> Failed | None:
        """Send one packet."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, sent)
        except OSError as error:
            return failed_by(error, Operation.WRITE)
        return None


class SystemNetwork:
    """Sockets of this machine, and getaddrinfo."""

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        """Open a TCP connection; hops are limited only afterwards, so that connecting reaches the other end."""
        sock = _socket(ip, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_connect(sock, (ip, port))
            _limit_hops(sock, ttl)
        except OSError as error:
            sock.close()
            return failed_by(error, Operation.CONNECT)
        except BaseException:
            sock.close()
            raise
        return SocketStream(sock, ip, port)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        """A UDP socket connected to one address."""
        sock = _socket(ip, socket.SOCK_DGRAM)
        try:
            sock.connect((ip, port))
            _limit_hops(sock, ttl)
        except OSError as error:
            sock.close()
            return failed_by(error, Operation.CONNECT)
        return SocketDatagrams(sock, ip, port)

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        """Ask getaddrinfo, on a thread that is left behind where it takes too long: it cannot be broken off."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str] | Failed] = loop.create_future()

        def give(outcome: list[str] | Failed) -> None:
            if not answer.done():
                answer.set_result(outcome)

        def ask() -> None:
            outcome = _getaddrinfo(hostname)
            try:
                loop.call_soon_threadsafe(give, outcome)
            except RuntimeError:
                return  # the loop ended before the answer came: nobody waits for it

        threading.Thread(target=ask, name="getaddrinfo", daemon=True).start()
        try:
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError as error:
            return failed_by(error, Operation.RESOLVE)


def _getaddrinfo(hostname: str) -> list[str] | Failed:
    try:
        found = socket.getaddrinfo(hostname, None, type=socket.SOCK_STREAM)
    except OSError as error:
        return failed_by(error, Operation.RESOLVE)
    except UnicodeError:
        # Python refuses to ask for labels that are empty or longer than 63 octets: no such name can exist.
        return failed_by(socket.gaierror(socket.EAI_NONAME, "no such name can exist"), Operation.RESOLVE)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _socket(ip: str, kind: socket.SocketKind) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, kind)
    sock.settimeout(0)
    return sock


def _limit_hops(sock: socket.socket, ttl: int | None) -> None:
    if ttl is None:
        return
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
