"""The other end as a script: a network in memory whose servers are small generators of bytes, with a clock of its own.

Nothing here waits and nothing leaves the process. Silence is heard at once: by a common clock, the patience of one
step would run out for all that go on beside it.
"""

import asyncio
import datetime as dt
import json
import ssl
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from types import ModuleType
from typing import Any, Protocol

import msgspec
import trustme

from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Read, Reader
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit, Surroundings
from lampwatch.probe.network import Packet, joined
from lampwatch.probe.record import Record
from lampwatch.probe.resolver import SYSTEM
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import Trust

NOW = dt.datetime(2026, 11, 23, 12, 0, 0)  # noqa: DTZ001  UTC without a zone
STEP_S = 0.001
"""How long everything takes that takes no time in memory."""


class ScriptedClock:
    """Runs only when somebody waits."""

    def __init__(self, date: dt.datetime = NOW) -> None:
        self.now = 100.0
        self._date = date
        self.slept: list[float] = []
        self.stands = False
        """Whoever waits in silence then waits for ever."""

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> dt.datetime:
        return self._date

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class After(msgspec.Struct, frozen=True):
    """Something said so many seconds after what was said before."""

    seconds: float
    said: bytes | Failure


class Peer(Protocol):
    """One connection, as the server has it. Failures are what the client then sees; nothing is silence."""

    def hears(self, sent: bytes) -> Sequence[bytes | Failure | After]: ...


Peers = Callable[[int | None], Peer | Failure]
"""Makes the server's end of a connection whose packets live for so many hops; None for all that are needed."""


class Says:
    """Answers every request the same, and has then said all."""

    def __init__(self, *says: bytes | Failure) -> None:
        self._says = list(says)

    def hears(self, sent: bytes) -> list[bytes | Failure]:  # noqa: ARG002  whatever it was
        return self._says


class Web:
    """A web server: answers each request, once it is whole, with what `page` makes of its bytes, and closes."""

    def __init__(self, page: Callable[[bytes], bytes]) -> None:
        self._page = page
        self._heard = b""

    def hears(self, sent: bytes) -> list[bytes | Failure]:
        self._heard += sent
        return [self._page(self._heard), b""] if b"\r\n\r\n" in self._heard else []


class Tls:
    """A TLS server in memory, for a name, with the certificate of an authority; inside it another peer.

    by_name picks what happens to a ClientHello by the name in it: a list is said in the place of any handshake.
    """

    def __init__(
        self,
        inside: Peer,
        name: str,
        authority: trustme.CA | None = None,
        by_name: Mapping[str, list[bytes | Failure]] | None = None,
    ) -> None:
        context = _server_context(name, authority or usual_authority())
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        self._inside = inside
        self._by_name = by_name or {}
        self._shaken = self._begun = False

    def hears(self, sent: bytes) -> list[bytes | Failure]:
        if not self._begun:
            self._begun = True
            for name, said in self._by_name.items():
                if name.encode() in sent:
                    return said
        self._arrived.write(sent)
        says: list[bytes | Failure] = []
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while True:
                for said_inside in self._inside.hears(self._tls.read(65_536)):
                    says += self._sealed(said_inside)
        except ssl.SSLWantReadError:
            return says + self._flushed()
        except ssl.SSLError:
            return [*says, *self._flushed(), b""]

    def _sealed(self, said: bytes | Failure | After) -> list[bytes | Failure]:
        assert not isinstance(said, After)
        if isinstance(said, Failure) or not said:
            return [*self._flushed(), said]
        self._tls.write(said)
        return self._flushed()

    def _flushed(self) -> list[bytes | Failure]:
        return [self._leaving.read()] if self._leaving.pending else []


class Paced:
    """Another peer behind a line that carries so many bytes a second, by what the first packet holds."""

    PIECE = 4096

    def __init__(self, inside: Peer, rate_of: Callable[[bytes], float]) -> None:
        self._inside = inside
        self._rate_of = rate_of
        self._rate = 0.0

    def hears(self, sent: bytes) -> list[bytes | Failure | After]:
        self._rate = self._rate or self._rate_of(sent)
        says: list[bytes | Failure | After] = []
        for said in self._inside.hears(sent):
            if not isinstance(said, bytes) or not said:
                says.append(said)
                continue
            pieces = [said[at : at + self.PIECE] for at in range(0, len(said), self.PIECE)]
            says += [After(len(piece) / self._rate, piece) for piece in pieces]
        return says


@cache
def usual_authority() -> trustme.CA:
    return trustme.CA()


@cache
def _server_context(name: str, authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(name).configure_cert(context)
    return context


def page(status: int = 200, body: bytes = b"<html><title>A page</title></html>", head: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), head, body)


def website(
    name: str,
    body: bytes = page(),
    authority: trustme.CA | None = None,
    by_name: Mapping[str, list[bytes | Failure]] | None = None,
) -> Peers:
    """A web site over TLS that answers everything with one page."""
    return lambda _ttl: Tls(Web(lambda _: body), name, authority, by_name)


class ScriptedStream:
    def __init__(
        self, peer: Peer, clock: ScriptedClock, address: str, opened: list["ScriptedStream"]
    ) -> None:
        self.address = address
        self.closed = False
        self._peer = peer
        self._clock = clock
        self._coming: deque[bytes | Failure | After] = deque()
        opened.append(self)

    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:  # noqa: ARG002  memory is never full
        assert not self.closed
        await asyncio.sleep(0)
        self._clock.now += STEP_S
        self._coming += self._peer.hears(sent)
        return None

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        assert not self.closed
        await asyncio.sleep(0)
        if not self._coming:
            if self._clock.stands:
                await asyncio.Event().wait()
            return Failed(Failure.TIMEOUT, Operation.READ)
        said = self._coming.popleft()
        wait_s, said = (said.seconds, said.said) if isinstance(said, After) else (STEP_S, said)
        self._clock.now += min(wait_s, timeout_s)
        if wait_s > timeout_s:
            self._coming.appendleft(After(wait_s - timeout_s, said))
            return Failed(Failure.TIMEOUT, Operation.READ)
        return Failed(said, Operation.READ) if isinstance(said, Failure) else said

    def close(self) -> None:
        self.closed = True


