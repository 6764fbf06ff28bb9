"""QUIC and HTTP/3 against aioquic's own server, without a socket."""

import asyncio
import logging
from base64 import b64decode
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
import trustme
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import HandshakeCompleted, QuicEvent, StreamDataReceived
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Exchange, Request
from lampwatch.probe.kit import Kit
from lampwatch.probe.quic import QuicLink, ask_stream, connect_quic, fetch_quic
from tests.probe.quic.server import (
    Babble,
    Http3,
    OtherVersion,
    QuicServer,
    Refusal,
    ServerNetwork,
    Silence,
    TurnedClock,
    kit_for,
)

IP = "192.0.2.1"
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def world(kind: type[QuicServer] = QuicServer, **how: Any) -> tuple[Kit, ServerNetwork, QuicServer]:
    clock = TurnedClock()
    server = kind(clock, **how)
    network = ServerNetwork({IP: server})
    return kit_for(network, clock), network, server


def shake(kit: Kit, **how: Any) -> QuicLink | Failed:
    return run(connect_quic(kit, IP, 443, "site.test", kit.record.mark("depth=0"), **how))


def fetched(kit: Kit, most_body: int = 2**19, body: bytes = b"") -> Exchange:
    async def whole() -> Exchange:
        link = await connect_quic(kit, IP, 443, "site.test", kit.record.mark())
        assert isinstance(link, QuicLink)
        request = Request(
            scheme="https", host="site.test", path="/a?b", method="POST" if body else "GET", body=body
        )
        return await fetch_quic(kit, link, request, most_body=most_body)

    return run(whole())


def test_a_handshake_is_recorded_with_what_was_agreed_and_the_certificate_as_sent() -> None:
    kit, network, server = world()
    link = shake(kit)
    assert isinstance(link, QuicLink)
    assert link.protocol == "h3"
    (entry,) = kit.record.quic_handshakes
    assert (entry["network"], entry["address"]) == ("udp", "192.0.2.1:443")
    assert (entry["failure"], entry["server_name"]) == (None, "site.test")
    assert (entry["tls_version"], entry["negotiated_protocol"]) == ("TLSv1.3", "h3")
    assert entry["cipher_suite"].startswith("TLS_")
    assert (entry["no_tls_verify"], entry["tags"], entry["transaction_id"]) == (False, ["depth=0"], 1)
    leaf = x509.load_der_x509_certificate(b64decode(entry["peer_certificates"][0]["data"]))
    assert leaf == server._configuration.certificate
    link.close()
    assert not network.opened[0].open


def test_packets_are_noted_as_ooni_notes_them() -> None:
    kit, _, server = world()
    link = shake(kit)
    assert isinstance(link, QuicLink)
    events = kit.record.network_events
    assert events[0]["operation"] == "quic_handshake_start"
    assert events[-1]["operation"] == "quic_handshake_done"
    written = [event for event in events if event["operation"] == "write_to"]
    assert [event["num_bytes"] for event in written] == [len(packet) for packet in server.heard]
    read = [event for event in events if event["operation"] == "read_from"]
    assert {event["proto"] for event in read + written} == {"udp"}
    assert sum(event["num_bytes"] for event in read) == link.bytes_received
    link.close()


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Silence, Failure.TIMEOUT),
        (OtherVersion, Failure.QUIC_INCOMPATIBLE_VERSION),
        (Refusal, Failure.CONNECTION_REFUSED),
    ],
)
def test_a_handshake_that_fails_says_how_and_leaves_nothing_open(
    kind: type[QuicServer], failure: Failure
) -> None:
    kit, network, _ = world(kind)
    outcome = shake(kit)
    assert outcome == Failed(failure, Operation.QUIC_HANDSHAKE)
    assert kit.record.quic_handshakes[0]["failure"] == str(failure)
    assert [sock.open for sock in network.opened] == [False]


def test_silence_is_waited_out_and_the_first_packet_said_again() -> None:
    kit, _, server = world(Silence)
    began = kit.clock.monotonic()
    shake(kit)
    assert kit.clock.monotonic() - began == pytest.approx(10)
    assert len(server.heard) > 3
    assert {len(packet) >= 1200 for packet in server.heard} == {True}


def test_a_router_that_knows_no_way_is_host_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Refusal, "failure", Failure.HOST_UNREACHABLE)
    kit, _, _ = world(Refusal)
    assert shake(kit) == Failed(Failure.HOST_UNREACHABLE, Operation.QUIC_HANDSHAKE)


