"""Censoring QUIC by name: the Initial packet's keys follow from its connection id, so anybody on the path can read it.

Source: RFC 9001 section 5.2, RFC 9000 sections 17.2.2 and 19.6.
"""

from typing import Final

from aioquic._buffer import Buffer, BufferReadError
from aioquic._crypto import CryptoError
from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import QuicPacketType, QuicProtocolVersion, pull_quic_header

from lampwatch.lab.block import QuicSni
from lampwatch.lab.censor.hello import IncompleteError, hello_name, names
from lampwatch.lab.censor.reader import DROP, FROM_CLIENT, UDP, Inspector, Packet, Ruling, Send

_QUIC_PORT: Final = 443
_PADDING, _PING, _CRYPTO = 0, 1, 6
_FLOWS_KEPT: Final = 1000


class QuicInspector(Inspector):
    """Drops QUIC v1 connections whose ClientHello names a host, from that packet on."""

    def __init__(self, match: QuicSni) -> None:
        super().__init__()
        self._match = match
        self._hellos: dict[tuple[str, int, str, int], dict[int, bytes]] = {}
        self._condemned: set[tuple[str, int, str, int]] = set()

    @property
    def wants(self) -> tuple[str, ...]:
        """All that goes to UDP port 443."""
        return (*FROM_CLIENT, "-p", "udp", "--dport", str(_QUIC_PORT))

    def look(self, packet: Packet, send: Send) -> Ruling | None:  # noqa: ARG002  it answers nothing
        """Drop a condemned connection's datagrams; read the others' first ones."""
        if packet.protocol != UDP or packet.destination_port != _QUIC_PORT:
            return None
        if packet.flow in self._condemned:
            return DROP
        pieces = self._hellos.setdefault(packet.flow, {})
        pieces.update(crypto_pieces(packet.payload))
        if len(self._hellos) > _FLOWS_KEPT:
            self._hellos.pop(next(iter(self._hellos)))
        try:
            named = hello_name(_joined(pieces))
        except IncompleteError:
            return None
        if not named or not names(self._match.name, named):
            return None
        self.count += 1
        self._condemned.add(packet.flow)
        return DROP


def crypto_pieces(datagram: bytes) -> dict[int, bytes]:
    """The CRYPTO frames of a client's Initial packet, by their offset; empty where there is none to read."""
    buffer = Buffer(data=datagram)
    try:
        header = pull_quic_header(buffer, host_cid_length=8)
        if (
            header.packet_type is not QuicPacketType.INITIAL
            or header.version != QuicProtocolVersion.VERSION_1
        ):
            return {}
        keys = CryptoPair()
        keys.setup_initial(cid=header.destination_cid, is_client=False, version=header.version)
        packet = datagram[: header.packet_length]
        _, plain, _ = keys.decrypt_packet(packet, buffer.tell(), 0)
        return _frames(plain)
    except (ValueError, BufferReadError, CryptoError):
        return {}


def _frames(plain: bytes) -> dict[int, bytes]:
    frames, buffer = {}, Buffer(data=plain)
    while not buffer.eof():
        kind = buffer.pull_uint_var()
        if kind in {_PADDING, _PING}:
            continue
        if kind != _CRYPTO:
            break
        offset, length = buffer.pull_uint_var(), buffer.pull_uint_var()
        frames[offset] = buffer.pull_bytes(length)
    return frames


def _joined(pieces: dict[int, bytes]) -> bytes:
    whole = b""
    for offset in sorted(pieces):
        if offset > len(whole):
            break
        whole = whole[:offset] + pieces[offset]
    return whole
