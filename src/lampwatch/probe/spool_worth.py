"""What a document tells that was not known before: how much it is worth where the spool is full. Pure.

This is no verdict: only the collector judges. It compares what happened now with what happened the last time.
"""

from enum import IntEnum
from typing import Final

import msgspec


class Worth(IntEnum):
    """How informative a document is; the lower goes first."""

    REPEATED_OK = 0
    """Nothing failed, as the last time."""
    OK = 1
    """Nothing failed, and nothing is known of an earlier time."""
    FAILURE = 2
    """The same failed as the last time, or it is the first time."""
    CHANGE = 3
    """It went otherwise than the last time."""
    CONNECTIVITY = 4
    """Whether the probe's network worked at all."""


OK: Final = "ok"
CONNECTIVITY_TEST: Final = "connectivity"
_UNREADABLE: Final = "unreadable"
_SERVER_ERROR: Final = 400
_MOST_NAMED: Final = 32


class _Status(msgspec.Struct, gc=False):
    failure: str | None = None


class _Step(msgspec.Struct, gc=False):
    failure: str | None = None
    status: _Status | None = None


class _Response(msgspec.Struct, gc=False):
    code: int | None = None


class _Exchange(msgspec.Struct, gc=False):
    failure: str | None = None
    response: _Response | None = None


class _TestKeys(msgspec.Struct, gc=False):
    queries: list[_Step] | None = None
    tcp_connect: list[_Step] | None = None
    tls_handshakes: list[_Step] | None = None
    quic_handshakes: list[_Step] | None = None
    requests: list[_Exchange] | None = None
    failure: str | None = None


class _Document(msgspec.Struct, gc=False):
    test_name: str = ""
    test_keys: _TestKeys | None = None


_DECODER: Final = msgspec.json.Decoder(_Document)


class Seen(msgspec.Struct, frozen=True):
    """What a document says happened, short enough to be kept and compared: its test, and `ok` or what failed.

    worked is false where every step of the network failed, so that nothing shows that the network is there at all.
    """

    test_name: str
    outcome: str
    worked: bool = True


def seen_in(document: bytes) -> Seen:
    """Read what happened from a document in the OONI data format. One that cannot be read says `unreadable`."""
    try:
        found = _DECODER.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Seen("", _UNREADABLE)
    keys = found.test_keys or _TestKeys()
    failed = {f"all {keys.failure}"} if keys.failure else set()
    steps = succeeded = 0
    for name in ("queries", "tcp_connect", "tls_handshakes", "quic_handshakes"):
        for step in getattr(keys, name) or ():
            failure = step.failure or (step.status and step.status.failure)
            steps += 1
            succeeded += not failure
            if failure:
                failed.add(f"{name} {failure}")
    for exchange in keys.requests or ():
        code = (exchange.response and exchange.response.code) or 0
        if exchange.failure:
            failed.add(f"requests {exchange.failure}")
        elif code >= _SERVER_ERROR:
            failed.add(f"requests {code}")
    outcome = "; ".join(sorted(failed)[:_MOST_NAMED])[:1000] or OK
    return Seen(found.test_name, outcome, worked=succeeded > 0 or not steps)


def worth_of(seen: Seen, before: str | None) -> Worth:
    """What a document is worth; before is the outcome of the same target the last time, None where there is none."""
    if seen.test_name == CONNECTIVITY_TEST:
        return Worth.CONNECTIVITY
    if before is not None and before != seen.outcome:
        return Worth.CHANGE
    if seen.outcome != OK:
        return Worth.FAILURE
    return Worth.OK if before is None else Worth.REPEATED_OK
