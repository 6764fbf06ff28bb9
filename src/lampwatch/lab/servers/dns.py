"""Resolvers that know every name of the lab, over UDP, TCP, TLS, HTTPS and QUIC; the provider's may lie."""

import asyncio
import base64
import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import trustme
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.quic.events import QuicEvent, StreamDataReceived

from lampwatch.lab.block import Forge
from lampwatch.lab.censor.fitting import Fitting
from lampwatch.lab.censor.hello import names
from lampwatch.lab.forged import forged
from lampwatch.lab.servers.http import App, Request, Response
from lampwatch.lab.servers.http3 import configuration
from lampwatch.lab.servers.listening import StreamHandler
from lampwatch.lab.world import Dead, Site

_TTL_S: Final = 60
_KINDS: Final = {dns.rdatatype.A: "A", dns.rdatatype.AAAA: "AAAA"}
_WHOAMI: Final = "whoami.v4.powerdns.org"
Addresses = Callable[[bool], tuple[str, ...]]


class Zone:
    """Every name there is: those of the sites, and those that are added."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = {name: site for site in sites for name in (site.name, *site.aliases)}
        self._more: dict[str, tuple[str, ...]] = {}
        self._turns = itertools.count()

    def add(self, names_and_addresses: dict[str, tuple[str, ...]]) -> None:
        """Add names with their addresses."""
        self._more.update(names_and_addresses)

    def look_up(self, name: str, *, control: bool) -> tuple[str, ...] | Dead:
        """The addresses of a name; why there are none, where there are none."""
        site = self._sites.get(name)
        if site is None:
            return self._more.get(name, Dead.NXDOMAIN)
        if site.dead in {Dead.NXDOMAIN, Dead.NO_ADDRESS, Dead.SERVFAIL}:
            return site.dead
        if control and site.control_addresses:
            return site.control_addresses
        if site.rotating:
            return (site.addresses[next(self._turns) % len(site.addresses)],)
        return site.addresses


class Lie(Fitting):
    """What a resolver says of some names in the place of the truth."""

    def __init__(self, name: str, forge: Forge) -> None:
        self._name = name
        self._forge = forge
        self._on = False
        self._count = 0
        self._lock = threading.Lock()

    def apply(self) -> None:
        """Begin to lie."""
        self._on = True

    def lift(self) -> None:
        """Tell the truth again."""
        self._on = False

    def fired(self) -> int:
        """How often it lied."""
        return self._count

    def answer(self, query: dns.message.Message, name: str) -> dns.message.Message | None:
        """The false answer; None where this lie is of other names."""
        if not self._on or not names(self._name, name):
            return None
        with self._lock:
            self._count += 1
        return forged(query, self._forge)


class Resolver:
    """One resolver: the zone, as the control sees it or as everybody does, and the lies it tells."""

    def __init__(self, zone: Zone, address: str, *, control: bool = False) -> None:
        self.lies: list[Lie] = []
        self._zone = zone
        self._address = address
        self._control = control

    def answer(self, wire: bytes) -> bytes:
        """The reply to a query, as bytes; empty where the query cannot be read."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return b""
        if not query.question:
            return b""
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        for lie in self.lies:
            if (false := lie.answer(query, name)) is not None:
                return false.to_wire()
        return self._true(query, name).to_wire()

    def _true(self, query: dns.message.Message, name: str) -> dns.message.Message:
        reply = dns.message.make_response(query, recursion_available=True)
        found = (self._address,) if name == _WHOAMI else self._zone.look_up(name, control=self._control)
        if isinstance(found, Dead):
            rcode = {Dead.NXDOMAIN: dns.rcode.NXDOMAIN, Dead.SERVFAIL: dns.rcode.SERVFAIL}
            reply.set_rcode(rcode.get(found, dns.rcode.NOERROR))
            return reply
        question = query.question[0]
        kind = _KINDS.get(question.rdtype)
        addresses = [ip for ip in found if kind == ("AAAA" if ":" in ip else "A")]
        if addresses and kind:
            reply.answer.append(
                dns.rrset.from_text(question.name, _TTL_S, dns.rdataclass.IN, kind, *addresses)
            )
        return reply


class UdpDns(asyncio.DatagramProtocol):
    """A resolver over UDP."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are sent by."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ANN401  as asyncio has it
        """Answer a query."""
        if reply := self._resolver.answer(data):
            self._transport.sendto(reply, addr)


def tcp_dns(resolver: Resolver) -> StreamHandler:
    """A resolver over TCP, and over TLS where the listener has it: each message after its length."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            reply = resolver.answer(await reader.readexactly(length))
            writer.write(len(reply).to_bytes(2, "big") + reply)
            await writer.drain()

    return serve


def doh(resolver: Resolver) -> App:
    """A resolver over HTTPS at /dns-query. Source: RFC 8484."""

    def app(request: Request) -> Response:
        split = urlsplit(request.path)
        if split.path != "/dns-query":
            return Response(404)
        query = request.body
        if request.method == "GET":
            text = parse_qs(split.query).get("dns", [""])[0]
            query = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        reply = resolver.answer(query)
        if not reply:
            return Response(400)
        return Response(200, (("Content-Type", "application/dns-message"),), reply)

    return app


def doq(resolver: Resolver, leaf: trustme.LeafCert) -> Callable[[], asyncio.DatagramProtocol]:
    """Makes the protocol of a resolver over QUIC. Source: RFC 9250."""

    class Connection(QuicConnectionProtocol):
        """One client's connection: a query on each stream, after its length."""

        def quic_event_received(self, event: QuicEvent) -> None:
            """Answer a query at its end."""
            if isinstance(event, StreamDataReceived) and event.end_stream:
                reply = resolver.answer(event.data[2:])
                self._quic.send_stream_data(
                    event.stream_id, len(reply).to_bytes(2, "big") + reply, end_stream=True
                )
                self.transmit()

    config = configuration(leaf, ["doq"])
    return lambda: QuicServer(configuration=config, create_protocol=Connection)
