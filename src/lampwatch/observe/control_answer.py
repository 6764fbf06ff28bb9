"""What a control answers in OONI's test-helper protocol -> observations from outside."""

from collections.abc import Mapping

import msgspec

from lampwatch.formats.names import endpoint, url_parts
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.observation import DnsLookup, Facts, Handshake, HttpExchange, TcpConnect
from lampwatch.observe.archival import FailureText, addresses_only


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
    """The control's whole answer."""

    dns: ControlDns | None = None
    tcp_connect: dict[str, ControlEndpoint | None] | None = None
    tls_handshake: dict[str, ControlEndpoint | None] | None = None
    quic_handshake: dict[str, ControlEndpoint | None] | None = None
    http_request: ControlHttp | None = None
    http3_request: ControlHttp | None = None
    ip_info: dict[str, AddressInfo | None] | None = None


def control_facts(answer: ControlAnswer | None, failure: FailureText, url: str) -> Facts | None:
    """What the control saw of a URL; None where it failed, or answered with nothing in it.

    The page over HTTP/3, where there is one, stands after the other one.
    """
    # A control that failed may still be written as an empty object: it has answered only if it says something.
    if answer is None or failure_of(failure) is not None:
        return None
    if answer.dns is None and answer.http_request is None and not answer.tcp_connect:
        return None
    scheme, host, _ = url_parts(url)
    shakes = _handshakes(answer.tls_handshake, "tls", host)
    if answer.quic_handshake:
        shakes += _handshakes(answer.quic_handshake, "quic", host)
    pages = _page(answer.http_request, url, over_tls=scheme == "https")
    if answer.http3_request is not None and pages:
        pages += _page(answer.http3_request, url, over_tls=True)
    connects = [
        TcpConnect(*endpoint(at), _outcome(found))
        for at, found in (answer.tcp_connect or {}).items()
        if found
    ]
    return Facts(_names(answer, host), connects, shakes, pages)


def _names(answer: ControlAnswer, host: str) -> list[DnsLookup]:
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


def _handshakes(
    entries: Mapping[str, ControlEndpoint | None] | None, protocol: str, host: str
) -> list[Handshake]:
    return [
        Handshake(protocol, found.server_name or host, *endpoint(at), _outcome(found), verified=True)
        for at, found in (entries or {}).items()
        if found
    ]


def _page(page: ControlHttp | None, url: str, *, over_tls: bool) -> list[HttpExchange]:
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
