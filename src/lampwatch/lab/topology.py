"""Builds the path: a client, one to four routers and the outside, joined by veth pairs."""

import itertools
from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.lab.netns import command, ip_batch, sysctl
from lampwatch.lab.scenario import Topology

_ROUTER: Final = {
    "ipv4/ip_forward": "1",
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    # Without these a router answers only some of the probes that ask where it is.
    "ipv4/icmp_ratelimit": "0",
    "ipv6/conf/all/accept_dad": "0",
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/all/forwarding": "1",
}
_HOST: Final = {
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "0",
    "ipv6/conf/all/accept_dad": "0",
    "ipv6/conf/default/accept_dad": "0",
}
_NUMBERS = itertools.count(1)


class Path(msgspec.Struct, frozen=True):
    """The namespaces of a lab, by name: routers from the client outwards. Each router has `in0` towards the client."""

    client: str
    routers: tuple[str, ...]
    outside: str
    client_address: str

    @property
    def everything(self) -> tuple[str, ...]:
        """All namespaces, from the client outwards."""
        return (self.client, *self.routers, self.outside)


INWARD: Final = "in0"
OUTWARD: Final = "out0"
CLIENT_NETWORK: Final = "10.0.0.0/8"
"""All addresses of clients and routers. They are private: no address of a lab's client means anything outside."""


def build(topology: Topology) -> Path:
    """Make the namespaces of a path and join them; nothing is served and nothing is blocked yet."""
    number = next(_NUMBERS)
    routers = tuple(f"lab{number}-r{hop}" for hop in range(1, topology.hops + 1))
    path = Path(f"lab{number}-client", routers, f"lab{number}-outside", "10.0.0.1")
    ip_batch([f"netns add {name}" for name in path.everything])
    for name in path.everything:
        sysctl(name, _ROUTER if name in path.routers else _HOST)
    pairs = list(itertools.pairwise(path.everything))
    ip_batch(
        [
            f"link add {OUTWARD} netns {left} type veth peer name {INWARD} netns {right}"
            for left, right in pairs
        ]
    )
    for place, name in enumerate(path.everything):
        ip_batch(_addresses(place, len(pairs), ipv6=topology.ipv6), name)
    return path


def _addresses(place: int, last: int, *, ipv6: bool) -> list[str]:
    """The `ip` commands of one namespace: place 0 is the client, last is the outside."""
    lines = ["link set lo up"]
    for device, link, side, there in ((INWARD, place - 1, 2, place > 0), (OUTWARD, place, 1, place < last)):
        if not there:
            continue
        # One packet is one segment: else a router sees segments put together that the wire would carry apart.
        lines += [f"link set {device} gso_max_segs 1 up", f"addr add 10.0.{link}.{side}/30 dev {device}"]
        if ipv6:
            lines.append(f"addr add 2a02:27ac:0:{link}::{side}/64 dev {device}")
    if place > 1:
        lines.append(f"route add 10.0.0.0/30 via 10.0.{place - 1}.1")
        lines += [f"route add 2a02:27ac::/64 via 2a02:27ac:0:{place - 1}::1"] if ipv6 else []
    if place == last and last > 1:
        # Routers talk to the outside too: their proxies fetch pages there.
        lines += [f"route add 10.0.{link}.0/30 via 10.0.{last - 1}.1" for link in range(1, last - 1)]
    if place < last:
        lines.append(f"route add default via 10.0.{place}.2")
        lines += [f"route add ::/0 via 2a02:27ac:0:{place}::2"] if ipv6 else []
    return lines


def serve_addresses(namespace: str, addresses: Sequence[str]) -> None:
    """Give the outside its public addresses: what is sent to them arrives there."""
    lines = [
        f"addr add {address}/128 dev lo nodad" if ":" in address else f"addr add {address}/32 dev lo"
        for address in addresses
    ]
    if lines:
        ip_batch(lines, namespace)


def serve_prefixes(namespace: str, prefixes: Sequence[str]) -> None:
    """Give the outside whole prefixes: every address of them is there, and answers when pinged."""
    if prefixes:
        ip_batch([f"route add local {prefix} dev lo" for prefix in prefixes], namespace)


def remove(path: Path) -> None:
    """Take a path away, with all that is in its namespaces but processes."""
    for name in path.everything:
        command("ip", "netns", "delete", name)
