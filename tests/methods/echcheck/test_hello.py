import ssl
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import pytest

from lampwatch.methods.echcheck.hello import client_hello, first_answer
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.step import Receive, Send, Step
from tests.probe.scripted import Said, Says
from tests.probe.servers import TlsServer, certificate

ECH = b"\xfe\x0d"


def outcome(*heard: bytes | Failure) -> Failed | None:
    """How the step ends where this is heard after the hello was sent."""
    ends: list[Failed | None] = []

    def play() -> Step[None]:
        ends.append((yield from first_answer(b"hello")))

    step = play()
    assert next(step) == Send(b"hello")
    with suppress(StopIteration):
        for one in (b"", *heard):
            said = Failed(one, Operation.READ) if isinstance(one, Failure) else one
            assert step.send(said) == Receive()
    [ended] = ends
    return ended


def answered(hello: bytes) -> Sequence[Said]:
    return TlsServer(Says(), certificate("echo.test"), ("http/1.1",)).hear(hello)


@pytest.mark.parametrize("ech", [False, True])
def test_a_real_tls_library_answers_with_a_server_hello(ech: bool) -> None:
    [said] = answered(client_hello("echo.test", Random(1), ech=ech))
    assert isinstance(said, bytes)
    assert outcome(said) is None


def test_only_one_of_them_has_the_extension() -> None:
    plain, ech = (client_hello("echo.test", Random(1), ech=ech) for ech in (False, True))
    assert ECH not in plain
    assert ECH in ech


def test_but_for_the_extension_both_are_made_alike() -> None:
    plain, ech = (client_hello("echo.test", Random(1), ech=ech) for ech in (False, True))
    # The lengths of record (3), message (6) and extensions (98) differ; the rest of the plain one begins the other.
    beginning = 9 + 2 + 32 + 33 + 2 + 18 + 2
    assert ech[9:beginning] == plain[9:beginning]
    assert ech[beginning + 2 :].startswith(plain[beginning + 2 :])
    assert len(ech) - len(plain) == 4 + 1 + 4 + 1 + 2 + 32 + 2 + 208


def test_the_name_is_sent_in_the_clear() -> None:
    assert b"echo.test" in client_hello("echo.test", Random(1), ech=True)


def test_a_server_hello_may_come_in_pieces() -> None:
    [said] = answered(client_hello("echo.test", Random(1), ech=False))
    assert isinstance(said, bytes)
    assert outcome(said[:3], said[3:6], said[6:]) is None


def test_an_alert_is_a_failed_handshake() -> None:
    failed = outcome(b"\x15\x03\x03\x00\x02\x02\x28")
    assert failed == Failed(
        Failure.TLS_FAILED_HANDSHAKE, Operation.TLS_HANDSHAKE, "alert 40 in answer to the hello"
    )


def test_what_is_no_tls_is_a_failed_handshake() -> None:
    failed = outcome(b"HTTP/1.1 400 Bad Request")
    assert failed is not None
    assert failed.failure is Failure.TLS_FAILED_HANDSHAKE


def test_the_end_of_the_stream_is_told() -> None:
    assert outcome(b"") == Failed(Failure.EOF, Operation.TLS_HANDSHAKE)


def test_a_reset_is_told() -> None:
    assert outcome(Failure.CONNECTION_RESET) == Failed(Failure.CONNECTION_RESET, Operation.TLS_HANDSHAKE)


def test_openssl_names_what_it_was_asked_for() -> None:
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _tls, name, _context: asked.append(name)
    arrived = ssl.MemoryBIO()
    arrived.write(client_hello("echo.test", Random(1), ech=True))
    tls = context.wrap_bio(arrived, ssl.MemoryBIO(), server_side=True)
    with pytest.raises(ssl.SSLError):
        tls.do_handshake()  # it has no certificate
    assert asked == ["echo.test"]
