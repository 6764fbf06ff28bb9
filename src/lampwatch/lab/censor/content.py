"""Censoring by what a connection says, put together from its segments: ClientHello, Host header or any bytes."""

import time
from collections.abc import Callable
from typing import Final

from lampwatch.lab.block import Action, BlockPage, Bytes, Close, Drop, Host, Reset, Sni
from lampwatch.lab.censor.hello import IncompleteError, host_header, names, server_name
from lampwatch.lab.censor.reader import DROP, FROM_CLIENT, TCP, Inspector, Packet, Ruling, Send
from lampwatch.lab.packet import ACK, FIN, PSH, RST, SYN

_KEPT_BYTES: Final = 16 * 1024
"""So much of a connection's beginning is read, and no more: a real box has even less memory."""

Flow = tuple[str, int, str, int]


class ContentInspector(Inspector):
    """Acts on TCP connections of the client whose first bytes match.

    residual_s: afterwards the client's packets to the same address and port are dropped for so long. clock gives
    seconds.
    """

    def __init__(
        self,
        match: Sni | Host | Bytes,
        action: Action,
        *,
        residual_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._match = match
        self._action = action
        self._residual_s = residual_s
        self._clock = clock
        self._streams: dict[Flow, tuple[int, bytearray]] = {}
        self._condemned: set[Flow] = set()
        self._blocked_until: dict[tuple[str, str, int], float] = {}

    @property
    def wants(self) -> tuple[str, ...]:
        """All TCP of the client, or of one port where the match says so."""
        port = {Sni: "443", Host: "80"}.get(type(self._match))
        return (*FROM_CLIENT, "-p", "tcp", *(("--dport", port) if port else ()))

    def look(self, packet: Packet, send: Send) -> Ruling | None:
        """Drop what is condemned; else read on, and act on a match."""
        if packet.protocol != TCP:
            return None
        endpoint = (packet.source, packet.destination, packet.destination_port)
        if self._clock() < self._blocked_until.get(endpoint, 0.0):
            self.count += 1
            return DROP
        if packet.flags & SYN:
            self._condemned.discard(packet.flow)
            self._streams[packet.flow] = (packet.end, bytearray())
            return None
        if packet.flow in self._condemned:
            return DROP
        if not self._matches(packet):
            return None
        self.count += 1
        self._condemned.add(packet.flow)
        self._streams.pop(packet.flow, None)
        if self._residual_s:
            self._blocked_until[endpoint] = self._clock() + self._residual_s
        return self._act(packet, send)

    def _matches(self, packet: Packet) -> bool:
        stream = self._streams.get(packet.flow)
        if not packet.payload or stream is None:
            return False
        expected, held = stream
        if packet.seq != expected:
            # Out of order, or sent again: read when its turn comes. In order is how a ClientHello arrives.
            return False
        held += packet.payload
        try:
            found = self._found(bytes(held))
        except IncompleteError:
            found = False
            self._streams[packet.flow] = (packet.end, held)
            if len(held) > _KEPT_BYTES:
                del self._streams[packet.flow]
            return False
        if not found:
            del self._streams[packet.flow]
        return found

    def _found(self, stream: bytes) -> bool:
        if isinstance(self._match, Sni):
            return names(self._match.name, server_name(stream))
        if isinstance(self._match, Host):
            return names(self._match.name, host_header(stream))
        if self._match.content.encode() in stream:
            return True
        raise IncompleteError

    def _act(self, packet: Packet, send: Send) -> Ruling:
        client_port, server_port = packet.source_port, packet.destination_port
        back = Packet(
            TCP, packet.destination, server_port, packet.source, client_port, b"", packet.ack, packet.end
        )
        if isinstance(self._action, Reset):
            send(_with(back, RST | ACK))
        if isinstance(self._action, Close):
            send(_with(back, FIN | ACK))
        if isinstance(self._action, BlockPage):
            send(_with(back, PSH | ACK | FIN, page_bytes(self._action)))
        if (isinstance(self._action, Reset) and self._action.both) or isinstance(self._action, BlockPage):
            send(Packet(TCP, *packet.flow, b"", packet.seq, packet.ack, RST | ACK))
        return DROP


def can_fit(action: Action) -> bool:
    """Whether a packet reader can do this."""
    return isinstance(action, Drop | Reset | Close | BlockPage)


def page_bytes(page: BlockPage) -> bytes:
    """A block page as an HTTP/1.1 response."""
    body = page.body.encode()
    location = f"Location: {page.location}\r\n" if page.location else ""
    head = f"HTTP/1.1 {page.status} Blocked\r\nContent-Type: text/html\r\n{location}Content-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def _with(packet: Packet, flags: int, payload: bytes = b"") -> Packet:
    return Packet(packet.protocol, *packet.flow, payload=payload, seq=packet.seq, ack=packet.ack, flags=flags)
