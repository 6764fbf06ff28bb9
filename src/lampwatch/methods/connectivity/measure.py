"""What is left of the Internet here: link, outside, names, portal, home; all at once."""

import asyncio
from typing import Any, Final

from lampwatch.methods.connectivity.places import NAMES, OUTSIDE, PORTAL_PAGES, domestic
from lampwatch.probe.dns import lookup
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import Request
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.resolver import SYSTEM, Engine
from lampwatch.probe.url import asked_url

TEST_NAME: Final = "connectivity"
TEST_VERSION: Final = "1.0.0"

_ROUTED: Final = {"ipv4": "198.51.100.1", "ipv6": "2001:db8::1"}
"""Addresses kept for documentation (RFC 5737, RFC 3849): a socket is pointed at them, and nothing is sent."""
_DISCARD_PORT: Final = 9
_SECURE_PORT: Final = 443
_MOST_BODY: Final = 4096


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Try everything at once. target is a list of domestic sites with commas between them, or empty.

    Returns test_keys as README.md describes them.
    """
    sites = domestic(target)
    link = {family: await _route(kit, ip) for family, ip in _ROUTED.items()}
    async with asyncio.TaskGroup() as group:
        for ip in OUTSIDE:
            group.create_task(_reach(kit, ip, ""))
        for name in NAMES:
            for resolver in kit.resolvers:
                if resolver.engine in {Engine.SYSTEM, Engine.UDP}:
                    group.create_task(lookup(kit, resolver, name, kit.record.mark("names"), ("A",)))
        for page in PORTAL_PAGES:
            group.create_task(_fetch(kit, page))
        for site in sites:
            group.create_task(_visit(kit, site))
    return {**kit.record.test_keys(), "x_link": link, "x_domestic": list(sites)}


async def _route(kit: Kit, ip: str) -> str | None:
    """Why there is no way to an address; None where there is one. Nothing is sent."""
    found = await kit.network.datagrams(ip, _DISCARD_PORT)
    if not isinstance(found, Failed):
        found.close()
    return failure_text(found)


async def _reach(kit: Kit, ip: str, hostname: str) -> None:
    """TCP and TLS with one address, whose certificate must be for the host, or for the address itself."""
    connection = await kit.connect(ip, _SECURE_PORT, kit.record.mark("home" if hostname else "outside"))
    if isinstance(connection, Connection):
        shaken = await kit.handshake(connection, hostname, verified_name=hostname or ip)
        if isinstance(shaken, Connection):
            shaken.close()


async def _visit(kit: Kit, site: str) -> None:
    found = await lookup(kit, SYSTEM, site, kit.record.mark("home"), ("A",))
    for address in found.addresses[:1]:
        await _reach(kit, address, site)


async def _fetch(kit: Kit, page: str) -> None:
    """One page without TLS, from the first address that the system's resolver gives."""
    url = asked_url(page)
    found = await lookup(kit, SYSTEM, url.hostname, kit.record.mark("portal"), ("A",))
    for address in found.addresses[:1]:
        connection = await kit.connect(address, url.port, kit.record.mark("portal"))
        if isinstance(connection, Connection):
            request = Request(scheme=url.scheme, host=url.host, path=url.path)
            await kit.fetch(connection, request, most_body=_MOST_BODY)
