"""Packet readers: one queue a router, which every block that must read packets looks into."""

import socket
import threading
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Final

from lampwatch.lab.censor.fitting import Fitting
from lampwatch.lab.netns import iptables, within
from lampwatch.lab.nfqueue import ACCEPT, DROP, PacketQueue, Ruling
from lampwatch.lab.packet import TCP, UDP, Packet, parsed, written

Send = Callable[[Packet], None]
_QUEUE: Final = 1


class Inspector(Fitting):
    """A block that reads packets. look is called for each, in the queue's thread, while the block is applied."""

    def __init__(self) -> None:
        self.on = False
        self.count = 0

    def apply(self) -> None:
        """Begin to look."""
        self.on = True

    def lift(self) -> None:
        """Look no more."""
        self.on = False

    def fired(self) -> int:
        """How often something was done."""
        return self.count

    @property
    @abstractmethod
    def wants(self) -> tuple[str, ...]:
        """The iptables words that select the packets it must see."""

    @abstractmethod
    def look(self, packet: Packet, send: Send) -> Ruling | None:
        """What becomes of a packet; None where it is none of this block's business."""


class Reader:
    """The inspectors of one router, in the order in which they are asked. The first that rules, rules."""

    def __init__(self, router: str, inspectors: Sequence[Inspector]) -> None:
        self._inspectors = inspectors
        self._lock = threading.Lock()
        self._raw = within(router, _raw_socket)
        self._queue = PacketQueue(router, _QUEUE, self._rule)
        for words in dict.fromkeys(inspector.wants for inspector in inspectors):
            iptables(
                router, "-A", "FORWARD", *words, "-j", "NFQUEUE", "--queue-num", str(_QUEUE), "--queue-bypass"
            )

    def close(self) -> None:
        """Stop reading; the router's rules go with its namespace."""
        self._queue.close()
        self._raw.close()

    def _rule(self, raw: bytes) -> Ruling:
        packet = parsed(raw)
        if packet is None:
            return ACCEPT
        for inspector in self._inspectors:
            ruling = inspector.look(packet, self._send) if inspector.on else None
            if ruling is not None:
                return ruling
        return ACCEPT

    def _send(self, packet: Packet) -> None:
        self._raw.sendto(written(packet), (packet.destination, 0))


def _raw_socket() -> socket.socket:
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.IPPROTO_RAW)
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
    return raw


FROM_CLIENT: Final = ("-s", "10.0.0.0/8")
"""Only what the client sends is read: a censor decides by it, and downloads stay quick."""

__all__ = ["ACCEPT", "DROP", "FROM_CLIENT", "TCP", "UDP", "Inspector", "Packet", "Reader", "Ruling", "Send"]
