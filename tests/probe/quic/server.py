"""A QUIC server in this process, behind a network that has nothing else: no socket, and no clock but its own."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable
from functools import cache
from random import Random

import trustme
from aioquic._buffer import Buffer
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from aioquic.quic.packet import encode_quic_version_negotiation, pull_quic_header
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.network import Datagrams, Stream, joined
from lampwatch.probe.resolver import SYSTEM
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import Trust

AUTHORITY = trustme.CA()


class TurnedClock:
    """A clock that stands still until somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC).replace(tzinfo=None)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


App = Callable[[QuicConnection, QuicEvent], None]
"""What a server does about an event of one connection."""


class Http3:
    """Answers every request with the same response."""

    def __init__(
        self, status: int = 200, body: bytes = b"hello", headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.head = [(b":status", str(status).encode()), *((n.encode(), v.encode()) for n, v in headers)]
        self.body = body
        self.asked: list[list[tuple[bytes, bytes]]] = []
        self._open: dict[int, H3Connection] = {}

    def __call__(self, quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self._open[id(quic)] = H3Connection(quic)
        http = self._open.get(id(quic))
        for heard in http.handle_event(event) if http else []:
            self.hear(http, heard)

    def hear(self, http: H3Connection | None, heard: H3Event) -> None:
        if http is not None and isinstance(heard, HeadersReceived):
            self.asked.append(heard.headers)
            http.send_headers(heard.stream_id, self.head)
            http.send_data(heard.stream_id, self.body, end_stream=True)


def nothing(_quic: QuicConnection, _event: QuicEvent) -> None:
    """An app that says nothing."""


@cache
def _issued(authority: trustme.CA, name: str) -> trustme.LeafCert:
    return authority.issue_cert(name)


class QuicServer:
    """The other end of one socket: aioquic as a server, made at the first packet."""

    def __init__(
        self,
        clock: TurnedClock,
        name: str = "site.test",
        app: App = nothing,
        authority: trustme.CA = AUTHORITY,
        alpn: Iterable[str] = ("h3",),
    ) -> None:
        issued = _issued(authority, name)
        self.clock = clock
        self.app = app
        self.heard: list[bytes] = []
        self.leaving: deque[bytes] = deque()
        self.quic: QuicConnection | None = None
        self._configuration = QuicConfiguration(
            is_client=False,
            alpn_protocols=list(alpn),
            certificate=load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()),
            private_key=load_pem_private_key(issued.private_key_pem.bytes(), None),
        )

    def hear(self, datagram: bytes) -> None:
        self.heard.append(datagram)
        if self.quic is None:
            header = pull_quic_header(Buffer(data=datagram))
            self.quic = QuicConnection(
                configuration=self._configuration, original_destination_connection_id=header.destination_cid
            )
        self.quic.receive_datagram(datagram, "client", now=self.clock.now)
        self.work()

    def work(self) -> None:
        if self.quic is None:
            return
        while (event := self.quic.next_event()) is not None:
            self.app(self.quic, event)
        self.leaving.extend(packet for packet, _ in self.quic.datagrams_to_send(now=self.clock.now))

    def due(self) -> float | None:
        return self.quic.get_timer() if self.quic else None

    def turn(self) -> None:
        assert self.quic is not None
        self.quic.handle_timer(now=self.clock.now)
        self.work()


class OtherVersion(QuicServer):
    """A server that speaks no version we speak."""

    def hear(self, datagram: bytes) -> None:
        header = pull_quic_header(Buffer(data=datagram))
        self.leaving.append(
            encode_quic_version_negotiation(
                source_cid=header.destination_cid,
                destination_cid=header.source_cid,
                supported_versions=[0xFACEB002],
            )
        )


class Lister(QuicServer):
    """Leaves handshakes without an answer, and tells whoever names no version it knows which ones it speaks."""

    listed: tuple[int, ...] = (1,)

    def hear(self, datagram: bytes) -> None:
        self.heard.append(datagram)
        header = pull_quic_header(Buffer(data=datagram))
        if header.version not in (1, *self.listed):
            self.leaving.append(
                encode_quic_version_negotiation(
                    source_cid=header.destination_cid,
                    destination_cid=header.source_cid,
                    supported_versions=list(self.listed),
                )
            )


class Silence(QuicServer):
    """Whatever is sent is lost."""

    def hear(self, datagram: bytes) -> None:
        self.heard.append(datagram)


class Refusal(QuicServer):
    """A host that says by ICMP that nobody listens, or a router that it cannot be reached."""

    failure = Failure.CONNECTION_REFUSED

    def hear(self, datagram: bytes) -> None:
        self.heard.append(datagram)


class Babble(QuicServer):
    """Answers with given bytes."""

    says: Iterable[bytes] = ()

    def hear(self, datagram: bytes) -> None:
        self.heard.append(datagram)
        self.leaving.extend(self.says)


class ServerDatagrams:
    """A socket whose other end is a server in this process."""

    def __init__(self, server: QuicServer, address: str) -> None:
        self.server = server
        self.address = address
        self.open = True

    async def send(self, sent: bytes) -> Failed | None:
        assert self.open
        self.server.hear(sent)
        return None

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        assert self.open
        clock = self.server.clock
        until = clock.now + timeout_s
        while not self.server.leaving:
            if isinstance(self.server, Refusal):
                return Failed(self.server.failure, Operation.READ)
            due = self.server.due()
            if due is None or due >= until:
                clock.now = until
                return Failed(Failure.TIMEOUT, Operation.READ)
            clock.now = max(clock.now, due)
            self.server.turn()
        return self.server.leaving.popleft()

    def close(self) -> None:
        self.open = False


class ServerNetwork:
    """A network of QUIC servers by address; TCP finds nobody."""

    def __init__(self, servers: dict[str, QuicServer]) -> None:
        self.servers = servers
        self.opened: list[ServerDatagrams] = []

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        del ip, port, timeout_s, ttl
        return Failed(Failure.CONNECTION_REFUSED, Operation.CONNECT)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        del ttl
        server = self.servers.get(ip)
        if server is None:
            return Failed(Failure.NETWORK_UNREACHABLE, Operation.CONNECT)
        sock = ServerDatagrams(server, joined(ip, port))
        self.opened.append(sock)
        return sock

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        del hostname, timeout_s
        return list(self.servers)


def kit_for(network: ServerNetwork, clock: TurnedClock) -> Kit:
    """A kit over such a network that believes the test authority."""
    return Kit(
        Surroundings(
            network=network,
            clock=clock,
            trust=Trust(AUTHORITY.cert_pem.bytes(), clock.utc),
            timeouts=Timeouts(),
            random=Random(1),
            resolvers=(SYSTEM,),
        )
    )
