import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
import trustme

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Exchange, Request
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.trust import Trust
from tests.probe.scripted import Says, ScriptedNetwork, Serving, kit_over, saying
from tests.probe.servers import Http1Server, Http2Server, Page, TlsServer, over_tls, trusting

T = TypeVar("T")
IP = "192.0.2.1"
GET = Request(scheme="https", host="site.test", path="/x", headers=(("Accept", "*/*"),))


def page(*_: Any) -> Page:
    return 200, {"Server": "one"}, b"hello"


def kit_at(serving: Serving, port: int = 443) -> tuple[Kit, ScriptedNetwork]:
    network = ScriptedNetwork(streams={f"{IP}:{port}": serving})
    return kit_over(network, trust=trusting(network.clock)), network


def run(kit: Kit, then: Callable[[Connection], Awaitable[T]], port: int = 443) -> T:
    """Connect, and go on with the connection."""

    async def go() -> T:
        connection = await kit.connect(IP, port, kit.record.mark("depth=0"))
        assert isinstance(connection, Connection)
        return await then(connection)

    return asyncio.run(go())


def shaken(kit: Kit, name: str = "site.test", **given: Any) -> Connection | Failed:
    return run(kit, lambda connection: kit.handshake(connection, name, **given))


def fetched(kit: Kit, request: Request = GET) -> Exchange:
    async def go(connection: Connection) -> Exchange:
        inside = await kit.handshake(connection, "site.test")
        assert isinstance(inside, Connection)
        return await kit.fetch(inside, request)

    return run(kit, go)


def test_a_connect_is_recorded() -> None:
    kit, _ = kit_at(saying(), 80)
    asyncio.run(kit.connect(IP, 80, kit.record.mark("depth=0")))
    [connect] = kit.record.tcp_connect
    assert (connect["ip"], connect["port"]) == (IP, 80)
    assert connect["status"] == {"failure": None, "success": True}
    assert (connect["tags"], connect["transaction_id"]) == (["depth=0"], 1)
    assert connect["t0"] < connect["t"]


def test_a_connect_that_fails_is_recorded_and_returned() -> None:
    refused = Failed(Failure.CONNECTION_REFUSED, Operation.CONNECT)
    kit, _ = kit_at(refused)
    assert asyncio.run(kit.connect(IP, 443, kit.record.mark())) == refused
    assert kit.record.tcp_connect[0]["status"] == {"failure": "connection_refused", "success": False}


def test_a_connect_that_takes_too_long_is_a_timeout_after_its_time() -> None:
    kit, network = kit_at(Failed(Failure.TIMEOUT, Operation.CONNECT))
    asyncio.run(kit.connect(IP, 443, kit.record.mark()))
    assert network.clock.passed == pytest.approx(10, abs=0.01)


def test_a_handshake_is_recorded_with_what_was_agreed() -> None:
    kit, _ = kit_at(over_tls(Says, "site.test", alpn=("h2",)))
    connection = shaken(kit)
    assert isinstance(connection, Connection)
    assert (connection.protocol, connection.refused) == ("h2", None)
    [shake] = kit.record.tls_handshakes
    assert (shake["negotiated_protocol"], shake["tls_version"], shake["failure"]) == ("h2", "TLSv1.3", None)
    assert (shake["address"], shake["server_name"], shake["no_tls_verify"]) == (
        f"{IP}:443",
        "site.test",
        False,
    )
    assert shake["peer_certificates"][0]["format"] == "base64"


def test_the_records_of_a_handshake_are_noted_and_not_those_after_it() -> None:
    kit, _ = kit_at(over_tls(lambda: Http1Server(page), "site.test", alpn=("http/1.1",)))
    fetched(kit)
    events = kit.record.network_events
    done = next(n for n, event in enumerate(events) if event["operation"] == "tls_handshake_done")
    first = next(event for event in events if event["operation"] == "write")
    assert first["tls_records"][0]["type"] == "handshake"
    assert not any("tls_records" in event for event in events[done:])


@pytest.mark.parametrize(
    ("leaf", "failure"),
    [
        (("other.test",), Failure.TLS_INVALID_HOSTNAME),
        (None, Failure.TLS_UNKNOWN_AUTHORITY),
    ],
)
def test_a_certificate_that_is_not_believed_ends_the_connection_and_is_kept(
    leaf: Any, failure: Failure
) -> None:
    stranger = trustme.CA().issue_cert("site.test")
    serving = over_tls(Says, *leaf) if leaf else lambda: TlsServer(Says(), stranger)
    kit, network = kit_at(serving)
    assert shaken(kit) == Failed(failure, Operation.TLS_HANDSHAKE)
    assert network.left_open == []
    [shake] = kit.record.tls_handshakes
    assert shake["failure"] == str(failure)
    assert shake["peer_certificates"]


def test_where_nothing_is_verified_the_connection_stands_and_says_why_it_would_not() -> None:
    kit, _ = kit_at(over_tls(Says, "other.test"))
    connection = shaken(kit, verify=False)
    assert isinstance(connection, Connection)
    assert connection.refused is Failure.TLS_INVALID_HOSTNAME
    assert (kit.record.tls_handshakes[0]["failure"], kit.record.tls_handshakes[0]["no_tls_verify"]) == (
        None,
        True,
    )


def test_the_certificate_may_be_for_another_name_than_is_sent() -> None:
    kit, _ = kit_at(over_tls(Says, "site.test"))
    assert isinstance(shaken(kit, "free.test", verified_name="site.test"), Connection)
    assert kit.record.tls_handshakes[0]["server_name"] == "free.test"


