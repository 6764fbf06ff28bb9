"""Web Connectivity 0.4 and 0.5, and the legacy versions before them -> observations of the probe and its control.

Version 0.5 has every address and resolver with transaction ids; 0.4 one resolver and one fetch; before that no TLS
handshakes at all. The control is the test helper's answer, which version 0.4 wrote without TLS.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from lampwatch.formats.names import endpoint, url_parts
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import DnsLookup, Facts, Handshake, HttpExchange, Observations, TcpConnect
from lampwatch.observe.archival import (
    Connect,
    FailureText,
    Query,
    TlsHandshake,
    Transaction,
    addresses_only,
    connects,
    exchanges,
    handshakes,
    lookups,
)

NAMES: Final = ("web_connectivity",)
NEEDS_INPUT: Final = True

_Fact = TypeVar("_Fact", DnsLookup, HttpExchange)


class ControlEndpoint(msgspec.Struct, gc=False):
    """One endpoint as the control found it."""

    status: bool | None = None
    failure: FailureText = None
    server_name: str | None = None


class ControlHttp(msgspec.Struct, gc=False):
    """The page as the control got it, after its redirects."""

    status_code: int | None = None
    failure: FailureText = None
    body_length: int | None = None
    title: str | None = None
    headers: dict[str, str | None] | None = None


class ControlDns(msgspec.Struct, gc=False):
    """The name as the control resolved it."""

    failure: FailureText = None
    addrs: list[str] | None = None


class AddressInfo(msgspec.Struct, gc=False):
    """Whose an address is, as the control says."""

    asn: int | None = None


class ControlAnswer(msgspec.Struct, gc=False):
    """The test helper's answer."""

    dns: ControlDns | None = None
    tcp_connect: dict[str, ControlEndpoint | None] | None = None
    tls_handshake: dict[str, ControlEndpoint | None] | None = None
    quic_handshake: dict[str, ControlEndpoint | None] | None = None
    http_request: ControlHttp | None = None
    ip_info: dict[str, AddressInfo | None] | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-017: what Web Connectivity writes, as far as it is used here."""

    queries: list[Query] | None = None
    x_dns_duplicate_responses: list[Query] | None = None
    x_dns_late_replies: list[Query] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[TlsHandshake] | None = None
    quic_handshakes: list[TlsHandshake] | None = None
    requests: list[Transaction] | None = None
    control: ControlAnswer | None = None
    control_failure: FailureText = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The probe's observations, and the control's where it answered."""
    dns = lookups(test_keys.queries)
    for late in (test_keys.x_dns_duplicate_responses, test_keys.x_dns_late_replies):
        if late:
            dns += lookups(late, late=True)
    tls = handshakes(test_keys.tls_handshakes)
    if test_keys.quic_handshakes:
        tls += handshakes(test_keys.quic_handshakes, "quic")
    http = exchanges(test_keys.requests)
    if len(http) > 1 and not any([exchange.depth for exchange in http]):
        dns, http = _with_depths(dns, http)
    probe = Facts(dns, connects(test_keys.tcp_connect), tls, http)
    answer = test_keys.control
    # A control that failed may still be written as an empty object: it has answered only if it says something.
    if answer is None or failure_of(test_keys.control_failure) is not None:
        return Observations(probe)
    if answer.dns is None and answer.http_request is None and not answer.tcp_connect:
        return Observations(probe)
    return Observations(probe, _control(answer, measurement.input))


def _with_depths(
    dns: list[DnsLookup], http: list[HttpExchange]
) -> tuple[list[DnsLookup], list[HttpExchange]]:
    """Count the redirects, which probes before version 0.5 did not: they wrote the newest exchange first."""
    last = len(http) - 1
    numbered = [_at_depth(exchange, last - n) for n, exchange in enumerate(http)]
    depths: dict[str, int] = {}
    for exchange in reversed(numbered):
        depths.setdefault(url_parts(exchange.url).host, exchange.depth)
    return [_at_depth(lookup, depths.get(lookup.hostname, 0)) for lookup in dns], numbered


def _at_depth(fact: _Fact, depth: int) -> _Fact:
    return fact if fact.depth == depth else msgspec.structs.replace(fact, depth=depth)


def _control(answer: ControlAnswer, url: str) -> Facts:
    scheme, host, _ = url_parts(url)
    shakes = _control_handshakes(answer.tls_handshake, "tls", host)
    if answer.quic_handshake:
        shakes += _control_handshakes(answer.quic_handshake, "quic", host)
    return Facts(
        _control_dns(answer, host),
        _control_tcp(answer.tcp_connect),
        shakes,
        _control_http(answer.http_request, url, over_tls=scheme == "https"),
    )


def _control_dns(answer: ControlAnswer, host: str) -> list[DnsLookup]:
    dns = answer.dns
    if dns is None:
        return []
    addresses = addresses_only(dns.addrs or ())
    info = answer.ip_info or {}
    asns = tuple([(entry.asn or 0) if (entry := info.get(address)) else 0 for address in addresses])
    return [DnsLookup(host, "ANY", "control", "", failure_of(dns.failure), addresses, asns)]


def _outcome(found: ControlEndpoint) -> Failure | None:
    failure = None if found.failure is None else failure_of(found.failure)
    return Failure.UNKNOWN if failure is None and found.status is False else failure


def _control_tcp(entries: Mapping[str, ControlEndpoint | None] | None) -> list[TcpConnect]:
    return [
        TcpConnect(*endpoint(address), _outcome(found)) for address, found in (entries or {}).items() if found
    ]


def _control_handshakes(
    entries: Mapping[str, ControlEndpoint | None] | None, protocol: str, host: str
) -> list[Handshake]:
    return [
        Handshake(protocol, found.server_name or host, *endpoint(address), _outcome(found), verified=True)
        for address, found in (entries or {}).items()
        if found
    ]


def _control_http(page: ControlHttp | None, url: str, *, over_tls: bool) -> list[HttpExchange]:
    if page is None:
        return []
    status = page.status_code or 0
    failure = failure_of(page.failure)
    if failure is None and not 0 < status < 1000:  # noqa: PLR2004  three digits by RFC 9110
        failure = Failure.UNKNOWN
    return [
        HttpExchange(
            url,
            "GET",
            "",
            0,
            failure,
            max(status, 0),
            {name.lower(): value or "" for name, value in (page.headers or {}).items()},
            page.title or "",
            page.body_length if page.body_length is not None and page.body_length >= 0 else -1,
            over_tls=over_tls,
        )
    ]
