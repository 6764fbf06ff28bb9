"""Our test quic -> the steps over TCP and over QUIC, side by side, and the control's.

Exchanges over HTTP/3 stand after all others: they are those whose transaction has a QUIC handshake.
"""

from typing import Final

import msgspec

from lampwatch.formats.names import endpoint
from lampwatch.model.failure import failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, HttpExchange, Observations
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

NAMES: Final = ("quic",)
NEEDS_INPUT: Final = True

VERSIONS: Final = "quic_versions"
"""The protocol of a handshake that only asked for the versions; those are its version, in hex, a space between them."""
_MOST_VERSIONS: Final = 32


class VersionList(msgspec.Struct, gc=False):
    """What versions of QUIC a server says it speaks."""

    address: str | None = None
    failure: FailureText = None
    versions: list[str] | None = None
    transaction_id: int | None = None
    t: float | None = None


class TestKeys(msgspec.Struct, gc=False):
    """The keys of README.md, as far as they are used here."""

    queries: list[Query] | None = None
    x_dns_duplicate_responses: list[Query] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[TlsHandshake] | None = None
    quic_handshakes: list[TlsHandshake] | None = None
    requests: list[Transaction] | None = None
    x_quic_versions: list[VersionList] | None = None
    control: ControlAnswer | None = None
    control_failure: FailureText = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The probe's observations, and the control's where it answered."""
    dns = lookups(test_keys.queries) + lookups(test_keys.x_dns_duplicate_responses, late=True)
    quic = handshakes(test_keys.quic_handshakes, "quic")
    over_quic = {shake.transaction_id for shake in quic if shake.transaction_id}
    http = exchanges(test_keys.requests)
    plain = [exchange for exchange in http if exchange.transaction_id not in over_quic]
    # Each address was fetched from: the page is the first that came, as for a browser that tries them in turn.
    plain.sort(key=_failed)
    probe = Facts(
        dns,
        connects(test_keys.tcp_connect),
        handshakes(test_keys.tls_handshakes) + quic + _versions(test_keys.x_quic_versions),
        plain + [exchange for exchange in http if exchange.transaction_id in over_quic],
    )
    return Observations(probe, control_facts(test_keys.control, test_keys.control_failure, measurement.input))


def _versions(entries: list[VersionList] | None) -> list[Handshake]:
    return [
        Handshake(
            VERSIONS,
            "",
            *endpoint(entry.address or ""),
            failure_of(entry.failure),
            version=" ".join(text[:8] for text in (entry.versions or [])[:_MOST_VERSIONS]),
            transaction_id=entry.transaction_id or 0,
            t=entry.t,
        )
        for entry in entries or ()
    ]


def _failed(exchange: HttpExchange) -> bool:
    return exchange.failure is not None or not exchange.status
