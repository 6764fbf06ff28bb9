"""Measure whether a STUN server answers over UDP: a binding request (RFC 5389) to each of its addresses."""

import asyncio
from typing import Any, Final

from lampwatch.formats.names import is_address
from lampwatch.methods.stun_reachability.extract import server_of
from lampwatch.methods.stun_reachability.mapped import mapped_address
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns import lookup
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import Datagrams, joined
from lampwatch.probe.record import Mark, Traffic
from lampwatch.probe.resolver import SYSTEM

TEST_NAME: Final = "stunreachability"
TEST_VERSION: Final = "0.4.0"

USUAL: Final = "stun://stun.l.google.com:19302"
"""Who is asked where nobody is named."""

_SCHEME: Final = "stun://"
_PORT: Final = 3478
_MOST_ADDRESSES: Final = 8
_MOST_PACKETS: Final = 32
_MOST_REQUESTS: Final = 6
_FIRST_WAIT_S: Final = 0.5
"""How long an answer is waited for before asking again; each wait is twice the one before."""

_REQUEST: Final = b"\x00\x01\x00\x00"
_ANSWERS: Final = (b"\x01\x01", b"\x01\x11")
"""A binding response, and an error response: either shows that the server is there."""
_COOKIE: Final = b"\x21\x12\xa4\x42"
_NUMBER_BYTES: Final = 12
_HEADER: Final = 20


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Ask a server, given as stun://stun.l.google.com:19302, at every address of its name.

    Returns test_keys as ts-025 has them: endpoint, failure (null where any address answered), network_events, queries.
    What the server says is our own address as it sees it: that is never written down, and remembered only to keep it
    out of whatever else is.
    """
    host, port = _server(target or USUAL)
    mark = kit.record.mark("bootstrap")
    found = await lookup(kit, SYSTEM, host, mark)
    # IPv4 first: which address the first event names is which one is judged, and IPv6 is often not there at all.
    addresses = sorted(found.addresses[:_MOST_ADDRESSES], key=lambda ip: ":" in ip)
    async with asyncio.TaskGroup() as asking:
        tasks = [asking.create_task(_ask(kit, ip, port, kit.record.mark("stun"))) for ip in addresses]
    failed = found.failed or _together([task.result() for task in tasks])
    keys = kit.record.test_keys()
    return {
        "endpoint": joined(host, port),
        "failure": failure_text(failed),
        "network_events": keys["network_events"],
        "queries": keys["queries"],
    }


def _server(target: str) -> tuple[str, int]:
    host, port = server_of(target if _SCHEME in target else f"{_SCHEME}{target}")
    if not host or not target.startswith(_SCHEME) or (":" in host and not is_address(host)):
        raise UserError(f"{target!r} is no STUN server: write it as {USUAL}")
    return host, port or _PORT


def _together(outcomes: list[Failed | None]) -> Failed | None:
    """None where any address answered, else the failure that tells most of the server."""
    if not outcomes or None in outcomes:
        return None
    failures = [failed for failed in outcomes if failed]
    # An address of a family that this machine has no way to says nothing of the server.
    told = [failed for failed in failures if failed.failure is not Failure.NETWORK_UNREACHABLE]
    return (told or failures)[0]


async def _ask(kit: Kit, ip: str, port: int, mark: Mark) -> Failed | None:
    """One address: None where it answered."""
    address = joined(ip, port)
    socket = await kit.network.datagrams(ip, port)
    kit.record.event("connect", mark, address=address, proto="udp", failure=failure_text(socket))
    if isinstance(socket, Failed):
        return socket
    traffic = Traffic(kit.record, address, "udp", mark)
    try:
        return await _asked_again(kit, socket, traffic)
    finally:
        traffic.end()
        socket.close()


async def _asked_again(kit: Kit, socket: Datagrams, traffic: Traffic) -> Failed | None:
    """Ask, and ask again where nothing comes: a datagram may be lost without anybody's doing."""
    number = kit.random.randbytes(_NUMBER_BYTES)
    request = _REQUEST + _COOKIE + number
    deadline = kit.clock.monotonic() + kit.timeouts.connect_s
    wait_s = _FIRST_WAIT_S
    for _ in range(_MOST_REQUESTS):
        left = deadline - kit.clock.monotonic()
        if left <= 0:
            break
        t0 = kit.record.now()
        failed = await socket.send(request)
        traffic.note("write", t0, len(request), failure_text(failed))
        failed = failed or await _heard(kit, socket, traffic, number, min(wait_s, left))
        if failed is None or failed.failure is not Failure.TIMEOUT:
            return failed
        wait_s *= 2
    return Failed(Failure.TIMEOUT, Operation.READ)


async def _heard(
    kit: Kit, socket: Datagrams, traffic: Traffic, number: bytes, wait_s: float
) -> Failed | None:
    """Wait for the answer with our number; anything else is passed over."""
    deadline = kit.clock.monotonic() + wait_s
    for _ in range(_MOST_PACKETS):
        left = deadline - kit.clock.monotonic()
        if left <= 0:
            break
        t0 = kit.record.now()
        packet = await socket.receive(timeout_s=left)
        size = 0 if isinstance(packet, Failed) else len(packet)
        traffic.note("read", t0, size, failure_text(packet))
        if isinstance(packet, Failed):
            return packet
        if packet[:2] in _ANSWERS and packet[4:_HEADER] == _COOKIE + number:
            kit.own.add(mapped_address(packet))
            return None
    return Failed(Failure.TIMEOUT, Operation.READ)
