"""HTTP/3 beside HTTP/2: every address of one host by both, at the same time, and the control.

Nothing is judged here, and no redirect is followed: any answer shows that the protocol passes.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from lampwatch.formats.names import is_address
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.probe.asking import control_keys, control_says, only_told, question_about
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import Request
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import joined
from lampwatch.probe.quic import connect_quic, fetch_quic, quic_versions
from lampwatch.probe.record import Entry
from lampwatch.probe.url import Url, asked_url
from lampwatch.probe.visit import addresses_by_all

TEST_NAME: Final = "quic"
TEST_VERSION: Final = "0.1.0"

MOST_ADDRESSES: Final = 4
"""Addresses measured of one host: each is fetched from twice."""
_MOST_BODY: Final = 65_536


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Fetch a URL from each of its host's addresses by HTTP/2 and by HTTP/3; test_keys as README.md has them.

    Raises UserError where target is no URL, or not one that begins with https.
    """
    url = asked_url(target)
    if url.scheme != "https":
        raise UserError(
            f"{target} is not https, and HTTP/3 is never without TLS; write https://{url.host}{url.path}"
        )
    addresses = await addresses_by_all(kit, url.hostname, MOST_ADDRESSES, "depth=0")
    question = question_about(str(url), [joined(ip, url.port) for ip in addresses], quic=True)
    versions: list[Entry] = []
    # The control is asked while the probe measures: its addresses are measured too as soon as they are known.
    asking = asyncio.create_task(control_says(kit, question))
    try:
        await _measure_all(kit, url, addresses, versions)
        answer = await asking
    finally:
        asking.cancel()
    new = only_told(answer, addresses, MOST_ADDRESSES - len(addresses))
    await _measure_all(kit, url, new, versions)
    return {
        **kit.record.test_keys_with_lookups_apart(),
        "x_dns_duplicate_responses": kit.record.duplicate_answers,
        **control_keys(question, answer),
        "x_quic_versions": versions,
    }


async def _measure_all(kit: Kit, url: Url, addresses: Sequence[str], versions: list[Entry]) -> None:
    request = Request(scheme="https", host=url.host, path=url.path)
    async with asyncio.TaskGroup() as measuring:
        for address in addresses:
            measuring.create_task(_by_tcp(kit, url, address, request))
            measuring.create_task(_by_quic(kit, url, address, request, versions))


async def _by_tcp(kit: Kit, url: Url, address: str, request: Request) -> None:
    connection = await kit.connect(address, url.port, kit.record.mark("depth=0", "protocol=tcp"))
    if isinstance(connection, Failed):
        return
    try:
        shaken = await kit.handshake(connection, _sent_name(url), verified_name=url.hostname)
        if not isinstance(shaken, Failed):
            await kit.fetch(shaken, request, most_body=_MOST_BODY)
    finally:
        connection.close()


async def _by_quic(kit: Kit, url: Url, address: str, request: Request, versions: list[Entry]) -> None:
    mark = kit.record.mark("depth=0", "protocol=quic")
    link = await connect_quic(kit, address, url.port, _sent_name(url), mark, verified_name=url.hostname)
    if not isinstance(link, Failed):
        await fetch_quic(kit, link, request, most_body=_MOST_BODY)
    elif link.failure is Failure.TIMEOUT:
        versions.append(await _versions(kit, address, url.port))


async def _versions(kit: Kit, address: str, port: int) -> Entry:
    """What versions a server speaks that did not answer our handshake: whether it is there, asked without a name."""
    mark, t0 = kit.record.mark("depth=0", "protocol=quic_versions"), kit.record.now()
    told = await quic_versions(kit, address, port, mark)
    return {
        "address": joined(address, port),
        "failure": failure_text(told),
        "versions": [] if isinstance(told, Failed) else [f"{version:08x}" for version in told],
        **kit.record.times(t0, mark),
    }


def _sent_name(url: Url) -> str:
    """What goes into the ClientHello: a name, never an address (RFC 6066)."""
    return "" if is_address(url.hostname) else url.hostname
