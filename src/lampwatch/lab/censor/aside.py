"""Censors that turn connections aside to the router: a proxy with a block page, a TLS interceptor, a DNS hijacker.

Each router has at most one of each, with an entry for each block. It stands in the way while any of them is applied.
"""

import asyncio
import re
import socket
import ssl
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

import trustme

from lampwatch.lab.block import BlockPage, Forge
from lampwatch.lab.censor.content import page_bytes
from lampwatch.lab.censor.fitting import Fitting, redirect_chain
from lampwatch.lab.censor.hello import IncompleteError, host_header, names, server_name
from lampwatch.lab.netns import nft
from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.dns import Lie, Resolver, UdpDns, Zone, tcp_dns
from lampwatch.lab.servers.listening import Listener, Serving, Tcp, Udp
from lampwatch.lab.servers.relay import both_ways
from lampwatch.lab.topology import INWARD
from lampwatch.lab.world import Certificate

_ORIGINAL_DESTINATION: Final = 80
"""SO_ORIGINAL_DST of linux/netfilter_ipv4.h."""
_PROXY_PORT, _INTERCEPT_PORT, _TLS_PORT, _DNS_PORT = 3128, 3129, 3130, 5353
_LONGEST_HEAD: Final = 64 * 1024


_REQUEST: Final = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE) \S+ HTTP/1\.[01]\r?\n")
"""What a proxy takes for HTTP."""


class Aside(ABC):
    """What stands on a router and takes connections; entries are its blocks."""

    table: str
    rules: tuple[str, ...]

    def __init__(self, router: str) -> None:
        self._router = router
        self._in_the_way = False
        self.entries: list[Entry] = []

    @abstractmethod
    def listeners(self) -> list[Listener]:
        """What must listen on the router."""

    def refresh(self) -> None:
        """Stand in the way if any entry is on, else step out of it."""
        wanted = any(entry.on for entry in self.entries)
        if wanted != self._in_the_way:
            text = f"table inet {self.table} {{\n{redirect_chain(*self.rules)}\n}}\n"
            nft(self._router, text if wanted else f"delete table inet {self.table}\n")
            self._in_the_way = wanted


class Entry(Fitting):
    """One block of an Aside: the name it is about, and what it says."""

    def __init__(self, aside: Aside, name: str, page: BlockPage | None = None) -> None:
        self._aside = aside
        self.name = name
        self.page = page or BlockPage()
        self.on = False
        self.count = 0
        aside.entries.append(self)

    def apply(self) -> None:
        """Begin to act on the name."""
        self.on = True
        self._aside.refresh()

    def lift(self) -> None:
        """Let the name pass."""
        self.on = False
        self._aside.refresh()

    def fired(self) -> int:
        """How many connections were acted on."""
        return self.count


class PageProxy(Aside):
    """Takes port 80: requests for a listed host get the page, all others are passed on."""

    table = "lab_page_proxy"
    rules = (f'iifname "{INWARD}" tcp dport 80 redirect to :{_PROXY_PORT}',)

    def listeners(self) -> list[Listener]:
        """The proxy's own port."""
        return [Tcp("0.0.0.0", _PROXY_PORT, self._serve)]  # noqa: S104  in a namespace of the lab

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, host = await _head(reader, _requested_host)
        on = [entry for entry in self.entries if entry.on]
        acting = [entry for entry in on if names(entry.name, host)]
        if acting:
            answer = page_bytes(acting[0].page)
        elif _REQUEST.match(head):
            await _onward(reader, writer, head)
            return
        else:
            # What is no request cannot be passed on by who speaks nothing but HTTP.
            acting, answer = on, page_bytes(BlockPage(400, "Bad Request"))
        for entry in acting[:1]:
            entry.count += 1
        writer.write(answer)
        await writer.drain()


