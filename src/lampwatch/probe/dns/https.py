"""DNS over HTTPS (RFC 8484): the request that asks, and the reply in its response."""

from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import urlsplit

import msgspec

from lampwatch.formats.names import ascii_host
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns.message import Question, Reply, reply_to
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.http import Exchange, Request

MOST_REPLY: Final = 65_536
"""Bytes of a response that are fetched, a DNS message being shorter."""

_TEMPLATE: Final = "{?dns}"
_MEDIA: Final = "application/dns-message"
_OK: Final = 200


class Url(msgspec.Struct, frozen=True):
    """A resolver's URL in its parts.

    by_get where it is written as a template that ends in `{?dns}`; by_http3 where its scheme is `h3`, as OONI has it.
    """

    host: str
    port: int
    path: str
    by_get: bool
    by_http3: bool = False


def url_of(address: str) -> Url:
    """Read a resolver's URL. Raises UserError where it is none of https or h3."""
    by_get = address.endswith(_TEMPLATE)
    try:
        split = urlsplit(address.removesuffix(_TEMPLATE))
        host, port = ascii_host(split.hostname or ""), split.port or 443
    except ValueError:
        split, host, port = None, "", 443
    if split is None or split.scheme not in {"https", "h3"} or not host:
        raise UserError(f"{address} is no resolver: write it as https://dns.example/dns-query")
    path = split.path or "/"
    path = f"{path}?{split.query}" if split.query else path
    return Url(host, port, path, by_get, split.scheme == "h3")


def request_for(url: Url, asked: Question) -> Request:
    """The request that carries a question: by POST, or by GET where the URL is a template."""
    literal = f"[{url.host}]" if ":" in url.host else url.host
    host = literal if url.port == 443 else f"{literal}:{url.port}"  # noqa: PLR2004  the scheme's own port
    accept = ("Accept", _MEDIA)
    if not url.by_get:
        headers = (accept, ("Content-Type", _MEDIA))
        return Request(
            method="POST", scheme="https", host=host, path=url.path, headers=headers, body=asked.wire
        )
    question = urlsafe_b64encode(asked.wire).decode("ascii").rstrip("=")
    mark = "&" if "?" in url.path else "?"
    return Request(scheme="https", host=host, path=f"{url.path}{mark}dns={question}", headers=(accept,))


def reply_in(exchange: Exchange, asked: Question) -> Reply | Failed:
    """The reply that a response carries, or why it carries none: a page in its place is MISBEHAVING."""
    if exchange.failed is not None:
        return exchange.failed.during(Operation.RESOLVE)
    response = exchange.response
    if response is None:
        return Failed(Failure.EOF, Operation.RESOLVE)
    if response.status != _OK:
        return unknown(f"status {response.status}", Operation.RESOLVE, Failure.HTTP_UNEXPECTED_STATUS)
    media = response.header("content-type").split(";")[0].strip().lower()
    if media != _MEDIA:
        return unknown("the response is no DNS message", Operation.RESOLVE, Failure.DNS_MISBEHAVING)
    return reply_to(asked, response.body)
