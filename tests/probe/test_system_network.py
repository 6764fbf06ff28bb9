import asyncio
import errno
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Datagrams, Stream
from lampwatch.probe.system_network import SystemNetwork

T = TypeVar("T")
NETWORK = SystemNetwork()
LONG = 30.0
"""Seconds that nothing here takes."""
SHORT = 0.05


def run(work: Awaitable[T]) -> T:
    async def go() -> T:
        return await work

    return asyncio.run(go())


@contextmanager
def serving(turn: Callable[[socket.socket], None], host: str = "127.0.0.1") -> Iterator[int]:
    """A port of the loopback whose first connection is handled on a thread."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                turn(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join()


async def talked(port: int, then: Callable[[Stream], Awaitable[T]], host: str = "127.0.0.1") -> T:
    stream = await NETWORK.connect(host, port, timeout_s=LONG)
    assert not isinstance(stream, Failed)
    try:
        return await then(stream)
    finally:
        stream.close()


def closed_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def echo(connection: socket.socket) -> None:
    while heard := connection.recv(65_536):
        connection.sendall(heard)


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1:{}"), ("::1", "[::1]:{}")])
def test_what_is_sent_arrives_and_what_comes_is_heard(host: str, address: str) -> None:
    async def then(stream: Stream) -> tuple[bytes | Failed, str]:
        assert await stream.send(b"hello", timeout_s=LONG) is None
        return await stream.receive(timeout_s=LONG), stream.address

    with serving(echo, host) as port:
        assert run(talked(port, then, host)) == (b"hello", address.format(port))


def test_a_port_where_nobody_listens_is_refused() -> None:
    outcome = run(NETWORK.connect("127.0.0.1", closed_port(), timeout_s=LONG))
    assert isinstance(outcome, Failed)
    assert (outcome.failure, outcome.operation) == (Failure.CONNECTION_REFUSED, Operation.CONNECT)


def test_a_reset_connection_is_a_reset() -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def then(stream: Stream) -> bytes | Failed:
        await stream.send(b"x", timeout_s=LONG)
        return await stream.receive(timeout_s=LONG)

    with serving(reset) as port:
        outcome = run(talked(port, then))
    assert isinstance(outcome, Failed)
    assert (outcome.failure, outcome.operation) == (Failure.CONNECTION_RESET, Operation.READ)


def test_the_end_of_the_stream_is_empty() -> None:
    with serving(lambda _connection: None) as port:
        assert run(talked(port, lambda stream: stream.receive(timeout_s=LONG))) == b""


def test_a_server_that_says_nothing_is_a_timeout() -> None:
    with serving(echo) as port:
        outcome = run(talked(port, lambda stream: stream.receive(timeout_s=SHORT)))
    assert outcome == Failed(Failure.TIMEOUT, Operation.READ)


def test_a_server_that_takes_nothing_in_is_a_timeout_of_the_write() -> None:
    done = threading.Event()

    async def then(stream: Stream) -> Failed | None:
        outcome = await stream.send(bytes(64 * 2**20), timeout_s=SHORT)
        done.set()
        return outcome

    def deaf(_connection: socket.socket) -> None:
        done.wait()

    with serving(deaf) as port:
        assert run(talked(port, then)) == Failed(Failure.TIMEOUT, Operation.WRITE)


def test_a_listener_whose_queue_is_full_never_answers() -> None:
    """Linux drops the SYN then, as a router would."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            outcome = run(NETWORK.connect("127.0.0.1", port, timeout_s=SHORT))
    assert outcome == Failed(Failure.TIMEOUT, Operation.CONNECT)


def test_very_much_is_heard_in_pieces() -> None:
    sent = bytes(range(256)) * 4096

    async def then(stream: Stream) -> tuple[bytes, int]:
        heard, most = b"", 0
        while piece := await stream.receive(timeout_s=LONG):
            assert isinstance(piece, bytes)
            heard, most = heard + piece, max(most, len(piece))
        return heard, most

    with serving(lambda connection: connection.sendall(sent)) as port:
        heard, most = run(talked(port, then))
    assert heard == sent
    assert most <= 65_536


def test_a_stream_may_be_closed_again() -> None:
    async def then(stream: Stream) -> None:
        stream.close()

    with serving(echo) as port:
        run(talked(port, then))


def test_a_connect_that_is_broken_off_leaves_no_socket_open() -> None:
    """An open socket would be a ResourceWarning, and here an error."""

    async def go(port: int) -> None:
        task = asyncio.create_task(NETWORK.connect("127.0.0.1", port, timeout_s=LONG))
        await asyncio.sleep(0)
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        assert isinstance(outcome, asyncio.CancelledError)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        with socket.create_connection(listening.getsockname()):
            run(go(listening.getsockname()[1]))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_hops_are_limited_after_connecting_and_the_loopback_is_none_away(host: str) -> None:
    async def go(port: int) -> bytes | Failed:
        stream = await NETWORK.connect(host, port, timeout_s=LONG, ttl=1)
        assert not isinstance(stream, Failed)
        try:
            await stream.send(b"near", timeout_s=LONG)
            return await stream.receive(timeout_s=LONG)
        finally:
            stream.close()

    with serving(echo, host) as port:
        assert run(go(port)) == b"near"


