"""What a censor does, as data: which traffic it looks for, what it does to it, and where on the path it stands."""

from typing import TypeAlias

import msgspec


class Address(msgspec.Struct, frozen=True, tag=True):
    """Packets to an address or prefix; protocol is `tcp`, `udp` or empty for all, port 0 is every port."""

    prefix: str
    port: int = 0
    protocol: str = ""


class Sni(msgspec.Struct, frozen=True, tag=True):
    """TLS connections whose ClientHello names a host.

    reassembled: the censor puts segments together and parses them; else it looks for the name's bytes in one packet.
    """

    name: str
    reassembled: bool = False


class Host(msgspec.Struct, frozen=True, tag=True):
    """Unencrypted HTTP requests to a host on port 80. reassembled as for Sni."""

    name: str
    reassembled: bool = False


class Bytes(msgspec.Struct, frozen=True, tag=True):
    """TCP packets from the client that hold these bytes, whatever the port."""

    content: str


class QuicSni(msgspec.Struct, frozen=True, tag=True):
    """QUIC v1 connections whose Initial packet, once decrypted, names a host."""

    name: str


class Name(msgspec.Struct, frozen=True, tag=True):
    """DNS questions for a name or any name below it; `*` is every name."""

    name: str


class Everything(msgspec.Struct, frozen=True, tag=True):
    """All that passes the router; ip_version 4 or 6 narrows it, 0 does not."""

    ip_version: int = 0


Match: TypeAlias = Address | Sni | Host | Bytes | QuicSni | Name | Everything


class Drop(msgspec.Struct, frozen=True, tag=True):
    """Let the packet vanish. For a TLS or HTTP match, the connection's later packets from the client too."""


class DropReplies(msgspec.Struct, frozen=True, tag=True):
    """Let what the server sends vanish, once the connection has matched: the client sees a stall."""


class Refuse(msgspec.Struct, frozen=True, tag=True):
    """Answer a connection attempt with a TCP reset."""


class Unreachable(msgspec.Struct, frozen=True, tag=True):
    """Answer with ICMP: host unreachable."""


class Reset(msgspec.Struct, frozen=True, tag=True):
    """Reset the connection towards the client, and towards the server as well where both says so."""

    both: bool = False


class Close(msgspec.Struct, frozen=True, tag=True):
    """End the connection towards the client in good order (FIN), as if the server had: the client reads an EOF."""


class Forge(msgspec.Struct, frozen=True, tag=True):
    """Answer a DNS question falsely: with addresses, or with nothing and a response code (NXDOMAIN, REFUSED, …).

    by says who lies: `provider` (the provider's own resolver), `hijack` (the router takes every question on port 53,
    whomever it was for) or `injection` (the router writes answers first, and lets the true one come after).
    copies is how many an injector sends; drop_true whether it then lets the question vanish.
    """

    addresses: tuple[str, ...] = ()
    rcode: str = "NOERROR"
    by: str = "provider"
    copies: int = 1
    drop_true: bool = False


class BlockPage(msgspec.Struct, frozen=True, tag=True):
    """Answer an unencrypted request with the censor's page, or by a redirect where location is given.

    by says how: `proxy` (port 80 is taken by a proxy on the router) or `injection` (written into the connection).
    """

    status: int = 200
    body: str = (
        "<html><head><title>Access restricted</title></head><body>Access is restricted by law.</body></html>"
    )
    location: str = ""
    by: str = "proxy"


class Intercept(msgspec.Struct, frozen=True, tag=True):
    """Take TLS connections with a certificate of the censor's own authority, and pass the content on."""


class Throttle(msgspec.Struct, frozen=True, tag=True):
    """Hold what comes from the server down to a rate."""

    kbit_s: int = 128


class Stall(msgspec.Struct, frozen=True, tag=True):
    """Let so many bytes come from the server, and then none."""

    after_bytes: int = 4096


Action: TypeAlias = (
    Drop
    | DropReplies
    | Refuse
    | Unreachable
    | Reset
    | Close
    | Forge
    | BlockPage
    | Intercept
    | Throttle
    | Stall
)


class Block(msgspec.Struct, frozen=True):
    """One thing that is done to traffic at the hop-th router from the client, 1 being the first.

    residual_s: for so long after a match, whatever the client sends to the same address and port is dropped too.
    from_s: when it begins, in seconds after the client's first packet; 0 is before any.
    Trouble that nobody means, such as a broken IPv6 path or a captive portal, is written in the same way.
    """

    match: Match
    action: Action
    hop: int = 1
    residual_s: float = 0.0
    from_s: float = 0.0
