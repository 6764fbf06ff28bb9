"""The sets of OONI's minipipeline, derived from our observations alone: they carry the same facts.

The definitions are those of probe-cli 7cb2241, internal/minipipeline. A transaction is one lookup or one connection;
what the probe's tags say there follows here from what an observation keeps:

- depth: the observation's own.
- fetch_body, "this connection is to fetch the page": its port is the one that the URL of its depth asks for. All other
  connections only check whether an endpoint answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urljoin

import msgspec

from lampwatch.formats.names import is_bogon, url_parts
from lampwatch.model.failure import Failure
from lampwatch.model.observation import DnsLookup, Facts, Handshake, HttpExchange, Observations, TcpConnect

Ids = frozenset[int]

# An IPv6 address that cannot be reached at all says that the probe has no IPv6, and nothing of the site.
_NO_ROUTE: Final = frozenset({Failure.NETWORK_UNREACHABLE, Failure.HOST_UNREACHABLE})


class Endpoint(msgspec.Struct, frozen=True):
    """One connection of the probe, all that was done over it, and what the control found at the same place."""

    connect: TcpConnect
    handshake: Handshake | None
    exchange: HttpExchange | None
    fetches: bool
    control_connect: TcpConnect | None
    control_handshake: Handshake | None

    @property
    def id(self) -> int:
        return self.connect.transaction_id

    @property
    def lacks_ipv6(self) -> bool:
        return ":" in self.connect.ip and self.connect.failure in _NO_ROUTE


def pipeline_facts(url: str, observed: Observations) -> Mapping[str, Ids]:
    """Every set by the name it has in OONI's analysis, of transaction ids; url is the measurement's input."""
    endpoints = _endpoints(url, observed)
    return {
        **_lookup_successes(observed, endpoints),
        **_lookup_failures(observed),
        **_connects(endpoints),
        **_handshakes(endpoints),
        **_round_trips(observed, endpoints),
    }


def _control_lookup(lookup: DnsLookup, observed: Observations) -> DnsLookup | None:
    """The control's lookup of the same name."""
    control = observed.control.dns if observed.control is not None else ()
    return next((found for found in control if found.hostname == lookup.hostname), None)


def _first_by_transaction(lookups: Sequence[DnsLookup]) -> Iterator[DnsLookup]:
    # The queries for A and AAAA of one lookup share an id: the first that is of the kind asked for counts.
    seen: set[int] = set()
    for lookup in lookups:
        if lookup.transaction_id not in seen:
            seen.add(lookup.transaction_id)
            yield lookup


def _shares_an_address_or_network(lookup: DnsLookup, control: DnsLookup) -> bool:
    if set(lookup.answers) & set(control.answers):
        return True
    return bool((set(lookup.asns) & set(control.asns)) - {0})


def _lookup_successes(observed: Observations, endpoints: Sequence[Endpoint]) -> dict[str, Ids]:
    answered = [lookup for lookup in observed.probe.dns if lookup.failure is None and lookup.answers]
    successes = [lookup for lookup in answered if not lookup.late]
    bogons: set[int] = set()
    valid: set[int] = set()
    invalid: set[int] = set()
    for lookup in _first_by_transaction(successes):
        if lookup.depth:
            continue
        if any(is_bogon(address) for address in lookup.answers):
            bogons.add(lookup.transaction_id)
        control = _control_lookup(lookup, observed)
        if control is None or control.failure is not None:
            continue
        same = _shares_an_address_or_network(lookup, control)
        (valid if same else invalid).add(lookup.transaction_id)
    certified = _certified(successes, endpoints)
    return {
        "DNSLookupSuccessWithBogonAddresses": frozenset(bogons),
        "DNSLookupSuccessWithValidAddressClassic": frozenset(valid),
        "DNSLookupSuccessWithInvalidAddressesClassic": frozenset(invalid),
        "DNSLookupSuccessWithValidAddress": frozenset(valid | certified),
        "DNSLookupSuccessWithInvalidAddresses": frozenset(invalid - certified),
    }


def _certified(successes: Sequence[DnsLookup], endpoints: Sequence[Endpoint]) -> Ids:
    """The first lookups that gave an address at which a handshake, and so a certificate, vouched for the name."""
    first: dict[str, int] = {}
    for lookup in successes:
        for address in lookup.answers:
            first.setdefault(address, lookup.transaction_id)
    proved = [e.connect.ip for e in endpoints if e.handshake is not None and e.handshake.failure is None]
    return frozenset(first[ip] for ip in proved if first.get(ip))


