import asyncio
import datetime as dt
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.probe.control_client import AT_ONCE, MOST_ANSWER, ControlClient
from lampwatch.probe.failed import Failed
from lampwatch.probe.own_addresses import OwnAddresses

FIRST, SECOND = "https://first.test/", "https://second.test/control"
QUESTION = {"http_request": "https://example.org/", "tcp_connect": []}
ANSWER: dict[str, Any] = {
    "tcp_connect": {"93.184.216.34:443": {"status": True, "failure": None}},
    "http_request": {"body_length": 5, "failure": None, "title": "", "headers": {}, "status_code": 200},
    "dns": {"failure": None, "addrs": ["93.184.216.34"]},
    "more": "is kept",
}
Handler = Callable[[httpx.Request], httpx.Response]


def said(body: bytes) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(body))


def asked(handler: Handler, *addresses: str) -> tuple[dict[str, Any] | Failed, ControlClient]:
    async def ask() -> tuple[dict[str, Any] | Failed, ControlClient]:
        async with ControlClient(addresses or (FIRST,), transport=httpx.MockTransport(handler)) as client:
            return await client.ask(QUESTION, timeout_s=5.0), client

    return asyncio.run(ask())


def failure(handler: Handler) -> Failure:
    outcome, _ = asked(handler)
    assert isinstance(outcome, Failed)
    return outcome.failure


def test_the_answer_is_given_as_it_came() -> None:
    heard: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return said(json.dumps(ANSWER).encode())

    outcome, client = asked(handler)
    assert outcome == ANSWER
    assert (client.address, client.failures) == (FIRST, [])
    assert (heard[0].method, str(heard[0].url), json.loads(heard[0].content)) == ("POST", FIRST, QUESTION)


def test_the_next_control_is_asked_where_one_fails_and_its_failure_is_kept() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return said(json.dumps(ANSWER).encode()) if request.url.host == "second.test" else httpx.Response(500)

    outcome, client = asked(handler, FIRST, SECOND)
    assert outcome == ANSWER
    assert client.address == SECOND
    assert [(address, failed.failure) for address, failed in client.failures] == [
        (FIRST, Failure.HTTP_REQUEST_FAILED)
    ]


def test_where_all_fail_each_failure_is_kept_and_the_last_is_told() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.host == "first.test" else said(b"hello")

    outcome, client = asked(handler, FIRST, SECOND)
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.JSON_PARSE_ERROR
    assert [failed.failure for _, failed in client.failures] == [
        Failure.HTTP_REQUEST_FAILED,
        Failure.JSON_PARSE_ERROR,
    ]
    assert client.address == FIRST


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>captive portal</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"http_request": {}}',
        b'{"http_request": 1, "dns": {}}',
        b'{"http_request": {}, "dns": {"addrs": [1]}}',
        b'{"http_request": {}, "dns": {}, "tcp_connect": []}',
        b'{"http_request": {}, "dns": {}, "ip_info": {"1.2.3.4": {"asn": "x"}}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_malformed_answer_is_a_failure(body: bytes) -> None:
    assert failure(lambda _: said(body)) is Failure.JSON_PARSE_ERROR


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    given = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(1000):
            given += 65_536
            yield b" " * 65_536

    assert failure(lambda _: httpx.Response(200, content=pieces())) is Failure.HTTP_REQUEST_FAILED
    assert given <= MOST_ANSWER + 65_536


def test_a_redirect_is_not_followed() -> None:
    heard: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        heard.append(str(request.url))
        return httpx.Response(307, headers={"Location": SECOND})

    assert failure(handler) is Failure.HTTP_REQUEST_FAILED
    assert heard == [FIRST]


def raising(error: Exception, cause: Exception | None = None) -> Handler:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error from cause

    return handler


@pytest.mark.parametrize(
    ("error", "cause", "named"),
    [
        (httpx.ConnectTimeout("late"), None, Failure.TIMEOUT),
        (httpx.ReadTimeout("late"), None, Failure.TIMEOUT),
        (httpx.ConnectError("no"), ConnectionRefusedError(111, "refused"), Failure.CONNECTION_REFUSED),
        (httpx.ReadError("no"), ConnectionResetError(104, "reset"), Failure.CONNECTION_RESET),
        (httpx.ConnectError("no"), socket.gaierror(socket.EAI_NONAME, "no name"), Failure.DNS_NXDOMAIN),
        (httpx.RemoteProtocolError("ended"), None, Failure.EOF),
        (httpx.ConnectError("nobody knows"), None, Failure.HTTP_REQUEST_FAILED),
    ],
)
def test_an_error_of_the_network_is_named_by_the_closed_list(
    error: Exception, cause: Exception | None, named: Failure
) -> None:
    assert failure(raising(error, cause)) is named


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    async def handler(_: httpx.Request) -> httpx.Response:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def ask() -> dict[str, Any] | Failed:
        async with ControlClient([FIRST], transport=httpx.MockTransport(handler)) as client:
            return await client.ask(QUESTION, timeout_s=0.0)

    outcome = asyncio.run(ask())
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.TIMEOUT


