"""Facebook Messenger: its names, and a connect to each of its servers. Facts only (OONI ts-019)."""

import asyncio
from typing import Any, Final

from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.visit import addresses_of, ask_for_a_neutral_name, connected, no_input

TEST_NAME: Final = "facebook_messenger"
TEST_VERSION: Final = "0.2.1"

CALLS: Final = "stun.fbsbx.com"
HOSTS: Final = (
    "edge-mqtt.facebook.com",
    "b-api.facebook.com",
    "b-graph.facebook.com",
    "external.xx.fbcdn.net",
    "scontent.xx.fbcdn.net",
    "star.c10r.facebook.com",
)
_PORT: Final = 443


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Look up all names and connect to the servers, side by side. This method has no input.

    Returns test_keys with the lookups and connects of ts-019. Its facebook_* keys are conclusions, and left out.
    """
    no_input(target)
    async with asyncio.TaskGroup() as group:
        group.create_task(ask_for_a_neutral_name(kit))
        for host in HOSTS:
            group.create_task(_reach(kit, host))
        group.create_task(addresses_of(kit, CALLS, CALLS))
    return kit.record.test_keys()


async def _reach(kit: Kit, host: str) -> None:
    connection = await connected(kit, await addresses_of(kit, host, host), _PORT, host)
    if not isinstance(connection, Failed):
        connection.close()