def _lookup_failures(observed: Observations) -> dict[str, Ids]:
    found: dict[str, set[int]] = {
        "DNSLookupUnexplainedFailure": set(),
        "DNSLookupExpectedFailure": set(),
        "DNSLookupUnexpectedFailure": set(),
    }
    failures = [lookup for lookup in observed.probe.dns if lookup.failure is not None and not lookup.late]
    for lookup in _first_by_transaction(failures):
        kind = _kind_of_failure(lookup, observed)
        if kind is not None:
            found[kind].add(lookup.transaction_id)
    # Only failures are looked at, so that nothing is ever an expected success: OONI's field is always empty.
    return {**{kind: frozenset(ids) for kind, ids in found.items()}, "DNSLookupExpectedSuccess": frozenset()}


def _kind_of_failure(lookup: DnsLookup, observed: Observations) -> str | None:
    no_answer = lookup.failure is Failure.DNS_NO_ANSWER
    # A failure over HTTPS says something of that service; the lack of an IPv6 address says nothing.
    if lookup.engine == "doh" or (lookup.query_type == "AAAA" and no_answer):
        return None
    if lookup.depth:
        return "DNSLookupUnexplainedFailure"
    control = _control_lookup(lookup, observed)
    if control is None:
        return None
    # The control says of a name without addresses that it resolved to none.
    if control.failure is not None or (no_answer and not control.answers):
        return "DNSLookupExpectedFailure"
    return "DNSLookupUnexpectedFailure"


def _connects(endpoints: Sequence[Endpoint]) -> dict[str, Ids]:
    failed = [e for e in endpoints if e.connect.failure is not None]
    compared = [e for e in failed if e.connect.depth == 0 and e.control_connect is not None]
    expected = [e for e in compared if e.control_connect is not None and e.control_connect.failure]
    unexpected = [e for e in compared if e not in expected and not e.lacks_ipv6]
    unexplained = [e for e in failed if e.connect.depth and not e.lacks_ipv6]
    return {
        "TCPConnectExpectedFailure": _ids(expected),
        **_by_purpose("TCPConnectUnexpectedFailure", unexpected),
        **_by_purpose("TCPConnectUnexplainedFailure", unexplained),
    }


def _handshakes(endpoints: Sequence[Endpoint]) -> dict[str, Ids]:
    failed = [e for e in endpoints if e.handshake is not None and e.handshake.failure is not None]
    compared = [e for e in failed if e.connect.depth == 0 and e.control_handshake is not None]
    expected = [e for e in compared if e.control_handshake is not None and e.control_handshake.failure]
    return {
        "TLSHandshakeExpectedFailure": _ids(expected),
        **_by_purpose("TLSHandshakeUnexpectedFailure", [e for e in compared if e not in expected]),
        **_by_purpose("TLSHandshakeUnexplainedFailure", [e for e in failed if e.connect.depth]),
    }


def _round_trips(observed: Observations, endpoints: Sequence[Endpoint]) -> dict[str, Ids]:
    failed = _ids([e for e in endpoints if e.exchange is not None and e.exchange.failure is not None])
    none: Ids = frozenset()
    control = observed.control
    got_page = control is not None and all(page.failure is None for page in control.http)
    return {
        "HTTPRoundTripUnexplainedFailure": failed if control is None else none,
        "HTTPRoundTripUnexpectedFailure": failed if got_page else none,
    }


def _by_purpose(name: str, endpoints: Sequence[Endpoint]) -> dict[str, Ids]:
    return {
        name: _ids(endpoints),
        f"{name}DuringWebFetch": _ids([e for e in endpoints if e.fetches]),
        f"{name}DuringConnectivityCheck": _ids([e for e in endpoints if not e.fetches]),
    }


def _ids(endpoints: Sequence[Endpoint]) -> Ids:
    return frozenset(endpoint.id for endpoint in endpoints)


def _endpoints(url: str, observed: Observations) -> list[Endpoint]:
    probe = observed.probe
    control = observed.control if observed.control is not None else Facts()
    # QUIC has no connect before it and no place in OONI's sets.
    handshakes = {h.transaction_id: h for h in probe.handshakes if h.protocol == "tls"}
    exchanges = {e.transaction_id: e for e in probe.http}
    connects = {(c.ip, c.port): c for c in control.tcp}
    certified = {(h.ip, h.port, h.server_name): h for h in control.handshakes if h.protocol == "tls"}
    return [
        Endpoint(
            connect,
            handshake := handshakes.get(connect.transaction_id),
            exchanges.get(connect.transaction_id),
            connect.port == _port(_url_at(connect.depth, url, probe)),
            connects.get((connect.ip, connect.port)),
            certified.get((connect.ip, connect.port, handshake.server_name))
            if handshake is not None
            else None,
        )
        for connect in {connect.transaction_id: connect for connect in probe.tcp}.values()
    ]


def _url_at(depth: int, url: str, probe: Facts) -> str:
    """The URL that was to be fetched after so many redirects."""
    for _ in range(depth):
        here = url
        location = next(
            (e.headers["location"] for e in probe.http if e.url == here and "location" in e.headers), ""
        )
        url = urljoin(here, location)
    return url


def _port(url: str) -> int:
    parts = url_parts(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
