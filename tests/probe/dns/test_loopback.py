"""The same lookups over real sockets of the loopback."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest

from lampwatch.model.failure import Failure
from lampwatch.probe.clock import SystemClock
from lampwatch.probe.dns import Lookup, lookup
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import trust_of
from tests.probe.servers import Zone, dns_reply

NAME = "www.example.org"
ZONE: Zone = {(NAME, "A"): ["93.184.216.34"], (NAME, "AAAA"): ["2606:2800:220:1::1"]}
SHORT = 0.05


def looked_up(resolver: Resolver, *, lookup_s: float = 30.0) -> tuple[Lookup, Kit]:
    clock = SystemClock()
    kit = Kit(
        Surroundings(
            network=SystemNetwork(),
            clock=clock,
            trust=trust_of(None, clock.utc),
            timeouts=Timeouts(late_answer_s=0.0, lookup_s=lookup_s),
            random=Random(0),
            resolvers=(SYSTEM,),
        )
    )
    return asyncio.run(lookup(kit, resolver, NAME, kit.record.mark())), kit


@contextmanager
def udp(host: str, say: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """A resolver that answers two questions, each with these packets."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind((host, 0))

        def serve() -> None:
            for _ in range(2):
                query, back = server.recvfrom(1000)
                for packet in say(query):
                    server.sendto(packet, back)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            thread.join()


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1:{}"), ("::1", "[::1]:{}")])
def test_over_udp(host: str, address: str) -> None:
    with udp(host, lambda query: [dns_reply(query, ZONE)]) as port:
        found, _ = looked_up(Resolver(Engine.UDP, address.format(port)))
    assert found == Lookup(("93.184.216.34", "2606:2800:220:1::1"))


def test_a_silent_resolver_over_udp() -> None:
    with udp("127.0.0.1", lambda _: []) as port:
        found, _ = looked_up(Resolver(Engine.UDP, f"127.0.0.1:{port}"), lookup_s=SHORT)
    assert found.failed is not None
    assert found.failed.failure is Failure.TIMEOUT


def test_over_tcp() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for _ in range(2):
                connection, _ = listening.accept()
                with connection:
                    reply = dns_reply(connection.recv(1000)[2:], ZONE)
                    connection.sendall(len(reply).to_bytes(2, "big") + reply)

        thread = threading.Thread(target=serve)
        thread.start()
        found, kit = looked_up(Resolver(Engine.TCP, f"127.0.0.1:{listening.getsockname()[1]}"))
        thread.join()
    assert found == Lookup(("93.184.216.34", "2606:2800:220:1::1"))
    assert [connect["status"]["success"] for connect in kit.record.tcp_connect] == [True, True]


def test_by_the_systems_own_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(0, 0, 0, "", (ip, 0)) for ip in ("93.184.216.34", "2606:2800:220:1::1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    assert looked_up(SYSTEM)[0] == Lookup(("93.184.216.34", "2606:2800:220:1::1"))
