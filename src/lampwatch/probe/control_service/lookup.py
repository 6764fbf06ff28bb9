"""The addresses of a name, as the control's own resolvers give them, told from those that may be connected to."""

from typing import Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control_service.guard import canonical
from lampwatch.probe.control_service.outpost import Outpost, within
from lampwatch.probe.dns import Lookup, lookup
from lampwatch.probe.failed import Failed
from lampwatch.probe.resolver import Engine

_MOST_ADDRESSES: Final = 32
_TOLD: Final = frozenset({Failure.DNS_NXDOMAIN, Failure.DNS_NO_ANSWER})
"""Failures by which a resolver says something of the name: no other need be asked."""


class Found(msgspec.Struct, frozen=True):
    """What a name led to. addresses are all of them; reachable are those that may be connected to."""

    addresses: tuple[str, ...]
    reachable: tuple[str, ...]
    failed: Failed | None = None

    @property
    def nowhere(self) -> Failed:
        """Why nothing can be connected to: the lookup failed, or led only to where no public server is."""
        return self.failed or Failed(Failure.DNS_BOGON, Operation.RESOLVE)


async def found_for(hostname: str, outpost: Outpost) -> Found:
    """Look a name up, once: these very addresses are checked, and no others are connected to afterwards."""
    if is_address(hostname):
        answer = Lookup((hostname,))
    else:
        late = Lookup(failed=Failed(Failure.TIMEOUT, Operation.RESOLVE))
        answer = await within(outpost.spans.lookup_s, _asked(hostname, outpost), late)
    spelled = dict.fromkeys([canonical(ip) for ip in answer.addresses])
    addresses = tuple(ip for ip in spelled if ip)[:_MOST_ADDRESSES]
    failed = None if addresses else answer.failed or Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)
    return Found(addresses, tuple(ip for ip in addresses if outpost.guard.permits(ip)), failed)


async def _asked(hostname: str, outpost: Outpost) -> Lookup:
    """Ask one resolver after the other, until one says something of the name."""
    answer = Lookup(failed=Failed(Failure.DNS_NON_RECOVERABLE, Operation.RESOLVE))
    for resolver in outpost.resolvers:
        kit = outpost.resolving_kit()
        # A final dot keeps the system from trying the name inside its own domain, where names tell of its network.
        asked = f"{hostname}." if resolver.engine is Engine.SYSTEM else hostname
        answer = await lookup(kit, resolver, asked, kit.record.mark())
        if answer.failed is None or answer.failed.failure in _TOLD:
            break
    return answer
