"""ECH check: the same ClientHello with and without the extension, and whether each is answered (OONI ts-039)."""

import asyncio
from typing import Any, Final

from lampwatch.formats.names import is_address
from lampwatch.methods.echcheck.hello import client_hello, first_answer
from lampwatch.model.errors import UserError
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit, handshake_entry
from lampwatch.probe.step import perform
from lampwatch.probe.url import Url, asked_url
from lampwatch.probe.visit import addresses_of, connected

TEST_NAME: Final = "echcheck"
TEST_VERSION: Final = "0.3.0"

USUAL: Final = "https://cloudflare-ech.com/cdn-cgi/trace"
ROUNDS: Final = 3
"""How often both are sent where one of them is not answered: a lost packet must not look like a censor."""


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Send both hellos to the host of an https URL (without one, to OONI's), again where either is not answered.

    Returns test_keys as ts-039 has them. A handshake without failure is one whose ServerHello came; what comes after it
    is not waited for. Raises UserError where target is no https URL with a name.
    """
    url = asked_url(target or USUAL)
    if url.scheme != "https" or is_address(url.hostname):
        raise UserError(f"{target!r} has no name to shake hands with; write it as {USUAL}")
    addresses = await addresses_of(kit, url.hostname)
    for _ in range(ROUNDS):
        both = (_shaken(kit, url, addresses, ech=ech) for ech in (False, True))
        if all(await asyncio.gather(*both)):
            break
    return kit.record.test_keys()


async def _shaken(kit: Kit, url: Url, addresses: list[str], *, ech: bool) -> bool:
    """Whether a hello was answered by a ServerHello."""
    connection = await connected(kit, addresses, url.port, "ech" if ech else "plain")
    if isinstance(connection, Failed):
        return False
    stream, mark, t0 = connection.stream, connection.mark, kit.record.now()
    try:
        kit.record.event("tls_handshake_start", mark, address=stream.address, proto="tcp")
        step = first_answer(client_hello(url.hostname, kit.random, ech=ech))
        failed = await perform(step, stream, clock=kit.clock, timeout_s=kit.timeouts.handshake_s)
        kit.record.event("tls_handshake_done", mark, address=stream.address, proto="tcp")
    finally:
        connection.close()
    entry = handshake_entry("tcp", stream.address, url.hostname, None, failed, verify=False)
    if ech:
        entry |= {"echconfig": "GREASE", "outer_server_name": url.hostname}
    kit.record.tls_handshakes.append({**entry, **kit.record.times(t0, mark)})
    return failed is None
