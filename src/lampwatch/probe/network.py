"""What the kit asks of a network. Only `system_network` does I/O; tests script conversations in its place."""

from typing import Protocol

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


def joined(ip: str, port: int) -> str:
    """`address:port`, an IPv6 address in brackets."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
