"""The options that say how a control measures, and the service that they build."""

import ipaddress
import math
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from random import SystemRandom
from typing import Final

import msgspec

from lampwatch.cli.resolvers import PUBLIC_DOH, PUBLIC_UDP, resolver_named
from lampwatch.model.errors import UserError
from lampwatch.probe.clock import SystemClock
from lampwatch.probe.control_service.guard import Guard
from lampwatch.probe.control_service.limits import Limits
from lampwatch.probe.control_service.outpost import STEP_TIMEOUTS, Outpost, no_network
from lampwatch.probe.control_service.service import ControlService
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.trust import trust_of

USUAL_RESOLVERS: Final = (PUBLIC_DOH, PUBLIC_UDP)
"""Public ones, of two operators: what the machine's own resolver tells may be about its own network."""


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
        if not math.isfinite(self.rate):
            raise UserError("--rate is no number; say how many questions a minute")
        limits = Limits(per_minute=self.rate, burst=max(1, round(self.rate)))
        salt = secrets.token_bytes(32)
        return ControlService(Outpost(around, guard, asn_of=asn_of), limits, clock.monotonic, salt)


def within_networks(given: Sequence[str], option: str) -> Callable[[str], bool]:
    """Whether an address lies in one of these networks. Raises UserError where one is none."""
    networks = []
    for text in given:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            raise UserError(f"{text!r} is no network; write it as {option} 192.0.2.0/24") from error
    return lambda ip: any(ipaddress.ip_address(ip) in network for network in networks)
