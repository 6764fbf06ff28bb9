"""One request to a collector and its reply, bounded in size and time. A failure of the network is a value."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import msgspec

from lampwatch.formats.printable import printable
from lampwatch.probe.clock import Clock

MOST_REPLY: Final = 4 * 1024 * 1024
"""No honest answer is larger."""
TOTAL_S: Final = 300.0
"""After so long an exchange has failed, however steadily bytes drip in."""
LONGEST_WAIT_S: Final = 3600.0
"""A collector may ask for no longer a wait than this."""


class Reply(msgspec.Struct, frozen=True):
    """What came back. status 0: nothing did, and failure says why. retry_after_s is 0 where it was not asked for."""

    status: int = 0
    body: bytes = b""
    failure: str = ""
    retry_after_s: float = 0.0

    @property
    def fields(self) -> dict[str, Any] | None:
        """The body as a JSON object, None where it is none: a captive portal answers 200 with a page."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


async def post(
    client: httpx.AsyncClient, url: str, content: bytes, headers: Mapping[str, str], clock: Clock
) -> Reply:
    """Send a body and read the reply. Redirects are not followed: they lead to where nobody consented to send."""
    try:
        async with (
            asyncio.timeout(TOTAL_S),
            client.stream(
                "POST",
                url,
                content=content,
                headers={"Accept-Encoding": "identity", **headers},
                follow_redirects=False,
            ) as response,
        ):
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MOST_REPLY:
                    return Reply(failure=f"the collector's reply is larger than {MOST_REPLY} bytes")
            asked = response.headers.get("Retry-After", "")
            return Reply(response.status_code, bytes(body), "", _seconds(asked, clock.utc()))
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        return Reply(failure=printable(str(error)) or type(error).__name__)


def _seconds(asked: str, now: dt.datetime) -> float:
    """Retry-After, in seconds or as a date (RFC 9110), as seconds from now."""
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), LONGEST_WAIT_S)
    try:
        then = parsedate_to_datetime(asked)
    except ValueError:
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=dt.UTC)
    return min(max((then - now.replace(tzinfo=dt.UTC)).total_seconds(), 0.0), LONGEST_WAIT_S)
