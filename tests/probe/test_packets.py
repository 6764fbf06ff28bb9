import asyncio
import socket
import struct
import sys

import pytest

from lampwatch.model.failure import Failure
from lampwatch.probe import system_network
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Packet, SeesHops
from lampwatch.probe.system_network import SystemNetwork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of hops")


async def heard(
    port: int, sent: bytes, *, ttl: int | None = None, timeout_s: float = 5.0, ip: str = "127.0.0.1"
) -> Packet | Failed:
    packets = await SystemNetwork().packets(ip, port, ttl=ttl)
    assert not isinstance(packets, Failed)
    try:
        assert await packets.send(sent) is None
        return await packets.hear(timeout_s=timeout_s)
    finally:
        packets.close()


def echoing(ip: str = "127.0.0.1", ttl: int = 0) -> tuple[socket.socket, int]:
    server = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((ip, 0))
    if ttl:
        server.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    return server, server.getsockname()[1]


def answered(server: socket.socket) -> None:
    asked, address = server.recvfrom(100)
    server.sendto(asked.upper(), address)


def test_the_systems_network_sees_hops() -> None:
    assert isinstance(SystemNetwork(), SeesHops)


def test_a_packet_tells_how_many_hops_were_left_to_it() -> None:
    server, port = echoing(ttl=37)

    async def conversation() -> Packet | Failed:
        asking = asyncio.create_task(heard(port, b"who"))
        await asyncio.to_thread(answered, server)
        return await asking

    with server:
        assert asyncio.run(conversation()) == Packet(b"WHO", 37)


def test_a_report_tells_its_router() -> None:
    server, port = echoing()
    server.close()
    packet = asyncio.run(heard(port, b"anybody there"))
    assert isinstance(packet, Packet)
    assert packet.failed is not None
    assert (packet.failed.failure, packet.router) == (Failure.CONNECTION_REFUSED, "127.0.0.1")


def test_silence_is_a_timeout() -> None:
    server, port = echoing()
    with server:
        packet = asyncio.run(heard(port, b"who", timeout_s=0.01))
    assert isinstance(packet, Failed)
    assert packet.failure is Failure.TIMEOUT


def test_a_report_of_another_family_names_no_router() -> None:

    told = struct.pack("=IBBBBII", 113, 2, 11, 0, 0, 0, 0) + struct.pack("=H", 0)
    packet = system_network._report(told)
    assert packet is not None
    assert packet.failed is not None
    assert (packet.failed.failure, packet.router) == (Failure.HOST_UNREACHABLE, "")


def test_a_report_that_is_cut_short_is_none() -> None:

    assert system_network._report(b"\x71\0\0") is None
