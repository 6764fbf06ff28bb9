"""The OONI tests openvpn (ts-040) and openvpn_client_test (ts-016) -> connects and OpenVPN handshakes.

Versions of openvpn wrote the outcome of a handshake as `status` with `failure` and `success`, then as `failure` alone;
an empty failure is a success. Failures came in the words of the Go library before they came by the closed list.
"""

import re
from typing import Final

import msgspec

from lampwatch.formats.names import url_parts
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, Observations
from lampwatch.observe.archival import Connect, ConnectStatus, FailureText, Tags, connects

NAMES: Final = ("openvpn", "openvpn_client_test")
NEEDS_INPUT: Final = False

SILENT, ANSWERED, HELLO = "silent", "answered", "hello"
"""How far a handshake got: no packet came back; some did; the server's TLS hello did."""

_PROVIDER: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")
_IN_QUERY: Final = re.compile(r"[?&]provider=([^&/?#]{1,64})")
# A server's name stands where the provider belongs in some inputs: one with an address in it must not become a target.
_LIKE_ADDRESS: Final = re.compile(r"\d+-\d+-\d+-\d+")
_WORDS: Final = (
    ("timeout", Failure.TIMEOUT),
    ("timed out", Failure.TIMEOUT),
    ("deadline exceeded", Failure.TIMEOUT),
    ("reset", Failure.CONNECTION_RESET),
    ("broken pipe", Failure.CONNECTION_RESET),
    ("refused", Failure.CONNECTION_REFUSED),
    ("eof", Failure.EOF),
)


class VpnHandshake(msgspec.Struct, gc=False):
    """ts-040: one handshake with one server."""

    ip: str | None = None
    port: int | str | None = None
    provider: str | None = None
    failure: FailureText = None
    status: ConnectStatus | None = None
    transaction_id: int | None = None
    t: float | None = None


class Event(msgspec.Struct, gc=False):
    """One packet, or one change of the handshake's state."""

    operation: str | None = None
    tags: Tags = None
    transaction_id: int | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-040 and ts-016, as far as they are used here."""

    success: bool | None = None
    openvpn_handshake: list[VpnHandshake | None] | None = None
    tcp_connect: list[Connect] | None = None
    network_events: list[Event | None] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The connects, and the handshakes on those that stood; notes say how far each handshake got, by transaction id.

    A handshake's server_name is its provider's label, empty where none is named.
    """
    if measurement.method == "openvpn_client_test":
        return Observations(Facts(handshakes=_bootstrap(test_keys)))
    tcp = connects(test_keys.tcp_connect)
    refused = {connect.transaction_id for connect in tcp if connect.failure is not None}
    shakes = [
        _handshake(entry, measurement.input)
        for entry in test_keys.openvpn_handshake or ()
        if entry is not None and (entry.transaction_id or 0) not in refused
    ]
    return Observations(Facts(tcp=tcp, handshakes=shakes), notes=_progress(test_keys.network_events))


def provider_of(text: str) -> str:
    """The provider that an input or field names: `openvpn://riseup.corp/?address=…` -> `riseup`; empty where none."""
    match = _IN_QUERY.search(text)
    name = match.group(1).lower() if match else (url_parts(text).host if "://" in text else text.lower())
    name = name.removesuffix(".corp")
    if not _PROVIDER.fullmatch(name) or _LIKE_ADDRESS.search(name) or name.startswith(("unknown", "openvpn")):
        return ""
    return name


def _failure(value: FailureText) -> Failure | None:
    failure = failure_of(value)
    if failure is Failure.UNKNOWN and isinstance(value, str):
        words = value.lower()
        return next((known for word, known in _WORDS if word in words), Failure.UNKNOWN)
    return failure


def _handshake(entry: VpnHandshake, given: str) -> Handshake:
    status = entry.status
    failure = _failure(entry.failure) or (_failure(status.failure) if status else None)
    if failure is None and status is not None and status.success is False:
        failure = Failure.UNKNOWN
    port = entry.port if isinstance(entry.port, int) else 0
    return Handshake(
        "openvpn+obfs4" if given.startswith("openvpn+obfs4:") else "openvpn",
        provider_of(entry.provider or "") or provider_of(given),
        entry.ip or "",
        port,
        failure,
        transaction_id=entry.transaction_id or 0,
        t=entry.t,
    )


def _progress(events: list[Event | None] | None) -> dict[str, str]:
    """How far each transaction got, from its packets; nothing of one that has none on record."""
    progress: dict[str, str] = {}
    for event in events or ():
        if event is None:
            continue
        key = str(event.transaction_id or 0)
        if event.operation != "packet_in":
            progress.setdefault(key, SILENT)
        elif event.tags and "server_hello" in event.tags:
            progress[key] = HELLO
        elif progress.get(key) != HELLO:
            progress[key] = ANSWERED
    return progress


def _bootstrap(test_keys: TestKeys) -> list[Handshake]:
    """Whether the OpenVPN client came up; its failure may be of the page fetched through it, so it is not one here."""
    if test_keys.success is None:
        return []
    return [Handshake("openvpn", "", "", 0, None if test_keys.success else Failure.UNKNOWN)]