def test_other_authorities_may_be_trusted_in_place_of_the_usual() -> None:
    stranger = trustme.CA()
    kit, network = kit_at(lambda: TlsServer(Says(), stranger.issue_cert("site.test")))
    trust = Trust(stranger.cert_pem.bytes(), network.clock.utc)
    assert isinstance(shaken(kit, trust=trust), Connection)


def test_a_newer_version_can_be_forbidden() -> None:
    kit, _ = kit_at(over_tls(Says, "site.test"))
    shaken(kit, at_most=ssl.TLSVersion.TLSv1_2)
    assert kit.record.tls_handshakes[0]["tls_version"] == "TLSv1.2"


@pytest.mark.parametrize(
    ("pieces", "failure"),
    [
        ((Failed(Failure.CONNECTION_RESET, Operation.READ),), Failure.CONNECTION_RESET),
        ((b"",), Failure.EOF),
        ((), Failure.TIMEOUT),
    ],
)
def test_a_handshake_that_fails_closes_the_connection_and_is_recorded(pieces: Any, failure: Failure) -> None:
    kit, network = kit_at(saying(*pieces))
    assert shaken(kit) == Failed(failure, Operation.TLS_HANDSHAKE)
    assert network.left_open == []
    [shake] = kit.record.tls_handshakes
    assert (shake["failure"], shake["peer_certificates"], shake["tls_version"]) == (str(failure), [], "")


def test_tls_inside_tls_is_our_own_bug() -> None:
    kit, _ = kit_at(over_tls(Says, "site.test"))
    connection = shaken(kit)
    assert isinstance(connection, Connection)
    with pytest.raises(TypeError):
        asyncio.run(kit.handshake(connection, "site.test"))


@pytest.mark.parametrize(("server", "alpn"), [(Http1Server, "http/1.1"), (Http2Server, "h2")])
def test_a_fetch_is_recorded_by_either_version_and_closes_the_connection(server: Any, alpn: str) -> None:
    kit, network = kit_at(over_tls(lambda: server(page), "site.test", alpn=(alpn,)))
    assert fetched(kit).failed is None
    [entry] = kit.record.requests
    assert (entry["alpn"], entry["address"], entry["network"], entry["failure"]) == (
        alpn,
        f"{IP}:443",
        "tcp",
        None,
    )
    assert (entry["request"]["url"], entry["request"]["method"]) == ("https://site.test/x", "GET")
    assert entry["request"]["headers"] == {"Accept": "*/*", "Host": "site.test"}
    assert (entry["response"]["code"], entry["response"]["body"]) == (200, "hello")
    assert entry["response"]["headers_list"][0][1] == "one"
    assert network.left_open == []


def test_a_fetch_that_fails_is_recorded_with_no_response() -> None:
    kit, network = kit_at(saying(b""), 80)
    exchange = run(kit, lambda connection: kit.fetch(connection, GET), 80)
    assert exchange == Exchange(None, Failed(Failure.EOF, Operation.HTTP_ROUND_TRIP))
    [entry] = kit.record.requests
    assert (entry["failure"], entry["response"]["code"]) == ("eof_error", 0)
    assert network.left_open == []


def test_of_a_repeated_header_the_first_value_is_in_the_map_and_all_are_in_the_list() -> None:
    twice = b"HTTP/1.1 200 OK\r\nX: 1\r\nX: 2\r\nContent-Length: 0\r\n\r\n"
    kit, _ = kit_at(saying(twice), 80)
    run(kit, lambda connection: kit.fetch(connection, GET), 80)
    response = kit.record.requests[0]["response"]
    assert response["headers"]["X"] == "1"
    assert [value for name, value in response["headers_list"] if name == "X"] == ["1", "2"]


def test_a_body_that_is_no_text_is_written_as_base64() -> None:
    kit, _ = kit_at(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe"), 80)
    run(kit, lambda connection: kit.fetch(connection, GET), 80)
    assert kit.record.requests[0]["response"]["body"] == {"format": "base64", "data": "//4="}


def test_reads_and_writes_of_a_connection_are_noted_with_their_failures() -> None:
    kit, _ = kit_at(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b""), 80)
    run(kit, lambda connection: kit.fetch(connection, GET), 80)
    told = [
        (event["operation"], event["failure"])
        for event in kit.record.network_events
        if event["operation"] in {"read", "write"}
    ]
    assert told == [("write", None), ("read", None), ("read", "eof_error")]


@pytest.mark.parametrize("port", [80, 443])
def test_a_fetch_or_a_handshake_that_is_broken_off_closes_its_connection(port: int) -> None:
    kit, network = kit_at(saying(), port)
    network.hangs = True

    async def then(connection: Connection) -> None:
        work = kit.fetch(connection, GET) if port == 80 else kit.handshake(connection, "site.test")
        task = asyncio.ensure_future(work)
        await network.hanging.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(kit, then, port)
    assert network.left_open == []


def test_our_own_address_is_not_in_what_was_asked_either() -> None:
    kit, _ = kit_at(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 80)
    kit.own.add("203.0.114.9")
    led = Request(
        scheme="http", host="site.test", path="/?ip=203.0.114.9", headers=(("Cookie", "ip=203.0.114.9"),)
    )
    run(kit, lambda connection: kit.fetch(connection, led), 80)
    assert "203.0.114.9" not in str(kit.record.requests)
