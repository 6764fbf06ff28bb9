"""Web Connectivity 0.5: the name by every resolver, every address layer by layer, one fetch a hop, and the control.

Nothing is judged here: the keys in which OONI's probes sum up what they saw are null. Source: OONI ts-017.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from lampwatch.formats.names import is_address, is_own
from lampwatch.methods.web_connectivity.hops import MOST_ADDRESSES, Hop, Hops
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import BROWSER, Exchange
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import joined
from lampwatch.probe.url import PORTS, Url, asked_url, redirected

TEST_NAME: Final = "web_connectivity"
TEST_VERSION: Final = "0.5.28"

MOST_REDIRECTS: Final = 10
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_JUDGED: Final = (
    "accessible",
    "blocking",
    "body_length_match",
    "body_proportion",
    "dns_consistency",
    "dns_experiment_failure",
    "headers_match",
    "http_experiment_failure",
    "status_code_match",
    "title_match",
)
"""What OONI's probes conclude. Lampwatch's only record: a conclusion could not be corrected later."""


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Measure a URL and the hosts it redirects to.

    Returns test_keys in the shape of ts-017. Raises UserError where target is no URL of the web.
    """
    url, hops = asked_url(target), Hops(kit)
    addresses = await hops.addresses(url, depth=0)
    question = _question(target, url, addresses)
    # The control is asked while the probe measures.
    asking = asyncio.create_task(_ask(kit, question))
    try:
        exchange = await hops.measure(Hop(url), addresses)
        answer = await asking
    finally:
        asking.cancel()
    # What only the control was told is measured too, and fetched from where nothing else could be.
    only_told = _only_told(answer, addresses)
    later = await hops.measure(Hop(url), only_told, fetch=exchange is None)
    await _follow(hops, url, exchange or later)
    return {
        **kit.record.test_keys_with_lookups_apart(),
        "x_dns_duplicate_responses": kit.record.duplicate_answers,
        "control": None if isinstance(answer, Failed) else answer,
        "control_failure": failure_text(answer),
        "x_control_request": question,
        "agent": "redirect",
        "client_resolver": "",
        "retries": None,
        "socksproxy": None,
        **dict.fromkeys(_JUDGED),
    }


def _question(target: str, url: Url, addresses: Sequence[str]) -> dict[str, Any]:
    ports = sorted(PORTS.values()) if url.port in PORTS.values() else [url.port]
    return {
        "http_request": target,
        "http_request_headers": {name: [value] for name, value in BROWSER},
        "tcp_connect": [joined(address, port) for address in addresses for port in ports],
        "x_quic_enabled": False,
    }


async def _ask(kit: Kit, question: dict[str, Any]) -> dict[str, Any] | Failed:
    if kit.control is None:
        return Failed(Failure.UNKNOWN, Operation.TOP_LEVEL, "no control was named")
    return await kit.control.ask(question, timeout_s=kit.timeouts.control_s)


def _only_told(answer: dict[str, Any] | Failed, known: Sequence[str]) -> list[str]:
    """The addresses that nobody but the control was told."""
    dns = {} if isinstance(answer, Failed) else answer.get("dns")
    told = dns.get("addrs") if isinstance(dns, dict) else None
    addresses = [a for a in told if isinstance(a, str) and is_address(a)] if isinstance(told, list) else []
    new = [address for address in addresses if not is_own(address) and address not in known]
    return new[: max(0, MOST_ADDRESSES - len(known))]


async def _follow(hops: Hops, url: Url, exchange: Exchange | None) -> None:
    """Go where redirects lead, host by host."""
    for depth in range(1, MOST_REDIRECTS + 2):
        response = exchange.response if exchange else None
        if response is None or response.status not in _REDIRECTS or not response.header("location"):
            return
        onward = redirected(url, response.header("location"))
        if isinstance(onward, Failed) or depth > MOST_REDIRECTS:
            # The last exchange was no success: its redirect leads nowhere, or on for ever.
            hops.fail_last(onward if isinstance(onward, Failed) else _TOO_MANY)
            return
        hop = Hop(onward, depth, str(url))
        url, exchange = onward, await hops.measure(hop, await hops.addresses(onward, depth=depth))


_TOO_MANY: Final = Failed(Failure.UNKNOWN, Operation.HTTP_ROUND_TRIP, "stopped after too many redirects")