class ScriptedPackets:
    def __init__(self, hears: Callable[[bytes], list[Packet]], clock: ScriptedClock) -> None:
        self._hears = hears
        self._clock = clock
        self._coming: deque[Packet] = deque()

    async def send(self, sent: bytes) -> Failed | None:
        self._coming += self._hears(sent)
        return None

    async def hear(self, *, timeout_s: float) -> Packet | Failed:  # noqa: ARG002  silence is heard at once
        await asyncio.sleep(0)
        if not self._coming:
            return Failed(Failure.TIMEOUT, Operation.READ)
        self._clock.now += STEP_S
        return self._coming.popleft()

    def close(self) -> None:
        self._coming.clear()


class ScriptedNetwork:
    """Names and their addresses; servers by address and port, or by address alone; nobody else is there.

    absent says how a connect ends where nobody is. packets makes the answers to a packet of a number of hops.
    """

    def __init__(
        self,
        names: Mapping[str, list[str] | Failure] | None = None,
        servers: Mapping[Any, Peers | Failure] | None = None,
        *,
        absent: Failure = Failure.TIMEOUT,
        packets: Callable[[int | None, bytes], list[Packet]] | None = None,
        date: dt.datetime = NOW,
    ) -> None:
        self.clock = ScriptedClock(date)
        self.names = {} if names is None else names
        self.servers = {} if servers is None else servers
        self.opened: list[ScriptedStream] = []
        self.tried: list[tuple[str, int]] = []
        self._absent = absent
        self._packets = packets

    async def connect(
        self,
        ip: str,
        port: int,
        *,
        timeout_s: float,  # noqa: ARG002  silence is heard at once
        ttl: int | None = None,
    ) -> ScriptedStream | Failed:
        await asyncio.sleep(0)
        self.tried.append((ip, port))
        peers = self.servers.get((ip, port), self.servers.get(ip, self._absent))
        peer = peers if isinstance(peers, Failure) else peers(ttl)
        if isinstance(peer, Failure):
            self.clock.now += STEP_S
            return Failed(peer, Operation.CONNECT)
        self.clock.now += STEP_S
        return ScriptedStream(peer, self.clock, joined(ip, port), self.opened)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Failed:  # noqa: ARG002  as asked
        return Failed(Failure.NETWORK_UNREACHABLE, Operation.CONNECT)

    async def packets(self, ip: str, port: int, *, ttl: int | None = None) -> ScriptedPackets | Failed:  # noqa: ARG002  one server is enough
        answer = self._packets
        if answer is None:
            return Failed(Failure.NETWORK_UNREACHABLE, Operation.CONNECT)
        return ScriptedPackets(lambda sent: answer(ttl, sent), self.clock)

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:  # noqa: ARG002  as above
        await asyncio.sleep(0)
        found = self.names.get(hostname, Failure.DNS_NXDOMAIN)
        if isinstance(found, Failure):
            self.clock.now += STEP_S
            return Failed(found, Operation.RESOLVE)
        return found


def around(network: ScriptedNetwork, seed: int = 7) -> Surroundings:
    return Surroundings(
        network=network,
        clock=network.clock,
        trust=Trust(usual_authority().cert_pem.bytes(), network.clock.utc),
        timeouts=Timeouts(),
        random=Random(seed),
        resolvers=(SYSTEM,),
    )


class Method:
    """A whole method, end to end: measures over a scripted network, writes the document, reads and judges it."""

    def __init__(self, measure: ModuleType, extract: ModuleType, rules: ModuleType) -> None:
        self._measure = measure
        self._rules = rules
        self._reader = Reader(dict.fromkeys(extract.NAMES, extract))

    def test_keys(self, network: ScriptedNetwork, target: str = "") -> dict[str, Any]:
        """What the method writes. Nothing that it opened may stay open."""
        kit = Kit(around(network))
        assert isinstance(kit.record, Record)
        keys: dict[str, Any] = asyncio.run(self._measure.measure(kit, target))
        assert [stream.address for stream in network.opened if not stream.closed] == []
        return keys

    def document(self, keys: dict[str, Any], target: str = "") -> bytes:
        return json.dumps(
            {
                "data_format_version": "0.2.0",
                "input": target or None,
                "measurement_start_time": NOW.strftime("%Y-%m-%d %H:%M:%S"),
                "probe_asn": "AS9198",
                "probe_cc": "KZ",
                "probe_ip": "127.0.0.1",
                "test_keys": keys,
                "test_name": self._measure.TEST_NAME,
                "test_start_time": NOW.strftime("%Y-%m-%d %H:%M:%S"),
                "test_version": self._measure.TEST_VERSION,
            }
        ).encode()

    def verdicts(
        self, network: ScriptedNetwork, target: str = "", references: References = NO_REFERENCES
    ) -> dict[str, Verdict]:
        """What the measurement is judged to say, by target."""
        return self.judged(self.test_keys(network, target), target, references)

    def judged(
        self, keys: dict[str, Any], target: str = "", references: References = NO_REFERENCES
    ) -> dict[str, Verdict]:
        read = self._reader.read(self.document(keys, target))
        assert isinstance(read, Read), read
        assert read.observations is not None
        found = self._rules.assess(read.measurement, read.observations, references)
        return {verdict.target: verdict for verdict in found}
