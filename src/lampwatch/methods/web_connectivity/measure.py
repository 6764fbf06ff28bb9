"""Web Connectivity 0.5: the name by every resolver, every address layer by layer, one fetch a hop, and the control.

Nothing is judged here: the keys in which OONI's probes sum up what they saw are null. Source: OONI ts-017.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from lampwatch.methods.web_connectivity.hops import MOST_ADDRESSES, Hop, Hops
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.asking import control_keys, control_says, only_told, question_about
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Exchange
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
    question = question_about(target, _endpoints(url, addresses))
    # The control is asked while the probe measures.
    asking = asyncio.create_task(control_says(kit, question))
    try:
        exchange = await hops.measure(Hop(url), addresses)
        answer = await asking
    finally:
        asking.cancel()
    # What only the control was told is measured too, and fetched from where nothing else could be.
    new = only_told(answer, addresses, MOST_ADDRESSES - len(addresses))
    later = await hops.measure(Hop(url), new, fetch=exchange is None)
    await _follow(hops, url, exchange or later)
    return {
        **kit.record.test_keys_with_lookups_apart(),
        "x_dns_duplicate_responses": kit.record.duplicate_answers,
        **control_keys(question, answer),
        "agent": "redirect",
        "client_resolver": "",
        "retries": None,
        "socksproxy": None,
        **dict.fromkeys(_JUDGED),
    }


def _endpoints(url: Url, addresses: Sequence[str]) -> list[str]:
    ports = sorted(PORTS.values()) if url.port in PORTS.values() else [url.port]
    return [joined(address, port) for address in addresses for port in ports]


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
