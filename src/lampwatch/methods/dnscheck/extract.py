"""The OONI test dnscheck (ts-028) -> how the resolver's name was looked up, and how each of its addresses was asked."""

from typing import Final

import msgspec

from lampwatch.formats.names import is_address, url_parts
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import DnsLookup, Facts, Handshake, Observations, TcpConnect
from lampwatch.observe.archival import (
    Connect,
    FailureText,
    Query,
    TlsHandshake,
    connects,
    handshakes,
    lookups,
)

NAMES: Final = ("dnscheck",)
NEEDS_INPUT: Final = True

BOOTSTRAP: Final = 0
"""The transaction id of looking up the resolver's own name; its addresses are asked in transactions 1 and up."""

_PORTS: Final = {"https": 443, "dot": 853, "doq": 853, "quic": 853}
_LONGEST_SCHEME: Final = 8


class Lookup(msgspec.Struct, gc=False):
    """What asking one address gave, as ts-027 writes it."""

    failure: FailureText = None
    queries: list[Query] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[TlsHandshake] | None = None
    quic_handshakes: list[TlsHandshake] | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-028: what dnscheck writes, as far as it is used here."""

    bootstrap: Lookup | None = None
    bootstrap_failure: FailureText = None
    lookups: dict[str, Lookup | None] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The lookup of the resolver's name, then of each of its addresses the connects, handshakes and queries.

    notes give the URL's scheme of each address that was asked, by its transaction id.
    """
    dns: list[DnsLookup] = []
    tcp: list[TcpConnect] = []
    shakes: list[Handshake] = []
    notes: dict[str, str] = {}
    if test_keys.bootstrap is not None:
        # Whatever ids the document gives these, they must not pass for an answer of the first address asked.
        found = lookups(test_keys.bootstrap.queries)
        dns += [msgspec.structs.replace(lookup, transaction_id=BOOTSTRAP) for lookup in found]
    failure = failure_of(test_keys.bootstrap_failure)
    if failure is not None and not any(lookup.failure is not None for lookup in dns):
        # The name's lookup failed as a whole, though no query on record did.
        dns.append(DnsLookup(url_parts(measurement.input).host, "ANY", "system", "", failure, (), ()))
    for n, (url, lookup) in enumerate((test_keys.lookups or {}).items(), BOOTSTRAP + 1):
        if lookup is not None:
            notes[str(n)] = url_parts(url).scheme[:_LONGEST_SCHEME]
            _observe(n, url, lookup, dns, tcp, shakes)
    return Observations(Facts(dns, tcp, shakes), notes=notes)


def _observe(
    n: int, url: str, lookup: Lookup, dns: list[DnsLookup], tcp: list[TcpConnect], shakes: list[Handshake]
) -> None:
    """One address's facts, all under its own transaction id: the ids of the document begin anew in each lookup."""
    where = url_parts(url)
    address = f"[{where.host}]" if ":" in where.host else where.host
    address = f"{address}:{where.port or _PORTS.get(where.scheme, 53)}"
    for query in lookup.queries or ():
        query.transaction_id = n
        query.resolver_address = query.resolver_address or address
    for connect in lookup.tcp_connect or ():
        connect.transaction_id = n
    for entries in (lookup.tls_handshakes, lookup.quic_handshakes):
        for shake in entries or ():
            shake.transaction_id = n
            shake.address = shake.address or address
    tcp += connects(lookup.tcp_connect)
    shakes += handshakes(lookup.tls_handshakes)
    shakes += handshakes(lookup.quic_handshakes, "quic")
    asked = lookups(lookup.queries)
    if not asked:
        # Nothing was asked: how the lookup ended is all that is known, a success without a query is none.
        failure = failure_of(lookup.failure) or Failure.UNKNOWN
        resolver = address if is_address(where.host) else ""
        asked = [DnsLookup("", "ANY", where.scheme[:_LONGEST_SCHEME], resolver, failure, (), (), n)]
    dns += asked
