"""The machine's own network: the only module of the probe that touches a socket."""

import asyncio
import contextlib
import os
import socket
import struct
import sys
import threading
from typing import Final

from lampwatch.model.failure import Operation
from lampwatch.probe.failed import Failed, failed_by
from lampwatch.probe.network import Datagrams, Packet, Packets, Stream, joined
from lampwatch.probe.own_addresses import OwnAddresses

_MOST_BYTES: Final = 65_536
_ANCILLARY_BYTES: Final = 512
# Linux's numbers (linux/in.h, linux/in6.h): Python names few of them. Elsewhere they mean nothing or are refused.
_IP_TTL: Final = 2
_IP_RECVERR: Final = 11
_IP_RECVTTL: Final = 12
_IPV6_RECVERR: Final = 25
_IPV6_RECVHOPLIMIT: Final = 51
_IPV6_HOPLIMIT: Final = 52
_MSG_ERRQUEUE: Final = 0x2000
_EXTENDED_ERROR: Final = struct.Struct("=IBBBBII")
"""struct sock_extended_err; after it comes the address of the router that reported."""


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
    """A connected UDP socket, which hears of every error that a router reports (Linux)."""

    async def send(self, sent: bytes) -> Failed | None:
        """Send one packet."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, sent)
        except OSError as error:
            self._forget_reports()
            return failed_by(error, Operation.WRITE)
        return None

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        """The next packet, or the next report; TIMEOUT where none came."""
        heard = await super().receive(timeout_s=timeout_s)
        if isinstance(heard, Failed):
            self._forget_reports()
        return heard

    def _forget_reports(self) -> None:
        """Take what was told as an error off the socket's queue: it would seem readable for ever."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                while True:
                    self._socket.recvmsg(0, _ANCILLARY_BYTES, _MSG_ERRQUEUE)


class SocketPackets:
    """A connected UDP socket, with the hops left to what comes and the routers that report (Linux)."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    async def send(self, sent: bytes) -> Failed | None:
        """Send one packet."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, sent)
        except OSError as error:
            return failed_by(error, Operation.WRITE)
        return None

    async def hear(self, *, timeout_s: float) -> Packet | Failed:
        """The next packet or report; TIMEOUT where none came."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    packet = self._reported() or self._arrived()
                    if packet is not None:
                        return packet
                    await self._readable()
        except OSError as error:
            return failed_by(error, Operation.READ)

    def close(self) -> None:
        """Give the socket up."""
        self._socket.close()

    def _reported(self) -> Packet | None:
        try:
            _, ancillary, _, _ = self._socket.recvmsg(0, _ANCILLARY_BYTES, _MSG_ERRQUEUE)
        except BlockingIOError:
            return None
        return next((_report(told) for level, kind, told in ancillary if _is_report(level, kind)), None)

    def _arrived(self) -> Packet | None:
        try:
            content, ancillary, _, _ = self._socket.recvmsg(_MOST_BYTES, _ANCILLARY_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            # An error that was reported meanwhile: the queue tells it with its router, where there is a queue.
            return self._reported() or Packet(failed=failed_by(error, Operation.READ))
        ttl = next(
            (int.from_bytes(told[:4], sys.byteorder) for _, kind, told in ancillary if _is_ttl(kind)), 0
        )
        return Packet(content, ttl)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._socket, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._socket)


class SystemNetwork:
    """Sockets of this machine, and getaddrinfo. The addresses they are made from are added to own."""

    def __init__(self, own: OwnAddresses | None = None) -> None:
        self._own = own if own is not None else OwnAddresses()

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        """Open a TCP connection; hops are limited only afterwards, so that connecting reaches the other end."""
        try:
            sock = _socket(ip, socket.SOCK_STREAM)
        except OSError as error:
            return failed_by(error, Operation.CONNECT)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_connect(sock, (ip, port))
            _limit_hops(sock, ttl)
            self._own.add(sock.getsockname()[0])
        except OSError as error:
            sock.close()
            return failed_by(error, Operation.CONNECT)
        except BaseException:
            sock.close()
            raise
        return SocketStream(sock, ip, port)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        """A UDP socket connected to one address."""
        try:
            sock = _socket(ip, socket.SOCK_DGRAM)
        except OSError as error:
            return failed_by(error, Operation.CONNECT)
        try:
            sock.connect((ip, port))
            self._own.add(sock.getsockname()[0])
            _limit_hops(sock, ttl)
            _hear_of_errors(sock)
        except OSError as error:
            sock.close()
            return failed_by(error, Operation.CONNECT)
        return SocketDatagrams(sock, ip, port)

    async def packets(self, ip: str, port: int, *, ttl: int | None = None) -> Packets | Failed:
        """A UDP socket connected to one address, that tells of hops as far as the system does."""
        try:
            sock = _socket(ip, socket.SOCK_DGRAM)
        except OSError as error:
            return failed_by(error, Operation.CONNECT)
        try:
            sock.connect((ip, port))
            self._own.add(sock.getsockname()[0])
            _limit_hops(sock, ttl)
            _hear_of_hops(sock)
        except OSError as error:
            sock.close()
            return failed_by(error, Operation.CONNECT)
        return SocketPackets(sock)

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
    _hear_of_hops(sock)


def _hear_of_hops(sock: socket.socket) -> None:
    """Have routers' reports reach the socket at once, and the hops left to each packet; nothing where it cannot be."""
    _hear_of_errors(sock)
    if sys.platform == "linux":
        sixth = sock.family == socket.AF_INET6
        level = socket.IPPROTO_IPV6 if sixth else socket.IPPROTO_IP
        sock.setsockopt(level, _IPV6_RECVHOPLIMIT if sixth else _IP_RECVTTL, 1)


def _hear_of_errors(sock: socket.socket) -> None:
    """Have routers' reports reach the socket at once; without this Linux keeps most of them to itself."""
    if sys.platform == "linux":
        sixth = sock.family == socket.AF_INET6
        level = socket.IPPROTO_IPV6 if sixth else socket.IPPROTO_IP
        sock.setsockopt(level, _IPV6_RECVERR if sixth else _IP_RECVERR, 1)


def _is_report(level: int, kind: int) -> bool:
    return (level, kind) in {(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)}


def _is_ttl(kind: int) -> bool:
    return kind in {_IP_TTL, _IPV6_HOPLIMIT}


def _report(told: bytes) -> Packet | None:
    """A report, with the address of its router; None where it is cut short."""
    if len(told) < _EXTENDED_ERROR.size:
        return None
    code = _EXTENDED_ERROR.unpack_from(told)[0]
    failed = failed_by(OSError(code, os.strerror(code)), Operation.READ)
    address = told[_EXTENDED_ERROR.size :]
    family = int.from_bytes(address[:2], sys.byteorder)
    if family == socket.AF_INET:
        return Packet(failed=failed, router=socket.inet_ntop(family, address[4:8]))
    if family == socket.AF_INET6:
        return Packet(failed=failed, router=socket.inet_ntop(family, address[8:24]))
    return Packet(failed=failed)
