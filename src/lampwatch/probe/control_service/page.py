"""The page as the control gets it: redirects followed, each hop looked up, checked and connected to anew."""

import re
from typing import Any, Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.formats.page_title import title_of
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control_service.lookup import Found, found_for
from lampwatch.probe.control_service.outpost import Outpost
from lampwatch.probe.control_service.question import may_ask
from lampwatch.probe.cookies import Cookies
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Exchange, Headers, Request, Response
from lampwatch.probe.kit import Connection, Kit
from lampwatch.probe.network import joined
from lampwatch.probe.url import Url, redirected

MOST_REDIRECTS: Final = 10
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_TRIED: Final = 4
"""Addresses tried for one hop, until one connects."""
_MOST_HEADERS: Final = 128
_LONGEST_VALUE: Final = 4096
_ALT_SVC_H3: Final = re.compile(r'(?:^|,)\s*h3="([^"\s]{0,253}):(\d{1,5})"')


class Page(msgspec.Struct, frozen=True):
    """What came of a URL. h3_endpoint is where its first response says that HTTP/3 is spoken; empty where nowhere."""

    exchange: Exchange
    h3_endpoint: str = ""

    def as_told(self) -> dict[str, Any]:
        """In the protocol's form; what is not known is -1 or empty."""
        response, failed = self.exchange.response, self.exchange.failed
        return {
            "body_length": len(response.body) if response else -1,
            "discovered_h3_endpoint": self.h3_endpoint,
            "failure": failed.text if failed else None,
            "title": title_of(response.body.decode("utf-8", "replace")) if response else "",
            "headers": _headers(response) if response else {},
            "status_code": response.status if response else -1,
        }


def no_page(failed: Failed) -> Page:
    """Nothing came."""
    return Page(Exchange(None, failed))


async def page_of(url: Url, headers: Headers, found: Found, outpost: Outpost) -> Page:
    """Fetch a URL at the addresses found for it, and go where it redirects to, at most ten times."""
    cookies, h3_endpoint = Cookies(), ""
    for hop in range(MOST_REDIRECTS + 1):
        sent = headers + cookies.header(url.hostname)
        exchange = await _fetched(url, sent, found, outpost)
        response = exchange.response
        if response is None:
            return Page(exchange, h3_endpoint)
        if not hop:
            h3_endpoint = _h3_endpoint(response, url)
        location = response.header("location")
        if response.status not in _REDIRECTS or not location:
            return Page(exchange, h3_endpoint)
        cookies.take(url.hostname, response)
        target = redirected(url, location)
        if isinstance(target, Failed):
            return Page(Exchange(None, target), h3_endpoint)
        if not may_ask(target):
            refused = Failed(Failure.HTTP_UNEXPECTED_REDIRECT, Operation.HTTP_ROUND_TRIP)
            return Page(Exchange(None, refused), h3_endpoint)
        url, found = target, await found_for(target.hostname, outpost)
    endless = Failed(Failure.UNKNOWN, Operation.HTTP_ROUND_TRIP, "stopped after too many redirects")
    return Page(Exchange(None, endless), h3_endpoint)


async def _fetched(url: Url, headers: Headers, found: Found, outpost: Outpost) -> Exchange:
    """Ask the first address that connects."""
    failed = None if found.reachable else found.nowhere
    for ip in found.reachable[:_MOST_TRIED]:
        kit = outpost.kit()
        connection = await kit.connect(ip, url.port, kit.record.mark())
        if isinstance(connection, Connection):
            return await _asked(kit, connection, url, headers)
        failed = failed or connection
    return Exchange(None, failed)


async def _asked(kit: Kit, connection: Connection, url: Url, headers: Headers) -> Exchange:
    request = Request(scheme=url.scheme, host=url.host, path=url.path, headers=headers)
    try:
        if url.scheme == "http":
            return await kit.fetch(connection, request)
        sent_name = "" if is_address(url.hostname) else url.hostname
        shaken = await kit.handshake(connection, sent_name, verified_name=url.hostname)
        return Exchange(None, shaken) if isinstance(shaken, Failed) else await kit.fetch(shaken, request)
    finally:
        connection.close()


def _h3_endpoint(response: Response, url: Url) -> str:
    """Where Alt-Svc (RFC 7838) says that HTTP/3 is spoken."""
    match = _ALT_SVC_H3.search(response.header("alt-svc"))
    return joined((match[1] or url.hostname).strip("[]"), int(match[2])) if match else ""


def _headers(response: Response) -> dict[str, str]:
    """The first value of each header, their names in the usual capitals whatever version of HTTP they came by."""
    told: dict[str, str] = {}
    for name, value in response.headers[:_MOST_HEADERS]:
        spelled = "-".join(word.capitalize() for word in name.decode("latin-1").split("-"))
        told.setdefault(spelled, value.decode("latin-1")[:_LONGEST_VALUE])
    return told
