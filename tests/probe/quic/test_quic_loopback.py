"""QUIC over real sockets of this machine's loopback."""

import asyncio
import socket
from random import Random

import trustme
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from lampwatch.model.failure import Failure
from lampwatch.probe.clock import SystemClock
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Exchange, Request
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.quic import QuicLink, connect_quic, fetch_quic
from lampwatch.probe.resolver import SYSTEM
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import Trust

AUTHORITY = trustme.CA()


class Page(QuicConnectionProtocol):
    """Gives a page to whoever asks."""

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        for heard in self.http.handle_event(event):
            if isinstance(heard, HeadersReceived):
                self.http.send_headers(heard.stream_id, [(b":status", b"200")])
                self.http.send_data(heard.stream_id, b"lamp" * 50_000, end_stream=True)
                self.transmit()


def kit() -> Kit:
    clock = SystemClock()
    return Kit(
        Surroundings(
            network=SystemNetwork(),
            clock=clock,
            trust=Trust(AUTHORITY.cert_pem.bytes(), clock.utc),
            timeouts=Timeouts(),
            random=Random(1),
            resolvers=(SYSTEM,),
        )
    )


def test_a_page_comes_over_the_loopback() -> None:
    async def fetched() -> Exchange:
        issued = AUTHORITY.issue_cert("site.test")
        configuration = QuicConfiguration(
            is_client=False,
            alpn_protocols=["h3"],
            certificate=load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()),
            private_key=load_pem_private_key(issued.private_key_pem.bytes(), None),
        )
        server = await serve("127.0.0.1", 0, configuration=configuration, create_protocol=Page)
        try:
            assert server._transport is not None
            port = server._transport.get_extra_info("sockname")[1]
            ours = kit()
            link = await connect_quic(ours, "127.0.0.1", port, "site.test", ours.record.mark())
            assert isinstance(link, QuicLink)
            return await fetch_quic(ours, link, Request(scheme="https", host="site.test"))
        finally:
            server.close()
            await asyncio.sleep(0)  # the loop closes a transport at its next turn

    exchange = asyncio.run(fetched())
    assert exchange.failed is None
    assert exchange.response is not None
    assert exchange.response.body == b"lamp" * 50_000


def test_a_port_where_nobody_listens_refuses() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.connect(("127.0.0.1", 9))  # it hears one other socket only: to all others nobody is there
        ours, port = kit(), taken.getsockname()[1]
        outcome = asyncio.run(connect_quic(ours, "127.0.0.1", port, "site.test", ours.record.mark()))
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.CONNECTION_REFUSED
