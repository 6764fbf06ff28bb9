"""The options that say how a control measures, and the service that they build."""

import ipaddress
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from random import SystemRandom
from typing import Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.model.errors import UserError
from lampwatch.probe.clock import SystemClock
from lampwatch.probe.control_service.guard import Guard
from lampwatch.probe.control_service.limits import Limits
from lampwatch.probe.control_service.outpost import STEP_TIMEOUTS, Outpost, no_network
from lampwatch.probe.control_service.service import ControlService
from lampwatch.probe.dns.place import place_of
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.trust import trust_of

USUAL_RESOLVERS: Final = ("https://cloudflare-dns.com/dns-query@1.1.1.1", "8.8.8.8:53")
"""Public ones, of two operators: what the machine's own resolver tells may be about its own network."""
_BY_SCHEME: Final = {
    "udp": Engine.UDP,
    "tcp": Engine.TCP,
    "tls": Engine.DOT,
    "dot": Engine.DOT,
    "quic": Engine.DOQ,
    "doq": Engine.DOQ,
}


class Controlling(msgspec.Struct, frozen=True, kw_only=True):
    """How a control measures, as the command line says."""

    resolver: tuple[str, ...] = USUAL_RESOLVERS
    ca_file: Path | None = None
    allow_network: tuple[str, ...] = ()
    refuse_network: tuple[str, ...] = ()
    rate: float = Limits().per_minute

    def service(self, asn_of: Callable[[str], int] = no_network) -> ControlService:
        """A service on this machine's network. Raises UserError where an option says something impossible."""
        clock = SystemClock()
        around = Surroundings(
            network=SystemNetwork(),
            clock=clock,
            trust=trust_of(self.ca_file, clock.utc),
            timeouts=STEP_TIMEOUTS,
            random=SystemRandom(),
            resolvers=tuple(resolver_named(text) for text in self.resolver),
        )
        guard = Guard(
            within_networks(self.allow_network, "--allow-network"),
            within_networks(self.refuse_network, "--refuse-network"),
        )
        limits = Limits(per_minute=self.rate, burst=max(1, round(self.rate)))
        salt = secrets.token_bytes(32)
        return ControlService(Outpost(around, guard, asn_of=asn_of), limits, clock.monotonic, salt)


def resolver_named(text: str) -> Resolver:
    """`system`, `8.8.8.8:53`, `tls://…`, `quic://…`, or `https://…` with `@` and its address. Else UserError."""
    if text == "system":
        return SYSTEM
    scheme, is_url, rest = text.partition("://")
    if not is_url:
        scheme, rest = "udp", text
    if scheme == "https":
        url, _, ip = text.partition("@")
        found = Resolver(Engine.DOH, url, ip)
    else:
        address, _, ip = rest.partition("@")
        if scheme not in _BY_SCHEME:
            raise UserError(f"{text!r} is no resolver; write it as --resolver 8.8.8.8:53 or an https:// URL")
        found = Resolver(_BY_SCHEME[scheme], address, ip)
    place = place_of(found)
    if found.engine in {Engine.UDP, Engine.TCP} and not is_address(place.ip):
        raise UserError(f"{text!r} is no resolver's address; write it as --resolver 8.8.8.8:53")
    return found


def within_networks(given: Sequence[str], option: str) -> Callable[[str], bool]:
    """Whether an address lies in one of these networks. Raises UserError where one is none."""
    networks = []
    for text in given:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            raise UserError(f"{text!r} is no network; write it as {option} 192.0.2.0/24") from error
    return lambda ip: any(ipaddress.ip_address(ip) in network for network in networks)
