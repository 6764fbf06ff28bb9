"""Tor: TLS to each directory authority, a word with its directory, a connect to each public bridge (OONI ts-023)."""

import asyncio
from collections import Counter
from typing import Any, Final

from lampwatch.methods.tor.servers import AUTHORITY, DIRECTORY, OBFS4, SERVERS, Server
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import Request
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.record import Mark
from lampwatch.probe.visit import entries_of, no_input

TEST_NAME: Final = "tor"
TEST_VERSION: Final = "0.5.0"

_AT_ONCE: Final = 8
_MOST_OF_CONSENSUS: Final = 4096
"""Bytes of the consensus that are read: enough to see that it comes."""
_CONSENSUS: Final = "/tor/status-vote/current/consensus.z"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Try all servers in random order, a few at a time. This method has no input.

    Returns test_keys as ts-023 has them: targets by key, with the events of each, and counts by protocol. Of a bridge
    only the connect is tried: summary says `connect` and no `handshake`.
    """
    no_input(target)
    politely = asyncio.Semaphore(_AT_ONCE)

    async def within(server: Server) -> dict[str, Any]:
        async with politely:
            return await _try(kit, server)

    servers = list(SERVERS)
    kit.random.shuffle(servers)
    outcomes = await asyncio.gather(*(within(server) for server in servers))
    targets = {server.key: outcome for server, outcome in zip(servers, outcomes, strict=True)}
    return {**_counts(targets), "targets": targets}


async def _try(kit: Kit, server: Server) -> dict[str, Any]:
    mark = kit.record.mark(server.protocol)
    connection = await kit.connect(server.ip, server.port, mark)
    summary: dict[str, Any] = {"connect": {"failure": failure_text(connection)}}
    failed = connection if isinstance(connection, Failed) else None
    if isinstance(connection, Connection):
        try:
            if server.protocol == AUTHORITY:
                failed = await _shake(kit, connection)
                summary["handshake"] = {"failure": failure_text(failed)}
            elif server.protocol == DIRECTORY:
                failed = await _fetch(kit, connection, server)
                summary["fetch"] = {"failure": failure_text(failed)}
        finally:
            connection.close()
    return {
        "agent": "redirect",
        "failure": failure_text(failed),
        **_events(kit, mark),
        "summary": summary,
        "target_address": f"{server.ip}:{server.port}",
        "target_name": server.name or None,
        "target_protocol": server.protocol,
        "target_source": "",
    }


async def _shake(kit: Kit, connection: Connection) -> Failed | None:
    """Shake hands as Tor does: under a name made up, with a certificate that nobody signed."""
    name = "".join(kit.random.choices(_LETTERS, k=kit.random.randint(8, 20)))
    shaken = await kit.handshake(connection, f"www.{name}.com", alpn=(), verify=False)
    return shaken if isinstance(shaken, Failed) else None


async def _fetch(kit: Kit, connection: Connection, server: Server) -> Failed | None:
    """Read the beginning of the consensus. What a server answers is all one: that it answers is what counts."""
    host = server.ip if server.port == 80 else f"{server.ip}:{server.port}"  # noqa: PLR2004  HTTP's own port
    request = Request(scheme="http", host=host, path=_CONSENSUS, headers=())
    exchange = await kit.fetch(connection, request, most_body=_MOST_OF_CONSENSUS)
    return exchange.failed


def _events(kit: Kit, mark: Mark) -> dict[str, Any]:
    record = kit.record
    return {
        "network_events": entries_of(record.network_events, mark),
        "queries": None,
        "requests": entries_of(record.requests, mark) or None,
        "tcp_connect": entries_of(record.tcp_connect, mark),
        "tls_handshakes": entries_of(record.tls_handshakes, mark) or None,
    }


def _counts(targets: dict[str, dict[str, Any]]) -> dict[str, int]:
    """How many servers of each protocol were tried, and how many worked; ts-023 names a protocol nobody tries, too."""
    tried = Counter(target["target_protocol"] for target in targets.values())
    worked = Counter(target["target_protocol"] for target in targets.values() if target["failure"] is None)
    protocols = (DIRECTORY, OBFS4, AUTHORITY, "or_port")
    totals = {f"{protocol}_total": tried[protocol] for protocol in protocols}
    return totals | {f"{protocol}_accessible": worked[protocol] for protocol in protocols}