class Interceptor(Aside):
    """Takes port 443: a listed name meets a certificate of another authority, all others are passed on untouched.

    What is taken is connected to the TLS server beside it, which knows by the connection's port where it was going.
    """

    table = "lab_interceptor"
    rules = (f'iifname "{INWARD}" tcp dport 443 redirect to :{_INTERCEPT_PORT}',)

    def __init__(self, router: str, authority: Authority) -> None:
        super().__init__(router)
        self._authority = authority
        self._going: dict[int, tuple[str, int, str]] = {}

    def listeners(self) -> list[Listener]:
        """The port that looks at ClientHellos, and the TLS server beside it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._choose
        self._certificate("unnamed.test").configure_cert(context)
        return [
            Tcp("0.0.0.0", _INTERCEPT_PORT, self._look),  # noqa: S104  in a namespace of the lab
            Tcp("127.0.0.1", _TLS_PORT, self._relay, context),
        ]

    def _certificate(self, name: str) -> trustme.LeafCert:
        return self._authority.leaf((name,), Certificate.UNKNOWN_ISSUER)

    def _choose(self, handshake: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        handshake.context = self._authority.context(
            (name or "unnamed.test",), Certificate.UNKNOWN_ISSUER, protocols=("http/1.1",)
        )

    async def _look(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello, name = await _head(reader, server_name)
        entry = next((entry for entry in self.entries if entry.on and names(entry.name, name)), None)
        if entry is None:
            await _onward(reader, writer, hello)
            return
        entry.count += 1
        beside = await asyncio.open_connection("127.0.0.1", _TLS_PORT)
        port = beside[1].get_extra_info("sockname")[1]
        self._going[port] = (*_destination(writer), name)
        beside[1].write(hello)
        await both_ways((reader, writer), beside)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, port, name = self._going.pop(writer.get_extra_info("peername")[1])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        there = await asyncio.open_connection(address, port, ssl=context, server_hostname=name)
        await both_ways((reader, writer), there)


class Hijacker(Aside):
    """Takes every question on port 53, answers falsely for listed names and truly for all others."""

    table = "lab_hijacker"
    rules = (
        f'iifname "{INWARD}" udp dport 53 redirect to :{_DNS_PORT}',
        f'iifname "{INWARD}" tcp dport 53 redirect to :{_DNS_PORT}',
    )

    def __init__(self, router: str, zone: Zone) -> None:
        super().__init__(router)
        self.resolver = Resolver(zone, "10.0.0.2")

    def listeners(self) -> list[Listener]:
        """The hijacker's own resolver."""
        return [
            Udp("0.0.0.0", _DNS_PORT, lambda: UdpDns(self.resolver)),  # noqa: S104  in a namespace of the lab
            Tcp("0.0.0.0", _DNS_PORT, tcp_dns(self.resolver)),  # noqa: S104  as above
        ]


class HijackEntry(Entry):
    """One name's lie at a hijacker."""

    def __init__(self, hijacker: Hijacker, name: str, forge: Forge) -> None:
        super().__init__(hijacker, name)
        self._lie = Lie(name, forge)
        hijacker.resolver.lies.append(self._lie)

    def apply(self) -> None:
        """Begin to lie, and stand in the way."""
        self._lie.apply()
        super().apply()

    def lift(self) -> None:
        """Tell the truth."""
        self._lie.lift()
        super().lift()

    def fired(self) -> int:
        """How often it lied."""
        return self._lie.fired()


def opened(router: str, asides: list[Aside]) -> Serving | None:
    """The loop that serves what stands on a router; None where nothing does."""
    if not asides:
        return None
    serving = Serving(router)
    serving.open([listener for aside in asides for listener in aside.listeners()])
    return serving


async def _head(reader: asyncio.StreamReader, find: Callable[[bytes], str]) -> tuple[bytes, str]:
    """Read until a name is found or it is clear that there is none; what was read, and the name."""
    head = b""
    while len(head) < _LONGEST_HEAD:
        received = await reader.read(_LONGEST_HEAD)
        head += received
        try:
            return head, find(head)
        except IncompleteError:
            if not received:
                break
    return head, ""


def _requested_host(head: bytes) -> str:
    """The host of a request; empty, without waiting for more, where the first line is no request's."""
    if b"\n" in head and not _REQUEST.match(head):
        return ""
    return host_header(head)


def _destination(writer: asyncio.StreamWriter) -> tuple[str, int]:
    """Where a connection was going before it was turned aside."""
    raw = writer.get_extra_info("socket").getsockopt(socket.SOL_IP, _ORIGINAL_DESTINATION, 16)
    _, port, address = struct.unpack("!HH4s8x", raw)
    return socket.inet_ntoa(address), port


async def _onward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
    there = await asyncio.open_connection(*_destination(writer))
    there[1].write(head)
    await both_ways((reader, writer), there)
