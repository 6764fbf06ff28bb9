"""IPv4 packets as bytes <-> their parts: as much of IP, TCP and UDP as a censor reads and writes."""

import ipaddress
import struct
from typing import Final

import msgspec

TCP: Final = 6
UDP: Final = 17
FIN: Final = 1
SYN: Final = 2
RST: Final = 4
PSH: Final = 8
ACK: Final = 16
_TTL: Final = 64
"""What a middlebox that runs Linux starts with."""
_IP_HEADER: Final = 20
_TCP_HEADER: Final = 20
_UDP_HEADER: Final = 8


class Packet(msgspec.Struct, frozen=True, gc=False):
    """One TCP segment or UDP datagram; seq, ack and flags are 0 for UDP. payload is what it carries."""

    protocol: int
    source: str
    source_port: int
    destination: str
    destination_port: int
    payload: bytes
    seq: int = 0
    ack: int = 0
    flags: int = 0

    @property
    def flow(self) -> tuple[str, int, str, int]:
        """Both endpoints, the sender's first."""
        return self.source, self.source_port, self.destination, self.destination_port

    @property
    def end(self) -> int:
        """The sequence number after this segment."""
        return (self.seq + len(self.payload) + bool(self.flags & (SYN | FIN))) % 2**32


def parsed(raw: bytes) -> Packet | None:
    """The parts of an IPv4 packet; None where it is neither TCP nor UDP over IPv4, or is cut short."""
    if len(raw) < _IP_HEADER or raw[0] >> 4 != 4:  # noqa: PLR2004  IP version 4
        return None
    header = (raw[0] & 15) * 4
    protocol = raw[9]
    source, destination = (str(ipaddress.IPv4Address(raw[at : at + 4])) for at in (12, 16))
    body = raw[header : int.from_bytes(raw[2:4], "big")]
    if protocol == UDP and len(body) >= _UDP_HEADER:
        source_port, destination_port = struct.unpack_from("!HH", body)
        return Packet(UDP, source, source_port, destination, destination_port, body[_UDP_HEADER:])
    if protocol == TCP and len(body) >= _TCP_HEADER:
        source_port, destination_port, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", body)
        payload = body[(offset >> 4) * 4 :]
        return Packet(TCP, source, source_port, destination, destination_port, payload, seq, ack, flags)
    return None


def written(packet: Packet) -> bytes:
    """The bytes of a packet, with checksums."""
    if packet.protocol == UDP:
        length = _UDP_HEADER + len(packet.payload)
        header = struct.pack("!HHHH", packet.source_port, packet.destination_port, length, 0)
        checksum_at = 6
    else:
        header = struct.pack(
            "!HHIIBBHHH",
            packet.source_port,
            packet.destination_port,
            packet.seq,
            packet.ack,
            (_TCP_HEADER // 4) << 4,
            packet.flags,
            65535,
            0,
            0,
        )
        checksum_at = 16
    body = bytearray(header + packet.payload)
    addresses = b"".join(ipaddress.IPv4Address(ip).packed for ip in (packet.source, packet.destination))
    pseudo = addresses + struct.pack("!BBH", 0, packet.protocol, len(body))
    struct.pack_into("!H", body, checksum_at, _checksum(pseudo + body) or 0xFFFF)
    # The kernel fills in the checksum of the IP header.
    total = _IP_HEADER + len(body)
    return struct.pack("!BBHHHBBH", 0x45, 0, total, 0, 0x4000, _TTL, packet.protocol, 0) + addresses + body


def _checksum(content: bytes | bytearray) -> int:
    padded = bytes(content) + b"\0" * (len(content) % 2)
    total = int(sum(struct.unpack(f"!{len(padded) // 2}H", padded)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
