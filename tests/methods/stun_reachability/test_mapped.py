import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.names import is_address, is_bogon
from lampwatch.methods.stun_reachability.mapped import mapped_address

COOKIE, NUMBER = b"\x21\x12\xa4\x42", bytes(range(12))
MAPPED, MASKED, MASKED_BEFORE, SOFTWARE = 0x0001, 0x0020, 0x8020, 0x8022


def attribute(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(2) + len(value).to_bytes(2) + value + bytes(-len(value) % 4)


def address(ip: str, *, masked: bool = False) -> bytes:
    packed = ipaddress.ip_address(ip).packed
    if masked:
        packed = bytes(a ^ b for a, b in zip(packed, COOKIE + NUMBER, strict=False))
    return bytes((0, 1 if len(packed) == 4 else 2)) + b"\x04\xd2" + packed


def answer(*attributes: bytes) -> bytes:
    body = b"".join(attributes)
    return b"\x01\x01" + len(body).to_bytes(2) + COOKIE + NUMBER + body


@pytest.mark.parametrize("ip", ["203.0.114.77", "2001:4860:4864:5::77"])
@pytest.mark.parametrize("kind", [MAPPED, MASKED, MASKED_BEFORE])
def test_an_address_is_read_plain_or_masked(ip: str, kind: int) -> None:
    assert mapped_address(answer(attribute(kind, address(ip, masked=kind != MAPPED)))) == ip


def test_other_attributes_are_passed_over_with_their_padding() -> None:
    assert mapped_address(answer(attribute(SOFTWARE, b"coturn"), attribute(MAPPED, address("203.0.114.77"))))


@pytest.mark.parametrize("ip", ["10.10.34.35", "127.0.0.1", "192.168.1.5", "::1"])
def test_an_address_that_is_not_public_is_not_believed(ip: str) -> None:
    assert mapped_address(answer(attribute(MAPPED, address(ip)))) == ""


@pytest.mark.parametrize(
    "value", [b"", b"\0", b"\0\x01", b"\0\x01\0\0\1\2\3", b"\0\x03\0\0\1\2\3\4", b"\0\x02\0\0\1\2\3\4"]
)
def test_what_is_no_address_is_none(value: bytes) -> None:
    assert mapped_address(answer(attribute(MAPPED, value))) == ""


@given(st.binary(max_size=200))
def test_whatever_comes_nothing_but_a_public_address_is_read(rest: bytes) -> None:
    found = mapped_address(answer() + rest)
    assert found == "" or (is_address(found) and not is_bogon(found))
