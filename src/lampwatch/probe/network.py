"""What the kit asks of a network. Only `system_network` does I/O; tests script conversations in its place."""

from typing import Protocol, runtime_checkable

import msgspec

from lampwatch.probe.failed import Failed


class Stream(Protocol):
    """Bytes in order, both ways: a TCP connection, or TLS over one."""

    @property
    def address(self) -> str:
        """The other end, as `address:port`, an IPv6 address in brackets."""
        ...

    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:
        """Send all of it."""
        ...

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        """What comes next, at most 64 KiB; empty where the other end said that it is done."""
        ...

    def close(self) -> None:
        """Give it up at once. May be called again."""
        ...


class Datagrams(Protocol):
    """Packets to and from one address."""

    @property
    def address(self) -> str:
        """The other end, as `address:port`."""
        ...

    async def send(self, sent: bytes) -> Failed | None:
        """Send one packet."""
        ...

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        """The next packet; TIMEOUT where none came."""
        ...

    def close(self) -> None:
        """Give it up at once. May be called again."""
        ...


class Network(Protocol):
    """Where streams, datagrams and the system's resolver come from."""

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        """Open a TCP connection to an address, IPv4 or IPv6. ttl limits the hops of what is sent after connecting."""
        ...

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        """A UDP socket that talks to one address; errors that routers report reach it."""
        ...

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:
        """The addresses that the system's resolver gives, IPv4 and IPv6, in its order."""
        ...


class Packet(msgspec.Struct, frozen=True):
    """One packet that came, or a router's report that one of ours did not arrive.

    failed is None where it came. ttl is what was left of the hops it may take, 0 where the system does not tell.
    router is the address of the router that reports.
    """

    content: bytes = b""
    ttl: int = 0
    failed: Failed | None = None
    router: str = ""


class Packets(Protocol):
    """Packets to and from one address, with what their headers and the routers on the way tell."""

    async def send(self, sent: bytes) -> Failed | None:
        """Send one packet."""
        ...

    async def hear(self, *, timeout_s: float) -> Packet | Failed:
        """The next packet or report; TIMEOUT where none came."""
        ...

    def close(self) -> None:
        """Give it up at once. May be called again."""
        ...


@runtime_checkable
class SeesHops(Protocol):
    """A network that also tells of hops. Not every system does: ask with isinstance."""

    async def packets(self, ip: str, port: int, *, ttl: int | None = None) -> Packets | Failed:
        """A UDP socket that talks to one address. ttl limits the hops of what is sent."""
        ...


def joined(ip: str, port: int) -> str:
    """`address:port`, an IPv6 address in brackets."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
