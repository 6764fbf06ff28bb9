import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe import http1
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import MOST_BODY, Exchange, Request
from tests.probe.conversation import Conversation, End, Reset, Silence

GET = Request(scheme="http", host="site.test", path="/a?b=c", headers=(("User-Agent", "probe"),))
ROUND_TRIP = Operation.HTTP_ROUND_TRIP
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: one\r\nserver: two\r\n\r\nhello"


def talk(request: Request = GET, **given: int) -> Conversation[Exchange]:
    """An exchange after its request."""
    conversation = Conversation(http1.exchange(request, **given))
    conversation.hears()
    return conversation


def answered(*pieces: bytes, most_body: int = MOST_BODY) -> Exchange:
    conversation = talk(most_body=most_body)
    for piece in pieces:
        if not conversation.ended:
            conversation.says(piece)
    if not conversation.ended:
        conversation.says(End())
    return conversation.outcome


def body_of(exchange: Exchange) -> bytes:
    assert exchange.response is not None
    return exchange.response.body


def test_a_request_is_spelled_with_its_headers_in_order() -> None:
    conversation = Conversation(http1.exchange(GET))
    conversation.hears(
        b"GET /a?b=c HTTP/1.1\r\nHost: site.test\r\nUser-Agent: probe\r\nConnection: close\r\n\r\n"
    )


def test_a_body_goes_with_its_length_and_an_empty_post_says_so() -> None:
    for body in (b"abc", b""):
        conversation = Conversation(
            http1.exchange(Request(method="POST", scheme="http", host="x", body=body))
        )
        sent = conversation.hears()
        assert f"Content-Length: {len(body)}\r\n".encode() in sent
        assert sent.endswith(b"\r\n\r\n" + body)


def test_a_response_has_its_status_headers_and_body() -> None:
    exchange = answered(PAGE)
    assert exchange.failed is None
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (200, b"hello")
    assert exchange.response.headers[1:] == ((b"Server", b"one"), (b"server", b"two"))
    assert exchange.response.header("SERVER") == "one"
    assert exchange.response.header("Location") == ""
    assert not exchange.response.truncated


@given(st.lists(st.integers(1, len(PAGE) - 1), max_size=6))
def test_the_response_is_the_same_in_whatever_pieces_it_comes(cuts: list[int]) -> None:
    edges = sorted({0, *cuts, len(PAGE)})
    pieces = [PAGE[start:end] for start, end in itertools.pairwise(edges)]
    assert answered(*pieces) == answered(PAGE)


def test_chunks_are_joined() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert body_of(answered(chunked)) == b"abcde"


def test_a_body_without_a_length_ends_with_the_stream() -> None:
    exchange = answered(b"HTTP/1.0 200 OK\r\n\r\nhel", b"lo")
    assert (body_of(exchange), exchange.failed) == (b"hello", None)


def test_an_interim_response_is_passed_over() -> None:
    exchange = answered(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + PAGE)
    assert body_of(exchange) == b"hello"


def test_a_body_is_cut_at_the_cap_and_not_fetched_further() -> None:
    conversation = talk(most_body=4)
    conversation.says(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabcdef")
    response = conversation.outcome.response
    assert response is not None
    assert (response.body, response.truncated, conversation.outcome.failed) == (b"abcd", True, None)


@pytest.mark.parametrize("said", [Reset(), Silence()])
def test_a_failure_before_an_answer_is_the_exchanges(said: Reset | Silence) -> None:
    conversation = talk()
    conversation.says(said)
    assert conversation.outcome == Exchange(None, said.failed.during(ROUND_TRIP))


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
def test_an_end_before_the_head_is_complete_is_an_end_of_file(before: bytes) -> None:
    exchange = answered(*([before] if before else []))
    assert exchange.response is None
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.EOF


def test_what_came_before_a_reset_is_kept() -> None:
    conversation = talk()
    conversation.says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
    conversation.says(Reset())
    assert body_of(conversation.outcome) == b"hello"
    assert conversation.outcome.failed == Failed(Failure.CONNECTION_RESET, ROUND_TRIP)


def test_an_end_within_the_body_is_an_end_of_file_and_the_body_is_kept() -> None:
    exchange = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
    assert body_of(exchange) == b"hello"
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.EOF


def test_what_is_no_http_is_a_failed_request() -> None:
    exchange = answered(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED


def test_a_head_without_end_is_broken_off() -> None:
    exchange = answered(b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"a" * 65_000 + b"\r\n"] * 10)
    assert exchange.failed is not None
    assert exchange.failed.failure is Failure.HTTP_REQUEST_FAILED


def test_a_request_that_cannot_be_sent_is_a_failure() -> None:
    conversation = Conversation(http1.exchange(GET))
    conversation.breaks(Reset())
    assert conversation.outcome == Exchange(None, Failed(Failure.CONNECTION_RESET, ROUND_TRIP))


@pytest.mark.parametrize("path", ["/a b", "/\r\nX: y", "/\0"])
def test_a_path_that_http_cannot_spell_is_a_failed_request_and_nothing_is_sent(path: str) -> None:
    conversation = Conversation(http1.exchange(Request(scheme="http", host="site.test", path=path)))
    failed = conversation.outcome.failed
    assert failed is not None
    assert failed.failure is Failure.HTTP_REQUEST_FAILED


def test_a_host_or_path_beyond_ascii_is_a_failed_request() -> None:
    for request in (Request(scheme="http", host="bücher.test"), Request(scheme="http", host="x", path="/ü")):
        assert Conversation(http1.exchange(request)).outcome.failed is not None


@given(st.lists(st.binary(max_size=80), max_size=4))
def test_whatever_a_server_says_is_a_response_or_a_failure(pieces: list[bytes]) -> None:
    exchange = answered(*[piece for piece in pieces if piece])
    assert exchange.response or exchange.failed


@given(st.integers(0, len(PAGE) - 1), st.integers(0, 255))
def test_a_changed_octet_never_breaks_the_probe(at: int, value: int) -> None:
    changed = PAGE[:at] + bytes([value]) + PAGE[at + 1 :]
    exchange = answered(changed)
    assert exchange.response or exchange.failed


def test_a_header_goes_out_with_whatever_bytes_a_server_gave_it() -> None:
    request = Request(scheme="http", host="site.test", headers=(("Cookie", "city=\xd0\x90"),))
    assert b"Cookie: city=\xd0\x90\r\n" in Conversation(http1.exchange(request)).hears()