def test_without_a_way_to_the_network_the_handshake_is_still_recorded() -> None:
    kit, network, _ = world()
    network.servers.clear()
    assert shake(kit) == Failed(Failure.NETWORK_UNREACHABLE, Operation.QUIC_HANDSHAKE)
    assert kit.record.quic_handshakes[0]["failure"] == "network_unreachable"


def test_an_unknown_authority_is_refused_after_the_handshake_and_its_certificate_kept() -> None:
    kit, network, _ = world(authority=trustme.CA())
    assert shake(kit) == Failed(Failure.TLS_UNKNOWN_AUTHORITY, Operation.QUIC_HANDSHAKE)
    (entry,) = kit.record.quic_handshakes
    assert entry["failure"] == "ssl_unknown_authority"
    assert entry["peer_certificates"]
    assert not network.opened[0].open


def test_unverified_the_link_stands_and_says_why_it_is_not_believed() -> None:
    kit, _, _ = world(name="other.test")
    link = shake(kit, verify=False)
    assert isinstance(link, QuicLink)
    assert link.refused is Failure.TLS_INVALID_HOSTNAME
    assert kit.record.quic_handshakes[0]["no_tls_verify"] is True
    link.close()


def test_the_certificate_may_be_for_another_name_than_is_sent() -> None:
    kit, _, _ = world(name="other.test")
    link = shake(kit, verified_name="other.test")
    assert isinstance(link, QuicLink)
    link.close()


def test_no_common_application_protocol_fails_the_handshake() -> None:
    kit, _, _ = world(alpn=["doq"])
    outcome = shake(kit)
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.TLS_FAILED_HANDSHAKE
    assert "120" in outcome.detail


def test_bytes_that_are_no_quic_are_passed_over() -> None:
    kit, _, server = world(Babble)
    assert isinstance(server, Babble)
    server.says = [b"", b"\x00", b"\xc0" * 40, b"HTTP/1.1 400\r\n\r\n"]
    assert shake(kit) == Failed(Failure.TIMEOUT, Operation.QUIC_HANDSHAKE)


def test_a_page_comes_by_http3_and_is_recorded() -> None:
    app = Http3(200, b"<title>well</title>", [("server", "lamp"), ("alt-svc", 'h3=":443"')])
    kit, network, _ = world(app=app)
    exchange = fetched(kit)
    assert exchange.failed is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (200, b"<title>well</title>")
    assert exchange.response.header("Server") == "lamp"
    assert dict(app.asked[0])[b":path"] == b"/a?b"
    (entry,) = kit.record.requests
    assert (entry["network"], entry["alpn"], entry["failure"]) == ("udp", "h3", None)
    assert entry["request"]["url"] == "https://site.test/a?b"
    assert entry["response"]["code"] == 200
    assert not network.opened[0].open


def test_a_body_is_sent() -> None:
    app = Http3(204, b"")
    kit, _, _ = world(app=app)
    exchange = fetched(kit, body=b"a=1")
    assert exchange.response is not None
    assert exchange.response.status == 204
    assert dict(app.asked[0])[b":method"] == b"POST"


def test_a_large_body_is_cut_where_it_was_to_be() -> None:
    kit, _, _ = world(app=Http3(body=bytes(3_000_000)))
    exchange = fetched(kit, most_body=100_000)
    assert exchange.failed is None
    assert exchange.response is not None
    assert (len(exchange.response.body), exchange.response.truncated) == (100_000, True)


def test_more_than_a_window_of_body_comes_whole() -> None:
    kit, _, _ = world(app=Http3(body=bytes(1_500_000)))
    exchange = fetched(kit, most_body=2_000_000)
    assert exchange.response is not None
    assert (len(exchange.response.body), exchange.response.truncated) == (1_500_000, False)


def test_a_head_without_end_is_broken_off() -> None:
    def endless(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived) and event.stream_id == 0:
            # One HEADERS frame that says it is as large as can be.
            quic.send_stream_data(0, b"\x01\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(5_000_000))

    kit, network, _ = world(app=endless)
    exchange = fetched(kit)
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED
    assert sum(e.get("num_bytes", 0) for e in kit.record.network_events) < 4_000_000
    assert not network.opened[0].open


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(st.sampled_from([0, 3, 7, 11]), st.binary(max_size=200), min_size=1), st.booleans())
def test_whatever_a_server_says_on_its_streams_is_a_response_or_a_failure(
    says: dict[int, bytes], ends: bool
) -> None:
    said = dict(says)

    def babbling(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived) and event.stream_id == 0:
            for stream_id in sorted(said):
                content = said.pop(stream_id)
                quic.send_stream_data(stream_id, content, end_stream=ends)

    kit, network, _ = world(app=babbling)
    exchange = fetched(kit)
    assert exchange.response is not None or exchange.failed is not None
    assert not network.opened[0].open


