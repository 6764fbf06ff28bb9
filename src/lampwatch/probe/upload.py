"""Sends what is in the spool to a collector, however long it takes. Only what was acknowledged leaves the spool."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Final

import httpx
import msgspec

from lampwatch.model.errors import UserError
from lampwatch.probe.clock import Clock
from lampwatch.probe.spool import Spool
from lampwatch.probe.upload_batch import TOO_LARGE, UNKNOWN_ROUTE, Told, send_batch
from lampwatch.probe.upload_reports import Reports

MOST_DOCUMENTS: Final = 100
MOST_BYTES: Final = 2 * 1024 * 1024
"""A batch holds no more than this, uncompressed, unless one document alone is larger."""
FIRST_DOCUMENTS: Final = 2
"""A batch begins so small, also after every failure: over a link that has just come back, little is lost with it."""
BASE_S: Final = 1.0
LONGEST_S: Final = 300.0
"""A link that comes back is noticed within this time."""
IDLE_S: Final = 10.0


class Attempt(msgspec.Struct, frozen=True):
    """What one attempt did. idle: there was nothing to send. failure is empty where it went well."""

    delivered: int = 0
    refused: int = 0
    failure: str = ""
    retry_after_s: float = 0.0
    idle: bool = False


class Uploader:
    """Sends one spool to one collector, an `https://` address. Waiting is the clock's; jitter is random's."""

    def __init__(
        self, spool: Spool, client: httpx.AsyncClient, collector: str, *, clock: Clock, random: Random
    ) -> None:
        self._spool = spool
        self._client = client
        self._collector = collector.rstrip("/")
        self._clock = clock
        self._random = random
        self._reports = Reports(client, self._collector, spool, clock)
        self._takes_batches = True
        self._documents = FIRST_DOCUMENTS
        self._failures = 0

    async def attempt(self) -> Attempt:
        """Send one batch, and take out of the spool what was acknowledged."""
        batch = await asyncio.to_thread(
            self._spool.batch, documents=self._documents, content_bytes=MOST_BYTES
        )
        if not batch:
            self._failures = 0
            return Attempt(idle=True)
        told = Told()
        if self._takes_batches:
            told = await send_batch(self._client, self._collector, batch, self._clock)
            self._takes_batches = told.status not in UNKNOWN_ROUTE
        if not self._takes_batches:
            told = await self._reports.send(batch)
            # What knows neither way is no collector: a captive portal, perhaps. Ask for the better way again later.
            self._takes_batches = told.status in UNKNOWN_ROUTE
        postponed = told.postponed if told.status not in UNKNOWN_ROUTE else set()
        await asyncio.to_thread(self._spool.settle, told.acknowledged, told.refused, postponed)
        self._pace(told, len(batch))
        return Attempt(len(told.acknowledged), len(told.refused), told.failure, told.retry_after_s)

    def _pace(self, told: Told, sent: int) -> None:
        """Grow the batch while all goes well, begin anew where it does not."""
        if not told.failure:
            self._failures = 0
            self._documents = min(self._documents * 2, MOST_DOCUMENTS)
            return
        self._failures += 1
        self._documents = max(sent // 2, 1) if told.status == TOO_LARGE else FIRST_DOCUMENTS
        if 400 <= told.status < 500 and told.status != TOO_LARGE:  # noqa: PLR2004  HTTP's own numbers
            # One document may be what the collector chokes on: alone, it is told from the others.
            self._documents = 1

    def wait_s(self, attempt: Attempt) -> float:
        """How long to wait after an attempt: back-off that doubles, with full jitter, and never less than was asked."""
        if attempt.idle:
            return IDLE_S
        if not attempt.failure:
            return 0.0
        longest = min(LONGEST_S, BASE_S * 2.0 ** min(self._failures, 30))
        return attempt.retry_after_s + self._random.uniform(0.0, longest)

    async def drain(self, *, patience: int = 6, tell: Callable[[Attempt], None] | None = None) -> str:
        """Send until nothing waits; return the last failure where so many attempts failed in a row, else nothing."""
        while True:
            attempt = await self.attempt()
            if tell is not None:
                tell(attempt)
            if attempt.idle:
                return ""
            if attempt.failure and self._failures >= patience:
                return attempt.failure
            await self._clock.sleep(self.wait_s(attempt))

    async def forever(self, tell: Callable[[Attempt], None]) -> None:
        """Send whatever comes into the spool, until it is cancelled."""
        while True:
            attempt = await self.attempt()
            tell(attempt)
            await self._clock.sleep(self.wait_s(attempt))


def checked_collector(address: str) -> str:
    """The address of a collector without its final slash. Raises UserError where it is none to send to."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise UserError(f"{address[:200]} is no address of a collector: {error}") from error
    here = url.host in {"localhost", "127.0.0.1", "::1"}
    if url.scheme != "https" and not (url.scheme == "http" and here):
        raise UserError(f"{address[:200]} is no address of a collector: give one that begins with https://")
    if not url.host or url.query or url.fragment:
        raise UserError(f"{address[:200]} is no address of a collector: leave out what follows its path")
    return address.rstrip("/")
