"""A network in memory whose servers are scripts, for whole methods. No socket, no waiting; its clock is its own."""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control import Control
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.network import Datagrams, Packet, Packets, Stream, joined
from lampwatch.probe.resolver import SYSTEM, Resolver
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import Trust, trust_of

_TODAY = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001  UTC without a zone, as Clock has it
STEP_S = 0.001
"""How long everything takes that takes no time in memory."""


class ScriptedClock:
    """A clock that goes on only when somebody waits."""

    def __init__(self, today: dt.datetime = _TODAY) -> None:
        self._today = today
        self.passed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def utc(self) -> dt.datetime:
        return self._today + dt.timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds


@dataclass(frozen=True)
class After:
    """Something that is said so many seconds after what was said before."""

    seconds: float
    said: bytes


Said = bytes | Failed | Failure | After
""" b"" ends a stream; how it breaks may be said without the operation, which is then the one at hand."""


class Server(Protocol):
    """The other end of one stream or socket."""

    def hear(self, sent: bytes) -> Sequence[Said]:
        """What it says to these bytes, piece by piece; nothing is silence."""
        ...


@dataclass(frozen=True)
class ByHops:
    """Servers for connections whose packets live for so many hops, None for all that are needed."""

    server: Callable[[int | None], Server]


Serving = Callable[[], Server] | ByHops | Failed | Failure
"""A server for each connection; or how connecting fails."""


class Says:
    """A server that says these pieces to each thing that is sent."""

    def __init__(self, *pieces: Said) -> None:
        self._pieces = pieces

    def hear(self, sent: bytes) -> Sequence[Said]:
        del sent
        return self._pieces


def saying(*pieces: Said) -> Callable[[], Server]:
    """Such a server for each connection."""
    return lambda: Says(*pieces)


class _End:
    """This side of a stream or a socket to a scripted server."""

    def __init__(self, network: "ScriptedNetwork", server: Server, ip: str, port: int) -> None:
        self._network = network
        self._server = server
        self._coming: deque[Said] = deque()
        self.address = joined(ip, port)
        self.closed = False
        network.ends.append(self)

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        assert not self.closed, "received on what was closed"
        if self._coming:
            return self._heard(self._coming.popleft(), timeout_s)
        if self._network.hangs:
            self._network.hanging.set()
            await asyncio.get_running_loop().create_future()
        self._network.clock.passed += timeout_s
        return Failed(Failure.TIMEOUT, Operation.READ)

    def close(self) -> None:
        self.closed = True

    def _heard(self, said: Said, timeout_s: float) -> bytes | Failed:
        if not isinstance(said, After):
            self._network.clock.passed += STEP_S
            return Failed(said, Operation.READ) if isinstance(said, Failure) else said
        self._network.clock.passed += min(said.seconds, timeout_s)
        if said.seconds > timeout_s:
            self._coming.appendleft(After(said.seconds - timeout_s, said.said))
            return Failed(Failure.TIMEOUT, Operation.READ)
        return said.said

    def _give(self, sent: bytes) -> None:
        assert not self.closed, "sent on what was closed"
        self._network.sent.append((self.address, sent))
        self._coming.extend(self._server.hear(sent))


class _ScriptedStream(_End):
    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:
        del timeout_s
        self._give(sent)
        return None


class _ScriptedDatagrams(_End):
    async def send(self, sent: bytes) -> Failed | None:
        self._give(sent)
        return None


class _ScriptedPackets:
    """Datagrams by which answers and routers' reports come with what they tell of hops."""

    def __init__(self, network: "ScriptedNetwork", answers: Callable[[bytes], list[Packet]]) -> None:
        self._clock = network.clock
        self._answers = answers
        self._coming: deque[Packet] = deque()

    async def send(self, sent: bytes) -> Failed | None:
        self._coming += self._answers(sent)
        return None

    async def hear(self, *, timeout_s: float) -> Packet | Failed:
        if not self._coming:
            self._clock.passed += timeout_s
            return Failed(Failure.TIMEOUT, Operation.READ)
        self._clock.passed += STEP_S
        return self._coming.popleft()

    def close(self) -> None:
        self._coming.clear()


@dataclass
class ScriptedNetwork:
    """A network that follows tables; a name that is in none is not known.

    names maps a host to its addresses; streams and sockets map `ip:port`, or an `ip` with all its ports, to a server or
    a failure to connect; absent is how it fails where nobody is. hops makes the answers to a packet that lives so long.
    """

    names: Mapping[str, Sequence[str] | Failed | Failure] = field(default_factory=dict)
    streams: Mapping[str, Serving] = field(default_factory=dict)
    sockets: Mapping[str, Serving] = field(default_factory=dict)
    hops: Callable[[int | None, bytes], list[Packet]] | None = None
    absent: Failure = Failure.NETWORK_UNREACHABLE
    clock: ScriptedClock = field(default_factory=ScriptedClock)
    connected: list[str] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    ends: list[_End] = field(default_factory=list)
    hangs: bool = False
    """Whether silence never ends, so that a test can break it off; hanging is set where it began."""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def left_open(self) -> list[str]:
        """What nobody closed."""
        return [end.address for end in self.ends if not end.closed]

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        server = self._server(self.streams, ip, port, timeout_s, ttl)
        return server if isinstance(server, Failed) else _ScriptedStream(self, server, ip, port)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        server = self._server(self.sockets, ip, port, 0.0, ttl)
        return server if isinstance(server, Failed) else _ScriptedDatagrams(self, server, ip, port)

    async def packets(self, ip: str, port: int, *, ttl: int | None = None) -> Packets | Failed:
        del ip, port
        answers = self.hops
        if answers is None:
            return Failed(self.absent, Operation.CONNECT)
        return _ScriptedPackets(self, lambda sent: answers(ttl, sent))

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        found = self.names.get(hostname, Failure.DNS_NXDOMAIN)
        if isinstance(found, Failure):
            found = Failed(found, Operation.RESOLVE)
        if isinstance(found, Failed):
            self.clock.passed += timeout_s if found.failure is Failure.TIMEOUT else STEP_S
            return found
        return list(found)

    def _server(
        self, table: Mapping[str, Serving], ip: str, port: int, timeout_s: float, ttl: int | None
    ) -> Server | Failed:
        address = joined(ip, port)
        self.connected.append(address)
        self.clock.passed += STEP_S
        serving = table.get(address) or table.get(ip) or self.absent
        if isinstance(serving, Failure):
            serving = Failed(serving, Operation.CONNECT)
        if isinstance(serving, Failed):
            self.clock.passed += timeout_s if serving.failure is Failure.TIMEOUT else 0.0
            return serving
        return serving.server(ttl) if isinstance(serving, ByHops) else serving()


def kit_over(
    network: ScriptedNetwork,
    *,
    trust: Trust | None = None,
    timeouts: Timeouts | None = None,
    resolvers: tuple[Resolver, ...] = (SYSTEM,),
    control: Control | None = None,
) -> Kit:
    """A kit over a scripted network, its random numbers always the same."""
    return Kit(
        Surroundings(
            network=network,
            clock=network.clock,
            trust=trust or trust_of(None, network.clock.utc),
            timeouts=timeouts or Timeouts(),
            random=Random(7),
            resolvers=resolvers,
            control=control,
        )
    )
