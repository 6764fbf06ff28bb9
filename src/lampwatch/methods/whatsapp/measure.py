"""WhatsApp: connects to the app's endpoints, its registration and its web site. Facts only (OONI ts-018)."""

import asyncio
from typing import Any, Final

from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.kit import Kit
from lampwatch.probe.visit import addresses_of, ask_for_a_neutral_name, no_input, visit

TEST_NAME: Final = "whatsapp"
TEST_VERSION: Final = "0.11.1"

ENDPOINTS: Final = tuple(f"e{n}.whatsapp.net" for n in range(1, 17))
PORTS: Final = (443, 5222)
REGISTRATION: Final = Request(scheme="https", host="v.whatsapp.net", path="/v2/register")
WEB: Final = Request(scheme="https", host="web.whatsapp.com")
MOST_ENDPOINTS: Final = 32
"""Addresses connected to, each once a port: the sixteen names share most of theirs."""
_AT_ONCE: Final = 8


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Look up all endpoints and connect to their addresses; visit registration and web site. Without an input.

    Returns test_keys as ts-018 has them; its own keys, which are conclusions, are null.
    """
    no_input(target)
    async with asyncio.TaskGroup() as group:
        group.create_task(ask_for_a_neutral_name(kit))
        group.create_task(_endpoints(kit))
        group.create_task(visit(kit, REGISTRATION, "registration"))
        group.create_task(visit(kit, WEB, "web"))
    return {
        **kit.record.test_keys(),
        "registration_server_failure": None,
        "registration_server_status": None,
        "whatsapp_endpoints_blocked": None,
        "whatsapp_endpoints_dns_inconsistent": None,
        "whatsapp_endpoints_status": None,
        "whatsapp_web_failure": None,
        "whatsapp_web_status": None,
    }


async def _endpoints(kit: Kit) -> None:
    answers = await asyncio.gather(*(addresses_of(kit, name, "app") for name in ENDPOINTS))
    # Every name's first address before any name's second: where there are too many, no name is left out.
    ranked = sorted((place, ip) for answer in answers for place, ip in enumerate(answer))
    addresses = list(dict.fromkeys(ip for _, ip in ranked))[:MOST_ENDPOINTS]
    politely = asyncio.Semaphore(_AT_ONCE)

    async def reach(ip: str, port: int) -> None:
        async with politely:
            connection = await kit.connect(ip, port, kit.record.mark("app"))
        if not isinstance(connection, Failed):
            connection.close()

    await asyncio.gather(*(reach(ip, port) for ip in addresses for port in PORTS))
