import asyncio
import datetime as dt
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.step import perform
from lampwatch.probe.tls import Handshaken, RecordHeaders, Session, TlsStream
from tests.probe.conversation import ClientHello, Conversation, End, Reset, Silence
from tests.probe.scripted import Says, ScriptedNetwork, saying
from tests.probe.servers import TlsServer, certificate

TLS = Operation.TLS_HANDSHAKE
HANDSHAKE_FAILURE = bytes((21, 3, 3, 0, 2, 2, 40))


def hello(name: str = "blocked.test") -> Conversation[Handshaken | Failed]:
    """A handshake after its ClientHello."""
    talk = Conversation(Session(name).handshake())
    talk.hears(ClientHello(server_name=name))
    return talk


def test_a_reset_after_the_client_hello_is_a_reset_of_the_handshake() -> None:
    talk = hello()
    talk.says(Reset())
    assert talk.outcome == Failed(Failure.CONNECTION_RESET, operation=TLS)


def test_an_end_after_the_client_hello_is_an_end_of_file() -> None:
    talk = hello()
    talk.says(End())
    assert talk.outcome == Failed(Failure.EOF, TLS)


def test_silence_after_the_client_hello_is_a_timeout() -> None:
    talk = hello()
    talk.says(Silence())
    assert talk.outcome == Failed(Failure.TIMEOUT, TLS)


