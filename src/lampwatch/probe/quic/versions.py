"""Asking a QUIC server which versions it speaks, by naming one that nobody speaks (RFC 9000, section 6; RFC 8999)."""

from typing import Final

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import Datagrams
from lampwatch.probe.quic.session import is_version_list
from lampwatch.probe.record import Mark, Traffic

_NOBODYS: Final = 0x1A2A3A4A
"""Of the form that is kept free so that servers have to answer it with their list (RFC 9000, section 15)."""
_SIZE: Final = 1200
"""Bytes of the question: a server need not answer a smaller one."""
_ID_BYTES: Final = 8
_FIXED_BYTES: Final = 6
_LONG_HEADER: Final = 0xC0
_MOST_VERSIONS: Final = 32
_TIMES: Final = 3


async def quic_versions(kit: Kit, ip: str, port: int, mark: Mark) -> tuple[int, ...] | Failed:
    """The versions that a server says it speaks; the question is said three times within lookup_s.

    Packets are noted in network_events. No name is in the question, so that no censor of names meets it.
    """
    under = await kit.network.datagrams(ip, port)
    if isinstance(under, Failed):
        return under.during(Operation.QUIC_HANDSHAKE)
    try:
        return await _asked(kit, under, mark)
    finally:
        under.close()


async def _asked(kit: Kit, under: Datagrams, mark: Mark) -> tuple[int, ...] | Failed:
    ours, theirs = kit.random.randbytes(_ID_BYTES), kit.random.randbytes(_ID_BYTES)
    head = bytes([_LONG_HEADER]) + _NOBODYS.to_bytes(4, "big")
    question = head + bytes([_ID_BYTES]) + theirs + bytes([_ID_BYTES]) + ours
    # As an Initial packet of version 1 goes on, for servers that read that far: no token, a length, and so many bytes.
    left = _SIZE - len(question) - 3
    question += b"\x00" + (0x4000 | left).to_bytes(2, "big") + kit.random.randbytes(left)
    traffic = Traffic(kit.record, under.address, "udp", mark)
    patience_s = kit.timeouts.lookup_s / _TIMES
    failed = Failed(Failure.TIMEOUT, Operation.QUIC_HANDSHAKE)
    for _ in range(_TIMES):
        t0 = kit.record.now()
        sent = await under.send(question)
        traffic.note("write_to", t0, len(question), sent.text if sent else None)
        if sent is not None:
            return sent.during(Operation.QUIC_HANDSHAKE)
        t0 = kit.record.now()
        heard = await under.receive(timeout_s=patience_s)
        if isinstance(heard, bytes):
            traffic.note("read_from", t0, len(heard), None)
            versions = versions_in(heard, ours)
            if versions:
                return versions
        elif heard.failure is not Failure.TIMEOUT:
            traffic.note("read_from", t0, 0, heard.text)
            return heard.during(Operation.QUIC_HANDSHAKE)
    return failed


def versions_in(datagram: bytes, ours: bytes) -> tuple[int, ...]:
    """The versions in a list that was sent to this connection id of ours; empty where it is no such list."""
    if not is_version_list(datagram) or len(datagram) < _FIXED_BYTES:
        return ()
    to, at = _id_at(datagram, _FIXED_BYTES - 1)
    _, at = _id_at(datagram, at)
    listed = datagram[at : at + 4 * _MOST_VERSIONS]
    if to != ours or len(listed) % 4:
        return ()
    return tuple(int.from_bytes(listed[n : n + 4], "big") for n in range(0, len(listed), 4))


def _id_at(datagram: bytes, at: int) -> tuple[bytes, int]:
    """A connection id that stands after its length, and where it ends."""
    size = datagram[at] if at < len(datagram) else 0
    return datagram[at + 1 : at + 1 + size], at + 1 + size
