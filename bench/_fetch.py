"""Fetches URLs as plainly as can be, for `bench probe` to compare with: httpx one by one, aiohttp side by side."""

import asyncio
import ssl
import sys
from pathlib import Path

import aiohttp
import httpx

WAIT_S = 30.0


def one_by_one(urls: list[str], context: ssl.SSLContext) -> None:
    """A connection for each URL, as a measurement has one."""
    for url in urls:
        httpx.get(url, verify=context, follow_redirects=True, timeout=WAIT_S).read()


async def side_by_side(urls: list[str], context: ssl.SSLContext, parallel: int) -> None:
    """So many at a time, without keeping connections."""
    connector = aiohttp.TCPConnector(limit=parallel, force_close=True, ssl=context)
    timeout = aiohttp.ClientTimeout(WAIT_S * 100)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def fetch(url: str) -> None:
            async with session.get(url) as response:
                await response.read()

        await asyncio.gather(*(fetch(url) for url in urls))


def main(ca_file: str, listed: str, client: str, parallel: str, count: str) -> None:
    """Fetch the first so many URLs of a file."""
    urls = Path(listed).read_text(encoding="utf-8").split()[: int(count)]
    context = ssl.create_default_context(cafile=ca_file)
    if client == "httpx":
        one_by_one(urls, context)
    else:
        asyncio.run(side_by_side(urls, context, int(parallel)))


if __name__ == "__main__":
    main(*sys.argv[1:])