@pytest.mark.parametrize("said", [HANDSHAKE_FAILURE, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_an_alert_or_what_is_no_tls_is_a_failed_handshake(said: bytes) -> None:
    talk = hello()
    talk.says(said)
    if not talk.ended:
        talk.hears()  # our own alert
    assert isinstance(talk.outcome, Failed)
    assert (talk.outcome.failure, talk.outcome.operation) == (Failure.TLS_FAILED_HANDSHAKE, TLS)
    assert talk.outcome.detail


def test_a_client_hello_that_cannot_be_sent_fails_the_handshake() -> None:
    talk = Conversation(Session("blocked.test").handshake())
    talk.breaks(Reset())
    assert talk.outcome == Failed(Failure.CONNECTION_RESET, TLS)


def test_an_address_and_no_name_send_no_name() -> None:
    for name in ("192.0.2.1", ""):
        Conversation(Session(name).handshake()).hears(ClientHello(server_name=""))


def shaken(
    leaf: trustme.LeafCert,
    *,
    piece: int = 65_536,
    ours: tuple[str, ...] = (),
    theirs: tuple[str, ...] = (),
    at_most: ssl.TLSVersion | None = None,
) -> Handshaken | Failed:
    """Shake hands with a server, whose bytes come in pieces of this size."""
    server = TlsServer(Says(), leaf, theirs)
    talk = Conversation(Session("site.test", ours, at_most=at_most).handshake())
    while not talk.ended:
        for said in server.hear(talk.hears()):
            assert isinstance(said, bytes)
            for at in range(0, len(said), piece):
                if talk.listens:
                    talk.says(said[at : at + piece])
    return talk.outcome


@pytest.mark.parametrize("piece", [1, 7, 65_536])
def test_a_completed_handshake_tells_what_was_agreed_however_the_bytes_come(piece: int) -> None:
    outcome = shaken(certificate("site.test"), piece=piece, ours=("h2", "http/1.1"), theirs=("h2",))
    assert isinstance(outcome, Handshaken)
    assert (outcome.version, outcome.protocol) == ("TLSv1.3", "h2")
    assert outcome.cipher.startswith("TLS_")


def test_an_older_version_is_spoken_where_a_newer_one_is_forbidden() -> None:
    outcome = shaken(certificate("site.test"), at_most=ssl.TLSVersion.TLSv1_2)
    assert isinstance(outcome, Handshaken)
    assert (outcome.version, outcome.protocol) == ("TLSv1.2", "")


@pytest.mark.parametrize(
    "leaf",
    [
        trustme.CA().issue_cert("site.test"),
        trustme.CA().issue_cert("other.test"),
        trustme.CA().issue_cert("site.test", not_after=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
    ],
    ids=["unknown authority", "wrong name", "expired"],
)
def test_whatever_certificate_is_sent_the_handshake_completes_and_keeps_it(leaf: trustme.LeafCert) -> None:
    outcome = shaken(leaf)
    assert isinstance(outcome, Handshaken)
    sent = [ssl.PEM_cert_to_DER_cert(pem.bytes().decode()) for pem in leaf.cert_chain_pems]
    assert list(outcome.chain[: len(sent)]) == sent


class Echo:
    """Says what it hears."""

    def hear(self, sent: bytes) -> list[bytes | Failed]:
        return [sent]


def test_over_tls_what_is_sent_and_received_is_inside_it() -> None:
    leaf = certificate("site.test")
    network = ScriptedNetwork(streams={"192.0.2.1:443": lambda: TlsServer(Echo(), leaf, ())})

    async def go() -> list[bytes | Failed]:
        under = await network.connect("192.0.2.1", 443, timeout_s=1)
        assert not isinstance(under, Failed)
        session = Session("site.test")
        assert isinstance(
            await perform(session.handshake(), under, clock=network.clock, timeout_s=5), Handshaken
        )
        stream = TlsStream(session, under, network.clock)
        assert await stream.send(b"hello", timeout_s=5) is None
        heard = [await stream.receive(timeout_s=5), await stream.receive(timeout_s=5)]
        stream.close()
        return heard

    assert asyncio.run(go()) == [b"hello", Failed(Failure.TIMEOUT, Operation.READ)]
    assert all(b"hello" not in sent for _, sent in network.sent)
    assert network.left_open == []


def test_what_is_no_tls_record_after_the_handshake_breaks_the_connection() -> None:
    leaf = certificate("site.test")
    session = Session("site.test", at_most=ssl.TLSVersion.TLSv1_2)
    server, talk = TlsServer(Says(), leaf, ()), Conversation(session.handshake())
    while not talk.ended:
        for said in server.hear(talk.hears()):
            assert isinstance(said, bytes)
            talk.says(said)
    reading = Conversation(session.opened())
    reading.says(b"HTTP/1.1 200 OK\r\n\r\n")
    assert isinstance(reading.outcome, Failed)
    assert reading.outcome.failure is Failure.CONNECTION_ABORTED


@st.composite
def records(draw: st.DrawFn) -> tuple[bytes, list[dict[str, object]]]:
    """A stream of TLS records, and what is to be told of it."""
    kinds = {20: "change_cipher_spec", 21: "alert", 22: "handshake", 23: "application_data", 99: "99"}
    drawn = draw(st.lists(st.tuples(st.sampled_from(sorted(kinds)), st.integers(0, 40)), max_size=6))
    stream = b"".join(bytes((kind, 3, 3)) + size.to_bytes(2, "big") + bytes(size) for kind, size in drawn)
    return stream, [{"type": kinds[kind], "length": size} for kind, size in drawn]


@given(records(), st.lists(st.integers(0, 300), max_size=12))
def test_records_are_the_same_however_the_stream_is_split(
    given_records: tuple[bytes, list[dict[str, object]]], cuts: list[int]
) -> None:
    stream, expected = given_records
    headers, told = RecordHeaders(), []
    edges = sorted({0, len(stream), *[cut for cut in cuts if cut < len(stream)]})
    for n, start in enumerate(edges):
        told += headers.begun_in(stream[start : edges[n + 1] if n + 1 < len(edges) else len(stream)])
    assert told == expected


@given(st.binary(max_size=200))
def test_any_bytes_can_be_looked_through_for_records(stream: bytes) -> None:
    for record in RecordHeaders().begun_in(stream):
        assert isinstance(record["type"], str)


def test_a_server_that_is_silent_costs_the_whole_time_of_the_handshake() -> None:
    network = ScriptedNetwork(streams={"192.0.2.1:443": saying()})

    async def go() -> Handshaken | Failed:
        under = await network.connect("192.0.2.1", 443, timeout_s=1)
        assert not isinstance(under, Failed)
        return await perform(Session("x.test").handshake(), under, clock=network.clock, timeout_s=10)

    assert asyncio.run(go()) == Failed(Failure.TIMEOUT, TLS)
    assert network.clock.passed == pytest.approx(10, abs=0.1)
