"""Telegram: a bare POST to each of the app's servers, and its web site. Facts only (OONI ts-020)."""

import asyncio
from typing import Any, Final

from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.kit import Kit
from lampwatch.probe.visit import ask_for_a_neutral_name, asked, no_input, visit

TEST_NAME: Final = "telegram"
TEST_VERSION: Final = "0.3.1"

SERVERS: Final = (
    "149.154.175.50",
    "149.154.167.51",
    "149.154.175.100",
    "149.154.167.91",
    "149.154.171.5",
    "95.161.76.100",
)
PORTS: Final = (80, 443)
WEB: Final = "web.telegram.org"


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Ask all servers and the web site, side by side. This method has no input.

    Returns test_keys as ts-020 has them; its telegram_* keys, which are conclusions, are null.
    """
    no_input(target)
    servers = [(ip, port) for ip in SERVERS for port in PORTS]
    kit.random.shuffle(servers)
    async with asyncio.TaskGroup() as group:
        group.create_task(ask_for_a_neutral_name(kit))
        for ip, port in servers:
            group.create_task(_post(kit, ip, port))
        group.create_task(visit(kit, Request(scheme="https", host=WEB), "web"))
    return {
        **kit.record.test_keys(),
        "telegram_http_blocking": None,
        "telegram_tcp_blocking": None,
        "telegram_web_failure": None,
        "telegram_web_status": None,
    }


async def _post(kit: Kit, ip: str, port: int) -> None:
    """A POST without TLS, on port 443 as well: that is how the app talks to its servers."""
    connection = await kit.connect(ip, port, kit.record.mark("app"))
    if isinstance(connection, Failed):
        return
    host = ip if port == PORTS[0] else f"{ip}:{port}"
    await asked(kit, connection, Request(method="POST", scheme="http", host=host))
