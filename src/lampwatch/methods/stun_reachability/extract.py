"""The OONI test stunreachability (ts-025), first called stun_reachability -> a lookup and a STUN exchange over UDP."""

from typing import Final

import msgspec

from lampwatch.formats.names import ascii_host, endpoint, is_address, url_parts
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, Observations
from lampwatch.observe.archival import FailureText, Query, lookups

NAMES: Final = ("stunreachability", "stun_reachability")
NEEDS_INPUT: Final = False

_NAME_FAILURES: Final = ("dns_", "android_dns_")
"""How failures of the name begin: after one of them nothing was sent."""


class Event(msgspec.Struct, gc=False):
    """One thing the network did."""

    operation: str | None = None
    address: str | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-025, as far as it is used here."""

    endpoint: str | None = None
    failure: FailureText = None
    network_events: list[Event | None] | None = None
    queries: list[Query] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The lookups of the server's name, and one STUN exchange where the name was found."""
    host, port = server_of(test_keys.endpoint or measurement.input)
    events = [event for event in test_keys.network_events or () if event is not None]
    dns = lookups(test_keys.queries)
    found = is_address(host) or any(lookup.answers for lookup in dns)
    failure = _failure(test_keys.failure)
    if not host or (dns and not found) or str(failure or "").startswith(_NAME_FAILURES):
        return Observations(Facts(dns=dns))
    if failure is None and not dns and not events:
        # Success with nothing that led to it: the measurement ended before it began.
        failure = Failure.INTERRUPTED
    ip = next((endpoint(e.address)[0] for e in events if e.operation == "connect" and e.address), "")
    shake = Handshake("stun", host, ip if is_address(ip) else "", port, failure)
    return Observations(Facts(dns=dns, handshakes=[shake]))


def server_of(text: str) -> tuple[str, int]:
    """`stun://stun.l.google.com:19302` or `stun.l.google.com:19302` -> its host in lower case, and port."""
    if "://" in text:
        parts = url_parts(text)
        return parts.host[:253], parts.port
    host, port = endpoint(text)
    return ascii_host(host or text.strip("[]"))[:253], port


def _failure(value: FailureText) -> Failure | None:
    """How the exchange ended; the library's own words for no answer are a timeout."""
    failure = failure_of(value)
    if failure is Failure.UNKNOWN and isinstance(value, str) and "timed out" in value.lower():
        return Failure.TIMEOUT
    return failure
