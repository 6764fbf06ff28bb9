"""Is this the page that the control got? Compared as OONI's httpDiff does, with its known slips mended.

Source: 3-measuring.md; OONI probe-cli 7cb2241, webconnectivity's `httpanalysis`.
"""

import re
from typing import Final

from lampwatch.model.observation import HttpExchange

BODY_CAP: Final = 2**19
"""Probes keep at most this many bytes of a body, so that is what can be compared."""
_LEAST_RATIO: Final = 0.7
_LONG_WORD: Final = re.compile(r"\w{5,}")
# Words that pages of any kind have in their titles, block pages too ("Internet Positif", "Access Denied").
_COMMON_WORDS: Final = frozenset(
    [
        "access",
        "alert",
        "attention",
        "blocked",
        "denied",
        "error",
        "filter",
        "forbidden",
        "found",
        "homepage",
        "index",
        "information",
        "internet",
        "moved",
        "notice",
        "online",
        "portal",
        "redirect",
        "redirecting",
        "restricted",
        "security",
        "server",
        "service",
        "unavailable",
        "untitled",
        "warning",
        "website",
        "welcome",
    ]
)
# Headers that any two servers may share say nothing of who answered. Unlike OONI's list this one has content-length
# and connection in it: a censor's page has them too.
_COMMON_HEADERS: Final = frozenset(
    [
        "accept-ranges",
        "age",
        "cache-control",
        "cf-ray",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "etag",
        "expires",
        "keep-alive",
        "last-modified",
        "link",
        "location",
        "p3p",
        "pragma",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "vary",
        "via",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-varnish",
        "x-xss-protection",
    ]
)
REFUSALS: Final = frozenset({401, 403, 406, 429, 451, 503})
"""Statuses by which a server itself turns a visitor away: a CAPTCHA, a geo-block, a rate limit."""


def same_page(page: HttpExchange, control: HttpExchange) -> bool:
    """Whether the control got what the probe got: the same status, and a likeness in body, headers or title."""
    if page.status != control.status:
        return False
    return (
        body_ratio(page, control) > _LEAST_RATIO
        or share_uncommon_header(page, control)
        or share_long_word(page.title, control.title)
    )


def identical(page: HttpExchange, control: HttpExchange) -> bool:
    """Whether the control was given this very page: the same status and title, and a body of like length."""
    return (
        page.status == control.status
        and bool(page.title)
        and page.title == control.title
        and body_ratio(page, control) > _LEAST_RATIO
    )


def body_ratio(page: HttpExchange, control: HttpExchange) -> float:
    """The shorter body's share of the longer one, 0 to 1; 0 where a length is unknown."""
    here, there = page.body_length, control.body_length
    if page.body_truncated or here >= BODY_CAP:
        there = min(there, max(here, BODY_CAP))
    if here < 0 or there < 0:
        return 0.0
    longer = max(here, there)
    return min(here, there) / longer if longer else 1.0


def share_uncommon_header(page: HttpExchange, control: HttpExchange) -> bool:
    """Whether both have a header that few servers send."""
    theirs = control.headers
    return any(name in theirs and name not in _COMMON_HEADERS for name in page.headers)


def same_server(page: HttpExchange, control: HttpExchange) -> bool:
    """Whether the headers speak for one and the same server, whatever the page says."""
    server = page.headers.get("server")
    return (bool(server) and server == control.headers.get("server")) or share_uncommon_header(page, control)


def share_long_word(title: str, other: str) -> bool:
    """Whether two titles share a word of five letters or more that not every page may have, whatever its case."""
    if not title or not other:
        return False
    words = set(_LONG_WORD.findall(title.lower())) - _COMMON_WORDS
    return not words.isdisjoint(_LONG_WORD.findall(other.lower()))
