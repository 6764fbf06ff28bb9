"""Web Connectivity 0.4 and 0.5, and the legacy versions before them -> observations of the probe and its control.

Version 0.5 has every address and resolver with transaction ids; 0.4 one resolver and one fetch; before that no TLS
handshakes at all. The control is the test helper's answer, which version 0.4 wrote without TLS.
"""

from typing import Final, TypeVar

import msgspec

from lampwatch.formats.names import url_parts
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import DnsLookup, Facts, HttpExchange, Observations
from lampwatch.observe.archival import (
    Connect,
    FailureText,
    Query,
    TlsHandshake,
    Transaction,
    connects,
    exchanges,
    handshakes,
    lookups,
)
from lampwatch.observe.control_answer import ControlAnswer, control_facts

NAMES: Final = ("web_connectivity",)
NEEDS_INPUT: Final = True

_Fact = TypeVar("_Fact", DnsLookup, HttpExchange)


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
    return Observations(probe, control_facts(test_keys.control, test_keys.control_failure, measurement.input))


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
