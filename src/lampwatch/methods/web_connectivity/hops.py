"""One hop of a chain of redirects: its name, its addresses layer by layer, and one fetch."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.formats.names import endpoint, is_address, is_own
from lampwatch.model.failure import Failure
from lampwatch.probe.cookies import Cookies
from lampwatch.probe.dns import Lookup, lookup
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import BROWSER, Exchange, Request
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.resolver import Resolver
from lampwatch.probe.url import PORTS, Url

MOST_ADDRESSES: Final = 16
"""Addresses measured of one host: a hostile answer could name hundreds."""
_PATIENCE_S: Final = 1.0
"""How long earlier addresses are waited for while a later one is open: many servers cut off who is silent for 5 s."""
_UNANSWERED: Final = frozenset({Failure.TIMEOUT, Failure.DNS_TEMPORARY})


class Hop(msgspec.Struct, frozen=True):
    """One host of the chain: what is asked there, how many redirects came before, and whence the last one led."""

    url: Url
    depth: int = 0
    referer: str = ""


class Hops:
    """Measures hop by hop, and carries cookies from one to the next."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._cookies = Cookies()

    async def addresses(self, url: Url, *, depth: int) -> list[str]:
        """What all resolvers say of the host, the system's answers first; an address is itself."""
        if is_address(url.hostname):
            return [] if is_own(url.hostname) else [url.hostname]
        answers = await asyncio.gather(
            *(self._lookup(resolver, url.hostname, depth) for resolver in self._kit.resolvers)
        )
        found = dict.fromkeys(address for answer in answers for address in answer.addresses)
        return [address for address in found if not is_own(address)][:MOST_ADDRESSES]

    async def _lookup(self, resolver: Resolver, hostname: str, depth: int) -> Lookup:
        """Ask a resolver; once more where it did not answer, since one lost packet is no censor."""
        found = await lookup(self._kit, resolver, hostname, self._kit.record.mark(f"depth={depth}"))
        if found.failed is not None and found.failed.failure in _UNANSWERED:
            found = await lookup(self._kit, resolver, hostname, self._kit.record.mark(f"depth={depth}"))
        return found

    async def measure(self, hop: Hop, addresses: Sequence[str], *, fetch: bool = True) -> Exchange | None:
        """Reach every address, and fetch once: from the first that can be reached, in the order given.

        Where the site is asked without TLS, its TLS port is tried too, as far as the handshake. None where nothing was
        fetched: no address was reached, or fetch is false. A later address does not wait for earlier ones that hang.
        """
        async with asyncio.TaskGroup() as group:
            if hop.url.scheme == "http" and hop.url.port == PORTS["http"]:
                secure = Url("https", hop.url.hostname, PORTS["https"], "/")
                group.create_task(self._reach(secure, hop.depth, addresses))
            if not fetch:
                group.create_task(self._reach(hop.url, hop.depth, addresses))
                return None
            fetching = group.create_task(self._fetch_once(hop, addresses))
        return fetching.result()

    def fail_last(self, failed: Failed) -> None:
        """Write down that the last exchange did not lead to a page."""
        self._kit.record.requests[-1]["failure"] = failed.text

    async def _reach(self, url: Url, depth: int, addresses: Sequence[str]) -> None:
        """Open every address, and fetch nothing."""
        opening = [asyncio.create_task(self._open(url, address, depth, fetch=False)) for address in addresses]
        try:
            await asyncio.gather(*opening)
        finally:
            await _give_up(opening)

    async def _fetch_once(self, hop: Hop, addresses: Sequence[str]) -> Exchange | None:
        opening = [
            asyncio.create_task(self._open(hop.url, address, hop.depth, fetch=True)) for address in addresses
        ]
        exchange: Exchange | None = None
        try:
            connection = await _first_open(opening)
            if connection is not None:
                exchange = await self._kit.fetch(connection, self._request(hop))
                if _silent(exchange):
                    # A server may be slow once; who drops requests does so every time.
                    ip, _ = endpoint(connection.stream.address)
                    again = await self._open(hop.url, ip, hop.depth, fetch=True)
                    if isinstance(again, Connection):
                        exchange = await self._kit.fetch(again, self._request(hop))
                if exchange.response is not None:
                    self._cookies.take(hop.url.hostname, exchange.response)
            await asyncio.gather(*opening)
        finally:
            await _give_up(opening)
        return exchange

    def _request(self, hop: Hop) -> Request:
        referer = (("Referer", hop.referer),) if hop.referer else ()
        return Request(
            scheme=hop.url.scheme,
            host=hop.url.host,
            path=hop.url.path,
            headers=(*BROWSER, *referer, *self._cookies.header(hop.url.hostname)),
        )

    async def _open(self, url: Url, address: str, depth: int, *, fetch: bool) -> Connection | Failed:
        """Connect to one address, and shake hands where the URL wants TLS."""
        mark = self._kit.record.mark(f"depth={depth}", f"fetch_body={str(fetch).lower()}")
        connection = await self._kit.connect(address, url.port, mark)
        if isinstance(connection, Failed) or url.scheme != "https":
            return connection
        name = "" if is_address(url.hostname) else url.hostname
        return await self._kit.handshake(connection, name, verified_name=url.hostname)


def _silent(exchange: Exchange) -> bool:
    """Whether a request was never answered at all."""
    return (
        exchange.response is None
        and exchange.failed is not None
        and exchange.failed.failure is Failure.TIMEOUT
    )


async def _first_open(opening: Sequence[asyncio.Task[Connection | Failed]]) -> Connection | None:
    """Of all that stand after a moment the first in their order, else the next that does; None where none does."""
    left = list(opening)
    until = asyncio.ALL_COMPLETED
    while left:
        await asyncio.wait(left, timeout=_PATIENCE_S, return_when=until)
        for task in [task for task in left if task.done()]:
            left.remove(task)
            if isinstance(connection := task.result(), Connection):
                return connection
        until = asyncio.FIRST_COMPLETED
    return None


async def _give_up(opening: Sequence[asyncio.Task[Connection | Failed]]) -> None:
    """Close what was opened, and what is being opened, whatever ended the hop. Closing twice does no harm."""
    for task in opening:
        task.cancel()
    for outcome in await asyncio.gather(*opening, return_exceptions=True):
        if isinstance(outcome, Connection):
            outcome.close()
