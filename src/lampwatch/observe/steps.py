"""The keys that most app tests write, step by step, and their observations: OONI's df-001, 002, 005 and 006 in one."""

import msgspec

from lampwatch.model.observation import Facts
from lampwatch.observe.archival import (
    Connect,
    Query,
    TlsHandshake,
    Transaction,
    connects,
    exchanges,
    handshakes,
    lookups,
)


class StepKeys(msgspec.Struct, gc=False):
    """Lookups, connects, handshakes and exchanges. Early versions of a test may leave some of them out."""

    queries: list[Query] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[TlsHandshake] | None = None
    requests: list[Transaction] | None = None


def steps(keys: StepKeys) -> Facts:
    """The probe's observations in the keys. Raises MalformedError where a body is no base64."""
    return Facts(
        lookups(keys.queries),
        connects(keys.tcp_connect),
        handshakes(keys.tls_handshakes),
        exchanges(keys.requests),
    )
