"""Packets, ClientHellos and requests, read and written as a censor does."""

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.lab.block import Drop, Host, Reset, Sni
from lampwatch.lab.censor.content import ContentInspector
from lampwatch.lab.censor.hello import IncompleteError, host_header, names, server_name
from lampwatch.lab.censor.quic import crypto_pieces
from lampwatch.lab.censor.reader import DROP
from lampwatch.lab.packet import ACK, RST, SYN, TCP, UDP, Packet, parsed, written

CLIENT, SERVER = "10.0.0.1", "93.184.216.34"


def hello(name: str) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        handshake.do_handshake()
    return outgoing.read()


def segment(payload: bytes, *, seq: int = 1000, flags: int = ACK, port: int = 443) -> Packet:
    return Packet(TCP, CLIENT, 40000, SERVER, port, payload, seq, 5000, flags)


@pytest.mark.parametrize("protocol", [TCP, UDP])
@pytest.mark.parametrize("payload", [b"", b"odd", b"even"])
def test_a_packet_is_read_as_it_was_written(protocol: int, payload: bytes) -> None:
    numbers = (7, 8, ACK | RST) if protocol == TCP else (0, 0, 0)
    packet = Packet(protocol, CLIENT, 1234, SERVER, 80, payload, *numbers)
    assert parsed(written(packet)) == packet


@given(st.binary(max_size=80))
def test_no_bytes_stop_the_reader(raw: bytes) -> None:
    assert parsed(raw) is None or isinstance(parsed(raw), Packet)


@given(st.binary(max_size=200))
def test_no_datagram_stops_the_quic_reader(raw: bytes) -> None:
    assert isinstance(crypto_pieces(raw), dict)


def test_the_name_of_a_client_hello_is_found() -> None:
    assert server_name(hello("blocked.test")) == "blocked.test"


@given(st.integers(min_value=0, max_value=200))
def test_a_part_of_a_client_hello_is_not_enough(length: int) -> None:
    with pytest.raises(IncompleteError):
        server_name(hello("blocked.test")[:length])


def test_what_is_no_tls_has_no_name() -> None:
    assert server_name(b"GET / HTTP/1.1\r\n") == ""


@pytest.mark.parametrize(
    ("request_head", "host"),
    [
        (b"GET / HTTP/1.1\r\nHost: Blocked.test:80\r\n\r\n", "blocked.test"),
        (b"GET / HTTP/1.1\r\nhost:blocked.test\r\nAccept: */*\r\n\r\n", "blocked.test"),
        (b"GET / HTTP/1.0\r\n\r\n", ""),
        (b"\x16\x03\x01", ""),
    ],
)
def test_the_host_of_a_request_is_found(request_head: bytes, host: str) -> None:
    assert host_header(request_head) == host


def test_a_part_of_a_request_is_not_enough() -> None:
    with pytest.raises(IncompleteError):
        host_header(b"GET / HTTP/1.1\r\nHost: blocked.te")


def test_a_name_below_the_wanted_one_is_meant_too() -> None:
    assert [
        names("blocked.test", name) for name in ("blocked.test", "www.blocked.test", "unblocked.test")
    ] == [
        True,
        True,
        False,
    ]


def test_a_reset_goes_both_ways_as_if_each_side_had_sent_it() -> None:
    inspector, sent = ContentInspector(Sni("blocked.test"), Reset(both=True), residual_s=0), list[Packet]()
    first = hello("blocked.test")
    assert inspector.look(segment(b"", seq=999, flags=SYN), sent.append) is None
    assert inspector.look(segment(first), sent.append) is DROP
    to_client, to_server = sent
    assert (to_client.flow, to_client.seq) == ((SERVER, 443, CLIENT, 40000), 5000)
    assert (to_server.flow, to_server.seq) == ((CLIENT, 40000, SERVER, 443), 1000)
    assert inspector.fired() == 1


def test_a_request_in_three_segments_is_put_together() -> None:
    inspector = ContentInspector(Host("blocked.test"), Drop(), residual_s=0)
    inspector.look(segment(b"", seq=999, flags=SYN, port=80), lambda _: None)
    pieces = (b"GET / HTTP/1.1\r\nHo", b"st: blocked", b".test\r\n\r\n")
    seq, rulings = 1000, []
    for piece in pieces:
        rulings.append(inspector.look(segment(piece, seq=seq, port=80), lambda _: None))
        seq += len(piece)
    assert rulings == [None, None, DROP]


def test_residual_blocking_lasts_as_long_as_it_is_said_to() -> None:
    now = [0.0]
    inspector = ContentInspector(Sni("blocked.test"), Reset(), residual_s=60, clock=lambda: now[0])
    inspector.look(segment(b"", seq=999, flags=SYN), lambda _: None)
    inspector.look(segment(hello("blocked.test")), lambda _: None)
    now[0] = 59.9
    assert inspector.look(segment(b"", flags=SYN), lambda _: None) is DROP
    now[0] = 60.0
    assert inspector.look(segment(b"", flags=SYN), lambda _: None) is None
