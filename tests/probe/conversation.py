"""The other end, scripted: `Conversation` for one step, `ScriptedNetwork` for whole methods. No socket, no waiting."""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Generic, Protocol, TypeVar

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control import Control
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.network import Datagrams, Stream, joined
from lampwatch.probe.resolver import SYSTEM, Resolver
from lampwatch.probe.step import Receive, Send, Step
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import Trust, trust_of

T = TypeVar("T")
_RESET = Failed(Failure.CONNECTION_RESET, Operation.READ)
_NOTHING = Failed(Failure.TIMEOUT, Operation.READ)
_TODAY = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001  UTC without a zone, as Clock has it


class Unheard(AssertionError):  # noqa: N818  reads as a sentence of the test
    """The step did something else than the script says."""


class Message(Protocol):
    """Something that the step is expected to send."""

    def differs(self, sent: bytes) -> str:
        """How the bytes differ from it; empty where they do not."""
        ...


@dataclass(frozen=True)
class ClientHello:
    """A TLS ClientHello with a name in it, or with none."""

    server_name: str = ""

    def differs(self, sent: bytes) -> str:
        try:
            found = server_name_in(sent)
        except (IndexError, ValueError) as error:
            return f"no ClientHello: {error}"
        return "" if found == self.server_name else f"a ClientHello for {found!r}"


@dataclass(frozen=True)
class Reset:
    """The connection is reset."""

    failed: Failed = field(default=_RESET)


@dataclass(frozen=True)
class Silence:
    """Nothing comes until the time is over."""

    failed: Failed = field(default=_NOTHING)


@dataclass(frozen=True)
class End:
    """The other end says that it is done."""


class Conversation(Generic[T]):
    """One step and a script of what it must send and what it hears."""

    def __init__(self, step: Step[T]) -> None:
        self._step = step
        self._outcome: list[T] = []
        self._command: Send | Receive | None = None
        self._go(lambda: next(step))

    def hears(self, expected: bytes | Message | None = None) -> bytes:
        """The step now sends this, or anything where nothing is expected; gives the bytes it sent."""
        if not isinstance(self._command, Send):
            raise Unheard(f"{expected!r} was to be sent, but the step is at {self._command or self._outcome}")
        sent = self._command.sent
        if isinstance(expected, bytes):
            assert sent == expected
        elif expected is not None and (difference := expected.differs(sent)):
            raise Unheard(f"{expected!r} was to be sent, but it was {difference}")
        self._go(lambda: self._step.send(b""))
        return sent

    def says(self, said: bytes | Reset | Silence | End) -> None:
        """The step, waiting for it, hears this."""
        if not isinstance(self._command, Receive):
            raise Unheard(f"{said!r} was to be heard, but the step is at {self._command or self._outcome}")
        self._hear(said)

    def breaks(self, said: Reset | Silence) -> None:
        """What the step wants to send cannot be sent."""
        if not isinstance(self._command, Send):
            raise Unheard(f"sending was to fail, but the step is at {self._command or self._outcome}")
        self._hear(said)

    @property
    def listens(self) -> bool:
        """Whether the step waits to hear something."""
        return isinstance(self._command, Receive)

    @property
    def outcome(self) -> T:
        """What the step returned; it must have ended."""
        if not self._outcome:
            raise Unheard(f"the step has not ended, it is at {self._command}")
        return self._outcome[0]

    @property
    def ended(self) -> bool:
        """Whether the step has returned."""
        return bool(self._outcome)

    def _hear(self, said: bytes | Reset | Silence | End) -> None:
        heard = said if isinstance(said, bytes) else b"" if isinstance(said, End) else said.failed
        self._go(lambda: self._step.send(heard))

    def _go(self, move: Callable[[], Send | Receive]) -> None:
        try:
            self._command = move()
        except StopIteration as end:
            self._command = None
            self._outcome.append(end.value)


