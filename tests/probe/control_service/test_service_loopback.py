"""The control over real sockets of this machine's loopback: servers, censored by nobody, and a client's question."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import trustme
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve as serve_quic
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from lampwatch.probe.clock import SystemClock
from lampwatch.probe.control_service.answer import answer_to
from lampwatch.probe.control_service.guard import Guard
from lampwatch.probe.control_service.outpost import STEP_TIMEOUTS, Outpost
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.network import Datagrams, Stream
from lampwatch.probe.resolver import SYSTEM
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.trust import Trust
from tests.probe.control_service.asking import question, read

AUTHORITY = trustme.CA()
NAME = "site.example.org"
IP = "127.0.0.1"
Reply = Callable[[bytes], bytes]


class Loopback(SystemNetwork):
    """Real sockets; all names lead to this machine."""

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        del hostname, timeout_s
        return [IP]

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        assert ip == IP
        return await super().connect(ip, port, timeout_s=timeout_s, ttl=ttl)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        assert ip == IP
        return await super().datagrams(ip, port, ttl=ttl)


def told(status: bytes, body: bytes = b"", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


@asynccontextmanager
async def serving(reply: Reply, certificate: trustme.LeafCert | None = None) -> AsyncIterator[int]:
    """A web server that makes each answer of the request's head; gives its port."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(reply(await reader.readuntil(b"\r\n\r\n")))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return  # the client has seen enough: it connects, and asks nothing
        finally:
            writer.close()

    server = await asyncio.start_server(answer, IP, 0, ssl=context)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def stand(allowed: Callable[[str], bool]) -> Outpost:
    clock = SystemClock()
    around = Surroundings(
        network=Loopback(),
        clock=clock,
        trust=Trust(AUTHORITY.cert_pem.bytes(), clock.utc),
        timeouts=STEP_TIMEOUTS,
        random=Random(0),
        resolvers=(SYSTEM,),
    )
    return Outpost(around, Guard(allowed))


def of_this_machine(ip: str) -> bool:
    return ip == IP


def asked(
    reply: Reply,
    certificate: trustme.LeafCert | None = None,
    allowed: Callable[[str], bool] = of_this_machine,
) -> tuple[dict[str, Any], str]:
    """The answer about a server of ours, and its endpoint."""

    async def ask() -> tuple[dict[str, Any], str]:
        async with serving(reply, certificate) as port:
            scheme = "https" if certificate else "http"
            asking = read(question(f"{scheme}://{NAME}:{port}/", f"{IP}:{port}"))
            return await answer_to(asking, stand(allowed)), f"{IP}:{port}"

    return asyncio.run(ask())


def test_a_page_over_tls() -> None:
    body = b"<title>Here</title>"
    answer, endpoint = asked(lambda _: told(b"200 OK", body), AUTHORITY.issue_cert(NAME))
    assert answer["tcp_connect"] == {endpoint: {"status": True, "failure": None}}
    assert answer["tls_handshake"] == {endpoint: {"server_name": NAME, "status": True, "failure": None}}
    assert (answer["http_request"]["title"], answer["http_request"]["body_length"]) == ("Here", len(body))


def test_a_page_that_is_not_there() -> None:
    answer, _ = asked(lambda _: told(b"404 Not Found", b"gone"))
    assert (answer["http_request"]["status_code"], answer["http_request"]["failure"]) == (404, None)


def test_a_redirect_on_the_same_host() -> None:
    def reply(head: bytes) -> bytes:
        return (
            told(b"200 OK", b"there")
            if b"GET /there" in head
            else told(b"302 Found", b"", b"Location: /there")
        )

    assert asked(reply)[0]["http_request"]["body_length"] == 5


def test_a_certificate_of_an_unknown_authority() -> None:
    answer, endpoint = asked(lambda _: told(b"200 OK"), trustme.CA().issue_cert(NAME))
    assert answer["tls_handshake"][endpoint]["failure"] == "ssl_unknown_authority"
    assert answer["http_request"]["failure"] == "ssl_unknown_authority"


def test_a_port_where_nobody_listens() -> None:
    async def ask() -> dict[str, Any]:
        async with serving(lambda _: b"") as port:
            free = port
        return await answer_to(read(question(f"http://{NAME}:{free}/")), stand(of_this_machine))

    answer = asyncio.run(ask())
    assert [told["failure"] for told in answer["tcp_connect"].values()] == ["connection_refused"]
    assert answer["http_request"]["failure"] == "connection_refused"


def test_nothing_of_this_machine_is_connected_to_unless_a_lab_allows_it() -> None:
    heard: list[bytes] = []

    def reply(head: bytes) -> bytes:
        heard.append(head)
        return told(b"200 OK", b"secret")

    answer, _ = asked(reply, allowed=lambda _: False)
    assert answer["http_request"]["failure"] == "dns_bogon_error"
    assert answer["tcp_connect"] == {}
    assert heard == []


class Http3Page(QuicConnectionProtocol):
    """Gives a page by HTTP/3 to whoever asks."""

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        for heard in self.http.handle_event(event):
            if isinstance(heard, HeadersReceived):
                self.http.send_headers(heard.stream_id, [(b":status", b"200"), (b"server", b"three")])
                self.http.send_data(heard.stream_id, b"<title>By QUIC</title>", end_stream=True)
                self.transmit()


def test_a_page_by_http3_beside_the_one_over_tls() -> None:
    issued = AUTHORITY.issue_cert(NAME)
    configuration = QuicConfiguration(
        is_client=False,
        alpn_protocols=["h3"],
        certificate=load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()),
        private_key=load_pem_private_key(issued.private_key_pem.bytes(), None),
    )

    async def ask() -> tuple[dict[str, Any], str]:
        async with serving(lambda _: told(b"200 OK", b"by TCP"), issued) as port:
            server = await serve_quic(IP, port, configuration=configuration, create_protocol=Http3Page)
            try:
                asking = read(question(f"https://{NAME}:{port}/", f"{IP}:{port}", quic=True))
                return await answer_to(asking, stand(of_this_machine)), f"{IP}:{port}"
            finally:
                server.close()
                await asyncio.sleep(0)  # the loop closes a transport at its next turn

    answer, endpoint = asyncio.run(ask())
    assert answer["quic_handshake"] == {endpoint: {"server_name": NAME, "status": True, "failure": None}}
    assert answer["http_request"]["body_length"] == len(b"by TCP")
    http3 = answer["http3_request"]
    assert (http3["status_code"], http3["title"], http3["headers"]) == (200, "By QUIC", {"Server": "three"})
