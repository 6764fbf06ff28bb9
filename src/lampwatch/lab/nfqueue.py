"""NFQUEUE in Python: the kernel hands over packets on a netlink socket, and waits for what becomes of each.

Source: linux/netfilter/nfnetlink_queue.h. Needs neither a compiler nor root outside the user namespace.
"""

import heapq
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from lampwatch.lab.errors import LabError
from lampwatch.lab.netns import within

_NETLINK_NETFILTER: Final = 12
_PACKET, _VERDICT, _CONFIG = (3 << 8 | kind for kind in (0, 1, 2))
_REQUEST, _ACK = 1, 4
_CFG_CMD, _CFG_PARAMS, _CFG_MAXLEN = 1, 2, 3
_PACKET_HEADER, _VERDICT_HEADER, _PAYLOAD = 1, 2, 10
_BIND, _COPY_PACKET = 1, 2
_LONGEST_QUEUE: Final = 20_000
_BUFFER: Final = 4 * 1024 * 1024


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """What becomes of a packet, and after how many seconds."""

    accept: bool
    after_s: float = 0.0


ACCEPT: Final = Ruling(accept=True)
DROP: Final = Ruling(accept=False)


class PacketQueue:
    """Asks rule about every packet that a namespace's queue of this number is given. Close it to stop.

    rule gets the packet from its IP header on, in a thread of its own, one packet after another.
    """

    def __init__(self, namespace: str, number: int, rule: Callable[[bytes], Ruling]) -> None:
        self._rule = rule
        self._number = number
        self._held: list[tuple[float, int, bool]] = []
        self._socket = within(namespace, self._bound)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._loop, name=f"queue {namespace}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; packets that are still held are lost with the socket."""
        os.write(self._wake_write, b"x")
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._socket.close()

    def _bound(self) -> socket.socket:
        queue = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER)
        queue.bind((0, 0))
        queue.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        for kind, content in (
            (_CFG_CMD, struct.pack("!BBH", _BIND, 0, socket.AF_INET)),
            (_CFG_PARAMS, struct.pack("!IB", 0xFFFF, _COPY_PACKET)),
            (_CFG_MAXLEN, struct.pack("!I", _LONGEST_QUEUE)),
        ):
            queue.send(self._message(_CONFIG, _REQUEST | _ACK, _attribute(kind, content)))
            (error,) = struct.unpack_from("=i", queue.recv(4096), 16)
            if error:
                queue.close()
                raise LabError(f"the kernel gives us no packet queue: {os.strerror(-error)}")
        return queue

    def _message(self, kind: int, flags: int, attributes: bytes) -> bytes:
        body = struct.pack("!BBH", socket.AF_UNSPEC, 0, self._number) + attributes
        return struct.pack("=IHHII", 16 + len(body), kind, flags, 0, 0) + body

    def _decide(self, packet_id: int, *, accept: bool) -> None:
        header = struct.pack("!II", int(accept), packet_id)
        self._socket.send(self._message(_VERDICT, _REQUEST, _attribute(_VERDICT_HEADER, header)))

    def _loop(self) -> None:
        latest = 0.0
        while True:
            wait_s = max(0.0, self._held[0][0] - time.monotonic()) if self._held else None
            ready, _, _ = select.select([self._socket.fileno(), self._wake_read], [], [], wait_s)
            if self._wake_read in ready:
                return
            while self._held and self._held[0][0] <= time.monotonic():
                _, packet_id, accept = heapq.heappop(self._held)
                self._decide(packet_id, accept=accept)
            if self._socket.fileno() not in ready:
                continue
            try:
                received = self._socket.recv(128 * 1024)
            except OSError:
                # ENOBUFS: packets came quicker than we read them, and the kernel dropped some, as a busy router does.
                continue
            for packet_id, raw in _packets(received):
                ruling = self._rule(raw)
                if ruling.after_s > 0:
                    # Packets keep their order: a line with jitter delays, and does not shuffle.
                    latest = max(latest, time.monotonic() + ruling.after_s)
                    heapq.heappush(self._held, (latest, packet_id, ruling.accept))
                else:
                    self._decide(packet_id, accept=ruling.accept)


def _attribute(kind: int, content: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(content), kind) + content + b"\0" * (-len(content) % 4)


def _packets(received: bytes) -> Iterator[tuple[int, bytes]]:
    """The packets in what the kernel sent, each with the id under which it waits."""
    at = 0
    while at + 20 <= len(received):
        length, kind = struct.unpack_from("=IH", received, at)
        packet_id, raw = 0, b""
        attribute = at + 20
        while kind == _PACKET and attribute + 4 <= at + length:
            size, name = struct.unpack_from("=HH", received, attribute)
            content = received[attribute + 4 : attribute + size]
            if name & 0x3FFF == _PACKET_HEADER:
                (packet_id,) = struct.unpack_from("!I", content)
            elif name & 0x3FFF == _PAYLOAD:
                raw = content
            attribute += max(4, size + 3 & ~3)
        if kind == _PACKET:
            yield packet_id, raw
        at += max(16, length + 3 & ~3)
