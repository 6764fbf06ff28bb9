"""What a probe and its control saw of www.example.org, told fact by fact: stories that rules are tried on.

SITE is the site's address and in its network; FORGED is a censor's, in a network of its own.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lampwatch.formats.names import url_parts
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.judge.rule import decide_by_chapters, holding
from lampwatch.judge.web.book import WEB_BOOK as BOOK
from lampwatch.judge.web.facts import WebFacts
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import (
    DnsLookup,
    Facts,
    Handshake,
    HttpExchange,
    Observations,
    TcpConnect,
)
from lampwatch.model.verdict import Verdict

HOST: Final = "www.example.org"
HTTPS: Final = f"https://{HOST}/"
HTTP: Final = f"http://{HOST}/"
ELSEWHERE: Final = "other.example.net"
SITE: Final = "93.184.216.34"
FORGED: Final = "130.192.182.17"
PRIVATE: Final = "10.10.34.35"
ASNS: Final = {SITE: 15133, FORGED: 137}
TITLE: Final = "Example Domain"

MEASURED: Final = Measurement(
    "uid",
    "web_connectivity",
    "0.5.28",
    HTTPS,
    dt.datetime.fromisoformat("2026-11-23 10:00:00"),
    "IT",
    30722,
    "",
    "ooniprobe",
    "3",
)


def lookup(
    *answers: str,
    failure: Failure | None = None,
    engine: str = "system",
    host: str = HOST,
    depth: int = 0,
    late: bool = False,
) -> DnsLookup:
    asns = tuple(ASNS.get(answer, 0) for answer in answers)
    return DnsLookup(host, "A", engine, "", failure, answers, asns, depth=depth, late=late)


def connect(ip: str = SITE, port: int = 443, failure: Failure | None = None, depth: int = 0) -> TcpConnect:
    return TcpConnect(ip, port, failure, depth=depth)


def shake(
    ip: str = SITE, failure: Failure | None = None, host: str = HOST, depth: int = 0, protocol: str = "tls"
) -> Handshake:
    return Handshake(protocol, host, ip, 443, failure, verified=True, depth=depth)


def page(
    url: str = HTTP,
    ip: str = SITE,
    *,
    status: int = 200,
    title: str = TITLE,
    length: int = 1000,
    body: str = "",
    depth: int = 0,
    failure: Failure | None = None,
    **headers: str,
) -> HttpExchange:
    parts = url_parts(url)
    return HttpExchange(
        url,
        "GET",
        ip,
        parts.port,
        failure,
        status,
        headers,
        title,
        length,
        over_tls=parts.scheme == "https",
        depth=depth,
        body=body,
    )


def no_page(url: str = HTTP, failure: Failure = Failure.CONNECTION_RESET, depth: int = 0) -> HttpExchange:
    return page(url, status=0, title="", length=-1, failure=failure, depth=depth)


def moved(url: str, to: str, depth: int = 0) -> HttpExchange:
    return page(url, status=302, title="", length=0, depth=depth, location=to)


def block_page(url: str = HTTP, ip: str = SITE, depth: int = 0) -> HttpExchange:
    return page(url, ip, title="Denied", length=90, body="blocked by order", depth=depth)


def control(
    *addresses: str,
    failure: Failure | None = None,
    dns_failure: Failure | None = None,
    tcp: tuple[TcpConnect, ...] | None = None,
    tls: tuple[Handshake, ...] | None = None,
    **answer: Any,
) -> Facts:
    """What the control saw; it connects to all it resolves, and gets the page, if not told otherwise."""
    asns = tuple(ASNS.get(address, 0) for address in addresses)
    both = [connect(ip, port) for ip in addresses for port in (80, 443)]
    got = no_page(HTTPS, failure) if failure else page(HTTPS, "", **answer)
    return Facts(
        dns=[DnsLookup(HOST, "ANY", "control", "", dns_failure, addresses, asns)],
        tcp=both if tcp is None else tcp,
        handshakes=[shake(ip) for ip in addresses] if tls is None else tls,
        http=[got],
    )


@dataclass(frozen=True)
class Story:
    """One measurement: its URL, what the probe saw, newest exchange first, and what the control did."""

    url: str = HTTPS
    dns: tuple[DnsLookup, ...] = (lookup(SITE),)
    tcp: tuple[TcpConnect, ...] = (connect(),)
    tls: tuple[Handshake, ...] = ()
    http: tuple[HttpExchange, ...] = ()
    outside: Facts | None = field(default_factory=lambda: control(SITE))
    references: References = NO_REFERENCES

    def but(self, **changed: Any) -> "Story":
        """The same story with something changed."""
        return replace(self, **changed)

    def facts(self) -> WebFacts:
        probe = Facts(self.dns, self.tcp, self.tls, self.http)
        return WebFacts(self.url, MEASURED, Observations(probe, self.outside), self.references)

    def verdict(self) -> Verdict:
        web = self.facts()
        return decide_by_chapters(BOOK, web)

    def held(self) -> set[str]:
        """Every rule that holds, whether it decides, is a finding or is not shown at all."""
        web = self.facts()
        return {rule.id for rule in holding(BOOK, web)}


@dataclass(frozen=True)
class Case:
    """A rule, the smallest story in which it decides, and one with one fact changed in which it does not hold."""

    rule: str
    fires: Story
    just_not: Story

    def __str__(self) -> str:
        return self.rule
