from collections.abc import Callable

import h2.config
import h2.connection
import h2.errors
import h2.events
import pytest
from hyperframe.frame import GoAwayFrame
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe import http2
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import MOST_BODY, Exchange, Request
from tests.probe.conversation import Conversation, End, Reset, Silence
from tests.probe.servers import Http2Server

GET = Request(scheme="https", host="site.test", path="/a?b=c", headers=(("User-Agent", "probe"),))
ROUND_TRIP = Operation.HTTP_ROUND_TRIP


class Raw:
    """The server's side, turned by hand."""

    def __init__(self) -> None:
        configuration = h2.config.H2Configuration(
            client_side=False, header_encoding="utf-8", validate_outbound_headers=False
        )
        self.http = h2.connection.H2Connection(configuration)
        self.http.initiate_connection()

    def said(self, heard: bytes, do: Callable[[h2.connection.H2Connection], None]) -> bytes:
        """What the server says to these bytes, with what do has it say."""
        self.http.receive_data(heard)
        do(self.http)
        return self.http.data_to_send()


def answered(*steps: Callable[[h2.connection.H2Connection], None], most_body: int = MOST_BODY) -> Exchange:
    """One exchange, the server doing these one after the other; then it ends the stream."""
    server, talk = Raw(), Conversation(http2.exchange(GET, most_body=most_body))
    waiting, heard = list(steps), b""
    while not talk.ended:
        if not talk.listens:
            heard += talk.hears()
        elif waiting:
            talk.says(server.said(heard, waiting.pop(0)))
            heard = b""
        else:
            talk.says(End())
    return talk.outcome


def head(http: h2.connection.H2Connection) -> None:
    http.send_headers(1, [(":status", "200"), ("server", "one"), ("set-cookie", "a"), ("set-cookie", "b")])


def body(content: bytes, *, end: bool = True) -> Callable[[h2.connection.H2Connection], None]:
    return lambda http: http.send_data(1, content, end_stream=end)


def body_of(exchange: Exchange) -> bytes:
    assert exchange.response is not None
    return exchange.response.body


def test_a_request_has_its_pseudo_headers_and_its_body() -> None:
    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def page(
        method: str, path: str, headers: dict[str, str], content: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        asked.append((method, path, headers, content))
        return 204, {}, b""

    request = Request(
        method="POST",
        scheme="https",
        host="site.test:8443",
        path="/q",
        headers=(("Accept", "x"),),
        body=b"abc",
    )
    talk, server = Conversation(http2.exchange(request)), Http2Server(page)
    while not talk.ended:
        for said in server.hear(talk.hears()):
            assert isinstance(said, bytes)
            if said and talk.listens:
                talk.says(said)
    [(method, path, headers, content)] = asked
    assert (method, path, content) == ("POST", "/q", b"abc")
    assert (headers[":authority"], headers[":scheme"], headers["accept"]) == ("site.test:8443", "https", "x")
    assert talk.outcome.response is not None
    assert talk.outcome.response.status == 204


def test_a_body_of_more_than_a_window_is_sent_as_the_server_takes_it() -> None:
    sent = bytes(range(256)) * 800
    http = Raw().http
    talk = Conversation(http2.exchange(Request(method="POST", scheme="https", host="site.test", body=sent)))
    heard = b""
    while not talk.ended:
        if talk.listens:
            talk.says(http.data_to_send())
            continue
        for event in http.receive_data(talk.hears()):
            if isinstance(event, h2.events.DataReceived):
                heard += event.data or b""
                http.acknowledge_received_data(event.flow_controlled_length or 0, 1)
            elif isinstance(event, h2.events.StreamEnded):
                http.send_headers(1, [(":status", "204")], end_stream=True)
    assert heard == sent
    assert talk.outcome.failed is None


def test_a_response_has_its_status_headers_and_body() -> None:
    exchange = answered(head, body(b"hel", end=False), body(b"lo"))
    assert exchange.failed is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (200, b"hello")
    assert exchange.response.headers == (
        (b"server", b"one"),
        (b"set-cookie", b"a"),
        (b"set-cookie", b"b"),
    )


def test_an_interim_response_is_passed_over() -> None:
    def early(http: h2.connection.H2Connection) -> None:
        http.send_headers(1, [(":status", "103"), ("link", "</x>")])

    assert body_of(answered(early, head, body(b"hello"))) == b"hello"


def test_trailers_are_no_headers() -> None:
    def trailers(http: h2.connection.H2Connection) -> None:
        http.send_headers(1, [("checksum", "x")], end_stream=True)

    exchange = answered(head, body(b"hello", end=False), trailers)
    assert (body_of(exchange), exchange.failed) == (b"hello", None)


def test_a_body_is_cut_at_the_cap() -> None:
    exchange = answered(head, body(b"abcdef", end=False), most_body=4)
    assert exchange.response is not None
    assert (exchange.response.body, exchange.response.truncated, exchange.failed) == (b"abcd", True, None)


def test_more_than_a_window_of_body_comes_whole() -> None:
    piece = bytes(16_000)
    steps = [body(piece, end=False)] * 19
    assert len(body_of(answered(head, *steps, body(piece)))) == 20 * 16_000


@pytest.mark.parametrize("said", [Reset(), Silence()])
def test_a_failure_before_an_answer_is_the_exchanges(said: Reset | Silence) -> None:
    talk = Conversation(http2.exchange(GET))
    talk.hears()
    talk.says(said)
    assert talk.outcome == Exchange(None, said.failed.during(ROUND_TRIP))


def test_an_end_before_an_answer_is_an_end_of_file() -> None:
    assert answered() == Exchange(None, Failed(Failure.EOF, ROUND_TRIP))


def test_an_end_within_the_body_keeps_what_came() -> None:
    exchange = answered(head, body(b"hel", end=False))
    assert body_of(exchange) == b"hel"
    assert exchange.failed == Failed(Failure.EOF, ROUND_TRIP)


def test_a_stream_that_is_reset_is_a_failed_request() -> None:
    exchange = answered(lambda http: http.reset_stream(1, h2.errors.ErrorCodes.INTERNAL_ERROR))
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED


def test_a_connection_that_is_given_up_is_a_failed_request() -> None:
    exchange = answered(lambda http: http.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM))
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED


def test_a_request_that_cannot_be_sent_is_a_failure() -> None:
    talk = Conversation(http2.exchange(GET))
    talk.breaks(Reset())
    assert talk.outcome == Exchange(None, Failed(Failure.CONNECTION_RESET, ROUND_TRIP))


def test_what_is_no_http2_is_a_failed_request() -> None:
    talk = Conversation(http2.exchange(GET))
    talk.hears()
    talk.says(b"\x00\x00\x04\x03\x00\x00\x00\x00\x00abcd")
    assert talk.outcome.failed is not None
    assert talk.outcome.failed.failure is Failure.HTTP_REQUEST_FAILED


@pytest.mark.parametrize("status", ["9" * 5000, "abc", "", "-1", "\u0663\u0663\u0663"])
def test_a_status_that_is_no_number_is_a_failure_and_breaks_nothing(status: str) -> None:
    exchange = answered(lambda http: http.send_headers(1, [(":status", status)], end_stream=True))
    assert exchange.response is None
    assert exchange.failed is not None


@given(st.binary(min_size=1, max_size=120))
def test_whatever_a_server_says_is_a_response_or_a_failure(said: bytes) -> None:
    talk = Conversation(http2.exchange(GET))
    talk.hears()
    talk.says(said)
    while not talk.ended:
        talk.says(End()) if talk.listens else talk.hears()
    assert talk.outcome.response or talk.outcome.failed


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_changed_octet_never_breaks_the_probe(at: int, value: int) -> None:
    server, talk = Raw(), Conversation(http2.exchange(GET))

    def page(http: h2.connection.H2Connection) -> None:
        head(http)
        http.send_data(1, b"hello", end_stream=True)

    said = bytearray(server.said(talk.hears(), page))
    said[at % len(said)] = value
    talk.says(bytes(said))
    while not talk.ended:
        talk.says(End()) if talk.listens else talk.hears()
    assert talk.outcome.response or talk.outcome.failed


def goodbye(last: int) -> Callable[[h2.connection.H2Connection], None]:
    """The server takes no request after this one; as it is written by servers that go on with what they have."""

    def say(http: h2.connection.H2Connection) -> None:
        frame = GoAwayFrame(0)
        frame.last_stream_id = last
        http._data_to_send += frame.serialize()

    return say


@pytest.mark.parametrize("last", [1, 2**31 - 1])
def test_an_answer_after_a_goodbye_is_heard_out(last: int) -> None:
    exchange = answered(goodbye(last), head, body(b"after"))
    assert exchange.failed is None
    assert body_of(exchange) == b"after"


def test_a_goodbye_that_leaves_our_request_out_is_a_failed_request() -> None:
    exchange = answered(goodbye(0), head, body(b"after"))
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED
