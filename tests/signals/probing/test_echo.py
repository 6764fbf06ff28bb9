import struct

from hypothesis import given
from hypothesis import strategies as st

from lampwatch.signals.probing.echo import reply_content, request


def reply(content: bytes) -> bytes:
    """What a host makes of a request: another type, and so another checksum."""
    packet = bytearray(request(7, 1, content))
    packet[0] = 0
    # RFC 1624: taking 8 from the first byte adds 0x0800 to the complement's sum.
    (checksum,) = struct.unpack_from("!H", packet, 2)
    total = checksum + 0x0800
    struct.pack_into("!H", packet, 2, (total & 0xFFFF) + (total >> 16))
    return bytes(packet)


def test_a_request_known_from_elsewhere() -> None:
    # type 8, code 0, checksum, identifier 1, sequence 2, "ab": 0x0800 + 1 + 2 + 0x6162 = 0x6965, complement 0x969a.
    assert request(1, 2, b"ab") == bytes.fromhex("0800969a000100026162")


def test_an_odd_length_is_padded_for_the_checksum_only() -> None:
    assert request(1, 2, b"a") == bytes.fromhex("080096fc0001000261")


@given(st.binary(max_size=100))
def test_a_reply_gives_back_what_was_sent(content: bytes) -> None:
    assert reply_content(reply(content)) == content


def test_the_header_that_a_raw_socket_shows_is_passed_over_with_its_options() -> None:
    for words in (5, 15):
        header = bytes([0x40 | words]) + bytes(words * 4 - 1)
        assert reply_content(header + reply(b"token")) == b"token"


def test_requests_errors_and_spoilt_packets_are_no_replies() -> None:
    assert reply_content(request(1, 2, b"ab")) is None
    assert reply_content(bytes.fromhex("0300fcff00000000")) is None
    spoilt = reply(b"token")[:-1] + b"N"
    assert reply_content(spoilt) is None


@given(st.binary(max_size=80))
def test_no_packet_is_too_strange(packet: bytes) -> None:
    content = reply_content(packet)
    assert content is None or content in packet
