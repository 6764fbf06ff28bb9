"""ICMP echo as bytes (RFC 792). Pure."""

import struct
from typing import Final

_HEADER: Final = struct.Struct("!BBHHH")
_REQUEST: Final = 8
_REPLY: Final = 0
_IPV4: Final = 4
_SHORTEST_IP: Final = 20
TOKEN_BYTES: Final = 8


def request(identifier: int, sequence: int, content: bytes) -> bytes:
    """An echo request. identifier and sequence are 16 bits."""
    bare = _HEADER.pack(_REQUEST, 0, 0, identifier, sequence) + content
    return _HEADER.pack(_REQUEST, 0, _checksum(bare), identifier, sequence) + content


def reply_content(packet: bytes) -> bytes | None:
    """What an echo reply gives back; None for any other packet, malformed ones included.

    A raw socket puts the IPv4 header before the message, a datagram socket does not, except on macOS.
    """
    if packet and packet[0] >> 4 == _IPV4:
        packet = packet[max((packet[0] & 15) * 4, _SHORTEST_IP) :]
    if len(packet) < _HEADER.size or packet[0] != _REPLY or packet[1] or _checksum(packet):
        return None
    return packet[_HEADER.size :]


def _checksum(packet: bytes) -> int:
    """The Internet checksum (RFC 1071); 0 over a packet that carries its own and is whole."""
    padded = packet + b"\0" * (len(packet) % 2)
    words: tuple[int, ...] = struct.unpack(f"!{len(padded) // 2}H", padded)
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
