"""HTTP header field manipulation: a request in mixed capitals, to a server that tells what it got (OONI ts-006)."""

from random import Random
from string import ascii_letters, digits
from typing import Any, Final

import h11

from lampwatch.formats.scrub import scrubbed
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, failure_text, unknown
from lampwatch.probe.http import Exchange, Headers, Request, Response
from lampwatch.probe.kit import Kit
from lampwatch.probe.step import Receive, Send, Step, perform
from lampwatch.probe.url import read_url
from lampwatch.probe.visit import addresses_of, connected

TEST_NAME: Final = "http_header_field_manipulation"
TEST_VERSION: Final = "0.3.0"
TARGET_IS_HELPER: Final = True

MOST_TOLD: Final = 65_536
"""Bytes of the answer that are read: a request told back is far shorter."""
_LONGEST_HEAD: Final = 65_536
_HEADERS: Final = (
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Charset", "ISO-8859-1,utf-8;q=0.7,*;q=0.3"),
    ("Accept-Encoding", "gzip,deflate,sdch"),
    ("Accept-Language", "en-US,en;q=0.8"),
    # Few dots: a version of four numbers looks like an address, and would be taken out of the answer.
    ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"),
)


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Ask the server at target, an `http://` URL, once, in mixed capitals and under a host name made up.

    Returns test_keys as ts-006 has them, with `tampering`, a conclusion, null. Whatever looks like an address is
    replaced in the answer: a proxy on the way may have added the client's.
    Raises UserError where target is no `http://` URL.
    """
    url = read_url(target)
    if url is None or url.scheme != "http":
        raise UserError(
            f"{target!r} is no echo server's URL; http_header_field_manipulation needs one, as http://echo.example.org/"
        )
    name = "".join(kit.random.choices(ascii_letters + digits, k=15))
    headers = mixed((*_HEADERS, ("Host", f"{name}.com")), kit.random)
    request = Request(
        method=_mixed("GET", kit.random), scheme="http", host=url.host, path=url.path, headers=headers
    )
    connection = await connected(kit, await addresses_of(kit, url.hostname, "helper"), url.port, "helper")
    if isinstance(connection, Failed):
        return {**kit.record.test_keys(), "failure": failure_text(connection), "tampering": None}
    t0 = kit.record.now()
    try:
        exchange = await perform(
            told(request), connection.stream, clock=kit.clock, timeout_s=kit.timeouts.fetch_s
        )
    finally:
        connection.close()
    kit.note_exchange(_unnamed(exchange), request, connection.stream.address, "", t0, connection.mark)
    kit.record.requests[-1]["request"] |= {
        # As they were sent, in that order, and without the Host header that the record adds by itself.
        "headers": dict(headers),
        "headers_list": [list(pair) for pair in headers],
    }
    return {**kit.record.test_keys(), "failure": failure_text(exchange.failed), "tampering": None}


def mixed(headers: Headers, random: Random) -> Headers:
    """The headers in random order, their names in mixed capitals."""
    written = [(_mixed(name, random), value) for name, value in headers]
    random.shuffle(written)
    return tuple(written)


def _mixed(word: str, random: Random) -> str:
    return "".join(random.choice((letter.lower(), letter.upper())) for letter in word)


def told(request: Request) -> Step[Exchange]:
    """Send a request exactly as its headers are written, and read the answer."""
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
    # h11 writes names as they are given; Connection is not added, so the server ends when it likes.
    asked = http.send(h11.Request(method=request.method, target=request.path, headers=list(request.headers)))
    http.send(h11.EndOfMessage())
    sent = yield Send(asked or b"")
    if isinstance(sent, Failed):
        return Exchange(None, sent.during(Operation.HTTP_ROUND_TRIP))
    head: h11.Response | None = None
    body = b""
    while len(body) < MOST_TOLD:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            return _ended(head, body, unknown(str(error), Operation.READ, Failure.HTTP_REQUEST_FAILED))
        if isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif event is h11.NEED_DATA:
            heard = yield Receive()
            if isinstance(heard, Failed):
                return _ended(head, body, heard)
            if not heard and head is None:
                return _ended(head, body, Failed(Failure.EOF, Operation.READ))
            http.receive_data(heard)
        elif not isinstance(event, h11.InformationalResponse):
            break
    return _ended(head, body, None)


def _ended(head: h11.Response | None, body: bytes, failed: Failed | None) -> Exchange:
    response = Response(head.status_code, tuple(head.headers.raw_items()), body) if head else None
    return Exchange(response, failed.during(Operation.HTTP_ROUND_TRIP) if failed else None)


def _unnamed(exchange: Exchange) -> Exchange:
    """The same without anything that looks like an address, in the body and in the headers."""
    response = exchange.response
    if response is None:
        return exchange
    body = scrubbed(response.body.decode("utf-8", "replace"), MOST_TOLD).encode()
    headers = tuple(
        (name, scrubbed(value.decode("latin-1"), MOST_TOLD).encode()) for name, value in response.headers
    )
    return Exchange(Response(response.status, headers, body, response.truncated), exchange.failed)
