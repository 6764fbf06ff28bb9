"""The OONI tests tor, vanilla_tor and torsf -> what became of each authority, directory, bridge and bootstrap.

No bridge's address leaves this module: a bridge is named by the hash that the test names it by.
"""

from string import hexdigits
from typing import Final

import msgspec

from lampwatch.formats.names import endpoint, is_address
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, Observations, TcpConnect
from lampwatch.observe.archival import Connect, FailureText

NAMES: Final = ("tor", "vanilla_tor", "torsf")
NEEDS_INPUT: Final = False

AUTHORITY: Final = "or_port_dirauth"
DIRECTORY: Final = "dir_port"
OBFS4: Final = "obfs4"
_PUBLIC: Final = frozenset({AUTHORITY, DIRECTORY})
"""Protocols of the directory authorities, whose addresses stand in every Tor client."""
_LONGEST_NAME: Final = 64


class Outcome(msgspec.Struct, gc=False):
    """How one step of a target ended."""

    failure: FailureText = None


class Target(msgspec.Struct, gc=False):
    """ts-023: one authority or bridge. Its address is empty or `[scrubbed]` where the bridge is private."""

    failure: FailureText = None
    summary: dict[str, Outcome | str | None] | None = None
    target_address: str | None = None
    target_name: str | None = None
    target_protocol: str | None = None
    tcp_connect: list[Connect] | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-023 (targets), ts-016 and ts-030 (one bootstrap), as far as they are used here."""

    targets: dict[str, Target | None] | None = None
    success: bool | None = None
    failure: FailureText = None
    error: FailureText = None
    transport_name: str | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """One connect and, where it stood, one handshake for each target, with the same transaction id; or the bootstrap.

    notes give each target's protocol by its transaction id, since a connect alone does not say.
    """
    if measurement.method != "tor":
        return Observations(Facts(handshakes=_bootstrap(test_keys, measurement.method)))
    tcp: list[TcpConnect] = []
    shakes: list[Handshake] = []
    notes: dict[str, str] = {}
    for n, (key, target) in enumerate((test_keys.targets or {}).items(), 1):
        if target is not None:
            notes[str(n)] = (target.target_protocol or "")[:_LONGEST_NAME]
            _observe(n, key, target, tcp, shakes)
    return Observations(Facts(tcp=tcp, handshakes=shakes), notes=notes)


def _observe(n: int, key: str, target: Target, tcp: list[TcpConnect], shakes: list[Handshake]) -> None:
    protocol = (target.target_protocol or "")[:_LONGEST_NAME]
    ip, port = endpoint(target.target_address or "") if protocol in _PUBLIC else ("", 0)
    if not is_address(ip):
        ip, port = "", 0
    failure = _failure(target.failure)
    tried, refused = _connect(target)
    if tried:
        tcp.append(TcpConnect(ip, port, refused, n))
    if not tried or refused is None:
        shakes.append(Handshake(protocol, _name(key, protocol, target), ip, port, failure, transaction_id=n))


def _failure(value: FailureText) -> Failure | None:
    """The failure a target ended with; old probes wrote `Get http://…: eof_error`."""
    failure = failure_of(value)
    if failure is Failure.UNKNOWN and isinstance(value, str):
        return failure_of(value.rpartition(": ")[2])
    return failure


def _connect(target: Target) -> tuple[bool, Failure | None]:
    """Whether a connect was tried, and its failure: None where one of several stood."""
    failures = [
        failure_of(entry.status.failure) if entry.status else Failure.UNKNOWN
        for entry in target.tcp_connect or ()
    ]
    if failures:
        return True, None if None in failures else failures[0]
    summary = target.summary or {}
    if "connect" not in summary:
        return False, None
    outcome = summary["connect"]
    return True, failure_of(outcome.failure if isinstance(outcome, Outcome) else outcome)


def _name(key: str, protocol: str, target: Target) -> str:
    """An authority's own name, or the hash that a bridge is listed by; empty where a bridge has none.

    That hash covers the bridge's fingerprint too. One of the address alone would be no secret: all could be tried.
    """
    if protocol in _PUBLIC:
        return (target.target_name or key)[:_LONGEST_NAME]
    return key if len(key) == _LONGEST_NAME and all(digit in hexdigits for digit in key) else ""


def _bootstrap(test_keys: TestKeys, method: str) -> list[Handshake]:
    """Whether tor came up; nothing where the measurement ended before it could say."""
    if test_keys.success is None:
        return []
    protocol = (test_keys.transport_name or ("snowflake" if method == "torsf" else "vanilla"))[:_LONGEST_NAME]
    failure = None
    if not test_keys.success:
        timed_out = test_keys.error == "timeout-reached"
        failure = Failure.TIMEOUT if timed_out else failure_of(test_keys.failure) or Failure.UNKNOWN
    return [Handshake(protocol, "", "", 0, failure)]