def server_name_in(hello: bytes) -> str:
    """The name in a ClientHello that is one TLS record; empty where it names none."""
    if hello[0] != 22 or hello[5] != 1:
        raise ValueError("another record")
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at]
    end = at + 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 2
    while at < end:
        kind, size = int.from_bytes(hello[at : at + 2], "big"), int.from_bytes(hello[at + 2 : at + 4], "big")
        if kind == 0:
            return hello[at + 9 : at + 4 + size].decode("ascii")
        at += 4 + size
    return ""


class ScriptedClock:
    """A clock that goes on only when somebody waits."""

    def __init__(self, today: dt.datetime = _TODAY) -> None:
        self._today = today
        self.passed = 0.0

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def utc(self) -> dt.datetime:
        return self._today + dt.timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


class Server(Protocol):
    """The other end of one stream or socket."""

    def hear(self, sent: bytes) -> Sequence[bytes | Failed]:
        """What it says to these bytes, piece by piece: b"" ends the stream, a Failed breaks it; nothing is silence."""
        ...


Serving = Callable[[], Server] | Failed
"""A server for each connection; or how connecting fails."""


@dataclass(frozen=True)
class Says:
    """A server that says the same to whatever comes first, and is silent afterwards."""

    pieces: tuple[bytes | Failed, ...] = ()

    def hear(self, sent: bytes) -> Sequence[bytes | Failed]:
        del sent
        return self.pieces


def saying(*pieces: bytes | Failed) -> Callable[[], Server]:
    """A server that says these pieces to each thing that is sent."""
    return lambda: Says(pieces)


class _End:
    """This side of a stream or a socket to a scripted server."""

    def __init__(self, network: "ScriptedNetwork", server: Server, ip: str, port: int) -> None:
        self._network = network
        self._server = server
        self._coming: deque[bytes | Failed] = deque()
        self.address = joined(ip, port)
        self.closed = False
        network.ends.append(self)

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        assert not self.closed, "received on what was closed"
        if self._coming:
            self._network.clock.passed += 0.001
            return self._coming.popleft()
        if self._network.hangs:
            self._network.hanging.set()
            await asyncio.get_running_loop().create_future()
        self._network.clock.passed += timeout_s
        return Failed(Failure.TIMEOUT, Operation.READ)

    def close(self) -> None:
        self.closed = True

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


@dataclass
class ScriptedNetwork:
    """A network that follows tables; whoever is in none of them is unreachable, and a name that is not, not known.

    names maps a host to its addresses; streams and packets map `ip:port` to a server or a failure to connect.
    """

    names: Mapping[str, Sequence[str] | Failed] = field(default_factory=dict)
    streams: Mapping[str, Serving] = field(default_factory=dict)
    packets: Mapping[str, Serving] = field(default_factory=dict)
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
        del ttl
        serving = self._serving(self.streams, ip, port, timeout_s)
        return serving if isinstance(serving, Failed) else _ScriptedStream(self, serving(), ip, port)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        del ttl
        serving = self._serving(self.packets, ip, port, 0.0)
        return serving if isinstance(serving, Failed) else _ScriptedDatagrams(self, serving(), ip, port)

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        found = self.names.get(hostname, Failed(Failure.DNS_NXDOMAIN, Operation.RESOLVE))
        if isinstance(found, Failed):
            self.clock.passed += timeout_s if found.failure is Failure.TIMEOUT else 0.001
            return found
        return list(found)

    def _serving(
        self, table: Mapping[str, Serving], ip: str, port: int, timeout_s: float
    ) -> Callable[[], Server] | Failed:
        address = joined(ip, port)
        self.connected.append(address)
        self.clock.passed += 0.001
        serving = table.get(address, Failed(Failure.NETWORK_UNREACHABLE, Operation.CONNECT))
        if isinstance(serving, Failed) and serving.failure is Failure.TIMEOUT:
            self.clock.passed += timeout_s
        return serving


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
            random=Random(0),
            resolvers=resolvers,
            control=control,
        )
    )
