"""Fetching the parts of a stream: names, addresses, redirects, and what was learnt of each host on the way."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.methods.stream.tuned import Heard, Tuned, tuned
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import BROWSER, Exchange, Request
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.step import perform
from lampwatch.probe.url import Url, redirected
from lampwatch.probe.visit import addresses_by_all

MOST_REDIRECTS: Final = 10
MOST_ADDRESSES: Final = 4
"""Addresses of one host that are tried, side by side."""
_LISTEN_SHARE: Final = 0.6
"""Of the time that a fetch may take, how much a station is listened to."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Without this header a station leaves its metadata out. A playlist's server does not mind it.
_HEADERS: Final = (*BROWSER, ("Icy-MetaData", "1"))
OPENING: Final = "stream=opening"


class Fetched(msgspec.Struct, frozen=True):
    """What came of a URL: the one that the last redirect led to, the last exchange, and what was heard of a station."""

    url: Url
    exchange: Exchange
    heard: Heard | None = None

    @property
    def content(self) -> bytes | None:
        """The body where it came with a success; None elsewhere."""
        response = self.exchange.response
        if response is None or self.exchange.failed is not None or not 200 <= response.status < 300:  # noqa: PLR2004  success by RFC 9110
            return None
        return response.body


class Fetcher:
    """Fetches for one measurement; remembers each host's addresses, and the one that answered."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._addresses: dict[str, list[str]] = {}
        self._answered: dict[str, str] = {}

    async def addresses(self, hostname: str, *tags: str) -> list[str]:
        """What all resolvers say of a host, the system's answers first; asked once."""
        known = self._addresses.get(hostname)
        if known is None:
            known = self._addresses[hostname] = await addresses_by_all(
                self._kit, hostname, MOST_ADDRESSES, *tags
            )
        return known

    async def fetch(
        self, url: Url, part: str, *, most_body: int, only_at: Sequence[str] | None = None
    ) -> Fetched:
        """Fetch a URL through its redirects, at most ten. part is a tag of all that is recorded of it.

        only_at tries these addresses of the first host, and no others.
        """
        for depth in range(MOST_REDIRECTS + 1):
            tags = (f"depth={depth}", part)
            connection = await self._connection(url, tags, only_at if depth == 0 else None)
            if isinstance(connection, Failed):
                return Fetched(url, Exchange(None, connection))
            got = await self._ask(connection, url, most_body)
            response = got.exchange.response
            location = response.header("location") if response else ""
            if response is None or response.status not in _REDIRECTS or not location:
                return Fetched(url, got.exchange, got.heard)
            onward = redirected(url, location)
            if isinstance(onward, Failed):
                return self._ended(url, onward)
            url = onward
        too_many = "stopped after too many redirects"
        return self._ended(url, Failed(Failure.UNKNOWN, Operation.HTTP_ROUND_TRIP, too_many))

    def _ended(self, url: Url, failed: Failed) -> Fetched:
        # The last exchange was no success: its redirect leads nowhere, or on for ever.
        self._kit.record.requests[-1]["failure"] = failed.text
        return Fetched(url, Exchange(None, failed))

    async def _ask(self, connection: Connection, url: Url, most_body: int) -> Tuned:
        kit, mark = self._kit, connection.mark
        request = Request(scheme=url.scheme, host=url.host, path=url.path, headers=_HEADERS)
        t0 = kit.record.now()
        try:
            kit.record.event("http_transaction_start", mark)
            got = await perform(
                tuned(
                    request,
                    most_body=most_body,
                    listen_s=kit.timeouts.fetch_s * _LISTEN_SHARE,
                    now=kit.clock.monotonic,
                ),
                connection.stream,
                clock=kit.clock,
                timeout_s=kit.timeouts.fetch_s,
            )
            kit.note_exchange(got.exchange, request, connection.stream.address, connection.protocol, t0, mark)
            kit.record.event("http_transaction_done", mark)
        finally:
            connection.close()
        return got

    async def _connection(
        self, url: Url, tags: Sequence[str], only_at: Sequence[str] | None
    ) -> Connection | Failed:
        """A connection to the address that answered before, else to the first that stands of all, tried at once."""
        known = self._answered.get(url.hostname)
        addresses = only_at or ([known] if known else await self.addresses(url.hostname, *tags))
        opening = [asyncio.create_task(self._open(url, address, tags)) for address in addresses]
        try:
            outcomes = await asyncio.gather(*opening)
        except BaseException:
            await _give_up(opening)
            raise
        stood = [found for found in zip(addresses, outcomes, strict=True) if isinstance(found[1], Connection)]
        for _, spare in stood[1:]:
            if isinstance(spare, Connection):
                spare.close()
        if stood:
            self._answered[url.hostname] = stood[0][0]
            return stood[0][1]
        return outcomes[0] if outcomes else Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)

    async def _open(self, url: Url, address: str, tags: Sequence[str]) -> Connection | Failed:
        """Connect to one address, and shake hands where the URL wants TLS."""
        connection = await self._kit.connect(address, url.port, self._kit.record.mark(*tags))
        if isinstance(connection, Failed) or url.scheme != "https":
            return connection
        name = "" if is_address(url.hostname) else url.hostname
        try:
            return await self._kit.handshake(connection, name, verified_name=url.hostname, alpn=("http/1.1",))
        except BaseException:
            connection.close()
            raise


async def _give_up(opening: Sequence[asyncio.Task[Connection | Failed]]) -> None:
    """Close what was opened and will not be used."""
    for task in opening:
        task.cancel()
    for outcome in await asyncio.gather(*opening, return_exceptions=True):
        if isinstance(outcome, Connection):
            outcome.close()
