"""HTTP/3 servers, on sockets that are already there."""

import asyncio
from collections.abc import Callable
from typing import Final

import trustme
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lampwatch.lab.servers.http import App, Request

_IDLE_S: Final = 30.0


def configuration(leaf: trustme.LeafCert, alpn: list[str]) -> QuicConfiguration:
    """A server's side of QUIC with a certificate."""
    config = QuicConfiguration(is_client=False, alpn_protocols=alpn, idle_timeout=_IDLE_S)
    first, *rest = (x509.load_pem_x509_certificate(blob.bytes()) for blob in leaf.cert_chain_pems)
    config.certificate, config.certificate_chain = first, rest
    key = load_pem_private_key(leaf.private_key_pem.bytes(), password=None)
    config.private_key = key
    return config


def http3(app: App, leaf: trustme.LeafCert, address: str) -> Callable[[], asyncio.DatagramProtocol]:
    """Makes the protocol that serves an app over HTTP/3."""

    class Connection(QuicConnectionProtocol):
        """One visitor's connection."""

        _h3: H3Connection | None = None

        def quic_event_received(self, event: QuicEvent) -> None:
            """Take requests in, and answer each at its end."""
            if isinstance(event, ProtocolNegotiated):
                self._h3 = H3Connection(self._quic)
                self._heads: dict[int, HeadersReceived] = {}
                self._bodies: dict[int, bytes] = {}
            for h3_event in self._h3.handle_event(event) if self._h3 is not None else ():
                self._on(h3_event)

        def _on(self, event: H3Event) -> None:
            if isinstance(event, HeadersReceived):
                self._heads[event.stream_id] = event
            if isinstance(event, DataReceived):
                self._bodies[event.stream_id] = self._bodies.get(event.stream_id, b"") + event.data
            if isinstance(event, HeadersReceived | DataReceived) and event.stream_ended:
                self._answer(event.stream_id)

        def _answer(self, stream: int) -> None:
            assert self._h3 is not None  # noqa: S101  an event of its own brought us here
            head = {name.decode(): value.decode() for name, value in self._heads.pop(stream).headers}
            headers = tuple((name, value) for name, value in head.items() if not name.startswith(":"))
            peer = str(self._quic._network_paths[0].addr[0])  # noqa: SLF001  aioquic tells it nowhere else
            host = head.get(":authority", "").partition(":")[0].lower()
            request = Request(
                head.get(":method", ""), head.get(":path", ""), host, headers, self._bodies.pop(stream, b""), peer,
                address, over_tls=True,
            )  # fmt: skip
            response = app(request)
            out = [(b":status", str(response.status).encode())]
            out += [(name.lower().encode(), value.encode()) for name, value in response.headers]
            self._h3.send_headers(stream, out)
            self._h3.send_data(stream, response.body, end_stream=True)
            self.transmit()

    config = configuration(leaf, H3_ALPN)
    return lambda: QuicServer(configuration=config, create_protocol=Connection)