def test_silence_after_the_handshake_is_a_timeout_of_the_fetch() -> None:
    kit, _, _ = world()
    exchange = fetched(kit)
    assert exchange.failed == Failed(Failure.TIMEOUT, Operation.HTTP_ROUND_TRIP)
    assert kit.record.requests[0]["failure"] == "generic_timeout_error"


def test_a_server_that_breaks_the_protocol_makes_a_failure_of_http() -> None:
    def rude(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived) and event.stream_id == 0:
            quic.send_stream_data(0, b"\x00\x05hello", end_stream=True)

    kit, _, _ = world(app=rude)
    exchange = fetched(kit)
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED


def test_a_stream_that_is_reset_makes_a_failure_of_http() -> None:
    def reset(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived) and event.stream_id == 0:
            quic.reset_stream(0, 0x10C)

    kit, _, _ = world(app=reset)
    failed = fetched(kit).failed
    assert failed is not None
    assert failed.detail == "HTTP/3 error 0x10c"


def test_a_connection_that_is_closed_before_an_answer_is_an_end_of_file() -> None:
    def closing(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived) and event.stream_id == 0:
            quic.close(error_code=0x100)

    kit, _, _ = world(app=closing)
    assert fetched(kit).failed == Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP)


def doubling(quic: QuicConnection, event: QuicEvent) -> None:
    if isinstance(event, StreamDataReceived):
        quic.send_stream_data(event.stream_id, event.data * 2, end_stream=event.end_stream)


def asked(kit: Kit, *questions: bytes) -> list[bytes | Failed]:
    async def whole() -> list[bytes | Failed]:
        link = await connect_quic(kit, IP, 853, "site.test", kit.record.mark(), alpn=("doq",))
        assert isinstance(link, QuicLink)
        try:
            return [await ask_stream(kit, link, question) for question in questions]
        finally:
            await link.end()

    return run(whole())


def test_a_stream_is_asked_again_and_again() -> None:
    kit, network, _ = world(app=doubling, alpn=["doq"])
    assert asked(kit, b"ab", b"c" * 5000) == [b"abab", b"c" * 10_000]
    assert not network.opened[0].open


def test_an_answer_without_end_is_cut() -> None:
    kit, _, _ = world(app=doubling, alpn=["doq"])
    assert asked(kit, bytes(60_000)) == [bytes(65_537)]


def test_a_question_nobody_answers_times_out_after_a_lookup() -> None:
    kit, _, _ = world(alpn=["doq"])
    assert asked(kit, b"?") == [Failed(Failure.TIMEOUT, Operation.READ)]
    assert kit.clock.monotonic() == pytest.approx(104)


def test_a_stream_that_is_reset_is_a_reset() -> None:
    def reset(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived):
            quic.reset_stream(event.stream_id, 2)

    kit, _, _ = world(app=reset, alpn=["doq"])
    (answer,) = asked(kit, b"?")
    assert isinstance(answer, Failed)
    assert answer.failure is Failure.CONNECTION_RESET


def test_what_the_other_end_says_is_logged_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    def naming(quic: QuicConnection, event: QuicEvent) -> None:
        if isinstance(event, HandshakeCompleted):
            quic.close(error_code=7, reason_phrase="you are 203.0.113.9")

    kit, _, _ = world(app=naming)
    failed = fetched(kit).failed
    assert failed is not None
    assert "203.0.113.9" not in failed.detail
    world_of_other_versions = world(OtherVersion)[0]
    shake(world_of_other_versions)
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("quic").propagate is False


def test_whoever_breaks_it_off_leaves_no_socket_open() -> None:
    kit, network, server = world()

    class Stuck(Silence):
        pass

    network.servers[IP] = Stuck(server.clock)

    async def broken_off() -> None:
        task = asyncio.create_task(connect_quic(kit, IP, 443, "site.test", kit.record.mark()))

        async def never(*, timeout_s: float) -> bytes | Failed:
            del timeout_s
            task.cancel()
            await asyncio.sleep(3600)
            return b""

        sock: Any = await network.datagrams(IP, 443)
        sock.receive = never

        async def the_same(ip: str, port: int, *, ttl: int | None = None) -> Any:
            del ip, port, ttl
            return sock

        network.datagrams = the_same  # type: ignore[method-assign]  # a socket that hangs
        with pytest.raises(asyncio.CancelledError):
            await task

    run(broken_off())
    assert [sock.open for sock in network.opened] == [False]
