"""What the control may connect to: public servers only, and never anything of its own network."""

import ipaddress
import re
from collections.abc import Callable
from typing import Final

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.network import Datagrams, Network, Stream

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_REFUSED_IPV4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; some clouds keep their metadata here
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a public address that, inside one large cloud, is the machine's own host
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # special purposes, and the metadata of one cloud
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_GLOBAL_IPV6: Final = ipaddress.IPv6Network("2000::/3")
"""All that is given out for the public network: outside lie loopback, private, link-local, mapped and NAT64."""
_REFUSED_IPV6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # special purposes; Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)

USUAL_PORTS: Final = frozenset({80, 443})
_FIRST_FREE_PORT: Final = 1024
_LAST_PORT: Final = 65535
_REFUSED_PORTS: Final = frozenset(
    {
        1080,
        1433,
        1434,
        1521,
        1719,
        1720,
        1723,
        1883,
        2049,
        2181,
        2375,
        2376,
        2379,
        2380,
        3128,
        3306,
        3389,
        3659,
    }
    | {4045, 4190, 4369, 4444, 5000, 5060, 5061, 5353, 5432, 5555, 5672, 5900, 5901, 5938, 5984, 5985, 5986}
    | {
        6000,
        6379,
        6443,
        6566,
        *range(6660, 6670),
        6679,
        6697,
        7001,
        8086,
        9042,
        9092,
        9100,
        9200,
        9300,
        10000,
    }
    | {10250, 11211, 15672, 25565, 27017, 27018, 28017, 50000, 61616}
)
"""Databases, consoles, mail, chat, proxies and printers: no web sites, and some of them take orders from strangers."""

_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
"""Host names of two labels or more; the last one never looks like a number, as in 127.1 or 0x7f.1."""
_INTERNAL: Final = frozenset(
    {
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "corp",
        "home",
        "private",
        "onion",
        "alt",
    }
)
"""Top labels under which a resolver of some house may tell of its own network."""


def canonical(ip: str) -> str:
    """An address in its one usual spelling; empty where the text is none, or names a network interface too."""
    address = _parsed(ip)
    return "" if address is None else str(address)


def is_public(ip: str) -> bool:
    """Whether this is the address of one machine in the public network, and hides no other address in it."""
    address = _parsed(ip)
    if address is None:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _REFUSED_IPV4)
    return (
        address in _GLOBAL_IPV6
        and address.is_global
        and not any(address in network for network in _REFUSED_IPV6)
    )


def is_permitted_port(port: int) -> bool:
    """Whether a web server may be looked for at a port: 80, 443, or a high one at which nothing delicate lives."""
    return port in USUAL_PORTS or (_FIRST_FREE_PORT <= port <= _LAST_PORT and port not in _REFUSED_PORTS)


def is_public_name(hostname: str) -> bool:
    """Whether this is a name of the public DNS; where not, it is not even asked for: the answer would tell of us."""
    if not _NAME.fullmatch(hostname):
        return False
    return hostname.rpartition(".")[2] not in _INTERNAL and not hostname.endswith((".arpa", ".home.arpa"))


def _parsed(ip: str) -> IpAddress | None:
    if "%" in ip:
        return None
    try:
        return ipaddress.ip_address(ip)
    except ValueError:
        return None


def nothing_more(_: str) -> bool:
    """Permits no address beyond the public ones."""
    return False


class Guard:
    """Says of each address whether it may be connected to.

    allowed permits addresses that are not public, for labs and tests; refuses forbids public ones, such as our own.
    """

    def __init__(
        self, allowed: Callable[[str], bool] = nothing_more, refuses: Callable[[str], bool] = nothing_more
    ) -> None:
        self._allowed = allowed
        self._refuses = refuses

    def permits(self, ip: str) -> bool:
        """Whether a connection to this address may be made."""
        spelled = canonical(ip)
        if not spelled or self._refuses(spelled):
            return False
        return is_public(spelled) or self._allowed(spelled)


class GuardedNetwork:
    """A network on which nothing but permitted addresses can be reached, whoever asks, and no name is looked up.

    The check is made on the address that the socket is given, at the moment of connecting: there is no second lookup in
    between whose answer could be another one.
    """

    def __init__(self, network: Network, guard: Guard) -> None:
        self._network = network
        self._guard = guard

    async def connect(
        self, ip: str, port: int, *, timeout_s: float, ttl: int | None = None
    ) -> Stream | Failed:
        """Open a TCP connection to a permitted address and port."""
        if not self._may_reach(ip, port):
            return Failed(Failure.DNS_BOGON, Operation.CONNECT)
        return await self._network.connect(canonical(ip), port, timeout_s=timeout_s, ttl=ttl)

    async def datagrams(self, ip: str, port: int, *, ttl: int | None = None) -> Datagrams | Failed:
        """A UDP socket that talks to a permitted address and port."""
        if not self._may_reach(ip, port):
            return Failed(Failure.DNS_BOGON, Operation.CONNECT)
        return await self._network.datagrams(canonical(ip), port, ttl=ttl)

    async def resolve(self, hostname: str, *, timeout_s: float) -> list[str] | Failed:  # noqa: ARG002  the protocol's names
        """Nothing: names are looked up elsewhere, once, and their addresses checked."""
        return Failed(Failure.DNS_REFUSED, Operation.RESOLVE)

    def _may_reach(self, ip: str, port: int) -> bool:
        return is_permitted_port(port) and self._guard.permits(ip)