async def packets(port: int, then: Callable[[Datagrams], Awaitable[T]], host: str = "127.0.0.1") -> T:
    sock = await NETWORK.datagrams(host, port)
    assert not isinstance(sock, Failed)
    try:
        return await then(sock)
    finally:
        sock.close()


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_packets_go_and_come_one_by_one(host: str, family: socket.AddressFamily) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind((host, 0))

        async def then(sock: Datagrams) -> list[bytes | Failed]:
            assert await sock.send(b"ask") is None
            heard, back = server.recvfrom(100)
            assert heard == b"ask"
            server.sendto(b"one", back)
            server.sendto(b"two", back)
            return [await sock.receive(timeout_s=LONG) for _ in range(2)]

        assert run(packets(server.getsockname()[1], then, host)) == [b"one", b"two"]


def test_packets_of_a_stranger_are_not_heard() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        server.bind(("127.0.0.1", 0))

        async def then(sock: Datagrams) -> list[bytes | Failed]:
            await sock.send(b"ask")
            _, back = server.recvfrom(100)
            stranger.sendto(b"forged", back)
            server.sendto(b"true", back)
            return [await sock.receive(timeout_s=LONG), await sock.receive(timeout_s=SHORT)]

        outcome = run(packets(server.getsockname()[1], then))
    assert outcome == [b"true", Failed(Failure.TIMEOUT, Operation.READ)]


def test_a_port_where_nobody_takes_packets_is_refused() -> None:
    async def then(sock: Datagrams) -> bytes | Failed:
        await sock.send(b"ask")
        return await sock.receive(timeout_s=LONG)

    outcome = run(packets(closed_port(socket.SOCK_DGRAM), then))
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.CONNECTION_REFUSED


def test_the_system_resolves_what_is_an_address_already() -> None:
    assert run(NETWORK.resolve("127.0.0.1", timeout_s=LONG)) == ["127.0.0.1"]


def looked_up(monkeypatch: pytest.MonkeyPatch, answer: object) -> list[str] | Failed:
    """What comes of a lookup for which getaddrinfo gives or raises this."""

    def getaddrinfo(*_: object, **__: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return run(NETWORK.resolve("site.test", timeout_s=LONG))


def test_the_systems_addresses_keep_their_order_and_none_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(0, 0, 0, "", (ip, 0)) for ip in ("2001:db8::1", "192.0.2.7", "2001:db8::1", "192.0.2.1")]
    assert looked_up(monkeypatch, entries) == ["2001:db8::1", "192.0.2.7", "192.0.2.1"]


def test_a_lookup_that_fails_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = looked_up(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    assert isinstance(outcome, Failed)
    assert (outcome.failure, outcome.operation) == (Failure.DNS_NXDOMAIN, Operation.RESOLVE)


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "a..test", ".test"])
def test_a_name_that_cannot_exist_is_not_found(name: str) -> None:
    outcome = run(NETWORK.resolve(name, timeout_s=LONG))
    assert isinstance(outcome, Failed)
    assert outcome.failure is Failure.DNS_NXDOMAIN


def test_a_lookup_that_takes_too_long_is_a_timeout_and_its_answer_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released, finished = threading.Event(), threading.Event()

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        released.wait()
        finished.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert run(NETWORK.resolve("site.test", timeout_s=SHORT)) == Failed(Failure.TIMEOUT, Operation.RESOLVE)
    released.set()
    assert finished.wait(LONG)


def test_a_way_that_does_not_exist_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for outcome in (
        run(NETWORK.datagrams("192.0.2.1", 53)),
        run(NETWORK.connect("192.0.2.1", 80, timeout_s=LONG)),
    ):
        assert isinstance(outcome, Failed)
        assert outcome.failure is Failure.NETWORK_UNREACHABLE


def test_a_machine_that_knows_no_ipv6_has_no_way_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    for outcome in (
        lambda: NETWORK.datagrams("2001:db8::1", 53),
        lambda: NETWORK.packets("2001:db8::1", 53),
        lambda: NETWORK.connect("2001:db8::1", 80, timeout_s=LONG),
    ):
        with monkeypatch.context() as without:
            without.setattr("lampwatch.probe.system_network._socket", none)
            found = run(outcome())
        assert isinstance(found, Failed)
        assert found.failure is Failure.NETWORK_UNREACHABLE
