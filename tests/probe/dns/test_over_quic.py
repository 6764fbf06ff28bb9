import asyncio

from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, H3Event
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent, StreamDataReceived

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns import Lookup, lookup
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.resolver import Engine, Resolver
from tests.probe.quic.server import Http3, QuicServer, ServerNetwork, Silence, TurnedClock, kit_for
from tests.probe.servers import Zone, dns_reply

IP = "192.0.2.1"
NAME = "www.example.org"
ZONE: Zone = {(NAME, "A"): ["93.184.216.34"]}
DOQ = Resolver(Engine.DOQ, "dns.test", IP)


def asked(server: QuicServer, resolver: Resolver) -> tuple[Lookup, Kit]:
    network = ServerNetwork({IP: server})
    kit = kit_for(network, server.clock)
    found = asyncio.run(lookup(kit, resolver, NAME, kit.record.mark(), ("A",)))
    assert not any(sock.open for sock in network.opened)
    return found, kit


def doq(quic: QuicConnection, event: QuicEvent) -> None:
    if isinstance(event, StreamDataReceived):
        reply = dns_reply(event.data[2:], ZONE)
        quic.send_stream_data(event.stream_id, len(reply).to_bytes(2, "big") + reply, end_stream=True)


class Doh3(Http3):
    """A resolver over HTTP/3, by POST."""

    def hear(self, http: H3Connection | None, heard: H3Event) -> None:
        if http is not None and isinstance(heard, DataReceived) and heard.data:
            head = [(b":status", b"200"), (b"content-type", b"application/dns-message")]
            http.send_headers(heard.stream_id, head)
            http.send_data(heard.stream_id, dns_reply(heard.data, ZONE), end_stream=True)


def test_over_quic_the_handshake_and_the_query_are_recorded() -> None:
    found, kit = asked(QuicServer(TurnedClock(), "dns.test", doq, alpn=["doq"]), DOQ)
    assert found == Lookup(("93.184.216.34",))
    [query], [shake] = kit.record.queries, kit.record.quic_handshakes
    assert (query["engine"], query["resolver_address"], query["failure"]) == ("doq", "192.0.2.1:853", None)
    assert (shake["negotiated_protocol"], shake["server_name"]) == ("doq", "dns.test")


def test_a_silent_server_is_a_timeout() -> None:
    found, kit = asked(Silence(TurnedClock()), DOQ)
    assert found.failed == Failed(Failure.TIMEOUT, Operation.RESOLVE)
    assert kit.record.queries[0]["failure"] == "generic_timeout_error"


def test_a_stream_that_ends_without_a_message_is_an_end_of_file() -> None:
    def empty(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived):
            quic.send_stream_data(event.stream_id, b"", end_stream=True)

    found, _ = asked(QuicServer(TurnedClock(), "dns.test", empty, alpn=["doq"]), DOQ)
    assert found.failed == Failed(Failure.EOF, Operation.RESOLVE)


def test_over_http3_the_engine_is_named_so() -> None:
    resolver = Resolver(Engine.DOH, "h3://dns.test/dns-query", IP)
    found, kit = asked(QuicServer(TurnedClock(), "dns.test", Doh3()), resolver)
    assert found == Lookup(("93.184.216.34",))
    assert kit.record.queries[0]["engine"] == "doh3"
    assert kit.record.requests[0]["alpn"] == "h3"