@pytest.mark.parametrize("addresses", [(), ("control.example",), ("ftp://control.example/",), ("https://",)])
def test_an_address_that_is_no_url_is_told_in_one_line(addresses: tuple[str, ...]) -> None:
    with pytest.raises(UserError):
        ControlClient(addresses)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_file_of_authorities_that_cannot_be_read_is_told(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"ca\.pem"):
        ControlClient([FIRST], ca_file=path)


def over_tls(tmp_path: Path, leaf: trustme.LeafCert, authority: trustme.CA) -> dict[str, Any] | Failed:
    """What comes of asking a real server on this machine, which has this certificate."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    body = json.dumps(ANSWER).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    async def ask() -> dict[str, Any] | Failed:
        async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            async with ControlClient([f"https://127.0.0.1:{port}/"], ca_file=path) as client:
                return await client.ask(QUESTION, timeout_s=30.0)

    return asyncio.run(ask())


def test_a_lab_s_own_authority_is_believed(tmp_path: Path) -> None:
    authority = trustme.CA()
    assert over_tls(tmp_path, authority.issue_cert("127.0.0.1"), authority) == ANSWER


def test_a_control_with_a_certificate_for_another_name_is_not_asked(tmp_path: Path) -> None:
    authority = trustme.CA()
    outcome = over_tls(tmp_path, authority.issue_cert("other.test"), authority)
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.TLS_INVALID_HOSTNAME


def test_a_control_of_an_unknown_authority_is_not_asked(tmp_path: Path) -> None:
    outcome = over_tls(tmp_path, trustme.CA().issue_cert("127.0.0.1"), trustme.CA())
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.TLS_UNKNOWN_AUTHORITY


def test_a_control_whose_certificate_has_expired_is_not_asked(tmp_path: Path) -> None:
    authority = trustme.CA()
    expired = authority.issue_cert("127.0.0.1", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    outcome = over_tls(tmp_path, expired, authority)
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.TLS_INVALID_CERTIFICATE


def test_a_busy_control_is_asked_again_after_a_while() -> None:
    answers = [httpx.Response(429), httpx.Response(503), said(json.dumps(ANSWER).encode())]
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def ask() -> dict[str, Any] | Failed:
        transport = httpx.MockTransport(lambda _: answers.pop(0))
        async with ControlClient((FIRST,), transport=transport, sleep=sleep) as client:
            return await client.ask(QUESTION, timeout_s=5.0)

    assert asyncio.run(ask()) == ANSWER
    assert waited == [0.5, 1.0]


def test_a_control_that_is_always_busy_is_given_up_and_the_next_is_asked() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429) if str(request.url) == FIRST else said(json.dumps(ANSWER).encode())

    async def sleep(seconds: float) -> None:
        del seconds

    async def ask() -> tuple[dict[str, Any] | Failed, list[str]]:
        transport = httpx.MockTransport(handler)
        async with ControlClient((FIRST, SECOND), transport=transport, sleep=sleep) as client:
            return await client.ask(QUESTION, timeout_s=5.0), [address for address, _ in client.failures]

    assert asyncio.run(ask()) == (ANSWER, [FIRST])


def test_no_more_than_a_few_questions_are_on_their_way_at_once() -> None:
    running: list[int] = [0, 0]

    async def handler(request: httpx.Request) -> httpx.Response:
        del request
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0)
        running[0] -= 1
        return said(json.dumps(ANSWER).encode())

    async def ask() -> None:
        async with ControlClient((FIRST,), transport=httpx.MockTransport(handler)) as client:
            await asyncio.gather(*(client.ask(QUESTION, timeout_s=5.0) for _ in range(40)))

    asyncio.run(ask())
    assert running == [0, AT_ONCE]


def test_the_address_that_a_control_sees_us_as_is_kept_out_of_what_we_write() -> None:
    own = OwnAddresses()

    def handler(request: httpx.Request) -> httpx.Response:
        del request
        headers = {"X-Your-Address": "203.0.114.9"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(json.dumps(ANSWER).encode()))

    async def ask() -> None:
        async with ControlClient((FIRST,), transport=httpx.MockTransport(handler), own=own) as client:
            await client.ask(QUESTION, timeout_s=5.0)

    asyncio.run(ask())
    assert own.without(b"you are 203.0.114.9") == b"you are [scrubbed]"
