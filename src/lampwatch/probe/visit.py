"""What methods share: a name by the system's resolver, as an app asks, or by all; a connect; a page."""

import asyncio
from collections.abc import Sequence
from typing import Final

from lampwatch.formats.names import is_address, is_own
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.model.neutral import NEUTRAL_NAME
from lampwatch.probe.dns import lookup
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Exchange, Request
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.record import Mark
from lampwatch.probe.resolver import SYSTEM
from lampwatch.probe.trust import Trust

MOST_ADDRESSES: Final = 4
"""Addresses of one name that are tried, as many as an app would have the patience for."""
_SECURE_PORT: Final = 443


async def addresses_of(kit: Kit, hostname: str, *tags: str) -> list[str]:
    """The addresses that the system's resolver gives, IPv4 first and at most MOST_ADDRESSES; none that is our own."""
    found = await lookup(kit, SYSTEM, hostname, kit.record.mark(*tags))
    public = [ip for ip in found.addresses if not is_own(ip)]
    return sorted(public, key=lambda ip: ":" in ip)[:MOST_ADDRESSES]


def no_input(target: str) -> None:
    """Take note that a method has no input. Raises UserError where one was given all the same."""
    if target:
        raise UserError(f"this method takes no target, and was given {target!r}; leave it out")


async def ask_for_a_neutral_name(kit: Kit) -> None:
    """Look up a name that nobody blocks: a resolver that denies it as well denies everything."""
    await addresses_of(kit, NEUTRAL_NAME, "neutral")


async def addresses_by_all(kit: Kit, hostname: str, most: int, *tags: str) -> list[str]:
    """What all resolvers say of a host, the system's answers first; none that is our own. An address is itself."""
    if is_address(hostname):
        return [hostname]
    answers = await asyncio.gather(
        *(lookup(kit, resolver, hostname, kit.record.mark(*tags)) for resolver in kit.resolvers)
    )
    found = dict.fromkeys(address for answer in answers for address in answer.addresses)
    return [address for address in found if not is_own(address)][:most]


async def connected(kit: Kit, addresses: Sequence[str], port: int, *tags: str) -> Connection | Failed:
    """A connection to the first address that takes one, tried in order; without addresses a failed lookup."""
    found: Connection | Failed = Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)
    for ip in addresses:
        found = await kit.connect(ip, port, kit.record.mark(*tags))
        if isinstance(found, Connection):
            break
    return found


async def visit(kit: Kit, request: Request, *tags: str, trust: Trust | None = None) -> Exchange | None:
    """Ask a host once over HTTPS: its addresses in order, until one answers or fails after it was connected to.

    trust replaces the usual authorities. Redirects are not followed: whatever a service answers shows that it can be
    reached. None where there was no connection to ask over.
    """
    addresses = await addresses_of(kit, request.host, *tags)
    connection = await connected(kit, addresses, _SECURE_PORT, *tags)
    if isinstance(connection, Failed):
        return None
    return await asked(kit, connection, request, trust=trust)


async def asked(
    kit: Kit, connection: Connection, request: Request, *, trust: Trust | None = None
) -> Exchange | None:
    """Ask once over a connection, after a handshake where the request wants TLS; None where that failed."""
    try:
        if request.scheme != "https":
            return await kit.fetch(connection, request)
        shaken = await kit.handshake(connection, request.host, trust=trust)
        return None if isinstance(shaken, Failed) else await kit.fetch(shaken, request)
    finally:
        connection.close()


def entries_of(entries: Sequence[dict[str, object]], mark: Mark) -> list[dict[str, object]]:
    """Those entries of a record that belong to one mark."""
    return [entry for entry in entries if entry.get("transaction_id") == mark.transaction_id]
