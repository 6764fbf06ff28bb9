"""One try: a trigger sent over so many hops, and everything that is heard of it until patience ends."""

import ipaddress
from typing import Any, Final

from lampwatch.methods.trace.trigger import Trigger
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns.message import reply_to
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.network import Packet, SeesHops

ANSWER: Final = "answer"
"""What is heard where bytes came; all else is heard as a failure of the closed list."""
_MOST_HEARD: Final = 4
_PATIENCE: Final = 0.2
"""Of what a page may take; after something was heard, this part of that again."""
_PREFIXES: Final = {4: 24, 6: 48}

Heard = list[dict[str, Any]]


async def send_stream(kit: Kit, connection: Connection, trigger: bytes) -> Heard | Failed:
    """Send over a TCP connection and close it. A router's report does not end it: a reset may still come."""
    patience_s = kit.timeouts.fetch_s * _PATIENCE
    heard: Heard = []
    try:
        began = kit.clock.monotonic()
        failed = await connection.stream.send(trigger, timeout_s=patience_s)
        while failed is None and len(heard) < _MOST_HEARD:
            came = await connection.stream.receive(timeout_s=patience_s)
            what = came.failure if isinstance(came, Failed) else ANSWER if came else Failure.EOF
            if what is Failure.TIMEOUT:
                break
            heard.append({"what": str(what), "t": _since(kit, began)})
            if what is not Failure.HOST_UNREACHABLE:
                break
            patience_s = min(patience_s, kit.timeouts.fetch_s * _PATIENCE**2)
    finally:
        connection.close()
    return failed or heard


async def send_packet(kit: Kit, ip: str, trigger: Trigger, name: str, ttl: int | None) -> Heard | Failed:
    """Send one question, and hear all answers and reports: a forged answer and the true one may both come."""
    asked = trigger.question(name)
    if not isinstance(kit.network, SeesHops):
        return unknown("this system does not tell of hops", Operation.CONNECT)
    if isinstance(asked, Failed):
        return asked
    packets = await kit.network.packets(ip, trigger.port, ttl=ttl)
    if isinstance(packets, Failed):
        return packets
    patience_s = kit.timeouts.fetch_s * _PATIENCE
    heard: Heard = []
    try:
        began = kit.clock.monotonic()
        failed = await packets.send(asked.wire)
        while failed is None and len(heard) < _MOST_HEARD:
            came = await packets.hear(timeout_s=patience_s)
            if isinstance(came, Failed):
                break
            reply = None if came.failed else reply_to(asked, came.content)
            if not isinstance(reply, Failed):
                answers = list(reply.addresses) if reply else []
                heard.append({**_told(came), "answers": answers, "t": _since(kit, began)})
    finally:
        packets.close()
    return failed or heard


def _told(packet: Packet) -> dict[str, Any]:
    """A packet or report. Of a router only the network is kept: the first ones could show where the client lives."""
    if packet.failed is None:
        return {"what": ANSWER, "ttl_left": packet.ttl}
    return {"what": str(packet.failed.failure), "router": _network(packet.router)}


def _network(ip: str) -> str:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    if not address.is_global:
        return "private"
    return str(ipaddress.ip_network((address, _PREFIXES[address.version]), strict=False))


def _since(kit: Kit, began: float) -> float:
    return round(kit.clock.monotonic() - began, 6)
